"""How often each value is in the frame, with the window's two ends to drag."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFocusEvent,
    QKeyEvent,
    QLinearGradient,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPalette,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from stentviewer.ui.viewer.corners import number

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph, Window
    from stentviewer.ui.viewer.canvas import ImageCanvas

BINS = 256
_SAMPLES = 2**17  # pixels looked at: enough for a picture, a millisecond or two at any size
_MARGIN = 8.0
_REACH = 8.0  # logical pixels from a limit within which a press takes it
_LABELS = 20.0
_STEP = 0.01  # of the span, by a key; ten times with Shift
_HEIGHT = 120


@dataclass(frozen=True, slots=True, eq=False)
class Histogram:
    """Counts of equal parts of the modality values from `low` to `high`."""

    counts: npt.NDArray[np.int64]
    low: float
    high: float


def histogram_of(radiograph: Radiograph, frame: int, stored: npt.NDArray[Any]) -> Histogram | None:
    """Of a frame's stored values (rows, columns), every n-th of them; None for colour.

    Padding does not count. Each of at most BINS parts holds equally many stored values, so that no
    gap is drawn that is not in the image.
    """
    if stored.ndim != 2 or not stored.size:
        return None
    step = max(1, int(np.sqrt(stored.size / _SAMPLES)))
    part = stored[::step, ::step].ravel()
    if radiograph.padding is not None:
        first, last = radiograph.padding
        kept = part[(part < first) | (part > last)]
        part = kept if kept.size else part
    rescale = radiograph.rescale_of(frame)
    if not isinstance(rescale, tuple):
        values = rescale(part)
        low, high = float(values.min()), float(values.max())
        counts, edges = np.histogram(values, BINS, (low, max(high, low + 1.0)))
        return Histogram(counts, float(edges[0]), float(edges[-1]))
    lowest = int(part.min())
    together = -(-(int(part.max()) - lowest + 1) // BINS)  # stored values in each part
    counts = np.bincount((part.astype(np.int64) - lowest) // together)
    ends = (lowest - 0.5, lowest - 0.5 + len(counts) * together)
    low, high = (end * rescale[0] + rescale[1] for end in ends)
    return Histogram(counts, low, high) if high > low else Histogram(counts[::-1], high, low)


class HistogramPanel(QWidget):
    """Follows one canvas and sets its window.

    Drag an end, or between the ends to move both; with the keys, Left and Right move the level and
    Up and Down widen and narrow the window, ten times as far with Shift.
    """

    windowWanted = Signal(object)  # Window

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._canvas: ImageCanvas | None = None
        self._histogram: Histogram | None = None
        self._of: tuple[Any, ...] = ()
        self._window: Window | None = None
        self._unit = ""
        self._held = ""  # "low", "high" or "both" while the mouse is down
        self._grip = 0.0
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAccessibleName(self.tr("Histogram with the window's limits"))
        self.setToolTip(
            self.tr(
                "Drag the limits, or between them. Arrow keys: level and width; with Shift ten "
                "times as far."
            )
        )

    @property
    def histogram(self) -> Histogram | None:
        return self._histogram

    def set_canvas(self, canvas: ImageCanvas | None) -> None:
        """Follow this canvas from now on, until it goes away."""
        if canvas is self._canvas:
            return
        if self._canvas is not None:
            self._canvas.viewChanged.disconnect(self._follow)
            self._canvas.frameChanged.disconnect(self._follow)
            self._canvas.destroyed.disconnect(self._forget)
        self._canvas = canvas
        if canvas is not None:
            canvas.viewChanged.connect(self._follow)
            canvas.frameChanged.connect(self._follow)
            canvas.destroyed.connect(self._forget)
        self._follow()

    def sizeHint(self) -> QSize:
        return QSize(240, _HEIGHT)

    def minimumSizeHint(self) -> QSize:
        return QSize(120, 64)

    def _forget(self) -> None:
        self._canvas = None
        self._show(None, None, "")

    def _follow(self) -> None:
        canvas = self._canvas
        if canvas is None or not self.isVisible():
            return
        radiograph, stored = canvas.radiograph, canvas.stored
        if radiograph is None or stored is None:
            self._of = ()
            self._show(None, None, "")
            return
        of = (id(radiograph), canvas.frame, id(stored))
        if of != self._of:
            self._of = of
            self._histogram = histogram_of(radiograph, canvas.frame, stored)
        self._show(self._histogram, canvas.window_to_drag(), radiograph.value_unit)

    def _show(self, histogram: Histogram | None, window: Window | None, unit: str) -> None:
        self._histogram, self._window, self._unit = histogram, window, unit
        limits = self.limits
        if limits is None:
            self.setAccessibleDescription("")
        else:
            low, high = map(number, limits)
            text = self.tr("Black at {low}, white at {high} {unit}")
            self.setAccessibleDescription(text.format(low=low, high=high, unit=unit).strip())
        self.update()

    @property
    def limits(self) -> tuple[float, float] | None:
        """The window's ends in modality values; None while nothing can be windowed."""
        window = self._window
        if window is None or self._histogram is None:
            return None
        return window.centre - window.width / 2, window.centre + window.width / 2

    # where values lie

    def _plot(self) -> QRectF:
        return QRectF(self.rect()).adjusted(_MARGIN, _MARGIN, -_MARGIN, -_LABELS)

    def _span(self) -> tuple[float, float]:
        """The values at the plot's ends: all that are in the frame, and the limits where they can.

        A limit far beyond the values does not squeeze them together; it lies at the plot's edge.
        """
        shown = self._histogram
        assert shown is not None
        reach = (shown.high - shown.low) * 0.25
        low, high = self.limits or (shown.low, shown.high)
        first = max(min(low, shown.low), shown.low - reach)
        last = min(max(high, shown.high), shown.high + reach)
        if self._held and self._held_span is not None:
            return self._held_span
        return first, last

    _held_span: tuple[float, float] | None = None  # the scale stands still during a drag

    def _x(self, value: float) -> float:
        plot, (first, last) = self._plot(), self._span()
        return plot.left() + (value - first) / (last - first) * plot.width()

    def _value(self, x: float) -> float:
        plot, (first, last) = self._plot(), self._span()
        return first + (x - plot.left()) / max(plot.width(), 1.0) * (last - first)

    def _limit_at(self, x: float) -> float:
        """Where a limit is drawn: at the edge where it lies beyond it."""
        plot = self._plot()
        return min(max(x, plot.left()), plot.right())

    # hands

    def _part_at(self, position: QPointF) -> str:
        limits = self.limits
        if limits is None:
            return ""
        low, high = (self._limit_at(self._x(limit)) for limit in limits)
        x = position.x()
        if min(abs(x - low), abs(x - high)) <= _REACH:
            return "low" if abs(x - low) < abs(x - high) or (low == high and x < low) else "high"
        return "both" if low < x < high else ""

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if event.button() != Qt.MouseButton.LeftButton:
            return
        self._held_span = self._span() if self._histogram is not None else None
        self._held = self._part_at(event.position())
        limits = self.limits
        if self._held and limits is not None:
            low, high = limits
            anchor = {"low": low, "high": high, "both": (low + high) / 2}[self._held]
            self._grip = anchor - self._value(event.position().x())
            if self._held != "both":  # beyond the edge it is where the hand is
                edge = self._value(self._limit_at(self._x(anchor)))
                self._grip = edge - self._value(event.position().x())

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        if not self._held:
            part = self._part_at(event.position())
            shape = {
                "": Qt.CursorShape.ArrowCursor,
                "both": Qt.CursorShape.SizeAllCursor,
            }.get(part, Qt.CursorShape.SizeHorCursor)
            self.setCursor(shape)
            return
        limits = self.limits
        if limits is None:
            return
        low, high = limits
        value = self._value(event.position().x()) + self._grip
        if self._held == "both":
            half = (high - low) / 2
            self._set_limits(value - half, value + half)
        elif self._held == "low":
            self._set_limits(min(value, high - self._least()), high)
        else:
            self._set_limits(low, max(value, low + self._least()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._held, self._held_span = "", None
        self.update()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        limits, shown = self.limits, self._histogram
        ways = {
            Qt.Key.Key_Left: (-1, -1),
            Qt.Key.Key_Right: (1, 1),
            Qt.Key.Key_Up: (-1, 1),
            Qt.Key.Key_Down: (1, -1),
        }
        way = ways.get(Qt.Key(event.key()))
        if way is None or limits is None or shown is None:
            super().keyPressEvent(event)
            return
        shift = bool(event.modifiers() & Qt.KeyboardModifier.ShiftModifier)
        step = (shown.high - shown.low) * _STEP * (10 if shift else 1)
        low, high = limits[0] + way[0] * step, limits[1] + way[1] * step
        if high - low >= self._least():
            self._set_limits(low, high)

    def _least(self) -> float:
        """The narrowest window: 1 for LINEAR (PS3.3 C.11.2.1.2.1)."""
        window, shown = self._window, self._histogram
        assert window is not None and shown is not None  # noqa: PT018
        return 1.0 if window.function == "LINEAR" else (shown.high - shown.low) / 1000

    def _set_limits(self, low: float, high: float) -> None:
        assert self._window is not None
        window = replace(self._window, centre=(low + high) / 2, width=high - low, name="")
        self._window = window
        self.windowWanted.emit(window)
        if self._canvas is not None:
            self._canvas.set_window(window)
        self.update()

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        self.update()

    # painting

    def showEvent(self, event: Any) -> None:
        super().showEvent(event)
        self._follow()

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            palette = self.palette()
            painter.fillRect(self.rect(), palette.color(QPalette.ColorRole.Base))
            if self.hasFocus():
                painter.setPen(QPen(palette.color(QPalette.ColorRole.Highlight), 1))
                painter.drawRect(self.rect().adjusted(0, 0, -1, -1))
            if self._histogram is None:
                painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
                text = self.tr("No histogram of this image") if self._of else ""
                painter.drawText(self.rect(), int(Qt.AlignmentFlag.AlignCenter), text)
                return
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            self._paint_bars(painter, self._histogram, palette)
            self._paint_limits(painter, palette)

    def _paint_bars(self, painter: QPainter, shown: Histogram, palette: QPalette) -> None:
        """Square roots of the counts: the few pixels of a stent are seen beside the many of air."""
        plot = self._plot()
        heights = np.sqrt(shown.counts / max(int(shown.counts.max()), 1)) * plot.height()
        edges = np.linspace(shown.low, shown.high, len(shown.counts) + 1)
        points = [QPointF(self._x(shown.low), plot.bottom())]
        for left, right, height in zip(edges[:-1], edges[1:], heights, strict=True):
            y = plot.bottom() - float(height)
            points += [QPointF(self._x(float(left)), y), QPointF(self._x(float(right)), y)]
        points.append(QPointF(self._x(shown.high), plot.bottom()))
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(palette.color(QPalette.ColorRole.Mid))
        painter.drawPolygon(QPolygonF(points))
        limits = self.limits
        if limits is None:
            return
        low, high = self._x(limits[0]), self._x(limits[1])
        ramp = QLinearGradient(low, 0, max(high, low + 1e-6), 0)
        for stop, alpha in ((0.0, 0), (1.0, 200)):
            colour = QColor(palette.color(QPalette.ColorRole.Text))
            colour.setAlpha(alpha)
            ramp.setColorAt(stop, colour)
        painter.save()
        painter.setClipRect(plot)
        painter.setBrush(ramp)
        painter.drawPolygon(QPolygonF(points))
        painter.restore()

    def _paint_limits(self, painter: QPainter, palette: QPalette) -> None:
        limits = self.limits
        plot = self._plot()
        painter.setPen(palette.color(QPalette.ColorRole.PlaceholderText))
        if limits is None:
            text = self.tr("VOI LUT of the file") if self._canvas is not None else ""
            painter.drawText(QPointF(plot.left(), self.height() - 5.0), text)
            return
        accent = palette.color(QPalette.ColorRole.Accent)
        metrics = painter.fontMetrics()
        places = [self._limit_at(self._x(limit)) for limit in limits]
        words = [number(limits[0]), f"{number(limits[1])} {self._unit}".strip()]
        widths = [float(metrics.horizontalAdvance(word)) for word in words]
        lefts = [
            min(max(place - width / 2, plot.left()), plot.right() - width)
            for place, width in zip(places, widths, strict=True)
        ]
        if lefts[0] + widths[0] + 6 > lefts[1]:  # too near: side by side, within the plot
            lefts[1] = min(lefts[0] + widths[0] + 6, plot.right() - widths[1])
            lefts[0] = min(lefts[0], lefts[1] - widths[0] - 6)
        for place, word, left in zip(places, words, lefts, strict=True):
            painter.setPen(QPen(accent, 2))
            painter.drawLine(QPointF(place, plot.top()), QPointF(place, plot.bottom()))
            painter.setBrush(accent)
            painter.drawEllipse(QPointF(place, plot.top() + 3), 3.5, 3.5)
            painter.setPen(palette.color(QPalette.ColorRole.Text))
            painter.drawText(QPointF(left, self.height() - 5.0), word)
