"""The worklist: filter, patients with their studies, and the images of the one looked at.

Or three ways to begin where there is nothing yet.
"""

from __future__ import annotations

import contextlib
import json
from collections.abc import Callable, Sequence
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QLabel,
    QLineEdit,
    QMenu,
    QPushButton,
    QSplitter,
    QStackedWidget,
    QVBoxLayout,
    QWidget,
)

from stentviewer.app.worklist_query import Sort, StudyIndex, by_patient
from stentviewer.core.jobs import JobContext
from stentviewer.library.records import StudyRecord, StudyRow
from stentviewer.ui import theme
from stentviewer.ui.worklist.filter_bar import FilterBar
from stentviewer.ui.worklist.removing import RemoveDialog
from stentviewer.ui.worklist.rows import WorklistModel
from stentviewer.ui.worklist.study_list import StudyList
from stentviewer.ui.worklist.thumbnails import Thumbnails
from stentviewer.ui.worklist.tiles import Tile, tiles_of

if TYPE_CHECKING:
    from stentviewer.ui.desk import Desk


class Worklist(QWidget):
    """Emits what a person chose."""

    imageChosen = Signal(int)  # of a stack one of its slices
    studyChosen = Signal(int)
    removeRequested = Signal(object)  # tuple of image ids; the person has said yes
    filterLeft = Signal()  # by Enter or Esc: the keys are the image's again

    def __init__(self, begin: Sequence[QAction], desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._desk = desk
        self._index = StudyIndex()
        self._shown: int | None = None  # image on the screen
        self._studies: tuple[int, ...] = ()  # whose images are below
        self._asked: tuple[int, ...] = ()  # whose images are, or will be
        self._then: Callable[[], None] | None = None  # once they are
        self._steps = 0  # steps to go once the next study's images are known
        self.model = WorklistModel(self)
        self.bar = FilterBar(self)
        self.view = StudyList(self.model, self)
        self.thumbnails = Thumbnails(desk, self)
        self._results = QStackedWidget(self)
        self._results.addWidget(self.view)
        self._results.addWidget(self._make_nothing_found())
        self._split = QSplitter(Qt.Orientation.Vertical, self)
        self._split.addWidget(self._results)
        self._split.addWidget(self.thumbnails)
        self._split.setStretchFactor(0, 3)
        self._split.setStretchFactor(1, 2)
        self._split.setHandleWidth(4)
        self._split.setCollapsible(0, False)
        self._pages = QStackedWidget(self)
        self._pages.addWidget(QWidget(self))  # until the library has answered
        self._pages.addWidget(self._make_begin(begin))
        self._pages.addWidget(self._make_work())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self._pages)
        self.setMinimumWidth(220)
        self._connect()

    # making

    def _make_work(self) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        column.setSpacing(theme.GRID // 2)
        column.addWidget(self.bar)
        column.addWidget(self._split, 1)
        return page

    def _make_begin(self, begin: Sequence[QAction]) -> QWidget:
        page, column = _quiet_page(
            self.tr("No images yet. Drop files or folders anywhere, or:"), self
        )
        for action in begin:
            button = QPushButton(action.text().rstrip("…"), page)
            button.setProperty("accent", action is begin[0])
            button.clicked.connect(action.trigger)
            action.enabledChanged.connect(button.setEnabled)
            button.setEnabled(action.isEnabled())
            column.addWidget(button)
        column.addStretch(2)
        return page

    def _make_nothing_found(self) -> QWidget:
        page, column = _quiet_page(self.tr("No study fits the filter."), self)
        button = QPushButton(self.tr("Clear the filter"), page)
        button.clicked.connect(self.bar.clear)
        column.addWidget(button)
        column.addStretch(2)
        return page

    def _connect(self) -> None:
        self.bar.queryChanged.connect(self._apply)
        self.bar.sortChanged.connect(self._apply)
        self.bar.entered.connect(self._take_first)
        self.bar.left.connect(self.filterLeft)
        self.bar.downPressed.connect(self._go_to_list)
        self.view.looked.connect(self._look)
        self.view.opened.connect(self.studyChosen)
        self.view.removeAsked.connect(lambda: self._ask_removal(self.view.selected()))
        self.view.menuAsked.connect(self._show_menu)
        self.thumbnails.imageChosen.connect(self._choose_image)
        self.thumbnails.removeAsked.connect(self._ask_tile_removal)

    # what the window says

    @property
    def filter(self) -> QLineEdit:
        """The line to type in."""
        return self.bar.line

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to choose from."""
        return not self._index.rows

    def set_rows(self, rows: Sequence[StudyRow]) -> None:
        """Show these studies; what is looked at stays so, without being announced again."""
        self._index = StudyIndex(rows)
        self.bar.set_choices(self._index.modalities(), self._index.makers())
        self._apply()
        self._pages.setCurrentIndex(1 if self.is_empty else 2)
        left = tuple(one for one in self._asked if self._index.get(one) is not None)
        if left:
            self._ask_images(left, self._then)  # there may be more of them now, or fewer
        else:
            self._show_images((), [])
            if self._shown is not None:
                self.show_chosen(self._shown)

    def update_row(self, row: StudyRow) -> None:
        """A study's new state. It stays in sight until something else is looked for."""
        is_new = self._index.get(row.study_id) is None
        self._index.put(row)
        self.bar.set_choices(self._index.modalities(), self._index.makers())
        if is_new:
            self._apply()
            self._pages.setCurrentIndex(2)
        else:
            self.model.replace(row)
        if row.study_id in self._asked:
            self._ask_images(self._asked, self._then)

    def chosen(self) -> int | None:
        """The image on the screen, as far as the worklist knows."""
        return self._shown

    def show_chosen(self, image_id: int) -> None:
        """Mark this image as the one on the screen, and look at its study; announces nothing."""
        self._shown = image_id
        self.thumbnails.mark_shown(image_id)
        if self.thumbnails.shown_place is not None:
            self._mark_study()
        elif self._desk.has_session:
            session = self._desk.session
            self._desk.bridge.run(
                lambda _: session.study_row_of(image_id),
                lambda row: self._follow(image_id, row),
                lambda _: None,
                key="worklist follow",
                title=self.tr("Worklist"),
            )

    def _follow(self, image_id: int, row: StudyRow | None) -> None:
        if image_id != self._shown or row is None:
            return
        self.view.look_at(self.model.index_of(row.study_id), quietly=True)
        self._ask_images((row.study_id,))

    def studies_in_sight(self) -> list[int]:
        """The studies that the filter leaves, from the top."""
        return self.model.study_ids()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Show nobody's name, ID or birth date, and no file name."""
        self.model.set_identity_hidden(hidden)
        self.thumbnails.tiles.set_identity_hidden(hidden)

    def arrangement(self) -> str:
        """The order, and how list and thumbnails share the room, to be kept."""
        return json.dumps({"sort": self.bar.sort, "sizes": self._split.sizes()})

    def restore_arrangement(self, kept: str) -> None:
        """As it was kept; what cannot be understood changes nothing."""
        wrong = (ValueError, TypeError, KeyError, OverflowError, RecursionError)
        with contextlib.suppress(*wrong):
            found = json.loads(kept)
            self.bar.set_sort(Sort(found["sort"]))
            self._split.setSizes([int(size) for size in found["sizes"]])

    # filter

    def _apply(self) -> None:
        looked = self.view.looked_at()
        found = self._index.select(self.bar.query, self.bar.sort, date.today())  # noqa: DTZ011
        self.model.set_groups(by_patient(found))
        self._results.setCurrentIndex(0 if found or self.is_empty else 1)
        self.bar.show_count(len(found), len(self._index.rows))
        place = self.model.index_of(looked[0]) if looked else QModelIndex()
        if place.isValid():
            self.view.look_at(place, quietly=True)
        else:
            self.view.scrollToTop()

    def _take_first(self) -> None:
        """Enter in the filter: open the first study, or the one that is looked at already."""
        in_sight = self.model.study_ids()
        if not in_sight:  # the person is still looking for the right words
            return
        if not set(self.view.looked_at()) & set(in_sight):
            self.view.look_at(self.model.index_of(in_sight[0]))
        self.view.open_line()
        self.filterLeft.emit()

    def _go_to_list(self) -> None:
        if self.model.rowCount():
            self.view.setFocus(Qt.FocusReason.TabFocusReason)
            if not self.view.currentIndex().isValid():
                self.view.look_at(self.model.index(0))

    # images of what is looked at

    def _look(self) -> None:
        self._steps = 0
        self._ask_images(self.view.looked_at())

    def _ask_images(
        self, study_ids: tuple[int, ...], then: Callable[[], None] | None = None
    ) -> None:
        if not study_ids or not self._desk.has_session:
            return
        session = self._desk.session
        self._asked, self._then = study_ids, then

        def work(context: JobContext) -> list[Tile]:
            from stentviewer.app.open_series import is_stack

            studies: list[StudyRecord] = []
            for number, study_id in enumerate(study_ids):
                context.step(number, len(study_ids))
                try:
                    studies.append(session.study(study_id))
                except LookupError:
                    continue  # taken off the worklist meanwhile
            return list(tiles_of(studies, is_stack))

        def done(tiles: list[Tile]) -> None:
            self._then = None
            self._show_images(study_ids, tiles)
            if then is not None:
                then()

        def failed(_: BaseException) -> None:
            self._then, self._steps = None, 0

        self._desk.bridge.run(
            work, done, failed, key="worklist images", title=self.tr("Images of the study")
        )

    def _show_images(self, study_ids: tuple[int, ...], tiles: list[Tile]) -> None:
        self._studies = self._asked = study_ids
        self.thumbnails.set_tiles(tiles)
        self._mark_study()

    def _mark_study(self) -> None:
        place = self.thumbnails.shown_place
        if place is not None:
            self.view.rows.open_study = self.thumbnails.tiles.tiles[place].study.id
            self.view.viewport().update()

    def _choose_image(self, image_id: int) -> None:
        self._shown = image_id
        self._mark_study()
        self.imageChosen.emit(image_id)

    # one after the other

    def step(self, by: int) -> None:
        """Open the next or an earlier image; after a study's last the next study's first."""
        if self._steps:
            self._steps += by  # once the images are there
            return
        tiles, shown = self.thumbnails.tiles.tiles, self.thumbnails.shown_place
        wanted = (0 if by > 0 else len(tiles) - 1) if shown is None else shown + by
        if 0 <= wanted < len(tiles):
            self.thumbnails.choose(wanted)
            return
        study = self._neighbour(by)
        if study is not None:
            self._steps = by
            self.view.look_at(self.model.index_of(study), quietly=True)
            self._ask_images((study,), self._go_on)

    def _go_on(self) -> None:
        """The neighbouring study's images are here: take the first or last, then what is left."""
        steps, self._steps = self._steps, 0
        tiles = self.thumbnails.tiles.tiles
        if not steps or not tiles:
            return
        forward = steps > 0
        self.thumbnails.choose(0 if forward else len(tiles) - 1)
        for _ in range(abs(steps) - 1):
            self.step(1 if forward else -1)

    def _neighbour(self, by: int) -> int | None:
        in_sight = self.model.study_ids()
        here = [one for one in (self.view.rows.open_study, *self._studies) if one in in_sight]
        if not in_sight:
            return None
        if not here:
            return in_sight[0 if by > 0 else -1]
        place = in_sight.index(here[0]) + (1 if by > 0 else -1)
        return in_sight[place] if 0 <= place < len(in_sight) else None

    # removing

    def _show_menu(self, where: QPoint) -> None:
        if not self.view.selected():
            return
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        menu.addAction(self.tr("Open")).triggered.connect(self.view.open_line)
        menu.addSeparator()
        remove = menu.addAction(self.tr("Remove from the library…"))
        remove.triggered.connect(lambda: self._ask_removal(self.view.selected()))
        menu.popup(where)

    def _ask_removal(self, study_ids: tuple[int, ...]) -> None:
        """Find out which images these are, then ask."""
        if not study_ids or not self._desk.has_session:
            return
        session = self._desk.session
        self._desk.bridge.run(
            lambda _: session.library.image_ids(study_ids),
            lambda images: self._confirm(len(study_ids), images),
            key="worklist removal",
            title=self.tr("Images of the study"),
        )

    def _ask_tile_removal(self, tile: Tile) -> None:
        self._confirm(0, tuple(image.id for image in tile.images))

    def _confirm(self, studies: int, images: tuple[int, ...]) -> None:
        if not images:
            return
        dialog = RemoveDialog(studies, len(images), self)
        dialog.accepted.connect(lambda: self.removeRequested.emit(images))
        dialog.open()


def _quiet_page(sentence: str, parent: QWidget) -> tuple[QWidget, QVBoxLayout]:
    """A page with a sentence in its upper third; what follows is added below it."""
    page = QWidget(parent)
    column = QVBoxLayout(page)
    column.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
    column.setSpacing(theme.GRID)
    column.addStretch(1)
    text = QLabel(sentence, page)
    text.setObjectName("quiet")
    text.setWordWrap(True)
    column.addWidget(text)
    return page, column
