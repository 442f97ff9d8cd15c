"""A patient's examinations and what was read on each, oldest first."""

from __future__ import annotations

from collections import defaultdict
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from stentviewer.core.types import Label, LabelAction, ModelRef
from stentviewer.library import codec, worklist
from stentviewer.library.records import TimelineEntry, TimelineStudy
from stentviewer.library.schema import image, label, patient, reading, series, study


def timeline(connection: sa.Connection, patient_row: int) -> tuple[TimelineStudy, ...]:
    """Every examination of the patient that is on the worklist; undated ones come first."""
    of_study: dict[int, list[int]] = defaultdict(list)
    for row in connection.execute(
        sa.select(image.c.id, series.c.study_id)
        .where(
            image.c.series_id == series.c.id,
            series.c.study_id == study.c.id,
            study.c.patient_id == patient_row,
            image.c.removed == "",
        )
        .order_by(series.c.number, series.c.id, image.c.instance_number, image.c.path, image.c.id)
    ):
        of_study[row.study_id].append(row.id)
    entries = _entries(connection, patient_row)
    found = []
    for line in reversed(worklist.rows(connection, patient.c.id == patient_row)):
        ids = of_study[line.study_id]
        of_images = [entry for image_id in ids for entry in entries.get(image_id, ())]
        found.append(
            TimelineStudy(
                line.study_id,
                line.date,
                line.time,
                ", ".join(line.modalities),
                line.description,
                tuple(ids),
                tuple(of_images),
            )
        )
    return tuple(found)


def _entries(connection: sa.Connection, patient_row: int) -> dict[int, list[TimelineEntry]]:
    """By image, its frames in order."""
    readings = {
        (row.image_id, row.frame): row
        for row in _newest(
            connection,
            reading,
            patient_row,
            *(
                reading.c[name]
                for name in ("findings", "model_id", "model_sha256", "created", "refusal")
            ),
        )
    }
    labels = {
        (row.image_id, row.frame): codec.label_of(row)
        for row in _newest(connection, label, patient_row, *label.c)
        if row.action != LabelAction.CLEAR.value
    }
    found: dict[int, list[TimelineEntry]] = defaultdict(list)
    for frame in sorted(readings.keys() | labels.keys()):
        entry = _entry(frame, readings.get(frame), labels.get(frame))
        found[entry.image_id].append(entry)
    return found


def _entry(frame: tuple[int, int], row: sa.Row[Any] | None, said: Label | None) -> TimelineEntry:
    makers: tuple[str, ...] = ()
    model = ""
    times = [] if said is None else [said.at]
    refused = row is not None and bool(row.refusal)
    if row is not None:
        found = sorted(codec.findings_of(row), key=lambda finding: -finding.probability)
        makers = tuple("" if finding.unknown else finding.maker for finding in found)
        model = ModelRef(row.model_id, row.model_sha256).short
        times.append(_time(row))
    return TimelineEntry(*frame, makers, said.maker if said else "", model, max(times), refused)


@codec.readable
def _time(row: sa.Row[Any]) -> datetime:
    return datetime.fromisoformat(row.created)


def _newest(
    connection: sa.Connection, table: sa.Table, patient_row: int, *columns: sa.Column[Any]
) -> sa.CursorResult[Any]:
    """The newest row of every frame of the patient's images, without the heat maps' bulk."""
    newest = (
        sa.select(sa.func.max(table.c.id))
        .where(
            table.c.image_id == image.c.id,
            image.c.series_id == series.c.id,
            series.c.study_id == study.c.id,
            study.c.patient_id == patient_row,
        )
        .group_by(table.c.image_id, table.c.frame)
        .correlate(None)
    )
    wanted = dict.fromkeys((table.c.image_id, table.c.frame, *columns))
    return connection.execute(sa.select(*wanted).where(table.c.id.in_(newest)))
