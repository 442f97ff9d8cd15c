"""Frames decoded beside the window's thread; the newest wish wins.

The thread exists only while there is something to decode, so nothing is left to stop or to leak.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

from stentviewer.ui.viewer.resample import StoredArray, pyramid

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph, Window


@dataclass(frozen=True, slots=True)
class FrameRequest:
    """One frame of one radiograph; its own window or the automatic one only where asked for."""

    radiograph: Radiograph
    frame: int
    default: bool = False
    auto: bool = False


@dataclass(frozen=True, slots=True)
class LoadedFrame:
    """What a request brought: the pyramid of stored values and windows, or the error."""

    request: FrameRequest
    levels: tuple[StoredArray, ...] = ()
    default_window: Window | None = None  # None: the file's VOI LUT, or colour
    auto_window: Window | None = None
    error: Exception | None = None


def load_frame(request: FrameRequest) -> LoadedFrame:
    """Decode the frame and prepare what painting needs. Errors come back in the result."""
    radiograph, frame = request.radiograph, request.frame
    try:
        stored = radiograph.frames[frame]
        auto = default = None
        if stored.ndim == 2:
            if request.default and radiograph.voi_lut is None:
                default = radiograph.default_window(frame)
            auto = radiograph.auto_window(frame) if request.auto else None
        return LoadedFrame(request, pyramid(stored), default, auto)
    except Exception as error:  # told or raised again by the window's thread
        return LoadedFrame(request, error=error)


class FrameLoader(QObject):
    """Loads what was asked last, then what may be asked next; older wishes are dropped."""

    arrived = Signal(object)  # LoadedFrame, delivered in the receiver's thread

    def __init__(self) -> None:
        super().__init__()  # no parent: the worker keeps it alive until its last word
        self._lock = threading.Lock()
        self._waiting: list[FrameRequest] = []
        self._busy = False

    def request(self, *requests: FrameRequest) -> None:
        """Load these, in this order, instead of anything that still waits."""
        with self._lock:
            self._waiting = list(requests)
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
                request = self._waiting.pop(0)
            self.arrived.emit(load_frame(request))
