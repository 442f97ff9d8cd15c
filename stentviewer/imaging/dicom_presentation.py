"""How a DICOM file wants its pixels shown: rescale, windows, LUTs, spacing, timing.

Every value that contradicts the standard is left out rather than guessed at.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from stentviewer.core.sentences import sentence
from stentviewer.core.types import Spacing, SpacingKind
from stentviewer.imaging.dicom_file import DicomFile, element_value
from stentviewer.imaging.dicom_header import number, real, reals, text
from stentviewer.imaging.dicom_pixels import PixelLayout
from stentviewer.imaging.image import Lut, Rescale, Window, WindowFunction

_PROJECTION = frozenset(["CR", "DG", "DX", "GM", "IO", "MG", "PX", "RF", "RG", "XA", "XC"])
_CT = frozenset(  # CT, Enhanced CT, Legacy Converted Enhanced CT Image Storage
    f"1.2.840.10008.5.1.4.1.1.2{kind}" for kind in ("", ".1", ".2")
)
_FUNCTIONS: dict[str, WindowFunction] = {
    "LINEAR_EXACT": "LINEAR_EXACT",
    "SIGMOID": "SIGMOID",
}
_LONGEST_FRAME_MS = 60_000.0
LARGEST = 1e12  # beyond this no modality value, slope or window is meant, and float32 overflows
_LOSSY = {
    "1.2.840.10008.1.2.4.50": sentence("lossy JPEG"),
    "1.2.840.10008.1.2.4.51": sentence("lossy JPEG"),
    "1.2.840.10008.1.2.4.53": sentence("lossy JPEG"),
    "1.2.840.10008.1.2.4.55": sentence("lossy JPEG"),
    "1.2.840.10008.1.2.4.81": sentence("near-lossless JPEG-LS"),
}
_MAYBE_LOSSY = {
    "1.2.840.10008.1.2.4.91": "JPEG 2000",
    "1.2.840.10008.1.2.4.93": "JPEG 2000",
    "1.2.840.10008.1.2.4.203": "HTJ2K",
}


@dataclass(frozen=True, slots=True, eq=False)
class FunctionalGroups:
    """The functional groups of an enhanced multi-frame file (PS3.3 C.7.6.16): shared, by frame."""

    shared: Any
    frames: tuple[Any, ...]

    def macro(self, frame: int, keyword: str) -> Any:
        """The first item of a macro for one frame, else the shared one, else None."""
        own = _item(self.frames[frame], keyword) if frame < len(self.frames) else None
        return own if own is not None else _item(self.shared, keyword)


def functional_groups(file: DicomFile) -> FunctionalGroups:
    """The file's functional groups, empty where it is no enhanced one."""
    frames = element_value(file.dataset, "PerFrameFunctionalGroupsSequence")
    shared = _item(file.dataset, "SharedFunctionalGroupsSequence")
    return FunctionalGroups(shared, tuple(frames) if _is_sequence(frames) else ())


def _is_sequence(value: Any) -> bool:
    return hasattr(value, "__iter__") and all(hasattr(item, "get") for item in value)


def _item(dataset: Any, keyword: str) -> Any:
    items = element_value(dataset, keyword) if dataset is not None else None
    return items[0] if items is not None and _is_sequence(items) and len(items) else None


def windows_in(dataset: Any) -> tuple[Window, ...]:
    """The windows of a data set; pairs without a width that the function allows are left out."""
    if dataset is None:
        return ()
    centres, widths = reals(dataset, "WindowCenter"), reals(dataset, "WindowWidth")
    names = text(dataset, "WindowCenterWidthExplanation").split("\\")
    function = _FUNCTIONS.get(text(dataset, "VOILUTFunction"), "LINEAR")
    smallest = 1.0 if function == "LINEAR" else 1 / LARGEST
    return tuple(
        Window(centre, width, function, names[i] if i < len(names) else "")
        for i, (centre, width) in enumerate(zip(centres, widths, strict=False))
        if smallest <= width <= LARGEST and abs(centre) <= LARGEST
    )


def frame_windows(groups: FunctionalGroups, frames: int) -> tuple[tuple[Window, ...], ...]:
    """Windows frame by frame, empty where the functional groups state none."""
    found = tuple(windows_in(groups.macro(i, "FrameVOILUTSequence")) for i in range(frames))
    return found if any(found) else ()


def frame_rescale(groups: FunctionalGroups, frames: int) -> tuple[tuple[float, float], ...]:
    """(slope, intercept) frame by frame, empty where the functional groups state none."""
    keyword = "PixelValueTransformationSequence"
    items = [groups.macro(i, keyword) for i in range(frames)]
    if all(item is None for item in items):
        return ()
    return tuple(_slope_and_intercept(item) or (1.0, 0.0) for item in items)


def _slope_and_intercept(dataset: Any) -> tuple[float, float] | None:
    slope = real(dataset, "RescaleSlope") if dataset is not None else None
    intercept = (real(dataset, "RescaleIntercept") or 0.0) if dataset is not None else 0.0
    if not slope or not 1 / LARGEST <= abs(slope) <= LARGEST or abs(intercept) > LARGEST:
        return None  # a slope of 0 would make every pixel the same
    return slope, intercept


def rescale_of(file: DicomFile, layout: PixelLayout) -> Rescale:
    """The Modality LUT, or slope and intercept, or (1, 0) (PS3.3 C.11.1)."""
    item = _item(file.dataset, "ModalityLUTSequence")
    lut = lut_in(item, layout.signed) if item is not None else None
    return lut or _slope_and_intercept(file.dataset) or (1.0, 0.0)


def intensity_sign_of(file: DicomFile) -> int | None:
    """Pixel Intensity Relationship Sign (C.8.11.3.1.2): 1 or -1, None where it is not stated."""
    sign = number(file.dataset, "PixelIntensityRelationshipSign")
    return sign if sign in (1, -1) else None


def value_unit_of(file: DicomFile, groups: FunctionalGroups) -> str:
    """ "HU" where the modality values are Hounsfield units, else empty (C.11.1.1.2, C.8.2.1.1).

    A CT image's are where it does not say otherwise: an iodine map does, and a localiser, or a
    screenshot of another class, has none.
    """
    dataset = file.dataset
    of_frame = groups.macro(0, "PixelValueTransformationSequence")
    stated = text(dataset if of_frame is None else of_frame, "RescaleType")
    is_ct = text(dataset, "SOPClassUID") in _CT
    is_localiser = "LOCALIZER" in text(dataset, "ImageType").upper().split("\\")
    if stated.upper() == "HU" or (is_ct and not stated and not is_localiser):
        return "HU"
    return ""


def voi_lut_of(file: DicomFile, layout: PixelLayout, rescale: Rescale) -> Lut | None:
    """The first VOI LUT; its first input is signed where modality values may be negative."""
    item = _item(file.dataset, "VOILUTSequence")
    if item is None:
        return None
    negative = False
    if not isinstance(rescale, Lut):
        low = -(2 ** (layout.stored - 1)) if layout.signed else 0
        high = low + 2**layout.stored - 1
        negative = min(low * rescale[0], high * rescale[0]) + rescale[1] < 0
    return lut_in(item, negative)


def lut_in(item: Any, signed: bool) -> Lut | None:
    """Descriptor: count (0 is 65,536), first input, bits; data as 16-bit words or packed bytes."""
    descriptor = reals(item, "LUTDescriptor")
    if len(descriptor) != 3:
        return None
    count, first, bits = (int(part) & 0xFFFF for part in descriptor)
    count = count or 65536
    if signed and first >= 32768:
        first -= 65536
    values = _lut_data(item, count)
    if values is None or not 1 <= bits <= 16:
        return None
    return Lut(first, values.astype(np.float32), bits, text(item, "LUTExplanation"))


def _lut_data(item: Any, count: int) -> np.ndarray[Any, Any] | None:
    data = element_value(item, "LUTData")
    if data is None:
        return None
    if isinstance(data, bytes):
        little = not item.original_encoding or item.original_encoding[1] is not False
        words = len(data) >= 2 * count
        values = np.frombuffer(data, ("<u2" if little else ">u2") if words else np.uint8)
    else:
        try:
            values = np.atleast_1d(np.asarray(data, np.int64)) & 0xFFFF
        except (TypeError, ValueError, OverflowError):
            return None
        if len(values) < count <= 2 * len(values):  # two 8-bit entries in a word
            values = values.astype("<u2").view(np.uint8)
    return values[:count] if len(values) >= count else None


def spacing_of(file: DicomFile, groups: FunctionalGroups) -> Spacing:
    """Spacing and the plane it holds in (PS3.3 10.7.1.3).

    Calibrated (GEOMETRY, FIDUCIAL), or stated and different from the detector's: the patient.
    A projection's other spacings are the detector's; EstimatedRadiographicMagnificationFactor is
    a guess for a whole image and is not applied.
    """
    dataset = file.dataset
    frame_data = groups.macro(0, "XAXRFFramePixelDataPropertiesSequence") or groups.macro(
        0, "FramePixelDataPropertiesSequence"
    )
    detector = _pair(dataset, "ImagerPixelSpacing") or _pair(frame_data, "ImagerPixelSpacing")
    stated = _pair(dataset, "PixelSpacing") or _pair(
        groups.macro(0, "PixelMeasuresSequence"), "PixelSpacing"
    )
    film = _pair(dataset, "NominalScannedPixelSpacing")
    projection = detector is not None or text(dataset, "Modality") in _PROJECTION
    if stated is not None:
        calibrated = text(dataset, "PixelSpacingCalibrationType") in ("GEOMETRY", "FIDUCIAL")
        corrected = detector is not None and not np.allclose(stated, detector, rtol=1e-4)
        in_patient = calibrated or corrected or not (projection or film)
        return Spacing(SpacingKind.PATIENT if in_patient else SpacingKind.DETECTOR, stated)
    if detector is not None:
        return Spacing(SpacingKind.DETECTOR, detector)
    if film is not None:
        return Spacing(SpacingKind.DETECTOR, film)
    return Spacing()


def _pair(dataset: Any, keyword: str) -> tuple[float, float] | None:
    values = reals(dataset, keyword) if dataset is not None else []
    if len(values) != 2 or min(values) <= 1e-6 or max(values) > 1e3:
        return None
    return values[0], values[1]


def pixel_aspect_of(file: DicomFile, spacing: Spacing) -> float:
    """A pixel's height over its width, from the spacing or Pixel Aspect Ratio (C.7.6.3.1.7)."""
    if spacing.mm is not None:
        ratio = spacing.mm[0] / spacing.mm[1]
    else:
        pair = reals(file.dataset, "PixelAspectRatio")
        if len(pair) != 2 or min(pair) <= 0:
            return 1.0
        ratio = pair[0] / pair[1]
    return ratio if 0.05 <= ratio <= 20 else 1.0


def frame_time_of(file: DicomFile, frames: int) -> float | None:
    """Milliseconds from frame to frame, None where unknown (PS3.3 C.7.6.5, C.7.6.16.2.2.3)."""
    if frames < 2:
        return None
    vector = reals(file.dataset, "FrameTimeVector")[1:]
    times = [
        real(file.dataset, "FrameTime"),
        float(np.mean(vector)) if vector else None,
        _period(real(file.dataset, "RecommendedDisplayFrameRate")),
        _period(real(file.dataset, "CineRate")),
    ]
    return next((time for time in times if time and 1.0 <= time <= _LONGEST_FRAME_MS), None)


def _period(rate: float | None) -> float | None:
    return 1000.0 / rate if rate and rate > 0 else None


def padding_of(file: DicomFile, layout: PixelLayout) -> tuple[int, int] | None:
    """The range of stored values that mean "no pixel" (PS3.3 C.7.5.1.1.2)."""
    value = number(file.dataset, "PixelPaddingValue")
    if value is None:
        return None
    limit = number(file.dataset, "PixelPaddingRangeLimit")
    ends = sorted((value, value if limit is None else limit))
    if layout.signed:
        ends = sorted(end - 65536 if end >= 32768 else end for end in ends)
    return ends[0], ends[1]


def fidelity_of(file: DicomFile) -> tuple[str, ...]:
    """Why the pixels are not what the detector measured: lossy compression, by which method."""
    method = _LOSSY.get(file.syntax)
    declared = text(file.dataset, "LossyImageCompression") == "01"
    if method is None and declared:
        known = _MAYBE_LOSSY.get(file.syntax)
        method = (
            sentence("lossy {method}", method=known) if known else sentence("lossy compression")
        )
    if method is None and file.syntax in _MAYBE_LOSSY:
        method = sentence("{method}, possibly lossy", method=_MAYBE_LOSSY[file.syntax])
    if method is None:
        return ()
    ratio = real(file.dataset, "LossyImageCompressionRatio")
    if not ratio or ratio <= 1:
        return (method,)
    return (sentence("{method} {ratio:.0f}:1", method=method, ratio=ratio),)
