"""The palette finds by words and by the English title; the page of keys shows those in force."""

from __future__ import annotations

import pytest
from PySide6.QtWidgets import QLabel, QPushButton, QWidget

from stentviewer.ui import actions, i18n
from stentviewer.ui.dialogs import CommandPalette, ShortcutsDialog, _rank
from stentviewer.ui.keys import apply_shortcuts, native


@pytest.fixture
def owner(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


def found(palette: CommandPalette) -> list[str]:
    return [palette.list.item(n).text().split("    ")[0] for n in range(palette.list.count())]


def test_words_are_found_in_any_order(owner, qtbot) -> None:
    palette = CommandPalette(list(actions.build(owner).values()))
    qtbot.addWidget(palette)
    palette.line.setText("view reset")
    assert found(palette)[0] == "Reset the view"
    palette.line.setText("folder open")
    assert found(palette)[0] == "Open folder…"


def test_the_text_as_typed_goes_before_its_words_and_its_letters() -> None:
    ranks = [_rank(title, "re view") for title in ("Review", "View, reset", "Refine a viable new")]
    assert [rank and rank[0] for rank in ranks] == [0, 1, 2]
    assert _rank("Invert", "xyz") is None


def test_a_korean_window_is_searched_in_english_too(qapp, owner, qtbot) -> None:
    i18n.install(qapp, "ko")
    try:
        palette = CommandPalette(list(actions.build(owner).values()))
        qtbot.addWidget(palette)
        for typed in ("반전", "invert"):
            palette.line.setText(typed)
            assert palette.list.item(0).data(0x0100) == "invert", typed
            assert found(palette)[0] == "흑백 반전"
    finally:
        i18n.uninstall(qapp)


def test_the_page_of_keys_shows_those_in_force_and_leads_to_their_change(owner, qtbot) -> None:
    made = actions.build(owner)
    apply_shortcuts(made, {"invert": ("Ctrl+F9",), "fit": (), "open_example": ("F8",)})
    page = ShortcutsDialog(made)
    qtbot.addWidget(page)
    page.show()
    shown = [label.text() for label in page.findChildren(QLabel)]
    assert native(["Ctrl+F9"]) in shown
    assert native(["F8"]) in shown
    assert "I" not in shown
    change = next(b for b in page.findChildren(QPushButton) if b.text() == "Change the keys…")
    with qtbot.waitSignal(page.changeWanted):
        change.click()
    assert not page.isVisible()
