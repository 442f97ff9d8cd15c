"""Which files make a stack, in which order, and what is said of the rest."""

from __future__ import annotations

import random
import threading
from dataclasses import replace
from pathlib import Path

import numpy as np
import pydicom
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stentviewer.core.errors import Cancelled, KnownError
from stentviewer.core.jobs import JobContext
from stentviewer.core.types import Plane
from stentviewer.imaging.series import open_series, read_series
from tests.imaging.stacks import (
    CORONAL,
    SAGITTAL,
    Slice,
    at,
    but,
    straight,
    value_at,
    write_stack,
)


def _modality(volume: object) -> np.ndarray:
    return volume.stored * volume.rescale[0] + volume.rescale[1]  # type: ignore[attr-defined]


def _expected(slices: list[Slice]) -> np.ndarray:
    return np.stack([np.rint(value_at(one.positions())) for one in slices])


class TestOrder:
    def test_slices_lie_from_the_head_down_whatever_their_names_and_numbers(
        self, tmp_path: Path
    ) -> None:
        slices = straight(7)
        numbered = [replace(one, number=1 + i * 5 % 7) for i, one in enumerate(slices)]
        names = [f"{one.number}.dcm" for one in numbered]
        paths = write_stack(tmp_path, numbered, names)
        random.Random(3).shuffle(paths)
        volume = read_series(paths)
        assert volume.positions_mm == tuple(one.origin[2] for one in slices)
        np.testing.assert_array_equal(_modality(volume), _expected(slices))
        assert volume.notes == ()

    @given(
        st.lists(st.integers(-400, 400), min_size=3, max_size=12, unique=True),
        st.randoms(use_true_random=False),
    )
    @settings(
        max_examples=20,
        deadline=None,
        suppress_health_check=[HealthCheck.function_scoped_fixture],
    )
    def test_positions_come_sorted_with_their_own_pixels(
        self, tmp_path: Path, heights: list[int], shuffled: random.Random
    ) -> None:
        slices = at([float(h) for h in heights])
        paths = write_stack(tmp_path, slices)
        shuffled.shuffle(paths)
        volume = read_series(paths)
        ordered = sorted(slices, key=lambda one: -one.origin[2])
        assert list(volume.positions_mm) == [one.origin[2] for one in ordered]
        np.testing.assert_array_equal(_modality(volume), _expected(ordered))

    def test_coronal_slices_lie_from_front_to_back_and_sagittal_ones_from_right_to_left(
        self, tmp_path: Path
    ) -> None:
        coronal = [Slice((0.0, 5.0 - 2.0 * i, 0.0), axes=CORONAL) for i in range(4)]
        sagittal = [Slice((5.0 - 2.0 * i, 0.0, 0.0), axes=SAGITTAL) for i in range(4)]
        front = read_series(write_stack(tmp_path / "c", coronal))
        assert [one.plane.origin[1] for one in front.slices] == [-1.0, 1.0, 3.0, 5.0]
        assert front.orientation(Plane.AXIAL) == "coronal"
        right = read_series(write_stack(tmp_path / "s", sagittal))
        assert [one.plane.origin[0] for one in right.slices] == [-1.0, 1.0, 3.0, 5.0]
        assert right.orientation(Plane.AXIAL) == "sagittal"


class TestLeftOut:
    def _odd_one(self, tmp_path: Path, odd: Slice, count: int = 5) -> tuple[str, ...]:
        slices = straight(count)
        volume = read_series(write_stack(tmp_path, [odd, *slices]))
        assert volume.shape == (count, 8, 6)
        np.testing.assert_array_equal(_modality(volume), _expected(slices))
        return volume.notes

    def test_a_localizer(self, tmp_path: Path) -> None:
        notes = self._odd_one(tmp_path, Slice((0.0, 0.0, 0.0), axes=CORONAL))
        assert notes == ("1 image lies at another angle, as a localizer does, and was left out.",)

    def test_another_frame_of_reference(self, tmp_path: Path) -> None:
        odd = but(straight(6)[5], FrameOfReferenceUID="1.2.3")
        notes = self._odd_one(tmp_path, odd)
        assert notes == ("1 image is in another frame of reference and was left out.",)

    def test_another_size(self, tmp_path: Path) -> None:
        notes = self._odd_one(tmp_path, replace(straight(6)[5], shape=(9, 6)))
        assert notes == ("1 image is of another size and was left out.",)

    def test_another_pixel_spacing(self, tmp_path: Path) -> None:
        notes = self._odd_one(tmp_path, replace(straight(6)[5], spacing=(1.0, 1.9)))
        assert notes == ("1 image has another pixel spacing and was left out.",)

    def test_another_series(self, tmp_path: Path) -> None:
        notes = self._odd_one(tmp_path, replace(straight(6)[5], series="b"))
        assert notes == ("1 image is of another series and was left out.",)

    @pytest.mark.parametrize(
        "missing",
        [
            {"ImagePositionPatient": None},
            {"ImageOrientationPatient": [1, 0, 0, 1, 0, 0]},
            {"PixelSpacing": None},
        ],
    )
    def test_an_image_that_does_not_say_where_it_lies(
        self, tmp_path: Path, missing: dict[str, object]
    ) -> None:
        notes = self._odd_one(tmp_path, but(straight(6)[5], **missing))
        assert notes == ("1 image cannot be a slice of a stack and was left out.",)

    def test_a_copy_of_a_slice(self, tmp_path: Path) -> None:
        notes = self._odd_one(tmp_path, replace(straight(5)[2], number=99))
        assert notes == (
            "1 image lies where another one does and was left out; the lower number is shown.",
        )

    def test_a_second_run_over_the_same_places(self, tmp_path: Path) -> None:
        first = straight(5)
        second = [
            but(replace(one, intercept=0.0), AcquisitionNumber=2, RescaleIntercept="-1024")
            for one in first[:4]
        ]
        volume = read_series(write_stack(tmp_path, [*second, *first]))
        np.testing.assert_array_equal(_modality(volume), _expected(first))
        assert volume.notes == (
            "The series holds 2 runs over the same places; the one of 5 slices is shown.",
        )

    def test_equal_runs_show_the_first(self, tmp_path: Path) -> None:
        later = [but(one, AcquisitionNumber=10) for one in straight(3)]
        first = [but(one, AcquisitionNumber=9) for one in straight(3)]
        volume = read_series(write_stack(tmp_path, [*later, *first]))
        assert {one.phase[0] for one in volume.slices} == {"9"}

    def test_a_file_that_is_gone_or_damaged_costs_only_itself(self, tmp_path: Path) -> None:
        paths = write_stack(tmp_path, straight(6))
        paths[0].unlink()
        paths[5].write_bytes(b"\0" * 128 + b"DICM" + b"rubbish" * 9)
        volume = read_series(paths)
        assert volume.shape[0] == 4
        assert len(volume.notes) == 2
        assert "“0000.dcm” is no longer where it was" in volume.notes[0]
        assert "0005.dcm" in volume.notes[1]

    def test_two_slices_are_no_stack(self, tmp_path: Path) -> None:
        with pytest.raises(KnownError, match="no stack of slices"):
            read_series(write_stack(tmp_path, straight(2)))

    def test_where_no_file_is_left_its_reason_is_told(self, tmp_path: Path) -> None:
        with pytest.raises(KnownError, match=r"“gone.dcm” is no longer where it was"):
            read_series([tmp_path / "gone.dcm"])


class TestValues:
    def test_unsigned_slices_of_twelve_bits_lose_the_bits_above(self, tmp_path: Path) -> None:
        slices = straight(3, dtype="uint16")
        paths = write_stack(tmp_path, [but(one, BitsStored=12, HighBit=11) for one in slices])
        for path in paths:  # an overlay of old in the highest bit
            data = bytearray(path.read_bytes())
            size = 2 * 8 * 6
            words = np.frombuffer(data[-size:], "<u2") | 0x8000
            path.write_bytes(bytes(data[:-size]) + words.tobytes())
        volume = read_series(paths)
        assert volume.stored.dtype == np.int16
        np.testing.assert_array_equal(_modality(volume), _expected(slices))

    def test_unsigned_slices_of_sixteen_bits_stay_unsigned(self, tmp_path: Path) -> None:
        slices = straight(3, dtype="uint16", intercept=-50_000.0)
        volume = read_series(write_stack(tmp_path, slices))
        assert volume.stored.dtype == np.uint16
        assert volume.radiograph(Plane.AXIAL).stored_dtype == np.uint16
        np.testing.assert_array_equal(_modality(volume), _expected(slices))

    def test_signed_slices_of_twelve_bits_keep_their_sign(self, tmp_path: Path) -> None:
        slices = [replace(one, intercept=0.0) for one in straight(3)]
        paths = write_stack(tmp_path, [but(one, BitsStored=12, HighBit=11) for one in slices])
        for path in paths:
            data = path.read_bytes()
            words = np.frombuffer(data[-96:], "<u2") & 0x0FFF
            path.write_bytes(data[:-96] + words.tobytes())
        np.testing.assert_array_equal(_modality(read_series(paths)), _expected(slices))

    def test_slices_scaled_differently_come_to_whole_hounsfield_units(self, tmp_path: Path) -> None:
        slices = [
            replace(one, intercept=-1000.0 - i, slope=1.0 if i % 2 else 0.5)
            for i, one in enumerate(straight(5, dtype="uint16"))
        ]
        narrow = [but(one, BitsStored=14, HighBit=13) for one in slices]
        volume = read_series(write_stack(tmp_path, narrow))
        assert volume.rescale == (1.0, 0.0)
        np.testing.assert_allclose(_modality(volume), _expected(slices), atol=0.5)
        assert "whole HU" in volume.notes[0]

    def test_pet_is_kept_in_the_finest_common_steps(self, tmp_path: Path) -> None:
        slices = [
            but(replace(one, intercept=0.0, slope=0.01 * (i + 1)), Modality="PT")
            for i, one in enumerate(straight(3, start=(0.0, 0.0, 30.0)))
        ]
        volume = read_series(write_stack(tmp_path, slices))
        slope = volume.rescale[0]  # type: ignore[index]
        assert slope == pytest.approx(0.03, rel=1e-3)  # of the coarsest slice
        for stack, one in zip(_modality(volume), slices, strict=True):
            stored = one.stored() * one.slope
            np.testing.assert_allclose(stack, stored, atol=slope / 2 + 1e-9)

    def test_compressed_slices_are_decoded(self, tmp_path: Path) -> None:
        slices = straight(4, shape=(16, 16), spacing=(1.0, 1.0))
        plain = write_stack(tmp_path / "plain", slices)
        packed = []
        for path in plain:
            data = pydicom.dcmread(path)
            data.compress("1.2.840.10008.1.2.5")  # RLE
            packed.append(tmp_path / path.name)
            data.save_as(packed[-1])
        volume = read_series(packed)
        assert all(one.offset is None for one in volume.slices)
        np.testing.assert_array_equal(_modality(volume), _expected(slices))


class TestFilling:
    def test_a_slice_comes_before_the_others(self, tmp_path: Path) -> None:
        volume = open_series(write_stack(tmp_path, straight(5)))
        frames = volume.radiograph(Plane.AXIAL).frames
        assert not volume.is_ready(4)
        np.testing.assert_array_equal(frames[4], straight(5)[4].stored())
        assert volume.is_ready(4)
        assert not volume.is_ready(0)
        assert not volume.is_filled
        volume.fill()
        assert volume.is_filled

    def test_frames_look_into_the_one_block(self, tmp_path: Path) -> None:
        volume = read_series(write_stack(tmp_path, straight(5)))
        frame = volume.radiograph(Plane.AXIAL).frames[2]
        assert np.shares_memory(frame, volume.stored)
        assert not frame.flags.writeable

    def test_filling_can_be_cancelled_and_goes_on(self, tmp_path: Path) -> None:
        volume = open_series(write_stack(tmp_path, straight(5)))
        stop = threading.Event()
        stop.set()
        with pytest.raises(Cancelled):
            volume.fill(JobContext(cancelled=stop))
        volume.fill()
        np.testing.assert_array_equal(_modality(volume), _expected(straight(5)))

    def test_opening_can_be_cancelled(self, tmp_path: Path) -> None:
        stop = threading.Event()
        stop.set()
        with pytest.raises(Cancelled):
            open_series(write_stack(tmp_path, straight(5)), JobContext(cancelled=stop))

    def test_a_slice_cut_off_after_opening_stays_empty_and_is_named(self, tmp_path: Path) -> None:
        paths = write_stack(tmp_path, straight(5))
        volume = open_series(paths)
        paths[1].write_bytes(paths[1].read_bytes()[:-8])
        volume.fill()
        assert volume.is_filled
        assert (volume.stored[1] == -(2**15)).all()
        assert any("0001.dcm" in note for note in volume.notes)
        with pytest.raises(KnownError, match=r"0001.dcm"):
            volume.radiograph(Plane.AXIAL).frames[1]
        coronal = volume.radiograph(Plane.CORONAL)
        assert (coronal.frames[0][1] == -(2**15)).all()
        assert coronal.padding == (-(2**15), -(2**15))

    def test_a_file_that_changed_since_it_was_added_is_refused(self, tmp_path: Path) -> None:
        paths = write_stack(tmp_path, straight(5))
        volume = open_series(paths, sha256={paths[3]: "0" * 64})
        with pytest.raises(KnownError, match=r"“0003.dcm” has changed since it was added"):
            volume.slice(3)
        volume.slice(2)


def test_the_real_abdomen(data_dir: Path) -> None:
    import SimpleITK

    paths = sorted((data_dir / "ct-abdomen").glob("*.dcm"))
    volume = read_series(paths)
    assert volume.notes == ()
    assert volume.shape == (99, 512, 512)
    assert volume.spacing_mm == pytest.approx((4.25, 0.976562, 0.976562))
    assert volume.positions_mm[0] == -429.75
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(paths[0].parent)))
    peer = SimpleITK.GetArrayFromImage(reader.Execute())  # from the feet up
    np.testing.assert_array_equal(_modality(volume), peer[::-1])


def test_the_real_jpeg_2000_slices(data_dir: Path) -> None:
    import SimpleITK

    folder = data_dir / "ct-labelled" / "dicom-j2k"
    volume = read_series([path for path in folder.iterdir() if path.is_file()])
    assert volume.shape[0] == 20
    reader = SimpleITK.ImageSeriesReader()
    reader.SetFileNames(reader.GetGDCMSeriesFileNames(str(folder)))
    peer = SimpleITK.GetArrayFromImage(reader.Execute())
    np.testing.assert_array_equal(_modality(volume), peer[::-1])
