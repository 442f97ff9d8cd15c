"""What `stentviewer library check` looks at, beside a running program too."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from stentviewer.core.answers import answer_of
from stentviewer.core.sentences import sentence
from stentviewer.library import audit, codec
from stentviewer.library.records import ReadingRecord
from stentviewer.library.schema import audit as audit_table
from stentviewer.library.schema import (
    explanation,
    finding,
    image,
    label,
    measurement,
    presentation,
    reading,
)
from stentviewer.library.sentences import UnreadableRowError

_KINDS = {
    str(word): word
    for word in (
        sentence("Label"),
        sentence("Image"),
        sentence("Presentation"),
        sentence("Reading"),
        sentence("Finding"),
        sentence("Explanation"),
        sentence("Measurement"),
    )
}


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
            yield sentence("The library file is damaged: {reason}.", reason=message)
    for row in connection.exec_driver_sql("PRAGMA foreign_key_check"):
        yield sentence(
            "Row {n} of table {table} refers to a row of {other} that is not there.",
            n=row[1],
            table=row[0],
            other=row[2],
        )


def _unreadable(connection: sa.Connection) -> Iterator[str]:
    """Rows that the program cannot make sense of; raises where one is not even text.

    A reading's short word, which the worklist shows, is held against the reading as well.
    """
    decoders: tuple[tuple[sa.Table, Callable[[sa.Row[Any]], object]], ...] = (
        (image, codec.header_of),
        (reading, codec.reading_of),
        (finding, codec.finding_parts_of),
        (explanation, codec.heat_of),
        (label, codec.label_of),
        (measurement, codec.measurement_of),
    )
    for table, decode in decoders:
        for row in connection.execute(sa.select(table)):
            try:
                record = decode(row)
            except UnreadableRowError:
                yield sentence("Row {n} of table {table} is damaged.", n=row.id, table=table.name)
                continue
            if isinstance(record, ReadingRecord) and answer_of(record.reading) != row.answer:
                yield sentence("Reading {n} is not what the worklist shows of it.", n=row.id)


def _against_trail(connection: sa.Connection) -> Iterator[str]:
    """Rows that are not what the audit trail recorded, or that it never did."""
    found = _by_name(connection)
    for n, text in connection.execute(sa.select(audit_table.c.n, audit_table.c.data)):
        try:
            data = json.loads(text)
        except ValueError:
            continue  # the chain has already named the row
        for name, key, recorded in _recorded(data):
            if found[name].pop(key, None) != recorded:
                yield sentence(
                    "{kind} {key} is not what audit row {n} recorded.",
                    kind=_KINDS[name],
                    key=key,
                    n=n,
                )
    for name, left in found.items():
        yield from (
            sentence("{kind} {key} is not in the audit trail.", kind=_KINDS[name], key=key)
            for key in left
        )


def _recorded(data: dict[str, Any]) -> Iterator[tuple[str, int, object]]:
    """What an audit row says of rows elsewhere: their kind, id, and what is to be there."""
    if "label" in data:
        key = data.pop("label")
        yield "Label", key, data
    elif "image" in data:  # as the first version wrote it
        yield "Image", data["image"], data["sha256"]
    elif "images" in data:
        yield from (("Image", key, sha256) for key, sha256 in data["images"])
    elif "presentation" in data:
        yield "Presentation", data["presentation"], data["sha256"]
    else:
        for name in ("reading", "explanation", "measurement"):
            if name in data:
                yield name.capitalize(), data[name], data["digest"]
        yield from (("Finding", key, digest) for key, digest in data.get("findings", ()))


def _by_name(connection: sa.Connection) -> dict[str, dict[int, object]]:
    """What is there: by kind and id the content, or a digest of it."""

    def rows(table: sa.Table) -> Iterator[dict[str, Any]]:
        return (dict(row) for row in connection.execute(sa.select(table)).mappings())

    def column(chosen: sa.Column[str], key: sa.Column[int]) -> dict[int, object]:
        return {row[0]: row[1] for row in connection.execute(sa.select(key, chosen))}

    digests: dict[str, dict[int, object]] = {
        table.name.capitalize(): {row["id"]: codec.row_digest(row) for row in rows(table)}
        for table in (reading, finding, explanation, measurement)
    }
    labels: dict[int, object] = {
        row["id"]: {name: value for name, value in row.items() if name != "id"}
        for row in rows(label)
    }
    return digests | {
        "Label": labels,
        "Image": column(image.c.sha256, image.c.id),
        "Presentation": column(presentation.c.sha256, presentation.c.id),
    }


def _missing_files(connection: sa.Connection) -> Iterator[str]:
    on_the_worklist = sa.select(image.c.id, image.c.path).where(image.c.removed == "")
    for name, rows in (
        ("Image", connection.execute(on_the_worklist)),
        ("Presentation", connection.execute(sa.select(presentation.c.id, presentation.c.path))),
    ):
        for key, path in rows:
            if not Path(path).is_file():
                yield sentence(
                    "{kind} {key}: the file “{name}” is no longer where it was; put it back or "
                    "open it again.",
                    kind=_KINDS[name],
                    key=key,
                    name=Path(path).name,
                )
