"""Sixth step: put the new model in force or not, with what speaks for and against it; and back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, ClassVar

import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFormLayout, QLineEdit, QPushButton, QVBoxLayout, QWidget

from stentviewer.core.errors import StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.settings import LONGEST_NAME
from stentviewer.learning.report_dossier import dossier_blocks
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.wizard_flow import Step, WizardFlow
from stentviewer.ui import theme
from stentviewer.ui.i18n import say
from stentviewer.ui.wizard.blocks import Drawn, ReportView, drawn
from stentviewer.ui.wizard.page import Page, Room, card, column, heading, row, words

if TYPE_CHECKING:
    from stentviewer.app.promoting import Promoted, Standing
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning.dossier import Dossier

_ASK = "dossier"
_LONGEST_WHY = 1000


@dataclass(frozen=True, eq=False)
class _Known:
    """What a decision rests on; why_not says why the run's model cannot be put in force."""

    dossier: Dossier | None
    why_not: str
    standing: Standing
    is_in_force: bool
    view: tuple[Drawn, ...]

    @property
    def is_outdated(self) -> bool:
        """Whether the comparison was made with a model that is no longer in force."""
        champion = self.dossier.champion if self.dossier is not None else None
        if self.is_in_force or champion is None or self.standing.model is None:
            return False
        return champion.sha256 != self.standing.model.sha256


class PromotePage(Page):
    """The dossier first, then the decision. It takes effect at once, without a new start."""

    step: ClassVar[Step] = Step.PROMOTE

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._known: _Known | None = None
        self._is_busy = False
        self._note = ""  # what the last decision left to say
        self.verdict = words("", self)
        self.trouble = words("", self, "research")
        self.concerns_heading = heading(self.tr("To consider"), self)
        self.concerns = words("", self, "research")
        self.view = ReportView(self)
        self.block = card(self)
        self.by = words("", self.block)
        self.why = QLineEdit(self.block)
        self.why.setMaxLength(_LONGEST_WHY)
        self.why.setPlaceholderText(self.tr("Kept with the decision. Name no patient."))
        self.second = QLineEdit(self.block)
        self.second.setMaxLength(LONGEST_NAME)
        self.then = words("", self.block, "quiet")
        self.promote = QPushButton(self.tr("Promote"), self.block)
        self.promote.setProperty("accent", True)
        self.back = QPushButton(self.block)
        self.compare = QPushButton(self.tr("Compare with the model in force"), self)
        self.compare.setToolTip(self.tr("Runs the end of the run once more; the folds are kept."))
        self._lay_out()
        self.promote.clicked.connect(self._promote)
        self.compare.clicked.connect(self._compare)
        self.back.clicked.connect(self._roll_back)
        for field in (self.why, self.second):
            field.textChanged.connect(self._update)

    def _lay_out(self) -> None:
        self.form = QFormLayout()
        self.form.setRowWrapPolicy(QFormLayout.RowWrapPolicy.WrapLongRows)
        self.form.addRow(self.tr("Decided by"), self.by)
        self.form.addRow(self.tr("Why"), self.why)
        self.form.addRow(self.tr("Who agrees"), self.second)
        for button in (self.promote, self.back, self.compare):
            button.setAutoDefault(False)  # Enter in a field decides nothing
        inside = self.block.layout()
        assert isinstance(inside, QVBoxLayout)
        inside.addLayout(self.form)
        inside.addWidget(self.then)
        inside.addWidget(self.promote)
        inside.addWidget(self.back)
        inside.setAlignment(self.promote, Qt.AlignmentFlag.AlignLeft)
        inside.setAlignment(self.back, Qt.AlignmentFlag.AlignLeft)
        outer = column(self)
        outer.addWidget(self.verdict)
        outer.addWidget(self.trouble)
        outer.addLayout(row(self.compare))
        outer.addWidget(self.concerns_heading)
        outer.addWidget(self.concerns)
        outer.addSpacing(theme.GRID)
        outer.addWidget(self.block)
        outer.addWidget(self.view)
        outer.addStretch(1)

    @property
    def title(self) -> str:
        return self.tr("Promote or not")

    @property
    def subtitle(self) -> str:
        return self.tr("A person decides which model reads here, and can take it back.")

    @property
    def next_title(self) -> str:
        return ""  # nothing follows

    def enter(self, flow: WizardFlow) -> None:
        super().enter(flow)
        self._known, self._note = None, ""
        self._ask()

    def leave(self) -> None:
        self.room.bridge.drop(_ASK)

    # what is known

    def _ask(self) -> None:
        run, catalog = self.flow.run, self.room.session.catalog
        self._update()
        if run is None:
            return
        dark = theme.current().is_dark

        def take(known: _Known) -> None:
            self._known = known
            self._show(known)

        self.room.run(
            lambda _: _find(run, catalog, dark=dark),
            take,
            key=_ASK,
            title=self.tr("Comparing the models"),
        )

    def _show(self, known: _Known) -> None:
        dossier, standing = known.dossier, known.standing
        reads = standing.model.short if standing.model is not None else ""
        if known.is_in_force:
            text = self.tr("The new model reads here: {model}.").format(model=reads)
        elif reads:
            text = self.tr("In force: {model}. The new model does not read here.").format(
                model=reads
            )
        else:
            text = self.tr("No model reads here.")
        self.verdict.setText(text)
        said = [self._note, known.why_not if not known.is_in_force else "", standing.problem]
        self.trouble.setText("\n".join(dict.fromkeys(say(one) for one in said if one)))
        self.trouble.setVisible(bool(self.trouble.text()))
        concerns = dossier.concerns() if dossier is not None else ()
        self.concerns.setText("\n".join(f"• {say(one)}" for one in concerns))
        for part in (self.concerns, self.concerns_heading):
            part.setVisible(bool(concerns))
        self.view.show_blocks(known.view)
        self._update()

    def _update(self) -> None:
        known = self._known
        can_promote = known is not None and not known.is_in_force and not known.why_not
        target = known.standing.back_to if known is not None and known.is_in_force else None
        two_names = self.room.settings().two_names
        self.block.setVisible(can_promote or target is not None)
        self.form.setRowVisible(self.second, two_names)
        self.by.setText(self.room.session.reader)
        self.promote.setVisible(can_promote)
        self.back.setVisible(target is not None)
        self.compare.setVisible(known is not None and known.is_outdated)
        if target is not None:
            self.back.setText(self.tr("Roll back to {model}").format(model=target.short))
            self.then.setText(
                self.tr(
                    "After that the model before reads again, from the next reading on. Readings "
                    "made meanwhile keep the model that they were made with."
                )
            )
        else:
            self.then.setText(
                self.tr(
                    "After that the new model reads, from the next reading on. Readings made "
                    "before keep the model that they were made with. The model before stays "
                    "installed; one click brings it back."
                )
            )
        said = bool(self.why.text().strip())
        agreed = bool(self.second.text().strip()) or not two_names
        self.promote.setEnabled(said and agreed and not self._is_busy)
        self.back.setEnabled(agreed and not self._is_busy)

    def _compare(self) -> None:
        run, runner = self.flow.run, self.room.runner
        if run is None:
            return
        self.room.run(
            runner.starting(run),
            lambda _: self.stepWanted.emit(int(Step.RUN)),
            failed=lambda _: runner.not_begun(),
            key="start run",
            title=self.tr("Starting the run"),
            ordered=True,
        )

    # the decision

    def _promote(self) -> None:
        run, session = self.flow.run, self.room.session
        why, second, two_names = self._written()
        if run is None:
            return

        def work(context: JobContext) -> Promoted:
            from stentviewer.app import promoting

            decided = promoting.decision(session.reader, why, second, two_names=two_names)
            return promoting.promote(session.catalog, run, decided, session.library, context)

        self._decide(work)

    def _roll_back(self) -> None:
        session = self.room.session
        why, second, two_names = self._written()

        def work(_: JobContext) -> Promoted:
            from stentviewer.app import promoting

            reason = why.strip() or promoting.NO_REASON  # going back is never held up
            decided = promoting.decision(session.reader, reason, second, two_names=two_names)
            return promoting.rollback(session.catalog, decided, session.library)

        self._decide(work)

    def _written(self) -> tuple[str, str, bool]:
        two_names = self.room.settings().two_names
        return self.why.text(), self.second.text() if two_names else "", two_names

    def _decide(self, work: Callable[[JobContext], Promoted]) -> None:
        self._is_busy = True
        self._update()
        self.room.desk.change_model(work, self._take, self._stop)

    def _take(self, promoted: Promoted) -> None:
        if not shiboken6.isValid(self):
            return
        self._is_busy = False
        self.why.clear()
        self.second.clear()
        self._note = promoted.trouble
        self.room.say([promoted.said])
        if self.flow.step == Step.PROMOTE:
            self._ask()

    def _stop(self, error: BaseException) -> bool:
        """What went wrong is said here, where the person looks."""
        if not shiboken6.isValid(self):
            return False
        self._is_busy = False
        self._update()
        return self.room.tell(error)


def _find(run: RunFolder, catalog: Catalog, *, dark: bool) -> _Known:
    from stentviewer.app import promoting

    standing = promoting.standing(catalog)
    try:
        dossier = promoting.dossier(run, catalog)
    except StentviewerError as error:
        return _Known(None, str(error), standing, False, ())
    is_in_force = standing.model is not None and standing.model.sha256 == dossier.challenger.sha256
    why_not = "" if is_in_force else promoting.why_not(run, catalog, dossier)
    view = tuple(drawn(dossier_blocks(dossier, say, dark=dark)))
    return _Known(dossier, why_not, standing, is_in_force, view)
