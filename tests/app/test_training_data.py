"""Labelled frames of the worklist as training images."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stentviewer.app.training_data import labelled, labels_there
from stentviewer.core.answers import CANNOT_TELL, NO_STENT, OTHER_DESIGN
from stentviewer.core.errors import Cancelled
from stentviewer.core.jobs import JobContext
from stentviewer.core.types import Identity, LabelAction
from stentviewer.learning.selection import Item, pseudonym
from stentviewer.library.repository import Library
from tests.library.make import KIM, header, label


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library", "kim") as opened:
        yield opened


def add(library: Library, path: Path, patient_id: str = "00123") -> int:
    """An image of a patient on the worklist; its file holds its own name."""
    path.write_text(path.name)
    identity = replace(
        KIM if patient_id else Identity(study_uid="", series_uid="f", sop_uid=""),
        patient_id=patient_id,
        study_uid=f"1.{patient_id}",
        series_uid=f"1.2.{patient_id}",
        sop_uid=path.stem,
    )
    sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
    return library.add(header(path, identity), sha256).record.id


def test_frames_with_a_maker_in_force_and_no_others(library, tmp_path):
    a, b, c = (add(library, tmp_path / f"{n}.dcm", f"P{n}") for n in "abc")
    library.set_label(label(a, "EGIS"))
    library.set_label(label(a, "Epic"))  # the newest is in force
    library.set_label(label(a, "NITI-S", frame=2))
    library.set_label(label(b, "EGIS"))
    library.set_label(replace(label(b, ""), action=LabelAction.CLEAR))
    library.set_label(label(c, NO_STENT, frame=0))
    library.set_label(label(c, OTHER_DESIGN, frame=1))
    library.set_label(label(c, CANNOT_TELL, frame=2))
    path, patient = tmp_path / "a.dcm", pseudonym("Pa")
    gathered = labelled(library)
    assert gathered.items == (
        Item(path, "Epic", patient, 0),
        Item(path, "NITI-S", patient, 2),
    )
    assert gathered.problems == ()
    assert labels_there(library) == {
        CANNOT_TELL: 1, "Epic": 1, "NITI-S": 1, NO_STENT: 1, OTHER_DESIGN: 1,
    }  # fmt: skip
    assert list(labels_there(library)) == sorted(labels_there(library))


def test_a_frame_of_several_makers_teaches_none_of_them(library, tmp_path):
    a, b, c, d = (add(library, tmp_path / f"{n}.dcm") for n in "abcd")
    library.set_label(label(a, "EGIS + Epic"))
    library.set_label(label(b, "EGIS + EGIS"))
    library.set_label(label(c, "Epic + cannot tell"))
    library.set_label(label(d, "no stent + Epic"))
    for labels in (None, {"EGIS", "Epic"}, {"EGIS", "Epic", "EGIS + Epic"}):
        gathered = labelled(library, labels=labels)
        assert [(item.path.name, item.label) for item in gathered.items] == [
            ("b.dcm", "EGIS"),
            ("d.dcm", "Epic"),
        ]
        (notice,) = gathered.problems
        assert notice.is_notice
        assert notice.message.startswith("2 image(s) are labelled with stents of several makers")
    assert labels_there(library)["EGIS"] == 1


def test_by_label_and_the_unnamed_design_where_it_is_asked_for(library, tmp_path):
    a, b = (add(library, tmp_path / f"{n}.dcm") for n in "ab")
    library.set_label(label(a, "EGIS"))
    library.set_label(label(b, OTHER_DESIGN))
    assert [item.label for item in labelled(library, labels={"EGIS"}).items] == ["EGIS"]
    assert [item.label for item in labelled(library, labels={OTHER_DESIGN}).items] == [OTHER_DESIGN]
    assert labelled(library, labels=()).items == ()


def test_images_taken_off_the_worklist_are_not_learned_from(library, tmp_path):
    a = add(library, tmp_path / "a.dcm")
    library.set_label(label(a, "EGIS"))
    library.remove_images([a])
    assert labelled(library).items == ()
    library.put_back([a])
    assert len(labelled(library).items) == 1


def test_a_sealed_reader_learns_of_own_answers_only(library, tmp_path):
    a, b = (add(library, tmp_path / f"{n}.dcm") for n in "ab")
    library.set_label(replace(label(a, "EGIS"), by="lee"))
    library.set_label(replace(label(b, "Epic"), by="kim"))
    assert len(labelled(library).items) == 2
    assert [item.label for item in labelled(library, "kim").items] == ["Epic"]
    assert labels_there(library, "lee") == {"EGIS": 1}
    assert labelled(library, "park").items == ()


def test_a_file_that_is_gone_or_another_is_left_out(library, tmp_path):
    a, b, c = (add(library, tmp_path / f"{n}.dcm") for n in "abc")
    for image in (a, b, c):
        library.set_label(label(image, "EGIS"))
    (tmp_path / "a.dcm").unlink()
    (tmp_path / "b.dcm").write_text("other content")
    gathered = labelled(library)
    assert [item.path.name for item in gathered.items] == ["c.dcm"]
    assert [problem.path.name for problem in gathered.problems] == ["a.dcm", "b.dcm"]
    assert all("since it was labelled" in problem.message for problem in gathered.problems)


def test_a_label_stays_with_the_bytes_it_was_given_to(library, tmp_path):
    path = tmp_path / "a.dcm"
    library.set_label(label(add(library, path), "EGIS"))
    path.write_text("written anew")
    sha256 = hashlib.sha256(b"written anew").hexdigest()
    again = library.add(header(path, replace(KIM, sop_uid="new")), sha256).record.id
    library.set_label(label(again, "Epic"))
    gathered = labelled(library)
    assert [item.label for item in gathered.items] == ["Epic"]
    assert [problem.path for problem in gathered.problems] == [path]


def test_pictures_say_nothing_of_whose_they_are(library, tmp_path):
    a, b = (add(library, tmp_path / f"{n}.png", "") for n in "ab")
    for image in (a, b):
        library.set_label(label(image, "EGIS"))
    gathered = labelled(library)
    assert len({item.patient for item in gathered.items}) == 2
    (notice,) = gathered.problems
    assert notice.is_notice
    assert "2 image(s) do not say whose they are" in notice.message


def test_no_id_and_no_name_is_in_what_goes_on(library, tmp_path):
    a = add(library, tmp_path / "a.dcm", "SECRET-ID")
    library.set_label(label(a, "EGIS"))
    assert "SECRET" not in repr(labelled(library))
    assert "KIM" not in repr(labelled(library))


def test_it_can_be_cancelled(library, tmp_path):
    a = add(library, tmp_path / "a.dcm")
    library.set_label(label(a, "EGIS"))
    context = JobContext()
    context.cancelled.set()
    with pytest.raises(Cancelled):
        labelled(library, context=context)
