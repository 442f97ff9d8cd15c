"""Runs that were made before: one that belongs to these choices, and others that have not ended."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QPushButton, QWidget

from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.wizard_flow import WizardFlow
from stentviewer.ui.wizard.page import card, column, row, words


class RunChoice(QWidget):
    """Says that the choices belong to a run, and offers what has not ended."""

    openWanted = Signal(object)  # RunFolder
    againWanted = Signal()
    newWanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.locked = card(self)
        self.locked_text = words("", self.locked)
        self.again = QPushButton(self.tr("Change and learn again"), self.locked)
        self.new = QPushButton(self.tr("Begin with nothing chosen"), self.locked)
        inside = self.locked.layout()
        assert inside is not None
        inside.addWidget(self.locked_text)
        inside.addItem(row(self.again, self.new))
        self.waiting = card(self)
        self.choice = QComboBox(self.waiting)
        self.choice.setMinimumWidth(200)
        self.choice.setAccessibleName(self.tr("Runs that have not ended"))
        self.open = QPushButton(self.tr("Open"), self.waiting)
        inside = self.waiting.layout()
        assert inside is not None
        inside.addWidget(words(self.tr("A run has not ended. It can go on."), self.waiting))
        inside.addItem(row(self.choice, self.open))
        for button in (self.again, self.new, self.open):
            button.setAutoDefault(False)
        self.again.clicked.connect(self.againWanted)
        self.new.clicked.connect(self.newWanted)
        self.open.clicked.connect(self._open)
        outer = column(self)
        outer.addWidget(self.locked)
        outer.addWidget(self.waiting)
        self._runs: tuple[RunFolder, ...] = ()
        self.waiting.hide()

    def show_flow(self, flow: WizardFlow) -> None:
        """Whether a run belongs to what is shown."""
        self.locked.setVisible(flow.is_locked)
        text = self.tr("These are the choices of the run “{name}”.").format(name=flow.run_name)
        self.locked_text.setText(text)
        if flow.run is not None:
            mine = flow.run.path
            self.show_unfinished([run for run in self._runs if run.path != mine])
        self._show()

    def show_unfinished(self, runs: Sequence[RunFolder]) -> None:
        """Other runs that can go on, newest first."""
        self._runs = tuple(runs)
        self.choice.clear()
        for run in runs:
            self.choice.addItem(run.name)
        self.waiting.setVisible(bool(runs))
        self._show()

    def _show(self) -> None:
        self.setVisible(not (self.locked.isHidden() and self.waiting.isHidden()))

    def _open(self) -> None:
        place = self.choice.currentIndex()
        if 0 <= place < len(self._runs):
            self.openWanted.emit(self._runs[place])
