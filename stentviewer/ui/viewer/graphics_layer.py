"""What others drew over an image: its overlays, and the marks of a presentation state."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QLineF, QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QImage, QPainter, QPainterPath, QPen, QTransform

from stentviewer.ui.viewer import colours, marks
from stentviewer.ui.viewer.graphic_paths import Places, path_of

if TYPE_CHECKING:
    from stentviewer.imaging.graphic_marks import GraphicLayer, Point, TextObject
    from stentviewer.imaging.gsps import Presented
    from stentviewer.ui.viewer.canvas import ImageCanvas
    from stentviewer.ui.viewer.look import Look

_DRAWN = QColor("#ffd166")  # where a layer has no colour of its own
_CROSS = 5.0  # logical pixels from a point to the end of its cross
_LINE = ((-0.25, -0.25), (0.25, 0.25))  # logical pixels aside
_EDGE = ((-1.25, 0.0), (1.25, 0.0), (0.0, -1.25), (0.0, 1.25))
_FILL = 70  # alpha of a filled figure: the image shows through
_SMALLEST = 64  # pixels; an overlay is not made smaller than this

Bits = npt.NDArray[np.bool_]


@dataclass(frozen=True, slots=True, eq=False)
class OverlayPicture:
    """An overlay of one frame ready to be painted: itself and its halvings, and its place.

    `place` is (x, y, columns, rows) in image coordinates.
    """

    levels: tuple[QImage, ...]
    place: tuple[int, int, int, int]


def overlay_picture(bits: Bits, origin: tuple[int, int]) -> OverlayPicture | None:
    """A picture of the bits that are set; None where none is. For a worker: it takes a while.

    `origin` is the (row, column) of the first bit in the image.
    """
    rows, columns = np.flatnonzero(bits.any(axis=1)), np.flatnonzero(bits.any(axis=0))
    if not rows.size:
        return None
    top, left = int(rows[0]), int(columns[0])
    part = bits[top : rows[-1] + 1, left : columns[-1] + 1]
    place = (origin[1] + left, origin[0] + top, part.shape[1], part.shape[0])
    return OverlayPicture(tuple(_pictures(part)), place)


class GraphicsLayer:
    """Paints overlays and one presentation state; both belong to one frame of the image."""

    def __init__(self, look: Look) -> None:
        self._look = look
        self._overlays: tuple[OverlayPicture, ...] = ()
        self._presented: Presented | None = None
        self._as_presented = False
        self._size = (0, 0)
        self._paths: list[tuple[QPainterPath, QColor, bool]] | None = None
        self._points: list[tuple[Point, QColor]] = []

    @property
    def is_empty(self) -> bool:
        """Whether nobody drew anything over what is shown."""
        shown = self._presented
        drawn = shown is not None and bool(shown.graphics or shown.texts or shown.shutters)
        return not self._overlays and not drawn

    def clear(self) -> None:
        """Nothing drawn: another image or frame."""
        self.set_overlays(())
        self.set_presented(None)

    def set_overlays(self, overlays: Sequence[OverlayPicture]) -> None:
        """The overlays of the frame on the screen."""
        self._overlays = tuple(overlays)

    def set_presented(self, presented: Presented | None, as_presented: bool = False) -> None:
        """The state's marks; its shutters only where all is shown `as_presented`."""
        self._presented = presented
        self._as_presented = as_presented
        self._paths = None

    def paint(self, painter: QPainter, canvas: ImageCanvas) -> None:
        if not self._look.show_drawn:
            return
        transform = _to_widget(canvas)
        shown = self._presented
        if shown is not None and self._as_presented and shown.shutters:
            _paint_shutters(painter, canvas, transform, shown)
        for overlay in self._overlays:
            _paint_overlay(painter, transform, overlay)
        if shown is not None:
            self._paint_marks(painter, canvas, transform, shown)

    def _paint_marks(
        self, painter: QPainter, canvas: ImageCanvas, transform: QTransform, presented: Presented
    ) -> None:
        size = (canvas.state.columns, canvas.state.rows)
        places = Places(presented, *size)
        if self._paths is None or size != self._size:
            self._size = size
            self._make_paths(presented, places)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        for path, colour, filled in self._paths or ():
            _stroke(painter, transform.map(path), colour, filled)
        for point, colour in self._points:
            _draw_cross(painter, canvas.to_widget(point), colour)
        palette = _colours_of(presented.layers)
        for text in presented.texts:
            _draw_text(painter, canvas, places, text, palette.get(text.layer, _DRAWN))

    def _make_paths(self, presented: Presented, places: Places) -> None:
        """One path a colour, lowest layer first: thousands of figures are a few strokes."""
        palette = _colours_of(presented.layers)
        order = {layer.name: place for place, layer in enumerate(presented.layers)}
        joined: dict[tuple[int, str, bool], QPainterPath] = {}
        self._points = []
        for graphic in presented.graphics:
            points = places.points(graphic)
            colour = palette.get(graphic.layer, _DRAWN)
            if graphic.kind == "POINT":
                self._points.append((points[0], colour))
                continue
            key = (order.get(graphic.layer, -1), colour.name(), graphic.filled)
            path = joined.setdefault(key, QPainterPath())
            path.setFillRule(Qt.FillRule.WindingFill)
            path.addPath(path_of(graphic, points))
        self._paths = [
            (joined[key], QColor(key[1]), key[2]) for key in sorted(joined, key=lambda k: k[0])
        ]


def _to_widget(canvas: ImageCanvas) -> QTransform:
    """Image coordinates → logical widget pixels, as one transform."""
    zero = canvas.to_widget((0.0, 0.0))
    across = canvas.to_widget((1.0, 0.0)) - zero
    down = canvas.to_widget((0.0, 1.0)) - zero
    return QTransform(across.x(), across.y(), down.x(), down.y(), zero.x(), zero.y())


def _colours_of(layers: Sequence[GraphicLayer]) -> dict[str, QColor]:
    found = {}
    for layer in layers:
        if layer.lab is not None:
            found[layer.name] = _from_lab(layer.lab)
        elif layer.grey is not None:
            value = round(layer.grey * 255)
            found[layer.name] = QColor(value, value, value)
    return found


def _from_lab(lab: tuple[float, float, float]) -> QColor:
    import cv2

    pixel = np.array([[lab]], np.float32)
    red, green, blue = np.clip(cv2.cvtColor(pixel, cv2.COLOR_Lab2RGB)[0, 0], 0, 1) * 255
    return QColor(round(float(red)), round(float(green)), round(float(blue)))


def _stroke(painter: QPainter, path: QPainterPath, colour: QColor, filled: bool) -> None:
    """A line with a dark edge, readable on light and on dark.

    Laid side by side from lines one pixel wide: Qt takes seconds for a wider one through thousands
    of points, and milliseconds for these.
    """
    if filled:
        inside = QColor(colour)
        inside.setAlpha(_FILL)
        painter.fillPath(path, inside)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    for line, offsets in ((colours.SHADOW, _EDGE), (colour, _LINE)):
        pen = QPen(line, 1)
        pen.setCosmetic(True)
        painter.setPen(pen)
        for dx, dy in offsets:
            painter.translate(dx, dy)
            painter.drawPath(path)
            painter.translate(-dx, -dy)


def _draw_cross(painter: QPainter, at: QPointF, colour: QColor) -> None:
    lines = [
        QLineF(at + QPointF(-_CROSS, 0), at + QPointF(_CROSS, 0)),
        QLineF(at + QPointF(0, -_CROSS), at + QPointF(0, _CROSS)),
    ]
    for pen, width in ((colours.SHADOW, 3.5), (colour, 1.5)):
        painter.setPen(QPen(pen, width))
        painter.drawLines(lines)


def _draw_text(
    painter: QPainter, canvas: ImageCanvas, places: Places, text: TextObject, colour: QColor
) -> None:
    """Words in their box, upright whatever the turn; or beside their anchor."""
    metrics = QFontMetricsF(painter.font(), painter.device())
    lines = text.text.split("\n")
    wide = max(metrics.horizontalAdvance(line) for line in lines)
    anchor = None
    if text.anchor is not None:
        anchor = canvas.to_widget(places.point(text.anchor, text.anchor_units))
    if text.box is not None:
        corners = [canvas.to_widget(places.point(one, text.box_units)) for one in text.box]
        box = QRectF(corners[0], corners[1]).normalized()
    elif anchor is not None:
        box = QRectF(anchor.x() + 2 * _CROSS, anchor.y() - metrics.height(), wide, 0)
    else:
        return
    room = max(box.width(), wide)
    if text.box is not None and anchor is not None and text.anchor_visible:
        _draw_leader(painter, box, anchor, colour)
    y = box.top() + metrics.ascent()
    for line in lines:
        spare = max(box.width() - metrics.horizontalAdvance(line), 0.0)
        shift = {"LEFT": 0.0, "CENTER": spare / 2, "RIGHT": spare}[text.justification]
        if room > box.width():
            shift = 0.0
        marks.draw_text(painter, QPointF(box.left() + shift, y), line, colour)
        y += metrics.height()


def _draw_leader(painter: QPainter, box: QRectF, anchor: QPointF, colour: QColor) -> None:
    """From the box's nearest edge to what it speaks of."""
    x = min(max(anchor.x(), box.left()), box.right())
    y = min(max(anchor.y(), box.top()), box.bottom())
    for pen, width in ((colours.SHADOW, 3.0), (colour, 1.0)):
        painter.setPen(QPen(pen, width))
        painter.drawLine(QPointF(x, y), anchor)
    _draw_cross(painter, anchor, colour)


def _paint_shutters(
    painter: QPainter, canvas: ImageCanvas, transform: QTransform, presented: Presented
) -> None:
    """Cover what lies outside of any of them."""
    open_path: QPainterPath | None = None
    for shutter in presented.shutters:
        path = QPainterPath()
        if shutter.shape == "RECTANGULAR":
            (x0, y0), (x1, y1) = shutter.points
            path.addRect(x0, y0, x1 - x0, y1 - y0)
        elif shutter.shape == "CIRCULAR":
            down = shutter.radius / canvas.state.pixel_aspect
            path.addEllipse(QPointF(*shutter.points[0]), shutter.radius, down)
        else:
            for number, point in enumerate(shutter.points):
                (path.lineTo if number else path.moveTo)(*point)
            path.closeSubpath()
        open_path = path if open_path is None else open_path.intersected(path)
    whole = QPainterPath()
    whole.addRect(0.0, 0.0, float(canvas.state.columns), float(canvas.state.rows))
    covered = whole.subtracted(open_path) if open_path is not None else QPainterPath()
    value = round(presented.shutters[0].grey * 255)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.fillPath(transform.map(covered), QColor(value, value, value))


def _paint_overlay(painter: QPainter, transform: QTransform, overlay: OverlayPicture) -> None:
    """The picture nearest to the screen's resolution, in its place."""
    scale = min(
        QLineF(0, 0, transform.m11(), transform.m12()).length(),
        QLineF(0, 0, transform.m21(), transform.m22()).length(),
    )
    scale *= overlay.place[2] / overlay.levels[0].width()
    level, shrunk = 0, scale * painter.device().devicePixelRatioF()
    while shrunk < 0.9 and level + 1 < len(overlay.levels):
        level, shrunk = level + 1, shrunk * 2
    painter.save()
    painter.setTransform(transform, True)
    painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, level > 0)
    painter.drawImage(QRectF(*map(float, overlay.place)), overlay.levels[level])
    painter.restore()


def _pictures(bits: Bits) -> list[QImage]:
    """The overlay and its halvings, coloured; a thin line stays to be seen in the smallest."""
    import cv2

    level = bits.astype(np.uint8) * 255
    made = [_coloured(level)]
    while max(level.shape) > _SMALLEST:
        rows, columns = level.shape
        smaller = cv2.resize(level, (-(-columns // 2), -(-rows // 2)), interpolation=cv2.INTER_AREA)
        level = np.clip(smaller.astype(np.uint16) * 2, 0, 255).astype(np.uint8)
        made.append(_coloured(level))
    return made


def _coloured(alpha: npt.NDArray[np.uint8]) -> QImage:
    """An image of one colour, as opaque as `alpha` says."""
    table = np.arange(256, dtype=np.uint32)[:, None] * np.array(
        [_DRAWN.blue(), _DRAWN.green(), _DRAWN.red(), 255], np.uint32
    )
    pixels = np.ascontiguousarray((table // 255).astype(np.uint8)[alpha])
    rows, columns = alpha.shape
    form = QImage.Format.Format_ARGB32_Premultiplied
    return QImage(pixels.data, columns, rows, columns * 4, form).copy()
