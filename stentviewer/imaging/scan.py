"""The images in whatever a person drops on the window: files, folders, ZIPs."""

from __future__ import annotations

import os
from collections import Counter, deque
from collections.abc import Callable, Generator, Iterable, Iterator, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from itertools import groupby
from pathlib import Path
from typing import TYPE_CHECKING, Generic, TypeVar

from stentviewer.core.errors import StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.core.types import ImageHeader, Problem
from stentviewer.imaging.readers import NotAnImageError, read_header
from stentviewer.imaging.unzip import is_zip, unpack

if TYPE_CHECKING:
    from stentviewer.imaging.index_header import IndexedFile

_DICOMDIR = "DICOMDIR"  # a table of contents, not an image
_THREADS = 4  # hashing and reading leave Python free; a disk in the network likes to be asked ahead
_AHEAD = 64  # files looked at before their turn
_T = TypeVar("_T")


def find_images(
    paths: Sequence[Path], unpack_dir: Path, context: JobContext | None = None
) -> Iterator[ImageHeader | Problem]:
    """Every image's header in the order of `paths`, folders by name and with their folders.

    ZIPs are unpacked below `unpack_dir`. A file that fails becomes a Problem and the rest goes
    on; files in a folder or ZIP that are no images at all become one Problem for that folder, a ZIP
    within a ZIP among them, and only a notice where the folder holds images. A DICOMDIR is passed
    over. Raises Cancelled.
    """
    return _Scan(read_header, unpack_dir, context or JobContext(), None).find(paths)


def find_files(
    paths: Sequence[Path], unpack_dir: Path, context: JobContext | None = None
) -> Generator[IndexedFile | Problem, None, None]:
    """As `find_images`, with every file's SHA-256, and presentation states too.

    Files are looked at some way ahead, by several threads; close the iterator (with
    contextlib.closing) to be rid of these.
    """
    from stentviewer.imaging.index_header import index_file

    with ThreadPoolExecutor(_THREADS, "index") as pool:
        try:
            yield from _Scan(index_file, unpack_dir, context or JobContext(), pool).find(paths)
        finally:
            pool.shutdown(cancel_futures=True)


class _Scan(Generic[_T]):
    """One walk; `look` says what a file is and raises as `readers.read_header` does."""

    def __init__(
        self,
        look: Callable[[Path], _T],
        unpack_dir: Path,
        job: JobContext,
        pool: ThreadPoolExecutor | None,
    ) -> None:
        self._look = look
        self._unpack_dir = unpack_dir
        self._job = job
        self._pool = pool
        self._done = 0

    def find(self, paths: Iterable[Path]) -> Iterator[_T | Problem]:
        for are_folders, some in groupby(map(Path, paths), _is_folder):
            if are_folders:
                for folder in some:
                    yield from self._in_folder(folder, folder)
            else:
                yield from self._files(some)

    def _files(self, paths: Iterable[Path]) -> Iterator[_T | Problem]:
        """Files that were asked for by name."""
        for path, look in self._ahead(path for path in paths if not _is_table(path)):
            self._step(path)
            try:
                yield look()
            except NotAnImageError as error:
                yield from self._in_zip(path) if _is_zip(path) else [Problem(path, str(error))]
            except (StentviewerError, OSError) as error:
                yield Problem(path, _say(path, error))

    def _in_zip(self, path: Path) -> Iterator[_T | Problem]:
        try:
            folder = unpack(path, self._unpack_dir, self._job)
        except (StentviewerError, OSError) as error:
            yield Problem(path, _say(path, error))
        else:
            yield from self._in_folder(folder, path)

    def _in_folder(self, folder: Path, named: Path) -> Iterator[_T | Problem]:
        """The images in a folder and the folders in it; `named` is the folder or ZIP asked for."""
        unreadable: list[OSError] = []
        left_out: Counter[Path] = Counter()
        has_images = False
        for path, look in self._ahead(_below(folder, unreadable)):
            self._step(path)
            try:
                yield look()
                has_images = True
            except NotAnImageError:
                if named == folder and _is_zip(path):
                    yield from self._in_zip(path)
                    has_images = True
                else:  # a ZIP in a ZIP among them: bombs are built that way
                    left_out[named if path.parent == folder else path.parent] += 1
            except (StentviewerError, OSError) as error:
                yield Problem(path, _say(path, error))
        for path, others in left_out.items():
            yield Problem(path, _say_left_out(others), is_notice=has_images)
        for refused in unreadable:
            path = Path(refused.filename or folder)
            yield Problem(path, _say(path, refused))

    def _step(self, path: Path) -> None:
        self._job.step(self._done, 0, path.name)
        self._done += 1

    def _ahead(self, paths: Iterable[Path]) -> Iterator[tuple[Path, Callable[[], _T]]]:
        """Each path with what gives, or raises, what it is; begun before its turn by the pool."""
        if self._pool is None:
            yield from ((path, lambda path=path: self._look(path)) for path in paths)
            return
        begun: deque[tuple[Path, Future[_T]]] = deque()
        for path in paths:
            begun.append((path, self._pool.submit(self._look, path)))
            if len(begun) > _AHEAD:
                first, future = begun.popleft()
                yield first, future.result
        for path, future in begun:
            yield path, future.result


def _below(folder: Path, unreadable: list[OSError]) -> Iterator[Path]:
    """The files in a folder and the folders in it, by name, hidden ones left out."""
    for where, folders, names in os.walk(folder, onerror=unreadable.append):
        folders[:] = sorted(name for name in folders if not name.startswith("."))
        paths = (Path(where) / name for name in sorted(names) if not name.startswith("."))
        yield from (path for path in paths if not _is_table(path))


def _is_table(path: Path) -> bool:
    return path.name.upper() == _DICOMDIR


def _is_folder(path: Path) -> bool:
    try:
        return path.is_dir()
    except OSError:  # looking into it will say why
        return False


def _is_zip(path: Path) -> bool:
    try:
        if not path.is_file():
            return False
        with path.open("rb") as file:
            return is_zip(file.read(4))
    except OSError:
        return False


def _say_left_out(others: int) -> str:
    if others == 1:
        return sentence("1 file is not an image and was left out.")
    return sentence("{n} files are not images and were left out.", n=others)


def _say(path: Path, error: StentviewerError | OSError) -> str:
    if isinstance(error, OSError):
        return sentence(
            "“{name}” cannot be read ({reason}). Check that you may read it.",
            name=path.name,
            reason=error.strerror,
        )
    return str(error)
