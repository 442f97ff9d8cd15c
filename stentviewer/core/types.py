"""What the rooms of the house pass to each other: small frozen records, no behaviour of their own.

Boxes are fractions of the image's width and height, (x0, y0) the upper left corner. Arrays are
(rows, columns).
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from pathlib import Path

import numpy as np
import numpy.typing as npt

FloatArray = npt.NDArray[np.float32]

# Modalities (DICOM PS3.3 C.7.3.1.1.1) that a stent is read on; "" is a picture without DICOM.
RADIOGRAPHS = frozenset({"XA", "RF", "CR", "DX", "DR", "RG", "OT", "SC", ""})


@dataclass(frozen=True, slots=True)
class Box:
    """A rectangle in fractions of the image's width (x) and height (y); may reach outside 0…1."""

    x0: float
    y0: float
    x1: float
    y1: float

    def as_list(self) -> list[float]:
        """[x0, y0, x1, y1], rounded to 1e-4 (a tenth of a pixel in a 1,000-pixel image)."""
        return [round(v, 4) for v in (self.x0, self.y0, self.x1, self.y1)]


class SpacingKind(StrEnum):
    """Where a pixel spacing holds (DICOM PS3.3, 10.7.1.3)."""

    PATIENT = "patient"
    DETECTOR = "detector plane"
    CALIBRATED = "calibrated"  # by a known length that a reader drew
    NONE = "px"


@dataclass(frozen=True, slots=True)
class Spacing:
    """Pixel spacing as (row, column) distance in mm; `mm` is None where the file states none."""

    kind: SpacingKind = SpacingKind.NONE
    mm: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class Identity:
    """Whose image this is and where it belongs (DICOM patient, study, series, image).

    Dates are ISO (2026-11-20), times HH:MM:SS, both empty where unknown. Names are shown as DICOM
    writes them, the native form (Hangul, else ideographic) kept apart.
    """

    patient_id: str = ""
    patient_name: str = ""
    patient_name_ideographic: str = ""
    birth_date: str = ""
    sex: str = ""
    study_uid: str = ""
    study_date: str = ""
    study_time: str = ""
    study_description: str = ""
    accession_number: str = ""
    series_uid: str = ""
    series_number: int | None = None
    series_description: str = ""
    modality: str = ""
    body_part: str = ""
    sop_uid: str = ""
    instance_number: int | None = None


@dataclass(frozen=True, slots=True)
class ImageHeader:
    """What the library indexes: read without decoding pixels."""

    path: Path
    identity: Identity
    rows: int
    columns: int
    frames: int
    format: str  # "DICOM", "PNG", "JPEG", "TIFF"
    has_dicom_truth: bool  # False for pictures: no spacing, no modality values, 8 bits


@dataclass(frozen=True, slots=True)
class Problem:
    """One input that could not be used, and the sentence that says why and what to do.

    A notice is about what nobody asked for by name: files beside the images of a folder.
    """

    path: Path
    message: str
    is_notice: bool = False


@dataclass(frozen=True, slots=True)
class ClassScore:
    """One class and its calibrated probability, 0…1."""

    label: str
    probability: float


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Where the model looked: (rows, columns) float32 in 0…1 over `extent`.

    The extent is in image fractions and reaches outside 0…1 where the network's input was padded,
    so a map is never resampled before it is drawn.
    """

    values: FloatArray
    extent: Box
    method: str  # "Grad-CAM", "Attention rollout", …


@dataclass(frozen=True, slots=True)
class Finding:
    """One stent as the model reads it.

    `outline` has the corners of the box along the stent's axis, (x, y) in image fractions, in
    order around it, the first two at one end; empty where the model gives no axis. `presence` is
    the probability that a stent is there at all. `distance` is how far this stent lies from the
    nearest known design, 1 at the model's threshold; None where the model cannot say. `feature`
    (C,) is what the look-alikes are found by.
    """

    maker: str
    probability: float
    scores: tuple[ClassScore, ...]  # every class, most probable first
    prediction_set: tuple[str, ...]  # makers that are not excluded, most probable first
    unknown: bool  # no maker stands out, or a design that the model does not know
    box: Box | None
    outline: tuple[tuple[float, float], ...] = ()
    presence: float = 1.0
    distance: float | None = None
    heat: HeatMap | None = field(default=None, compare=False)
    feature: FloatArray | None = field(default=None, compare=False, repr=False)


@dataclass(frozen=True, slots=True)
class ModelRef:
    """Which model said it: its id and the SHA-256 over the bundle's files."""

    id: str
    sha256: str
    name: str = ""
    version: str = ""

    @property
    def short(self) -> str:
        """The id with the first eight digits of the hash, as it stands on the screen."""
        return f"{self.id}-{self.sha256[:8]}"


@dataclass(frozen=True, slots=True)
class Reading:
    """What one model said of one frame of one image.

    `heat` holds the heat of all findings. `refusal` is a sentence where the image is none that the
    model can read; there are no findings then, and that is not "no stent".
    """

    task: str
    model: ModelRef
    frame: int  # zero-based
    findings: tuple[Finding, ...]
    heat: HeatMap | None
    seconds: dict[str, float]  # stage → seconds: "prepare", "network", "explain", "total"
    device: str  # "onnxruntime · CPU", "torch · CUDA …"
    created: datetime  # UTC
    notes: tuple[str, ...] = field(default=())  # sentences the reader has to see
    refusal: str = ""


class LabelAction(StrEnum):
    """How a label came to be."""

    ACCEPT = "accepted"
    CORRECT = "corrected"
    CLEAR = "cleared"
    COMMIT = "committed"  # before the model's answer was shown: sealed reading


@dataclass(frozen=True, slots=True)
class Label:
    """What a person says is in one frame; the latest of its history is in force."""

    image_id: int
    frame: int
    maker: str  # empty when cleared
    action: LabelAction
    by: str
    at: datetime  # UTC
    reading_id: int | None  # the reading it answers
    model_said: str  # the model's word at that moment, empty without a reading


class Plane(StrEnum):
    """Which way a volume is cut; an image that is no volume's is in its own plane."""

    AXIAL = ""  # as acquired
    SAGITTAL = "sagittal"
    CORONAL = "coronal"


@dataclass(frozen=True, slots=True)
class Target:
    """What a label or measurement is on: a frame of an image, or a reformat of its series.

    A reformat counts as of the series' first image; `frame` is then the cut's index.
    """

    image_id: int
    frame: int = 0
    plane: Plane = Plane.AXIAL


class MeasurementKind(StrEnum):
    """What a reader drew."""

    LENGTH = "length"
    ANGLE = "angle"
    ELLIPSE = "ellipse"
    RECTANGLE = "rectangle"
    POLYGON = "polygon"
    FREEHAND = "freehand"
    PROBE = "probe"
    STENT = "stent"
    CALIBRATION = "calibration"


@dataclass(frozen=True, slots=True)
class Measurement:
    """What a reader drew on one picture; its numbers are computed from it, never kept.

    `points` are (column, row) in continuous image coordinates, a pixel covering a unit square:
    2 ends of a length or calibration; an angle's end, vertex, end; 2 opposite corners of an
    ellipse's or rectangle's frame; a polygon's or freehand line's corners; a probe's point; a
    stent's centre line. `widths` are the stent's diameters at these points, in columns. `mm` is
    the known length of a calibration.
    """

    id: str  # unique in the library, a random UUID's hex
    target: Target
    kind: MeasurementKind
    points: tuple[tuple[float, float], ...]
    by: str
    at: datetime  # UTC
    widths: tuple[float, ...] = ()
    mm: float | None = None
    note: str = ""
