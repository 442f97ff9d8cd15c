"""Runs for the tests of the window: stand-ins that obey, fail or end, over the real process."""

from __future__ import annotations

import sys
from pathlib import Path

from pytestqt.qtbot import QtBot

from stentviewer.app.training import Training
from stentviewer.app.training_process import Command
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.wizard_flow import Step
from stentviewer.ui.wizard.promote import PromotePage
from stentviewer.ui.wizard.result import ResultPage
from stentviewer.ui.wizard.run import RunPage
from stentviewer.ui.wizard.runner import Runner
from tests.ui.conftest import Desk
from tests.ui.wizards import WizardDesk

ROOT = Path(__file__).parents[2]


def stand_in_command(folder: Path) -> list[str]:
    """The worker's own process, doing what `tests.learning.stand_in` says of the run's name."""
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests.learning import stand_in;"
        "from stentviewer.learning import worker;"
        "sys.exit(worker.main(sys.argv[1:], stand_in.run))"
    )
    return [sys.executable, "-c", code, str(folder)]


class RunDesk(WizardDesk):
    """The wizard at a run, and the person before it."""

    def __init__(self, desk: Desk, qtbot: QtBot, command: Command = stand_in_command) -> None:
        super().__init__(desk, qtbot)
        self.runner._make = lambda: Training(command)

    @property
    def runner(self) -> Runner:
        return self.desk.window.wizard.running.runner

    def open_run(self, run: RunFolder, step: Step = Step.RUN) -> None:
        """Take up a run from the disk, from the first page."""
        self.dialog.go_to(Step.CHANGE)
        self.flow.open_run(run)
        self.flow.go_to(step)
        self.dialog.refresh()
        self.settle()

    @property
    def run(self) -> RunPage:
        page = self.dialog.page
        assert isinstance(page, RunPage)
        return page

    @property
    def result(self) -> ResultPage:
        page = self.dialog.page
        assert isinstance(page, ResultPage)
        return page

    @property
    def promote(self) -> PromotePage:
        page = self.dialog.page
        assert isinstance(page, PromotePage)
        return page

    def until(self, state: str, timeout: int = 60_000) -> None:
        """Wait until the run that was started says this."""

        def is_so() -> bool:
            progress = self.runner.progress
            return progress is not None and progress.state == state

        self._qtbot.waitUntil(is_so, timeout=timeout)
        self.settle()
