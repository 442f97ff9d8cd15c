"""Files that leave the program: never over another, whole or not at all."""

from __future__ import annotations

import os
import re
from pathlib import Path

_LONGEST_STEM = 200  # bytes; file systems take 255, and a number and an ending follow


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
