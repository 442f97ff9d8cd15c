"""What goes in comes out, once, and stays."""

from __future__ import annotations

import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from stentviewer.core.types import LabelAction
from stentviewer.library.records import Added, ImageRecord
from stentviewer.library.repository import Library
from tests.library.make import KIM, digest, finding, header, label, reading, studies


def add(library: Library, name: str = "a.dcm", content: str = "", **identity: object) -> Added:
    path = library.folder / name
    sha256 = digest(content or name)
    return library.add(header(path, replace(KIM, **identity)), sha256)


def images(library: Library) -> list[ImageRecord]:
    return [
        image for study in studies(library) for series in study.series for image in series.images
    ]


def test_an_image_comes_back_as_it_went_in(library: Library) -> None:
    added = add(library)
    assert added.is_new
    assert added.notice == ""
    (row,) = library.worklist()
    assert (row.patient_id, row.name) == ("00123", "KIM^MINSU")
    assert row.name_ideographic == "金^民秀"
    (study,) = studies(library)
    assert (study.uid, study.date, study.modality) == ("1.2.3", "2026-11-20", "XA")
    (series,) = study.series
    assert (series.number, series.description) == (2, "spot")
    (image,) = series.images
    assert image == added.record == library.image(image.id)
    assert image.header == header(library.folder / "a.dcm")
    assert (image.label, image.reading_count) == (None, 0)


def test_all_of_it_is_there_after_closing_and_opening(folder: Path) -> None:
    with Library.open(folder, "kim") as library:
        image_id = add(library).record.id
        kept = library.save_reading(image_id, reading(finding()))
        said = library.set_label(label(image_id, "NITI-S", reading_id=kept.id))
        before = studies(library)
    with Library.open(folder, "lee") as library:
        assert studies(library) == before
        assert library.label(image_id, 0) == said
        assert before[0].series[0].images[0].label == said
        assert library.label_history(image_id) == [said]
        (again,) = library.readings(image_id)
        assert again.by == "kim"
        assert replace(again.reading, heat=None) == replace(kept.reading, heat=None)
        assert again.reading.heat is not None
        assert kept.reading.heat is not None
        assert again.reading.heat.extent == kept.reading.heat.extent
        np.testing.assert_allclose(again.reading.heat.values, kept.reading.heat.values, atol=5e-4)


def test_a_reading_without_a_heat_map_has_none_afterwards(library: Library) -> None:
    image_id = add(library).record.id
    library.save_reading(image_id, reading(heat=False))
    assert library.readings(image_id)[0].reading == reading(heat=False)


def test_the_same_content_makes_no_copy_and_follows_its_file(library: Library) -> None:
    first = add(library, "a.dcm", "x")
    second = add(library, "moved.dcm", "x")
    assert not second.is_new
    assert second.record.id == first.record.id
    assert second.record.header.path.name == "moved.dcm"
    assert len(images(library)) == 1
    assert [e.action for e in library.audit(2)] == ["image moved", "image added"]


def test_other_content_under_one_uid_is_kept_apart_and_said(library: Library) -> None:
    add(library, "a.dcm", "x")
    other = add(library, "b.dcm", "y")
    assert other.is_new
    assert "SOP Instance UID" in other.notice
    assert len(images(library)) == 2


def test_pictures_are_grouped_by_folder_under_one_empty_patient(library: Library) -> None:
    for path in ("one/a.png", "one/b.png", "two/a.png"):
        picture = replace(
            header(library.folder / path), identity=type(KIM)(), format="PNG", has_dicom_truth=False
        )
        library.add(picture, digest(path))
    rows = library.worklist()
    assert {(row.patient, row.patient_id, row.name) for row in rows} == {(1, "", "")}
    counts = {s.description: len(s.series[0].images) for s in studies(library)}
    assert counts == {"one": 2, "two": 1}


@pytest.mark.parametrize(
    ("change", "patients", "told"),
    [
        ({"patient_name": "Kim Minsu"}, 1, False),
        ({"patient_name": "", "birth_date": ""}, 1, False),
        ({"patient_name": "LEE^SORA"}, 2, True),
        ({"birth_date": "1990-01-01"}, 2, True),
        ({"patient_id": "9"}, 2, False),
    ],
)
def test_two_people_are_never_mixed_up(
    library: Library, change: dict[str, str], patients: int, told: bool
) -> None:
    add(library, "a.dcm")
    other = add(library, "b.dcm", sop_uid="9", **change)
    rows = library.worklist()
    assert len({row.patient for row in rows}) == len(rows) == patients
    assert ("patient ID" in other.notice) is told
    assert "KIM" not in other.notice
    assert "00123" not in other.notice


def test_what_a_patient_lacked_is_filled_in_later(library: Library) -> None:
    add(library, "a.dcm", birth_date="", sex="")
    add(library, "b.dcm", sop_uid="9")
    (row,) = library.worklist()
    assert (row.birth_date, row.sex) == ("1951-02-03", "M")


def test_without_an_id_only_equal_names_and_dates_are_one_patient(library: Library) -> None:
    add(library, "a.dcm", patient_id="")
    add(library, "b.dcm", patient_id="", birth_date="", sop_uid="9")
    assert len(library.worklist()) == 2


def test_a_study_takes_as_many_queries_for_many_images_as_for_one(
    library: Library, statements: list[tuple[str, Any]]
) -> None:
    add(library, "a")
    statements.clear()
    library.study(1)
    for_one = len(statements)
    for n in range(30):
        add(library, f"{n}", series_uid=str(n % 11), sop_uid=str(n))
    statements.clear()
    assert len(library.study(1).series) == 12
    assert len(statements) == for_one


def test_readings_come_newest_first_and_by_frame(library: Library) -> None:
    image_id = add(library).record.id
    for frame, maker in ((0, "EGIS"), (1, "Epic"), (0, "Bona")):
        library.save_reading(image_id, reading(finding(maker), frame=frame))

    def makers(frame: int | None) -> list[str]:
        return [r.reading.findings[0].maker for r in library.readings(image_id, frame)]

    assert makers(None) == ["Bona", "Epic", "EGIS"]
    assert makers(0) == ["Bona", "EGIS"]
    newest = library.latest_reading(image_id, 0)
    assert newest is not None
    assert newest.reading.findings[0].maker == "Bona"
    assert library.latest_reading(image_id, 2) is None
    assert library.image(image_id).reading_count == 3


def test_labels_are_kept_by_frame_and_a_cleared_one_is_no_label(library: Library) -> None:
    image_id = add(library).record.id
    library.set_label(label(image_id, "EGIS", frame=0))
    library.set_label(label(image_id, "Epic", frame=1))
    library.set_label(label(image_id, "", frame=1))
    in_force = library.label(image_id, 0)
    assert in_force is not None
    assert in_force.maker == "EGIS"
    assert library.label(image_id, 1) is None
    assert library.image(image_id).label == in_force
    assert [(x.frame, x.maker) for x in library.label_history(image_id)] == [
        (1, ""),
        (1, "Epic"),
        (0, "EGIS"),
    ]
    library.set_label(label(image_id, "", frame=0))
    assert library.image(image_id).label is None
    assert library.label_history(image_id)[0].action is LabelAction.CLEAR


def test_unknown_ids_are_a_lookup_error(library: Library) -> None:
    with pytest.raises(LookupError):
        library.image(99)


def test_threads_write_and_read_together(library: Library) -> None:
    image_id = add(library).record.id
    failures: list[BaseException] = []

    def work(name: str) -> None:
        try:
            for n in range(10):
                library.set_label(label(image_id, f"{name}{n}"))
                studies(library)
        except BaseException as error:  # handed to the test's own thread below
            failures.append(error)

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    history = [x.maker for x in reversed(library.label_history(image_id))]
    assert len(history) == 40
    for name in "abcd":
        assert [m for m in history if m[0] == name] == [f"{name}{n}" for n in range(10)]
    assert [e.n for e in library.audit()] == list(range(42, 0, -1))


def test_the_trail_names_no_patient(library: Library) -> None:
    image_id = add(library, "KIM_MINSU.dcm").record.id
    library.save_reading(image_id, reading(finding()))
    library.set_label(label(image_id, "EGIS", frame=1))
    add(library, "moved/KIM_MINSU2.dcm", "KIM_MINSU.dcm")
    text = repr(library.audit()).upper()
    for secret in ("MINSU", "00123", "1951", "1.2.3", "金"):
        assert secret not in text
    newest = library.audit(2)[1]
    assert (newest.action, newest.by) == ("label corrected", "kim")
    assert newest.target == f"image {image_id}, frame 2"
    assert newest.detail == "EGIS; the model had said EGIS 0.60"
