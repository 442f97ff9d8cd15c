"""How far two maps point to the same places, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.types import Box, HeatMap
from stentviewer.explain.agreement import agreement

WHOLE = Box(0, 0, 1, 1)


def heat(values: object, extent: Box = WHOLE) -> HeatMap:
    return HeatMap(np.array(values, np.float32), extent, "Grad-CAM")


def hill(x: float, y: float, rows: int = 32, columns: int = 32) -> np.ndarray:
    down, across = np.mgrid[0:rows, 0:columns]
    return np.exp(-((down / rows - y) ** 2 + (across / columns - x) ** 2) / 0.02)


def test_a_map_agrees_with_itself_whatever_its_scale():
    one = agreement(heat(hill(0.3, 0.6)), heat(hill(0.3, 0.6) * 0.4))
    assert one is not None
    assert one.overlap == pytest.approx(1)
    assert one.ranks == pytest.approx(1, abs=1e-6)


def test_the_same_place_in_maps_of_other_sizes_and_extents_is_the_same_place():
    fine = heat(hill(0.3, 0.6, 60, 60))
    padded = np.zeros((60, 120))
    padded[:, 30:90] = hill(0.3, 0.6, 60, 60)
    one = agreement(fine, heat(padded, Box(-0.5, 0, 1.5, 1)))
    assert one is not None
    assert one.overlap > 0.95
    assert one.ranks > 0.99


def test_places_apart_share_nothing():
    one = agreement(heat(hill(0.2, 0.2)), heat(hill(0.8, 0.8)))
    assert one is not None
    assert one.overlap == 0
    assert one.ranks < 0


def test_a_gradient_across_another_agrees_by_chance():
    across = np.tile(np.arange(64.0), (64, 1))
    one = agreement(heat(across), heat(across.T))
    assert one is not None
    assert one.overlap == pytest.approx(0.1, abs=0.03)
    assert one.ranks == pytest.approx(0, abs=1e-6)


def test_a_map_turned_over_ranks_the_other_way():
    across = np.tile(np.arange(64.0), (64, 1))
    one = agreement(heat(across), heat(across[:, ::-1]))
    assert one is not None
    assert one.ranks == pytest.approx(-1)
    assert one.overlap == 0


def test_an_empty_map_or_another_place_cannot_be_compared():
    assert agreement(heat(np.zeros((4, 4))), heat(hill(0.5, 0.5))) is None
    left, right = Box(0, 0, 0.4, 1), Box(0.6, 0, 1, 1)
    assert agreement(heat(hill(0.5, 0.5), left), heat(hill(0.5, 0.5), right)) is None
    assert agreement(heat(np.ones((4, 4))), heat(hill(0.5, 0.5))) is None


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 999))
def test_it_is_the_same_both_ways_and_within_its_limits(rows, columns, seed):
    random = np.random.default_rng(seed)
    a, b = heat(random.random((rows, columns))), heat(random.random((columns, rows)))
    one, two = agreement(a, b), agreement(b, a)
    if one is None or two is None:
        assert one is two is None
        return
    assert one.overlap == pytest.approx(two.overlap)
    assert one.ranks == pytest.approx(two.ranks)
    assert 0 <= one.overlap <= 1
    assert -1.0001 <= one.ranks <= 1.0001
