"""Who gets the mouse and the keys: the chosen tool first, then the usual gestures.

A press that the tool took holds the mouse until it is let go; a gesture that is under way keeps it
likewise. With Space held the gestures come first, so that one can pan while drawing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from stentviewer.ui.viewer.gestures import Gestures

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas
    from stentviewer.ui.viewer.layers import Tool


class Hands(QObject):
    """The mouse and the keys on one canvas."""

    def __init__(self, canvas: ImageCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self.gestures = Gestures(canvas)
        self._tool: Tool | None = None
        self._held = False  # by the tool
        self._mouse = {
            QEvent.Type.MouseButtonPress: self._press,
            QEvent.Type.MouseMove: self._move,
            QEvent.Type.MouseButtonRelease: self._release,
            QEvent.Type.MouseButtonDblClick: self._double_click,
        }
        canvas.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if isinstance(event, QMouseEvent) and kind in self._mouse:
            self._mouse[kind](event)
            return True
        if isinstance(event, QWheelEvent):
            self.gestures.wheel(event)
            return True
        if isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyPress:
            return self._key_press(event)
        if isinstance(event, QKeyEvent) and kind == QEvent.Type.KeyRelease:
            return self.gestures.key_release(event)
        if kind == QEvent.Type.FocusIn:
            self._canvas.activated.emit()
        elif kind == QEvent.Type.Leave:
            self._leave()
        return super().eventFilter(watched, event)

    @property
    def tool(self) -> Tool | None:
        return self._tool

    def set_tool(self, tool: Tool | None) -> None:
        """Put the one before away."""
        before, self._tool, self._held = self._tool, tool, False
        if before is not None:
            before.leave()
        self._show_cursor()

    def _press(self, event: QMouseEvent) -> None:
        self._canvas.activated.emit()
        tool = self._asked()
        if (
            tool is not None
            and (self._held or not self.gestures.space_held)
            and (tool.press(self._point(event), event) or self._held)
        ):
            self._held = True
            return
        self.gestures.press(event)

    def _move(self, event: QMouseEvent) -> None:
        tool = self._asked()
        taken = tool is not None and tool.move(self._point(event), event)
        if not taken and not self._held:
            self.gestures.move(event)
        self._canvas.pointerMoved.emit(self._inside(event))

    def _release(self, event: QMouseEvent) -> None:
        tool = self._asked()
        if tool is not None:
            tool.release(self._point(event), event)
        if self._held:
            self._held = event.buttons() != Qt.MouseButton.NoButton
        elif self.gestures.active:
            self.gestures.release(event)
            if not self.gestures.active:
                self._show_cursor()

    def _double_click(self, event: QMouseEvent) -> None:
        tool = self._asked()
        if tool is None or not tool.double_click(self._point(event), event):
            self.gestures.double_click(event)

    def _key_press(self, event: QKeyEvent) -> bool:
        """Whether anybody took the key."""
        tool = self._tool
        taken = tool is not None and self._canvas.has_frame and tool.key_press(event)
        return taken or self.gestures.key_press(event)

    def _leave(self) -> None:
        """The pointer is elsewhere."""
        if self._tool is not None:
            self._tool.leave()
        self._canvas.pointerMoved.emit(None)

    def _asked(self) -> Tool | None:
        """The tool, unless there is nothing to work on or a gesture is under way."""
        return self._tool if self._canvas.has_frame and not self.gestures.active else None

    def _point(self, event: QMouseEvent) -> tuple[float, float]:
        return self._canvas.to_image(event.position())

    def _inside(self, event: QMouseEvent) -> tuple[float, float] | None:
        """The image point there; None beside the image and while none is shown."""
        x, y = self._point(event)
        state = self._canvas.state
        inside = 0.0 <= x < state.columns and 0.0 <= y < state.rows
        return (x, y) if inside and self._canvas.has_frame else None

    def _show_cursor(self) -> None:
        if self._tool is not None:
            self._canvas.setCursor(self._tool.cursor)
        else:
            self._canvas.unsetCursor()
