"""The tools that draw: drag, or click from point to point, with live numbers.

While one is drawn, Esc throws it away and Shift keeps to 45°, a circle or a square; Enter or a
double click ends what has as many points as one likes, Backspace takes the last one back. What was
drawn is chosen, and its handles can be dragged without leaving the tool.
"""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent

from stentviewer.core.types import Measurement, MeasurementKind
from stentviewer.ui.viewer.tools import geometry
from stentviewer.ui.viewer.tools.geometry import Point
from stentviewer.ui.viewer.tools.pointer import PointerTool
from stentviewer.ui.viewer.tools.sheet import Sheet

_DRAG = 5.0  # logical pixels: a press that goes further before it is let go is a drag
_CLOSE = 8.0  # a click so near the first point closes a polygon
_APART = 2.0  # between two points of a freehand line
_MOST = 400  # points of a freehand line
_WANTED = {
    MeasurementKind.LENGTH: 2,
    MeasurementKind.CALIBRATION: 2,
    MeasurementKind.ELLIPSE: 2,
    MeasurementKind.RECTANGLE: 2,
    MeasurementKind.ANGLE: 3,
}
_LEAST = {MeasurementKind.POLYGON: 3, MeasurementKind.STENT: 2}


class DrawTool(PointerTool):
    """Draws one kind point by point."""

    idle_cursor = Qt.CursorShape.CrossCursor
    only_chosen_handles = True

    def __init__(self, sheet: Sheet, kind: MeasurementKind) -> None:
        super().__init__(sheet)
        self.kind = kind
        self._points: list[Point] = []
        self._press_at: QPointF | None = None

    @property
    def is_drawing(self) -> bool:
        return bool(self._points)

    def press(self, point: Point, event: QMouseEvent) -> bool:
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        if self.is_drawing:
            self._press_at = event.position()
            self._add(point, event)
            return True
        return super().press(point, event)

    def _press_beside(self, point: Point, event: QMouseEvent) -> bool:
        if not self._is_inside(point):
            return False
        self._press_at = event.position()
        self._points = [point]
        self._show(point)
        return True

    def move(self, point: Point, event: QMouseEvent) -> bool:
        if not self.is_drawing:
            return super().move(point, event)
        self._show(self._placed(point, event))
        return True

    def release(self, point: Point, event: QMouseEvent) -> bool:
        if not self.is_drawing or self._press_at is None:
            return super().release(point, event)
        if event.button() == Qt.MouseButton.LeftButton:
            way = event.position() - self._press_at
            self._press_at = None
            if way.manhattanLength() >= _DRAG:
                self._add(point, event)
        return True

    def double_click(self, point: Point, event: QMouseEvent) -> bool:
        """The second press of two at one place: its point is there already."""
        if event.button() != Qt.MouseButton.LeftButton:
            return False
        if self.is_drawing:
            self.end()
            return True
        return self.press(point, event)

    def key_press(self, event: QKeyEvent) -> bool:
        key = event.key()
        if self.is_drawing and key in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.end()
            return True
        if self.is_drawing and key in (Qt.Key.Key_Backspace, Qt.Key.Key_Delete):
            self._points.pop()
            if self._points:
                self._show(self._points[-1])
            else:
                self._drop()
            return True
        return super().key_press(event)

    def escape(self) -> bool:
        """Throw the one being drawn away, put back what is dragged, else leave the tool."""
        if self.is_drawing:
            self._drop()
        elif self._grip is not None:
            self._let_go()
        else:
            self.sheet.left.emit()
        return True

    def put_away(self) -> None:
        super().put_away()
        self._drop()

    def end(self) -> None:
        """It has all its points: keep it. Too few, and drawing goes on."""
        if len(self._points) >= _LEAST.get(self.kind, 10**6):
            self._finish(self._points)

    def _placed(self, point: Point, event: QMouseEvent) -> Point:
        """Where the next point goes."""
        if event.modifiers() & Qt.KeyboardModifier.ShiftModifier:
            point = geometry.constrained(self.kind, self._points[-1], point, self.sheet.aspect)
        return self.sheet.clamped(point)

    def _add(self, point: Point, event: QMouseEvent) -> None:
        at = event.position()
        if self._is_near(self._points[-1], at, _DRAG):
            return  # the other half of a click that began here, not a point of its own
        if self._closes(at):
            self.end()
            return
        self._points.append(self._placed(point, event))
        self._show(self._points[-1])
        if len(self._points) == _WANTED.get(self.kind):
            self._finish(self._points)

    def _closes(self, at: QPointF) -> bool:
        enough = len(self._points) >= _LEAST[MeasurementKind.POLYGON]
        is_polygon = self.kind is MeasurementKind.POLYGON
        return is_polygon and enough and self._is_near(self._points[0], at, _CLOSE)

    def _show(self, cursor: Point) -> None:
        """The draft: what has been placed, and on to the pointer."""
        points = list(self._points)
        if cursor != points[-1]:
            points.append(cursor)
        self.sheet.set_draft(self.sheet.new(self.kind, points), is_open=True)

    def _finish(self, points: list[Point]) -> None:
        drawn = self.sheet.new(self.kind, points)
        self._points, self._press_at = [], None
        if drawn is None:
            self.sheet.set_draft(None)
        else:
            self._hand_over(drawn)

    def _hand_over(self, drawn: Measurement) -> None:
        self.sheet.finish(drawn)

    def _drop(self) -> None:
        self._points, self._press_at = [], None
        self.sheet.set_draft(None)

    def _is_near(self, point: Point, at: QPointF, reach: float) -> bool:
        return (self.sheet.canvas.to_widget(point) - at).manhattanLength() < reach

    def _is_inside(self, point: Point) -> bool:
        return self.sheet.clamped(point) == point


class FreehandTool(DrawTool):
    """Drag round a region; it closes where the button is let go."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet, MeasurementKind.FREEHAND)

    def move(self, point: Point, event: QMouseEvent) -> bool:
        if not self.is_drawing:
            return super().move(point, event)
        if not self._is_near(self._points[-1], event.position(), _APART):
            self._points.append(self.sheet.clamped(point))
            self._show(self._points[-1])
        return True

    def release(self, point: Point, event: QMouseEvent) -> bool:
        if not self.is_drawing:
            return super().release(point, event)
        if event.button() == Qt.MouseButton.LeftButton:
            size = np.ptp([self._widget(one) for one in self._points], axis=0)
            if len(self._points) >= 3 and size.max() >= _DRAG:
                self._finish(_thinned(self._points))
            else:
                self._drop()
        return True

    def _widget(self, point: Point) -> Point:
        at = self.sheet.canvas.to_widget(point)
        return at.x(), at.y()


def _thinned(points: list[Point]) -> list[Point]:
    """At most so many points, evenly along the line."""
    if len(points) <= _MOST:
        return points
    line = np.asarray(points)
    way = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    places = np.linspace(0.0, way[-1], _MOST)
    x, y = (np.interp(places, way, line[:, axis]) for axis in (0, 1))
    return list(zip(x.tolist(), y.tolist(), strict=True))


class ProbeTool(DrawTool):
    """The value under the pointer, live; a click keeps it."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet, MeasurementKind.PROBE)

    def _press_beside(self, point: Point, event: QMouseEvent) -> bool:
        if not self._is_inside(point):
            return False
        self._finish([point])
        return True

    def move(self, point: Point, event: QMouseEvent) -> bool:
        taken = super().move(point, event)
        if not taken:
            here = [point] if self._is_inside(point) and self.sheet.hovered is None else []
            self.sheet.set_draft(self.sheet.new(self.kind, here) if here else None, is_open=True)
        return taken

    def leave(self) -> None:
        super().leave()
        if self._grip is None:
            self.sheet.set_draft(None)


class StentTool(DrawTool):
    """Click along the centre line; the diameters begin where its edges stand out."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet, MeasurementKind.STENT)

    def _hand_over(self, drawn: Measurement) -> None:
        self.sheet.finish(self.sheet.with_diameters(drawn))


class CalibrateTool(DrawTool):
    """A line over something of known length, which is then asked for."""

    def __init__(self, sheet: Sheet) -> None:
        super().__init__(sheet, MeasurementKind.CALIBRATION)

    def _hand_over(self, drawn: Measurement) -> None:
        self.sheet.set_draft(drawn)  # stays on the screen while its length is asked for
        self.sheet.lengthWanted.emit(drawn)


def tool_for(kind: MeasurementKind | None, sheet: Sheet) -> PointerTool:
    """The tool that draws this kind; the pointer for None."""
    if kind is None:
        return PointerTool(sheet)
    special = {
        MeasurementKind.FREEHAND: FreehandTool,
        MeasurementKind.PROBE: ProbeTool,
        MeasurementKind.STENT: StentTool,
        MeasurementKind.CALIBRATION: CalibrateTool,
    }.get(kind)
    return special(sheet) if special is not None else DrawTool(sheet, kind)
