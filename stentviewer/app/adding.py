"""Files, folders and ZIPs into the library; and the thumbnails of what is in it."""

from __future__ import annotations

import time
from collections.abc import Sequence
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stentviewer.app.unchanged import must_be_unchanged
from stentviewer.core.errors import Cancelled
from stentviewer.core.jobs import JobContext
from stentviewer.core.logs import log
from stentviewer.core.sentences import sentence
from stentviewer.core.types import ImageHeader, Problem
from stentviewer.library.records import ImageRecord

if TYPE_CHECKING:
    from stentviewer.imaging.index_header import IndexedFile
    from stentviewer.library.repository import Library

_MOST_AT_ONCE = 250  # files in one transaction
_LONGEST_S = 1.0  # and what is found is kept at least this often


@dataclass(frozen=True, slots=True)
class AddResult:
    """What adding files did: the images found, how many are new, and what could not be used.

    A problem may also be a notice on an image that was added (two contents under one UID).
    `presentations` counts presentation states, new ones and known ones.
    """

    images: tuple[ImageRecord, ...]
    new: int
    problems: tuple[Problem, ...]
    presentations: int = 0


def add(library: Library, paths: Sequence[Path], job: JobContext) -> AddResult:
    """Index files, folders and ZIPs; a file that cannot be used becomes a problem.

    Raises Cancelled, and UserError or KnownError where the library itself cannot be written; what
    was indexed until then stays.
    """
    from stentviewer.imaging.scan import find_files

    whole = [Path(path).absolute() for path in paths]  # the library outlives this folder
    adding = _Adding(library)
    try:
        with closing(find_files(whole, library.folder / "unpacked", job)) as files:
            for found in files:
                if isinstance(found, Problem):
                    adding.problems.append(found)
                    continue
                job.step(adding.count, 0, found.path.name)
                adding.take(found)
    except Cancelled:
        adding.keep()
        raise
    adding.keep()
    result = adding.result()
    log("files.added", images=len(result.images), new=result.new, problems=len(result.problems))
    return result


class _Adding:
    """What was found and is not in the library yet, and what is."""

    def __init__(self, library: Library) -> None:
        self.problems: list[Problem] = []
        self._library = library
        self._images: dict[int, ImageRecord] = {}
        self._new = 0
        self._presentations = 0
        self._waiting: list[tuple[ImageHeader, str]] = []
        self._kept_at = time.monotonic()

    @property
    def count(self) -> int:
        return len(self._images) + len(self._waiting)

    def take(self, file: IndexedFile) -> None:
        """Add a file, at once or together with the next ones."""
        if not _is_text(file.path):
            self.problems.append(_not_text(file.path))
        elif isinstance(file.header, ImageHeader):
            self._waiting.append((file.header, file.sha256))
            late = time.monotonic() - self._kept_at > _LONGEST_S
            if len(self._waiting) >= _MOST_AT_ONCE or late:
                self.keep()
        else:
            self._library.add_presentation(file.header, file.sha256)
            self._presentations += 1

    def keep(self) -> None:
        """Write what waits."""
        files, self._waiting = self._waiting, []
        if files:
            for (header, _), added in zip(files, self._library.add_many(files), strict=True):
                self._images[added.record.id] = added.record
                self._new += added.is_new
                if added.notice:
                    said = sentence("{name}: {notice}", name=header.path.name, notice=added.notice)
                    self.problems.append(Problem(header.path, said))
        self._kept_at = time.monotonic()

    def result(self) -> AddResult:
        return AddResult(
            tuple(self._images.values()), self._new, tuple(self.problems), self._presentations
        )


def thumbnail(library: Library, image_id: int) -> bytes | None:
    """The image's thumbnail, PNG: the kept one, else made of the file and kept.

    None where the file's pixels cannot be read now; opening the image says why.
    """
    from stentviewer.core.errors import StentviewerError
    from stentviewer.imaging.overlay import thumbnail_png
    from stentviewer.imaging.readers import read_radiograph

    kept = library.thumbnail(image_id)
    if kept is not None:
        return kept
    record = library.image(image_id)
    try:
        must_be_unchanged(record)
        made = thumbnail_png(read_radiograph(record.header.path))
    except StentviewerError:
        return None
    library.set_thumbnail(image_id, made)
    return made


def _not_text(path: Path) -> Problem:
    return Problem(
        path,
        sentence(
            "“{name}” or its folder has a name that is not valid text, so the library cannot keep "
            "it. Rename it and open it again.",
            name=_shown(path.name),
        ),
    )


def _is_text(path: Path) -> bool:
    """Whether a path can be written down: on Linux a name may be bytes that are no UTF-8."""
    return _shown(str(path)) == str(path)


def _shown(name: str) -> str:
    return name.encode("utf-8", "replace").decode()
