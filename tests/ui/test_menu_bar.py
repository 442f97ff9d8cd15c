"""The tool bar: words while there is room, icons and tool tips where there is none."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QToolBar, QToolButton
from pytestqt.qtbot import QtBot

from tests.ui.conftest import Desk

WORDS, ICONS = Qt.ToolButtonStyle.ToolButtonTextBesideIcon, Qt.ToolButtonStyle.ToolButtonIconOnly


def test_a_narrow_window_has_tools_without_words(desk: Desk, qtbot: QtBot) -> None:
    window = desk.window
    window.load_icons()
    bar = window.findChild(QToolBar, "tools")
    assert bar is not None
    for width, style in ((1440, WORDS), (900, ICONS), (1440, WORDS)):
        window.resize(width, 600)
        qtbot.waitUntil(lambda style=style: bar.toolButtonStyle() == style)
        assert window.width() == width
    window.resize(900, 600)
    qtbot.waitUntil(lambda: bar.toolButtonStyle() == ICONS)
    more = bar.findChild(QToolButton, "qt_toolbar_ext_button")
    qtbot.waitUntil(lambda: more is None or not more.isVisible())
    assert window.actions_by_id["read"].toolTip() == "Read (R)"
    for button in bar.findChildren(QToolButton):
        if button.isVisible():
            assert button.toolTip(), button.text()


def test_two_by_two_fits_a_small_window(desk: Desk, qtbot: QtBot, picture) -> None:
    window = desk.window
    desk.open(picture("a.png"))
    for layout in ("1x2", "2x2", "2x4", "planes"):
        window.grid.set_layout(layout)
        window.resize(900, 600)
        desk.settle()
        qtbot.waitUntil(lambda: window.size().toTuple() == (900, 600))
        widths = [viewport.width() for viewport in window.grid.viewports]
        assert min(widths) >= 80
        if layout != "planes":
            assert max(widths) - min(widths) <= 1
    first, *others = window.grid.viewports
    assert first.canvas.message == ""
    assert all("worklist" in one.canvas.message for one in others)
    window.grid.set_layout("1x1")
    first.clear()
    assert "Ctrl+O" in first.canvas.message
