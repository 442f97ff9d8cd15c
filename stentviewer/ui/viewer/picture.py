"""One frame made into a picture for the screen, doing again only what has changed."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from stentviewer.ui.viewer.resample import Resampled, StoredArray, oriented, resample
from stentviewer.ui.viewer.view_state import ViewState

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph, Window


class FramePicture:
    """Stored values at the screen's resolution, and those values through the window.

    A new geometry resamples; a new window or inversion only looks the cached values up again.
    """

    def __init__(self) -> None:
        self._levels: tuple[StoredArray, ...] = ()  # as they lie on the screen
        self._orientation = (0, False)
        self._geometry: ViewState | None = None
        self._resampled: Resampled | None = None
        self._look: tuple[Window | None, bool] | None = None
        self._pixels: npt.NDArray[np.uint8] | None = None

    def set_levels(self, levels: tuple[StoredArray, ...]) -> None:
        """Another frame, as a pyramid of stored values; () for none."""
        self._levels, self._orientation = levels, (0, False)
        self._geometry = self._resampled = self._look = self._pixels = None

    @property
    def is_empty(self) -> bool:
        return not self._levels

    @property
    def is_colour(self) -> bool:
        return bool(self._levels) and self._levels[0].ndim == 3

    def image(
        self, radiograph: Radiograph, state: ViewState, moving: bool = False
    ) -> tuple[QImage, int, int]:
        """The visible part of the image and its left upper corner, all in device pixels.

        While `moving`, a draft will do. The picture is valid until the next call.
        """
        self._orient(state.quarter_turns, state.mirrored)
        geometry = replace(
            state.upright(), window=None, inverted=False, frame=0, fitted=False, colours=""
        )
        kept = self._resampled
        if kept is None or geometry != self._geometry or (kept.draft and not moving):
            kept = self._resampled = resample(self._levels, geometry, moving)
            self._geometry = geometry
            self._look = self._pixels = None
        look = (state.window, state.inverted)
        values = kept.values
        if self._pixels is None or look != self._look:
            self._pixels, self._look = _screen_values(radiograph, state, values, self._pixels), look
        rows, columns = values.shape[:2]
        form, depth = QImage.Format.Format_Grayscale8, 1
        if self.is_colour:
            form, depth = QImage.Format.Format_RGB888, 3
        image = QImage(self._pixels.data, columns, rows, columns * depth, form)
        return image, kept.x0, kept.y0

    def _orient(self, quarter_turns: int, mirrored: bool) -> None:
        """Bring the pyramid into this orientation from the one it is in."""
        turns, was_mirrored = self._orientation
        if (turns, was_mirrored) == (quarter_turns, mirrored):
            return
        turn = quarter_turns - turns if was_mirrored == mirrored else quarter_turns + turns
        self._levels = tuple(
            oriented(level, turn % 4, was_mirrored != mirrored) for level in self._levels
        )
        self._orientation = (quarter_turns, mirrored)


def _screen_values(
    radiograph: Radiograph,
    state: ViewState,
    values: StoredArray,
    out: npt.NDArray[np.uint8] | None,
) -> npt.NDArray[np.uint8]:
    """Grey through the display table into `out`; colour as it is, or its negative."""
    from stentviewer.imaging.windowing import display_lut

    if values.ndim == 3:
        plain: npt.NDArray[np.uint8] = np.ascontiguousarray(values, dtype=np.uint8)
        return 255 - plain if state.inverted else plain
    table = display_lut(radiograph, state.window, state.inverted, frame=state.frame)
    return table.apply(values, out)
