"""The library: one SQLite file (write-ahead log) that keeps what was opened, read and decided.

A method that writes returns only after the change is on the disk (synchronous = FULL), so what was
confirmed survives a crash of the program or of the machine. Every change carries its row of the
audit trail in the same transaction.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import sqlalchemy as sa

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.types import ImageHeader, Label, Reading
from stentviewer.core.wording import say_findings
from stentviewer.library import audit, codec, migrate, placing, tree
from stentviewer.library.check import check_library
from stentviewer.library.lock import LibraryLock
from stentviewer.library.records import (
    Added,
    AuditEvent,
    ImageRecord,
    PatientRecord,
    ReadingRecord,
)
from stentviewer.library.schema import VERSION, image, insert, label, reading
from stentviewer.library.sentences import plain_errors


class Library:
    """Open with `Library.open`. Thread-safe; one writer at a time, readers beside it."""

    def __init__(self, folder: Path, reader: str, lock: LibraryLock | None) -> None:
        self.folder = folder
        self.reader = reader  # who the audit trail says did it
        self._lock = lock
        self._writing = threading.Lock()
        self._engine = _engine(folder / migrate.FILE_NAME, read_only=lock is None)

    @classmethod
    def open(cls, folder: Path, reader: str, read_only: bool = False) -> Library:
        """Open the folder's library, made or upgraded where needed.

        Read-only takes no lock and changes nothing, so it works beside a running program; it
        needs a library of this version. Raises UserError (folder not writable, open elsewhere,
        made by a later program) and KnownError (damaged, disk full).
        """
        folder = folder.absolute()
        with plain_errors(folder):
            if read_only:
                _must_be_current(folder)
                return cls(folder, reader, None)
            folder.mkdir(parents=True, exist_ok=True)
            lock = LibraryLock(folder / "library.lock")
            try:
                found = migrate.bring_up_to_date(folder)
                library = cls(folder, reader, lock)
                if found != VERSION:
                    library._note_version(found)
            except BaseException:
                lock.close()
                raise
            return library

    def close(self) -> None:
        """Close the file and let another program in."""
        self._engine.dispose()
        if self._lock is not None:
            self._lock.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()

    # images

    def add(self, header: ImageHeader, sha256: str, thumbnail: bytes) -> Added:
        """Index a file. Known content makes no copy: the record follows it to its new path.

        Other content under a known SOP Instance UID is kept as an image of its own.
        """
        with self._write() as connection:
            known = connection.execute(
                sa.select(image.c.id, image.c.path).where(image.c.sha256 == sha256)
            ).first()
            if known is not None:
                if known.path != str(header.path):
                    self._follow(connection, known.id, header)
                return Added(tree.image_record(connection, known.id), False)
            notice = placing.notice(connection, header)
            row = codec.header_row(header) | {
                "series_id": placing.place(connection, header),
                "sha256": sha256,
                "added": datetime.now(UTC).isoformat(),
                "thumbnail": thumbnail,
            }
            image_id = insert(connection, image, row)
            audit.append(
                connection,
                self.reader,
                "image added",
                _target(image_id),
                f"{header.format}, SHA-256 {sha256[:12]}…",
                {"image": image_id, "sha256": sha256},
            )
            return Added(tree.image_record(connection, image_id), True, notice)

    def _follow(self, connection: sa.Connection, image_id: int, header: ImageHeader) -> None:
        values = {"path": str(header.path), "series_id": placing.place(connection, header)}
        connection.execute(image.update().where(image.c.id == image_id).values(values))
        audit.append(connection, self.reader, "image moved", _target(image_id))

    def knows(self, sha256: str) -> bool:
        """Whether a file with this content is indexed."""
        with self._read() as connection:
            query = sa.select(image.c.id).where(image.c.sha256 == sha256)
            return connection.execute(query).first() is not None

    def patients(self) -> list[PatientRecord]:
        """The whole tree: patients by name, studies newest first, series and images by number."""
        with self._read() as connection:
            return tree.patients(connection)

    def image(self, image_id: int) -> ImageRecord:
        """One image. Raises LookupError for an id that was never given out."""
        with self._read() as connection:
            return tree.image_record(connection, image_id)

    # readings

    def save_reading(self, image_id: int, reading_: Reading) -> ReadingRecord:
        """Keep what the model said; never changed afterwards."""
        row = codec.reading_row(image_id, reading_, self.reader)
        with self._write() as connection:
            reading_id = insert(connection, reading, row)
            audit.append(
                connection,
                self.reader,
                "reading saved",
                _target(image_id, reading_.frame),
                f"{reading_.model.short} said {say_findings(reading_.findings)}",
                {"reading": reading_id, "digest": codec.reading_digest(row)},
            )
        return ReadingRecord(reading_id, image_id, reading_, self.reader)

    def readings(self, image_id: int, frame: int | None = None) -> list[ReadingRecord]:
        """The image's readings, newest first; of one frame where it is given."""
        query = sa.select(reading).where(reading.c.image_id == image_id)
        if frame is not None:
            query = query.where(reading.c.frame == frame)
        with self._read() as connection:
            rows = connection.execute(query.order_by(reading.c.id.desc()))
            return list(map(codec.reading_of, rows))

    def latest_reading(self, image_id: int, frame: int) -> ReadingRecord | None:
        """The frame's newest reading."""
        of_frame = sa.and_(reading.c.image_id == image_id, reading.c.frame == frame)
        query = sa.select(reading).where(of_frame).order_by(reading.c.id.desc()).limit(1)
        with self._read() as connection:
            row = connection.execute(query).first()
            return None if row is None else codec.reading_of(row)

    # labels

    def set_label(self, new: Label, action: str = "") -> Label:
        """Add to the frame's label history, which puts `new` in force.

        `action` is the audit trail's word for it where it is not a plain "label accepted",
        "label corrected" or "label cleared": "undo", "redo".
        """
        row = codec.label_row(new)
        with self._write() as connection:
            label_id = insert(connection, label, row)
            audit.append(
                connection,
                self.reader,
                action or f"label {new.action.value}",
                _target(new.image_id, new.frame),
                _label_detail(new),
                {"label": label_id} | row,
            )
        return new

    def label(self, image_id: int, frame: int) -> Label | None:
        """The label in force; None where there never was one or it was cleared."""
        with self._read() as connection:
            return tree.label_in_force(connection, image_id, frame)

    def label_history(self, image_id: int) -> list[Label]:
        """Every label the image's frames ever had, newest first."""
        query = sa.select(label).where(label.c.image_id == image_id).order_by(label.c.id.desc())
        with self._read() as connection:
            return list(map(codec.label_of, connection.execute(query)))

    # the trail

    def audit(self, limit: int | None = None) -> list[AuditEvent]:
        """The newest events, newest first."""
        with self._read() as connection:
            return audit.events(connection, limit)

    def check(self) -> list[str]:
        """One sentence for everything that is not as it should be; empty when all is well."""
        try:
            with self._read() as connection:
                return check_library(connection)
        except KnownError as error:  # too damaged to be read to its end
            return [str(error)]

    def _note_version(self, found: int | None) -> None:
        made = "library made" if found is None else "library upgraded"
        with self._write() as connection:
            audit.append(connection, self.reader, made, "library", f"schema version {VERSION}")

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        if self._lock is None:
            raise UserError("The library is open for reading only; open it in the program to edit.")
        with self._writing, plain_errors(self.folder), self._engine.begin() as connection:
            yield connection

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        with plain_errors(self.folder), self._engine.connect() as connection:
            yield connection


def _label_detail(new: Label) -> str:
    text = new.maker or "no label"
    return f"{text}; the model had said {new.model_said}" if new.model_said else text


def _target(image_id: int, frame: int | None = None) -> str:
    return f"image {image_id}" if frame is None else f"image {image_id}, frame {frame + 1}"


def _must_be_current(folder: Path) -> None:
    file = folder / migrate.FILE_NAME
    found = migrate.version_of(file)
    if found is None:
        raise UserError(f"There is no library in “{folder}” yet. Open an image to make one.")
    migrate.refuse_newer(file, found)
    if found < VERSION:
        raise UserError(
            f"The library in “{folder}” is of an earlier version. Open it once in the program, "
            "which upgrades it."
        )


def _engine(file: Path, *, read_only: bool) -> sa.Engine:
    def connect() -> sqlite3.Connection:
        connection = migrate.connect(file, "ro" if read_only else "rw")
        if not read_only:
            connection.execute("PRAGMA journal_mode = WAL")
            connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA foreign_keys = ON")
        return connection

    engine = sa.create_engine("sqlite://", creator=connect, poolclass=sa.QueuePool)
    # sqlite3 leaves transactions to us (isolation_level None), so that reads are in one too.
    sa.event.listen(engine, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return engine
