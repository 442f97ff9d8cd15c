"""Scrolling through a volume: at once where the slices are in memory, past what is damaged."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stentviewer.core.types import Plane
from stentviewer.imaging.image import Window
from stentviewer.imaging.series import open_series, read_series
from stentviewer.imaging.volume import Volume
from stentviewer.ui.viewer.canvas import ImageCanvas
from tests.imaging.stacks import straight, write_stack


@pytest.fixture
def canvas(qtbot: QtBot) -> ImageCanvas:
    made = ImageCanvas()
    made.resize(120, 160)
    qtbot.addWidget(made)
    with qtbot.waitExposed(made):
        made.show()
    return made


def _show(qtbot: QtBot, canvas: ImageCanvas, volume: Volume, plane: Plane, frame: int) -> None:
    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_radiograph(volume.radiograph(plane), frame)


@pytest.mark.parametrize("plane", list(Plane))
def test_what_is_in_memory_is_shown_at_once(
    qtbot: QtBot, canvas: ImageCanvas, tmp_path: Path, plane: Plane
) -> None:
    volume = read_series(write_stack(tmp_path, straight(5)))
    _show(qtbot, canvas, volume, plane, 2)
    canvas.set_window(Window(0, 400))
    seen = []
    canvas.frameChanged.connect(seen.append)
    for frame in (3, 4, 1):
        canvas.set_frame(frame)
        assert canvas.frame == frame
        np.testing.assert_array_equal(canvas.stored, volume.picture(plane, frame))
    assert seen == [3, 4, 1]
    assert canvas.window == Window(0, 400)


def test_what_is_not_comes_once_it_is_read(
    qtbot: QtBot, canvas: ImageCanvas, tmp_path: Path
) -> None:
    volume = open_series(write_stack(tmp_path, straight(5)))
    _show(qtbot, canvas, volume, Plane.AXIAL, 2)
    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_frame(4)
        assert canvas.frame == 2
    assert canvas.frame == 4
    assert volume.is_ready(4)


def test_a_late_answer_does_not_bring_an_old_slice_back(
    qtbot: QtBot, canvas: ImageCanvas, tmp_path: Path
) -> None:
    volume = open_series(write_stack(tmp_path, straight(5)))
    _show(qtbot, canvas, volume, Plane.AXIAL, 2)
    volume.slice(3)
    canvas.set_frame(4)  # has to be read
    canvas.set_frame(3)  # is there
    assert canvas.frame == 3
    qtbot.waitUntil(lambda: not canvas._loader.busy)  # read, or dropped before it was begun
    QApplication.processEvents()
    assert canvas.frame == 3


def test_a_damaged_slice_says_so_and_the_others_go_on(
    qtbot: QtBot, canvas: ImageCanvas, tmp_path: Path
) -> None:
    paths = write_stack(tmp_path, straight(5))
    volume = open_series(paths)
    _show(qtbot, canvas, volume, Plane.AXIAL, 2)
    before = canvas.window
    paths[1].write_bytes(b"")
    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_frame(1)
    assert "“0001.dcm” has changed or gone" in canvas.message
    assert not canvas.has_frame
    assert canvas.frame == 1
    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_frame(0)
    assert canvas.has_frame
    assert canvas.message == ""
    assert canvas.window == before
