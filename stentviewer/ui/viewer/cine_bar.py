"""Slider, play button, speed and way of a multi-frame image, and which of its frames is shown."""

from __future__ import annotations

from typing import Literal, get_args

from PySide6.QtCore import QCoreApplication, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QResizeEvent
from PySide6.QtWidgets import QDoubleSpinBox, QHBoxLayout, QLabel, QSlider, QToolButton, QWidget

from stentviewer.ui.icons import icon

_USUAL_RATE = 15  # frames a second, where neither file nor person states a speed
_SLOWEST, _FASTEST = 0.1, 60.0  # where the file states nothing slower or faster
_NARROW = 360  # logical pixels below which speed and way give their place to the slider
_NARROWER = 260  # below which the count goes without its word
_LEAST = 96
_NARROWEST = 140  # below which the slider is alone with its button

Way = Literal["loop", "bounce", "once"]
_ICONS: dict[Way, str] = {"loop": "repeat", "bounce": "arrows-left-right", "once": "arrow-right"}


def next_frame(frame: int, count: int, way: Way, backwards: bool) -> tuple[int, bool] | None:
    """The frame after this one and whether the run goes backwards now; None where it ends."""
    if count < 2:
        return None
    if way == "bounce":
        turned = (not backwards and frame >= count - 1) or (backwards and frame <= 0)
        backwards ^= turned
        return frame + (-1 if backwards else 1), backwards
    if frame < count - 1:
        return frame + 1, False
    return (0, False) if way == "loop" else None


class CineBar(QWidget):
    """Asks for frames; what is shown comes back through `show_frame`."""

    frameRequested = Signal(int)
    tick = Signal()  # time for the next frame
    playingChanged = Signal(bool)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._count = 1
        self._frame = 0
        self._stated: float | None = None  # ms a frame, as the file says
        self._usual = _USUAL_RATE
        self._way: Way = "loop"
        self._backwards = False
        self._is_stack = False
        self._timer = QTimer(self)
        self._timer.setTimerType(Qt.TimerType.PreciseTimer)
        self._timer.timeout.connect(self.tick)
        self._button = QToolButton(self)
        self._button.setObjectName("play")
        self._button.setAutoRaise(True)
        self._button.setMinimumWidth(32)  # never so small that its icon has no pixel
        self._button.clicked.connect(self.toggle)
        self._slider = QSlider(Qt.Orientation.Horizontal, self)
        self._slider.setAccessibleName(self.tr("Frame"))
        self._slider.setPageStep(10)
        self._slider.setMinimumWidth(32)
        self._slider.valueChanged.connect(self.frameRequested)
        self._label = QLabel(self)
        self._speed = self._make_speed()
        self._way_button = QToolButton(self)
        self._way_button.setObjectName("way")
        self._way_button.setAutoRaise(True)
        self._way_button.clicked.connect(self.next_way)
        layout = self._places = QHBoxLayout(self)
        layout.setContentsMargins(8, 0, 8, 0)
        layout.setSpacing(8)
        layout.addWidget(self._button)
        layout.addWidget(self._slider, 1)
        layout.addWidget(self._label)
        layout.addWidget(self._speed)
        layout.addWidget(self._way_button)
        self.hide()

    def _make_speed(self) -> QDoubleSpinBox:
        box = QDoubleSpinBox(self)
        box.setDecimals(1)
        box.setRange(_SLOWEST, _FASTEST)
        box.setValue(self._usual)
        box.setKeyboardTracking(False)
        box.setFocusPolicy(Qt.FocusPolicy.StrongFocus)  # the wheel over it is no wish to change it
        box.setAccessibleName(self.tr("Frames a second"))
        box.valueChanged.connect(self._take_speed)
        return box

    @property
    def playing(self) -> bool:
        return self._timer.isActive()

    @property
    def count(self) -> int:
        return self._count

    @property
    def speed(self) -> float:
        """Frames a second."""
        return self._speed.value()

    @property
    def way(self) -> Way:
        """Round and round, to and fro, or once to the end."""
        return self._way

    def set_usual_speed(self, frames_a_second: int) -> None:
        """The speed of images that state none, from the next one on."""
        self._usual = frames_a_second

    def set_speed(self, frames_a_second: float) -> None:
        """Frames a second, until another image is shown."""
        self._speed.setValue(frames_a_second)

    def set_way(self, way: Way) -> None:
        """How a run goes on at its end."""
        self._way, self._backwards = way, False
        self._show_way()

    def next_way(self) -> None:
        """Loop, bounce, once, loop again."""
        ways = get_args(Way)
        self.set_way(ways[(ways.index(self._way) + 1) % len(ways)])

    def set_frames(self, count: int, frame_ms: float | None, *, stack: bool = False) -> None:
        """Stop, and stand for `count` frames at the file's speed, ms a frame; hidden for one.

        The frames of a `stack` are slices, which have no speed until they are run through.
        """
        self.pause()
        self._count, self._backwards, self._is_stack = count, False, stack
        self._stated = frame_ms if frame_ms and frame_ms > 0 else None
        rate = 1000.0 / self._stated if self._stated else float(self._usual)
        with QSignalBlocker(self._slider), QSignalBlocker(self._speed):
            self._slider.setRange(0, max(0, count - 1))
            self._slider.setValue(0)
            self._speed.setRange(min(_SLOWEST, rate), max(_FASTEST, rate))
            self._speed.setValue(rate)
        self._show_speed()
        self.setVisible(count > 1)
        if count > 1:
            self._show_button()
            self._show_way()
            self.show_frame(0)
            self._fit()

    def show_frame(self, frame: int) -> None:
        """Say that this frame, zero-based, is on the screen."""
        self._frame = frame
        with QSignalBlocker(self._slider):
            self._slider.setValue(frame)
        self._label.setText(self._place_of(frame))

    def _place_of(self, frame: int) -> str:
        """Which one it is, in as many words as there is room for."""
        text = "{n} / {total}"
        if self.width() >= _NARROWER:
            text = (
                QCoreApplication.translate("Corners", "Slice {n} / {total}")
                if self._is_stack
                else self.tr("Frame {n} / {total}")
            )
        return text.format(n=frame + 1, total=self._count)

    def following(self) -> tuple[int, ...]:
        """The frame that a run shows next and the one after it; () at its end, where it stops."""
        after = next_frame(self._frame, self._count, self._way, self._backwards)
        if after is None:
            self.pause()
            return ()
        frame, self._backwards = after
        later = next_frame(frame, self._count, self._way, self._backwards)
        return (frame,) if later is None else (frame, later[0])

    def play(self) -> None:
        """Run through the frames; a run that ended begins again."""
        if self._count > 1 and not self.playing:
            if self._way == "once" and self._frame >= self._count - 1:
                self.frameRequested.emit(0)
            self._timer.start(self._interval())
            self._show_button()
            self._fit()
            self.playingChanged.emit(True)

    def pause(self) -> None:
        if self.playing:
            self._timer.stop()
            self._show_button()
            self._fit()
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

    def minimumSizeHint(self) -> QSize:
        """No more than the button and a little of the slider: the rest goes where it must."""
        return QSize(_LEAST, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Show what there is room for; the slider keeps its place."""
        wide = self.width() >= _NARROW and (self.playing or not self._is_stack)
        self._speed.setVisible(wide)
        self._way_button.setVisible(wide)
        self._label.setVisible(self.width() >= _NARROWEST)
        widest = self.fontMetrics().horizontalAdvance(self._place_of(self._count - 1))
        self._label.setMinimumWidth(widest)  # the slider must not move under the hand
        self._label.setText(self._place_of(self._frame))
        self._places.activate()  # else what has just appeared is painted where it has no room

    @property
    def _is_stated(self) -> bool:
        """Whether the speed is the file's own, as far as the box shows it."""
        return self._stated is not None and abs(1000.0 / self._stated - self.speed) <= 0.051

    def _interval(self) -> int:
        """Milliseconds; the file's own time a frame while nobody chose another speed."""
        ms = self._stated if self._is_stated else None
        return max(1, round(ms or 1000.0 / max(self.speed, _SLOWEST)))

    def _take_speed(self) -> None:
        if self.playing:
            self._timer.start(self._interval())
        self._show_speed()

    def _show_speed(self) -> None:
        assumed = self._stated is None and self.speed == self._usual
        self._speed.setSuffix(
            self.tr(" per second, assumed") if assumed else self.tr(" per second")
        )
        if self._stated is None:
            tip = self.tr("The file states no speed")
        elif self._is_stated:
            tip = self.tr("As the file states")
        else:
            tip = self.tr("The file states {n} per second").format(n=f"{1000 / self._stated:.3g}")
        self._speed.setToolTip(tip)

    def _show_button(self) -> None:
        name = self.tr("Pause") if self.playing else self.tr("Play")
        self._button.setIcon(icon("pause" if self.playing else "play"))
        self._button.setToolTip(name)
        self._button.setAccessibleName(name)

    def _show_way(self) -> None:
        name = {
            "loop": self.tr("Round and round"),
            "bounce": self.tr("To and fro"),
            "once": self.tr("Once to the end"),
        }[self._way]
        self._way_button.setIcon(icon(_ICONS[self._way]))
        self._way_button.setToolTip(name)
        self._way_button.setAccessibleName(name)
