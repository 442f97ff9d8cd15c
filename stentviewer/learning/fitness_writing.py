"""Writing that is burned into a picture: found without reading it.

Letters drawn by a machine are of one value near an end of the grey scale, of one height, and
stand in a row. Stent markers are of one value and in a row too, but each is a plain bar or dot.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.types import Box, FloatArray

_BAND: Final = 0.06  # of the grey scale's range: how far a letter's pixels stray (JPEG)
_CONTRAST: Final = 0.2  # of that range: between a letter and what is around it
_LOWEST: Final = 6  # pixels: below it no letter can be told
_TALLEST: Final = 0.07  # of the longer side
_BAR: Final = 0.72  # of the smallest turned rectangle round it: more is a bar or a dot
_MOST: Final = 4000  # pieces near an end of the scale: more is noise, not writing


@dataclass(frozen=True, slots=True)
class _Piece:
    x: int
    y: int
    width: int
    height: int
    is_letter: bool  # of a shape that no bar or dot has


def find_writing(values: FloatArray, area: Box) -> tuple[Box, ...]:
    """Where writing stands inside the open area of modality values (rows, columns).

    Boxes are fractions of the whole image with a margin round the letters. Three letters or
    figures in a row are writing; a single letter is not found.
    """
    rows, columns = values.shape
    x0, x1 = int(area.x0 * columns), round(area.x1 * columns)
    y0, y1 = int(area.y0 * rows), round(area.y1 * rows)
    part = values[y0:y1, x0:x1]
    low, high = float(part.min(initial=0)), float(part.max(initial=0))
    if part.size == 0 or high <= low:
        return ()
    unit = (part - np.float32(low)) / np.float32(high - low)
    boxes = []
    for bright in (True, False):
        pieces = _pieces(unit if bright else 1 - unit)
        boxes += [_box(line, (x0, y0), (rows, columns)) for line in _lines(pieces)]
    return tuple(boxes)


def _pieces(unit: FloatArray) -> list[_Piece]:
    """What is of a letter's size and stands out, near the upper end of the scale 0…1."""
    import cv2

    ends = (unit >= 1 - _BAND).astype(np.uint8)
    _, numbers, stats, _ = cv2.connectedComponentsWithStats(ends, connectivity=8)
    tallest = max(_TALLEST * max(unit.shape), 2.5 * _LOWEST)
    width, height, size = stats[:, 2], stats[:, 3], stats[:, 4]
    fits = (height >= _LOWEST) & (height <= tallest) & (width <= 2 * height)
    fits &= (size >= 0.1 * width * height) & (size >= _LOWEST)
    fits[0] = False
    found = np.flatnonzero(fits)
    if len(found) > _MOST:
        return []
    pieces = []
    for number in found:
        x, y, w, h, _ = (int(v) for v in stats[number])
        rim = 2
        cut = np.s_[max(y - rim, 0) : y + h + rim, max(x - rim, 0) : x + w + rim]
        own = (numbers[cut] == number).astype(np.uint8)
        round_it = cv2.dilate(own, np.ones((5, 5), np.uint8)) - cv2.dilate(
            own, np.ones((3, 3), np.uint8)
        )
        if not round_it.any() or np.median(unit[cut][round_it > 0]) > 1 - _CONTRAST:
            continue
        pieces.append(_Piece(x, y, w, h, _is_letter(own)))
    return pieces


def _is_letter(own: NDArray[np.uint8]) -> bool:
    import cv2

    points = cv2.findNonZero(own)
    (_, _), (width, height), _ = cv2.minAreaRect(points)
    return bool(int(own.sum()) < _BAR * (width + 1) * (height + 1))


def _lines(pieces: list[_Piece]) -> list[list[_Piece]]:
    """Rows of at least three pieces alike in height, two of them shaped as letters."""
    groups: list[list[_Piece]] = []
    for piece in sorted(pieces, key=lambda p: p.x):
        home = next((g for g in groups if _follows(g[-1], piece)), None)
        if home is None:
            groups.append([piece])
        else:
            home.append(piece)
    return [g for g in groups if len(g) >= 3 and sum(p.is_letter for p in g) >= 2]


def _follows(before: _Piece, piece: _Piece) -> bool:
    """Whether a piece stands right of another on the same line of writing."""
    small, large = sorted((before.height, piece.height))
    gap = piece.x - (before.x + before.width)
    foot = abs((before.y + before.height) - (piece.y + piece.height))
    head = abs(before.y - piece.y)
    return (
        large <= 1.6 * small
        and -0.2 * large <= gap <= 1.1 * large
        and min(foot, head) <= 0.15 * large
    )


def _box(line: list[_Piece], origin: tuple[int, int], shape: tuple[int, int]) -> Box:
    margin = 0.35 * max(p.height for p in line)
    rows, columns = shape
    return Box(
        round(max((origin[0] + min(p.x for p in line) - margin) / columns, 0.0), 4),
        round(max((origin[1] + min(p.y for p in line) - margin) / rows, 0.0), 4),
        round(min((origin[0] + max(p.x + p.width for p in line) + margin) / columns, 1.0), 4),
        round(min((origin[1] + max(p.y + p.height for p in line) + margin) / rows, 1.0), 4),
    )
