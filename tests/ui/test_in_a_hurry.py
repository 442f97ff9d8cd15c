"""A person who is faster than the disk, and names that look like something else."""

from __future__ import annotations

import gc
import threading
from collections.abc import Callable
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from stentviewer.app.session import Session
from stentviewer.ui.app import rebuilt
from stentviewer.ui.dialogs import BugDialog
from stentviewer.ui.message_bar import MessageBar
from stentviewer.ui.plain import as_it_stands
from tests.ui.conftest import Desk, drop_on

CTRL = Qt.KeyboardModifier.ControlModifier
LEFT = Qt.MouseButton.LeftButton


def pictures(folder: Path, count: int) -> list[Path]:
    """PNGs, no two of one content."""
    folder.mkdir()
    made = []
    for number in range(count):
        path = folder / f"{number}.png"
        noise = np.random.default_rng([len(folder.name), number]).integers(0, 256, (8, 8))
        assert cv2.imwrite(str(path), noise.astype(np.uint8))
        made.append(path)
    return made


def draw_a_line(desk: Desk, qtbot: QtBot) -> None:
    canvas = desk.window.canvas
    desk.window.measuring.use_length()
    start, end = (QPoint(canvas.width() // 2 + x, canvas.height() // 2) for x in (-40, 40))
    qtbot.mousePress(canvas, LEFT, pos=start)
    qtbot.mouseMove(canvas, end)
    qtbot.mouseRelease(canvas, LEFT, pos=end)
    desk.window.measuring.use_pointer()
    desk.settle()


def test_delete_right_after_undo_is_no_bug(
    desk: Desk,
    qtbot: QtBot,
    picture: Callable[[str], Path],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    desk.open(picture("a.png"))
    draw_a_line(desk, qtbot)
    (row,) = desk.window.measuring.rows
    desk.window.measuring.choose(row.measurement.id)
    gate, held, undo = threading.Event(), threading.Event(), Session.undo

    def slow(session: Session) -> object:
        held.set()
        assert gate.wait(10)
        return undo(session)

    monkeypatch.setattr(Session, "undo", slow)
    desk.press(Qt.Key.Key_Z, CTRL)
    assert held.wait(10)
    desk.press(Qt.Key.Key_Delete)
    gate.set()
    desk.settle()
    assert not desk.window.findChildren(BugDialog)
    assert desk.window.measuring.rows == ()
    desk.press(Qt.Key.Key_Z, CTRL, Qt.KeyboardModifier.ShiftModifier)
    desk.settle()
    assert [one.measurement.id for one in desk.window.measuring.rows] == [row.measurement.id]


def test_what_is_dropped_while_others_are_indexed_cancels_none_of_them(
    desk: Desk, tmp_path: Path
) -> None:
    drop_on(desk.window, pictures(tmp_path / "first", 60))
    drop_on(desk.window, pictures(tmp_path / "and second", 30))
    desk.settle()
    assert len(desk.images()) == 90


def test_one_that_cannot_be_added_does_not_hold_up_the_next(
    desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, add = threading.Event(), desk.session.add

    def slow(paths: object, context: object) -> object:
        if not gate.is_set():
            assert gate.wait(10)
            raise OSError("the disk went away")
        return add(paths, context)  # type: ignore[arg-type]

    monkeypatch.setattr(desk.session, "add", slow)
    desk.window.desk.add([tmp_path / "gone"])
    desk.window.desk.add(pictures(tmp_path / "here", 2))
    gate.set()
    desk.settle()
    for dialog in desk.window.findChildren(BugDialog):
        dialog.close()
    assert len(desk.images()) == 2


def test_the_look_of_the_heat_outlives_a_change_of_theme(
    desk: Desk, qtbot: QtBot, picture: Callable[[str], Path]
) -> None:
    """It is written down a second after it was chosen; the window is made anew before."""
    desk.open(picture("a.png"))
    slider = desk.window.reading.heat.strength
    slider.setValue(slider.maximum())
    del slider
    look = desk.window.reading.heat_look
    assert look[0] == 1.0
    settings = desk.window.settings.model_copy(update={"theme": "light"})
    desk.window = rebuilt(desk.window, settings, desk.session.library.folder)
    qtbot.addWidget(desk.window)
    desk.settle()
    gc.collect()  # what is left of the former window, before qtbot would close it
    assert desk.window.reading.heat_look == look
    assert desk.window.settings.heat_strength == look[0]
    assert desk.window.settings.theme == "light"


def test_two_thousand_sentences_make_no_tool_tip_of_them(qtbot: QtBot) -> None:
    holder = QWidget()
    qtbot.addWidget(holder)
    bar = MessageBar(holder)
    bar.say([f"“{number}.png” is gone." for number in range(2000)])
    assert "1996" in bar.text.text()
    assert bar.text.toolTip().count("\n") == 40
    assert bar.text.toolTip().endswith("…")


@pytest.mark.parametrize("name", ["Kim <b>Minji</b>", "<img src=x>", "a <br> b"])
def test_what_looks_like_markup_is_read_letter_by_letter(name: str) -> None:
    from PySide6.QtGui import QTextDocument

    shown = QTextDocument()
    shown.setHtml(as_it_stands(f"{name}\nsecond"))
    assert shown.toPlainText() == f"{name}\nsecond"
    assert as_it_stands("5 < 6 & 7 > 6") == "5 < 6 & 7 > 6"


def test_a_drawn_note_that_looks_like_markup(
    desk: Desk, qtbot: QtBot, picture: Callable[[str], Path]
) -> None:
    desk.open(picture("a.png"))
    draw_a_line(desk, qtbot)
    (row,) = desk.window.measuring.rows
    desk.window.measuring.set_note(row.measurement.id, "<b>EGIS</b> 10 mm")
    desk.settle()
    model = desk.window.measurements.model
    tip = model.data(model.index(0, 0), Qt.ItemDataRole.ToolTipRole)
    assert "&lt;b&gt;EGIS" in tip
