"""The reader's own answer, asked for before the model's is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QCheckBox,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from stentviewer.app.sealed import CONFIDENCES
from stentviewer.core.answers import ANSWERS, CANNOT_TELL, NO_STENT, joined, parts_of
from stentviewer.ui import theme
from stentviewer.ui.answers import shown_answer
from stentviewer.ui.panels.choice import ChoiceButton

ALONE = (NO_STENT, CANNOT_TELL)  # answers that leave no room for another


class AnswerChoice(QWidget):
    """The makers and the answers beside them: one, or several makers of stents on one image."""

    changed = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.boxes: list[QCheckBox] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(4)

    def set_makers(self, makers: Sequence[str]) -> None:
        """Offer these makers, and the answers beside them."""
        for box in self.boxes:
            box.hide()
            box.deleteLater()
        self.boxes = []
        for answer in (*makers, *ANSWERS):
            box = QCheckBox(shown_answer(answer).replace("&", "&&"), self)
            box.setProperty("answer", answer)
            box.setToolTip(shown_answer(answer))  # of a name that is wider than the panel
            box.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            box.toggled.connect(lambda on, one=box: self._toggled(one, on))
            self.boxes.append(box)
            self._column.addWidget(box)

    @property
    def answer(self) -> str:
        """What is chosen as one answer (`core.answers.joined`); empty for nothing."""
        chosen = [box.property("answer") for box in self.boxes if box.isChecked()]
        return joined(chosen) if chosen else ""

    def clear(self) -> None:
        """Choose nothing."""
        for box in self.boxes:
            box.setChecked(False)

    def _toggled(self, box: QCheckBox, on: bool) -> None:
        """Who says that there is none, or cannot tell, says nothing else."""
        for other in self.boxes if on else ():
            alone = box.property("answer") in ALONE or other.property("answer") in ALONE
            if other is not box and alone:
                other.setChecked(False)
        self.changed.emit()


class AnswerForm(QFrame):
    """Makers, or one of the answers beside them, and how sure; nothing is chosen for one."""

    committed = Signal(str, object)  # the answer, and the confidence 1…5 or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._makers: tuple[str, ...] = ()
        self.answers = AnswerChoice(self)
        self.confidence = QButtonGroup(self)
        self.confidence.setExclusive(False)
        self.commit = QPushButton(self.tr("Commit my answer"), self)
        self.commit.setToolTip(self.tr("It is kept, and the model's answer is shown."))
        self.commit.setProperty("accent", True)
        self.commit.clicked.connect(self._commit)
        self.answers.changed.connect(self._update)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(theme.GRID)
        column.addWidget(_label(self.tr("Your answer"), "heading"))
        column.addWidget(self.answers)
        several = self.tr("Several stents of different makers: choose each of them.")
        column.addWidget(_label(several, "quiet"))
        column.addWidget(_label(self.tr("How sure, if you like: 1 a guess, 5 certain"), "quiet"))
        column.addLayout(self._make_confidence())
        column.addWidget(self.commit)
        self.set_makers(())

    def set_makers(self, makers: Sequence[str]) -> None:
        """Offer these makers, and the answers beside them."""
        if self.answers.boxes and tuple(makers) == self._makers:
            return
        self._makers = tuple(makers)
        self.answers.set_makers(makers)
        self._update()

    def clear(self) -> None:
        """Choose nothing: another frame has been come to."""
        self.answers.clear()
        for button in self.confidence.buttons():
            button.setChecked(False)
        self._update()

    def _make_confidence(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(4)
        for number in CONFIDENCES:
            button = ChoiceButton(str(number), self)
            button.setAccessibleName(self.tr("Confidence {n} of 5").format(n=number))
            button.setMinimumWidth(32)
            self.confidence.addButton(button, number)
            button.toggled.connect(lambda on, n=number: self._one_confidence(n, on))
            row.addWidget(button, 1)
        return row

    def _one_confidence(self, number: int, on: bool) -> None:
        """One at most; pressing it again takes it back."""
        for button in self.confidence.buttons() if on else ():
            if self.confidence.id(button) != number:
                button.setChecked(False)

    def _update(self) -> None:
        answer = self.answers.answer
        several = len(parts_of(answer))
        one, more = self.tr("Commit my answer"), self.tr("Commit my answer: {n} makers")
        self.commit.setText(more.format(n=several) if several > 1 else one)
        self.commit.setEnabled(bool(answer))

    def _commit(self) -> None:
        chosen = self.answers.answer
        if not chosen:
            return
        sure = [self.confidence.id(one) for one in self.confidence.buttons() if one.isChecked()]
        self.committed.emit(chosen, sure[0] if sure else None)


def _label(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setObjectName(name)
    label.setWordWrap(True)
    return label
