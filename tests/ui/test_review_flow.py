"""A person's way through the window: open, read, answer, undo, leave, come back."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stentviewer.core.errors import KnownError
from stentviewer.core.types import LabelAction
from stentviewer.ui.dialogs import BugDialog
from stentviewer.ui.panels.audit import AuditDialog
from tests.ui.conftest import Desk, FakeRuntime, drop_on

CTRL = Qt.KeyboardModifier.ControlModifier


def label_of(desk: Desk):
    return desk.window.review.state.label


def test_the_first_image_of_what_was_opened_is_shown(desk, picture):
    desk.open(picture("a.png"), picture("b.png"))
    assert desk.window.review.state.image.header.path.name == "a.png"
    assert desk.window.viewer.canvas.has_frame
    assert desk.window.worklist.chosen() == desk.window.review.state.image.id
    assert "Press R" in desk.panel_text


def test_opening_the_same_file_again_makes_no_copy(desk, picture):
    file = picture("a.png")
    desk.open(file)
    desk.open(file)
    assert len(desk.images()) == 1


def test_one_key_reads(desk, picture):
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    said = desk.panel_text
    assert "the model reads it as" in said
    assert "NITI-S" in said
    assert "0.9" in said
    assert "onnxruntime" in said
    assert "For research use, not for primary diagnosis" in said
    assert desk.window.actions_by_id["heat"].isEnabled()
    (row,) = desk.session.worklist()
    assert (row.read, row.unread, row.makers) == (1, 0, ("NITI-S",))


def test_a_reading_under_way_says_so_and_is_not_started_twice(desk, picture, runtime):
    desk.open(picture("a.png"))
    runtime.gate.clear()
    desk.press(Qt.Key.Key_R)
    assert "Reading…" in desk.panel_text
    desk.press(Qt.Key.Key_R)
    runtime.gate.set()
    desk.settle()
    assert runtime.runs == 1


def test_an_unknown_design_is_an_answer_and_cannot_be_accepted(desk, picture, runtime):
    runtime.scores = np.array([1, 1, 1, 1, 1.1], np.float32)
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    assert "Unknown design" in desk.panel_text
    assert "No maker stands out" in desk.panel_text
    assert not desk.window.actions_by_id["accept"].isEnabled()
    desk.press(Qt.Key.Key_A)
    desk.settle()
    assert label_of(desk) is None


def test_nothing_can_be_accepted_before_it_was_read(desk, picture):
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_A)
    desk.settle()
    assert label_of(desk) is None


def test_correct_undo_redo_close_reopen(desk, picture, sit_down: Callable[[], Desk]):
    desk.open(picture("a.png"), picture("b.png"))
    desk.press(Qt.Key.Key_N)
    desk.settle()
    shown = desk.window.review.state.image.header.path.name
    assert shown == "b.png"
    desk.press(Qt.Key.Key_R)
    desk.settle()
    desk.press(Qt.Key.Key_C)
    desk.press(Qt.Key.Key_3)
    desk.settle()
    assert label_of(desk).maker == "EGIS"
    desk.press(Qt.Key.Key_Z, CTRL)
    desk.settle()
    assert label_of(desk) is None
    desk.press(Qt.Key.Key_Y, CTRL)
    desk.settle()
    assert label_of(desk).maker == "EGIS"
    desk.window.close()

    again = sit_down()
    assert again.window.review.state.image.header.path.name == shown, "the last image comes back"
    label = label_of(again)
    assert (label.maker, label.action, label.by) == ("EGIS", LabelAction.CORRECT, "dr.kim")
    assert "NITI-S" in label.model_said
    assert "chosen by dr.kim" in again.panel_text
    assert "The model had said: NITI-S" in again.panel_text


def test_keys_pressed_fast_are_done_in_their_order(desk, picture):
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    for digit in (Qt.Key.Key_1, Qt.Key.Key_2, Qt.Key.Key_3, Qt.Key.Key_4):
        desk.press(Qt.Key.Key_C)
        desk.press(digit)
    desk.press(Qt.Key.Key_A)
    desk.settle()
    history = desk.session.history(desk.window.review.state.image.id)
    assert [one.maker for one in history] == ["NITI-S", "Epic", "EGIS", "Bona PC", "Bona"]
    assert label_of(desk).action is LabelAction.ACCEPT
    assert not desk.window.actions_by_id["accept"].isEnabled()
    (row,) = desk.session.worklist()
    assert (row.answered, row.disagree) == (1, False)


def test_going_on_while_a_reading_runs_keeps_it_for_its_own_image(desk, picture, runtime):
    desk.open(picture("a.png"), picture("b.png"))
    runtime.gate.clear()
    first = desk.window.review.state.image.id
    desk.press(Qt.Key.Key_R)
    desk.press(Qt.Key.Key_N)
    runtime.gate.set()
    desk.settle()
    assert desk.window.review.state.image.id != first
    assert desk.window.review.state.reading is None
    desk.press(Qt.Key.Key_P)
    desk.settle()
    assert desk.window.review.state.reading is not None


def test_undo_on_another_image_shows_that_image(desk, picture):
    desk.open(picture("a.png"), picture("b.png"))
    first = desk.window.review.state.image.id
    desk.press(Qt.Key.Key_C)
    desk.press(Qt.Key.Key_1)
    desk.press(Qt.Key.Key_N)
    desk.settle()
    desk.press(Qt.Key.Key_Z, CTRL)
    desk.settle()
    assert desk.window.review.state.image.id == first
    assert label_of(desk) is None


def test_a_text_file_dropped_on_the_window_gets_a_sentence(desk, tmp_path, picture):
    text = tmp_path / "notes.txt"
    text.write_text("not an image")
    drop_on(desk.window, [text, picture("a.png")])
    desk.settle()
    assert desk.window.messages.isVisible()
    assert "notes.txt" in desk.window.messages.text.text()
    assert desk.window.viewer.canvas.has_frame, "the rest of the batch goes on"


def test_a_file_removed_in_between_gets_a_sentence(desk, picture, qtbot: QtBot):
    gone, here = picture("gone.png"), picture("here.png")
    desk.open(gone, here)
    desk.press(Qt.Key.Key_N)
    desk.settle()
    gone.unlink()
    desk.session._opened.clear()
    desk.press(Qt.Key.Key_P)
    qtbot.waitUntil(lambda: not desk.window.bridge.jobs)
    assert "gone.png" in desk.window.viewer.canvas._message
    assert not desk.window.actions_by_id["read"].isEnabled()


def test_a_reading_that_fails_says_why_on_the_panel(desk, picture, runtime: FakeRuntime):
    runtime.error = KnownError("The model stent-test gave no number for this image.")
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    assert "Could not be read. The model stent-test gave no number" in desk.panel_text
    runtime.error = None
    desk.press(Qt.Key.Key_R)
    desk.settle()
    assert "NITI-S" in desk.panel_text


def test_a_bug_is_called_one_and_names_nobody(desk, picture, runtime: FakeRuntime):
    runtime.error = ValueError("patient Kim^Cheolsu")
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    dialog = desk.window.findChild(BugDialog)
    details = dialog.details.toPlainText()
    assert "ValueError" in details
    assert "Kim" not in details
    dialog.close()


def test_a_bug_that_comes_again_while_it_is_told_is_told_once(desk, qtbot):
    def trouble(number: int) -> None:
        try:
            [][number]
        except IndexError as error:
            desk.window.bridge.trouble.emit(error)

    trouble(1)
    trouble(2)
    (dialog,) = desk.window.findChildren(BugDialog)
    with qtbot.waitSignal(dialog.destroyed):
        dialog.close()
    trouble(3)
    (again,) = desk.window.findChildren(BugDialog)
    again.close()


def test_the_audit_trail_tells_what_happened(desk, picture):
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_C)
    desk.press(Qt.Key.Key_5)
    desk.settle()
    desk.press(Qt.Key.Key_T, CTRL)
    desk.settle()
    dialog = desk.window.findChild(AuditDialog)
    what = [dialog.table.item(row, 2).text() for row in range(dialog.table.rowCount())]
    assert what[0] == "label corrected"
    assert "image added" in what
    assert "intact" in dialog.verdict.text()
    dialog.close()


def test_saving_says_where(desk, picture, tmp_path: Path):
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    out = tmp_path / "out"
    desk.window.save_review_in(out)
    desk.settle()
    written = sorted(path.suffix for path in out.iterdir())
    assert written == [".pdf", ".png"]
    assert str(out) in desk.window.messages.text.text()


def test_closing_in_the_middle_of_a_reading_loses_no_label(desk, picture, runtime, sit_down):
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_C)
    desk.press(Qt.Key.Key_2)
    runtime.gate.clear()
    desk.press(Qt.Key.Key_R)
    runtime.gate.set()
    desk.window.close()
    again = sit_down()
    assert label_of(again).maker == "Bona PC"


def test_typing_in_the_filter_types_and_does_not_read(desk, picture, qtbot: QtBot, runtime):
    desk.open(picture("a.png"), picture("rear.png"))
    desk.press(Qt.Key.Key_F, CTRL)
    box = desk.window.worklist.filter
    assert QApplication.focusWidget() is box
    qtbot.keyClicks(box, "rear")
    desk.settle()
    assert runtime.runs == 0
    assert box.text() == "rear"
    desk.window.worklist.step(1)
    desk.settle()
    assert desk.window.review.state.image.header.path.name == "rear.png"


def test_a_patient_opens_on_the_latest_study(desk, tmp_path):
    from stentviewer.simulate import write_example_patient

    desk.open(*write_example_patient(tmp_path))
    shown = desk.window.review.state.image.header.identity
    dates = [file.stem.split("-")[1] for file in sorted(tmp_path.glob("*.dcm"))]
    assert dates.count("earlier") == 1
    assert shown.study_date == "2026-06-08"
