"""Verified images that the model in force has not read yet: read, so that they are look-alikes.

What a model finds alike is kept with its reading and can be had in no other way than by reading.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stentviewer.app.feature_index import FeatureIndex
from stentviewer.app.lookalikes import waiting_frames
from stentviewer.core.errors import StentviewerError, UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Problem

if TYPE_CHECKING:
    from stentviewer.app.session import Session


@dataclass(frozen=True, slots=True)
class ReadAgain:
    """How many frames were read, and why others could not be."""

    read: int
    problems: tuple[Problem, ...]


def read_again(
    session: Session, index: FeatureIndex | None = None, context: JobContext | None = None
) -> ReadAgain:
    """Read every verified frame of which the model in force keeps no feature.

    What was read until it is cancelled stays. Raises UserError where this model gives no features,
    KnownError or UserError where there is no model, Cancelled.
    """
    context = context or JobContext()
    index = index or FeatureIndex(session.library)
    rows, _ = index.of(session.model.sha256, session.sealing.sealed_to)
    frames = list(waiting_frames(session, rows))
    problems: list[Problem] = []
    done = 0
    for number, (image_id, frame) in enumerate(frames):
        context.step(number, len(frames))
        inside = JobContext(cancelled=context.cancelled)
        try:
            record = session.read(image_id, frame, inside)
        except StentviewerError as error:
            path = session.library.image(image_id).header.path
            problems.append(Problem(path, str(error)))
            continue
        findings = record.reading.findings if record is not None else ()
        if findings and all(one.feature is None for one in findings):
            raise UserError(
                sentence(
                    "The model {model} gives nothing to compare stents by, so reading again "
                    "would not help. Put a model in force that finds each stent on its own.",
                    model=session.model.short,
                )
            )
        done += 1
    context.step(len(frames), len(frames))
    return ReadAgain(done, tuple(problems))
