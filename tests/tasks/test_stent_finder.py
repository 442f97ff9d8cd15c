"""The finder's map taken apart into stents."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentviewer.core.types import Box
from stentviewer.tasks.stent_finder import CHANNELS, MOST, STRIDE, Found, stents_of

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
CELLS = 64
SIDE = CELLS * STRIDE


def map_of(*boxes: tuple[float, float, float, float, float], chance: float = 4.0) -> np.ndarray:
    """What a perfect finder says of boxes (both ends x, y, and the width) in the square."""
    found = np.zeros((CHANNELS, CELLS, CELLS), np.float32)
    found[0] = -8
    for x0, y0, x1, y1, width in boxes:
        middle = np.array([x0 + x1, y0 + y1]) / 2
        column, row = np.floor(middle / STRIDE).astype(int)
        half = np.array([x1 - x0, y1 - y0]) / 2
        length, turn = np.hypot(*half), 2 * np.arctan2(half[1], half[0])
        offset = middle - (np.array([column, row]) + 0.5) * STRIDE
        found[:, row, column] = [
            chance, length * np.cos(turn), length * np.sin(turn), width, *offset
        ]  # fmt: skip
    return found


@given(
    middle=st.tuples(st.floats(80, 432), st.floats(80, 432)),
    turn=st.floats(0, np.pi),
    length=st.floats(40, 150),
    width=st.floats(8, 40),
)
@settings(max_examples=60, deadline=None)
def test_a_stent_comes_back_as_it_lies(middle, turn, length, width) -> None:
    half = length / 2 * np.array([np.cos(turn), np.sin(turn)])
    ends = np.concatenate([middle - half, middle + half])
    (one,) = stents_of(map_of((*ends, width)), WHOLE, (SIDE, SIDE), 0.5)
    told = sorted(one.ends)
    true = sorted([tuple(ends[:2]), tuple(ends[2:])])
    # Ends at the same height may swap their order; both orders are the same stent.
    gap = min(np.abs(np.array(told) - true).max(), np.abs(np.array(told[::-1]) - true).max())
    assert gap < 0.01
    assert one.width == pytest.approx(width, rel=1e-3)
    assert one.length == pytest.approx(length, rel=1e-3)


def test_the_extent_and_the_images_own_scale_are_obeyed() -> None:
    """A wide image letterboxed: the square reaches above and below it."""
    extent = Box(0.0, -0.5, 1.0, 1.5)  # 1000 × 500 pixels in a square
    (one,) = stents_of(map_of((100, 256, 200, 256, 20)), extent, (500, 1000), 0.5)
    scale = 1000 / SIDE
    assert np.array(one.ends) == pytest.approx(
        np.array([[100, 256 - 128], [200, 256 - 128]]) * scale, abs=0.5
    )
    assert one.width == pytest.approx(20 * scale, abs=0.1)


def test_two_that_cross_are_two_and_two_peaks_of_one_are_one() -> None:
    crossing = map_of((100, 100, 300, 100, 20), (180, 40, 180, 200, 20))
    assert len(stents_of(crossing, WHOLE, (SIDE, SIDE), 0.5)) == 2
    twice = map_of((100, 100, 300, 100, 20), (118, 102, 318, 102, 20))
    assert len(stents_of(twice, WHOLE, (SIDE, SIDE), 0.5)) == 1


def test_nothing_below_the_least_presence_and_never_more_than_are_read() -> None:
    faint = map_of((100, 100, 300, 100, 20), chance=-1.0)
    assert stents_of(faint, WHOLE, (SIDE, SIDE), 0.5) == ()
    assert len(stents_of(faint, WHOLE, (SIDE, SIDE), 0.2)) == 1
    many = map_of(*[(20 + 40 * k, 100 + 30 * j, 20 + 40 * k, 122 + 30 * j, 9)
                    for k in range(4) for j in range(4)])  # fmt: skip
    assert len(stents_of(many, WHOLE, (SIDE, SIDE), 0.5)) == MOST


def test_a_map_of_anything_gives_finite_boxes() -> None:
    rng = np.random.default_rng(3)
    wild = rng.normal(0, 1e4, (CHANNELS, 16, 16)).astype(np.float32)
    for one in stents_of(wild, WHOLE, (128, 128), 0.5):
        assert np.isfinite(one.corners).all()
        assert one.width > 0


def test_the_corners_go_round_the_box() -> None:
    found = Found(1.0, ((10.0, 20.0), (10.0, 60.0)), 8.0)
    corners = found.corners
    assert found.length == 40
    assert corners[:2, 1].tolist() == [20, 20]
    edges = np.hypot(*(np.roll(corners, -1, axis=0) - corners).T)
    assert edges.tolist() == [8, 40, 8, 40]
