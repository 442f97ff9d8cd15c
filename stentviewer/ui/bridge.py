"""The one door between the window's thread and work beside it.

Work is a plain function of a `JobContext`. Its answer comes back on the window's thread through
one queued signal. An answer nobody waits for any more is dropped: a newer request under the same
key cancels the older one. Changes to what is kept are `ordered`: they run one after the other, in
the order they were asked for, and are never dropped or cancelled.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, TypeVar

from PySide6.QtCore import QObject, Qt, Signal

from stentviewer.core.errors import Cancelled
from stentviewer.core.jobs import JobContext, Progress

T = TypeVar("T")

_WORKERS = 3  # one reading, one image being opened, one question to the library


@dataclass(eq=False, slots=True)
class Job:
    """Work that was asked for. `progress` is written by its worker and read by the window."""

    title: str
    key: str
    ordered: bool
    started: float
    done: Callable[[Any], None]
    failed: Callable[[BaseException], object] | None
    progress: Progress = field(default_factory=lambda: Progress(0, 0))
    context: JobContext = field(default_factory=JobContext)

    def report(self, progress: Progress) -> None:
        """Called by the worker."""
        self.progress = progress

    def cancel(self) -> None:
        """Ask the work to stop at its next step."""
        self.context.cancelled.set()


@dataclass(frozen=True, slots=True)
class _Outcome:
    job: Job
    value: Any = None
    error: BaseException | None = None


class Bridge(QObject):
    """Runs work beside the window. `close` before the program ends."""

    busyChanged = Signal()  # a job has started or ended
    trouble = Signal(object)  # the exception of a job that failed; never Cancelled
    _delivered = Signal(object)

    def __init__(
        self, parent: QObject | None = None, clock: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__(parent)
        self.clock = clock
        self._pool = ThreadPoolExecutor(_WORKERS, "stentviewer-worker")
        self._one_by_one = ThreadPoolExecutor(1, "stentviewer-change")
        self._jobs: list[Job] = []
        self._closed = False
        self._delivered.connect(self._take, Qt.ConnectionType.QueuedConnection)

    @property
    def jobs(self) -> tuple[Job, ...]:
        """What is under way, oldest first."""
        return tuple(self._jobs)

    def run(
        self,
        work: Callable[[JobContext], T],
        done: Callable[[T], None],
        failed: Callable[[BaseException], object] | None = None,
        *,
        key: str,
        title: str,
        ordered: bool = False,
    ) -> Job:
        """Run `work` on a worker; `done` gets its answer, on this thread, unless it is stale.

        `failed` puts the asker's own state right, also after Cancelled. Unless it returns True,
        for having told the person itself, `trouble` then announces the error. `title` is what the
        status bar says while it lasts.
        """
        job = Job(title, key, ordered, self.clock(), done, failed)
        job.context = JobContext(job.report)
        if self._closed:
            return job
        if not ordered:
            self._supersede(key)
        self._jobs.append(job)
        (self._one_by_one if ordered else self._pool).submit(self._work, job, work)
        self.busyChanged.emit()
        return job

    def _supersede(self, key: str) -> None:
        """Nobody waits for these any more: their outcome, whatever it is, is dropped."""
        for job in [job for job in self._jobs if job.key == key and not job.ordered]:
            job.cancel()
            self._jobs.remove(job)

    def drop(self, key: str) -> None:
        """Nobody waits for the work under this key any more."""
        self._supersede(key)
        self.busyChanged.emit()

    def is_running(self, key: str) -> bool:
        """Whether work under this key is awaited."""
        return any(job.key == key and not job.context.cancelled.is_set() for job in self._jobs)

    def close(self) -> None:
        """Cancel what may be cancelled, finish what must be, and let no thread outlive this."""
        self._closed = True
        for job in self._jobs:
            if not job.ordered:
                job.cancel()
        self._one_by_one.shutdown(wait=True)
        self._pool.shutdown(wait=True, cancel_futures=True)
        self._jobs.clear()

    def _work(self, job: Job, work: Callable[[JobContext], Any]) -> None:
        """On the worker. Every exception is carried over; none may die here unseen."""
        try:
            if job.context.cancelled.is_set():
                raise Cancelled
            outcome = _Outcome(job, value=work(job.context))
        except BaseException as error:  # carried to the window's thread, where it is shown
            outcome = _Outcome(job, error=error)
        self._delivered.emit(outcome)

    def _take(self, outcome: _Outcome) -> None:
        job = outcome.job
        if self._closed or job not in self._jobs:
            return
        self._jobs.remove(job)
        error = outcome.error
        if job.context.cancelled.is_set():
            error = Cancelled()
        try:
            if error is None:
                job.done(outcome.value)
                return
            told = job.failed(error) if job.failed is not None else False
            if told is not True and not isinstance(error, Cancelled):
                self.trouble.emit(error)
        finally:
            self.busyChanged.emit()
