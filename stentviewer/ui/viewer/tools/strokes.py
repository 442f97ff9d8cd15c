"""Lines of a few pixels' width, painted in a tenth of the time that Qt takes for them.

Qt makes an outline of every antialiased line that is wider than a pixel and fills that, which
takes half a millisecond for one across the screen. Its lines of one pixel are fast: a wider one is
a bundle of them.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from functools import lru_cache

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QPainter, QPen, QPolygonF

_FOUR = ((1.0, 0.0), (0.0, 1.0), (-1.0, 0.0), (0.0, -1.0))
_DIAGONAL = tuple((x * math.sqrt(0.5), y * math.sqrt(0.5)) for x in (-1, 1) for y in (-1, 1))
_DASHES = {Qt.PenStyle.DashLine: (6.0, 4.0), Qt.PenStyle.DotLine: (2.0, 3.0)}  # logical pixels


def stroke(
    painter: QPainter,
    lines: Sequence[QPolygonF],
    colour: QColor,
    width: float = 1.0,
    style: Qt.PenStyle = Qt.PenStyle.SolidLine,
    hollow: float = 0.0,
) -> None:
    """Lines of a width in logical pixels, antialiased; the painter's pen and hints are changed.

    `hollow` is the width of what will be painted over their middle, which need not be filled.
    """
    if not lines:
        return
    ratio = painter.device().devicePixelRatioF()
    painter.setPen(_pen(colour.rgba(), style, ratio))
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    x = y = 0.0
    for dx, dy in _bundle(round(width * ratio, 2), round(hollow * ratio, 2)):
        painter.translate((dx - x) / ratio, (dy - y) / ratio)
        x, y = dx, dy
        for line in lines:
            painter.drawPolyline(line)
    painter.translate(-x / ratio, -y / ratio)


@lru_cache(maxsize=64)
def _pen(rgba: int, style: Qt.PenStyle, ratio: float) -> QPen:
    pen = QPen(QColor.fromRgba(rgba), 1.0)
    pen.setCosmetic(True)
    pen.setCapStyle(Qt.PenCapStyle.FlatCap)
    if style in _DASHES:
        pen.setDashPattern([part * ratio for part in _DASHES[style]])
    return pen


@lru_cache(maxsize=64)
def _bundle(width: float, hollow: float) -> tuple[tuple[float, float], ...]:
    """Where lines of one pixel lie side by side so that they are as wide, in device pixels."""
    outer = max(width - 1.0, 0.0) / 2
    if outer < 0.1:
        return ((0.0, 0.0),)
    if outer < 0.5 and not hollow:
        return ((-outer, -outer), (outer, outer))
    rings = max(math.ceil(outer - hollow / 2 + 0.1), 1)
    places = [
        ((outer - 0.6 * number) * x, (outer - 0.6 * number) * y)
        for number in range(rings)
        if outer > 0.6 * number
        for x, y in (_DIAGONAL if number % 2 else _FOUR)
    ]
    return tuple(places if hollow else [*places, (0.0, 0.0)])
