"""Planes in the patient: there and back, where they meet, and what stands at their edges."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.imaging.geometry import (
    PlaneGeometry,
    Segment,
    edge_letters,
    letters_of,
    square_axes,
    turned,
)

AXIAL = PlaneGeometry(
    (-250.0, -250.0, 100.0), (1.0, 0.0, 0.0), (0.0, 1.0, 0.0), (1.0, 1.0), 500, 500, "1.2"
)
SAGITTAL = PlaneGeometry(
    (0.0, -250.0, 200.0), (0.0, 1.0, 0.0), (0.0, 0.0, -1.0), (2.0, 1.0), 100, 500, "1.2"
)


@st.composite
def planes(draw: st.DrawFn) -> PlaneGeometry:
    a, b, c = (draw(st.floats(-math.pi, math.pi)) for _ in range(3))
    turn = np.eye(3)
    for angle, (i, j) in zip((a, b, c), ((0, 1), (1, 2), (0, 2)), strict=True):
        one = np.eye(3)
        one[i, i] = one[j, j] = math.cos(angle)
        one[i, j], one[j, i] = -math.sin(angle), math.sin(angle)
        turn = turn @ one
    axes = square_axes([*turn[0], *turn[1]])
    assert axes is not None
    numbers = st.floats(-1e3, 1e3)
    spacing = st.floats(0.05, 10)
    return PlaneGeometry(
        draw(st.tuples(numbers, numbers, numbers)),
        *axes,
        draw(st.tuples(spacing, spacing)),
        draw(st.integers(1, 1000)),
        draw(st.integers(1, 1000)),
        "1.2",
    )


class TestPlane:
    def test_the_origin_is_the_middle_of_the_first_pixel(self) -> None:
        assert AXIAL.to_patient((0.5, 0.5)) == (-250.0, -250.0, 100.0)
        assert SAGITTAL.to_patient((0.5, 10.5)) == (0.0, -250.0, 180.0)

    @given(planes(), st.floats(-2000, 2000), st.floats(-2000, 2000))
    def test_an_image_point_comes_back(self, plane: PlaneGeometry, x: float, y: float) -> None:
        position = plane.to_patient((x, y))
        assert plane.to_image(position) == pytest.approx((x, y), abs=1e-6)
        assert plane.distance_mm(position) == pytest.approx(0.0, abs=1e-6)

    @given(planes(), st.floats(-300, 300))
    def test_a_point_off_the_plane_has_its_foot_on_it(
        self, plane: PlaneGeometry, off: float
    ) -> None:
        foot = plane.to_patient((7.0, 9.0))
        position = tuple(f + off * n for f, n in zip(foot, plane.normal, strict=True))
        assert plane.to_image(position) == pytest.approx((7.0, 9.0), abs=1e-6)
        assert plane.distance_mm(position) == pytest.approx(off, abs=1e-6)

    @pytest.mark.parametrize(
        "wrong",
        [
            {"origin": (math.nan, 0.0, 0.0)},
            {"row_direction": (1.0, 0.1, 0.0)},
            {"column_direction": (math.sqrt(0.5), math.sqrt(0.5), 0.0)},
            {"spacing_mm": (0.0, 1.0)},
            {"spacing_mm": (1.0, math.inf)},
            {"rows": 0},
        ],
    )
    def test_what_is_no_plane_is_refused(self, wrong: dict[str, object]) -> None:
        with pytest.raises(ValueError, match=r"."):
            replace(AXIAL, **wrong)


class TestCut:
    def test_a_sagittal_image_cuts_an_axial_one_in_its_middle_column(self) -> None:
        # x = 0 mm is column 250.5; the sagittal image reaches all of y
        assert _ends(AXIAL.cut_by(SAGITTAL)) == [(250.5, 0.0), (250.5, 500.0)]

    def test_an_axial_image_cuts_a_sagittal_one_in_a_row(self) -> None:
        # z = 100 is 100 mm below row 0's 200, at 2 mm a row: row 50
        assert _ends(SAGITTAL.cut_by(AXIAL)) == [(0.0, 50.5), (500.0, 50.5)]

    def test_the_line_ends_where_the_other_image_does(self) -> None:
        short = replace(SAGITTAL, columns=100)
        assert _ends(AXIAL.cut_by(short)) == [(250.5, 0.0), (250.5, 100.0)]

    def test_images_that_do_not_reach_each_other_do_not_cut(self) -> None:
        assert AXIAL.cut_by(replace(SAGITTAL, origin=(0.0, -250.0, 90.0))) is None
        assert AXIAL.cut_by(replace(SAGITTAL, origin=(300.0, -250.0, 200.0))) is None

    def test_parallel_images_do_not_cut(self) -> None:
        assert AXIAL.cut_by(replace(AXIAL, origin=(-250.0, -250.0, 110.0))) is None

    @pytest.mark.parametrize("uid", ["", "1.3"])
    def test_images_of_other_frames_of_reference_are_not_compared(self, uid: str) -> None:
        assert AXIAL.cut_by(replace(SAGITTAL, frame_of_reference=uid)) is None

    @given(planes(), planes())
    def test_a_cut_lies_on_both_planes_and_in_both_images(
        self, one: PlaneGeometry, other: PlaneGeometry
    ) -> None:
        cut = one.cut_by(other)
        if cut is None:
            return
        for x, y in (cut.start, cut.end):
            assert -1e-6 <= x <= one.columns + 1e-6
            assert -1e-6 <= y <= one.rows + 1e-6
            position = one.to_patient((x, y))
            tolerance = 1e-4 * max(1.0, *map(abs, position))
            assert other.distance_mm(position) == pytest.approx(0.0, abs=tolerance)
            across, down = other.to_image(position)
            near = tolerance / min(other.spacing_mm)
            assert -near <= across <= other.columns + near
            assert -near <= down <= other.rows + near


def _ends(cut: Segment | None) -> list[tuple[float, float]]:
    assert cut is not None
    return sorted((round(x, 9), round(y, 9)) for x, y in (cut.start, cut.end))


class TestLetters:
    def test_an_axial_slice_has_right_at_its_left(self) -> None:
        assert edge_letters((1, 0, 0), (0, 1, 0)) == ("R", "L", "A", "P")

    def test_a_sagittal_one_has_the_head_on_top(self) -> None:
        assert edge_letters((0, 1, 0), (0, 0, -1)) == ("A", "P", "H", "F")

    def test_an_oblique_direction_has_two_letters_the_nearer_first(self) -> None:
        assert letters_of((math.cos(0.4), -math.sin(0.4), 0.0)) == "LA"
        assert edge_letters((math.cos(0.4), -math.sin(0.4), 0.0), (0, 0, -1))[0] == "RP"

    def test_a_slight_slant_gets_no_second_letter(self) -> None:
        assert letters_of((math.cos(0.1), -math.sin(0.1), 0.0)) == "L"

    def test_a_radiograph_states_them(self) -> None:
        assert edge_letters("L", "F") == ("R", "L", "H", "F")
        assert edge_letters("PL", "F") == ("AR", "PL", "H", "F")
        assert edge_letters("", "") == ("", "", "", "")

    def test_mirroring_swaps_the_sides(self) -> None:
        assert turned(("R", "L", "A", "P"), 0, mirrored=True) == ("L", "R", "A", "P")

    def test_a_quarter_turn_clockwise_brings_the_left_edge_to_the_top(self) -> None:
        assert turned(("R", "L", "A", "P"), 1) == ("P", "A", "R", "L")

    def test_mirroring_comes_before_turning(self) -> None:
        assert turned(("R", "L", "A", "P"), 1, mirrored=True) == ("P", "A", "L", "R")

    @given(st.integers(-8, 8))
    def test_four_turns_are_none(self, turns: int) -> None:
        letters = ("R", "L", "A", "P")
        assert turned(turned(letters, turns), -turns) == letters
        assert turned(letters, turns + 4) == turned(letters, turns)


class TestSquareAxes:
    def test_rounded_cosines_are_made_square(self) -> None:
        axes = square_axes([0.9998, 0.0001, 0.0, 0.0, 0.9397, -0.342])
        assert axes is not None
        row, column = (np.array(one) for one in axes)
        assert np.linalg.norm(row) == pytest.approx(1, abs=1e-12)
        assert np.linalg.norm(column) == pytest.approx(1, abs=1e-12)
        assert row @ column == pytest.approx(0, abs=1e-12)

    @pytest.mark.parametrize(
        "cosines", [[], [1.0, 0, 0], [0.0] * 6, [1, 0, 0, 1, 0, 0], [1, 0, 0, 0, math.nan, 0]]
    )
    def test_what_is_no_orientation_is_none(self, cosines: list[float]) -> None:
        assert square_axes(cosines) is None
