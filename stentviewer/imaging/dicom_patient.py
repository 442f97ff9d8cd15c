"""Where the patient is in a DICOM image: which way it faces, where it was cut, how it was exposed.

Values that contradict the standard are left out: no letter on the screen is better than a wrong
one.
"""

from __future__ import annotations

import math
import re

from stentviewer.imaging.dicom_file import DicomFile
from stentviewer.imaging.dicom_header import real, reals, text
from stentviewer.imaging.dicom_presentation import FunctionalGroups
from stentviewer.imaging.geometry import Vector, cross, dot, letters_of, square_axes

_LARGEST_MM = 1e6
_SPELLING = re.compile(r"[ALRPHF]{1,3}")


def orientation_of(file: DicomFile, groups: FunctionalGroups) -> tuple[str, ...]:
    """Where columns and rows run to, as ("L", "F"); empty where the file does not say.

    Patient Orientation (PS3.3 C.7.6.1.1.1) where it is sound, else Image Orientation (C.7.6.2).
    """
    said = tuple(text(file.dataset, "PatientOrientation").upper().split("\\"))
    if len(said) == 2 and all(_is_sound(letters) for letters in said):
        return said
    axes = _axes(file, groups)
    return () if axes is None else (letters_of(axes[0]), letters_of(axes[1]))


def _is_sound(letters: str) -> bool:
    axes = ["LR", "PA", "HF"]
    apart = all(len(set(axis) & set(letters)) < 2 for axis in axes)
    return bool(_SPELLING.fullmatch(letters)) and apart and len(set(letters)) == len(letters)


def positions_of(file: DicomFile, groups: FunctionalGroups, frames: int) -> tuple[float, ...]:
    """Where each frame lies along the normal, mm (LPS); empty where one of them does not say."""
    axes = _axes(file, groups)
    if axes is None:
        return ()
    normal = cross(axes[0], axes[1])
    own = reals(file.dataset, "ImagePositionPatient")
    found: list[float] = []
    for frame in range(frames):
        item = groups.macro(frame, "PlanePositionSequence")
        point = reals(item, "ImagePositionPatient") if item is not None else own
        if len(point) != 3 or max(abs(part) for part in point) > _LARGEST_MM:
            return ()
        found.append(dot(normal, (point[0], point[1], point[2])))
        if item is None and frames > 1:
            return ()  # one position for many frames says nothing of each
    return tuple(found)


def _axes(file: DicomFile, groups: FunctionalGroups) -> tuple[Vector, Vector] | None:
    """The directions of rows and columns, unit vectors in LPS."""
    item = groups.macro(0, "PlaneOrientationSequence")
    cosines = reals(item, "ImageOrientationPatient") if item is not None else []
    return square_axes(cosines or reals(file.dataset, "ImageOrientationPatient"))


def exposure_of(file: DicomFile) -> tuple[float | None, float | None]:
    """The tube's kVp and mAs, None where unknown (PS3.3 C.8.7.1, C.8.15.3.8)."""
    micro = _positive(file, "ExposureInuAs")
    current, time = _positive(file, "XRayTubeCurrent"), _positive(file, "ExposureTime")
    ways = (
        micro / 1000 if micro else None,
        _positive(file, "Exposure"),
        current * time / 1000 if current and time else None,  # mA and ms
    )
    return _positive(file, "KVP"), next((mas for mas in ways if mas), None)


def _positive(file: DicomFile, keyword: str) -> float | None:
    value = real(file.dataset, keyword)
    return value if value and 0 < value < 1e6 and math.isfinite(value) else None
