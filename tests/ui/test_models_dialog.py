"""The models on this machine: seen as they are, and rolled back with a reason."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QTreeWidgetItemIterator
from pytestqt.qtbot import QtBot

from stentviewer.app import promoting
from stentviewer.core.settings import change
from stentviewer.inference.bundle import MANIFEST
from stentviewer.inference.champion import CHAMPIONS
from stentviewer.ui.models_dialog import ModelsDialog
from stentviewer.ui.wizard.asking import Question
from tests.ui.conftest import Desk
from tests.ui.test_model_in_force import learned as learned
from tests.ui.test_model_in_force import promote


def opened(desk: Desk) -> ModelsDialog:
    desk.window.actions_by_id["models"].trigger()
    desk.settle()
    dialog = desk.window.findChild(ModelsDialog)
    assert dialog is not None
    return dialog


def rows(dialog: ModelsDialog) -> list[tuple[str, str, bool]]:
    """Each model's id, state, and whether it hangs below another."""
    found = []
    iterator = QTreeWidgetItemIterator(dialog.models)
    while (item := iterator.value()) is not None:
        found.append((item.text(0).rpartition("-")[0], item.text(1), item.parent() is not None))
        iterator += 1
    return found


def test_before_any_promotion_there_is_no_way_back(learned: Desk):
    dialog = opened(learned)
    assert rows(dialog) == [("stent-test", "in use", False), ("with-coil", "", True)]
    assert dialog.verdict.text().startswith("stent-test-")
    assert not dialog.back.isVisible()
    assert not dialog.decisions.isVisible()
    assert not dialog.trouble.isVisible()
    dialog.reject()


def test_a_model_is_rolled_back_with_a_reason(learned: Desk, qtbot: QtBot):
    promote(learned)
    dialog = opened(learned)
    assert rows(dialog) == [("stent-test", "", False), ("with-coil", "in use", True)]
    assert dialog.back.isVisible()
    assert not dialog.second.isVisible()
    qtbot.keyClicks(dialog.why, "Two were wrong.")
    qtbot.keyClick(dialog.why, Qt.Key.Key_Return)
    learned.settle()
    assert learned.window.desk.model.ref.id == "with-coil", "Enter alone changes nothing"
    assert dialog.isVisible()
    assert dialog.back.text().startswith("Roll back to stent-test-")
    qtbot.mouseClick(dialog.back, Qt.MouseButton.LeftButton)
    learned.settle()
    assert learned.window.desk.model.ref.id == "stent-test"
    assert rows(dialog)[0] == ("stent-test", "in use", False)
    table = dialog.decisions
    assert [table.item(0, place).text() for place in (1, 3, 4)] == [
        "rolled back to",
        "dr.kim",
        "Two were wrong.",
    ]
    assert table.rowCount() == 2
    assert not dialog.back.isVisible()
    dialog.reject()


def test_back_with_one_click_in_haste(learned: Desk, qtbot: QtBot):
    promote(learned)
    dialog = opened(learned)
    qtbot.mouseClick(dialog.back, Qt.MouseButton.LeftButton)
    learned.settle()
    assert learned.window.desk.model.ref.id == "stent-test"
    assert dialog.decisions.item(0, 4).text() == "No reason was given."
    dialog.reject()


def choose(dialog: ModelsDialog, model_id: str) -> None:
    iterator = QTreeWidgetItemIterator(dialog.models)
    while (item := iterator.value()) is not None:
        if item.text(0).startswith(model_id):
            dialog.models.setCurrentItem(item)
        iterator += 1


def test_a_model_that_does_not_read_is_removed_after_a_question(learned: Desk, qtbot: QtBot):
    dialog = opened(learned)
    assert not dialog.remove.isEnabled(), "none is chosen"
    choose(dialog, "stent-test")
    assert not dialog.remove.isEnabled(), "it reads, and came with the program"
    choose(dialog, "with-coil")
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    asked = dialog.findChild(Question)
    assert "with-coil-" in asked.text()
    qtbot.mouseClick(asked.cancel, Qt.MouseButton.LeftButton)
    assert rows(dialog)[1][0] == "with-coil"
    qtbot.mouseClick(dialog.remove, Qt.MouseButton.LeftButton)
    asked = [one for one in dialog.findChildren(Question) if one.isVisible()][-1]
    qtbot.mouseClick(asked.do, Qt.MouseButton.LeftButton)
    learned.settle()
    assert rows(dialog) == [("stent-test", "in use", False)]
    assert [one.id for one in learned.window.desk.model.installed] == ["stent-test"]
    noted = learned.session.library.audit(actions=(promoting.REMOVED,))
    assert [(event.target.rpartition("-")[0], event.by) for event in noted] == [
        ("with-coil", "dr.kim")
    ]
    dialog.reject()


def test_a_model_in_force_is_not_removed(learned: Desk):
    promote(learned)
    dialog = opened(learned)
    choose(dialog, "with-coil")
    assert not dialog.remove.isEnabled()
    dialog.reject()


def test_a_second_name_where_the_setting_asks(learned: Desk, qtbot: QtBot):
    promote(learned)
    learned.window.settings = change(learned.window.settings, two_names=True)
    dialog = opened(learned)
    qtbot.keyClicks(dialog.why, "Two were wrong.")
    assert not dialog.back.isEnabled()
    qtbot.keyClicks(dialog.second, "dr.kim")
    qtbot.mouseClick(dialog.back, Qt.MouseButton.LeftButton)
    learned.settle()
    assert "another person's" in dialog.trouble.text()
    assert learned.window.desk.model.ref.id == "with-coil"
    dialog.second.setText("dr.lee")
    qtbot.mouseClick(dialog.back, Qt.MouseButton.LeftButton)
    learned.settle()
    assert learned.window.desk.model.ref.id == "stent-test"
    assert dialog.decisions.item(0, 3).text() == "dr.kim, dr.lee"
    dialog.reject()


@pytest.mark.parametrize("file", [f"with-coil/{MANIFEST}", CHAMPIONS])
def test_damage_is_said(learned: Desk, file: str):
    promote(learned)
    (learned.session.catalog.home / file).write_text("{}\n")
    dialog = opened(learned)
    assert dialog.verdict.text() == "No model reads here."
    assert dialog.trouble.isVisible()
    assert ("damaged" in dialog.trouble.text()) or ("wrong" in dialog.trouble.text())
    assert dialog.back.isVisible() is (file != CHAMPIONS), "from a damaged model one can go back"
    dialog.reject()


def test_closing_it_at_once_leaves_nothing_to_fail(learned: Desk, qtbot: QtBot):
    promote(learned)
    dialog = opened(learned)
    qtbot.keyClicks(dialog.why, "Two were wrong.")
    qtbot.mouseClick(dialog.back, Qt.MouseButton.LeftButton)
    dialog.reject()
    learned.settle()
    assert learned.window.desk.model.ref.id == "stent-test"
