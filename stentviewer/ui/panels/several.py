"""Several makers on one image, said at once."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QDialog, QDialogButtonBox, QLabel, QVBoxLayout, QWidget

from stentviewer.ui import theme
from stentviewer.ui.panels.answer_form import AnswerChoice


class SeveralDialog(QDialog):
    """The makers to be ticked; the answer is for the image, not for one of its stents."""

    answered = Signal(str)  # `core.answers.joined`

    def __init__(self, makers: Sequence[str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Stents on this image"))
        what = QLabel(self.tr("Choose every maker of which there is a stent on this image."), self)
        what.setWordWrap(True)
        self.choice = AnswerChoice(self)
        self.choice.set_makers(makers)
        self.choice.changed.connect(self._update)
        self.buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Save | QDialogButtonBox.StandardButton.Cancel, self
        )
        self.buttons.accepted.connect(self.accept)
        self.buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setSpacing(theme.GRID * 2)
        column.addWidget(what)
        column.addWidget(self.choice)
        column.addWidget(self.buttons)
        self.setMinimumWidth(320)
        self._update()

    def accept(self) -> None:
        """Say it, and close."""
        if self.choice.answer:
            self.answered.emit(self.choice.answer)
            super().accept()

    def _update(self) -> None:
        save = self.buttons.button(QDialogButtonBox.StandardButton.Save)
        save.setEnabled(bool(self.choice.answer))
