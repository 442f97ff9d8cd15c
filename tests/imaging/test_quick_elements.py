"""The quick way through a file finds what pydicom finds, or leaves the file to it."""

from __future__ import annotations

import struct
from pathlib import Path
from typing import Any

import pytest
from pydicom.data import get_testdata_files

from stentviewer.core.errors import StentviewerError
from stentviewer.imaging import dicom_file
from stentviewer.imaging.dicom_file import (
    IDENTITY_TAGS,
    PRESENTATION_TAGS,
    DicomFile,
    open_dicom,
)

TAGS = IDENTITY_TAGS + PRESENTATION_TAGS
Written = Any  # the fixture that writes a DICOM file


def _open(path: Path) -> DicomFile | str:
    try:
        return open_dicom(path, TAGS)
    except StentviewerError as error:
        return str(error)


def _slow(path: Path, monkeypatch: pytest.MonkeyPatch) -> DicomFile | str:
    with monkeypatch.context() as patch:
        patch.setattr(dicom_file, "quick_elements", lambda *_: None)
        return _open(path)


def _same(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    quick, slow = _open(path), _slow(path, monkeypatch)
    if isinstance(quick, str) or isinstance(slow, str):
        assert quick == slow
        return
    assert quick.syntax == slow.syntax
    assert quick.pixels == slow.pixels
    assert quick.dataset.original_encoding == slow.dataset.original_encoding
    for keyword in TAGS:
        assert str(quick.value(keyword)) == str(slow.value(keyword)), keyword


@pytest.mark.parametrize(
    "path", [p for p in map(Path, get_testdata_files()) if p.is_file()], ids=lambda path: path.name
)
def test_the_odd_files_that_pydicom_carries(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    _same(path, monkeypatch)


def test_the_real_images(data_dir: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    some = [
        *sorted((data_dir / "ct-abdomen").iterdir())[:3],
        *sorted((data_dir / "radiographs").iterdir()),
        *sorted((data_dir / "hostile-dicom").rglob("*"))[::5],
    ]
    for path in some:
        if path.is_file():
            _same(path, monkeypatch)


def test_a_plain_file_goes_the_quick_way(
    write_dicom: Written, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen = []
    quick = dicom_file.quick_elements
    monkeypatch.setattr(
        dicom_file, "quick_elements", lambda *given: seen.append(quick(*given)) or seen[-1]
    )
    file = open_dicom(write_dicom(), TAGS)
    assert seen[0] is not None
    assert file.dataset is seen[0].dataset
    assert file.value("PatientID") == "0815"


@pytest.mark.parametrize("cut", [140, 200, 300, 400])
def test_a_file_cut_short(write_dicom: Written, monkeypatch: pytest.MonkeyPatch, cut: int) -> None:
    path = write_dicom()
    path.write_bytes(path.read_bytes()[:cut])
    _same(path, monkeypatch)


def test_a_length_beyond_the_file(write_dicom: Written, monkeypatch: pytest.MonkeyPatch) -> None:
    path = write_dicom()
    data = bytearray(path.read_bytes())
    at = data.index(struct.pack("<HH", 0x0010, 0x0020))
    data[at + 6 : at + 8] = struct.pack("<H", 0xFFFE)
    path.write_bytes(data)
    _same(path, monkeypatch)
