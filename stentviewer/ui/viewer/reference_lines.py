"""Where the slices of other viewports cut this one, and one point of the patient shown in all.

Told of planes only: what they are of, and which viewport follows which, is the window's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPen

from stentviewer.ui.viewer import colours, marks

if TYPE_CHECKING:
    from stentviewer.imaging.geometry import PlaneGeometry, Vector
    from stentviewer.ui.viewer.canvas import ImageCanvas
    from stentviewer.ui.viewer.view_state import Point

_GAP = 8.0  # logical pixels left free about the point, so that it hides nothing
_ARM = 22.0
_LABEL_OFF = 4.0
_FOR_LETTER = 24.0  # left free at the right edge, where the orientation letter stands


@dataclass(frozen=True, slots=True)
class Reference:
    """The plane that another viewport shows; solid where the reader works in it, else dashed."""

    plane: PlaneGeometry
    is_active: bool = False
    label: str = ""


class ReferenceLines:
    """A layer of one canvas."""

    def __init__(self, canvas: ImageCanvas) -> None:
        self._canvas = canvas
        self._plane: PlaneGeometry | None = None
        self._references: tuple[Reference, ...] = ()
        self._point: Vector | None = None
        self._within_mm = 0.0

    def set_plane(self, plane: PlaneGeometry | None) -> None:
        """The plane on this canvas; None where it does not say where it lies."""
        if plane != self._plane:
            self._plane = plane
            self._canvas.update()

    def set_references(self, references: Sequence[Reference]) -> None:
        """The planes on the other canvases; those that do not cut this one draw nothing."""
        if tuple(references) != self._references:
            self._references = tuple(references)
            self._canvas.update()

    def set_crosshair(self, position: Vector | None, within_mm: float = 0.0) -> None:
        """Mark a patient position (LPS, mm); None for none.

        Dashed, with how far it is, where it lies further than `within_mm` from this plane.
        """
        if (position, within_mm) != (self._point, self._within_mm):
            self._point, self._within_mm = position, within_mm
            self._canvas.update()

    def paint(self, painter: QPainter, canvas: ImageCanvas) -> None:
        if self._plane is None:
            return
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for reference in self._references:
            cut = self._plane.cut_by(reference.plane)
            if cut is not None:
                ends = canvas.to_widget(cut.start), canvas.to_widget(cut.end)
                _draw_line(painter, *ends, solid=reference.is_active)
                if reference.label:
                    _draw_label(painter, canvas, *ends, reference.label)
        if self._point is not None:
            self._paint_crosshair(painter, canvas, self._plane, self._point)

    def _paint_crosshair(
        self, painter: QPainter, canvas: ImageCanvas, plane: PlaneGeometry, point: Vector
    ) -> None:
        x, y = plane.to_image(point)
        if not (0 <= x <= plane.columns and 0 <= y <= plane.rows):
            return
        at = canvas.to_widget((x, y))
        away = abs(plane.distance_mm(point))
        is_here = away <= self._within_mm + 1e-6
        for dx, dy in ((1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)):
            way = QPointF(dx, dy)
            _draw_line(painter, at + way * _GAP, at + way * (_GAP + _ARM), solid=is_here)
        if not is_here:
            text = f"{away:.0f} mm" if away >= 10 else f"{away:.1f} mm"
            marks.draw_text(painter, at + QPointF(_GAP, -_GAP), text, colours.ACCENT)


def _draw_line(painter: QPainter, start: QPointF, end: QPointF, *, solid: bool) -> None:
    painter.setPen(QPen(colours.SHADOW, 3.0))
    painter.drawLine(start, end)
    style = Qt.PenStyle.SolidLine if solid else Qt.PenStyle.DashLine
    painter.setPen(QPen(colours.ACCENT, 1.2, style))
    painter.drawLine(start, end)


def _draw_label(
    painter: QPainter, canvas: ImageCanvas, start: QPointF, end: QPointF, label: str
) -> None:
    """Beside the line's end that is further to the right, within the canvas."""
    metrics = QFontMetricsF(painter.font(), painter.device())
    end = max(start, end, key=lambda point: (point.x(), point.y()))
    edge = canvas.width() - _FOR_LETTER
    x = min(end.x(), edge) - metrics.horizontalAdvance(label) - _LABEL_OFF
    y = min(max(end.y(), metrics.ascent() + 2 * _LABEL_OFF), float(canvas.height()))
    at = QPointF(max(x, _LABEL_OFF), y - _LABEL_OFF)
    width = metrics.horizontalAdvance(label)
    place = QRectF(at.x(), at.y() - metrics.ascent(), width, metrics.height())
    for taken in canvas.lower_edge:
        if taken.intersects(place):
            at.setY(taken.top() - _LABEL_OFF)
    marks.draw_text(painter, at, label, colours.ACCENT)


class CrosshairTool(QObject):
    """Left press and drag put the point that all viewports show.

    `plane` gives the plane on the canvas at that moment, None where there is none: then the press
    is the usual gesture.
    """

    placed = Signal(object)  # patient position (x, y, z), LPS, mm
    cursor = Qt.CursorShape.CrossCursor

    def __init__(
        self, plane: Callable[[], PlaneGeometry | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._plane = plane
        self._held = False

    def press(self, point: Point, event: QMouseEvent) -> bool:
        self._held = event.button() == Qt.MouseButton.LeftButton and self._put(point)
        return self._held

    def move(self, point: Point, event: QMouseEvent) -> bool:
        return self._held and self._put(point)

    def release(self, point: Point, event: QMouseEvent) -> bool:
        was, self._held = self._held, False
        return was

    def double_click(self, point: Point, event: QMouseEvent) -> bool:
        return self.press(point, event)

    def key_press(self, event: QKeyEvent) -> bool:
        return False

    def leave(self) -> None:
        self._held = False

    def _put(self, point: Point) -> bool:
        plane = self._plane()
        if plane is None:
            return False
        inside = (
            min(max(point[0], 0.0), float(plane.columns)),
            min(max(point[1], 0.0), float(plane.rows)),
        )
        self.placed.emit(plane.to_patient(inside))
        return True
