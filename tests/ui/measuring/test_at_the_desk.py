"""Measuring in the whole window: keys, menu, list, undo, layouts, another image."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from stentviewer.core.types import MeasurementKind
from stentviewer.ui.viewer.canvas import ImageCanvas
from tests.ui.conftest import Desk
from tests.ui.measuring.hands import Bench

CTRL = Qt.KeyboardModifier.ControlModifier


class Hands(Bench):
    """The hands on whichever canvas of a window is in front."""

    def __init__(self, window: Any) -> None:
        self._in_front = window

    @property
    def canvas(self) -> ImageCanvas:  # type: ignore[override]
        canvas: ImageCanvas = self._in_front.canvas
        return canvas


def test_from_the_key_to_the_list_and_back(
    desk: Desk, picture: Callable[[str], Path], qtbot: QtBot
) -> None:
    window, hands = desk.window, Hands(desk.window)
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_L)
    assert window.actions_by_id["use_length"].isChecked()
    hands.drag((20.0, 20.0), (80.0, 50.0))
    desk.press(Qt.Key.Key_E)
    hands.drag((30.0, 55.0), (60.0, 80.0))
    desk.settle()
    assert [row.measurement.kind.value for row in window.measuring.rows] == ["length", "ellipse"]
    assert window.measurements.model.rowCount() == 2
    assert window.actions_by_id["export_csv"].isEnabled()
    desk.press(Qt.Key.Key_V)
    assert window.measuring.kind is None
    assert window.actions_by_id["use_pointer"].isChecked()
    assert not window.actions_by_id["use_ellipse"].isChecked()
    desk.press(Qt.Key.Key_Delete)
    desk.settle()
    assert len(window.measuring.rows) == 1
    assert not window.actions_by_id["remove_measurement"].isEnabled()
    desk.press(Qt.Key.Key_Z, CTRL)
    desk.settle()
    assert len(window.measuring.rows) == 2
    assert window.statusBar().currentMessage() == "Undone: Ellipse"


def test_what_is_taken_back_on_another_image_is_shown(
    desk: Desk, picture: Callable[[str], Path]
) -> None:
    window, hands = desk.window, Hands(desk.window)
    desk.open(picture("a.png"))
    first = window.review.state.image
    desk.press(Qt.Key.Key_L)
    hands.drag((20.0, 20.0), (80.0, 50.0))
    desk.settle()
    desk.open(picture("other.png"))
    assert window.review.state.image != first
    assert window.measuring.rows == ()
    desk.press(Qt.Key.Key_Z, CTRL)
    desk.settle()
    assert window.review.state.image.id == first.id
    desk.press(Qt.Key.Key_Y, CTRL)
    desk.settle()
    assert len(window.measuring.rows) == 1


def test_every_viewport_has_the_tool(desk: Desk, picture: Callable[[str], Path]) -> None:
    window = desk.window
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_G)
    window.grid.set_layout("2x2")
    kinds = {one.canvas.tool.kind for one in window.grid.viewports}
    assert kinds == {MeasurementKind.ANGLE}
