"""The histogram: its counts, its limits under the mouse and the keys, its quiet."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt

from stentviewer.imaging.image import Lut, Window
from stentviewer.ui.panels.histogram import BINS, HistogramPanel, histogram_of
from stentviewer.ui.viewer.canvas import ImageCanvas
from tests.ui.viewer.conftest import save_dicom

from stentviewer.imaging.readers import read_radiograph  # isort: skip


@pytest.fixture
def disc(tmp_path: Path) -> Any:
    """A disc of 800 on a ground of 200, with a ramp between: 512 × 512."""
    rows, columns = np.mgrid[0:512, 0:512]
    pixels = np.where((rows - 256) ** 2 + (columns - 256) ** 2 < 150**2, 800, 200)
    pixels[0] = np.linspace(0, 1000, 512)
    return read_radiograph(save_dicom(tmp_path / "disc.dcm", pixels.astype(np.uint16)))


def test_the_counts_are_of_the_modality_values(disc: Any) -> None:
    stored = np.repeat(np.arange(256, dtype=np.uint16), 8).reshape(32, 64)
    shown = histogram_of(replace(disc, rescale=(2.0, -100.0)), 0, stored)
    assert shown is not None
    assert (shown.low, shown.high) == (-101, 411)  # each value in the middle of its part
    assert shown.counts.tolist() == [8] * BINS
    falling = histogram_of(replace(disc, rescale=(-1.0, 0.0)), 0, stored[:16])
    assert falling is not None
    assert (falling.low, falling.high, len(falling.counts)) == (-127.5, 0.5, 128)


def test_no_gap_is_drawn_that_is_not_in_the_image(disc: Any) -> None:
    for levels in (2, 100, 245, 257, 1000, 4096):
        every = np.arange(levels, dtype=np.uint16).repeat(3)[None]
        shown = histogram_of(disc, 0, every)
        assert shown is not None
        assert shown.counts.min() > 0
        assert len(shown.counts) <= BINS


def test_a_modality_lut_is_counted_in_its_outputs(disc: Any) -> None:
    table = Lut(0, np.array([10, 20, 30], np.float32), 8)
    shown = histogram_of(replace(disc, rescale=table), 0, np.array([[0, 1, 1, 2]], np.uint16))
    assert shown is not None
    assert (shown.low, shown.high, shown.counts.sum(), shown.counts.max()) == (10, 30, 4, 2)


def test_padding_does_not_count_and_colour_has_none(disc: Any) -> None:
    stored = np.zeros((20, 20), np.uint16)
    stored[10:] = 500
    stored[15:] = 700
    shown = histogram_of(replace(disc, padding=(0, 0)), 0, stored)
    assert shown is not None
    assert (shown.low, shown.high, shown.counts.sum()) == (499.5, 700.5, 200)
    assert histogram_of(disc, 0, np.zeros((4, 4, 3), np.uint8)) is None
    even = histogram_of(disc, 0, np.full((4, 4), 7, np.uint16))
    assert even is not None
    assert even.low < 7 < even.high


def test_a_large_frame_takes_a_moment(disc: Any) -> None:
    import time

    stored = np.random.default_rng(0).integers(0, 4096, (3072, 3072)).astype(np.uint16)
    histogram_of(disc, 0, stored)
    taken = []
    for _ in range(5):
        start = time.perf_counter()
        histogram_of(disc, 0, stored)
        taken.append(time.perf_counter() - start)
    assert min(taken) < 0.05  # 3 ms on an idle core


@pytest.fixture
def canvas(qtbot: Any, disc: Any) -> ImageCanvas:
    made = ImageCanvas()
    qtbot.addWidget(made)
    made.resize(300, 300)
    with qtbot.waitSignal(made.frameChanged):
        made.set_radiograph(disc)
    return made


@pytest.fixture
def panel(qtbot: Any, canvas: ImageCanvas) -> HistogramPanel:
    made = HistogramPanel()
    qtbot.addWidget(made)
    made.resize(416, 120)  # 400 wide between the margins
    made.show()
    made.set_canvas(canvas)
    return made


def drag(qtbot: Any, panel: HistogramPanel, start: float, end: float) -> None:
    for at, act in ((start, qtbot.mousePress), (end, qtbot.mouseMove), (end, qtbot.mouseRelease)):
        point = QPoint(round(at), 50)
        if act is qtbot.mouseMove:
            act(panel, point)
        else:
            act(panel, Qt.MouseButton.LeftButton, pos=point)


def test_it_follows_the_canvas(panel: HistogramPanel, canvas: ImageCanvas) -> None:
    assert panel.histogram is not None
    assert panel.histogram.low == -0.5
    assert 1000 < panel.histogram.high <= 1024
    canvas.set_window(Window(400, 200))
    assert panel.limits == (300, 500)
    assert panel.accessibleDescription() == "Black at 300, white at 500"
    canvas.set_radiograph(None)
    assert panel.histogram is None
    assert panel.limits is None


def test_the_limits_are_dragged_by_what_the_mouse_moves(
    qtbot: Any, panel: HistogramPanel, canvas: ImageCanvas
) -> None:
    canvas.set_window(Window(500, 400))  # 300 to 700: at 8 + 120 and 8 + 280
    taken: list[Window] = []
    panel.windowWanted.connect(taken.append)
    drag(qtbot, panel, 128, 88)  # 40 pixels to the left are 100 values
    assert canvas.window is not None
    assert (canvas.window.centre, canvas.window.width) == pytest.approx((450, 500), abs=4)
    drag(qtbot, panel, 288, 328)
    assert (canvas.window.centre, canvas.window.width) == pytest.approx((500, 600), abs=4)
    drag(qtbot, panel, 200, 240)  # between them: both
    assert (canvas.window.centre, canvas.window.width) == pytest.approx((600, 600), abs=4)
    assert taken[-1] == canvas.window
    assert len(taken) == 3


def test_a_limit_does_not_pass_the_other(
    qtbot: Any, panel: HistogramPanel, canvas: ImageCanvas
) -> None:
    canvas.set_window(Window(500, 400))
    drag(qtbot, panel, 128, 400)
    assert canvas.window is not None
    assert (canvas.window.centre, canvas.window.width) == (699.5, 1)


def test_a_limit_far_beyond_the_values_waits_at_the_edge(
    qtbot: Any, panel: HistogramPanel, canvas: ImageCanvas
) -> None:
    canvas.set_window(Window(500, 100_000))
    first, last = panel._span()
    assert (first, last) == pytest.approx((-250, 1250), abs=5)
    drag(qtbot, panel, 408, 408 - 80)  # 80 of 400 pixels over 1500 values
    limits = panel.limits
    assert limits is not None
    assert limits[1] == pytest.approx(1250 - 300, abs=6)


def test_the_keys_move_and_widen(qtbot: Any, panel: HistogramPanel, canvas: ImageCanvas) -> None:
    canvas.set_window(Window(500, 400))
    for key, held, centre, width in (
        (Qt.Key.Key_Right, Qt.KeyboardModifier.NoModifier, 510, 400),
        (Qt.Key.Key_Left, Qt.KeyboardModifier.ShiftModifier, 410, 400),
        (Qt.Key.Key_Up, Qt.KeyboardModifier.NoModifier, 410, 420),
        (Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier, 410, 220),
    ):
        qtbot.keyClick(panel, key, held)
        assert canvas.window is not None
        assert (canvas.window.centre, canvas.window.width) == pytest.approx((centre, width), abs=4)
    for _ in range(5):
        qtbot.keyClick(panel, Qt.Key.Key_Down, Qt.KeyboardModifier.ShiftModifier)
    assert canvas.window.width == pytest.approx(20, abs=3)
    assert panel.accessibleName()


def test_a_canvas_that_goes_away_is_forgotten(qtbot: Any, panel: HistogramPanel) -> None:
    other = ImageCanvas()
    panel.set_canvas(other)
    assert panel.histogram is None
    with qtbot.waitSignal(other.destroyed):
        other.deleteLater()
    panel.set_canvas(None)
    assert not panel.grab().isNull()


def test_hidden_it_counts_nothing(qtbot: Any, panel: HistogramPanel, canvas: ImageCanvas) -> None:
    panel.hide()
    canvas.set_window(Window(10, 20))
    assert panel.limits != (0, 20)
    panel.show()
    assert panel.limits == (0, 20)
