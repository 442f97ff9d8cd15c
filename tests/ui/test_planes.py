"""Three planes of one volume side by side: lines, the shared point, slices read ahead."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from pytestqt.qtbot import QtBot

from stentviewer.app.hanging import Content
from stentviewer.app.opened import Opened
from stentviewer.core.types import Plane
from stentviewer.imaging.readers import read_header
from stentviewer.imaging.series import open_series
from stentviewer.library.records import ImageRecord
from stentviewer.ui.grid import ViewerGrid
from stentviewer.ui.planes import Planes
from stentviewer.ui.viewer.reference_lines import ReferenceLines
from tests.imaging.stacks import but, straight, write_stack
from tests.ui.grids import grid_over


class OneStack:
    """A session that opens planes of one volume of 12 slices, 30 × 30 pixels of 1 mm, 3 mm apart.

    Series 2 is the same patient in another frame of reference.
    """

    def __init__(self, folder: Path) -> None:
        slices = straight(12, shape=(30, 30), spacing=(1.0, 1.0), start=(0.0, 0.0, 0.0))
        self.paths = write_stack(folder / "1", slices)
        moved = [but(one, FrameOfReferenceUID="1.2.3") for one in slices]
        other = write_stack(folder / "2", moved)
        self.volumes = {1: open_series(self.paths), 2: open_series(other)}
        self.headers = {path: read_header(path) for path in (*self.paths, *other)}

    def open(self, content: Content, context: object = None) -> Opened:
        assert content.series_id is not None
        volume = self.volumes[content.series_id]
        records = tuple(
            ImageRecord(100 * content.series_id + i, self.headers[one.path], "", None, 0)
            for i, one in enumerate(volume.slices)
        )
        return Opened(records, volume.radiograph(content.plane), volume, content.plane)

    def __getattr__(self, name: str) -> Any:
        return lambda *_: [] if name == "history" else None


@pytest.fixture
def session(tmp_path: Path) -> OneStack:
    return OneStack(tmp_path)


@pytest.fixture
def grid(qtbot: QtBot, session: OneStack) -> Iterator[ViewerGrid]:
    with grid_over(session, qtbot) as made:
        yield made


def _planes(grid: ViewerGrid) -> Planes:
    return grid.planes


def _show(qtbot: QtBot, grid: ViewerGrid) -> None:
    """Axial, sagittal and coronal, each on the frame it opens with."""
    grid.set_layout("planes")
    with qtbot.waitSignal(_planes(grid).filled):
        for viewport, plane in zip(grid.viewports, Plane, strict=True):
            viewport.open(Content(105, 1, plane))
    qtbot.waitUntil(lambda: all(v.canvas.has_frame for v in grid.viewports))


def _layer(grid: ViewerGrid, index: int) -> ReferenceLines:
    return _planes(grid)._layers[grid.viewports[index]]


def test_the_volume_is_read_ahead_once(qtbot: QtBot, grid: ViewerGrid, session: OneStack) -> None:
    _show(qtbot, grid)
    assert session.volumes[1].is_filled
    assert [v.canvas.frame for v in grid.viewports] == [5, 15, 15]


def test_each_viewport_has_the_lines_of_the_others(qtbot: QtBot, grid: ViewerGrid) -> None:
    _show(qtbot, grid)
    axial, sagittal = grid.viewports[:2]
    grid.set_active(axial)
    lines = _layer(grid, 1)._references
    assert [(one.label, one.is_active) for one in lines] == [("6", True), ("16", False)]
    axial.canvas.set_frame(8)
    assert _layer(grid, 1)._references[0].plane.origin == (0.0, 0.0, -24.0)
    assert _layer(grid, 1)._references[0].label == "9"
    grid.set_active(sagittal)
    assert not _layer(grid, 2)._references[0].is_active
    grid.show_reference_lines(False)
    assert all(_layer(grid, i)._references == () for i in range(3))


def test_what_lies_in_another_frame_of_reference_stays_as_it_is(
    qtbot: QtBot, grid: ViewerGrid
) -> None:
    _show(qtbot, grid)
    other = grid.viewports[2]
    with qtbot.waitSignal(other.canvas.frameChanged):
        other.open(Content(205, 2, Plane.CORONAL))
    own = _layer(grid, 2)._plane
    assert own is not None
    assert all(own.cut_by(one.plane) is None for one in _layer(grid, 2)._references)
    _planes(grid).use_crosshair(True)
    axial = grid.viewports[0].canvas
    at = axial.to_widget((20.5, 10.5)).toPoint()
    qtbot.mouseClick(axial, Qt.MouseButton.LeftButton, pos=at)
    assert [v.canvas.frame for v in grid.viewports] == [5, 20, 15]
    assert _layer(grid, 2)._point is None
    assert _layer(grid, 1)._point is not None
    _planes(grid).use_crosshair(False)


def test_a_pressed_point_is_shown_in_every_plane(qtbot: QtBot, grid: ViewerGrid) -> None:
    _show(qtbot, grid)
    planes = _planes(grid)
    planes.use_crosshair(True)
    axial = grid.viewports[0].canvas
    at = axial.to_widget((20.5, 10.5)).toPoint()
    qtbot.mousePress(axial, Qt.MouseButton.LeftButton, pos=at)
    assert [v.canvas.frame for v in grid.viewports] == [5, 20, 10]
    drag = axial.to_widget((3.5, 28.5)).toPoint()
    qtbot.mouseMove(axial, drag)
    qtbot.mouseRelease(axial, Qt.MouseButton.LeftButton, pos=drag)
    assert [v.canvas.frame for v in grid.viewports] == [5, 3, 28]
    coronal = grid.viewports[2].canvas
    at = coronal.to_widget((25.5, 2.5)).toPoint()  # the third of 12 slices
    qtbot.mouseClick(coronal, Qt.MouseButton.LeftButton, pos=at)
    assert [v.canvas.frame for v in grid.viewports] == [2, 25, 28]
    assert all(_layer(grid, i)._point == _layer(grid, 0)._point is not None for i in range(3))


def test_another_tool_puts_the_crosshair_away(qtbot: QtBot, grid: ViewerGrid) -> None:
    _show(qtbot, grid)
    planes = _planes(grid)
    with qtbot.waitSignal(planes.crosshairChanged):
        planes.use_crosshair(True)
    axial = grid.viewports[0].canvas
    qtbot.mouseClick(axial, Qt.MouseButton.LeftButton, pos=QPoint(200, 200))
    with qtbot.waitSignal(planes.crosshairChanged):
        axial.set_tool(None)
    assert not planes.has_crosshair
    assert all(v.canvas.tool is None for v in grid.viewports)
    assert all(_layer(grid, i)._point is None for i in range(3))


def test_a_viewport_added_later_takes_part(qtbot: QtBot, grid: ViewerGrid) -> None:
    _planes(grid).use_crosshair(True)
    _show(qtbot, grid)
    assert all(v.canvas.tool is not None for v in grid.viewports)
    assert len(_layer(grid, 2)._references) == 2
    _planes(grid).use_crosshair(False)


def test_what_could_not_be_read_is_said_once_all_is_read(
    qtbot: QtBot, grid: ViewerGrid, session: OneStack
) -> None:
    session.paths[0].write_bytes(b"")
    with qtbot.waitSignal(_planes(grid).filled) as told:
        grid.viewports[0].open(Content(105, 1))
    (volume,) = told.args
    assert "“0000.dcm” has changed or gone" in volume.notes[0]
    qtbot.waitUntil(lambda: grid.viewports[0].canvas.has_frame)
