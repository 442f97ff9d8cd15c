"""A DICOM file as a Radiograph."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stentviewer.core.sentences import sentence
from stentviewer.imaging import dicom_presentation as presentation
from stentviewer.imaging.dicom_file import (
    IDENTITY_TAGS,
    PRESENTATION_TAGS,
    DicomFile,
    open_dicom,
)
from stentviewer.imaging.dicom_header import header_of
from stentviewer.imaging.dicom_patient import exposure_of, orientation_of, positions_of
from stentviewer.imaging.dicom_pixels import PixelLayout, decode_frame, layout_of, to_stored
from stentviewer.imaging.image import DecodedFrames, Lut, Radiograph, Rescale, StoredArray

_STEPS = 65535


@dataclass(frozen=True, slots=True)
class _Packing:
    """How values too wide for 16 bits are kept: stored = (value - low) / step."""

    low: float
    step: float

    def pack(self, frame: npt.NDArray[Any]) -> StoredArray:
        scaled = (_finite(frame) - self.low) / self.step
        return np.rint(np.clip(scaled, 0, _STEPS)).astype(np.uint16)


def read_dicom(path: Path) -> Radiograph:
    """The radiograph, its first frame decoded. Raises KnownError as `readers` says."""
    file = open_dicom(path, IDENTITY_TAGS + PRESENTATION_TAGS)
    layout = layout_of(file)
    groups = presentation.functional_groups(file)
    rescale = presentation.rescale_of(file, layout)
    spacing = presentation.spacing_of(file, groups)
    packing = _packing(file, layout)
    first = decode_frame(file, layout, 0)  # damaged pixels are told of when the file is opened
    bits = 16 if packing else _bits(first, layout)
    fidelity = list(presentation.fidelity_of(file))
    frame_rescale = presentation.frame_rescale(groups, layout.frames)
    if packing and not isinstance(rescale, Lut):
        rescale = _unpacked(rescale, packing)
        frame_rescale = tuple(_unpacked(pair, packing) for pair in frame_rescale)
    if packing and packing.step != 1.0:
        fidelity.append(sentence("wide values kept in 65,536 steps"))
    signed = layout.signed and packing is None and not _is_colour(layout)
    dtype = np.dtype(np.int16 if signed else np.uint8 if bits <= 8 else np.uint16)

    def stored(decoded: npt.NDArray[Any]) -> StoredArray:
        return packing.pack(decoded) if packing else to_stored(decoded, dtype)

    def frame(index: int) -> StoredArray:
        return stored(decode_frame(file, layout, index))

    return Radiograph(
        header=header_of(file),
        frames=DecodedFrames(layout.frames, frame, stored(first)),
        rescale=(1.0, 0.0) if _is_colour(layout) else rescale,
        frame_rescale=() if _is_colour(layout) else frame_rescale,
        windows=presentation.windows_in(file.dataset),
        frame_windows=presentation.frame_windows(groups, layout.frames),
        voi_lut=presentation.voi_lut_of(file, layout, rescale),
        invert=layout.photometric == "MONOCHROME1",
        spacing=spacing,
        pixel_aspect=presentation.pixel_aspect_of(file, spacing),
        frame_time_ms=presentation.frame_time_of(file, layout.frames),
        bits=bits,
        signed=signed,
        padding=None if packing else presentation.padding_of(file, layout),
        fidelity=tuple(fidelity),
        orientation=orientation_of(file, groups),
        positions_mm=positions_of(file, groups, layout.frames),
        exposure=exposure_of(file),
        value_unit="" if _is_colour(layout) else presentation.value_unit_of(file, groups),
        intensity_sign=None if _is_colour(layout) else presentation.intensity_sign_of(file),
    )


def _is_colour(layout: PixelLayout) -> bool:
    return layout.samples == 3 or layout.photometric == "PALETTE COLOR"


def _bits(first: npt.NDArray[Any], layout: PixelLayout) -> int:
    """Bits that count; what a codestream holds beyond the declared ones is kept."""
    if _is_colour(layout) or layout.allocated <= 8:
        return min(8, layout.stored)
    if not layout.signed and int(first.max()) >= 2**layout.stored:
        return 16
    return min(layout.stored, 16)


def _packing(file: DicomFile, layout: PixelLayout) -> _Packing | None:
    """None where 16 bits hold every value; else over all frames, looked at one by one."""
    if layout.allocated <= 16 or _is_colour(layout):
        return None
    if layout.stored <= 16 and file.pixels and file.pixels.keyword == "PixelData":
        return None
    low, high = np.inf, -np.inf
    whole = True
    for index in range(layout.frames):
        frame = decode_frame(file, layout, index)
        values = _finite(frame)
        values = values[np.isfinite(frame)]  # the infinite end up at the range's ends
        if values.size:
            low, high = min(low, float(values.min())), max(high, float(values.max()))
        whole = whole and frame.dtype.kind in "iu"
    if low > high:  # not one number in all the frames
        low = high = 0.0
    exact = whole and high - low <= _STEPS
    return _Packing(low, 1.0 if exact else (high - low) / _STEPS or 1.0)


def _finite(frame: npt.NDArray[Any]) -> npt.NDArray[np.float64]:
    """Values as float64, what is no number as 0 and what no detector measures cut off."""
    values = np.nan_to_num(frame.astype(np.float64), nan=0.0)
    return np.clip(values, -presentation.LARGEST, presentation.LARGEST, out=values)


def _unpacked(rescale: Rescale, packing: _Packing) -> tuple[float, float]:
    assert not isinstance(rescale, Lut)
    slope, intercept = rescale
    return slope * packing.step, intercept + slope * packing.low
