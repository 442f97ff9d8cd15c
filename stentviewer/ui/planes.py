"""Viewports that show planes of one patient: reference lines, a shared point, slices read ahead."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from weakref import WeakSet

from PySide6.QtCore import QObject, Signal

from stentviewer.core.jobs import JobContext
from stentviewer.ui.viewer.reference_lines import CrosshairTool, Reference, ReferenceLines

if TYPE_CHECKING:
    from stentviewer.app.opened import Opened
    from stentviewer.imaging.geometry import PlaneGeometry, Vector
    from stentviewer.imaging.volume import Volume
    from stentviewer.ui.bridge import Bridge
    from stentviewer.ui.grid import ViewerGrid
    from stentviewer.ui.viewport import Viewport


class Planes(QObject):
    """Serves one grid of viewports for as long as it lives."""

    filled = Signal(object)  # Volume, once: all that can be read is here, its notes are whole
    crosshairChanged = Signal(bool)

    def __init__(self, grid: ViewerGrid, bridge: Bridge, parent: QObject | None = None) -> None:
        super().__init__(parent or grid)
        self._grid = grid
        self._bridge = bridge
        self._layers: dict[Viewport, ReferenceLines] = {}
        self._tools: dict[Viewport, CrosshairTool] = {}
        self._point: tuple[Vector, PlaneGeometry] | None = None
        self._crosshair = False
        self._seen: object = None
        self._told: WeakSet[Volume] = WeakSet()  # of which `filled` has spoken
        for viewport in grid.viewports:
            self._watch(viewport)
        grid.viewportAdded.connect(self._watch)
        grid.changed.connect(self.refresh)
        grid.activeChanged.connect(self.refresh)

    def _watch(self, viewport: Viewport) -> None:
        layer = self._layers[viewport] = ReferenceLines(viewport.canvas)
        viewport.canvas.add_layer(layer)
        tool = CrosshairTool(lambda: self._plane_of(viewport), self)
        tool.placed.connect(lambda position: self._place(viewport, position))
        self._tools[viewport] = tool
        viewport.review.opened.connect(self._fill)
        viewport.canvas.frameChanged.connect(self.refresh)
        viewport.canvas.toolChanged.connect(lambda: self._tool_changed(viewport))
        if self._crosshair:
            viewport.canvas.set_tool(tool)

    # reference lines

    def _shown(self) -> Iterator[tuple[Viewport, Opened, PlaneGeometry]]:
        """The viewports that show a frame whose place is known."""
        for viewport in self._grid.viewports:
            plane = self._plane_of(viewport)
            opened = viewport.review.shown
            if opened is not None and plane is not None:
                yield viewport, opened, plane

    def _plane_of(self, viewport: Viewport) -> PlaneGeometry | None:
        opened, canvas = viewport.review.shown, viewport.canvas
        if opened is None or canvas.radiograph is not opened.radiograph or canvas.frame < 0:
            return None
        return opened.geometry(canvas.frame)

    def refresh(self, *_: object) -> None:
        """Draw what is to be drawn now; nothing is done where nothing has moved."""
        shown = {viewport: (opened, plane) for viewport, opened, plane in self._shown()}
        seen = (
            [(viewport, plane) for viewport, (_, plane) in shown.items()],
            self._grid.active,
            self._grid.reference_lines,
            self._point,
            len(self._layers),
        )
        if seen == self._seen:
            return
        self._seen = seen
        for viewport, layer in self._layers.items():
            opened, plane = shown.get(viewport, (None, None))
            layer.set_plane(plane)
            layer.set_references(
                [
                    Reference(theirs, other is self._grid.active, str(other.canvas.frame + 1))
                    for other, (_, theirs) in shown.items()
                    if other is not viewport and self._grid.reference_lines
                ]
            )
            point = self._point if self._crosshair else None
            if point is None or plane is None or not plane.is_comparable(point[1]):
                layer.set_crosshair(None)
            else:
                layer.set_crosshair(point[0], opened.step_mm / 2 if opened is not None else 0.0)

    # the shared point

    def use_crosshair(self, on: bool) -> None:
        """Left press and drag on a slice shows that point in every plane, until it is put away."""
        if on == self._crosshair:
            return
        self._crosshair = on
        for viewport, tool in self._tools.items():
            if on:
                viewport.canvas.set_tool(tool)
            elif viewport.canvas.tool is tool:
                viewport.canvas.set_tool(None)
        self._point = None
        self._seen = None
        self.refresh()
        self.crosshairChanged.emit(on)

    @property
    def has_crosshair(self) -> bool:
        return self._crosshair

    def _tool_changed(self, viewport: Viewport) -> None:
        """Another tool was taken up: the crosshair is put away."""
        if self._crosshair and viewport.canvas.tool is not self._tools[viewport]:
            self.use_crosshair(False)

    def _place(self, source: Viewport, position: Vector) -> None:
        own = self._plane_of(source)
        if own is None:
            return
        self._point = (position, own)
        for viewport, opened, plane in list(self._shown()):
            if viewport is source or not plane.is_comparable(own):
                continue
            index = opened.index_at(position)
            if index is not None and index != viewport.canvas.wanted_frame:
                viewport.canvas.set_frame(index)
        self.refresh()

    # slices read ahead

    def _fill(self, opened: Opened) -> None:
        volume = opened.volume
        key = f"volume {opened.records[0].id}"
        if volume is None or volume in self._told or self._bridge.is_running(key):
            return
        self._bridge.run(
            lambda context: _filled(volume, context),
            self._tell,
            key=key,
            title=self.tr("Reading the slices"),
        )

    def _tell(self, volume: Volume) -> None:
        if volume not in self._told:
            self._told.add(volume)
            self.filled.emit(volume)


def _filled(volume: Volume, context: JobContext) -> Volume:
    volume.fill(context)
    return volume
