"""Fourth step: the run while it goes on, and what one can do with it once it does not."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from PySide6.QtWidgets import QProgressBar, QPushButton, QWidget

from stentviewer.core.jobs import JobContext
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.run_progress import RunProgress, RunStateName
from stentviewer.learning.wizard_flow import Step, WizardFlow
from stentviewer.ui import theme
from stentviewer.ui.i18n import say
from stentviewer.ui.wizard.asking import ask
from stentviewer.ui.wizard.curves import RunCurves
from stentviewer.ui.wizard.fold_table import FoldTable
from stentviewer.ui.wizard.page import Page, Room, column, heading, row, words
from stentviewer.ui.wizard.runner import Runner
from stentviewer.ui.wizard.ways import duration, size

_LOOK, _START, _REMOVE = "look at run", "start run", "remove run"
_SHOWN_MESSAGES = 12  # the newest; all of them stand in the report and the run's folder
_FINE = 1000  # steps of the progress bar


@dataclass(frozen=True, eq=False)
class _Seen:
    """A run as its folder tells it. is_elsewhere: another window or command works on it."""

    progress: RunProgress
    folds: int
    has_final: bool
    is_elsewhere: bool


class RunPage(Page):
    """Starts a run that was just made; one that stopped or failed goes on when it is told to."""

    step: ClassVar[Step] = Step.RUN

    def __init__(self, room: Room, parent: QWidget | None = None) -> None:
        super().__init__(room, parent)
        self._seen: _Seen | None = None
        self._seen_of: RunFolder | None = None
        self.state = words("", self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.bar.setRange(0, _FINE)
        self.bar.setAccessibleName(self.tr("How far the run is"))
        self.stage = words("", self)
        self.facts = words("", self, "quiet")
        self.trouble = words("", self, "research")
        self.pause = QPushButton(self.tr("Pause"), self)
        self.stop = QPushButton(self.tr("Stop"), self)
        self.start = QPushButton(self.tr("Go on with the run"), self)
        self.start.setProperty("accent", True)
        self.remove = QPushButton(self.tr("Delete the run…"), self)
        self.hint = words("", self, "quiet")
        self.curves = RunCurves(self)
        self.folds_heading = heading(self.tr("Folds"), self)
        self.folds = FoldTable(self)
        self.told_heading = heading(self.tr("What the run said"), self)
        self.told = words("", self)
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        inside = column(self)
        for widget in (self.state, self.stage, self.bar, self.facts, self.trouble):
            inside.addWidget(widget)
        buttons = (self.pause, self.start, self.stop, self.remove)
        for button in buttons:
            button.setAutoDefault(False)
        inside.addLayout(row(*buttons))
        inside.addWidget(self.hint)
        inside.addSpacing(theme.GRID)
        inside.addWidget(self.curves)
        for part in (self.folds_heading, self.folds, self.told_heading, self.told):
            inside.addWidget(part)
        inside.addStretch(1)

    def _connect(self) -> None:
        self.runner.changed.connect(self._show)
        self.runner.ended.connect(self._end)
        self.pause.clicked.connect(self._pause_or_resume)
        self.stop.clicked.connect(self.runner.stop)
        self.start.clicked.connect(self.begin)
        self.remove.clicked.connect(self._ask_remove)

    @property
    def runner(self) -> Runner:
        return self.room.runner

    @property
    def title(self) -> str:
        return self.tr("Run")

    @property
    def subtitle(self) -> str:
        return self.flow.run_name if self._flow is not None else ""

    def enter(self, flow: WizardFlow) -> None:
        super().enter(flow)
        run = flow.run
        if run is None:
            return
        if self._seen_of != run:
            self._seen = self._seen_of = None
        self._show()

        def take(seen: _Seen) -> None:
            self._seen, self._seen_of = seen, run
            if seen.progress.state == "ready" and not self.runner.is_running:
                self.begin()
            self._show()

        self.room.run(lambda _: _look(run), take, key=_LOOK, title=self.tr("Opening the run"))

    def leave(self) -> None:
        self.room.bridge.drop(_LOOK)

    # orders

    def begin(self) -> None:
        """Start the run, or go on with it where it stopped."""
        run, runner = self.flow.run, self.runner
        if run is None or self.room.bridge.is_running(_START):
            return
        self.room.run(
            runner.starting(run),
            lambda _: self._show(),
            failed=lambda _: self._not_begun(),
            key=_START,
            title=self.tr("Starting the run"),
            ordered=True,
        )
        self._show()

    def _not_begun(self) -> None:
        self.runner.not_begun()
        self._show()

    def _pause_or_resume(self) -> None:
        if self._is_paused():
            self.runner.resume()
        else:
            self.runner.pause()

    def _ask_remove(self) -> None:
        ask(
            self,
            self.tr("Delete the run “{name}”?").format(name=self.flow.run_name),
            self.tr(
                "What it learned so far is lost. Its choices stay and can be changed. Models that "
                "were promoted stay, and so do your images."
            ),
            self.tr("Delete the run"),
            self._remove,
        )

    def _remove(self) -> None:
        flow, run = self.flow, self.flow.run
        if run is None or self.runner.is_on(run):
            return

        def work(_: JobContext) -> None:
            from stentviewer.app.training import remove_run

            remove_run(run)

        def done(_: None) -> None:
            if flow.run == run:
                flow.again()
                self.changed.emit()

        self.room.run(work, done, key=_REMOVE, title=self.tr("Deleting the run"), ordered=True)

    def _end(self) -> None:
        """The run is over: what can be done next is asked anew."""
        if self._flow is not None and self.flow.step == Step.RUN:
            self.enter(self.flow)
            self.changed.emit()

    # showing

    @property
    def progress(self) -> RunProgress | None:
        """Of the run that this step is about; None while it is not known yet."""
        run = self._flow.run if self._flow is not None else None
        if run is None:
            return None
        if self.runner.run == run and self.runner.progress is not None:
            return self.runner.progress
        return self._seen.progress if self._seen is not None and self._seen_of == run else None

    def _is_paused(self) -> bool:
        return self.progress is not None and self.progress.state == "paused"

    def _show(self) -> None:
        if self._flow is None or self.flow.run is None:
            return
        progress, runner = self.progress, self.runner
        state: RunStateName | None = progress.state if progress is not None else None
        mine = runner.is_on(self.flow.run)
        is_starting = self.room.bridge.is_running(_START)
        elsewhere = self._seen is not None and self._seen.is_elsewhere and not mine
        self.state.setText(self._state_text(state, elsewhere=elsewhere, is_starting=is_starting))
        self._show_stage(progress if mine else None)
        failed = progress is not None and state == "failed" and not is_starting
        self.trouble.setText(say(progress.reason) if failed and progress is not None else "")
        self.trouble.setVisible(bool(self.trouble.text()))
        self.pause.setVisible(mine)
        self.stop.setVisible(mine)
        self.pause.setText(self.tr("Go on") if state == "paused" else self.tr("Pause"))
        self.pause.setEnabled(not runner.is_stopping and not runner.is_pausing)
        self.stop.setEnabled(not runner.is_stopping)
        can_start = state in {"ready", "stopped", "failed"} and not elsewhere
        self.start.setVisible(can_start)
        self.start.setEnabled(not is_starting)
        self.remove.setVisible(can_start)
        self.remove.setEnabled(not is_starting)
        self.hint.setText(
            self.tr(
                "The run goes on while this window is closed. Closing stentviewer stops it; it "
                "can go on later."
            )
        )
        self.hint.setVisible(mine)
        self.curves.show_run(progress)
        if self._seen is not None:
            self.folds.show_folds(progress, self._seen.folds, has_final=self._seen.has_final)
        self.folds_heading.setHidden(self.folds.isHidden())
        self._show_told(progress)

    def _state_text(self, state: RunStateName | None, *, elsewhere: bool, is_starting: bool) -> str:
        runner = self.runner
        if is_starting or state is None:
            return self.tr("Starting…") if is_starting else ""
        if elsewhere:
            return self.tr(
                "Another window or command works on this run. Follow it there, or stop it there "
                "first."
            )
        if runner.is_on(self.flow.run) and runner.is_stopping:
            return self.tr("Stops after this step…")
        if runner.is_on(self.flow.run) and runner.is_pausing:
            return self.tr("Waits after this step…")
        return {
            "ready": self.tr("The run has not begun."),
            "running": self.tr("Learning."),
            "paused": self.tr("The run waits. It goes on when you say so."),
            "stopped": self.tr(
                "The run has stopped. What was done is kept, and it goes on from there."
            ),
            "failed": self.tr("The run could not go on. What was done is kept."),
            "done": self.tr("The run has ended. Its result is on the next page."),
        }[state]

    def _show_stage(self, progress: RunProgress | None) -> None:
        stage = progress.stage if progress is not None else None
        step = progress.step if progress is not None else None
        for part in (self.stage, self.bar, self.facts):
            part.setVisible(stage is not None or step is not None)
        if progress is None or (stage is None and step is None):
            return
        share = 0.0
        if step is not None:
            share = (step.epoch - 1 + step.step / max(step.steps, 1)) / max(step.epochs, 1)
            text = self.tr("Epoch {epoch} of {epochs}").format(epoch=step.epoch, epochs=step.epochs)
            where = self.tr("Fold {n}") if step.fold else self.tr("Final model")
            self.stage.setText(f"{where.format(n=step.fold)} · {text}")
        elif stage is not None:
            share = stage.done / stage.total if stage.total else 0.0
            count = f" · {stage.done:,} / {stage.total:,}" if stage.total > 0 else ""
            self.stage.setText(f"{say(stage.what)}{count}")
        self.bar.setValue(round(_FINE * min(share, 1.0)))
        self.facts.setText(self._facts(progress))
        self.facts.setVisible(bool(self.facts.text()))

    def _facts(self, progress: RunProgress) -> str:
        """Rate, speed, memory and time left, as far as the run says them."""
        said, step = [], progress.step
        if progress.seconds_left is not None and progress.state != "paused":
            left = duration(progress.seconds_left)
            said.append(self.tr("{time} left").format(time=left))
        elif progress.stage_seconds_left is not None and progress.state != "paused":
            left = duration(progress.stage_seconds_left)
            said.append(self.tr("{time} left for this part").format(time=left))
        if step is not None:
            said.append(self.tr("loss {loss}").format(loss=f"{step.loss:.3f}"))
            said.append(self.tr("learning rate {rate}").format(rate=f"{step.rate:.2g}"))
            each = f"{step.images_per_second:.1f}"
            said.append(self.tr("{n} images a second").format(n=each))
            said.append(self.tr("{memory} of memory").format(memory=size(step.memory)))
        return " · ".join(said)

    def _show_told(self, progress: RunProgress | None) -> None:
        told = progress.told[-_SHOWN_MESSAGES:] if progress is not None else []
        self.told.setText("\n".join(say(one) for one in told))
        self.told.setVisible(bool(told))
        self.told_heading.setVisible(bool(told))


def _look(run: RunFolder) -> _Seen:
    """Read what a run has said so far. Raises UserError and KnownError for damaged files."""
    from stentviewer.app.training import past_events
    from stentviewer.learning.run_lock import is_busy

    recipe, state = run.recipe(), run.state()
    progress = RunProgress()
    for event in past_events(run.events):
        progress.take(event)
    busy = is_busy(run)
    # a process that was killed said no last word
    status = "stopped" if state.status == "running" and not busy else state.status
    progress.state = status
    progress.reason = state.reason if status == "failed" else ""
    return _Seen(progress, recipe.folds, recipe.final, busy)
