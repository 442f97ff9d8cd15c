"""The one pass over a file finds what the reader finds, and the SHA-256 of every byte."""

from __future__ import annotations

import hashlib
import os
import threading
from contextlib import closing
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
from pydicom.data import get_testdata_files
from pydicom.dataset import Dataset, FileMetaDataset
from pydicom.uid import ExplicitVRLittleEndian, ImplicitVRLittleEndian

from stentviewer.core.errors import Cancelled, StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.types import ImageHeader, Problem
from stentviewer.imaging import index_header, scan
from stentviewer.imaging.index_header import IndexedFile, index_file
from stentviewer.imaging.presentation_header import GSPS, PresentationHeader
from stentviewer.imaging.readers import NotAnImageError, read_header, read_indexed
from stentviewer.imaging.scan import find_files, find_images
from tests.imaging.conftest import Writer


def outcome(look: Any, path: Path) -> object:
    """What came of it: a header, or the error and its sentence."""
    try:
        found = look(path)
    except StentviewerError as error:
        return type(error), str(error)
    return found.header if isinstance(found, IndexedFile) else found


def same_as_the_reader(paths: list[Path]) -> None:
    for path in paths:
        assert outcome(index_file, path) == outcome(read_indexed, path), path.name


def test_the_odd_files_that_pydicom_carries() -> None:
    same_as_the_reader([path for path in map(Path, get_testdata_files()) if path.is_file()])


def test_the_real_and_the_hostile_files(data_dir: Path) -> None:
    places = ("hostile-dicom", "radiographs", "ct-abdomen", "xa-cine")
    found = [path for place in places for path in sorted((data_dir / place).rglob("*"))]
    some = [path for path in found if path.is_file() and path.stat().st_size < 2**23]
    assert len(some) > 100
    same_as_the_reader(some)


@pytest.mark.parametrize("syntax", [ExplicitVRLittleEndian, ImplicitVRLittleEndian])
def test_a_series_keeps_each_files_own_uid_and_number(
    write_dicom: Writer, syntax: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    paths = [
        write_dicom(
            name=f"{n}",
            syntax=syntax,
            SOPInstanceUID=f"1.2.{n}",
            InstanceNumber=n,
            PatientName="Kim^Minsu=金^民秀=김^민수",
            SpecificCharacterSet="ISO_IR 192",
        )
        for n in (0, 7, 12)
    ]
    same_as_the_reader(paths)
    monkeypatch.setattr(index_header, "read_indexed", lambda _: pytest.fail("not the quick way"))
    for n, path in zip((0, 7, 12), paths, strict=True):
        header = index_file(path).header
        assert isinstance(header, ImageHeader)
        assert (header.path, header.identity.sop_uid) == (path, f"1.2.{n}")
        assert header.identity.instance_number == n
        assert header.identity.patient_name_ideographic == "김^민수"


@pytest.mark.parametrize(
    "elements",
    [
        {"SOPInstanceUID": "1.2.x"},
        {"SOPInstanceUID": ["1.2", "1.3"]},
        {"InstanceNumber": "7.5"},
        {"InstanceNumber": "-3"},
        {"InstanceNumber": "99999999999"},
        {"InstanceNumber": ["1", "2"]},
        {"SpecificCharacterSet": "ISO 2022 IR 149", "PatientName": "Kim^Minsu"},
        {"SpecificCharacterSet": "nonsense", "PatientName": "Kim"},
        {"Rows": 0},
        {"NumberOfFrames": -2},
    ],
)
def test_odd_values_are_read_as_the_reader_reads_them(
    write_dicom: Writer, elements: dict[str, Any]
) -> None:
    same_as_the_reader([write_dicom(**elements)])


def test_nothing_of_the_file_before_is_taken_for_this_ones(write_dicom: Writer) -> None:
    """A short file after a long one, in one thread: their bytes share a buffer."""
    whole = write_dicom(name="whole", PatientName="Doe^Jane")
    data = whole.read_bytes()
    for cut in range(0, len(data), 7):
        short = whole.with_name(f"short{cut}")
        short.write_bytes(data[:cut])
        index_file(whole)
        assert outcome(index_file, short) == outcome(read_indexed, short), cut


@pytest.mark.parametrize("more", [0, 1, 2**20 - 1000, 2**20, 3 * 2**20 + 5])
def test_every_byte_is_in_the_hash(write_dicom: Writer, more: int) -> None:
    path = write_dicom()
    path.write_bytes(path.read_bytes() + os.urandom(more))
    assert index_file(path).sha256 == hashlib.sha256(path.read_bytes()).hexdigest()


def presentation(path: Path, *images: str, **elements: Any) -> Path:
    data = Dataset()
    data.SOPClassUID, data.SOPInstanceUID, data.Modality = GSPS, "1.2.9", "PR"
    data.ContentLabel = "MARKS"
    series = Dataset()
    series.SeriesInstanceUID = "1.2.3.1"
    series.ReferencedImageSequence = []
    for uid in images:
        item = Dataset()
        item.ReferencedSOPClassUID = "1.2.840.10008.5.1.4.1.1.2"
        item.ReferencedSOPInstanceUID = uid
        series.ReferencedImageSequence.append(item)
    data.ReferencedSeriesSequence = [series]
    for keyword, value in elements.items():
        setattr(data, keyword, value)
    data.file_meta = FileMetaDataset()
    data.file_meta.TransferSyntaxUID = ExplicitVRLittleEndian
    data.file_meta.MediaStorageSOPClassUID = data.SOPClassUID
    data.file_meta.MediaStorageSOPInstanceUID = data.SOPInstanceUID
    path.parent.mkdir(parents=True, exist_ok=True)
    data.save_as(path, enforce_file_format=True)
    return path


def test_a_presentation_state_is_found_with_its_images(tmp_path: Path) -> None:
    path = presentation(tmp_path / "pr", "1.2.3", "1.2.4", "1.2.3")
    found = index_file(path)
    assert found.header == PresentationHeader(path, "1.2.9", "MARKS", ("1.2.3", "1.2.4"))
    with pytest.raises(StentviewerError, match="without pixels"):
        read_header(path)
    bare = presentation(tmp_path / "bare", ContentLabel="", ReferencedSeriesSequence=[])
    assert index_file(bare).header == PresentationHeader(bare, "1.2.9", "", ())
    other = presentation(tmp_path / "sr", SOPClassUID="1.2.840.10008.5.1.4.1.1.88.33")
    with pytest.raises(StentviewerError, match="without pixels"):
        index_file(other)


def test_what_is_no_file_is_a_sentence(tmp_path: Path) -> None:
    (tmp_path / "empty").touch()
    (tmp_path / "words").write_text("words")
    for name, error in (("empty", NotAnImageError), ("words", NotAnImageError)):
        with pytest.raises(error, match=name):
            index_file(tmp_path / name)
    for path in (tmp_path, tmp_path / "gone"):
        with pytest.raises(StentviewerError):
            index_file(path)


def folder_of_all(folder: Path, write_dicom: Writer) -> Path:
    """Images, marks, words and half a file, in folders."""
    for n in range(100):
        write_dicom(name=f"image{n}", SOPInstanceUID=f"1.2.{n}").rename(
            folder / "a" / f"{n:03d}" if n % 2 else folder / f"{n:03d}"
        )
    cv2.imwrite(str(folder / "p.png"), np.full((8, 8), 3, np.uint8))
    (folder / "a" / "note").write_text("words")
    half = (folder / "000").read_bytes()[:300]
    (folder / "half").write_bytes(half)
    return folder


def test_threads_find_what_one_alone_finds_in_the_same_order(
    tmp_path: Path, write_dicom: Writer
) -> None:
    folder = tmp_path / "all"
    (folder / "a").mkdir(parents=True)
    folder_of_all(folder, write_dicom)
    alone = list(find_images([folder, folder / "p.png"], tmp_path / "u"))
    with closing(find_files([folder, folder / "p.png"], tmp_path / "u")) as found:
        together = [one if isinstance(one, Problem) else one.header for one in found]
    assert together == alone
    assert len(alone) == 104
    presentation(folder / "z", "1.2.3")
    with closing(find_files([folder], tmp_path / "u")) as found:
        kinds = [type(one.header) for one in found if isinstance(one, IndexedFile)]
    assert kinds.count(PresentationHeader) == 1


def test_cancelling_or_leaving_ends_the_threads(tmp_path: Path, write_dicom: Writer) -> None:
    folder = tmp_path / "all"
    (folder / "a").mkdir(parents=True)
    folder_of_all(folder, write_dicom)
    cancelled = threading.Event()
    job = JobContext(lambda progress: cancelled.set() if progress.done == 9 else None, cancelled)
    seen = []
    with (
        pytest.raises(Cancelled),
        closing(find_files([folder], tmp_path / "u", job)) as found,
    ):
        seen.extend(found)
    assert len(seen) == 10
    with closing(find_files([folder], tmp_path / "u")) as found:
        next(found)
    assert not [one for one in threading.enumerate() if one.name.startswith("index")]


def test_a_bug_in_a_thread_is_raised_where_it_is_asked_for(
    tmp_path: Path, write_dicom: Writer, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_dicom(name="a")

    def fail(path: Path) -> IndexedFile:
        raise RuntimeError("a bug")

    monkeypatch.setattr(index_header, "index_file", fail)
    with pytest.raises(RuntimeError), closing(find_files([tmp_path], tmp_path / "u")) as found:
        list(found)
    assert scan._THREADS > 1
