"""Where the picture is: collimator bars, shutters and letterbox borders are found and left out."""

from __future__ import annotations

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import Box, FloatArray

_LONGEST_SIDE = 384  # enough to place an edge to 0.3 %, and milliseconds whatever the size
_FLAT = 0.02  # of the image's range: how far a bar's values stray
_MIXED = 0.02  # share of a line's pixels that may stray further (markers, burnt-in text)
_FRAME = 0.015  # of a side: the widest frame drawn round the picture
_SMALLEST = 0.2  # of a side: less is no picture between bars but a picture that is mostly flat


def uncollimated_area(values: FloatArray) -> Box:
    """The rectangle of an image (rows, columns) that no bar covers, in fractions of its size.

    A bar is a run of rows or columns from the border inwards that are all near the image's lowest
    or all near its highest value (bars are bright in an inverted image). Rows and columns are
    taken away in turns until none is left to take, so that bars on four sides, a figure border
    round a letterbox and a collimator inside it all go. An image that is nearly all bar, or all
    of one value or not finite, is given whole.
    """
    whole = Box(0.0, 0.0, 1.0, 1.0)
    if values.ndim != 2:
        raise ValueError(f"an image of shape (rows, columns) is needed, not {values.shape}")
    if min(values.shape) < 3:
        return whole
    step = max(1, -(-max(values.shape) // _LONGEST_SIDE))
    thinned = values[::step, ::step]
    if not np.isfinite(thinned).all():
        return whole
    low, high = (float(v) for v in np.percentile(thinned, (0.1, 99.9)))
    if high <= low:
        return whole
    band = _FLAT * (high - low)
    dark, bright = thinned <= low + band, thinned >= high - band
    top, bottom, left, right = _shrink(dark, bright)
    rows, columns = thinned.shape
    if bottom - top < _SMALLEST * rows or right - left < _SMALLEST * columns:
        return whole
    return Box(
        _edge(left, columns, step, values.shape[1]),
        _edge(top, rows, step, values.shape[0]),
        _edge(right, columns, step, values.shape[1]),
        _edge(bottom, rows, step, values.shape[0]),
    )


def _edge(index: int, count: int, step: int, size: int) -> float:
    return 1.0 if index == count else min(1.0, index * step / size)


def _shrink(
    dark: npt.NDArray[np.bool_], bright: npt.NDArray[np.bool_]
) -> tuple[int, int, int, int]:
    """First and past-last row, first and past-last column of what no bar covers."""
    top, left = 0, 0
    bottom, right = dark.shape
    while bottom - top > 1 and right - left > 1:
        before = (top, bottom, left, right)
        part = np.s_[top:bottom, left:right]
        rows = _is_bar(dark[part], bright[part], axis=1)
        top, bottom = top + _run(rows), bottom - _run(rows[::-1])
        if bottom <= top:
            break
        part = np.s_[top:bottom, left:right]
        columns = _is_bar(dark[part], bright[part], axis=0)
        left, right = left + _run(columns), right - _run(columns[::-1])
        if (top, bottom, left, right) == before:
            break
    return top, bottom, left, right


def _is_bar(
    dark: npt.NDArray[np.bool_], bright: npt.NDArray[np.bool_], axis: int
) -> npt.NDArray[np.bool_]:
    enough = 1.0 - _MIXED
    bars: npt.NDArray[np.bool_] = (dark.mean(axis) >= enough) | (bright.mean(axis) >= enough)
    return bars


def _run(flags: npt.NDArray[np.bool_]) -> int:
    """How many lines from the start are bars; a thin frame drawn round a bar goes with it."""
    begin = flags[: 1 + int(_FRAME * flags.size)]
    if not begin.any():
        return 0
    start = int(np.argmax(begin))
    ended = ~flags[start:]
    return start + int(np.argmax(ended)) if ended.any() else int(flags.size)
