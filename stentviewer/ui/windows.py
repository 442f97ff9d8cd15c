"""The main window's viewports and those of every other viewer window, and which are in front."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QAction

from stentviewer.ui.desk import Desk
from stentviewer.ui.grid import ViewerGrid
from stentviewer.ui.kept import Kept, KeptDesk, KeptGrid
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer_window import ViewerWindow
from stentviewer.ui.viewport import Viewport


class Windows(QObject):
    """`main` stands in the main window, `others` are windows of their own."""

    viewportAdded = Signal(object)  # Viewport
    cameForward = Signal(object)  # Viewport: the keys go there now, or it shows something else
    gridAdded = Signal(object)  # ViewerGrid
    changed = Signal()  # layouts, links or contents, to be kept

    def __init__(self, desk: Desk, kept: Kept, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._kept = kept
        self._actions: Sequence[QAction] = ()
        self.main = self.front = ViewerGrid(desk)
        self.others: list[ViewerWindow] = []

    def begin(self, actions: Sequence[QAction]) -> None:
        """Tell of the viewports that are there; `actions` are what keys do in every window."""
        self._actions = actions
        self._add(self.main)

    def _add(self, grid: ViewerGrid) -> None:
        self.gridAdded.emit(grid)
        for viewport in grid.viewports:
            self._watch(grid, viewport)
        grid.viewportAdded.connect(lambda viewport: self._watch(grid, viewport))
        grid.activeChanged.connect(lambda viewport: self._active_changed(grid, viewport))
        grid.changed.connect(self.changed)

    def _watch(self, grid: ViewerGrid, viewport: Viewport) -> None:
        viewport.activated.connect(lambda: self.come_forward(grid, viewport))
        self.viewportAdded.emit(viewport)

    def _active_changed(self, grid: ViewerGrid, viewport: Viewport) -> None:
        """An image that arrives in a window behind does not draw the keys there."""
        if grid is self.front:
            self.come_forward(grid, viewport)

    def come_forward(self, grid: ViewerGrid, viewport: Viewport) -> None:
        """The keys go to this viewport."""
        if viewport is grid.active:
            self.front = grid
            for other in self.grids:
                other.set_front(other is grid)
            self.cameForward.emit(viewport)

    # all of them

    @property
    def grids(self) -> list[ViewerGrid]:
        return [self.main, *(window.grid for window in self.others)]

    @property
    def viewports(self) -> list[Viewport]:
        """Of every window."""
        return [viewport for grid in self.grids for viewport in grid.viewports]

    @property
    def canvases(self) -> list[ImageCanvas]:
        return [viewport.canvas for viewport in self.viewports]

    def shows(self, image_id: int) -> bool:
        """Whether an image is on any screen."""
        shown = (viewport.review.state.image for viewport in self.viewports)
        return any(image is not None and image.id == image_id for image in shown)

    # more of them

    def open_another(self) -> ViewerWindow:
        """Another window with viewports of its own, for a second monitor."""
        window = ViewerWindow(self._desk, self._actions)
        self.others.append(window)
        self._add(window.grid)
        self._kept.restore_places(window, window, f"viewer{len(self.others) - 1}")
        window.cameForward.connect(lambda: self.come_forward(window.grid, window.grid.active))
        window.closed.connect(lambda: self._forget(window))
        window.show()
        return window

    def _forget(self, window: ViewerWindow) -> None:
        self.others.remove(window)
        if self.front is window.grid:
            self.come_forward(self.main, self.main.active)
        self.changed.emit()

    def close(self) -> None:
        """Close the others and empty the main one's viewports."""
        for window in tuple(self.others):
            window.close()
        for viewport in self.main.viewports:
            viewport.panel.set_radiograph(None)

    # kept and found again

    def keep(self, *, also_empty: bool) -> None:
        """Write down what is shown; an empty screen only where something was taken off it."""
        kept = KeptDesk(grids=tuple(KeptGrid.of(grid) for grid in self.grids))
        if also_empty or not kept.is_empty:
            self._kept.keep_desk(kept)
        self.keep_places()  # one that was closed leaves its number to the next

    def keep_places(self) -> None:
        """Write down where the other windows stand."""
        for number, window in enumerate(self.others):
            self._kept.keep_places(window, window, f"viewer{number}")

    def restore(self) -> None:
        """What hung there last, in the main window and in the others."""
        first, *others = self._kept.desk().grids or (KeptGrid(),)
        first.restore(self.main)
        for grid in others:
            grid.restore(self.open_another().grid)
        if others:
            self.main.window().activateWindow()
