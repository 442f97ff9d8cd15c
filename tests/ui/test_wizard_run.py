"""The fourth step: a run followed, paused, stopped, taken up again, and asked about at the end."""

from __future__ import annotations

import gc
import time
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from stentviewer.core.settings import change
from stentviewer.learning.wizard_flow import Step
from stentviewer.ui.app import rebuilt
from stentviewer.ui.wizard.asking import Question
from tests.learning import stand_in
from tests.ui.conftest import Desk
from tests.ui.runs import RunDesk


@pytest.fixture
def wizard(desk: Desk, qtbot: QtBot) -> RunDesk:
    return RunDesk(desk, qtbot)


@pytest.fixture
def place(home: Path) -> Path:
    return home / "training"


def question(wizard: RunDesk, parent=None) -> Question:
    found = (parent or wizard.dialog).findChildren(Question)
    assert len(found) == 1
    return found[0]


def test_a_run_begins_by_itself_and_its_end_leads_on(wizard: RunDesk, place: Path) -> None:
    wizard.open_run(stand_in.a_run(place, "short"))
    wizard.until("done")
    page = wizard.run
    assert page.state.text().startswith("The run has ended.")
    assert page.curves.isVisible()
    assert page.curves.loss is not None
    shown = page.progress
    assert shown is not None
    assert len(shown.folds[1].loss.x) >= 1
    assert "홍길동 cannot be read." in page.told.text()
    assert not page.pause.isVisible()
    assert not page.start.isVisible()


def test_live_figures(wizard: RunDesk, place: Path, qtbot: QtBot) -> None:
    wizard.open_run(stand_in.a_run(place, "endless"))
    page = wizard.run
    qtbot.waitUntil(lambda: "images a second" in page.facts.text(), timeout=60_000)
    for part in ("about 60 s left", "loss 0.500", "learning rate 0.001", "10.0 images", "1.0 GB"):
        assert part in page.facts.text()
    assert page.stage.text().startswith("Fold 1 · Epoch ")
    assert page.bar.isVisible()
    assert page.folds.rowCount() == 6, "five folds and the final model"
    assert page.folds.item(0, 1).text().startswith("epoch ")
    assert wizard.dialog.why.text() == "The run has not ended yet."
    page.stop.click()
    wizard.until("stopped")


def test_pause_go_on_stop_and_take_up_again(wizard: RunDesk, place: Path, qtbot: QtBot) -> None:
    wizard.open_run(stand_in.a_run(place, "endless"))
    page = wizard.run
    qtbot.waitUntil(lambda: page.stage.text().startswith("Fold"), timeout=60_000)
    for do, state, text in (
        (page.pause, "paused", "The run waits. It goes on when you say so."),
        (page.pause, "running", "Learning."),
        (page.stop, "stopped", "The run has stopped."),
    ):
        began = time.monotonic()
        do.click()
        wizard.until(state)
        assert time.monotonic() - began < 5.0, "a second, on a machine that does nothing else"
        assert page.state.text().startswith(text)
    assert not page.pause.isVisible()
    assert page.start.isVisible()
    assert not wizard.dialog.next.isEnabled()
    drawn = len(page.progress.folds[1].loss.x)
    page.start.click()
    wizard.until("running")
    assert not page.start.isVisible()
    assert len(page.progress.folds[1].loss.x) >= drawn * 0.1, "what was said before is there"
    page.stop.click()
    wizard.until("stopped")


def test_why_a_run_could_not_go_on_stands_there(wizard: RunDesk, place: Path) -> None:
    run = stand_in.a_run(place, "wrong")
    wizard.open_run(run)
    wizard.until("failed")
    page = wizard.run
    assert page.trouble.text() == "There is one image of “A”. Add more."
    assert page.start.isVisible()
    assert "could not go on" in wizard.dialog.why.text()
    wizard.dialog.close()
    wizard.open()
    wizard.open_run(run)
    assert wizard.run.trouble.text() == "There is one image of “A”. Add more.", "found again"
    assert not wizard.runner.is_running, "what failed is not started again by itself"


def test_a_crash_of_the_process_costs_nothing_but_itself(wizard: RunDesk, place: Path) -> None:
    wizard.open_run(stand_in.a_run(place, "killed"))
    wizard.until("failed")
    assert "memory ran out" in wizard.run.trouble.text()
    assert wizard.desk.window.isVisible()


def test_one_run_at_a_time(wizard: RunDesk, place: Path, qtbot: QtBot) -> None:
    wizard.open_run(stand_in.a_run(place, "endless"))
    wizard.until("running")
    other = stand_in.a_run(place, "short")
    wizard.open_run(other)
    page = wizard.run
    assert page.state.text() == "The run has not begun."
    page.start.click()
    wizard.settle()
    assert "“endless” goes on" in wizard.said
    assert wizard.runner.is_running
    assert page.start.isEnabled()
    wizard.runner.stop()
    wizard.until("stopped")
    page.start.click()
    wizard.until("done")


def test_a_run_goes_on_while_the_wizard_is_closed(
    wizard: RunDesk, place: Path, qtbot: QtBot
) -> None:
    window = wizard.desk.window
    run = stand_in.a_run(place, "endless")
    wizard.open_run(run)
    wizard.until("running")
    wizard.dialog.close()
    note = window.wizard.running._note
    qtbot.waitUntil(lambda: note.isVisible() and "left" in note.text(), timeout=60_000)
    note.click()
    qtbot.waitUntil(lambda: window.wizard.dialog is not None, timeout=60_000)
    wizard.dialog = window.wizard.dialog
    wizard.settle()
    assert wizard.flow.run == run
    assert wizard.flow.step == Step.RUN
    assert wizard.run.stop.isVisible()
    wizard.dialog.close()
    wizard.runner.stop()
    wizard.until("stopped")
    assert "The run “endless” has stopped. It can go on." in window.messages.text.text()
    assert not note.isVisible()


def test_closing_the_window_asks_first(wizard: RunDesk, place: Path, qtbot: QtBot) -> None:
    window = wizard.desk.window
    run = stand_in.a_run(place, "endless")
    wizard.open_run(run)
    wizard.until("running")
    window.close()
    assert window.isVisible()
    window.close()
    asked = question(wizard, window)
    assert "Stop it and close stentviewer?" in asked.text()
    assert "It can go on" in asked.informativeText()
    assert asked.defaultButton() is asked.cancel
    qtbot.mouseClick(asked.cancel, Qt.MouseButton.LeftButton)
    assert window.isVisible()
    assert wizard.runner.is_running
    window.close()
    with qtbot.waitSignal(window.closed, timeout=30_000):
        asked = [one for one in window.findChildren(Question) if one.isVisible()][-1]
        qtbot.mouseClick(asked.do, Qt.MouseButton.LeftButton)
    assert run.state().status == "stopped"


def test_another_language_or_theme_leaves_the_run_alone(
    wizard: RunDesk, place: Path, qtbot: QtBot, tmp_path: Path
) -> None:
    run = stand_in.a_run(place, "endless")
    wizard.open_run(run)
    wizard.until("running")
    runner, settings = wizard.runner, change(wizard.desk.window.settings, theme="light")
    window = rebuilt(wizard.desk.window, settings, tmp_path / "library")
    qtbot.addWidget(window)
    wizard.desk.window = window
    assert wizard.runner is runner
    assert wizard.runner.is_running
    qtbot.waitUntil(lambda: window.wizard.dialog is not None, timeout=60_000)
    wizard.dialog = window.wizard.dialog
    wizard.settle()
    assert wizard.run.stop.isVisible()
    wizard.run.stop.click()
    wizard.until("stopped")
    gc.collect()  # what is left of the former window, before qtbot would close it


def test_a_run_is_deleted_with_a_question_and_its_choices_stay(
    wizard: RunDesk, place: Path, qtbot: QtBot
) -> None:
    run = stand_in.a_run(place, "at_fault")
    wizard.open_run(run)
    wizard.until("failed")
    wizard.run.remove.click()
    qtbot.mouseClick(question(wizard).cancel, Qt.MouseButton.LeftButton)
    assert run.path.is_dir()
    wizard.run.remove.click()
    asked = [one for one in wizard.dialog.findChildren(Question) if one.isVisible()][-1]
    qtbot.mouseClick(asked.do, Qt.MouseButton.LeftButton)
    wizard.settle()
    assert not run.path.exists()
    assert wizard.flow.step == Step.CHANGE
    assert not wizard.flow.is_locked
    assert wizard.flow.plan.names == ("A", "B")


def test_a_run_that_another_program_works_on_is_left_to_it(wizard: RunDesk, place: Path) -> None:
    from stentviewer.learning.run_lock import RunLock

    run = stand_in.a_run(place, "short")
    run.set_state(run.state().model_copy(update={"status": "running"}))
    with RunLock(run):
        wizard.open_run(run)
        assert wizard.run.state.text().startswith("Another window or command")
        assert not wizard.run.start.isVisible()
        assert not wizard.run.stop.isVisible()
