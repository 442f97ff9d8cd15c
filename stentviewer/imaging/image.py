"""One radiograph: who it is of, its frames as stored, and how stored values become what is seen.

The order of pixel steps is DICOM's (PS3.3 C.7.6.16, PS3.4 N.2): stored → modality → VOI →
presentation. Frames hold stored values; nothing here is ever made from screen pixels.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, Protocol

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import FloatArray, ImageHeader, Spacing

StoredArray = npt.NDArray[Any]
WindowFunction = Literal["LINEAR", "LINEAR_EXACT", "SIGMOID"]

_CACHE_BYTES = 192 * 2**20
_SAMPLES = 2**17  # pixels looked at for the automatic window
_AUTO_PERCENTILES = (0.5, 99.5)


class Frames(Protocol):
    """Stored values by frame: (rows, columns) uint8, uint16 or int16, or (rows, columns, 3) uint8.

    Arrays are shared and read-only. Reading a frame may raise KnownError. Safe to use from several
    threads.
    """

    def __len__(self) -> int: ...

    def __getitem__(self, index: int) -> StoredArray: ...


class DecodedFrames:
    """Frames decoded when asked for; the last few stay (at least one, else up to 192 MB)."""

    def __init__(
        self,
        count: int,
        decode: Callable[[int], StoredArray],
        first: StoredArray | None = None,
    ) -> None:
        """`first` is frame 0 where it is decoded already."""
        self._count = count
        self._decode = decode
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, StoredArray] = OrderedDict()
        if first is not None:
            self._kept[0] = _read_only(first)

    def __len__(self) -> int:
        return self._count

    def __getitem__(self, index: int) -> StoredArray:
        if not -self._count <= index < self._count:
            raise IndexError(f"frame {index} of {self._count}")
        index %= self._count
        with self._lock:  # held while decoding: two threads never decode the same frame twice
            frame = self._kept.get(index)
            if frame is None:
                frame = self._kept[index] = _read_only(self._decode(index))
                self._forget_old()
            self._kept.move_to_end(index)
            return frame

    def _forget_old(self) -> None:
        size = sum(frame.nbytes for frame in self._kept.values())
        while len(self._kept) > 1 and size > _CACHE_BYTES:
            size -= self._kept.popitem(last=False)[1].nbytes


def _read_only(frame: StoredArray) -> StoredArray:
    contiguous: StoredArray = np.ascontiguousarray(frame)
    contiguous.flags.writeable = False
    return contiguous


@dataclass(frozen=True, slots=True)
class Window:
    """A VOI window in modality values (PS3.3 C.11.2.1.2, C.11.2.1.3)."""

    centre: float
    width: float
    function: WindowFunction = "LINEAR"
    name: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Lut:
    """A Modality or VOI LUT (PS3.3 C.11.1.1, C.11.2.1.1).

    `values[i]` is the output for the input `first` + i; inputs before and after take the first
    and last entry. `bits` is the width of an output value: 0 … 2**bits - 1.
    """

    first: int
    values: npt.NDArray[np.float32]
    bits: int
    name: str = ""

    def __call__(self, inputs: npt.NDArray[Any]) -> npt.NDArray[np.float32]:
        """Outputs for any array of inputs, of the same shape."""
        index = np.clip(np.rint(inputs) - self.first, 0, len(self.values) - 1)
        outputs: npt.NDArray[np.float32] = self.values[index.astype(np.intp)]
        return outputs


VoiLut = Lut
Rescale = tuple[float, float] | Lut


@dataclass(frozen=True, slots=True, eq=False)
class Radiograph:
    """An X-ray of one or more frames, with everything that its file says about showing it.

    `rescale` is (slope, intercept) or a Modality LUT; `frame_rescale` and `frame_windows` are for
    enhanced multi-frame files that state them frame by frame, else empty. `invert` is MONOCHROME1,
    applied after VOI. `pixel_aspect` is a pixel's height over its width. `padding` is the range of
    stored values that mean "no pixel". `bits` is how many bits of a stored value count; stored
    values are int16 where `signed`, else uint8 up to 8 bits, else uint16. `fidelity` says why the
    pixels are not what the detector measured, empty where they are. `orientation` is Patient
    Orientation (C.7.6.1.1.1): where columns and rows run to in the patient, ("L", "F"), or empty.
    `positions_mm` is where each frame lies along the normal of the slices, empty for projections.
    `exposure` is the tube's kVp and mAs, None where unknown. `value_unit` is the unit of modality
    values, "HU" or empty. `intensity_sign` is 1 where stored values rise with the X-ray beam, -1
    where they fall (Pixel Intensity Relationship Sign, C.8.11.3.1.2), None where the file does not
    say.
    """

    header: ImageHeader
    frames: Frames
    rescale: Rescale = (1.0, 0.0)
    frame_rescale: tuple[tuple[float, float], ...] = ()
    windows: tuple[Window, ...] = ()
    frame_windows: tuple[tuple[Window, ...], ...] = ()
    voi_lut: VoiLut | None = None
    invert: bool = False
    spacing: Spacing = field(default_factory=Spacing)
    pixel_aspect: float = 1.0
    frame_time_ms: float | None = None
    bits: int = 16
    signed: bool = False
    padding: tuple[int, int] | None = None
    fidelity: tuple[str, ...] = ()
    orientation: tuple[str, ...] = ()
    positions_mm: tuple[float, ...] = ()
    exposure: tuple[float | None, float | None] = (None, None)
    value_unit: str = ""
    intensity_sign: int | None = None

    @property
    def stored_dtype(self) -> np.dtype[Any]:
        """The type of the frames' values: uint8, uint16 or int16."""
        if self.signed:
            return np.dtype(np.int16)
        return np.dtype(np.uint8 if self.bits <= 8 else np.uint16)

    def rescale_of(self, frame: int) -> Rescale:
        """The rescale in force for one frame."""
        return self.frame_rescale[frame] if self.frame_rescale else self.rescale

    def to_modality(self, stored: StoredArray, frame: int) -> FloatArray:
        """Modality values float32 of stored values of any shape; colour first becomes luminance."""
        values = luminance(stored) if stored.ndim == 3 else stored
        rescale = self.rescale_of(frame)
        if isinstance(rescale, Lut):
            return rescale(values)
        slope, intercept = rescale
        modality: FloatArray = np.multiply(values, np.float32(slope), dtype=np.float32)
        modality += np.float32(intercept)
        return modality

    def modality_values(self, frame: int) -> FloatArray:
        """The frame in modality values, float32 (rows, columns). Raises KnownError if damaged."""
        return self.to_modality(self.frames[frame], frame)

    def windows_of(self, frame: int) -> tuple[Window, ...]:
        """The windows that the file offers for one frame, its first choice first."""
        own = self.frame_windows[frame] if self.frame_windows else ()
        return own or self.windows

    def default_window(self, frame: int) -> Window:
        """The file's first window for this frame; the automatic one where it has none."""
        offered = self.windows_of(frame)
        return offered[0] if offered else self.auto_window(frame)

    def auto_window(self, frame: int) -> Window:
        """From the 0.5th to the 99.5th percentile of what is neither padding nor collimated.

        Looks at every n-th pixel, so that it costs milliseconds whatever the size.
        """
        from stentviewer.imaging.collimator import uncollimated_area

        stored = self.frames[frame]
        step = max(1, int(np.sqrt(stored.shape[0] * stored.shape[1] / _SAMPLES)))
        thinned = stored[::step, ::step]
        values = self.to_modality(thinned, frame)
        box = uncollimated_area(values)
        rows = slice(int(box.y0 * values.shape[0]), max(1, round(box.y1 * values.shape[0])))
        columns = slice(int(box.x0 * values.shape[1]), max(1, round(box.x1 * values.shape[1])))
        inside = values[rows, columns]
        if self.padding is not None and thinned.ndim == 2:
            low, high = self.padding
            part = thinned[rows, columns]
            kept = inside[(part < low) | (part > high)]
            inside = kept if kept.size else inside
        first, last = (float(v) for v in np.percentile(inside, _AUTO_PERCENTILES))
        if last <= first:
            first, last = float(inside.min()), float(inside.max())
        width = last - first if last > first else 1.0
        return Window((first + last) / 2, width, "LINEAR_EXACT", "automatic")


def luminance(colour: npt.NDArray[np.uint8]) -> FloatArray:
    """The grey of (rows, columns, 3) RGB, float32 0…255 (ITU-R BT.601 weights)."""
    weights = np.array([0.299, 0.587, 0.114], np.float32)
    grey: FloatArray = colour.astype(np.float32) @ weights
    return grey
