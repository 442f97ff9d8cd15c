"""Under a stent's card: whether its heat map holds, in a line, and how that was found out."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QToolButton, QVBoxLayout, QWidget

from stentviewer.explain.checks import PASSES, Check, Verdict
from stentviewer.ui import theme
from stentviewer.ui.i18n import QT_TRANSLATE_NOOP, say
from stentviewer.ui.panels.explanations_plot import CurvesPlot

_ON_STENT = QT_TRANSLATE_NOOP("CheckView", "heat on the stent {p} %")
_IN_BOX = QT_TRANSLATE_NOOP("CheckView", "heat in the box drawn around it {p} %, not checked")
_HANGS_ON = QT_TRANSLATE_NOOP("CheckView", "the probability hangs on the hottest places")
_AMBER = QT_TRANSLATE_NOOP("CheckView", "Check the heat map.")


def badge(check: Check) -> tuple[str, str]:
    """The kind of sign ("good", "warning", "plain") and the words of a card's badge."""
    share = "" if check.share is None else f"{check.share * 100:.0f}"
    if check.verdict is Verdict.AMBER:
        return "warning", f"{_tr(_AMBER)} {say(check.reasons[0])}"
    if check.verdict is Verdict.UNKNOWN:
        if check.share is None:
            return "plain", say(check.reasons[0])
        return "plain", _tr(_IN_BOX).format(p=share)
    parts = [_tr(_ON_STENT).format(p=share)] if check.is_own_place and share else []
    if check.beats_random:
        parts.append(_tr(_HANGS_ON))
    return "good", ", ".join(parts)


def _tr(text: str) -> str:
    return QCoreApplication.translate("CheckView", text)


class CheckView(QWidget):
    """Closed until it is opened; asks for the passes of the network only when it is told to."""

    checkRequested = Signal()
    stopRequested = Signal()

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._check: Check | None = None
        self._is_running = False
        self.plot: CurvesPlot | None = None
        self.toggle = QToolButton(self)
        self.toggle.setCheckable(True)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setArrowType(Qt.ArrowType.RightArrow)
        self.toggle.setText(self.tr("Does the heat map hold?"))
        self.toggle.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.toggle.toggled.connect(self._show_parts)
        self.reasons = _label("")
        self.figures = _label("", "quiet")
        self.key = _label(
            self.tr(
                "● solid: the hottest places hidden first. Dashed: random places hidden. "
                "□ dotted: only the hottest places shown."
            ),
            "quiet",
        )
        self.meaning = _label(
            self.tr(
                "A map that holds shows what the model looked at. It does not show that the model "
                "is right."
            ),
            "quiet",
        )
        self.ask = QPushButton(self.tr("Test this heat map"), self)
        self.ask.setToolTip(
            self.tr(
                "{n} passes of the network: the hottest places hidden, random places hidden, and "
                "the image mirrored and shifted. Some seconds."
            ).format(n=PASSES)
        )
        self.ask.clicked.connect(self.checkRequested)
        self.working = _label(self.tr("Hiding places and asking again…"))
        self.stop = QPushButton(self.tr("Stop"), self)
        self.stop.clicked.connect(self.stopRequested)
        self.failure = _label("")
        self._body = QWidget(self)
        self._lay_out()
        self._show_parts()

    def _lay_out(self) -> None:
        inside = QVBoxLayout(self._body)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(theme.GRID)
        self._plot_place = QVBoxLayout()
        busy = QHBoxLayout()
        busy.addWidget(self.working, 1)
        busy.addWidget(self.stop)
        for part in (self.reasons, self._plot_place, self.key, self.figures, self.meaning):
            if isinstance(part, QWidget):
                inside.addWidget(part)
            else:
                inside.addLayout(part)
        inside.addWidget(self.ask)
        inside.addLayout(busy)
        inside.addWidget(self.failure)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(self.toggle, 0, Qt.AlignmentFlag.AlignLeft)
        column.addWidget(self._body)

    def show_check(self, check: Check) -> None:
        """Show what was measured."""
        if check != self._check:
            self._check = check
            self.failure.setText("")
            self.reasons.setText("\n".join(map(say, check.reasons)))
            self.figures.setText(figures(check))
        self._show_parts()

    def show_running(self, is_running: bool, failure: str = "") -> None:
        """Whether the network is being asked, or why it could not be."""
        self._is_running = is_running
        self.failure.setText(failure)
        self._show_parts()

    def _show_parts(self) -> None:
        check, is_open = self._check, self.toggle.isChecked()
        self.toggle.setArrowType(Qt.ArrowType.DownArrow if is_open else Qt.ArrowType.RightArrow)
        self._body.setVisible(is_open)
        if not is_open or check is None:
            return
        self._show_curves(check)
        self.key.setVisible(check.is_full)
        self.figures.setVisible(bool(self.figures.text()))
        has_heat = check.share is not None or check.is_full
        self.ask.setVisible(has_heat and not check.is_full and not self._is_running)
        self.working.setVisible(self._is_running)
        self.stop.setVisible(self._is_running)
        self.failure.setVisible(bool(self.failure.text()))

    def _show_curves(self, check: Check) -> None:
        if check.curves is not None and self.plot is None:
            self.plot = CurvesPlot(self._body)
            self._plot_place.addWidget(self.plot)
        if self.plot is not None:
            self.plot.setVisible(check.curves is not None)
            if check.curves is not None:
                self.plot.show_curves(check.curves)


_DELETION = QT_TRANSLATE_NOOP("CheckView", "deletion {d}, random order {r} (lower is better)")
_INSERTION = QT_TRANSLATE_NOOP("CheckView", "insertion {i} (higher is better)")
_STABLE = QT_TRANSLATE_NOOP("CheckView", "{p} % of the hottest places stay if mirrored or shifted")
_SHARE = QT_TRANSLATE_NOOP("CheckView", "{p} % of the heat on the stent")
_BOX = QT_TRANSLATE_NOOP("CheckView", "{p} % of the heat in the box drawn around it")


def figures(check: Check) -> str:
    """What was measured, a line each; empty where nothing was."""
    lines = []
    if check.share is not None:
        form = _SHARE if check.is_own_place else _BOX
        lines.append(_tr(form).format(p=f"{check.share * 100:.0f}"))
    if check.deletion is not None and check.random_deletion is not None:
        both = {"d": f"{check.deletion:.2f}", "r": f"{check.random_deletion:.2f}"}
        lines.append(_tr(_DELETION).format(**both))
    if check.insertion is not None:
        lines.append(_tr(_INSERTION).format(i=f"{check.insertion:.2f}"))
    if check.stable is not None:
        lines.append(_tr(_STABLE).format(p=f"{check.stable * 100:.0f}"))
    return "\n".join(lines)


def _label(text: str, name: str = "") -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
