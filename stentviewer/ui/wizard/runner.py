"""The run that goes on beside the window: started, followed, paused and stopped from here.

It belongs to the window, not to the wizard's: a run goes on while the wizard is closed.
"""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, QTimer, Signal

if TYPE_CHECKING:
    from stentviewer.app.training import Training
    from stentviewer.core.jobs import JobContext
    from stentviewer.learning.events import Event
    from stentviewer.learning.run_folder import RunFolder
    from stentviewer.learning.run_progress import RunProgress

_SHOWN_EVERY_MS = 200


class Runner(QObject):
    """One run at a time. Its process speaks on a thread; here it is heard on the window's.

    make_training gives the processes of runs; it is asked when the first run starts.
    """

    changed = Signal()  # something was heard, or ordered; a few times a second at most
    ended = Signal()  # the process is gone: the run is done, stopped or failed
    _begun = Signal(object, object, str)  # said on a worker
    _heard = Signal()  # said on the thread of the run

    def __init__(self, make_training: Callable[[], Training] | None = None) -> None:
        super().__init__()
        self._make = make_training or _training
        self._training: Training | None = None
        self._waiting: deque[tuple[RunFolder, Event]] = deque()  # heard and not yet taken
        self._early: list[tuple[RunFolder, Event]] | None = None  # heard while it starts
        self._is_closed = False
        self.run: RunFolder | None = None  # the latest that was started here
        self.name = ""  # what the person called it
        self.progress: RunProgress | None = None  # of that
        self.is_pausing = False  # ordered, and not yet said by the run
        self._begun.connect(self._begin, Qt.ConnectionType.QueuedConnection)
        self._heard.connect(self._take_waiting, Qt.ConnectionType.QueuedConnection)
        self._showing = QTimer(self)
        self._showing.setSingleShot(True)
        self._showing.setInterval(_SHOWN_EVERY_MS)
        self._showing.timeout.connect(self.changed)

    @property
    def is_running(self) -> bool:
        """Whether a run goes on, also while it waits or is about to stop."""
        return self.run is not None and self.progress is not None and not self.progress.is_over

    def is_on(self, run: RunFolder | None) -> bool:
        """Whether it is this run that goes on."""
        return self.is_running and self.run == run

    @property
    def is_stopping(self) -> bool:
        return self.is_running and self._training is not None and self._training.is_stopping

    # starting

    def starting(self, run: RunFolder) -> Callable[[JobContext], None]:
        """What begins a run or goes on with one, to be called beside the window.

        Raises as `Training.start`; call `not_begun` then.
        """
        training = self._ready()
        self._early = []

        def work(_: JobContext) -> None:
            from stentviewer.app.training import past_events

            past, name = past_events(run.events), run.recipe().name
            training.start(run)
            self._begun.emit(run, past, name)

        return work

    def not_begun(self) -> None:
        """It could not be started: what was heard meanwhile is of the run before."""
        early, self._early = self._early or [], None
        for heard in early:
            self._take(*heard)

    def _begin(self, run: RunFolder, past: list[Event], name: str) -> None:
        """The process of the run is there."""
        from stentviewer.learning.run_progress import RunProgress

        if self._is_closed:
            return
        progress = self.progress if run == self.run else None  # finer than what is on the disk
        if progress is None:
            progress = RunProgress()
            for event in past:
                progress.take(event)
        progress.begin()
        early, self._early = self._early or [], None
        self.run, self.name, self.progress, self.is_pausing = run, name, progress, False
        self.changed.emit()
        for heard in early:
            self._take(*heard)

    # orders

    def pause(self) -> None:
        """Wait after this step."""
        if self._training is not None and self.is_running:
            self.is_pausing = True
            self._training.pause()
            self.changed.emit()

    def resume(self) -> None:
        """Go on where it waits."""
        if self._training is not None and self.is_running:
            self.is_pausing = False
            self._training.resume()
            self.changed.emit()

    def stop(self) -> None:
        """Stop after this step; what was done is kept and the run can go on."""
        if self._training is not None and self.is_running:
            self._training.stop()
            self.changed.emit()

    def close(self) -> None:
        """Before the program ends: stop what still goes on, and wait for that."""
        self._is_closed = True
        self._showing.stop()
        if self._training is not None:
            self._training.close()

    # listening

    def _ready(self) -> Training:
        if self._training is None:
            self._training = self._make()
            self._training.listen(self._hear)
        return self._training

    def _hear(self, run: RunFolder, event: Event) -> None:
        """On the thread of the run. However fast it speaks, the window is called once for all
        that waits."""
        self._waiting.append((run, event))
        if len(self._waiting) == 1:
            self._heard.emit()

    def _take_waiting(self) -> None:
        for _ in range(len(self._waiting)):
            try:
                self._take(*self._waiting[0])
            finally:
                self._waiting.popleft()  # after that the next to come calls again
        if self._waiting:
            self._heard.emit()

    def _take(self, run: RunFolder, event: Event) -> None:
        if self._is_closed:
            return
        if self._early is not None and not self.is_running:
            self._early.append((run, event))
            return
        if self.progress is None or run != self.run:
            return
        before, was_running = self.progress.state, self.is_running
        self.progress.take(event, time.monotonic())
        if self.progress.state != "running":
            self.is_pausing = False
        if self.progress.state != before:
            self._showing.stop()
            self.changed.emit()
        elif not self._showing.isActive():
            self._showing.start()
        if was_running and self.progress.is_over:
            self.ended.emit()


def _training() -> Training:
    from stentviewer.app.training import Training

    return Training()
