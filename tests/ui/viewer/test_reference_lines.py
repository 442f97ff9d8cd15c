"""Lines and crosshair lie where the geometry says, and follow zoom, turning and mirroring."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from pytestqt.qtbot import QtBot

from stentviewer.core.types import Plane
from stentviewer.imaging.series import read_series
from stentviewer.imaging.volume import Volume
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.reference_lines import CrosshairTool, Reference, ReferenceLines
from tests.imaging.stacks import straight, write_stack

SIDE = 300  # of the canvas; the slices are 30 × 30 mm in 30 × 30 pixels, so 10 screen pixels each


@pytest.fixture
def volume(tmp_path: Path) -> Volume:
    return read_series(
        write_stack(tmp_path, straight(10, shape=(30, 30), spacing=(1.0, 1.0), start=(0, 0, 0)))
    )


@pytest.fixture
def canvas(qtbot: QtBot, volume: Volume) -> ImageCanvas:
    made = ImageCanvas()
    made.resize(SIDE, SIDE)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    with qtbot.waitSignal(made.frameChanged):
        made.set_radiograph(volume.radiograph(Plane.AXIAL), 5)
    return made


@pytest.fixture
def lines(canvas: ImageCanvas, volume: Volume) -> ReferenceLines:
    made = ReferenceLines(canvas)
    made.set_plane(volume.geometry(Plane.AXIAL, 5))
    canvas.add_layer(made)
    return made


def _pixels(canvas: ImageCanvas) -> np.ndarray:
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB888)
    assert image.width() == SIDE
    data = np.frombuffer(image.constBits(), np.uint8).reshape(SIDE, image.bytesPerLine())
    return data[:, : 3 * SIDE].reshape(SIDE, SIDE, 3).astype(int)


def _changed(canvas: ImageCanvas, lines: ReferenceLines) -> np.ndarray:
    """Where the layer has drawn."""
    with_it = _pixels(canvas)
    canvas.remove_layer(lines)
    without = _pixels(canvas)
    canvas.add_layer(lines)
    return np.abs(with_it - without).sum(axis=2) > 0


def test_a_sagittal_slice_is_a_column(
    canvas: ImageCanvas, lines: ReferenceLines, volume: Volume
) -> None:
    lines.set_references([Reference(volume.geometry(Plane.SAGITTAL, 12), is_active=True)])
    drawn = _changed(canvas, lines)
    assert drawn[:, 123:127].all(axis=0).any()  # (12 + 0.5) pixels of 10
    assert not drawn[:, :120].any()
    assert not drawn[:, 130:].any()


def test_a_coronal_slice_is_a_row_and_follows_the_picture(
    canvas: ImageCanvas, lines: ReferenceLines, volume: Volume
) -> None:
    lines.set_references([Reference(volume.geometry(Plane.CORONAL, 4), is_active=True)])
    assert _changed(canvas, lines)[44:47].all(axis=1).any()
    canvas.rotate(1)  # clockwise: what was near the top is near the right
    drawn = _changed(canvas, lines)
    assert drawn[:, SIDE - 47 : SIDE - 43].all(axis=0).any()
    assert not drawn[:, :200].any()
    canvas.rotate(-1)
    canvas.mirror()
    lines.set_references([Reference(volume.geometry(Plane.SAGITTAL, 4), is_active=True)])
    assert _changed(canvas, lines)[:, SIDE - 47 : SIDE - 43].all(axis=0).any()


def test_lines_of_the_other_viewports_are_dashed(
    canvas: ImageCanvas, lines: ReferenceLines, volume: Volume
) -> None:
    plane = volume.geometry(Plane.SAGITTAL, 12)
    lines.set_references([Reference(plane, is_active=True)])
    solid = _pixels(canvas)[:, 125]
    lines.set_references([Reference(plane)])
    dashed = _pixels(canvas)[:, 125]
    assert (solid != dashed).any(axis=1).mean() > 0.2


def test_a_parallel_slice_draws_nothing(
    canvas: ImageCanvas, lines: ReferenceLines, volume: Volume
) -> None:
    lines.set_references([Reference(volume.geometry(Plane.AXIAL, 2))])
    assert not _changed(canvas, lines).any()
    lines.set_references([Reference(volume.geometry(Plane.SAGITTAL, 2))])
    lines.set_plane(None)
    assert not _changed(canvas, lines).any()


def test_a_label_stays_on_the_canvas(
    canvas: ImageCanvas, lines: ReferenceLines, volume: Volume
) -> None:
    plane = volume.geometry(Plane.CORONAL, 0)
    lines.set_references([Reference(plane, label="12")])
    drawn = _changed(canvas, lines)
    assert drawn[10:40, 250:].any()


def test_the_crosshair_leaves_its_point_free(
    canvas: ImageCanvas, lines: ReferenceLines, volume: Volume
) -> None:
    lines.set_crosshair(volume.geometry(Plane.AXIAL, 5).to_patient((10.0, 20.0)))
    drawn = _changed(canvas, lines)
    assert drawn[200, 110:125].all()
    assert drawn[180:190, 100].all()
    assert not drawn[195:205, 95:105].any()
    assert not drawn[:, :60].any()


def test_a_point_off_the_plane_says_how_far(
    canvas: ImageCanvas, lines: ReferenceLines, volume: Volume
) -> None:
    point = volume.geometry(Plane.AXIAL, 5).to_patient((10.0, 20.0))
    lines.set_crosshair(point, within_mm=1.5)
    here = _changed(canvas, lines)
    lines.set_crosshair((point[0], point[1], point[2] + 7.0), within_mm=1.5)
    off = _changed(canvas, lines)
    assert off.sum() > here.sum()  # the distance beside it
    lines.set_crosshair((point[0] + 500.0, point[1], point[2]))
    assert not _changed(canvas, lines).any()
    lines.set_crosshair(None)
    assert not _changed(canvas, lines).any()


def test_the_tool_puts_the_point_where_it_is_pressed_and_dragged(
    qtbot: QtBot, canvas: ImageCanvas, volume: Volume
) -> None:
    plane = volume.geometry(Plane.AXIAL, 5)
    tool = CrosshairTool(lambda: plane)
    placed: list[tuple[float, float, float]] = []
    tool.placed.connect(placed.append)
    canvas.set_tool(tool)
    left = Qt.MouseButton.LeftButton
    qtbot.mousePress(canvas, left, pos=QPoint(100, 200))
    assert placed[-1] == pytest.approx(plane.to_patient((10.0, 20.0)))
    qtbot.mouseMove(canvas, QPoint(150, 100))
    assert placed[-1] == pytest.approx(plane.to_patient((15.0, 10.0)))
    qtbot.mouseRelease(canvas, left, pos=QPoint(150, 100))
    count = len(placed)
    qtbot.mouseMove(canvas, QPoint(20, 20))
    assert len(placed) == count
    window = canvas.window
    qtbot.mousePress(canvas, Qt.MouseButton.RightButton, pos=QPoint(100, 200))
    qtbot.mouseMove(canvas, QPoint(150, 220))
    qtbot.mouseRelease(canvas, Qt.MouseButton.RightButton, pos=QPoint(150, 220))
    assert len(placed) == count
    assert canvas.window != window
    canvas.set_tool(None)


def test_without_a_plane_the_tool_leaves_the_hands_alone(qtbot: QtBot, canvas: ImageCanvas) -> None:
    tool = CrosshairTool(lambda: None)
    placed: list[object] = []
    tool.placed.connect(placed.append)
    canvas.set_tool(tool)
    window = canvas.window
    qtbot.mousePress(canvas, Qt.MouseButton.LeftButton, pos=QPoint(100, 200))
    qtbot.mouseMove(canvas, QPoint(150, 220))
    qtbot.mouseRelease(canvas, Qt.MouseButton.LeftButton, pos=QPoint(150, 220))
    assert placed == []
    assert canvas.window != window
    canvas.set_tool(None)
