"""Sagittal and coronal pictures: every value is where the patient has it, or is none at all."""

from __future__ import annotations

import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stentviewer.core.types import Plane, SpacingKind
from stentviewer.imaging.series import read_series
from stentviewer.imaging.volume import Volume
from tests.imaging.stacks import (
    CORONAL,
    SAGITTAL,
    Slice,
    at,
    but,
    straight,
    tilted,
    value_at,
    write_stack,
)

ROUNDED = 1.01  # stored values are rounded, and so is what is interpolated between them
REFORMATS = (Plane.SAGITTAL, Plane.CORONAL)


def _read(folder: Path, slices: list[Slice]) -> Volume:
    return read_series(write_stack(folder, slices))


def _check_values(volume: Volume, plane: Plane, tolerance: float, least: float) -> None:
    """Every value of every picture is that of its place; at least so large a share is one."""
    radiograph = volume.radiograph(plane)
    seen = 0
    assert len(radiograph.frames) == radiograph.header.frames == volume.frames(plane)
    for frame in range(len(radiograph.frames)):
        stored = radiograph.frames[frame]
        assert stored.shape == (radiograph.header.rows, radiograph.header.columns)
        assert stored.dtype == radiograph.stored_dtype
        geometry = volume.geometry(plane, frame)
        rows, columns = np.mgrid[: stored.shape[0], : stored.shape[1]] + 0.5
        places = np.array(
            [geometry.to_patient((x, y)) for x, y in zip(columns.flat, rows.flat, strict=True)]
        )
        expected = value_at(places).reshape(stored.shape)
        low, high = radiograph.padding or (1, 0)
        there = (stored < low) | (stored > high)
        seen += int(there.sum())
        away = np.abs(radiograph.modality_values(frame) - expected)[there]
        assert away.max(initial=0.0) <= tolerance
    size = radiograph.header.rows * radiograph.header.columns * len(radiograph.frames)
    assert seen >= least * size


class TestEven:
    @pytest.mark.parametrize("plane", REFORMATS)
    def test_values_are_the_stored_ones(self, tmp_path: Path, plane: Plane) -> None:
        volume = _read(tmp_path, straight(7))
        assert volume.lattice.is_plain
        _check_values(volume, plane, 0.0, 1.0)
        assert volume.radiograph(plane).fidelity == ("reformatted",)

    def test_a_sagittal_picture_has_the_head_up_and_the_front_to_the_left(
        self, tmp_path: Path
    ) -> None:
        volume = _read(tmp_path, straight(7))
        sagittal = volume.radiograph(Plane.SAGITTAL)
        assert sagittal.orientation == ("P", "F")
        assert (sagittal.header.rows, sagittal.header.columns, sagittal.header.frames) == (7, 8, 6)
        assert sagittal.spacing.kind is SpacingKind.PATIENT
        assert sagittal.spacing.mm == (3.0, 1.0)
        assert sagittal.pixel_aspect == 3.0
        assert sagittal.positions_mm == (-5.0, -3.0, -1.0, 1.0, 3.0, 5.0)

    def test_a_coronal_picture_has_the_patients_right_to_the_left(self, tmp_path: Path) -> None:
        coronal = _read(tmp_path, straight(7)).radiograph(Plane.CORONAL)
        assert coronal.orientation == ("L", "F")
        assert (coronal.header.rows, coronal.header.columns, coronal.header.frames) == (7, 6, 8)
        assert coronal.spacing.mm == (3.0, 2.0)
        assert coronal.positions_mm[0] == -4.0

    @pytest.mark.parametrize(
        "axes",
        [
            ((-1.0, 0.0, 0.0), (0.0, 1.0, 0.0)),  # feet first
            ((-1.0, 0.0, 0.0), (0.0, -1.0, 0.0)),  # prone
            ((0.0, 1.0, 0.0), (-1.0, 0.0, 0.0)),  # on the side
        ],
    )
    def test_however_the_patient_lay(self, tmp_path: Path, axes: tuple) -> None:  # type: ignore[type-arg]
        slices = [Slice((0.0, 0.0, 3.0 * i), axes=axes) for i in range(5)]
        volume = _read(tmp_path, slices)
        for plane, letters in zip(REFORMATS, (("P", "F"), ("L", "F")), strict=True):
            assert volume.radiograph(plane).orientation == letters
            _check_values(volume, plane, 0.0, 1.0)

    def test_what_was_acquired_sagittal_is_reformatted_axial_and_coronal(
        self, tmp_path: Path
    ) -> None:
        slices = [Slice((2.0 * i, 0.0, 0.0), axes=SAGITTAL) for i in range(5)]
        volume = _read(tmp_path, slices)
        names = [volume.orientation(plane) for plane in Plane]
        assert names == ["sagittal", "axial", "coronal"]
        assert volume.radiograph(Plane.SAGITTAL).orientation == ("L", "P")
        assert volume.radiograph(Plane.CORONAL).orientation == ("L", "F")
        for plane in REFORMATS:
            _check_values(volume, plane, 0.0, 1.0)

    def test_what_was_acquired_coronal_is_reformatted_sagittal_and_axial(
        self, tmp_path: Path
    ) -> None:
        slices = [Slice((0.0, 2.0 * i, 0.0), axes=CORONAL) for i in range(5)]
        volume = _read(tmp_path, slices)
        assert [volume.orientation(plane) for plane in Plane] == ["coronal", "sagittal", "axial"]
        for plane in REFORMATS:
            _check_values(volume, plane, 0.0, 1.0)

    def test_rounded_positions_are_even(self, tmp_path: Path) -> None:
        volume = _read(tmp_path, at([30.0, 27.01, 23.99, 21.0, 18.0]))
        assert volume.notes == ()
        assert volume.lattice.is_plain


class TestGaps:
    def test_missing_slices_are_black_and_said(self, tmp_path: Path) -> None:
        volume = _read(tmp_path, at([30.0, 27.0, 24.0, 15.0, 12.0]))
        assert volume.notes == (
            "Slices are missing: 9.0 mm after slice 3. Reformats are black there.",
        )
        coronal = volume.radiograph(Plane.CORONAL)
        assert coronal.fidelity == ("reformatted", "gaps left black")
        assert coronal.header.rows == 7
        picture = coronal.frames[0]
        assert (picture[3:5] == -(2**15)).all()
        assert coronal.padding == (-(2**15), -(2**15))
        for plane in REFORMATS:
            _check_values(volume, plane, 0.0, 5 / 7)

    def test_the_files_own_padding_fills_them_where_there_is_one(self, tmp_path: Path) -> None:
        slices = [but(one, PixelPaddingValue=-2000) for one in at([30.0, 27.0, 24.0, 15.0, 12.0])]
        picture = _read(tmp_path, slices).radiograph(Plane.SAGITTAL).frames[0]
        assert (picture[3:5] == -2000).all()

    def test_several_gaps(self, tmp_path: Path) -> None:
        volume = _read(tmp_path, at([30.0, 27.0, 24.0, 18.0, 15.0, 12.0, 3.0]))
        assert volume.notes[0].startswith("Slices are missing at 2 places, up to 9.0 mm")

    def test_thick_slices_far_apart_are_no_gap(self, tmp_path: Path) -> None:
        slices = [but(one, SliceThickness="6") for one in at([30.0, 27.0, 24.0, 21.0, 15.0, 9.0])]
        volume = _read(tmp_path, slices)
        assert volume.notes[0].startswith("The slices are unevenly spaced, 3.00 to 6.00 mm apart")
        _check_values(volume, Plane.CORONAL, ROUNDED, 1.0)


class TestUneven:
    def test_lines_lie_at_their_true_place_between_slices(self, tmp_path: Path) -> None:
        volume = _read(tmp_path, at([30.0, 27.2, 23.9, 21.0, 17.5, 15.0]))
        assert "interpolated" in volume.notes[0]
        assert "interpolated between slices" in volume.radiograph(Plane.CORONAL).fidelity
        for plane in REFORMATS:
            _check_values(volume, plane, ROUNDED, 1.0)

    @given(st.lists(st.floats(1.0, 3.0), min_size=3, max_size=10))
    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_however_they_are_spaced(self, tmp_path: Path, steps: list[float]) -> None:
        heights = [round(float(z), 4) for z in 40.0 - np.cumsum([0.0, *steps])]
        volume = _read(tmp_path, at(heights))
        assert volume.lattice.is_plain or volume.notes
        within = 5.0 * 0.5 * volume.lattice.step_mm  # no value from further than half a line
        _check_values(volume, Plane.SAGITTAL, ROUNDED + within, 0.2)


class TestTilt:
    @pytest.mark.parametrize("degrees", [15.0, -20.0, 30.0])
    def test_a_tilted_gantry_is_said_and_straightened(self, tmp_path: Path, degrees: float) -> None:
        volume = _read(tmp_path, tilted(9, degrees))
        assert volume.notes == (
            f"The slices are tilted by {abs(degrees):.1f}° against the way the table moved; "
            "reformats are straightened.",
        )
        fidelity = volume.radiograph(Plane.SAGITTAL).fidelity
        assert fidelity == ("reformatted", "shifted into place", "interpolated between slices")
        step = 3.0 * math.cos(math.radians(degrees))
        assert volume.spacing_mm == pytest.approx((step, 1.0, 2.0))
        for plane in REFORMATS:
            _check_values(volume, plane, ROUNDED, 0.4)

    def test_the_head_stays_up(self, tmp_path: Path) -> None:
        volume = _read(tmp_path, tilted(9, 15.0))
        assert volume.radiograph(Plane.SAGITTAL).orientation == ("PF", "FA")

    def test_slices_that_wander_are_put_into_place(self, tmp_path: Path) -> None:
        slices = [
            Slice((-5.0 + (2.0 if i % 3 else 0.0), -4.0, 30.0 - 3.0 * i), number=i)
            for i in range(6)
        ]
        volume = _read(tmp_path, slices)
        assert "shifted against each other by up to 1.0 pixels" in volume.notes[0]
        for plane in REFORMATS:
            _check_values(volume, plane, 0.0, 0.8)


class TestWhere:
    def test_the_frame_at_a_place(self, tmp_path: Path) -> None:
        volume = _read(tmp_path, straight(7))
        place = (1.0, 2.0, 21.0)
        found = [volume.frame_at(plane, place) for plane in Plane]
        assert found == [3, 3, 6]
        for plane, frame in zip(Plane, found, strict=True):
            assert volume.geometry(plane, frame).distance_mm(place) == pytest.approx(0.0)

    def test_a_place_beside_the_volume_has_its_last_frame(self, tmp_path: Path) -> None:
        volume = _read(tmp_path, straight(7))
        assert [volume.frame_at(plane, (99.0, 99.0, -99.0)) for plane in Plane] == [6, 5, 7]
        assert [volume.frame_at(plane, (-99.0, -99.0, 99.0)) for plane in Plane] == [0, 0, 0]

    @given(st.data())
    @settings(
        max_examples=30,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_a_pixel_of_one_plane_is_the_same_in_the_others(
        self, tmp_path: Path, data: st.DataObject
    ) -> None:
        volume = _read(tmp_path, straight(5))
        plane = data.draw(st.sampled_from(list(Plane)))
        frame = data.draw(st.integers(0, volume.frames(plane) - 1))
        geometry = volume.geometry(plane, frame)
        column = data.draw(st.integers(0, geometry.columns - 1))
        row = data.draw(st.integers(0, geometry.rows - 1))
        place = geometry.to_patient((column + 0.5, row + 0.5))
        value = volume.picture(plane, frame)[row, column]
        for other in Plane:
            there = volume.frame_at(other, place)
            x, y = volume.geometry(other, there).to_image(place)
            assert volume.picture(other, there)[math.floor(y), math.floor(x)] == value

    def test_how_far_apart_pictures_are(self, tmp_path: Path) -> None:
        volume = _read(tmp_path, at([30.0, 27.0, 24.0, 15.0, 12.0]))
        assert [volume.step_mm(plane) for plane in Plane] == [4.5, 2.0, 1.0]

    def test_planes_cut_one_another(self, tmp_path: Path) -> None:
        volume = _read(tmp_path, straight(5))
        axial = volume.geometry(Plane.AXIAL, 2)
        cut = axial.cut_by(volume.geometry(Plane.SAGITTAL, 1))
        assert cut is not None
        assert (cut.start[0], cut.end[0]) == (1.5, 1.5)
        assert sorted((cut.start[1], cut.end[1])) == [0.0, 8.0]


def test_the_same_plane_is_the_same_radiograph(tmp_path: Path) -> None:
    volume = _read(tmp_path, straight(4))
    for plane in Plane:
        assert volume.radiograph(plane) is volume.radiograph(plane)


def test_the_real_abdomen_stands_upright(data_dir: Path) -> None:
    volume = read_series(sorted((data_dir / "ct-abdomen").glob("*.dcm")))
    sagittal = volume.radiograph(Plane.SAGITTAL)
    assert sagittal.orientation == ("P", "F")
    np.testing.assert_array_equal(sagittal.frames[250], volume.stored[:, :, 250])
    np.testing.assert_array_equal(
        volume.radiograph(Plane.CORONAL).frames[250], volume.stored[:, 250, :]
    )
