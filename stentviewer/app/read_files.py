"""Reading files that are in no library: one result an image, whatever the others do."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from stentviewer.app.analyse import read_stents
from stentviewer.core.errors import KnownError, StentviewerError
from stentviewer.core.files import free_name
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Problem, Reading
from stentviewer.imaging.readers import read_radiograph
from stentviewer.imaging.scan import find_images
from stentviewer.inference.bundle import Bundle
from stentviewer.inference.runtimes.base import Runtime


@dataclass(frozen=True, slots=True)
class FileReading:
    """What came of one file: a reading and its heat map's picture, or a sentence why not."""

    path: Path
    reading: Reading | None = None
    picture: Path | None = None
    error: str | None = None
    is_notice: bool = False  # the error is about files that nobody asked for by name


def read_files(
    paths: Sequence[Path],
    frame: int,
    bundle: Bundle,
    runtime: Runtime,
    out: Path | None = None,
    context: JobContext | None = None,
) -> Iterator[FileReading]:
    """Read `frame` (zero-based) of every image in files, folders and ZIPs, in order.

    With `out`, the heat map over the image is written there as PNG. A file that fails yields its
    sentence and the rest goes on.
    """
    job = context or JobContext()
    with _temporary_folder() as unpacked:
        for found in find_images(paths, Path(unpacked), job):
            if isinstance(found, Problem):
                yield FileReading(found.path, error=found.message, is_notice=found.is_notice)
                continue
            try:
                yield _read_one(found.path, frame, bundle, runtime, out, job)
            except StentviewerError as error:
                yield FileReading(found.path, error=str(error))


def _temporary_folder() -> tempfile.TemporaryDirectory[str]:
    try:
        return tempfile.TemporaryDirectory(prefix="stentviewer-")
    except OSError as error:
        raise KnownError(
            sentence(
                "There is no folder for temporary files that can be written ({reason}). Free "
                "some space, or set TMPDIR to a folder that can be written.",
                reason=error.strerror,
            )
        ) from error


def _read_one(
    path: Path, frame: int, bundle: Bundle, runtime: Runtime, out: Path | None, job: JobContext
) -> FileReading:
    radiograph = read_radiograph(path)
    reading = read_stents(radiograph, frame, bundle, runtime, job)
    if out is None or reading.refusal:  # of what was not read there is nothing to show
        return FileReading(path, reading)
    from stentviewer.app.exporting import write_overlay

    picture = out / f"{free_name(out, f'{path.stem[:180]}_heat')}.png"
    return FileReading(path, reading, write_overlay(radiograph, reading, picture))
