"""Open, read, accept, correct, take back: kept at once and said truly."""

from __future__ import annotations

import json
import sys
import threading
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest

from stentviewer.app.session import Session
from stentviewer.core.errors import Cancelled, KnownError, UserError
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.core.logs import start_log, stop_log
from stentviewer.core.types import LabelAction, ModelRef, Reading
from tests.app.conftest import MAKERS, World
from tests.library.make import finding, reading


@pytest.fixture
def image_id(session: Session, files: list[Path]) -> int:
    return session.add(files[:1]).images[0].id


def test_adding_goes_on_after_what_cannot_be_used(
    session: Session, files: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "note.txt").write_text("")
    paths = [tmp_path / "note.txt", tmp_path / "gone.dcm", *files]
    result = session.add(paths)
    assert [i.header.path for i in result.images] == files
    assert result.new == 6
    assert [p.path.name for p in result.problems] == ["note.txt", "gone.dcm"]
    assert "gone.dcm" in result.problems[1].message


def test_an_image_whose_pixels_are_damaged_is_added_and_says_so_when_opened(
    session: Session, files: list[Path], tmp_path: Path
) -> None:
    (tmp_path / "half.dcm").write_text("broken")
    result = session.add([tmp_path / "half.dcm", *files])
    assert (result.new, result.problems) == (7, ())
    half = result.images[0].id
    assert session.thumbnail(half) is None
    with pytest.raises(KnownError, match=r"half\.dcm is truncated"):
        session.open_image(half)


def test_a_thumbnail_is_made_once_and_kept(
    session: Session, files: list[Path], world: World
) -> None:
    result = session.add(files)
    assert world.decoded == []
    assert session.thumbnail(result.images[0].id) == b"png 0.dcm"
    assert session.thumbnail(result.images[0].id) == b"png 0.dcm"
    assert world.decoded == ["0.dcm"]
    files[1].write_text("something else")
    assert session.thumbnail(result.images[1].id) is None  # not of other bytes


def test_adding_again_makes_no_copy_and_decodes_nothing(
    session: Session, files: list[Path], world: World
) -> None:
    first = session.add(files)
    world.decoded.clear()
    again = session.add([*files, files[0]])
    assert again.images == first.images
    assert again.new == 0
    assert world.decoded == []
    assert [row.images for row in session.worklist()] == [6]


def test_what_should_be_known_of_an_added_image_is_a_problem_too(
    session: Session, tmp_path: Path
) -> None:
    for name, content in (("a", "one"), ("b", "two")):
        (tmp_path / name).mkdir()
        (tmp_path / name / "x.dcm").write_text(content)
    result = session.add([tmp_path / "a" / "x.dcm", tmp_path / "b" / "x.dcm"])
    assert result.new == 2
    assert [p.message.split(":")[0] for p in result.problems] == ["x.dcm"]


def test_cancelling_keeps_what_was_indexed(session: Session, files: list[Path]) -> None:
    cancelled = threading.Event()

    def report(progress: Progress) -> None:
        if progress.done == 2:
            cancelled.set()

    with pytest.raises(Cancelled):
        session.add(files, JobContext(report, cancelled))
    assert [row.images for row in session.worklist()] == [3]


def test_opened_images_stay_open_a_while(session: Session, files: list[Path], world: World) -> None:
    ids = [image.id for image in session.add(files).images]
    world.decoded.clear()
    opened = session.open_image(ids[0])
    assert session.open_image(ids[0]).radiograph is opened.radiograph
    assert world.decoded == ["0.dcm"]
    for image_id in (ids[1], ids[2], ids[0], ids[3], ids[0]):
        session.open_image(image_id)
    assert world.decoded == ["0.dcm", "1.dcm", "2.dcm", "3.dcm"]
    session.open_image(ids[1])
    assert world.decoded[-1] == "1.dcm"


def test_a_file_that_is_gone_or_changed_is_told(
    session: Session, files: list[Path], image_id: int
) -> None:
    files[0].write_text("something else")
    with pytest.raises(KnownError, match=r"“0\.dcm” has changed"):
        session.open_image(image_id)
    files[0].unlink()
    with pytest.raises(KnownError, match=r"“0\.dcm” is no longer where it was"):
        session.read(image_id, 0)


def test_a_file_that_moved_is_found_once_opened_again(
    session: Session, files: list[Path], image_id: int, tmp_path: Path
) -> None:
    session.open_image(image_id)
    moved = files[0].rename(tmp_path / "0 moved.dcm")
    assert session.add([moved]).new == 0
    assert session.open_image(image_id).record.header.path == moved


def test_a_reading_is_kept_with_its_model(session: Session, image_id: int, world: World) -> None:
    assert session.latest_reading(image_id, 1) is None
    record = session.read(image_id, 1)
    session.read(image_id, 0)
    assert record.by == "kim"
    newest = session.latest_reading(image_id, 1)
    assert newest is not None
    assert (newest.id, newest.reading.model) == (record.id, session.model)
    assert session.device() == "onnxruntime · CPU"
    assert (world.bundles, world.runtimes) == (1, 1)
    assert session.makers() == list(MAKERS)
    assert session.data_source(session.model) == "simulated stents"
    assert session.data_source(ModelRef("stent-demo", "00" * 32)) == ""


def test_a_cancelled_reading_is_not_kept(session: Session, image_id: int) -> None:
    job = JobContext()
    job.cancelled.set()
    with pytest.raises(Cancelled):
        session.read(image_id, 0, job)
    assert session.latest_reading(image_id, 0) is None


def test_readings_from_many_threads_take_turns(session: Session, files: list[Path]) -> None:
    ids = [image.id for image in session.add(files).images]
    failures: list[BaseException] = []

    def read(image_id: int) -> None:
        try:
            session.read(image_id, 0)
            session.correct(image_id, 0, "EGIS")
        except BaseException as error:  # handed to the test's own thread below
            failures.append(error)

    threads = [threading.Thread(target=read, args=(image_id,)) for image_id in ids]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    assert all(session.latest_reading(image_id, 0) for image_id in ids)
    assert sorted(change.image_id for change in iter(session.undo, None)) == sorted(ids)
    assert all(session.label(image_id, 0) is None for image_id in ids)


def test_accepting_says_who_when_and_what_the_model_had_said(
    session: Session, image_id: int, world: World
) -> None:
    world.findings = (finding("EGIS", 0.4), finding("NITI-S", 0.93))
    record = session.read(image_id, 0)
    before = datetime.now(UTC)
    change = session.accept(image_id, 0)
    label = session.label(image_id, 0)
    assert label == change.label
    assert label is not None
    assert (label.maker, label.action, label.by) == ("EGIS + NITI-S", LabelAction.ACCEPT, "kim")
    assert before <= label.at <= datetime.now(UTC)
    assert label.reading_id == record.id
    assert "NITI-S 0.93" in label.model_said
    assert (change.image_id, change.frame, change.what) == (image_id, 0, "EGIS + NITI-S accepted")
    assert session.label(image_id, 1) is None


@pytest.mark.parametrize(
    ("findings", "said"),
    [
        ((finding(unknown=True),), "No maker stands out"),
        ((finding(), finding("EGIS", 0.4, unknown=True)), "the maker of stent 2"),
    ],
)
def test_there_must_be_a_maker_to_accept(
    session: Session, image_id: int, world: World, findings: tuple[object, ...], said: str
) -> None:
    with pytest.raises(UserError, match="not been read yet"):
        session.accept(image_id, 0)
    world.findings = findings  # type: ignore[assignment]
    session.read(image_id, 0)
    with pytest.raises(UserError, match=said):
        session.accept(image_id, 0)
    assert session.history(image_id) == []
    assert session.undo_title is None


def test_that_there_is_none_is_accepted_too(session: Session, image_id: int, world: World) -> None:
    world.findings = ()
    session.read(image_id, 0)
    label = session.accept(image_id, 0).label
    assert label is not None
    assert (label.maker, label.model_said) == ("no stent", "no stent found")


def test_one_of_several_stents_is_corrected_and_the_others_stand(
    session: Session, image_id: int, world: World
) -> None:
    world.findings = (finding("EGIS"), finding("NITI-S"), finding("Epic", 0.3, unknown=True))
    session.read(image_id, 0)
    for stent, maker, label in (
        (2, "Bona", "EGIS + Bona + cannot tell"),
        (3, "another design", "EGIS + Bona + another design"),
        (1, "no stent", "no stent + Bona + another design"),
        (2, "no stent", "no stent + no stent + another design"),
        (3, "no stent", "no stent"),
    ):
        assert session.correct(image_id, 0, maker, stent=stent).label.maker == label
    session.undo()
    assert session.label(image_id, 0).maker == "no stent + no stent + another design"
    with pytest.raises(UserError, match="no stent 4"):
        session.correct(image_id, 0, "Bona", stent=4)


def test_an_answer_to_an_earlier_reading_does_not_number_its_stents(
    session: Session, image_id: int, world: World
) -> None:
    world.findings = (finding("EGIS"), finding("NITI-S"))
    session.read(image_id, 0)
    session.correct(image_id, 0, "Bona", stent=1)
    world.findings = (finding("Epic"), finding("EGIS"))
    session.read(image_id, 0)
    assert session.correct(image_id, 0, "Bona", stent=2).label.maker == "Epic + Bona"


def test_several_makers_are_chosen_at_once_and_each_must_be_known(
    session: Session, image_id: int
) -> None:
    assert session.correct(image_id, 0, "EGIS + another design").label is not None
    with pytest.raises(UserError, match="“Nobody” is not one"):
        session.correct(image_id, 0, "EGIS + Nobody")


def test_a_refused_image_has_nothing_to_accept(
    session: Session, image_id: int, world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    said = replace(reading(), refusal="It is a photograph.")
    monkeypatch.setattr(sys.modules["stentviewer.app.analyse"], "read_stents", lambda *_: said)
    session.read(image_id, 0)
    with pytest.raises(UserError, match="did not read this image"):
        session.accept(image_id, 0)
    label = session.correct(image_id, 0, "EGIS").label
    assert label.model_said == "not read: It is a photograph."


def test_correcting_needs_one_of_the_makers_but_no_reading(session: Session, image_id: int) -> None:
    with pytest.raises(UserError, match="Bona, EGIS, Epic, NITI-S"):
        session.correct(image_id, 0, "Acme")
    label = session.correct(image_id, 2, "Epic").label
    assert label is not None
    assert (label.maker, label.reading_id, label.model_said) == ("Epic", None, "")


def test_undo_puts_the_former_label_back_as_it_was(session: Session, image_id: int) -> None:
    session.read(image_id, 0)
    first = session.accept(image_id, 0).label
    session.reader = "lee"
    second = session.correct(image_id, 0, "Epic").label
    assert second is not None
    assert second.by == "lee"
    assert session.undo_title == "Choose Epic"
    change = session.undo()
    assert change is not None
    assert change.label == first == session.label(image_id, 0)
    assert session.redo_title == "Choose Epic"
    assert session.undo_title == "Accept NITI-S"
    cleared = session.undo()
    assert cleared is not None
    assert cleared.label is None
    assert session.label(image_id, 0) is None
    assert session.undo() is None
    again = session.redo()
    assert again is not None
    assert again.label == first == session.label(image_id, 0)
    makers = [label.maker for label in reversed(session.history(image_id))]
    assert makers == ["NITI-S", "Epic", "NITI-S", "", "NITI-S"]
    trail = [(event.action, event.by) for event in reversed(session.audit(5))]
    assert trail == [
        ("label accepted", "kim"),
        ("label corrected", "lee"),
        ("undo", "lee"),
        ("undo", "lee"),
        ("redo", "lee"),
    ]
    assert session.library.check() == []


def test_a_change_that_could_not_be_saved_is_not_in_the_way(
    session: Session, image_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    session.correct(image_id, 0, "Epic")

    def full(*_: object) -> None:
        raise KnownError("The library's disk is full.")

    with monkeypatch.context() as patched:
        patched.setattr(type(session.library), "set_label", full)
        with pytest.raises(KnownError):
            session.correct(image_id, 0, "Bona")
        with pytest.raises(KnownError):
            session.undo()
    label = session.label(image_id, 0)
    assert label is not None
    assert label.maker == "Epic"
    assert session.undo_title == "Choose Epic"
    assert session.undo() is not None
    assert session.label(image_id, 0) is None


def test_the_log_tells_what_was_done_and_not_to_whom(
    session: Session, image_id: int, tmp_path: Path
) -> None:
    assert start_log(tmp_path / "logs") == ""
    try:
        session.open_image(image_id)
        session.read(image_id, 1)
        session.accept(image_id, 1)
    finally:
        stop_log()
    text = (tmp_path / "logs" / "stentviewer.log").read_text()
    events = [json.loads(line)["event"] for line in text.splitlines()]
    assert events == ["image.opened", "reading.done", "label.changed"]
    assert "KIM" not in text
    assert "dcm" not in text


def test_a_maker_can_be_chosen_while_the_model_reads(
    session: Session, image_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    begun, chosen = threading.Event(), threading.Event()
    waited: list[bool] = []

    def slow(*_: object) -> Reading:
        begun.set()
        waited.append(chosen.wait(5))
        return reading(finding())

    monkeypatch.setattr(sys.modules["stentviewer.app.analyse"], "read_stents", slow)
    reader = threading.Thread(target=session.read, args=(image_id, 0))
    reader.start()
    assert begun.wait(5)
    session.correct(image_id, 0, "Epic")
    chosen.set()
    reader.join()
    assert waited == [True]
