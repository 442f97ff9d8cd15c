"""The list of measurements: what it says, and what can be done in it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit

from stentviewer.ui.panels.measurements import FRAME, NOTE, WHAT, MeasurementsPanel
from tests.ui.measuring.hands import Bench


@pytest.fixture
def panel(bench: Bench) -> MeasurementsPanel:
    made = MeasurementsPanel(bench.measuring)
    bench.qtbot.addWidget(made)
    made.resize(320, 400)
    made.show()
    return made


@pytest.fixture
def stocked(bench: Bench, panel: MeasurementsPanel, dicom: Callable[..., Any]) -> Bench:
    """A length on the first frame, a rectangle on the third, the pointer in hand."""
    frames = np.stack([np.full((100, 100), 100 * n) for n in range(3)])
    bench.show(dicom(frames, ImagerPixelSpacing=[0.5, 0.5]))
    bench.measuring.use_length()
    bench.drag((10.0, 10.0), (50.0, 10.0))
    with bench.qtbot.waitSignal(bench.canvas.frameChanged):
        bench.canvas.set_frame(2)
    bench.measuring.use_rectangle()
    bench.drag((10.0, 10.0), (50.0, 30.0))
    bench.measuring.use_pointer()
    bench.settle()
    return bench


def cell(panel: MeasurementsPanel, row: int, column: int) -> str:
    return str(panel.model.data(panel.model.index(row, column)))


def test_an_empty_list_says_what_to_do(panel: MeasurementsPanel) -> None:
    assert panel.empty.isVisible()
    assert "press L" in panel.empty.text()
    assert not any(button.isEnabled() for button in (panel.remove, panel.csv, panel.json))


def test_every_frames_measurements_with_their_numbers(
    stocked: Bench, panel: MeasurementsPanel
) -> None:
    assert panel.table.isVisible()
    assert cell(panel, 0, WHAT) == "Length\n20.0 mm, detector plane"
    assert cell(panel, 1, WHAT).split("\n") == [
        "Rectangle",
        "mean 200.0 ± 0.0",
        "min 200, max 200",
        "area 200 mm², detector plane",
    ]
    assert [cell(panel, row, FRAME) for row in (0, 1)] == ["1", "3"]
    tip = panel.model.data(panel.model.index(0, WHAT), Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("dr.kim, 20")
    assert panel.csv.isEnabled()


def test_lying_below_the_image_it_shows_several_rows(
    stocked: Bench, panel: MeasurementsPanel
) -> None:
    panel.resize(900, 130)
    stocked.qtbot.waitUntil(lambda: panel.csv.x() > panel.table.geometry().right())
    assert cell(panel, 1, WHAT).count("\n") == 0
    assert cell(panel, 1, WHAT).startswith("Rectangle  ·  mean 200.0 ± 0.0  ·  min")
    stocked.qtbot.waitUntil(lambda: panel.table.rowHeight(0) == panel.table.rowHeight(1))
    assert 3 * panel.table.rowHeight(0) < panel.table.viewport().height()
    panel.resize(320, 400)
    stocked.qtbot.waitUntil(lambda: panel.table.rowHeight(1) > panel.table.rowHeight(0))


def test_choosing_shows_the_frame_and_the_image_chooses_the_row(
    stocked: Bench, panel: MeasurementsPanel
) -> None:
    with stocked.qtbot.waitSignal(stocked.canvas.frameChanged):
        panel.table.selectRow(0)
    assert stocked.canvas.frame == 0
    assert stocked.sheet.chosen == stocked.kept[0].id
    stocked.click((90.0, 90.0))
    assert not panel.table.currentIndex().isValid()
    assert not panel.remove.isEnabled()
    stocked.click((30.0, 10.0))
    assert panel.table.currentIndex().row() == 0
    assert panel.remove.isEnabled()


def test_del_and_the_button_remove_the_chosen_one(stocked: Bench, panel: MeasurementsPanel) -> None:
    panel.table.selectRow(1)
    stocked.qtbot.keyClick(panel.table, Qt.Key.Key_Delete)
    assert [one.kind.value for one in stocked.kept] == ["length"]
    assert panel.model.rowCount() == 1
    panel.table.selectRow(0)
    stocked.qtbot.mouseClick(panel.remove, Qt.MouseButton.LeftButton)
    assert stocked.kept == []
    assert panel.empty.isVisible()


def test_a_note_is_written_with_enter(stocked: Bench, panel: MeasurementsPanel) -> None:
    panel.table.selectRow(0)
    panel.table.setFocus()
    stocked.qtbot.keyClick(panel.table, Qt.Key.Key_Return)
    editor = panel.table.findChild(QLineEdit)
    assert editor is not None
    stocked.qtbot.keyClicks(editor, "  upper   end ")
    stocked.qtbot.keyClick(editor, Qt.Key.Key_Return)
    stocked.qtbot.waitUntil(lambda: stocked.kept[0].note == "upper end")
    assert cell(panel, 0, NOTE) == "upper end"
    tip = panel.model.data(panel.model.index(0, WHAT), Qt.ItemDataRole.ToolTipRole)
    assert tip.startswith("upper end\n")
