"""Every tool driven by hand, its numbers against closed forms."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from stentviewer.core.types import MeasurementKind, SpacingKind
from stentviewer.imaging.measure import Quantity
from tests.ui.measuring.hands import LEFT, MIDDLE, RIGHT, SHIFT, Bench

Kind = MeasurementKind


def near(points: Any, *expected: tuple[float, float]) -> bool:
    """A mouse points to a tenth of a pixel at best."""
    return bool(np.allclose(points, expected, atol=0.1))


def test_a_length_by_drag_and_by_clicks(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.use_length()
    bench.drag((50.0, 40.0), (100.0, 100.0), (170.0, 200.0))
    assert near(bench.last.points, (50, 40), (170, 200))
    assert bench.numbers()[Quantity.LENGTH].value == pytest.approx(40.0, abs=0.05)
    assert bench.numbers()[Quantity.LENGTH].kind is SpacingKind.PATIENT
    assert bench.last.by == "dr.kim"
    bench.click((300.0, 50.0))
    bench.move((300.0, 120.0))
    live = bench.sheet.numbers(bench.sheet.draft)
    assert live[0].value == pytest.approx(14.0, abs=0.05)
    bench.click((300.0, 150.0))
    assert bench.numbers()[Quantity.LENGTH].value == pytest.approx(20.0, abs=0.05)
    assert len(bench.kept) == 2


@pytest.mark.parametrize(
    ("tags", "value", "unit", "kind"),
    [
        ({"ImagerPixelSpacing": [0.3, 0.3]}, 30.0, "mm", SpacingKind.DETECTOR),
        ({}, 100.0, "px", SpacingKind.NONE),
        ({"PixelAspectRatio": [3, 1]}, math.hypot(60, 240), "px", SpacingKind.NONE),
        ({"ImagerPixelSpacing": [0.6, 0.3]}, math.hypot(18, 48), "mm", SpacingKind.DETECTOR),
    ],
)
def test_a_length_is_in_the_unit_that_the_image_can_bear(
    bench: Bench,
    dicom: Callable[..., Any],
    disc: np.ndarray,
    tags: Any,
    value: float,
    unit: str,
    kind: SpacingKind,
) -> None:
    bench.show(dicom(disc, **tags))
    bench.measuring.use_length()
    bench.drag((100.0, 100.0), (160.0, 180.0))  # 60 columns, 80 rows
    length = bench.numbers()[Quantity.LENGTH]
    assert length.value == pytest.approx(value, rel=2e-3)
    assert (length.unit, length.kind) == (unit, kind)
    rows = bench.measuring.rows
    assert [row.measurement.id for row in rows] == [bench.last.id]
    assert rows[0].numbers == (length,)


def test_shift_keeps_to_45_degrees(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.use_length()
    bench.drag((50.0, 50.0), (150.0, 62.0), keys=SHIFT)
    assert near(bench.last.points, (50, 50), (150, 50))
    bench.drag((50.0, 80.0), (120.0, 160.0), keys=SHIFT)
    assert near(bench.last.points, (50, 80), (125, 155))


@pytest.mark.parametrize("by_drag", [True, False])
def test_an_angle(at_patient: Bench, by_drag: bool) -> None:
    bench = at_patient
    bench.measuring.use_angle()
    if by_drag:
        bench.drag((300.0, 50.0), (150.0, 50.0))
    else:
        bench.click((300.0, 50.0))
        bench.click((150.0, 50.0))
    assert not bench.kept
    bench.move((220.0, 180.0))
    assert bench.sheet.numbers(bench.sheet.draft)[0].quantity is Quantity.ANGLE
    bench.click((250.0, 50.0 + 100 * math.sqrt(3)))
    assert bench.last.kind is Kind.ANGLE
    assert bench.numbers()[Quantity.ANGLE].value == pytest.approx(60.0, abs=0.2)


def test_an_ellipse_over_a_disc_of_known_mean_and_area(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.use_ellipse()
    bench.drag((140.0, 90.0), (260.0, 210.0))
    found = bench.numbers()
    assert found[Quantity.AREA].value == pytest.approx(math.pi * 144, rel=5e-3)
    assert found[Quantity.MEAN].value == pytest.approx(1000, rel=5e-3)
    bench.drag((280.0, 30.0), (330.0, 44.0), keys=SHIFT)  # a circle of 50 columns
    found = bench.numbers()
    assert found[Quantity.AREA].value == pytest.approx(math.pi * 25, rel=1e-2)
    assert (found[Quantity.MEAN].value, found[Quantity.DEVIATION].value) == (200.0, 0.0)


def test_a_rectangle_half_over_an_edge(bench: Bench, dicom: Callable[..., Any]) -> None:
    pixels = np.full((300, 400), 100)
    pixels[:, 200:] = 300
    bench.show(dicom(pixels))
    bench.measuring.use_rectangle()
    bench.drag((300.0, 50.0), (100.0, 150.0))
    found = bench.numbers()
    assert found[Quantity.MEAN].value == pytest.approx(200, rel=5e-3)
    assert found[Quantity.DEVIATION].value == pytest.approx(100, rel=5e-3)
    assert (found[Quantity.MINIMUM].value, found[Quantity.MAXIMUM].value) == (100, 300)
    assert found[Quantity.AREA].value == pytest.approx(20_000, rel=5e-3)
    assert found[Quantity.AREA].unit == "px²"


@pytest.mark.parametrize("end", ["enter", "double click", "first point"])
def test_a_polygon_and_how_it_ends(at_patient: Bench, end: str) -> None:
    bench = at_patient
    bench.measuring.use_polygon()
    corners = [(50.0, 40.0), (150.0, 40.0), (150.0, 140.0)]
    for corner in corners:
        bench.click(corner)
    if end == "enter":
        bench.click((50.0, 140.0))
        bench.key(Qt.Key.Key_Return)
    elif end == "double click":
        bench.double_click((50.0, 140.0))
    else:
        bench.click((50.0, 140.0))
        bench.click((51.0, 41.0))
    assert near(bench.last.points, *corners, (50, 140))
    found = bench.numbers()
    assert found[Quantity.AREA].value == pytest.approx(100 * 100 * 0.04, rel=5e-3)


def test_backspace_takes_a_corner_back_and_enter_needs_three(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.use_polygon()
    bench.click((50.0, 40.0))
    bench.click((150.0, 40.0))
    bench.key(Qt.Key.Key_Return)
    assert bench.tool.is_drawing
    bench.click((180.0, 180.0))
    bench.key(Qt.Key.Key_Backspace)
    bench.click((150.0, 140.0))
    bench.key(Qt.Key.Key_Enter)
    assert near(bench.last.points, (50, 40), (150, 40), (150, 140))
    bench.click((300.0, 40.0))
    bench.key(Qt.Key.Key_Backspace)
    assert not bench.tool.is_drawing
    assert bench.sheet.draft is None


def test_a_freehand_circle(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.use_freehand()
    turns = np.linspace(0, 2 * np.pi, 900)
    bench.drag(*[(200 + 50 * math.cos(t), 150 + 50 * math.sin(t)) for t in turns])
    assert bench.last.kind is Kind.FREEHAND
    assert len(bench.last.points) <= 400
    found = bench.numbers()
    assert found[Quantity.AREA].value == pytest.approx(math.pi * 100, rel=0.02)
    assert found[Quantity.MEAN].value == 1000.0
    bench.drag((20.0, 20.0), (21.0, 20.0))
    assert len(bench.kept) == 1  # a slip of the hand is no region


def test_the_probe_follows_and_a_click_keeps_it(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.use_probe()
    for at, value in (((200.3, 150.7), 1000), ((20.5, 30.5), 200)):
        bench.move(at)
        found = {one.quantity: one for one in bench.sheet.numbers(bench.sheet.draft)}
        assert found[Quantity.VALUE].value == value
        assert found[Quantity.COLUMN].value == math.floor(at[0])
        assert found[Quantity.ROW].value == math.floor(at[1])
    assert not bench.kept
    bench.leave()
    assert bench.sheet.draft is None
    bench.move((-20.0, 10.0))
    assert bench.sheet.draft is None
    bench.click((200.0, 150.0))
    assert bench.last.kind is Kind.PROBE
    assert bench.numbers()[Quantity.VALUE].value == 1000


def bent_tube() -> np.ndarray:
    """A dark tube 24 wide, bent at radius 120 round (40, 40)."""
    y, x = np.mgrid[0:300, 0:400] + 0.5
    off = np.abs(np.hypot(x - 40, y - 40) - 160)
    wall = np.sqrt(np.maximum(144 - off**2, 0)) - np.sqrt(np.maximum(100 - off**2, 0))
    noise = np.random.default_rng(2).normal(0, 4, x.shape)
    return np.clip(600 - 60 * np.minimum(wall, 6) + noise, 0, 1000)


def test_a_stent_on_an_arc_of_known_length(bench: Bench, dicom: Callable[..., Any]) -> None:
    bench.show(dicom(bent_tube(), ImagerPixelSpacing=[0.25, 0.25]))
    bench.measuring.use_stent()
    turns = np.radians([10, 25, 40, 55, 70])
    clicks = [(40 + 160 * math.cos(t), 40 + 160 * math.sin(t)) for t in turns]
    for at in clicks[:-1]:
        bench.click(at)
    bench.double_click(clicks[-1])
    found = bench.numbers()
    length = found[Quantity.LENGTH]
    assert length.value == pytest.approx(160 * math.radians(60) * 0.25, rel=5e-3)
    assert (length.unit, length.kind) == ("mm", SpacingKind.DETECTOR)
    assert found[Quantity.MEAN_DIAMETER].value == pytest.approx(24 * 0.25, abs=0.5)
    assert len(bench.last.widths) == 5
    assert "edges" in bench.said[-1]
    drag_a_wall(bench, clicks[2], turns[2])


def drag_a_wall(bench: Bench, at: tuple[float, float], turn: float) -> None:
    """One diameter by hand, then all of them with Shift."""
    before = bench.last
    off = before.widths[2] / 2
    wall = at[0] + off * math.cos(turn), at[1] + off * math.sin(turn)
    bench.move(wall)
    bench.drag(wall, (at[0] + 16 * math.cos(turn), at[1] + 16 * math.sin(turn)))
    assert bench.last.widths[2] == pytest.approx(32, abs=0.5)
    assert bench.last.widths[:2] == before.widths[:2]
    assert bench.numbers()[Quantity.GREATEST_DIAMETER].value == pytest.approx(8.0, abs=0.2)
    wall = at[0] + 16 * math.cos(turn), at[1] + 16 * math.sin(turn)
    bench.drag(wall, (at[0] + 10 * math.cos(turn), at[1] + 10 * math.sin(turn)), keys=SHIFT)
    assert bench.last.widths == pytest.approx((20,) * 5, abs=0.5)


def test_a_stent_without_edges_has_no_diameter_until_one_is_drawn(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.use_stent()
    bench.click((20.0, 20.0))
    bench.click((120.0, 20.0))
    bench.key(Qt.Key.Key_Return)
    assert bench.last.widths == ()
    assert set(bench.numbers()) == {Quantity.LENGTH}
    assert "round handle" in bench.said[-1]
    bench.drag((20.0, 20.0 + 7.5), (20.0, 34.0))  # 15 % of its length is offered
    assert bench.last.widths == pytest.approx((28, 28), abs=0.4)


def test_esc_throws_away_then_leaves(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.use_length()
    bench.click((50.0, 50.0))
    bench.move((90.0, 90.0))
    bench.key(Qt.Key.Key_Escape)
    assert bench.sheet.draft is None
    assert bench.measuring.kind is Kind.LENGTH
    bench.key(Qt.Key.Key_Escape)
    assert bench.measuring.kind is None
    assert bench.measuring.switch == "use_pointer"
    assert not bench.kept


def test_the_action_for_esc_does_the_same(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.use_polygon()
    bench.click((50.0, 50.0))
    bench.measuring.escape()
    assert (bench.sheet.draft, bench.measuring.kind) == (None, Kind.POLYGON)
    bench.measuring.escape()
    assert bench.measuring.kind is None
    bench.measuring.escape()  # nothing left to let go of
    assert bench.measuring.kind is None


def test_other_buttons_stay_the_viewers(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.use_length()
    centre, window = bench.canvas.state.centre, bench.canvas.window
    bench.drag((50.0, 50.0), (90.0, 90.0), button=MIDDLE)
    assert bench.canvas.state.centre != centre
    bench.drag((50.0, 50.0), (90.0, 90.0), button=RIGHT)
    assert bench.canvas.window != window
    assert bench.sheet.draft is None
    bench.measuring.use_pointer()
    before = bench.canvas.window
    bench.drag((300.0, 250.0), (330.0, 270.0))
    assert bench.canvas.window != before  # beside a measurement, a drag windows
    assert not bench.kept


def test_drawing_beside_the_image_begins_nothing_and_ends_at_its_edge(at_patient: Bench) -> None:
    bench = at_patient
    bench.measuring.use_length()
    bench.drag((-30.0, 50.0), (-20.0, 60.0))
    assert not bench.kept
    bench.drag((50.0, 50.0), (50.0, 330.0))
    assert near(bench.last.points, (50, 50), (50, 300))


def test_a_frame_further_drops_what_is_half_drawn(bench: Bench, dicom: Callable[..., Any]) -> None:
    bench.show(dicom(np.zeros((3, 64, 64)) + 5))
    bench.measuring.use_polygon()
    bench.click((10.0, 10.0))
    with bench.qtbot.waitSignal(bench.canvas.frameChanged):
        bench.canvas.set_frame(1)
    assert not bench.tool.is_drawing
    bench.measuring.use_length()
    bench.drag((10.0, 10.0), (30.0, 10.0))
    assert bench.last.target.frame == 1
    with bench.qtbot.waitSignal(bench.canvas.frameChanged):
        bench.canvas.set_frame(0)
    assert bench.sheet.measurements == ()


@pytest.mark.parametrize("turns", [0, 1, 2, 3])
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_length_is_the_same_turned_and_mirrored(
    at_patient: Bench, turns: int, mirrored: bool
) -> None:
    bench = at_patient
    bench.canvas.rotate(turns)
    if mirrored:
        bench.canvas.mirror()
    bench.measuring.use_length()
    bench.drag((50.0, 40.0), (170.0, 200.0))
    assert near(bench.last.points, (50, 40), (170, 200))
    assert bench.numbers()[Quantity.LENGTH].value == pytest.approx(40.0, abs=0.1)


def test_the_edges_of_a_click_and_a_drag_are_one(at_patient: Bench) -> None:
    """A double click while a length is drawn is the end of nothing."""
    bench = at_patient
    bench.measuring.use_length()
    bench.double_click((50.0, 50.0))
    assert bench.tool.is_drawing
    bench.press((90.0, 50.0))
    bench.release((90.0, 50.0))
    assert near(bench.last.points, (50, 50), (90, 50))
    bench.move((10.0, 10.0), button=LEFT)
    assert bench.sheet.draft is None
