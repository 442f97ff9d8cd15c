"""Choosing, changing, removing, taking back; several canvases; a calibration; what fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QFileDialog

from stentviewer.core.errors import KnownError
from stentviewer.core.types import MeasurementKind, Spacing, SpacingKind
from stentviewer.imaging.measure import Quantity
from stentviewer.ui.panels.measurements_export import ExportDialog
from stentviewer.ui.viewer.tools.calibration import CalibrationDialog
from tests.ui.measuring.hands import SHIFT, Bench

Kind = MeasurementKind


def near(points: Any, *expected: tuple[float, float]) -> bool:
    return bool(np.allclose(points, expected, atol=0.1))


@pytest.fixture
def line(at_patient: Bench) -> Bench:
    """A length of 100 columns, and the pointer in hand."""
    at_patient.measuring.use_length()
    at_patient.drag((50.0, 50.0), (150.0, 50.0))
    at_patient.measuring.use_pointer()
    at_patient.settle()
    return at_patient


def test_an_end_is_moved(line: Bench) -> None:
    line.drag((150.0, 50.0), (150.0, 80.0), (150.0, 125.0))
    (kept,) = line.kept
    assert near(kept.points, (50, 50), (150, 125))
    assert line.numbers()[Quantity.LENGTH].value == pytest.approx(25.0, abs=0.05)
    line.drag((150.0, 125.0), (150.0, 62.0), keys=SHIFT)
    assert near(line.last.points, (50, 50), (150, 50))


def test_the_whole_is_moved_and_stays_in_the_image(line: Bench) -> None:
    line.drag((100.0, 50.0), (110.0, 70.0), (120.0, 90.0))
    assert near(line.last.points, (70, 90), (170, 90))
    line.drag((120.0, 90.0), (-90.0, 95.0))
    assert near(line.last.points, (0, 95), (100, 95))


def test_a_click_chooses_and_a_click_beside_lets_go(line: Bench) -> None:
    key = line.last.id
    line.click((300.0, 200.0))
    assert line.measuring.chosen == ""
    line.move((100.0, 50.5))
    assert line.sheet.hovered.measurement.id == key
    assert line.canvas.cursor().shape() is Qt.CursorShape.SizeAllCursor
    line.move((50.0, 50.0))
    assert line.canvas.cursor().shape() is Qt.CursorShape.PointingHandCursor
    line.click((100.0, 50.5))
    assert line.measuring.chosen == key
    line.move((300.0, 200.0))
    assert line.sheet.hovered is None
    assert line.canvas.cursor().shape() is Qt.CursorShape.ArrowCursor
    assert len(line.kept) == 1
    line.key(Qt.Key.Key_Escape)
    assert line.measuring.chosen == ""


def test_esc_puts_back_what_is_being_dragged(line: Bench) -> None:
    line.press((150.0, 50.0))
    line.move((150.0, 150.0), button=Qt.MouseButton.LeftButton)
    assert near(line.sheet.draft.points, (50, 50), (150, 150))
    line.measuring.escape()
    line.release((150.0, 150.0))
    assert near(line.last.points, (50, 50), (150, 50))


@pytest.mark.parametrize("kind", [Kind.RECTANGLE, Kind.ELLIPSE])
def test_a_corner_is_moved_and_its_opposite_stays(at_patient: Bench, kind: Kind) -> None:
    bench = at_patient
    getattr(bench.measuring, f"use_{kind.value}")()
    bench.drag((100.0, 100.0), (200.0, 180.0))
    bench.drag((200.0, 100.0), (240.0, 60.0))  # without leaving the tool: it is chosen
    (kept,) = bench.kept
    low, high = np.min(kept.points, axis=0), np.max(kept.points, axis=0)
    assert near([low, high], (100, 60), (240, 180))


def test_del_removes_and_undo_brings_the_same_back(line: Bench) -> None:
    before = line.last
    line.key(Qt.Key.Key_Delete)
    assert line.kept == []
    assert line.sheet.measurements == ()
    assert line.measuring.rows == ()
    assert "Ctrl+Z" in line.said[-1]
    line.desk.undo()
    assert line.kept == [before]
    assert line.sheet.measurements == (before,)
    line.desk.undo()
    assert line.kept == []
    assert line.sheet.measurements == ()
    line.desk.redo()
    assert line.kept == [before]
    assert line.said[-1] == "Redone: Length"


def test_taking_a_change_back_shows_the_former_one(line: Bench) -> None:
    line.drag((150.0, 50.0), (150.0, 125.0))
    line.settle()
    line.desk.undo()
    line.settle()
    assert near(line.sheet.measurements[0].points, (50, 50), (150, 50))
    assert line.numbers()[Quantity.LENGTH].value == pytest.approx(20.0, abs=0.05)


def test_what_was_drawn_before_is_there_when_the_image_is_opened_again(
    line: Bench, dicom: Callable[..., Any]
) -> None:
    kept = line.last
    image = line.canvas.radiograph
    line.canvas.set_radiograph(None)
    assert line.sheet.measurements == ()
    line.show(image)
    assert line.sheet.measurements == (kept,)


def test_two_canvases_on_one_image_and_a_third_on_another(line: Bench) -> None:
    twin, other = line.add_canvas(1), line.add_canvas(2)
    for canvas in (twin, other):
        line.show(line.canvas.radiograph, canvas=canvas)
    assert twin.tool.sheet.measurements == (line.last,)
    assert other.tool.sheet.measurements == ()
    line.drag((150.0, 50.0), (150.0, 125.0))
    line.settle()
    assert twin.tool.sheet.measurements == line.sheet.measurements == (line.last,)
    other.activated.emit()
    assert line.measuring.rows == ()
    line.measuring.use_angle()
    assert {type(one.tool).__name__ for one in (line.canvas, twin, other)} == {"DrawTool"}
    twin.activated.emit()
    assert [row.measurement for row in line.measuring.rows] == [line.last]
    gone: list[int] = []
    twin.destroyed.connect(lambda: gone.append(1))
    twin.deleteLater()
    line.qtbot.waitUntil(lambda: bool(gone))
    assert [row.measurement for row in line.measuring.rows] == [line.last]  # the first's


def test_somebody_elses_tool_drops_what_is_half_drawn(line: Bench) -> None:
    line.measuring.use_polygon()
    line.click((20.0, 20.0))
    mine = line.canvas.tool
    line.canvas.set_tool(None)
    assert mine.sheet.draft is None
    line.measuring.use_pointer()
    assert line.canvas.tool is not None


def answer(bench: Bench, number: float, unit: int) -> None:
    """Type a known length into the open dialog."""
    (dialog,) = bench.window.findChildren(CalibrationDialog)
    dialog.number.setValue(number)
    dialog.unit.setCurrentIndex(unit)
    dialog.accept()
    bench.settle()


def test_a_known_length_calibrates_the_image_until_it_is_removed(
    bench: Bench, dicom: Callable[..., Any], disc: np.ndarray
) -> None:
    bench.show(dicom(disc, ImagerPixelSpacing=[0.3, 0.3]))
    bench.measuring.use_length()
    bench.drag((50.0, 250.0), (150.0, 250.0))
    bench.measuring.calibrate()
    bench.drag((100.0, 100.0), (140.0, 100.0))
    (dialog,) = bench.window.findChildren(CalibrationDialog)
    assert "40 px" in dialog.drawn.text()
    assert "12.0 mm, detector plane" in dialog.drawn.text()
    answer(bench, 24.0, unit=1)  # 24 Fr are 8 mm: 0.2 mm a column
    length, known = bench.kept
    assert known.mm == pytest.approx(8.0)
    found = bench.numbers(length)[Quantity.LENGTH]
    assert found.value == pytest.approx(20.0, rel=5e-3)
    assert found.kind is SpacingKind.CALIBRATED
    assert bench.canvas.spacing.kind is SpacingKind.CALIBRATED  # the scale bar too
    assert bench.measuring.kind is None
    assert bench.measuring.chosen == known.id
    bench.measuring.remove_chosen()
    bench.settle()
    assert bench.numbers(length)[Quantity.LENGTH].value == pytest.approx(30.0, rel=5e-3)
    assert bench.canvas.spacing == Spacing(SpacingKind.DETECTOR, (0.3, 0.3))
    bench.desk.undo()
    bench.settle()
    assert bench.numbers(length)[Quantity.LENGTH].kind is SpacingKind.CALIBRATED


def test_without_a_length_nothing_is_calibrated(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.calibrate()
    bench.drag((100.0, 100.0), (140.0, 100.0))
    assert bench.sheet.draft is not None
    (dialog,) = bench.window.findChildren(CalibrationDialog)
    dialog.reject()
    assert bench.sheet.draft is None
    assert bench.kept == []
    assert bench.canvas.spacing.kind is SpacingKind.PATIENT


def test_a_double_click_on_a_calibration_asks_again(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.calibrate()
    bench.drag((100.0, 100.0), (140.0, 100.0))
    answer(bench, 10.0, unit=0)
    zoom = bench.canvas.zoom
    bench.double_click((120.0, 100.0))
    assert bench.canvas.zoom == zoom
    answer(bench, 4.0, unit=0)
    (kept,) = bench.kept
    assert kept.mm == 4.0
    assert bench.canvas.spacing.mm == pytest.approx((0.1, 0.1), rel=5e-3)


def test_what_cannot_be_kept_leaves_the_screen(
    line: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = line.last

    def full(*_: object) -> None:
        raise KnownError("The disk is full.")

    monkeypatch.setattr(line.library, "set_measurement", full)
    line.drag((150.0, 50.0), (150.0, 125.0))
    line.settle()
    assert line.sheet.measurements == (before,)
    monkeypatch.undo()
    assert [str(error) for error in line.trouble] == ["The disk is full."]
    line.trouble.clear()


def test_what_is_newer_than_the_librarys_answer_stays_on_the_screen(
    line: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Two quick changes: the first one's answer must not put the second back."""
    gate = threading.Event()
    keep = line.library.set_measurement

    def slow(*given: Any) -> Any:
        assert gate.wait(5.0)
        return keep(*given)

    monkeypatch.setattr(line.library, "set_measurement", slow)
    line.drag((150.0, 50.0), (150.0, 90.0))
    line.drag((150.0, 90.0), (150.0, 125.0))
    shown: list[Any] = []
    line.desk.changed.connect(lambda *_: shown.append(line.sheet.measurements[0].points))
    gate.set()
    assert near(line.last.points, (50, 50), (150, 125))
    assert all(near(points, (50, 50), (150, 125)) for points in shown)
    assert len(shown) == 2


def test_choosing_in_the_list_shows_the_frame(bench: Bench, dicom: Callable[..., Any]) -> None:
    bench.show(dicom(np.stack([np.full((64, 64), n * 100) for n in range(4)])), frame=2)
    bench.measuring.use_rectangle()
    bench.drag((10.0, 10.0), (30.0, 30.0))
    bench.settle()
    with bench.qtbot.waitSignal(bench.canvas.frameChanged):
        bench.canvas.set_frame(0)
    bench.measuring.choose("")
    (row,) = bench.measuring.rows
    assert row.index == 2
    numbers = {one.quantity: one.value for one in row.numbers}
    assert numbers[Quantity.MEAN] == 200
    with bench.qtbot.waitSignal(bench.canvas.frameChanged):
        bench.measuring.choose(row.measurement.id)
    assert bench.canvas.frame == 2
    assert bench.sheet.chosen == row.measurement.id


def test_the_values_of_a_large_region_come_beside_the_window(
    bench: Bench, dicom: Callable[..., Any]
) -> None:
    bench.show(dicom(np.full((900, 900), 300)))
    bench.measuring.use_rectangle()
    bench.press((10.0, 10.0))
    bench.move((880.0, 880.0), button=Qt.MouseButton.LeftButton)
    live = {one.quantity for one in bench.sheet.numbers(bench.sheet.draft)}
    assert live == {Quantity.AREA}  # its values would hold the hand up
    bench.release((880.0, 880.0))
    bench.settle()
    assert bench.numbers()[Quantity.MEAN].value == 300


def test_a_note_is_kept(line: Bench) -> None:
    line.measuring.set_note(line.last.id, "upper end")
    assert line.last.note == "upper end"
    count = len(line.library.audit())
    line.measuring.set_note(line.last.id, "upper end")
    assert len(line.library.audit()) == count


def test_exporting_asks_what_and_where(
    line: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from stentviewer.app.opened import Opened

    record = line.library.image(1)
    image = line.canvas.radiograph
    line.session.open = lambda content: Opened((record,), image)
    for form, ask in (("csv", line.measuring.export_csv), ("json", line.measuring.export_json)):
        ask()
        (dialog,) = line.window.findChildren(ExportDialog)
        dialog.study.setChecked(True)
        assert not dialog.identity.isChecked()
        dialog.accept()
        line.qtbot.waitUntil(lambda: bool(line.window.findChildren(QFileDialog)))
        (files,) = line.window.findChildren(QFileDialog)
        files.fileSelected.emit(str(tmp_path / f"m.{form}"))
        files.close()
        line.settle()
        text = (tmp_path / f"m.{form}").read_text("utf-8-sig")
        assert line.last.id in text
        assert record.header.identity.patient_id not in text
        assert "m." + form in line.said[-1]
        line.qtbot.waitUntil(lambda: not line.window.findChildren(QDialog))


def test_nothing_to_measure_on_is_no_trouble(bench: Bench, tmp_path: Path) -> None:
    measuring = bench.measuring
    measuring.use_length()
    bench.drag((5.0, 5.0), (50.0, 50.0))
    measuring.escape()
    measuring.remove_chosen()
    measuring.remove("nobody")
    measuring.set_note("nobody", "x")
    measuring.choose("nobody")
    measuring.export_to(tmp_path / "a.csv", "csv", study=True, identity=False)
    assert bench.kept == []
    assert not (tmp_path / "a.csv").exists()


def test_every_tool_has_its_switch_and_its_hint(bench: Bench) -> None:
    measuring = bench.measuring
    for kind in Kind:
        use = measuring.calibrate if kind is Kind.CALIBRATION else None
        (use or getattr(measuring, f"use_{kind.value}"))()
        assert measuring.kind is kind
        assert measuring.switch == ("calibrate" if use else f"use_{kind.value}")
        assert "Esc" in bench.said[-1]


def test_the_numbers_are_on_the_screen(line: Bench) -> None:
    """Something is drawn, with a dark edge, and gone once it is removed."""
    with_line = line.canvas.grab().toImage()
    line.measuring.remove_chosen()
    line.settle()
    without = line.canvas.grab().toImage()
    assert with_line != without
    at = line.canvas.to_widget((100.0, 50.0)).toPoint()
    assert with_line.pixelColor(at).lightness() > 150
    assert without.pixelColor(at).lightness() < with_line.pixelColor(at).lightness()
