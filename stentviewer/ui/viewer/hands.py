"""Who gets the mouse and the keys: the chosen tool first, then the usual gestures.

A press that the tool took holds the mouse until it is let go; a gesture that is under way keeps it
likewise. With Space held the gestures come first, so that one can pan while drawing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from stentviewer.ui.viewer.gestures import Gestures

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas
    from stentviewer.ui.viewer.layers import Tool


class Hands:
    """The mouse and the keys on one canvas."""

    def __init__(self, canvas: ImageCanvas) -> None:
        self._canvas = canvas
        self.gestures = Gestures(canvas)
        self._tool: Tool | None = None
        self._held = False  # by the tool

    @property
    def tool(self) -> Tool | None:
        return self._tool

    def set_tool(self, tool: Tool | None) -> None:
        """Put the one before away."""
        before, self._tool, self._held = self._tool, tool, False
        if before is not None:
            before.leave()
        self._show_cursor()

    def press(self, event: QMouseEvent) -> None:
        tool = self._asked()
        if (
            tool is not None
            and (self._held or not self.gestures.space_held)
            and (tool.press(self._point(event), event) or self._held)
        ):
            self._held = True
            return
        self.gestures.press(event)

    def move(self, event: QMouseEvent) -> None:
        tool = self._asked()
        taken = tool is not None and tool.move(self._point(event), event)
        if not taken and not self._held:
            self.gestures.move(event)

    def release(self, event: QMouseEvent) -> None:
        tool = self._asked()
        if tool is not None:
            tool.release(self._point(event), event)
        if self._held:
            self._held = event.buttons() != Qt.MouseButton.NoButton
        elif self.gestures.active:
            self.gestures.release(event)
            if not self.gestures.active:
                self._show_cursor()

    def double_click(self, event: QMouseEvent) -> None:
        tool = self._asked()
        if tool is None or not tool.double_click(self._point(event), event):
            self.gestures.double_click(event)

    def key_press(self, event: QKeyEvent) -> bool:
        """Whether anybody took the key."""
        tool = self._tool
        taken = tool is not None and self._canvas.has_frame and tool.key_press(event)
        return taken or self.gestures.key_press(event)

    def leave(self) -> None:
        """The pointer is elsewhere."""
        if self._tool is not None:
            self._tool.leave()

    def _asked(self) -> Tool | None:
        """The tool, unless there is nothing to work on or a gesture is under way."""
        return self._tool if self._canvas.has_frame and not self.gestures.active else None

    def _point(self, event: QMouseEvent) -> tuple[float, float]:
        return self._canvas.to_image(event.position())

    def _show_cursor(self) -> None:
        if self._tool is not None:
            self._canvas.setCursor(self._tool.cursor)
        else:
            self._canvas.unsetCursor()
