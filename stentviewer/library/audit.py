"""The audit trail: every row's hash covers the row and the hash before it.

hash(n) = SHA-256(hash(n − 1) + canonical JSON of row n), hash(0) empty. A row changed, inserted
or taken out of the middle breaks the chain there. Nothing in a row names a patient.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from stentviewer.core.sentences import sentence
from stentviewer.library.records import AuditEvent
from stentviewer.library.schema import audit


def append(
    connection: sa.Connection,
    by: str,
    action: str,
    target: str,
    detail: str = "",
    data: dict[str, Any] | None = None,
) -> None:
    """Write the next row, inside the transaction that makes the change it records."""
    last = connection.execute(
        sa.select(audit.c.n, audit.c.hash).order_by(audit.c.n.desc()).limit(1)
    ).first()
    row = {
        "n": last.n + 1 if last else 1,
        "at": datetime.now(UTC).isoformat(),
        "by": by,
        "action": action,
        "target": target,
        "detail": detail,
        "data": canonical(data or {}),
    }
    row["hash"] = _hash(last.hash if last else "", row)
    connection.execute(audit.insert(), row)


def canonical(value: dict[str, Any]) -> str:
    """JSON with one spelling: sorted keys, no spaces, no escapes beyond what JSON needs."""
    return json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)


def events(
    connection: sa.Connection, limit: int | None = None, actions: Sequence[str] = ()
) -> list[AuditEvent]:
    """The newest `limit` rows, newest first; all of them without a limit; of some actions only."""
    query = sa.select(audit).order_by(audit.c.n.desc()).limit(limit)
    rows = connection.execute(query.where(audit.c.action.in_(actions)) if actions else query)
    return [
        AuditEvent(
            row.n,
            datetime.fromisoformat(row.at),
            row.by,
            row.action,
            row.target,
            row.detail,
            row.hash,
        )
        for row in rows
    ]


def broken(connection: sa.Connection) -> Iterator[str]:
    """One sentence for every row that does not follow from the row before it."""
    expected, previous = 1, ""
    for row in connection.execute(sa.select(audit).order_by(audit.c.n)).mappings():
        if row["n"] != expected:
            missing = row["n"] - expected
            yield (
                sentence("Audit row {n} is missing.", n=expected)
                if missing == 1
                else sentence(
                    "Audit rows {first} to {last} are missing.", first=expected, last=row["n"] - 1
                )
            )
        elif row["hash"] != _hash(previous, dict(row)):
            yield sentence("Audit row {n} was changed after it was written.", n=row["n"])
        expected, previous = row["n"] + 1, row["hash"]


_SEALED = ("n", "at", "by", "action", "target", "detail", "data")


def _hash(previous: str, row: dict[str, Any]) -> str:
    text = canonical({name: row[name] for name in _SEALED})
    return hashlib.sha256((previous + text).encode()).hexdigest()
