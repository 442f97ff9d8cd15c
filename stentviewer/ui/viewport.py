"""One place on the screen for one image: the viewer and what is known of what it shows."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QFrame, QVBoxLayout, QWidget

from stentviewer.ui.desk import Desk
from stentviewer.ui.frame_state import FrameState
from stentviewer.ui.panels.result_sets import box_sets
from stentviewer.ui.review import FrameReview
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.panel import ViewerPanel
from stentviewer.ui.worklist.tiles import MIME as TILE_MIME

if TYPE_CHECKING:
    from stentviewer.app.hanging import Content
    from stentviewer.app.opened import Opened
    from stentviewer.core.types import Target
    from stentviewer.ui.viewer.view_state import ViewState


class Viewport(QFrame):
    """Shows what its review opened, and the model's word over it."""

    activated = Signal()
    tileDropped = Signal(int)  # image id
    firstShown = Signal()  # a newly opened image's first frame is on the screen

    def __init__(self, desk: Desk, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("viewport")
        self.setAcceptDrops(True)
        self.panel = ViewerPanel(self)
        self.review = FrameReview(desk, key, self)
        self._look: ViewState | None = None  # to take up once the first frame is there
        self._filter = ""
        self._first = False
        column = QVBoxLayout(self)
        column.setContentsMargins(1, 1, 1, 1)
        column.setSpacing(0)
        column.addWidget(self.panel)
        self._connect()
        self.set_active(False, alone=True)

    def _connect(self) -> None:
        review, canvas = self.review, self.canvas
        review.opening.connect(lambda: self.panel.set_message(""))
        review.opened.connect(self._show)
        review.openFailed.connect(self.panel.set_message)
        review.stateChanged.connect(self._show_state)
        canvas.frameChanged.connect(self._frame_shown)
        canvas.findingClicked.connect(review.choose_stent)
        canvas.activated.connect(self.activated)

    @property
    def canvas(self) -> ImageCanvas:
        return self.panel.canvas

    def target(self, index: int) -> Target | None:
        """What is measured on a frame of what is shown."""
        opened = self.review.shown
        return None if opened is None else opened.target(index)

    @property
    def is_empty(self) -> bool:
        """Whether nothing is shown or being opened."""
        return self.review.content is None

    def open(
        self,
        content: Content,
        look: ViewState | None = None,
        filter_name: str = "",
        *,
        resolve: bool = False,
    ) -> None:
        """Show this, with the look of another view where given; see `FrameReview.open`."""
        self._look, self._filter = look, filter_name
        self.review.open(content, resolve=resolve)

    def clear(self) -> None:
        """Show nothing, and keep nothing in memory."""
        self.review.clear()
        self.panel.set_radiograph(None)

    def set_active(self, active: bool, *, alone: bool) -> None:
        """Draw the frame that says where the keys go; one image alone needs none."""
        self.setProperty("active", active and not alone)
        self.style().unpolish(self)
        self.style().polish(self)
        self.update()  # polishing alone leaves the old frame on the screen

    def _show(self, opened: Opened) -> None:
        self._first = True
        content = self.review.content
        first = opened.index_of(content.image_id, content.frame) if content is not None else 0
        self.panel.set_radiograph(opened.radiograph, first)

    def _frame_shown(self, index: int) -> None:
        look, self._look = self._look, None
        if look is not None:
            self.canvas.apply_view(look)
            self.canvas.set_filter(self._filter)
        self.review.show_frame(index)
        if self._first:
            self._first = False
            self.firstShown.emit()

    def _show_state(self, state: FrameState) -> None:
        shown = state.reading if not state.is_reading else None
        self.canvas.set_heat(state.heat if shown else None)
        self.canvas.set_boxes(box_sets(state) if shown else ())

    # a series dragged from the worklist

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:
        if event.mimeData().hasFormat(TILE_MIME):
            event.acceptProposedAction()
        else:
            event.ignore()  # files are the window's

    def dropEvent(self, event: QDropEvent) -> None:
        if not event.mimeData().hasFormat(TILE_MIME):
            event.ignore()
            return
        tile = json.loads(bytes(event.mimeData().data(TILE_MIME).data()))
        event.acceptProposedAction()
        self.canvas.setFocus(Qt.FocusReason.MouseFocusReason)
        self.activated.emit()
        self.tileDropped.emit(tile["image"])
