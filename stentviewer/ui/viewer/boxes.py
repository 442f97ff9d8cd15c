"""Boxes around findings: one set by its numbers and names, several told apart by their lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QPainter, QPolygonF

from stentviewer.core.types import Box
from stentviewer.ui.viewer import colours, marks

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas


@dataclass(frozen=True, slots=True)
class NamedBox:
    """A box in image fractions with the number and name at its corner.

    With an outline, the corners along the stent's axis, that is drawn in the box's place, number
    and name at its end. `is_chosen`: it is the one that is looked at alone.
    """

    box: Box
    number: int
    name: str
    outline: tuple[tuple[float, float], ...] = ()
    is_chosen: bool = False


@dataclass(frozen=True, slots=True)
class BoxSet:
    """What one model or reader found; `title` says which where several are shown together.

    `can_choose`: its boxes are those of the cards, and a click chooses one.
    """

    title: str
    boxes: tuple[NamedBox, ...]
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    colour: QColor = field(default_factory=lambda: colours.ACCENT)
    can_choose: bool = False


class FindingBoxes:
    """Draws sets of boxes; a layer of the canvas."""

    def __init__(self) -> None:
        self.sets: tuple[BoxSet, ...] = ()
        self.visible = True

    @property
    def shown(self) -> bool:
        return self.visible and bool(self.sets)

    def paint(self, painter: QPainter, canvas: ImageCanvas) -> None:
        """The layer's part."""
        area = QRectF(canvas.rect())
        taken: list[QRectF] = []  # by the labels of outlines
        for number, one in enumerate(self.sets if self.visible else ()):
            for box in one.boxes:
                name = f"{box.name} · {one.title}" if len(self.sets) > 1 else box.name
                if box.outline:
                    corners = _on_screen(box, canvas)
                    label = marks.Label(box.number, name, one.colour, one.style, box.is_chosen)
                    taken.append(marks.draw_outline(painter, area, corners, label, taken))
                else:
                    rect = canvas.box_rect(box.box)
                    marks.draw_finding(
                        painter, area, rect, box.number, name, one.colour, one.style, number
                    )

    def at(self, point: QPointF, canvas: ImageCanvas) -> int:
        """The number of the finding at a place of the widget, the smallest where several are; 0."""
        hit: list[tuple[float, int]] = []
        for one in self.sets if self.visible else ():
            for box in one.boxes if one.can_choose else ():
                shape = _on_screen(box, canvas)
                if shape.containsPoint(point, Qt.FillRule.WindingFill):
                    size = shape.boundingRect()
                    hit.append((size.width() * size.height(), box.number))
        return min(hit)[1] if hit else 0


def _on_screen(box: NamedBox, canvas: ImageCanvas) -> QPolygonF:
    """The outline, or the box where there is none, in logical widget pixels."""
    if not box.outline:
        return QPolygonF(canvas.box_rect(box.box))
    columns, rows = canvas.state.columns, canvas.state.rows
    return QPolygonF([canvas.to_widget((x * columns, y * rows)) for x, y in box.outline])
