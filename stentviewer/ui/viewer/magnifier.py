"""A lens at the pointer: stored pixels as blocks, through the window of the image around it."""

from __future__ import annotations

import math
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QObject, QPointF, QRectF, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPen

from stentviewer.ui.viewer import colours, marks

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph
    from stentviewer.imaging.windowing import DisplayTable
    from stentviewer.ui.viewer.canvas import ImageCanvas
    from stentviewer.ui.viewer.view_state import Point, ViewState

FACTORS = (2, 3, 4)
_RADIUS = 110.0  # logical pixels
_LARGEST_SHARE = 0.35  # of the canvas's shorter side


class Magnifier(QObject):
    """The last layer of one canvas while it is on; draws nothing while the pointer is elsewhere."""

    def __init__(self, canvas: ImageCanvas) -> None:
        super().__init__(canvas)
        self._canvas = canvas
        self._on = False
        self._factor = FACTORS[0]
        self._at: Point | None = None
        self._kept: tuple[tuple[Any, ...], DisplayTable] | None = None
        canvas.pointerMoved.connect(self._follow)

    @property
    def is_on(self) -> bool:
        return self._on

    @property
    def factor(self) -> int:
        """How much larger than the image around it."""
        return self._factor

    def set_on(self, on: bool) -> None:
        """Show the lens while the pointer is over the image.

        It lies over all marks: drawn over what it magnifies, they would mark other places.
        """
        if on == self._on:
            return
        self._on = on
        if on:
            self._canvas.add_layer(self)
        else:
            self._canvas.remove_layer(self)

    def set_factor(self, factor: int) -> None:
        """2, 3 or 4 times."""
        self._factor = min(max(factor, FACTORS[0]), FACTORS[-1])
        self._canvas.update()

    def _follow(self, point: Point | None) -> None:
        self._at = point
        if self._on:
            self._canvas.update()

    def paint(self, painter: QPainter, canvas: ImageCanvas) -> None:
        radiograph, stored = canvas.radiograph, canvas.stored
        if not self._on or self._at is None or radiograph is None or stored is None:
            return
        radius = min(_RADIUS, _LARGEST_SHARE * min(canvas.width(), canvas.height()))
        ratio = canvas.devicePixelRatioF()
        side = max(1, round(2 * radius * ratio))
        zoom = lens_zoom(canvas.zoom, self._factor)
        values, inside = lens_values(stored, canvas.state, self._at, side, zoom)
        image = self._image(values, inside, radiograph, canvas.state)
        image.setDevicePixelRatio(ratio)
        middle = canvas.to_widget(self._at)
        self._draw(painter, image, middle, radius, zoom)

    def _draw(
        self, painter: QPainter, image: QImage, middle: QPointF, radius: float, zoom: int
    ) -> None:
        circle = QRectF(middle.x() - radius, middle.y() - radius, 2 * radius, 2 * radius)
        path = QPainterPath()
        path.addEllipse(circle)
        painter.save()
        painter.setClipPath(path)
        painter.drawImage(circle.topLeft(), image)
        painter.restore()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for colour, width in ((colours.SHADOW, 4.0), (colours.ACCENT, 1.5)):
            painter.setPen(QPen(colour, width))
            painter.drawEllipse(circle)
        text = self.tr("each stored pixel {n} × {n}").format(n=zoom)
        metrics = painter.fontMetrics()
        left = middle.x() - metrics.horizontalAdvance(text) / 2
        below = circle.bottom() + metrics.ascent() + 4
        if below > self._canvas.height() - 4:
            below = circle.top() - 6
        marks.draw_text(painter, QPointF(left, below), text)

    def _image(
        self,
        values: npt.NDArray[Any],
        inside: npt.NDArray[np.bool_],
        radiograph: Radiograph,
        state: ViewState,
    ) -> QImage:
        """Values through the image's own table and colours; beside the image the background."""
        if values.ndim == 3:
            rgb = 255 - values if state.inverted else values
        else:
            grey = self._table(radiograph, state).apply(np.ascontiguousarray(values))
            from stentviewer.imaging.overlay import colour_table

            rgb = colour_table(state.colours)[grey]
        background = [
            colours.BACKGROUND.red(), colours.BACKGROUND.green(), colours.BACKGROUND.blue()
        ]  # fmt: skip
        rgb = np.where(inside[..., None], rgb, np.array(background, np.uint8))
        rgb = np.ascontiguousarray(rgb, np.uint8)
        height, width = rgb.shape[:2]
        image = QImage(rgb.data, width, height, width * 3, QImage.Format.Format_RGB888)
        return image.copy()  # the array goes away

    def _table(self, radiograph: Radiograph, state: ViewState) -> DisplayTable:
        from stentviewer.imaging.windowing import display_lut

        key = (id(radiograph), state.window, state.inverted, state.frame)
        if self._kept is None or self._kept[0] != key:
            table = display_lut(radiograph, state.window, state.inverted, frame=state.frame)
            self._kept = key, table
        return self._kept[1]


def lens_zoom(zoom: float, factor: int) -> int:
    """Screen pixels per column in the lens, a whole number: every stored pixel is as large."""
    return max(factor, math.ceil(zoom * factor - 1e-9))


def lens_values(
    stored: npt.NDArray[Any], state: ViewState, at: Point, side: int, zoom: int
) -> tuple[npt.NDArray[Any], npt.NDArray[np.bool_]]:
    """The stored value under each of side × side screen pixels about an image point.

    The second array says which of them lie on the image at all. Rows are as many screen pixels
    high as columns are wide, times the pixel's aspect.
    """
    lens = replace(state, zoom=float(zoom), centre=at, width=side, height=side).upright()
    turned = stored[:, ::-1] if state.mirrored else stored
    turned = np.rot90(turned, -state.quarter_turns)
    across, down = lens.scale
    x = np.floor((np.arange(side) + 0.5 - side / 2) / across + lens.centre[0]).astype(np.intp)
    y = np.floor((np.arange(side) + 0.5 - side / 2) / down + lens.centre[1]).astype(np.intp)
    rows, columns = turned.shape[:2]
    inside = ((y >= 0) & (y < rows))[:, None] & ((x >= 0) & (x < columns))
    x, y = x.clip(0, columns - 1), y.clip(0, rows - 1)
    part = turned[y.min() : y.max() + 1, x.min() : x.max() + 1]
    return part.take(y - y.min(), axis=0).take(x - x.min(), axis=1), inside
