"""One frame made into a picture for the screen, doing again only what has changed.

Another geometry resamples the stored values, quickly while it moves; a pan by whole pixels only
what it brings into view. Another look (window, colours, heat) looks the kept values up again.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPoint, QRect
from PySide6.QtGui import QColor, QImage, QPainter

from stentviewer.ui.viewer.resample import is_felt, oriented, resample
from stentviewer.ui.viewer.ring import area, pieces, uncovered
from stentviewer.ui.viewer.sampling import Scratch, StoredArray
from stentviewer.ui.viewer.view_state import Rect, ViewState

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph
    from stentviewer.imaging.windowing import DisplayTable
    from stentviewer.ui.viewer.heat_layer import HeatLayer

_MOST_NEW = 0.3  # of the picture: if a pan brings more, all is done again
_WHOLE = 1e-6  # device pixels by which a pan may miss whole ones


@dataclass(frozen=True, slots=True, eq=False)
class ExactRequest:
    """A picture to be resampled beside the window's thread."""

    levels: tuple[StoredArray, ...]
    geometry: ViewState


@dataclass(frozen=True, slots=True, eq=False)
class ExactValues:
    """What a request brought."""

    request: ExactRequest
    values: StoredArray


def resample_exactly(request: ExactRequest) -> ExactValues:
    """The work of a request; touches nothing else."""
    return ExactValues(request, resample(request.levels, request.geometry).values)


class FramePicture:
    """Stored values at the screen's resolution, and those values as they look."""

    def __init__(self) -> None:
        self._levels: tuple[StoredArray, ...] = ()  # as they lie on the screen
        self._orientation = (0, False)
        self._geometry: ViewState | None = None
        self._asked: ViewState | None = None
        self._draft = False
        self._rect: Rect = (0, 0, 0, 0)  # what is seen of the image, device pixels
        self._origin = (0, 0)  # the viewport's pixel at the values' first; they wrap round
        self._look: tuple[object, ...] | None = None
        self._all_new = True
        self._table: DisplayTable | None = None
        self._let_go()

    def _let_go(self) -> None:
        """Hold no pixels: a viewport that shows nothing costs nothing."""
        self._values: StoredArray = np.empty((0, 0), np.uint8)
        self._colour_memory, self._grey_memory = Scratch(), Scratch()
        self._bgra: npt.NDArray[Any] = np.empty((0, 0, 4), np.uint8)  # the values as they look
        self._grey: npt.NDArray[Any] = np.empty((0, 0), np.uint8)
        self._screen = QImage()  # over `_bgra`

    def set_levels(self, levels: tuple[StoredArray, ...]) -> None:
        """Another frame, as a pyramid of stored values; () for none."""
        self._levels, self._orientation = levels, (0, False)
        self._geometry = self._asked = self._look = None
        if not levels:
            self._let_go()

    @property
    def is_empty(self) -> bool:
        return not self._levels

    @property
    def is_colour(self) -> bool:
        return bool(self._levels) and self._levels[0].ndim == 3

    @property
    def is_draft(self) -> bool:
        """Whether what was shown last was sampled only once a pixel."""
        return self._draft

    def show(
        self,
        radiograph: Radiograph,
        state: ViewState,
        heat: HeatLayer | None = None,
        moving: bool = False,
    ) -> None:
        """Bring the picture to this state; while `moving`, a draft will do."""
        self._orient(state.quarter_turns, state.mirrored)
        geometry = _geometry(state)
        new = self._resample(geometry, moving)
        self._make_room()
        look = (state.window, state.inverted, state.colours, state.frame, heat and heat.version)
        if self._all_new or look != self._look:
            self._all_new = False
            if self._look is None or look[:4] != self._look[:4]:
                self._table = _table(radiograph, state, self._values)
            self._look, new = look, [self._rect]
        for rect in new:
            self._develop(state, rect)
            if heat is not None:
                self._lay_over(heat, state, rect)

    def paint(self, painter: QPainter, background: QColor) -> None:
        """Draw what was shown last and what is around it; the painter is in device pixels."""
        assert self._geometry is not None
        viewport = (0, 0, self._geometry.width, self._geometry.height)
        for x0, y0, x1, y1 in uncovered(viewport, self._rect):
            painter.fillRect(x0, y0, x1 - x0, y1 - y0, background)
        for (x, y, _, _), (x0, y0, x1, y1) in self._pieces(self._rect):
            painter.drawImage(QPoint(x, y), self._screen, QRect(x0, y0, x1 - x0, y1 - y0))

    # A picture that takes long

    def exact_request(self) -> ExactRequest | None:
        """What to resample beside the window's thread; None where nothing is, or is asked for."""
        if not self._draft or self._geometry is None or self._asked == self._geometry:
            return None
        self._asked = self._geometry
        return ExactRequest(self._levels, self._geometry)

    def take(self, exact: ExactValues) -> bool:
        """Use what a request brought; False where it is stale."""
        request = exact.request
        if request.levels is not self._levels or request.geometry != self._geometry:
            return False
        self._keep(exact.values, request.geometry, draft=False)
        return True

    # Stored values

    def _orient(self, quarter_turns: int, mirrored: bool) -> None:
        """Bring the pyramid into this orientation from the one it is in."""
        turns, was_mirrored = self._orientation
        if (turns, was_mirrored) == (quarter_turns, mirrored):
            return
        flip = was_mirrored != mirrored
        turn = (quarter_turns + turns if flip else quarter_turns - turns) % 4
        self._levels = tuple(oriented(level, turn, flip) for level in self._levels)
        self._orientation = (quarter_turns, mirrored)
        self._geometry = None

    def _resample(self, geometry: ViewState, moving: bool) -> list[Rect]:
        """Bring the values to this geometry; what of the viewport has new ones."""
        if geometry == self._geometry and (
            not self._draft or moving or self._asked == geometry or is_felt(self._levels, geometry)
        ):
            return []
        if not self._draft and self._geometry is not None:
            new = self._panned(self._geometry, geometry)
            if new is not None:
                return new
        draft = moving or is_felt(self._levels, geometry)
        done = resample(self._levels, geometry, draft)
        self._keep(done.values, geometry, done.draft)
        return [self._rect]

    def _keep(self, values: StoredArray, geometry: ViewState, draft: bool) -> None:
        rect = geometry.visible_rect()
        if not draft:  # room for what a pan may bring into view
            (sx, sy), (rows, columns) = geometry.scale, values.shape[:2]
            across = min(geometry.width, math.floor(geometry.columns * sx))
            down = min(geometry.height, math.floor(geometry.rows * sy))
            if across > columns or down > rows:
                ring = np.zeros(
                    (max(down, rows), max(across, columns), *values.shape[2:]), values.dtype
                )
                ring[:rows, :columns] = values
                values = ring
        self._values, self._origin, self._rect = values, (rect[0], rect[1]), rect
        self._geometry, self._draft = geometry, draft
        self._all_new = True

    def _panned(self, before: ViewState, geometry: ViewState) -> list[Rect] | None:
        """Keep what stays in view after a pan by whole pixels; None where it was none such."""
        if replace(before, centre=geometry.centre) != geometry:
            return None
        ways = [
            (old - new) * scale
            for old, new, scale in zip(before.centre, geometry.centre, geometry.scale, strict=True)
        ]
        dx, dy = (round(way) for way in ways)
        if max(abs(ways[0] - dx), abs(ways[1] - dy)) > _WHOLE:
            return None
        x0, y0, x1, y1 = self._rect
        rect = geometry.visible_rect()
        rows, columns = self._values.shape[:2]
        new = uncovered(rect, (x0 + dx, y0 + dy, x1 + dx, y1 + dy))
        too_large = rect[2] - rect[0] > columns or rect[3] - rect[1] > rows
        if too_large or sum(map(area, new)) > _MOST_NEW * area(rect):
            return None
        self._origin = (self._origin[0] + dx, self._origin[1] + dy)
        self._rect, self._geometry = rect, geometry
        for part in new:
            values = resample(self._levels, geometry, rect=part).values
            for (left, top, right, bottom), (kx0, ky0, kx1, ky1) in self._pieces(part):
                rows_, columns_ = (
                    slice(top - part[1], bottom - part[1]),
                    slice(left - part[0], right - part[0]),
                )
                self._values[ky0:ky1, kx0:kx1] = values[rows_, columns_]
        return new

    def _pieces(self, rect: Rect) -> list[tuple[Rect, Rect]]:
        return list(pieces(rect, self._origin, self._values.shape[:2]))

    # How they look

    def _make_room(self) -> None:
        """As many pixels as there are values."""
        rows, columns = self._values.shape[:2]
        if self._grey.shape == (rows, columns):
            return
        kind = np.dtype(np.uint8)
        self._grey = self._grey_memory.array((rows, columns), kind)
        self._bgra = self._colour_memory.array((rows, columns, 4), kind)
        form = QImage.Format.Format_RGB32
        self._screen = QImage(self._bgra.data, columns, rows, 4 * columns, form)

    def _develop(self, state: ViewState, rect: Rect) -> None:
        """Look the values of this part of the viewport up."""
        import cv2

        for _, (x0, y0, x1, y1) in self._pieces(rect):
            kept = np.s_[y0:y1, x0:x1]
            values = self._values[kept]
            if values.ndim == 3:
                rgb = 255 - values if state.inverted else values
                cv2.cvtColor(rgb, cv2.COLOR_RGB2BGRA, dst=self._bgra[kept])
                continue
            assert self._table is not None
            grey = self._table.apply(values, self._grey[kept])
            if state.colours == "grey":
                cv2.cvtColor(grey, cv2.COLOR_GRAY2BGRA, dst=self._bgra[kept])
            else:
                bgr = cv2.applyColorMap(grey, _colours(state.colours))
                cv2.cvtColor(bgr, cv2.COLOR_BGR2BGRA, dst=self._bgra[kept])

    def _lay_over(self, heat: HeatLayer, state: ViewState, rect: Rect) -> None:
        """Heat over this part of the viewport."""
        laid = heat.picture(state, rect, self._draft)
        if laid is None:
            return
        begin_x, begin_y = laid.origin
        with QPainter(self._screen) as painter:
            for (left, top, _, _), (x0, y0, x1, y1) in self._pieces(laid.part):
                source = QRect(left - begin_x, top - begin_y, x1 - x0, y1 - y0)
                painter.drawImage(QPoint(x0, y0), laid.image, source)


def _geometry(state: ViewState) -> ViewState:
    """The state as far as it says where pixels lie."""
    return replace(state.upright(), window=None, inverted=False, frame=0, fitted=False, colours="")


def _table(radiograph: Radiograph, state: ViewState, values: StoredArray) -> DisplayTable | None:
    """Grey for every stored value; None for colour, which is shown as it is."""
    from stentviewer.imaging.windowing import display_lut

    if values.ndim == 3:
        return None
    return display_lut(radiograph, state.window, state.inverted, frame=state.frame)


def _colours(name: str) -> npt.NDArray[np.uint8]:
    """A colour table as OpenCV wants it."""
    from stentviewer.imaging.overlay import colour_table

    return np.ascontiguousarray(colour_table(name)[:, None, ::-1])
