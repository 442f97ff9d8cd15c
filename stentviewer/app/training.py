"""Learning beside the program: each run in a process of its own, one at a time.

A crash there takes nothing along here, and whatever ends the process, what the run had done is on
the disk. Listeners are called on a thread of this module, never on the window's.
"""

from __future__ import annotations

import shutil
import subprocess
import tempfile
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from stentviewer.app import training_process as process
from stentviewer.core.errors import Cancelled, KnownError, StentviewerError, UserError
from stentviewer.core.files import not_written
from stentviewer.core.jobs import JobContext
from stentviewer.core.logs import log_crash
from stentviewer.core.paths import data_dir
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Problem
from stentviewer.learning.events import (
    Done,
    Event,
    Failed,
    Paused,
    Resumed,
    RunContext,
    Stage,
    Stopped,
    from_line,
)
from stentviewer.learning.expected import Estimate, parse_estimate
from stentviewer.learning.orders import PAUSE, RESUME, STOP
from stentviewer.learning.recipe import Recipe
from stentviewer.learning.run_folder import RunFolder, RunState, runs
from stentviewer.learning.run_lock import RunLock, is_busy
from stentviewer.learning.run_log import past_events
from stentviewer.learning.selection import Item

__all__ = [
    "Estimate", "RunSummary", "Training", "measure", "past_events", "remove_run", "run_summaries",
    "training_dir",
]  # fmt: skip

Listener = Callable[[RunFolder, Event], None]
_LAST = (Done, Stopped, Failed)
_LOOKS_S = 0.2  # between two looks whether the person has cancelled
GRACE_S = 5.0  # for a run to obey an order to stop, before its process is ended


def run_context(context: JobContext) -> RunContext:
    """A job's progress and its cancellation, as learning knows them."""

    class Control:
        def check(self) -> None:
            if context.cancelled.is_set():
                raise Cancelled

    def emit(event: Event) -> None:
        if isinstance(event, Stage):
            context.step(event.done, event.total, event.what)

    return RunContext(emit, Control())


def training_dir() -> Path:
    """Where this person's runs and the cache of their images are."""
    return data_dir() / "training"


class Training:
    """Starts a run's process, passes its events on, hands it orders. `close` before the end.

    command(folder) is the process of a run; grace is how long it may take to obey an order to
    stop, in seconds: then it is ended, which costs at most the epoch that was under way.
    """

    def __init__(
        self,
        command: process.Command = process.worker_command,
        grace: float = GRACE_S,
    ) -> None:
        self._command, self._grace = command, grace
        self._listeners: tuple[Listener, ...] = ()
        self._lock = threading.Lock()
        self._now: _Running | None = None
        self._is_closed = False
        self.exit_status = 0  # of the last run's process; as the module learning.worker says
        self.muttered = ""  # the end of what it wrote to standard error

    def listen(self, listener: Listener) -> Callable[[], None]:
        """Call `listener(run, event)` for each event from now on; returns what ends that."""
        self._listeners = (*self._listeners, listener)

        def leave() -> None:
            self._listeners = tuple(one for one in self._listeners if one is not listener)

        return leave

    @property
    def running(self) -> RunFolder | None:
        """The run that goes on now, also while it is paused or stopping."""
        now = self._now
        return now.folder if now else None

    @property
    def is_paused(self) -> bool:
        """Whether the run has said that it waits."""
        now = self._now
        return now is not None and now.is_paused

    @property
    def is_stopping(self) -> bool:
        now = self._now
        return now is not None and now.is_stopping

    def start(self, folder: RunFolder) -> None:
        """Begin a run, or go on with it where it stopped.

        Raises UserError where a run goes on already or this one is worked on elsewhere,
        KnownError where no process can be started or the run's files cannot be used.
        """
        folder.state()
        threads = folder.recipe().compute.threads
        if is_busy(folder):
            RunLock(folder).close()  # says who has it
        with self._lock:
            if self._is_closed:
                raise UserError(sentence("stentviewer is closing. Start the run again later."))
            if self._now is not None:
                raise UserError(
                    sentence(
                        "The run “{name}” goes on. Wait for its end, or stop it first.",
                        name=self._now.folder.name,
                    )
                )
            self._now = _Running(folder, process.begin(self._command(folder.path), threads))
            self._now.watcher = threading.Thread(
                target=self._watch, args=(self._now,), name="training", daemon=True
            )
            self._now.watcher.start()

    def pause(self) -> None:
        """Ask the run to wait after this step; it answers with Paused."""
        self._order(PAUSE)

    def resume(self) -> None:
        """Ask the run to go on; it answers with Resumed."""
        self._order(RESUME)

    def stop(self) -> None:
        """Ask the run to stop after this step; it answers with Stopped. What was done is kept."""
        now = self._now
        if now is None or now.is_stopping:
            return
        now.is_stopping = True
        self._order(STOP)
        now.patience = threading.Timer(self._grace, process.end, (now.process,))
        now.patience.daemon = True
        now.patience.start()

    def kill(self) -> None:
        """End the run's process at once. What was done up to its last epoch is kept."""
        now = self._now
        if now is not None:
            now.is_stopping = True
            process.end(now.process)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait for the end of the run that goes on; whether none does now."""
        now = self._now
        if now is not None and now.watcher is not None:
            now.watcher.join(timeout)
        return self._now is None

    def close(self) -> None:
        """Stop the run, wait for its end, and start no more."""
        with self._lock:
            self._is_closed = True
        now = self._now
        self.stop()
        if now is not None and now.watcher is not None:
            now.watcher.join()

    def _order(self, word: str) -> None:
        now = self._now
        if now is None or now.process.stdin is None:
            return
        try:
            now.process.stdin.write(word.encode() + b"\n")
            now.process.stdin.flush()
        except (OSError, ValueError):  # it has just ended; its last event is on the way
            return

    def _watch(self, now: _Running) -> None:
        mutterings = process.Mutterings(now.process.stderr)
        last: Event | None = None
        assert now.process.stdout is not None
        for line in now.process.stdout:
            event = from_line(line.decode("utf-8", "replace"))
            if isinstance(event, _LAST):
                last = event  # said once the process is gone, so that the next run can start
            elif event is not None:
                if isinstance(event, Paused | Resumed):
                    now.is_paused = isinstance(event, Paused)
                self._say(now.folder, event)
        status = process.await_end(now.process, self._grace)
        if now.patience is not None:
            now.patience.cancel()
            now.patience.join()
        self.muttered = mutterings.close()
        self.exit_status = status
        if last is None:
            last = _what_happened(status, now.is_stopping)
            _keep(now.folder, last)
            self.exit_status = 0 if isinstance(last, Stopped) else 1 if last.is_bug else 3
        with self._lock:
            self._now = None
        self._say(now.folder, last)

    def _say(self, folder: RunFolder, event: Event) -> None:
        for listener in self._listeners:
            try:
                listener(folder, event)
            except Exception as error:  # a listener's bug must not leave a process unwatched
                log_crash(error)


class _Running:
    """The run that goes on, and its process."""

    def __init__(self, folder: RunFolder, started: subprocess.Popen[bytes]) -> None:
        self.folder, self.process = folder, started
        self.watcher: threading.Thread | None = None
        self.patience: threading.Timer | None = None
        self.is_paused = self.is_stopping = False


def _what_happened(status: int, was_asked: bool) -> Stopped | Failed:
    """The last event of a process that could not say one."""
    if was_asked:
        return Stopped()
    if process.was_killed(status):
        return Failed(
            sentence(
                "The system ended the run, most often because the memory ran out. What was done "
                "so far is kept. Close other programs or choose smaller images, then go on."
            )
        )
    return Failed(
        sentence(
            "The run's process ended unexpectedly ({reason}). What was done so far is kept.",
            reason=process.reason(status),
        ),
        is_bug=True,
    )


def _keep(folder: RunFolder, last: Stopped | Failed) -> None:
    try:
        reason = last.text if isinstance(last, Failed) else ""
        status = "failed" if isinstance(last, Failed) else "stopped"
        update = {"status": status, "reason": reason}
        folder.set_state(folder.state().model_copy(update=update))
    except StentviewerError:  # then it is found as one that was interrupted
        return


@dataclass(frozen=True, slots=True)
class RunSummary:
    """A run as a list shows it. is_busy: some process works on it now."""

    folder: RunFolder
    state: RunState
    recipe: Recipe
    is_busy: bool

    @property
    def is_unfinished(self) -> bool:
        """Whether it can be taken up again: interrupted, stopped, failed or not yet begun."""
        return self.state.status != "done" and not self.is_busy


def run_summaries(parent: Path | None = None) -> list[RunSummary | Problem]:
    """The runs, newest first; a Problem in the place of one whose files cannot be used.

    A run whose process or machine went away says "stopped".
    """
    found: list[RunSummary | Problem] = []
    for folder in runs(parent or training_dir()):
        try:
            state, busy = folder.state(), is_busy(folder)
            if state.status == "running" and not busy:
                state = state.model_copy(update={"status": "stopped"})
            found.append(RunSummary(folder, state, folder.recipe(), busy))
        except StentviewerError as error:
            found.append(Problem(folder.path, str(error)))
    return found


def remove_run(folder: RunFolder) -> None:
    """Delete a run with all it made; models that were promoted from it stay.

    Raises UserError where it goes on or is none, KnownError where it cannot be deleted.
    """
    if folder.path.is_symlink() or not (folder.path / "run.json").is_file():
        raise UserError(sentence("There is no run in {folder}.", folder=str(folder.path)))
    RunLock(folder).close()
    try:
        shutil.rmtree(folder.path)
    except OSError as error:
        raise KnownError(
            sentence(
                "The run “{name}” cannot be deleted: {reason}.",
                name=folder.name,
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error


def measure(recipe: Recipe, items: Sequence[Item], context: JobContext | None = None) -> Estimate:
    """What a run would take here, measured in a process of its own; some seconds to a minute.

    Raises as the run itself would begin (UserError, KnownError), and Cancelled.
    """
    context = context or JobContext()
    try:
        (training_dir() / "estimates").mkdir(parents=True, exist_ok=True)
        place = tempfile.TemporaryDirectory(dir=training_dir() / "estimates")
    except OSError as error:
        raise not_written(training_dir(), error) from error
    with place as made:
        folder = RunFolder.create(Path(made) / "run", recipe, list(items))
        return _measured(folder, context)


def _measured(folder: RunFolder, context: JobContext) -> Estimate:
    command = [*process.worker_command(folder.path), "--estimate"]
    started = process.begin(command, folder.recipe().compute.threads)
    mutterings = process.Mutterings(started.stderr)
    lines: list[str] = []

    def read() -> None:
        assert started.stdout is not None
        lines.extend(line.decode("utf-8", "replace") for line in started.stdout)

    reader = threading.Thread(target=read, name="training-estimate", daemon=True)
    reader.start()
    try:
        while reader.is_alive():
            context.step(0, 0, sentence("Measuring a few steps"))
            reader.join(_LOOKS_S)
    finally:
        if reader.is_alive():
            process.end(started)
        reader.join()
        status = process.await_end(started, GRACE_S)
        mutterings.close()
    found, last = parse_estimate(lines), from_line(lines[-1]) if lines else None
    if found is not None:
        return found
    last = last if isinstance(last, Failed) else _what_happened(status, was_asked=False)
    text = last.text if isinstance(last, Failed) else ""
    if status == process.USER_ERROR:
        raise UserError(text)
    raise KnownError(text)
