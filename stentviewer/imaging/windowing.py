"""From stored values to grey on the screen by one table lookup (PS3.3 C.11.1, C.11.2).

The table has an entry for every value that a stored pixel's type can hold, so looking up is all
that a drag of the window costs. Grey is 0…255, rounded half up from the standard's real-valued
formula; MONOCHROME1 and the viewer's own inversion are applied last, each undoing the other.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from stentviewer.imaging.image import Lut, Radiograph, StoredArray, Window

GreyArray = npt.NDArray[np.uint8]
_WHITE = 255.0


@dataclass(frozen=True, slots=True, eq=False)
class DisplayTable:
    """Grey for every stored value of one type: 256 or 65,536 entries, in order of bit pattern."""

    dtype: np.dtype[Any]
    table: GreyArray

    def apply(self, stored: StoredArray, out: GreyArray | None = None) -> GreyArray:
        """Grey uint8 of the same shape as `stored`, into `out` where given.

        Colour (rows, columns, 3) is looked up channel by channel. Raises TypeError where `stored`
        is not of the type that the table was made for.
        """
        import cv2

        if stored.dtype != self.dtype:
            raise TypeError(f"this table is for {self.dtype}, not for {stored.dtype}")
        patterns = stored.view(np.uint16) if stored.dtype == np.int16 else stored
        if stored.size == 0:
            return np.empty(stored.shape, np.uint8) if out is None else out
        try:
            grey: GreyArray = cv2.LUT(patterns, self.table, out)
        except cv2.error:  # OpenCV before 5 has no 16-bit tables
            return np.take(self.table, patterns, out=out, mode="wrap")
        return grey


def display_lut(
    radiograph: Radiograph, window: Window | None, invert: bool = False, *, frame: int = 0
) -> DisplayTable:
    """The table for one window; without one, the file's VOI LUT, or else its default window.

    `invert` is the viewer's wish, on top of the file's own polarity. Colour without a window is
    shown as it is.
    """
    inputs = _all_values(radiograph.stored_dtype.str)
    rescale = radiograph.rescale_of(frame)
    if isinstance(rescale, Lut):
        values = rescale(inputs).astype(np.float64)
    else:
        values = inputs * rescale[0]
        values += rescale[1]  # in place, here and below: fresh memory is what a drag would feel
    if window is None and radiograph.voi_lut is not None:
        grey = radiograph.voi_lut(values) * (_WHITE / (2**radiograph.voi_lut.bits - 1))
    elif window is None and radiograph.frames[frame].ndim == 3:
        grey = inputs.copy()
    else:
        grey = window_values(values, window or radiograph.default_window(frame))
    np.clip(grey, 0, _WHITE, out=grey)
    grey += 0.5
    table = grey.astype(np.uint8)  # cut off: the floor of what is never negative
    if invert != radiograph.invert:
        table = 255 - table
    return DisplayTable(radiograph.stored_dtype, table)


def window_values(values: npt.NDArray[np.float64], window: Window) -> npt.NDArray[np.float64]:
    """Modality values through a window, real-valued 0…255 (PS3.3 C.11.2.1.2.1, C.11.2.1.3).

    LINEAR below width 1 is not defined by the standard and counts as width 1, a step; the other
    two count widths of 0 or less as the smallest positive one, a step as well.
    """
    centre, width = window.centre, window.width
    if window.function == "LINEAR":
        centre, width = centre - 0.5, max(width, 1.0) - 1.0
    if window.function == "SIGMOID":
        steep = -4.0 / max(width, 1e-9)
        return np.asarray(_WHITE / (1.0 + np.exp(np.clip(steep * (values - centre), -700, 700))))
    if width <= 0:
        return np.where(values > centre, _WHITE, 0.0)
    grey = values - centre
    grey /= width
    grey += 0.5
    grey *= _WHITE
    return np.clip(grey, 0.0, _WHITE, out=grey)


@lru_cache(maxsize=4)
def _all_values(dtype: str) -> npt.NDArray[np.float64]:
    """Every value that the type can hold, in order of its bit pattern."""
    kind = np.dtype(dtype)
    patterns = np.arange(2 ** (8 * kind.itemsize), dtype=f"u{kind.itemsize}")
    values = patterns.view(kind).astype(np.float64)
    values.flags.writeable = False
    return values
