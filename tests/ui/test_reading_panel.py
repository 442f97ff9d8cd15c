"""The panel's parts: the heat's look and key, the second map, sets of results, other models."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QAction, QKeyEvent, QKeySequence
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from stentviewer.app.explaining import CloseUp
from stentviewer.core.errors import KnownError
from stentviewer.core.settings import load_settings
from stentviewer.core.types import Box, HeatMap
from stentviewer.inference.bundle import load_bundle, write_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.runtimes.base import Output
from stentviewer.ui.held_key import HELD_S, HeldKey
from stentviewer.ui.panels.explanations import over_close_up
from stentviewer.ui.panels.heat_controls import HEAT_TABLES, HeatControls
from tests.ui.conftest import Desk, FakeRuntime


class Looking(FakeRuntime):
    """As sure of its fifth label as there is pattern in its input: so it can be explained."""

    def run(self, tensor: np.ndarray) -> Output:
        output = super().run(tensor)
        pattern = float(np.abs(np.diff(tensor[0, 0], axis=1)).mean())
        return Output(self.scores + np.float32([0, 0, 0, 0, 30 * pattern]), output.activation)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    from stentviewer.inference.runtimes import choose

    made = Looking()
    monkeypatch.setattr(choose, "open_runtime", lambda *_, **__: made)
    return made


@pytest.fixture
def read(desk: Desk, picture) -> Desk:
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    return desk


# the heat's look


def test_the_heats_look_reaches_every_viewport_and_is_kept(read: Desk, qtbot: QtBot):
    read.window.actions_by_id["layout_1x2"].trigger()
    heat = read.window.reading.heat
    heat.strength.setValue(70)
    heat.threshold.setValue(30)
    heat.table.setCurrentIndex(heat.table.findData("cividis"))
    for canvas in read.window.windows.canvases:
        assert canvas._heat.strength == pytest.approx(0.7)
        assert canvas._heat._threshold == pytest.approx(0.3)
        assert canvas._heat._table_name == "cividis"
    read.window.close()
    kept, _ = load_settings()
    assert (kept.heat_strength, kept.heat_threshold, kept.heat_table) == (0.7, 0.3, "cividis")


def test_a_look_is_written_down_before_the_window_closes(read: Desk, qtbot: QtBot):
    read.window.reading.heat.threshold.setValue(45)
    qtbot.waitUntil(lambda: load_settings()[0].heat_threshold == 0.45)


def test_the_settings_page_changes_the_look(read: Desk):
    from stentviewer.core.settings import change

    before = read.window.settings
    after = change(before, heat_table="viridis", heat_strength=0.2)
    read.window.reading_desk.take_settings(before, after)
    assert read.window.reading.heat_look == (0.2, before.heat_threshold, "viridis")
    assert {canvas._heat.strength for canvas in read.window.windows.canvases} == {0.2}


def test_setting_the_look_announces_nothing(qtbot: QtBot):
    controls = HeatControls(QAction("Heat"))
    qtbot.addWidget(controls)
    said: list[object] = []
    for signal in (
        controls.strengthChanged,
        controls.thresholdChanged,
        controls.tableChanged,
    ):
        signal.connect(said.append)
    controls.set_look(0.8, 0.25, "viridis")
    assert said == []
    assert (controls.strength.value(), controls.threshold.value()) == (80, 25)
    assert controls.colours == "viridis"
    controls.set_look(0.8, 0.25, "no such table")
    assert controls.colours == HEAT_TABLES[0]


def test_each_table_is_offered_with_its_colours(qtbot: QtBot):
    from stentviewer.imaging.overlay import colour_table

    controls = HeatControls(QAction("Heat"))
    qtbot.addWidget(controls)
    controls.show()
    for place, name in enumerate(HEAT_TABLES):
        image = controls.table.itemIcon(place).pixmap(64, 12).toImage()
        table = colour_table(name)
        for x, entry in ((0, 0), (image.width() - 1, 255)):
            colour = image.pixelColor(x, 6)
            shown = (colour.red(), colour.green(), colour.blue())
            assert shown == pytest.approx(tuple(int(v) for v in table[entry]), abs=2)


# the heat's key


class Clock:
    now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def key(qtbot: QtBot) -> tuple[QWidget, QAction, Clock]:
    window, clock = QWidget(), Clock()
    qtbot.addWidget(window)
    action = QAction("Heat", window)
    action.setCheckable(True)
    action.setAutoRepeat(False)
    action.setShortcut(QKeySequence("H"))
    window.addAction(action)
    HeldKey(action, window, clock)
    with qtbot.waitExposed(window):
        window.show()
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    return window, action, clock


def test_a_tap_switches(key, qtbot: QtBot):
    window, action, clock = key
    for expected in (True, False, True):
        qtbot.keyPress(window, Qt.Key.Key_H)
        clock.now += HELD_S / 2
        qtbot.keyRelease(window, Qt.Key.Key_H)
        assert action.isChecked() is expected


def test_holding_shows_the_opposite_while_held(key, qtbot: QtBot):
    window, action, clock = key
    qtbot.keyPress(window, Qt.Key.Key_H)
    assert action.isChecked()
    for _ in range(3):  # what a keyboard sends while a key is held
        again = QKeyEvent(
            QEvent.Type.KeyRelease, Qt.Key.Key_H, Qt.KeyboardModifier.NoModifier, "h", True
        )
        QApplication.sendEvent(window, again)
        clock.now += HELD_S
    assert action.isChecked()
    qtbot.keyRelease(window, Qt.Key.Key_H)
    assert not action.isChecked()


def test_a_click_waits_for_no_key(key, qtbot: QtBot):
    window, action, clock = key
    action.trigger()
    clock.now += 60
    qtbot.keyPress(window, Qt.Key.Key_H)
    qtbot.keyRelease(window, Qt.Key.Key_H)
    assert not action.isChecked(), "one switch by the click, one by the tap"


def test_typing_an_h_elsewhere_switches_nothing(key, qtbot: QtBot):
    from PySide6.QtWidgets import QLineEdit

    window, action, clock = key
    action.trigger()
    field = QLineEdit(window)
    field.show()
    field.setFocus()
    clock.now += 60
    qtbot.keyPress(field, Qt.Key.Key_H)
    clock.now += 60
    qtbot.keyRelease(field, Qt.Key.Key_H)
    assert field.text() == "h"
    assert action.isChecked()


def test_the_heats_key_works_in_the_window(read: Desk, qtbot: QtBot):
    assert all(canvas._heat.shown for canvas in read.window.windows.canvases)
    read.press(Qt.Key.Key_H)
    assert not any(canvas._heat.shown for canvas in read.window.windows.canvases)


# the second map


def explained(desk: Desk, qtbot: QtBot) -> Desk:
    qtbot.mouseClick(desk.window.reading.explanations.ask, Qt.MouseButton.LeftButton)
    desk.settle()
    return desk


def test_a_second_map_is_made_shown_and_kept(read: Desk, qtbot: QtBot, sit_down):
    explained(read, qtbot)
    view = read.window.reading.explanations
    state = read.window.review.state
    assert list(state.heats) == ["Grad-CAM", "Occlusion"]
    assert state.heat.method == "Occlusion"
    assert not view.ask.isVisible()
    assert all(picture.isVisible() for picture in view.pictures.values())
    assert "in common; by chance it would be 10 %" in read.panel_text
    assert "both ask the same model" in read.panel_text
    read.window.close()
    again = sit_down()
    assert list(again.window.review.state.heats) == ["Grad-CAM", "Occlusion"]
    assert again.window.review.state.heat.method == "Grad-CAM"


def test_either_map_lies_over_the_image(read: Desk, qtbot: QtBot):
    explained(read, qtbot)
    view = read.window.reading.explanations
    canvas = read.window.canvas
    assert canvas._heat.heat.method == "Occlusion"
    qtbot.mouseClick(view.pictures["Grad-CAM"], Qt.MouseButton.LeftButton)
    assert canvas._heat.heat.method == "Grad-CAM"
    assert view.names["Grad-CAM"].isChecked()
    assert not view.names["Occlusion"].isChecked()
    qtbot.mouseClick(view.names["Occlusion"], Qt.MouseButton.LeftButton)
    assert canvas._heat.heat.method == "Occlusion"
    qtbot.keyClick(view.pictures["Grad-CAM"], Qt.Key.Key_Space)
    assert canvas._heat.heat.method == "Grad-CAM"


def test_a_map_of_nothing_is_called_so(read: Desk, qtbot: QtBot, runtime, monkeypatch):
    monkeypatch.setattr(Looking, "run", FakeRuntime.run)  # the same whatever is covered
    explained(read, qtbot)
    assert "did not lower the model's probability noticeably" in read.panel_text


def test_explaining_can_be_stopped(read: Desk, qtbot: QtBot, runtime):
    view = read.window.reading.explanations
    runtime.gate.clear()
    qtbot.mouseClick(view.ask, Qt.MouseButton.LeftButton)
    assert "Covering one place after the other" in read.panel_text
    qtbot.mouseClick(view.stop, Qt.MouseButton.LeftButton)
    runtime.gate.set()
    read.settle()
    assert view.ask.isVisible()
    assert list(read.window.review.state.heats) == ["Grad-CAM"]


def test_going_on_leaves_the_explaining_behind(read: Desk, qtbot: QtBot, runtime, picture):
    runtime.gate.clear()
    qtbot.mouseClick(read.window.reading.explanations.ask, Qt.MouseButton.LeftButton)
    runs = runtime.runs
    read.window.desk.add([picture("b.png")])
    qtbot.waitUntil(lambda: read.window.review.state.image is None or runtime.runs > runs)
    runtime.gate.set()
    read.settle()
    assert not read.window.review.state.is_explaining


def test_why_it_could_not_be_explained_is_said(read: Desk, qtbot: QtBot, runtime):
    runtime.error = KnownError("onnxruntime could not run the model.")
    explained(read, qtbot)
    assert "onnxruntime could not run the model." in read.panel_text
    runtime.error = None
    explained(read, qtbot)
    assert "onnxruntime could not run the model." not in read.panel_text


def test_the_small_picture_shows_the_maps_part():
    grey = np.full((40, 40), 100, np.uint8)
    values = np.zeros((4, 4), np.float32)
    values[0, 0] = 1.0
    values[3, 3] = 0.2
    heat = HeatMap(values, Box(0.5, 0.5, 1, 1), "Occlusion")
    shown = over_close_up(CloseUp(grey, Box(0.5, 0.5, 1, 1)), heat, 1.0, 0.5, "viridis")
    assert shown.shape == (40, 40, 3)
    assert (shown[2, 2] != 100).any()
    assert (shown[37, 37] == 100).all(), "below the threshold"
    elsewhere = over_close_up(CloseUp(grey, Box(0, 0, 0.5, 0.5)), heat, 1.0, 0.0, "viridis")
    assert (elsewhere == 100).all()


# sets of results and other models


@pytest.fixture
def two_models(desk: Desk, models: Path, tmp_path: Path, monkeypatch) -> Desk:
    folder = tmp_path / "models"
    shutil.copytree(models / "stent-test", folder / "stent-test")
    first = load_bundle(folder / "stent-test")
    files = {name: first.folder / name for name in first.manifest.files}
    changed = {"id": "stent-two", "name": "Second", "files": {}}
    write_bundle(folder / "stent-two", first.manifest.model_copy(update=changed), files)
    session = desk.session
    session.catalog = session.models._catalog = Catalog([folder])
    desk.window.desk.attach(session)
    desk.settle()
    return desk


def test_with_one_model_there_is_no_choice(read: Desk):
    assert not read.window.reading.others.isVisible()
    assert not read.window.reading.sets.isVisible()


def test_a_second_model_reads_and_both_are_held_against_each_other(
    two_models: Desk, runtime, picture, qtbot: QtBot
):
    desk, panel = two_models, two_models.window.reading
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    entries = panel.others.menu().actions()
    assert [entry.text().split("  ")[0] for entry in entries] == ["Test 1.0.0", "Second 1.0.0"]
    runtime.scores = np.array([0, 0, 60, 0, 0], np.float32)
    entries[1].trigger()
    desk.settle()
    sets = desk.window.review.state.facts.sets
    assert [(one.name, one.answer) for one in sets] == [
        ("Second 1.0.0", "EGIS"),
        ("Test 1.0.0", "NITI-S"),
    ]
    assert panel.sets.isVisible()
    qtbot.mouseClick(panel.sets.header, Qt.MouseButton.LeftButton)
    assert len(desk.window.canvas._boxes.sets) == 1, "the newest alone until others are ticked"
    panel.sets.boxes[sets[1].id].setChecked(True)
    shown = desk.window.canvas._boxes.sets
    assert len(shown) == 2
    assert shown[0].style != shown[1].style, "told apart without colour"
    assert "Second 1.0.0 and Test 1.0.0 differ." in desk.panel_text
    assert "Stent 1, other maker: EGIS" in desk.panel_text
    assert "boxes overlap by 100 %" in desk.panel_text
    panel.sets.boxes[sets[0].id].setChecked(False)
    (only,) = desk.window.canvas._boxes.sets
    assert only.style == shown[1].style, "a set keeps its line"
    assert "Tick two to compare them." in desk.panel_text


def test_the_reader_and_the_model_are_compared(read: Desk, qtbot: QtBot):
    panel = read.window.reading
    read.press(Qt.Key.Key_C)
    read.press(Qt.Key.Key_3)
    read.settle()
    assert panel.sets.header.text() == "Results: 2, differing"
    qtbot.mouseClick(panel.sets.header, Qt.MouseButton.LeftButton)
    assert "Test 1.0.0 and dr.kim differ." in read.panel_text
    read.press(Qt.Key.Key_A)
    read.settle()
    assert panel.sets.header.text() == "Results: 2, agreeing"


def test_no_stent_can_be_said_without_sealed_reading(read: Desk):
    read.window.review.correct("no stent")
    read.settle()
    assert "No stent: chosen by dr.kim" in read.panel_text
    assert "says there is no stent" in read.window.reading.sets.compared.text()


def test_cards_are_not_made_again_for_the_same_reading(read: Desk):
    from stentviewer.ui.panels.finding_card import FindingCard

    (before,) = read.window.reading.findChildren(FindingCard)
    read.press(Qt.Key.Key_A)
    read.settle()
    (after,) = read.window.reading.findChildren(FindingCard)
    assert before is after


def test_long_names_do_not_widen_the_panel(read: Desk):
    from stentviewer.core.types import ClassScore, Finding
    from stentviewer.ui.panels.answer_form import AnswerForm
    from stentviewer.ui.panels.finding_card import FindingCard

    name = "WallFlex Biliary RX Fully Covered 스텐트 with a very long name"
    scores = (ClassScore("EGIS", 0.7), ClassScore(name, 0.3))
    room = read.window.reading.minimumWidth() - 28
    card = FindingCard(1, Finding("EGIS", 0.7, scores, ("EGIS", name), False, None))
    assert card.minimumSizeHint().width() <= room
    form = AnswerForm()
    form.set_makers([name])
    assert form.minimumSizeHint().width() <= room


def test_the_panel_fits_its_least_width(read: Desk, qtbot: QtBot):
    explained(read, qtbot)
    panel = read.window.reading
    reading = read.window.review.state
    state = replace(reading, facts=replace(reading.facts))
    panel.show_state(state)
    inside = panel.explanations.parentWidget()
    assert inside.minimumSizeHint().width() <= panel.minimumWidth() - 28
