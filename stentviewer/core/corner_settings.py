"""What stands in the four corners of an image: a fixed vocabulary, and a person's choice of it."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict

from stentviewer.core.declared import Shown
from stentviewer.core.sentences import Sentence, sentence

CornerField = Literal[
    "patient_name",
    "patient_id",
    "birth_date",
    "sex",
    "age",
    "accession_number",
    "study_date",
    "study_time",
    "study_description",
    "modality",
    "body_part",
    "series_number",
    "series_description",
    "image_number",
    "frame",
    "slice_position",
    "size",
    "window",
    "zoom",
    "filter",
    "spacing",
    "exposure",
]
IDENTITY_FIELDS = frozenset(["patient_name", "patient_id", "birth_date", "accession_number"])

CORNER_WORDS: dict[str, Sentence] = {
    "patient_name": sentence("Name"),
    "patient_id": sentence("Patient ID"),
    "birth_date": sentence("Date of birth"),
    "sex": sentence("Sex"),
    "age": sentence("Age at the study"),
    "accession_number": sentence("Accession number"),
    "study_date": sentence("Study date"),
    "study_time": sentence("Study time"),
    "study_description": sentence("Study description"),
    "modality": sentence("Modality"),
    "body_part": sentence("Body part"),
    "series_number": sentence("Series number"),
    "series_description": sentence("Series description"),
    "image_number": sentence("Image number"),
    "frame": sentence("Frame and how many"),
    "slice_position": sentence("Slice position"),
    "size": sentence("Columns and rows"),
    "window": sentence("Window and level"),
    "zoom": sentence("Zoom"),
    "filter": sentence("Display filter"),
    "spacing": sentence("Pixel spacing"),
    "exposure": sentence("kVp and mAs"),
}
CORNERS = sentence("Corner texts")
_HELP = sentence("Said where the image knows it. F2 hides and shows the corners.")


class CornerSettings(BaseModel):
    """The fields of each corner, in the order of the vocabulary."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    corner_upper_left: Annotated[
        tuple[CornerField, ...],
        Shown(CORNERS, sentence("Upper left corner"), _HELP, CORNER_WORDS),
    ] = ("patient_name", "patient_id", "birth_date", "sex", "age")
    corner_upper_right: Annotated[
        tuple[CornerField, ...],
        Shown(CORNERS, sentence("Upper right corner"), _HELP, CORNER_WORDS),
    ] = ("study_date", "study_time", "modality", "body_part", "series_description")
    corner_lower_left: Annotated[
        tuple[CornerField, ...],
        Shown(CORNERS, sentence("Lower left corner"), _HELP, CORNER_WORDS),
    ] = ("slice_position",)
    corner_lower_right: Annotated[
        tuple[CornerField, ...],
        Shown(CORNERS, sentence("Lower right corner"), _HELP, CORNER_WORDS),
    ] = ("frame", "filter", "exposure")
