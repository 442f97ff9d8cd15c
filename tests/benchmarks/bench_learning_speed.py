"""Training images a second: EfficientNet-B0, ours beside a plain PyTorch loop with timm's parts.

The plain loop is what is usually written: a DataLoader with two workers that read the files anew
each epoch, timm's RandAugment and erasing, timm's Mixup, AdamW. Same images, size, batch,
precision and augmentations. Each runs in a process of its own, ours in the environment that a run's
process is given, and their turns alternate: side by side, the plain loop's workers would fetch its
next batches in our time. On the CPU 512 px; where there is a GPU also 1024 px, in bf16.

The first step of each turn is left out: it starts processes and plans.
"""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Generator, Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.figure import Figure

IMAGES = 64
TURNS = 2
CPU = {"side": 512, "batch": 8, "steps": int(os.environ.get("STENTVIEWER_BENCH_STEPS", "5"))}
GPU = {"side": 1024, "batch": 32, "steps": 40}
MEAN, STD = (0.485, 0.456, 0.406), (0.229, 0.224, 0.225)


def figures() -> Iterator[Figure]:
    """The CPU's line; a GPU's where there is one."""
    import torch

    yield _figure("cpu", "32-true", 1.5, **CPU)
    if torch.cuda.is_available():
        yield _figure("cuda", "bf16-mixed", 2.0, **GPU)


def _figure(device: str, precision: str, bar: float, side: int, batch: int, steps: int) -> Figure:
    seconds: dict[str, list[float]] = {"ours": [], "peer": []}
    with tempfile.TemporaryDirectory() as folder:
        _pictures(Path(folder), side)
        for _ in range(TURNS):
            for name, taken in seconds.items():
                taken += _turn(name, folder, side, batch, steps, device, precision)
    rate = {name: 1 / statistics.median(values) for name, values in seconds.items()}
    ratio = rate["ours"] / rate["peer"]
    return Figure(
        f"training images a second, EfficientNet-B0, {side} px, batch {batch}, {device}, "
        f"{precision}, medians of {TURNS * (steps - 1)} steps (peer: plain, timm's transforms)",
        rate["ours"],
        rate["peer"],
        ratio,
        f"≥ {bar} ×",
        ratio >= bar,
    )


def _turn(name: str, folder: str, *rest: object) -> list[float]:
    """Seconds an image of each step but the first, in a process of its own."""
    from stentviewer.app.training_process import environment_of

    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-m", __name__, name, folder, *map(str, rest)],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=environment_of() if name == "ours" else None,
    )
    return [float(value) for value in done.stdout.split()]


def _pictures(folder: Path, side: int) -> list[Path]:
    """Noise with some structure as 8-bit PNG, a quarter larger than the training size."""
    import cv2

    rng = np.random.default_rng(0)
    paths = []
    for number in range(IMAGES):
        rough = rng.integers(0, 256, (side // 16, side // 16)).astype(np.uint8)
        picture = cv2.resize(rough, (side * 5 // 4, side * 5 // 4), interpolation=cv2.INTER_CUBIC)
        noise = rng.integers(-12, 13, picture.shape)
        picture = np.clip(picture + noise, 0, 255).astype(np.uint8)
        paths.append(folder / f"{number}.png")
        cv2.imwrite(str(paths[-1]), picture)
    return paths


def _ours(
    paths: list[Path], side: int, batch: int, steps: int, device: str, precision: str, folder: Path
) -> Generator[int, None, None]:
    """Our own loop, held after each step; gives the size of the batch."""
    import threading

    import cv2
    import torch

    from stentviewer.core.errors import Cancelled
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning.events import RunContext
    from stentviewer.learning.loader import Pictures
    from stentviewer.learning.memory import Plan
    from stentviewer.learning.networks import open_start
    from stentviewer.learning.processes import one, set_threads
    from stentviewer.learning.recipe import ClassSpec, Compute, Recipe, Start
    from stentviewer.learning.training_loop import Job, _Training

    pixels = np.stack(
        [
            cv2.resize(cv2.imread(str(p), 0), (side, side), interpolation=cv2.INTER_AREA)
            for p in paths
        ]
    )
    folder = Path(tempfile.mkdtemp(dir=folder))  # a turn goes on from no other
    file = folder / "pixels.bin"
    file.write_bytes(pixels.tobytes())
    compute = Compute(
        device=device,  # type: ignore[arg-type]
        batch=batch,
        precision=precision,  # type: ignore[arg-type]
        threads=torch.get_num_threads(),  # the plain loop's
    )
    recipe = Recipe(
        name="speed",
        method="full",
        start=Start(network="efficientnet_b0", random=True),
        classes=tuple(ClassSpec(name=str(n)) for n in range(5)),
        side=side,
        epochs=1 + steps * batch // len(paths),
        compute=compute,
    )
    rows = np.arange(len(paths))
    job = Job(
        recipe=recipe,
        start=open_start(recipe, Catalog([])),
        pictures=Pictures(
            np.memmap(file, np.uint8, "r", shape=pixels.shape),
            np.array([[0, 0, side, side]] * len(paths)),
            MEAN,
            STD,
        ),
        labels=rows % 5,
        train=rows,
        check=rows[:0],
        fold=0,
        folder=folder,
        identity="",
        plan=Plan(),
    )
    set_threads(compute)
    turn, done, ended = threading.Semaphore(0), threading.Semaphore(0), threading.Event()

    class Held:
        """The loop asks before each step, and so waits for its turn."""

        begun = False

        def check(self) -> None:
            if device == "cuda":
                torch.cuda.synchronize()
            if self.begun:
                done.release()
            self.begun = True
            turn.acquire()
            if ended.is_set():
                raise Cancelled

    def work() -> None:
        with suppress(Cancelled):
            _Training(one(compute), job, RunContext(control=Held())).run()

    thread = threading.Thread(target=work)
    thread.start()
    try:
        for _ in range(steps):
            turn.release()
            done.acquire()
            yield batch
    finally:
        ended.set()
        turn.release()
        thread.join()


class _Files:
    """A map-style dataset as it is usually written; the transform is made where it is used."""

    def __init__(self, paths: list[Path], side: int) -> None:
        self.paths, self.side = paths, side
        self.transform: Any = None

    def __len__(self) -> int:
        return len(self.paths)

    def __getitem__(self, number: int) -> tuple[Any, int]:
        from PIL import Image

        self.transform = self.transform or _transform(self.side)
        with Image.open(self.paths[number]) as picture:
            return self.transform(picture.convert("RGB")), number % 5


def _transform(side: int) -> Any:
    from stentviewer.inference.runtimes.torch_mend import mend_torchvision

    mend_torchvision()
    from timm.data import rand_augment_transform
    from timm.data.random_erasing import RandomErasing
    from torchvision import transforms

    return transforms.Compose(
        [
            transforms.Resize((side, side)),
            transforms.RandomHorizontalFlip(),
            rand_augment_transform("rand-m9-mstd0.5-inc1", {"img_mean": (124, 116, 104)}),
            transforms.ToTensor(),
            transforms.Normalize(MEAN, STD),
            RandomErasing(0.25, device="cpu"),
        ]
    )


def _plain(
    paths: list[Path], side: int, batch: int, steps: int, device: str, precision: str, _folder: Path
) -> Generator[int, None, None]:
    from stentviewer.inference.runtimes.torch_mend import mend_torchvision

    mend_torchvision()
    import timm
    import torch
    from timm.data import Mixup
    from timm.loss import SoftTargetCrossEntropy
    from torch.utils.data import DataLoader

    loader: Any = DataLoader(
        _Files(paths, side),  # type: ignore[arg-type]
        batch_size=batch,
        shuffle=True,
        num_workers=2,
        drop_last=True,
        pin_memory=device == "cuda",
        persistent_workers=True,
        multiprocessing_context="spawn",
    )
    mixup = Mixup(0.8, 1.0, label_smoothing=0.1, num_classes=5)
    network = timm.create_model("efficientnet_b0", num_classes=5).to(device).train()
    optimiser = torch.optim.AdamW(network.parameters(), lr=1e-3, weight_decay=0.05)
    criterion = SoftTargetCrossEntropy()
    left = steps
    while left:
        for images, labels in loader:
            images = images.to(device, non_blocking=True)
            images, targets = mixup(images, labels.to(device, non_blocking=True))
            optimiser.zero_grad(set_to_none=True)
            with torch.autocast(device, torch.bfloat16, enabled=precision == "bf16-mixed"):
                loss = criterion(network(images), targets)
            loss.backward()
            optimiser.step()
            if device == "cuda":
                torch.cuda.synchronize()
            yield len(images)
            left -= 1
            if not left:
                return


def main(name: str, place: str, side: int, batch: int, steps: int, how: tuple[str, str]) -> None:
    """One turn of one of the loops; prints the seconds an image took, step by step."""
    folder = Path(place)
    loop = (_ours if name == "ours" else _plain)(
        sorted(folder.glob("*.png")), side, batch, steps, *how, folder
    )
    with closing(loop):
        for number in range(steps):
            began = time.perf_counter()
            size = next(loop)
            if number:
                print((time.perf_counter() - began) / size, flush=True)


if __name__ == "__main__":
    main(sys.argv[1], sys.argv[2], *map(int, sys.argv[3:6]), (sys.argv[6], sys.argv[7]))  # type: ignore[call-arg]
