"""From modality values to what a network is fed. One function for training and for reading.

The manifest of a model records the `Preprocessing` it was trained with; `prepare` obeys it and
says which part of the image the network's square covers, so that a map over the square can be
drawn over the image without being resampled first.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from pydantic import BaseModel, ConfigDict, Field, model_validator

from stentviewer.core.types import Box, FloatArray

Fit = Literal["letterbox", "stretch", "crop"]
_PERCENTILE_SAMPLES = 2**18  # as exact as the noise allows, and 3 ms instead of 100


class Preprocessing(BaseModel):
    """How an image becomes a network's input; the defaults are ImageNet's mean and deviation.

    `low` and `high` are percentiles of the values inside the uncollimated area; with window
    "dicom" the file's own window takes their place. Polarity "as is": nothing is inverted, the
    network has seen bone dark and bone bright.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    side: int = Field(ge=32, le=4096)
    fit: Fit = "letterbox"
    window: Literal["percentile", "dicom"] = "percentile"
    low: float = Field(default=0.5, ge=0, lt=100, allow_inf_nan=False)
    high: float = Field(default=99.5, gt=0, le=100, allow_inf_nan=False)
    mean: tuple[float, float, float] = (0.485, 0.456, 0.406)
    std: tuple[float, float, float] = (0.229, 0.224, 0.225)
    channels: Literal[3] = 3
    polarity: Literal["as is"] = "as is"

    @model_validator(mode="after")
    def _consistent(self) -> Preprocessing:
        if self.low >= self.high:
            raise ValueError("low has to be below high")
        if not all(math.isfinite(v) for v in self.mean):
            raise ValueError("mean has to be finite")
        if not all(0 < v < math.inf for v in self.std):
            raise ValueError("std has to be above zero")
        return self


@dataclass(frozen=True, slots=True)
class Prepared:
    """A network's input: tensor (1, 3, side, side) float32, and what its square covers.

    The extent is in image fractions and reaches outside 0…1 where the square is padding.
    """

    tensor: FloatArray
    extent: Box


@dataclass(frozen=True, slots=True)
class Letterbox:
    """Where a block of image pixels comes to lie in the network's square.

    Rows row0:row1 and columns col0:col1 of the image fill `height` by `width` pixels of the
    square, the first of them at (`top`, `left`). All other pixels of the square are padding.
    """

    side: int
    row0: int
    row1: int
    col0: int
    col1: int
    top: int
    left: int
    height: int
    width: int

    @classmethod
    def fitted(
        cls,
        shape: tuple[int, int],
        side: int,
        fit: Fit = "letterbox",
        area: Box | None = None,
        pixel_aspect: float = 1.0,
    ) -> Letterbox:
        """Fit the area (all of the image if None) of an image of shape (rows, columns).

        `pixel_aspect` is a pixel's height over its width: the aspect ratio kept by "letterbox"
        and "crop" is that of the patient, not that of the array.
        """
        row0, row1 = _span(shape[0], area.y0, area.y1) if area else (0, shape[0])
        col0, col1 = _span(shape[1], area.x0, area.x1) if area else (0, shape[1])
        tall, wide = (row1 - row0) * pixel_aspect, float(col1 - col0)
        if fit == "crop":
            short = min(tall, wide)
            rows = min(row1 - row0, max(1, round(short / pixel_aspect)))
            cols = min(col1 - col0, max(1, round(short)))
            row0 += (row1 - row0 - rows) // 2
            col0 += (col1 - col0 - cols) // 2
            row1, col1 = row0 + rows, col0 + cols
        height = width = side
        if fit == "letterbox":
            scale = side / max(tall, wide)
            height = min(side, max(1, round(tall * scale)))
            width = min(side, max(1, round(wide * scale)))
        top, left = (side - height) // 2, (side - width) // 2
        return cls(side, row0, row1, col0, col1, top, left, height, width)

    def extent(self, shape: tuple[int, int]) -> Box:
        """What the square covers of an image of shape (rows, columns), in image fractions."""
        dy = (self.row1 - self.row0) / self.height
        dx = (self.col1 - self.col0) / self.width
        return Box(
            (self.col0 - self.left * dx) / shape[1],
            (self.row0 - self.top * dy) / shape[0],
            (self.col0 + (self.side - self.left) * dx) / shape[1],
            (self.row0 + (self.side - self.top) * dy) / shape[0],
        )


@dataclass(frozen=True, slots=True, eq=False)
class Fitted:
    """An image in the network's square before it is normalised.

    unit (height, width) float32 is what lies inside the padding, 0 at the low limit and 1 at the
    high one; box says where.
    """

    unit: FloatArray
    box: Letterbox
    extent: Box


def prepare(
    values: FloatArray,
    spec: Preprocessing,
    area: Box | None = None,
    *,
    pixel_aspect: float = 1.0,
    limits: tuple[float, float] | None = None,
) -> Prepared:
    """Scale modality values (rows, columns) to 0…1, fit them into the square, normalise, pad.

    Values at the low limit become 0, at the high limit 1, beyond them they are clipped; an image
    of one value becomes 0. The limits are `spec`'s percentiles over the area or, with window
    "dicom", `limits` (the lowest and highest value of the file's window). Shrinking averages over
    the pixels that fall together, so thin wire fades but does not alias. Padding is the mean,
    which is 0 in the tensor. Raises ValueError for an image that is not two-dimensional, is
    empty, or for window "dicom" without limits.
    """
    fitted = fit(values, spec, area, pixel_aspect=pixel_aspect, limits=limits)
    box = fitted.box
    tensor = np.zeros((1, 3, spec.side, spec.side), np.float32)
    inside = tensor[0, :, box.top : box.top + box.height, box.left : box.left + box.width]
    for plane, mean, std in zip(inside, spec.mean, spec.std, strict=True):
        np.divide(fitted.unit - np.float32(mean), np.float32(std), out=plane)
    return Prepared(tensor, fitted.extent)


def fit(
    values: FloatArray,
    spec: Preprocessing,
    area: Box | None = None,
    *,
    pixel_aspect: float = 1.0,
    limits: tuple[float, float] | None = None,
) -> Fitted:
    """The first half of `prepare`: everything but mean, deviation and padding."""
    import cv2

    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"an image of shape (rows, columns) is needed, not {values.shape}")
    shape = (values.shape[0], values.shape[1])
    box = Letterbox.fitted(shape, spec.side, spec.fit, area, pixel_aspect)
    block = np.ascontiguousarray(values[box.row0 : box.row1, box.col0 : box.col1], np.float32)
    if not np.isfinite(block.sum()):
        block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
    if spec.window == "dicom":
        if limits is None:
            raise ValueError('window "dicom" needs the limits of the file\'s window')
        low, high = limits
    else:
        low, high = _percentiles(block, spec.low, spec.high)
    shrinks = box.height <= block.shape[0] and box.width <= block.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    if block.shape != (box.height, box.width):
        block = cv2.resize(block, (box.width, box.height), interpolation=method)
    unit = np.clip((block - low) / (high - low), 0, 1) if high > low else np.zeros_like(block)
    return Fitted(unit, box, box.extent(shape))


def _span(length: int, start: float, stop: float) -> tuple[int, int]:
    """Whole pixels first:last of a fraction of an axis; never empty, never outside."""
    first = min(max(round(start * length), 0), length - 1)
    last = min(max(round(stop * length), first + 1), length)
    return first, last


def _percentiles(block: FloatArray, low: float, high: float) -> tuple[float, float]:
    step = max(1, math.ceil(math.sqrt(block.size / _PERCENTILE_SAMPLES)))
    first, last = np.percentile(block[::step, ::step], (low, high))
    return float(first), float(last)
