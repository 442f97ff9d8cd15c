"""At the desk with sealed reading: answer, reveal, switch; nothing of the model's word before."""

from __future__ import annotations

import threading

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from stentviewer.app.sealed import Direction, Seal, summary
from stentviewer.core.answers import ANSWERS, NO_STENT
from stentviewer.core.errors import KnownError
from stentviewer.core.settings import Settings, change
from stentviewer.core.types import LabelAction
from tests.ui.conftest import MAKERS, Desk

CTRL = Qt.KeyboardModifier.ControlModifier


def seal(desk: Desk, on: bool) -> None:
    """As the settings page does it."""
    before = desk.window.settings
    desk.window.settings = change(before, sealed_reading=on)
    desk.window.reading_desk.take_settings(before, desk.window.settings)
    desk.settle()


@pytest.fixture
def sealed(desk: Desk, picture) -> Desk:
    seal(desk, True)
    desk.open(picture("a.png"))
    return desk


def everything_said(desk: Desk) -> str:
    """Every word anywhere in the window, shown or not, and in the worklist's rows."""
    words = [label.text() for label in desk.window.findChildren(QLabel)]
    words += [desk.window.statusBar().currentMessage(), str(desk.session.worklist())]
    return "\n".join(words)


def form(desk: Desk):
    return desk.window.reading.form


def choose(desk: Desk, qtbot: QtBot, answer: str, confidence: int | None = None) -> None:
    (button,) = [b for b in form(desk).answers.boxes if b.property("answer") == answer]
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton, pos=button.rect().center() / 4)
    if confidence is not None:
        qtbot.mouseClick(form(desk).confidence.button(confidence), Qt.MouseButton.LeftButton)
    qtbot.mouseClick(form(desk).commit, Qt.MouseButton.LeftButton)
    desk.settle()


def test_the_setting_decides(desk: Desk, picture):
    assert Settings().sealed_reading is False
    desk.open(picture("a.png"))
    assert not form(desk).isVisible()
    seal(desk, True)
    assert form(desk).isVisible()
    assert "you answer first" in desk.panel_text
    seal(desk, False)
    assert not form(desk).isVisible()


def test_what_was_read_in_advance_is_nowhere_to_be_seen(sealed: Desk, runtime):
    sealed.press(Qt.Key.Key_R)
    sealed.settle()
    assert runtime.runs == 1
    state = sealed.window.review.state
    assert state.seal is Seal.SEALED
    assert state.facts.was_read
    assert state.heat is None
    assert "The model has read this image" in sealed.panel_text
    said = everything_said(sealed)
    assert "NITI-S 0.9" not in said
    assert "Stents  1" not in said
    assert " s on onnxruntime" not in said
    assert not sealed.window.actions_by_id["heat"].isEnabled()
    assert not sealed.window.actions_by_id["accept"].isEnabled()
    (row,) = sealed.session.worklist()
    assert (row.read, row.makers) == (0, ())


def test_turning_it_on_hides_what_is_on_the_screen(desk: Desk, picture):
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    assert "the model reads it as" in desk.panel_text
    seal(desk, True)
    assert "the model reads it as" not in desk.panel_text
    assert desk.window.review.state.heat is None


def test_every_answer_is_offered_and_none_is_chosen_for_one(sealed: Desk):
    offered = [b.property("answer") for b in form(sealed).answers.boxes]
    assert offered == [*MAKERS, *ANSWERS]
    assert form(sealed).answers.answer == ""
    assert not form(sealed).commit.isEnabled()


def test_committing_reveals_and_a_change_is_a_switch(sealed: Desk, qtbot: QtBot):
    sealed.press(Qt.Key.Key_R)
    sealed.settle()
    choose(sealed, qtbot, "EGIS", confidence=4)
    assert not form(sealed).isVisible()
    said = sealed.panel_text
    assert "the model reads it as" in said
    assert "EGIS: answered by dr.kim before the model's answer was shown" in said
    sealed.press(Qt.Key.Key_A)
    sealed.settle()
    found = summary(sealed.session.audit())
    assert found.commits == 1
    assert found.confidences[4] == 1
    assert [(s.before, s.after, s.direction) for s in found.switches] == [
        ("EGIS", "NITI-S", Direction.TOWARDS)
    ]


def test_no_stent_without_a_confidence_and_before_any_reading(sealed: Desk, qtbot: QtBot):
    choose(sealed, qtbot, NO_STENT)
    label = sealed.window.review.state.label
    assert (label.maker, label.action) == (NO_STENT, LabelAction.COMMIT)
    assert "No stent: answered by dr.kim" in sealed.panel_text
    sealed.press(Qt.Key.Key_R)
    sealed.settle()
    assert "the model reads it as" in sealed.panel_text
    assert summary(sealed.session.audit()).confidences == dict.fromkeys(range(1, 6), 0)


def test_a_confidence_can_be_taken_back(sealed: Desk, qtbot: QtBot):
    buttons = form(sealed).confidence
    for number in (2, 5):
        qtbot.mouseClick(buttons.button(number), Qt.MouseButton.LeftButton)
    assert [n for n in range(1, 6) if buttons.button(n).isChecked()] == [5]
    qtbot.mouseClick(buttons.button(5), Qt.MouseButton.LeftButton)
    assert not any(buttons.button(n).isChecked() for n in range(1, 6))


def test_the_menu_of_answers_commits_too(sealed: Desk):
    sealed.press(Qt.Key.Key_R)
    sealed.settle()
    sealed.press(Qt.Key.Key_C)
    sealed.press(Qt.Key.Key_3)
    sealed.settle()
    assert sealed.window.review.state.label.action is LabelAction.COMMIT
    assert sealed.window.review.state.seal is Seal.REVEALED


def test_undo_does_not_seal_again(sealed: Desk, qtbot: QtBot):
    sealed.press(Qt.Key.Key_R)
    sealed.settle()
    choose(sealed, qtbot, "EGIS")
    sealed.press(Qt.Key.Key_Z, CTRL)
    sealed.settle()
    assert sealed.window.review.state.label is None
    assert sealed.window.review.state.seal is Seal.REVEALED
    assert "the model reads it as" in sealed.panel_text
    assert len(summary(sealed.session.audit()).switches) == 1


def test_another_image_is_sealed_for_itself_and_begins_empty(sealed: Desk, qtbot: QtBot, picture):
    sealed.open(picture("b.png"))
    first = form(sealed).answers.boxes[0]
    first.setChecked(True)
    sealed.press(Qt.Key.Key_P)
    sealed.settle()
    assert form(sealed).answers.answer == ""
    choose(sealed, qtbot, "Epic")
    assert not form(sealed).isVisible()
    sealed.press(Qt.Key.Key_N)
    sealed.settle()
    assert form(sealed).isVisible()


def test_another_reader_finds_it_sealed(sealed: Desk, qtbot: QtBot):
    sealed.press(Qt.Key.Key_R)
    sealed.settle()
    choose(sealed, qtbot, "EGIS")
    sealed.window.comfort.use_reader("dr.lee")
    sealed.settle()
    assert form(sealed).isVisible()
    assert "EGIS" not in sealed.panel_text.replace("Bona", "")
    assert "the model reads it as" not in sealed.panel_text


def test_the_trail_on_the_screen_keeps_the_secret(sealed: Desk):
    from stentviewer.ui.panels.audit import AuditDialog

    sealed.press(Qt.Key.Key_R)
    sealed.settle()
    sealed.press(Qt.Key.Key_T, CTRL)
    sealed.settle()
    dialog = sealed.window.findChild(AuditDialog)
    details = [dialog.table.item(row, 4).text() for row in range(dialog.table.rowCount())]
    assert not any("NITI-S" in one for one in details)
    assert "intact" in dialog.verdict.text()
    dialog.close()


def test_a_report_of_a_sealed_frame_has_no_reading(sealed: Desk, tmp_path):
    sealed.press(Qt.Key.Key_R)
    sealed.settle()
    out = tmp_path / "out"
    sealed.window.save_review_in(out)
    sealed.settle()
    assert [path.suffix for path in out.iterdir()] == [".pdf"], "no picture with heat"


def test_an_unknown_design_agreed_with_is_no_switch(sealed: Desk, qtbot: QtBot, runtime):
    runtime.scores = np.array([1, 1, 1, 1, 1.1], np.float32)
    sealed.press(Qt.Key.Key_R)
    sealed.settle()
    choose(sealed, qtbot, "another design")
    assert "Unknown design" in sealed.panel_text
    assert summary(sealed.session.audit()).switches == ()


@pytest.mark.parametrize("asked", ["frame_facts", "study_row_of", "worklist"])
def test_an_answer_asked_for_before_the_seal_tells_nothing_after_it(
    desk: Desk, qtbot: QtBot, picture, monkeypatch: pytest.MonkeyPatch, asked: str
):
    """The library is slow: it answers what was asked unsealed once the frame is sealed."""
    from stentviewer.app import frame_facts as facts

    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    (image,) = desk.images()
    owner = facts if asked == "frame_facts" else desk.session
    truth, gate, held = getattr(owner, asked), threading.Event(), threading.Event()

    def slow(*arguments):
        found = truth(*arguments)
        if not held.is_set():
            held.set()
            assert gate.wait(10)
        return found

    monkeypatch.setattr(owner, asked, slow)
    if asked == "frame_facts":
        desk.window.review.show_frame(0)
    elif asked == "study_row_of":
        desk.window.desk.refresh_study(image)
    else:
        desk.window.desk.add([picture("b.png")])
    assert held.wait(10)
    before = desk.window.settings
    desk.window.settings = change(before, sealed_reading=True)
    with qtbot.waitSignal(desk.window.desk.sightChanged):
        desk.window.reading_desk.take_settings(before, desk.window.settings)
    qtbot.waitUntil(lambda: len(desk.window.bridge.jobs) <= 1)  # but for what is held
    gate.set()
    desk.settle()
    assert "the model reads it as" not in desk.panel_text
    assert desk.window.review.state.heat is None
    rows = desk.window.worklist._index.rows
    assert rows
    assert not any(row.makers for row in rows)


def test_a_disk_that_refuses_the_trail_does_not_show_what_is_sealed(
    desk: Desk, picture, monkeypatch: pytest.MonkeyPatch
):
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    assert "the model reads it as" in desk.panel_text

    def full(*_: object) -> None:
        raise KnownError("The disk is full.")

    monkeypatch.setattr(desk.session.library, "note", full)
    seal(desk, True)
    assert "The disk is full." in desk.window.messages.text.text()
    assert "the model reads it as" not in desk.panel_text
    assert desk.window.review.state.heat is None
