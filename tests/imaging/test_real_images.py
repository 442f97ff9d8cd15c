"""Every real image that any decoder here can read opens; lossless encodings agree."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydicom.data import get_testdata_file

from stentviewer.core.errors import StentviewerError
from stentviewer.core.types import SpacingKind
from stentviewer.imaging.readers import read_header, read_radiograph

LOSSLESS = {
    "XA1": ("UNC", "RLE", "JPLL", "JLSL", "J2KR"),
    "RG2": ("RLE", "JPLL", "JLSL", "J2KR"),
}
# pydicom's own files without an image, or whose pixels neither pydicom nor SimpleITK decodes
NO_IMAGE = {
    *("ExplVR_BigEndNoMeta.dcm", "ExplVR_LitEndNoMeta.dcm", "UN_sequence.dcm", "no_meta.dcm"),
    *("empty_charset_LEI.dcm", "meta_missing_tsyntax.dcm", "nested_priv_SQ.dcm", "priv_SQ.dcm"),
    *("no_meta_group_length.dcm", "reportsi.dcm", "reportsi_with_empty_number_tags.dcm"),
    *("rtplan.dcm", "rtplan_truncated.dcm", "rtstruct.dcm", "test-SR.dcm", "waveform_ecg.dcm"),
    *("JPEG2000-embedded-sequence-delimiter.dcm", "MR_truncated.dcm", "DICOMDIR-empty.dcm"),
}


@pytest.mark.parametrize("image", LOSSLESS)
def test_lossless_encodings_of_one_image_are_equal(data_dir: Path, image: str) -> None:
    folder = data_dir / "radiographs"
    names = [f"{image}_{encoding}" for encoding in LOSSLESS[image]]
    first, *others = [read_radiograph(folder / name).frames[0] for name in names]
    assert first.max() > 400
    for name, other in zip(names[1:], others, strict=True):
        assert np.array_equal(first, other), name


def test_lossy_encodings_are_near_and_say_so(data_dir: Path) -> None:
    folder = data_dir / "radiographs"
    truth = read_radiograph(folder / "XA1_UNC").modality_values(0)
    for encoding in ("J2KI", "JLSN", "JPLY"):
        lossy = read_radiograph(folder / f"XA1_{encoding}")
        assert np.abs(lossy.modality_values(0) - truth).mean() < 8, encoding
        assert lossy.fidelity, encoding
    assert read_radiograph(folder / "XA1_UNC").fidelity == ()


def test_every_radiograph_opens(data_dir: Path) -> None:
    paths = sorted((data_dir / "radiographs").iterdir())
    assert len(paths) >= 18
    for path in paths:
        radiograph = read_radiograph(path)
        header = radiograph.header
        assert radiograph.frames[0].shape == (header.rows, header.columns)
        assert header == read_header(path)
    assert read_radiograph(data_dir / "radiographs" / "RG1_J2KI").invert


def test_the_cine_plays(data_dir: Path) -> None:
    cine = read_radiograph(data_dir / "xa-cine" / "IM1.dcm")
    assert (len(cine.frames), cine.frame_time_ms) == (14, 66.6667)
    means = [float(cine.frames[i].mean()) for i in range(14)]
    assert len(set(means)) == 14


def test_every_slice_of_the_ct_opens(data_dir: Path) -> None:
    paths = sorted((data_dir / "ct-labelled" / "dicom-j2k").iterdir())
    assert len(paths) == 20
    for path in paths:
        slice_ = read_radiograph(path)
        assert slice_.rescale == (1.0, -1024.0)
        assert slice_.spacing.kind is SpacingKind.PATIENT


def test_pydicoms_own_files_open() -> None:
    known = get_testdata_file("CT_small.dcm")
    assert isinstance(known, str)
    paths = sorted(path for path in Path(known).parent.glob("*.dcm"))
    refused = set()
    for path in paths:
        try:
            radiograph = read_radiograph(path)
            for index in range(len(radiograph.frames)):
                radiograph.modality_values(index)
        except StentviewerError:
            refused.add(path.name)
    assert refused <= NO_IMAGE
    assert len(paths) - len(refused) >= 60


@pytest.mark.parametrize(
    "name",
    ["CT_small.dcm", "MR_small_bigendian.dcm", "JPEG2000.dcm", "image_dfl.dcm", "liver_1frame.dcm"],
)
def test_pixels_are_pydicoms(name: str) -> None:
    from pydicom import dcmread

    path = get_testdata_file(name)
    assert isinstance(path, str)
    expected = dcmread(path).pixel_array
    radiograph = read_radiograph(Path(path))
    frames = expected if expected.ndim == 3 else expected[None]
    for index, frame in enumerate(frames):
        assert np.array_equal(radiograph.frames[index], frame)
