"""The thumbnails of the studies that are looked at: click to open one, or drag it to a viewport.

Only what is in sight is fetched, a few at a time, beside the window.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, Qt, Signal
from PySide6.QtGui import QDrag, QKeyEvent, QPaintEvent, QPixmap, QResizeEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from stentviewer.core.jobs import JobContext
from stentviewer.ui.worklist.tile_delegate import LEAST, TileDelegate, picture_side
from stentviewer.ui.worklist.tiles import Role, Tile, TileModel

if TYPE_CHECKING:
    from stentviewer.ui.desk import Desk

_AT_ONCE = 6  # thumbnails fetched in one go: the next go takes what is in sight by then
_EDGE = 2  # what Qt wants free beside the last column
_KEPT = 500  # thumbnails, at most 64 KB each


class Thumbnails(QListView):
    """Emits what was chosen; `show_studies` says what there is to choose from."""

    imageChosen = Signal(int)  # of a stack its middle slice
    removeAsked = Signal(object)  # Tile

    def __init__(self, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._desk = desk
        self._pictures: OrderedDict[int, QPixmap] = OrderedDict()
        self._wanted: list[int] = []
        self._shown: int | None = None  # image on the screen
        self.tiles = TileModel(self)
        self.setModel(self.tiles)
        self._delegate = TileDelegate(self._picture, self)
        self.setItemDelegate(self._delegate)
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setDragEnabled(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Images of the study"))
        self.clicked.connect(self._clicked)

    # what is shown

    def set_tiles(self, tiles: Sequence[Tile]) -> None:
        """Show these; the chosen one stays chosen where it is still among them."""
        current = self.currentIndex().data(Role.TILE)
        self.tiles.set_tiles(tiles)
        self._wanted = []
        moved = not self.currentIndex().isValid()  # other tiles: nothing is chosen any more
        if moved:
            self._delegate.shown = None
        self.mark_shown(self._shown)
        if moved and self._delegate.shown is None and current is not None:
            place = self.tiles.place_of(current.image.id)
            if place is not None:
                self._make_current(place)

    def mark_shown(self, image_id: int | None) -> None:
        """Mark the tile whose image is on the screen, and bring it into sight."""
        self._shown = image_id
        place = None if image_id is None else self.tiles.place_of(image_id)
        if place is not None and place != self._delegate.shown:
            self._make_current(place)
        self._delegate.shown = place
        self.viewport().update()

    def _make_current(self, place: int) -> None:
        index = self.tiles.index(place)
        flag = QItemSelectionModel.SelectionFlag.ClearAndSelect
        self.selectionModel().setCurrentIndex(index, flag)
        self.scrollTo(index)

    @property
    def shown_place(self) -> int | None:
        """The place of the tile that is on the screen, None where it is not among these."""
        return self._delegate.shown

    def choose(self, place: int) -> None:
        """Open a tile, as if it had been clicked."""
        tile = self.tiles.tiles[place]
        self.mark_shown(tile.image.id)
        self.imageChosen.emit(tile.image.id)

    def resizeEvent(self, event: QResizeEvent) -> None:
        # always with room for the scroll bar: else it could come and go with every layout
        room = self.width() - self.verticalScrollBar().sizeHint().width() - 2 * _EDGE
        self._delegate.side = picture_side(room)
        self.setGridSize(self._delegate.tile_size(self.font()))
        super().resizeEvent(event)

    # keys and mouse

    def _clicked(self, index: QModelIndex) -> None:
        self.choose(index.row())

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride:
            assert isinstance(event, QKeyEvent)
            if event.key() in {Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter}:
                event.accept()  # before the window's shortcuts
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        if event.key() in {Qt.Key.Key_Return, Qt.Key.Key_Enter} and current.isValid():
            self.choose(current.row())
        elif event.key() == Qt.Key.Key_Delete and current.isValid():
            self.removeAsked.emit(current.data(Role.TILE))
        else:
            super().keyPressEvent(event)

    def startDrag(self, supportedActions: Qt.DropAction) -> None:
        index = self.currentIndex()
        if not index.isValid():
            return
        drag = QDrag(self)
        drag.setMimeData(self.tiles.mimeData([index]))
        picture = self._pictures.get(index.data(Role.TILE).image.id)
        if picture is not None and not picture.isNull():
            mode, smooth = (
                Qt.AspectRatioMode.KeepAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
            drag.setPixmap(picture.scaled(LEAST, LEAST, mode, smooth))
        drag.exec(Qt.DropAction.CopyAction)

    # fetching

    def _picture(self, image_id: int) -> QPixmap | None:
        """What is there of a thumbnail; what is not there is wanted."""
        picture = self._pictures.get(image_id)
        if picture is None:
            self._wanted.append(image_id)
        else:
            self._pictures.move_to_end(image_id)
        return picture

    def paintEvent(self, event: QPaintEvent) -> None:
        self._wanted = []
        super().paintEvent(event)
        self._fetch()

    def _fetch(self) -> None:
        bridge = self._desk.bridge
        if not self._wanted or not self._desk.has_session or bridge.is_running("thumbnails"):
            return
        session, ids = self._desk.session, tuple(self._wanted[:_AT_ONCE])

        def work(context: JobContext) -> dict[int, bytes]:
            found = {}
            for number, image_id in enumerate(ids):
                context.step(number, len(ids))
                found[image_id] = session.thumbnail(image_id) or b""
            return found

        def failed(_: BaseException) -> bool:
            self._take(dict.fromkeys(ids, b""))  # an empty tile says enough
            return True

        bridge.run(work, self._take, failed, key="thumbnails", title=self.tr("Thumbnails"))

    def _take(self, found: dict[int, bytes]) -> None:
        for image_id, png in found.items():
            picture = QPixmap()
            if png:
                picture.loadFromData(png)
            self._pictures[image_id] = picture
        while len(self._pictures) > _KEPT:
            self._pictures.popitem(last=False)
        self.viewport().update()
