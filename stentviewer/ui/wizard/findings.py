"""What was found on the images: one card each, with what to do and the buttons that do it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from stentviewer.learning.fitness import Finding, Fitness
from stentviewer.ui import theme
from stentviewer.ui.i18n import QT_TRANSLATE_NOOP
from stentviewer.ui.wizard.page import card, column, row, words

_SHOWN = {
    "stop": QT_TRANSLATE_NOOP("Findings", "Has to be put right"),
    "warn": QT_TRANSLATE_NOOP("Findings", "Would make the result doubtful"),
    "note": QT_TRANSLATE_NOOP("Findings", "Worth a look"),
}
_MASKED = {"writing", "mark", "shortcut"}
_LEFT_OUT = {"unreadable", "twins", "sharpness", "resolution", "patients"}


class FindingList(QWidget):
    """The gravest first; `can_change` is False where a run was made already."""

    maskWanted = Signal()
    joinWanted = Signal()
    leaveOutWanted = Signal(object)  # Finding
    showWanted = Signal(object)  # Finding

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = column(self)
        self.cards: list[FindingBlock] = []

    def show_findings(self, fitness: Fitness, *, can_change: bool) -> None:
        """One card a finding."""
        self.clear()
        for finding in fitness.findings:
            block = FindingBlock(finding, fitness, self)
            block.paint_over.setEnabled(can_change)
            block.join.setEnabled(can_change)
            block.leave_out.setEnabled(can_change)
            block.paint_over.clicked.connect(self.maskWanted)
            block.join.clicked.connect(self.joinWanted)
            block.leave_out.clicked.connect(lambda _=False, f=finding: self.leaveOutWanted.emit(f))
            block.look.clicked.connect(lambda _=False, f=finding: self.showWanted.emit(f))
            self._inside.addWidget(block)
            self.cards.append(block)

    def clear(self) -> None:
        """Nothing is known of the images."""
        for block in self.cards:
            block.setParent(None)
            block.deleteLater()
        self.cards = []


class FindingBlock(QWidget):
    """One finding."""

    def __init__(self, finding: Finding, fitness: Fitness, parent: QWidget) -> None:
        super().__init__(parent)
        self.finding = finding
        frame = card(self)
        column(self).addWidget(frame)
        severity = QCoreApplication.translate("Findings", _SHOWN[finding.severity])
        self.severity = QLabel(severity, frame)
        self.severity.setObjectName("quiet" if finding.severity == "note" else "research")
        self.text = words(finding.text, frame)
        self.advice = words(finding.advice, frame, "quiet")
        n = len(finding.items)
        self.look = QPushButton(self.tr("Show images…"), frame)
        self.look.setVisible(n > 0 and finding.kind != "unreadable")
        self.paint_over = QPushButton(self.tr("Mask them…"), frame)
        self.paint_over.setVisible(finding.kind in _MASKED and bool(fitness.masks))
        self.join = QPushButton(self.tr("Count as one patient"), frame)
        self.join.setVisible(finding.kind == "twins")
        self.leave_out = QPushButton(self.tr("Leave out: {n}").format(n=n), frame)
        self.leave_out.setVisible(n > 0 and finding.kind in _LEFT_OUT)
        buttons = (self.look, self.paint_over, self.join, self.leave_out)
        for button in buttons:
            button.setAutoDefault(False)
        inside = frame.layout()
        assert inside is not None
        inside.setSpacing(theme.GRID // 2)
        for label in (self.severity, self.text, self.advice):
            inside.addWidget(label)
        if any(not button.isHidden() for button in buttons):
            inside.addItem(row(*buttons))


def places(findings: Sequence[Finding]) -> int:
    """How many images some findings are about."""
    return len({number for finding in findings for number in finding.items})
