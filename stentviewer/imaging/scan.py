"""The images in whatever a person drops on the window: files, folders, ZIPs."""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stentviewer.core.errors import StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.core.types import ImageHeader, Problem
from stentviewer.imaging.readers import NotAnImageError, read_header
from stentviewer.imaging.unzip import is_zip, unpack

Found = ImageHeader | Problem
_DICOMDIR = "DICOMDIR"  # a table of contents, not an image


@dataclass(slots=True)
class _Count:
    done: int = 0


def find_images(
    paths: Sequence[Path], unpack_dir: Path, context: JobContext | None = None
) -> Iterator[Found]:
    """Every image's header in the order of `paths`, folders by name and with their folders.

    ZIPs are unpacked below `unpack_dir`. A file that fails becomes a Problem and the rest goes
    on; files in a folder or ZIP that are no images at all become one Problem for that folder, a ZIP
    within a ZIP among them, and only a notice where the folder holds images. A DICOMDIR is passed
    over. Raises Cancelled.
    """
    job = context or JobContext()
    count = _Count()
    for path in paths:
        yield from _find(Path(path), unpack_dir, job, count)


def _find(path: Path, unpack_dir: Path, job: JobContext, count: _Count) -> Iterator[Found]:
    job.step(count.done, 0, path.name)
    try:
        if path.is_dir():
            yield from _in_folder(path, unpack_dir, job, count, path)
        elif path.name.upper() == _DICOMDIR:
            pass
        elif _is_zip(path):
            folder = unpack(path, unpack_dir, job)
            yield from _in_folder(folder, unpack_dir, job, count, path)
        else:
            yield read_header(path)
    except (StentviewerError, OSError) as error:
        yield Problem(path, _say(path, error))
    count.done += 1


def _in_folder(
    folder: Path, unpack_dir: Path, job: JobContext, count: _Count, named: Path
) -> Iterator[Found]:
    """The images in a folder and the folders in it; `named` is the folder or ZIP asked for."""
    unreadable: list[OSError] = []
    left_out: list[tuple[Path, int]] = []
    has_images = False
    for where, folders, names in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        others = 0
        for name in sorted(names):
            job.step(count.done, 0, name)
            count.done += 1
            path = Path(where) / name
            if name.startswith(".") or name.upper() == _DICOMDIR:
                continue
            try:
                if _is_zip(path) and named == folder:
                    yield from _find(path, unpack_dir, job, count)
                else:  # a ZIP in a ZIP counts as no image: bombs are built that way
                    yield read_header(path)
                has_images = True
            except NotAnImageError:
                others += 1
            except (StentviewerError, OSError) as error:
                yield Problem(path, _say(path, error))
        if others:
            left_out.append((named if where == str(folder) else Path(where), others))
    for path, others in left_out:
        yield Problem(
            path,
            sentence("1 file is not an image and was left out.")
            if others == 1
            else sentence("{n} files are not images and were left out.", n=others),
            is_notice=has_images,
        )
    for refused in unreadable:
        path = Path(refused.filename or folder)
        yield Problem(path, _say(path, refused))


def _is_zip(path: Path) -> bool:
    if not path.is_file():
        return False
    with path.open("rb") as file:
        return is_zip(file.read(4))


def _say(path: Path, error: StentviewerError | OSError) -> str:
    if isinstance(error, OSError):
        return sentence(
            "“{name}” cannot be read ({reason}). Check that you may read it.",
            name=path.name,
            reason=error.strerror,
        )
    return str(error)
