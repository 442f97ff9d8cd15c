"""A stent in question and the verified ones that look like it, as they are shown side by side."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import LabelAction, SpacingKind

Crop = npt.NDArray[np.uint8]  # (rows, columns), the stent upright


class Scale(StrEnum):
    """What the size of a stent beside the one in question means."""

    MM = "same scale in mm"
    MIXED = "mm at the detector beside mm in the patient"  # larger at the detector than it is
    LENGTH = "drawn equally long"  # one of the two images has no spacing


class Kin(StrEnum):
    """Whose stent a look-alike is."""

    OTHER = "another patient"
    SAME = "the same patient"  # may be the very same stent, so it says nothing more
    NOT_KNOWN = "not known whose"


@dataclass(frozen=True, slots=True, eq=False)
class LookAlike:
    """One verified stent; `crop` is uint8, turned upright where its axis is known.

    `finding` is its number in its reading, from 1. `problem` is a sentence in place of the crop
    where its image cannot be opened.
    """

    image_id: int
    frame: int
    finding: int
    similarity: float  # -1…1
    crop: Crop | None
    scale: Scale
    is_turned: bool
    kin: Kin
    action: LabelAction
    by: str
    at: datetime  # UTC
    date: str  # of the study, ISO, empty where unknown
    problem: str = ""


@dataclass(frozen=True, slots=True, eq=False)
class Comparison:
    """The stent in question, and the nearest verified ones of each maker that it may be of.

    `waiting` are the verified frames of each maker that this model has not read yet, so that they
    cannot be among them. `note` is a sentence where nothing can be compared.
    """

    number: int
    makers: dict[str, tuple[LookAlike, ...]]
    waiting: dict[str, int]
    crop: Crop | None = None
    spacing: SpacingKind = SpacingKind.NONE
    is_turned: bool = False
    note: str = ""
