"""Work beside the window's thread of which only the newest wish counts.

The thread exists only while there is something to do, so nothing is left to stop or to leak.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, Signal


class Newest(QObject):
    """Does what was asked last, then what was asked with it; older wishes are dropped."""

    arrived = Signal(object)  # what the work gave, delivered in the receiver's thread

    def __init__(self, work: Callable[[Any], Any]) -> None:
        super().__init__()  # no parent: the worker keeps it alive until its last word
        self._work_of = work
        self._lock = threading.Lock()
        self._waiting: list[Any] = []
        self._busy = False

    @property
    def busy(self) -> bool:
        """Whether something is being worked on."""
        with self._lock:
            return self._busy

    def request(self, *wishes: Any) -> None:
        """Work on these, in this order, instead of anything that still waits."""
        with self._lock:
            self._waiting = list(wishes)
            if self._busy or not self._waiting:
                return
            self._busy = True
        threading.Thread(target=self._work, name="frame-loader").start()

    def _work(self) -> None:
        while True:
            with self._lock:
                if not self._waiting:
                    self._busy = False
                    return
                wish = self._waiting.pop(0)
            self.arrived.emit(self._work_of(wish))
