"""Where an image stands among the patient's studies: its neighbours and its prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stentviewer.app.hanging import Content, contents_of, find_prior, first_of
from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence

if TYPE_CHECKING:
    from stentviewer.library.records import StudyRecord, StudyRow
    from stentviewer.library.repository import Library


@dataclass(frozen=True, slots=True)
class Place:
    """The study that is shown, its neighbours in time and what to compare it with."""

    study_id: int
    patient: int
    prior: Content | None
    previous_study: int | None
    next_study: int | None


def study_id_of(library: Library, image_id: int) -> int:
    """The study an image belongs to. Raises KnownError where it has been taken off the list."""
    found = library.study_of(image_id)
    if found is None:
        raise KnownError(
            sentence("This image is no longer in the library. Open its file again to see it.")
        )
    return found


def place_of(library: Library, image_id: int) -> Place | None:
    """None for an image that is no longer on the worklist."""
    study_id = library.study_of(image_id)
    row = None if study_id is None else library.study_row(study_id)
    if study_id is None or row is None:
        return None
    by_time = _by_time(library, row)
    at = by_time.index(study_id)
    prior = find_prior(library, row)
    return Place(
        study_id,
        row.patient,
        first_of(prior) if prior is not None else None,
        by_time[at - 1] if at > 0 else None,
        by_time[at + 1] if at + 1 < len(by_time) else None,
    )


def neighbour(library: Library, image_id: int | None, by: int) -> Content | None:
    """The image `by` further on, past the study's end in the patient's next; None at the last.

    A volume counts as one. Without an image, the first of the worklist.
    """
    if image_id is None:
        rows = library.worklist()
        if not rows:
            return None
        return first_of(library.study(rows[0].study_id))
    study_id = study_id_of(library, image_id)
    study = library.study(study_id)
    shown = contents_of(study)
    at = next((i for i, one in enumerate(shown) if _holds(study, one, image_id)), 0)
    if 0 <= at + by < len(shown):
        return shown[at + by]
    row = library.study_row(study_id)
    by_time = _by_time(library, row) if row is not None else []
    other = by_time.index(study_id) + (1 if by > 0 else -1) if by_time else -1
    if not 0 <= other < len(by_time):
        return None
    beyond = contents_of(library.study(by_time[other]))
    return beyond[0 if by > 0 else -1] if beyond else None


def _by_time(library: Library, row: StudyRow) -> list[int]:
    rows = library.patient_studies(row.patient)
    return [one.study_id for one in sorted(rows, key=lambda r: (r.date, r.time, r.study_id))]


def _holds(study: StudyRecord, content: Content, image_id: int) -> bool:
    if content.series_id is None:
        return content.image_id == image_id
    return any(
        image.id == image_id
        for series in study.series
        if series.id == content.series_id
        for image in series.images
    )
