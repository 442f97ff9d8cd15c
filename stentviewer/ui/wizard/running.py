"""A run beside the window: a word in the status bar, and a question before it is stopped."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject
from PySide6.QtWidgets import QToolButton

from stentviewer.ui.i18n import say
from stentviewer.ui.wizard.asking import Question, ask
from stentviewer.ui.wizard.runner import Runner

if TYPE_CHECKING:
    from stentviewer.learning.run_progress import RunProgress
    from stentviewer.ui.main_window import MainWindow
    from stentviewer.ui.wizard.wizard import Wizard


class Running(QObject):
    """Says in the window that a run goes on, and what became of it."""

    def __init__(self, window: MainWindow, wizard: Wizard) -> None:
        super().__init__(wizard)
        self._window, self._wizard = window, wizard
        self._note: QToolButton | None = None
        self._question: Question | None = None
        self._closing: Callable[[], object] | None = None  # wanted once the run has stopped
        self.runner = Runner()
        self._follow()

    def _follow(self) -> None:
        self.runner.changed.connect(self._show)
        self.runner.ended.connect(self._end)

    def give_up(self) -> Runner:
        """The window is made anew, in another language or theme: its run goes on with that one."""
        given = self.runner
        given.changed.disconnect(self._show)
        given.ended.disconnect(self._end)
        self.runner = Runner()
        self._follow()
        return given

    def take_over(self, runner: Runner) -> None:
        """Go on with the run of the window that this one takes the place of."""
        self.runner = runner
        self._follow()
        self._show()

    # closing the window

    def may_close(self, close: Callable[[], object]) -> bool:
        """Whether the window can be closed now; where a run goes on the person is asked, and
        `close` is called once it has stopped."""
        if not self.runner.is_running:
            return True
        if self._question is None and self._closing is None:
            self._question = ask(
                self._window,
                self.tr("A run is learning. Stop it and close stentviewer?"),
                self.tr("What it has done is kept. It can go on when stentviewer is open again."),
                self.tr("Stop the run and close"),
                lambda: self._stop_and(close),
            )
            self._question.finished.connect(self._answered)
        return False

    def _answered(self) -> None:
        self._question = None

    def _stop_and(self, close: Callable[[], object]) -> None:
        if not self.runner.is_running:  # it has ended while the person thought
            close()
            return
        self._closing = close
        self.runner.stop()

    def close(self) -> None:
        """The window closes."""
        self.runner.close()

    # telling

    def _show(self) -> None:
        if self._note is None and self.runner.is_running:
            self._note = QToolButton(self._window)
            self._note.setToolTip(self.tr("Show the run"))
            self._note.clicked.connect(self._wizard.open)
            self._window.statusBar().insertPermanentWidget(0, self._note)
        if self._note is not None:
            self._note.setVisible(self.runner.is_running)
            if self.runner.progress is not None:
                self._note.setText(self._text(self.runner.progress))

    def _text(self, progress: RunProgress) -> str:
        from stentviewer.ui.wizard.ways import duration

        if progress.state == "paused":
            return self.tr("Learning waits")
        if progress.seconds_left is not None:
            left = duration(progress.seconds_left)
            return self.tr("Learning · {time} left").format(time=left)
        if progress.stage is not None:
            return self.tr("Learning · {stage}").format(stage=say(progress.stage.what))
        return self.tr("Learning")

    def _end(self) -> None:
        """Say it where the wizard is not there to say it."""
        closing, self._closing = self._closing, None
        progress = self.runner.progress
        if closing is not None:
            closing()
            return
        if self._wizard.dialog is not None or progress is None:
            return
        text = {
            "done": self.tr("The run “{name}” has ended."),
            "failed": self.tr("The run “{name}” could not go on: {reason}"),
        }.get(progress.state, self.tr("The run “{name}” has stopped. It can go on."))
        said = text.format(name=self.runner.name, reason=say(progress.reason))
        self._window.messages.say([said], self.tr("Show the run"), self._wizard.open)
