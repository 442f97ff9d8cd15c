"""The process a run goes on in: `python -m stentviewer.learning.worker RUN_FOLDER`.

Events leave it as JSON lines on standard output, orders (pause, resume, stop) come as lines on
standard input; the end of standard input is an order to stop, and so is SIGTERM. With --estimate
it measures what the run will take, instead of running it. Exit status: 0 done or stopped, 2 the
person's mistake, 3 data or machine at fault, 1 a bug.
"""

from __future__ import annotations

import argparse
import errno
import faulthandler
import os
import signal
import sys
import threading
import time
import traceback
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from stentviewer.core.errors import Cancelled, StentviewerError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.learning.events import (
    Done,
    Event,
    Failed,
    FoldDone,
    RunContext,
    Stopped,
    Told,
    to_line,
)
from stentviewer.learning.events import Epoch as EpochDone
from stentviewer.learning.orders import STOP, Orders
from stentviewer.learning.run_folder import RunFolder, Status
from stentviewer.learning.run_lock import RunLock
from stentviewer.learning.run_log import EventLog, encoded

if TYPE_CHECKING:
    from stentviewer.inference.catalog import Catalog

Runner = Callable[[RunFolder, "Catalog", RunContext], None]

_TRIES, _PATIENCE_S = 10, 0.5
_FULL_DISK = {errno.ENOSPC, getattr(errno, "EDQUOT", errno.ENOSPC)}


def main(words: Sequence[str] | None = None, runner: Runner | None = None) -> int:
    """Entry point; returns the exit status. `runner` stands in for `kfold.run`."""
    parser = argparse.ArgumentParser(prog="python -m stentviewer.learning.worker")
    parser.add_argument("folder", type=Path)
    parser.add_argument("--estimate", action="store_true")
    chosen = parser.parse_args(words)
    faulthandler.enable()
    orders_pipe, events_pipe = _private_streams()
    pass_on = _Pipe(events_pipe)
    folder = RunFolder(chosen.folder)
    step_back()
    if chosen.estimate:
        return _estimate(folder, pass_on, orders_pipe)
    return work(folder, pass_on, lambda orders: _listen(orders, orders_pipe), runner)


def work(
    folder: RunFolder,
    pass_on: Callable[[Event], None],
    listen: Callable[[Orders], None],
    runner: Runner | None = None,
) -> int:
    """Carry a run on to its end and keep how far it came; returns the exit status.

    Nothing is raised: what goes wrong is the text of a `Failed`. The last event passed on is
    Done, Stopped or Failed. `listen` is given who takes the run's orders, before it begins.
    """
    try:
        lock = _held(folder)
    except StentviewerError as error:
        event, status = outcome(error)
        pass_on(event)
        return status
    with lock, EventLog(folder.events, pass_on) as log:
        orders = Orders(log)
        listen(orders)
        clock = _Clock(folder, orders)
        try:
            clock.keep("running")
            (runner or _run)(folder, _catalog(), RunContext(clock.around(log), orders))
            clock.keep("done")
            event, status = Done(), 0
        except BaseException as error:  # the last one who can say what happened
            event, status = outcome(error)
            try:
                clock.keep(*_kept_as(event))
            except StentviewerError as unkept:
                log(Told(str(unkept)))
        log(event)
    return status


def _kept_as(event: Event) -> tuple[Status, str]:
    return ("failed", event.text) if isinstance(event, Failed) else ("stopped", "")


def _held(folder: RunFolder) -> RunLock:
    """The run's lock. Who only looks whether it is free has it for a moment."""
    folder.state()
    for _ in range(_TRIES - 1):
        try:
            return RunLock(folder)
        except UserError:
            time.sleep(_PATIENCE_S / _TRIES)
    return RunLock(folder)


class _Clock:
    """Keeps the run's state with the seconds of work over all its parts, pauses left out."""

    _EVERY_S = 30.0

    def __init__(self, folder: RunFolder, orders: Orders) -> None:
        self._folder, self._orders = folder, orders
        self._before = folder.state().seconds
        self._since = self._kept = time.monotonic()

    def keep(self, status: Status, reason: str = "") -> None:
        """Raises KnownError where it cannot be written."""
        worked = time.monotonic() - self._since - self._orders.waited
        update = {"status": status, "reason": reason, "seconds": self._before + worked}
        if status == "done" and self._folder.bundle.is_dir():
            update["bundle"] = self._folder.bundle.name
        self._folder.set_state(self._folder.state().model_copy(update=update))
        self._kept = time.monotonic()

    def around(self, emit: Callable[[Event], None]) -> Callable[[Event], None]:
        """`emit` that also keeps the seconds now and then, so that a power cut loses few."""

        def also(event: Event) -> None:
            if isinstance(event, Done):
                return  # said once the state says so too
            emit(event)
            late = time.monotonic() - self._kept > self._EVERY_S
            if late and isinstance(event, EpochDone | FoldDone):
                self.keep("running")

        return also


def outcome(error: BaseException) -> tuple[Event, int]:
    """What an exception means for the person, and its exit status."""
    if isinstance(error, Cancelled | KeyboardInterrupt):
        return Stopped(), 0
    if isinstance(error, StentviewerError):
        return Failed(str(error)), 2 if isinstance(error, UserError) else 3
    if isinstance(error, MemoryError) or type(error).__name__ == "OutOfMemoryError":
        text = sentence(
            "The memory of this machine ran out. Choose smaller images, a smaller batch or Quick, "
            "and close other programs. What was done so far is kept."
        )
        return Failed(text), 3
    if isinstance(error, OSError) and error.errno in _FULL_DISK:
        text = sentence(
            "The disk is full. Free some space, then go on with the run: what was done so far is "
            "kept."
        )
        return Failed(text), 3
    traceback.print_exception(error)  # on standard error, for a report of the bug
    text = sentence(
        "The run ended because of an error in the program ({kind}). What was done so far is kept.",
        kind=type(error).__name__,
    )
    return Failed(text, is_bug=True), 1


def step_back() -> None:
    """Let other programs go first, and let the system end this one first where memory is short."""
    import psutil

    process = psutil.Process()
    try:
        process.nice(psutil.BELOW_NORMAL_PRIORITY_CLASS if sys.platform == "win32" else 10)
        if sys.platform == "linux":
            process.ionice(psutil.IOPRIO_CLASS_BE, 7)
            Path("/proc/self/oom_score_adj").write_text("500", encoding="ascii")
    except (psutil.Error, OSError):  # a container may forbid it; the run goes on all the same
        return


class _Pipe:
    """Events as lines on a file descriptor; once nobody reads them they are dropped."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._lock = threading.Lock()
        self._is_closed = False

    def __call__(self, event: Event) -> None:
        self.line(to_line(event))

    def line(self, text: str) -> None:
        data = encoded(text)
        with self._lock:
            try:
                while data and not self._is_closed:
                    data = data[os.write(self._descriptor, data) :]
            except OSError:
                self._is_closed = True


def _private_streams() -> tuple[int, int]:
    """Orders and events get descriptors of their own; what libraries print goes to stderr."""
    orders, events = os.dup(0), os.dup(1)
    nothing = os.open(os.devnull, os.O_RDONLY)
    os.dup2(nothing, 0)
    os.close(nothing)
    sys.stdout.flush()
    os.dup2(2, 1)
    return orders, events


def _listen(orders: Orders, pipe: int) -> None:
    for name in ("SIGTERM", "SIGINT", "SIGHUP", "SIGBREAK"):
        number = getattr(signal, name, None)
        if number is not None:
            signal.signal(number, lambda *_: orders.order(STOP))
    threading.Thread(target=orders.obey, args=(pipe,), name="orders", daemon=True).start()


def _estimate(folder: RunFolder, pass_on: _Pipe, pipe: int) -> int:
    from stentviewer.learning.estimate import estimate

    orders = Orders(pass_on)
    _listen(orders, pipe)
    try:
        found = estimate(folder, _catalog(), RunContext(pass_on, orders))
    except BaseException as error:  # as in `work`
        event, status = outcome(error)
        pass_on(event)
        return status
    pass_on.line(found.as_line())
    return 0


def _run(folder: RunFolder, catalog: Catalog, context: RunContext) -> None:
    from stentviewer.learning import kfold

    kfold.run(folder, catalog, context)


def _catalog() -> Catalog:
    from stentviewer.core.paths import data_dir, models_dir
    from stentviewer.inference.catalog import Catalog

    return Catalog([models_dir(), data_dir() / "models"])


if __name__ == "__main__":
    sys.exit(main())
