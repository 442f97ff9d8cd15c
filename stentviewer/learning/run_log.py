"""Where a run's events go: to who listens, and into the run's folder."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from io import FileIO
from pathlib import Path
from types import TracebackType

from stentviewer.core.sentences import sentence
from stentviewer.learning.events import Event, Stage, Step, Told, from_line, to_line

_GAP_S = 0.1  # between two events of progress: more than that nobody can read
_FILE_GAP_S = 1.0  # and in the file, which may grow for days


def encoded(text: str) -> bytes:
    """A line as bytes. A path's bytes that are no text stay readable to `from_line`."""
    return text.encode("utf-8", "backslashreplace") + b"\n"


class EventLog:
    """Writes events to a file of JSON lines and passes them on.

    Progress (steps, and the same stage again) is thinned to ten a second: the newest is held back
    until its time comes or another event follows, so that nothing comes out of its order.
    """

    def __init__(self, path: Path, pass_on: Callable[[Event], None]) -> None:
        self._pass_on = pass_on
        self._lock = threading.RLock()
        self._held: Event | None = None
        self._latest: Event | None = None
        self._due = self._file_due = 0.0
        self._file: FileIO | None = None
        try:
            self._file = path.open("ab", buffering=0)
            if self._file.tell():
                self._file.write(b"\n")  # a line that a power cut left in the middle ends here
        except OSError as error:
            self._give_up(error)

    def __call__(self, event: Event) -> None:
        """Take one event, from any thread."""
        with self._lock:
            if self._latest is not None and not _follows(self._latest, event):
                self.flush()
            self._latest = event
            if time.monotonic() < self._due and _can_wait(event):
                self._held = event
                return
            self._held = None
            self._due = time.monotonic() + _GAP_S if _can_wait(event) else 0.0
            self._put(event)

    def flush(self) -> None:
        """Let out what is held back."""
        with self._lock:
            held, self._held = self._held, None
            if held is not None:
                self._put(held)

    def __enter__(self) -> EventLog:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.flush()
        if self._file is not None:
            self._file.close()

    def _put(self, event: Event) -> None:
        now = time.monotonic()
        if self._file is not None and not (_can_wait(event) and now < self._file_due):
            self._file_due = now + _FILE_GAP_S if _can_wait(event) else 0.0
            try:
                data = encoded(to_line(event))
                while data:
                    data = data[self._file.write(data) :]
            except OSError as error:
                self._give_up(error)
        self._pass_on(event)

    def _give_up(self, error: OSError) -> None:
        if self._file is not None:
            self._file.close()
            self._file = None
        self._pass_on(
            Told(
                sentence(
                    "What this run says is not kept from here on, because its folder cannot be "
                    "written: {reason}. The run itself goes on.",
                    reason=error.strerror or sentence("the disk refused"),
                )
            )
        )


def _can_wait(event: Event) -> bool:
    return isinstance(event, Step) or (isinstance(event, Stage) and 0 < event.done < event.total)


def _follows(earlier: Event, later: Event) -> bool:
    """Whether the later event makes the earlier one old news."""
    if isinstance(earlier, Step) and isinstance(later, Step):
        return (earlier.fold, earlier.epoch) == (later.fold, later.epoch)
    if isinstance(earlier, Stage) and isinstance(later, Stage):
        return earlier.what == later.what
    return False


def past_events(path: Path) -> list[Event]:
    """What a run has said so far; lines that are damaged are left out, none where there is none."""
    try:
        lines = path.read_bytes().splitlines()
    except OSError:
        return []
    found = (from_line(line.decode("utf-8", "replace")) for line in lines)
    return [event for event in found if event is not None]
