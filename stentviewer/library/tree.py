"""The queries that put records together: one SELECT a table, whatever the number of images."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa

from stentviewer.core.types import Label, LabelAction
from stentviewer.library import codec
from stentviewer.library.records import ImageRecord, SeriesRecord, StudyRecord
from stentviewer.library.schema import image, label, reading, series, study


def one_study(connection: sa.Connection, study_id: int) -> StudyRecord:
    """A study with its series and images. Raises LookupError where none is on the worklist."""
    row = connection.execute(sa.select(study).where(study.c.id == study_id)).first()
    found = _series(connection, series.c.study_id == study_id)
    if row is None or study_id not in found:
        raise LookupError(f"no study {study_id}")
    return _study(row, found[study_id])


def one_series(connection: sa.Connection, series_id: int) -> SeriesRecord:
    """A series with its images. Raises LookupError where none is on the worklist."""
    found = _series(connection, series.c.id == series_id)
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


def _labels_in_force(connection: sa.Connection, where: sa.ColumnElement[bool]) -> dict[int, Label]:
    """For every image the newest label in force on any of its frames."""
    frames = (label.c.image_id, label.c.frame)
    newest = sa.select(sa.func.max(label.c.id)).where(where).group_by(*frames)
    query = sa.select(label).where(
        label.c.id.in_(newest.correlate(None)), label.c.action != LabelAction.CLEAR.value
    )
    rows = connection.execute(query.order_by(label.c.id))
    return {row.image_id: codec.label_of(row) for row in rows}


def _reading_counts(connection: sa.Connection, where: sa.ColumnElement[bool]) -> dict[int, int]:
    query = sa.select(reading.c.image_id, sa.func.count()).where(where)
    return {row[0]: row[1] for row in connection.execute(query.group_by(reading.c.image_id))}


def _series(
    connection: sa.Connection, where: sa.ColumnElement[bool]
) -> dict[int, list[SeriesRecord]]:
    """By study its series that have an image on the worklist, all of these in order."""
    images = _images_by_series(connection, sa.select(series.c.id).where(where))
    found: dict[int, list[SeriesRecord]] = defaultdict(list)
    query = sa.select(series).where(where).order_by(series.c.number, series.c.id)
    for row in connection.execute(query):
        if row.id in images:
            record = SeriesRecord(
                row.id, row.uid, row.number, row.description, row.modality, tuple(images[row.id])
            )
            found[row.study_id].append(record)
    return found


def _images_by_series(
    connection: sa.Connection, series_ids: sa.Select[tuple[int]]
) -> dict[int, list[ImageRecord]]:
    of_these = sa.select(image.c.id).where(image.c.series_id.in_(series_ids))
    labels = _labels_in_force(connection, label.c.image_id.in_(of_these))
    counts = _reading_counts(connection, reading.c.image_id.in_(of_these))
    query = sa.select(image).where(image.c.removed == "", image.c.series_id.in_(series_ids))
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
