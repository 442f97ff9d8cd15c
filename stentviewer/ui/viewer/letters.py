"""The letters at the edges of an image that say which way the patient faces."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from stentviewer.imaging.geometry import EdgeLetters, edge_letters, turned
from stentviewer.ui.viewer import marks
from stentviewer.ui.viewer.view_state import ViewState

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas
    from stentviewer.ui.viewer.corners import CornerLayer
    from stentviewer.ui.viewer.look import Look

_MARGIN = 8.0
_GAP = 6.0  # between a letter and other words
_SIDES = ("left", "right", "top", "bottom")
_SMALL = 120.0  # an area smaller than this has no room for letters


def letters_on_screen(orientation: tuple[str, ...], state: ViewState) -> EdgeLetters | None:
    """Left, right, top and bottom as seen; None where the image does not say."""
    if len(orientation) != 2:
        return None
    letters = edge_letters(orientation[0], orientation[1])
    return turned(letters, state.quarter_turns, state.mirrored)


class LetterLayer:
    """Paints the letters in the middle of the edges; they follow turning and mirroring.

    One that would touch other words (`corners` and the lower edge, painted before) moves inward,
    and is left out where there is no place.
    """

    def __init__(self, look: Look, corners: CornerLayer | None = None) -> None:
        self._look, self._corners = look, corners

    def paint(self, painter: QPainter, canvas: ImageCanvas) -> None:
        radiograph = canvas.radiograph
        if radiograph is None or self._look.corners == "none":
            return
        letters = letters_on_screen(radiograph.orientation, canvas.state)
        area = QRectF(canvas.rect())
        if letters is None or min(area.width(), area.height()) < _SMALL:
            return
        font = QFont(painter.font())
        font.setBold(True)
        painter.setFont(font)
        metrics = QFontMetricsF(font, painter.device())
        taken = (*(self._corners.places if self._corners else ()), *canvas.lower_edge)
        middle, line = area.center(), metrics.height()
        for letter, side, step in zip(letters, _SIDES, (1.0, 1.0, 1.0, -1.0), strict=True):
            width = metrics.horizontalAdvance(letter)
            place = QRectF(middle.x() - width / 2, middle.y() - line / 2, width, line)
            if side == "left":
                place.moveLeft(area.left() + _MARGIN)
            elif side == "right":
                place.moveRight(area.right() - _MARGIN)
            elif side == "top":
                place.moveTop(area.top() + _MARGIN)
            else:
                place.moveBottom(area.bottom() - 2 * _MARGIN - line + metrics.descent())
            if _make_room(place, step * line, taken, area.height() / 6):
                at = QPointF(place.left(), place.top() + metrics.ascent())
                marks.draw_text(painter, at, letter)


def _make_room(place: QRectF, step: float, taken: Sequence[QRectF], most: float) -> bool:
    """Move the place by steps until it touches nothing; False where `most` is not enough."""
    moved = 0.0
    while any(place.adjusted(-_GAP, 0.0, _GAP, 0.0).intersects(one) for one in taken):
        place.translate(0.0, step)
        moved += abs(step)
        if moved > most:
            return False
    return True
