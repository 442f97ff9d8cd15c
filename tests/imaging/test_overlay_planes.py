"""Overlays in their own elements and in unused bits of the pixels."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydicom import dcmread
from pydicom.uid import ExplicitVRBigEndian

from stentviewer.core.errors import KnownError
from stentviewer.imaging.overlay_planes import read_overlays
from stentviewer.imaging.readers import read_radiograph

Writer = Callable[..., Path]


def packed(bits: np.ndarray, big: bool = False) -> bytes:
    data = np.packbits(bits.ravel(), bitorder="little").tobytes()
    data += b"\0" * (len(data) % 2)
    return np.frombuffer(data, "u2").byteswap().tobytes() if big else data


def add_overlay(path: Path, bits: np.ndarray, group: int = 0x6000, **more: Any) -> Path:
    dataset = dcmread(path)
    rows, columns = bits.shape[-2:]
    values = {
        0x0010: ("US", rows),
        0x0011: ("US", columns),
        0x0040: ("CS", "G"),
        0x0050: ("SS", [1, 1]),
        0x0100: ("US", 1),
        0x0102: ("US", 0),
        0x3000: ("OW", packed(bits, dataset.original_encoding[1] is False)),
    }
    if bits.ndim == 3:
        values[0x0015] = ("IS", len(bits))
    values.update({int(key[1:], 16): value for key, value in more.items()})
    for element, (vr, value) in values.items():
        if value is not None:
            dataset.add_new((group, element), vr, value)
    dataset.save_as(path)
    return path


@settings(deadline=None, max_examples=40)
@given(st.integers(0, 2**32 - 1), st.integers(1, 40), st.integers(1, 40))
def test_bits_come_back_whatever_the_size(
    tmp_path_factory: pytest.TempPathFactory, seed: int, rows: int, columns: int
) -> None:
    from tests.imaging.conftest import _dataset

    folder = tmp_path_factory.mktemp("overlay")
    dataset = _dataset(np.zeros((3, 4), np.uint16))
    path = folder / "image"
    from pydicom.dataset import FileMetaDataset
    from pydicom.uid import ExplicitVRLittleEndian

    dataset.file_meta = FileMetaDataset()
    dataset.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    dataset.file_meta.MediaStorageSOPClassUID = dataset.SOPClassUID
    dataset.file_meta.MediaStorageSOPInstanceUID = dataset.SOPInstanceUID
    dataset.save_as(path, enforce_file_format=True)
    bits = np.random.default_rng(seed).random((rows, columns)) < 0.5
    (plane,), notes = read_overlays(add_overlay(path, bits))
    assert notes == ()
    found = plane.on_frame(0)
    assert found is not None
    assert np.array_equal(found, bits)


def test_origin_label_and_kind(write_dicom: Writer) -> None:
    bits = np.eye(3, 4, dtype=bool)
    path = add_overlay(
        write_dicom(),
        bits,
        0x6002,
        x0050=("SS", [-2, 5]),
        x1500=("LO", "Biopsy"),
        x0040=("CS", "R"),
    )
    (plane,), _ = read_overlays(path)
    assert (plane.number, plane.origin, plane.label) == (1, (-3, 4), "Biopsy")
    assert plane.is_region
    assert (plane.rows, plane.columns) == (3, 4)


def test_big_endian_words_are_turned(write_dicom: Writer) -> None:
    bits = np.random.default_rng(0).random((5, 7)) < 0.5
    path = add_overlay(write_dicom(syntax=ExplicitVRBigEndian), bits)
    (plane,), _ = read_overlays(path)
    found = plane.on_frame(0)
    assert found is not None
    assert np.array_equal(found, bits)


def test_an_overlay_of_frames_belongs_to_its_frames(write_dicom: Writer) -> None:
    bits = np.random.default_rng(1).random((2, 3, 5)) < 0.5
    pixels = np.zeros((4, 3, 5), np.uint16)
    (plane,), _ = read_overlays(add_overlay(write_dicom(pixels), bits, x0051=("US", 2)))
    assert plane.on_frame(0) is None
    for frame in (1, 2):
        found = plane.on_frame(frame)
        assert found is not None
        assert np.array_equal(found, bits[frame - 1])
    assert plane.on_frame(3) is None


def test_an_overlay_without_frames_is_on_every_frame(write_dicom: Writer) -> None:
    bits = np.ones((3, 5), bool)
    (plane,), _ = read_overlays(add_overlay(write_dicom(np.zeros((4, 3, 5), np.uint16)), bits))
    assert all(plane.on_frame(frame) is not None for frame in range(4))


@pytest.mark.parametrize("position", [12, 15])
def test_an_overlay_in_unused_bits_of_the_pixels(write_dicom: Writer, position: int) -> None:
    values = np.random.default_rng(2).integers(0, 4096, (2, 6, 5)).astype(np.uint16)
    bits = np.random.default_rng(3).random((2, 6, 5)) < 0.5
    path = write_dicom(values | (bits.astype(np.uint16) << position), BitsStored=12, HighBit=11)
    add_overlay(path, bits[0], x3000=("OW", None), x0100=("US", 16), x0102=("US", position))
    (plane,), notes = read_overlays(path)
    assert notes == ()
    for frame in range(2):
        found = plane.on_frame(frame)
        assert found is not None
        assert np.array_equal(found, bits[frame])
    assert np.array_equal(read_radiograph(path).frames[1], values[1])  # the image has no trace
    path.unlink()
    with pytest.raises(KnownError, match="gone"):
        plane.on_frame(0)


@pytest.mark.parametrize(
    "broken",
    [
        {"x0010": ("US", 0)},
        {"x0010": ("US", 65535), "x0011": ("US", 65535)},
        {"x0010": ("US", 500)},
        {"x0050": ("SS", [1])},
        {"x0015": ("IS", 2**31 - 1)},
        {"x3000": ("OW", None)},
        {"x3000": ("OW", None), "x0102": ("US", 3)},
        {"x3000": ("OW", None), "x0102": ("US", 99)},
    ],
)
def test_an_overlay_that_lies_is_left_out_with_a_sentence(write_dicom: Writer, broken: Any) -> None:
    path = add_overlay(write_dicom(), np.ones((3, 4), bool), **broken)
    planes, notes = read_overlays(path)
    assert planes == ()
    assert len(notes) == 1
    assert "Overlay 1" in notes[0]
    assert read_radiograph(path).header.rows == 3  # the image itself is none the worse


def test_what_is_no_dicom_has_no_overlays(tmp_path: Path) -> None:
    path = tmp_path / "a.png"
    assert cv2.imwrite(str(path), np.zeros((4, 4), np.uint8))
    assert read_overlays(path) == ((), ())
    with pytest.raises(KnownError, match="cannot be read"):
        read_overlays(tmp_path / "none")
