"""Many files in one transaction are as many files one after the other."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import sqlalchemy as sa

from stentviewer.core.types import Box, HeatMap, ImageHeader
from stentviewer.imaging.presentation_header import PresentationHeader
from stentviewer.library import indexing
from stentviewer.library.repository import Library
from stentviewer.library.schema import audit
from tests.library.make import KIM, digest, finding, header, label, measurement, reading, studies


def file(library: Library, name: str, content: str = "", **identity: Any) -> indexing.File:
    made = header(library.folder / name, replace(KIM, **{"sop_uid": name} | identity))
    return made, digest(content or name)


def test_many_at_once_are_as_one_after_the_other(tmp_path: Path) -> None:
    files: list[tuple[ImageHeader, str]] = []
    with (
        Library.open(tmp_path / "one", "kim") as one,
        Library.open(tmp_path / "many", "kim") as many,
    ):
        one.folder = many.folder = tmp_path  # so that paths are the same
        files = [
            file(one, "a", study_uid="1", series_uid="1"),
            file(one, "b", study_uid="1", series_uid="2", patient_name="kim minsu"),
            file(one, "c", "a"),  # the same content elsewhere
            file(one, "d", sop_uid="a"),  # other content under a known UID
            file(one, "e", patient_name="LEE^SORA"),  # another person under a known ID
            file(one, "f", patient_name="LEE^SORA", birth_date=""),
            file(one, "g", patient_id="", birth_date=""),
            file(one, "d", sop_uid="a"),
        ]
        alone = [one.add(*each) for each in files]
        together = many.add_many(files)
        assert [(x.record.id, x.is_new, x.notice) for x in together] == [
            (x.record.id, x.is_new, x.notice) for x in alone
        ]
        assert many.worklist() == one.worklist()
        assert studies(many) == studies(one)
        assert sum("SOP Instance" in x.notice for x in alone) == 1
        assert sum("patient ID" in x.notice for x in alone) == 1
        for library in (one, many):
            assert all("no longer where" in fault for fault in library.check())
        assert many.add_many([]) == []


def test_a_batch_is_one_row_of_the_trail_with_every_hash(library: Library) -> None:
    library.add_many([file(library, f"{n}") for n in range(1200)])
    newest = library.audit(3)
    assert [e.target for e in newest] == [
        "images 1001 to 1200",
        "images 501 to 1000",
        "images 1 to 500",
    ]
    assert newest[0].detail == "DICOM, 200 files"
    with library._read() as connection:
        data = connection.execute(sa.select(audit.c.data).where(audit.c.n == newest[0].n)).scalar()
    assert json.loads(str(data))["images"][0] == [1001, digest("1000")]


def test_a_removed_image_is_back_with_everything_once_added_again(library: Library) -> None:
    added = library.add_many([file(library, name) for name in "abc"])
    ids = [one.record.id for one in added]
    kept = library.save_reading(ids[0], reading(finding()))
    library.set_label(label(ids[0], "EGIS", reading_id=kept.id))
    library.set_measurement(measurement("m", ids[0]))
    library.set_thumbnail(ids[0], b"png")
    before = library.worklist()
    assert library.remove_images(ids) == tuple(ids)
    assert library.remove_images(ids) == ()
    assert library.worklist() == []
    assert library.label(ids[0], 0) is not None, "what was said is kept"
    again = library.add_many([file(library, name) for name in "abc"])
    assert [one.is_new for one in again] == [True] * 3
    assert again[0].record == library.image(ids[0])
    assert again[0].record.reading_count == 1
    assert library.worklist() == before
    assert library.thumbnail(ids[0]) == b"png"
    assert [m.id for m in library.measurements(ids)] == ["m"]
    assert [(e.action, e.target) for e in library.audit(2)] == [
        ("images put back", "images 1 to 3"),
        ("images removed", "images 1 to 3"),
    ]


def test_removed_images_are_put_back_without_their_files(library: Library) -> None:
    ids = [one.record.id for one in library.add_many([file(library, str(n)) for n in range(600)])]
    before = library.worklist()
    library.remove_images(ids[:550])
    assert library.put_back([*ids, 9999]) == tuple(ids[:550]), "only what was off the worklist"
    assert library.worklist() == before
    assert library.put_back(ids) == ()
    assert [(e.action, e.target) for e in library.audit(2)] == [
        ("images put back", "images 1 to 550"),
        ("images removed", "images 1 to 550"),
    ]
    library.remove_images([3])
    library.put_back([3])
    assert (library.audit(1)[0].action, library.audit(1)[0].target) == ("image put back", "image 3")


def test_an_image_put_back_from_elsewhere_goes_with_its_file(library: Library) -> None:
    image_id = library.add(*file(library, "a")).record.id
    library.remove_images([image_id])
    back = library.add(*file(library, "moved/a", "a"))
    assert (back.is_new, back.record.id) == (True, image_id)
    assert back.record.header.path == library.folder / "moved/a"


def test_what_goes_wrong_in_a_batch_leaves_nothing_of_it(
    library: Library, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: Any) -> None:
        raise RuntimeError("a bug")

    monkeypatch.setattr(indexing, "_note_new", fail)
    with pytest.raises(RuntimeError):
        library.add_many([file(library, name) for name in "abc"])
    assert library.worklist() == []
    assert library.check() == []


def test_a_thumbnail_is_kept_and_can_be_made_anew(library: Library) -> None:
    image_id = library.add(*file(library, "a")).record.id
    assert library.thumbnail(image_id) is None
    library.set_thumbnail(image_id, b"one")
    library.set_thumbnail(image_id, b"two")
    assert library.thumbnail(image_id) == b"two"
    assert library.thumbnail(99) is None


def marks(library: Library, name: str, *images: str) -> PresentationHeader:
    return PresentationHeader(library.folder / name, f"1.9.{name}", "MARKS", images)


def test_presentations_are_found_by_their_images(library: Library) -> None:
    one, is_new = library.add_presentation(marks(library, "p1", "1", "2"), digest("p1"))
    assert is_new
    two, _ = library.add_presentation(marks(library, "p2", "2", "3", "3"), digest("p2"))
    assert (one.sop_uid, one.label, one.images) == ("1.9.p1", "MARKS", ("1", "2"))
    assert two.images == ("2", "3")
    assert library.presentations(["2"]) == [one, two]
    assert library.presentations(["1", "x"]) == [one]
    assert library.presentations([]) == []
    moved, is_new = library.add_presentation(marks(library, "here", "1", "2"), digest("p1"))
    assert (is_new, moved.id, moved.path) == (False, one.id, library.folder / "here")
    assert [e.action for e in library.audit(3)] == [
        "presentation moved",
        "presentation added",
        "presentation added",
    ]
    assert [f for f in library.check() if "Presentation 1" in f], "its file is not there"


def test_further_explanations_are_kept_beside_the_reading(library: Library) -> None:
    image_id = library.add(*file(library, "a")).record.id
    kept = library.save_reading(image_id, reading(finding()))
    assert library.explanations(kept.id) == []
    maps = [
        HeatMap(np.full((2, 3), value, np.float32), Box(0, -0.1, 1, 1.1), method)
        for value, method in ((0.25, "Occlusion"), (0.5, "Grad-CAM++"), (0.75, "Occlusion"))
    ]
    for heat in maps:
        library.save_explanation(kept.id, heat)
    found = library.explanations(kept.id)
    assert [(heat.method, heat.extent) for heat in found] == [
        ("Occlusion", maps[2].extent),
        ("Grad-CAM++", maps[1].extent),
    ]
    np.testing.assert_array_equal(found[0].values, maps[2].values)
    assert library.audit(1)[0].target == f"reading {kept.id}"
    assert [f for f in library.check() if "no longer" not in f] == []


def test_a_note_is_in_the_trail_and_nowhere_else(library: Library) -> None:
    library.note("sealed reading on", "sealed reading", "by the settings")
    newest = library.audit(1)[0]
    assert (newest.action, newest.target, newest.detail, newest.by) == (
        "sealed reading on",
        "sealed reading",
        "by the settings",
        "kim",
    )
    assert library.check() == []
