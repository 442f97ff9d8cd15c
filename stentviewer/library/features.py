"""The features of findings, with what is known of each: what look-alikes are found by.

Features of different models cannot be compared, so every question names one model's hash. Of a
frame only that model's newest reading counts.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import sqlalchemy as sa

from stentviewer.core.answers import ANSWERS, CANNOT_TELL, NO_STENT, OTHER_DESIGN, parts_of
from stentviewer.core.types import FloatArray, LabelAction
from stentviewer.library import worklist
from stentviewer.library.schema import finding, image, label, patient, reading, series, study

_AT_ONCE = 500  # values in one question; SQLite takes 999 of old


class Indexed(NamedTuple):
    """One finding that carries a feature.

    `answer` is what a person says this very stent is, "" where nobody has or the answer cannot be
    told apart from that of another stent on the frame. `model_said` is the model's word for it,
    `OTHER_DESIGN` for an unknown. patient_id is empty for pictures, which say nothing of whose
    they are.
    """

    id: int  # of the finding's row
    reading_id: int
    number: int  # in the reading, from 1
    image_id: int
    frame: int
    patient_id: str
    date: str  # of the study, ISO, empty where unknown
    model_said: str
    answer: str


def stamp(connection: sa.Connection) -> tuple[object, ...]:
    """Changes whenever `indexed` may say something else; takes a millisecond."""
    newest = [sa.select(sa.func.max(table.c.id)).scalar_subquery() for table in (finding, label)]
    gone = sa.select(sa.func.count()).select_from(image).where(image.c.removed != "")
    return tuple(connection.execute(sa.select(*newest, gone.scalar_subquery())).one())


def indexed(connection: sa.Connection, model_sha256: str, sealed_to: str = "") -> list[Indexed]:
    """Every finding with a feature of this model on the worklist, in the order of its images.

    With `sealed_to`, a reader's name, only those on frames that this reader has answered.
    """
    labels = _labels(connection)
    own = worklist.answered(connection, sealed_to) if sealed_to else None
    rows = connection.execute(_findings(model_sha256)).all()
    newest: dict[tuple[int, int], int] = {}
    for _, reading_id, _, image_id, frame, *_ in rows:  # readings come in their order
        newest[image_id, frame] = reading_id
    found = []
    for key, reading_id, number, image_id, frame, said, whose, date in rows:
        at = image_id, frame
        if newest[at] != reading_id or (own is not None and at not in own):
            continue
        words = parts_of(said)
        answer, of_model = labels.get(at, ("", ""))
        found.append(
            Indexed(
                key, reading_id, number, image_id, frame, whose.strip(), date,
                words[number - 1] if number <= len(words) else "",
                _answer(answer, words, number, same_model=of_model == model_sha256),
            )
        )  # fmt: skip
    return found


def features(connection: sa.Connection, ids: Sequence[int]) -> dict[int, FloatArray]:
    """The features (C,) of these rows, by their ids."""
    found: dict[int, FloatArray] = {}
    for start in range(0, len(ids), _AT_ONCE):
        some = list(ids[start : start + _AT_ONCE])
        query = sa.select(finding.c.id, finding.c.feature).where(finding.c.id.in_(some))
        for key, kept in connection.execute(query):
            whole = kept[: len(kept) // 2 * 2]  # the check names a damaged one
            found[key] = np.frombuffer(whole, "<f2").astype(np.float32)
    return found


def verified(connection: sa.Connection, sealed_to: str = "") -> dict[tuple[int, int], str]:
    """The frames on the worklist whose label in force names a maker, and that label."""
    gone = set(connection.execute(sa.select(image.c.id).where(image.c.removed != "")).scalars())
    own = worklist.answered(connection, sealed_to) if sealed_to else None
    return {
        at: answer
        for at, (answer, _) in _labels(connection).items()
        if at[0] not in gone and (own is None or at in own) and set(parts_of(answer)) - {*ANSWERS}
    }


def _findings(model_sha256: str) -> sa.Select[Any]:
    columns = (
        finding.c.id, finding.c.reading_id, finding.c.number, reading.c.image_id,
        reading.c.frame, reading.c.answer, patient.c.patient_id, study.c.date,
    )  # fmt: skip
    return (
        sa.select(*columns)
        .select_from(finding.join(reading).join(image).join(series).join(study).join(patient))
        .where(reading.c.model_sha256 == model_sha256, image.c.removed == "")
        .where(finding.c.feature.is_not(None))
        .order_by(finding.c.reading_id, finding.c.number)
    )


def _labels(connection: sa.Connection) -> dict[tuple[int, int], tuple[str, str]]:
    """By frame the answer in force, and the hash of the model whose reading it answers."""
    newest = sa.select(sa.func.max(label.c.id)).group_by(label.c.image_id, label.c.frame)
    query = (
        sa.select(label.c.image_id, label.c.frame, label.c.maker, reading.c.model_sha256)
        .select_from(label.outerjoin(reading, label.c.reading_id == reading.c.id))
        .where(label.c.id.in_(newest), label.c.action != LabelAction.CLEAR.value)
    )
    rows = connection.execute(query)
    return {(image_id, frame): (maker, sha256 or "") for image_id, frame, maker, sha256 in rows}


def _answer(answer: str, said: Sequence[str], number: int, *, same_model: bool) -> str:
    """What a frame's answer says of one of its stents.

    Its parts are in the order of the findings of the reading that it answers; the same model finds
    the same again. A single answer for a frame with several stents is believed only of those that
    the model itself reads so: it does not say which stent was meant.
    """
    parts = parts_of(answer)
    if len(parts) == len(said) and (len(parts) == 1 or same_model):
        return parts[number - 1]
    if parts in ((CANNOT_TELL,), (NO_STENT,)):
        return parts[0]
    own = said[number - 1] if number <= len(said) else ""
    return own if own in parts and own != OTHER_DESIGN else ""
