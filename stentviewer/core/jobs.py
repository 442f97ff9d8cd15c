"""Work that may take a while: progress that can be shown and cancellation that is obeyed.

A job is a plain function that takes a `JobContext`. The window runs it on a worker thread, the
command line on its own; neither is known here.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import dataclass, field

from stentviewer.core.errors import Cancelled


@dataclass(frozen=True, slots=True)
class Progress:
    """How far a job is. `total` is 0 while the amount of work is not known."""

    done: int
    total: int
    what: str = ""


def _ignore(_: Progress) -> None:
    return None


@dataclass(frozen=True, slots=True)
class JobContext:
    """Handed to every job: reports progress and tells whether to stop."""

    report: Callable[[Progress], None] = _ignore
    cancelled: threading.Event = field(default_factory=threading.Event)

    def step(self, done: int, total: int, what: str = "") -> None:
        """Report progress; raises Cancelled if the person has cancelled."""
        if self.cancelled.is_set():
            raise Cancelled
        self.report(Progress(done, total, what))
