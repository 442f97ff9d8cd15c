"""What is drawn over the image: finding boxes, corner texts, the scale bar, a message."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen

from stentviewer.ui.viewer import colours
from stentviewer.ui.viewer.written import draw_text as draw_text

_MARGIN = 10.0
_BADGE = 18.0
_SMALL = 300.0


@dataclass(frozen=True, slots=True)
class Corners:
    """Lines of text in the corners."""

    left: tuple[str, ...] = ()
    right: tuple[str, ...] = ()
    lower_left: tuple[str, ...] = ()
    lower_right: tuple[str, ...] = ()


def draw_corners(
    painter: QPainter, area: QRectF, corners: Corners, lift: float = 0.0
) -> tuple[QRectF, ...]:
    """The corner texts, each cut to its half; on a small area whose image it is and when.

    Those below stand `lift` above the edge, where other marks have their place. The answer is
    where the lines stand.
    """
    places: list[QRectF] = []
    metrics = QFontMetricsF(painter.font(), painter.device())
    line, room = metrics.height(), area.width() / 2 - 1.5 * _MARGIN
    if area.width() < _SMALL:
        corners = Corners((*corners.left[:1], *corners.right[:1]))
        room = area.width() - 2 * _MARGIN
    top = area.top() + _MARGIN + metrics.ascent()
    bottom = area.bottom() - _MARGIN - metrics.descent() - lift
    fits = max(int((bottom - top) / (2 * line)), 1)
    for lines, right, lower in (
        (corners.left, False, False),
        (corners.right, True, False),
        (corners.lower_left, False, True),
        (corners.lower_right, True, True),
    ):
        shown = lines[:fits]
        y = bottom - line * (len(shown) - 1) if lower else top
        for words in shown:
            text = metrics.elidedText(words, Qt.TextElideMode.ElideRight, room)
            width = metrics.horizontalAdvance(text)
            x = area.right() - _MARGIN - width if right else area.left() + _MARGIN
            draw_text(painter, QPointF(x, y), text)
            places.append(QRectF(x, y - metrics.ascent(), width, line))
            y += line
    return tuple(places)


def draw_lower_right(painter: QPainter, area: QRectF, text: str, shorter: str) -> QRectF:
    """One quiet line in the lower right corner, `shorter` where it is narrow; where it stands."""
    metrics = QFontMetricsF(painter.font(), painter.device())
    room = area.width() - 2 * _MARGIN
    text = text if metrics.horizontalAdvance(text) <= room else shorter
    shown = metrics.elidedText(text, Qt.TextElideMode.ElideRight, room)
    width = metrics.horizontalAdvance(shown)
    x, y = area.right() - _MARGIN - width, area.bottom() - _MARGIN - metrics.descent()
    draw_text(painter, QPointF(x, y), shown)
    return QRectF(x, y - metrics.ascent(), width, metrics.height())


def draw_scale_bar(
    painter: QPainter, area: QRectF, length: float, text: str, lift: float
) -> QRectF:
    """A bar `length` logical pixels long in the lower left corner, `lift` above the edge.

    The answer is the place that it takes with its text.
    """
    x, y = area.left() + _MARGIN, area.bottom() - _MARGIN - lift
    tick = 4.0
    for colour, pen_width in ((colours.SHADOW, 4.0), (colours.TEXT, 1.5)):
        painter.setPen(QPen(colour, pen_width))
        painter.drawLine(QPointF(x, y), QPointF(x + length, y))
        painter.drawLine(QPointF(x, y - tick), QPointF(x, y + tick))
        painter.drawLine(QPointF(x + length, y - tick), QPointF(x + length, y + tick))
    draw_text(painter, QPointF(x, y - tick - 4.0), text)
    metrics = QFontMetricsF(painter.font(), painter.device())
    top = y - tick - 4.0 - metrics.ascent()
    width = max(length, metrics.horizontalAdvance(text))
    return QRectF(x, top, width, y + tick - top)


def draw_finding(
    painter: QPainter,
    area: QRectF,
    box: QRectF,
    number: int,
    text: str,
    colour: QColor = colours.ACCENT,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    line: int = 0,
) -> None:
    """A thin box with a numbered, named label at its upper left corner, kept inside the area.

    `line` keeps labels of boxes in the same place apart: 0 and 2 above, 1 and 3 below.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    painter.setPen(QPen(colours.SHADOW, 4.0))
    painter.drawRoundedRect(box, 2.0, 2.0)
    painter.setPen(QPen(colour, 1.5, style))
    painter.drawRoundedRect(box, 2.0, 2.0)
    metrics = QFontMetricsF(painter.font(), painter.device())
    width = _BADGE + 6.0 + metrics.horizontalAdvance(text)
    x = min(max(box.left(), area.left() + 2.0), max(area.right() - width - 2.0, area.left() + 2.0))
    further = (_BADGE + 2.0) * (line // 2)
    highest, lowest = area.top() + 2.0, area.bottom() - _BADGE - 2.0
    y = box.bottom() + 5.0 + further if line % 2 else box.top() - _BADGE - 5.0 - further
    if line % 2 and y > lowest:  # no room below: inside the box
        y, x = min(box.bottom() - _BADGE - 5.0, lowest) - further, x + 5.0
    elif y < highest:  # none above
        y, x = max(box.top() + 5.0, highest) + further, x + 5.0
    _draw_number(painter, QRectF(x, y, _BADGE, _BADGE), number, colour)
    baseline = y + _BADGE / 2 + (metrics.ascent() - metrics.descent()) / 2
    draw_text(painter, QPointF(x + _BADGE + 6.0, baseline), text)
    painter.restore()


def _draw_number(painter: QPainter, circle: QRectF, number: int, colour: QColor) -> None:
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(colours.SHADOW)
    painter.drawEllipse(circle)
    painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(number))


def draw_message(painter: QPainter, area: QRectF, text: str) -> None:
    """A calm sentence in the middle of the area."""
    room = area.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    painter.setPen(colours.QUIET_TEXT)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(room, int(flags), text)
