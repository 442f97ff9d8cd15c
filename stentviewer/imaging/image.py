"""The Radiograph: stored pixels, and what the file says they mean."""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import FloatArray, ImageHeader, Spacing

Stored = npt.NDArray[Any]
VoiFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]

_FRAMES_KEPT = 24  # a second and a half of cine
_LUMINANCE = np.array([0.299, 0.587, 0.114], np.float32)  # ITU-R BT.601
_AUTO_LOW, _AUTO_HIGH = 0.5, 99.5  # percentiles
_AUTO_SAMPLES = 512  # along each side


class Frames(Protocol):
    """Stored values by frame: (rows, columns) uint8, uint16 or int16, or (rows, columns, 3) uint8.

    May be indexed from any thread; a frame that cannot be decoded raises KnownError.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, index: int, /) -> Stored: ...


class DecodedFrames:
    """Frames already in memory: (frames, rows, columns[, 3])."""

    def __init__(self, pixels: Stored) -> None:
        self._pixels = pixels

    def __len__(self) -> int:
        return len(self._pixels)

    def __getitem__(self, index: int, /) -> Stored:
        frame: Stored = self._pixels[index]
        return frame


class LazyFrames:
    """Frames decoded when they are asked for, the last ones kept."""

    def __init__(self, count: int, decode: Callable[[int], Stored]) -> None:
        self._count = count
        self._decode = decode
        self._kept: OrderedDict[int, Stored] = OrderedDict()
        self._lock = threading.Lock()

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int, /) -> Stored:
        if not 0 <= index < self._count:
            raise IndexError(index)
        with self._lock:
            if index in self._kept:
                self._kept.move_to_end(index)
            else:
                self._kept[index] = self._decode(index)
                while len(self._kept) > _FRAMES_KEPT:
                    self._kept.popitem(last=False)
            return self._kept[index]


@dataclass(frozen=True, slots=True)
class Window:
    """Window centre and width in modality values, and the function between (PS3.3 C.11.2.1)."""

    centre: float
    width: float
    function: VoiFunction = "LINEAR"
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class LookupTable:
    """A DICOM LUT: `values[0]` for inputs up to `first`, the last one for those past the end.

    `bits` is the depth of the output (PS3.3 C.11.1.1.1 and C.11.2.1.1).
    """

    first: int
    values: npt.NDArray[np.uint16]
    bits: int

    def apply(self, inputs: npt.NDArray[Any]) -> FloatArray:
        """Map values of any shape; inputs are rounded to the nearest entry."""
        index = np.clip(np.rint(inputs) - self.first, 0, len(self.values) - 1).astype(np.intp)
        return self.values[index].astype(np.float32)


@dataclass(frozen=True, slots=True, eq=False)
class Radiograph:
    """One projection image, single or multi-frame, with its meaning and without a widget.

    `windows` are the file's, shared by all frames, unless `frame_windows` has a frame's own.
    `invert` says that low values are to be shown bright (MONOCHROME1); it applies after the VOI
    step. `pixel_aspect` is a pixel's height over its width. `fidelity` lists why the pixels are
    not the detector's truth, in words for the screen.
    """

    header: ImageHeader
    frames: Frames
    bits: int = 8
    slope: float = 1.0
    intercept: float = 0.0
    modality_lut: LookupTable | None = None
    windows: tuple[Window, ...] = ()
    frame_windows: tuple[Window, ...] = ()
    voi_lut: LookupTable | None = None
    invert: bool = False
    padding: tuple[int, int] | None = None  # stored values, both ends belong to it
    spacing: Spacing = Spacing()
    pixel_aspect: float = 1.0
    frame_time_ms: float | None = None
    fidelity: tuple[str, ...] = ()

    @property
    def is_colour(self) -> bool:
        """Whether the frames are RGB; they are shown as they are, without a window."""
        return self.frames[0].ndim == 3

    def to_modality(self, stored: Stored) -> FloatArray:
        """Stored values of any shape as modality values (Modality LUT or rescale), float32."""
        if self.modality_lut is not None:
            return self.modality_lut.apply(stored)
        values = stored.astype(np.float32)
        if self.slope != 1.0:
            values *= np.float32(self.slope)
        if self.intercept != 0.0:
            values += np.float32(self.intercept)
        return values

    def modality_values(self, frame: int) -> FloatArray:
        """One frame (zero-based) as (rows, columns) float32; colour becomes its luminance."""
        stored = self.frames[frame]
        if stored.ndim == 3:
            luminance: FloatArray = stored.astype(np.float32) @ _LUMINANCE
            return luminance
        return self.to_modality(stored)

    def default_window(self, frame: int) -> Window:
        """The window to begin with: the file's for this frame, else `auto_window`."""
        if frame < len(self.frame_windows):
            return self.frame_windows[frame]
        return self.windows[0] if self.windows else self.auto_window(frame)

    def auto_window(self, frame: int) -> Window:
        """The window from the 0.5th to the 99.5th percentile of the frame without its padding.

        Bars of the lowest value beside the picture (letterbox, shutter) are left out too. Taken
        on at most 512 × 512 samples.
        """
        stored = self.frames[frame]
        step = tuple(slice(None, None, max(1, side // _AUTO_SAMPLES)) for side in stored.shape[:2])
        sample = stored[step]
        if sample.ndim == 3:
            values: npt.NDArray[Any] = sample.astype(np.float32) @ _LUMINANCE
        else:
            if self.padding is not None:
                low, high = self.padding
                kept = sample[(sample < low) | (sample > high)]
                sample = kept if kept.size else sample.ravel()
            values = self.to_modality(sample)
        inner = values[values > values.min()]
        if inner.size > values.size // 50:
            values = inner
        low_value, high_value = np.percentile(values, (_AUTO_LOW, _AUTO_HIGH))
        width = max(float(high_value - low_value), 1.0)
        return Window(float(low_value) + width / 2, width, name="auto")
