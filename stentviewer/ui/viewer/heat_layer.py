"""The heat map as a picture to lay over the image, kept until map, strength or colours change."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

from stentviewer.ui.viewer.resample import oriented
from stentviewer.ui.viewer.ring import overlap
from stentviewer.ui.viewer.sampling import Axis, Scratch, scaled
from stentviewer.ui.viewer.view_state import Rect, ViewState, oriented_box

if TYPE_CHECKING:
    from stentviewer.core.types import Box, HeatMap

_MAX_SIDE = 512


def premultiplied_table(
    colours: npt.NDArray[np.uint8], strength: float, threshold: float = 0.0
) -> npt.NDArray[np.uint32]:
    """256 values as 0xAARRGGBB, premultiplied: alpha = strength × heat, 0 below the threshold.

    `colours` is (256, 3) RGB. No heat is no colour, so the image stays as it is there.
    """
    heat = np.arange(256)
    alpha: npt.NDArray[Any] = np.where(heat >= threshold * 255, heat, 0) * min(
        max(strength, 0.0), 1.0
    )
    red, green, blue = np.rint(colours * (alpha / 255.0)[:, None]).astype(np.uint32).T
    table: npt.NDArray[np.uint32] = np.rint(alpha).astype(np.uint32) << 24
    table |= (red << 16) | (green << 8) | blue
    return table


def smooth_levels(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    """The map in 0…1 enlarged smoothly (cubic) to at most 512 a side, as 0…255."""
    import cv2

    rows, columns = values.shape
    factor = max(1, _MAX_SIDE // max(rows, columns))
    size = (columns * factor, rows * factor)
    large = cv2.resize(values, size, interpolation=cv2.INTER_CUBIC)
    levels: npt.NDArray[np.uint8] = np.rint(np.clip(large, 0.0, 1.0) * 255.0).astype(np.uint8)
    return levels


@dataclass(frozen=True, slots=True, eq=False)
class HeatPicture:
    """ARGB32 premultiplied, its first pixel at `origin` of the viewport; only `part` is meant."""

    image: QImage
    origin: tuple[int, int]
    part: Rect
    memory: npt.NDArray[Any]  # the image's


class HeatLayer:
    """Holds one heat map and its picture. `version` changes with everything that it shows."""

    def __init__(self) -> None:
        self.version = 0
        self.visible = True
        self._heat: HeatMap | None = None
        self._strength = 0.5
        self._threshold = 0.0
        self._table_name = "inferno"
        self._levels: npt.NDArray[np.uint8] | None = None
        self._pixels: npt.NDArray[Any] | None = None  # BGRA premultiplied, as on the screen
        self._hot: Rect = (0, 0, 0, 0)  # of the pixels, outside of which there is nothing
        self._orientation = (0, False)
        self._scratch = Scratch()
        self._kept: tuple[object, HeatPicture | None] = (None, None)

    @property
    def heat(self) -> HeatMap | None:
        return self._heat

    @property
    def shown(self) -> bool:
        return self._heat is not None and self.visible

    @property
    def strength(self) -> float:
        return self._strength

    def set_heat(self, heat: HeatMap | None) -> None:
        if heat is not self._heat:
            self._heat, self._levels = heat, None
            self._changed()
            if heat is None:
                self._scratch, self._kept = Scratch(), (None, None)

    def set_strength(self, strength: float) -> None:
        self._strength = min(max(strength, 0.0), 1.0)
        self._changed()

    def set_threshold(self, threshold: float) -> None:
        """Heat below it (0…1) is not shown."""
        self._threshold = min(max(threshold, 0.0), 1.0)
        self._changed()

    def set_table(self, name: str) -> None:
        """Colours by the name of an even table: inferno, viridis or cividis."""
        self._table_name = name
        self._changed()

    def _changed(self) -> None:
        self._pixels = None
        self.version += 1

    def picture(self, state: ViewState, rect: Rect, draft: bool = False) -> HeatPicture | None:
        """What lies over the viewport's device pixels `rect`; None where there is no heat.

        A draft is made of the enlarged map's pixels as they are, too small to be told while they
        move. Valid until the next call.
        """
        if self._heat is None or not self._strength:
            return None
        key = (self.version, replace(state, window=None, inverted=False, frame=0), rect, draft)
        if key != self._kept[0]:
            self._kept = (key, self._drawn(self._heat.extent, state, rect, draft))
        return self._kept[1]

    def _drawn(self, extent: Box, state: ViewState, rect: Rect, draft: bool) -> HeatPicture | None:
        pixels = self._oriented_pixels(state.quarter_turns, state.mirrored)
        box = oriented_box(extent, state.quarter_turns, state.mirrored)
        view = state.upright()
        (sx, sy), (x, y) = view.scale, view.centre
        width, height = (box.x1 - box.x0) * view.columns, (box.y1 - box.y0) * view.rows
        x, y = x - box.x0 * view.columns, y - box.y0 * view.rows  # from the map's corner
        rows, columns = pixels.shape[:2]
        left, top, right, bottom = self._hot
        hot = (
            math.floor((left / columns * width - x) * sx + view.width / 2),
            math.floor((top / rows * height - y) * sy + view.height / 2),
            math.ceil((right / columns * width - x) * sx + view.width / 2),
            math.ceil((bottom / rows * height - y) * sy + view.height / 2),
        )
        part = overlap(rect, hot)
        if part is None:
            return None
        across = Axis.along(columns, width, sx, x, view.width, (part[0], part[2]))
        down = Axis.along(rows, height, sy, y, view.height, (part[1], part[3]))
        samples, lead_x, lead_y = scaled(pixels, across, down, self._scratch, nearest=draft)
        rows, columns = samples.shape[:2]
        form = QImage.Format.Format_ARGB32_Premultiplied
        image = QImage(samples.data, columns, rows, columns * 4, form)
        return HeatPicture(image, (part[0] - lead_x, part[1] - lead_y), part, samples)

    def _oriented_pixels(self, quarter_turns: int, mirrored: bool) -> npt.NDArray[Any]:
        if self._levels is None:
            assert self._heat is not None
            self._levels = smooth_levels(self._heat.values)
        if self._pixels is None or self._orientation != (quarter_turns, mirrored):
            from stentviewer.imaging.overlay import colour_table

            levels = oriented(self._levels, quarter_turns, mirrored)
            colours = colour_table(self._table_name)
            table = premultiplied_table(colours, self._strength, self._threshold)
            self._pixels = table[levels].view(np.uint8).reshape(*levels.shape, 4)
            self._orientation = (quarter_turns, mirrored)
            self._hot = _bounds(self._pixels[..., 3])
        return self._pixels


def _bounds(alpha: npt.NDArray[np.uint8]) -> Rect:
    """The part of a picture that is not empty, with a pixel around it for what is in between."""
    rows, columns = np.flatnonzero(alpha.any(axis=1)), np.flatnonzero(alpha.any(axis=0))
    if not rows.size:
        return (0, 0, 0, 0)
    return (int(columns[0]) - 1, int(rows[0]) - 1, int(columns[-1]) + 2, int(rows[-1]) + 2)
