"""Which way the patient faces, where a slice lies, and how it was exposed."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydicom.dataset import Dataset
from pydicom.sequence import Sequence

from stentviewer.imaging.readers import read_radiograph

Writer = Callable[..., Path]


def test_patient_orientation_is_kept_as_stated(write_dicom: Writer) -> None:
    assert read_radiograph(write_dicom(PatientOrientation=["L", "F"])).orientation == ("L", "F")
    assert read_radiograph(write_dicom(PatientOrientation=["AL", "FP"])).orientation == ("AL", "FP")
    assert read_radiograph(write_dicom()).orientation == ()


@pytest.mark.parametrize("broken", [["LR", "F"], ["L"], ["X", "F"], ["LL", "F"], ["L", "F", "A"]])
def test_an_orientation_that_cannot_be_is_left_out(write_dicom: Writer, broken: Any) -> None:
    assert read_radiograph(write_dicom(PatientOrientation=broken)).orientation == ()


def test_a_slice_says_its_orientation_and_position_by_cosines(write_dicom: Writer) -> None:
    path = write_dicom(
        ImageOrientationPatient=[1, 0, 0, 0, 1, 0], ImagePositionPatient=[-100, -90, 55.5]
    )
    radiograph = read_radiograph(path)
    assert radiograph.orientation == ("L", "P")
    assert radiograph.positions_mm == (55.5,)
    coronal = read_radiograph(write_dicom(ImageOrientationPatient=[1, 0, 0, 0, 0, -1]))
    assert coronal.orientation == ("L", "F")
    assert coronal.positions_mm == ()


def test_cosines_that_are_no_right_angle_are_left_out(write_dicom: Writer) -> None:
    assert (
        read_radiograph(write_dicom(ImageOrientationPatient=[1, 0, 0, 1, 0, 0])).orientation == ()
    )
    assert (
        read_radiograph(write_dicom(ImageOrientationPatient=[2, 0, 0, 0, 1, 0])).orientation == ()
    )


def test_an_enhanced_file_has_a_position_for_each_frame(write_dicom: Writer) -> None:
    def item(keyword: str, sequence: str, value: list[float]) -> Dataset:
        inner, outer = Dataset(), Dataset()
        setattr(inner, keyword, value)
        setattr(outer, sequence, Sequence([inner]))
        return outer

    shared = item("ImageOrientationPatient", "PlaneOrientationSequence", [1, 0, 0, 0, 1, 0])
    frames = [
        item("ImagePositionPatient", "PlanePositionSequence", [0, 0, 3.0 * n]) for n in range(3)
    ]
    radiograph = read_radiograph(
        write_dicom(
            np.zeros((3, 4, 5), np.uint16),
            SharedFunctionalGroupsSequence=Sequence([shared]),
            PerFrameFunctionalGroupsSequence=Sequence(frames),
        )
    )
    assert radiograph.positions_mm == (0.0, 3.0, 6.0)
    assert radiograph.orientation == ("L", "P")


def test_mas_is_stated_or_current_times_time(write_dicom: Writer) -> None:
    assert read_radiograph(write_dicom(KVP=81, Exposure=5)).exposure == (81.0, 5.0)
    assert read_radiograph(write_dicom(XRayTubeCurrent=400, ExposureTime=20)).exposure == (None, 8)
    assert read_radiograph(write_dicom(ExposureInuAs=2500, Exposure=3)).exposure == (None, 2.5)
    assert read_radiograph(write_dicom(KVP=-3)).exposure == (None, None)
