"""How often the demo model is right: on freshly simulated images, at 224², and on real frames.

The simulated images are of a seed that training never saw. The real frames are reported as they
come out; nothing is tuned on them.
"""

from __future__ import annotations

import csv
import os
import tempfile
from collections.abc import Iterator
from math import sqrt
from pathlib import Path

import numpy as np

from stentviewer.app.analyse import read_stents
from stentviewer.core.jobs import JobContext
from stentviewer.core.paths import models_dir
from stentviewer.core.types import Box, FloatArray
from stentviewer.explain.checks import share_inside
from stentviewer.imaging.readers import read_radiograph
from stentviewer.inference.bundle import Bundle, load_bundle
from stentviewer.inference.runtimes.choose import open_runtime
from stentviewer.tasks.stent_maker import prepare
from tests.benchmarks.figure import Figure

FRESH_SEED = 424_242  # neither training nor the manifest's own test has seen it
COUNT = 200
REAL = {  # maker and stent area seen by eye, as the images' README states them
    "BonaPC_radiograph.png": ("Bona PC", Box(0.29, 0.62, 0.40, 0.82)),
    "EGIS_radiograph.png": ("EGIS", Box(0.38, 0.46, 0.56, 0.66)),
    "Epic_radiograph.png": ("Epic", Box(0.40, 0.31, 0.62, 0.62)),
}


def wilson(right: int, of: int, z: float = 1.96) -> tuple[float, float]:
    """Wilson's 95 % interval for a proportion (Wilson 1927)."""
    share = right / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return middle - half, middle + half


def figures() -> Iterator[Figure]:
    """Accuracy on simulated images, in all and by class, and the real frames."""
    bundle = load_bundle(models_dir() / "stent-demo")
    yield from _simulated(bundle)
    yield from _real(bundle)


def _simulated(bundle: Bundle) -> Iterator[Figure]:
    from stentviewer.simulate import simulate_to_folder

    runtime = open_runtime(bundle)
    right: dict[str, list[bool]] = {}
    right_at_224: list[bool] = []
    with tempfile.TemporaryDirectory() as folder:
        paths = list(simulate_to_folder("stents", COUNT, FRESH_SEED, Path(folder)))
        with (Path(folder) / "truth.csv").open(encoding="utf-8") as file:
            truth = {row["file"]: row["maker"] for row in csv.DictReader(file)}
        for path in paths:
            maker, radiograph = truth[path.name], read_radiograph(path)
            reading = read_stents(radiograph, 0, bundle, runtime, JobContext())
            right.setdefault(maker, []).append(reading.findings[0].maker == maker)
            scores = runtime.run(_reduced(prepare(radiograph, 0, bundle).tensor, 224)).scores
            right_at_224.append(bundle.labels[int(scores.argmax())] == maker)
    every = [hit for hits in right.values() for hit in hits]
    enough = sum(every) / len(every) >= 0.80
    yield _share("simulated, new seed: accuracy", every, "≥ 0.80", enough)
    for maker in sorted(right):
        yield _share(f"simulated, new seed: recall of {maker}", right[maker], "reported", True)
    name = "simulated, the same images reduced to 224², same network (peer: at 1024²)"
    worse = wilson(sum(right_at_224), COUNT)[1] < wilson(sum(every), COUNT)[0]
    yield _share(name, right_at_224, "clearly worse", worse, sum(every) / COUNT)
    trained = bundle.manifest.eval_metrics["test at 224"]
    low, high = trained["interval_95"]
    yield Figure(
        f"simulated, a network trained at 224², {trained['crop_steps']} steps, as its manifest "
        f"states it (95 % CI {low:.3f} to {high:.3f}, n = {trained['n']}; peer: at 1024²)",
        trained["accuracy"],
        sum(every) / COUNT,
        trained["accuracy"] * COUNT / sum(every),
        "clearly worse",
        high < wilson(sum(every), COUNT)[0],
    )


def _reduced(tensor: FloatArray, side: int) -> FloatArray:
    """A network's input with no more detail than `side` pixels can hold, at its former size."""
    import cv2

    planes = tensor[0].transpose(1, 2, 0)
    small = cv2.resize(planes, (side, side), interpolation=cv2.INTER_AREA)
    again = cv2.resize(small, planes.shape[1::-1], interpolation=cv2.INTER_LINEAR)
    return np.ascontiguousarray(again.transpose(2, 0, 1)[None])


def _share(name: str, hits: list[bool], bar: str, ok: bool, peer: float | None = None) -> Figure:
    low, high = wilson(sum(hits), len(hits))
    share = sum(hits) / len(hits)
    full = f"{name} (95 % CI {low:.3f} to {high:.3f}, n = {len(hits)})"
    return Figure(full, share, peer, share / peer if peer else None, bar, ok)


def _real(bundle: Bundle) -> Iterator[Figure]:
    folder = Path(os.environ.get("STENTVIEWER_DATA", "../shared/data")) / "stents"
    runtime = open_runtime(bundle)
    for file, (maker, area) in REAL.items():
        if not (folder / file).is_file():
            continue
        reading = read_stents(read_radiograph(folder / file), 0, bundle, runtime, JobContext())
        finding = reading.findings[0]
        said = f"reads as {finding.maker} {finding.probability:.2f}"
        share = share_inside(reading.heat, area) if reading.heat else 0.0
        size = (area.x1 - area.x0) * (area.y1 - area.y0)
        yield Figure(
            f"real frame, truth {maker}: {said}; share of heat inside the stent (peer: its area)",
            share,
            size,
            share / size,
            "reported",
            True,
        )
