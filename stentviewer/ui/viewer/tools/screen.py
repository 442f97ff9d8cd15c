"""From image coordinates to the widget's and back, for many points at once."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from PySide6.QtCore import QPointF
from PySide6.QtGui import QPolygonF, QTransform

from stentviewer.ui.viewer.tools.geometry import Array, Point

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas


@dataclass(frozen=True, slots=True, eq=False)
class Screen:
    """How the image lies on the widget, in logical pixels: zoomed, moved, turned, mirrored."""

    origin: Array
    axes: Array  # what a column and a row are on the widget, as rows (2, 2)

    @staticmethod
    def of(canvas: ImageCanvas) -> Screen:
        """As the canvas shows its image now."""
        zero, column, row = (canvas.to_widget(one) for one in ((0.0, 0.0), (1.0, 0.0), (0.0, 1.0)))
        origin = np.array([zero.x(), zero.y()])
        axes = np.array([[column.x(), column.y()], [row.x(), row.y()]]) - origin
        return Screen(origin, axes)

    @property
    def transform(self) -> QTransform:
        """The same for Qt."""
        return QTransform(*self.axes.ravel().tolist(), *self.origin.tolist())

    def lines(self, lines: tuple[Array, ...]) -> tuple[Array, ...]:
        """Image lines (n, 2) on the widget."""
        return tuple(line @ self.axes + self.origin for line in lines)

    def point(self, point: Point) -> QPointF:
        """One image point on the widget."""
        x, y = np.asarray(point) @ self.axes + self.origin
        return QPointF(float(x), float(y))


def polygon(line: Array) -> QPolygonF:
    """A line (n, 2), to be painted."""
    return QPolygonF([QPointF(x, y) for x, y in line.tolist()])
