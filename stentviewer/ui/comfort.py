"""Settings, keys, help and the first page: what they change is kept, applied and told."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import shiboken6
from PySide6.QtCore import QObject, QTimer, Signal
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QDialog, QMainWindow

from stentviewer.core.errors import KnownError
from stentviewer.core.settings import LONGEST_NAME, Settings, change, save_settings
from stentviewer.ui.i18n import language_in_use, say
from stentviewer.ui.keys import apply_shortcuts
from stentviewer.ui.message_bar import MessageBar


class Host(Protocol):
    """The window, as far as this needs it."""

    settings: Settings
    messages: MessageBar

    @property
    def actions_by_id(self) -> Mapping[str, QAction]:
        """Every action."""


class Comfort(QObject):
    """Opens the pages over the window and takes what is changed on them."""

    changed = Signal(object, object)  # Settings before and after; kept already
    rebuildWanted = Signal(object)  # Settings: another language or theme, kept already

    def __init__(self, window: QMainWindow, host: Host) -> None:
        """`window` and `host` are the same thing; its actions get their kept keys here."""
        super().__init__(window)
        self._window = window
        self._host = host
        self._pages: dict[str, QDialog] = {}
        self._unusable_keys = apply_shortcuts(host.actions_by_id, host.settings.shortcuts)

    # beginning and ending

    def begin(self, sentences: Sequence[str] = (), *, welcome: bool = True) -> None:
        """Once the window is seen: say what is to be said, and welcome a new reader.

        Not where images were asked for: `welcome` is False then, and the page comes next time.
        """
        said = [*(say(one) for one in sentences if one), *self._unusable_keys]
        if said:
            self._host.messages.say(said)
        if welcome and not self._host.settings.first_run_done:
            self.show_welcome()

    @property
    def open_page(self) -> str:
        """ "settings" or "welcome" while it is shown: a window made anew opens it again."""
        shown = [name for name in ("settings", "welcome") if self._shown(name) is not None]
        return shown[0] if shown else ""

    def open_again(self, page: str) -> None:
        """The page that was open on the former window."""
        if page == "settings":
            self.show_settings()
        elif page == "welcome":
            self.show_welcome()

    def close_pages(self) -> None:
        """Before the window closes; a first page that was open still counts as not seen."""
        for name in list(self._pages):
            page = self._shown(name)
            if page is not None:
                page.blockSignals(True)
                page.close()

    # the pages

    def show_settings(self) -> None:
        """The settings page; a change applies at once."""
        from stentviewer.ui.settings_dialog import SettingsDialog

        if not self._raise("settings"):
            page = SettingsDialog(self._host.settings, self._window)
            page.settingsChanged.connect(self.keep)
            self._show("settings", page)

    def change_keys(self) -> None:
        """The page where keys are changed."""
        from stentviewer.ui.shortcuts import ShortcutsPage

        if not self._raise("keys"):
            page = ShortcutsPage(self._host.settings.shortcuts, self._window)
            page.shortcutsChanged.connect(self._keep_shortcuts)
            self._show("keys", page)

    def show_keys(self) -> None:
        """Every action with its keys."""
        from stentviewer.ui.dialogs import ShortcutsDialog

        page = ShortcutsDialog(self._host.actions_by_id, self._window)
        page.changeWanted.connect(self.change_keys)
        self._show("shortcuts", page)

    def show_help(self) -> None:
        """The help, beside the window."""
        from stentviewer.ui.help_page import HelpDialog

        if not self._raise("help"):
            settings = self._host.settings
            page = HelpDialog(self._host.actions_by_id, settings.language, self._window)
            self._show("help", page)

    def show_welcome(self) -> None:
        """The first page."""
        from stentviewer.ui.first_run import FirstRunDialog

        if not self._raise("welcome"):
            page = FirstRunDialog(self._host.settings, self._window)
            page.settingsChanged.connect(self.keep)
            page.openFilesWanted.connect(self._host.actions_by_id["open_files"].trigger)
            page.exampleWanted.connect(self._host.actions_by_id["open_example"].trigger)
            self._show("welcome", page)

    def use_english(self) -> None:
        """The window in English."""
        self.keep(change(self._host.settings, language="en"))

    def use_korean(self) -> None:
        """The window in Korean."""
        self.keep(change(self._host.settings, language="ko"))

    def show_palette(self) -> None:
        """Find a command by typing."""
        from stentviewer.ui.dialogs import CommandPalette

        CommandPalette(list(self._host.actions_by_id.values()), self._window).open_over(
            self._window
        )

    def ask_reader(self) -> None:
        """Ask under which name labels are kept."""
        from stentviewer.ui.dialogs import ReaderDialog

        dialog = ReaderDialog(self._host.settings.reader, self._window)
        dialog.textValueSelected.connect(self.use_reader)
        dialog.open()

    def use_reader(self, name: str) -> None:
        """Labels from now on are kept under this name; what was saved before keeps its own."""
        name = " ".join(name.split())[:LONGEST_NAME]
        if name:
            self.keep(change(self._host.settings, reader=name))

    def hide_identity(self, on: bool) -> None:
        """Nobody's name, ID or birth date on the screen, for sharing it."""
        self.keep(change(self._host.settings, hide_identity=on))

    # taking changes

    def keep(self, changed: Settings) -> bool:
        """Keep and apply; False, with a sentence said, where the disk refuses."""
        before = self._host.settings
        if changed == before:
            return True
        try:
            save_settings(changed)
        except KnownError as error:
            self._host.messages.say([say(str(error))])
            self._show_in_pages(before)
            return False
        self._host.settings = changed
        if changed.shortcuts != before.shortcuts:
            apply_shortcuts(self._host.actions_by_id, changed.shortcuts)
        self._show_in_pages(changed)
        self.changed.emit(before, changed)
        if _look_of(changed) != _look_of(before):
            # once the control that was used is done with it: the window goes
            QTimer.singleShot(0, self, lambda: self.rebuildWanted.emit(self._host.settings))
        return True

    def _keep_shortcuts(self, chosen: dict[str, tuple[str, ...]]) -> None:
        self.keep(change(self._host.settings, shortcuts=chosen))

    def _show_in_pages(self, settings: Settings) -> None:
        from stentviewer.ui.first_run import FirstRunDialog
        from stentviewer.ui.settings_dialog import SettingsDialog

        for page in map(self._shown, list(self._pages)):
            if isinstance(page, SettingsDialog | FirstRunDialog):
                page.set_settings(settings)

    def _shown(self, name: str) -> QDialog | None:
        page = self._pages.get(name)
        if page is None or not shiboken6.isValid(page) or not page.isVisible():
            self._pages.pop(name, None)
            return None
        return page

    def _raise(self, name: str) -> bool:
        page = self._shown(name)
        if page is None:
            return False
        page.raise_()
        page.activateWindow()
        return True

    def _show(self, name: str, page: QDialog) -> None:
        self._pages[name] = page
        page.show()
        page.raise_()
        page.activateWindow()


def _look_of(settings: Settings) -> tuple[str, str]:
    """What only a window made anew can show."""
    return language_in_use(settings.language), settings.theme
