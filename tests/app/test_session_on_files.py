"""The session over real files: DICOM, a picture, a broken one, a ZIP of them."""

from __future__ import annotations

import shutil
import zipfile
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from pydicom.data import get_testdata_file

from stentviewer.app.commands import RemovalChange
from stentviewer.app.session import Session
from stentviewer.core.errors import KnownError
from stentviewer.library.repository import Library
from tests.imaging.stacks import straight, write_stack
from tests.imaging.test_index_header import presentation


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    catalog: Any = SimpleNamespace()
    with Library.open(tmp_path / "library", "kim") as library:
        yield Session(library, catalog, "kim")


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A CT slice without ending, a picture, a truncated DICOM file and a note."""
    made = tmp_path / "images"
    made.mkdir()
    source = get_testdata_file("CT_small.dcm")
    assert isinstance(source, str)
    shutil.copy(source, made / "slice")
    content = Path(source).read_bytes()
    (made / "half.dcm").write_bytes(content[: len(content) // 2])
    cv2.imwrite(str(made / "frame.png"), np.arange(64 * 80, dtype=np.uint16).reshape(64, 80) * 12)
    return made


def test_a_folder_is_indexed_and_its_images_open(session: Session, folder: Path) -> None:
    result = session.add([folder])
    assert [i.header.path.name for i in result.images] == ["frame.png", "half.dcm", "slice"]
    assert [p.path.name for p in result.problems] == ["slice"]
    assert "same SOP Instance UID" in result.problems[0].message
    half = result.images[1].id
    assert session.thumbnail(half) is None
    with pytest.raises(KnownError, match=r"half\.dcm"):
        session.open_image(half)
    for image in (result.images[0], result.images[2]):
        assert (session.thumbnail(image.id) or b"").startswith(b"\x89PNG")
        values = session.open_image(image.id).radiograph.modality_values(0)
        assert values.shape == (image.header.rows, image.header.columns)
    assert session.add([folder]).new == 0
    assert session.library.check() == []


def test_a_zip_brings_the_same_images(session: Session, folder: Path, tmp_path: Path) -> None:
    with zipfile.ZipFile(tmp_path / "sent.zip", "w") as archive:
        archive.write(folder / "slice", "a/slice")
        archive.write(folder / "frame.png", "a/frame.png")
    first = session.add([tmp_path / "sent.zip"])
    assert (first.new, first.problems) == (2, ())
    again = session.add([folder / "slice"])
    assert again.new == 0
    assert again.images[0].header.path == folder / "slice"
    assert session.library.check() == []


def test_what_was_removed_is_back_once_its_folder_is_added_again(
    session: Session, folder: Path
) -> None:
    ids = [image.id for image in session.add([folder]).images]
    assert sum(row.images for row in session.worklist()) == 3
    assert session.remove(ids[:2]) == RemovalChange(tuple(ids[:2]), True)
    assert sum(row.images for row in session.worklist()) == 1
    assert (folder / "frame.png").exists()
    again = session.add([folder])
    assert (again.new, [image.id for image in again.images]) == (2, ids)
    assert sum(row.images for row in session.worklist()) == 3


def test_marks_among_the_images_are_kept_with_them(session: Session, folder: Path) -> None:
    image = session.add([folder / "slice"]).images[0]
    uid = image.header.identity.sop_uid
    marks = presentation(folder / "marks", uid)
    result = session.add([folder])
    assert (result.presentations, [p.path.name for p in result.problems]) == (1, ["half.dcm"])
    (kept,) = session.library.presentations([uid])
    assert (kept.path, kept.images) == (marks, (uid,))
    assert session.add([marks]).presentations == 1
    assert len(session.library.presentations([uid])) == 1
    assert session.library.check() == []


@pytest.mark.parametrize("damage", ["cut", "gone"])
def test_a_stack_opens_though_the_slice_it_begins_with_cannot(
    session: Session, tmp_path: Path, damage: str
) -> None:
    """The worklist opens a stack at its middle, so that one must not stand in the way."""
    files = write_stack(tmp_path / "ct", straight(7, shape=(64, 64), spacing=(1.0, 1.0)))
    if damage == "cut":
        files[3].write_bytes(files[3].read_bytes()[:-5000])
    session.add(files)
    if damage == "gone":
        files[3].unlink()
    (row,) = session.worklist()
    hanging, _ = session.hang(row.study_id)
    (content, *_others) = hanging.cells
    assert content is not None
    opened = session.open(content)
    assert opened.volume is not None
    assert len(opened.records) == 6
    assert any("0003.dcm" in note for note in opened.notes)
    assert opened.index_of(content.image_id) == 3
