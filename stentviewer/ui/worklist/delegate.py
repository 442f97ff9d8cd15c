"""How a row of the worklist is drawn: thumbnail, two lines, badge as mark and words."""

from __future__ import annotations

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QPointF, QRect, QRectF, QSize, Qt
from PySide6.QtGui import (
    QColor,
    QFont,
    QFontMetrics,
    QPainter,
    QPalette,
    QPen,
    QPixmap,
    QPixmapCache,
)
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from stentviewer.library.records import ImageRecord
from stentviewer.ui import theme
from stentviewer.ui.worklist.model import Badge, Kind, Role, WorklistModel

_THUMBNAIL = 48


class WorklistDelegate(QStyledItemDelegate):
    """Long names are shortened with …; the whole of them is in the tool tip."""

    def __init__(self, model: WorklistModel) -> None:
        super().__init__(model)
        self._words = model

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        line = QFontMetrics(option.font).height()
        lines = 2 if index.data(Role.DETAIL) else 1
        height = line * lines + theme.GRID
        if index.data(Role.KIND) is Kind.IMAGE:
            height = max(line * 3, _THUMBNAIL) + theme.GRID
        return QSize(120, height)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        area: QRect = option.rect
        state: QStyle.StateFlag = option.state
        palette: QPalette = option.palette
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, palette.highlight())
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(theme.RAISED))
        inner = area.adjusted(4, 4, -theme.GRID, -4)
        record = index.data(Role.IMAGE)
        if isinstance(record, ImageRecord):
            inner = self._paint_thumbnail(painter, inner, record)
        font = QFont(option.font)
        font.setBold(index.data(Role.KIND) is Kind.PATIENT)
        badge_top = self._paint_lines(painter, inner, font, index)
        if isinstance(record, ImageRecord):
            self._paint_badge(painter, badge_top, index.data(Role.BADGE), record)
        painter.restore()

    def _paint_lines(
        self,
        painter: QPainter,
        area: QRect,
        font: QFont,
        index: QModelIndex | QPersistentModelIndex,
    ) -> QRect:
        """Title and detail; returns the line below them."""
        line = QRect(area.left(), area.top(), area.width(), QFontMetrics(font).height())
        painter.setFont(font)
        painter.setPen(QColor(theme.TEXT))
        _draw_elided(painter, line, str(index.data()))
        font.setBold(False)
        painter.setFont(font)
        detail = index.data(Role.DETAIL)
        if detail:
            line.translate(0, line.height())
            painter.setPen(QColor(theme.QUIET))
            _draw_elided(painter, line, str(detail))
        return line.translated(0, line.height())

    def _paint_thumbnail(self, painter: QPainter, area: QRect, record: ImageRecord) -> QRect:
        box = QRect(area.left(), area.top(), _THUMBNAIL, _THUMBNAIL)
        painter.fillRect(box, QColor(theme.BASE))
        picture = _thumbnail(record)
        if not picture.isNull():
            size = picture.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            where = QRect(0, 0, size.width(), size.height())
            where.moveCenter(box.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(where, picture)
        return area.adjusted(_THUMBNAIL + theme.GRID, 0, 0, 0)

    def _paint_badge(
        self, painter: QPainter, line: QRect, badge: Badge, record: ImageRecord
    ) -> None:
        text = self._words.badge_text(record)
        if not text:
            return
        now = theme.current()
        colours = {Badge.READ: now.warning, Badge.ACCEPTED: now.good, Badge.CORRECTED: now.accent}
        colour = QColor(colours[badge])
        side = line.height() * 0.62
        mark = QRectF(line.left(), line.center().y() - side / 2 + 1, side, side)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(colour, 1.6))
        _draw_mark(painter, mark, badge)
        _draw_elided(painter, line.adjusted(int(side) + 6, 0, 0, 0), text)


def _draw_mark(painter: QPainter, area: QRectF, badge: Badge) -> None:
    """A shape for each state, so that colour is not needed: tick, pencil stroke, ring."""
    if badge is Badge.READ:
        painter.drawEllipse(area.adjusted(1, 1, -1, -1))
    elif badge is Badge.ACCEPTED:
        corner = QPointF(area.left() + area.width() * 0.38, area.bottom() - 1)
        painter.drawLine(QPointF(area.left(), area.center().y()), corner)
        painter.drawLine(corner, QPointF(area.right(), area.top() + 1))
    else:
        painter.drawLine(area.bottomLeft(), area.topRight())
        painter.drawLine(area.bottomLeft(), QPointF(area.right(), area.bottom()))


def _draw_elided(painter: QPainter, line: QRect, text: str) -> None:
    shown = painter.fontMetrics().elidedText(text, Qt.TextElideMode.ElideRight, line.width())
    painter.drawText(line, Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft, shown)


def _thumbnail(record: ImageRecord) -> QPixmap:
    """Decoded once while it is in sight; Qt's cache forgets the oldest."""
    key = f"thumbnail {record.sha256}"
    kept = QPixmap()
    if not QPixmapCache.find(key, kept):
        QPixmapCache.insert(key, kept)
    return kept
