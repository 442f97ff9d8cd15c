"""Which pixels lie in a region that a reader drew, and how large it is.

A pixel belongs to a region when its centre does: column i has its centre at i + 0.5. What lies on
an outline that two neighbouring regions share belongs to exactly one of them: left and upper edges
count, right and lower ones do not. An outline that crosses itself encloses what an odd number of
turns goes round (even-odd rule). Points are (column x, row y) as in `core.types.Measurement`.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.floating[Any]]
Point = tuple[float, float]

_CHUNK = 256  # edges that are compared with all others at once
_FINE = 16  # scan lines a row for the area of an outline that crosses itself
_MOST_CROSSINGS = 2**18  # of these lines: a scribble all over the image gets fewer lines


@dataclass(frozen=True, slots=True, eq=False)
class Region:
    """The part of an image in a region's bounding box, and which of its pixels belong."""

    x0: int
    y0: int
    mask: npt.NDArray[np.bool_]

    @property
    def box(self) -> tuple[slice, slice]:
        """Rows and columns of the bounding box."""
        rows, columns = self.mask.shape
        return slice(self.y0, self.y0 + rows), slice(self.x0, self.x0 + columns)


def rectangle(corner: Point, opposite: Point, columns: int, rows: int) -> Region:
    """The pixels in the rectangle between two opposite corners, in an image of this size."""
    box = _Box.around((corner, opposite), columns, rows)
    mask = np.ones((len(box.ys), len(box.xs)), np.bool_)
    return Region(box.x0, box.y0, mask)


def ellipse(corner: Point, opposite: Point, columns: int, rows: int) -> Region:
    """The pixels in the ellipse whose frame has these opposite corners."""
    box = _Box.around((corner, opposite), columns, rows)
    across, down = abs(opposite[0] - corner[0]) / 2, abs(opposite[1] - corner[1]) / 2
    if not across or not down:
        return Region(box.x0, box.y0, np.zeros((len(box.ys), len(box.xs)), np.bool_))
    x = (box.xs - (corner[0] + opposite[0]) / 2) / across
    y = (box.ys - (corner[1] + opposite[1]) / 2) / down
    return Region(box.x0, box.y0, x[None, :] ** 2 + y[:, None] ** 2 <= 1.0)


def polygon(points: Sequence[Point], columns: int, rows: int) -> Region:
    """The pixels in the closed outline through the points."""
    box = _Box.around(points, columns, rows)
    which, x = _crossings(np.asarray(points, np.float64), box.ys)
    # each crossing turns the pixels to its right, whose centres are at x or beyond, in or out
    first = np.clip(np.ceil(x - 0.5).astype(np.intp) - box.x0, 0, len(box.xs))
    turns = np.zeros((len(box.ys), len(box.xs) + 1), np.uint16)
    np.add.at(turns, (which, first), 1)
    odd = np.cumsum(turns, axis=1, dtype=np.uint16)[:, :-1] & 1
    return Region(box.x0, box.y0, odd.astype(np.bool_))


def polygon_area(points: Sequence[Point]) -> float:
    """The area inside a closed outline in pixels: the shoelace formula.

    For an outline that crosses itself, whose loops would cancel out there, what the even-odd rule
    encloses, right to some 1e-3; to some 1e-2 for thousands of points all over an image.
    """
    corners = np.asarray(points, np.float64)
    if len(corners) < 3:
        return 0.0
    if not _crosses_itself(corners):
        x, y = (corners - corners.mean(axis=0)).T  # far from zero, digits would be lost
        return abs(float(x @ np.roll(y, -1) - y @ np.roll(x, -1))) / 2
    low, high = float(corners[:, 1].min()), float(corners[:, 1].max())
    travelled = float(np.abs(np.diff(corners[:, 1], append=corners[0, 1])).sum())
    fine = min(_FINE, _MOST_CROSSINGS / travelled)
    lines = max(64, int(np.ceil((high - low) * fine)))
    step = (high - low) / lines
    which, x = _crossings(corners, low + (np.arange(lines) + 0.5) * step)
    ordered = x[np.lexsort((x, which))]  # every line is crossed an even number of times
    return float((ordered[1::2] - ordered[::2]).sum()) * step


@dataclass(frozen=True, slots=True, eq=False)
class _Box:
    """The pixels whose centres lie in the points' bounding box and in the image."""

    x0: int
    y0: int
    xs: Array  # the columns' centres
    ys: Array

    @staticmethod
    def around(points: Sequence[Point], columns: int, rows: int) -> _Box:
        corners = np.asarray(points, np.float64)
        low, high = corners.min(axis=0), corners.max(axis=0)
        # the centre i + 0.5 is in [low, high) for i from ceil(low - 0.5) to below ceil(high - 0.5)
        x0, y0 = (int(v) for v in np.clip(np.ceil(low - 0.5), 0, (columns, rows)))
        x1, y1 = (int(v) for v in np.clip(np.ceil(high - 0.5), 0, (columns, rows)))
        return _Box(x0, y0, np.arange(x0, max(x0, x1)) + 0.5, np.arange(y0, max(y0, y1)) + 0.5)


def _crossings(corners: Array, ys: Array) -> tuple[npt.NDArray[np.intp], Array]:
    """Where the closed outline crosses the lines at `ys` (ascending): line numbers and x."""
    x0, y0 = corners.T
    x1, y1 = np.roll(corners, -1, axis=0).T
    start = np.searchsorted(ys, np.minimum(y0, y1), "left")
    counts = np.searchsorted(ys, np.maximum(y0, y1), "left") - start
    edge = np.repeat(np.arange(len(corners)), counts)
    before = np.cumsum(counts) - counts
    which = start[edge] + np.arange(len(edge)) - before[edge]
    x = x0[edge] + (ys[which] - y0[edge]) * (x1[edge] - x0[edge]) / (y1[edge] - y0[edge])
    return which, x


def _crosses_itself(corners: Array) -> bool:
    """Whether two edges of the closed outline cross, not merely touch."""
    start, stop = corners, np.roll(corners, -1, axis=0)
    for first in range(0, len(corners), _CHUNK):
        a, b = start[first : first + _CHUNK, None], stop[first : first + _CHUNK, None]
        apart = _side(a, b, start) * _side(a, b, stop) < 0
        apart &= _side(start, stop, a) * _side(start, stop, b) < 0
        if apart.any():
            return True
    return False


def _side(a: Array, b: Array, point: Array) -> Array:
    """On which side of the line from a to b a point lies."""
    way, off = b - a, point - a
    side: Array = way[..., 0] * off[..., 1] - way[..., 1] * off[..., 0]
    return side
