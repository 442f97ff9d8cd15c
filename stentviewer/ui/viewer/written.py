"""Words over an image, with a dark edge so that they can be read on light and on dark.

Letters drawn nine times over cost a millisecond for a canvas full of them, and most stay from one
view to the next: they are kept as small pictures, which lie on whole pixels of the screen.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from functools import lru_cache

from PySide6.QtCore import QPointF, Qt
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QImage, QPainter

from stentviewer.ui.viewer import colours

_HALO = (
    *((-1.5, 0.0), (1.5, 0.0), (0.0, -1.5), (0.0, 1.5)),
    *((-1.0, -1.0), (1.0, -1.0), (-1.0, 1.0), (1.0, 1.0)),
)  # logical pixels, so that letters are read over noise as well
_ROUND = 4.0  # logical pixels round the letters, for the edge and for those that lean out
_LONGEST = 200  # letters of a text that is kept


@dataclass(frozen=True, slots=True)
class _Face:
    """A font that can be looked up."""

    key: str
    font: QFont = field(compare=False)


def draw_text(painter: QPainter, at: QPointF, text: str, colour: QColor = colours.TEXT) -> None:
    """Text on its baseline. The painter's pen is changed."""
    if painter.transform().isScaling() or len(text) > _LONGEST:
        _write(painter, at, text, colour)
        return
    font, ratio = painter.font(), painter.device().devicePixelRatioF()
    picture, up = _written(text, colour.rgba(), _Face(font.key(), font), ratio)
    left, top = round((at.x() - _ROUND) * ratio), round((at.y() - up) * ratio)
    painter.drawImage(QPointF(left / ratio, top / ratio), picture)


def text_width(painter: QPainter, text: str) -> float:
    """Of a text in the painter's font, logical pixels."""
    font = painter.font()
    return _width(text, _Face(font.key(), font))


@lru_cache(maxsize=1024)
def _width(text: str, face: _Face) -> float:
    return QFontMetricsF(face.font).horizontalAdvance(text)


@lru_cache(maxsize=256)
def _written(text: str, rgba: int, face: _Face, ratio: float) -> tuple[QImage, float]:
    """The text on nothing, and how far the baseline is below the picture's top."""
    metrics = QFontMetricsF(face.font)
    width = max(metrics.horizontalAdvance(text), metrics.boundingRect(text).right()) + 2 * _ROUND
    up = math.ceil(metrics.ascent() + _ROUND)
    height = up + metrics.descent() + _ROUND
    of_nothing = QImage.Format.Format_ARGB32_Premultiplied
    picture = QImage(math.ceil(width * ratio), math.ceil(height * ratio), of_nothing)
    picture.setDevicePixelRatio(ratio)
    picture.fill(Qt.GlobalColor.transparent)
    with QPainter(picture) as painter:
        painter.setFont(face.font)
        _write(painter, QPointF(_ROUND, up), text, QColor.fromRgba(rgba))
    return picture, up


def _write(painter: QPainter, at: QPointF, text: str, colour: QColor) -> None:
    painter.setPen(colours.SHADOW)
    for dx, dy in _HALO:
        painter.drawText(at + QPointF(dx, dy), text)
    painter.setPen(colour)
    painter.drawText(at, text)
