"""The measurements on what the chosen view shows: choose, annotate, remove, export."""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import (
    QAbstractTableModel,
    QModelIndex,
    QObject,
    QPersistentModelIndex,
    Qt,
    Signal,
)
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QAbstractItemView,
    QBoxLayout,
    QHeaderView,
    QLabel,
    QPushButton,
    QStackedWidget,
    QTableView,
    QWidget,
)

from stentviewer.ui import theme
from stentviewer.ui.measured_canvas import Row
from stentviewer.ui.measuring import Measuring
from stentviewer.ui.plain import as_it_stands
from stentviewer.ui.viewer.tools import wording

WHAT, FRAME, NOTE = range(3)
_LONGEST_NOTE = 500
_LYING = 2.5  # times as wide as high: a row is one line, and the buttons stand beside the list
_WIDE = 520  # logical pixels below which a row needs its lines, however low the place is
_Index = QModelIndex | QPersistentModelIndex


class MeasurementModel(QAbstractTableModel):
    """One row a measurement; its note can be written."""

    def __init__(self, measuring: Measuring, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._measuring = measuring
        self.rows: tuple[Row, ...] = ()
        self._in_one_line = False

    def set_in_one_line(self, on: bool) -> None:
        """What was measured beside each other instead of below."""
        if on != self._in_one_line:
            self._in_one_line = on
            if self.rows:
                last = self.index(len(self.rows) - 1, WHAT)
                self.dataChanged.emit(self.index(0, WHAT), last)

    def set_rows(self, rows: tuple[Row, ...]) -> None:
        """Where the same measurements have other numbers, an editor that is open stays."""
        same = [row.measurement.id for row in rows] == [row.measurement.id for row in self.rows]
        if not same:
            self.beginResetModel()
        self.rows = rows
        if not same:
            self.endResetModel()
        elif rows:
            self.dataChanged.emit(self.index(0, WHAT), self.index(len(rows) - 1, NOTE))

    def row_of(self, key: str) -> int | None:
        """Where a measurement stands; None where it does not."""
        return next((n for n, row in enumerate(self.rows) if row.measurement.id == key), None)

    def rowCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008  # Qt's signature
        return 0 if parent.isValid() else len(self.rows)

    def columnCount(self, parent: _Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else 3

    def headerData(
        self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole
    ) -> Any:
        if orientation is not Qt.Orientation.Horizontal or role != Qt.ItemDataRole.DisplayRole:
            return None
        return (self.tr("Measurement"), self.tr("Frame"), self.tr("Note"))[section]

    def data(self, index: _Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        row = self.rows[index.row()]
        one, column = row.measurement, index.column()
        if role == Qt.ItemDataRole.ToolTipRole:
            when = f"{one.at.astimezone():%Y-%m-%d %H:%M}"
            by = self.tr("{reader}, {when}").format(reader=one.by, when=when) if one.by else ""
            return as_it_stands("\n".join(part for part in (one.note, by) if part))
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return int(Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignTop)
        if role not in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.EditRole):
            return None
        if column == WHAT:
            between = "  ·  " if self._in_one_line else "\n"
            return between.join([wording.kind_name(one.kind), *wording.lines(row.numbers)])
        return str(row.index + 1) if column == FRAME else one.note

    def flags(self, index: _Index) -> Qt.ItemFlag:
        flags = Qt.ItemFlag.ItemIsEnabled | Qt.ItemFlag.ItemIsSelectable
        return flags | Qt.ItemFlag.ItemIsEditable if index.column() == NOTE else flags

    def setData(self, index: _Index, value: Any, role: int = Qt.ItemDataRole.EditRole) -> bool:
        if role != Qt.ItemDataRole.EditRole or index.column() != NOTE:
            return False
        note = " ".join(str(value).split())[:_LONGEST_NOTE]
        self._measuring.set_note(self.rows[index.row()].measurement.id, note)
        return True


class _Table(QTableView):
    """Del removes the chosen one, Enter writes its note."""

    removeWanted = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        current = self.currentIndex()
        is_editing = self.state() == QAbstractItemView.State.EditingState
        if event.key() in (Qt.Key.Key_Delete, Qt.Key.Key_Backspace):
            self.removeWanted.emit()
        elif event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            super().keyPressEvent(event)
        elif current.isValid() and not is_editing:
            self.edit(current.siblingAtColumn(NOTE))


class MeasurementsPanel(QWidget):
    """A list, and a sentence while there is nothing in it."""

    def __init__(self, measuring: Measuring, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._measuring = measuring
        self.model = MeasurementModel(measuring, self)
        self.table = self._make_table()
        self.empty = QLabel(
            self.tr(
                "Nothing is measured here yet. Choose a tool from the Measure menu, or press L "
                "for a length."
            ),
            self,
        )
        self.empty.setObjectName("quiet")
        self.empty.setWordWrap(True)
        self.empty.setAlignment(Qt.AlignmentFlag.AlignTop)
        self.empty.setContentsMargins(theme.GRID, theme.GRID, theme.GRID, theme.GRID)
        self.stack = QStackedWidget(self)
        self.stack.addWidget(self.empty)
        self.stack.addWidget(self.table)
        self.remove = QPushButton(self.tr("Remove"), self)
        self.csv = QPushButton(self.tr("Export CSV…"), self)
        self.json = QPushButton(self.tr("Export JSON…"), self)
        self._lay_out()
        self.remove.clicked.connect(self._remove)
        self.csv.clicked.connect(measuring.export_csv)
        self.json.clicked.connect(measuring.export_json)
        measuring.rowsChanged.connect(self._take_rows)
        measuring.chosenChanged.connect(self._show_chosen)
        self._take_rows(measuring.rows)

    def _make_table(self) -> _Table:
        table = _Table(self)
        table.setModel(self.model)
        table.setAccessibleName(self.tr("Measurements"))
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        table.setEditTriggers(
            QAbstractItemView.EditTrigger.DoubleClicked
            | QAbstractItemView.EditTrigger.SelectedClicked
        )
        table.setShowGrid(False)
        table.setMinimumHeight(7 * table.fontMetrics().height())  # the head and two of them
        table.setStyleSheet("QTableView::item { padding: 4px 8px; }")
        table.setWordWrap(True)
        table.verticalHeader().hide()
        table.verticalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setHighlightSections(False)
        header.setSectionResizeMode(WHAT, QHeaderView.ResizeMode.Stretch)
        header.setSectionResizeMode(FRAME, QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(NOTE, QHeaderView.ResizeMode.Interactive)
        header.resizeSection(NOTE, 96)
        table.removeWanted.connect(self._remove)
        table.selectionModel().currentRowChanged.connect(self._choose)
        return table

    def _lay_out(self) -> None:
        grid = theme.GRID
        self._buttons = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._buttons.setContentsMargins(grid, 0, grid, grid)
        self._buttons.setSpacing(grid)
        for button in (self.remove, self.csv, self.json):
            self._buttons.addWidget(button)
        self._buttons.addStretch(1)
        self._all = QBoxLayout(QBoxLayout.Direction.TopToBottom, self)
        self._all.setContentsMargins(0, 0, 0, 0)
        self._all.setSpacing(grid)
        self._all.addWidget(self.stack, 1)
        self._all.addLayout(self._buttons)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Lying below the image, it has width to spend and no height."""
        super().resizeEvent(event)
        wide, high = event.size().width(), event.size().height()
        lying = wide > max(_LYING * high, _WIDE)
        across, down = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self.model.set_in_one_line(lying)
        self._all.setDirection(across if lying else down)
        self._buttons.setDirection(down if lying else across)

    def _take_rows(self, rows: tuple[Row, ...]) -> None:
        self.model.set_rows(rows)
        self.stack.setCurrentWidget(self.table if rows else self.empty)
        for button in (self.csv, self.json):
            button.setEnabled(bool(rows))
        self._show_chosen(self._measuring.chosen)

    def _show_chosen(self, key: str) -> None:
        row = self.model.row_of(key) if key else None
        self.remove.setEnabled(row is not None)
        if row is None:
            self.table.clearSelection()
            self.table.setCurrentIndex(QModelIndex())
        else:
            if row != self.table.currentIndex().row():
                self.table.selectRow(row)
            self.table.resizeRowsToContents()  # to know where it is: a row has several lines
            self.table.scrollTo(self.table.currentIndex())

    def _choose(self, current: QModelIndex) -> None:
        if current.isValid():
            self._measuring.choose(self.model.rows[current.row()].measurement.id)

    def _remove(self) -> None:
        current = self.table.currentIndex()
        if current.isValid():
            self._measuring.remove(self.model.rows[current.row()].measurement.id)
