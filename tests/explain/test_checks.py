"""How much of the heat lies inside a box."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.types import Box, HeatMap
from stentviewer.explain.checks import share_inside

WHOLE = Box(0, 0, 1, 1)


def heat(values: object, extent: Box = WHOLE) -> HeatMap:
    return HeatMap(np.array(values, np.float32), extent, "Grad-CAM")


def test_cells_count_by_the_area_that_is_covered():
    one = heat([[0, 0], [0, 1]])
    assert share_inside(one, Box(0.5, 0.5, 1, 1)) == pytest.approx(1)
    assert share_inside(one, Box(0.75, 0.5, 1, 1)) == pytest.approx(0.5)
    assert share_inside(one, Box(0, 0, 0.75, 0.75)) == pytest.approx(0.25)
    assert share_inside(one, Box(0, 0, 0.5, 0.5)) == 0


def test_heat_over_padding_is_outside():
    padded = heat([[1], [1], [1], [1]], Box(0, -0.5, 1, 1.5))
    assert share_inside(padded, WHOLE) == pytest.approx(0.5)
    assert share_inside(padded, Box(-1, -1, 2, 2)) == pytest.approx(0.5)


def test_no_heat_has_no_share():
    assert share_inside(heat([[0, 0]]), WHOLE) == 0


@given(st.integers(1, 9), st.integers(1, 9), st.floats(0, 1), st.integers(0, 99))
def test_two_halves_make_the_whole(rows, columns, cut, seed):
    values = np.random.default_rng(seed).random((rows, columns)) + 0.01
    left, right = (share_inside(heat(values), b) for b in (Box(0, 0, cut, 1), Box(cut, 0, 1, 1)))
    assert left + right == pytest.approx(1, abs=1e-5)


def test_even_heat_is_shared_by_area():
    assert share_inside(heat(np.ones((7, 5))), Box(0.1, 0.2, 0.4, 0.9)) == pytest.approx(0.21)
