"""What `stentviewer library check` looks at, beside a running program too."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import sqlalchemy as sa

from stentviewer.library import audit, codec
from stentviewer.library.schema import audit as audit_table
from stentviewer.library.schema import image, label, reading
from stentviewer.library.sentences import UnreadableRowError


def check_library(connection: sa.Connection) -> list[str]:
    """Sentences on the file, its references, the audit trail and the images' files."""
    return [
        *_file(connection),
        *audit.broken(connection),
        *_unreadable(connection),
        *_against_trail(connection),
        *_missing_files(connection),
    ]


def _file(connection: sa.Connection) -> Iterator[str]:
    for (message,) in connection.exec_driver_sql("PRAGMA integrity_check"):
        if message != "ok":
            yield f"The library file is damaged: {message}."
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield f"Row {row[1]} of table {row[0]} refers to a row of {row[2]} that is not there."


def _unreadable(connection: sa.Connection) -> Iterator[str]:
    """Rows that the program cannot make sense of; raises where one is not even text."""
    decoders = ((image, codec.header_of), (reading, codec.reading_of), (label, codec.label_of))
    for table, decode in decoders:
        for row in connection.execute(sa.select(table)):
            try:
                decode(row)
            except UnreadableRowError:
                yield f"Row {row.id} of table {table.name} is damaged."


def _against_trail(connection: sa.Connection) -> Iterator[str]:
    """Labels and readings that are not what the audit trail recorded."""
    labels = {
        row["id"]: {k: v for k, v in row.items() if k != "id"}
        for row in connection.execute(sa.select(label)).mappings()
    }
    readings = {
        row["id"]: codec.reading_digest(dict(row))
        for row in connection.execute(sa.select(reading)).mappings()
    }
    for n, text in connection.execute(sa.select(audit_table.c.n, audit_table.c.data)):
        try:
            data = json.loads(text)
        except ValueError:
            continue  # the chain has already named the row
        if "label" in data:
            label_id = data.pop("label")
            if labels.pop(label_id, None) != data:
                yield f"Label {label_id} is not what audit row {n} recorded."
        elif "reading" in data and readings.pop(data["reading"], None) != data["digest"]:
            yield f"Reading {data['reading']} is not what audit row {n} recorded."
    yield from (f"Label {key} is not in the audit trail." for key in labels)
    yield from (f"Reading {key} is not in the audit trail." for key in readings)


def _missing_files(connection: sa.Connection) -> Iterator[str]:
    for image_id, path in connection.execute(sa.select(image.c.id, image.c.path)):
        if not Path(path).is_file():
            yield (
                f"Image {image_id}: the file “{Path(path).name}” is no longer where it was; put it "
                "back or open it again."
            )
