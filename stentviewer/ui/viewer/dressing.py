"""What lies over the image of one viewport: letters, corners, lens, and what others drew.

Overlays and presentation states are read beside the window, for a series once it stands still. The
newest state's marks are shown on the image as the reader has it; the rest of a state (window,
turning, area, shutters) only when asked for, and the former view comes back afterwards.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer, Signal

from stentviewer.ui.i18n import say
from stentviewer.ui.viewer.corners import CornerLayer
from stentviewer.ui.viewer.graphics_layer import GraphicsLayer, OverlayPicture, overlay_picture
from stentviewer.ui.viewer.letters import LetterLayer
from stentviewer.ui.viewer.magnifier import Magnifier
from stentviewer.ui.viewer.view_state import ViewState

if TYPE_CHECKING:
    from stentviewer.app.opened import Opened
    from stentviewer.app.presenting import Drawn
    from stentviewer.imaging.gsps import GSPS, Presented
    from stentviewer.imaging.image import Radiograph
    from stentviewer.library.records import ImageRecord
    from stentviewer.library.repository import Library
    from stentviewer.ui.bridge import Bridge
    from stentviewer.ui.viewer.canvas import ImageCanvas
    from stentviewer.ui.viewer.look import Look


_STILL_MS = 150  # after the last frame until what was drawn over it is read
_MOST_KNOWN = 10_000


@dataclass(frozen=True, slots=True)
class _Loaded:
    """What was drawn over one frame, ready to be painted."""

    drawn: Drawn
    pictures: tuple[OverlayPicture, ...]


class Dressing(QObject):
    """One canvas with its layers. `key` tells its requests from the others'."""

    said = Signal(str)  # what was done, for the status bar
    noticed = Signal(str)  # what the reader has to know: something is not shown
    drawnChanged = Signal()  # there is something drawn over the frame, or no more

    def __init__(self, canvas: ImageCanvas, look: Look, bridge: Bridge, key: str) -> None:
        super().__init__(canvas)
        self._canvas, self._look, self._bridge, self._key = canvas, look, bridge, key
        self.graphics = GraphicsLayer(look)
        self.magnifier = Magnifier(canvas)
        corners = CornerLayer(look)
        self._layers = (self.graphics, corners, LetterLayer(look, corners))
        for layer in self._layers:
            canvas.add_layer(layer)
        self._library: Library | None = None
        self._opened: Opened | None = None
        self._own: Radiograph | None = None  # the image's own, while a state's LUT is shown
        self._states: tuple[GSPS, ...] = ()
        self._applied: GSPS | None = None
        self._before: ViewState | None = None
        self._waiting: Presented | None = None  # to be taken up once its frame is there
        self._known: tuple[int, Drawn] | None = None  # of the image last asked about
        self._undrawn: set[int] = set()  # images over which nobody drew anything
        self._told: tuple[bool, bool, GSPS | None] = (False, False, None)
        self._still = QTimer(self)
        self._still.setSingleShot(True)
        self._still.setInterval(_STILL_MS)
        self._still.timeout.connect(self._ask)
        look.changed.connect(canvas.update)
        canvas.frameChanged.connect(self._load)
        canvas.radiographChanged.connect(self._another)

    @property
    def has_drawn(self) -> bool:
        """Whether anybody drew anything over the frame on the screen."""
        return not self.graphics.is_empty

    @property
    def states(self) -> tuple[GSPS, ...]:
        """The presentation states of the frame on the screen, oldest first."""
        return self._states

    @property
    def applied(self) -> GSPS | None:
        """The state that the frame is shown as, where the reader asked for one."""
        return self._applied

    def show_opened(self, opened: Opened, library: Library) -> None:
        """The viewport shows this from now on."""
        self._opened, self._library = opened, library
        self._known = None  # more may have come into the library since
        self._undrawn.clear()

    def _another(self, radiograph: Radiograph | None) -> None:
        if radiograph is not None and self._own is not None and self._waiting is not None:
            return  # the same image with a state's LUT
        self._bridge.drop(f"drawn {self._key}")
        self._still.stop()
        self._own = self._applied = self._before = self._waiting = None
        self._states = ()
        self.graphics.clear()
        if radiograph is None:
            self._opened = None
        self._tell()

    def _tell(self) -> None:
        """Only where it makes a difference: a cine goes through many frames with nothing drawn."""
        now = (self.has_drawn, bool(self._states), self._applied)
        if now != self._told:
            self._told = now
            self.drawnChanged.emit()

    # what was drawn

    def _load(self, frame: int) -> None:
        """Ask for what was drawn over the frame; what was over the former one goes at once."""
        waiting, self._waiting = self._waiting, None
        if waiting is not None:
            self._take_up(waiting)
            return
        if self._applied is not None:
            self.show_plain()
        self.graphics.clear()
        self._states = ()
        self._tell()
        opened, radiograph = self._opened, self._canvas.radiograph
        if opened is None or radiograph is None or opened.plane:
            return
        record = opened.record(frame)
        if record.id in self._undrawn:
            return
        if self._known is not None and self._known[0] == record.id:
            self._show_states(self._known[1])
        if radiograph.header.frames > 1:
            self._still.start()
        else:
            self._ask()

    def _ask(self) -> None:
        opened, library, frame = self._opened, self._library, self._canvas.frame
        if opened is None or library is None or frame < 0 or opened.plane:
            return
        record, own = opened.record(frame), opened.target(frame).frame
        known = self._known[1] if self._known and self._known[0] == record.id else None
        self._bridge.run(
            lambda _: _read(library, record, own, known),
            lambda loaded: self._take(loaded, record.id, frame),
            lambda _: True,  # the image itself says what is wrong with its file
            key=f"drawn {self._key}",
            title=self.tr("Overlays"),
        )

    def _take(self, loaded: _Loaded, image_id: int, frame: int) -> None:
        drawn, is_news = loaded.drawn, self._known is None or self._known[0] != image_id
        self._known = image_id, drawn
        if not drawn.states and not drawn.overlays and len(self._undrawn) < _MOST_KNOWN:
            self._undrawn.add(image_id)
        if self._canvas.radiograph is None or frame != self._canvas.frame:
            return
        self.graphics.set_overlays(loaded.pictures)
        self._show_states(drawn)
        if drawn.notes and is_news:
            self.noticed.emit(" ".join(say(note) for note in drawn.notes))

    def _show_states(self, drawn: Drawn) -> None:
        """The marks of the newest state of this frame."""
        self._states = tuple(one for one in drawn.states if self._presented(one) is not None)
        if self._states and self._applied is None:
            self.graphics.set_presented(self._presented(self._states[-1]))
        self._canvas.update()
        self._tell()

    def _presented(self, state: GSPS) -> Presented | None:
        radiograph = self._own or self._canvas.radiograph
        opened, frame = self._opened, self._canvas.frame
        if radiograph is None or opened is None or frame < 0:
            return None
        uid = opened.record(frame).header.identity.sop_uid
        return state.presented(radiograph, frame, (uid, opened.target(frame).frame))

    # as presented

    def next_state(self) -> None:
        """Show the frame as its newest state has it, then the one before …, then plainly again."""
        if not self._states:
            self.said.emit(self.tr("There is no presentation of this image."))
            return
        order = self._states[::-1]
        place = order.index(self._applied) + 1 if self._applied in order else 0
        self.show_plain()
        if place < len(order):
            self.show_state(order[place])

    def show_state(self, state: GSPS) -> None:
        """Show the frame with everything that a state says of it."""
        shown, radiograph = self._presented(state), self._canvas.radiograph
        if shown is None or radiograph is None:
            return
        self._before = self._before or self._canvas.state
        self._applied = state
        name = state.label or state.description
        text = self.tr("Shown as presented: {name}").format(name=name)
        self.said.emit(text)
        if shown.notes:
            self.noticed.emit(" ".join(say(note) for note in shown.notes))
        if shown.lut is not None and shown.window is None:
            self._own = self._own or radiograph
            self._waiting = shown
            own = replace(self._own, voi_lut=shown.lut, windows=(), frame_windows=())
            self._canvas.set_radiograph(own, self._canvas.frame)
        else:
            self._take_up(shown)

    def _take_up(self, shown: Presented) -> None:
        canvas = self._canvas
        radiograph = canvas.radiograph
        if radiograph is None:
            return
        self.graphics.set_presented(shown, as_presented=True)
        canvas.apply_view(presented_view(canvas.state, shown, radiograph.invert))
        canvas.update()
        self._tell()

    def show_plain(self) -> None:
        """The view that the reader had before a state was shown; its marks stay."""
        before, own = self._before, self._own
        if self._applied is None or before is None:
            return
        self._applied = self._before = self._own = self._waiting = None
        canvas = self._canvas
        if own is not None:
            states = self._states
            canvas.set_radiograph(own, canvas.frame)
            self._states = states
        canvas.apply_view(before)
        shown = self._presented(self._states[-1]) if self._states else None
        self.graphics.set_presented(shown)
        canvas.update()
        self._tell()


def _read(library: Library, record: ImageRecord, frame: int, known: Drawn | None) -> _Loaded:
    from stentviewer.app.presenting import drawn_over

    drawn = known or drawn_over(library, record)
    pictures = []
    for plane in drawn.overlays:
        bits = plane.on_frame(frame)
        made = None if bits is None else overlay_picture(bits, plane.origin)
        if made is not None:
            pictures.append(made)
    return _Loaded(drawn, tuple(pictures))


def presented_view(state: ViewState, shown: Presented, invert: bool) -> ViewState:
    """The view that a presentation state asks for, of an image that inverts by itself or not.

    TRUE SIZE is shown fitted: no screen says reliably how large its pixels are.
    """
    view = replace(
        state,
        window=shown.window or (None if shown.lut is not None else state.window),
        inverted=shown.white_low != invert,
        quarter_turns=shown.quarter_turns,
        mirrored=shown.mirrored,
    )
    area = shown.area
    if area is None:
        return view.fit()
    columns, rows = area.x1 - area.x0, area.y1 - area.y0
    part = replace(view, columns=max(1, round(columns)), rows=max(1, round(rows)))
    zoom = part.fit_zoom
    if area.mode == "MAGNIFY" and area.magnification:
        zoom = area.magnification
    whole = (area.x0, area.y0, area.x1, area.y1) == (0.0, 0.0, view.columns, view.rows)
    if whole and area.mode != "MAGNIFY":
        return view.fit()
    centre = ((area.x0 + area.x1) / 2, (area.y0 + area.y1) / 2)
    return replace(view, zoom=zoom, centre=centre, fitted=False)
