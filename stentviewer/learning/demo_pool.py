"""Simulated images as the two networks of the demo model learn from them, made once and kept."""

from __future__ import annotations

from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.types import Box
from stentviewer.imaging.collimator import uncollimated_area
from stentviewer.inference.preprocess import Preprocessing, fit
from stentviewer.simulate import STENT_MAKERS, SimulatedStentImage, simulate_reading_image
from stentviewer.simulate.field import PlacedStent
from stentviewer.tasks.stent_crop import Crop, cut_out
from stentviewer.tasks.stent_finder import Found

FIELD: Final = 768  # side of the finder's square
CUT: Final = 576  # side of a kept crop
CUT_MARGIN: Final = 1.8  # its side over the stent's length: room to turn, shift and scale
LINE_POINTS: Final = 24
UNKNOWN: Final = -1  # the maker's number of a design that the model does not learn

Bytes = NDArray[np.uint8]
Floats = NDArray[np.float32]


@dataclass(frozen=True)
class PoolSpec:
    """Which simulated images: seed, how many, and how many go into one file."""

    seed: int
    count: int
    chunk: int = 20

    @property
    def name(self) -> str:
        """A folder name for the pool; delete the folder after a change to the simulator."""
        return f"seed{self.seed}"


@dataclass(frozen=True, eq=False)
class Pool:
    """fields (n, side, side) and inside (n, 4), the pixels (x0, y0, x1, y1) that are no padding.

    Of each stent: of (s,) its field's number, makers (s,) among STENT_MAKERS, boxes (s, 5) both
    ends (x, y) of its axis and its width in the field's pixels, cuts (s, CUT, CUT), and lines
    (s, 24, 2) its centre line with half_widths (s,) in the cut's pixels.
    """

    fields: Bytes
    inside: NDArray[np.int64]
    of: NDArray[np.int64]
    makers: NDArray[np.int64]
    boxes: Floats
    cuts: Bytes
    lines: Floats
    half_widths: Floats

    def stents_of(self, field: int) -> NDArray[np.int64]:
        """The numbers of a field's stents."""
        return np.nonzero(self.of == field)[0]


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


def load_pool(folder: Path, count: int | None = None) -> Pool:
    """The chunks that are there, in order, up to count images."""
    chunks: list[dict[str, Any]] = []
    fields = 0
    for path in sorted(folder.glob("[0-9]*.npz")):
        with np.load(path, allow_pickle=False) as data:
            chunk = {key: data[key] for key in Pool.__dataclass_fields__}
        chunk["of"] = chunk["of"] + fields
        fields += len(chunk["fields"])
        chunks.append(chunk)
        if count is not None and fields >= count:
            break
    return Pool(**{key: np.concatenate([one[key] for one in chunks]) for key in chunks[0]})


def _make_chunk(target: Path, spec: PoolSpec, first: int) -> None:
    import cv2

    cv2.setNumThreads(1)
    images: dict[str, list[Any]] = {"fields": [], "inside": []}
    stents: dict[str, list[Any]] = {
        key: [] for key in Pool.__dataclass_fields__ if key not in images
    }
    for index in range(first, min(first + spec.chunk, spec.count)):
        image = simulate_reading_image(spec.seed, index)
        field, inside, rows = taken_apart(image)
        for row in rows:
            stents["of"].append(len(images["fields"]))
            for key, value in row.items():
                stents[key].append(value)
        images["fields"].append(field)
        images["inside"].append(inside)
    shapes: dict[str, tuple[tuple[int, ...], Any]] = {
        "of": ((), np.int64),
        "makers": ((), np.int64),
        "boxes": ((5,), np.float32),
        "cuts": ((CUT, CUT), np.uint8),
        "lines": ((LINE_POINTS, 2), np.float32),
        "half_widths": ((), np.float32),
    }
    arrays: dict[str, Any] = {key: np.stack(values) for key, values in images.items()}
    for key, (shape, kind) in shapes.items():
        arrays[key] = np.array(stents[key], kind).reshape(-1, *shape)
    partial = target / f"partial-{first:05d}.npz"
    np.savez(partial, **arrays)
    partial.rename(target / f"{first:05d}.npz")


def taken_apart(
    image: SimulatedStentImage,
) -> tuple[Bytes, NDArray[np.int64], list[dict[str, Any]]]:
    """An image as the finder's square, what of it is no padding, and a row of `Pool` a stent."""
    values = image.pixels.astype(np.float32)
    area = uncollimated_area(values)
    fitted = fit(values, Preprocessing(side=FIELD), area)
    box = fitted.box
    field = np.zeros((FIELD, FIELD), np.uint8)
    inside = np.array([box.left, box.top, box.left + box.width, box.top + box.height])
    field[inside[1] : inside[3], inside[0] : inside[2]] = np.rint(255 * fitted.unit)
    rows, columns = values.shape
    extent = fitted.extent
    origin = np.array([extent.x0, extent.y0])
    scale = FIELD / (np.array([extent.x1, extent.y1]) - origin)
    found = []
    for stent in image.stents:
        place = placed(stent, image)
        ends = (np.array(place.ends) / (columns, rows) - origin) * scale
        width = place.width / columns * scale[0]
        found.append(
            {
                "makers": (
                    STENT_MAKERS.index(stent.maker) if stent.maker in STENT_MAKERS else UNKNOWN
                ),
                "boxes": np.array([*ends.ravel(), width], np.float32),
                **cut_of(values, stent, place, area),
            }
        )
    return field, inside, found


def placed(stent: PlacedStent, image: SimulatedStentImage) -> Found:
    """A simulated stent's true box along its axis: the chord of its ends, all of it inside."""
    size = np.array(image.pixels.shape[::-1])
    line = stent.centre_line * size
    half = 0.5 * stent.diameter_mm * image.magnification / image.spacing_mm
    chord = line[-1] - line[0]
    along = chord / max(float(np.hypot(*chord)), 1e-6)
    across = np.array([-along[1], along[0]])
    down, side = line @ along, line @ across
    middle = 0.5 * (side.min() + side.max())
    ends = [at * along + middle * across for at in (down.min(), down.max())]
    return Found(
        1.0,
        ((float(ends[0][0]), float(ends[0][1])), (float(ends[1][0]), float(ends[1][1]))),
        float(np.ptp(side) + 2 * half),
    )


def cut_of(values: Floats, stent: PlacedStent, place: Found, area: Box) -> dict[str, Any]:
    """A stent's kept crop and its centre line in it."""
    rows, columns = values.shape
    crop = Crop.around(place, CUT_MARGIN, rows, columns)
    cut = cut_out(values, crop, CUT, area)
    low, high = np.percentile(cut, (0.1, 99.9))
    unit = np.clip((cut - low) / max(float(high - low), 1e-6), 0, 1)
    matrix = np.vstack([crop.to_image(CUT), [0, 0, 1]])
    pick = np.linspace(0, len(stent.centre_line) - 1, LINE_POINTS).round().astype(int)
    line = stent.centre_line[pick] * (columns, rows)
    back = np.linalg.inv(matrix) @ np.vstack([line.T, np.ones(LINE_POINTS)])
    chord = float(np.ptp(line @ np.array(crop.along)))
    half = 0.5 * max(place.width - _bow(line, crop), 0.1 * chord)
    return {
        "cuts": np.rint(255 * unit).astype(np.uint8),
        "lines": back[:2].T,
        "half_widths": half * CUT / crop.side,
    }


def _bow(line: NDArray[np.float64], crop: Crop) -> float:
    """How far a centre line runs sideways, pixels."""
    return float(np.ptp(line @ np.array([crop.along[1], -crop.along[0]])))
