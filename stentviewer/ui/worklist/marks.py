"""The marks for what is decided of a study or image: a shape each, so that colour is not needed."""

from __future__ import annotations

from enum import Enum

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QIcon, QPainter, QPen, QPixmap

from stentviewer.core.types import LabelAction
from stentviewer.library.records import ImageRecord
from stentviewer.ui import theme


class Mark(Enum):
    """What is decided."""

    UNREAD = "unread"  # a ring
    READ = "read"  # a disc: a model has spoken, nobody has answered
    ACCEPTED = "accepted"  # a tick; of a study: answered
    CORRECTED = "corrected"  # a pencil
    DISAGREE = "disagree"  # not equal: model and reader say different things


def mark_of(record: ImageRecord) -> Mark:
    """What is decided of an image: a label in force counts before a reading."""
    if record.label is not None and record.label.action is not LabelAction.CLEAR:
        accepted = record.label.action is LabelAction.ACCEPT
        return Mark.ACCEPTED if accepted else Mark.CORRECTED
    return Mark.READ if record.reading_count else Mark.UNREAD


def colour_of(mark: Mark) -> QColor:
    """In the theme in use."""
    return QColor(
        {
            Mark.UNREAD: theme.QUIET,
            Mark.READ: theme.ACCENT,
            Mark.ACCEPTED: theme.GOOD,
            Mark.CORRECTED: theme.GOOD,
            Mark.DISAGREE: theme.WARNING,
        }[mark]
    )


def draw_mark(painter: QPainter, area: QRectF, mark: Mark, colour: QColor | None = None) -> None:
    """Fill a square with the mark. The painter's pen and hints are changed."""
    shade = colour or colour_of(mark)
    stroke = max(1.4, area.width() / 8)
    inner = area.adjusted(stroke / 2 + 0.5, stroke / 2 + 0.5, -stroke / 2 - 0.5, -stroke / 2 - 0.5)
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    round_cap, round_join = Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin
    painter.setPen(QPen(shade, stroke, Qt.PenStyle.SolidLine, round_cap, round_join))
    painter.setBrush(shade if mark is Mark.READ else Qt.BrushStyle.NoBrush)
    if mark in {Mark.UNREAD, Mark.READ}:
        painter.drawEllipse(inner)
    elif mark is Mark.ACCEPTED:
        painter.drawPolyline(_points(inner, (0.0, 0.55), (0.38, 0.92), (1.0, 0.12)))
    elif mark is Mark.CORRECTED:
        tip, top = (0.0, 1.0), (1.0, 0.0)
        painter.drawPolyline(_points(inner, tip, (0.05, 0.68), (0.72, 0.0)))
        painter.drawPolyline(_points(inner, tip, (0.32, 0.95), (1.0, 0.28)))
        painter.drawPolyline(_points(inner, (0.72, 0.0), top, (1.0, 0.28)))
    else:
        painter.drawPolyline(_points(inner, (0.0, 0.32), (1.0, 0.32)))
        painter.drawPolyline(_points(inner, (0.0, 0.70), (1.0, 0.70)))
        painter.drawPolyline(_points(inner, (0.22, 1.0), (0.78, 0.0)))


def mark_icon(mark: Mark, side: int, ratio: float) -> QIcon:
    """The mark for a button; `side` in logical pixels, `ratio` the screen's device pixels."""
    pixmap = QPixmap(round(side * ratio), round(side * ratio))
    pixmap.setDevicePixelRatio(ratio)
    pixmap.fill(Qt.GlobalColor.transparent)
    painter = QPainter(pixmap)
    draw_mark(painter, QRectF(0, 0, side, side), mark)
    painter.end()
    return QIcon(pixmap)


def _points(area: QRectF, *shares: tuple[float, float]) -> list[QPointF]:
    return [
        QPointF(area.left() + x * area.width(), area.top() + y * area.height()) for x, y in shares
    ]
