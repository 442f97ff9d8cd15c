"""How much of the heat lies on the stent, and what the checks say together."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentviewer.core.jobs import JobContext
from stentviewer.core.types import Box, Finding, HeatMap
from stentviewer.explain.cam import class_map
from stentviewer.explain.checks import (
    ON_STENT,
    PASSES,
    STABLE,
    WIDER,
    Check,
    Seen,
    Verdict,
    check_finding,
    check_map,
    judged,
    share_in_outline,
    share_inside,
    widened,
    words,
)
from stentviewer.explain.deletion import Hidden
from stentviewer.explain.hiding import Passes
from tests.explain.formulas import LooksAt, chequered

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


@settings(deadline=None)
@given(st.integers(1, 9), st.integers(1, 9), st.floats(0, 1), st.integers(0, 99))
def test_two_halves_make_the_whole(rows, columns, cut, seed):
    values = np.random.default_rng(seed).random((rows, columns)) + 0.01
    left, right = (share_inside(heat(values), b) for b in (Box(0, 0, cut, 1), Box(cut, 0, 1, 1)))
    assert left + right == pytest.approx(1, abs=1e-5)


def test_even_heat_is_shared_by_area():
    assert share_inside(heat(np.ones((7, 5))), Box(0.1, 0.2, 0.4, 0.9)) == pytest.approx(0.21)


# an outline along the stent's axis


def turned(angle: float, length: float = 0.4, width: float = 0.1, aspect: float = 1.0):
    """A box about the middle, its axis turned from upright, as corners in image fractions."""
    u = np.array([np.sin(angle), np.cos(angle)]) * length / 2
    v = np.array([np.cos(angle), -np.sin(angle)]) * width / 2
    corners = (-u - v, -u + v, u + v, u - v)
    return tuple((0.5 + x / aspect, 0.5 + y) for x, y in corners)


@settings(deadline=None)
@given(st.floats(0, 3.1))
def test_even_heat_is_shared_by_an_outlines_area(angle):
    share = share_in_outline(heat(np.ones((9, 7))), turned(angle))
    assert share == pytest.approx(0.04, abs=0.004)


def test_heat_along_a_slanting_stent_is_on_its_outline_and_not_in_its_boxs_corners():
    values = np.zeros((64, 64), np.float32)
    for step in np.linspace(-0.18, 0.18, 200):
        values[int(64 * (0.5 + step * 0.7071)), int(64 * (0.5 + step * 0.7071))] = 1
    outline = turned(np.pi / 4)
    assert share_in_outline(heat(values), outline) > 0.95
    corner = np.zeros((64, 64), np.float32)
    corner[22:26, 38:42] = 1  # inside the upright box around it, outside the stent
    box = Box(*np.min(outline, axis=0), *np.max(outline, axis=0))
    assert share_inside(heat(corner), box) == pytest.approx(1)
    assert share_in_outline(heat(corner), outline) == 0


def test_an_outline_without_heat_has_no_share():
    assert share_in_outline(heat(np.zeros((3, 3))), turned(0.3)) == 0


@pytest.mark.parametrize("aspect", [1.0, 1.5, 0.6])
@pytest.mark.parametrize("angle", [0.0, 0.4, 2.0])
def test_a_wider_outline_is_wider_by_a_twentieth_of_the_length_on_all_sides(angle, aspect):
    wide = np.array(widened(turned(angle, aspect=aspect), aspect)) * (aspect, 1)
    across, along = wide[1] - wide[0], wide[2] - wide[1]
    assert np.hypot(*across) == pytest.approx(0.1 + 2 * WIDER * 0.4)
    assert np.hypot(*along) == pytest.approx(0.4 + 2 * WIDER * 0.4)
    assert along @ across == pytest.approx(0, abs=1e-9)
    assert wide.mean(axis=0) == pytest.approx([0.5 * aspect, 0.5])


# the verdict


UPRIGHT, AROUND = turned(0.0), Box(0.4, 0.2, 0.6, 0.8)


def found(values: np.ndarray, outline=UPRIGHT):
    return Finding("EGIS", 0.9, (), ("EGIS",), False, AROUND, outline, heat=heat(values))


def spot(x: float, y: float) -> np.ndarray:
    values = np.zeros((20, 20), np.float32)
    values[int(20 * y), int(20 * x)] = 1
    return values


def test_heat_on_the_stent_is_ok_and_said():
    check = check_finding(found(spot(0.5, 0.5)), 1.0)
    assert (check.verdict, check.share) == (Verdict.OK, pytest.approx(1))
    assert words(check) == "Heat on the stent 100 %."


def test_heat_off_the_stent_is_amber_and_says_why():
    check = check_finding(found(spot(0.1, 0.9)), 1.0)
    assert (check.verdict, check.share) == (Verdict.AMBER, 0)
    assert words(check).startswith("Check the heat map: Only 0 % of the heat lies on the stent")


def test_a_box_drawn_around_the_heat_proves_nothing():
    check = check_finding(found(spot(0.5, 0.5), outline=()), 1.0)
    assert check.verdict is Verdict.UNKNOWN
    assert not check.is_own_place
    assert "around the heat itself" in check.reasons[0]
    assert words(check) == "Heat in the box drawn around it 100 %."
    off = judged(0.1, is_own_place=False)
    assert off.verdict is Verdict.UNKNOWN  # nor does a low share there speak against it


def test_no_map_and_no_heat_are_said():
    check = check_finding(replace(found(spot(0.5, 0.5)), heat=None), 1.0)
    assert (check.verdict, check.share) == (Verdict.UNKNOWN, None)
    assert "no heat map" in words(check)
    check = check_finding(found(np.zeros((4, 4))), 1.0)
    assert (check.verdict, check.share) == (Verdict.UNKNOWN, None)
    assert "empty" in words(check)


def test_an_empty_map_is_not_judged_by_the_order_of_nothing():
    check = full((0, 0))
    assert (check.verdict, check.share, check.curves) == (Verdict.UNKNOWN, None, None)
    assert "empty" in check.reasons[0]


ON, BESIDE = slice(24, 72), slice(40, 56)
OUTLINE = ((40 / 96, 24 / 96), (56 / 96, 24 / 96), (56 / 96, 72 / 96), (40 / 96, 72 / 96))


def full(weights: tuple[float, float], outline=OUTLINE) -> Check:
    """A network that looks at the stent, its map made of these weights."""
    network = LooksAt(ON, BESIDE)
    passes = Passes(network, JobContext(), PASSES)
    hidden = Hidden(chequered(), 1, 1.0, passes)
    row = np.array(weights, np.float32)
    made = check_map(
        Seen(chequered(), outline),
        lambda tensor: class_map(passes.run(tensor).activation, row),
        hidden,
    )
    assert network.runs == PASSES
    return made[1]


def test_a_true_map_of_a_network_that_looks_at_the_stent_passes_every_question():
    check = full((1, 0))
    assert check.verdict is Verdict.OK
    assert check.beats_random
    assert check.share > 0.95
    assert check.deletion < 0.5 < check.random_deletion
    assert check.insertion > 0.5
    assert check.stable > STABLE
    assert check.is_full
    assert "hiding the hottest places lowers the probability" in words(check)


def test_a_map_beside_the_device_turns_amber_twice():
    check = full((0, 1))
    assert check.verdict is Verdict.AMBER
    assert check.share < 0.2
    assert check.beats_random is False
    assert len(check.reasons) == 2
    assert "lies on the stent" in check.reasons[0]
    assert "random ones" in check.reasons[1]


def test_without_a_place_of_its_own_deletion_alone_decides():
    assert full((1, 0), ()).verdict is Verdict.OK
    assert "this model does not say" in full((1, 0), ()).reasons[0]
    amber = full((0, 1), ())
    assert (amber.verdict, len(amber.reasons), amber.share) == (Verdict.AMBER, 1, None)


def test_a_map_that_moves_is_amber():
    check = judged(0.9, None, 0.1)
    assert check.verdict is Verdict.AMBER
    assert "10 %" in check.reasons[0]
    assert judged(0.9, None, STABLE).verdict is Verdict.OK
    assert judged(ON_STENT).verdict is Verdict.OK
