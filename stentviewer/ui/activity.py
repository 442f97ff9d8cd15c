"""What the program is doing, in the status bar: quiet at first, then with a way out."""

from __future__ import annotations

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QHBoxLayout, QLabel, QProgressBar, QPushButton, QSizePolicy, QWidget

from stentviewer.ui.bridge import Bridge, Job

SHOWN_AFTER = 0.3  # seconds
CANCEL_AFTER = 2.0
TIME_LEFT_AFTER = 10.0
_REFRESH_MS = 100


class Activity(QWidget):
    """Shows the bridge's oldest job once it has taken 0.3 s."""

    def __init__(self, bridge: Bridge, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._bridge = bridge
        self._job: Job | None = None
        self.text = QLabel(self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setFixedWidth(160)
        self.cancel = QPushButton(self.tr("Cancel"), self)
        self.cancel.clicked.connect(self._cancel)
        row = QHBoxLayout(self)
        self.cancel.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        row.setContentsMargins(8, 0, 8, 0)
        row.setSpacing(8)
        row.addWidget(self.text)
        row.addWidget(self.bar)
        row.addWidget(self.cancel)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self.refresh)
        bridge.busyChanged.connect(self._watch)
        self.refresh()

    def _watch(self) -> None:
        if self._bridge.jobs and not self._timer.isActive():
            self._timer.start()
        elif not self._bridge.jobs:
            self._timer.stop()
            self.refresh()

    def refresh(self) -> None:
        """Look at the clock and show what is due."""
        now = self._bridge.clock()
        due = [job for job in self._bridge.jobs if now - job.started >= SHOWN_AFTER]
        self._job = due[0] if due else None
        for part in (self.text, self.bar):
            part.setVisible(bool(due))
        self.cancel.setVisible(False)
        if self._job is None:
            return
        progress, seconds = self._job.progress, now - self._job.started
        self.bar.setRange(0, progress.total)
        self.bar.setValue(progress.done)
        self.cancel.setVisible(seconds >= CANCEL_AFTER and not self._job.ordered)
        self.cancel.setEnabled(not self._job.context.cancelled.is_set())
        left = self._time_left(seconds, progress.done, progress.total)
        self.text.setText(f"{self._job.title}  ·  {left}" if left else f"{self._job.title}…")

    def _time_left(self, seconds: float, done: int, total: int) -> str:
        if seconds < TIME_LEFT_AFTER or not 0 < done < total:
            return ""
        left = seconds * (total - done) / done
        if left < 60:
            return self.tr("about {n} s left").format(n=max(1, round(left)))
        return self.tr("about {n} min left").format(n=round(left / 60))

    def _cancel(self) -> None:
        if self._job is not None:
            self._job.cancel()
            self.refresh()
