"""The first page says what the program is and is not, asks three things, and comes once."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel, QWidget

from stentviewer.core.settings import Settings
from stentviewer.ui.first_run import ASKED, FirstRunDialog


@pytest.fixture
def window(qtbot) -> QWidget:
    made = QWidget()
    qtbot.addWidget(made)
    return made


@pytest.fixture
def page(window) -> FirstRunDialog:
    shown = FirstRunDialog(Settings(reader="dr.kim"), window)
    shown.show()
    return shown


@pytest.fixture
def taken(page) -> list[Settings]:
    found: list[Settings] = []
    page.settingsChanged.connect(found.append)
    return found


def test_it_says_what_it_is_not(page) -> None:
    words = " ".join(label.text() for label in page.findChildren(QLabel))
    assert "not for primary diagnosis" in words
    assert "simulated stents only" in words
    assert set(page.rows) == set(ASKED)


def test_an_answer_applies_at_once(page, taken, qtbot) -> None:
    line = page.rows["reader"].control
    line.selectAll()
    qtbot.keyClicks(line, "dr.lee")
    line.editingFinished.emit()
    qtbot.keyClick(page.rows["theme"].control, Qt.Key.Key_Down)
    assert [(one.reader, one.theme) for one in taken] == [("dr.lee", "dark"), ("dr.lee", "light")]
    assert not taken[-1].first_run_done, "it is still open"


def test_an_empty_name_is_refused(page, taken, qtbot) -> None:
    line = page.rows["reader"].control
    line.clear()
    line.editingFinished.emit()
    assert page.rows["reader"].refusal.text() == "“Your name” must not be empty."
    assert taken == []


@pytest.mark.parametrize("way", ["start", "escape", "close"])
def test_it_does_not_come_again_however_it_is_left(page, taken, qtbot, way: str) -> None:
    if way == "start":
        page.start.click()
    elif way == "escape":
        qtbot.keyClick(page, Qt.Key.Key_Escape)
    else:
        page.close()
    assert [one.first_run_done for one in taken] == [True]
    assert not page.isVisible()


@pytest.mark.parametrize("button", ["files", "example"])
def test_it_leads_to_images(page, taken, qtbot, button: str) -> None:
    wanted = page.openFilesWanted if button == "files" else page.exampleWanted
    with qtbot.waitSignal(wanted):
        getattr(page, button).click()
    assert taken[-1].first_run_done
    assert not page.isVisible()


def test_asked_for_again_it_changes_nothing_by_itself(window) -> None:
    page = FirstRunDialog(Settings(reader="dr.kim", first_run_done=True), window)
    taken: list[Settings] = []
    page.settingsChanged.connect(taken.append)
    page.show()
    page.start.click()
    assert taken == []
