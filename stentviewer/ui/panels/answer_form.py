"""The reader's own answer, asked for before the model's is shown."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QButtonGroup,
    QFrame,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QRadioButton,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from stentviewer.app.sealed import CONFIDENCES
from stentviewer.core.answers import ANSWERS
from stentviewer.ui import theme
from stentviewer.ui.answers import shown_answer
from stentviewer.ui.panels.choice import ChoiceButton


class AnswerForm(QFrame):
    """One of the makers or of the answers beside them, and how sure; nothing is chosen for one."""

    committed = Signal(str, object)  # the answer, and the confidence 1…5 or None

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self._makers: tuple[str, ...] = ()
        self.answers = QButtonGroup(self)
        self.confidence = QButtonGroup(self)
        self.confidence.setExclusive(False)
        self.commit = QPushButton(self.tr("Commit my answer"), self)
        self.commit.setToolTip(self.tr("It is kept, and the model's answer is shown."))
        self.commit.setProperty("accent", True)
        self.commit.clicked.connect(self._commit)
        self.answers.buttonToggled.connect(lambda *_: self._update())
        self._choices = QVBoxLayout()
        self._choices.setSpacing(4)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(theme.GRID)
        column.addWidget(_label(self.tr("Your answer"), "heading"))
        column.addLayout(self._choices)
        column.addWidget(_label(self.tr("How sure, if you like: 1 a guess, 5 certain"), "quiet"))
        column.addLayout(self._make_confidence())
        column.addWidget(self.commit)
        self.set_makers(())

    def set_makers(self, makers: Sequence[str]) -> None:
        """Offer these makers, and the answers beside them."""
        if self.answers.buttons() and tuple(makers) == self._makers:
            return
        self._makers = tuple(makers)
        for button in self.answers.buttons():
            self.answers.removeButton(button)
            button.hide()
            button.deleteLater()
        for answer in (*makers, *ANSWERS):
            button = QRadioButton(shown_answer(answer).replace("&", "&&"), self)
            button.setProperty("answer", answer)
            button.setToolTip(shown_answer(answer))  # of a name that is wider than the panel
            button.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
            self.answers.addButton(button)
            self._choices.addWidget(button)
        self._update()

    def clear(self) -> None:
        """Choose nothing: another frame has been come to."""
        self.answers.setExclusive(False)
        for button in (*self.answers.buttons(), *self.confidence.buttons()):
            button.setChecked(False)
        self.answers.setExclusive(True)
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
        self.commit.setEnabled(self.answers.checkedButton() is not None)

    def _commit(self) -> None:
        chosen = self.answers.checkedButton()
        if chosen is None:
            return
        sure = [self.confidence.id(one) for one in self.confidence.buttons() if one.isChecked()]
        self.committed.emit(chosen.property("answer"), sure[0] if sure else None)


def _label(text: str, name: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setObjectName(name)
    label.setWordWrap(True)
    return label
