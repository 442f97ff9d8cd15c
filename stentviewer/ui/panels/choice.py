"""A button that is one of several choices, and looks chosen by more than its colour."""

from __future__ import annotations

from PySide6.QtWidgets import QPushButton, QSizePolicy, QWidget


class ChoiceButton(QPushButton):
    """Checkable; filled with the accent and bold while it is chosen."""

    def __init__(self, text: str, parent: QWidget | None = None) -> None:
        super().__init__(text, parent)
        self.setCheckable(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.toggled.connect(self._look)

    def _look(self, chosen: bool) -> None:
        self.setProperty("accent", chosen)
        font = self.font()
        font.setBold(chosen)
        self.setFont(font)
        self.style().unpolish(self)
        self.style().polish(self)
