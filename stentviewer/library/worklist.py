"""The worklist's lines: a few grouped queries, whatever the number of studies."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from stentviewer.core.answers import agree, makers_of
from stentviewer.core.types import RADIOGRAPHS, LabelAction
from stentviewer.library.records import StudyRow
from stentviewer.library.schema import image, label, patient, reading, series, study

Scope = sa.ColumnElement[bool]  # a condition on patients and studies
Frame = tuple[int, int]  # an image's id and a frame of it


@dataclass(slots=True)
class _Counted:
    """What the rows count, by study; few large tables, which is much faster than many small."""

    modalities: dict[int, list[str]] = field(default_factory=dict)
    body_parts: dict[int, list[str]] = field(default_factory=dict)
    series: Counter[int] = field(default_factory=Counter)
    images: Counter[int] = field(default_factory=Counter)
    unread: Counter[int] = field(default_factory=Counter)
    read: Counter[int] = field(default_factory=Counter)
    waiting: Counter[int] = field(default_factory=Counter)
    answered: Counter[int] = field(default_factory=Counter)
    disagree: set[int] = field(default_factory=set)
    makers: dict[int, list[str]] = field(default_factory=dict)
    files: dict[int, list[str]] = field(default_factory=dict)


def rows(
    connection: sa.Connection, scope: Scope | None = None, sealed_to: str = ""
) -> list[StudyRow]:
    """The studies in `scope` that have an image on the worklist, newest first.

    With `sealed_to`, a reader's name, only frames count as read or answered that this reader has
    answered.
    """
    counted = _count(connection, scope, answered(connection, sealed_to) if sealed_to else None)
    query = _within(sa.select(*_SHOWN), scope).where(study.c.patient_id == patient.c.id)
    newest_first = (study.c.date.desc(), study.c.time.desc(), study.c.id.desc())
    return [
        _row(row, counted)
        for row in connection.execute(query.order_by(*newest_first)).all()
        if row[0] in counted.images
    ]


_SHOWN = (
    study.c.id.label("study_id"),
    study.c.patient_id.label("patient"),
    *(patient.c[name] for name in ("patient_id", "name", "name_ideographic", "birth_date", "sex")),
    *(study.c[name] for name in ("date", "time", "description", "accession_number", "opened")),
)


def _row(row: Sequence[Any], counted: _Counted) -> StudyRow:
    # by place: to ask ten thousand rows for their columns by name takes a tenth of a second
    key, patient_row, patient_id, name, native, born, sex, day, time, title, number, opened = row
    return StudyRow(
        study_id=key,
        patient=patient_row,
        patient_id=patient_id,
        name=name,
        name_ideographic=native,
        birth_date=born,
        sex=sex,
        date=day,
        time=time,
        description=title,
        accession_number=number,
        modalities=tuple(counted.modalities.get(key, ())),
        body_parts=tuple(counted.body_parts.get(key, ())),
        series=counted.series.get(key, 0),
        images=counted.images[key],
        unread=counted.unread.get(key, 0),
        read=counted.read.get(key, 0),
        waiting=counted.waiting.get(key, 0),
        answered=counted.answered.get(key, 0),
        disagree=key in counted.disagree,
        makers=tuple(counted.makers.get(key, ())),
        files=tuple(counted.files.get(key, ())),
        opened=opened,
    )


def answered(connection: sa.Connection, reader: str) -> frozenset[Frame]:
    """The frames on which a reader ever gave an answer."""
    query = sa.select(label.c.image_id, label.c.frame).where(
        label.c.by == reader, label.c.action != LabelAction.CLEAR.value
    )
    return frozenset((row.image_id, row.frame) for row in connection.execute(query))


def _count(
    connection: sa.Connection, scope: Scope | None, opened: frozenset[Frame] | None
) -> _Counted:
    query = sa.select(series.c.id, series.c.study_id, series.c.modality)
    in_order = _within(query, scope, series).order_by(series.c.number, series.c.id)
    of_series: dict[int, tuple[int, str]] = {
        key: (study_id, modality) for key, study_id, modality in connection.execute(in_order).all()
    }
    counted = _Counted()
    _count_images(connection, scope, of_series, counted)
    _count_answers(connection, scope, of_series, counted, opened)
    _name_files(connection, scope, counted)
    return counted


def _name_files(connection: sa.Connection, scope: Scope | None, counted: _Counted) -> None:
    """What pictures of nobody are called, which is all that tells them apart."""
    of_nobody = (patient.c[name] == "" for name in ("patient_id", "name", "name_ideographic"))
    query = (
        sa.select(series.c.study_id, image.c.path)
        .select_from(patient.join(study).join(series).join(image))
        .where(*of_nobody, image.c.removed == "")
        .order_by(image.c.id)
    )
    if scope is not None:
        query = query.where(scope)
    for study_id, path in connection.execute(query).all():
        counted.files.setdefault(study_id, []).append(Path(path).name)


def _count_images(
    connection: sa.Connection,
    scope: Scope | None,
    of_series: dict[int, tuple[int, str]],
    counted: _Counted,
) -> None:
    counting = sa.select(image.c.series_id, image.c.body_part, sa.func.count())
    grouped = (
        _within(counting, scope, image)
        .where(image.c.removed == "")
        .group_by(image.c.series_id, image.c.body_part)
    )
    shown: set[int] = set()
    for series_id, body_part, count in connection.execute(grouped).all():
        study_id, modality = of_series[series_id]
        shown.add(series_id)
        counted.images[study_id] += count
        if body_part:
            _note(counted.body_parts, study_id, body_part)
        if modality in RADIOGRAPHS:
            counted.unread[study_id] += count  # those with a word on them are taken off below
    for series_id, (study_id, modality) in of_series.items():
        if series_id in shown:
            counted.series[study_id] += 1
            if modality:
                _note(counted.modalities, study_id, modality)


def _count_answers(
    connection: sa.Connection,
    scope: Scope | None,
    of_series: dict[int, tuple[int, str]],
    counted: _Counted,
    opened: frozenset[Frame] | None,
) -> None:
    """What was read and answered, of the frames in `opened` where that is given."""
    on: dict[int, int] = {}  # image → series
    named: dict[Frame, str] = {}
    for image_id, frame, answer, series_id in _latest(connection, reading, scope, reading.c.answer):
        if opened is None or (image_id, frame) in opened:
            on[image_id] = series_id
            named[image_id, frame] = answer
    counted.read.update(of_series[series_id][0] for series_id in on.values())
    said: dict[Frame, str] = {}
    labelled: dict[int, int] = {}
    columns = (label.c.maker, label.c.action)
    for image_id, frame, maker, action, series_id in _latest(connection, label, scope, *columns):
        is_open = opened is None or (image_id, frame) in opened
        if is_open and action != LabelAction.CLEAR.value:
            labelled[image_id] = series_id
            said[image_id, frame] = maker
    waiting = (series_id for image_id, series_id in on.items() if image_id not in labelled)
    counted.waiting.update(of_series[series_id][0] for series_id in waiting)
    counted.answered.update(of_series[series_id][0] for series_id in labelled.values())
    on |= labelled
    of_images = [of_series[series_id] for series_id in on.values()]
    counted.unread.subtract(study_id for study_id, modality in of_images if modality in RADIOGRAPHS)
    for at, answer in sorted((named | said).items()):
        study_id = of_series[on[at[0]]][0]
        for maker in makers_of(answer):
            _note(counted.makers, study_id, maker)
        if agree(answer, named.get(at, answer)) is False:
            counted.disagree.add(study_id)


def _note(names: dict[int, list[str]], study_id: int, name: str) -> None:
    known = names.setdefault(study_id, [])
    if name not in known:
        known.append(name)


def _latest(
    connection: sa.Connection, table: sa.Table, scope: Scope | None, *columns: sa.Column[str]
) -> Iterator[tuple[Any, ...]]:
    """Of every frame on the worklist the table's newest row: image, frame, columns, series.

    SQLite takes a bare column of a group with max() from the row that has the maximum
    (sqlite.org/lang_select.html#bareagg), so one pass over an index does.
    """
    frame = (table.c.image_id, table.c.frame)
    query = (
        sa.select(*frame, *columns, image.c.series_id, sa.func.max(table.c.id))
        .where(table.c.image_id == image.c.id, image.c.removed == "")
        .group_by(*frame)
    )
    for row in connection.execute(_within(query, scope, image)).all():
        yield tuple(row)[:-1]


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


def image_ids(connection: sa.Connection, study_ids: Sequence[int]) -> tuple[int, ...]:
    """The images of these studies that are on the worklist."""
    wanted = set(study_ids)
    query = sa.select(image.c.id, series.c.study_id).where(
        image.c.removed == "", image.c.series_id == series.c.id
    )
    if len(wanted) == 1:
        query = query.where(series.c.study_id == study_ids[0])
    return tuple(row.id for row in connection.execute(query) if row.study_id in wanted)


def study_of(connection: sa.Connection, image_id: int) -> int | None:
    """The study of an image that is on the worklist."""
    query = sa.select(series.c.study_id).where(
        image.c.id == image_id, image.c.removed == "", image.c.series_id == series.c.id
    )
    row = connection.execute(query).first()
    return None if row is None else int(row.study_id)
