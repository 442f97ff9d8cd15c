"""Asks which measurements go into a file, and whether it may say whose they are."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDialog,
    QDialogButtonBox,
    QLabel,
    QRadioButton,
    QVBoxLayout,
    QWidget,
)


class ExportDialog(QDialog):
    """Scope and identity; where the file goes is asked next."""

    decided = Signal(bool, bool)  # the whole study; with the patient's name and ID

    def __init__(self, title: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(title)
        self.shown = QRadioButton(self.tr("What the chosen view shows, all its frames"), self)
        self.study = QRadioButton(self.tr("The whole study"), self)
        self.shown.setChecked(True)
        self.identity = QCheckBox(
            self.tr("With the patient's name and ID, study date, UIDs and the notes"), self
        )
        without = QLabel(
            self.tr("Without these the file names the image's number here, and the reader."), self
        )
        without.setObjectName("quiet")
        without.setWordWrap(True)
        buttons = QDialogButtonBox(QDialogButtonBox.StandardButton.Cancel, self)
        buttons.addButton(self.tr("Choose the file…"), QDialogButtonBox.ButtonRole.AcceptRole)
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(8)
        column.addWidget(self.shown)
        column.addWidget(self.study)
        column.addSpacing(8)
        column.addWidget(self.identity)
        column.addWidget(without)
        column.addSpacing(8)
        column.addWidget(buttons)

    def accept(self) -> None:
        super().accept()
        self.decided.emit(self.study.isChecked(), self.identity.isChecked())
