"""Would more images help? A learning curve from the start model's features, on request."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from stentviewer.learning.fitness_curve import ClassCurve
from stentviewer.ui.wizard.page import column, row, words


class MoreImages(QWidget):
    """A sentence a class, the new designs first; nothing until it is asked for."""

    wanted = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ask = QPushButton(self.tr("Find out"), self)
        self.ask.setAutoDefault(False)
        self.ask.clicked.connect(self.wanted)
        self.what = words(
            self.tr("Reads every image with the start model; takes about as long as Quick."),
            self,
            "quiet",
        )
        self._inside = column(self)
        self._inside.addLayout(row(self.ask))
        self._inside.addWidget(self.what)
        self.said: list[QLabel] = []

    def clear(self) -> None:
        """The images are others now."""
        for label in self.said:
            label.setParent(None)
            label.deleteLater()
        self.said = []
        self.what.show()

    def show_curves(self, curves: Sequence[ClassCurve], new: Sequence[str]) -> None:
        """What each curve tells."""
        self.clear()
        self.what.hide()
        for curve in sorted(curves, key=lambda one: one.name not in new):
            label = words(curve.text, self, "" if curve.name in new else "quiet")
            self._inside.addWidget(label)
            self.said.append(label)
