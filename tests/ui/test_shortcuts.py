"""Keys can be changed, conflicts are told, and a bad file costs a sentence, never the window."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeySequence
from PySide6.QtWidgets import QWidget

from stentviewer.ui import actions
from stentviewer.ui.actions import ACTIONS
from stentviewer.ui.keys import FIXED, KeyMap, apply_shortcuts, fixed_use, native, plain, portable
from stentviewer.ui.shortcuts import ShortcutsPage

BY_ID = {spec.id: spec for spec in ACTIONS}
INVERT, FIT, REDO, EXAMPLE = (BY_ID[n] for n in ("invert", "fit", "redo", "open_example"))


def texts(made, action_id: str) -> list[str]:
    return [one.toString() for one in made[action_id].shortcuts()]


@pytest.fixture
def made(qtbot):
    owner = QWidget()
    qtbot.addWidget(owner)
    return actions.build(owner)


def test_without_a_choice_every_action_has_the_keys_it_came_with(made) -> None:
    assert apply_shortcuts(made, {}) == []
    for spec in ACTIONS:
        assert texts(made, spec.id) == [QKeySequence(one).toString() for one in spec.shortcuts]


def test_what_was_chosen_goes_before_what_an_action_comes_with(made) -> None:
    assert apply_shortcuts(made, {"invert": ("Y", "Ctrl+I"), "open_example": ("F",)}) == []
    assert texts(made, "invert") == ["Y", "Ctrl+I"]
    assert texts(made, "open_example") == ["F"]
    assert texts(made, "fit") == [], "its key was given away"
    assert native(["Y"]) in made["invert"].toolTip()
    apply_shortcuts(made, {})
    assert (texts(made, "invert"), texts(made, "fit")) == (["I"], ["F"])
    assert "(" not in made["open_example"].toolTip()


@pytest.mark.parametrize(
    ("keys", "said"),
    [
        ("Nonsense", "is no key"),
        ("", "is no key"),
        ("Ctrl+K, Ctrl+J", "is no key"),
        ("Space", "is used on the image itself"),
        ("PgDown", "is used on the image itself"),
    ],
)
def test_a_kept_choice_that_cannot_be_is_told_and_passed_over(made, keys, said) -> None:
    problems = apply_shortcuts(made, {"invert": (keys, "Y"), "no_such_action": ("Z",)})
    assert len(problems) == 1
    assert said in problems[0]
    assert "“Invert”" in problems[0]
    assert texts(made, "invert") == ["Y"]


def test_one_key_kept_for_two_actions_stays_with_the_first(made) -> None:
    problems = apply_shortcuts(made, {"invert": ("Y",), "fit": ("Y",)})
    assert len(problems) == 1
    assert sorted([texts(made, "invert"), texts(made, "fit")]) == [[], ["Y"]]


def test_no_action_comes_with_a_key_that_is_fixed_on_the_image() -> None:
    for spec in ACTIONS:
        for keys in spec.shortcuts:
            assert portable(keys), (spec.id, keys)
            assert not fixed_use(portable(keys)), (spec.id, keys)
    for names, _ in FIXED:
        assert all(portable(name) == name for name in names)


def test_choices_of_another_version_are_kept() -> None:
    keys = KeyMap({"of_tomorrow": ("Z",)})
    keys.use(INVERT, ("Y",))
    assert keys.kept() == {"of_tomorrow": ("Z",), "invert": ("Y",)}
    keys.reset_all()
    assert keys.kept() == {"of_tomorrow": ("Z",)}


@pytest.fixture
def page(qtbot) -> ShortcutsPage:
    shown = ShortcutsPage({})
    qtbot.addWidget(shown)
    shown.show()
    return shown


def row(page: ShortcutsPage, title: str) -> str:
    return next(item.text(1) for item in page._items() if item.text(0) == title)


def test_every_action_and_the_fixed_keys_are_listed(page) -> None:
    listed = {item.text(0): item.text(1) for item in page._items()}
    for spec in ACTIONS:
        assert listed[plain(spec.title)] == native(tuple(map(portable, spec.shortcuts)))
    assert native(("Up", "Left")) == listed["Previous frame or slice"]
    fixed = next(one for one in page._items() if one.text(0) == "Previous frame or slice")
    assert not fixed.flags() & Qt.ItemFlag.ItemIsSelectable


def test_pressing_keys_changes_them(page, qtbot) -> None:
    taken = []
    page.shortcutsChanged.connect(taken.append)
    page.choose("invert")
    assert "Invert: I" in page.title.text()
    assert not page.set.isEnabled()
    qtbot.keyClick(page.edit, Qt.Key.Key_Y, Qt.KeyboardModifier.AltModifier)
    page.set.click()
    assert taken == [{"invert": ("Alt+Y",)}]
    assert row(page, "Invert") == native(["Alt+Y"])
    qtbot.keyClick(page.edit, Qt.Key.Key_F9)
    page.add.click()
    assert taken[-1] == {"invert": ("Alt+Y", "F9")}
    page.none.click()
    assert taken[-1] == {"invert": ()}
    assert "no keys" in page.title.text()
    page.reset.click()
    assert taken[-1] == {}
    assert row(page, "Invert") == "I"


def test_keys_of_another_action_are_taken_only_when_asked(page, qtbot) -> None:
    taken = []
    page.shortcutsChanged.connect(taken.append)
    page.choose("invert")
    qtbot.keyClick(page.edit, Qt.Key.Key_F)
    page.set.click()
    assert page.say.text() == "F is used by “Fit”."
    assert page.take.isVisible()
    page.cancel.click()
    assert taken == []
    assert not page.take.isVisible()
    page.set.click()
    page.take.click()
    assert taken == [{"invert": ("F",), "fit": ()}]
    page.choose("fit")
    page.reset.click()
    assert page.say.text() == "F is used by “Invert”.", "its own key is the other's now"
    page.take.click()
    assert taken[-1] == {"invert": ()}


def test_only_the_one_key_is_lost_of_several(page, qtbot) -> None:
    page.choose("invert")
    page._use(("Ctrl+Y",))
    page.take.click()
    assert page.keys.of(REDO) == ("Ctrl+Shift+Z",)


def test_a_fixed_key_is_refused_with_its_use(page, qtbot) -> None:
    page.choose("invert")
    qtbot.keyClick(page.edit, Qt.Key.Key_Space)
    page.set.click()
    assert "Play or pause cine" in page.say.text()
    assert not page.take.isVisible()
    assert page.keys.chosen == {}


def test_the_search_finds_actions_and_keys(page) -> None:
    page.search.setText("view reset")
    assert {i.text(0) for i in page._items() if not i.isHidden()} == {"Reset the view"}
    page.search.setText(native(["Ctrl+Shift+Z"]))
    assert {i.text(0) for i in page._items() if not i.isHidden()} == {"Redo"}


def test_keys_go_to_what_the_search_found(page, qtbot) -> None:
    page.choose("open_files")
    page.search.setText("invert")
    assert page.title.text().startswith("Invert: ")
    qtbot.keyClick(page.edit, Qt.Key.Key_U)
    page.set.click()
    assert page.keys.chosen == {"invert": ("U",)}
    page.search.setText("no such thing")
    assert not page.edit.isEnabled()
    page.search.clear()
    assert page.edit.isEnabled()


def test_reset_all(page) -> None:
    taken = []
    page.shortcutsChanged.connect(taken.append)
    assert not page.reset_all.isEnabled()
    page.choose("invert")
    page._use(("F9",))
    page.choose("open_example")
    page._use(("F10",))
    assert page.keys.of(EXAMPLE) == ("F10",)
    page.reset_all.click()
    assert taken[-1] == {}
    assert (page.keys.of(INVERT), page.keys.of(FIT)) == (("I",), ("F",))
