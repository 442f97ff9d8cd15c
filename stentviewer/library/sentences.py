"""What SQLite and the file system complain of, said so that a person knows what to do."""

from __future__ import annotations

import errno
import json
import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlalchemy as sa

from stentviewer.core.errors import KnownError, StentviewerError, UserError
from stentviewer.core.sentences import sentence

_DAMAGED = (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB)
_BUSY = (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED)
_BAD_ACCESS = (sqlite3.SQLITE_READONLY, sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_PERM)


class UnreadableRowError(Exception):
    """A row holds what no version of the program ever wrote: the file was damaged or edited."""


@contextmanager
def plain_errors(folder: Path) -> Iterator[None]:
    """Turn database and file errors into UserError or KnownError; anything else is a bug."""
    try:
        yield
    except sa.exc.DBAPIError as error:
        raise _of_database(error.orig, folder) or error from error
    except sqlite3.Error as error:
        raise _of_database(error, folder) or error from error
    except OSError as error:
        raise _of_system(error, folder) from error
    except (UnreadableRowError, UnicodeDecodeError, json.JSONDecodeError) as error:
        raise _damaged(folder) from error


def _of_database(error: BaseException | None, folder: Path) -> StentviewerError | None:
    if str(error).startswith("Could not decode to UTF-8"):
        return _damaged(folder)
    code = getattr(error, "sqlite_errorcode", None)
    if code is None:
        return None
    primary = code & 0xFF  # the extended codes keep the kind in the low byte
    if primary == sqlite3.SQLITE_FULL:
        return _full(folder)
    if primary in _BAD_ACCESS:
        return _not_writable(folder)
    missing = primary == sqlite3.SQLITE_ERROR and str(error).startswith("no such ")
    if primary in _DAMAGED or missing:
        return _damaged(folder)
    if primary in _BUSY:
        return KnownError(
            sentence(
                "Another program holds the library in “{folder}” busy. Close it and try "
                "again; nothing already saved is lost.",
                folder=folder,
            )
        )
    if primary == sqlite3.SQLITE_IOERR:
        return KnownError(
            sentence(
                "The disk of the library in “{folder}” gave an error. Check the disk and its "
                "connection, then try again; nothing already saved is lost.",
                folder=folder,
            )
        )
    return None


def _of_system(error: OSError, folder: Path) -> StentviewerError:
    if error.errno in (errno.ENOSPC, errno.EDQUOT):
        return _full(folder)
    if isinstance(error, FileNotFoundError | NotADirectoryError | FileExistsError):
        return UserError(
            sentence(
                "The library folder “{folder}” is not there and cannot be made. Choose "
                "another folder for the library.",
                folder=folder,
            )
        )
    return _not_writable(folder)


def _damaged(folder: Path) -> KnownError:
    return KnownError(
        sentence(
            "The library in “{folder}” is damaged and was not changed. Put the newest "
            "backup of library.db in its place, or move the folder aside to start with an"
            " empty library.",
            folder=folder,
        )
    )


def _full(folder: Path) -> KnownError:
    return KnownError(
        sentence(
            "The library's disk is full (“{folder}”): this was not saved. Free some space"
            " and do it again; nothing already saved is lost.",
            folder=folder,
        )
    )


def _not_writable(folder: Path) -> UserError:
    return UserError(
        sentence(
            "The library folder “{folder}” cannot be written to. Ask for the right to "
            "write there, or choose another folder for the library.",
            folder=folder,
        )
    )
