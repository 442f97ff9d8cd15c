"""A pool of simulated fields, prepared once as the network sees them, for training the demo."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.types import Box
from stentviewer.inference.preprocess import Preprocessing, prepare
from stentviewer.simulate import STENT_MAKERS, SimulatedStentImage, simulate_stent_image
from stentviewer.simulate.field import draw_maker

LINE_POINTS: Final = 24


@dataclass(frozen=True)
class PoolSpec:
    """Which simulated images: seed, how many, at which sides, makers in turn or as published.

    chunk is how many go into one file.
    """

    seed: int
    count: int
    sides: tuple[int, ...]
    balanced: bool
    chunk: int = 20

    @property
    def name(self) -> str:
        """A folder name for the pool; delete the folder after a change to the simulator."""
        sides = "-".join(str(side) for side in self.sides)
        return f"seed{self.seed}-n{self.count}-{sides}-{'even' if self.balanced else 'natural'}"


@dataclass(frozen=True, eq=False)
class Pool:
    """fields (n, side, side) uint8, 0 to 255 between the window's limits, 0 as padding too.

    labels (n,); lines (n, 24, 2) the stents' centre lines as (x, y) in pixels; half_widths (n,)
    in pixels; inside (n, 4) the pixels (x0, y0, x1, y1) that are not padding.
    """

    fields: NDArray[np.uint8]
    labels: NDArray[np.int64]
    lines: NDArray[np.float32]
    half_widths: NDArray[np.float32]
    inside: NDArray[np.int64]

    def without(self, maker: str) -> Pool:
        """The pool less one maker's fields; labels stay the numbers of STENT_MAKERS."""
        if not maker:
            return self
        kept = self.labels != STENT_MAKERS.index(maker)
        return Pool(**{name: value[kept] for name, value in vars(self).items()})


def make_pool(folder: Path, spec: PoolSpec, workers: int = 2) -> Path:
    """Simulate what is missing of a pool; chunks that are there are kept. Returns its folder."""
    target = folder / spec.name
    target.mkdir(parents=True, exist_ok=True)
    missing = [
        first
        for first in range(0, spec.count, spec.chunk)
        if not (target / f"{first:05d}.npz").exists()
    ]
    if missing:
        with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
            for _ in pool.map(_make_chunk, [target] * len(missing), [spec] * len(missing), missing):
                pass
    return target


def load_pool(folder: Path, side: int) -> Pool:
    """All chunks of one side that are there, in order."""
    chunks = []
    for path in sorted(folder.glob("[0-9]*.npz")):
        with np.load(path, allow_pickle=False) as data:
            chunks.append(
                {
                    key: data[f"{key}_{side}"] if key != "labels" else data[key]
                    for key in ("fields", "labels", "lines", "half_widths", "inside")
                }
            )
    return Pool(**{key: np.concatenate([chunk[key] for chunk in chunks]) for key in chunks[0]})


def _make_chunk(target: Path, spec: PoolSpec, first: int) -> None:
    import cv2

    cv2.setNumThreads(1)
    rows: dict[str, list[Any]] = {"labels": []}
    for index in range(first, min(first + spec.chunk, spec.count)):
        maker = STENT_MAKERS[index % 5] if spec.balanced else draw_maker(spec.seed, index)
        image = simulate_stent_image(spec.seed, index, maker)
        rows["labels"].append(STENT_MAKERS.index(maker))
        area = _area(image, spec.balanced)
        for side in spec.sides:
            for key, value in field_of(image, side, area).items():
                rows.setdefault(f"{key}_{side}", []).append(value)
    partial = target / f"partial-{first:05d}.npz"
    arrays: dict[str, Any] = {key: np.stack(values) for key, values in rows.items()}
    np.savez(partial, **arrays)
    partial.rename(target / f"{first:05d}.npz")


def _area(image: SimulatedStentImage, jitter: bool) -> Box | None:
    """The open area as a border finder would give it: about right, sometimes not found."""
    x0, y0, x1, y1 = image.open_box
    if not jitter:
        return Box(x0, y0, x1, y1)
    rng = np.random.default_rng([image.seed, image.index, 11])
    if rng.random() < 0.25:
        return None
    noise = rng.uniform(-0.012, 0.012, 4)
    return Box(
        max(x0 + noise[0], 0.0),
        max(y0 + noise[1], 0.0),
        min(x1 + noise[2], 1.0),
        min(y1 + noise[3], 1.0),
    )


def field_of(image: SimulatedStentImage, side: int, area: Box | None) -> dict[str, Any]:
    """One image through the shared `prepare`, with its truth in the square's pixels."""
    spec = Preprocessing(side=side, mean=(0.0, 0.0, 0.0), std=(1.0, 1.0, 1.0))
    ready = prepare(image.pixels.astype(np.float32), spec, area)
    extent = ready.extent
    origin = np.array([extent.x0, extent.y0])
    scale = side / (np.array([extent.x1, extent.y1]) - origin)
    stent = image.stents[0]
    pick = np.linspace(0, len(stent.centre_line) - 1, LINE_POINTS).round().astype(int)
    line = (stent.centre_line[pick] - origin) * scale
    columns = image.pixels.shape[1]
    half = 0.5 * stent.diameter_mm * image.magnification / image.spacing_mm / columns * scale[0]
    low = np.zeros(2) if area is None else np.array([area.x0, area.y0])
    high = np.ones(2) if area is None else np.array([area.x1, area.y1])
    inside = np.concatenate([(low - origin) * scale, (high - origin) * scale])
    return {
        "fields": np.rint(255 * ready.tensor[0, 0]).astype(np.uint8),
        "lines": line.astype(np.float32),
        "half_widths": np.float32(half),
        "inside": np.clip(np.rint(inside), 0, side).astype(np.int64),
    }
