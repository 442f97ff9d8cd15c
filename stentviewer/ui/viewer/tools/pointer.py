"""The pointer: takes hold of measurements; beside them the usual gestures go on."""

from __future__ import annotations

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from stentviewer.core.types import Measurement, MeasurementKind
from stentviewer.ui.viewer.tools import geometry
from stentviewer.ui.viewer.tools.geometry import Point
from stentviewer.ui.viewer.tools.sheet import Grip, Sheet

STILL = 3.0  # logical pixels: a click with an unsteady hand moves nothing
_CURSORS = {True: Qt.CursorShape.PointingHandCursor, False: Qt.CursorShape.SizeAllCursor}


class PointerTool:
    """Click chooses, drag moves an end or the whole, Del removes, Esc lets go."""

    idle_cursor = Qt.CursorShape.ArrowCursor
    only_chosen_handles = False

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self._grip: Grip | None = None
        self._pressed_at = QPointF()
        self._pressed = (0.0, 0.0)
        self._edited: Measurement | None = None

    @property
    def cursor(self) -> Qt.CursorShape:
        grip = self._grip or self.sheet.hovered
        return self.idle_cursor if grip is None else _CURSORS[grip.handle != geometry.WHOLE]

    def press(self, point: Point, event: QMouseEvent) -> bool:
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        grip = self.sheet.grip_at(event.position(), only_chosen_handles=self.only_chosen_handles)
        if grip is None:
            return self._press_beside(point, event)
        self.sheet.choose(grip.measurement.id)
        self._grip, self._edited = grip, None
        self._pressed, self._pressed_at = point, event.position()
        self._show_cursor()
        return True

    def _press_beside(self, point: Point, event: QMouseEvent) -> bool:
        self.sheet.choose("")
        return False

    def move(self, point: Point, event: QMouseEvent) -> bool:
        if self._grip is None:
            self._hover(event.position())
            return False
        way = event.position() - self._pressed_at
        if self._edited is None and way.manhattanLength() < STILL:
            return True
        self._edited = self._dragged(self._grip, point, event)
        self.sheet.set_draft(self._edited)
        return True

    def _dragged(self, grip: Grip, point: Point, event: QMouseEvent) -> Measurement:
        sheet = self.sheet
        if grip.handle == geometry.WHOLE:
            way = point[0] - self._pressed[0], point[1] - self._pressed[1]
            return geometry.shifted(grip.measurement, *way, *sheet.size)
        constrain = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        to = sheet.clamped(point)
        return geometry.moved(grip.measurement, grip.handle, to, sheet.aspect, constrain=constrain)

    def release(self, point: Point, event: QMouseEvent) -> bool:
        if self._grip is None or event.button() != Qt.MouseButton.LeftButton:
            return False
        edited, before = self._edited, self._grip.measurement
        self._let_go()
        if edited is not None and edited != before:
            self.sheet.finish(edited)
        self._hover(event.position())
        return True

    def double_click(self, point: Point, event: QMouseEvent) -> bool:
        """On a calibration its length is asked for again."""
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        grip = self.sheet.grip_at(event.position())
        if grip is not None and grip.measurement.kind is MeasurementKind.CALIBRATION:
            self.sheet.lengthWanted.emit(grip.measurement)
        return grip is not None

    def key_press(self, event: QKeyEvent) -> bool:
        key = event.key()
        if key == Qt.Key.Key_Escape:
            return self.escape()
        if key in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace) and self.sheet.chosen:
            self.sheet.removeWanted.emit()
            return True
        return False

    def escape(self) -> bool:
        """Put back what is being dragged, else let go of the chosen one; False if neither is."""
        if self._grip is not None:
            self._let_go()
            return True
        if self.sheet.chosen:
            self.sheet.choose("")
            return True
        return False

    def leave(self) -> None:
        """What is being dragged goes on: the button is held."""
        self.sheet.hover(None)

    def put_away(self) -> None:
        """Another tool is used: nothing half done stays."""
        self._let_go()
        self.sheet.hover(None)

    def _let_go(self) -> None:
        if self._grip is not None:
            self._grip = self._edited = None
            self.sheet.set_draft(None)
            self._show_cursor()

    def _hover(self, at: QPointF) -> None:
        before = self.cursor
        self.sheet.hover(self.sheet.grip_at(at, only_chosen_handles=self.only_chosen_handles))
        if self.cursor != before:
            self._show_cursor()

    def _show_cursor(self) -> None:
        self.sheet.canvas.setCursor(self.cursor)
