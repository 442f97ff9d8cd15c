"""Simulated pictures as DICOM files."""

from __future__ import annotations

import csv

import numpy as np
import pydicom
import pytest

from stentviewer.core.errors import UserError
from stentviewer.simulate import (
    STENT_MAKERS,
    simulate_stent_image,
    simulate_to_folder,
    write_dicom,
    write_example_patient,
)


def test_a_written_image_reads_back_with_its_pixels_and_scale(tmp_path) -> None:
    image = simulate_stent_image(2, 3, kind="radiograph")
    data = pydicom.dcmread(write_dicom(image, tmp_path / "a.dcm"))
    assert np.array_equal(data.pixel_array, image.pixels)
    assert [float(v) for v in data.ImagerPixelSpacing] == [image.spacing_mm] * 2
    assert float(data.WindowWidth) == image.window_width
    assert data.PhotometricInterpretation == image.photometric
    assert data.Modality == "CR"
    assert "SIMULATED" in data.SeriesDescription
    assert "SIMULATED" in data.ImageComments


def test_angiography_is_never_stored_inverted(tmp_path) -> None:
    seen = set()
    for index in range(60):
        image = simulate_stent_image(6, index, "Epic", kind="fluoroscopy")
        if image.photometric in seen:
            continue
        seen.add(image.photometric)
        data = pydicom.dcmread(write_dicom(image, tmp_path / "b.dcm"), stop_before_pixels=True)
        assert (data.Modality == "XA") == (data.PhotometricInterpretation == "MONOCHROME2")
        if len(seen) == 2:
            return
    pytest.fail(f"only {seen}")


def test_the_same_seed_writes_the_same_bytes_and_the_truth(tmp_path) -> None:
    steps = []
    first = list(
        simulate_to_folder("stents", 2, 9, tmp_path / "a", lambda *step: steps.append(step))
    )
    again = list(simulate_to_folder("stents", 2, 9, tmp_path / "b"))
    assert [p.read_bytes() for p in first] == [p.read_bytes() for p in again]
    assert steps == [(1, 2), (2, 2)]
    with (tmp_path / "a" / "truth.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    assert [row["file"] for row in rows] == [path.name for path in first]
    assert all(row["maker"] in STENT_MAKERS for row in rows)
    uids = {pydicom.dcmread(path, stop_before_pixels=True).SOPInstanceUID for path in first}
    assert len(uids) == 2


def test_what_is_not_simulated_is_said(tmp_path) -> None:
    with pytest.raises(UserError, match="spine"):
        next(simulate_to_folder("spine", 1, 1, tmp_path))


def test_the_example_patient_is_one_person_seen_twice(tmp_path) -> None:
    files = write_example_patient(tmp_path)
    sets = [pydicom.dcmread(path) for path in files]
    assert len({data.PatientID for data in sets}) == 1
    assert len({data.StudyInstanceUID for data in sets}) == 2
    assert len({data.SOPInstanceUID for data in sets}) == 4
    assert sets[0].PatientName.ideographic == "金^民俊"
    cine = sets[2]
    assert cine.pixel_array.shape == (10, 1024, 1024)
    assert cine.NumberOfFrames == 10
    assert not np.array_equal(cine.pixel_array[0], cine.pixel_array[3])
