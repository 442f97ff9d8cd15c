"""Actions are data: every one does something, no two share a key, the pages list them all."""

from __future__ import annotations

from collections import Counter
from operator import attrgetter

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QDialog, QLabel

from stentviewer.ui import icons
from stentviewer.ui.actions import ACTIONS, MENUS, Situation
from stentviewer.ui.dialogs import BugDialog, CommandPalette, ShortcutsDialog


def test_no_key_does_two_things():
    keys = Counter(QKeySequence(keys).toString() for spec in ACTIONS for keys in spec.shortcuts)
    assert [key for key, count in keys.items() if count > 1] == []
    assert len({spec.id for spec in ACTIONS}) == len(ACTIONS)


def test_no_key_opens_a_menu():
    letters = {title[title.index("&") + 1].upper() for title in MENUS}
    keys = {keys for spec in ACTIONS for keys in spec.shortcuts}
    assert not keys & {f"Alt+{letter}" for letter in letters}


def test_every_action_stands_in_a_menu_of_the_window(desk):
    bar = desk.window.menuBar()

    def entries(menu):
        for entry in menu.actions():
            if entry.menu() is not None:
                yield from entries(entry.menu())
            elif not entry.isSeparator():
                yield entry.objectName()

    assert len(bar.actions()) == len(MENUS)
    assert sorted(entries(bar)) == sorted(spec.id for spec in ACTIONS)


def test_every_handler_is_there(desk):
    for spec in ACTIONS:
        assert callable(attrgetter(spec.handler)(desk.window)), spec.id


def test_without_a_library_nothing_that_needs_one_is_possible():
    possible = {spec.id for spec in ACTIONS if spec.enabled(Situation())}
    layouts = {f"layout_{name}" for name in ("1x1", "1x2", "2x2", "2x4")}
    panels = {"worklist", "reading", "timeline", "measurements", "histogram"}
    assert possible == layouts | {f"show_{name}" for name in panels} | {
        "quit", "palette", "shortcuts", "change_keys", "settings", "help", "welcome",
        "use_english", "use_korean", "full_screen", "hide_identity", "reference_lines",
    }  # fmt: skip


def test_every_possible_action_can_be_chosen_without_an_error(desk, picture):
    desk.open(picture("a.png"), picture("b.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    left_out = {"quit", "open_files", "open_folder", "save", "open_example"}  # their own tests
    for spec in ACTIONS:
        action = desk.window.actions_by_id[spec.id]
        if spec.id not in left_out and action.isEnabled():
            action.trigger()
            desk.settle()
            for dialog in desk.window.findChildren(QDialog):
                assert not isinstance(dialog, BugDialog)
                dialog.close()
            desk.window.reading_desk.makers.close()


def test_the_help_page_lists_every_key(desk):
    desk.press(Qt.Key.Key_F1)
    page = desk.window.findChild(ShortcutsDialog)
    text = "\n".join(label.text() for label in page.findChildren(QLabel))
    for spec in ACTIONS:
        for keys in spec.shortcuts:
            assert QKeySequence(keys).toString(QKeySequence.SequenceFormat.NativeText) in text
    page.close()


def test_the_palette_finds_and_does(desk, picture, qtbot):
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_K, Qt.KeyboardModifier.ControlModifier)
    palette = desk.window.findChild(CommandPalette)
    qtbot.keyClicks(palette.line, "inver")
    assert palette.list.currentItem().text().startswith("Invert")
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert desk.window.viewer.canvas.inverted


def test_the_palette_shows_what_is_not_possible_but_does_not_do_it(desk, qtbot):
    desk.window.comfort.show_palette()
    palette = desk.window.findChild(CommandPalette)
    qtbot.keyClicks(palette.line, "accept")
    assert palette.list.count() == 1
    qtbot.keyClick(palette.line, Qt.Key.Key_Return)
    assert palette.isVisible(), "nothing was chosen"
    palette.close()


def test_every_icon_is_in_the_family(qapp):
    for spec in ACTIONS:
        if spec.icon:
            assert not icons.icon(spec.icon).isNull(), spec.id
