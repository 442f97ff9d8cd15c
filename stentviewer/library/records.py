"""What the library hands out: frozen copies of its rows, safe to pass between threads."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from stentviewer.core.types import ImageHeader, Label, Reading


@dataclass(frozen=True, slots=True)
class ImageRecord:
    """One indexed image. `label` is the newest label in force on any of its frames."""

    id: int
    header: ImageHeader
    sha256: str  # of the file's bytes: what makes two files the same image
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
    """A study. `modality` lists its series' modalities, joined by a comma.

    `patient` is the patient's row in the library, `time` HH:MM:SS or empty.
    """

    id: int
    uid: str
    date: str
    description: str
    modality: str
    series: tuple[SeriesRecord, ...]
    time: str
    patient: int


@dataclass(frozen=True, slots=True)
class StudyRow:
    """One line of the worklist.

    `patient` is the patient's row in the library; every field of the person is empty for
    pictures, which say nothing of whose they are. `images` counts those on the worklist, `unread`
    the radiographs among them that have neither a reading nor a label in force, `read` those with
    a reading, `waiting` those of them without a label in force, `answered` those with a label in
    force. `files` are the names of the images' files, of pictures that say nothing of whose they
    are; empty for others. `makers` are, frame by frame, the label in
    force, else those of the newest reading, "another design" among them. `disagree`: a label in
    force names other makers than the newest reading of its frame (core.answers); neither says that
    it cannot be told.
    """

    study_id: int
    patient: int
    patient_id: str
    name: str
    name_ideographic: str
    birth_date: str
    sex: str
    date: str  # ISO, empty where unknown
    time: str  # HH:MM:SS, empty where unknown
    description: str
    accession_number: str
    modalities: tuple[str, ...]
    body_parts: tuple[str, ...]
    series: int
    images: int
    unread: int
    read: int
    waiting: int
    answered: int
    disagree: bool
    makers: tuple[str, ...]
    files: tuple[str, ...]
    opened: str  # when it was last opened, ISO and UTC, so that text sorts by time; empty: never


@dataclass(frozen=True, slots=True)
class ReadingRecord:
    """A kept reading: what the model said, of which image, and who asked."""

    id: int
    image_id: int
    reading: Reading
    by: str


@dataclass(frozen=True, slots=True)
class TimelineEntry:
    """What is known of the stents on one frame.

    `makers` is one name a finding of the newest reading, most probable first, empty for a design
    that the model does not know; `label` the reader's answer in force or empty; `model` the short
    name of the one that read, empty where only the reader spoke. `at` is the later of the two.
    `is_refused`: the model read nothing, which is not "no stent".
    """

    image_id: int
    frame: int
    makers: tuple[str, ...]
    label: str
    model: str
    at: datetime  # UTC
    is_refused: bool = False


@dataclass(frozen=True, slots=True)
class TimelineStudy:
    """One examination of a patient, with what was read or said of its images."""

    study_id: int
    date: str
    time: str
    modality: str  # of its series, joined by a comma
    description: str
    images: tuple[int, ...]
    entries: tuple[TimelineEntry, ...]


@dataclass(frozen=True, slots=True)
class PresentationRecord:
    """A kept presentation state: where its file is, and which images (SOP UIDs) it is of."""

    id: int
    path: Path
    sha256: str
    sop_uid: str
    label: str
    images: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Added:
    """What adding a file did. `notice` is a sentence the person should see, mostly empty.

    An image that had been taken off the worklist and is back counts as new.
    """

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
