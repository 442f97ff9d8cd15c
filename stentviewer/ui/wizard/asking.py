"""A question before something that cannot be taken back, or that others wait for."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QMessageBox, QWidget


class Question(QMessageBox):
    """Asks beside the program's other work; Cancel is what Enter does."""

    def __init__(self, parent: QWidget, text: str, more: str, do: str) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setIcon(QMessageBox.Icon.NoIcon)
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWindowTitle("stentviewer")
        self.setText(text)
        self.setInformativeText(more)
        self.do = self.addButton(do, QMessageBox.ButtonRole.AcceptRole)
        self.cancel = self.addButton(QMessageBox.StandardButton.Cancel)
        self.setDefaultButton(self.cancel)
        self.setEscapeButton(self.cancel)


def ask(parent: QWidget, text: str, more: str, do: str, act: Callable[[], object]) -> Question:
    """Ask over a window; `act` is called where the answer is `do`."""
    question = Question(parent, text, more, do)
    question.do.clicked.connect(lambda _=False: act())
    question.open()
    return question
