"""Presentation states (GSPS files): which file holds one, and which images it is of."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import sqlalchemy as sa

from stentviewer.imaging.presentation_header import PresentationHeader
from stentviewer.library import audit
from stentviewer.library.records import PresentationRecord
from stentviewer.library.schema import insert, presentation, presentation_image


def add(
    connection: sa.Connection, header: PresentationHeader, sha256: str, by: str
) -> tuple[PresentationRecord, bool]:
    """Keep a presentation and whether it is new; known content follows its file."""
    of_content = presentation.c.sha256 == sha256
    known = connection.execute(sa.select(presentation).where(of_content)).first()
    if known is None:
        key = insert(
            connection,
            presentation,
            {
                "sha256": sha256,
                "sop_uid": header.sop_uid,
                "path": str(header.path),
                "label": header.label,
                "added": datetime.now(UTC).isoformat(),
            },
        )
        rows = [{"presentation_id": key, "sop_uid": uid} for uid in set(header.images)]
        if rows:
            connection.execute(presentation_image.insert(), rows)
        audit.append(
            connection,
            by,
            "presentation added",
            f"presentation {key}",
            f"SHA-256 {sha256[:12]}…",
            {"presentation": key, "sha256": sha256},
        )
    elif known.path != str(header.path):
        path = {"path": str(header.path)}
        connection.execute(presentation.update().where(of_content).values(path))
        audit.append(connection, by, "presentation moved", f"presentation {known.id}")
    return _records(connection, of_content)[0], known is None


def of_images(connection: sa.Connection, sop_uids: Sequence[str]) -> list[PresentationRecord]:
    """The presentations of any of these images, oldest first."""
    keys = sa.select(presentation_image.c.presentation_id).where(
        presentation_image.c.sop_uid.in_(sop_uids)
    )
    return _records(connection, presentation.c.id.in_(keys))


def _records(connection: sa.Connection, where: sa.ColumnElement[bool]) -> list[PresentationRecord]:
    rows: list[sa.Row[Any]] = list(
        connection.execute(sa.select(presentation).where(where).order_by(presentation.c.id))
    )
    images: dict[int, list[str]] = defaultdict(list)
    keys = [row.id for row in rows]
    query = sa.select(presentation_image).where(presentation_image.c.presentation_id.in_(keys))
    for key, sop_uid in connection.execute(query.order_by(presentation_image.c.sop_uid)):
        images[key].append(sop_uid)
    return [
        PresentationRecord(
            row.id, Path(row.path), row.sha256, row.sop_uid, row.label, tuple(images[row.id])
        )
        for row in rows
    ]
