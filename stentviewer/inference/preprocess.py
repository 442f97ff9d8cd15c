"""From modality values to what a network is fed. One function for training and for reading.

The manifest of a model records the `Preprocessing` it was trained with; `prepare` obeys it and
says which part of the image the network's square covers, so that a map over the square can be
drawn over the image without being resampled first.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import (
    BaseModel,
    ConfigDict,
    Field,
    SerializerFunctionWrapHandler,
    model_serializer,
    model_validator,
)

from stentviewer.core.types import Box, FloatArray
from stentviewer.imaging.polarity import Polarity, estimated_polarity

Fit = Literal["letterbox", "stretch", "crop"]
RANGES: Final[Mapping[str, dict[str, Any]]] = {
    "0 to 1": {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)},
    "-1 to 1": {"mean": (0.5, 0.5, 0.5), "std": (0.5, 0.5, 0.5)},
}
_LATER: Final = frozenset(
    ["bits", "median", "gaussian", "gaussian_kernel", "equalise", "clahe_clip", "clahe_tiles"]
)
_PERCENTILE_SAMPLES = 2**18  # as exact as the noise allows, and 3 ms instead of 100
_LARGEST: Final = 1e30  # what single precision can still be averaged over


class Preprocessing(BaseModel):
    """How an image becomes a network's input; the defaults are ImageNet's mean and deviation.

    The steps, in this order, all on the uncollimated area (with `fit` "crop" on its square) alone,
    so that no bar counts in a statistic or bleeds into the picture:

    1. `median`: a square of 3 or 5 pixels of the image, 0 for none. `gaussian`: sigma in pixels of
       the image, 0 for none; `gaussian_kernel`: its side, odd, 0 for as wide as the sigma needs.
    2. `window`: `low` and `high` are percentiles of the values as they were before step 1; with
       "dicom" the file's own window takes their place. The window's ends become 0 and 1.
    3. `polarity`: "bone dark" and "bone bright" turn an image that is the other way round, by what
       its file says or else by an estimate (imaging.polarity). "as is": nothing is inverted, the
       network has seen both.
    4. `bits`: 8 rounds to 256 grey levels, 16 keeps the file's own depth.
    5. `equalise`: "histogram", or "clahe" with `clahe_clip` (times the mean count of a grey level)
       and `clahe_tiles` along either side. Both count 256 grey levels, as OpenCV does.
    6. `fit` into a square of `side` pixels: "letterbox", "stretch", or "crop" of the middle.
    7. `mean` and `std` of the channels; what is padding becomes 0. `range` names a pair of them:
       "0 to 1" is mean 0 and deviation 1, "-1 to 1" is 0.5 and 0.5.

    A step that came after the first models is written only where it is declared, so that what was
    written before keeps its hash and can be read by the programs that wrote it.
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
    polarity: Literal["as is", "bone dark", "bone bright"] = "as is"
    bits: Literal[8, 16] = 16
    median: Literal[0, 3, 5] = 0
    gaussian: float = Field(default=0.0, ge=0, le=20, allow_inf_nan=False)
    gaussian_kernel: int = Field(default=0, ge=0, le=161)
    equalise: Literal["none", "histogram", "clahe"] = "none"
    clahe_clip: float = Field(default=2.0, gt=0, le=256, allow_inf_nan=False)
    clahe_tiles: int = Field(default=8, ge=1, le=64)

    @model_validator(mode="before")
    @classmethod
    def _range_named(cls, given: Any) -> Any:
        if not isinstance(given, Mapping) or "range" not in given:
            return given
        named = {key: value for key, value in given.items() if key != "range"}
        if given["range"] not in tuple(RANGES):  # it may be anything, a list too
            raise ValueError(f"range has to be one of {', '.join(RANGES)}")
        if {"mean", "std"} & set(named):
            raise ValueError("either range or mean and std")
        return named | RANGES[given["range"]]

    @model_validator(mode="after")
    def _consistent(self) -> Preprocessing:
        if self.low >= self.high:
            raise ValueError("low has to be below high")
        if not all(math.isfinite(v) for v in self.mean):
            raise ValueError("mean has to be finite")
        if not all(0 < v < math.inf for v in self.std):
            raise ValueError("std has to be above zero")
        if self.gaussian_kernel and (self.gaussian_kernel % 2 == 0 or not self.gaussian):
            raise ValueError("gaussian_kernel has to be odd, and needs gaussian")
        return self

    @model_serializer(mode="wrap")
    def _declared(self, handler: SerializerFunctionWrapHandler) -> dict[str, Any]:
        fields = type(self).model_fields
        return {
            key: value
            for key, value in handler(self).items()
            if key not in _LATER or getattr(self, key) != fields[key].default
        }


@dataclass(frozen=True, slots=True)
class Prepared:
    """A network's input: tensor (1, 3, side, side) float32, and what its square covers.

    The extent is in image fractions and reaches outside 0…1 where the square is padding. polarity
    is that of the image's values where the model asks for one, and how sure that is.
    """

    tensor: FloatArray
    extent: Box
    polarity: Polarity | None = None


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
    high one; box says where. polarity is `Prepared`'s.
    """

    unit: FloatArray
    box: Letterbox
    extent: Box
    polarity: Polarity | None = None


def prepare(
    values: FloatArray,
    spec: Preprocessing,
    area: Box | None = None,
    *,
    pixel_aspect: float = 1.0,
    limits: tuple[float, float] | None = None,
    polarity: Polarity | None = None,
) -> Prepared:
    """Scale modality values (rows, columns) to 0…1, fit them into the square, normalise, pad.

    The steps and their order are `Preprocessing`'s. Values at the low limit become 0, at the high
    limit 1, beyond them they are clipped; an image of one value becomes 0. The limits are `spec`'s
    percentiles over the area or, with window "dicom", `limits` (the lowest and highest value of
    the file's window). Shrinking averages over the pixels that fall together, so thin wire fades
    but does not alias. Padding is the mean, which is 0 in the tensor. Where `spec` asks for a
    polarity, `polarity` is that of the values; None has it estimated. What is no number counts as
    0. Raises ValueError for an image that is not two-dimensional, is empty, or for window "dicom"
    without limits.
    """
    fitted = fit(values, spec, area, pixel_aspect=pixel_aspect, limits=limits, polarity=polarity)
    box = fitted.box
    tensor = np.zeros((1, 3, spec.side, spec.side), np.float32)
    inside = tensor[0, :, box.top : box.top + box.height, box.left : box.left + box.width]
    for plane, mean, std in zip(inside, spec.mean, spec.std, strict=True):
        np.divide(fitted.unit - np.float32(mean), np.float32(std), out=plane)
    return Prepared(tensor, fitted.extent, fitted.polarity)


def fit(
    values: FloatArray,
    spec: Preprocessing,
    area: Box | None = None,
    *,
    pixel_aspect: float = 1.0,
    limits: tuple[float, float] | None = None,
    polarity: Polarity | None = None,
) -> Fitted:
    """The first half of `prepare`: everything but mean, deviation and padding."""
    if values.ndim != 2 or values.size == 0:
        raise ValueError(f"an image of shape (rows, columns) is needed, not {values.shape}")
    shape = (values.shape[0], values.shape[1])
    box = Letterbox.fitted(shape, spec.side, spec.fit, area, pixel_aspect)
    block = _numbers(values[box.row0 : box.row1, box.col0 : box.col1])
    if spec.window == "dicom":
        if limits is None:
            raise ValueError('window "dicom" needs the limits of the file\'s window')
        low, high = limits
    else:
        low, high = _percentiles(block, spec.low, spec.high)
    known = None
    if spec.polarity != "as is":
        known = polarity or estimated_polarity(values, area)
    block = smoothed(block, spec)
    turned = known is not None and known.tone != spec.polarity
    if spec.bits == 8 or spec.equalise != "none":
        levels = np.rint(windowed(block, low, high, turned) * np.float32(255)).astype(np.uint8)
        unit = _resized(equalised(levels, spec).astype(np.float32) / np.float32(255), box)
    else:  # the same for a window and a mean, and a fraction of the work
        unit = windowed(_resized(block, box), low, high, turned)
    return Fitted(unit, box, box.extent(shape), known)


def smoothed(block: FloatArray, spec: Preprocessing) -> FloatArray:
    """Step 1, the filters against noise: median, then Gaussian; the border as OpenCV has it."""
    import cv2

    if spec.median:
        block = np.asarray(cv2.medianBlur(block, spec.median), np.float32)
    if spec.gaussian:
        size = (spec.gaussian_kernel, spec.gaussian_kernel)
        block = np.asarray(cv2.GaussianBlur(block, size, spec.gaussian), np.float32)
    return block


def windowed(block: FloatArray, low: float, high: float, turned: bool = False) -> FloatArray:
    """Steps 2 and 3: 0 at the low limit and 1 at the high one, or the other way round; clipped."""
    width = np.float32(high - low)
    if not width > 0:
        return np.zeros_like(block)
    with np.errstate(over="ignore"):  # far outside a narrow window: it is clipped
        if turned:
            return np.asarray(np.clip((block - high) / -width, 0, 1), np.float32)
        return np.asarray(np.clip((block - low) / width, 0, 1), np.float32)


def equalised(levels: NDArray[np.uint8], spec: Preprocessing) -> NDArray[np.uint8]:
    """Step 5, on grey 0 to 255. A picture of one level stays as it is."""
    import cv2

    if spec.equalise == "none" or levels.min() == levels.max():
        return levels
    if spec.equalise == "histogram":
        return np.asarray(cv2.equalizeHist(levels), np.uint8)
    tiles = (min(spec.clahe_tiles, levels.shape[1]), min(spec.clahe_tiles, levels.shape[0]))
    return np.asarray(cv2.createCLAHE(spec.clahe_clip, tiles).apply(levels), np.uint8)


def _resized(block: FloatArray, box: Letterbox) -> FloatArray:
    import cv2

    if block.shape == (box.height, box.width):
        return block
    shrinks = box.height <= block.shape[0] and box.width <= block.shape[1]
    method = cv2.INTER_AREA if shrinks else cv2.INTER_LINEAR
    return np.asarray(cv2.resize(block, (box.width, box.height), interpolation=method), np.float32)


def _numbers(values: FloatArray) -> FloatArray:
    """Single precision, without what is no number or too large to be averaged over."""
    with np.errstate(over="ignore"):
        block = np.ascontiguousarray(values, np.float32)
    least, most = block.min(), block.max()
    if not (np.isfinite(least) and np.isfinite(most)):
        block = np.nan_to_num(block, nan=0.0, posinf=0.0, neginf=0.0)
        least, most = block.min(), block.max()
    if max(-least, most) > _LARGEST:
        block = np.clip(block, np.float32(-_LARGEST), np.float32(_LARGEST))
    return block


def _span(length: int, start: float, stop: float) -> tuple[int, int]:
    """Whole pixels first:last of a fraction of an axis; never empty, never outside."""
    first = min(max(round(start * length), 0), length - 1)
    last = min(max(round(stop * length), first + 1), length)
    return first, last


def _percentiles(block: FloatArray, low: float, high: float) -> tuple[float, float]:
    step = max(1, math.ceil(math.sqrt(block.size / _PERCENTILE_SAMPLES)))
    first, last = np.percentile(block[::step, ::step], (low, high))
    return float(first), float(last)
