"""Tone operations of RandAugment on grey pictures, as tables of 256 entries.

Each is what PIL does (and so timm 1.0), held to it in the tests; a table needs the picture's
histogram alone, which stays the same from epoch to epoch.
"""

from __future__ import annotations

from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

Table = NDArray[np.uint8]  # (256,): what each grey value becomes
Histogram = NDArray[np.int64]  # (256,): how many pixels of a picture have each value

NAMES: Final = (
    "autocontrast", "equalize", "invert", "posterize", "solarize", "solarize_add", "contrast",
    "brightness",
)  # fmt: skip
_VALUES: Final = np.arange(256)


def table(name: str, level: float, sign: int, histogram: Histogram) -> Table:
    """What an operation makes of each grey value; level 0…1 is timm's magnitude over ten.

    sign (1 or -1) says to which side contrast and brightness go. A picture without pixels keeps
    its values.
    """
    if name == "posterize":
        bits = 4 - int(level * 4)
        return _bytes(_VALUES & ~(2 ** (8 - bits) - 1))
    if name == "solarize":
        threshold = 256 - min(256, int(level * 256))
        return _bytes(np.where(threshold > _VALUES, _VALUES, 255 - _VALUES))
    if name == "solarize_add":
        added = np.minimum(255, _VALUES + min(128, int(level * 110)))
        return _bytes(np.where(_VALUES < 128, added, _VALUES))
    if name == "invert":
        return _bytes(255 - _VALUES)
    if name == "brightness":
        return _clipped(_VALUES * _factor(level, sign))
    if not histogram.any():
        return _bytes(_VALUES)
    if name == "contrast":
        mean = int((histogram * _VALUES).sum() / histogram.sum() + 0.5)
        return _clipped(mean + (_VALUES - mean) * _factor(level, sign))
    if name == "autocontrast":
        return _autocontrast(histogram)
    if name == "equalize":
        return _equalize(histogram)
    raise ValueError(f"no tone operation is called {name}")


def through(histogram: Histogram, tones: Table) -> Histogram:
    """The histogram of a picture after its values went through a table."""
    return np.bincount(tones, weights=histogram, minlength=256).astype(np.int64)


def _factor(level: float, sign: int) -> float:
    return max(0.1, 1.0 + sign * level * 0.9)


def _clipped(values: NDArray[np.floating]) -> Table:
    return _bytes(np.clip(np.trunc(values), 0, 255))


def _bytes(values: NDArray[Any]) -> Table:
    return np.asarray(values, np.uint8)


def _autocontrast(histogram: Histogram) -> Table:
    there = np.flatnonzero(histogram)
    low, high = int(there[0]), int(there[-1])
    if high <= low:
        return _bytes(_VALUES)
    scale = 255.0 / (high - low)
    return _clipped(_VALUES * scale - low * scale)


def _equalize(histogram: Histogram) -> Table:
    there = histogram[histogram > 0]
    step = (int(there.sum()) - int(there[-1])) // 255
    if len(there) <= 1 or not step:
        return _bytes(_VALUES)
    before = np.concatenate([[0], np.cumsum(histogram)[:-1]])
    return _bytes(np.minimum((step // 2 + before) // step, 255))
