"""What hangs where: rules as data that say which layout a study opens in, and what is in it.

`resources/hanging.json` holds the program's rules, `hanging.json` in the person's data folder
theirs, which come first. The first rule that fits the study is used.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field

from stentviewer.core.errors import KnownError
from stentviewer.core.own_file import UNUSABLE, why_unusable
from stentviewer.core.paths import data_dir, resources_dir
from stentviewer.core.sentences import sentence
from stentviewer.core.types import RADIOGRAPHS, Plane

if TYPE_CHECKING:
    from stentviewer.library.records import ImageRecord, SeriesRecord, StudyRecord, StudyRow
    from stentviewer.library.repository import Library

FILE_NAME = "hanging.json"
LayoutId = Literal["1x1", "1x2", "2x2", "2x4", "planes"]
CELLS: dict[LayoutId, int] = {"1x1": 1, "1x2": 2, "2x2": 4, "2x4": 8, "planes": 3}
_CELL = r"^(current|prior)(:(sagittal|coronal|[1-8]))?$"


@dataclass(frozen=True, slots=True)
class Content:
    """What one viewport shows: an image, or a plane of the volume that a series makes."""

    image_id: int  # of a volume, one of its images: the slice to begin with
    series_id: int | None = None  # given for a volume
    plane: Plane = Plane.AXIAL
    frame: int = 0  # of an image of several frames, or of a plane other than the axial one


class Rule(BaseModel):
    """One rule. Empty lists and None fit everything.

    A cell is "current" or "prior" (of the same patient, earlier, of the same modality and body
    part), with ":sagittal", ":coronal", or the number of an image of the study, from 1.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str
    modalities: tuple[str, ...] = ()
    body_parts: tuple[str, ...] = ()
    least_images: Annotated[int, Field(ge=1)] = 1
    prior: bool | None = None  # only where there is one, only where there is none
    stack: bool | None = None  # only where a series is a volume, only where none is
    layout: LayoutId
    cells: tuple[Annotated[str, Field(pattern=_CELL)], ...]
    linked: bool = False


class _Rules(BaseModel):
    model_config = ConfigDict(extra="forbid")

    rules: tuple[Rule, ...]


@dataclass(frozen=True, slots=True)
class Hanging:
    """A layout and what is in its viewports, in order; None leaves one empty."""

    rule: str
    layout: LayoutId
    cells: tuple[Content | None, ...]
    linked: bool


def load_rules(own: Path | None = None) -> tuple[tuple[Rule, ...], str]:
    """The person's rules, then the program's; and a sentence where theirs cannot be used."""
    usual = _read(resources_dir() / FILE_NAME)
    file = own or data_dir() / FILE_NAME
    if not file.exists():
        return usual, ""
    try:
        return _read(file) + usual, ""
    except UNUSABLE as error:
        return usual, sentence(
            "The hanging rules in “{name}” are not used ({what}). Correct the file or remove it; "
            "the program's own rules are in force.",
            name=file.name,
            what=why_unusable(error),
        )


def _read(file: Path) -> tuple[Rule, ...]:
    return _Rules.model_validate(json.loads(file.read_text(encoding="utf-8"))).rules


def hang_study(
    library: Library, study_id: int, rules: Sequence[Rule], image_id: int | None = None
) -> Hanging:
    """How a study is hung, this image of it as the current one where given.

    Raises KnownError for a study without images.
    """
    try:
        study = library.study(study_id)
    except LookupError as error:  # taken off the worklist meanwhile
        gone = sentence("There is no image left in this study. Open its files again.")
        raise KnownError(gone) from error
    images = _images(study)
    row = library.study_row(study_id)
    prior = find_prior(library, row) if row is not None else None
    stack = main_stack(study)
    modalities = {series.modality for series in study.series}
    parts = {image.header.identity.body_part.upper() for image in images}
    for rule in rules:
        if (
            _fits(rule.modalities, modalities)
            and _fits(rule.body_parts, parts)
            and len(images) >= rule.least_images
            and rule.prior in (None, prior is not None)
            and rule.stack in (None, stack is not None)
        ):
            names = rule.cells[: CELLS[rule.layout]]
            cells = tuple(_cell(name, study, prior, image_id) for name in names)
            return Hanging(rule.name, rule.layout, cells, rule.linked)
    return Hanging("", "1x1", (_cell("current", study, prior, image_id),), False)


def _fits(wanted: tuple[str, ...], found: Iterable[str]) -> bool:
    return not wanted or bool(set(wanted) & set(found))


def find_prior(library: Library, row: StudyRow) -> StudyRecord | None:
    """The newest earlier study of the patient that shows the same: modality and body part.

    Radiographs count as one modality. A body part that either study does not state fits any.
    """
    for other in sorted(
        library.patient_studies(row.patient), key=lambda one: (one.date, one.time), reverse=True
    ):
        earlier = (other.date, other.time, other.study_id) < (row.date, row.time, row.study_id)
        if other.study_id == row.study_id or not other.date or not earlier:
            continue
        if _kinds(other.modalities) & _kinds(row.modalities) and _same_part(other, row):
            return library.study(other.study_id)
    return None


def _kinds(modalities: Iterable[str]) -> set[str]:
    return {"radiograph" if one in RADIOGRAPHS else one for one in modalities}


def _same_part(one: StudyRow, other: StudyRow) -> bool:
    mine, theirs = ({part.upper() for part in row.body_parts if part} for row in (one, other))
    return not mine or not theirs or bool(mine & theirs)


def main_stack(study: StudyRecord) -> SeriesRecord | None:
    """The series of most slices that makes a volume; None where none does."""
    from stentviewer.app.open_series import is_stack

    stacks = [series for series in study.series if is_stack(series)]
    return max(stacks, key=lambda series: len(series.images), default=None)


def content_of(study: StudyRecord, image_id: int) -> Content:
    """An image as it is opened: within its volume where its series makes one."""
    from stentviewer.app.open_series import is_stack

    for series in study.series:
        if any(image.id == image_id for image in series.images) and is_stack(series):
            return Content(image_id, series.id)
    return Content(image_id)


def contents_of(study: StudyRecord) -> list[Content]:
    """What can be shown of a study, in order: every image, or once the volume of a series."""
    from stentviewer.app.open_series import is_stack

    found: list[Content] = []
    for series in study.series:
        if is_stack(series):
            found.append(Content(_middle(series).id, series.id))
        else:
            found += [Content(image.id) for image in series.images]
    return found


def first_of(study: StudyRecord) -> Content | None:
    """What a study is looked at for: its largest volume, else its first image."""
    stack = main_stack(study)
    if stack is not None:
        return Content(_middle(stack).id, stack.id)
    return next(iter(contents_of(study)), None)


def _cell(
    name: str, study: StudyRecord, prior: StudyRecord | None, image_id: int | None
) -> Content | None:
    whose, _, what = name.partition(":")
    wanted = study if whose == "current" else prior
    if wanted is None:
        return None
    if not what:
        if image_id is None or wanted is not study:
            return first_of(wanted)
        content = content_of(study, image_id)
        series = next((one for one in study.series if one.id == content.series_id), None)
        return content if series is None else Content(_middle(series).id, series.id)
    if what.isdecimal():
        contents, number = contents_of(wanted), int(what)
        return contents[number - 1] if number <= len(contents) else None
    stack = main_stack(wanted)
    return Content(_middle(stack).id, stack.id, Plane(what)) if stack is not None else None


def _middle(series: SeriesRecord) -> ImageRecord:
    return series.images[len(series.images) // 2]


def _images(study: StudyRecord) -> list[ImageRecord]:
    return [image for series in study.series for image in series.images]
