"""Files that are written: never over another, whole or not at all; and a disk that refuses."""

from __future__ import annotations

import errno
import os
import re
from pathlib import Path

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence

_LONGEST_STEM = 200  # bytes; file systems take 255, and a number and an ending follow

_FULL = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def not_written(folder: Path, error: OSError) -> KnownError:
    """What is said where a folder of a run refuses what is written."""
    if error.errno in _FULL:
        return KnownError(
            sentence(
                "The disk of {folder} is full. Free some space; what was done so far is kept and "
                "goes on from there.",
                folder=str(folder),
            )
        )
    return KnownError(
        sentence(
            "{folder} cannot be written: {reason}. Free some space or choose another folder.",
            folder=str(folder),
            reason=error.strerror or sentence("the disk refused"),
        )
    )


def write_new(path: Path, data: bytes | memoryview) -> Path:
    """Write a file that was not there, whole or not at all; two programs never write the same.

    Returns where it lies: a number is added where the name is taken. Raises OSError.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    while True:
        try:
            file = path.open("xb")
            break
        except FileExistsError:
            path = path.with_name(free_name(path.parent, path.stem, path.suffix) + path.suffix)
    try:
        with file:
            file.write(data)
    except OSError:
        path.unlink(missing_ok=True)
        raise
    return path


def free_name(folder: Path, stem: str, *endings: str) -> str:
    """The name, with a number if a file of that name with one of the endings is there already.

    Without endings those of a report and its picture count. Control characters go, and what is
    too long for a disk is cut off.
    """
    stem = re.sub(r"[\x00-\x1f\x7f-\x9f]+", "_", stem)
    while len(os.fsencode(stem)) > _LONGEST_STEM:
        stem = stem[:-1]
    number, free = 2, stem
    while any(os.path.lexists(folder / f"{free}{end}") for end in endings or (".pdf", ".png")):
        free, number = f"{stem}_{number}", number + 1
    return free
