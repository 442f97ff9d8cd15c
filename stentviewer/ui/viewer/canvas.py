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
from PySide6.QtCore import QPointF, QRectF, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from stentviewer.core.errors import StentviewerError
from stentviewer.core.types import HeatMap, Spacing
from stentviewer.ui.viewer import colours, marks
from stentviewer.ui.viewer.boxes import BoxSet, FindingBoxes
from stentviewer.ui.viewer.frame_loader import FrameRequest, LoadedFrame, is_at_hand, load_frame
from stentviewer.ui.viewer.furniture import paint_lower_edge
from stentviewer.ui.viewer.hands import Hands
from stentviewer.ui.viewer.heat_layer import HeatLayer
from stentviewer.ui.viewer.newest import Newest
from stentviewer.ui.viewer.picture import ExactValues, FramePicture, resample_exactly
from stentviewer.ui.viewer.view_state import ViewState, dragged_window, table_window
from stentviewer.ui.viewer.view_widget import ViewWidget

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph, StoredArray, Window
    from stentviewer.ui.viewer.layers import Layer, Tool


class ImageCanvas(ViewWidget):
    """Shows one frame of one radiograph with what is drawn over it."""

    frameChanged = Signal(int)  # the frame now on the screen; heat and boxes were cleared before
    radiographChanged = Signal(object)  # Radiograph, or None
    cineToggleRequested = Signal()
    pointerMoved = Signal(object)  # image point (x, y) under the pointer; None beside the image
    findingClicked = Signal(int)  # the number of the finding under a click, 0 beside all of them
    activated = Signal()  # pressed or focused; a press may tell it twice
    toolChanged = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAccessibleName(self.tr("X-ray image"))
        self._radiograph: Radiograph | None = None
        self._wanted = 0  # the frame asked for; the state has the one shown
        self._picture = FramePicture()
        self._stored: StoredArray | None = None
        self._spacing: Spacing | None = None  # by a known length, instead of the file's
        self._own_window = False  # the person chose it, so frames do not change it
        self._auto_wanted = False
        self._heat = HeatLayer()
        self._boxes = FindingBoxes()
        self._filter = ""
        self._filter_window: Window | None = None  # the person's, as they chose the filter
        self._invitation = self._message = self.tr("Drop X-rays here, or press Ctrl+O")
        self._layers: list[Layer] = []
        self.lower_edge: tuple[QRectF, ...] = ()  # places of the scale bar and of words beside it
        self._hands = Hands(self)
        self._loader = Newest(load_frame)
        self._loader.arrived.connect(self._take_frame)
        self._sharpener = Newest(resample_exactly)
        self._sharpener.arrived.connect(self._take_exact)

    # What is shown

    @property
    def radiograph(self) -> Radiograph | None:
        return self._radiograph

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
        self._filter, self._filter_window = "", None
        self._wanted = frame
        self._message = "" if radiograph else self._invitation
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
        ahead = [FrameRequest(self._radiograph, other) for other in then if 0 <= other <= last]
        request = self._request_for(self._radiograph, self._wanted)
        if is_at_hand(request):  # scrolling through a volume keeps up with the hand
            self._loader.request(*ahead)
            self._take_frame(load_frame(request))
        else:
            self._loader.request(request, *ahead)

    def _request_for(self, radiograph: Radiograph, frame: int) -> FrameRequest:
        """Ask for a window only where one is due: a cine without any would flicker else."""
        default = not self._own_window and (self._state.frame < 0 or bool(radiograph.frame_windows))
        return FrameRequest(
            radiograph, frame, default, self._auto_wanted, self._filter, self._filter_window
        )

    def set_message(self, text: str) -> None:
        """A sentence in place of the image, such as why it cannot be shown."""
        self.set_radiograph(None)
        self._message = text
        self.update()

    def set_invitation(self, text: str = "") -> None:
        """What an empty canvas asks for: files, or this. Another sentence on it stays."""
        text = text or self.tr("Drop X-rays here, or press Ctrl+O")
        if self._message == self._invitation:
            self._message = text
            self.update()
        self._invitation = text

    @property
    def message(self) -> str:
        """The sentence in place of an image."""
        return self._message

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
        self._heat.visible = visible
        self.update()

    def set_heat_threshold(self, threshold: float) -> None:
        """Hide heat below it, 0…1."""
        self._heat.set_threshold(threshold)
        self.update()

    def set_heat_colours(self, name: str) -> None:
        """inferno, viridis or cividis."""
        self._heat.set_table(name)
        self.update()

    def set_boxes(self, sets: Sequence[BoxSet]) -> None:
        """Boxes around findings: one set, or several to be compared."""
        self._boxes.sets = tuple(sets)
        self.update()

    def pick(self, point: QPointF) -> None:
        """A click on the image: say which finding is there."""
        if self._boxes.shown:
            self.findingClicked.emit(self._boxes.at(point, self))

    def set_boxes_visible(self, visible: bool) -> None:
        self._boxes.visible = visible
        self.update()

    # How it is shown

    def set_colours(self, name: str) -> None:
        """Grey through a colour table, one of `imaging.overlay.COLOUR_TABLES`.

        Raises UserError for any other name. A picture that is in colour stays as it is.
        """
        from stentviewer.imaging.overlay import colour_table

        colour_table(name)
        self._set_state(replace(self._state, colours=name))

    def set_filter(self, name: str) -> None:
        """A display filter, one of `imaging.filters.FILTERS`, or empty; arrives once computed.

        A contrast filter spreads what the window in force now shows. Raises UserError for any
        other name.
        """
        from stentviewer.imaging.filters import CONTRAST_FILTERS, apply_filter

        apply_filter(name, np.empty((0, 0), np.uint8))  # for the error
        if name != self._filter:
            self._filter = name
            own = self._own_window and name in CONTRAST_FILTERS
            self._filter_window = self._state.window if own else None
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
        """The file's own window, upright, grey, unfiltered, not inverted, fitted."""
        self._own_window = self._auto_wanted = False
        self._filter, self._filter_window = "", None
        plain = replace(
            self._state, inverted=False, quarter_turns=0, mirrored=False, colours="grey"
        )
        self._set_state(plain.fit())
        self.viewChanged.emit()  # for the filter
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

    # Frames

    def _take_frame(self, loaded: LoadedFrame) -> None:
        request = loaded.request
        seen = request.frame, request.filter_name, request.filter_window
        wanted = seen == (self._wanted, self._filter, self._filter_window)
        if request.radiograph is not self._radiograph or not wanted:
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
            self._paint_layer(painter, self._boxes)
            shows_model = self._heat.shown or self._boxes.shown
            self.lower_edge = paint_lower_edge(painter, self, shows_model)
            for layer in self._layers:
                self._paint_layer(painter, layer)

    def _paint_layer(self, painter: QPainter, layer: Layer) -> None:
        painter.save()
        layer.paint(painter, self)
        painter.restore()

    def _paint_image(self, painter: QPainter, radiograph: Radiograph) -> None:
        moving, picture = self._moving.isActive(), self._picture
        picture.show(radiograph, self._state, self._heat if self._heat.shown else None, moving)
        ratio = self.devicePixelRatioF()
        painter.save()
        painter.scale(1.0 / ratio, 1.0 / ratio)
        picture.paint(painter, colours.BACKGROUND)
        painter.restore()
        request = None if moving else picture.exact_request()
        if request is not None:
            self._sharpener.request(request)
