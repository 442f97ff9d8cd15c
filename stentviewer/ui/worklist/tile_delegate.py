"""How a thumbnail is drawn: the picture, its mark, two lines; the one on the screen is framed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QModelIndex, QObject, QPersistentModelIndex, QRect, QRectF, QSize, Qt
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPen, QPixmap
from PySide6.QtWidgets import QStyle, QStyledItemDelegate, QStyleOptionViewItem

from stentviewer.ui import theme
from stentviewer.ui.worklist.marks import Mark, draw_mark
from stentviewer.ui.worklist.tiles import Role, Tile

LEAST, MOST = 84, 128  # of a picture's side, logical pixels
_MARGIN = 4
_MARK = 13
# On the picture, whose ground is dark in every theme.
_GROUND = QColor(16, 19, 22)
_ON_PICTURE = {
    Mark.UNREAD: QColor(226, 231, 236),
    Mark.READ: QColor(92, 200, 255),
    Mark.ACCEPTED: QColor(134, 214, 168),
    Mark.CORRECTED: QColor(134, 214, 168),
}


def picture_side(room: int) -> int:
    """How large pictures are so that as many as fit beside each other fill the room."""
    columns = max(1, room // (LEAST + 2 * _MARGIN))
    return max(LEAST, min(MOST, room // columns - 2 * _MARGIN))


class TileDelegate(QStyledItemDelegate):
    """`picture` says what is there of an image's thumbnail, and remembers what was wanted."""

    def __init__(
        self, picture: Callable[[int], QPixmap | None], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self._picture = picture
        self.side = LEAST  # of a picture, logical pixels
        self.shown: int | None = None  # the place of the tile that is on the screen

    def tile_size(self, font: QFont) -> QSize:
        """Of one tile, its margins included."""
        lines = 2 * QFontMetrics(font).height()
        return QSize(self.side + 2 * _MARGIN, self.side + 3 * _MARGIN + lines)

    def sizeHint(
        self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex
    ) -> QSize:
        return self.tile_size(option.font)

    def paint(
        self,
        painter: QPainter,
        option: QStyleOptionViewItem,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        painter.save()
        tile: Tile = index.data(Role.TILE)
        area: QRect = option.rect
        is_shown = index.row() == self.shown
        state: QStyle.StateFlag = option.state
        if state & QStyle.StateFlag.State_Selected:
            painter.fillRect(area, option.palette.highlight())
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(area, QColor(theme.RAISED))
        box = QRect(area.left() + _MARGIN, area.top() + _MARGIN, self.side, self.side)
        self._paint_picture(painter, box, tile)
        if is_shown:
            painter.setPen(QPen(QColor(theme.ACCENT), 2))
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.drawRect(box)
        font = QFont(option.font)
        font.setBold(is_shown)
        self._paint_lines(painter, box, font, index)
        painter.restore()

    def _paint_picture(self, painter: QPainter, box: QRect, tile: Tile) -> None:
        painter.fillRect(box, _GROUND)
        picture = self._picture(tile.image.id)
        if picture is not None and not picture.isNull():
            size = picture.size().scaled(box.size(), Qt.AspectRatioMode.KeepAspectRatio)
            where = QRect(0, 0, size.width(), size.height())
            where.moveCenter(box.center())
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawPixmap(where, picture)
        mark = tile.mark
        if mark is not None:
            corner = QRectF(box.right() - _MARK - 6, box.top() + 1, _MARK + 6, _MARK + 6)
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(QColor(16, 19, 22, 190))
            painter.drawRoundedRect(corner, 4, 4)
            draw_mark(painter, corner.adjusted(3, 3, -3, -3), mark, _ON_PICTURE[mark])

    def _paint_lines(
        self,
        painter: QPainter,
        box: QRect,
        font: QFont,
        index: QModelIndex | QPersistentModelIndex,
    ) -> None:
        metrics = QFontMetrics(font)
        line = QRect(box.left(), box.bottom() + _MARGIN, box.width(), metrics.height())
        for text, shade in (
            (str(index.data()), theme.TEXT),
            (str(index.data(Role.DETAIL)), theme.QUIET),
        ):
            painter.setFont(font)
            painter.setPen(QColor(shade))
            elided = metrics.elidedText(text, Qt.TextElideMode.ElideRight, line.width())
            painter.drawText(
                line, Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter, elided
            )
            line.translate(0, line.height())
            font.setBold(False)
