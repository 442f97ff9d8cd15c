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

import numpy as np
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt, QTimer, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QResizeEvent,
    QWheelEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from stentviewer.core.errors import StentviewerError
from stentviewer.core.types import Box, Finding, HeatMap, Spacing
from stentviewer.ui.viewer import colours, marks
from stentviewer.ui.viewer.boxes import BoxSet, FindingBoxes, finding_boxes
from stentviewer.ui.viewer.frame_loader import FrameRequest, LoadedFrame, is_at_hand, load_frame
from stentviewer.ui.viewer.furniture import paint_lower_edge
from stentviewer.ui.viewer.hands import Hands
from stentviewer.ui.viewer.heat_layer import HeatLayer
from stentviewer.ui.viewer.newest import Newest
from stentviewer.ui.viewer.picture import ExactValues, FramePicture, resample_exactly
from stentviewer.ui.viewer.view_state import Point, ViewState, dragged_window, table_window

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph, StoredArray, Window
    from stentviewer.ui.viewer.layers import Layer, Tool

_SETTLE_MS = 120


class ImageCanvas(QWidget):
    """Shows one frame of one radiograph with what is drawn over it."""

    windowChanged = Signal(object)  # Window, or None for the file's own VOI LUT
    frameChanged = Signal(int)  # the frame now on the screen; heat and boxes were cleared before
    zoomChanged = Signal(float)  # device pixels per column
    invertedChanged = Signal(bool)
    radiographChanged = Signal(object)  # Radiograph, or None
    cineToggleRequested = Signal()
    viewChanged = Signal()  # anything of `state`
    pointerMoved = Signal(object)  # image point (x, y) under the pointer; None beside the image
    activated = Signal()  # pressed or focused; a press may tell it twice
    toolChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_OpaquePaintEvent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setMinimumSize(64, 64)
        self.setMouseTracking(True)
        self.setAccessibleName(self.tr("X-ray image"))
        self._radiograph: Radiograph | None = None
        self._state = ViewState()
        self._wanted = 0  # the frame asked for; the state has the one shown
        self._picture = FramePicture()
        self._stored: StoredArray | None = None
        self._spacing: Spacing | None = None  # by a known length, instead of the file's
        self._own_window = False  # the person chose it, so frames do not change it
        self._auto_wanted = False
        self._heat = HeatLayer()
        self._heat_visible = True
        self._heat_peeked = False
        self._boxes = FindingBoxes()
        self._filter = ""
        self._corners = marks.Corners()
        self._message = self.tr("Drop X-rays here, or press Ctrl+O")
        self._layers: list[Layer] = []
        self._hands = Hands(self)
        self._moving = QTimer(self)  # runs while the view moves and a little longer
        self._moving.setSingleShot(True)
        self._moving.setInterval(_SETTLE_MS)
        self._moving.timeout.connect(self.update)
        self._loader = Newest(load_frame)
        self._loader.arrived.connect(self._take_frame)
        self._sharpener = Newest(resample_exactly)
        self._sharpener.arrived.connect(self._take_exact)

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
    def filter_name(self) -> str:
        """The display filter, one of `imaging.filters.FILTERS`; empty for none."""
        return self._filter

    @property
    def settled(self) -> bool:
        """Whether the picture is as exact as it gets: nothing moves, no draft is on the screen."""
        return self.has_frame and not self._picture.is_draft and not self._moving.isActive()

    @property
    def is_colour(self) -> bool:
        return self._picture.is_colour

    @property
    def stored(self) -> StoredArray | None:
        """The stored values of the frame on the screen, as `radiograph.frames` has them."""
        return self._stored

    @property
    def spacing(self) -> Spacing:
        """The spacing in force: a reader's calibration, else the file's."""
        if self._radiograph is None:
            return Spacing()
        return self._spacing or self._radiograph.spacing

    def set_spacing(self, spacing: Spacing | None) -> None:
        """The scale bar's spacing instead of the file's, until another image is shown."""
        self._spacing = spacing
        self.update()

    def set_radiograph(self, radiograph: Radiograph | None, frame: int = 0) -> None:
        """Show this radiograph, fitted, in its own window; decoding happens beside the window.

        Nothing of the previous image stays: heat, boxes and message go at once.
        """
        self._radiograph = radiograph
        self._picture.set_levels(())
        self._stored = self._spacing = None
        self._own_window = self._auto_wanted = False
        self._filter = ""
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
        self.viewChanged.emit()

    def set_frame(self, frame: int, *then: int) -> None:
        """Show this frame, at once where it is at hand, else once decoded.

        `then` are frames decoded after it, to be at hand.
        """
        if self._radiograph is None:
            return
        last = self._radiograph.header.frames - 1
        self._wanted = min(max(frame, 0), last)
        ahead = [
            FrameRequest(self._radiograph, other, filter_name=self._filter)
            for other in then
            if 0 <= other <= last
        ]
        request = self._request_for(self._radiograph, self._wanted)
        if is_at_hand(request):  # scrolling through a volume keeps up with the hand
            self._loader.request(*ahead)
            self._take_frame(load_frame(request))
        else:
            self._loader.request(request, *ahead)

    def _request_for(self, radiograph: Radiograph, frame: int) -> FrameRequest:
        """Ask for a window only where one is due: a cine without any would flicker else."""
        default = not self._own_window and (self._state.frame < 0 or bool(radiograph.frame_windows))
        return FrameRequest(radiograph, frame, default, self._auto_wanted, self._filter)

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

    # What others draw over it and do on it

    def add_layer(self, layer: Layer) -> None:
        """Draw this over what has been added before."""
        self._layers.append(layer)
        self.update()

    def remove_layer(self, layer: Layer) -> None:
        self._layers.remove(layer)
        self.update()

    @property
    def tool(self) -> Tool | None:
        return self._hands.tool

    def set_tool(self, tool: Tool | None) -> None:
        """What the hands do here; None leaves the usual gestures alone."""
        if tool is not self._hands.tool:
            self._hands.set_tool(tool)
            self.toolChanged.emit()

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

    def peek_heat(self, held: bool) -> None:
        """While held, the opposite of what `set_heat_visible` says."""
        self._heat_peeked = held
        self.update()

    def set_heat_threshold(self, threshold: float) -> None:
        """Hide heat below it, 0…1."""
        self._heat.set_threshold(threshold)
        self.update()

    def set_heat_colours(self, name: str) -> None:
        """inferno, viridis or cividis."""
        self._heat.set_table(name)
        self.update()

    def set_finding_boxes(self, findings: Sequence[Finding]) -> None:
        """Boxes numbered by their place in `findings`; a finding without a box draws none."""
        self.set_boxes([BoxSet("", finding_boxes(findings))] if findings else ())

    def set_boxes(self, sets: Sequence[BoxSet]) -> None:
        """Several sets of boxes, such as a model's and a reader's."""
        self._boxes.sets = tuple(sets)
        self.update()

    def set_boxes_visible(self, visible: bool) -> None:
        self._boxes.visible = visible
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
        self._set_state(replace(self._state, inverted=not self._state.inverted))

    def rotate(self, quarter_turns: int) -> None:
        """Turn the picture clockwise, counter-clockwise where negative."""
        self._set_state(self._state.rotated(quarter_turns))

    def mirror(self) -> None:
        """Left for right as it is seen."""
        self._set_state(self._state.flipped())

    def set_colours(self, name: str) -> None:
        """Grey through a colour table, one of `imaging.overlay.COLOUR_TABLES`.

        Raises UserError for any other name. A picture that is in colour stays as it is.
        """
        from stentviewer.imaging.overlay import colour_table

        colour_table(name)
        self._set_state(replace(self._state, colours=name))

    def set_filter(self, name: str) -> None:
        """A display filter, one of `imaging.filters.FILTERS`, or empty; arrives once computed.

        Raises UserError for any other name.
        """
        from stentviewer.imaging.filters import apply_filter

        apply_filter(name, np.empty((0, 0), np.uint8))  # for the error
        if name != self._filter:
            self._filter = name
            self.set_frame(self._wanted)
            self.viewChanged.emit()

    def apply_view(self, view: ViewState) -> None:
        """Look as `view` does: its zoom, centre, orientation, window, inversion and colours.

        Image, viewport and frame stay what they are; a `view` that is fitted is fitted here too.
        """
        own = self._state
        state = replace(
            view,
            columns=own.columns,
            rows=own.rows,
            pixel_aspect=own.pixel_aspect,
            window=own.window if self.is_colour else view.window,
            frame=own.frame,
        )
        self._own_window = self._own_window or state.window != own.window
        state = state.resized(own.width, own.height)
        if (state.zoom, state.centre) != (own.zoom, own.centre):
            self._moving.start()
        self._set_state(state)

    @property
    def has_own_window(self) -> bool:
        """Whether the person chose the window, so that frames do not change it."""
        return self._own_window

    def set_window(self, window: Window | None) -> None:
        """Use this window for every frame; None is the file's own VOI LUT."""
        if self.is_colour:
            return
        self._own_window = True
        self._set_state(replace(self._state, window=window))

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
            self._filter = ""
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

    # Frames

    def _take_frame(self, loaded: LoadedFrame) -> None:
        request = loaded.request
        if request.radiograph is not self._radiograph or request.frame != self._wanted:
            return  # stale, or decoded ahead
        if loaded.error is not None:
            if not isinstance(loaded.error, StentviewerError):
                raise loaded.error
            if request.radiograph.header.frames == 1 or self._state.frame < 0:
                self.set_message(str(loaded.error))
                return
        self._message = str(loaded.error or "")  # in place of this frame; the others go on
        before = self._state.frame
        self._picture.set_levels(loaded.levels)
        self._stored = loaded.stored
        self._set_state(replace(self._state, frame=request.frame))
        self.update()
        if loaded.error is not None:
            pass  # the window stays
        elif request.auto and self._auto_wanted:
            self._auto_wanted = False
            self.set_window(loaded.auto_window)
        elif request.default and not self._own_window:
            self._set_state(replace(self._state, window=loaded.default_window))
        if request.frame != before:
            if before >= 0:  # what was set while the first frame was decoded is for that frame
                self._clear_findings()
            self.frameChanged.emit(request.frame)

    def _clear_findings(self) -> None:
        self._heat.set_heat(None)
        self._boxes.sets = ()

    def _take_exact(self, exact: ExactValues) -> None:
        if self._picture.take(exact):
            self.update()

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
            for layer in (self._boxes, *self._layers):
                painter.save()
                layer.paint(painter, self)
                painter.restore()
            marks.draw_corners(painter, area, self._corners)
            shows_model = self._heat_shown or self._boxes.shown
            paint_lower_edge(painter, self, shows_model)

    @property
    def _heat_shown(self) -> bool:
        return self._heat.heat is not None and self._heat_visible != self._heat_peeked

    def _paint_image(self, painter: QPainter, radiograph: Radiograph) -> None:
        moving, picture = self._moving.isActive(), self._picture
        picture.show(radiograph, self._state, self._heat if self._heat_shown else None, moving)
        if not picture.covers_viewport:
            painter.fillRect(self.rect(), colours.BACKGROUND)
        ratio = self.devicePixelRatioF()
        painter.save()
        painter.scale(1.0 / ratio, 1.0 / ratio)
        picture.paint(painter)
        painter.restore()
        request = None if moving else picture.exact_request()
        if request is not None:
            self._sharpener.request(request)

    # Events

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._set_state(self._sized(self._state))

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        self.activated.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.activated.emit()
        self._hands.press(event)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:
        self._hands.move(event)
        self.pointerMoved.emit(self._inside(event.position()))

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        self._hands.release(event)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._hands.double_click(event)

    def wheelEvent(self, event: QWheelEvent) -> None:
        self._hands.gestures.wheel(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if not self._hands.key_press(event):
            super().keyPressEvent(event)

    def keyReleaseEvent(self, event: QKeyEvent) -> None:
        if not self._hands.gestures.key_release(event):
            super().keyReleaseEvent(event)

    def leaveEvent(self, event: QEvent) -> None:
        super().leaveEvent(event)
        self._hands.leave()
        self.pointerMoved.emit(None)

    def _inside(self, position: QPointF) -> Point | None:
        """The image point there; None beside the image and while none is shown."""
        x, y = self.to_image(position)
        inside = 0.0 <= x < self._state.columns and 0.0 <= y < self._state.rows
        return (x, y) if inside and self.has_frame else None
