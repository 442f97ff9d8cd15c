"""Pixels kept round a ring: every one once, and where it belongs."""

from __future__ import annotations

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.ui.viewer.ring import area, overlap, pieces, uncovered

_RECTS = st.tuples(
    st.integers(-9, 9), st.integers(-9, 9), st.integers(1, 9), st.integers(1, 9)
).map(lambda r: (r[0], r[1], r[0] + r[2], r[1] + r[3]))


def _pixels(*rects: tuple[int, int, int, int]) -> list[tuple[int, int]]:
    return [(x, y) for x0, y0, x1, y1 in rects for x in range(x0, x1) for y in range(y0, y1)]


@given(_RECTS, st.tuples(st.integers(-50, 50), st.integers(-50, 50)))
def test_the_pieces_are_the_whole_each_pixel_where_it_is_kept(
    rect: tuple[int, int, int, int], origin: tuple[int, int]
) -> None:
    size = (9, 10)
    seen = []
    for (x0, y0, x1, y1), (kx0, ky0, kx1, ky1) in pieces(rect, origin, size):
        assert (x1 - x0, y1 - y0) == (kx1 - kx0, ky1 - ky0)
        assert 0 <= kx0 < kx1 <= size[1]
        assert 0 <= ky0 < ky1 <= size[0]
        assert (kx0, ky0) == ((x0 - origin[0]) % size[1], (y0 - origin[1]) % size[0])
        seen += _pixels((x0, y0, x1, y1))
    assert sorted(seen) == sorted(_pixels(rect))


@given(_RECTS, _RECTS)
def test_what_is_uncovered_and_the_overlap_are_the_whole(
    rect: tuple[int, int, int, int], other: tuple[int, int, int, int]
) -> None:
    both = overlap(rect, other)
    parts = uncovered(rect, other)
    seen = _pixels(*parts, *([both] if both else []))
    assert sorted(seen) == sorted(_pixels(rect))
    assert set(_pixels(*parts)).isdisjoint(_pixels(other))
    assert sum(map(area, parts)) == len(_pixels(*parts))


def test_a_ring_goes_round() -> None:
    kept = np.zeros((4, 5), int)
    for (x0, y0, x1, y1), (kx0, ky0, kx1, ky1) in pieces((3, 2, 8, 6), (3, 2), (4, 5)):
        kept[ky0:ky1, kx0:kx1] = [[10 * y + x for x in range(x0, x1)] for y in range(y0, y1)]
    assert kept[0, 0] == 23
    assert kept[3, 4] == 57
