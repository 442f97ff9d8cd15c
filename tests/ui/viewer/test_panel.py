"""What stands around the image: whose it is, its numbers, its fidelity, its frames."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDoubleSpinBox, QLabel, QSlider, QToolButton

from stentviewer.imaging.image import Window
from stentviewer.ui.viewer.panel import ViewerPanel


@pytest.fixture
def panel(qtbot: Any) -> ViewerPanel:
    widget = ViewerPanel()
    qtbot.addWidget(widget)
    widget.resize(640, 480)
    widget.show()
    return widget


def show(qtbot: Any, panel: ViewerPanel, radiograph: Any, frame: int = 0) -> None:
    with qtbot.waitSignal(panel.canvas.frameChanged):
        panel.set_radiograph(radiograph, frame)


def words(panel: ViewerPanel) -> str:
    return " | ".join(label.text() for label in panel.findChildren(QLabel) if label.isVisible())


def test_an_empty_viewer_says_what_to_do(panel: ViewerPanel) -> None:
    assert "Ctrl+O" in panel.canvas.message
    assert not panel.cine.isVisible()
    assert words(panel).strip(" |") == ""
    panel.toggle_cine()
    panel.step_frame(1)
    assert not panel.cine.playing
    panel.set_message("The file is gone.")
    assert panel.canvas.message == "The file is gone."


def test_the_numbers_follow_the_image(qtbot: Any, panel: ViewerPanel, still: Any) -> None:
    show(qtbot, panel, still)
    assert "W 1000  L 500" in words(panel)
    panel.canvas.set_window(Window(40, 350))
    panel.canvas.invert()
    assert "W 350  L 40" in words(panel)
    assert "inverted" in words(panel)
    panel.canvas.zoom_by(4.0 / panel.canvas.zoom)
    assert "interpolated, 4 × enlarged" in panel.fidelity.toolTip().replace("4.0", "4")
    panel.canvas.set_window(Window(15_000.4, 30_000))
    assert "W 30000  L 15000" in words(panel)
    panel.canvas.one_to_one()
    assert "Zoom 100 %" in words(panel)
    assert panel.fidelity.fidelity is not None
    assert panel.fidelity.fidelity.is_true


def test_a_picture_is_said_not_to_be_the_truth(
    qtbot: Any, panel: ViewerPanel, picture: Any
) -> None:
    radiograph = picture(np.full((30, 30), 90, np.uint8))
    assert radiograph.fidelity
    show(qtbot, panel, radiograph)
    assert str(radiograph.fidelity[0]) in panel.fidelity.toolTip()
    assert panel.fidelity.text().startswith("Not the pixel truth")
    show(qtbot, panel, replace(radiograph, fidelity=("lossy JPEG", "8 bits")))
    assert panel.fidelity.fidelity.lasting == ("lossy JPEG", "8 bits")


def test_a_voi_lut_is_named_and_a_drag_leaves_it(
    qtbot: Any, panel: ViewerPanel, still: Any
) -> None:
    from stentviewer.imaging.image import Lut

    table = Lut(0, np.linspace(0, 255, 1000).astype(np.float32), 8)
    show(qtbot, panel, replace(still, windows=(), voi_lut=table))
    assert "VOI LUT of the file" in words(panel)
    start = panel.canvas.window_to_drag()
    assert start is not None
    assert (start.centre, start.width) == (500, 1000)
    panel.canvas.drag_window(start, 10.0, 0.0)
    assert "VOI LUT" not in words(panel)


def test_a_single_frame_has_no_frame_bar_and_a_cine_has_one(
    qtbot: Any, panel: ViewerPanel, still: Any, cine: Any
) -> None:
    show(qtbot, panel, cine, frame=2)
    assert panel.cine.isVisible()
    assert "Frame 3 / 5" in words(panel)
    speed = panel.cine.findChild(QDoubleSpinBox)
    assert speed.text() == "25.0 per second"
    show(qtbot, panel, replace(cine, frame_time_ms=None))
    assert speed.text() == "15.0 per second, assumed"
    show(qtbot, panel, still)
    assert not panel.cine.isVisible()


def test_the_slider_shows_frames(qtbot: Any, panel: ViewerPanel, cine: Any) -> None:
    show(qtbot, panel, cine)
    slider = panel.findChild(QSlider)
    with qtbot.waitSignal(panel.canvas.frameChanged):
        slider.setValue(3)
    assert panel.canvas.frame == 3
    assert "Frame 4 / 5" in words(panel)
    with qtbot.waitSignal(panel.canvas.frameChanged):
        panel.step_frame(-1)
    assert slider.value() == 2


def test_the_cine_goes_round_and_stops(qtbot: Any, panel: ViewerPanel, cine: Any) -> None:
    show(qtbot, panel, replace(cine, frame_time_ms=2.0), frame=3)
    shown: list[int] = []
    panel.canvas.frameChanged.connect(shown.append)
    button = panel.cine.findChild(QToolButton, "play")
    qtbot.mouseClick(button, Qt.MouseButton.LeftButton)
    assert panel.cine.playing
    assert button.accessibleName() == "Pause"
    qtbot.waitUntil(lambda: len(shown) >= 7)
    panel.toggle_cine()
    assert not panel.cine.playing
    assert button.accessibleName() == "Play"
    assert shown[:7] == [4, 0, 1, 2, 3, 4, 0]


def test_another_image_or_a_hidden_window_stops_the_cine(
    qtbot: Any, panel: ViewerPanel, cine: Any
) -> None:
    show(qtbot, panel, cine)
    panel.toggle_cine()
    show(qtbot, panel, replace(cine))
    assert not panel.cine.playing
    panel.toggle_cine()
    panel.hide()
    assert not panel.cine.playing


def test_it_can_be_made_tiny(qtbot: Any, panel: ViewerPanel, cine: Any) -> None:
    show(qtbot, panel, cine)
    panel.resize(1, 1)
    assert panel.width() < 320
    assert not panel.grab().isNull()


def test_a_low_viewport_has_one_row_below_its_image(
    qtbot: Any, panel: ViewerPanel, cine: Any
) -> None:
    show(qtbot, panel, cine)
    two_rows = panel.height() - panel.canvas.height()
    panel.resize(640, 240)
    qtbot.waitUntil(lambda: panel.height() - panel.canvas.height() < two_rows)
    assert "W " in words(panel)
    panel.resize(240, 240)
    qtbot.waitUntil(lambda: panel._strip.geometry().right() == panel.width() - 1)
    assert words(panel).strip(" |") == "1 / 5"
    badge = panel.fidelity
    assert badge.isVisible()
    right = badge.mapTo(panel, badge.rect().topRight()).x()
    assert panel.width() - 16 <= right < panel.width()


def test_a_narrow_viewport_leaves_numbers_out_and_keeps_the_badge(
    qtbot: Any, panel: ViewerPanel, still: Any
) -> None:
    show(qtbot, panel, still)
    assert panel.minimumSizeHint().width() < 120  # four of them fit beside worklist and reading
    shown = []
    for width in (640, 190, 110):
        panel.resize(width, 400)
        assert panel.width() == width
        assert panel.fidelity.isVisible()
        assert panel.fidelity.text()
        shown.append(words(panel))
    assert "Zoom" in shown[0]
    assert "Zoom" not in shown[1]
    assert "W 1000" in shown[1]
    assert "W 1000" not in shown[2]


def test_an_empty_viewer_asks_for_what_it_is_told(
    qtbot: Any, panel: ViewerPanel, still: Any
) -> None:
    canvas = panel.canvas
    canvas.set_invitation("Drag an image here")
    assert canvas.message == "Drag an image here"
    panel.set_message("The file is gone.")
    canvas.set_invitation()
    assert canvas.message == "The file is gone."
    panel.set_radiograph(None)
    assert "Ctrl+O" in canvas.message
