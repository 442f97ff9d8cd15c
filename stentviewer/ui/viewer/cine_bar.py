"""Slider, play button and frame number of a multi-frame image."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from stentviewer.ui.icons import icon

_USUAL_FRAME_MS = 1000.0 / 15.0  # where the file states no speed


class CineBar(QWidget):
    """Asks for frames; what is shown comes back through `show_frame`."""

    frameRequested = Signal(int)
    tick = Signal()  # time for the next frame
    playingChanged = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 1
        self._frame_ms = _USUAL_FRAME_MS
        self._stated = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)
        self._button = QToolButton(self)
        self._button.setAutoRaise(True)
        self._button.clicked.connect(self.toggle)
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setAccessibleName(self.tr("Frame"))
        self._slider.setPageStep(10)
        self._slider.valueChanged.connect(self.frameRequested)
        self._label = QLabel(self)
        layout = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.setSpacing(8)
        layout.addWidget(self._button)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._label)
        self.hide()

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def count(self) -> int:
        return self._count

    def set_frames(self, count: int, frame_ms: float | None) -> None:
        """Stop, and stand for `count` frames at the file's speed, ms a frame; hidden for one."""
        self.pause()
        self._count = count
        self._stated = bool(frame_ms and frame_ms > 0)
        self._frame_ms = frame_ms if frame_ms and frame_ms > 0 else _USUAL_FRAME_MS
        with QSignalBlocker(self._slider):
            self._slider.setRange(0, max(0, count - 1))
            self._slider.setValue(0)
        self.setVisible(count > 1)
        if count > 1:
            self._show_button()
            self.show_frame(0)

    def show_frame(self, frame: int) -> None:
        """Say that this frame, zero-based, is on the screen."""
        with QSignalBlocker(self._slider):
            self._slider.setValue(frame)
        text = self.tr("Frame {n} / {total}").format(n=frame + 1, total=self._count)
        rate = self.tr("{n} per second") if self._stated else self.tr("{n} per second, assumed")
        speed = rate.format(n=f"{1000.0 / self._frame_ms:.3g}")
        self._label.setText(f"{text}  ·  {speed}")

    def play(self) -> None:
        """Run through the frames, round and round."""
        if self._count > 1 and not self.playing:
            self._timer.start(max(1, round(self._frame_ms)))
            self._show_button()
            self.playingChanged.emit(True)

    def pause(self) -> None:
        if self.playing:
            self._timer.stop()
            self._show_button()
            self.playingChanged.emit(False)

    def toggle(self) -> None:
        """Play or pause."""
        if self.playing:
            self.pause()
        else:
            self.play()

    def hideEvent(self, event: QHideEvent) -> None:
        self.pause()
        super().hideEvent(event)

    def _show_button(self) -> None:
        name = self.tr("Pause") if self.playing else self.tr("Play")
        self._button.setIcon(icon("pause" if self.playing else "play"))
        self._button.setToolTip(name)
        self._button.setAccessibleName(name)
