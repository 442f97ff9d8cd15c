"""From stored values to what is shown: modality, VOI and presentation step as one lookup.

The order is DICOM's (PS3.3 C.11): Modality LUT or rescale, then VOI (window, sigmoid or LUT), then
polarity. Every stored value of an 8- or 16-bit image is run through it once; a picture then costs
one lookup a pixel, and dragging the window costs it only for the pixels on the screen.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import FloatArray
from stentviewer.imaging.image import Radiograph, Stored, Window

_LEVELS = 255


@dataclass(frozen=True, slots=True, eq=False)
class DisplayTable:
    """An 8-bit grey for every stored value; signed values are indexed by their bit pattern."""

    greys: npt.NDArray[np.uint8]  # 256 or 65,536 entries

    def apply(
        self, stored: Stored, out: npt.NDArray[np.uint8] | None = None
    ) -> npt.NDArray[np.uint8]:
        """Greys of (rows, columns) stored values, written to `out` if given."""
        import cv2

        index = np.ascontiguousarray(stored)
        if index.dtype == np.int16:
            index = index.view(np.uint16)
        shown: npt.NDArray[np.uint8] = cv2.LUT(index, self.greys, out)
        return shown


def display_lut(
    radiograph: Radiograph, window: Window | None = None, invert: bool = False, frame: int = 0
) -> DisplayTable:
    """The table for one window; without one, the file's VOI LUT, else its own or auto window.

    `invert` is the person's, on top of the file's polarity. Colour pictures have no table.
    """
    dtype = radiograph.frames[frame].dtype
    if dtype == np.uint8:
        stored: npt.NDArray[Any] = np.arange(256, dtype=np.uint8)
    else:
        stored = np.arange(65536, dtype=np.uint16).view(dtype)
    values = radiograph.to_modality(stored)
    if window is None and radiograph.voi_lut is not None:
        table = radiograph.voi_lut
        share = table.apply(values) / np.float32((1 << table.bits) - 1)
    else:
        share = voi(values, window or radiograph.default_window(frame))
    if radiograph.invert != invert:
        share = 1 - share
    return DisplayTable(np.rint(share * _LEVELS).clip(0, _LEVELS).astype(np.uint8))


def voi(values: npt.NDArray[Any], window: Window) -> FloatArray:
    """Modality values windowed to 0…1 (PS3.3 C.11.2.1.2 and C.11.2.1.3), float32.

    LINEAR puts the centre half a value lower and makes the width one smaller, as the standard
    has it; LINEAR_EXACT does not. Widths below what the function allows act as the smallest.
    """
    x = values.astype(np.float64)
    if window.function == "SIGMOID":
        exponent = -4 * (x - window.centre) / max(window.width, 1e-6)
        return (1 / (1 + np.exp(np.clip(exponent, -60, 60)))).astype(np.float32)
    if window.function == "LINEAR_EXACT":
        width = max(window.width, 1e-6)
        return np.clip((x - window.centre) / width + 0.5, 0, 1).astype(np.float32)
    centre, width = window.centre - 0.5, max(window.width, 1.0) - 1
    if width == 0:  # a threshold: PS3.3 C.11.2.1.2.1
        return (x > centre).astype(np.float32)
    return np.clip((x - centre) / width + 0.5, 0, 1).astype(np.float32)
