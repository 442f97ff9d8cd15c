"""Sees when a window or one of its docks is moved, so that a crash does not lose the place."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QDockWidget, QMainWindow, QWidget

_STILL_MS = 1000  # after the last movement
_MOVEMENTS = {
    QEvent.Type.Move,
    QEvent.Type.Resize,
    QEvent.Type.WindowStateChange,
    QEvent.Type.Show,
    QEvent.Type.Hide,
}


class PlaceWatch(QObject):
    """Calls `keep` once window and docks stand still again, until the window is closed."""

    def __init__(self, window: QWidget, docks: QMainWindow, keep: Callable[[], None]) -> None:
        super().__init__(window)
        self._window = window
        self._closed = False
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_STILL_MS)
        self._still.timeout.connect(keep)
        for watched in (window, *docks.findChildren(QDockWidget)):
            watched.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if watched is self._window and kind in (QEvent.Type.Close, QEvent.Type.Hide):
            self._closed = True  # whoever closes it keeps its place for good
            self._still.stop()
        elif watched is self._window and kind is QEvent.Type.Show:
            self._closed = False
        elif kind in _MOVEMENTS and not self._closed and self._window.isVisible():
            self._still.start()
        return False
