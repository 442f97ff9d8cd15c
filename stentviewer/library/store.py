"""The library's file: opened under its lock, written in transactions, read beside them.

A method that writes returns only after the change is on the disk (synchronous = FULL), so what was
confirmed survives a crash of the program or of the machine.
"""

from __future__ import annotations

import sqlite3
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import TracebackType
from typing import Self, TypeVar

import sqlalchemy as sa

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.library import audit, migrate
from stentviewer.library.lock import LibraryLock
from stentviewer.library.schema import VERSION
from stentviewer.library.sentences import plain_errors

_T = TypeVar("_T")


class Store:
    """Thread-safe; one writer at a time, readers beside it."""

    def __init__(self, folder: Path, reader: str, lock: LibraryLock | None) -> None:
        self.folder = folder
        self.reader = reader  # who the audit trail says did it
        self._lock = lock
        self._writing = threading.Lock()
        self._engine = _engine(folder / migrate.FILE_NAME, read_only=lock is None)

    @classmethod
    def open(cls, folder: Path, reader: str, read_only: bool = False) -> Self:
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

    def _note_version(self, found: int | None) -> None:
        made = "library made" if found is None else "library upgraded"
        with self._write() as connection:
            audit.append(connection, self.reader, made, "library", f"schema version {VERSION}")

    @contextmanager
    def _write(self) -> Iterator[sa.Connection]:
        if self._lock is None:
            raise UserError(
                sentence("The library is open for reading only; open it in the program to edit.")
            )
        with self._writing, plain_errors(self.folder), self._engine.begin() as connection:
            yield connection

    def ask(self, question: Callable[[sa.Connection], _T]) -> _T:
        """The answer to a question that changes nothing, asked beside the writer."""
        with self._read() as connection:
            return question(connection)

    @contextmanager
    def _read(self) -> Iterator[sa.Connection]:
        with plain_errors(self.folder), self._engine.connect() as connection:
            yield connection


def _must_be_current(folder: Path) -> None:
    file = folder / migrate.FILE_NAME
    found = migrate.version_of(file)
    if found is None:
        raise UserError(
            sentence(
                "There is no library in “{folder}” yet. Open an image to make one.", folder=folder
            )
        )
    migrate.refuse_newer(file, found)
    if found < VERSION:
        raise UserError(
            sentence(
                "The library in “{folder}” is of an earlier version. Open it once in the "
                "program, which upgrades it.",
                folder=folder,
            )
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
