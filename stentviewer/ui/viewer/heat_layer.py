"""The heat map as a picture to lay over the image, kept until map, strength or colours change."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtGui import QImage

if TYPE_CHECKING:
    from stentviewer.core.types import HeatMap

_MAX_SIDE = 512


def premultiplied_table(colours: npt.NDArray[np.uint8], strength: float) -> npt.NDArray[np.uint32]:
    """256 values as 0xAARRGGBB, premultiplied: alpha = strength × heat.

    `colours` is (256, 3) RGB. No heat is no colour, so the image stays as it is there.
    """
    alpha = np.arange(256) * min(max(strength, 0.0), 1.0)
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


class HeatLayer:
    """Holds one heat map and its picture."""

    def __init__(self) -> None:
        self._heat: HeatMap | None = None
        self._strength = 0.5
        self._table_name = "inferno"
        self._levels: npt.NDArray[np.uint8] | None = None
        self._pixels: npt.NDArray[Any] | None = None

    @property
    def heat(self) -> HeatMap | None:
        return self._heat

    @property
    def strength(self) -> float:
        return self._strength

    def set_heat(self, heat: HeatMap | None) -> None:
        self._heat = heat
        self._levels = self._pixels = None

    def set_strength(self, strength: float) -> None:
        self._strength = min(max(strength, 0.0), 1.0)
        self._pixels = None

    def set_table(self, name: str) -> None:
        """Colours by the name of an even table: inferno, viridis or cividis."""
        self._table_name = name
        self._pixels = None

    def image(self) -> QImage | None:
        """The picture of the whole map (its extent), ARGB32 premultiplied; None without a map.

        Valid until the next change of this layer.
        """
        if self._heat is None:
            return None
        if self._levels is None:
            self._levels = smooth_levels(self._heat.values)
        if self._pixels is None:
            from stentviewer.imaging.overlay import colour_table

            table = premultiplied_table(colour_table(self._table_name), self._strength)
            self._pixels = table[self._levels]
        rows, columns = self._pixels.shape
        form = QImage.Format.Format_ARGB32_Premultiplied
        return QImage(self._pixels.data, columns, rows, columns * 4, form)
