"""Looking across all viewports: presets, filters, colours, corners, lens, what others drew."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from stentviewer.ui.i18n import say
from stentviewer.ui.panels.window import WindowPanel, title_of
from stentviewer.ui.viewer.dressing import Dressing
from stentviewer.ui.viewer.look import Look
from stentviewer.ui.viewer.magnifier import FACTORS

if TYPE_CHECKING:
    from stentviewer.app.opened import Opened
    from stentviewer.core.settings import Settings
    from stentviewer.imaging.image import Radiograph, Window
    from stentviewer.imaging.presets import Preset, Table
    from stentviewer.ui.desk import Desk
    from stentviewer.ui.viewer.canvas import ImageCanvas
    from stentviewer.ui.viewport import Viewport

_numbers = itertools.count(1)


class Looking(QObject):
    """One for a window and all its viewports. `front` gives the canvas that the keys go to."""

    changed = Signal()  # what is switched on, or what is possible
    said = Signal(str)  # what was done, for the status bar
    noticed = Signal(str)  # what the reader has to know: something is not shown or not used

    def __init__(self, desk: Desk, window: QWidget, front: Callable[[], ImageCanvas]) -> None:
        super().__init__(window)
        self._desk, self._front = desk, front
        self._dressings: dict[ImageCanvas, Dressing] = {}
        self._presets: Table | None = None
        self._told = ""
        self._speed = 0
        self.look = Look(self)
        self.look.changed.connect(self.changed)
        self.panel = WindowPanel(window)
        self.panel.presetChosen.connect(self.show_through)
        self.panel.shown.connect(self._show_panel)

    # viewports and settings

    def watch(self, viewport: Viewport) -> None:
        """Dress this viewport too."""
        canvas, review = viewport.canvas, viewport.review
        dressing = Dressing(canvas, self.look, self._desk.bridge, str(next(_numbers)))
        self._dressings[canvas] = dressing
        if self._speed:
            viewport.panel.cine.set_usual_speed(self._speed)
        review.opened.connect(lambda opened: self._show_opened(dressing, opened))
        if review.shown is not None:
            self._show_opened(dressing, review.shown)
        dressing.said.connect(self.said)
        dressing.noticed.connect(self.noticed)
        dressing.drawnChanged.connect(self.changed)
        canvas.viewChanged.connect(lambda: self._view_changed(canvas))
        canvas.frameChanged.connect(lambda _: self._view_changed(canvas))
        canvas.destroyed.connect(lambda: self._dressings.pop(canvas, None))
        self.come_forward()

    def _show_opened(self, dressing: Dressing, opened: Opened) -> None:
        if self._desk.has_session:
            dressing.show_opened(opened, self._desk.session.library)

    def use(self, settings: Settings) -> None:
        """Take up what the settings say, and the person's own window presets."""
        from stentviewer.imaging.presets import load_presets

        self.look.use(
            settings,
            hide_identity=settings.hide_identity,
            show_drawn=settings.show_overlays,
        )
        self._speed = settings.cine_speed
        self._presets, sentence = load_presets()
        if sentence and sentence != self._told:  # settings change often, the file seldom
            self.noticed.emit(say(sentence))
        self._told = sentence
        self._show_panel()

    def come_forward(self) -> None:
        """Another viewport has the keys: panel and lens follow."""
        front = self._front()
        lens_on = any(one.magnifier.is_on for one in self._dressings.values())
        for canvas, dressing in self._dressings.items():
            dressing.magnifier.set_on(lens_on and canvas is front)
        self.panel.set_canvas(front)
        self._show_panel()
        self.changed.emit()

    def _view_changed(self, canvas: ImageCanvas) -> None:
        if canvas is self._front():
            self._show_panel()

    @property
    def _dressing(self) -> Dressing | None:
        return self._dressings.get(self._front())

    @property
    def switches(self) -> frozenset[str]:
        """The ids of the actions that are on, as the menus name them."""
        canvas, dressing = self._front(), self._dressing
        on = {
            "hide_identity": self.look.hide_identity,
            "show_drawn": self.look.show_drawn,
            "magnify": dressing is not None and dressing.magnifier.is_on,
            "as_presented": dressing is not None and dressing.applied is not None,
            f"filter_{canvas.filter_name}": bool(canvas.filter_name),
            f"colours_{canvas.state.colours.replace(' ', '_')}": canvas.has_frame,
        }
        return frozenset(name for name, is_on in on.items() if is_on)

    @property
    def has_drawn(self) -> bool:
        """Whether there is a presentation state of the frame in front."""
        dressing = self._dressing
        return dressing is not None and bool(dressing.states)

    @property
    def digits(self) -> frozenset[str]:
        """The digits that a window preset of the frame in front is on."""
        return frozenset(str(preset.key) for preset in self.presets() if preset.key)

    # presets

    def presets(self) -> list[Preset]:
        """What may be chosen for the frame in front."""
        from stentviewer.imaging.presets import presets_for

        canvas = self._front()
        radiograph = canvas.radiograph
        if radiograph is None or not canvas.has_frame or canvas.is_colour:
            return []
        return presets_for(radiograph, max(canvas.frame, 0), self._presets)

    def _show_panel(self) -> None:
        if self.panel.isVisible():
            self.panel.show_presets(self.presets(), self._front().window)

    def use_preset(self, digit: str) -> None:
        """The preset on a digit of the keyboard."""
        chosen = next((one for one in self.presets() if one.key == int(digit)), None)
        if chosen is None:
            text = self.tr("No window preset of this image is on the key {n}.")
            self.said.emit(text.format(n=digit))
        else:
            self.show_through(chosen)

    def show_through(self, preset: Preset) -> None:
        """Show the frame in front through a preset."""
        canvas = self._front()
        if preset.way == "automatic":
            canvas.auto_window()
        elif preset.way == "full":
            self._use_full_range(canvas)
        else:
            canvas.set_window(preset.window)
        self.said.emit(self.tr("Window: {name}").format(name=title_of(preset)))

    def _use_full_range(self, canvas: ImageCanvas) -> None:
        from stentviewer.imaging.presets import full_range

        radiograph, frame = canvas.radiograph, canvas.frame
        if radiograph is None:
            return

        def take(window: Window, of: Radiograph = radiograph) -> None:
            if canvas.radiograph is of:
                canvas.set_window(window)

        self._desk.bridge.run(
            lambda _: full_range(radiograph, frame),
            take,
            key="full range",
            title=self.tr("Window"),
        )

    # filters, colours, lens

    def use_filter(self, name: str) -> None:
        """A display filter on the image in front; again takes it off."""
        canvas = self._front()
        canvas.set_filter("" if canvas.filter_name == name else name)
        self.changed.emit()

    def use_colours(self, name: str) -> None:
        """A colour table on the image in front; again, or "grey", is grey."""
        canvas = self._front()
        canvas.set_colours("grey" if canvas.state.colours == name else name)
        self.changed.emit()

    def magnify(self, on: bool) -> None:
        """The lens at the pointer, on the canvas in front."""
        for canvas, dressing in self._dressings.items():
            dressing.magnifier.set_on(on and canvas is self._front())
        self.changed.emit()

    def next_factor(self) -> None:
        """The lens 2, 3, 4 times and 2 again, on every canvas."""
        for dressing in self._dressings.values():
            lens = dressing.magnifier
            lens.set_factor(lens.factor + 1 if lens.factor < FACTORS[-1] else FACTORS[0])

    # what others drew

    def show_as_presented(self, on: bool) -> None:
        """The frame in front as its newest presentation state has it, or as the reader had it."""
        dressing = self._dressing
        if dressing is None:
            return
        if on and dressing.states:
            dressing.show_state(dressing.states[-1])
        else:
            dressing.show_plain()
        self.changed.emit()

    def next_state(self) -> None:
        """The frame in front as each of its states has it, newest first, then plainly again."""
        dressing = self._dressing
        if dressing is not None:
            dressing.next_state()
        self.changed.emit()
