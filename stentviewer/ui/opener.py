"""What is opened where: images and studies into viewports, by hand or by the hanging rules."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject, Signal

from stentviewer.core.settings import Settings
from stentviewer.core.types import Plane
from stentviewer.ui.desk import Desk
from stentviewer.ui.grid import ViewerGrid
from stentviewer.ui.viewport import Viewport

if TYPE_CHECKING:
    from collections.abc import Callable

    from stentviewer.app.hanging import Content, Hanging
    from stentviewer.app.places import Place
    from stentviewer.ui.viewer.view_state import ViewState


class Opener(QObject):
    """Serves the grid that is in front; the window says which that is."""

    chosen = Signal(int)  # image id: what the worklist is to mark
    placeChanged = Signal(object)  # Place of the active viewport's study, or None
    ruleTrouble = Signal(str)  # why a person's hanging rules are not used

    def __init__(
        self,
        desk: Desk,
        grid: Callable[[], ViewerGrid],
        settings: Callable[[], Settings],
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._desk = desk
        self._grid = grid
        self._settings = settings
        self._flickered: tuple[Viewport, Content, ViewState] | None = None  # what to go back to
        self._is_new = False  # something was opened whose study is not known yet
        self._noted: int | None = None  # the study that was noted as opened last
        self.place: Place | None = None

    # images

    def open_image(self, image_id: int, viewport: Viewport | None = None) -> None:
        """Open an image, or the volume it is a slice of, in the active viewport or this one."""
        from stentviewer.app.hanging import Content

        self._flickered = None
        target = viewport if viewport is not None else self._grid().active
        target.open(Content(image_id), resolve=True)
        self.chosen.emit(image_id)
        self._is_new = True
        self.find_place()

    def open_added(self, image_id: int) -> None:
        """Of files just added: hang this image's study by its rule."""
        session = self._desk.session
        self._hang(lambda: session.hang_image(image_id))

    def find_place(self) -> None:
        """Ask which study the active viewport shows, and whether it has a prior."""
        content = self._grid().active.review.content
        if content is None:
            self._take_place(None)
            return
        session, image_id = self._desk.session, content.image_id
        self._desk.bridge.run(
            lambda _: session.place(image_id),
            self._take_place,
            key="place",
            title=self.tr("Worklist"),
        )

    def _take_place(self, place: Place | None) -> None:
        if place is not None and self._is_new and place.study_id != self._noted:
            self._noted = place.study_id
            self._desk.note_opened(place.study_id)
        self._is_new = False
        self.place = place
        self.placeChanged.emit(place)

    # studies

    def hang(self, study_id: int) -> None:
        """Hang a study by the first rule that fits it."""
        session = self._desk.session
        self._hang(lambda: session.hang(study_id))

    def _hang(self, how: Callable[[], tuple[Hanging, str]]) -> None:
        grid = self._grid()
        viewport = grid.active
        viewport.review.expect()  # no key may reach the image that is about to go

        def failed(_: BaseException) -> None:
            if viewport.is_empty:
                viewport.clear()

        self._desk.bridge.run(
            lambda _: how(),
            lambda answer: self._take_hanging(grid, *answer),
            failed,
            key="content",
            title=self.tr("Opening the study"),
        )

    def _take_hanging(self, grid: ViewerGrid, hanging: Hanging, trouble: str) -> None:
        if not shiboken6.isValid(grid):  # its window was closed meanwhile
            return
        self._flickered = None
        asked = grid.active.review.wants_reading
        grid.set_layout(hanging.layout)
        viewports = grid.viewports
        current = len(viewports) - 1 if hanging.layout == "1x2" else 0
        grid.set_active(viewports[current])
        wish, links = self._settings(), grid.links
        links.view = hanging.linked and wish.link_view
        links.window = (hanging.linked and wish.link_window) or hanging.layout == "planes"
        links.scroll = hanging.linked and wish.link_scroll
        # a rule of fewer cells leaves the others empty: no image of another patient may stay
        cells = (*hanging.cells, *[None] * len(viewports))
        for viewport, content in zip(viewports, cells, strict=False):
            if content is None:
                viewport.clear()
            else:
                viewport.open(content)
        if asked:
            grid.active.review.read()
        content = viewports[current].review.content
        if content is not None:
            self.chosen.emit(content.image_id)
        self._is_new = True
        self.find_place()
        grid.changed.emit()
        if trouble:
            self.ruleTrouble.emit(trouble)

    def hang_again(self) -> None:
        """Hang the study in the active viewport by its rule."""
        if self.place is not None:
            self.hang(self.place.study_id)

    def next_study(self) -> None:
        """The patient's next study in time."""
        if self.place is not None and self.place.next_study is not None:
            self.hang(self.place.next_study)

    def previous_study(self) -> None:
        """The patient's study before this one."""
        if self.place is not None and self.place.previous_study is not None:
            self.hang(self.place.previous_study)

    def use_planes(self) -> None:
        """The active viewport's volume, axial with sagittal and coronal."""
        from stentviewer.app.hanging import Content

        grid = self._grid()
        content = grid.active.review.content
        if content is None or content.series_id is None:
            return
        grid.set_layout("planes")
        for viewport, plane in zip(grid.viewports, Plane, strict=False):
            viewport.open(Content(content.image_id, content.series_id, plane))
        grid.links.window = True  # one volume, seen from three sides
        grid.set_active(grid.viewports[0])

    # the prior

    def prior_beside(self) -> None:
        """The prior on the left, what is shown now on the right."""
        grid = self._grid()
        content = grid.active.review.content
        if self.place is None or self.place.prior is None or content is None:
            return
        grid.set_layout("1x2")
        left, right = grid.viewports
        left.open(self.place.prior)
        if right.review.content != content:
            right.open(content)
        grid.set_active(right)

    @property
    def can_flicker(self) -> bool:
        """Whether there is something to show in the place of the active viewport's image."""
        viewport = self._grid().active
        if viewport.is_empty or viewport.review.is_opening:
            return False
        return self._is_flickered(viewport) or self._other(viewport) is not None

    def flicker(self) -> None:
        """Another image in this place, seen the same way; again goes back.

        It is the prior, or else what the next viewport shows.
        """
        viewport = self._grid().active
        content, look = viewport.review.content, viewport.canvas.state
        if content is None or not self.can_flicker:
            return
        filter_name = viewport.canvas.filter_name
        if self._flickered is not None and self._is_flickered(viewport):
            _, former, look = self._flickered
            self._flickered = None
            viewport.open(former, look, filter_name)
        elif (other := self._other(viewport)) is not None:
            self._flickered = (viewport, content, look)
            viewport.open(other, look, filter_name)

    def _is_flickered(self, viewport: Viewport) -> bool:
        return self._flickered is not None and self._flickered[0] is viewport

    def _other(self, viewport: Viewport) -> Content | None:
        if self.place is not None and self.place.prior is not None:
            return self.place.prior
        shown = self._grid().viewports
        at = shown.index(viewport)
        return next(
            (v.review.content for v in (*shown[at + 1 :], *shown[:at]) if not v.is_empty), None
        )
