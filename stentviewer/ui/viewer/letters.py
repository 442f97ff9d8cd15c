"""The letters at the edges of an image that say which way the patient faces."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF
from PySide6.QtGui import QFont, QFontMetricsF, QPainter

from stentviewer.imaging.geometry import EdgeLetters, edge_letters, turned
from stentviewer.ui.viewer import marks
from stentviewer.ui.viewer.view_state import ViewState

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas
    from stentviewer.ui.viewer.look import Look

_MARGIN = 8.0
_SMALL = 120.0  # an area smaller than this has no room for letters


def letters_on_screen(orientation: tuple[str, ...], state: ViewState) -> EdgeLetters | None:
    """Left, right, top and bottom as seen; None where the image does not say."""
    if len(orientation) != 2:
        return None
    letters = edge_letters(orientation[0], orientation[1])
    return turned(letters, state.quarter_turns, state.mirrored)


class LetterLayer:
    """Paints the letters in the middle of the edges; they follow turning and mirroring."""

    def __init__(self, look: Look) -> None:
        self._look = look

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
        middle, base = area.center(), (metrics.ascent() - metrics.descent()) / 2
        for letter, x, y in (
            (letters[0], area.left() + _MARGIN, middle.y() + base),
            (letters[1], area.right() - _MARGIN, middle.y() + base),
            (letters[2], middle.x(), area.top() + _MARGIN + metrics.ascent()),
            (letters[3], middle.x(), area.bottom() - 2 * _MARGIN - metrics.height()),
        ):
            width = metrics.horizontalAdvance(letter)
            left = x if x < area.width() / 4 else x - width
            if x == middle.x():
                left = x - width / 2
            marks.draw_text(painter, QPointF(left, y), letter)
