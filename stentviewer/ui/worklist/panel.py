"""The worklist on the left: filter, tree, or three ways to begin where there is nothing yet."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import (
    QEvent,
    QItemSelectionModel,
    QModelIndex,
    QObject,
    QSortFilterProxyModel,
    Qt,
    Signal,
)
from PySide6.QtGui import QAction, QKeyEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QLabel,
    QLineEdit,
    QPushButton,
    QStackedWidget,
    QTreeView,
    QVBoxLayout,
    QWidget,
)

from stentviewer.ui import theme
from stentviewer.ui.worklist.delegate import WorklistDelegate
from stentviewer.ui.worklist.model import Kind, Role, WorklistModel

if TYPE_CHECKING:
    from stentviewer.library.records import ImageRecord, PatientRecord


class _Filter(QSortFilterProxyModel):
    """An image stays when it and the rows above it have every word; rows above stay with it."""

    def __init__(self, model: WorklistModel) -> None:
        super().__init__(model)
        self._model = model
        self._words: list[str] = []
        self.setSourceModel(model)
        self.setRecursiveFilteringEnabled(True)

    def set_words(self, text: str) -> None:
        """Filter at once."""
        self._words = text.casefold().split()
        self.setFilterFixedString(text)  # only to have the rows asked again

    def filterAcceptsRow(self, source_row: int, source_parent: QModelIndex) -> bool:  # type: ignore[override]
        if not self._words:
            return True
        index = self._model.index(source_row, 0, source_parent)
        if index.data(Role.KIND) is not Kind.IMAGE:
            return False
        text = ""
        while index.isValid():
            text += str(index.data(Qt.ItemDataRole.ToolTipRole)).casefold() + "\n"
            index = index.parent()
        return all(word in text for word in self._words)


class Worklist(QWidget):
    """Emits the image a person chose."""

    imageChosen = Signal(int)
    filterLeft = Signal()  # by Enter or Esc: the keys are the image's again

    def __init__(self, begin: Sequence[QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.model = WorklistModel(self)
        self._filtered = _Filter(self.model)
        self.filter = QLineEdit(self)
        self.filter.setPlaceholderText(self.tr("Filter: name, ID, date, maker"))
        self.filter.setClearButtonEnabled(True)
        self.filter.textChanged.connect(self._apply_filter)
        self.filter.returnPressed.connect(self._take_first)
        self.filter.installEventFilter(self)
        self.view = self._make_view()
        self._pages = QStackedWidget(self)
        self._pages.addWidget(self.view)
        self._pages.addWidget(self._make_empty(begin))
        self._pages.addWidget(QWidget(self))  # until the library has answered
        self._pages.setCurrentIndex(2)
        column = QVBoxLayout(self)
        column.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        column.setSpacing(theme.GRID)
        column.addWidget(self.filter)
        column.addWidget(self._pages, 1)
        self.filter.hide()
        self.setMinimumWidth(220)

    def _make_view(self) -> QTreeView:
        view = QTreeView(self)
        view.setModel(self._filtered)
        view.setItemDelegate(WorklistDelegate(self.model))
        view.setHeaderHidden(True)
        view.setIndentation(12)
        view.setMouseTracking(True)
        view.setUniformRowHeights(False)
        view.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        view.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        view.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        view.setAccessibleName(self.tr("Worklist"))
        view.selectionModel().currentChanged.connect(self._choose)
        return view

    def _make_empty(self, begin: Sequence[QAction]) -> QWidget:
        page = QWidget(self)
        column = QVBoxLayout(page)
        column.setSpacing(theme.GRID)
        column.addStretch(1)
        text = QLabel(self.tr("No images yet. Drop files or folders anywhere, or:"), page)
        text.setObjectName("quiet")
        text.setWordWrap(True)
        column.addWidget(text)
        for action in begin:
            button = QPushButton(action.text().rstrip("…"), page)
            button.setProperty("accent", action is begin[0])
            button.clicked.connect(action.trigger)
            action.enabledChanged.connect(button.setEnabled)
            button.setEnabled(action.isEnabled())
            column.addWidget(button)
        column.addStretch(2)
        return page

    @property
    def is_empty(self) -> bool:
        """Whether there is nothing to choose from."""
        return self.model.rowCount() == 0

    def set_tree(self, patients: Sequence[PatientRecord]) -> None:
        """Show these patients; the chosen image stays chosen, without being announced again."""
        chosen = self.chosen()
        self.model.set_tree(patients)
        self.view.expandAll()
        self._pages.setCurrentIndex(1 if self.is_empty else 0)
        self.filter.setVisible(not self.is_empty)
        if chosen is not None:
            self.show_chosen(chosen)

    def update_image(self, record: ImageRecord) -> None:
        """Show this image's new state."""
        self.model.update_image(record)

    def chosen(self) -> int | None:
        """The chosen image."""
        record = self.view.currentIndex().data(Role.IMAGE)
        return None if record is None else int(record.id)

    def show_chosen(self, image_id: int) -> None:
        """Mark this image as chosen and bring it into sight, without announcing it."""
        index = self._filtered.mapFromSource(self.model.index_of(image_id))
        selection = self.view.selectionModel()
        blocked = selection.blockSignals(True)
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        selection.blockSignals(blocked)
        if index.isValid():
            self.view.scrollTo(index)
        self.view.viewport().update()

    def choose(self, image_id: int) -> None:
        """Choose this image, as if it had been clicked."""
        self.view.setCurrentIndex(self._filtered.mapFromSource(self.model.index_of(image_id)))

    def in_sight(self) -> list[int]:
        """The images that the filter leaves, from the top."""
        return [
            image_id
            for image_id in self.model.image_ids()
            if self._filtered.mapFromSource(self.model.index_of(image_id)).isValid()
        ]

    def step(self, by: int) -> None:
        """Choose the next or an earlier image among those in sight."""
        shown = self.in_sight()
        if not shown:
            return
        chosen = self.chosen()
        if chosen in shown:
            place = min(max(shown.index(chosen) + by, 0), len(shown) - 1)
        else:
            place = 0 if by > 0 else len(shown) - 1
        self.choose(shown[place])

    def _choose(self, current: QModelIndex) -> None:
        if current.data(Role.KIND) is Kind.IMAGE:
            self.imageChosen.emit(current.data(Role.IMAGE).id)

    def _take_first(self) -> None:
        shown = self.in_sight()
        if shown:  # else the person is still looking for the right words
            if self.chosen() not in shown:
                self.choose(shown[0])
            self.filterLeft.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if (
            watched is self.filter
            and isinstance(event, QKeyEvent)
            and event.type() == QEvent.Type.KeyPress
            and event.key() == Qt.Key.Key_Escape
        ):
            self.filter.clear()
            self.filterLeft.emit()
            return True
        return super().eventFilter(watched, event)

    def _apply_filter(self, text: str) -> None:
        self._filtered.set_words(text)
        self.view.expandAll()
