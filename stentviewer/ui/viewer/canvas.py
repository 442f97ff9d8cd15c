"""The image itself: stored values resampled once a view, windowed by table lookup, then painted.

Dragging the window costs one table and one lookup over the pixels on the screen, whatever the
image's size. Gestures: left or right drag window and level (right widens, down raises the level);
middle drag, Shift or Space with left drag pan; wheel zooms at the cursor, with Alt it steps
frames; double click fits; arrow and page keys step frames; Space alone starts and stops a cine.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from stentviewer.core.errors import StentviewerError
from stentviewer.core.types import Finding, HeatMap, Spacing, SpacingKind
from stentviewer.ui.viewer import colours, marks
from stentviewer.ui.viewer.frame_loader import FrameLoader, FrameRequest, LoadedFrame
from stentviewer.ui.viewer.gestures import Gestures
from stentviewer.ui.viewer.heat_layer import HeatLayer
from stentviewer.ui.viewer.picture import FramePicture
from stentviewer.ui.viewer.scale_bar import scale_bar
from stentviewer.ui.viewer.view_state import ViewState, dragged_window, table_window

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph, Window

_SETTLE_MS = 120


class ImageCanvas(QWidget):
    """Shows one frame of one radiograph with what is drawn over it."""

    windowChanged = Signal(object)  # Window, or None for the file's own VOI LUT
    frameChanged = Signal(int)  # the frame now on the screen; heat and boxes were cleared before
    zoomChanged = Signal(float)  # device pixels per column
    invertedChanged = Signal(bool)
    radiographChanged = Signal(object)  # Radiograph, or None
    cineToggleRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(64, 64)
        self.setAccessibleName(self.tr("X-ray image"))
        self._radiograph: Radiograph | None = None
        self._state = ViewState()
        self._wanted = 0  # the frame asked for; the state has the one shown
        self._picture = FramePicture()
        self._own_window = False  # the person chose it, so frames do not change it
        self._auto_wanted = False
        self._heat = HeatLayer()
        self._heat_visible = True
        self._findings: tuple[Finding, ...] = ()
        self._boxes_visible = True
        self._corners = marks.Corners()
        self._message = self.tr("Drop X-rays here, or press Ctrl+O")
        self._gestures = Gestures(self)
        self._moving = QTimer(self)  # runs while the view moves and a little longer
        self._moving.setSingleShot(True)
        self._moving.setInterval(_SETTLE_MS)
        self._moving.timeout.connect(self.update)
        self._loader = FrameLoader()
        self._loader.arrived.connect(self._take_frame)

    # What is shown

    @property
    def radiograph(self) -> Radiograph | None:
        return self._radiograph

    @property
    def state(self) -> ViewState:
        """The look as plain numbers."""
        return self._state

    @property
    def frame(self) -> int:
        """The frame on the screen, zero-based."""
        return self._state.frame

    @property
    def wanted_frame(self) -> int:
        """The frame asked for last; it is `frame` once it has been decoded."""
        return self._wanted

    @property
    def has_frame(self) -> bool:
        """Whether pixels are on the screen."""
        return not self._picture.is_empty

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

    @property
    def is_colour(self) -> bool:
        return self._picture.is_colour

    def set_radiograph(self, radiograph: Radiograph | None, frame: int = 0) -> None:
        """Show this radiograph, fitted, in its own window; decoding happens beside the window.

        Nothing of the previous image stays: heat, boxes and message go at once.
        """
        self._radiograph = radiograph
        self._picture.set_levels(())
        self._own_window = self._auto_wanted = False
        self._wanted = frame
        self._message = "" if radiograph else self.tr("Drop X-rays here, or press Ctrl+O")
        self._clear_findings()
        if radiograph is None:
            self._state = self._sized(ViewState())
        else:
            header = radiograph.header
            aspect = radiograph.pixel_aspect
            self._state = self._sized(ViewState(header.columns, header.rows, aspect, frame=-1))
            self._loader.request(self._request_for(radiograph, frame))
        self.update()
        self.radiographChanged.emit(radiograph)
        self.zoomChanged.emit(self.zoom)

    def set_frame(self, frame: int, *then: int) -> None:
        """Show this frame once decoded; `then` are frames decoded after it, to be at hand."""
        if self._radiograph is None:
            return
        last = self._radiograph.header.frames - 1
        self._wanted = min(max(frame, 0), last)
        ahead = [FrameRequest(self._radiograph, other) for other in then if 0 <= other <= last]
        self._loader.request(self._request_for(self._radiograph, self._wanted), *ahead)

    def _request_for(self, radiograph: Radiograph, frame: int) -> FrameRequest:
        """Ask for a window only where one is due: a cine without any would flicker else."""
        default = not self._own_window and (self._state.frame < 0 or bool(radiograph.frame_windows))
        return FrameRequest(radiograph, frame, default, self._auto_wanted)

    def set_message(self, text: str) -> None:
        """A sentence in place of the image, such as why it cannot be shown."""
        self.set_radiograph(None)
        self._message = text
        self.update()

    @property
    def message(self) -> str:
        """The sentence in place of an image."""
        return self._message

    def set_corners(self, corners: marks.Corners) -> None:
        self._corners = corners
        self.update()

    # The model's word

    def set_heat(self, heat: HeatMap | None) -> None:
        self._heat.set_heat(heat)
        self.update()

    def set_heat_strength(self, strength: float) -> None:
        """0 shows none of the heat map, 1 hides the image where the heat is greatest."""
        self._heat.set_strength(strength)
        self.update()

    def set_heat_visible(self, visible: bool) -> None:
        self._heat_visible = visible
        self.update()

    def set_heat_colours(self, name: str) -> None:
        """inferno, viridis or cividis."""
        self._heat.set_table(name)
        self.update()

    def set_finding_boxes(self, findings: Sequence[Finding]) -> None:
        """Boxes numbered by their place in `findings`; a finding without a box draws none."""
        self._findings = tuple(findings)
        self.update()

    def set_boxes_visible(self, visible: bool) -> None:
        self._boxes_visible = visible
        self.update()

    # How it is shown

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
        self._state = replace(self._state, inverted=not self._state.inverted)
        self.update()
        self.invertedChanged.emit(self._state.inverted)

    def set_window(self, window: Window | None) -> None:
        """Use this window for every frame; None is the file's own VOI LUT."""
        if self.is_colour:
            return
        self._own_window = True
        self._apply_window(window)

    def auto_window(self) -> None:
        """A window that fits the values of the frame; arrives once it has been measured."""
        if self._radiograph is not None:
            self._auto_wanted = True
            self.set_frame(self._wanted)

    def reset(self) -> None:
        """The file's own window, not inverted, fitted."""
        if self._state.inverted:
            self.invert()
        self._own_window = self._auto_wanted = False
        self.fit()
        if self._radiograph is not None:
            self._loader.request(FrameRequest(self._radiograph, self._wanted, default=True))

    def drag_window(self, start: Window, dx: float, dy: float) -> None:
        """The window after dragging (dx, dy) logical pixels from where it was `start`."""
        self.set_window(dragged_window(start, dx, dy))

    def window_to_drag(self) -> Window | None:
        """Where a drag starts; None while nothing can be windowed.

        From a VOI LUT a drag starts at the span of values that its table covers.
        """
        if self._radiograph is None or not self.has_frame or self.is_colour:
            return None
        table = self._radiograph.voi_lut
        if self._state.window is None and table is not None:
            return table_window(table)
        return self._state.window

    # Geometry

    def image_rect(self) -> QRectF:
        """Where the whole image lies, logical widget pixels; may reach outside the widget."""
        return self._to_widget(0.0, 0.0, 1.0, 1.0)

    def _to_widget(self, x0: float, y0: float, x1: float, y1: float) -> QRectF:
        """A box in image fractions, in logical widget pixels."""
        state, ratio = self._state, self.devicePixelRatioF()
        left, top = state.to_viewport((x0 * state.columns, y0 * state.rows))
        right, bottom = state.to_viewport((x1 * state.columns, y1 * state.rows))
        return QRectF(left / ratio, top / ratio, (right - left) / ratio, (bottom - top) / ratio)

    def _sized(self, state: ViewState) -> ViewState:
        ratio = self.devicePixelRatioF()
        return state.resized(round(self.width() * ratio), round(self.height() * ratio))

    def _set_state(self, state: ViewState) -> None:
        if state == self._state:
            return
        zoomed = state.zoom != self._state.zoom
        self._state = state
        self.update()
        if zoomed:
            self.zoomChanged.emit(state.zoom)

    # Frames

    def _take_frame(self, loaded: LoadedFrame) -> None:
        request = loaded.request
        if request.radiograph is not self._radiograph or request.frame != self._wanted:
            return  # stale, or decoded ahead
        if loaded.error is not None:
            if not isinstance(loaded.error, StentviewerError):
                raise loaded.error
            self.set_message(str(loaded.error))
            return
        before = self._state.frame
        self._picture.set_levels(loaded.levels)
        self._state = replace(self._state, frame=request.frame)
        self.update()
        if request.auto and self._auto_wanted:
            self._auto_wanted = False
            self.set_window(loaded.auto_window)
        elif request.default and not self._own_window:
            self._apply_window(loaded.default_window)
        if request.frame != before:
            if before >= 0:  # what was set while the first frame was decoded is for that frame
                self._clear_findings()
            self.frameChanged.emit(request.frame)

    def _apply_window(self, window: Window | None) -> None:
        if window != self._state.window:
            self._state = replace(self._state, window=window)
            self.update()
            self.windowChanged.emit(window)

    def _clear_findings(self) -> None:
        self._heat.set_heat(None)
        self._findings = ()

    # Painting

    def paintEvent(self, event: QPaintEvent) -> None:
        self._set_state(self._sized(self._state))  # the window may have moved to another screen
        area = QRectF(self.rect())
        with QPainter(self) as painter:
            if self._radiograph is None or not self.has_frame:
                painter.fillRect(self.rect(), colours.BACKGROUND)
                marks.draw_message(painter, area, self._message)
                return
            self._paint_image(painter, self._radiograph)
            self._paint_heat(painter)
            self._paint_marks(painter, area, self._radiograph)

    def _paint_image(self, painter: QPainter, radiograph: Radiograph) -> None:
        image, x0, y0 = self._picture.image(radiograph, self._state, self._moving.isActive())
        if image.width() < self._state.width or image.height() < self._state.height:
            painter.fillRect(self.rect(), colours.BACKGROUND)
        ratio = self.devicePixelRatioF()
        image.setDevicePixelRatio(ratio)
        painter.drawImage(QPointF(x0 / ratio, y0 / ratio), image)

    def _paint_heat(self, painter: QPainter) -> None:
        heat, image = self._heat.heat, self._heat.image()
        if heat is None or image is None or not self._heat_visible or not self._heat.strength:
            return
        extent = heat.extent
        painter.save()
        painter.setClipRect(self.image_rect())
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        painter.drawImage(self._to_widget(extent.x0, extent.y0, extent.x1, extent.y1), image)
        painter.restore()

    def _paint_marks(self, painter: QPainter, area: QRectF, radiograph: Radiograph) -> None:
        if self._boxes_visible:
            for number, finding in enumerate(self._findings, start=1):
                if finding.box is not None:
                    box = finding.box
                    rect = self._to_widget(box.x0, box.y0, box.x1, box.y1)
                    name = self.tr("unknown design") if finding.unknown else finding.maker
                    marks.draw_finding(painter, area, rect, number, name)
        marks.draw_corners(painter, area, self._corners)
        self._paint_scale_bar(painter, area, radiograph.spacing)
        if self._shows_model():
            text = self.tr("For research use, not for primary diagnosis")
            marks.draw_lower_right(painter, area, text)

    def _shows_model(self) -> bool:
        heat = self._heat.heat is not None and self._heat_visible
        return heat or (bool(self._findings) and self._boxes_visible)

    def _paint_scale_bar(self, painter: QPainter, area: QRectF, spacing: Spacing) -> None:
        bar = scale_bar(spacing, self._state.zoom, self._state.width)
        if bar is None or area.height() < 120:
            return
        number = f"{bar.length:g}"
        text = {
            SpacingKind.PATIENT: self.tr("{n} mm"),
            SpacingKind.DETECTOR: self.tr("{n} mm, detector plane"),
            SpacingKind.CALIBRATED: self.tr("{n} mm, calibrated"),
            SpacingKind.NONE: self.tr("{n} px"),
        }[bar.kind].format(n=number)
        lift = painter.fontMetrics().height() + 6.0 if self._shows_model() else 0.0
        length = bar.pixels / self.devicePixelRatioF()
        marks.draw_scale_bar(painter, area, length, text, lift)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_state(self._sized(self._state))

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._gestures.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._gestures.move(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._gestures.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._gestures.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._gestures.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._gestures.key_press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._gestures.key_release(event):
            super().keyReleaseEvent(event)
