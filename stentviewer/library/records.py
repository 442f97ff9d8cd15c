"""What the library hands out: frozen copies of its rows, safe to pass between threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from stentviewer.core.types import ImageHeader, Label, Reading


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One indexed image. `label` is the newest label in force on any of its frames."""

    id: int
    header: ImageHeader
    sha256: str  # of the file's bytes: what makes two files the same image
    thumbnail: bytes  # PNG
    label: Label | None
    reading_count: int


@dataclass(frozen=True, slots=True)
class SeriesRecord:
    """A series; `uid` is empty for pictures, whose folder stands for study and series."""

    id: int
    uid: str
    number: int | None
    description: str
    modality: str
    images: tuple[ImageRecord, ...]


@dataclass(frozen=True, slots=True)
class StudyRecord:
    """A study. `modality` lists its series' modalities, joined by a comma."""

    id: int
    uid: str
    date: str
    description: str
    modality: str
    series: tuple[SeriesRecord, ...]


@dataclass(frozen=True, slots=True)
class PatientRecord:
    """A patient; every field is empty for pictures, which say nothing of whose they are."""

    id: int
    patient_id: str
    name: str
    name_ideographic: str
    birth_date: str
    sex: str
    studies: tuple[StudyRecord, ...]


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """A kept reading: what the model said, of which image, and who asked."""

    id: int
    image_id: int
    reading: Reading
    by: str


@dataclass(frozen=True, slots=True)
class Added:
    """What adding a file did. `notice` is a sentence the person should see, mostly empty."""

    record: ImageRecord
    is_new: bool
    notice: str = ""


@dataclass(frozen=True, slots=True)
class AuditEvent:
    """One row of the audit trail; `hash` seals it together with every row before it."""

    n: int
    at: datetime  # UTC
    by: str
    action: str  # "image added", "reading saved", "label accepted", "undo", …
    target: str  # "image 12, frame 1" (frames counted from 1, as on the screen)
    detail: str
    hash: str
