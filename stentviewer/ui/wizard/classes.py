"""The classes of the new model: what each begins as, its images, and how to change it."""

from __future__ import annotations

from collections.abc import Collection

from PySide6.QtCore import QEvent, QSignalBlocker, QSize, Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHeaderView,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QWidget,
)

from stentviewer.learning.wizard_flow import WizardFlow
from stentviewer.learning.wizard_plan import Plan
from stentviewer.ui import theme
from stentviewer.ui.plain import as_it_stands
from stentviewer.ui.wizard.page import column, row

_NAME = Qt.ItemDataRole.UserRole
_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_MOST_ROWS = 9  # more of them scroll


class WholeTable(QTableWidget):
    """As high as its rows, up to a number of them: the page scrolls, not each table."""

    def __init__(
        self, titles: list[str], numbers: Collection[int] = (), parent: QWidget | None = None
    ) -> None:
        """numbers: the columns that hold some, and stand on the right."""
        super().__init__(0, len(titles), parent)
        self.setHorizontalHeaderLabels(titles)
        self._numbers = frozenset(numbers)
        for place in numbers:
            head = QTableWidgetItem(titles[place])
            head.setTextAlignment(_RIGHT)
            self.setHorizontalHeaderItem(place, head)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setShowGrid(False)
        self.setTabKeyNavigation(False)
        self.verticalHeader().hide()
        self.verticalHeader().setDefaultSectionSize(theme.GRID * 4)
        header = self.horizontalHeader()
        header.setDefaultAlignment(_LEFT)
        header.setHighlightSections(False)
        header.setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        header.setSectionResizeMode(0, QHeaderView.ResizeMode.Stretch)

    def sizeHint(self) -> QSize:
        rows = min(max(self.rowCount(), 1), _MOST_ROWS)
        height = self.verticalHeader().defaultSectionSize() * rows
        return QSize(
            super().sizeHint().width(), self.horizontalHeader().sizeHint().height() + height + 4
        )

    def minimumSizeHint(self) -> QSize:
        return QSize(super().minimumSizeHint().width(), self.sizeHint().height())

    def put(self, line: int, texts: list[str], quiet: bool = False) -> QTableWidgetItem:
        """Fill a row; numbers stand on the right. Returns the first cell."""
        for place, text in enumerate(texts):
            item = QTableWidgetItem(text)
            item.setFlags(Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled)
            item.setToolTip(as_it_stands(text))
            if place in self._numbers:
                item.setTextAlignment(_RIGHT)
            if quiet:
                item.setForeground(self.palette().placeholderText())
            self.setItem(line, place, item)
        first = self.item(line, 0)
        assert first is not None
        return first


class ClassTable(QWidget):
    """Rename in place (F2), merge and retire what is chosen, add a new design below."""

    planned = Signal(object)  # Callable[[], Plan]: the plan as it is wanted; it may raise UserError

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._plan = Plan()
        titles = [self.tr("Class"), self.tr("Begins as"), self.tr("Images"), self.tr("Patients")]
        self.table = WholeTable(titles, (2, 3), self)
        self.table.setAccessibleName(self.tr("Classes of the new model"))
        self.table.itemChanged.connect(self._renamed)
        self.table.itemSelectionChanged.connect(self._show_buttons)
        self.rename = QPushButton(self.tr("Rename"), self)
        self.merge = QPushButton(self.tr("Merge"), self)
        self.retire = QPushButton(self.tr("Retire"), self)
        self.restore = QPushButton(self.tr("Bring back"), self)
        self.merge.setToolTip(
            self.tr("Choose two classes or more; they get the name of the first.")
        )
        self.retire.setToolTip(self.tr("The new model will not know this class."))
        self.rename.clicked.connect(self._edit)
        self.merge.clicked.connect(self._merge)
        self.retire.clicked.connect(self._retire)
        self.restore.clicked.connect(self._restore)
        self.name = QLineEdit(self)
        self.name.setPlaceholderText(self.tr("Name of a new design"))
        self.maker = QLineEdit(self)
        self.maker.setPlaceholderText(self.tr("Manufacturer (optional)"))
        for line in (self.name, self.maker):
            line.setAccessibleName(line.placeholderText())
            line.returnPressed.connect(self._add)
        self.add = QPushButton(self.tr("Add"), self)
        self.add.clicked.connect(self._add)
        self.name.textChanged.connect(lambda _: self._show_buttons())
        self._lay_out()

    def _lay_out(self) -> None:
        inside = column(self)
        inside.addWidget(self.table)
        buttons = (self.rename, self.merge, self.retire, self.restore)
        for button in (*buttons, self.add):
            button.setAutoDefault(False)
        inside.addLayout(row(*buttons))
        new = row(self.name, self.maker, self.add, stretch=False)
        new.setStretch(0, 3)
        new.setStretch(1, 2)
        inside.addLayout(new)

    def show_flow(self, flow: WizardFlow) -> None:
        """The plan as it is, and the images that each class has."""
        self._plan, counts = flow.plan, flow.counts()
        table = self.table
        with QSignalBlocker(table):
            table.setRowCount(0)
            table.setRowCount(len(counts) + len(flow.plan.retired))
            for line, (spec, count) in enumerate(zip(flow.plan.classes, counts, strict=True)):
                begins = ", ".join(spec.before) or self.tr("new")
                first = table.put(
                    line, [spec.name, begins, f"{count.images:,}", f"{count.patients:,}"]
                )
                first.setData(_NAME, spec.name)
                if not flow.is_locked:
                    first.setFlags(first.flags() | Qt.ItemFlag.ItemIsEditable)
                if not spec.before:
                    font = first.font()
                    font.setBold(True)
                    first.setFont(font)
            for line, name in enumerate(flow.plan.retired, start=len(counts)):
                table.put(line, [name, self.tr("retires"), "", ""], quiet=True)
        table.updateGeometry()
        for widget in (self.name, self.maker):
            widget.setEnabled(not flow.is_locked)
        table.setEnabled(True)
        self._locked = flow.is_locked
        self._show_buttons()

    _locked = False

    def commit(self) -> bool:
        """A name that was written and not added is added: it was meant. False if it was refused."""
        self._add()
        return not self.name.text().strip()

    def _chosen(self) -> tuple[list[str], list[str]]:
        """The names of the classes that are chosen, and of the retired ones."""
        rows = sorted({index.row() for index in self.table.selectedIndexes()})
        items = [item for line in rows if (item := self.table.item(line, 0)) is not None]
        kept = [str(item.data(_NAME)) for item in items if item.data(_NAME)]
        return kept, [item.text() for item in items if not item.data(_NAME)]

    def _show_buttons(self) -> None:
        kept, retired = self._chosen()
        free = not self._locked
        self.rename.setEnabled(free and len(kept) == 1 and not retired)
        self.merge.setEnabled(free and len(kept) > 1 and not retired)
        self.retire.setEnabled(free and bool(kept) and not retired)
        self.restore.setEnabled(free and bool(retired) and not kept)
        self.add.setEnabled(free and bool(self.name.text().strip()))

    def _edit(self) -> None:
        rows = {index.row() for index in self.table.selectedIndexes()}
        for line in rows:
            item = self.table.item(line, 0)
            if item is not None:
                self.table.editItem(item)

    def _renamed(self, item: QTableWidgetItem) -> None:
        before, to = item.data(_NAME), item.text()
        if before:  # once the editor is closed: the table is filled anew
            QTimer.singleShot(
                0, self, lambda: self.planned.emit(lambda: self._plan.rename(before, to))
            )

    def _merge(self) -> None:
        names, _ = self._chosen()
        self.planned.emit(lambda: self._plan.merge(names, names[0]))

    def _retire(self) -> None:
        names, _ = self._chosen()

        def plan() -> Plan:
            made = self._plan
            for name in names:
                made = made.retire(name)
            return made

        self.planned.emit(plan)

    def _restore(self) -> None:
        _, names = self._chosen()

        def plan() -> Plan:
            made = self._plan
            for name in names:
                made = made.restore(name)
            return made

        self.planned.emit(plan)

    def _add(self) -> None:
        name, maker, before = self.name.text(), self.maker.text(), self._plan.names
        if not name.strip():
            return
        self.planned.emit(lambda: self._plan.add(name, maker))
        if self._plan.names != before:  # it was taken
            self.name.clear()
            self.maker.clear()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.FontChange:
            self.table.updateGeometry()
