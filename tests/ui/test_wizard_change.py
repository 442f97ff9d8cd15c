"""The first step of the wizard: classes and images, chosen by hand, kept and found again."""

from __future__ import annotations

from pathlib import Path

import h5py
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QFileDialog, QLineEdit, QPushButton

from stentviewer.core.answers import OTHER_DESIGN
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.wizard_flow import Step
from stentviewer.ui.wizard import pages
from tests.ui.conftest import MAKERS
from tests.ui.wizards import WizardDesk, write_image, write_images


@pytest.fixture(autouse=True)
def first_steps(monkeypatch) -> None:
    """A run that is made here is not begun: that is the fourth step's."""
    monkeypatch.setattr(pages, "PAGES", pages.PAGES[:3])


@pytest.fixture
def wizard(desk, qtbot) -> WizardDesk:
    return WizardDesk(desk, qtbot)


def names(wizard: WizardDesk) -> list[str]:
    table = wizard.change.classes.table
    return [table.item(line, 0).text() for line in range(table.rowCount())]


def choose(wizard: WizardDesk, *wanted: str) -> None:
    table = wizard.change.classes.table
    table.clearSelection()
    table.setSelectionMode(table.SelectionMode.MultiSelection)
    for line, name in enumerate(names(wizard)):
        if name in wanted:
            table.selectRow(line)
    table.setSelectionMode(table.SelectionMode.ExtendedSelection)


def test_it_opens_once_beside_the_window(wizard) -> None:
    dialog = wizard.dialog
    assert not dialog.isModal()
    assert dialog.title.text() == "What changes"
    assert names(wizard) == list(MAKERS)
    assert "stent-test" in wizard.change.models.currentText()
    assert not dialog.next.isEnabled()
    assert dialog.why.text() == "Choose the images to learn from."
    assert not dialog.back.isEnabled()
    wizard.desk.window.actions_by_id["learn"].trigger()
    assert wizard.desk.window.wizard.dialog is dialog


def test_steps_that_wait_cannot_be_chosen(wizard, qtbot) -> None:
    steps = wizard.dialog.steps
    enabled = [bool(steps.item(n).flags() & Qt.ItemFlag.ItemIsEnabled) for n in range(6)]
    assert enabled == [True, False, False, False, False, False]
    steps.setFocus()
    qtbot.keyClick(steps, Qt.Key.Key_Down)
    assert wizard.flow.step == Step.CHANGE


def test_a_new_design_by_the_keys_alone(wizard, qtbot) -> None:
    classes = wizard.change.classes
    classes.name.setFocus()
    qtbot.keyClicks(classes.name, " Coil ")
    qtbot.keyClick(classes.name, Qt.Key.Key_Return)
    assert names(wizard)[-1] == "Coil"
    assert wizard.flow.plan.new == ("Coil",)
    assert classes.name.text() == ""
    assert wizard.dialog.isVisible(), "Enter ends what is written, not the wizard"


def test_a_name_that_is_taken_stays_to_be_put_right(wizard, qtbot) -> None:
    classes = wizard.change.classes
    qtbot.keyClicks(classes.name, "egis")
    classes.add.click()
    assert "There is a class “egis” already" in wizard.said
    assert classes.name.text() == "egis"
    assert names(wizard) == list(MAKERS)
    wizard.dialog.messages.hide()
    wizard.dialog.go_on()
    assert "already" in wizard.said, "it is not dropped silently on the way to the next step"


def test_what_was_written_and_not_added_counts_when_going_on(wizard, tmp_path, qtbot) -> None:
    wizard.gather(write_images(tmp_path / "images", *MAKERS))
    qtbot.keyClicks(wizard.change.classes.name, "Coil")
    wizard.dialog.next.click()
    assert wizard.flow.plan.new == ("Coil",)
    assert "No image to learn from: Coil" in wizard.dialog.why.text()


def test_a_class_is_renamed_in_its_place(wizard, qtbot) -> None:
    choose(wizard, "Epic")
    wizard.change.classes.rename.click()
    editor = wizard.change.classes.table.findChild(QLineEdit)
    editor.selectAll()
    qtbot.keyClicks(editor, "Epic Plus")
    qtbot.keyClick(editor, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: "Epic Plus" in wizard.flow.plan.names)
    assert names(wizard) == ["Bona", "Bona PC", "EGIS", "Epic Plus", "NITI-S"]
    assert wizard.flow.plan.spec("Epic Plus").before == ("Epic",)


def test_a_rename_that_is_refused_goes_back(wizard, qtbot) -> None:
    table = wizard.change.classes.table
    table.item(0, 0).setText("EGIS")
    qtbot.waitUntil(lambda: "already" in wizard.said)
    assert names(wizard) == list(MAKERS)


def test_classes_are_merged_retired_and_brought_back(wizard) -> None:
    classes = wizard.change.classes
    assert not classes.merge.isEnabled()
    choose(wizard, "Bona", "Bona PC")
    assert not classes.rename.isEnabled()
    classes.merge.click()
    assert wizard.flow.plan.spec("Bona").before == ("Bona", "Bona PC")
    choose(wizard, "EGIS")
    classes.retire.click()
    assert wizard.flow.plan.retired == ("EGIS",)
    assert names(wizard) == ["Bona", "Epic", "NITI-S", "EGIS"]
    choose(wizard, "EGIS")
    assert not classes.retire.isEnabled()
    classes.restore.click()
    assert wizard.flow.plan.retired == ()


def test_images_by_folder_are_counted_and_an_unknown_label_is_asked_about(wizard, tmp_path) -> None:
    folder = write_images(tmp_path / "images", *MAKERS, "Coil")
    (folder / "EGIS" / "notes.png").write_bytes(b"no picture")
    wizard.gather(folder)
    block = next(iter(wizard.change.sources.blocks.values()))
    assert block.counts.text() == "Images: 36. Labels: 6."
    assert not block.more.isHidden()
    block.more.click()
    assert "not images and were left out" in wizard.said
    assert "“Coil”" in wizard.dialog.why.text()
    labels = wizard.change.labels
    assert labels.item(0, 0).text() == "Coil", "what is to be decided comes first"
    box = labels.choices["Coil"]
    shown = [box.itemText(n) for n in range(box.count())]
    assert shown == ["Choose…", *MAKERS, "New design “Coil”", "Leave out"]
    box.setCurrentIndex(shown.index("New design “Coil”"))
    box.activated.emit(box.currentIndex())
    assert wizard.flow.plan.new == ("Coil",)
    assert [one.images for one in wizard.flow.counts()] == [6] * 6
    assert [one.patients for one in wizard.flow.counts()] == [3] * 6
    assert wizard.dialog.next.isEnabled()


def test_a_label_can_be_left_out_or_count_as_a_class(wizard, tmp_path) -> None:
    wizard.gather(write_images(tmp_path / "images", *MAKERS, "old", "odd"))
    wizard.change.labels.counted.emit("old", "Bona")
    wizard.change.labels.counted.emit("odd", "")
    assert wizard.flow.counts()[0].images == 12
    assert len(wizard.flow.items()) == 36
    assert wizard.dialog.next.isEnabled()


def test_a_folder_without_images_is_said_and_changes_nothing(wizard, tmp_path) -> None:
    (tmp_path / "empty").mkdir()
    wizard.gather(tmp_path / "empty")
    assert wizard.said
    assert wizard.flow.draft.sources == ()
    assert wizard.change.buttons["folders"].isEnabled()


def test_labels_of_the_worklist_and_another_design(desk, qtbot, tmp_path) -> None:
    files = [write_image(tmp_path / f"{n}.png") for n in range(4)]
    desk.open(*files)
    images = desk.images()
    for image, answer in zip(images, ("EGIS", OTHER_DESIGN, "no stent"), strict=False):
        desk.session.correct(image, 0, answer)
    wizard = WizardDesk(desk, qtbot)
    wizard.change.buttons["worklist"].click()
    wizard.settle()
    assert wizard.flow.labels == {"EGIS": 1, OTHER_DESIGN: 1}, "what is no design is left"
    labels = wizard.change.labels
    assert labels.item(0, 0).text() == "Another design"
    wizard.flow.set_plan(wizard.flow.plan.add("Coil"))
    labels.counted.emit(OTHER_DESIGN, "Coil")
    counts = {one.name: one.images for one in wizard.flow.counts()}
    assert (counts["Coil"], counts["EGIS"]) == (1, 1)


def test_a_worklist_without_labels_says_what_to_do(wizard) -> None:
    wizard.change.buttons["worklist"].click()
    wizard.settle()
    assert "Accept or correct some readings first" in wizard.said


def test_a_table_and_an_hdf5_file(wizard, tmp_path) -> None:
    write_images(tmp_path / "images", "EGIS", patients=2, views=1)
    table = tmp_path / "images.csv"
    table.write_text(
        "file,label,patient\nimages/EGIS/EGIS 0/0.png,EGIS,A\nimages/EGIS/EGIS 1/0.png,Epic,B\n",
        encoding="utf-8",
    )
    wizard.change.gather("csv", table)
    wizard.settle()
    rng = np.random.default_rng(3)
    with h5py.File(tmp_path / "images.h5", "w") as file:
        file["images"] = rng.integers(0, 255, (3, 64, 64), np.uint8)
        file["labels"] = ["Bona", "Bona PC", "NITI-S"]
        file["patients"] = ["C", "D", "E"]
    wizard.change.gather("hdf5", tmp_path / "images.h5")
    wizard.settle()
    assert {one.name: one.images for one in wizard.flow.counts()} == dict.fromkeys(MAKERS, 1)
    first, second = wizard.change.sources.blocks.values()
    assert "images.csv" in first.title.text()
    first.remove.click()
    assert len(wizard.change.sources.blocks) == 1
    second = next(iter(wizard.change.sources.blocks.values()))
    second.external.click()
    assert {item.role for item in wizard.flow.items()} == {"external"}


def test_where_images_are_is_asked_without_holding_the_window_up(wizard, tmp_path) -> None:
    write_images(tmp_path / "images", "EGIS")
    wizard.change.buttons["folders"].click()
    asked = wizard.dialog.findChild(QFileDialog)
    assert asked.isVisible()
    asked.fileSelected.emit(str(tmp_path / "images"))
    asked.close()
    wizard.settle()
    assert wizard.flow.labels == {"EGIS": 6}


def test_what_was_chosen_is_there_again(wizard, tmp_path) -> None:
    wizard.with_coil(tmp_path / "images")
    before = wizard.flow.draft
    wizard.dialog.close()
    wizard.settle()
    assert wizard.desk.window.wizard.dialog is None
    wizard.open()
    assert wizard.flow.draft == before
    assert len(wizard.flow.items()) == 36
    assert names(wizard)[-1] == "Coil"


def test_closing_the_window_keeps_it_too(sit_down, qtbot, tmp_path) -> None:
    desk = sit_down()
    wizard = WizardDesk(desk, qtbot)
    wizard.change.classes.name.setText("Coil")
    desk.window.close()
    kept = (Path(wizard.flow.place) / "draft" / "draft.json").read_text(encoding="utf-8")
    assert '"Coil"' in kept


def test_a_run_that_has_not_ended_can_be_opened_and_is_looked_at_only(wizard, tmp_path) -> None:
    wizard.with_coil(tmp_path / "images")
    flow = wizard.flow
    run = RunFolder.create(flow.place / "older", flow.recipe(), list(flow.items()))
    flow.start_over()
    wizard.change.enter(flow)
    wizard.settle()
    runs = wizard.change.runs
    assert not runs.waiting.isHidden()
    assert runs.choice.currentText() == "older"
    runs.open.click()
    wizard.settle()
    assert flow.run is not None
    assert flow.run.path == run.path
    assert flow.step == Step.RUN
    wizard.dialog.go_to(Step.CHANGE)
    page = wizard.change
    assert not page.runs.locked.isHidden()
    assert not page.classes.name.isEnabled()
    assert not any(button.isEnabled() for button in page.buttons.values())
    page.runs.again.click()
    assert not flow.is_locked
    assert page.classes.name.isEnabled()
    assert names(wizard)[-1] == "Coil"


@pytest.mark.parametrize("width", [560, 900])
def test_it_fits_a_small_screen(wizard, tmp_path, width) -> None:
    wizard.with_coil(tmp_path / "images")
    dialog = wizard.dialog
    dialog.resize(width, 500)
    QApplication.processEvents()
    assert dialog.width() == width
    assert dialog.height() == 500
    assert dialog.steps.isHidden() == (width < 720)
    assert dialog.title.text().startswith("1 of 6") == (width < 720)
    for button in dialog.findChildren(QPushButton):
        if button.isVisible():
            right = button.mapTo(dialog, button.rect().bottomRight()).x()
            assert right <= width, f"{button.text()} is cut off"


def test_escape_closes_and_the_keys_go_back_and_on(wizard, tmp_path, qtbot) -> None:
    wizard.with_coil(tmp_path / "images")
    wizard.dialog.activateWindow()
    qtbot.waitUntil(wizard.dialog.isActiveWindow)
    qtbot.keyClick(wizard.dialog, Qt.Key.Key_Right, Qt.KeyboardModifier.AltModifier)
    assert wizard.flow.step == Step.DATA
    wizard.settle()
    qtbot.keyClick(wizard.dialog, Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert wizard.flow.step == Step.CHANGE
    qtbot.keyClick(wizard.dialog, Qt.Key.Key_Escape)
    assert wizard.desk.window.wizard.dialog is None
