"""Images read as unknown that look like one design, offered to be learned from."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QPushButton, QWidget

from stentviewer.ui.wizard.page import column, row, words

if TYPE_CHECKING:
    from stentviewer.app.unknown_designs import UnknownGroup

_MOST = 3  # groups; the largest come first


class GroupOffer(QWidget):
    """A quiet line a group; nothing where there is none."""

    chosen = Signal(object)  # UnknownGroup

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = column(self)
        self._groups: tuple[UnknownGroup, ...] = ()
        self._taken: set[UnknownGroup] = set()
        self.buttons: list[QPushButton] = []
        self.hide()

    def show_groups(self, groups: Sequence[UnknownGroup]) -> None:
        """The groups there are, without those that were taken."""
        self._groups = tuple(groups)
        while (item := self._inside.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.buttons = []
        shown = [group for group in self._groups if group not in self._taken][:_MOST]
        for group in shown:
            self._inside.addWidget(self._line(group))
        self.setVisible(bool(shown))

    def take(self, group: UnknownGroup) -> None:
        """Its images are among those to learn from now."""
        self._taken.add(group)
        self.show_groups(self._groups)

    def _line(self, group: UnknownGroup) -> QWidget:
        text = self.tr(
            "Images whose stents were read as unknown and look like one design: {images}, of "
            "{patients} patients."
        )
        said = text.format(images=len(group.frames), patients=group.patients)
        box = QWidget(self)
        inside = column(box, 4)
        inside.addWidget(words(said, box, "quiet"))
        button = QPushButton(self.tr("Learn from these"), box)
        button.setAutoDefault(False)
        button.setAccessibleName(f"{button.text()}. {said}")
        button.clicked.connect(partial(self.chosen.emit, group))
        self.buttons.append(button)
        inside.addLayout(row(button))
        return box
