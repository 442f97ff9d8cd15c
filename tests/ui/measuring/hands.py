"""A canvas to measure on, the library behind it, and the hands that draw."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from stentviewer.app.measuring import Measuring as Keeping
from stentviewer.core.errors import UserError
from stentviewer.core.types import Measurement, Target
from stentviewer.core.undo import UndoStack
from stentviewer.imaging.measure import Number, Quantity
from stentviewer.inference.catalog import Catalog
from stentviewer.library.repository import Library
from stentviewer.ui.bridge import Bridge
from stentviewer.ui.desk import Desk
from stentviewer.ui.measuring import Measuring
from stentviewer.ui.viewer.canvas import ImageCanvas

LEFT, MIDDLE, RIGHT = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.MiddleButton,
    Qt.MouseButton.RightButton,
)
NONE = Qt.KeyboardModifier.NoModifier
SHIFT = Qt.KeyboardModifier.ShiftModifier
Point = tuple[float, float]


class Session:
    """As much of one as measuring needs, over a real library."""

    def __init__(self, library: Library) -> None:
        self.library = library
        self.catalog = Catalog([library.folder / "models"])
        self.stack = UndoStack()
        self.measuring = Keeping(library, self.stack)

    def worklist(self) -> list[Any]:
        return []

    @property
    def model(self) -> Any:
        raise UserError("There is no model here.")

    def undo(self) -> object:
        command: Any = self.stack.undo()
        return command.undone() if command is not None else None

    def redo(self) -> object:
        command: Any = self.stack.redo()
        return command.done() if command is not None else None


class Bench:
    """One window with one canvas, or more, and a person before it. Points are image points."""

    def __init__(self, qtbot: QtBot, library: Library) -> None:
        self.qtbot = qtbot
        self.library = library
        self.window = QWidget()
        qtbot.addWidget(self.window)
        self.window.resize(600, 500)
        self.bridge = Bridge(self.window)
        self.desk = Desk(self.bridge, self.window)
        self.trouble: list[BaseException] = []
        self.bridge.trouble.connect(self.trouble.append)
        self.said: list[str] = []
        self.measuring = Measuring(self.desk, self.window)
        self.measuring.said.connect(self.said.append)
        self.canvas = self.add_canvas()
        self.session: Any = Session(library)
        self.desk.attach(self.session)
        self.settle()

    def add_canvas(self, image_id: int = 1) -> ImageCanvas:
        canvas = ImageCanvas(self.window)
        canvas.setGeometry(0, 0, 600, 500)
        self.measuring.watch(canvas, lambda frame: Target(image_id, frame))
        return canvas

    def show(self, radiograph: Any, frame: int = 0, canvas: ImageCanvas | None = None) -> None:
        canvas = canvas or self.canvas
        self.window.show()
        with self.qtbot.waitSignal(canvas.frameChanged):
            canvas.set_radiograph(radiograph, frame)
        self.settle()

    def settle(self) -> None:
        self.qtbot.waitUntil(lambda: not self.bridge.jobs, timeout=5000)

    @property
    def tool(self) -> Any:
        return self.canvas.tool

    @property
    def sheet(self) -> Any:
        return self.tool.sheet

    @property
    def kept(self) -> list[Measurement]:
        """What is in the library once nothing is on its way any more."""
        self.settle()
        return self.library.measurements([1, 2])

    @property
    def last(self) -> Measurement:
        return self.kept[-1]

    def numbers(self, measurement: Measurement | None = None) -> dict[Quantity, Number]:
        """Those on the screen, of the measurement given or the newest."""
        of = measurement or self.sheet.measurements[-1]
        return {one.quantity: one for one in self.sheet.numbers(of)}

    # hands

    def _send(self, kind: Any, at: Point, button: Any, held: Any, keys: Any) -> None:
        self._send_at(kind, self.canvas.to_widget(at), button, held, keys)

    def _send_at(self, kind: Any, position: QPointF, button: Any, held: Any, keys: Any) -> None:
        where = self.canvas.mapToGlobal(position)
        QApplication.sendEvent(self.canvas, QMouseEvent(kind, position, where, button, held, keys))

    def press(self, at: Point, keys: Any = NONE, button: Any = LEFT) -> None:
        self._send(QEvent.Type.MouseButtonPress, at, button, button, keys)

    def move(self, at: Point, keys: Any = NONE, button: Any = None) -> None:
        """With the button held where one is given."""
        none = Qt.MouseButton.NoButton
        self._send(QEvent.Type.MouseMove, at, none, button or none, keys)

    def release(self, at: Point, keys: Any = NONE, button: Any = LEFT) -> None:
        self._send(QEvent.Type.MouseButtonRelease, at, button, Qt.MouseButton.NoButton, keys)

    def click(self, at: Point, keys: Any = NONE) -> None:
        self.move(at, keys)
        self.press(at, keys)
        self.release(at, keys)

    def double_click(self, at: Point) -> None:
        """As Qt sends it: the second press is a double click."""
        self.click(at)
        self._send(QEvent.Type.MouseButtonDblClick, at, LEFT, LEFT, NONE)
        self.release(at)

    def drag(self, *way: Point, keys: Any = NONE, button: Any = LEFT) -> None:
        self.press(way[0], keys, button)
        for at in way[1:]:
            self.move(at, keys, button)
        self.release(way[-1], keys, button)

    def key(self, key: Qt.Key) -> None:
        event = QKeyEvent(QEvent.Type.KeyPress, key, NONE)
        QApplication.sendEvent(self.canvas, event)

    def leave(self) -> None:
        QApplication.sendEvent(self.canvas, QEvent(QEvent.Type.Leave))


__all__ = ["LEFT", "MIDDLE", "RIGHT", "SHIFT", "Bench"]
