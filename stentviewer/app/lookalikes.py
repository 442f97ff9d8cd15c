"""Stents that a person has named and that look like one in question: to be compared by eye.

How alike two stents are is the cosine between the features that one model gives of them. It is
what that model finds alike, and says nothing of how sure it may be.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from stentviewer.app.comparison import Comparison, Kin, LookAlike, Scale
from stentviewer.app.feature_index import FeatureIndex, unit
from stentviewer.app.lookalike_crops import Cutter
from stentviewer.core.answers import OTHER_DESIGN, parts_of
from stentviewer.core.errors import StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Finding, FloatArray
from stentviewer.library import features
from stentviewer.library.features import Indexed

if TYPE_CHECKING:
    from stentviewer.app.session import Session
    from stentviewer.library.records import ReadingRecord

_GUESSES = 3  # makers that an unknown design is compared with, most probable first
_SEALED = sentence("The model's answer is sealed. Give yours first, then it is shown.")


def candidates(finding: Finding) -> tuple[str, ...]:
    """The makers that a stent is compared with: those not excluded; of an unknown the nearest.

    An unknown design is also compared with what readers have called another design.
    """
    if finding.unknown:
        guesses = (score.label for score in finding.scores[:_GUESSES])
        return tuple(dict.fromkeys((*guesses, OTHER_DESIGN)))
    return tuple(dict.fromkeys((finding.maker, *finding.prediction_set)))


def nearest(
    session: Session,
    record: ReadingRecord,
    number: int,
    per_maker: int = 3,
    index: FeatureIndex | None = None,
    context: JobContext | None = None,
) -> Comparison:
    """The verified stents most like finding `number` (from 1) of a reading, maker by maker.

    Each is of another patient; one of the same patient may stand beside them, marked as such.
    Nothing is told of a frame that is sealed to the reader. Raises LookupError for a finding that
    the reading does not have, KnownError where its own image cannot be opened, Cancelled.
    """
    found = record.reading.findings
    if not 0 < number <= len(found):
        raise LookupError(f"no finding {number}")
    asked, sealing = found[number - 1], session.sealing
    if sealing.hides(record.image_id, record.reading.frame):
        return Comparison(number, {}, {}, note=_SEALED)
    if asked.feature is None:
        return Comparison(number, {}, {}, note=_no_feature())
    index = index or FeatureIndex(session.library)
    rows, every = index.of(record.reading.model.sha256, sealing.sealed_to)
    whose = session.library.image(record.image_id).header.identity.patient_id.strip()
    makers = candidates(asked)
    ranked = _ranked(rows, every, asked.feature, makers, record.image_id)
    chosen = {maker: _apart(some, whose, per_maker) for maker, some in ranked.items()}
    waiting = waiting_frames(session, rows)
    counts = Counter(part for answer in waiting.values() for part in set(parts_of(answer)))
    return _cut(
        session, record, number, chosen, {maker: counts[maker] for maker in makers}, context
    )


def waiting_frames(session: Session, rows: Sequence[Indexed]) -> dict[tuple[int, int], str]:
    """The verified frames, with their answers, of which the model of `rows` keeps no feature."""
    sealed_to = session.sealing.sealed_to
    verified = session.library.ask(lambda now: features.verified(now, sealed_to))
    here = {(row.image_id, row.frame) for row in rows}
    return {at: answer for at, answer in verified.items() if at not in here}


_Ranked = list[tuple[Indexed, float]]


def _ranked(
    rows: Sequence[Indexed],
    every: FloatArray,
    feature: FloatArray,
    makers: Sequence[str],
    image_id: int,
) -> dict[str, _Ranked]:
    """Of each maker every stent of other images that a person named so, the most alike first."""
    found: dict[str, list[int]] = {maker: [] for maker in makers}
    if every.shape[1] != feature.size:
        return {maker: [] for maker in makers}
    for place, row in enumerate(rows):
        if row.answer in found and row.image_id != image_id:
            found[row.answer].append(place)
    alike = every @ unit(feature)

    def ranked(places: list[int]) -> _Ranked:
        order = np.argsort(-alike[places], kind="stable")
        return [(rows[places[i]], float(alike[places[i]])) for i in order]

    return {maker: ranked(places) for maker, places in found.items()}


def _apart(ranked: _Ranked, whose: str, wanted: int) -> list[tuple[Indexed, float, Kin]]:
    """The first of each patient: several pictures of one stent are no several look-alikes.

    One of the same patient is added where it comes before the last of the others.
    """
    seen: set[str] = set()
    chosen: list[tuple[Indexed, float, Kin]] = []
    others = 0
    for row, alike in ranked:
        if others == wanted:
            break
        patient = row.patient_id or f"image {row.image_id}"
        if patient in seen:
            continue
        seen.add(patient)
        kin = Kin.OTHER if row.patient_id and whose else Kin.NOT_KNOWN
        kin = Kin.SAME if whose and row.patient_id == whose else kin
        others += kin is not Kin.SAME
        chosen.append((row, alike, kin))
    return chosen


def _cut(
    session: Session,
    record: ReadingRecord,
    number: int,
    chosen: dict[str, list[tuple[Indexed, float, Kin]]],
    waiting: dict[str, int],
    context: JobContext | None,
) -> Comparison:
    """With the pictures: each image is opened once, and one that cannot be says why."""
    context = context or JobContext()
    total = 1 + sum(map(len, chosen.values()))
    context.step(0, total)
    reading = record.reading
    cutter = Cutter(session)
    cutter.ask(record.image_id, reading.frame, reading.findings[number - 1])
    done, trouble = 1, dict[int, str]()
    for row, _, _ in (one for some in chosen.values() for one in some):
        context.step(done, total)
        done += 1
        try:
            cutter.add(row.id, row.image_id, row.frame, _finding(session, row))
        except StentviewerError as error:
            trouble[row.id] = str(error)
    makers = {
        maker: tuple(
            made
            for one in some
            if (made := _look_alike(session, cutter, trouble, *one)) is not None
        )
        for maker, some in chosen.items()
    }
    own = cutter.own
    return Comparison(number, makers, waiting, cutter.own_crop(), own.kind, own.is_turned)


def _finding(session: Session, row: Indexed) -> Finding:
    records = session.library.readings(row.image_id, row.frame)
    reading = next(one.reading for one in records if one.id == row.reading_id)
    return reading.findings[row.number - 1]


def _look_alike(
    session: Session, cutter: Cutter, trouble: dict[int, str], row: Indexed, alike: float, kin: Kin
) -> LookAlike | None:
    label = session.library.label(row.image_id, row.frame)
    if label is None:  # taken back a moment ago
        return None
    crop, scale, is_turned = None, Scale.LENGTH, False
    if row.id not in trouble:
        crop, scale, is_turned = cutter.crop(row.id)
    return LookAlike(
        image_id=row.image_id,
        frame=row.frame,
        finding=row.number,
        similarity=alike,
        crop=crop,
        scale=scale,
        is_turned=is_turned,
        kin=kin,
        action=label.action,
        by=label.by,
        at=label.at,
        date=row.date,
        problem=trouble.get(row.id, ""),
    )


def _no_feature() -> str:
    return sentence(
        "This reading has nothing to compare stents by: it was made before that was kept, or by a "
        "model that does not give it. Press R to read the image again."
    )
