"""Where the pixels of a picture that is being panned are kept.

A picture as large as the viewport is kept as if its left edge were glued to its right one and its
top to its bottom: a pan by whole pixels moves the origin and overwrites only what has left the
viewport.
"""

from __future__ import annotations

from collections.abc import Iterator

from stentviewer.ui.viewer.view_state import Rect


def pieces(rect: Rect, origin: tuple[int, int], size: tuple[int, int]) -> Iterator[Piece]:
    """The rect cut where it wraps round: at most four (part of the rect, where that is kept).

    Viewport pixel (x, y) is kept at column (x - origin x) mod width, row likewise; `size` is
    (rows, columns), no smaller than the rect.
    """
    x0, y0, x1, y1 = rect
    for top, bottom, kept_y in _spans(y0, y1, origin[1], size[0]):
        for left, right, kept_x in _spans(x0, x1, origin[0], size[1]):
            kept = (kept_x, kept_y, kept_x + right - left, kept_y + bottom - top)
            yield (left, top, right, bottom), kept


Piece = tuple[Rect, Rect]


def _spans(start: int, stop: int, origin: int, size: int) -> Iterator[tuple[int, int, int]]:
    kept = (start - origin) % size
    cut = min(stop, start + size - kept)
    if cut > start:
        yield start, cut, kept
    if stop > cut:
        yield cut, stop, 0


def overlap(one: Rect, other: Rect) -> Rect | None:
    """What both cover; None where that is nothing."""
    x0, y0 = max(one[0], other[0]), max(one[1], other[1])
    x1, y1 = min(one[2], other[2]), min(one[3], other[3])
    return (x0, y0, x1, y1) if x1 > x0 and y1 > y0 else None


def uncovered(rect: Rect, by: Rect) -> list[Rect]:
    """What of `rect` the other does not cover: up to four rectangles that do not overlap."""
    both = overlap(rect, by)
    if both is None:
        return [rect]
    x0, y0, x1, y1 = rect
    left, top, right, bottom = both
    parts = [
        (x0, y0, x1, top),
        (x0, bottom, x1, y1),
        (x0, top, left, bottom),
        (right, top, x1, bottom),
    ]
    return [part for part in parts if area(part)]


def area(rect: Rect) -> int:
    """Pixels."""
    return (rect[2] - rect[0]) * (rect[3] - rect[1])
