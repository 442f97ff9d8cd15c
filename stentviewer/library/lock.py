"""One program at a time: a lock that the operating system drops however the program dies."""

from __future__ import annotations

import os
import platform
from datetime import datetime
from pathlib import Path
from typing import BinaryIO

from stentviewer.core.errors import UserError
from stentviewer.core.file_lock import try_lock
from stentviewer.core.sentences import sentence
from stentviewer.core.settings import account_name


class LibraryLock:
    """Holds `path` locked until closed. Raises UserError naming the holder, OSError otherwise."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("a+b")
        try:
            if not try_lock(self._file):
                raise UserError(_held_sentence(path))
            self._write_holder()
        except BaseException:
            self._file.close()
            raise

    def _write_holder(self) -> None:
        since = datetime.now().astimezone().isoformat(" ", "minutes")
        holder = f"process {os.getpid()}, {account_name()} on {platform.node()}, since {since}"
        self._file.truncate(0)
        self._file.write(holder.encode())
        self._file.flush()

    def close(self) -> None:
        """Let the next program in. The file stays: deleting it would race with that program."""
        self._file.close()


def _held_sentence(path: Path) -> str:
    try:
        holder = path.read_text("utf-8", "replace").strip()
    except OSError:
        holder = ""
    if holder:
        return sentence(
            "The library in “{folder}” is already open in another copy of stentviewer ({holder}). "
            "Use that one, or close it and start again.",
            folder=path.parent,
            holder=holder,
        )
    return sentence(
        "The library in “{folder}” is already open in another copy of stentviewer. Use that one, "
        "or close it and start again.",
        folder=path.parent,
    )
