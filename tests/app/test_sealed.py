"""The reader answers first: nothing of the model's word is given out before, and all after."""

from __future__ import annotations

import re
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.app.sealed import (
    COMMITTED,
    Direction,
    Seal,
    Sealing,
    committed,
    direction_of,
    summary,
)
from stentviewer.app.session import Session
from stentviewer.core.answers import ANSWERS, CANNOT_TELL, NO_STENT, OTHER_DESIGN, answer_of
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.types import LabelAction
from tests.app.conftest import World
from tests.library.make import finding, reading


@pytest.fixture
def image_id(session: Session, files: list[Path]) -> int:
    found = session.add(files[:1]).images[0].id
    session.sealing.switch(True)
    return found


def trail(session: Session, *actions: str) -> list[tuple[str, str]]:
    """Newest first: what was done, and its detail."""
    events = session.library.audit()
    return [(one.action, one.detail) for one in events if not actions or one.action in actions]


def switches(session: Session) -> list[str]:
    return [action for action, _ in trail(session, *Direction)]


def test_without_the_setting_nothing_is_sealed(session: Session, files: list[Path]) -> None:
    image = session.add(files[:1]).images[0].id
    record = session.read(image, 0)
    assert record is not None
    shown = session.latest_reading(image, 0)
    assert shown is not None
    assert shown.id == record.id
    assert session.sealing.seal(image, 0) is Seal.OPEN
    assert session.correct(image, 0, "EGIS").label.action is LabelAction.CORRECT


def test_nothing_is_given_out_before_an_answer(session: Session, image_id: int) -> None:
    assert session.read(image_id, 0) is None
    assert session.latest_reading(image_id, 0) is None
    assert session.sealing.seal(image_id, 0) is Seal.SEALED
    with pytest.raises(UserError, match="sealed"):
        session.accept(image_id, 0)
    said = " ".join(event.detail for event in session.audit())
    assert "NITI-S" not in said
    assert "reading saved" in {event.action for event in session.audit()}


def test_the_answer_reveals(session: Session, image_id: int) -> None:
    session.read(image_id, 0)
    change = session.correct(image_id, 0, "EGIS", confidence=4)
    assert change.label is not None
    assert change.label.action is LabelAction.COMMIT
    assert session.sealing.seal(image_id, 0) is Seal.REVEALED
    record = session.latest_reading(image_id, 0)
    assert record is not None
    assert record.reading.findings[0].maker == "NITI-S"
    assert trail(session, COMMITTED) == [(COMMITTED, '"EGIS", confidence 4')]
    assert "NITI-S" in " ".join(event.detail for event in session.audit())
    assert session.sealing.seal(image_id, 1) is Seal.SEALED, "another frame is answered for itself"


@pytest.mark.parametrize("answer", ANSWERS)
def test_there_are_answers_beside_the_makers(session: Session, image_id: int, answer: str) -> None:
    session.correct(image_id, 0, answer)
    label = session.label(image_id, 0)
    assert label is not None
    assert label.maker == answer
    assert trail(session, COMMITTED)[0][1] == f'"{answer}"'
    with pytest.raises(UserError, match="not one of the makers"):
        session.correct(image_id, 0, "Nobody")


def test_another_readers_answer_is_sealed_too(session: Session, image_id: int) -> None:
    session.read(image_id, 0)
    session.correct(image_id, 0, "EGIS")
    session.reader = "lee"
    assert session.label(image_id, 0) is None
    assert session.history(image_id) == []
    assert session.latest_reading(image_id, 0) is None
    said = " ".join(event.detail for event in session.audit())
    assert "EGIS" not in said
    session.correct(image_id, 0, "Epic")
    assert [label.maker for label in session.history(image_id)] == ["Epic", "EGIS"]


@pytest.mark.parametrize("on", [True, False])
def test_a_trail_that_cannot_be_written_leaves_it_sealed(
    session: Session, image_id: int, monkeypatch: pytest.MonkeyPatch, on: bool
) -> None:
    session.read(image_id, 0)
    session.sealing.is_on = not on

    def full(*_: object) -> None:
        raise KnownError("The disk is full.")

    monkeypatch.setattr(session.library, "note", full)
    with pytest.raises(KnownError, match="full"):
        session.sealing.switch(on)
    assert session.latest_reading(image_id, 0) is None


def test_what_another_reader_did_with_it_does_not_tell_either(
    session: Session, image_id: int
) -> None:
    """An accepted label says that the model named a maker, a switch where it lies."""
    session.read(image_id, 0)
    session.correct(image_id, 0, "EGIS")
    session.accept(image_id, 0)
    session.undo()
    session.reader = "lee"
    told = [(one.action, one.detail) for one in session.audit() if "frame" in one.target]
    assert {action for action, _ in told} == {"reading saved", "sealed"}
    assert {detail for _, detail in told} == {"sealed"}


def test_taking_another_readers_label_back_waits_for_an_answer(
    session: Session, image_id: int
) -> None:
    session.sealing.switch(False)
    session.read(image_id, 0)
    session.accept(image_id, 0)
    session.correct(image_id, 0, "EGIS")
    session.sealing.switch(True)
    session.reader = "lee"
    with pytest.raises(UserError, match="sealed"):
        session.undo()
    assert [one.maker for one in session.library.label_history(image_id)] == ["EGIS", "NITI-S"]
    session.correct(image_id, 0, "Epic")
    session.undo()
    session.undo()
    label = session.label(image_id, 0)
    assert label is not None
    assert label.maker == "NITI-S"
    session.reader = "park"
    with pytest.raises(UserError, match="sealed"):
        session.redo()


def test_ones_own_undo_of_anothers_label_is_sealed_in_the_trail(
    session: Session, image_id: int
) -> None:
    session.sealing.switch(False)
    session.read(image_id, 0)
    session.accept(image_id, 0)
    session.reader = "lee"
    session.undo()
    session.sealing.switch(True)
    assert "NITI-S" not in " ".join(f"{one.action} {one.detail}" for one in session.audit())


def test_going_over_to_the_model_is_a_switch_and_back_another(
    session: Session, image_id: int
) -> None:
    session.read(image_id, 0)
    session.correct(image_id, 0, "EGIS")
    session.accept(image_id, 0)
    session.correct(image_id, 0, "Epic")
    session.correct(image_id, 0, NO_STENT)
    assert switches(session) == [Direction.ASIDE, Direction.AWAY, Direction.TOWARDS]
    detail = trail(session, Direction.TOWARDS)[0][1]
    assert re.fullmatch(r'from "EGIS" to "NITI-S", \d+\.\d s after the reveal', detail)


def test_staying_with_the_answer_is_no_switch(session: Session, image_id: int) -> None:
    session.read(image_id, 0)
    session.correct(image_id, 0, "NITI-S")
    session.accept(image_id, 0)
    assert switches(session) == []


def test_an_answer_changed_before_any_reading_is_no_switch(session: Session, image_id: int) -> None:
    session.correct(image_id, 0, "EGIS")
    session.correct(image_id, 0, "Epic")
    assert switches(session) == []
    session.read(image_id, 0)
    session.correct(image_id, 0, "NITI-S")
    assert switches(session) == [Direction.TOWARDS]


def test_undo_hides_nothing_again_and_is_logged(session: Session, image_id: int) -> None:
    session.read(image_id, 0)
    session.correct(image_id, 0, "NITI-S", confidence=2)
    session.undo()
    assert session.label(image_id, 0) is None
    assert session.sealing.seal(image_id, 0) is Seal.REVEALED
    assert session.latest_reading(image_id, 0) is not None
    assert switches(session) == [Direction.AWAY]
    session.redo()
    assert switches(session) == [Direction.TOWARDS, Direction.AWAY]
    assert len(trail(session, COMMITTED)) == 1, "an answer is committed once"
    session.correct(image_id, 0, "EGIS")
    session.undo()
    assert switches(session)[:2] == [Direction.TOWARDS, Direction.AWAY]


def test_switches_are_logged_with_the_setting_off_as_well(session: Session, image_id: int) -> None:
    session.read(image_id, 0)
    session.correct(image_id, 0, "EGIS")
    session.sealing.switch(False)
    session.accept(image_id, 0)
    assert switches(session) == [Direction.TOWARDS]
    assert [action for action, _ in trail(session)].count("sealed reading off") == 1


def test_turning_it_on_is_in_the_trail_once(session: Session, image_id: int) -> None:
    session.sealing.switch(True)
    assert [action for action, _ in trail(session)].count("sealed reading on") == 1


def test_what_was_answered_before_the_setting_is_not_sealed(
    session: Session, files: list[Path]
) -> None:
    image = session.add(files[:1]).images[0].id
    session.correct(image, 0, "EGIS")
    session.sealing.switch(True)
    assert session.sealing.seal(image, 0) is Seal.REVEALED
    session.read(image, 0)
    session.accept(image, 0)
    assert switches(session) == [], "only an answer that was committed can be switched"


def test_the_trail_can_be_summed_up(session: Session, files: list[Path]) -> None:
    session.sealing.switch(True)
    one, two, three = (image.id for image in session.add(files[:3]).images)
    for image, maker, confidence in ((one, "EGIS", 2), (two, "NITI-S", 5), (three, "Epic", None)):
        session.read(image, 0)
        session.correct(image, 0, maker, confidence)
    session.accept(one, 0)
    session.correct(two, 0, "Bona")
    found = summary(session.library.audit())
    assert found.commits == 3
    assert found.confidences == {1: 0, 2: 1, 3: 0, 4: 0, 5: 1}
    assert [(s.before, s.after, s.direction) for s in found.switches] == [
        ("EGIS", "NITI-S", Direction.TOWARDS),
        ("NITI-S", "Bona", Direction.AWAY),
    ]
    assert found.count(Direction.TOWARDS) == found.count(Direction.AWAY) == 1
    assert found.count(Direction.ASIDE) == 0
    assert all(0 <= switch.seconds < 60 for switch in found.switches)
    assert found.switches[0].target == f"image {one}, frame 1"
    assert session.library.check() == []


def test_how_long_after_counts_from_when_both_were_there(
    session: Session, image_id: int, world: World
) -> None:
    """The stand-in's reading is dated 2026: the answer, later or earlier, decides."""
    session.read(image_id, 0)
    session.correct(image_id, 0, "EGIS")
    label = session.label(image_id, 0)
    assert label is not None
    (record,) = session.library.readings(image_id, 0)
    revealed = max(label.at, record.reading.created)
    after = replace(label, maker="NITI-S", action=LabelAction.ACCEPT)
    ((action, detail),) = session.sealing.notes(label, after)
    seconds = float(re.search(r"([\d.]+) s", detail)[1])  # type: ignore[index]
    expected = max((datetime.now(UTC) - revealed) / timedelta(seconds=1), 0)
    assert action == Direction.TOWARDS
    assert seconds == pytest.approx(expected, abs=2)


@pytest.mark.parametrize(
    ("before", "after", "model", "direction"),
    [
        ("EGIS", "NITI-S", "NITI-S", Direction.TOWARDS),
        ("NITI-S", "EGIS", "NITI-S", Direction.AWAY),
        ("EGIS", "Epic", "NITI-S", Direction.ASIDE),
        (CANNOT_TELL, NO_STENT, NO_STENT, Direction.TOWARDS),
        ("", "NITI-S", "NITI-S", Direction.TOWARDS),
        ("EGIS", "", "EGIS", Direction.AWAY),
        ("EGIS", "NITI-S + Epic", "Epic + NITI-S", Direction.TOWARDS),
        ("", "EGIS", NO_STENT, Direction.ASIDE),
    ],
)
def test_directions(before: str, after: str, model: str, direction: Direction) -> None:
    assert direction_of(before, after, model) is direction


def test_a_reading_as_one_answer() -> None:
    assert answer_of(reading()) == NO_STENT
    assert answer_of(reading(finding(unknown=True))) == OTHER_DESIGN
    assert answer_of(reading(finding("EGIS", 0.4), finding("Epic", 0.7))) == "EGIS + Epic"
    assert answer_of(replace(reading(), refusal="No radiograph.")) == CANNOT_TELL


@given(st.text(min_size=1, max_size=40), st.sampled_from([None, 1, 5]))
def test_any_name_survives_the_trail(maker: str, confidence: int | None) -> None:
    from stentviewer.app.sealed import _COMMIT

    action, detail = committed(maker, confidence)
    assert action == COMMITTED
    found = _COMMIT.fullmatch(detail)
    assert (found is not None) == (confidence is not None)


def test_two_sealings_of_one_library_agree(session: Session, image_id: int) -> None:
    """What is revealed lies in the library, so a restart seals nothing again."""
    session.read(image_id, 0)
    session.correct(image_id, 0, "EGIS")
    after_restart = Sealing(session.library)
    after_restart.is_on = True
    assert after_restart.seal(image_id, 0) is Seal.REVEALED


def test_worklist_and_time_line_tell_nothing_of_sealed_frames(
    session: Session, image_id: int, files: list[Path]
) -> None:
    session.read(image_id, 0)
    session.reader = "lee"
    session.correct(image_id, 0, "EGIS")
    session.reader = "kim"
    (row,) = session.worklist()
    assert (row.read, row.answered, row.unread, row.disagree, row.makers) == (0, 0, 1, False, ())
    assert session.study_row(row.study_id) == row
    (study,) = session.timeline(row.patient)
    assert study.entries == ()
    (image,) = session.study(row.study_id).series[0].images
    assert (image.label, image.reading_count) == (None, 0)

    session.correct(image_id, 0, "Epic")
    (row,) = session.worklist()
    assert (row.read, row.answered, row.unread, row.disagree) == (1, 1, 0, True)
    assert [one.makers for one in session.timeline(row.patient)[0].entries] == [("NITI-S",)]
    (image,) = session.study(row.study_id).series[0].images
    assert image.label is not None
    assert (image.label.maker, image.reading_count) == ("Epic", 1)


def test_a_frame_that_was_not_answered_stays_sealed_in_an_image_that_was(
    session: Session, image_id: int
) -> None:
    session.read(image_id, 0)
    session.read(image_id, 2)
    session.correct(image_id, 0, "EGIS")
    (row,) = session.worklist()
    assert [one.frame for one in session.timeline(row.patient)[0].entries] == [0]
    assert row.makers == ("EGIS",)
