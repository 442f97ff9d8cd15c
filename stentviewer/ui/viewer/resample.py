"""Stored values brought to the size of the screen, before any window is applied.

Shrinking averages over the area that falls into a device pixel, enlarging is bilinear, and from
`PIXEL_GRID_ZOOM` on (and at exactly 1:1) every stored pixel is shown unblended. All of it exact to
1/32 of a pixel of the level that is sampled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stentviewer.ui.viewer.view_state import ViewState

PIXEL_GRID_ZOOM = 8.0
_SMALLEST_LEVEL = 64
_MOST_SAMPLES = 64  # along one axis of a device pixel; reached only by images thinner than one

_FELT_SAMPLES = 8_000_000  # about 40 ms

StoredArray = npt.NDArray[Any]


@dataclass(frozen=True, slots=True)
class Resampled:
    """Stored values (rows, columns[, 3]) for the viewport's device pixels from (x0, y0) on.

    A draft has been sampled once a device pixel: good while it moves, to be done again.
    """

    values: StoredArray
    x0: int
    y0: int
    draft: bool = False


def pyramid(stored: StoredArray) -> tuple[StoredArray, ...]:
    """The image and its halvings, (rows, columns[, 3]), down to 64 pixels on the longer side."""
    import cv2

    levels = [np.ascontiguousarray(stored)]
    while max(levels[-1].shape[:2]) > _SMALLEST_LEVEL:
        rows, columns = levels[-1].shape[:2]
        size = (math.ceil(columns / 2), math.ceil(rows / 2))
        levels.append(cv2.resize(levels[-1], size, interpolation=cv2.INTER_AREA))
    return tuple(levels)


def oriented(stored: StoredArray, quarter_turns: int, mirrored: bool) -> StoredArray:
    """(rows, columns[, 3]) first mirrored left for right, then turned clockwise; contiguous."""
    import cv2

    turned = cv2.flip(stored, 1) if mirrored else stored
    if quarter_turns:  # cv2's codes count clockwise turns from 0
        turned = cv2.rotate(turned, quarter_turns - 1)
    return turned


def resample(levels: Sequence[StoredArray], state: ViewState, draft: bool = False) -> Resampled:
    """The visible part of the image at the viewport's resolution, in the stored type.

    `draft` allows a draft where the whole work would be felt: on very large viewports.
    """
    x0, y0, x1, y1 = state.visible_rect()
    sx, sy = state.scale
    if min(sx, sy) >= PIXEL_GRID_ZOOM or sx == sy == 1.0:
        return Resampled(_nearest(levels[0], state), x0, y0)
    level = _level_for(levels, state)
    across = _axis(level.shape[1], state.columns, sx, state.centre[0], state.width, (x0, x1))
    down = _axis(level.shape[0], state.rows, sy, state.centre[1], state.height, (y0, y1))
    draft = draft and across.count * down.count > _FELT_SAMPLES
    if draft:
        across, down = across.sampled_once(), down.sampled_once()
    return Resampled(_warp(level, across, down), x0, y0, draft)


def _nearest(stored: StoredArray, state: ViewState) -> StoredArray:
    x0, y0, x1, y1 = state.visible_rect()
    sx, sy = state.scale
    x = (np.arange(x0, x1) + 0.5 - state.width / 2) / sx + state.centre[0]
    y = (np.arange(y0, y1) + 0.5 - state.height / 2) / sy + state.centre[1]
    columns = np.clip(np.floor(x).astype(np.intp), 0, state.columns - 1)
    rows = np.clip(np.floor(y).astype(np.intp), 0, state.rows - 1)
    part = stored[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    picked: StoredArray = part.take(rows - rows[0], axis=0).take(columns - columns[0], axis=1)
    return picked


def _level_for(levels: Sequence[StoredArray], state: ViewState) -> StoredArray:
    """The smallest level that still has a pixel for every device pixel along either axis."""
    sx, sy = state.scale
    best = levels[0]
    for level in levels[1:]:
        if max(sx * state.columns / level.shape[1], sy * state.rows / level.shape[0]) > 1.0:
            break
        best = level
    return best


@dataclass(frozen=True, slots=True)
class _Axis:
    """Sample i lies at the level's pixel index `step` * i + `start`; `fold` samples a pixel."""

    step: float
    start: float
    count: int
    fold: int
    first: int
    last: int

    def sampled_once(self) -> _Axis:
        """The same device pixels, each sampled in its middle only."""
        start = self.start + self.step * (self.fold - 1) / 2
        step, count = self.step * self.fold, self.count // self.fold
        return _Axis(step, start, count, 1, self.first, self.last)


def _axis(
    level_size: int,
    size: int,
    scale: float,
    centre: float,
    viewport: int,
    span: tuple[int, int],
) -> _Axis:
    per_pixel = level_size / (size * scale)  # level pixels per device pixel
    fold = min(max(1, math.ceil(per_pixel - 1e-6)), _MOST_SAMPLES)
    step = per_pixel / fold
    image_start = (span[0] + 0.5 / fold - viewport / 2) / scale + centre
    start = image_start * level_size / size - 0.5
    count = (span[1] - span[0]) * fold
    first = min(max(math.floor(start) - 1, 0), level_size - 1)
    last = min(max(math.ceil(start + step * count) + 2, first + 1), level_size)
    return _Axis(step, start - first, count, fold, first, last)


def _warp(level: StoredArray, across: _Axis, down: _Axis) -> StoredArray:
    import cv2

    part = level[down.first : down.last, across.first : across.last]
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
