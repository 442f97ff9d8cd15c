"""How a line of the worklist is drawn: two quiet lines, marks at the right, all of one height."""

from __future__ import annotations

from PySide6.QtCore import (
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    QPointF,
    QRect,
    QRectF,
    QSize,
    Qt,
)
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPalette, QPen
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from stentviewer.ui import theme
from stentviewer.ui.worklist.marks import Mark, draw_mark
from stentviewer.ui.worklist.rows import PatientLine, Role

_MARGIN = theme.GRID // 2
_ARROW = 14  # room for the fold arrow: what a study is moved in by


def arrow_width() -> int:
    """How far from the left a click folds and unfolds a patient, in logical pixels."""
    return _MARGIN + _ARROW


class RowDelegate(QStyledItemDelegate):
    """Long names are shortened with …; the whole of them is in the tool tip."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.open_study: int | None = None  # the one on the screen, marked by a bar

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return QSize(120, 2 * QFontMetrics(option.font).height() + 2 * _MARGIN)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        area: QRect = option.rect
        line = index.data(Role.LINE)
        self._paint_ground(painter, option, area)
        inner = area.adjusted(_MARGIN + _ARROW, _MARGIN, -_MARGIN, -_MARGIN)
        font = QFont(option.font)
        if isinstance(line, PatientLine):
            _draw_arrow(
                painter,
                QRectF(area.left() + _MARGIN, area.top(), _ARROW, area.height()),
                line.is_folded,
            )
            font.setWeight(QFont.Weight.DemiBold)
        elif line.study_id == self.open_study:
            painter.fillRect(
                area.left(), area.top() + 2, 3, area.height() - 4, QColor(theme.ACCENT)
            )
        height = QFontMetrics(option.font).height()
        first = QRect(inner.left(), inner.top(), inner.width(), height)
        right = _draw_marks(painter, option.font, first, index.data(Role.MARKS))
        painter.setFont(font)
        painter.setPen(QColor(theme.TEXT))
        _draw_elided(
            painter,
            QRect(first.left(), first.top(), right - first.left(), height),
            str(index.data()),
        )
        painter.setFont(option.font)
        painter.setPen(QColor(theme.QUIET))
        _draw_elided(painter, first.translated(0, height), str(index.data(Role.DETAIL)))
        painter.restore()

    def _paint_ground(self, painter: QPainter, option: QStyleOptionViewItem, area: QRect) -> None:
        state: QStyle.StateFlag = option.state
        palette: QPalette = option.palette
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, palette.highlight())
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(theme.RAISED))
        focused = QStyle.StateFlag.State_HasFocus | QStyle.StateFlag.State_KeyboardFocusChange
        if state & focused == focused:
            painter.setPen(QColor(theme.ACCENT))
            painter.drawRect(area.adjusted(0, 0, -1, -1))


def _draw_marks(painter: QPainter, font: QFont, line: QRect, marks: list[tuple[Mark, int]]) -> int:
    """From the right; returns where the room for the text ends."""
    metrics = QFontMetrics(font)
    side = round(line.height() * 0.62)
    right = line.right() + 1
    for mark, count in reversed(marks):
        text = str(count) if count > 1 else ""
        wide = metrics.horizontalAdvance(text) + 2 if text else 0
        left = right - wide - side
        top = line.center().y() - side / 2 + 1
        draw_mark(painter, QRectF(left, top, side, side), mark)
        if text:
            painter.setFont(font)
            painter.setPen(QColor(theme.QUIET))
            painter.drawText(
                QRect(left + side + 2, line.top(), wide, line.height()),
                Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft,
                text,
            )
        right = left - 6
    return right


def _draw_arrow(painter: QPainter, area: QRectF, is_folded: bool) -> None:
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    painter.setPen(QPen(QColor(theme.QUIET), 1.5))
    middle = QPointF(area.left() + 4, area.center().y())
    if is_folded:
        corners = [QPointF(-2, -4), QPointF(2, 0), QPointF(-2, 4)]
    else:
        corners = [QPointF(-4, -2), QPointF(0, 2), QPointF(4, -2)]
    painter.drawPolyline([middle + corner for corner in corners])


def _draw_elided(painter: QPainter, line: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)
