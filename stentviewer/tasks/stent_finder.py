"""Where the stents are: the finder's map taken apart into stents.

The finder does not know designs. In each cell of its map it says whether a stent's middle lies
there, and how long, how wide and how turned that stent is (after CenterNet: Zhou et al., Objects
as Points, 2019; the direction as a double angle, so that both ends count the same).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.types import Box, FloatArray

CHANNELS = 6  # middle, half axis (2), width, offset (2)
STRIDE = 8  # pixels of the square a cell
MOST = 8  # stents a frame: more are not read
_SAME_TURN = np.cos(np.radians(25))
_SAME_PLACE = 0.3  # of the shorter one's length

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Found:
    """A stent in the image: probability that it is there, both ends of its axis (column, row) in
    pixels of the image (square pixels: rows times the pixel aspect), and its width in pixels."""

    presence: float
    ends: tuple[tuple[float, float], tuple[float, float]]
    width: float

    @property
    def length(self) -> float:
        (x0, y0), (x1, y1) = self.ends
        return float(np.hypot(x1 - x0, y1 - y0))

    @property
    def middle(self) -> tuple[float, float]:
        (x0, y0), (x1, y1) = self.ends
        return (x0 + x1) / 2, (y0 + y1) / 2

    @property
    def corners(self) -> Floats:
        """The box along the axis, (4, 2), in order around it, the first two at one end."""
        ends = np.array(self.ends)
        along = ends[1] - ends[0]
        across = np.array([-along[1], along[0]]) / max(self.length, 1e-6) * self.width / 2
        return np.stack([ends[0] - across, ends[0] + across, ends[1] + across, ends[1] - across])


def stents_of(
    found: FloatArray, extent: Box, shape: tuple[float, float], least: float
) -> tuple[Found, ...]:
    """The stents in a finder's map, surest first.

    found (6, h, w) covers the extent (image fractions); lengths in it are pixels of the finder's
    square, of which a cell has STRIDE a side. shape is the image's (height, width) in square
    pixels; least is the lowest probability that counts.
    """
    presence = 1 / (1 + np.exp(-np.clip(found[0].astype(np.float64), -60, 60)))
    rows, columns = np.nonzero((presence >= least) & (presence >= _largest_around(presence)))
    order = np.argsort(-presence[rows, columns], kind="stable")
    height, width = shape
    cell = (extent.x1 - extent.x0) * width / presence.shape[1]  # pixels of the image
    scale = cell / STRIDE  # pixels of the image a pixel of the square
    kept: list[Found] = []
    for row, column in zip(rows[order], columns[order], strict=True):
        half, across, off = _sizes(found[:, row, column])
        middle = np.array(
            [
                extent.x0 * width + (column + 0.5) * cell + off[0] * scale,
                extent.y0 * height + (row + 0.5) * cell + off[1] * scale,
            ]
        )
        first, last = middle - half * scale, middle + half * scale
        one = Found(
            float(presence[row, column]),
            ((float(first[0]), float(first[1])), (float(last[0]), float(last[1]))),
            across * scale,
        )
        if not any(_same(one, other) for other in kept):
            kept.append(one)
        if len(kept) == MOST:
            break
    return tuple(kept)


def _sizes(cell: FloatArray) -> tuple[Floats, float, Floats]:
    """Half axis (x, y), width and the middle's offset of one cell, pixels of the square."""
    x, y = float(cell[1]), float(cell[2])
    length = max(np.hypot(x, y), 2.0)
    turn = np.arctan2(y, x) / 2
    half = length * np.array([np.cos(turn), np.sin(turn)])
    off = np.clip(cell[4:6].astype(np.float64), -STRIDE, STRIDE)
    return half, float(max(cell[3], 2.0)), off


def _largest_around(presence: Floats) -> Floats:
    """Of each cell and its eight neighbours the largest."""
    padded = np.pad(presence, 1, constant_values=0.0)
    rows, columns = presence.shape
    around = [padded[r : r + rows, c : c + columns] for r in range(3) for c in range(3)]
    largest: Floats = np.max(around, axis=0)
    return largest


def _same(one: Found, other: Found) -> bool:
    """Whether two peaks are of one stent: the middle of one lies near the other's, turned alike."""
    apart = np.hypot(one.middle[0] - other.middle[0], one.middle[1] - other.middle[1])
    if apart > _SAME_PLACE * min(one.length, other.length):
        return False
    a, b = (np.subtract(each.ends[1], each.ends[0]) / each.length for each in (one, other))
    return bool(abs(a @ b) > _SAME_TURN)
