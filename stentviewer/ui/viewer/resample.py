"""Stored values brought to the size of the screen, before any window is applied.

Shrinking averages over the area that falls into a device pixel, enlarging is bilinear, and from
`PIXEL_GRID_ZOOM` on (and at exactly 1:1) every stored pixel is shown unblended. All of it exact to
1/32 of a pixel of the level that is sampled.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stentviewer.ui.viewer.sampling import Axis, StoredArray, warp
from stentviewer.ui.viewer.view_state import Rect, ViewState

PIXEL_GRID_ZOOM = 8.0
_SMALLEST_LEVEL = 64
_DRAFT_PIXEL = math.sqrt(2)  # as near to averaging as one sample comes: between soft and noisy
_FELT_SAMPLES = 4_000_000  # 4 to 20 ms, as the machine is


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


def resample(
    levels: Sequence[StoredArray],
    state: ViewState,
    draft: bool = False,
    rect: Rect | None = None,
) -> Resampled:
    """The visible part of the image at the viewport's resolution, in the stored type.

    The levels lie as on the screen, so `state` is without orientation (`ViewState.upright`).
    `rect` (x0, y0, x1, y1) is the part wanted, in device pixels, all that is visible by default.
    `draft` allows a draft, where it saves work: not of an enlarged image.
    """
    x0, y0, x1, y1 = rect or state.visible_rect()
    if _shows_stored(state):
        return Resampled(_nearest(levels[0], state, (x0, y0, x1, y1)), x0, y0)
    level = _level_for(levels, state)
    across, down = _axes(level, state, (x0, y0, x1, y1))
    if not draft or across.fold == down.fold == 1:
        return Resampled(warp(level, across, down), x0, y0)
    level = _level_for(levels, state, _DRAFT_PIXEL)
    across, down = _axes(level, state, (x0, y0, x1, y1))
    return Resampled(warp(level, across.once(), down.once()), x0, y0, draft=True)


def is_felt(levels: Sequence[StoredArray], state: ViewState) -> bool:
    """Whether resampling all that is visible would be felt as a delay, and a draft would not."""
    if _shows_stored(state):
        return False
    across, down = _axes(_level_for(levels, state), state, state.visible_rect())
    return max(across.fold, down.fold) > 1 and across.count * down.count > _FELT_SAMPLES


def _shows_stored(state: ViewState) -> bool:
    sx, sy = state.scale
    return min(sx, sy) >= PIXEL_GRID_ZOOM or sx == sy == 1.0


def _nearest(stored: StoredArray, state: ViewState, rect: Rect) -> StoredArray:
    x0, y0, x1, y1 = rect
    sx, sy = state.scale
    x = (np.arange(x0, x1) + 0.5 - state.width / 2) / sx + state.centre[0]
    y = (np.arange(y0, y1) + 0.5 - state.height / 2) / sy + state.centre[1]
    columns = np.clip(np.floor(x).astype(np.intp), 0, state.columns - 1)
    rows = np.clip(np.floor(y).astype(np.intp), 0, state.rows - 1)
    part = stored[rows[0] : rows[-1] + 1, columns[0] : columns[-1] + 1]
    picked: StoredArray = part.take(rows - rows[0], axis=0).take(columns - columns[0], axis=1)
    return picked


def _level_for(
    levels: Sequence[StoredArray], state: ViewState, largest: float = 1.0
) -> StoredArray:
    """The smallest level of which a pixel is at most `largest` device pixels along either axis."""
    sx, sy = state.scale
    best = levels[0]
    for level in levels[1:]:
        if max(sx * state.columns / level.shape[1], sy * state.rows / level.shape[0]) > largest:
            break
        best = level
    return best


def _axes(level: StoredArray, state: ViewState, rect: Rect) -> tuple[Axis, Axis]:
    x0, y0, x1, y1 = rect
    (sx, sy), (x, y) = state.scale, state.centre
    return (
        Axis.along(level.shape[1], state.columns, sx, x, state.width, (x0, x1)),
        Axis.along(level.shape[0], state.rows, sy, y, state.height, (y0, y1)),
    )
