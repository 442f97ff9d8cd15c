"""One stent cut out of its image with its axis upright, and the way back for what is seen in it."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.types import Box, FloatArray, HeatMap
from stentviewer.tasks.stent_finder import Found

_FIELD_CELLS = 96  # of the longer side of a map over the whole image

Floats = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Crop:
    """A square of an image, turned so that a stent's axis stands upright in it.

    middle (column, row), along (a unit vector down the stent) and side are in square pixels of an
    image of shape (height, width): rows counted times the pixel aspect.
    """

    middle: tuple[float, float]
    along: tuple[float, float]
    side: float
    shape: tuple[float, float]
    aspect: float = 1.0

    @classmethod
    def around(
        cls, stent: Found, margin: float, rows: int, columns: int, aspect: float = 1.0
    ) -> Crop:
        """The square whose side is margin times the stent's length (or width, if that is more)."""
        (x0, y0), (x1, y1) = stent.ends
        length = max(stent.length, 1e-6)
        along = ((x1 - x0) / length, (y1 - y0) / length)
        if along[1] < 0:
            along = (-along[0], -along[1])
        side = margin * max(stent.length, stent.width, 8.0)
        return cls(stent.middle, along, side, (rows * aspect, float(columns)), aspect)

    def to_image(self, cells: float) -> Floats:
        """The affine map (2, 3) from (x, y) of the square, 0…cells, to (column, row) as stored."""
        scale = self.side / cells
        down = np.array(self.along) * scale
        across = np.array([self.along[1], -self.along[0]]) * scale
        start = np.array(self.middle) - (down + across) * cells / 2
        matrix = np.stack([across, down, start], axis=1)
        matrix[1] /= self.aspect
        return matrix

    @property
    def outline(self) -> Floats:
        """Its four corners, image fractions (4, 2)."""
        unit = np.array([[0, 0, 1], [1, 0, 1], [1, 1, 1], [0, 1, 1]], np.float64)
        rows, columns = self.shape[0] / self.aspect, self.shape[1]
        corners: Floats = unit @ self.to_image(1).T / (columns, rows)
        return corners


def cut_out(values: FloatArray, crop: Crop, side: int, area: Box | None = None) -> FloatArray:
    """The crop (side, side) of an image's values (rows, columns).

    Pixels that fall together are averaged; beyond the area (the uncollimated part, image
    fractions) what lies inside is mirrored, so that a collimator's edge is not part of it.
    """
    import cv2

    rows, columns = values.shape
    x0, y0, x1, y1 = 0, 0, columns, rows
    if area is not None:
        x0, y0 = max(0, round(area.x0 * columns)), max(0, round(area.y0 * rows))
        x1, y1 = min(columns, round(area.x1 * columns)), min(rows, round(area.y1 * rows))
        if x1 - x0 < 2 or y1 - y0 < 2:
            x0, y0, x1, y1 = 0, 0, columns, rows
    finer = max(1, min(8, math.ceil(crop.side / side - 0.2)))
    matrix = crop.to_image(side * finer)
    # OpenCV's pixel centres are whole numbers, ours half ones.
    matrix[:, 2] += matrix[:, :2] @ (0.5, 0.5) - (0.5, 0.5)
    matrix[:, 2] -= (x0, y0)
    block = np.ascontiguousarray(values[y0:y1, x0:x1], np.float32)
    cut = cv2.warpAffine(
        block,
        matrix,
        (side * finer, side * finer),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REFLECT,
    )
    if finer > 1:
        cut = cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA)
    return np.asarray(cut, np.float32)


def stent_feature(activation: FloatArray, crop: Crop, stent: Found) -> FloatArray:
    """The mean (C,) of a crop's last map (C, h, w) over the cells that the stent's box covers.

    What lies beside the stent says nothing of its design, so it does not count.
    """
    return mean_on_stent(activation, stent.length / crop.side, stent.width / crop.side)


def mean_on_stent(activation: FloatArray, length: float, width: float) -> FloatArray:
    """`stent_feature` where the stent's length and width are shares of the crop's side."""
    _, rows, columns = activation.shape
    down, across = _covered(rows, length), _covered(columns, width)
    feature: FloatArray = np.einsum("crk,r,k->c", activation, down, across, optimize=True)
    return feature.astype(np.float32)


def cover_of_stent(shape: tuple[int, int], length: float, width: float) -> FloatArray:
    """How much of each cell (rows, columns) of a crop the stent's box covers, 0…1."""
    rows, columns = shape
    down, across = _covered(rows, length), _covered(columns, width)
    cover: FloatArray = np.outer(down / down.max(), across / across.max()).astype(np.float32)
    return cover


def _covered(cells: int, share: float) -> Floats:
    """Weights (cells,), sum 1, of how much of each cell a middle part covers."""
    edges = np.linspace(0, 1, cells + 1)
    half = max(min(share, 1.0), 1 / cells) / 2
    part: Floats = np.clip(
        np.minimum(edges[1:], 0.5 + half) - np.maximum(edges[:-1], 0.5 - half), 0, None
    )
    weights: Floats = part / part.sum()
    return weights


def upon_image(values: FloatArray, crop: Crop, method: str) -> HeatMap:
    """A map (h, w) of a crop's square as one over an upright part of the image."""
    outline = crop.outline
    low, high = outline.min(axis=0), outline.max(axis=0)
    extent = Box(float(low[0]), float(low[1]), float(high[0]), float(high[1]))
    cells = round(1.5 * max(values.shape))
    return HeatMap(_resampled(values, crop, extent, (cells, cells)), extent, method)


def over_field(maps: Iterable[tuple[FloatArray, Crop]], method: str) -> HeatMap:
    """Several crops' maps on one grid over the whole image, the hottest where they overlap."""
    field = Box(0.0, 0.0, 1.0, 1.0)
    total: FloatArray | None = None
    for values, crop in maps:
        longest = max(crop.shape)
        shape = tuple(max(1, round(_FIELD_CELLS * part / longest)) for part in crop.shape)
        one = _resampled(values, crop, field, (shape[0], shape[1]))
        total = one if total is None else np.maximum(total, one)
    if total is None:
        raise ValueError("there is no map to lay over the image")
    return HeatMap(total, field, method)


def _resampled(values: FloatArray, crop: Crop, extent: Box, shape: tuple[int, int]) -> FloatArray:
    """A crop's map on a grid of shape (rows, columns) over the extent; 0 outside the crop."""
    rows, columns = shape
    height, width = crop.shape[0] / crop.aspect, crop.shape[1]
    to_image = np.eye(3)
    to_image[:2] = crop.to_image(1)
    grid = np.eye(3)
    grid[0] = [(extent.x1 - extent.x0) * width / columns, 0, extent.x0 * width]
    grid[1] = [0, (extent.y1 - extent.y0) * height / rows, extent.y0 * height]
    back = np.linalg.inv(to_image) @ grid
    y, x = np.mgrid[0:rows, 0:columns] + 0.5
    at = back[:2] @ np.stack([x.ravel(), y.ravel(), np.ones(x.size)])
    inside = ((at >= 0) & (at <= 1)).all(axis=0)
    high, wide = values.shape
    out = np.zeros(rows * columns, np.float32)
    out[inside] = _between(values, at[1, inside] * high - 0.5, at[0, inside] * wide - 0.5)
    return out.reshape(rows, columns)


def _between(values: FloatArray, y: Floats, x: Floats) -> FloatArray:
    """Values at (y, x) in cells, linear between the cells' middles, the edge beyond them."""
    high, wide = values.shape
    y, x = np.clip(y, 0, high - 1), np.clip(x, 0, wide - 1)
    y0, x0 = np.floor(y).astype(int), np.floor(x).astype(int)
    y1, x1 = np.minimum(y0 + 1, high - 1), np.minimum(x0 + 1, wide - 1)
    fy, fx = y - y0, x - x0
    top = values[y0, x0] * (1 - fx) + values[y0, x1] * fx
    bottom = values[y1, x0] * (1 - fx) + values[y1, x1] * fx
    result: FloatArray = (top * (1 - fy) + bottom * fy).astype(np.float32)
    return result
