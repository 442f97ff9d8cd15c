"""The help has the same pages in both languages, the keys that are in force, and no way out."""

from __future__ import annotations

import re

import pytest
from PySide6.QtCore import QUrl
from PySide6.QtGui import QAction
from PySide6.QtWidgets import QWidget

from stentviewer.ui import actions, i18n
from stentviewer.ui.actions import ACTIONS
from stentviewer.ui.help_page import HelpDialog, pages
from stentviewer.ui.keys import apply_shortcuts, native


@pytest.fixture
def made(qtbot) -> dict[str, QAction]:
    owner = QWidget()
    qtbot.addWidget(owner)
    built = actions.build(owner)
    built["invert"].kept_alive_by = owner
    return built


@pytest.fixture
def page(made, qtbot) -> HelpDialog:
    shown = HelpDialog(made, "en")
    qtbot.addWidget(shown)
    shown.show()
    return shown


def visible(page: HelpDialog) -> list[str]:
    items = [page.list.item(row) for row in range(page.list.count())]
    return [item.data(0x0100) for item in items if not item.isHidden()]


def test_both_languages_have_the_same_pages_links_and_keys() -> None:
    english, korean = pages("en"), pages("ko")
    assert [page.id for page in english] == [page.id for page in korean]
    assert len(english) >= 9
    for one, other in zip(english, korean, strict=True):
        for pattern in (r"\{\w+(?::\w+)?\}", r"\]\(#(\w+)\)", r"^- ", r"^\| "):
            found = re.findall(pattern, one.text, re.MULTILINE)
            assert sorted(found) == sorted(re.findall(pattern, other.text, re.MULTILINE)), one.id
        assert re.search("[가-힣]", other.title)


def test_the_titles_are_read_whole(page) -> None:
    page.list.doItemsLayout()
    assert page.list.horizontalScrollBar().maximum() == 0


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_key_and_link_leads_somewhere(language: str) -> None:
    known = {spec.id for spec in ACTIONS}
    names = {page.id for page in pages(language)}
    for page in pages(language):
        assert set(re.findall(r"\{key:(\w+)\}", page.text)) <= known, page.id
        assert set(re.findall(r"\]\(#(\w+)\)", page.text)) <= names, page.id
        assert "://" not in page.text, "nothing is fetched"


@pytest.mark.parametrize("language", ["en", "ko"])
def test_every_page_is_shown_without_a_place_left_open(made, qtbot, language: str) -> None:
    shown = HelpDialog(made, language)
    qtbot.addWidget(shown)
    for one in pages(language):
        shown.show_page(one.id)
        text = shown.text.toPlainText()
        assert text.startswith(one.title)
        assert "{" not in text, one.id
        assert "**" not in text, one.id


def test_the_keys_are_those_in_force(made, qtbot) -> None:
    apply_shortcuts(made, {"read": ("Ctrl+F9",), "accept": ()})
    shown = HelpDialog(made, "en")
    qtbot.addWidget(shown)
    shown.show_page("reading")
    assert f"Press {native(['Ctrl+F9'])} to have the model read" in shown.text.toPlainText()
    assert "Answer with no key" in shown.text.toPlainText()
    shown.show_page("keys")
    text = shown.text.toPlainText()
    for spec in ACTIONS:
        for keys in made[spec.id].shortcuts():
            assert keys.toString(keys.SequenceFormat.NativeText) in text, spec.id


def test_the_search_finds_pages_and_marks_the_words(page, qtbot) -> None:
    qtbot.keyClicks(page.search, "catheter")
    assert visible(page) == ["measuring"]
    assert page.list.currentItem().data(0x0100) == "measuring"
    assert [mark.cursor.selectedText() for mark in page.text.extraSelections()] == ["catheter"]
    assert page.text.textCursor().selectedText() == "catheter"
    page.search.setText("detector enlarged")
    assert visible(page) == ["measuring"]
    page.search.setText("no such words at all")
    assert visible(page) == []
    assert page.nothing.isVisible()
    page.search.clear()
    assert len(visible(page)) == page.list.count()
    assert page.text.extraSelections() == []


def test_enter_goes_from_place_to_place_and_round(page, qtbot) -> None:
    page.show_page("looking")
    page.search.setText("wheel")
    places = []
    for _ in range(3):
        places.append(page.text.textCursor().position())
        page.search.returnPressed.emit()
    assert len(set(places[:2])) == 2
    assert places[2] == places[0], "there are two; the third is the first again"
    assert page.isVisible()


def test_a_link_leads_to_a_page_and_nowhere_else(page) -> None:
    page.text.anchorClicked.emit(QUrl("#sealed"))
    assert page.list.currentItem().data(0x0100) == "sealed"
    page.text.anchorClicked.emit(QUrl("https://example.org/"))
    assert page.list.currentItem().data(0x0100) == "sealed"


def test_the_window_of_a_korean_program_is_korean(qapp, made, qtbot) -> None:
    i18n.install(qapp, "ko")
    try:
        shown = HelpDialog(made, "ko")
        qtbot.addWidget(shown)
        assert shown.list.item(0).text() == "이 프로그램은"
    finally:
        i18n.uninstall(qapp)
