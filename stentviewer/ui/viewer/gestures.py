"""Mouse and keys on the canvas, turned into calls of its public methods."""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent, QWheelEvent

from stentviewer.core.types import RADIOGRAPHS

if TYPE_CHECKING:
    from stentviewer.imaging.image import Window
    from stentviewer.ui.viewer.canvas import ImageCanvas

_DEAD_ZONE = 3.0  # logical pixels: a click with an unsteady hand changes no window
_NOTCH = 120.0  # eighths of a degree in one step of a wheel
_ZOOM_PER_NOTCH = 1.2


class _Drag(Enum):
    NONE = 0
    WINDOW = 1
    PAN = 2


class Gestures:
    """Remembers what a drag is doing."""

    def __init__(self, canvas: ImageCanvas) -> None:
        self._canvas = canvas
        self._drag = _Drag.NONE
        self._pressed = QPointF()
        self._panned = QPointF()  # device pixels
        self._start: Window | None = None
        self._moved = False
        self._space = False
        self._space_used = False
        self._wheel = 0.0

    def press(self, event: QMouseEvent) -> None:
        """Begin a drag; the first button held decides which."""
        if self._drag is not _Drag.NONE or not self._canvas.has_frame:
            return
        button = event.button()
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        if button == Qt.MouseButton.MiddleButton or (
            button == Qt.MouseButton.LeftButton and (shift or self._space)
        ):
            self._drag = _Drag.PAN
            self._space_used = self._space
            self._canvas.setCursor(Qt.CursorShape.ClosedHandCursor)
        elif button in (Qt.MouseButton.LeftButton, Qt.MouseButton.RightButton):
            self._start = self._canvas.window_to_drag()
            self._drag = _Drag.WINDOW if self._start is not None else _Drag.NONE
        self._pressed, self._panned = event.position(), QPointF()
        self._moved = False

    def move(self, event: QMouseEvent) -> None:
        """Go on with the drag."""
        here = event.position()
        if self._drag is _Drag.PAN:  # by whole pixels of the screen, so that it stays as exact
            ratio = self._canvas.devicePixelRatioF()
            way = (here - self._pressed) * ratio
            whole = QPointF(round(way.x()), round(way.y()))
            step = (whole - self._panned) / ratio
            self._panned = whole
            self._canvas.pan_by(step.x(), step.y())
        elif self._drag is _Drag.WINDOW and self._start is not None:
            way = here - self._pressed
            if not self._moved and way.manhattanLength() < _DEAD_ZONE:
                return
            self._moved = True
            self._canvas.drag_window(self._start, way.x(), way.y())

    def release(self, event: QMouseEvent) -> None:
        """End the drag when its last button goes up."""
        if event.buttons() == Qt.MouseButton.NoButton:
            clicked = self._drag is _Drag.WINDOW and not self._moved
            if clicked and event.button() == Qt.MouseButton.LeftButton:
                self._canvas.pick(event.position())
            self._drag = _Drag.NONE
            self._canvas.unsetCursor()

    @property
    def active(self) -> bool:
        """Whether a drag is under way."""
        return self._drag is not _Drag.NONE

    @property
    def space_held(self) -> bool:
        return self._space

    def double_click(self, event: QMouseEvent) -> None:
        """Fit."""
        if event.button() == Qt.MouseButton.LeftButton:
            self._canvas.fit()

    def wheel(self, event: QWheelEvent) -> None:
        """Zoom at the cursor, or step through a volume's slices.

        Alt always steps, Ctrl always zooms.
        """
        delta = event.angleDelta()
        modifiers = event.modifiers()
        steps_anyway = self._is_volume() and not modifiers & Qt.KeyboardModifier.ControlModifier
        if steps_anyway or modifiers & Qt.KeyboardModifier.AltModifier:
            self._wheel += delta.y() or delta.x()  # Qt turns the wheel sideways under Alt
            steps = int(self._wheel / _NOTCH)
            self._wheel -= steps * _NOTCH
            if steps:
                self._canvas.set_frame(self._canvas.wanted_frame - steps)
        elif self._canvas.has_frame and delta.y():
            factor = float(_ZOOM_PER_NOTCH ** (delta.y() / _NOTCH))
            self._canvas.zoom_by(factor, event.position())
        event.accept()

    def _is_volume(self) -> bool:
        """Whether the frames lie one behind the other in the patient, not one after another."""
        radiograph = self._canvas.radiograph
        if radiograph is None or radiograph.header.frames < 2:
            return False
        return radiograph.header.identity.modality not in RADIOGRAPHS

    def key_press(self, event: QKeyEvent) -> bool:
        """Arrow and page keys step frames, Space makes a drag pan. False if the key is not ours."""
        radiograph = self._canvas.radiograph
        if event.modifiers() & ~Qt.KeyboardModifier.KeypadModifier:
            return False
        if event.key() == Qt.Key.Key_Space and radiograph is not None:
            if not event.isAutoRepeat():
                self._space, self._space_used = True, False
            return True
        if radiograph is None or radiograph.header.frames < 2:
            return False
        here, last = self._canvas.wanted_frame, radiograph.header.frames - 1
        target = {
            Qt.Key.Key_Left: here - 1,
            Qt.Key.Key_Up: here - 1,
            Qt.Key.Key_PageUp: here - 10,
            Qt.Key.Key_Right: here + 1,
            Qt.Key.Key_Down: here + 1,
            Qt.Key.Key_PageDown: here + 10,
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: last,
        }.get(Qt.Key(event.key()))
        if target is None:
            return False
        self._canvas.set_frame(target)
        return True

    def key_release(self, event: QKeyEvent) -> bool:
        """Space let go without a drag starts or stops the cine."""
        if event.key() != Qt.Key.Key_Space or event.isAutoRepeat() or not self._space:
            return False
        self._space = False
        if not self._space_used:
            self._canvas.cineToggleRequested.emit()
        return True
