"""The queries that put records together: one SELECT a table, whatever the number of images."""

from __future__ import annotations

from collections import defaultdict
from typing import Any

import sqlalchemy as sa

from stentviewer.core.types import Label, LabelAction
from stentviewer.library import codec
from stentviewer.library.records import ImageRecord, PatientRecord, SeriesRecord, StudyRecord
from stentviewer.library.schema import image, label, patient, reading, series, study


def patients(connection: sa.Connection) -> list[PatientRecord]:
    """Every patient that has an image, with all that is below."""
    images = _images_by_series(connection)
    series_of: dict[int, list[SeriesRecord]] = defaultdict(list)
    for row in connection.execute(sa.select(series).order_by(series.c.number, series.c.id)):
        if row.id in images:
            record = SeriesRecord(
                row.id, row.uid, row.number, row.description, row.modality, tuple(images[row.id])
            )
            series_of[row.study_id].append(record)
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


def image_record(connection: sa.Connection, image_id: int) -> ImageRecord:
    """One image's record. Raises LookupError for an unknown id."""
    row = connection.execute(sa.select(image).where(image.c.id == image_id)).first()
    if row is None:
        raise LookupError(f"no image {image_id}")
    labels = _labels_in_force(connection, label.c.image_id == image_id)
    count = sa.select(sa.func.count()).where(reading.c.image_id == image_id)
    return _image(row, labels.get(image_id), connection.execute(count).scalar_one())


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


def _images_by_series(connection: sa.Connection) -> dict[int, list[ImageRecord]]:
    labels = _labels_in_force(connection)
    counting = sa.select(reading.c.image_id, sa.func.count()).group_by(reading.c.image_id)
    counts: dict[int, int] = {row[0]: row[1] for row in connection.execute(counting)}
    found: dict[int, list[ImageRecord]] = defaultdict(list)
    ordered = sa.select(image).order_by(image.c.instance_number, image.c.path, image.c.id)
    for row in connection.execute(ordered):
        record = _image(row, labels.get(row.id), counts.get(row.id, 0))
        found[row.series_id].append(record)
    return found


def _image(row: sa.Row[Any], label_: Label | None, readings: int) -> ImageRecord:
    return ImageRecord(row.id, codec.header_of(row), row.sha256, row.thumbnail, label_, readings)


def _study(row: sa.Row[Any], found: list[SeriesRecord]) -> StudyRecord:
    modalities = dict.fromkeys(record.modality for record in found if record.modality)
    return StudyRecord(
        row.id, row.uid, row.date, row.description, ", ".join(modalities), tuple(found)
    )
