"""Boxes around findings: one set by its numbers and names, several told apart by their lines."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, Qt
from PySide6.QtGui import QColor, QPainter

from stentviewer.core.types import Box
from stentviewer.ui.viewer import colours, marks

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas


@dataclass(frozen=True, slots=True)
class NamedBox:
    """A box in image fractions with the number and name at its corner."""

    box: Box
    number: int
    name: str


@dataclass(frozen=True, slots=True)
class BoxSet:
    """What one model or reader found; `title` says which where several are shown together."""

    title: str
    boxes: tuple[NamedBox, ...]
    style: Qt.PenStyle = Qt.PenStyle.SolidLine
    colour: QColor = field(default_factory=lambda: colours.ACCENT)


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
        for number, one in enumerate(self.sets if self.visible else ()):
            for box in one.boxes:
                name = f"{box.name} · {one.title}" if len(self.sets) > 1 else box.name
                rect = canvas.box_rect(box.box)
                marks.draw_finding(
                    painter, area, rect, box.number, name, one.colour, one.style, number
                )
