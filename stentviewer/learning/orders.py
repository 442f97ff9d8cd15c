"""What a run is told while it goes on: wait, go on, stop."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from typing import Final

from stentviewer.core.errors import Cancelled
from stentviewer.learning.events import Event, Paused, Resumed

PAUSE: Final = "pause"
RESUME: Final = "resume"
STOP: Final = "stop"


class Orders:
    """`Control` of a run whose orders come from another thread or from a signal."""

    def __init__(self, emit: Callable[[Event], None]) -> None:
        self._emit = emit
        self._changed = threading.Condition()
        self._paused = False
        self._stopped = False
        self.waited = 0.0  # seconds in pauses

    def order(self, word: str) -> None:
        """Take one order; a word that is none is no order."""
        with self._changed:
            if word == STOP:
                self._stopped = True
            elif word in {PAUSE, RESUME}:
                self._paused = word == PAUSE
            self._changed.notify_all()

    def check(self) -> None:
        """Wait while paused; raises Cancelled once it was ordered to stop."""
        if self._paused and not self._stopped:
            self._wait()
        if self._stopped:
            raise Cancelled

    def _wait(self) -> None:
        self._emit(Paused())
        since = time.monotonic()
        with self._changed:
            self._changed.wait_for(lambda: self._stopped or not self._paused)
        self.waited += time.monotonic() - since
        if not self._stopped:
            self._emit(Resumed())

    def obey(self, pipe: int) -> None:
        """Take orders from a file descriptor, one a line, until it ends; its end is one to stop.

        Who gave the orders is gone then, however it went.
        """
        held = b""
        while True:
            try:
                got = os.read(pipe, 4096)
            except OSError:
                got = b""
            if not got:
                self.order(STOP)
                return
            *lines, held = (held + got).split(b"\n")
            for line in lines:
                self.order(line.decode("ascii", "replace").strip())
