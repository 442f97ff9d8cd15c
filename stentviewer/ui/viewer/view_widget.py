"""A widget that looks at an image: where it lies, how large, which way round. No pixels yet."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from stentviewer.core.types import Box
from stentviewer.ui.viewer.view_state import Point, ViewState

if TYPE_CHECKING:
    from stentviewer.imaging.image import Window

_SETTLE_MS = 120


class ViewWidget(QWidget):
    """Holds a `ViewState` for its own size and tells what changes in it."""

    windowChanged = Signal(object)  # Window, or None for the file's own VOI LUT
    zoomChanged = Signal(float)  # device pixels per column
    invertedChanged = Signal(bool)
    viewChanged = Signal()  # anything of `state`

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(64, 64)
        self.setMouseTracking(True)
        self._state = ViewState()
        self._moving = QTimer(self)  # runs while the view moves and a little longer
        self._moving.setSingleShot(True)
        self._moving.setInterval(_SETTLE_MS)
        self._moving.timeout.connect(self.update)

    @property
    def state(self) -> ViewState:
        """The look as plain numbers."""
        return self._state

    @property
    def zoom(self) -> float:
        """Device pixels per column."""
        return self._state.zoom

    @property
    def inverted(self) -> bool:
        return self._state.inverted

    @property
    def window(self) -> Window | None:  # type: ignore[override]  # a radiologist's window
        """The window in force; None while the file's own VOI LUT is, or for colour."""
        return self._state.window

    def fit(self) -> None:
        """The whole image."""
        self._set_state(self._state.fit())

    def one_to_one(self) -> None:
        """One stored pixel on one pixel of the screen."""
        self._set_state(self._state.one_to_one())

    def zoom_by(self, factor: float, at: QPointF | None = None) -> None:
        """Zoom about a point of the widget, the middle by default."""
        point = at if at is not None else QRectF(self.rect()).center()
        ratio = self.devicePixelRatioF()
        self._moving.start()
        self._set_state(self._state.zoom_at((point.x() * ratio, point.y() * ratio), factor))

    def pan_by(self, dx: float, dy: float) -> None:
        """Move the image by logical pixels."""
        ratio = self.devicePixelRatioF()
        self._moving.start()
        self._set_state(self._state.pan(dx * ratio, dy * ratio))

    def invert(self) -> None:
        """Black for white."""
        self._set_state(replace(self._state, inverted=not self._state.inverted))

    def rotate(self, quarter_turns: int) -> None:
        """Turn the picture clockwise, counter-clockwise where negative."""
        self._set_state(self._state.rotated(quarter_turns))

    def mirror(self) -> None:
        """Left for right as it is seen."""
        self._set_state(self._state.flipped())

    def image_rect(self) -> QRectF:
        """Where the whole image lies, logical widget pixels; may reach outside the widget."""
        return self.box_rect(Box(0.0, 0.0, 1.0, 1.0))

    def to_widget(self, point: Point) -> QPointF:
        """Image point (column x, row y) → logical widget pixels."""
        ratio = self.devicePixelRatioF()
        x, y = self._state.to_viewport(point)
        return QPointF(x / ratio, y / ratio)

    def to_image(self, point: QPointF) -> Point:
        """Logical widget pixels → image point (column x, row y); the inverse of `to_widget`."""
        ratio = self.devicePixelRatioF()
        return self._state.to_image((point.x() * ratio, point.y() * ratio))

    def box_rect(self, box: Box) -> QRectF:
        """A box in image fractions, in logical widget pixels."""
        columns, rows = self._state.columns, self._state.rows
        one = self.to_widget((box.x0 * columns, box.y0 * rows))
        other = self.to_widget((box.x1 * columns, box.y1 * rows))
        return QRectF(one, other).normalized()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_state(self._sized(self._state))

    def _sized(self, state: ViewState) -> ViewState:
        ratio = self.devicePixelRatioF()
        return state.resized(round(self.width() * ratio), round(self.height() * ratio))

    def _set_state(self, state: ViewState) -> None:
        before = self._state
        if state == before:
            return
        self._state = state
        self.update()
        if state.zoom != before.zoom:
            self.zoomChanged.emit(state.zoom)
        if state.window != before.window:
            self.windowChanged.emit(state.window)
        if state.inverted != before.inverted:
            self.invertedChanged.emit(state.inverted)
        self.viewChanged.emit()
