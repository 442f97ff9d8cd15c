"""The viewer: the canvas, whose image it is, its window, its fidelity, and its frames."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QHBoxLayout,
    QLabel,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from stentviewer.ui.i18n import say
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.cine_bar import CineBar
from stentviewer.ui.viewer.corners import number
from stentviewer.ui.viewer.fidelity import FidelityBadge, fidelity

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph


_MARGIN, _SPACE = 8, 16  # logical pixels, of the row below the image
_SHORT = 300  # a viewport less high has one row below its image
_FOR_CINE = 200  # its least width beside the numbers
_ANY = 16_777_215  # Qt's QWIDGETSIZE_MAX


class ViewerPanel(QWidget):
    """One image with everything a reader has to know about what is on the screen."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.canvas = ImageCanvas(self)
        self.cine = CineBar(self)
        self.cine.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self._window = _line(self)
        self._zoom = _line(self)
        self.fidelity = FidelityBadge(self)
        self._strip = QWidget(self)
        row = QHBoxLayout(self._strip)
        row.setContentsMargins(_MARGIN, 0, _MARGIN, 0)
        row.setSpacing(_SPACE)
        row.addWidget(self._window)
        row.addWidget(self._zoom)
        row.addWidget(self.fidelity, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        column.addWidget(self.canvas, 1)
        self._rows = QBoxLayout(QBoxLayout.Direction.TopToBottom)
        self._rows.setSpacing(4)
        self._rows.addWidget(self.cine, 1)
        self._rows.addWidget(self._strip)
        column.addLayout(self._rows)
        self._connect()
        self._show_radiograph(None)

    def _connect(self) -> None:
        canvas, cine = self.canvas, self.cine
        canvas.radiographChanged.connect(self._show_radiograph)
        canvas.frameChanged.connect(self._show_frame)
        canvas.viewChanged.connect(self._show_numbers)
        canvas.cineToggleRequested.connect(cine.toggle)
        cine.frameRequested.connect(canvas.set_frame)
        cine.tick.connect(self._next_frame)

    def set_radiograph(self, radiograph: Radiograph | None, frame: int = 0) -> None:
        """Show this radiograph; see `ImageCanvas.set_radiograph`."""
        self.canvas.set_radiograph(radiograph, frame)

    def set_message(self, text: str) -> None:
        """A sentence in place of the image."""
        self.canvas.set_message(say(text))

    def toggle_cine(self) -> None:
        """Play or pause; nothing for a single frame."""
        self.cine.toggle()

    def turn_right(self) -> None:
        self.canvas.rotate(1)

    def turn_left(self) -> None:
        self.canvas.rotate(-1)

    def next_frame(self) -> None:
        self.step_frame(1)

    def previous_frame(self) -> None:
        self.step_frame(-1)

    def step_frame(self, by: int) -> None:
        """Go `by` frames on, not past the ends."""
        self.canvas.set_frame(self.canvas.wanted_frame + by)

    def _next_frame(self) -> None:
        canvas = self.canvas
        if canvas.wanted_frame != canvas.frame:
            return  # the last one is still being decoded: better slower than piling up
        following = self.cine.following()
        if following:
            canvas.set_frame(*following)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Leave the picture its height, and the badge its place: what does not fit goes."""
        one_row = self.height() < _SHORT and self.cine.count > 1
        ways = QBoxLayout.Direction
        self._rows.setDirection(ways.LeftToRight if one_row else ways.TopToBottom)
        badge = self.fidelity.minimumSizeHint().width() + 2 * _MARGIN
        room = self.width() - (_FOR_CINE if one_row else 0)
        taken, fits = badge, True
        for label in (self._window, self._zoom):
            width = label.sizeHint().width() + _SPACE
            fits = fits and taken + width <= room
            label.setVisible(fits)
            taken += width if fits else 0
        policy = QSizePolicy.Policy
        self._strip.setSizePolicy(policy.Maximum if one_row else policy.Ignored, policy.Fixed)
        self._strip.setMinimumWidth(badge if one_row else 0)  # the labels are no reason to be wide
        self._strip.setMaximumWidth(taken if one_row else _ANY)

    def _show_radiograph(self, radiograph: Radiograph | None) -> None:
        if radiograph is None:
            self.cine.set_frames(1, None)
        else:
            stack = bool(radiograph.positions_mm)
            self.cine.set_frames(radiograph.header.frames, radiograph.frame_time_ms, stack=stack)
        self._strip.setEnabled(radiograph is not None)
        self._show_numbers()

    def _show_frame(self, frame: int) -> None:
        if frame == self.canvas.wanted_frame:
            self.cine.show_frame(frame)
        self._show_numbers()

    def _show_numbers(self) -> None:
        canvas = self.canvas
        radiograph = canvas.radiograph
        if radiograph is None or not canvas.has_frame:
            self._window.clear()
            self._zoom.clear()
            self.fidelity.show_fidelity(None)
            self._fit()
            return
        self._window.setText(self._window_text())
        self._zoom.setText(self.tr("Zoom {n} %").format(n=number(canvas.zoom * 100)))
        self.fidelity.show_fidelity(fidelity(radiograph, canvas.state, canvas.filter_name))
        self._fit()

    def _window_text(self) -> str:
        canvas = self.canvas
        if canvas.is_colour:
            text = self.tr("colour")
        elif canvas.window is None:
            text = self.tr("VOI LUT of the file")
        else:
            text = self.tr("W {width}  L {centre}").format(
                width=number(canvas.window.width), centre=number(canvas.window.centre)
            )
        inverted = self.tr("inverted")  # not inside the f-string, where lupdate cannot see it
        return f"{text}  ·  {inverted}" if canvas.inverted else text


def _line(parent: QWidget) -> QLabel:
    label = QLabel(parent)
    label.setTextFormat(Qt.TextFormat.PlainText)
    return label
