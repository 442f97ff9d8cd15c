"""What was done, said: in the status bar what went as asked, above the image what needs a look."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QUrl
from PySide6.QtGui import QDesktopServices

from stentviewer.core.errors import StentviewerError
from stentviewer.ui.answers import shown_answer
from stentviewer.ui.dialogs import BugDialog, bug_details
from stentviewer.ui.i18n import say

if TYPE_CHECKING:
    from stentviewer.app.commands import Change, RemovalChange
    from stentviewer.app.session import AddResult
    from stentviewer.imaging.volume import Volume
    from stentviewer.ui.main_window import MainWindow

_SAID_MS = 8000  # how long the status bar keeps a word of what was done


class Announcements(QObject):
    """Hears the desk and the viewports, and brings to the screen what a change was on."""

    def __init__(self, window: MainWindow) -> None:
        super().__init__(window)
        self._window = window
        self._problems: list[str] = []  # of batches that others wait behind

    def say(self, text: str) -> None:
        """A word in the status bar."""
        self._window.statusBar().showMessage(text, _SAID_MS)

    def notice(self, sentence: str) -> None:
        """A sentence above the image, until it is closed."""
        self._window.messages.say([sentence])

    def trouble(self, error: BaseException) -> None:
        """A sentence where there is one; else it is a bug, and called so."""
        if isinstance(error, StentviewerError):
            self.notice(str(error))
            return
        from stentviewer.core.logs import log_crash

        said = bug_details(error)
        if any(one.details.toPlainText() == said for one in self._window.findChildren(BugDialog)):
            return  # what goes wrong at every painting is told once
        log_crash(error)
        BugDialog(error, self._window).open()

    def added(self, result: AddResult) -> None:
        """Files were indexed."""
        problems = self._problems + [problem.message for problem in result.problems]
        self._problems = problems if self._window.desk.is_adding else []
        if problems:
            self._window.messages.say(problems)
        else:
            self._window.messages.hide()
        if result.images:
            known = len(result.images) - result.new
            text = self.tr("Images added: {new}. Already known: {known}.")
            self.say(text.format(new=result.new, known=known))

    def changed(self, change: object, how: str) -> None:
        """Something that is kept was changed, taken back or done again."""
        from stentviewer.app.commands import Change, RemovalChange
        from stentviewer.app.measuring import MeasurementChange

        window = self._window
        if isinstance(change, RemovalChange):
            self._removed(change, how)
            window.desk.refresh_worklist()
        elif isinstance(change, Change):
            window.desk.refresh_study(change.image_id)
            window.history.refresh()
            self._labelled(change, how)
        elif (
            isinstance(change, MeasurementChange)
            and how in {"undone", "redone"}
            and not window.windows.shows(change.target.image_id)
        ):
            window.opener.open_image(change.target.image_id)

    def _removed(self, change: RemovalChange, how: str) -> None:
        ids = frozenset(change.ids if change.is_removed else ())
        for viewport in self._window.windows.viewports:
            content = viewport.review.content
            if content is not None and content.image_id in ids:
                viewport.clear()
        text = {
            "removed": self.tr(
                "Images removed from the library: {n}. Their files were not touched."
            ),
            "undone": self.tr("Undone. Images back in the library: {n}."),
            "redone": self.tr("Redone. Images removed from the library: {n}."),
        }[how]
        self.say(text.format(n=len(change.ids)))
        self._window.opener.find_place()

    def _labelled(self, change: Change, how: str) -> None:
        maker = shown_answer(change.label.maker) if change.label is not None else ""
        text = {
            "accepted": self.tr("Saved: {maker}, accepted."),
            "corrected": self.tr("Saved: {maker}, chosen by you."),
            "committed": self.tr("Saved: {maker}. The model's answer is shown now."),
            "undone": self.tr("Undone. The label is now {maker}."),
            "redone": self.tr("Redone. The label is now {maker}."),
        }[how]
        said = text.format(maker=maker or self.tr("none"))
        if how in {"undone", "redone"} and not self._window.windows.shows(change.image_id):
            # who answers and goes on is not held back; who takes back has to see what
            other = self.tr("This was on another image; it is shown now.")
            said = f"{said} {other}"
            self._window.opener.open_image(change.image_id)
        self.say(said)

    def saved(self, files: list[Path]) -> None:
        """A review left the program."""
        folder = files[0].parent
        names = ", ".join(file.name for file in files)
        text = self.tr("The review was saved in {folder}: {names}")
        self._window.messages.say(
            [text.format(folder=folder, names=names)],
            self.tr("Show the folder"),
            lambda: QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder))),
        )

    def volume_read(self, volume: Volume) -> None:
        """What is odd about a volume, once all of it has been looked at."""
        if volume.notes:
            self._window.messages.say([say(note) for note in volume.notes])

    def reader(self, name: str) -> None:
        """Somebody else is at the desk."""
        self.say(self.tr("Labels are now kept under the name {name}.").format(name=name))
