"""What is drawn over the image: finding boxes, corner texts, the scale bar, a message."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSizeF, Qt
from PySide6.QtGui import QColor, QFontMetricsF, QPainter, QPen, QPolygonF

from stentviewer.ui.viewer import colours
from stentviewer.ui.viewer.written import draw_text as draw_text

_MARGIN = 10.0
_BADGE = 18.0
_SMALL = 300.0
_NAME_SHARE = 0.4  # of the width: a longer name at a stent is cut


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


@dataclass(frozen=True, slots=True)
class Label:
    """What is written at a finding and how its line is drawn."""

    number: int
    text: str
    colour: QColor
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    is_chosen: bool = False  # a thicker line and a filled number


def draw_outline(
    painter: QPainter, area: QRectF, corners: QPolygonF, label: Label, taken: Sequence[QRectF]
) -> QRectF:
    """A thin line around a stent, its number and name beyond its upper end, or else its lower one.

    The label stays inside the area and off the places taken by others; the answer is its place.
    """
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setBrush(Qt.BrushStyle.NoBrush)
    wide = 3.0 if label.is_chosen else 1.5
    for pen in (QPen(colours.SHADOW, wide + 2.5), QPen(label.colour, wide, label.style)):
        pen.setJoinStyle(Qt.PenJoinStyle.RoundJoin)
        painter.setPen(pen)
        painter.drawPolygon(corners)
    metrics = QFontMetricsF(painter.font(), painter.device())
    text = metrics.elidedText(label.text, Qt.TextElideMode.ElideRight, area.width() * _NAME_SHARE)
    width = _BADGE + 6.0 + metrics.horizontalAdvance(text)
    place = _beside_ends(area, corners, QSizeF(width, _BADGE), taken)
    circle = QRectF(place.topLeft(), QSizeF(_BADGE, _BADGE))
    _draw_number(painter, circle, label.number, label.colour, filled=label.is_chosen)
    baseline = place.center().y() + (metrics.ascent() - metrics.descent()) / 2
    draw_text(painter, QPointF(place.left() + _BADGE + 6.0, baseline), text)
    painter.restore()
    return place


def _beside_ends(area: QRectF, corners: QPolygonF, size: QSizeF, taken: Sequence[QRectF]) -> QRectF:
    """A place for a label beyond one end of an outline: the upper one if it is free."""
    room = area.adjusted(2.0, 2.0, -2.0, -2.0)
    a, b, c, d = (corners.at(number) for number in range(4))
    ends = sorted(((a + b) / 2, (c + d) / 2), key=lambda end: end.y())
    places = []
    for end, other in (ends, ends[::-1]):
        way = end - other
        length = math.hypot(way.x(), way.y()) or 1.0
        middle = end + way / length * (_BADGE * 0.5 + 5.0)
        corner = middle - QPointF(_BADGE, _BADGE) / 2
        places.append(_inside(QRectF(corner, size), room))
    for place in places:
        if not any(place.intersects(other) for other in taken):
            return place
    place = places[0]
    for _ in taken:  # below the one that is in the way, as often as there are others
        place = _inside(place.translated(0, _BADGE + 2.0), room)
        if not any(place.intersects(other) for other in taken):
            break
    return place


def _inside(place: QRectF, room: QRectF) -> QRectF:
    x = max(min(place.left(), room.right() - place.width()), room.left())
    y = max(min(place.top(), room.bottom() - place.height()), room.top())
    return QRectF(QPointF(x, y), place.size())


def _draw_number(
    painter: QPainter, circle: QRectF, number: int, colour: QColor, *, filled: bool = False
) -> None:
    painter.setPen(QPen(colour, 1.5))
    painter.setBrush(colour if filled else colours.SHADOW)
    painter.drawEllipse(circle)
    painter.setPen(colours.BACKGROUND if filled else colour)
    painter.drawText(circle, Qt.AlignmentFlag.AlignCenter, str(number))


def draw_message(painter: QPainter, area: QRectF, text: str) -> None:
    """A calm sentence in the middle of the area."""
    room = area.adjusted(_MARGIN, _MARGIN, -_MARGIN, -_MARGIN)
    painter.setPen(colours.QUIET_TEXT)
    flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
    painter.drawText(room, int(flags), text)
