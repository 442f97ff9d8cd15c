"""What may be drawn over an image and what may take the hands on it: two small protocols."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QPainter

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas
    from stentviewer.ui.viewer.view_state import Point


class Layer(Protocol):
    """Something drawn over the image, its heat map and boxes, in the order of being added."""

    def paint(self, painter: QPainter, canvas: ImageCanvas) -> None:
        """Draw in logical widget pixels (`canvas.to_widget`); the painter is restored after.

        Called only while a frame is on the screen. Call `canvas.update()` when it has changed.
        """
        ...


class Tool(Protocol):
    """What the hands do on the image while it is chosen.

    `point` is in image coordinates (column x, row y), continuous, also beside the image. What a
    method does not take (False) goes on as the usual gesture, so that the middle button pans and
    the right one windows under any tool. A press that was taken holds the mouse until its release.
    """

    @property
    def cursor(self) -> Qt.CursorShape: ...

    def press(self, point: Point, event: QMouseEvent) -> bool: ...

    def move(self, point: Point, event: QMouseEvent) -> bool:
        """Also without a button held."""
        ...

    def release(self, point: Point, event: QMouseEvent) -> bool: ...

    def double_click(self, point: Point, event: QMouseEvent) -> bool: ...

    def key_press(self, event: QKeyEvent) -> bool: ...

    def leave(self) -> None:
        """The pointer has left the canvas, or the tool has been put away."""
        ...
