"""Viewports that follow each other: zoom and pan, window and level, scrolling."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stentviewer.ui.viewport import Viewport

if TYPE_CHECKING:
    from stentviewer.app.opened import Opened
    from stentviewer.core.types import Plane
    from stentviewer.imaging.volume import Volume
    from stentviewer.ui.viewer.view_state import ViewState


class Links:
    """What is linked, and the following itself."""

    def __init__(self, viewports: Callable[[], Sequence[Viewport]]) -> None:
        self._viewports = viewports
        self._following = False
        self._last: dict[Viewport, ViewState] = {}
        self._sent: dict[Viewport, int] = {}  # the frame a follower was sent to; it comes later
        self.view = False
        self.window = False
        self.scroll = False

    def watch(self, viewport: Viewport) -> None:
        """Have the others follow this one."""
        viewport.canvas.viewChanged.connect(lambda: self._follow(viewport))

    def forget(self, viewport: Viewport) -> None:
        """It shows something else now: what comes next is no movement of the reader's."""
        self._last.pop(viewport, None)

    def _follow(self, source: Viewport) -> None:
        now = source.canvas.state
        before = self._last.get(source)
        self._last[source] = now
        if self._following or before is None or not source.canvas.has_frame:
            return
        if (before.columns, before.rows) != (now.columns, now.rows):
            return
        moved = _geometry(before) != _geometry(now) and _viewport(before) == _viewport(now)
        windowed = (before.window, before.inverted) != (now.window, now.inverted)
        windowed = windowed and source.canvas.has_own_window
        stepped = before.frame != now.frame and before.frame >= 0
        if self._sent.pop(source, None) == now.frame:
            stepped = False
        self._following = True
        try:
            for other in self._viewports():
                if other is not source and other.canvas.has_frame:
                    if self.view and moved:
                        other.canvas.apply_view(_same_part(now, other.canvas.state))
                    if self.window and windowed and _windows_alike(source, other):
                        other.canvas.apply_view(
                            replace(other.canvas.state, window=now.window, inverted=now.inverted)
                        )
                    if self.scroll and stepped:
                        self._scroll(source, other, now.frame - before.frame)
        finally:
            self._following = False

    def _scroll(self, source: Viewport, other: Viewport, step: int) -> None:
        """As far along the patient where both are volumes, else as many frames."""
        a, b = source.review.shown, other.review.shown
        if a is None or b is None or a.plane != b.plane:
            return
        canvas = other.canvas
        canvas.set_frame(canvas.wanted_frame + _in_steps_of(b, a, step))
        if canvas.wanted_frame != canvas.frame:
            self._sent[other] = canvas.wanted_frame


def _geometry(state: ViewState) -> tuple[object, ...]:
    return state.zoom, state.centre, state.quarter_turns, state.mirrored


def _viewport(state: ViewState) -> tuple[int, int]:
    return state.width, state.height


def _same_part(source: ViewState, other: ViewState) -> ViewState:
    """The same part of the picture, as large in proportion to the viewport."""
    centre = (
        source.centre[0] / source.columns * other.columns,
        source.centre[1] / source.rows * other.rows,
    )
    turned = replace(
        other, quarter_turns=source.quarter_turns, mirrored=source.mirrored, fitted=source.fitted
    )
    if source.fitted:
        return turned
    zoom = turned.fit_zoom * source.zoom / source.fit_zoom
    return replace(turned, zoom=zoom, centre=centre)


def _windows_alike(one: Viewport, other: Viewport) -> bool:
    """A window means the same only on values of one kind."""
    a, b = one.canvas.radiograph, other.canvas.radiograph
    if a is None or b is None or one.canvas.is_colour or other.canvas.is_colour:
        return False
    same = a.header.identity.modality == b.header.identity.modality
    return same and (a.bits > 8) == (b.bits > 8)


def _in_steps_of(other: Opened, source: Opened, step: int) -> int:
    """So many slices of `source` in slices of `other`, at least one."""
    if other.volume is None or source.volume is None:
        return step
    ratio = _step_mm(source.volume, source.plane) / _step_mm(other.volume, other.plane)
    return int(math.copysign(max(1, round(abs(step) * ratio)), step))


def _step_mm(volume: Volume, plane: Plane) -> float:
    """From one frame to the next on the average."""
    last = volume.frames(plane) - 1
    if last < 1:
        return 1.0
    first, end = volume.geometry(plane, 0).origin, volume.geometry(plane, last).origin
    return math.dist(first, end) / last or 1.0
