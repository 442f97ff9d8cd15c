"""How measurements look: thin lines with a dark edge, their numbers beside them with a leader.

The chosen one is thicker and has handles; colour alone never says anything. Lines are drawn in
widget pixels, so that they are as crisp turned, mirrored and zoomed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from stentviewer.core.types import Measurement, MeasurementKind
from stentviewer.imaging.measure import Number
from stentviewer.ui.viewer import colours, marks
from stentviewer.ui.viewer.tools import geometry, wording
from stentviewer.ui.viewer.tools.geometry import Array
from stentviewer.ui.viewer.tools.screen import Screen, polygon

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas

LINE = QColor("#b6f09c")  # apart from the accent, which is the model's
_EDGE = QColor(0, 0, 0)  # a translucent one takes three times as long to paint
CHOSEN = QColor("#fff3b0")
_HANDLE = 4.0  # half of its side
_TICK = 5.0
_AWAY = 12.0  # of the numbers from what they belong to
_APART = 8.0  # between the numbers of two
_NEAR = 10.0  # a leader shorter than this says nothing
_SMALL = 320.0  # a canvas that has room for one line of numbers only


@dataclass(frozen=True, slots=True)
class Item:
    """One measurement and how it is to be shown."""

    measurement: Measurement
    numbers: tuple[Number, ...]
    is_chosen: bool = False
    is_hovered: bool = False
    is_open: bool = False

    @property
    def colour(self) -> QColor:
        return CHOSEN if self.is_chosen else LINE


def paint(painter: QPainter, canvas: ImageCanvas, aspect: float, items: Sequence[Item]) -> None:
    """Every item with its numbers, which keep out of each other's way as far as there is room."""
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    screen, area = Screen.of(canvas), QRectF(canvas.rect())
    drawn = []
    for item in items:
        lines = screen.lines(geometry.polylines(item.measurement, aspect))
        _paint_lines(painter, item, lines)
        if item.is_chosen and not item.is_open:
            _paint_handles(painter, item, screen, aspect)
        drawn.append((item, lines))
    taken: list[QRectF] = []
    for item, lines in reversed(drawn):
        _paint_label(painter, item, lines, area, taken)


def _paint_lines(painter: QPainter, item: Item, lines: tuple[Array, ...]) -> None:
    """All edges first, then the lines, so that no edge covers a line."""
    kind = item.measurement.kind
    main, extra = list(lines[:1]), list(lines[1:])
    if kind is MeasurementKind.PROBE:
        main = _cross(lines[0][0])
    elif kind in (MeasurementKind.LENGTH, MeasurementKind.CALIBRATION):
        extra = _ticks(lines[0])
    elif kind is MeasurementKind.ANGLE:
        extra = _bow(lines[0])
    elif item.is_open and kind in (MeasurementKind.POLYGON, MeasurementKind.FREEHAND):
        main = [lines[0][:-1]]  # not closed yet
    width = 2.2 if item.is_chosen or item.is_hovered else 1.4
    style = Qt.PenStyle.DashLine if kind is MeasurementKind.CALIBRATION else Qt.PenStyle.SolidLine
    _stroke(painter, [*main, *extra], QPen(_EDGE, width + 2.0))
    _stroke(painter, main, QPen(item.colour, width, style))
    _stroke(painter, extra, QPen(item.colour, 1.0))
    if item.is_open and kind is MeasurementKind.POLYGON and len(lines[0]) > 3:
        _stroke(painter, [lines[0][-2:]], QPen(item.colour, 1.0, Qt.PenStyle.DotLine))


def _stroke(painter: QPainter, lines: Sequence[Array], pen: QPen) -> None:
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    painter.setPen(pen)
    for line in lines:
        painter.drawPolyline(polygon(line))


def _cross(at: Array) -> list[Array]:
    """A probe: a cross whose middle stays free, so that the pixel can be seen."""
    ways = np.array([(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)])
    return [at + way * np.array([[3.0], [9.0]]) for way in ways]


def _ticks(line: Array) -> list[Array]:
    """Short bars across the two ends."""
    way = line[-1] - line[0]
    length = float(np.hypot(*way))
    if length < 1.0:
        return []
    across = np.array([-way[1], way[0]]) / length * _TICK
    return [np.array([end - across, end + across]) for end in (line[0], line[-1])]


def _bow(line: Array) -> list[Array]:
    """The arc between an angle's arms."""
    if len(line) < 3:
        return []
    one, two = line[0] - line[1], line[2] - line[1]
    radius = min(22.0, 0.5 * float(np.hypot(*one)), 0.5 * float(np.hypot(*two)))
    start = np.arctan2(one[1], one[0])
    turn = (np.arctan2(two[1], two[0]) - start + np.pi) % (2 * np.pi) - np.pi
    steps = start + np.linspace(0.0, turn, 24)
    return [line[1] + radius * np.stack([np.cos(steps), np.sin(steps)], axis=1)]


def _paint_handles(painter: QPainter, item: Item, screen: Screen, aspect: float) -> None:
    """Squares; a stent's diameters have round ones, hollow until they have been drawn."""
    measurement = item.measurement
    is_stent = measurement.kind is MeasurementKind.STENT
    if is_stent and not measurement.widths and len(measurement.points) > 1:
        bars = tuple(map(np.stack, zip(*geometry.walls(measurement, aspect), strict=True)))
        _stroke(painter, screen.lines(bars), QPen(item.colour, 1.0, Qt.PenStyle.DotLine))
    for index, point in enumerate(geometry.handles(measurement, aspect)):
        at = screen.point(point)
        box = QRectF(at.x() - _HANDLE, at.y() - _HANDLE, 2 * _HANDLE, 2 * _HANDLE)
        painter.setPen(QPen(_EDGE, 3.0))
        painter.setBrush(_EDGE)
        round_ = is_stent and index >= len(measurement.points)
        draw = painter.drawEllipse if round_ else painter.drawRect
        draw(box)
        painter.setPen(QPen(item.colour, 1.4))
        draw(box)
    painter.setBrush(Qt.BrushStyle.NoBrush)


def _paint_label(
    painter: QPainter, item: Item, lines: tuple[Array, ...], area: QRectF, taken: list[QRectF]
) -> None:
    texts = wording.lines(item.numbers)
    if area.width() < _SMALL:
        texts = texts[:1]
    outline = np.concatenate([_dense(line) for line in lines])
    around = _span(outline)
    if not texts or not around.intersects(area):
        return
    if item.measurement.kind in (MeasurementKind.LENGTH, MeasurementKind.CALIBRATION):
        around = _span(lines[0][-1:])  # beside the end that was drawn last
    metrics = QFontMetricsF(painter.font(), painter.device())
    width = max(metrics.horizontalAdvance(text) for text in texts)
    box = _place(around, (width, metrics.height() * len(texts)), area, taken, outline)
    taken.append(box.adjusted(-_APART, 0.0, _APART, 0.0))
    _paint_leader(painter, box, outline)
    y = box.top() + metrics.ascent()
    for text in texts:
        marks.draw_text(painter, QPointF(box.left(), y), text, item.colour)
        y += metrics.height()


def _dense(line: Array) -> Array:
    """The line with points at least every few pixels."""
    if len(line) < 2:
        return line
    steps = np.hypot(*np.diff(line, axis=0).T)
    way = np.concatenate([[0.0], np.cumsum(steps)])
    places = np.linspace(0.0, way[-1], min(int(way[-1] / 6.0) + 2, 600))
    return np.stack([np.interp(places, way, line[:, axis]) for axis in (0, 1)], axis=1)


def _span(points: Array) -> QRectF:
    (x0, y0), (x1, y1) = points.min(axis=0), points.max(axis=0)
    return QRectF(x0 - 1.0, y0 - 1.0, x1 - x0 + 2.0, y1 - y0 + 2.0)


def _place(
    around: QRectF,
    size: tuple[float, float],
    area: QRectF,
    taken: Sequence[QRectF],
    outline: Array,
) -> QRectF:
    """Beside what it belongs to, in the canvas, over as few other numbers and lines as can be."""
    width, height = size
    right, left = around.right() + _AWAY, around.left() - _AWAY - width
    below, above = around.bottom() + 4.0, around.top() - 4.0 - height
    middle, centre = around.center().y() - height / 2, around.center().x() - width / 2
    places = [(right, middle), (right, below), (right, above), (left, middle), (left, below)]
    places += [(left, above), (centre, below), (centre, above)]
    room = area.adjusted(4.0, 4.0, -4.0 - width, -4.0 - height)

    def cost(box: QRectF) -> tuple[int, int]:
        over = (outline > (box.left(), box.top())) & (outline < (box.right(), box.bottom()))
        return sum(box.intersects(other) for other in taken), int(over.all(axis=1).sum())

    boxes = [
        QRectF(
            max(min(x, room.right()), room.left()), max(min(y, room.bottom()), room.top()), *size
        )
        for x, y in places
    ]
    return min(boxes, key=cost)  # of equals the first


def _paint_leader(painter: QPainter, box: QRectF, outline: Array) -> None:
    """From the numbers to the nearest place of the outline, where that is not close by."""
    ends = np.array([[box.left() - 3, box.center().y()], [box.right() + 3, box.center().y()]])
    ways = np.hypot(*(outline[:, None] - ends[None]).transpose(2, 0, 1))
    place, end = np.unravel_index(int(ways.argmin()), ways.shape)
    if ways[place, end] > _NEAR:
        line = [np.stack([ends[end], outline[place]])]
        _stroke(painter, line, QPen(_EDGE, 2.4))
        _stroke(painter, line, QPen(colours.QUIET_TEXT, 0.8))
