"""Who gets the mouse and the keys: the tool first, then the gestures; layers and their order."""

from __future__ import annotations

from typing import Any

import pytest
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QKeyEvent, QMouseEvent, QPainter
from PySide6.QtWidgets import QApplication

from stentviewer.ui.viewer.canvas import ImageCanvas

LEFT, RIGHT, MIDDLE, NONE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.NoButton,
)
PRESS, MOVE, RELEASE, DOUBLE = (
    QEvent.Type.MouseButtonPress,
    QEvent.Type.MouseMove,
    QEvent.Type.MouseButtonRelease,
    QEvent.Type.MouseButtonDblClick,
)


class Pencil:
    """Takes the left button and the key L; remembers what it was told."""

    cursor = Qt.CursorShape.CrossCursor

    def __init__(self) -> None:
        self.told: list[Any] = []

    def press(self, point: Any, event: QMouseEvent) -> bool:
        self.told.append(("press", point))
        return event.button() == LEFT

    def move(self, point: Any, event: QMouseEvent) -> bool:
        self.told.append(("move", point))
        return True

    def release(self, point: Any, event: QMouseEvent) -> bool:
        self.told.append(("release", point))
        return True

    def double_click(self, point: Any, event: QMouseEvent) -> bool:
        self.told.append(("double", point))
        return event.button() == LEFT

    def key_press(self, event: QKeyEvent) -> bool:
        self.told.append(("key", event.key()))
        return event.key() == Qt.Key.Key_L

    def leave(self) -> None:
        self.told.append(("leave",))

    @property
    def names(self) -> list[str]:
        return [one[0] for one in self.told]


@pytest.fixture
def canvas(qtbot: Any, canvas: ImageCanvas, still: Any) -> ImageCanvas:
    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_radiograph(still)
    return canvas


@pytest.fixture
def pencil(canvas: ImageCanvas) -> Pencil:
    tool = Pencil()
    canvas.set_tool(tool)
    return tool


def mouse(
    canvas: ImageCanvas,
    kind: QEvent.Type,
    at: tuple[float, float],
    button: Any = LEFT,
    held: Any = None,
    modifiers: Any = Qt.KeyboardModifier.NoModifier,
) -> None:
    acting = NONE if kind == MOVE else button
    if held is None:
        held = NONE if kind == RELEASE else button
    point = QPointF(*at)
    event = QMouseEvent(kind, point, canvas.mapToGlobal(point), acting, held, modifiers)
    QApplication.sendEvent(canvas, event)


def test_a_tool_draws_in_image_coordinates_whichever_way_the_image_lies(
    canvas: ImageCanvas, pencil: Pencil
) -> None:
    canvas.rotate(1)
    canvas.mirror()
    place = canvas.to_widget((12.5, 30.25))
    before = canvas.window
    mouse(canvas, PRESS, (place.x(), place.y()))
    mouse(canvas, MOVE, (place.x() + 40, place.y()))
    mouse(canvas, RELEASE, (place.x() + 40, place.y()))
    assert pencil.names == ["press", "move", "release"]
    assert pencil.told[0][1] == pytest.approx((12.5, 30.25))
    assert canvas.window == before  # and nothing was windowed


def test_what_the_tool_does_not_take_is_the_usual_gesture(
    canvas: ImageCanvas, pencil: Pencil
) -> None:
    canvas.zoom_by(3)
    left, window = canvas.image_rect().left(), canvas.window
    mouse(canvas, PRESS, (100, 100), MIDDLE)
    mouse(canvas, MOVE, (130, 100), MIDDLE)
    mouse(canvas, RELEASE, (130, 100), MIDDLE)
    assert canvas.image_rect().left() == pytest.approx(left + 30)
    mouse(canvas, PRESS, (100, 100), RIGHT)
    mouse(canvas, MOVE, (150, 100), RIGHT)
    mouse(canvas, RELEASE, (150, 100), RIGHT)
    assert canvas.window != window
    assert pencil.names == ["press", "press"]  # a gesture under way is not the tool's


def test_while_the_tool_draws_no_other_button_moves_the_image(
    canvas: ImageCanvas, pencil: Pencil
) -> None:
    canvas.zoom_by(3)
    rect = canvas.image_rect()
    mouse(canvas, PRESS, (100, 100), LEFT)
    mouse(canvas, PRESS, (100, 100), MIDDLE, held=LEFT | MIDDLE)
    mouse(canvas, MOVE, (140, 100), MIDDLE, held=LEFT | MIDDLE)
    mouse(canvas, RELEASE, (140, 100), MIDDLE, held=LEFT)
    mouse(canvas, RELEASE, (140, 100), LEFT)
    assert canvas.image_rect() == rect
    mouse(canvas, PRESS, (100, 100), MIDDLE)  # let go, it pans again
    mouse(canvas, MOVE, (110, 100), MIDDLE)
    mouse(canvas, RELEASE, (110, 100), MIDDLE)
    assert canvas.image_rect() != rect


def test_space_pans_under_a_tool(qtbot: Any, canvas: ImageCanvas, pencil: Pencil) -> None:
    canvas.zoom_by(3)
    left = canvas.image_rect().left()
    qtbot.keyPress(canvas, Qt.Key.Key_Space)
    mouse(canvas, PRESS, (100, 100))
    mouse(canvas, MOVE, (120, 100))
    mouse(canvas, RELEASE, (120, 100))
    qtbot.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.image_rect().left() == pytest.approx(left + 20)
    assert "press" not in pencil.names


def test_keys_double_clicks_and_leaving(qtbot: Any, canvas: ImageCanvas, pencil: Pencil) -> None:
    qtbot.keyClick(canvas, Qt.Key.Key_L)
    canvas.zoom_by(3)
    zoom = canvas.zoom
    mouse(canvas, DOUBLE, (50, 50), LEFT)
    assert canvas.zoom == zoom  # taken, so not fitted
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert pencil.names == ["key", "double", "leave"]


def test_a_tool_shows_its_cursor_also_after_a_pan(qtbot: Any, canvas: ImageCanvas) -> None:
    tool = Pencil()
    with qtbot.waitSignal(canvas.toolChanged):
        canvas.set_tool(tool)
    assert canvas.tool is tool
    assert canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    mouse(canvas, PRESS, (100, 100), MIDDLE)
    assert canvas.cursor().shape() == Qt.CursorShape.ClosedHandCursor
    mouse(canvas, RELEASE, (100, 100), MIDDLE)
    assert canvas.cursor().shape() == Qt.CursorShape.CrossCursor
    with qtbot.waitSignal(canvas.toolChanged):
        canvas.set_tool(None)
    assert tool.names[-1] == "leave"
    assert canvas.cursor().shape() == Qt.CursorShape.ArrowCursor


def test_without_an_image_the_tool_is_not_asked(canvas: ImageCanvas, pencil: Pencil) -> None:
    canvas.set_radiograph(None)
    mouse(canvas, PRESS, (100, 100))
    mouse(canvas, MOVE, (120, 100))
    mouse(canvas, RELEASE, (120, 100))
    assert pencil.told == []


def test_the_pointer_is_told_in_image_coordinates(canvas: ImageCanvas) -> None:
    told: list[Any] = []
    canvas.pointerMoved.connect(told.append)
    place = canvas.to_widget((7.5, 3.5))
    mouse(canvas, MOVE, (place.x(), place.y()), NONE)
    assert told[-1] == pytest.approx((7.5, 3.5))
    canvas.zoom_by(0.5)
    mouse(canvas, MOVE, (1, 1), NONE)  # beside the image
    assert told[-1] is None
    QApplication.sendEvent(canvas, QEvent(QEvent.Type.Leave))
    assert told[-1] is None
    assert len(told) == 3


def test_a_press_makes_it_the_active_one(qtbot: Any, canvas: ImageCanvas) -> None:
    with qtbot.waitSignal(canvas.activated):
        mouse(canvas, PRESS, (10, 10))
    mouse(canvas, RELEASE, (10, 10))


class Paint:
    def __init__(self, colour: str) -> None:
        self.colour = colour

    def paint(self, painter: QPainter, canvas: ImageCanvas) -> None:
        painter.translate(5, 5)  # is put back for the next
        corner = canvas.to_widget((10, 10)) - QPointF(5, 5)
        painter.fillRect(QRectF(corner, canvas.to_widget((50, 30)) - QPointF(5, 5)), self.colour)


def test_layers_are_drawn_in_order_and_can_be_taken_away(canvas: ImageCanvas) -> None:
    def middle() -> QColor:
        return canvas.grab().toImage().pixelColor(canvas.to_widget((30, 20)).toPoint())

    plain = middle()
    red, blue = Paint("red"), Paint("blue")
    canvas.add_layer(red)
    assert middle() == QColor("red")
    canvas.add_layer(blue)
    assert middle() == QColor("blue")
    canvas.remove_layer(blue)
    assert middle() == QColor("red")
    canvas.remove_layer(red)
    assert middle() == plain


def test_a_drag_pans_by_whole_pixels_of_the_screen_and_loses_none(canvas: ImageCanvas) -> None:
    canvas.zoom_by(3)
    left = canvas.image_rect().left()
    mouse(canvas, PRESS, (100, 100), MIDDLE)
    for number in range(1, 11):
        mouse(canvas, MOVE, (100 + 0.35 * number, 100), MIDDLE)
        moved = canvas.image_rect().left() - left
        assert moved == pytest.approx(round(0.35 * number))
    mouse(canvas, RELEASE, (103.5, 100), MIDDLE)
