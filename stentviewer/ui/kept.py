"""What the window finds again at the next start, or after a crash: where it stood, what it showed.

Two files beside the library, because the images' numbers are the library's: `window.ini` holds
places and sizes in Qt's own form, `desk.json` what hangs where and how it is looked at.
"""

from __future__ import annotations

import contextlib
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from PySide6.QtCore import QByteArray, QSettings, QSize
from PySide6.QtWidgets import QMainWindow, QWidget

from stentviewer.app.hanging import Content, LayoutId
from stentviewer.core.types import Plane
from stentviewer.ui.place_watch import PlaceWatch
from stentviewer.ui.viewer.view_state import ViewState

if TYPE_CHECKING:
    from stentviewer.ui.grid import ViewerGrid
    from stentviewer.ui.viewport import Viewport

_USUAL = QSize(1440, 900)
_LAYOUT_VERSION = 2  # of the docks: an older arrangement is not restored
_LEAST_ZOOM = 1e-5  # the longest image in the smallest viewport needs no less
_Id = Annotated[int, Field(ge=1, lt=2**63)]  # as the library numbers


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class KeptView(_Kept):
    """How an image is looked at. `window` is (centre, width, function)."""

    zoom: Annotated[float, Field(ge=_LEAST_ZOOM, le=64)]
    centre: tuple[float, float]
    fitted: bool
    window: tuple[float, float, str] | None
    inverted: bool
    quarter_turns: Annotated[int, Field(ge=0, le=3)]
    mirrored: bool
    colours: str

    @classmethod
    def of(cls, state: ViewState) -> KeptView:
        window = state.window
        return cls(
            zoom=state.zoom,
            centre=state.centre,
            fitted=state.fitted,
            window=None if window is None else (window.centre, window.width, window.function),
            inverted=state.inverted,
            quarter_turns=state.quarter_turns,
            mirrored=state.mirrored,
            colours=state.colours,
        )

    def state(self) -> ViewState:
        from stentviewer.imaging.image import Window
        from stentviewer.imaging.overlay import COLOUR_TABLES

        window = None
        if self.window is not None and self.window[2] in ("LINEAR", "LINEAR_EXACT", "SIGMOID"):
            window = Window(*self.window)  # type: ignore[arg-type]  # one of the three
        return replace(
            ViewState(),
            zoom=self.zoom,
            centre=self.centre,
            fitted=self.fitted,
            window=window,
            inverted=self.inverted,
            quarter_turns=self.quarter_turns,
            mirrored=self.mirrored,
            colours=self.colours if self.colours in COLOUR_TABLES else "grey",
        )


class KeptViewport(_Kept):
    """What one viewport shows; without an image nothing."""

    image_id: _Id | None = None
    series_id: _Id | None = None
    plane: Plane = Plane.AXIAL
    frame: Annotated[int, Field(ge=0)] = 0
    view: KeptView | None = None
    filter: str = ""

    @classmethod
    def of(cls, viewport: Viewport) -> KeptViewport:
        content, canvas = viewport.review.content, viewport.canvas
        if content is None:
            return cls()
        image_id, frame = content.image_id, content.frame
        shown = viewport.review.shown
        if shown is not None and canvas.has_frame:
            image_id, frame = shown.record(canvas.frame).id, shown.target(canvas.frame).frame
        return cls(
            image_id=image_id,
            series_id=content.series_id,
            plane=content.plane,
            frame=frame,
            view=KeptView.of(canvas.state) if canvas.has_frame else None,
            filter=canvas.filter_name,
        )

    def open_in(self, viewport: Viewport) -> None:
        """Show it again, looked at as it was."""
        from stentviewer.imaging.filters import FILTERS

        content = self.content()
        if content is not None:
            look = self.view.state() if self.view else None
            viewport.open(content, look, self.filter if self.filter in FILTERS else "")

    def content(self) -> Content | None:
        if self.image_id is None:
            return None
        return Content(self.image_id, self.series_id, self.plane, self.frame)


class KeptGrid(_Kept):
    """A window's layout and what is in it."""

    layout: LayoutId = "1x1"
    viewports: tuple[KeptViewport, ...] = ()
    active: Annotated[int, Field(ge=0)] = 0
    linked: tuple[bool, bool, bool] = (False, False, False)  # view, window, scrolling

    @classmethod
    def of(cls, grid: ViewerGrid) -> KeptGrid:
        return cls(
            layout=grid.layout_id,
            viewports=tuple(KeptViewport.of(one) for one in grid.viewports),
            active=grid.viewports.index(grid.active),
            linked=(grid.links.view, grid.links.window, grid.links.scroll),
        )

    def restore(self, grid: ViewerGrid) -> None:
        grid.set_layout(self.layout)
        grid.links.view, grid.links.window, grid.links.scroll = self.linked
        for viewport, kept in zip(grid.viewports, self.viewports, strict=False):
            kept.open_in(viewport)
        if self.active < len(grid.viewports):
            grid.set_active(grid.viewports[self.active])


class KeptDesk(_Kept):
    """The main window's viewports, and those of every other viewer window."""

    grids: tuple[KeptGrid, ...] = (KeptGrid(),)

    @property
    def is_empty(self) -> bool:
        return not any(one.image_id for grid in self.grids for one in grid.viewports)


class Kept:
    """The two files of one library."""

    def __init__(self, library_dir: Path) -> None:
        self._places = str(library_dir / "window.ini")
        self._desk = library_dir / "desk.json"

    def _settings(self) -> QSettings:
        return QSettings(self._places, QSettings.Format.IniFormat)

    def restore_places(self, window: QWidget, docks: QMainWindow, name: str = "main") -> None:
        """The kept place and docks, else the usual size as far as the screen has room.

        From then on every new place is kept once the window stands still there.
        """
        kept = self._settings()
        geometry, state = kept.value(f"{name}/geometry"), kept.value(f"{name}/docks")
        window.resize(usual_size(window.screen().availableSize()))
        if isinstance(geometry, QByteArray):  # a damaged file gives anything
            window.restoreGeometry(geometry)
        if isinstance(state, QByteArray):
            docks.restoreState(state, _LAYOUT_VERSION)
        PlaceWatch(window, docks, lambda: self._keep_moved(window, docks, name))

    def _keep_moved(self, window: QWidget, docks: QMainWindow, name: str) -> None:
        if self._desk.parent.is_dir():  # else there is no library yet
            self.keep_places(window, docks, name)

    def keep_places(self, window: QWidget, docks: QMainWindow, name: str = "main") -> None:
        """Write down where the window and its docks stand."""
        kept = self._settings()
        kept.setValue(f"{name}/geometry", window.saveGeometry())
        kept.setValue(f"{name}/docks", docks.saveState(_LAYOUT_VERSION))

    def worklist(self) -> str:
        """The worklist's arrangement, empty where none was kept."""
        return str(self._settings().value("worklist", ""))

    def keep_worklist(self, arrangement: str) -> None:
        """Write it down."""
        self._settings().setValue("worklist", arrangement)

    def desk(self) -> KeptDesk:
        """What hung there last; nothing where the file is missing or damaged."""
        try:
            return KeptDesk.model_validate_json(self._desk.read_bytes())
        except (OSError, ValidationError):
            return KeptDesk()

    def keep_desk(self, desk: KeptDesk) -> None:
        """Write it down, whole or not at all; a disk that fails costs nothing but this."""
        unfinished = self._desk.with_suffix(".part")
        with contextlib.suppress(OSError):
            unfinished.write_text(desk.model_dump_json(), encoding="utf-8")
            unfinished.replace(self._desk)


def usual_size(available: QSize) -> QSize:
    """The size at the first start; a little smaller than a small screen, for the frame."""
    return _USUAL.boundedTo(available * 0.95)
