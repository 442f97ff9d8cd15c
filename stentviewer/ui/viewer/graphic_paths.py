"""The figures of a presentation state as paths in image coordinates."""

from __future__ import annotations

import math

from PySide6.QtCore import QPointF
from PySide6.QtGui import QPainterPath, QPolygonF

from stentviewer.imaging.graphic_marks import Graphic, Point, Units
from stentviewer.imaging.gsps import Area, Presented

_CORNERS = 72  # of a circle or ellipse drawn as a polygon


class Places:
    """From a state's own coordinates to those of the image.

    Pixel coordinates are the image's already. Display coordinates are fractions of the displayed
    area as it lies once turned (PS3.3 C.10.5): they are turned back, so that a mark keeps its
    place on the image however a reader turns it.
    """

    def __init__(self, presented: Presented, columns: int, rows: int) -> None:
        self._area = presented.area or Area(0.0, 0.0, float(columns), float(rows))
        self._turns = presented.quarter_turns
        self._mirrored = presented.mirrored

    def point(self, point: Point, units: Units) -> Point:
        """A point in image coordinates."""
        if units == "PIXEL":
            return point
        x, y = point[0] - 0.5, point[1] - 0.5
        for _ in range(-self._turns % 4):
            x, y = -y, x
        x = -x if self._mirrored else x
        area = self._area
        width, height = area.x1 - area.x0, area.y1 - area.y0
        return area.x0 + (x + 0.5) * width, area.y0 + (y + 0.5) * height

    def points(self, graphic: Graphic) -> list[Point]:
        """A figure's points in image coordinates."""
        return [self.point(point, graphic.units) for point in graphic.points]


def path_of(graphic: Graphic, points: list[Point]) -> QPainterPath:
    """A figure through these points; a POINT has none, as it is drawn at one size at any zoom."""
    path = QPainterPath()
    if graphic.kind == "POLYLINE":
        _add_line(path, points)
    elif graphic.kind == "INTERPOLATED":
        _add_curve(path, points)
    elif graphic.kind == "CIRCLE":
        (cx, cy), (x, y) = points
        radius = math.hypot(x - cx, y - cy)
        _add_oval(path, (cx, cy), (radius, 0.0), (0.0, radius))
    elif graphic.kind == "ELLIPSE":
        one, other, third, fourth = points
        centre = (one[0] + other[0]) / 2, (one[1] + other[1]) / 2
        major = (other[0] - one[0]) / 2, (other[1] - one[1]) / 2
        minor = (fourth[0] - third[0]) / 2, (fourth[1] - third[1]) / 2
        _add_oval(path, centre, major, minor)
    return path


def _add_line(path: QPainterPath, points: list[Point]) -> None:
    path.addPolygon(QPolygonF([QPointF(*point) for point in points]))
    if points[0] == points[-1] and len(points) > 2:
        path.closeSubpath()


def _add_curve(path: QPainterPath, points: list[Point]) -> None:
    """Through every point, as a Catmull-Rom spline: the standard leaves the kind of curve open."""
    closed = points[0] == points[-1] and len(points) > 3
    path.moveTo(*points[0])
    last = len(points) - 1
    for index in range(last):
        before = points[index - 1] if index else (points[-2] if closed else points[0])
        here, there = points[index], points[index + 1]
        after = points[index + 2] if index + 2 <= last else (points[1] if closed else points[-1])
        first = here[0] + (there[0] - before[0]) / 6, here[1] + (there[1] - before[1]) / 6
        second = there[0] - (after[0] - here[0]) / 6, there[1] - (after[1] - here[1]) / 6
        path.cubicTo(*first, *second, *there)


def _add_oval(path: QPainterPath, centre: Point, one: Point, other: Point) -> None:
    corners = []
    for step in range(_CORNERS + 1):
        angle = 2 * math.pi * step / _CORNERS
        cosine, sine = math.cos(angle), math.sin(angle)
        x = centre[0] + one[0] * cosine + other[0] * sine
        y = centre[1] + one[1] * cosine + other[1] * sine
        corners.append(QPointF(x, y))
    path.addPolygon(QPolygonF(corners))
    path.closeSubpath()
