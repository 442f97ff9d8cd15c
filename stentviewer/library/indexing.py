"""Files into the library: many in one transaction, each content once."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import UTC, datetime
from typing import Any

import sqlalchemy as sa

from stentviewer.core.sentences import together
from stentviewer.core.types import ImageHeader
from stentviewer.library import audit, codec, tree
from stentviewer.library.placing import TWIN, Placer
from stentviewer.library.records import Added, ImageRecord
from stentviewer.library.schema import image

File = tuple[ImageHeader, str]  # and the SHA-256 of its bytes, as hexadecimal digits
_AT_ONCE = 500  # what one statement asks for


def add(connection: sa.Connection, files: Sequence[File], by: str) -> list[Added]:
    """Index the files as if one after the other; what was done to each, in their order."""
    return [
        added
        for run in _runs(files)
        for added in _add_run(connection, run, by)
    ]  # fmt: skip


def remove(connection: sa.Connection, ids: Sequence[int], by: str) -> tuple[int, ...]:
    """Take images off the worklist; returns those that were on it."""
    gone: list[int] = []
    for start in range(0, len(ids), _AT_ONCE):
        some = image.c.id.in_(ids[start : start + _AT_ONCE])
        query = sa.select(image.c.id).where(some, image.c.removed == "").order_by(image.c.id)
        gone += connection.execute(query).scalars()
        connection.execute(image.update().where(some, image.c.removed == "").values(removed=_now()))
    if gone:
        what = "image removed" if len(gone) == 1 else "images removed"
        audit.append(connection, by, what, _target(gone), data={"removed": gone})
    return tuple(gone)


def put_back(connection: sa.Connection, ids: Sequence[int], by: str) -> tuple[int, ...]:
    """Put removed images on the worklist again; returns those that were off it."""
    back: list[int] = []
    for start in range(0, len(ids), _AT_ONCE):
        some = image.c.id.in_(ids[start : start + _AT_ONCE])
        query = sa.select(image.c.id).where(some, image.c.removed != "").order_by(image.c.id)
        back += connection.execute(query).scalars()
    _return(connection, back, by)
    return tuple(back)


def _return(connection: sa.Connection, ids: Sequence[int], by: str) -> None:
    for start in range(0, len(ids), _AT_ONCE):
        some = image.c.id.in_(ids[start : start + _AT_ONCE])
        connection.execute(image.update().where(some).values(removed=""))
    if ids:
        what = "image put back" if len(ids) == 1 else "images put back"
        audit.append(connection, by, what, _target(ids), data={"returned": list(ids)})


def _runs(files: Sequence[File]) -> Iterator[list[File]]:
    """The files in pieces that hold no content twice."""
    run: list[File] = []
    contents: set[str] = set()
    for header, sha256 in files:
        if sha256 in contents or len(run) == _AT_ONCE:
            yield run
            run, contents = [], set()
        run.append((header, sha256))
        contents.add(sha256)
    if run:
        yield run


def _add_run(connection: sa.Connection, files: list[File], by: str) -> list[Added]:
    wanted = image.c.sha256.in_([sha256 for _, sha256 in files])
    known = {row.sha256: row for row in connection.execute(_PLACE.where(wanted))}
    placer = Placer(connection)
    back = _bring_back(connection, [known[s].id for _, s in files if s in known], known, by)
    _follow(connection, placer, [(h, known[s]) for h, s in files if s in known], by)
    new = _insert(connection, placer, [file for file in files if file[1] not in known], by)
    records = tree.image_records(connection, [row.id for row in known.values()]) if known else {}
    return [
        Added(records[known[sha256].id], known[sha256].id in back)
        if sha256 in known
        else new[sha256]
        for _, sha256 in files
    ]


_PLACE: sa.Select[Any] = sa.select(image.c.id, image.c.sha256, image.c.path, image.c.removed)


def _bring_back(
    connection: sa.Connection, ids: list[int], known: dict[str, sa.Row[Any]], by: str
) -> set[int]:
    back = {row.id for row in known.values() if row.removed}
    _return(connection, [image_id for image_id in ids if image_id in back], by)
    return back


def _follow(
    connection: sa.Connection,
    placer: Placer,
    files: list[tuple[ImageHeader, sa.Row[Any]]],
    by: str,
) -> None:
    """Records whose file lies elsewhere now go with it."""
    moved = []
    for header, row in files:
        if row.path == str(header.path):
            continue
        series_id, _ = placer.place(header)
        values = {"path": str(header.path), "series_id": series_id}
        connection.execute(image.update().where(image.c.id == row.id).values(values))
        moved.append(row.id)
    if moved:
        what = "image moved" if len(moved) == 1 else "images moved"
        audit.append(connection, by, what, _target(moved))


def _insert(
    connection: sa.Connection, placer: Placer, files: list[File], by: str
) -> dict[str, Added]:
    if not files:
        return {}
    twins = _known_uids(connection, files)
    newest = connection.execute(sa.select(sa.func.max(image.c.id))).scalar() or 0
    rows, added, now = [], {}, _now()
    for image_id, (header, sha256) in enumerate(files, newest + 1):
        series_id, told = placer.place(header)
        sop_uid = header.identity.sop_uid
        notices: list[str] = [TWIN] if sop_uid in twins else []
        notices += [told] if told else []
        if sop_uid:
            twins.add(sop_uid)
        rows.append(
            codec.header_row(header)
            | {"id": image_id, "series_id": series_id, "sha256": sha256, "added": now}
        )
        record = ImageRecord(image_id, header, sha256, None, 0)
        added[sha256] = Added(record, True, together(notices))
    connection.execute(image.insert(), rows)
    _note_new(connection, list(added.values()), by)
    return added


def _known_uids(connection: sa.Connection, files: list[File]) -> set[str]:
    wanted = [header.identity.sop_uid for header, _ in files if header.identity.sop_uid]
    query = sa.select(image.c.sop_uid).where(image.c.sop_uid.in_(wanted))
    return set(connection.execute(query).scalars())


def _note_new(connection: sa.Connection, added: list[Added], by: str) -> None:
    """One row of the trail for all of them, with every content's SHA-256."""
    records = [one.record for one in added]
    data = {"images": [[record.id, record.sha256] for record in records]}
    formats = ", ".join(sorted({record.header.format for record in records}))
    target = _target([record.id for record in records])
    if len(records) == 1:
        detail = f"{formats}, SHA-256 {records[0].sha256[:12]}…"
        audit.append(connection, by, "image added", target, detail, data)
    else:
        detail = f"{formats}, {len(records)} files"
        audit.append(connection, by, "images added", target, detail, data)


def _target(ids: Sequence[int]) -> str:
    if len(ids) == 1:
        return f"image {ids[0]}"
    if list(ids) == list(range(ids[0], ids[0] + len(ids))):
        return f"images {ids[0]} to {ids[-1]}"
    return f"{len(ids)} images"


def _now() -> str:
    return datetime.now(UTC).isoformat()
