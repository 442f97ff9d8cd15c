"""Files decoded and fitted into the network's square, several at once in processes of their own.

A decoder that crashes takes its process along, not the run: the image it was at becomes a problem.
"""

from __future__ import annotations

import os
import threading
from collections import deque
from collections.abc import Generator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import connection, get_context, parent_process
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import StentviewerError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Problem
from stentviewer.learning.events import Control
from stentviewer.learning.feed import Feed, NoStentError, Seen
from stentviewer.learning.hdf5_images import read_image
from stentviewer.learning.selection import Item

_FEW: Final = 12  # sooner done here than processes are started
_MOST_WORKERS: Final = 8
_WORKER_BYTES: Final = 600 * 2**20  # a detector's largest frame with its decoder
_LISTENS: Final = 0.2  # seconds between looks for an order
_Stamp = tuple[int, int]


@dataclass(frozen=True, slots=True, eq=False)
class Decoded:
    """pixels (side, side) uint8, 0 to 255 between the limits; inside, extent and seen as in the
    cache."""

    pixels: NDArray[np.uint8]
    inside: tuple[int, int, int, int]
    extent: tuple[float, float, float, float]
    seen: Seen | None = None


@dataclass(frozen=True, slots=True)
class NoStent(Problem):
    """An image in which no stent was found to cut out."""


@dataclass(frozen=True, slots=True)
class Task:
    """An item, and the size and time of change its file had when it was hashed."""

    item: Item
    stamp: _Stamp


def stamp_of(path: os.PathLike[str]) -> _Stamp:
    """What shows that a file was written anew; raises OSError."""
    status = os.stat(path)  # noqa: PTH116 - any path-like
    return status.st_size, status.st_mtime_ns


def decode(
    tasks: Sequence[Task], feed: Feed, workers: int | None, control: Control
) -> Generator[Decoded | Problem, None, None]:
    """Each task's picture, in order. Looks for orders while it waits; raises Cancelled, and
    KnownError where the finder is damaged: every picture would be a problem."""
    if tasks:
        feed.check()
    workers = min(workers or default_workers(), len(tasks))
    if workers < 2 or len(tasks) <= _FEW:
        for task in tasks:
            control.check()
            yield _one(task, feed)
        return
    at = 0
    while at < len(tasks):
        for done in _in_pool(tasks[at:], feed, workers, control):
            at += 1
            yield done
        if at < len(tasks):  # a process died: whose picture it was shows when it is alone
            for done in _in_pool(tasks[at : at + 1], feed, 1, control):
                yield done
                break
            else:
                yield _crashed(tasks[at].item)
            at += 1


def default_workers() -> int:
    """As many as there are cores to use and memory for."""
    import psutil

    try:
        cores = len(os.sched_getaffinity(0))
    except AttributeError:  # Windows, macOS
        cores = os.cpu_count() or 1
    room = int(psutil.virtual_memory().available // _WORKER_BYTES)
    return max(1, min(cores, room, _MOST_WORKERS))


def _in_pool(
    tasks: Sequence[Task], feed: Feed, workers: int, control: Control
) -> Generator[Decoded | Problem, None, None]:
    """In order, ending early where a process died. Few results wait, whatever their number."""
    pool = ProcessPoolExecutor(workers, get_context("spawn"), initializer=_begin)
    waiting: deque[Future[Decoded | Problem]] = deque()
    try:
        ahead = iter(tasks)
        for task in ahead:
            waiting.append(pool.submit(_one, task, feed))
            if len(waiting) >= 2 * workers:
                break
        while waiting:
            yield _result(waiting.popleft(), control)
            for task in ahead:
                waiting.append(pool.submit(_one, task, feed))
                break
    except BrokenProcessPool:
        return
    finally:
        pool.shutdown(cancel_futures=True)


def _result(future: Future[Decoded | Problem], control: Control) -> Decoded | Problem:
    while True:
        control.check()
        try:
            return future.result(_LISTENS)
        except TimeoutError:
            if future.done():
                raise


def _begin() -> None:
    """A worker process begins: one thread for it, and it ends with the process that began it."""
    import cv2

    cv2.setNumThreads(1)
    parent = parent_process()
    if parent is not None:
        threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()


def _end_with(sentinel: int) -> None:
    connection.wait([sentinel])
    os._exit(1)


def _one(task: Task, feed: Feed) -> Decoded | Problem:
    path = task.item.path
    try:
        found = _fitted(task.item, feed)
        if isinstance(found, Decoded) and stamp_of(path) != task.stamp:
            return Problem(path, _changed(path.name))
    except NoStentError as error:
        return NoStent(path, str(error))
    except StentviewerError as error:
        return Problem(path, str(error))
    except MemoryError:
        return Problem(
            path, sentence("“{name}” needs more memory than this machine has free.", name=path.name)
        )
    except OSError:
        return Problem(path, _changed(path.name))
    except Exception as error:  # one image of thousands must not end a night's run
        return Problem(
            path,
            sentence(
                "“{name}” could not be read because of a fault in this program ({kind}); it is "
                "left out.",
                name=path.name,
                kind=type(error).__name__,
            ),
        )
    return found


def _fitted(item: Item, feed: Feed) -> Decoded | Problem:
    radiograph = read_image(item.path)
    count = len(radiograph.frames)
    if not 0 <= item.frame < count:
        said = sentence("one frame") if count == 1 else sentence("{n} frames", n=count)
        return Problem(
            item.path,
            sentence(
                "{name} has {frames}; there is no frame {n}. Ask for an earlier one.",
                name=item.path.name,
                frames=said,
                n=item.frame + 1,
            ),
        )
    fitted, seen = feed.fit(radiograph, item)
    box, extent = fitted.box, fitted.extent
    pixels = np.zeros((feed.spec.side, feed.spec.side), np.uint8)
    right, bottom = box.left + box.width, box.top + box.height
    pixels[box.top : bottom, box.left : right] = np.rint(fitted.unit * np.float32(255))
    return Decoded(
        pixels,
        (box.left, box.top, right, bottom),
        (extent.x0, extent.y0, extent.x1, extent.y1),
        seen,
    )


def _changed(name: str) -> str:
    return sentence("“{name}” was changed or removed while it was read; it is left out.", name=name)


def _crashed(item: Item) -> Problem:
    return Problem(
        item.path,
        sentence(
            "“{name}” crashed its decoder and is left out. Export it again.", name=item.path.name
        ),
    )
