"""What is chosen on a page is kept, applied, and told; nothing of it is lost or half done."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QMainWindow

from stentviewer.core.settings import Settings, load_settings
from stentviewer.ui import actions, i18n
from stentviewer.ui.comfort import Comfort
from stentviewer.ui.dialogs import ShortcutsDialog
from stentviewer.ui.first_run import FirstRunDialog
from stentviewer.ui.help_page import HelpDialog
from stentviewer.ui.message_bar import MessageBar
from stentviewer.ui.settings_dialog import SettingsDialog
from stentviewer.ui.shortcuts import ShortcutsPage

PAGES = {
    "show_settings": SettingsDialog,
    "change_keys": ShortcutsPage,
    "show_keys": ShortcutsDialog,
    "show_help": HelpDialog,
    "show_welcome": FirstRunDialog,
}


class Window(QMainWindow):
    """As much of the window as Comfort needs; what its actions do is only noted."""

    def __init__(self, settings: Settings) -> None:
        super().__init__()
        self.settings = settings
        self.messages = MessageBar(self)
        self.actions_by_id = actions.build(self)
        for action in self.actions_by_id.values():
            action.triggered.disconnect()
            action.setEnabled(True)
        self.comfort = Comfort(self, self)

    def keys(self, name: str) -> list[str]:
        return [one.toString() for one in self.actions_by_id[name].shortcuts()]


@pytest.fixture
def sit(qtbot):
    made: list[Window] = []

    def start(**settings: object) -> Window:
        window = Window(Settings(reader="dr.kim", first_run_done=True).model_copy(update=settings))
        qtbot.addWidget(window, before_close_func=lambda w: w.comfort.close_pages())
        window.show()
        made.append(window)
        return window

    return start


@pytest.mark.parametrize(("name", "kind"), PAGES.items())
def test_every_page_is_shown_and_only_once(sit, name, kind) -> None:
    window = sit()
    getattr(window.comfort, name)()
    if name != "show_keys":
        getattr(window.comfort, name)()
    assert [type(page) for page in window.findChildren(kind)] == [kind]
    assert window.findChild(kind).isVisible()


def test_a_choice_is_kept_applied_and_told(sit) -> None:
    window, told = sit(), []
    window.comfort.changed.connect(lambda before, after: told.append((before, after)))
    window.comfort.show_settings()
    window.findChild(SettingsDialog)._choose("heat_table", "cividis")
    assert window.settings.heat_table == "cividis"
    assert load_settings()[0].heat_table == "cividis"
    assert [(before.heat_table, after.heat_table) for before, after in told] == [
        ("inferno", "cividis")
    ]


def test_what_the_disk_refuses_is_said_and_not_shown_as_chosen(sit, monkeypatch) -> None:
    window, told = sit(), []
    window.comfort.changed.connect(lambda *both: told.append(both))
    window.comfort.show_settings()
    page = window.findChild(SettingsDialog)

    def full(_: int) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr("os.fsync", full)
    page._choose("heat_table", "cividis")
    assert window.messages.isVisible()
    assert "No space left" in window.messages.text.text()
    assert window.settings.heat_table == "inferno"
    assert page.rows["heat_table"].control.currentText() == "Inferno"
    assert told == []


def test_changed_keys_work_at_once_and_at_the_next_start(sit) -> None:
    window = sit()
    window.comfort.change_keys()
    page = window.findChild(ShortcutsPage)
    page.choose("invert")
    page._use(("Ctrl+F9",))
    assert window.keys("invert") == ["Ctrl+F9"]
    again = sit(shortcuts=load_settings()[0].shortcuts)
    assert again.keys("invert") == ["Ctrl+F9"]


def test_keys_that_cannot_be_are_told_when_the_window_is_seen(sit) -> None:
    window = sit(shortcuts={"invert": ("Nonsense",), "fit": ("Y",)})
    assert not window.messages.isVisible()
    window.comfort.begin(["The log cannot be written."])
    assert "The log cannot be written." in window.messages.text.text()
    assert "“Nonsense”, kept for “Invert”, is no key." in window.messages.text.text()
    assert window.keys("fit") == ["Y"]
    assert window.findChild(FirstRunDialog) is None


def test_a_new_reader_is_welcomed_once(sit) -> None:
    window = sit(first_run_done=False)
    window.comfort.begin()
    page = window.findChild(FirstRunDialog)
    assert page.isVisible()
    assert not window.messages.isVisible()
    page.start.click()
    assert load_settings()[0].first_run_done
    sit(first_run_done=load_settings()[0].first_run_done).comfort.begin()
    assert not any(page.isVisible() for page in window.findChildren(FirstRunDialog))


def test_who_asks_for_images_gets_these_first(sit) -> None:
    window = sit(first_run_done=False)
    window.comfort.begin(welcome=False)
    assert window.findChild(FirstRunDialog) is None
    assert not window.settings.first_run_done


def test_the_first_page_leads_to_the_example(sit, qtbot) -> None:
    window = sit(first_run_done=False)
    window.comfort.begin()
    with qtbot.waitSignal(window.actions_by_id["open_example"].triggered):
        window.findChild(FirstRunDialog).example.click()


@pytest.mark.parametrize("page", ["settings", "welcome"])
def test_another_language_or_theme_asks_for_another_window_with_the_page_open(
    sit, qtbot, page
) -> None:
    window = sit(language="en", first_run_done=page == "settings")
    window.comfort.open_again(page)
    assert window.comfort.open_page == page
    kind = SettingsDialog if page == "settings" else FirstRunDialog
    for name, value in (("language", "ko"), ("theme", "light")):
        with qtbot.waitSignal(window.comfort.rebuildWanted) as asked:
            window.findChild(kind)._choose(name, value)
        assert getattr(asked.args[0], name) == value
    again = sit(**asked.args[0].model_dump())
    again.comfort.open_again(window.comfort.open_page)
    assert again.findChild(kind).isVisible()
    window.comfort.close_pages()
    assert window.comfort.open_page == ""
    assert load_settings()[0].first_run_done == (page == "settings"), "closed by the program"


def test_what_every_window_can_show_asks_for_none(sit, qapp, qtbot) -> None:
    window = sit(language="system")
    same = i18n.language_in_use("system")
    with qtbot.assertNotEmitted(window.comfort.rebuildWanted):
        window.comfort.keep(Settings(reader="lee", language=same, first_run_done=True))
        qapp.processEvents()
    assert window.settings.language == same


def test_the_language_by_its_action(sit, qtbot) -> None:
    window = sit(language="en")
    with qtbot.waitSignal(window.comfort.rebuildWanted):
        window.comfort.use_korean()
    assert load_settings()[0].language == "ko"
    with qtbot.waitSignal(window.comfort.rebuildWanted):
        window.comfort.use_english()
