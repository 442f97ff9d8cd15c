"""Opens the wizard over the window, and keeps what is chosen in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import QObject

from stentviewer.core.jobs import JobContext
from stentviewer.core.paths import data_dir
from stentviewer.ui.bridge import Bridge
from stentviewer.ui.wizard.running import Running

if TYPE_CHECKING:
    from stentviewer.app.unknown_designs import UnknownGroup
    from stentviewer.learning.wizard_draft import Kept, ModelChoice
    from stentviewer.learning.wizard_flow import WizardFlow
    from stentviewer.ui.main_window import MainWindow
    from stentviewer.ui.wizard.dialog import WizardDialog

    _Found = tuple[Kept, str, tuple[ModelChoice, ...], tuple[str, ...]]


class Wizard(QObject):
    """One for the window. Its modules are imported when it is opened first."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self.bridge = Bridge(self)
        self.bridge.trouble.connect(window.announcements.trouble)
        self._dialog: WizardDialog | None = None
        self._last: Kept | None = None  # as it lies on the disk
        self._group: UnknownGroup | None = None  # to be learned from once the wizard is open
        self.running = Running(window, self)

    @property
    def dialog(self) -> WizardDialog | None:
        """The wizard's window while it is open."""
        if self._dialog is not None and not shiboken6.isValid(self._dialog):
            self._dialog = None
        return self._dialog

    def open_with(self, group: UnknownGroup) -> None:
        """Show the wizard with these images as a new design's."""
        self._group = group
        self.open()
        if self.dialog is not None:
            self._take_group(self.dialog)

    def _take_group(self, dialog: WizardDialog) -> None:
        from stentviewer.learning.wizard_flow import Step
        from stentviewer.ui.wizard.change import ChangePage

        group, self._group = self._group, None
        page = dialog.pages[Step.CHANGE]
        if group is not None and isinstance(page, ChangePage):
            dialog.go_to(Step.CHANGE)
            page.learn_group(group)

    def open(self) -> None:
        """Show the wizard where it was left, or bring it to the front."""
        if self.dialog is not None:
            self.dialog.raise_()
            self.dialog.activateWindow()
            return
        session = self._window.desk.session

        def work(_: JobContext) -> _Found:
            from stentviewer.learning.wizard_draft import load_draft
            from stentviewer.learning.wizard_models import model_choices
            from stentviewer.tasks.stent_maker import TASK

            kept, sentence = load_draft(data_dir() / "training")
            return kept, sentence, *model_choices(session.catalog, TASK)

        self.bridge.run(work, self._show, key="open", title=self.tr("Learning"))

    def _show(self, found: _Found) -> None:
        from stentviewer.learning.wizard_flow import WizardFlow
        from stentviewer.ui.wizard.dialog import WizardDialog
        from stentviewer.ui.wizard.page import Room
        from stentviewer.ui.wizard.pages import PAGES

        kept, trouble, models, wrong = found
        place = data_dir() / "training"
        flow = WizardFlow(place, kept)
        flow.take_models(models)
        self._last = kept
        window = self._window
        room = Room(self.bridge, window.desk, self.running.runner, place, lambda: window.settings)
        dialog = WizardDialog(flow, room, PAGES, window)
        room.setParent(dialog)
        dialog.flowChanged.connect(lambda: self._keep(flow))
        dialog.closed.connect(self._forget)
        self._dialog = dialog
        said = [one for one in (trouble, *wrong) if one]
        if said:
            room.say(said)
        dialog.show()
        self._take_group(dialog)

    def _keep(self, flow: WizardFlow) -> None:
        kept = flow.kept()
        if kept == self._last:
            return
        self._last = kept
        self.bridge.run(
            lambda _: kept.save(flow.place),
            lambda _: None,
            key="keep",
            title=self.tr("Saving"),
            ordered=True,
        )

    def _forget(self) -> None:
        """Nobody waits any more for what the pages asked for; what is to be kept is kept."""
        self._dialog = None
        for job in self.bridge.jobs:
            if not job.ordered:
                self.bridge.drop(job.key)

    def close(self) -> None:
        """Before the window closes: what was chosen is written down first."""
        if self.dialog is not None:
            self.dialog.close()
        self.bridge.close()
        self.running.close()
