"""From the decode-once cache to batches: which pictures when, and read before they are needed."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from types import TracebackType
from typing import Any, Final, Generic, TypeVar

import numpy as np
import torch
from numpy.typing import NDArray

from stentviewer.learning import augment
from stentviewer.learning.learner import Rows
from stentviewer.learning.recipe import Augment
from stentviewer.learning.tones import Histogram

T = TypeVar("T")
_ORDER, _PICTURE, _MIX = 1, 2, 3  # purposes of a seed
_AHEAD: Final = 2  # batches


@dataclass(eq=False)
class Pictures:
    """A run's pictures as `cache.ImageCache` keeps them; travels to other processes by its file.

    pixels (n, side, side) uint8; inside (n, 4) as x0, y0, x1, y1; mean and std of three channels.
    """

    pixels: NDArray[np.uint8]
    inside: NDArray[np.int64]
    mean: tuple[float, float, float]
    std: tuple[float, float, float]
    _histograms: dict[int, Histogram] = field(default_factory=dict)

    @property
    def side(self) -> int:
        return int(self.pixels.shape[-1])

    def tensor(self, row: int) -> torch.Tensor:
        """One unchanged picture as the network takes it, (1, 3, side, side)."""
        pixels = torch.from_numpy(np.ascontiguousarray(self.pixels[[row]]))
        made = augment.plates(pixels, self.inside[[row]])
        return augment.normalised(made, self.mean, self.std)

    def histogram(self, row: int) -> Histogram:
        """How many pixels of the picture, padding aside, have each value; counted once."""
        if row not in self._histograms:
            x0, y0, x1, y1 = self.inside[row]
            inner = np.asarray(self.pixels[row, y0:y1, x0:x1])
            self._histograms[row] = np.bincount(inner.ravel(), minlength=256)
        return self._histograms[row]

    def __getstate__(self) -> dict[str, Any]:
        state = {**self.__dict__, "_histograms": {}}
        file = getattr(self.pixels, "filename", None)
        if isinstance(self.pixels, np.memmap) and file and not self.pixels.offset:
            state["pixels"] = (str(file), self.pixels.shape)
        return state

    def __setstate__(self, state: dict[str, Any]) -> None:
        if isinstance(state["pixels"], tuple):
            file, shape = state["pixels"]
            state["pixels"] = np.memmap(file, np.uint8, "r", shape=shape)
        self.__dict__.update(state)


@dataclass(frozen=True, eq=False)
class Course:
    """The order in which rows are learned: all of them each epoch, in batches of nearly one size.

    The size of a batch is `batch` or a little less, so that no picture is left out and none stands
    alone. What epoch and step hold follows from the seed alone.
    """

    rows: Rows
    batch: int
    epochs: int
    seed: int
    fold: int

    @property
    def steps(self) -> int:
        """Steps an epoch."""
        return -(-len(self.rows) // self.batch)

    def of(self, epoch: int, step: int) -> Rows:
        """The rows of the global batch; epoch and step count from 0."""
        rng = np.random.default_rng([self.seed, self.fold, _ORDER, epoch])
        return np.array_split(rng.permutation(self.rows), self.steps)[step]


def places(count: int, part: int, parts: int) -> NDArray[np.int64]:
    """Which places of a batch of `count` a part has: with i always count - 1 - i, its pair.

    The part's own first and last places are a pair again, and so on inwards.
    """
    first = np.arange(part, (count + 1) // 2, parts)
    return np.unique(np.concatenate([first, count - 1 - first]))


@dataclass(frozen=True, eq=False)
class Batch:
    """A part of a global batch on the CPU: what `augment` needs; `of` is the global size."""

    rows: Rows
    places: NDArray[np.int64]
    of: int
    pixels: torch.Tensor
    inside: NDArray[np.int64]
    labels: torch.Tensor
    draws: tuple[augment.Draw, ...]
    mix: augment.Mix


@dataclass(frozen=True, eq=False)
class Loader:
    """Makes batches. labels (n,) belong to the rows of the pictures."""

    pictures: Pictures
    labels: Rows
    course: Course
    settings: Augment
    pin: bool = False

    def part(self, epoch: int, step: int, part: int, parts: int) -> Batch:
        """Part of a step's batch, with what will happen to its pictures."""
        rows = self.course.of(epoch, step)
        mine = places(len(rows), part, parts)
        key = (self.course.seed, self.course.fold)
        side = self.pictures.side
        draws = tuple(
            augment.draw(
                self.settings,
                (*key, _PICTURE, epoch, int(row)),
                side,
                self.pictures.histogram(int(row)),
            )
            for row in rows[mine]
        )
        mix = augment.draw_mix(self.settings, (*key, _MIX, epoch, step), side)
        pixels = torch.from_numpy(np.ascontiguousarray(self.pictures.pixels[rows[mine]]))
        return Batch(
            rows=rows[mine],
            places=mine,
            of=len(rows),
            pixels=pixels.pin_memory() if self.pin else pixels,
            inside=self.pictures.inside[rows[mine]],
            labels=torch.from_numpy(self.labels[rows[mine]]),
            draws=draws,
            mix=mix,
        )


class Ahead(Generic[T]):
    """Goes through what is produced while a thread already makes the next few of it.

    To be used in a `with`: the thread ends with it, wherever the reader stopped. What goes wrong
    in the thread is raised where its result was awaited.
    """

    def __init__(self, made: Iterable[T], depth: int = _AHEAD) -> None:
        self._made = made
        self._queue: queue.Queue[tuple[str, Any]] = queue.Queue(depth)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._work, name="batches", daemon=True)

    def __enter__(self) -> Iterator[T]:
        self._thread.start()
        return self._read()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._ended.set()
        while self._thread.is_alive():
            try:
                self._queue.get(timeout=0.05)
            except queue.Empty:
                continue
        self._thread.join()

    def _read(self) -> Iterator[T]:
        while True:
            what, value = self._queue.get()
            if what == "end":
                return
            if what == "error":
                raise value
            yield value

    def _work(self) -> None:
        try:
            for one in self._made:
                self._queue.put(("one", one))
                if self._ended.is_set():
                    return
            self._queue.put(("end", None))
        except BaseException as error:  # whatever it is, it belongs to the reader
            self._queue.put(("error", error))
