"""Between the records of `core.types` and the library's rows."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa

from stentviewer.core.types import (
    Box,
    ClassScore,
    Finding,
    HeatMap,
    Identity,
    ImageHeader,
    Label,
    LabelAction,
    ModelRef,
    Reading,
)
from stentviewer.library.records import ReadingRecord
from stentviewer.library.sentences import UnreadableRowError

Row = dict[str, Any]
_Record = TypeVar("_Record")


def _readable(decode: Callable[[sa.Row[Any]], _Record]) -> Callable[[sa.Row[Any]], _Record]:
    """Raises UnreadableRowError where a row is none that the program wrote."""

    @wraps(decode)
    def decoded(row: sa.Row[Any]) -> _Record:
        try:
            return decode(row)
        except (ValueError, TypeError, KeyError, zlib.error) as error:
            raise UnreadableRowError from error

    return decoded


def header_row(header: ImageHeader) -> Row:
    """The image table's columns that come from the header."""
    return {
        "sop_uid": header.identity.sop_uid,
        "path": str(header.path),
        "rows": header.rows,
        "columns": header.columns,
        "frames": header.frames,
        "format": header.format,
        "has_dicom_truth": header.has_dicom_truth,
        "instance_number": header.identity.instance_number,
        "identity": asdict(header.identity),
    }


@_readable
def header_of(row: sa.Row[Any]) -> ImageHeader:
    """The header that `header_row` took apart."""
    return ImageHeader(
        path=Path(row.path),
        identity=Identity(**row.identity),
        rows=row.rows,
        columns=row.columns,
        frames=row.frames,
        format=row.format,
        has_dicom_truth=row.has_dicom_truth,
    )


def reading_row(image_id: int, reading: Reading, by: str) -> Row:
    """The reading table's row. The heat map keeps float16: 5e-4 at most off in 0…1."""
    heat = reading.heat
    model = reading.model
    return {
        "image_id": image_id,
        "frame": reading.frame,
        "task": reading.task,
        "model_id": model.id,
        "model_sha256": model.sha256,
        "model_name": model.name,
        "model_version": model.version,
        "device": reading.device,
        "seconds": reading.seconds,
        "findings": [asdict(finding) for finding in reading.findings],
        "notes": list(reading.notes),
        "heat": None if heat is None else zlib.compress(heat.values.astype("<f2").tobytes()),
        "heat_rows": None if heat is None else heat.values.shape[0],
        "heat_columns": None if heat is None else heat.values.shape[1],
        "heat_extent": None if heat is None else asdict(heat.extent),
        "heat_method": None if heat is None else heat.method,
        "by": by,
        "created": reading.created.isoformat(),
    }


@_readable
def reading_of(row: sa.Row[Any]) -> ReadingRecord:
    """The record of a reading's row."""
    reading = Reading(
        task=row.task,
        model=ModelRef(row.model_id, row.model_sha256, row.model_name, row.model_version),
        frame=row.frame,
        findings=tuple(map(_finding, row.findings)),
        heat=_heat(row),
        seconds=row.seconds,
        device=row.device,
        created=datetime.fromisoformat(row.created),
        notes=tuple(row.notes),
    )
    return ReadingRecord(row.id, row.image_id, reading, row.by)


def reading_digest(row: Row) -> str:
    """SHA-256 over a reading's row, for the audit trail."""
    plain = {name: value for name, value in row.items() if name not in ("heat", "id")}
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return hashlib.sha256(text.encode() + (row["heat"] or b"")).hexdigest()


def label_row(label: Label) -> Row:
    """The label table's row."""
    return asdict(label) | {"action": label.action.value, "at": label.at.isoformat()}


@_readable
def label_of(row: sa.Row[Any]) -> Label:
    """The label that `label_row` took apart."""
    return Label(
        image_id=row.image_id,
        frame=row.frame,
        maker=row.maker,
        action=LabelAction(row.action),
        by=row.by,
        at=datetime.fromisoformat(row.at),
        reading_id=row.reading_id,
        model_said=row.model_said,
    )


def _finding(value: Row) -> Finding:
    return Finding(
        maker=value["maker"],
        probability=value["probability"],
        scores=tuple(ClassScore(**score) for score in value["scores"]),
        prediction_set=tuple(value["prediction_set"]),
        unknown=value["unknown"],
        box=None if value["box"] is None else Box(**value["box"]),
    )


def _heat(row: sa.Row[Any]) -> HeatMap | None:
    if row.heat is None:
        return None
    values = np.frombuffer(zlib.decompress(row.heat), "<f2").astype(np.float32)
    return HeatMap(
        values.reshape(row.heat_rows, row.heat_columns), Box(**row.heat_extent), row.heat_method
    )
