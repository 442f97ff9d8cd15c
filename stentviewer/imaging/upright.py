"""A stent cut out of a picture with square pixels and turned upright, at any scale."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import Box

Grey = npt.NDArray[np.uint8]
Point = tuple[float, float]

_PERCENTILES = (0.5, 99.5)  # of the cut: what becomes black and white


@dataclass(frozen=True, slots=True)
class Axis:
    """Where a stent lies: its middle, the unit vector along it and its length, in pixels.

    x runs right and y down; `up` points to the end that is higher in the picture.
    """

    middle: Point
    up: Point
    length: float
    is_turned: bool  # False where only a box is known: it stands as the picture does


def axis_of(outline: Sequence[Point], box: Box | None, shape: tuple[int, int]) -> Axis | None:
    """The axis of an outline (corners in order, the first two at one end), else of a box.

    Both are in fractions of a picture of `shape` (rows, columns). None where there is neither, or
    where it has no length.
    """
    rows, columns = shape
    if len(outline) == 4:
        corners = [(x * columns, y * rows) for x, y in outline]
        one, other = _between(corners[0], corners[1]), _between(corners[2], corners[3])
        if one[1] > other[1]:
            one, other = other, one
        dx, dy = one[0] - other[0], one[1] - other[1]
        length = math.hypot(dx, dy)
        if not length > 0:
            return None
        return Axis(_between(one, other), (dx / length, dy / length), length, is_turned=True)
    if box is None:
        return None
    wide, tall = (box.x1 - box.x0) * columns, (box.y1 - box.y0) * rows
    middle = (box.x0 + box.x1) / 2 * columns, (box.y0 + box.y1) / 2 * rows
    length = max(wide, tall)
    return Axis(middle, (0.0, -1.0), length, is_turned=False) if length > 0 else None


def cut(grey: Grey, axis: Axis, step: float, size: tuple[int, int]) -> Grey:
    """The stent upright in a picture of `size` (rows, columns), `step` pixels of `grey` for one.

    What lies outside is black. The contrast is stretched to what is seen, so that stents from
    images of any exposure can be compared.
    """
    import cv2

    rows, columns = size
    ux, uy = axis.up
    inverse = np.array([[-uy * step, -ux * step, 0.0], [ux * step, -uy * step, 0.0]])
    centre = np.array([(columns - 1) / 2, (rows - 1) / 2])
    inverse[:, 2] = np.array(axis.middle) - 0.5 - inverse[:, :2] @ centre
    part, corner = _part(grey, inverse, size)
    inverse[:, 2] -= corner
    values = part.astype(np.float32)
    if step > 1:  # fewer pixels than the picture has: what lies between is averaged
        values = cv2.GaussianBlur(values, (0, 0), 0.5 * step)
    inside = np.full(values.shape, 255, np.uint8)
    flags = cv2.WARP_INVERSE_MAP
    turned = cv2.warpAffine(values, inverse, (columns, rows), flags=cv2.INTER_LINEAR | flags)
    seen = cv2.warpAffine(inside, inverse, (columns, rows), flags=cv2.INTER_NEAREST | flags) > 0
    return _stretched(turned, seen)


def _part(
    grey: Grey, inverse: npt.NDArray[np.float64], size: tuple[int, int]
) -> tuple[Grey, npt.NDArray[np.float64]]:
    """The part of the picture that a cut needs, and its first column and row."""
    rows, columns = size
    corners = np.array([[0, 0, 1], [columns, 0, 1], [0, rows, 1], [columns, rows, 1]], float)
    places = corners @ inverse.T
    margin = 4 + 2 * np.abs(inverse[:, :2]).max()
    low = np.clip(np.floor(places.min(0) - margin), 0, [grey.shape[1] - 1, grey.shape[0] - 1])
    high = np.clip(np.ceil(places.max(0) + margin), low + 1, [grey.shape[1], grey.shape[0]])
    (x0, y0), (x1, y1) = low.astype(int), high.astype(int)
    return grey[y0:y1, x0:x1], low


def _stretched(values: npt.NDArray[np.float32], seen: npt.NDArray[np.bool_]) -> Grey:
    if not seen.any():
        return np.zeros(values.shape, np.uint8)
    low, high = (float(v) for v in np.percentile(values[seen], _PERCENTILES))
    scaled = (values - low) / max(high - low, 1e-6)
    shown: Grey = np.where(seen, np.clip(scaled, 0, 1) * 255, 0).astype(np.uint8)
    return shown


def _between(one: Point, other: Point) -> Point:
    return (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
