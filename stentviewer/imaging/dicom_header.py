"""Whose image a DICOM file is and how large, from its elements alone."""

from __future__ import annotations

import math
import re
from typing import Any

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Identity, ImageHeader
from stentviewer.imaging.dicom_file import DicomFile, element_value

_LONGEST_TEXT = 1024  # no value representation of an identity allows as much
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u200b-\u200f\u202a-\u202e\u2066-\u2069]+")


def header_of(file: DicomFile) -> ImageHeader:
    """The header of a file that holds an image.

    Raises KnownError where it holds none or hides it.
    """
    name = file.path.name
    if file.pixels is None:
        if file.value("EncryptedAttributesSequence") is not None:
            raise KnownError(
                sentence("“{name}” is encrypted. Ask for an export that is not.", name=name)
            )
        if len(file.dataset) == 0:
            raise KnownError(
                sentence(
                    "“{name}” is cut off or damaged: no DICOM element in it can be read. Copy or "
                    "export it again.",
                    name=name,
                )
            )
        raise KnownError(
            sentence(
                "“{name}” is a DICOM file without pixels ({kind}). Choose its images instead.",
                name=name,
                kind=_kind(file),
            )
        )
    rows, columns = number(file.dataset, "Rows"), number(file.dataset, "Columns")
    frames = number(file.dataset, "NumberOfFrames") or 1
    if not (rows and columns and 0 < rows < 65536 and 0 < columns < 65536 and 0 < frames < 2**31):
        raise KnownError(
            sentence(
                "“{name}” does not say how large its image is, so it cannot be shown. Export "
                "it again.",
                name=name,
            )
        )
    return ImageHeader(file.path, identity_of(file), rows, columns, frames, "DICOM", True)


def _kind(file: DicomFile) -> str:
    return text(file.dataset, "Modality") or sentence("no modality stated")


def identity_of(file: DicomFile) -> Identity:
    """Patient, study, series and image; what a file leaves out or garbles is empty."""
    dataset = file.dataset
    name, ideographic = _names(dataset)
    study_date = next(
        filter(
            None,
            (_date(dataset, f"{of}Date") for of in ("Study", "Series", "Acquisition", "Content")),
        ),
        "",
    )
    return Identity(
        patient_id=text(dataset, "PatientID"),
        patient_name=name,
        patient_name_ideographic=ideographic,
        birth_date=_date(dataset, "PatientBirthDate"),
        sex=text(dataset, "PatientSex"),
        study_uid=text(dataset, "StudyInstanceUID"),
        study_date=study_date,
        study_time=_time(dataset, "StudyTime"),
        study_description=text(dataset, "StudyDescription"),
        accession_number=text(dataset, "AccessionNumber"),
        series_uid=text(dataset, "SeriesInstanceUID"),
        series_number=number(dataset, "SeriesNumber"),
        series_description=text(dataset, "SeriesDescription"),
        modality=text(dataset, "Modality"),
        body_part=text(dataset, "BodyPartExamined"),
        sop_uid=text(dataset, "SOPInstanceUID"),
        instance_number=number(dataset, "InstanceNumber"),
    )


def text(dataset: Any, keyword: str) -> str:
    """A value as one line of text without control or direction marks, empty where absent."""
    value = element_value(dataset, keyword)
    if value is None or isinstance(value, bytes):
        return ""
    if not isinstance(value, str) and hasattr(value, "__iter__"):
        value = "\\".join(str(part) for part in value)
    return _clean(str(value))


def number(dataset: Any, keyword: str) -> int | None:
    """A value as a whole number that a 64-bit integer holds, None where it is none."""
    value = real(dataset, keyword)
    return int(value) if value is not None and abs(value) < 2**62 else None


def real(dataset: Any, keyword: str) -> float | None:
    """A single value, or the first of several, as a finite number; None where it is none."""
    numbers = reals(dataset, keyword)
    return numbers[0] if numbers else None


def reals(dataset: Any, keyword: str) -> list[float]:
    """A value's finite numbers; empty where any part of it is no number."""
    value = element_value(dataset, keyword)
    if value is None or isinstance(value, bytes):
        return []
    parts = [value] if isinstance(value, str | int | float) else value
    try:
        numbers = [float(part) for part in parts]
    except (TypeError, ValueError, OverflowError):
        return []
    return numbers if all(math.isfinite(part) for part in numbers) else []


def _names(dataset: Any) -> tuple[str, str]:
    """The alphabetic form and the native one: Hangul where the name has it, else ideographic.

    Korean names carry Hanja in the second component group and Hangul in the third (PS3.5 I.2).
    """
    value = element_value(dataset, "PatientName")
    if value is None:
        return "", ""
    try:
        alphabetic, ideographic = _clean(value.alphabetic), _clean(value.ideographic)
        phonetic = _clean(value.phonetic)
    except Exception:  # an encoding that pydicom does not know raises what it likes
        return _clean(str(value)) if isinstance(value, str) else "", ""
    is_hangul = any("가" <= letter <= "힣" for letter in phonetic)
    native = phonetic if is_hangul else ideographic
    return alphabetic or native, native


def _clean(value: str) -> str:
    return _CONTROL.sub(" ", value).strip()[:_LONGEST_TEXT]


def _date(dataset: Any, keyword: str) -> str:
    digits = text(dataset, keyword).replace(".", "").replace("-", "")
    if not re.fullmatch(r"[0-9]{8}", digits):
        return ""
    year, month, day = digits[:4], digits[4:6], digits[6:]
    return f"{year}-{month}-{day}" if "01" <= month <= "12" and "01" <= day <= "31" else ""


def _time(dataset: Any, keyword: str) -> str:
    digits = text(dataset, keyword).replace(":", "").split(".")[0]
    if not re.fullmatch(r"[0-9]{2}([0-9]{2}){0,2}", digits):
        return ""
    return ":".join((digits + "0000")[i : i + 2] for i in (0, 2, 4))
