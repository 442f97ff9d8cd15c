"""Input that nobody should send: it is opened or answered with a sentence, and nothing else."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from pathlib import Path

import jpeg_ls
import numpy as np
import pytest
from pydicom.uid import JPEGLSLossless

from stentviewer.core.errors import KnownError
from stentviewer.core.jobs import JobContext
from stentviewer.core.types import Box, HeatMap, ImageHeader, Problem
from stentviewer.imaging.overlay import heat_rgba, render_grey, render_overlay
from stentviewer.imaging.readers import read_radiograph
from stentviewer.imaging.scan import find_images
from tests.imaging.conftest import Writer

LARGE = 3.0e38
FLOATS = {
    "huge": [LARGE, -LARGE, 1.0, 2.0],
    "infinite": [np.inf, -np.inf, 1.0, 2.0],
    "no numbers": [np.nan, np.nan, np.nan, np.nan],
    "all infinite": [np.inf, np.inf, np.inf, np.inf],
    "mixed": [np.nan, np.inf, -LARGE, 0.0],
}


@pytest.mark.parametrize("values", FLOATS.values(), ids=FLOATS)
def test_float_pixels_of_any_value_give_finite_ones(
    write_dicom: Writer, values: list[float]
) -> None:
    path = write_dicom(
        PixelData=None,
        BitsAllocated=32,
        Rows=2,
        Columns=2,
        RescaleSlope="1e12",
        RescaleIntercept="-1e12",
        FloatPixelData=np.array(values, np.float32).tobytes(),
    )
    radiograph = read_radiograph(path)
    assert np.isfinite(radiograph.modality_values(0)).all()
    window = radiograph.auto_window(0)
    assert np.isfinite((window.centre, window.width)).all()
    assert render_grey(radiograph, 0).shape == (2, 2)


def test_infinite_pixels_leave_the_others_their_steps(write_dicom: Writer) -> None:
    values = np.array([np.inf, -np.inf, 1.25, 2.5], np.float32)
    path = write_dicom(
        PixelData=None, BitsAllocated=32, Rows=2, Columns=2, FloatPixelData=values.tobytes()
    )
    assert read_radiograph(path).modality_values(0).ravel()[2:] == pytest.approx([1.25, 2.5], 1e-4)


def test_a_jpeg_ls_frame_without_its_end_never_reaches_the_decoder_so(
    write_dicom: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """CharLS decodes such a one for many seconds."""
    pixels = np.random.default_rng(1).integers(0, 4096, (64, 64)).astype(np.uint16)
    whole = bytes(jpeg_ls.encode_array(pixels))
    decode: Callable[[bytes], object] = jpeg_ls.decode_pixel_data
    ends: list[bytes] = []

    def spy(source: bytes) -> object:
        ends.append(bytes(source)[-4:])
        return decode(source)

    monkeypatch.setattr(jpeg_ls, "decode_pixel_data", spy)
    cut = write_dicom(pixels, syntax=JPEGLSLossless, encapsulated=whole[: len(whole) // 2])
    with pytest.raises(KnownError, match="frame 1 is damaged or incomplete"):
        read_radiograph(cut)
    assert ends
    assert all(b"\xff\xd9" in end for end in ends)


def _zip(path: Path, *entries: tuple[str, bytes], how: int = zipfile.ZIP_STORED) -> Path:
    with zipfile.ZipFile(path, "w", how) as archive:
        for name, data in entries:
            archive.writestr(name, data)
    return path


def _found(path: Path, unpack: Path) -> tuple[list[Path], list[str]]:
    found = list(find_images([path], unpack, JobContext()))
    images = [header.path for header in found if isinstance(header, ImageHeader)]
    return images, [problem.message for problem in found if isinstance(problem, Problem)]


@pytest.mark.parametrize("name", ["d/" * 1500 + "a.dcm", "x" * 300 + ".dcm", "가" * 100])
def test_a_zip_with_names_that_no_disk_takes(tmp_path: Path, name: str) -> None:
    images, said = _found(_zip(tmp_path / "a.zip", (name, b"x")), tmp_path / "unpacked")
    assert images == []
    assert len(said) == 1
    assert "shorter names" in said[0]
    assert not (tmp_path / "unpacked").exists()


@pytest.mark.filterwarnings("ignore:Duplicate name")
def test_files_of_one_name_in_a_zip_are_all_kept(tmp_path: Path, write_dicom: Writer) -> None:
    first, second = write_dicom().read_bytes(), write_dicom(PatientID="other").read_bytes()
    packed = _zip(tmp_path / "a.zip", ("a.dcm", first), ("a.dcm", second))
    images, said = _found(packed, tmp_path / "unpacked")
    assert said == []
    assert {path.read_bytes() for path in images} == {first, second}


def test_a_zip_with_a_file_where_a_folder_is_meant(tmp_path: Path) -> None:
    packed = _zip(tmp_path / "a.zip", ("a", b"x"), ("a/b.dcm", b"x"))
    images, said = _found(packed, tmp_path / "unpacked")
    assert images == []
    assert len(said) == 1
    assert "another program" in said[0]
    assert "space" not in said[0]


def test_a_damaged_bzip2_zip_is_called_damaged(tmp_path: Path) -> None:
    packed = _zip(tmp_path / "a.zip", ("a.dcm", b"x" * 500), how=zipfile.ZIP_BZIP2)
    data = bytearray(packed.read_bytes())
    data[45:60] = bytes(15)
    packed.write_bytes(data)
    _, said = _found(packed, tmp_path / "unpacked")
    assert said == ["The ZIP “a.zip” is damaged. Pack it again."]


def test_a_path_that_is_too_long_is_answered_for(tmp_path: Path) -> None:
    images, said = _found(tmp_path / ("a" * 5000), tmp_path / "unpacked")
    assert images == []
    assert len(said) == 1


def test_heat_over_a_picture_longer_than_opencv_maps() -> None:
    heat = HeatMap(np.ones((2, 2), np.float32), Box(0, 0, 1, 1), "Grad-CAM")
    picture = render_overlay(np.zeros((2, 40_000), np.uint8), heat, 1.0)
    assert picture.shape == (2, 40_000, 3)
    assert (picture == picture[0, 0]).all()


def test_heat_drawn_in_pieces_is_the_heat_drawn_whole() -> None:
    values = np.random.default_rng(0).random((9, 7)).astype(np.float32)
    heat = HeatMap(values, Box(-0.1, 0.05, 0.9, 1.2), "Grad-CAM")
    black = np.zeros((1500, 1100), np.uint8)
    rgba = heat_rgba(heat, 1.0, "inferno", (1500, 1100), np.s_[0:1500, 0:1100]).astype(np.float32)
    whole = np.floor(rgba[..., :3] * (rgba[..., 3:] / 255) + 0.5)
    assert np.abs(render_overlay(black, heat, 1.0) - whole).max() <= 1


def test_flat_pixels_do_not_make_a_picture_that_fills_the_memory(
    write_dicom: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stentviewer.imaging.overlay.MOST_PIXELS", 40_000)
    path = write_dicom(np.zeros((100, 100), np.uint16), PixelAspectRatio=[19, 1])
    grey = render_grey(read_radiograph(path), 0)
    assert grey.size <= 41_000
    assert grey.shape[0] / grey.shape[1] == pytest.approx(19, 0.02)
