"""The list of patients and studies: its keys and its mouse."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractItemView, QListView, QWidget

from stentviewer.library.records import StudyRow
from stentviewer.ui.worklist.row_delegate import RowDelegate, arrow_width
from stentviewer.ui.worklist.rows import PatientLine, Role, WorklistModel

_OURS = {
    Qt.Key.Key_Delete, Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Left, Qt.Key.Key_Right,
}  # fmt: skip


class StudyList(QListView):
    """Arrows move, Enter and a click open, Left and Right fold a patient, Del asks to remove."""

    looked = Signal()  # another line is the current one
    opened = Signal(int)  # study id
    removeAsked = Signal()
    menuAsked = Signal(QPoint)  # on the screen

    def __init__(self, model: WorklistModel, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.lines = model
        self._is_double = False
        self.setModel(model)
        self.rows = RowDelegate(self)
        self.setItemDelegate(self.rows)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.ExtendedSelection)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.setAccessibleName(self.tr("Worklist"))
        self.customContextMenuRequested.connect(
            lambda where: self.menuAsked.emit(self.viewport().mapToGlobal(where))
        )
        self.selectionModel().currentChanged.connect(self._looked)

    def _looked(self, current: QModelIndex) -> None:
        if current.isValid():
            self.looked.emit()

    # what is looked at

    def line(self) -> PatientLine | StudyRow | None:
        """The current line."""
        return self.lines.line(self.currentIndex())

    def looked_at(self) -> tuple[int, ...]:
        """The current line's studies: one, or all of a patient."""
        line = self.line()
        if line is None:
            return ()
        return line.studies if isinstance(line, PatientLine) else (line.study_id,)

    def selected(self) -> tuple[int, ...]:
        """The studies of every selected line."""
        found: dict[int, None] = {}
        for index in self.selectedIndexes():
            line = self.lines.line(index)
            ids = (
                line.studies if isinstance(line, PatientLine) else (index.data(Role.LINE).study_id,)
            )
            found.update(dict.fromkeys(ids))
        return tuple(found)

    def look_at(self, index: QModelIndex, *, quietly: bool = False) -> None:
        """Make a line the current one and bring it into sight; quietly: without `looked`."""
        selection = self.selectionModel()
        blocked = selection.blockSignals(quietly)
        selection.setCurrentIndex(index, QItemSelectionModel.SelectionFlag.ClearAndSelect)
        selection.blockSignals(blocked)
        if index.isValid():
            self.scrollTo(index)
        self.viewport().update()

    def open_line(self) -> None:
        """Open the current study, of a patient the first that is listed."""
        ids = self.looked_at()
        if ids:
            self.opened.emit(ids[0])

    def fold(self, folded: bool) -> None:
        """Fold the current line's patient away, or unfold them."""
        line = self.line()
        if line is None:
            return
        patient = line.of.patient if isinstance(line, PatientLine) else line.patient
        self.lines.set_folded(patient, folded)
        self.look_at(self.lines.index_of_patient(patient), quietly=True)

    # keys and mouse

    def event(self, event: QEvent) -> bool:
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            plain = event.modifiers() == Qt.KeyboardModifier.NoModifier
            if plain and event.key() in _OURS:
                event.accept()  # ours, not the window's
                return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        line, key = self.line(), event.key()
        if key in {Qt.Key.Key_Return, Qt.Key.Key_Enter}:
            self.open_line()
        elif key == Qt.Key.Key_Delete:
            self.removeAsked.emit()
        elif key == Qt.Key.Key_Left and isinstance(line, StudyRow):
            self.look_at(self.lines.index_of_patient(line.patient))
        elif key == Qt.Key.Key_Left:
            self.fold(True)
        elif key == Qt.Key.Key_Right and isinstance(line, PatientLine) and line.is_folded:
            self.fold(False)
        elif key == Qt.Key.Key_Right and isinstance(line, PatientLine):
            self.look_at(self.lines.index_of(line.studies[0]))
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        index = self.indexAt(event.position().toPoint())
        line = self.lines.line(index)
        left = event.button() == Qt.MouseButton.LeftButton
        if left and isinstance(line, PatientLine) and event.position().x() < arrow_width():
            self.look_at(index)
            self.fold(not line.is_folded)
            return
        super().mousePressEvent(event)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        super().mouseReleaseEvent(event)
        was_double, self._is_double = self._is_double, False
        index = self.indexAt(event.position().toPoint())
        line = self.lines.line(index)
        if (
            event.button() == Qt.MouseButton.LeftButton
            and event.modifiers() == Qt.KeyboardModifier.NoModifier
            and isinstance(line, StudyRow)
            and self.selectedIndexes() == [index]  # not where a selection of several ends
            and not was_double  # the first click has opened it
        ):
            self.opened.emit(line.study_id)

    def mouseDoubleClickEvent(self, event: QMouseEvent) -> None:
        self._is_double = True
        super().mouseDoubleClickEvent(event)
