"""The reading on the right: what the model reads, how the heat is shown, and the answer."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QMenu,
    QPushButton,
    QScrollArea,
    QSizePolicy,
    QVBoxLayout,
    QWidget,
)

from stentviewer.app.sealed import Seal
from stentviewer.core.types import Finding, Label, LabelAction, Reading
from stentviewer.ui import theme
from stentviewer.ui.answers import shown_answer
from stentviewer.ui.desk import ModelInfo
from stentviewer.ui.frame_state import FrameState
from stentviewer.ui.i18n import say
from stentviewer.ui.panels.answer_form import AnswerForm
from stentviewer.ui.panels.explanations import ExplanationsView
from stentviewer.ui.panels.finding_card import FindingCard
from stentviewer.ui.panels.heat_controls import HeatControls
from stentviewer.ui.panels.result_sets import ResultSetsView


class ReadingPanel(QWidget):
    """Shows a `FrameState`; its buttons are the window's actions."""

    heatStrengthChanged = Signal(float)
    heatThresholdChanged = Signal(float)
    heatTableChanged = Signal(str)
    mapChosen = Signal(str)  # a map's method, to lie over the image
    explainRequested = Signal()
    explainStopped = Signal()
    setsChosen = Signal(object)  # frozenset[str]: ids of the sets to be shown
    answered = Signal(str, object)  # a sealed frame's answer, and the confidence 1…5 or None
    modelChosen = Signal(str)  # read with the model of this id and hash
    stentChosen = Signal(int)  # the number of the stent whose card was chosen
    cardsMade = Signal(object)  # list[FindingCard]: of the reading that is shown

    def __init__(self, actions: Mapping[str, QAction], parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("side")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self._state = FrameState()
        self._model = ModelInfo()
        self._of_cards: tuple[tuple[Finding, ...], float | None] = ((), None)
        self.cards: list[FindingCard] = []
        self.heading = _text(self, "heading")
        self.status = _text(self)
        self.form = AnswerForm(self)
        self._cards = QVBoxLayout()
        self._cards.setSpacing(theme.GRID)
        self.notes = _text(self)
        self.heat = HeatControls(actions["heat"], self)
        self.explanations = ExplanationsView(self)
        self.sets = ResultSetsView(self)
        self.facts = _text(self, "quiet")
        self.label = _text(self)
        self.history = _text(self, "quiet")
        self.research = _text(self, "research")
        self.research.setText(self.tr("For research use, not for primary diagnosis"))
        self._buttons = [
            _button(self, actions["read"], accent=True),
            _button(self, actions["accept"], accent=True),
            _button(self, actions["correct"]),
        ]
        self.others = QPushButton(self.tr("Read with another model"), self)
        self.others.setMenu(QMenu(self.others))
        self._lay_out()
        self._connect()
        self.show_state(self._state)
        self.setMinimumWidth(280)

    def _connect(self) -> None:
        self.heat.strengthChanged.connect(self.heatStrengthChanged)
        self.heat.thresholdChanged.connect(self.heatThresholdChanged)
        self.heat.tableChanged.connect(self.heatTableChanged)
        for changed in (
            self.heat.strengthChanged, self.heat.thresholdChanged, self.heat.tableChanged
        ):  # fmt: skip
            changed.connect(lambda _: self.explanations.set_look(*self.heat_look))
        self.explanations.mapChosen.connect(self.mapChosen)
        self.explanations.explainRequested.connect(self.explainRequested)
        self.explanations.stopRequested.connect(self.explainStopped)
        self.sets.setsChosen.connect(self.setsChosen)
        self.form.committed.connect(self.answered)

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 4, 0)
        column.setSpacing(12)
        column.addWidget(self.status)
        column.addWidget(self.form)
        column.addLayout(self._cards)
        column.addWidget(self.notes)
        column.addWidget(self.label)
        answers = QHBoxLayout()
        answers.setSpacing(theme.GRID)
        for button in self._buttons:
            answers.addWidget(button, 1)
        column.addLayout(answers)
        column.addWidget(self.heat)
        column.addWidget(self.explanations)
        column.addWidget(self.sets)
        column.addWidget(self.others)
        column.addWidget(self.history)
        column.addWidget(self.facts)
        column.addStretch(1)
        scroll = self._scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        scroll.setWidget(inside)
        inside.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 12, 8, 12)
        outer.setSpacing(12)
        outer.addWidget(self.heading)
        outer.addWidget(scroll, 1)
        outer.addWidget(self.research)

    @property
    def heat_look(self) -> tuple[float, float, str]:
        """Strength (0…1), threshold (0…0.95) and the colour table's name."""
        heat = self.heat
        return heat.strength.value() / 100, heat.threshold.value() / 100, heat.colours

    def set_heat_look(self, strength: float, threshold: float, table: str) -> None:
        """Take the kept look without announcing it."""
        self.heat.set_look(strength, threshold, table)
        self.explanations.set_look(strength, threshold, table)

    def show_model(self, info: ModelInfo) -> None:
        """The model that reads here, or why none does."""
        self._model = info
        self.form.set_makers(info.makers)
        menu = self.others.menu()
        menu.clear()
        for model in info.installed:
            name = f"{model.name or model.id} {model.version}  ·  {model.sha256[:8]}"
            if info.ref is not None and model.sha256 == info.ref.sha256:
                name = self.tr("{model}  (in use)").format(model=name)
            entry = menu.addAction(name.replace("&", "&&"))
            entry.triggered.connect(lambda _=False, key=model.short: self.modelChosen.emit(key))
        self.show_state(self._state)

    def show_state(self, state: FrameState) -> None:
        """Show what is known of the frame."""
        if _frame(state) != _frame(self._state):
            self.form.clear()
        self._state = state
        record = state.reading if not state.is_reading else None
        reading = record.reading if record else None
        is_sealed = state.seal is Seal.SEALED and state.is_readable
        self.heading.setText(self._heading(state, reading))
        _say(self.status, self._status(state, reading))
        self.form.setVisible(is_sealed)
        self._show_cards(reading)
        self._mark_chosen(state)
        _say(self.notes, "\n".join(map(say, reading.notes)) if reading else "")
        self.heat.setVisible(reading is not None and reading.heat is not None)
        self.explanations.show_state(state)
        self.sets.show_state(state)
        self.facts.setToolTip(self._hash(reading))
        _say(self.facts, self._facts(reading))
        _say(self.label, self._label_text(state) if state.is_readable and not is_sealed else "")
        _say(self.history, self._history_text(state.history))
        self._show_buttons(state, reading)

    def _show_buttons(self, state: FrameState, reading: Reading | None) -> None:
        is_read = reading is not None
        has_image = state.image is not None and state.is_readable
        is_sealed = state.seal is Seal.SEALED and state.is_readable
        read, accept, correct = self._buttons
        read.setVisible(has_image and not is_read and not state.facts.was_read)
        accept.setVisible(reading is not None and not reading.refusal)
        correct.setVisible(has_image and not is_sealed)
        several = len(self._model.installed) > 1
        self.others.setVisible(has_image and several and not state.is_reading)

    def _heading(self, state: FrameState, reading: Reading | None) -> str:
        text = self.tr("Stents")
        if reading is not None and not reading.refusal:
            text = f"{text}  {len(reading.findings)}"  # never of a sealed frame
        if state.image is not None and state.image.header.frames > 1:
            frame = self.tr("frame {n}").format(n=state.frame + 1)
            text = f"{text}  ·  {frame}"
        return text

    def _status(self, state: FrameState, reading: Reading | None) -> str:
        if state.image is None:
            return say(self._model.problem) or self.tr("No image on the screen.")
        if not state.is_readable:
            return self.tr("The model reads radiographs, not this kind of image.")
        if state.seal is Seal.SEALED:
            return self._sealed(state)
        if state.is_reading:
            return self.tr("Reading…")
        if state.failure:
            return self.tr("Could not be read. {reason}").format(reason=say(state.failure))
        if reading is not None and reading.refusal:
            refused = self.tr("Not read. {reason}\nThis does not say that there is no stent.")
            return refused.format(reason=say(reading.refusal))
        if reading is not None:
            none = self.tr("The model found no stent. It may have missed one.")
            return "" if reading.findings else none
        if self._model.problem:
            return say(self._model.problem)
        return self.tr("Not read yet. Press R to read this image.") if state.is_known else ""

    def _sealed(self, state: FrameState) -> str:
        """Whether the model has read says nothing of what it read."""
        if state.is_reading:
            now = self.tr("The model is reading this image.")
        elif state.failure:
            now = self.tr("Could not be read. {reason}").format(reason=say(state.failure))
        elif state.facts.was_read:
            now = self.tr("The model has read this image.")
        else:
            now = say(self._model.problem) or self.tr("The model has not read this image yet.")
        first = self.tr("Sealed reading: you answer first, then the model's answer is shown.")
        return f"{first}\n{now}"

    def _show_cards(self, reading: Reading | None) -> None:
        findings = reading.findings if reading else ()
        coverage = self._coverage(reading)
        if (findings, coverage) == self._of_cards:
            return
        self._of_cards = (findings, coverage)
        while (item := self._cards.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self.cards = []
        several = len(findings) > 1
        for number, finding in enumerate(findings, start=1):
            card = FindingCard(number, finding, self, coverage=coverage, several=several)
            card.chosen.connect(self.stentChosen)
            self._cards.addWidget(card)
            card.show()  # now, not when the event loop comes to it
            self.cards.append(card)
        self.cardsMade.emit(self.cards)

    def _coverage(self, reading: Reading | None) -> float | None:
        """What the sets of the model in use promise; another model's is not known here."""
        ref = self._model.ref
        same = reading is not None and ref is not None and ref.sha256 == reading.model.sha256
        return self._model.coverage if same else None

    def _mark_chosen(self, state: FrameState) -> None:
        for card in self.cards:
            is_chosen = card.number == state.stent
            if is_chosen != card.badge.is_chosen:
                card.set_chosen(is_chosen)
                if is_chosen:
                    self._scroll.ensureWidgetVisible(card, 0, theme.GRID)

    def _facts(self, reading: Reading | None) -> str:
        if reading is None:
            return ""
        total = reading.seconds.get("total", sum(reading.seconds.values()))
        name = " ".join(
            filter(None, (reading.model.name or reading.model.id, reading.model.version))
        )
        lines = [
            self.tr("Model {name}  ·  {short}").format(name=name, short=reading.model.sha256[:8]),
            self.tr("{s} s on {device}").format(s=f"{total:.2f}", device=reading.device),
            self.tr("Read {time}").format(time=_local(reading.created)),
        ]
        if self._state.map_shown:
            lines.append(self.tr("Heat map: {method}").format(method=self._state.map_shown))
        same = self._model.ref is not None and self._model.ref.sha256 == reading.model.sha256
        if same and self._model.data_source:
            lines.append(self.tr("Trained on: {data}").format(data=self._model.data_source))
        if self._model.ref is not None and not same:
            lines.append(
                self.tr("By another model than the one in use now; press R to read again.")
            )
        return "\n".join(lines)

    def _hash(self, reading: Reading | None) -> str:
        if reading is None:
            return ""
        stages = ", ".join(f"{name} {value:.3f} s" for name, value in reading.seconds.items())
        return f"SHA-256 {reading.model.sha256}\n{stages}"

    def _label_text(self, state: FrameState) -> str:
        if state.image is None or not state.is_known:
            return ""
        label = state.label
        if label is None and state.history and state.history[0].action is LabelAction.CLEAR:
            label = state.history[0]
        if label is None:
            return (
                self.tr("No label yet.") if state.reading is None else self.tr("Not answered yet.")
            )
        return self._one_label(label)

    def _one_label(self, label: Label) -> str:
        if label.action is LabelAction.CLEAR:
            return self.tr("Label taken back by {by}, {time}.").format(
                by=label.by, time=_local(label.at)
            )
        form = {
            LabelAction.ACCEPT: self.tr("{maker}: accepted by {by}, {time}."),
            LabelAction.COMMIT: self.tr(
                "{maker}: answered by {by} before the model's answer was shown, {time}."
            ),
        }.get(label.action, self.tr("{maker}: chosen by {by}, {time}."))
        maker = shown_answer(label.maker)
        text = form.format(maker=maker, by=label.by, time=_local(label.at))
        if label.model_said and label.action is not LabelAction.COMMIT:
            said = self.tr("The model had said: {words}.").format(words=say(label.model_said))
            text = f"{text} {said}"
        return text

    def _history_text(self, history: tuple[Label, ...]) -> str:
        """Former labels, newest first; the one in force stands above."""
        former = history[1:6]
        if not former:
            return ""
        lines = [self.tr("Before:")]
        for label in former:
            maker = shown_answer(label.maker) or self.tr("no label")
            lines.append(f"{_local(label.at)}  {maker}  ·  {label.by}")
        return "\n".join(lines)


def _text(parent: QWidget, name: str = "") -> QLabel:
    label = QLabel(parent)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
    label.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return label


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))


def _button(parent: QWidget, action: QAction, *, accent: bool = False) -> QPushButton:
    button = QPushButton(action.text(), parent)
    button.setProperty("accent", accent)
    button.setToolTip(action.toolTip())
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
    button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
    button.clicked.connect(action.trigger)
    action.enabledChanged.connect(button.setEnabled)
    button.setEnabled(action.isEnabled())
    return button


def _local(at: datetime) -> str:
    return f"{at.astimezone():%Y-%m-%d %H:%M}"


def _frame(state: FrameState) -> tuple[int, int] | None:
    return None if state.image is None else (state.image.id, state.frame)
