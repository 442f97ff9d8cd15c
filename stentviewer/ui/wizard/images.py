"""Where the images come from, and what their labels count as."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import QSignalBlocker, Qt, Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QLabel, QPushButton, QSizePolicy, QWidget

from stentviewer.core.types import Problem
from stentviewer.learning.wizard_draft import Source
from stentviewer.learning.wizard_flow import WizardFlow
from stentviewer.learning.wizard_plan import LEFT_OUT
from stentviewer.ui import theme
from stentviewer.ui.answers import shown_answer
from stentviewer.ui.plain import as_it_stands
from stentviewer.ui.settings_dialog import leave_wheel
from stentviewer.ui.wizard.classes import WholeTable
from stentviewer.ui.wizard.page import card, column, row, words


class SourceList(QWidget):
    """A block for each source: what it gave, what could not be used, and how to drop it."""

    removed = Signal(int)
    externalChosen = Signal(int, bool)
    problemsWanted = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = column(self)
        self.blocks: dict[int, SourceBlock] = {}

    def show_flow(self, flow: WizardFlow) -> None:
        """One block a source, in the order in which they came."""
        for block in self.blocks.values():
            block.setParent(None)
            block.deleteLater()
        self.blocks = {}
        for source in flow.draft.sources:
            labels = {item.label for item in flow.images_of(source.number)}
            count = len(flow.images_of(source.number))
            problems = flow.problems.get(source.number, ())
            block = SourceBlock(source, count, len(labels), problems, self)
            block.setEnabled(not flow.is_locked)
            block.remove.clicked.connect(partial(self.removed.emit, source.number))
            block.external.toggled.connect(partial(self.externalChosen.emit, source.number))
            block.more.clicked.connect(partial(self.problemsWanted.emit, source.number))
            self._inside.addWidget(block)
            self.blocks[source.number] = block
        self.setVisible(bool(self.blocks))


class SourceBlock(QWidget):
    """One source of images."""

    def __init__(
        self,
        source: Source,
        images: int,
        labels: int,
        problems: tuple[Problem, ...],
        parent: QWidget,
    ) -> None:
        super().__init__(parent)
        frame = card(self)
        column(self).addWidget(frame)
        kind = {
            "worklist": self.tr("Worklist"),
            "folders": self.tr("Folder"),
            "csv": self.tr("Table"),
            "hdf5": self.tr("HDF5"),
        }[source.kind]
        title = f"{kind} · {source.place.name}" if source.place is not None else kind
        self.title = QLabel(title, frame)
        self.title.setTextFormat(Qt.TextFormat.PlainText)
        self.title.setToolTip(as_it_stands(str(source.place or "")))
        self.title.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.counts = words(
            self.tr("Images: {images}. Labels: {labels}.").format(
                images=f"{images:,}", labels=labels
            ),
            frame,
            "quiet",
        )
        self.external = QCheckBox(self.tr("Only to check the finished model"), frame)
        self.external.setToolTip(
            self.tr("External validation: nothing is learned from these images.")
        )
        self.external.setChecked(source.external)
        self.remove = QPushButton(self.tr("Take off"), frame)
        self.remove.setAccessibleName(self.tr("Take off {source}").format(source=title))
        self.more = QPushButton(self.tr("Not used: {n}…").format(n=len(problems)), frame)
        self.more.setVisible(bool(problems))
        for button in (self.remove, self.more):
            button.setAutoDefault(False)
        first = row(self.title, self.more, self.remove, stretch=False)
        first.setStretch(0, 1)
        inside = frame.layout()
        assert inside is not None
        inside.addItem(first)
        second = row(self.counts, self.external, stretch=False)
        second.setStretch(0, 1)
        inside.addItem(second)


class LabelTable(WholeTable):
    """What the images of each label count as."""

    counted = Signal(str, str)  # label, class or LEFT_OUT
    newWanted = Signal(str)  # label that is to be a class of its own

    _NEW = "\0new"

    def __init__(self, parent: QWidget | None = None) -> None:
        titles = [self.tr("Label"), self.tr("Images"), self.tr("Counts as")]
        super().__init__(titles, (1,), parent)
        self.setAccessibleName(self.tr("Labels of the images"))
        self.setSelectionMode(self.SelectionMode.NoSelection)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.choices: dict[str, QComboBox] = {}

    def show_flow(self, flow: WizardFlow) -> None:
        """A row a label; those that nobody has decided on come first."""
        labels: Mapping[str, int] = flow.labels
        order = sorted(labels, key=lambda label: flow.plan.class_of(label) is not None)
        self.choices = {}
        self.setRowCount(0)
        self.setRowCount(len(order))
        for line, label in enumerate(order):
            self.put(line, [shown_answer(label), f"{labels[label]:,}"])
            box = self._choice(flow, label)
            box.setEnabled(not flow.is_locked)
            self.setCellWidget(line, 2, box)
            self.choices[label] = box
        self.verticalHeader().setDefaultSectionSize(theme.GRID * 5)
        self.setColumnWidth(2, 240)
        self.setVisible(bool(order))
        self.updateGeometry()

    def _choice(self, flow: WizardFlow, label: str) -> QComboBox:
        now = flow.plan.class_of(label)
        box = QComboBox(self)
        box.setMinimumWidth(220)
        box.setAccessibleName(self.tr("What {label} counts as").format(label=shown_answer(label)))
        if now is None:
            box.addItem(self.tr("Choose…"), None)
        for name in flow.plan.names:
            box.addItem(name, name)
        if flow.plan.is_free(label):
            box.addItem(self.tr("New design “{name}”").format(name=label), self._NEW)
        box.addItem(self.tr("Leave out"), LEFT_OUT)
        with QSignalBlocker(box):
            box.setCurrentIndex(max(0, box.findData(now)))
        leave_wheel(box)
        box.activated.connect(lambda _: self._choose(label, box.currentData()))
        return box

    def _choose(self, label: str, chosen: str | None) -> None:
        if chosen == self._NEW:
            self.newWanted.emit(label)
        elif chosen is not None:
            self.counted.emit(label, chosen)
