"""How measurements look: thin lines with a dark edge, their numbers beside them with a leader.

The chosen one is thicker and has handles; colour alone never says anything. Lines are drawn in
widget pixels, so that they are as crisp turned, mirrored and zoomed.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from stentviewer.core.types import Measurement, MeasurementKind
from stentviewer.imaging.measure import Number
from stentviewer.ui.viewer import colours, marks
from stentviewer.ui.viewer.tools import geometry, wording
from stentviewer.ui.viewer.tools.geometry import Array, Point
from stentviewer.ui.viewer.tools.labels import Labels, leader_to, span
from stentviewer.ui.viewer.tools.screen import Screen, polygon
from stentviewer.ui.viewer.tools.strokes import stroke
from stentviewer.ui.viewer.written import text_width

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas

LINE = QColor("#b6f09c")  # apart from the accent, which is the model's
_EDGE = QColor(0, 0, 0)  # a translucent one takes three times as long to paint
CHOSEN = QColor("#fff3b0")
_HANDLE = 4.0  # half of its side
_TICK = 5.0
_REACH = 40.0  # of handles, ticks and edges beyond a measurement's points
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
    painter.setBrush(Qt.BrushStyle.NoBrush)
    screen, area = Screen.of(canvas), QRectF(canvas.rect())
    shown = area.adjusted(-_REACH, -_REACH, _REACH, _REACH)
    drawn = []
    for item in items:
        (outline,) = screen.lines((geometry.outline(item.measurement, aspect),))
        around = span(outline)
        if not around.intersects(shown):
            continue
        _paint_lines(painter, item, screen, aspect)
        if item.is_chosen and not item.is_open:
            _paint_handles(painter, item, screen, aspect)
        drawn.append((item, outline, around))
    labels = Labels(area)
    for item, outline, around in reversed(drawn):
        _paint_label(painter, item, outline, around, labels)


def _paint_lines(painter: QPainter, item: Item, screen: Screen, aspect: float) -> None:
    """All edges first, then the lines, so that no edge covers a line."""
    measurement, kind = item.measurement, item.measurement.kind
    main, *extra = map(screen.transform.map, _polygons(measurement, aspect))
    thick = [main]
    if kind in _ADDED:
        (points,) = screen.lines((np.asarray(measurement.points),))
        extra = list(map(polygon, _ADDED[kind](points)))
    elif item.is_open and kind in (MeasurementKind.POLYGON, MeasurementKind.FREEHAND):
        thick = [QPolygonF(main.toList()[:-1])]  # not closed yet
    if kind is MeasurementKind.PROBE:
        thick, extra = extra, []
    width = 2.2 if item.is_chosen or item.is_hovered else 1.4
    style = Qt.PenStyle.DashLine if kind is MeasurementKind.CALIBRATION else Qt.PenStyle.SolidLine
    hollow = width if style is Qt.PenStyle.SolidLine else 0.0
    stroke(painter, thick, _EDGE, width + 2.0, hollow=hollow)
    stroke(painter, extra, _EDGE, width + 2.0, hollow=1.0)
    stroke(painter, thick, item.colour, width, style)
    stroke(painter, extra, item.colour)
    if item.is_open and kind is MeasurementKind.POLYGON and main.size() > 3:
        stroke(painter, [QPolygonF(main.toList()[-2:])], item.colour, style=Qt.PenStyle.DotLine)


def _polygons(measurement: Measurement, aspect: float) -> tuple[QPolygonF, ...]:
    """The measurement's lines in image coordinates, for Qt."""
    return _made(measurement.kind, measurement.points, measurement.widths, aspect)


@lru_cache(maxsize=512)
def _made(
    kind: MeasurementKind, points: tuple[Point, ...], widths: tuple[float, ...], aspect: float
) -> tuple[QPolygonF, ...]:
    return tuple(map(polygon, geometry.lines_of(kind, points, widths, aspect)))


def _cross(at: Array) -> list[Array]:
    """A probe: a cross whose middle stays free, so that the pixel can be seen."""
    ways = np.array([(1.0, 0.0), (-1.0, 0.0), (0.0, 1.0), (0.0, -1.0)])
    return [at[:1] + way * np.array([[3.0], [9.0]]) for way in ways]


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
        dotted = list(map(polygon, screen.lines(bars)))
        stroke(painter, dotted, item.colour, style=Qt.PenStyle.DotLine)
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
    painter: QPainter, item: Item, outline: Array, around: QRectF, labels: Labels
) -> None:
    texts = wording.lines(item.numbers)
    if labels.area.width() < _SMALL:
        texts = texts[:1]
    if not texts or not around.intersects(labels.area):
        return
    if item.measurement.kind in (MeasurementKind.LENGTH, MeasurementKind.CALIBRATION):
        around = span(outline[-1:])  # beside the end that was drawn last
    metrics = QFontMetricsF(painter.font(), painter.device())
    width = max(text_width(painter, text) for text in texts)
    box = labels.place(around, (width, metrics.height() * len(texts)), outline)
    leader = leader_to(box, outline)
    if leader is not None:
        line = [polygon(leader)]
        stroke(painter, line, _EDGE, 2.4, hollow=1.0)
        stroke(painter, line, colours.QUIET_TEXT)
    y = box.top() + metrics.ascent()
    for text in texts:
        marks.draw_text(painter, QPointF(box.left(), y), text, item.colour)
        y += metrics.height()


_ADDED: dict[MeasurementKind, Callable[[Array], list[Array]]] = {
    MeasurementKind.PROBE: _cross,
    MeasurementKind.LENGTH: _ticks,
    MeasurementKind.CALIBRATION: _ticks,
    MeasurementKind.ANGLE: _bow,
}
