"""Stents that were read as unknown and look like one design: what a new class could be made of."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from stentviewer.app.feature_index import FeatureIndex
from stentviewer.core.answers import CANNOT_TELL, OTHER_DESIGN
from stentviewer.core.types import FloatArray
from stentviewer.library import features
from stentviewer.library.features import Indexed
from stentviewer.library.labelled import LabelledFrame

if TYPE_CHECKING:
    from stentviewer.app.session import Session
    from stentviewer.core.jobs import JobContext
    from stentviewer.learning.gathered import Gathered

ALIKE: Final = 0.9  # the least cosine of two features that count as one design
FEWEST: Final = 5  # images that make a group worth a word
_OPEN = ("", OTHER_DESIGN, CANNOT_TELL)  # answers that do not name a known maker


@dataclass(frozen=True, slots=True)
class UnknownGroup:
    """Images whose stents were read as unknown and look alike; `patients` that are known apart.

    Pictures that do not say whose they are count as a patient each.
    """

    frames: tuple[tuple[int, int], ...]  # (image, frame)
    patients: int


def unknown_groups(session: Session, index: FeatureIndex | None = None) -> tuple[UnknownGroup, ...]:
    """Groups of at least `FEWEST` images, the largest first; by the model that reads here.

    Single-link: a stent belongs to a group where its feature's cosine with that of any stent of
    the group is `ALIKE` or more. Stents that a person has named, or said not to be there, are in
    none; nor are frames that are sealed to the reader. Raises as `Session.model`.
    """
    index = index or FeatureIndex(session.library)
    sealed_to = session.sealing.sealed_to
    rows, every = index.of(session.model.sha256, sealed_to)
    named = session.library.ask(lambda now: features.verified(now, sealed_to))
    at = [place for place, row in enumerate(rows) if _is_open(row, named)]
    groups = [
        _group([rows[at[place]] for place in np.flatnonzero(parts == number)])
        for parts in [_linked(every[at])]
        for number in range(parts.max(initial=-1) + 1)
    ]
    kept = [group for group in groups if len(group.frames) >= FEWEST]
    return tuple(sorted(kept, key=lambda group: -len(group.frames)))


def images_of(session: Session, group: UnknownGroup, name: str, context: JobContext) -> Gathered:
    """The group's images to learn a design of this name from, patients by pseudonym.

    A file that is gone or has changed since becomes a Problem.
    """
    from stentviewer.app.training_data import gathered

    records = [(session.library.image(image_id), frame) for image_id, frame in group.frames]
    frames = [
        LabelledFrame(one.header.path, one.sha256, frame, name, one.header.identity.patient_id)
        for one, frame in records
    ]
    return gathered(frames, context)


def _is_open(row: Indexed, named: dict[tuple[int, int], str]) -> bool:
    if row.model_said != OTHER_DESIGN or row.answer not in _OPEN:
        return False
    return bool(row.answer) or (row.image_id, row.frame) not in named


def _group(rows: list[Indexed]) -> UnknownGroup:
    frames = dict.fromkeys((row.image_id, row.frame) for row in rows)
    patients = {row.patient_id or f"image {row.image_id}" for row in rows}
    return UnknownGroup(tuple(frames), len(patients))


def _linked(vectors: FloatArray) -> npt.NDArray[np.intp]:
    """The number of the group that each unit vector (n, C) is in, from 0."""
    groups = np.full(len(vectors), -1, np.intp)
    number = 0
    for first in range(len(vectors)):
        if groups[first] >= 0:
            continue
        groups[first], reached = number, [first]
        while reached:
            alike = vectors @ vectors[reached.pop()] >= ALIKE
            new = np.flatnonzero(alike & (groups < 0))
            groups[new] = number
            reached.extend(new.tolist())
        number += 1
    return groups
