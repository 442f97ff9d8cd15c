"""Viewports that follow each other: zoom and pan, window and level, scrolling."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from stentviewer.ui.viewport import Viewport

if TYPE_CHECKING:
    from stentviewer.ui.viewer.view_state import ViewState


class Links:
    """What is linked, and the following itself."""

    def __init__(self, viewports: Callable[[], Sequence[Viewport]]) -> None:
        self._viewports = viewports
        self._following = False
        self._last: dict[Viewport, ViewState] = {}
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
        stepped = before.frame != now.frame and before.frame >= 0
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
                        _scroll(source, other, before.frame, now.frame)
        finally:
            self._following = False


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


def _scroll(source: Viewport, other: Viewport, before: int, now: int) -> None:
    """As far along the patient where both are volumes' slices, else as many frames."""
    a, b = source.review.shown, other.review.shown
    step = now - before
    if a is None or b is None or a.plane != b.plane:
        return
    if a.volume is not None and b.volume is not None:
        step = round(step * a.step_mm / b.step_mm) if b.step_mm else step
    other.canvas.set_frame(other.canvas.wanted_frame + step)
