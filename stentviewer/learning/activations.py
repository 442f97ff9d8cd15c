"""What a network's held stages give for each image of a run: computed once, kept half precision.

All folds and epochs read the same file. An image's mirror image goes through the stages as well,
since the stages do not see a mirrored stent as the mirror image of what they see in the stent.
"""

from __future__ import annotations

import hashlib
import shutil
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from stentviewer.core.errors import KnownError
from stentviewer.core.files import not_written
from stentviewer.core.sentences import sentence
from stentviewer.learning.cache import ImageCache
from stentviewer.learning.events import RunContext
from stentviewer.learning.learner import Rows

Front = Callable[[NDArray[np.float32]], NDArray[np.float32]]
_KEEP_FREE: Final = 256 * 2**20
_AT_ONCE: Final = 16  # images between two savings: what a power cut may cost
_HALF_MAX: Final = 65504.0


@dataclass(frozen=True, eq=False)
class Activations:
    """maps[view][row] as float16, view 0 the image and view 1, where there is one, its mirror."""

    maps: tuple[NDArray[np.float16], ...]

    def take(self, rows: Rows, views: Sequence[int] | None = None) -> torch.Tensor:
        """Single precision (k, …) of some rows, each in its view; without views the images."""
        picked = [0] * len(rows) if views is None else views
        parts = [self.maps[view][row] for row, view in zip(rows, picked, strict=True)]
        made = torch.from_numpy(np.stack(parts)).float()
        return made.contiguous(memory_format=torch.channels_last) if made.ndim == 4 else made


def open_activations(
    front: nn.Module,
    cache: ImageCache,
    mirrored: Rows,
    folder: Path,
    device: torch.device,
    context: RunContext,
) -> Activations:
    """The held stages' output for every image, and for the mirror images of some rows.

    Computed where the folder does not hold it, by onnxruntime on a processor, by torch on an
    accelerator; goes on with what is there. Raises KnownError where the disk has no room or the
    stages give no numbers, Cancelled at an order to stop.
    """
    key = _key(front, cache)
    wanted: list[tuple[str, Rows]] = [("plain", np.arange(len(cache)))]
    if len(mirrored):
        wanted.append(("mirrored", np.asarray(mirrored, np.int64)))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        shape = _shape(front, cache.side)
        files = [_View(folder / f"maps-{key}-{name}", len(cache), shape) for name, _ in wanted]
        todo = [rows[~view.done[rows]] for view, (_, rows) in zip(files, wanted, strict=True)]
        if any(len(rows) for rows in todo):
            _need_room(folder, sum(map(len, todo)) * 2 * int(np.prod(shape)))
            with tempfile.TemporaryDirectory(dir=folder) as scratch:
                run = _runner(front, cache.side, Path(scratch), device)
                _fill(files, todo, run, cache, context)
        return Activations(tuple(view.maps for view in files))
    except OSError as error:
        raise not_written(folder, error) from error


class _View:
    """A file of maps, and which of its rows are there."""

    def __init__(self, stem: Path, count: int, shape: tuple[int, ...]) -> None:
        done, maps = Path(f"{stem}.done.npy"), Path(f"{stem}.npy")
        fresh = not _is_table(maps, (count, *shape)) or not _is_table(done, (count,))
        mode = "w+" if fresh else "r+"
        # The maps first: should the power fail here, nothing says that they are there.
        self.maps: Any = np.lib.format.open_memmap(maps, mode, np.float16, (count, *shape))
        self.done: Any = np.lib.format.open_memmap(done, mode, np.bool_, (count,))

    def save(self, rows: Sequence[int]) -> None:
        self.maps.flush()
        self.done[list(rows)] = True
        self.done.flush()


def _is_table(path: Path, shape: tuple[int, ...]) -> bool:
    try:
        return bool(np.lib.format.open_memmap(path, "r").shape == shape)
    except (OSError, ValueError):
        return False


def _fill(
    files: Sequence[_View], todo: Sequence[Rows], run: Front, cache: ImageCache, context: RunContext
) -> None:
    total, count = sum(map(len, todo)), 0
    said = sentence("Reading images with the held stages")
    for number, (view, rows) in enumerate(zip(files, todo, strict=True)):
        fresh: list[int] = []
        try:
            for row in rows.tolist():
                context.stage(said, count, total)
                tensor = cache.tensor([row], cache.spec)
                out = run(np.ascontiguousarray(tensor[..., ::-1]) if number else tensor)
                if not np.isfinite(out).all():
                    raise KnownError(
                        sentence(
                            "The start model gives no number for some images, so nothing can be "
                            "learned from it. Choose another start model."
                        )
                    )
                view.maps[row] = np.clip(out[0], -_HALF_MAX, _HALF_MAX)
                fresh.append(row)
                count += 1
                if len(fresh) == _AT_ONCE:
                    view.save(fresh)
                    fresh = []
        finally:
            if fresh:
                view.save(fresh)
    context.stage(said, total, total)


def _runner(front: nn.Module, side: int, scratch: Path, device: torch.device) -> Front:
    if device.type != "cpu":

        def by_torch(image: NDArray[np.float32]) -> NDArray[np.float32]:
            with torch.inference_mode():
                made = torch.from_numpy(image).to(device)
                out: NDArray[np.float32] = front(made).float().cpu().numpy()
            return out

        front.to(device)
        return by_torch

    import onnxruntime

    from stentviewer.learning.export import export_stages

    path = scratch / "front.onnx"
    export_stages(front, side, path)
    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = torch.get_num_threads()
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(
        path.read_bytes(), options, providers=["CPUExecutionProvider"]
    )

    def by_onnx(image: NDArray[np.float32]) -> NDArray[np.float32]:
        (out,) = session.run(None, {"image": image})
        return np.asarray(out, np.float32)

    return by_onnx


def _shape(front: nn.Module, side: int) -> tuple[int, ...]:
    """The shape of what the stages give for one image."""
    place = next(front.parameters())
    with torch.inference_mode():
        image = torch.zeros(1, 3, side, side, device=place.device)
        return tuple(int(n) for n in front.eval()(image).shape[1:])


def _key(front: nn.Module, cache: ImageCache) -> str:
    """Stands for the stages' weights and the images: 24 hexadecimal digits."""
    whole = hashlib.sha256(cache.digest.encode())
    whole.update(f"{cache.spec.mean}{cache.spec.std}".encode())
    whole.update(repr([type(module).__name__ for module in front.modules()]).encode())
    for name, value in front.state_dict().items():
        whole.update(name.encode())
        whole.update(value.detach().cpu().contiguous().numpy().tobytes())
    return whole.hexdigest()[:24]


def _need_room(folder: Path, need: int) -> None:
    free = shutil.disk_usage(folder).free
    if need + _KEEP_FREE > free:
        raise KnownError(
            sentence(
                "What the held stages give needs {need:.1f} GB in {folder}, and {free:.1f} GB are "
                "free. Free some space, hold more stages, or choose a smaller image size.",
                need=(need + _KEEP_FREE) / 1e9,
                folder=str(folder),
                free=free / 1e9,
            )
        )
