"""One small fit, from beginning to end, timed part by part."""

from __future__ import annotations

import sys
import threading
import time
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from pathlib import Path
from statistics import median
from typing import TYPE_CHECKING, Any, Final

import psutil

from stentviewer.learning.events import Epoch, Event, RunContext, Stage, Step

if TYPE_CHECKING:
    from stentviewer.learning.learner import Learner, Rows

_LOOKS_S: Final = 0.02


@dataclass(frozen=True, slots=True)
class Trial:
    """Seconds of a small fit's parts, and the memory and disk it took (bytes).

    pass_seconds: an image's way through a network that stays as it is, done once for all folds.
    image_seconds: an image's share of an optimiser step; 0 where nothing is optimised in steps.
    check_seconds: an image's share of what follows an epoch. rest_seconds: everything else of the
    fit, once a fold. answer_seconds: an image's answer by the fitted model.
    """

    batch: int
    steps: int
    pass_seconds: float
    image_seconds: float
    check_seconds: float
    rest_seconds: float
    answer_seconds: float
    total_seconds: float
    memory: int
    device_memory: int
    disk: int  # of the fold's folder


def carry_out(
    learner: Learner, batch: int, train: Rows, check: Rows, folder: Path, context: RunContext
) -> Trial:
    """Fit, and ask the fitted model about the check rows. Obeys orders, says nothing."""
    heard: list[tuple[float, Event]] = []
    quiet = RunContext(lambda event: heard.append((time.monotonic(), event)), context.control)
    folder.mkdir(parents=True)
    with PeakMemory() as memory:
        began = time.monotonic()
        fitted = learner.fit(train, check, 1, folder, quiet)
        ended = time.monotonic()
        fitted.logits(check)
        answered = time.monotonic()
    passed, pass_seconds = _passes(heard)
    step_seconds, steps = _steps(heard)
    after = _after_epochs(heard)
    rest = ended - began - passed - step_seconds * steps - sum(after)
    return Trial(
        batch=batch,
        steps=steps,
        pass_seconds=pass_seconds,
        image_seconds=step_seconds / batch,
        check_seconds=median(after) / len(check) if after else 0.0,
        rest_seconds=max(rest, 0.0),
        answer_seconds=(answered - ended) / len(check),
        total_seconds=answered - began,
        memory=memory.peak,
        device_memory=memory.device_peak,
        disk=size_of(folder),
    )


def _passes(heard: Sequence[tuple[float, Event]]) -> tuple[float, float]:
    """Seconds of all that went on image by image, and of an image in it."""
    series: dict[str, list[tuple[float, int]]] = defaultdict(list)
    for at, event in heard:
        if isinstance(event, Stage) and event.total > 2:
            series[event.what].append((at, event.done))
    whole = each = 0.0
    for points in series.values():
        if len(points) < 3:
            continue
        whole += points[-1][0] - points[0][0]
        # the first one warms up
        each += (points[-1][0] - points[1][0]) / max(points[-1][1] - points[1][1], 1)
    return whole, each


def _steps(heard: Sequence[tuple[float, Event]]) -> tuple[float, int]:
    """Seconds of a step, and how many there were; of a step's own words where it is alone."""
    steps = [(at, event) for at, event in heard if isinstance(event, Step)]
    gaps = [
        later - earlier
        for (earlier, one), (later, other) in pairwise(steps)
        if (one.fold, one.epoch) == (other.fold, other.epoch)
    ]
    return (median(gaps) if gaps else 0.0), len(steps)


def _after_epochs(heard: Sequence[tuple[float, Event]]) -> list[float]:
    """Seconds from an epoch's last step to its end."""
    found = []
    last: float | None = None
    for at, event in heard:
        if isinstance(event, Step):
            last = at
        elif isinstance(event, Epoch) and last is not None:
            found.append(at - last)
            last = None
    return found


def size_of(folder: Path) -> int:
    """Bytes of all files in a folder."""
    return sum(path.stat().st_size for path in folder.rglob("*") if path.is_file())


class PeakMemory:
    """The most memory that this process and those it started have at once, and the GPU's share."""

    def __init__(self) -> None:
        self.peak = self.device_peak = 0
        self._process = psutil.Process()
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._look_on, name="memory", daemon=True)

    def __enter__(self) -> PeakMemory:
        self._look()
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._ended.set()
        self._thread.join()
        self._look()

    def _look_on(self) -> None:
        while not self._ended.wait(_LOOKS_S):
            self._look()

    def _look(self) -> None:
        used = 0
        for process in [self._process, *self._process.children(recursive=True)]:
            try:
                used += process.memory_info().rss
            except psutil.Error:  # it has just ended
                continue
        self.peak = max(self.peak, used)
        self.device_peak = max(self.device_peak, _device_memory())


def _device_memory() -> int:
    torch: Any = sys.modules.get("torch")
    cuda = getattr(torch, "cuda", None)  # half imported on the other thread, it has none yet
    if cuda is None or not getattr(cuda, "is_initialized", bool)():
        return 0
    return int(cuda.max_memory_reserved())
