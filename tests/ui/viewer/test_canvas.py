"""The canvas as a reader uses it: what is on the screen, and what the hands do."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent, QWheelEvent
from PySide6.QtWidgets import QApplication

from stentviewer.core.errors import KnownError
from stentviewer.core.types import Box, ClassScore, Finding, HeatMap
from stentviewer.imaging.image import Window
from stentviewer.imaging.windowing import display_lut
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.resample import pyramid, resample
from tests.ui.viewer.screen import Waiting, boxed, grey, middle

LEFT, RIGHT, MIDDLE = (
    Qt.MouseButton.LeftButton,
    Qt.MouseButton.RightButton,
    Qt.MouseButton.MiddleButton,
)
NO_KEY = Qt.KeyboardModifier.NoModifier
FINDING = Finding(
    "EGIS", 0.9, (ClassScore("EGIS", 0.9),), ("EGIS",), False, Box(0.4, 0.4, 0.6, 0.6)
)


def mouse(
    canvas: ImageCanvas,
    kind: QEvent.Type,
    at: tuple[float, float],
    button: Any,
    modifiers: Any = NO_KEY,
) -> None:
    held = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseButtonRelease else button
    acting = Qt.MouseButton.NoButton if kind == QEvent.Type.MouseMove else button
    point = QPointF(*at)
    event = QMouseEvent(kind, point, canvas.mapToGlobal(point), acting, held, modifiers)
    QApplication.sendEvent(canvas, event)


def drag(
    canvas: ImageCanvas,
    start: tuple[float, float],
    end: tuple[float, float],
    button: Any,
    modifiers: Any = NO_KEY,
) -> None:
    mouse(canvas, QEvent.Type.MouseButtonPress, start, button, modifiers)
    mouse(canvas, QEvent.Type.MouseMove, end, button, modifiers)
    mouse(canvas, QEvent.Type.MouseButtonRelease, end, button, modifiers)


def wheel(
    canvas: ImageCanvas, at: tuple[float, float], steps: int, modifiers: Any = NO_KEY
) -> None:
    point = QPointF(*at)
    angle = QPoint(steps * 120, 0) if modifiers else QPoint(0, steps * 120)
    event = QWheelEvent(
        point,
        canvas.mapToGlobal(point),
        QPoint(),
        angle,
        Qt.MouseButton.NoButton,
        modifiers,
        Qt.ScrollPhase.NoScrollPhase,
        False,
    )
    QApplication.sendEvent(canvas, event)


def test_the_screen_shows_the_standards_grey(show: Any, still: Any) -> None:
    canvas = show(still)
    canvas.one_to_one()
    x0, y0, x1, y1 = canvas.state.visible_rect()
    expected = display_lut(still, Window(500, 1000)).apply(still.frames[0])
    shown = grey(canvas)[y0:y1, x0:x1]
    clear = np.s_[:20, :]  # the scale bar lies lower
    assert np.array_equal(shown[clear], expected[clear])
    assert canvas.window == Window(500, 1000) or canvas.window.centre == 500


def test_monochrome1_is_shown_negative_and_invert_turns_it(
    show: Any, dicom: Any, ramp: Any
) -> None:
    canvas = show(dicom(ramp, PhotometricInterpretation="MONOCHROME1"))
    row = grey(canvas)[100]
    assert row[5] > 200
    assert row[-5] < 50
    canvas.invert()
    assert canvas.inverted
    row = grey(canvas)[100]
    assert row[5] < 50
    assert row[-5] > 200


def test_pixels_that_are_not_square_keep_their_shape(show: Any, dicom: Any) -> None:
    canvas = show(dicom(np.full((100, 100), 900), PixelAspectRatio=[2, 1]))
    rect = canvas.image_rect()
    assert rect.height() == pytest.approx(2 * rect.width())


def test_colour_is_shown_as_colour(qtbot: Any, show: Any, still: Any) -> None:
    red = np.zeros((40, 60, 3), np.uint8)
    red[..., 0] = 180
    canvas = show(replace(still, frames=[red], bits=8, voi_lut=None))
    assert canvas.is_colour
    pixel = canvas.grab().toImage().pixelColor(150, 100)
    assert (pixel.red(), pixel.green(), pixel.blue()) == (180, 0, 0)
    drag(canvas, (100, 100), (140, 100), LEFT)
    assert canvas.window is None
    canvas.invert()
    assert canvas.grab().toImage().pixelColor(150, 100).red() == 75


@pytest.mark.parametrize("button", [LEFT, RIGHT])
def test_dragging_right_widens_and_down_raises_the_window(
    show: Any, still: Any, button: Any
) -> None:
    canvas = show(still)
    told: list[Window] = []
    canvas.windowChanged.connect(told.append)
    before = middle(canvas)
    drag(canvas, (100, 60), (150, 140), button)
    window = canvas.window
    assert window is not None
    assert window.width > 1100
    assert window.centre > 600
    assert told[-1] == window
    assert middle(canvas) < before  # a higher level is darker


def test_dragging_back_undoes_it_and_a_click_changes_nothing(show: Any, still: Any) -> None:
    canvas = show(still)
    mouse(canvas, QEvent.Type.MouseButtonPress, (100, 60), LEFT)
    for at in ((180.0, 90.0), (20.0, 10.0), (100.0, 60.0)):
        mouse(canvas, QEvent.Type.MouseMove, at, LEFT)
    mouse(canvas, QEvent.Type.MouseButtonRelease, (100, 60), LEFT)
    assert (canvas.window.centre, canvas.window.width) == pytest.approx((500, 1000))
    drag(canvas, (100, 60), (101, 61), LEFT)
    assert (canvas.window.centre, canvas.window.width) == pytest.approx((500, 1000))


def test_the_window_of_the_person_stays_for_other_frames_and_reset_drops_it(
    qtbot: Any, show: Any, cine: Any
) -> None:
    canvas = show(cine)
    canvas.set_window(Window(100, 50))
    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_frame(2)
    assert canvas.window == Window(100, 50)
    canvas.invert()
    with qtbot.waitSignal(canvas.windowChanged):
        canvas.reset()
    assert canvas.window.width == 1000
    assert not canvas.inverted


def test_auto_window_fits_the_values(qtbot: Any, show: Any, dicom: Any, ramp: Any) -> None:
    canvas = show(dicom(ramp // 10 + 400))
    with qtbot.waitSignal(canvas.windowChanged):
        canvas.auto_window()
    assert canvas.window.centre == pytest.approx(450, abs=10)
    assert canvas.window.width == pytest.approx(100, abs=20)


def test_the_wheel_zooms_about_the_cursor(show: Any, still: Any) -> None:
    canvas = show(still)
    before = canvas.state.to_image((210.0, 40.0))
    zoom = canvas.zoom
    wheel(canvas, (210, 40), 3)
    assert canvas.zoom == pytest.approx(zoom * 1.2**3)
    assert canvas.state.to_image((210.0, 40.0)) == pytest.approx(before)
    mouse(canvas, QEvent.Type.MouseButtonDblClick, (10, 10), LEFT)
    assert canvas.zoom == pytest.approx(zoom)


@pytest.mark.parametrize(
    ("button", "modifiers"), [(MIDDLE, NO_KEY), (LEFT, Qt.KeyboardModifier.ShiftModifier)]
)
def test_panning_moves_the_image_and_not_the_window(
    show: Any, still: Any, button: Any, modifiers: Any
) -> None:
    canvas = show(still)
    canvas.zoom_by(3)
    before, window = canvas.image_rect(), canvas.window
    drag(canvas, (100, 100), (125, 90), button, modifiers)
    moved = canvas.image_rect().topLeft() - before.topLeft()
    assert (moved.x(), moved.y()) == pytest.approx((25, -10))
    assert canvas.window == window


def test_space_pans_while_held_and_alone_asks_for_the_cine(
    qtbot: Any, show: Any, still: Any
) -> None:
    canvas = show(still)
    canvas.zoom_by(3)
    before = canvas.image_rect().left()
    with qtbot.assertNotEmitted(canvas.cineToggleRequested):
        qtbot.keyPress(canvas, Qt.Key.Key_Space)
        drag(canvas, (100, 100), (130, 100), LEFT)
        qtbot.keyRelease(canvas, Qt.Key.Key_Space)
    assert canvas.image_rect().left() == pytest.approx(before + 30)
    with qtbot.waitSignal(canvas.cineToggleRequested):
        qtbot.keyClick(canvas, Qt.Key.Key_Space)


def test_keys_and_alt_wheel_step_frames_and_stop_at_the_ends(
    qtbot: Any, show: Any, cine: Any
) -> None:
    canvas = show(cine)
    steps: tuple[tuple[Callable[[], None], int], ...] = (
        (lambda: qtbot.keyClick(canvas, Qt.Key.Key_Right), 1),
        (lambda: qtbot.keyClick(canvas, Qt.Key.Key_End), 4),
        (lambda: qtbot.keyClick(canvas, Qt.Key.Key_PageUp), 0),
        (lambda: wheel(canvas, (9, 9), -1, Qt.KeyboardModifier.AltModifier), 1),
    )
    for act, frame in steps:
        with qtbot.waitSignal(canvas.frameChanged):
            act()
        assert canvas.frame == frame
        assert middle(canvas) == pytest.approx(frame * 200 / 1000 * 255, abs=1)
    canvas.set_frame(99)
    assert canvas.wanted_frame == 4


def test_the_newest_wish_wins_and_a_slow_frame_blocks_nothing(
    qtbot: Any, canvas: ImageCanvas, cine: Any
) -> None:
    frames = Waiting(cine.frames)
    canvas.set_radiograph(replace(cine, frames=frames))
    shown: list[int] = []
    canvas.frameChanged.connect(shown.append)
    for frame in (1, 2, 3):
        canvas.set_frame(frame)
    with qtbot.waitSignal(canvas.frameChanged):
        frames.go.set()
    assert shown == [3]
    assert 1 not in frames.asked


def test_nothing_of_the_last_patient_stays(qtbot: Any, show: Any, still: Any, cine: Any) -> None:
    canvas = show(still)
    canvas.set_heat(HeatMap(np.ones((8, 8), np.float32), Box(0, 0, 1, 1), "Grad-CAM"))
    canvas.set_boxes([boxed(FINDING)])
    frames = Waiting(cine.frames)
    canvas.set_radiograph(replace(cine, frames=frames))
    assert not canvas.has_frame
    assert grey(canvas).max() < 60  # blank, not the old image, until the new one is there
    with qtbot.waitSignal(canvas.frameChanged):
        frames.go.set()
    assert canvas.inverted is False
    clean = grey(canvas)
    canvas.set_heat_visible(False)
    canvas.set_boxes_visible(False)
    assert np.array_equal(grey(canvas), clean)


def test_heat_belongs_to_its_frame(qtbot: Any, canvas: ImageCanvas, cine: Any) -> None:
    frames = Waiting(cine.frames)
    canvas.set_radiograph(replace(cine, frames=frames))
    canvas.set_heat_strength(1.0)
    canvas.set_heat(HeatMap(np.ones((8, 8), np.float32), Box(0, 0, 1, 1), "Grad-CAM"))
    with qtbot.waitSignal(canvas.frameChanged):
        frames.go.set()
    assert middle(canvas) > 200  # it was known before the frame was there, and stays
    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_frame(1)
    assert middle(canvas) == 51  # another frame: gone


class _Broken(list[Any]):
    def __init__(self, error: Exception) -> None:
        super().__init__([0])
        self.error = error

    def __getitem__(self, index: Any) -> Any:
        raise self.error


def test_a_frame_that_cannot_be_decoded_says_so(
    qtbot: Any, canvas: ImageCanvas, still: Any
) -> None:
    broken = replace(still, frames=_Broken(KnownError("still.dcm is cut short.")))
    canvas.set_radiograph(broken)
    qtbot.waitUntil(lambda: canvas.radiograph is None)
    assert canvas.message == "still.dcm is cut short."
    assert grey(canvas).max() > 60  # and it is written there


def test_a_bug_while_decoding_is_not_swallowed(qtbot: Any, canvas: ImageCanvas, still: Any) -> None:
    with qtbot.captureExceptions() as caught:
        canvas.set_radiograph(replace(still, frames=_Broken(ZeroDivisionError("bug"))))
        qtbot.waitUntil(lambda: bool(caught))
    assert caught[0][0] is ZeroDivisionError


def test_heat_stays_on_the_image_and_follows_its_strength(show: Any, dicom: Any) -> None:
    canvas = show(dicom(np.zeros((100, 100))))
    plain = grey(canvas)
    wide = HeatMap(np.ones((16, 16), np.float32), Box(-0.5, 0, 1.5, 1), "Grad-CAM")
    canvas.set_heat(wide)
    canvas.set_heat_strength(1.0)
    full = grey(canvas)
    rect = canvas.image_rect()
    assert np.array_equal(full[:90, : int(rect.left())], plain[:90, : int(rect.left())])
    assert full[100, 150] > 200
    canvas.set_heat_strength(0.5)
    assert 90 < int(grey(canvas)[100, 150]) < 160
    canvas.set_heat_strength(0.0)
    assert grey(canvas)[100, 150] == 0
    canvas.set_heat_strength(1.0)
    canvas.set_heat_visible(False)
    assert np.array_equal(grey(canvas), plain)


def test_heat_lies_where_its_extent_says(show: Any, dicom: Any) -> None:
    canvas = show(dicom(np.zeros((100, 100))))
    values = np.zeros((10, 10), np.float32)
    values[2, 7] = 1.0  # in the extent's 0.75, 0.25
    canvas.set_heat(HeatMap(values, Box(-1.0, 0.0, 1.0, 2.0), "Grad-CAM"))
    canvas.set_heat_strength(1.0)
    shown = grey(canvas)[20:160, 50:250]
    row, column = np.unravel_index(shown.argmax(), shown.shape)
    rect = canvas.image_rect()
    assert column + 50 == pytest.approx(rect.left() + 0.5 * rect.width(), abs=6)
    assert row + 20 == pytest.approx(rect.top() + 0.5 * rect.height(), abs=6)


def test_a_box_is_drawn_at_its_place_and_the_research_line_with_it(show: Any, dicom: Any) -> None:
    canvas = show(dicom(np.full((100, 100), 500)))
    plain = grey(canvas)
    canvas.set_boxes([boxed(replace(FINDING, box=None))])
    assert np.array_equal(grey(canvas)[:150], plain[:150])  # only the research line, below
    canvas.set_boxes([boxed(FINDING)])
    changed = grey(canvas).astype(int) != plain
    rect = canvas.image_rect()
    left = round(rect.left() + 0.4 * rect.width())
    assert changed[100, left - 3 : left + 4].any()
    assert not changed[100, left + 6 : left + 30].any()  # the inside stays free
    assert changed[180:, 150:].any()


@pytest.mark.parametrize("felt", [0, 10**9], ids=["beside the window's thread", "at once"])
def test_a_draft_is_made_good_once_the_hand_rests(
    qtbot: Any, show: Any, dicom: Any, monkeypatch: pytest.MonkeyPatch, felt: int
) -> None:
    monkeypatch.setattr("stentviewer.ui.viewer.resample._FELT_SAMPLES", felt)
    noise = np.random.default_rng(5).integers(300, 700, (400, 600)).astype(np.uint16)
    radiograph = dicom(noise)
    canvas = show(radiograph)
    canvas.zoom_by(1.2)
    draft = grey(canvas)
    assert not canvas.settled
    qtbot.waitUntil(lambda: canvas.grab() is not None and canvas.settled)
    exact = resample(pyramid(noise), canvas.state).values
    expected = display_lut(radiograph, canvas.window).apply(exact)
    clear = np.s_[20:150, 20:280]  # the scale bar lies lower
    assert np.array_equal(grey(canvas)[clear], expected[clear])
    difference = draft[clear].astype(int) - expected[clear]
    assert 0 < np.abs(difference).mean() < 8
    assert abs(difference.mean()) < 0.5


def test_resizing_keeps_the_image_fitted(qtbot: Any, show: Any, still: Any) -> None:
    canvas = show(still)
    with qtbot.waitSignal(canvas.zoomChanged):
        canvas.resize(600, 400)
    assert canvas.image_rect().width() == pytest.approx(600)
    canvas.resize(64, 64)
    assert grey(canvas).shape == (64, 64)


def test_deleting_the_canvas_while_it_decodes_is_quiet(qtbot: Any, cine: Any) -> None:
    frames = Waiting(cine.frames)
    canvas = ImageCanvas()
    canvas.set_radiograph(replace(cine, frames=frames))
    with qtbot.waitSignal(canvas.destroyed):
        canvas.deleteLater()
    frames.go.set()
