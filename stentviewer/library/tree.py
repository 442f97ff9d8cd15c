"""The queries that put records together: one SELECT a table, whatever the number of images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from stentviewer.core.types import Label, LabelAction
from stentviewer.library import codec
from stentviewer.library.records import ImageRecord, PatientRecord, SeriesRecord, StudyRecord
from stentviewer.library.schema import image, label, patient, reading, series, study


def patients(connection: sa.Connection) -> list[PatientRecord]:
    """Every patient that has an image, with all that is below."""
    series_of = _series(connection)
    studies_of: dict[int, list[StudyRecord]] = defaultdict(list)
    newest_first = (study.c.date.desc(), study.c.time.desc(), study.c.id.desc())
    for row in connection.execute(sa.select(study).order_by(*newest_first)):
        if row.id in series_of:
            studies_of[row.patient_id].append(_study(row, series_of[row.id]))
    found = [
        PatientRecord(
            row.id,
            row.patient_id,
            row.name,
            row.name_ideographic,
            row.birth_date,
            row.sex,
            tuple(studies_of[row.id]),
        )
        for row in connection.execute(sa.select(patient))
        if row.id in studies_of
    ]
    return sorted(found, key=lambda p: (p.name.casefold(), p.patient_id, p.id))


def one_study(connection: sa.Connection, study_id: int) -> StudyRecord:
    """A study with its series and images. Raises LookupError where none is on the worklist."""
    row = connection.execute(sa.select(study).where(study.c.id == study_id)).first()
    of_study = series.c.study_id == study_id
    found = _series(connection, of_study, sa.select(series.c.id).where(of_study))
    if row is None or study_id not in found:
        raise LookupError(f"no study {study_id}")
    return _study(row, found[study_id])


def one_series(connection: sa.Connection, series_id: int) -> SeriesRecord:
    """A series with its images. Raises LookupError where none is on the worklist."""
    this = series.c.id == series_id
    found = _series(connection, this, sa.select(series.c.id).where(this))
    for records in found.values():
        return records[0]
    raise LookupError(f"no series {series_id}")


def image_record(connection: sa.Connection, image_id: int) -> ImageRecord:
    """One image's record. Raises LookupError for an unknown id."""
    found = image_records(connection, [image_id])
    if image_id not in found:
        raise LookupError(f"no image {image_id}")
    return found[image_id]


def image_records(connection: sa.Connection, ids: Sequence[int]) -> dict[int, ImageRecord]:
    """The records of these images by id, whether on the worklist or not."""
    rows = connection.execute(sa.select(image).where(image.c.id.in_(ids))).all()
    labels = _labels_in_force(connection, label.c.image_id.in_(ids))
    counts = _reading_counts(connection, reading.c.image_id.in_(ids))
    return {row.id: _image(row, labels.get(row.id), counts.get(row.id, 0)) for row in rows}


def label_in_force(connection: sa.Connection, image_id: int, frame: int) -> Label | None:
    """The newest label of the frame, None where that clears it."""
    of_frame = sa.and_(label.c.image_id == image_id, label.c.frame == frame)
    return _labels_in_force(connection, of_frame).get(image_id)


def _labels_in_force(
    connection: sa.Connection, where: sa.ColumnElement[bool] | None = None
) -> dict[int, Label]:
    """For every image the newest label in force on any of its frames."""
    newest = sa.select(sa.func.max(label.c.id)).group_by(label.c.image_id, label.c.frame)
    if where is not None:
        newest = newest.where(where)
    query = sa.select(label).where(
        label.c.id.in_(newest), label.c.action != LabelAction.CLEAR.value
    )
    rows = connection.execute(query.order_by(label.c.id))
    return {row.image_id: codec.label_of(row) for row in rows}


def _reading_counts(
    connection: sa.Connection, where: sa.ColumnElement[bool] | None = None
) -> dict[int, int]:
    query = sa.select(reading.c.image_id, sa.func.count()).group_by(reading.c.image_id)
    if where is not None:
        query = query.where(where)
    return {row[0]: row[1] for row in connection.execute(query)}


def _series(
    connection: sa.Connection,
    where: sa.ColumnElement[bool] | None = None,
    ids: sa.Select[tuple[int]] | None = None,
) -> dict[int, list[SeriesRecord]]:
    """By study its series that have an image on the worklist, all of these in order."""
    images = _images_by_series(connection, ids)
    found: dict[int, list[SeriesRecord]] = defaultdict(list)
    query = sa.select(series).order_by(series.c.number, series.c.id)
    if where is not None:
        query = query.where(where)
    for row in connection.execute(query):
        if row.id in images:
            record = SeriesRecord(
                row.id, row.uid, row.number, row.description, row.modality, tuple(images[row.id])
            )
            found[row.study_id].append(record)
    return found


def _images_by_series(
    connection: sa.Connection, ids: sa.Select[tuple[int]] | None
) -> dict[int, list[ImageRecord]]:
    query = sa.select(image).where(image.c.removed == "")
    if ids is None:
        labels, counts = _labels_in_force(connection), _reading_counts(connection)
    else:
        query = query.where(image.c.series_id.in_(ids))
        of_these = sa.select(image.c.id).where(image.c.series_id.in_(ids))
        labels = _labels_in_force(connection, label.c.image_id.in_(of_these))
        counts = _reading_counts(connection, reading.c.image_id.in_(of_these))
    found: dict[int, list[ImageRecord]] = defaultdict(list)
    ordered = query.order_by(image.c.instance_number, image.c.path, image.c.id)
    for row in connection.execute(ordered):
        record = _image(row, labels.get(row.id), counts.get(row.id, 0))
        found[row.series_id].append(record)
    return found


def _image(row: sa.Row[Any], label_: Label | None, readings: int) -> ImageRecord:
    return ImageRecord(row.id, codec.header_of(row), row.sha256, label_, readings)


def _study(row: sa.Row[Any], found: list[SeriesRecord]) -> StudyRecord:
    modalities = dict.fromkeys(record.modality for record in found if record.modality)
    return StudyRecord(
        row.id,
        row.uid,
        row.date,
        row.description,
        ", ".join(modalities),
        tuple(found),
        row.time,
        row.patient_id,
    )
