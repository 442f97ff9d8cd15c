"""Samples of an array along the device pixels of a viewport: exact, or quick and about there."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

StoredArray = npt.NDArray[Any]

_MOST_SAMPLES = 64  # along one axis of a device pixel; reached only by images thinner than one
_MOST_MORE = 32  # samples scaled beyond those wanted


@dataclass(frozen=True, slots=True)
class Axis:
    """Sample i lies at the array's index `first` + `start` + `step` * i; `fold` samples a pixel.

    Only indices from `first` to before `last` of its `length` are needed.
    """

    step: float
    start: float
    count: int
    fold: int
    first: int
    last: int
    length: int

    @classmethod
    def along(
        cls,
        length: int,
        size: float,
        scale: float,
        centre: float,
        viewport: int,
        span: tuple[int, int],
    ) -> Axis:
        """Samples of an array of `length` that covers 0…`size` of the image.

        `scale` is device pixels per unit of the image, `centre` what lies in the middle of the
        `viewport`, `span` the device pixels wanted.
        """
        per_pixel = length / (size * scale)  # array elements per device pixel
        fold = min(max(1, math.ceil(per_pixel - 1e-6)), _MOST_SAMPLES)
        step = per_pixel / fold
        image_start = (span[0] + 0.5 / fold - viewport / 2) / scale + centre
        start = image_start * length / size - 0.5
        count = (span[1] - span[0]) * fold
        first = min(max(math.floor(start) - 1, 0), length - 1)
        last = min(max(math.ceil(start + step * count) + 2, first + 1), length)
        return cls(step, start - first, count, fold, first, last, length)

    def once(self) -> Axis:
        """The same device pixels, each sampled in its middle only."""
        start = self.start + self.step * (self.fold - 1) / 2
        step, count = self.step * self.fold, self.count // self.fold
        return Axis(step, start, count, 1, self.first, self.last, self.length)


def warp(array: StoredArray, across: Axis, down: Axis) -> StoredArray:
    """Bilinear samples, exact to 1/32 element, averaged over each device pixel."""
    import cv2

    part = array[down.first : down.last, across.first : across.last]
    matrix = np.array([[across.step, 0.0, across.start], [0.0, down.step, down.start]])
    samples: StoredArray = cv2.warpAffine(
        part,
        matrix,
        (across.count, down.count),
        flags=cv2.INTER_LINEAR | cv2.WARP_INVERSE_MAP,
        borderMode=cv2.BORDER_REPLICATE,
    )
    if across.fold == down.fold == 1:
        return samples
    size = (across.count // across.fold, down.count // down.fold)
    folded: StoredArray = cv2.resize(samples, size, interpolation=cv2.INTER_AREA)
    return folded


class Scratch:
    """Memory that is used again, as fresh memory is what a drag would feel."""

    def __init__(self) -> None:
        self._memory: npt.NDArray[np.uint8] = np.empty(0, np.uint8)

    def array(self, shape: tuple[int, ...], dtype: np.dtype[Any]) -> StoredArray:
        """An array of any content, in place of the one that was given last."""
        size = math.prod(shape) * dtype.itemsize
        if self._memory.size < size:
            self._memory = np.empty(size + size // 2, np.uint8)
        return self._memory[:size].view(dtype).reshape(shape)


def scaled(
    array: StoredArray, across: Axis, down: Axis, scratch: Scratch, nearest: bool = False
) -> tuple[StoredArray, int, int]:
    """One sample a device pixel in the scratch, from the column and row on that come last.

    For what is smooth: a quarter of the time of `warp`, most samples within a tenth of a device
    pixel, all within one. OpenCV scales whole elements to whole pixels only, so a little more than
    is wanted is scaled: as much as comes nearest to the scale and place wanted. A sample may be
    missing at the end. `nearest` takes the nearest element as it is, in half of the time.
    """
    import cv2

    across, down = across.once(), down.once()
    left, right, width, lead_x = _whole(across)
    top, bottom, height, lead_y = _whole(down)
    if width < 1 or height < 1:
        return warp(array, across, down), 0, 0  # less than a pixel of it
    samples = scratch.array((height, width, *array.shape[2:]), array.dtype)
    method = cv2.INTER_NEAREST if nearest else cv2.INTER_LINEAR
    part = array[top:bottom, left:right]
    cv2.resize(part, (width, height), dst=samples, interpolation=method)
    return samples, lead_x, lead_y


def _whole(axis: Axis) -> tuple[int, int, int, int]:
    """Elements from … to before … that make … samples, and how many come before the first."""
    lead = np.arange(_MOST_MORE)
    begin = axis.first + axis.start + 0.5 - axis.step * (lead + 0.5)
    whole = np.rint(begin)
    error = np.where(whole >= 0, np.abs(begin - whole), np.inf)
    best = int(np.argmin(error))  # the first where none will do
    low = min(max(int(whole[best]), 0), axis.last - 1)
    needed = math.ceil((best + axis.count) * axis.step)
    more = np.arange(1 + int(_MOST_MORE * min(axis.step, 1.0)))
    counts = np.minimum(needed + more, axis.length - low)
    samples = counts / axis.step
    chosen = int(np.argmin(np.abs(samples - np.rint(samples))))
    return low, low + int(counts[chosen]), round(float(samples[chosen])), best
