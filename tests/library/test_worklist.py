"""The worklist's lines and the time line say what the images, readings and labels come to."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from stentviewer.core.answers import CANNOT_TELL, NO_STENT, OTHER_DESIGN
from stentviewer.core.types import Identity
from stentviewer.library.records import StudyRow
from stentviewer.library.repository import Library
from tests.library.make import KIM, digest, finding, header, label, reading


def add(library: Library, name: str, **identity: Any) -> int:
    made = header(library.folder / name, replace(KIM, sop_uid=name, **identity))
    return library.add(made, digest(name)).record.id


def only_row(library: Library) -> StudyRow:
    (row,) = library.worklist()
    assert library.study_row(row.study_id) == row
    assert library.patient_studies(row.patient) == [row]
    return row


def test_a_row_counts_what_is_in_the_study(library: Library) -> None:
    for n in range(3):
        add(library, f"xa{n}")
    add(library, "ct", series_uid="9", series_number=1, modality="CT", body_part="CHEST")
    row = only_row(library)
    assert (row.patient_id, row.name, row.name_ideographic) == ("00123", "KIM^MINSU", "金^民秀")
    assert (row.birth_date, row.sex) == ("1951-02-03", "M")
    assert (row.date, row.time, row.description) == ("2026-11-20", "09:30:00", "ERCP")
    assert (row.accession_number, row.opened) == ("A1", "")
    assert (row.modalities, row.series, row.images) == (("CT", "XA"), 2, 4)
    assert set(row.body_parts) == {"CHEST", "ABDOMEN"}
    assert (row.unread, row.read, row.answered) == (3, 0, 0), "a CT slice is nothing to read"
    assert (row.disagree, row.makers) == (False, ())


def test_what_is_read_or_answered_is_no_more_unread(library: Library) -> None:
    one, two, three = (add(library, name) for name in "abc")
    library.save_reading(one, reading(finding("EGIS")))
    library.set_label(label(two, "Bona"))
    library.save_reading(three, reading(finding("Epic")))
    library.set_label(label(three, "Epic"))
    row = only_row(library)
    assert (row.unread, row.read, row.answered) == (0, 2, 2)
    assert row.makers == ("EGIS", "Bona", "Epic")
    assert not row.disagree
    library.set_label(label(two, ""))
    row = only_row(library)
    assert (row.unread, row.answered, row.makers) == (1, 1, ("EGIS", "Epic"))


def test_what_waits_for_an_answer_is_counted_image_by_image(library: Library) -> None:
    read, answered, both, labelled = (add(library, name) for name in "abcd")
    for image_id in (read, both):
        library.save_reading(image_id, reading(finding("EGIS")))
        library.save_reading(image_id, reading(finding("EGIS"), frame=1))
    for image_id in (answered, both, labelled):
        library.set_label(label(image_id, "Bona"))
    row = only_row(library)
    assert (row.read, row.answered, row.waiting) == (2, 3, 1), "not the difference of the two"
    library.set_label(label(both, ""))
    assert only_row(library).waiting == 2
    library.remove_images([read])
    assert only_row(library).waiting == 1
    (row,) = library.worklist(sealed_to="somebody")
    assert row.waiting == 0, "a sealed reading is not told of"


def test_pictures_of_nobody_are_named_by_their_files(library: Library) -> None:
    nobody = Identity(modality="XA")
    one, two = (
        library.add(header(library.folder / "in" / name, nobody), digest(name)).record.id
        for name in ("stent a.png", "b.png")
    )
    add(library, "somebody")
    rows = {row.files: row for row in library.worklist()}
    assert set(rows) == {("stent a.png", "b.png"), ()}
    pictures = rows["stent a.png", "b.png"]
    assert library.study_row(pictures.study_id) == pictures
    library.remove_images([one])
    row = library.study_row(pictures.study_id)
    assert row is not None
    assert row.files == ("b.png",)
    library.remove_images([two])
    assert library.study_row(pictures.study_id) is None


@pytest.mark.parametrize(
    ("model", "reader", "disagree", "makers"),
    [
        ([finding("EGIS")], "EGIS", False, ("EGIS",)),
        ([finding("EGIS")], "Bona", True, ("Bona",)),
        ([finding("EGIS", 0.3), finding("Bona", 0.6)], "Bona", True, ("Bona",)),
        ([finding("EGIS"), finding("Bona")], "Bona + EGIS", False, ("Bona", "EGIS")),
        ([finding("EGIS"), finding("EGIS")], "EGIS", False, ("EGIS",)),
        ([finding("EGIS"), finding("Bona")], "EGIS + no stent", True, ("EGIS",)),
        ([finding("EGIS"), finding("Bona")], "EGIS + cannot tell", False, ("EGIS",)),
        ([finding("EGIS", 0.3, unknown=True)], "EGIS", True, ("EGIS",)),
        ([finding("EGIS", 0.3, unknown=True)], OTHER_DESIGN, False, (OTHER_DESIGN,)),
        ([], "EGIS", True, ("EGIS",)),
        ([], NO_STENT, False, ()),
        ([finding("EGIS")], NO_STENT, True, ()),
        ([finding("EGIS")], CANNOT_TELL, False, ()),
        ([finding("EGIS")], "", False, ("EGIS",)),
    ],
)
def test_model_and_reader_disagree(
    library: Library, model: list[Any], reader: str, disagree: bool, makers: tuple[str, ...]
) -> None:
    image_id = add(library, "a")
    library.set_label(label(image_id, reader))
    library.save_reading(image_id, reading(*model))
    row = only_row(library)
    assert (row.disagree, row.makers) == (disagree, makers)


def test_of_several_makers_each_is_named_and_a_refused_image_names_none(library: Library) -> None:
    image_id = add(library, "a")
    library.save_reading(image_id, reading(finding("EGIS"), finding("Bona"), finding("EGIS")))
    assert only_row(library).makers == ("EGIS", "Bona")
    library.save_reading(image_id, replace(reading(), refusal="No radiograph."))
    assert (only_row(library).makers, only_row(library).read) == ((), 1)
    library.set_label(label(image_id, "EGIS"))
    assert not only_row(library).disagree


def test_the_newest_reading_counts_and_every_frame_for_itself(library: Library) -> None:
    image_id = add(library, "a")
    for maker in ("EGIS", "Bona"):
        library.save_reading(image_id, reading(finding(maker)))
    library.set_label(label(image_id, "Bona"))
    library.save_reading(image_id, reading(finding("Epic"), frame=2))
    row = only_row(library)
    assert (row.disagree, row.makers, row.read) == (False, ("Bona", "Epic"), 1)


def test_a_sealed_reader_is_told_of_what_they_answered(library: Library) -> None:
    one, two = add(library, "a"), add(library, "b")
    for image_id in (one, two):
        library.save_reading(image_id, reading(finding("EGIS")))
    library.set_label(replace(label(one, "Bona"), by="lee"))
    (row,) = library.worklist(sealed_to="lee")
    assert (row.unread, row.read, row.answered, row.makers) == (1, 1, 1, ("Bona",))
    (row,) = library.worklist(sealed_to="kim")
    assert (row.unread, row.read, row.answered, row.makers) == (2, 0, 0, ())


def test_rows_are_newest_first_and_know_when_they_were_opened(library: Library) -> None:
    for day in ("2026-10-14", "2026-11-20", "2026-11-02"):
        add(library, day, study_uid=day, study_date=day, series_uid=day)
    rows = library.worklist()
    assert [row.date for row in rows] == ["2026-11-20", "2026-11-02", "2026-10-14"]
    before = datetime.now(UTC)
    library.note_opened(rows[1].study_id)
    opened = [row.opened for row in library.worklist()]
    assert before <= datetime.fromisoformat(opened[1]) <= datetime.now(UTC)
    assert opened[0] == opened[2] == ""
    assert library.audit(1)[0].action == "study opened"
    with pytest.raises(LookupError):
        library.note_opened(99)


def test_ten_thousand_studies_take_as_many_queries_as_one(
    library: Library, statements: list[tuple[str, Any]]
) -> None:
    add(library, "a")
    statements.clear()
    library.worklist()
    for_one = [statement for statement, _ in statements]
    files = [
        (
            header(
                library.folder / f"{n}.dcm",
                replace(
                    KIM,
                    patient_id=f"{n // 2}",
                    study_uid=f"7.{n}",
                    series_uid=f"8.{n}",
                    sop_uid=f"9.{n}",
                ),
            ),
            digest(f"many {n}"),
        )
        for n in range(10_000)
    ]
    added = library.add_many(files)
    library.save_reading(added[77].record.id, reading(finding("EGIS")))
    statements.clear()
    rows = library.worklist()
    assert [statement for statement, _ in statements] == for_one
    assert not any("thumbnail" in statement or "heat" in statement for statement in for_one)
    assert len(rows) == 10_001
    assert sum(row.images for row in rows) == 10_001
    assert sum(row.unread for row in rows) == 10_000
    assert [row.makers for row in rows if row.makers] == [("EGIS",)]


def test_the_queries_go_by_indexes(library: Library, statements: list[tuple[str, Any]]) -> None:
    """No pass over images or readings themselves, which hold what is large."""
    add(library, "a")
    statements.clear()
    library.worklist()
    planned = statements.copy()
    with library._read() as connection:
        for statement, given in planned:
            plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", given)
            for step in plan:
                assert not str(step.detail).startswith(("SCAN image", "SCAN reading")) or (
                    "COVERING INDEX" in step.detail
                ), step.detail


def test_a_study_has_its_series_and_images(library: Library) -> None:
    add(library, "b", series_uid="3", series_number=3, instance_number=2)
    add(library, "a", series_uid="3", series_number=3, instance_number=1)
    add(library, "ct", series_uid="4", series_number=1, modality="CT")
    other = add(library, "x", study_uid="other", series_uid="5")
    row = library.worklist()[1]
    study = library.study(row.study_id)
    assert (study.id, study.patient, study.time) == (row.study_id, row.patient, "09:30:00")
    assert [i.header.path.name for s in study.series for i in s.images] == ["ct", "a", "b"]
    library.set_label(label(other, "EGIS"))
    library.save_reading(other, reading())
    of_other = library.study(library.worklist()[0].study_id).series[0].images[0]
    assert of_other == library.image(other)
    assert (of_other.label is not None, of_other.reading_count) == (True, 1)
    with pytest.raises(LookupError):
        library.study(99)


def test_the_time_line_goes_from_the_oldest_to_the_newest(library: Library) -> None:
    def study(day: str, name: str, **more: Any) -> int:
        where = {"study_uid": day, "study_date": day, "series_uid": day + name}
        return add(library, name, **(where | more))

    newest = study("2026-11-20", "c")
    oldest = study("2026-10-14", "a", modality="CT", study_description="CT abdomen")
    middle = study("2026-11-02", "b")
    add(library, "lee", patient_id="9", study_uid="lee", series_uid="lee")
    first = reading(finding("EGIS", 0.4), finding("Bona", 0.8), finding("x", 0.2, unknown=True))
    library.save_reading(middle, reading(finding("Epic"), frame=1))
    library.save_reading(middle, first)
    library.set_label(label(middle, "EGIS", frame=1))
    library.set_label(label(newest, "NITI-S"))
    patient = next(row.patient for row in library.worklist() if row.patient_id == "00123")
    line = library.timeline(patient)
    assert [(one.date, one.modality, one.description) for one in line] == [
        ("2026-10-14", "CT", "CT abdomen"),
        ("2026-11-02", "XA", "ERCP"),
        ("2026-11-20", "XA", "ERCP"),
    ]
    assert [one.images for one in line] == [(oldest,), (middle,), (newest,)]
    assert line[0].entries == ()
    zero, one = line[1].entries
    assert (zero.image_id, zero.frame, zero.makers) == (middle, 0, ("Bona", "EGIS", ""))
    assert (zero.label, zero.model, zero.at) == ("", "stent-demo-abababab", first.created)
    assert (one.frame, one.makers, one.label) == (1, ("Epic",), "EGIS")
    assert one.at == label(1, "").at, "the label is later than the reading"
    (said,) = line[2].entries
    assert (said.makers, said.label, said.model) == ((), "NITI-S", "")


def test_what_is_removed_is_on_no_list(library: Library) -> None:
    kept, gone = add(library, "a"), add(library, "b", study_uid="2", series_uid="2")
    library.save_reading(gone, reading(finding()))
    study_id = next(row.study_id for row in library.worklist() if row.read)
    assert library.remove_images([gone, 99]) == (gone,)
    (row,) = library.worklist()
    assert (row.images, row.read) == (1, 0)
    assert library.study_row(study_id) is None
    assert [one.images for one in library.timeline(row.patient)] == [(kept,)]
    with pytest.raises(LookupError):
        library.study(study_id)


def test_the_images_of_many_studies_in_one_question(library: Library) -> None:
    a, b = add(library, "a", study_uid="1"), add(library, "b", study_uid="2")
    add(library, "c", study_uid="3")
    first, second = (library.study_of(image) for image in (a, b))
    assert first is not None
    assert second is not None
    assert library.image_ids([first, second]) == (a, b)
    assert library.image_ids([second]) == (b,)
    library.remove_images([b])
    assert library.image_ids([first, second]) == (a,)
    assert library.image_ids([]) == ()
