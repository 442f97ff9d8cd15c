"""Between the records of `core.types` and the library's rows."""

from __future__ import annotations

import hashlib
import json
import zlib
from collections.abc import Callable
from dataclasses import asdict, replace
from datetime import datetime
from functools import wraps
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
import sqlalchemy as sa

from stentviewer.core.answers import answer_of
from stentviewer.core.types import (
    Box,
    ClassScore,
    Finding,
    FloatArray,
    HeatMap,
    Identity,
    ImageHeader,
    Label,
    LabelAction,
    Measurement,
    MeasurementKind,
    ModelRef,
    Plane,
    Reading,
    Target,
)
from stentviewer.library.records import ReadingRecord
from stentviewer.library.sentences import UnreadableRowError

Row = dict[str, Any]
_FARTHEST = 1e9  # pixels or mm: no image and no drawing beside one is as large
_Record = TypeVar("_Record")


def readable(decode: Callable[[sa.Row[Any]], _Record]) -> Callable[[sa.Row[Any]], _Record]:
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
        "body_part": header.identity.body_part,
    }


@readable
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
    """The reading table's row."""
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
        "findings": list(map(_words, reading.findings)),
        "notes": list(reading.notes),
        **(dict.fromkeys(_HEAT) if reading.heat is None else heat_columns(reading.heat)),
        "by": by,
        "created": reading.created.isoformat(),
        "answer": answer_of(reading),
        "refusal": str(reading.refusal),
    }


def _words(finding: Finding) -> Row:
    """A finding without what is large of it."""
    row = asdict(replace(finding, heat=None, feature=None))
    del row["heat"], row["feature"]
    return row


def finding_row(reading_id: int, number: int, finding: Finding) -> Row:
    """The finding table's row. A feature is kept as float16: 11 bits of each number."""
    heat, feature = finding.heat, finding.feature
    return {
        "reading_id": reading_id,
        "number": number,
        **(dict.fromkeys(_HEAT) if heat is None else heat_columns(heat)),
        "feature": None if feature is None else feature.astype("<f2").tobytes(),
    }


_HEAT = ("heat", "heat_rows", "heat_columns", "heat_extent", "heat_method")


def heat_columns(heat: HeatMap) -> Row:
    """A heat map's columns. Values are kept as float16: 5e-4 at most off in 0…1."""
    return {
        "heat": zlib.compress(heat.values.astype("<f2").tobytes()),
        "heat_rows": heat.values.shape[0],
        "heat_columns": heat.values.shape[1],
        "heat_extent": asdict(heat.extent),
        "heat_method": heat.method,
    }


@readable
def reading_of(row: sa.Row[Any]) -> ReadingRecord:
    """The record of a reading's row."""
    reading = Reading(
        task=row.task,
        model=ModelRef(row.model_id, row.model_sha256, row.model_name, row.model_version),
        frame=row.frame,
        findings=findings_of(row),
        heat=None if row.heat is None else heat_of(row),
        seconds=row.seconds,
        device=row.device,
        created=datetime.fromisoformat(row.created),
        notes=tuple(row.notes),
        refusal=row.refusal,
    )
    return ReadingRecord(row.id, row.image_id, reading, row.by)


_NOT_SEALED = ("heat", "feature", "id", "answer")  # blobs follow the text; others follow of it
_LATER = {"refusal": ""}  # columns that older rows were sealed without, and what these have there


def row_digest(row: Row) -> str:
    """SHA-256 over a row of a table that the audit trail seals."""
    plain = {
        name: value
        for name, value in row.items()
        if name not in _NOT_SEALED and (name not in _LATER or value != _LATER[name])
    }
    text = json.dumps(plain, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    blobs = (row.get("heat") or b"") + (row.get("feature") or b"")
    return hashlib.sha256(text.encode() + blobs).hexdigest()


def label_row(label: Label) -> Row:
    """The label table's row."""
    return asdict(label) | {"action": label.action.value, "at": label.at.isoformat()}


@readable
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


def measurement_row(new: Measurement) -> Row:
    """The measurement table's row, in force. Raises ValueError for a number that is none."""
    _must_be_numbers(new)
    return {
        "key": new.id,
        "image_id": new.target.image_id,
        "frame": new.target.frame,
        "plane": new.target.plane.value,
        "kind": new.kind.value,
        "points": [list(map(float, point)) for point in new.points],
        "widths": list(map(float, new.widths)),
        "mm": None if new.mm is None else float(new.mm),
        "note": new.note,
        "by": new.by,
        "at": new.at.isoformat(),
        "removed": False,
    }


@readable
def measurement_of(row: sa.Row[Any]) -> Measurement:
    """The measurement that `measurement_row` took apart."""
    found = Measurement(
        id=row.key,
        target=Target(row.image_id, row.frame, Plane(row.plane)),
        kind=MeasurementKind(row.kind),
        points=tuple((float(x), float(y)) for x, y in row.points),
        by=row.by,
        at=datetime.fromisoformat(row.at),
        widths=tuple(map(float, row.widths)),
        mm=row.mm,
        note=row.note,
    )
    _must_be_numbers(found)
    if not found.points:
        raise ValueError("a measurement has a point at least")
    return found


def _must_be_numbers(one: Measurement) -> None:
    numbers = [*(x for point in one.points for x in point), *one.widths, one.mm or 0.0]
    if not all(abs(number) <= _FARTHEST for number in numbers):  # never of "not a number"
        raise ValueError("a measurement's numbers must be finite and near an image")


def _finding(value: Row) -> Finding:
    return Finding(
        maker=value["maker"],
        probability=value["probability"],
        scores=tuple(ClassScore(**score) for score in value["scores"]),
        prediction_set=tuple(value["prediction_set"]),
        unknown=value["unknown"],
        box=None if value["box"] is None else Box(**value["box"]),
        outline=tuple((float(x), float(y)) for x, y in value.get("outline", ())),
        presence=value.get("presence", 1.0),
        distance=value.get("distance"),
    )


@readable
def findings_of(row: sa.Row[Any]) -> tuple[Finding, ...]:
    """The findings of a reading's row."""
    return tuple(map(_finding, row.findings))


@readable
def finding_parts_of(row: sa.Row[Any]) -> tuple[int, HeatMap | None, FloatArray | None]:
    """The number, heat and feature that `finding_row` took apart."""
    feature = None if row.feature is None else np.frombuffer(row.feature, "<f2").astype(np.float32)
    return row.number, None if row.heat is None else heat_of(row), feature


@readable
def heat_of(row: sa.Row[Any]) -> HeatMap:
    """The heat map of a row that has one."""
    values = np.frombuffer(zlib.decompress(row.heat), "<f2").astype(np.float32)
    return HeatMap(
        values.reshape(row.heat_rows, row.heat_columns), Box(**row.heat_extent), row.heat_method
    )
