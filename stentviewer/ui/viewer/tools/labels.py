"""Where the numbers of measurements stand, so that they cover as little as can be."""

from __future__ import annotations

import numpy as np
from PySide6.QtCore import QRectF

from stentviewer.ui.viewer.tools.geometry import Array

_AWAY = 12.0  # of the numbers from what they belong to
_APART = 8.0  # between the numbers of two
_NEAR = 10.0  # a leader shorter than this says nothing


class Labels:
    """The places taken on one canvas, in logical pixels."""

    def __init__(self, area: QRectF) -> None:
        self.area = area
        self._taken: list[QRectF] = []

    def place(self, around: QRectF, size: tuple[float, float], outline: Array) -> QRectF:
        """Beside `around`, within the area, over as few others and points of the outline as can be.

        `size` is width and height.
        """
        width, height = size
        right, left = around.right() + _AWAY, around.left() - _AWAY - width
        below, above = around.bottom() + 4.0, around.top() - 4.0 - height
        middle, centre = around.center().y() - height / 2, around.center().x() - width / 2
        places = [(right, middle), (right, below), (right, above), (left, middle), (left, below)]
        places += [(left, above), (centre, below), (centre, above)]
        room = self.area.adjusted(4.0, 4.0, -4.0 - width, -4.0 - height)
        best, least = None, (len(self._taken) + 1, 0)
        for x, y in places:
            x, y = max(min(x, room.right()), room.left()), max(min(y, room.bottom()), room.top())
            box = QRectF(x, y, width, height)
            over = sum(map(box.intersects, self._taken))
            crossed = (outline > (x, y)) & (outline < (x + width, y + height))
            cost = over, int((crossed[:, 0] & crossed[:, 1]).sum())
            if cost < least:
                best, least = box, cost
            if least == (0, 0):
                break
        assert best is not None
        self._taken.append(best.adjusted(-_APART, 0.0, _APART, 0.0))
        return best


def leader_to(box: QRectF, outline: Array) -> Array | None:
    """A line from the numbers to the outline's nearest place; None where that is close by."""
    y = box.center().y()
    ends = np.array([(box.left() - 3.0, y), (box.right() + 3.0, y)])
    ways = ((outline[:, None] - ends) ** 2).sum(axis=2)
    place, end = divmod(int(ways.argmin()), 2)
    return None if ways[place, end] <= _NEAR**2 else np.stack([ends[end], outline[place]])


def span(points: Array) -> QRectF:
    """What points take up, and a pixel around them."""
    (x0, y0), (x1, y1) = points.min(axis=0).tolist(), points.max(axis=0).tolist()
    return QRectF(x0 - 1.0, y0 - 1.0, x1 - x0 + 2.0, y1 - y0 + 2.0)
