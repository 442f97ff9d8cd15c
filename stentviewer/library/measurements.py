"""What readers drew, as events: nothing is changed or deleted, the newest of a key is in force."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from stentviewer.core.types import Measurement
from stentviewer.library import audit, codec
from stentviewer.library.schema import insert, measurement


def set_one(connection: sa.Connection, new: Measurement, by: str, action: str) -> None:
    """Put a measurement in force, in place of what its id stood for."""
    former = _newest(connection, new.id)
    if not action:
        known = former is not None and not former.removed
        action = "measurement changed" if known else "measurement drawn"
    _append(connection, codec.measurement_row(new), by, action)


def remove(connection: sa.Connection, key: str, by: str, action: str) -> Measurement:
    """Take a measurement out of force; returns it. Raises LookupError where none is in force."""
    row = _newest(connection, key)
    if row is None or row.removed:
        raise LookupError(f"no measurement {key}")
    gone = codec.measurement_of(row)
    event = codec.measurement_row(gone) | {
        "removed": True,
        "by": by,
        "at": datetime.now(UTC).isoformat(),
    }
    _append(connection, event, by, action or "measurement removed")
    return gone


def in_force(connection: sa.Connection, image_ids: Sequence[int]) -> list[Measurement]:
    """Those on the images, in the order they were first drawn."""
    on_these = measurement.c.image_id.in_(image_ids)
    keys = sa.select(measurement.c.key).where(on_these)
    events = (
        sa.select(sa.func.max(measurement.c.id).label("last"), sa.func.min(measurement.c.id))
        .where(measurement.c.key.in_(keys))
        .group_by(measurement.c.key)
        .correlate(None)
        .subquery()
    )
    query = (
        sa.select(measurement)
        .where(measurement.c.id == events.c.last, on_these, sa.not_(measurement.c.removed))
        .order_by(events.c[1])
    )
    return list(map(codec.measurement_of, connection.execute(query)))


def history(connection: sa.Connection, key: str) -> list[tuple[Measurement, bool]]:
    """Every state a measurement was in and whether it was removed with that, newest first."""
    query = sa.select(measurement).where(measurement.c.key == key)
    rows = connection.execute(query.order_by(measurement.c.id.desc()))
    return [(codec.measurement_of(row), row.removed) for row in rows]


def _newest(connection: sa.Connection, key: str) -> sa.Row[Any] | None:
    query = sa.select(measurement).where(measurement.c.key == key)
    return connection.execute(query.order_by(measurement.c.id.desc()).limit(1)).first()


def _append(connection: sa.Connection, row: codec.Row, by: str, action: str) -> None:
    event = insert(connection, measurement, row)
    audit.append(
        connection,
        by,
        action,
        f"image {row['image_id']}, frame {row['frame'] + 1}",
        row["kind"],
        {"measurement": event, "digest": codec.row_digest(row)},
    )
