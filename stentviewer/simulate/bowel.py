"""Bowel: gas in loops and lumps, stool, and a loop coated with contrast agent."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.sheet import Sheet, ellipse, texture

Array = NDArray[np.float64]
Map = NDArray[np.float32]


def gas(rng: np.random.Generator, sheet: Sheet) -> Map:
    """Depth in mm of bowel gas: lumps along loops with fairly sharp edges, some of it mottled."""
    import cv2

    square = np.zeros(sheet.shape, np.float32)
    high, wide = sheet.half_size_mm
    for _ in range(int(rng.integers(0, 8))):
        at = np.array([rng.uniform(-wide, wide), rng.uniform(-0.5 * high, 1.1 * high)])
        _loop(rng, sheet, square, at)
    if rng.random() < 0.3:  # the stomach's bubble under the left dome
        at = np.array([rng.uniform(0.2, 0.9) * wide, rng.uniform(-0.8, 0.1) * high])
        _ball(sheet, square, at, rng.uniform(15, 45), rng.uniform(0.4, 0.9))
    if not square.any():
        return square
    rough = rng.uniform(4, 60)
    square = np.where(square > 0, square + rough * texture(rng, sheet, 24, 3, 0.7), 0)
    depth = rng.uniform(0.5, 1.3) * np.sqrt(np.clip(square, 0, None))
    if rng.random() < 0.25:  # stool
        mottled = rng.uniform(0.1, 0.4) * texture(rng, sheet, 10, 1.2, 0.9)
        depth *= np.clip(0.75 + mottled, 0.1, 1.3)
    return np.asarray(cv2.GaussianBlur(depth, (0, 0), 0.3 * sheet.px_per_mm), np.float32)


def _loop(rng: np.random.Generator, sheet: Sheet, square: Map, at: Array) -> None:
    """A chain of lumps, as haustra are, from a place on."""
    heading = rng.uniform(0, 2 * np.pi)
    size = rng.uniform(4, 15)
    for _ in range(int(rng.integers(1, 14))):
        _ball(sheet, square, at, size * rng.uniform(0.7, 1.3), rng.uniform(0.6, 1.6))
        heading += rng.normal(0, 0.6)
        step = size * rng.uniform(0.5, 1.7)
        at = at + step * np.array([np.cos(heading), np.sin(heading)])


def _ball(sheet: Sheet, square: Map, at: Array, radius: float, squeeze: float) -> None:
    """Raise square to (half the depth of an ellipsoid in mm) squared, where it is lower."""
    rows, cols = sheet.shape
    px = sheet.px_per_mm
    middle = at * px + ((cols - 1) / 2, (rows - 1) / 2)
    reach = radius * max(squeeze, 1) * px + 2
    x0, y0 = np.maximum(np.floor(middle - reach), 0).astype(int)
    x1, y1 = np.minimum(np.ceil(middle + reach), (cols, rows)).astype(int)
    if x1 <= x0 or y1 <= y0:
        return
    x = (np.arange(x0, x1, dtype=np.float32) - middle[0]) / px
    y = (np.arange(y0, y1, dtype=np.float32) - middle[1]) / (px * squeeze)
    part = radius**2 - x[None, :] ** 2 - y[:, None] ** 2
    np.maximum(square[y0:y1, x0:x1], part, out=square[y0:y1, x0:x1])


def coated(rng: np.random.Generator, sheet: Sheet) -> Map:
    """Contrast agent in mm times mg/ml between the folds of duodenum or jejunum."""
    import cv2

    high, wide = sheet.half_size_mm
    lumps = texture(rng, sheet, rng.uniform(12, 40), rng.uniform(1.5, 4), 0.85)
    shapes = []
    at = np.array([rng.uniform(-0.8, 0.8) * wide, rng.uniform(-0.1, 1.0) * high])
    for _ in range(int(rng.integers(1, 6))):
        half = (rng.uniform(10, 40), rng.uniform(8, 30))
        shapes.append(ellipse((float(at[0]), float(at[1])), half, rng.uniform(0, 3)))
        at = at + rng.normal(0, 30, 2)
    where = cv2.GaussianBlur(sheet.filled(shapes), (0, 0), rng.uniform(1, 5) * sheet.px_per_mm)
    amount = rng.uniform(30, 220)
    return np.asarray(amount * where * np.clip(lumps + rng.uniform(-0.3, 0.5), 0, 2), np.float32)
