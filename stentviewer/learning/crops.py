"""Seeded, augmented crops around stents, with what every cell of the network should say."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.learning.pool import Pool

STRIDE: Final = 32
BACKGROUND: Final = 5
IGNORED: Final = -100
MEAN = STD = 0.5

FloatArray = NDArray[np.float32]


@dataclass(frozen=True, eq=False)
class Batch:
    """images (n, 3, side, side); labels (n,) of crops; cells (n, side/32, side/32) of cells.

    A crop without enough of a stent is BACKGROUND; cells at a stent's rim are IGNORED.
    """

    images: FloatArray
    labels: NDArray[np.int64]
    cells: NDArray[np.int64]


def normalise(unit: FloatArray, seen: FloatArray) -> FloatArray:
    """Pixels 0…1 as the network takes them, padding (seen 0) as the mean; (rows, columns)."""
    return np.asarray((unit - MEAN) / STD * seen, np.float32)


def cell_labels(line: FloatArray, half_width: float, label: int, side: int) -> NDArray[np.int64]:
    """What each 32-pixel cell shows: the stent, background, or (at the rim) nothing certain."""
    at = (np.arange(side // STRIDE) + 0.5) * STRIDE
    x, y = np.meshgrid(at, at)
    cells = np.stack([x.ravel(), y.ravel()], axis=1)
    # Fill between the line's points, so that no cell between two of them is missed.
    where = np.linspace(0, len(line) - 1, 6 * len(line))
    dense = np.stack([np.interp(where, np.arange(len(line)), line[:, k]) for k in (0, 1)], axis=1)
    gap = np.sqrt(((cells[:, None] - dense[None]) ** 2).sum(-1).min(1))
    out = np.full(len(cells), BACKGROUND, np.int64)
    out[gap < half_width + 30] = IGNORED
    out[gap < half_width + 12] = label
    return out.reshape(len(at), len(at))


def draw_batch(rng: np.random.Generator, pool: Pool, size: int, side: int) -> Batch:
    """One batch of crops from random fields; the same generator state gives the same batch."""
    images = np.empty((size, 3, side, side), np.float32)
    labels = np.empty(size, np.int64)
    cells = np.empty((size, side // STRIDE, side // STRIDE), np.int64)
    for k in range(size):
        number = int(rng.integers(len(pool.labels)))
        crop, line, half_width = _crop(rng, pool, number, side)
        inside = int(np.sum(np.all((line > 4) & (line < side - 4), axis=1)))
        label = int(pool.labels[number])
        images[k] = crop
        labels[k] = label if inside >= 5 else (BACKGROUND if inside == 0 else IGNORED)
        cells[k] = cell_labels(line, half_width, label, side)
    return Batch(images, labels, cells)


def _crop(
    rng: np.random.Generator, pool: Pool, number: int, side: int
) -> tuple[FloatArray, FloatArray, float]:
    """A crop (side, side), normalised, with the stent's line and half width in its pixels."""
    field = pool.fields[number]
    line = pool.lines[number]
    full = field.shape[0]
    if full == side:
        centre = np.array([full / 2, full / 2]) + rng.uniform(-12, 12, 2)
    elif rng.random() < 0.8:
        centre = line[rng.integers(len(line))] + rng.uniform(-0.3, 0.3, 2) * side
    else:
        centre = rng.uniform(0.3 * side, full - 0.3 * side, 2)
    scale, turn = 1.0, 0.0
    if rng.random() < 0.5:
        scale, turn = float(np.exp(rng.uniform(-0.2, 0.2))), rng.uniform(-0.6, 0.6)
    else:
        centre = np.round(centre)
    unit, seen, matrix = _cut(field, pool.inside[number], centre, scale, turn, side)
    moved = line @ matrix[:, :2].T + matrix[:, 2]
    if rng.random() < 0.5:
        unit, seen, moved = unit[:, ::-1], seen[:, ::-1], moved * (-1, 1) + (side - 1, 0)
    if rng.random() < 0.5:
        unit, seen, moved = unit[::-1], seen[::-1], moved * (1, -1) + (0, side - 1)
    if rng.random() < 0.5:
        unit, seen, moved = unit.T, seen.T, moved[:, ::-1]
    unit = _regrey(rng, np.ascontiguousarray(unit))
    return (
        normalise(unit, seen),
        np.asarray(moved, np.float32),
        float(pool.half_widths[number]) * scale,
    )


def _cut(
    field: NDArray[np.uint8],
    inside: NDArray[np.int64],
    centre: NDArray[np.float64],
    scale: float,
    turn: float,
    side: int,
) -> tuple[FloatArray, FloatArray, FloatArray]:
    import cv2

    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    matrix = np.array([[cos, -sin, 0.0], [sin, cos, 0.0]])
    matrix[:, 2] = side / 2 - matrix[:, :2] @ centre
    x0, y0, x1, y1 = inside
    known = np.zeros(field.shape, np.uint8)
    known[y0:y1, x0:x1] = 1
    unit = cv2.warpAffine(field, matrix, (side, side), flags=cv2.INTER_LINEAR)
    seen = cv2.warpAffine(known, matrix, (side, side), flags=cv2.INTER_NEAREST)
    return unit.astype(np.float32) / 255, seen.astype(np.float32), matrix.astype(np.float32)


def _regrey(rng: np.random.Generator, unit: FloatArray) -> FloatArray:
    """Another grey scale, polarity, noise or blur; the network has to bear all of them."""
    import cv2

    if rng.random() < 0.4:
        unit = 1 - unit
    if rng.random() < 0.7:
        unit = np.clip(unit, 0, 1) ** np.float32(np.exp(rng.uniform(-0.4, 0.4)))
        gain, shift = np.exp(rng.uniform(-0.35, 0.35)), rng.uniform(-0.12, 0.12)
        unit = np.clip((unit - 0.5) * gain + 0.5 + shift, 0, 1)
    if rng.random() < 0.15:
        unit = cv2.GaussianBlur(unit, (0, 0), rng.uniform(0.3, 0.7))
    if rng.random() < 0.3:
        noise = rng.standard_normal(unit.shape, dtype=np.float32)
        unit = unit + np.float32(rng.uniform(0, 0.025)) * noise
    return np.asarray(unit, np.float32)
