"""The viewports of one window: their layout, which one the keys go to, and what is linked."""

from __future__ import annotations

import itertools
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from stentviewer.ui.desk import Desk
from stentviewer.ui.linking import Links
from stentviewer.ui.planes import Planes
from stentviewer.ui.viewport import Viewport

if TYPE_CHECKING:
    from stentviewer.app.hanging import LayoutId

_Place = tuple[int, int, int, int]  # row, column, rows, columns


def _table(rows: int, columns: int) -> list[_Place]:
    return [(row, column, 1, 1) for row in range(rows) for column in range(columns)]


_PLACES: dict[LayoutId, list[_Place]] = {
    "1x1": _table(1, 1),
    "1x2": _table(1, 2),
    "2x2": _table(2, 2),
    "2x4": _table(2, 4),
    "planes": [(0, 0, 2, 1), (0, 1, 1, 1), (1, 1, 1, 1)],
}
_LEAST = QSize(376, 240)  # logical pixels: in a narrow window the docks give way first
_numbers = itertools.count(1)  # of viewports: no two windows' requests have one key


class ViewerGrid(QWidget):
    """One viewport at first. Viewports that a smaller layout has no place for are emptied."""

    activeChanged = Signal(object)  # Viewport: another one, or the same with something else in it
    viewportAdded = Signal(object)  # Viewport
    changed = Signal()  # layout, links or contents, to be kept

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._places = QGridLayout(self)
        self._places.setContentsMargins(0, 0, 0, 0)
        self._places.setSpacing(2)
        self.setMinimumSize(_LEAST)
        self._all: list[Viewport] = []
        self._count = 1
        self._layout: LayoutId = "1x1"
        self._alone = False
        self._front = True
        self.links = Links(lambda: self.viewports)
        self.reference_lines = True
        self.active: Viewport = self._make()
        self.planes = Planes(self, desk.bridge)
        self.set_layout("1x1")

    @property
    def viewports(self) -> list[Viewport]:
        """Those of the layout, in its order."""
        return self._all[: self._count]

    @property
    def layout_id(self) -> LayoutId:
        return self._layout

    def _make(self) -> Viewport:
        viewport = Viewport(self._desk, str(next(_numbers)), self)
        viewport.activated.connect(lambda: self.set_active(viewport))
        viewport.review.opened.connect(lambda _: self._opened(viewport))
        viewport.canvas.viewChanged.connect(self.changed)
        self.links.watch(viewport)
        self._all.append(viewport)
        self.viewportAdded.emit(viewport)
        return viewport

    def _opened(self, viewport: Viewport) -> None:
        self.links.forget(viewport)
        if viewport is self.active:
            self.activeChanged.emit(viewport)
        self.changed.emit()

    # layouts

    def set_layout(self, layout: LayoutId) -> None:
        """Arrange the viewports. The active one stays, as the first if it would have no place."""
        places = _PLACES[layout]
        if self.active in self._all and self._all.index(self.active) >= len(places):
            self._all.remove(self.active)
            self._all.insert(0, self.active)
        while len(self._all) < len(places):
            self._make()
        self._layout, self._count, self._alone = layout, len(places), False
        drag_here = self.tr("Drag an image here from the worklist")
        for viewport in self._all:
            self._places.removeWidget(viewport)
        for index, viewport in enumerate(self._all):
            if index < self._count:
                self._places.addWidget(viewport, *places[index])
            elif not viewport.is_empty:
                viewport.clear()
            viewport.canvas.set_invitation("" if self._count == 1 else drag_here)
            viewport.setVisible(index < self._count)
        self._spread()
        self._show_active()
        self.activeChanged.emit(self.active)
        self.changed.emit()

    def _spread(self) -> None:
        """Give the room to the rows and columns that show something."""
        shown = [
            place
            for place, viewport in zip(_PLACES[self._layout], self._all, strict=False)
            if not self._alone or viewport is self.active
        ]
        for column in range(4):
            used = any(left <= column < left + wide for _, left, _, wide in shown)
            stretch = 3 if self._layout == "planes" and column == 0 else 2
            self._places.setColumnStretch(column, stretch if used else 0)
        for row in range(2):
            used = any(top <= row < top + high for top, _, high, _ in shown)
            self._places.setRowStretch(row, int(used))

    def maximise(self) -> None:
        """The active viewport alone for a moment; again brings the others back."""
        self._alone = not self._alone
        chosen = self.active
        chosen.canvas.setFocus()  # hiding the one that has it would give it to just any other
        for viewport in self.viewports:
            viewport.setVisible(not self._alone or viewport is chosen)
        self._spread()
        self._show_active()

    # the active viewport

    def set_active(self, viewport: Viewport) -> None:
        """The keys go here now."""
        if viewport is not self.active and viewport in self.viewports:
            self.active = viewport
            self._show_active()
            self.activeChanged.emit(viewport)

    def next_viewport(self) -> None:
        """On to the next, round to the first."""
        if self._alone:
            self.maximise()
        shown = self.viewports
        following = shown[(shown.index(self.active) + 1) % len(shown)]
        self.set_active(following)
        following.canvas.setFocus(Qt.FocusReason.TabFocusReason)

    def set_front(self, front: bool) -> None:
        """Whether the keys go to this window: only then a viewport is framed."""
        if front != self._front:
            self._front = front
            self._show_active()

    def _show_active(self) -> None:
        alone = self._count == 1 or self._alone or not self._front
        for viewport in self.viewports:
            viewport.set_active(viewport is self.active, alone=alone)

    # links

    def link_view(self, on: bool) -> None:
        """Zoom and pan together."""
        self.links.view = on
        self.changed.emit()

    def link_window(self, on: bool) -> None:
        """Window and level together."""
        self.links.window = on
        self.changed.emit()

    def link_scroll(self, on: bool) -> None:
        """Scroll together."""
        self.links.scroll = on
        self.changed.emit()

    def show_reference_lines(self, on: bool) -> None:
        """Where another viewport's slice cuts this one."""
        self.reference_lines = on
        self.changed.emit()
        for viewport in self.viewports:
            viewport.canvas.update()
