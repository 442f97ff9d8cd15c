"""A run's images, each decoded once, as bytes at the training size in one memory-mapped file.

Training sees what reading sees: the whole field, or the stent found in it (`learning.feed`).
The cache is found again by the images' content, so that names and folders may change.
"""

from __future__ import annotations

import errno
import hashlib
import json
import os
import shutil
import time
import zlib
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import KnownError
from stentviewer.core.files import not_written
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray, Problem
from stentviewer.imaging.readers import unreadable
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.learning.cache_file import (
    CacheFile,
    Known,
    Row,
    fingerprint,
    forget_stale,
    mapped,
)
from stentviewer.learning.decoding import Decoded, Task, decode, stamp_of
from stentviewer.learning.events import RunContext
from stentviewer.learning.feed import Feed, Seen, finder_of, key_of
from stentviewer.learning.selection import Item

if TYPE_CHECKING:
    from stentviewer.inference.bundle import Bundle

_KEEP_FREE: Final = 256 * 2**20
_HASHERS: Final = 4
_LISTENS: Final = 0.2  # seconds
_SPOKEN: Final = 200


@dataclass(frozen=True, eq=False)
class ImageCache:
    """The images of a run that could be read, in the order of its selection.

    pixels (n, side, side) uint8 is 0 to 255 between the window's limits, and 0 as padding; inside
    (n, 4) are the pixels (x0, y0, x1, y1) that are not padding; extent (n, 4) is what the square
    covers (x0, y0, x1, y1), in image fractions. sha256 are the contents' hashes with the frame,
    "…:0". digest stands for the whole cache: what is computed from it can be kept under it.

    finder (`feed.Feed.key`) stands for what found the stents where the squares are of single ones,
    and is empty where they are of whole fields; seen is what is known of each stent then. The
    extent is of the crop then, not of the image.
    """

    items: tuple[Item, ...]
    pixels: np.memmap[tuple[int, ...], np.dtype[np.uint8]]
    inside: NDArray[np.int64]
    extent: NDArray[np.float64]
    sha256: tuple[str, ...]
    digest: str
    spec: Preprocessing
    finder: str = ""
    seen: tuple[Seen, ...] = ()

    def __len__(self) -> int:
        return len(self.items)

    @property
    def side(self) -> int:
        return self.spec.side

    def is_for(self, bundle: Bundle) -> bool:
        """Whether a model is fed what is here; mean and deviation may differ."""
        own = fingerprint(self.spec, self.finder)
        return fingerprint(bundle.manifest.preprocessing, key_of(finder_of(bundle))) == own

    def tensor(self, rows: NDArray[np.int64] | Sequence[int], spec: Preprocessing) -> FloatArray:
        """What the network is fed, (k, 3, side, side), as `preprocess.prepare` gives it.

        Within half of 1/255 of the window, to which the cache rounds. Raises ValueError where the
        cache was made with other settings (mean and deviation may differ).
        """
        if fingerprint(spec) != fingerprint(self.spec):
            raise ValueError("the cache was made with other preprocessing")
        made = np.zeros((len(rows), 3, self.side, self.side), np.float32)
        for out, row in zip(made, rows, strict=True):
            x0, y0, x1, y1 = self.inside[row]
            picture = self.pixels[row, y0:y1, x0:x1]
            for plane, mean, std in zip(out[:, y0:y1, x0:x1], spec.mean, spec.std, strict=True):
                np.multiply(picture, np.float32(1 / (255 * std)), out=plane)
                plane -= np.float32(mean / std)
        return made


@dataclass(frozen=True, slots=True)
class _Source:
    """An item whose file is there: its content and frame, and the key of its pixels."""

    task: Task
    sha256: str
    key: str

    @property
    def item(self) -> Item:
        return self.task.item


def open_cache(
    items: Sequence[Item],
    spec: Preprocessing,
    folder: Path,
    context: RunContext,
    workers: int | None = None,
    finder: Bundle | None = None,
) -> tuple[ImageCache, tuple[Problem, ...]]:
    """The cache of these items in `folder`, made or completed where it is not there.

    A file that cannot be read becomes a Problem, as does a second copy of an image (the first is
    kept, one of role "test" before any other; of copies with different labels, none). workers:
    processes that decode; None for as many as fit. finder: the model whose finder finds the stent
    that fills the square; an image without one is a Problem. Raises KnownError where the disk has
    no room or the finder is damaged, Cancelled at an order to stop; what was done until then is
    kept.
    """
    feed = Feed(spec, finder_of(finder))
    sources, problems = _hashed(items, context)
    sources, copies = _without_copies(sources)
    problems += copies
    name = hashlib.sha256("\n".join(one.key for one in sources).encode()).hexdigest()[:24]
    place = folder / fingerprint(spec, feed.key)
    try:
        place.mkdir(parents=True, exist_ok=True)
        file = CacheFile(place, name, spec.side)
        try:
            _wait_for(file, context)
            problems += _complete(
                file, sources, Known(place, spec.side, name), feed, context, workers
            )
            rows = list(file.rows)
            pixels = mapped(file.path, len(rows), spec.side)
        finally:
            file.close()
        forget_stale(folder)
    except OSError as error:
        raise not_written(folder, error) from error
    return _opened(sources, rows, pixels, feed), tuple(problems)


def _opened(
    sources: Sequence[_Source],
    rows: Sequence[Row],
    pixels: np.memmap[tuple[int, ...], np.dtype[np.uint8]],
    feed: Feed,
) -> ImageCache:
    of_key = {one.key: one for one in sources}
    kept = [of_key[row.key] for row in rows]
    sums = json.dumps([fingerprint(feed.spec, feed.key), [(row.key, row.crc) for row in rows]])
    return ImageCache(
        items=tuple(one.item for one in kept),
        pixels=pixels,
        inside=np.array([row.inside for row in rows], np.int64).reshape(-1, 4),
        extent=np.array([row.extent for row in rows], np.float64).reshape(-1, 4),
        sha256=tuple(one.sha256 for one in kept),
        digest=hashlib.sha256(sums.encode()).hexdigest(),
        spec=feed.spec,
        finder=feed.key,
        seen=tuple(row.seen for row in rows if row.seen is not None),
    )


def _hashed(items: Sequence[Item], context: RunContext) -> tuple[list[_Source], list[Problem]]:
    """Hash each file once, several at a time: hashing and the disk leave Python free."""
    paths = list(dict.fromkeys(item.path for item in items))
    found: dict[Path, tuple[str, tuple[int, int]] | OSError] = {}
    with ThreadPoolExecutor(_HASHERS) as pool:
        try:
            for path, result in zip(paths, pool.map(_hash, paths), strict=True):
                _tell(context, sentence("Looking for known images"), len(found), len(paths))
                found[path] = result
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    sources, problems = [], []
    for item in items:
        result = found[item.path]
        if isinstance(result, OSError):
            problems.append(Problem(item.path, str(unreadable(item.path, result))))
            continue
        sha256, stamp = result
        frame = f"{sha256}:{item.frame}"
        masks = "".join(f":{box.as_list()}" for box in item.masks)
        sources.append(_Source(Task(item, stamp), frame, frame + masks))
    return sources, problems


def _hash(path: Path) -> tuple[str, tuple[int, int]] | OSError:
    try:
        if not path.is_file():  # a pipe or device would keep the run waiting
            path.stat()
            return OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        stamp = stamp_of(path)
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest(), stamp
    except OSError as error:
        return error


def _without_copies(sources: Sequence[_Source]) -> tuple[list[_Source], list[Problem]]:
    """One image of each content: a copy on the other side of a fold would be known by heart."""
    groups: dict[str, list[_Source]] = {}
    for one in sources:
        groups.setdefault(one.sha256, []).append(one)
    dropped: dict[int, Problem] = {}
    for same in groups.values():
        if len(same) < 2:
            continue
        clash = len({one.item.label for one in same}) > 1
        kept = None if clash else next((o for o in same if o.item.role == "test"), same[0])
        for one in same:
            if one is not kept:
                said = _clashing(one, same) if kept is None else _copy(one, kept)
                dropped[id(one)] = Problem(one.item.path, said)
    return [one for one in sources if id(one) not in dropped], list(dropped.values())


def _copy(one: _Source, kept: _Source) -> str:
    return sentence(
        "“{name}” is the same image as “{other}” and is left out.",
        name=one.item.path.name,
        other=kept.item.path.name,
    )


def _clashing(one: _Source, same: Sequence[_Source]) -> str:
    return sentence(
        "“{name}” is in the selection more than once, with the labels {labels}: left out until "
        "they agree.",
        name=one.item.path.name,
        labels=tuple(sorted({other.item.label for other in same})),
    )


def _wait_for(file: CacheFile, context: RunContext) -> None:
    """Wait until no other process builds this cache."""
    while not file.try_lock():
        context.stage(sentence("Another run is reading the same images"))
        time.sleep(_LISTENS)


def _complete(
    file: CacheFile,
    sources: Sequence[_Source],
    known: Known,
    feed: Feed,
    context: RunContext,
    workers: int | None,
) -> list[Problem]:
    """Bring the file to hold every source in order but those that cannot be decoded."""
    file.load()
    place_of = {one.key: i for i, one in enumerate(sources)}
    done = [place_of.get(row.key, -1) for row in file.rows]
    if done != sorted(set(done)) or -1 in done:  # not what was written
        file.cut(0)
        done = []
    failed: dict[int, Problem] = {}
    missing = sorted(set(range(max(done, default=-1))) - set(done))
    tasks = [sources[i].task for i in missing]
    with closing(decode(tasks, feed, workers, context.control)) as again:
        for i, result in zip(missing, again, strict=False):
            if isinstance(result, Decoded):  # could not be read before, now it can
                file.cut(sum(place < i for place in done))
                break
            failed[i] = result
    first = place_of[file.rows[-1].key] + 1 if file.rows else 0
    if file.rows or failed:
        first = max([first, *(i + 1 for i in failed)])
    _need_room(file, len(sources) - first)
    problems = [failed[i] for i in sorted(failed)]
    return problems + _append(file, sources[first:], known, feed, context, workers)


def _append(
    file: CacheFile,
    sources: Sequence[_Source],
    known: Known,
    feed: Feed,
    context: RunContext,
    workers: int | None,
) -> list[Problem]:
    copied = {one.key for one in sources if known.has(one.key)}
    fresh = [one.task for one in sources if one.key not in copied]
    problems = []
    with closing(decode(fresh, feed, workers, context.control)) as results:
        for number, one in enumerate(sources):
            _tell(context, sentence("Reading images"), number, len(sources))
            found = known.find(one.key) if one.key in copied else None
            if found is not None:
                file.add(*found)
                continue
            if one.key in copied:  # the copy is damaged
                (result,) = decode([one.task], feed, 1, context.control)
            else:
                result = next(results)
            if isinstance(result, Problem):
                problems.append(result)
                continue
            crc = zlib.crc32(result.pixels.data)
            row = Row(one.key, crc, result.inside, result.extent, result.seen)
            file.add(row, result.pixels)
    return problems


def _tell(context: RunContext, what: str, done: int, total: int) -> None:
    """Obey orders at every image, speak at some hundred of them."""
    if done % max(1, total // _SPOKEN):
        context.control.check()
    else:
        context.stage(what, done, total)


def _need_room(file: CacheFile, images: int) -> None:
    need = images * file.side * file.side
    free = shutil.disk_usage(file.path.parent).free
    if images and need + _KEEP_FREE > free:
        raise KnownError(
            sentence(
                "The images need {need:.1f} GB in {folder} once they are decoded, and {free:.1f} "
                "GB are free. Free some space, or choose a smaller image size.",
                need=(need + _KEEP_FREE) / 1e9,
                folder=str(file.path.parent.parent),
                free=free / 1e9,
            )
        )
