"""The worklist's lines: a few grouped queries, whatever the number of studies."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import sqlalchemy as sa

from stentviewer.core.answers import CANNOT_TELL, NO_STENT
from stentviewer.core.types import LabelAction
from stentviewer.library.records import StudyRow
from stentviewer.library.schema import image, label, patient, reading, series, study

# What a stent's maker is read on: projections, and pictures, which do not say what they are.
RADIOGRAPHS = frozenset({"XA", "RF", "CR", "DX", "DR", "RG", "OT", "SC", ""})

Scope = sa.ColumnElement[bool]  # a condition on patients and studies


@dataclass(slots=True)
class _Seen:
    """What is gathered of one study."""

    modalities: dict[str, None] = field(default_factory=dict)
    body_parts: dict[str, None] = field(default_factory=dict)
    series: int = 0
    images: int = 0
    radiographs: int = 0
    settled: set[int] = field(default_factory=set)  # radiographs with a reading or label
    read: set[int] = field(default_factory=set)
    answered: set[int] = field(default_factory=set)
    named: dict[tuple[int, int], str] = field(default_factory=dict)  # frame → the model's word
    said: dict[tuple[int, int], str] = field(default_factory=dict)  # frame → the reader's


def rows(connection: sa.Connection, scope: Scope | None = None) -> list[StudyRow]:
    """The studies in `scope` that have an image on the worklist, newest first."""
    seen = _gather(connection, scope)
    query = _within(sa.select(*_SHOWN), scope).where(study.c.patient_id == patient.c.id)
    newest_first = (study.c.date.desc(), study.c.time.desc(), study.c.id.desc())
    return [
        _row(row, seen[row.study_id])
        for row in connection.execute(query.order_by(*newest_first))
        if row.study_id in seen
    ]


_SHOWN = (
    study.c.id.label("study_id"),
    study.c.patient_id.label("patient"),
    *(patient.c[name] for name in ("patient_id", "name", "name_ideographic", "birth_date", "sex")),
    *(study.c[name] for name in ("date", "time", "description", "accession_number", "opened")),
)


def _row(row: sa.Row[Any], seen: _Seen) -> StudyRow:
    answers = seen.named | seen.said
    stents = [answers[f] for f in sorted(answers) if answers[f] not in (NO_STENT, CANNOT_TELL)]
    return StudyRow(
        **row._mapping,
        modalities=tuple(seen.modalities),
        body_parts=tuple(seen.body_parts),
        series=seen.series,
        images=seen.images,
        unread=seen.radiographs - len(seen.settled),
        read=len(seen.read),
        answered=len(seen.answered),
        disagree=any(
            seen.named.get(frame, said) != said and said != CANNOT_TELL
            for frame, said in seen.said.items()
        ),
        makers=tuple(dict.fromkeys(stents)),
    )


def _gather(connection: sa.Connection, scope: Scope | None) -> dict[int, _Seen]:
    """For every study with an image on the worklist what its row counts."""
    of_series = {
        row.id: row
        for row in connection.execute(
            _within(
                sa.select(series.c.id, series.c.study_id, series.c.modality), scope, series
            ).order_by(series.c.number, series.c.id)
        )
    }
    images: dict[int, list[tuple[str, int]]] = defaultdict(list)
    counting = sa.select(image.c.series_id, image.c.body_part, sa.func.count())
    for series_id, body_part, count in connection.execute(
        _within(counting, scope, image)
        .where(image.c.removed == "")
        .group_by(image.c.series_id, image.c.body_part)
    ):
        images[series_id].append((body_part, count))
    seen: dict[int, _Seen] = defaultdict(_Seen)
    for row in of_series.values():
        if row.id in images:
            _count_series(seen[row.study_id], row.modality, images[row.id])
    for row in _latest(connection, reading, reading.c.answer, scope):
        of = of_series[row.series_id]
        _settle(seen[of.study_id], row.image_id, of.modality)
        seen[of.study_id].read.add(row.image_id)
        seen[of.study_id].named[row.image_id, row.frame] = row.answer
    for row in _latest(connection, label, label.c.maker, scope, label.c.action):
        if row.action != LabelAction.CLEAR.value:
            of = of_series[row.series_id]
            _settle(seen[of.study_id], row.image_id, of.modality)
            seen[of.study_id].answered.add(row.image_id)
            seen[of.study_id].said[row.image_id, row.frame] = row.maker
    return seen


def _count_series(seen: _Seen, modality: str, counts: Iterable[tuple[str, int]]) -> None:
    seen.series += 1
    if modality:
        seen.modalities[modality] = None
    for body_part, count in counts:
        if body_part:
            seen.body_parts[body_part] = None
        seen.images += count
        if modality in RADIOGRAPHS:
            seen.radiographs += count


def _settle(seen: _Seen, image_id: int, modality: str) -> None:
    if modality in RADIOGRAPHS:
        seen.settled.add(image_id)


def _latest(
    connection: sa.Connection,
    table: sa.Table,
    value: sa.Column[str],
    scope: Scope | None,
    *more: sa.Column[str],
) -> Iterable[sa.Row[Any]]:
    """Of every frame on the worklist the table's newest row.

    SQLite takes a bare column of a group with max() from the row that has the maximum
    (sqlite.org/lang_select.html#bareagg), so one pass over an index does.
    """
    frame = (table.c.image_id, table.c.frame)
    query = (
        sa.select(*frame, value, *more, image.c.series_id, sa.func.max(table.c.id))
        .where(table.c.image_id == image.c.id, image.c.removed == "")
        .group_by(*frame)
    )
    return connection.execute(_within(query, scope, image))


def _within(
    query: sa.Select[Any], scope: Scope | None, table: sa.Table | None = None
) -> sa.Select[Any]:
    """The query for rows of `table` that belong to studies in scope."""
    if scope is None:
        return query
    if table is None:
        return query.where(scope)
    studies = sa.select(study.c.id).where(study.c.patient_id == patient.c.id, scope)
    if table is series:
        return query.where(series.c.study_id.in_(studies))
    return query.where(
        image.c.series_id.in_(sa.select(series.c.id).where(series.c.study_id.in_(studies)))
    )


def study_of(connection: sa.Connection, image_id: int) -> int | None:
    """The study of an image that is on the worklist."""
    query = sa.select(series.c.study_id).where(
        image.c.id == image_id, image.c.removed == "", image.c.series_id == series.c.id
    )
    row = connection.execute(query).first()
    return None if row is None else int(row.study_id)
