"""The library file's schema version: read at every start, changed only when it is not the newest.

A new or older library is brought to the newest version as a copy, checked, then put in place in
one step; an older file stays beside it as library.v1.bak. A newer one is refused. Alembic is
imported only when there is something to do.
"""

from __future__ import annotations

import os
import re
import sqlite3
from contextlib import closing
from pathlib import Path

import sqlalchemy as sa

from stentviewer import __version__
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.library import audit
from stentviewer.library.schema import VERSION
from stentviewer.library.sentences import UnreadableRowError

FILE_NAME = "library.db"
SCRIPTS = Path(__file__).parent / "migrations"


def connect(file: Path, mode: str) -> sqlite3.Connection:
    """A plain connection in SQLite's mode "ro", "rw" or "rwc"; transactions are the caller's.

    A library in a folder without the right to write has no room for the write-ahead log's index;
    it is then read as it lies, which is safe because nobody can be writing to it.
    """

    def opened(options: str) -> sqlite3.Connection:
        return sqlite3.connect(
            f"{file.absolute().as_uri()}?{options}",
            uri=True,
            timeout=5,
            isolation_level=None,
            check_same_thread=False,
        )

    connection = opened(f"mode={mode}")
    if mode != "ro":
        return connection
    try:
        connection.execute("PRAGMA schema_version")
    except sqlite3.OperationalError as error:
        connection.close()
        no_room = error.sqlite_errorcode & 0xFF in (
            sqlite3.SQLITE_CANTOPEN,
            sqlite3.SQLITE_READONLY,
        )
        if not no_room or _log_of(file).exists():
            raise
        return opened("mode=ro&immutable=1")
    except BaseException:
        connection.close()
        raise
    return connection


def _log_of(file: Path) -> Path:
    return file.with_name(f"{file.name}-wal")


def version_of(file: Path) -> int | None:
    """The file's schema version, None where there is no library yet.

    Raises UserError if it is another program's database, sqlite3.DatabaseError if it is none,
    UnreadableRowError if it is damaged there.
    """
    if not file.is_file() or file.stat().st_size == 0:
        return None
    with closing(connect(file, "ro")) as connection:
        try:
            row = connection.execute("SELECT version_num FROM alembic_version").fetchone()
        except sqlite3.OperationalError as error:
            if "no such table" not in str(error):
                raise
            row = None
        except UnicodeDecodeError as error:
            raise UnreadableRowError from error
    if row is None:
        raise UserError(
            sentence(
                "The file “{file}” is not a stentviewer library. Move it away, or choose "
                "another folder for the library.",
                file=file,
            )
        )
    if not re.fullmatch("0*[1-9][0-9]{0,3}", str(row[0])):
        raise UnreadableRowError
    return int(row[0])


def refuse_newer(file: Path, found: int, newest: int = VERSION) -> None:
    """Raise UserError if a later program made the file, saying which."""
    if found <= newest:
        return
    with closing(connect(file, "ro")) as connection:
        try:
            row = connection.execute("SELECT value FROM about WHERE key = 'program'").fetchone()
        except sqlite3.OperationalError:  # a later version may keep it elsewhere
            row = None
    made_by = f"stentviewer {row[0]}" if row else sentence("a newer stentviewer")
    raise UserError(
        sentence(
            "The library in “{folder}” was made by {made_by}; this is stentviewer "
            "{version}, which cannot read it. Install {made_by} or later. The library was"
            " not changed.",
            folder=file.parent,
            made_by=made_by,
            version=__version__,
        )
    )


def bring_up_to_date(folder: Path, scripts: Path = SCRIPTS, newest: int = VERSION) -> int | None:
    """Make or upgrade the folder's library; needs its lock.

    Returns the version that was found, None where there was none. Raises UserError and
    KnownError; sqlite3.Error and OSError where the disk is at fault. Whatever is raised, the
    library that was there is still there.
    """
    file = folder / FILE_NAME
    found = version_of(file)
    if found == newest:
        return found
    if found is not None:
        refuse_newer(file, found, newest)
    copy = folder / f"{FILE_NAME}.new"
    _remove(copy)
    try:
        if found is not None:
            _copy(file, copy)
        _run_steps(copy, scripts, newest)
        _verify(copy, file if found is not None else None)
        if found is not None:
            _keep_old(file, folder / f"library.v{found}.bak")
        _swap(copy, file)
    finally:
        _remove(copy)
    return found


def _copy(source: Path, target: Path) -> None:
    with closing(connect(source, "rw")) as old, closing(connect(target, "rwc")) as new:
        old.backup(new)
        new.execute("PRAGMA journal_mode = DELETE")  # all of it in one file


def _run_steps(file: Path, scripts: Path, newest: int) -> None:
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(scripts).replace("%", "%%"))
    engine = sa.create_engine("sqlite://", creator=lambda: connect(file, "rwc"))
    try:
        with engine.connect() as connection:
            config.attributes["connection"] = connection
            command.upgrade(config, f"{newest:04d}")
            connection.execute(
                sa.text("INSERT OR REPLACE INTO about VALUES ('program', :version)"),
                {"version": __version__},
            )
            connection.commit()
    finally:
        engine.dispose()


def _verify(copy: Path, old: Path | None) -> None:
    """Raise KnownError unless the copy is whole and holds every row the old file holds."""
    engine = sa.create_engine("sqlite://", creator=lambda: connect(copy, "ro"))
    try:
        with engine.connect() as connection:
            whole = connection.exec_driver_sql("PRAGMA integrity_check").scalar() == "ok"
            linked = connection.exec_driver_sql("PRAGMA foreign_key_check").first() is None
            sealed = next(audit.broken(connection), None) is None
    finally:
        engine.dispose()
    complete = old is None or _counts(old).items() <= _counts(copy).items()
    if not (whole and linked and sealed and complete):
        raise KnownError(
            sentence(
                "The library in “{folder}” could not be upgraded: the upgraded copy did not "
                "pass its checks. The library was not changed; run “stentviewer library "
                "check”.",
                folder=copy.parent,
            )
        )


def _counts(file: Path) -> dict[str, int]:
    """How many rows each table has."""
    with closing(connect(file, "ro")) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        return {
            name: connection.execute(f'SELECT count(*) FROM "{name}"').fetchone()[0]  # noqa: S608
            for (name,) in names.fetchall()
        }


def _keep_old(file: Path, backup: Path) -> None:
    unfinished = backup.with_suffix(".part")
    _remove(unfinished)
    _copy(file, unfinished)
    _flush(unfinished)
    unfinished.replace(backup)
    with closing(connect(file, "rw")) as old:  # its log must not be taken for the new file's
        old.execute("PRAGMA journal_mode = DELETE")


def _swap(copy: Path, file: Path) -> None:
    _flush(copy)
    copy.replace(file)
    if os.name == "posix":
        _flush(file.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(file: Path) -> None:
    for suffix in ("", "-journal", "-wal", "-shm"):
        file.with_name(file.name + suffix).unlink(missing_ok=True)
