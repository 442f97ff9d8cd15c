"""Where an image stands among the patient's studies: the studies around its own and the prior."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stentviewer.app.hanging import Content, find_prior, first_of
from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence

if TYPE_CHECKING:
    from stentviewer.library.records import StudyRow
    from stentviewer.library.repository import Library


@dataclass(frozen=True, slots=True)
class Place:
    """The study that is shown, its neighbours in time and what to compare it with."""

    study_id: int
    patient: int
    prior: Content | None
    previous_study: int | None
    next_study: int | None


def no_longer_here() -> KnownError:
    """What is said of an image that has been taken off the worklist, or never was on it."""
    return KnownError(
        sentence("This image is no longer in the library. Open its file again to see it.")
    )


def study_id_of(library: Library, image_id: int) -> int:
    """The study an image belongs to. Raises KnownError where it has been taken off the list."""
    found = library.study_of(image_id)
    if found is None:
        raise no_longer_here()
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


def _by_time(library: Library, row: StudyRow) -> list[int]:
    rows = library.patient_studies(row.patient)
    return [one.study_id for one in sorted(rows, key=lambda r: (r.date, r.time, r.study_id))]
