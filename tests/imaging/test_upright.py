"""A stent cut out of a picture stands upright, and what is not of the picture is black."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.types import Box
from stentviewer.imaging.upright import Axis, axis_of, cut

SHAPE = (100, 200)


def corners(angle: float, length: float, wide: float = 6.0) -> tuple[tuple[float, float], ...]:
    """Around the middle of a picture of `SHAPE`, the first two at the end that the angle names."""
    up = np.array([math.sin(angle), -math.cos(angle)])
    right = np.array([-up[1], up[0]])
    middle = np.array([SHAPE[1] / 2, SHAPE[0] / 2])
    places = [
        middle + up * length / 2 * end + right * wide / 2 * side
        for end, side in ((1, -1), (1, 1), (-1, 1), (-1, -1))
    ]
    return tuple((float(x / SHAPE[1]), float(y / SHAPE[0])) for x, y in places)


@given(st.floats(-math.pi, math.pi), st.floats(5, 90))
def test_the_axis_runs_to_the_higher_end(angle: float, length: float) -> None:
    axis = axis_of(corners(angle, length), None, SHAPE)
    assert axis is not None
    assert axis.length == pytest.approx(length, rel=1e-6)
    assert axis.middle == pytest.approx((100, 50))
    assert math.hypot(*axis.up) == pytest.approx(1)
    assert axis.up[1] <= 1e-9, "upwards"
    across = abs(axis.up[0] * math.cos(angle) + axis.up[1] * math.sin(angle))
    assert across < 1e-6, "along the stent"


def test_a_box_alone_stands_as_the_picture_does() -> None:
    axis = axis_of((), Box(0.25, 0.2, 0.35, 0.8), SHAPE)
    assert axis == Axis(pytest.approx((60, 50)), (0.0, -1.0), pytest.approx(60), is_turned=False)


@pytest.mark.parametrize("box", [None, Box(0.5, 0.5, 0.5, 0.5)])
def test_without_a_place_there_is_no_axis(box: Box | None) -> None:
    assert axis_of((), box, SHAPE) is None
    assert axis_of(((0.5, 0.5),) * 4, None, SHAPE) is None


def test_at_one_to_one_an_upright_cut_is_the_picture_itself() -> None:
    grey = np.random.default_rng(1).integers(0, 256, SHAPE).astype(np.uint8)
    made = cut(grey, Axis((100, 50), (0, -1), 40, is_turned=True), 1.0, (40, 20))
    expected = grey[30:70, 90:110].astype(float)
    low, high = np.percentile(expected, (0.5, 99.5))
    scaled = np.clip((expected - low) / (high - low), 0, 1) * 255
    assert np.abs(made - scaled).max() <= 1.5


def test_a_cut_lying_on_its_side_is_the_picture_turned() -> None:
    grey = np.random.default_rng(2).integers(0, 256, SHAPE).astype(np.uint8)
    upright = cut(grey, Axis((100, 50), (0, -1), 40, is_turned=True), 1.0, (40, 40))
    lying = cut(grey, Axis((100, 50), (1, 0), 40, is_turned=True), 1.0, (40, 40))
    assert np.abs(lying.astype(int) - np.rot90(upright).astype(int)).max() <= 1


def test_what_is_outside_is_black_and_does_not_count_for_the_contrast() -> None:
    grey = np.full(SHAPE, 100, np.uint8)
    grey[:, :5] = 110
    made = cut(grey, Axis((5, 50), (0, -1), 40, is_turned=True), 1.0, (40, 40))
    assert not made[:, :14].any()
    assert made[:, 16:19].min() == 255
    far = cut(grey, Axis((900, 900), (0, -1), 40, is_turned=True), 1.0, (40, 40))
    assert not far.any()


def test_fine_wires_are_averaged_and_not_skipped_where_a_cut_is_smaller() -> None:
    grey = np.zeros((400, 400), np.uint8)
    grey[:, ::8] = 200  # a wire every eight pixels
    made = cut(grey, Axis((200, 200), (0, -1), 300, is_turned=True), 4.0, (80, 80))
    middle = made[40].astype(float)
    assert len(np.unique(np.round(middle[10:70], -1))) <= 4, "a regular pattern stays regular"
