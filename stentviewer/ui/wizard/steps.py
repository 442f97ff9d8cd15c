"""The list of the six steps beside the page: where one is, what is done, what can be entered."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from stentviewer.learning.wizard_flow import Step, WizardFlow

_WIDTH = 192


class StepList(QListWidget):
    """Up and Down, or a click, go to a step; one that cannot be entered yet is not chosen."""

    wanted = Signal(int)  # Step

    def __init__(self, titles: dict[Step, str], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("steps")
        self.setAccessibleName(self.tr("Steps"))
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setWordWrap(True)
        self.setFixedWidth(_WIDTH)
        self._titles = titles
        for step, title in titles.items():
            item = QListWidgetItem(f"{int(step)}   {title}")
            item.setData(Qt.ItemDataRole.UserRole, int(step))
            self.addItem(item)
        self.currentItemChanged.connect(self._choose)

    def _choose(self, item: QListWidgetItem | None) -> None:
        if item is not None:
            self.wanted.emit(item.data(Qt.ItemDataRole.UserRole))

    def show_flow(self, flow: WizardFlow) -> None:
        """Where the person is, and which steps are done."""
        with QSignalBlocker(self):
            for place, (step, title) in enumerate(self._titles.items()):
                item = self.item(place)
                can_enter = flow.can_enter(step)
                is_done = (flow.is_locked or step < flow.step) and can_enter
                is_done = is_done and step != flow.step and not flow.why_not(step)
                item.setText(f"{'✓' if is_done else int(step)}   {title}")
                flags = Qt.ItemFlag.ItemIsSelectable | Qt.ItemFlag.ItemIsEnabled
                item.setFlags(flags if can_enter else Qt.ItemFlag.NoItemFlags)
                if step == flow.step:
                    self.setCurrentRow(place)
