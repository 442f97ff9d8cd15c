"""What is large of a reading's findings, in rows of their own: their heat and their feature.

The reading's row keeps their words and numbers; nothing that lists readings has to read these.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import sqlalchemy as sa

from stentviewer.core.types import Finding
from stentviewer.library import codec
from stentviewer.library.records import ReadingRecord
from stentviewer.library.schema import finding, insert


def save(connection: sa.Connection, reading_id: int, found: Sequence[Finding]) -> dict[str, Any]:
    """Keep the heat and feature of each finding; what the audit trail has to seal of them."""
    digests = []
    for number, one in enumerate(found, start=1):
        if one.heat is not None or one.feature is not None:
            row = codec.finding_row(reading_id, number, one)
            digests.append([insert(connection, finding, row), codec.row_digest(row)])
    return {"findings": digests} if digests else {}


def complete(connection: sa.Connection, records: Sequence[ReadingRecord]) -> list[ReadingRecord]:
    """The readings with the heat and the feature of each finding, where they were kept."""
    kept: dict[int, list[sa.Row[Any]]] = defaultdict(list)
    ids = [record.id for record in records if record.reading.findings]
    if ids:
        query = sa.select(finding).where(finding.c.reading_id.in_(ids))
        for row in connection.execute(query):
            kept[row.reading_id].append(row)
    return [_with(record, kept[record.id]) if record.id in kept else record for record in records]


def _with(record: ReadingRecord, rows: Sequence[sa.Row[Any]]) -> ReadingRecord:
    found = list(record.reading.findings)
    for row in rows:
        number, heat, feature = codec.finding_parts_of(row)
        if number <= len(found):  # else the row is nobody's: the check says so
            found[number - 1] = replace(found[number - 1], heat=heat, feature=feature)
    return replace(record, reading=replace(record.reading, findings=tuple(found)))
