"""A switch's key: a tap switches it, holding it shows the opposite while it is held."""

from __future__ import annotations

import time
from collections.abc import Callable

from PySide6.QtCore import QCoreApplication, QEvent, QObject
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence

HELD_S = 0.3  # longer than a tap


class HeldKey(QObject):
    """Switches the action back where the key that switched it was held.

    Looks at key events only between such a press and the release.
    """

    def __init__(
        self,
        action: QAction,
        parent: QObject | None = None,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        super().__init__(parent)
        self._action = action
        self._clock = clock
        self._pressed_at = 0.0
        self._is_waiting = self._is_ours = False
        action.triggered.connect(self._triggered)

    def _triggered(self) -> None:
        """By the key, or by a click: then no release follows that was not pressed again before."""
        app = QCoreApplication.instance()
        if self._is_ours or app is None:
            return
        self._pressed_at = self._clock()
        if not self._is_waiting:
            self._is_waiting = True
            app.installEventFilter(self)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        kind = event.type()
        if kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease) and self._is_key(event):
            held = self._clock() - self._pressed_at >= HELD_S
            self._stop()
            if kind == QEvent.Type.KeyRelease and held:
                self._is_ours = True
                self._action.trigger()
                self._is_ours = False
        elif kind == QEvent.Type.ApplicationStateChange:
            self._stop()
        return False

    def _is_key(self, event: QEvent) -> bool:
        if not isinstance(event, QKeyEvent) or event.isAutoRepeat():
            return False
        return QKeySequence(event.keyCombination()) in self._action.shortcuts()

    def _stop(self) -> None:
        app = QCoreApplication.instance()
        if self._is_waiting and app is not None:
            self._is_waiting = False
            app.removeEventFilter(self)
