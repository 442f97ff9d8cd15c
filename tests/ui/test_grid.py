"""Layouts, the viewport that has the keys, and what follows what, over pictures in memory."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QColor, QDropEvent
from pytestqt.qtbot import QtBot

from stentviewer.app.hanging import Content
from stentviewer.app.opened import Opened
from stentviewer.core.types import Identity, ImageHeader
from stentviewer.imaging.image import DecodedFrames, Radiograph, Window
from stentviewer.library.records import ImageRecord
from stentviewer.ui.grid import ViewerGrid
from stentviewer.ui.viewport import Viewport
from stentviewer.ui.worklist.tiles import MIME as TILE_MIME
from tests.ui.grids import grid_over


class Pictures:
    """A session that can only open: image n is (40, 60), its values n more than a ramp."""

    def open(self, content: Content, context: object = None) -> Opened:
        number = content.image_id
        pixels = (np.arange(2400).reshape(40, 60) + number).astype(np.uint16)
        identity = Identity(patient_id=str(number), modality="DX")
        header = ImageHeader(Path(f"{number}.dcm"), identity, 40, 60, 3, "DICOM", True)
        radiograph = Radiograph(
            header, DecodedFrames(3, lambda _: pixels), windows=(Window(1200, 2400),)
        )
        return Opened((ImageRecord(number, header, "", None, 0),), radiograph)

    def latest_reading(self, *_: int) -> None:
        return None

    def label(self, *_: int) -> None:
        return None

    def history(self, *_: int) -> list[Any]:
        return []

    def __getattr__(self, name: str) -> Any:
        return lambda *_: None


@pytest.fixture
def grid(qtbot: QtBot) -> Iterator[ViewerGrid]:
    with grid_over(Pictures(), qtbot) as made:
        yield made


def fill(grid: ViewerGrid, qtbot: QtBot, *numbers: int) -> None:
    for viewport, number in zip(grid.viewports, numbers, strict=False):
        viewport.open(Content(number))
    qtbot.waitUntil(
        lambda: all(v.canvas.has_frame for v in grid.viewports[: len(numbers)]), timeout=5000
    )


def shown(grid: ViewerGrid) -> list[int | None]:
    return [v.review.content.image_id if v.review.content else None for v in grid.viewports]


def test_every_layout_shows_its_viewports_and_no_other(grid: ViewerGrid) -> None:
    for layout, count in {"1x2": 2, "2x2": 4, "2x4": 8, "planes": 3, "1x1": 1}.items():
        grid.set_layout(layout)  # type: ignore[arg-type]
        grid.layout().activate()
        assert len(grid.viewports) == count
        assert all(viewport.isVisible() for viewport in grid.viewports)
        area = sum(v.width() * v.height() for v in grid.viewports)
        assert area > 0.9 * grid.width() * grid.height(), layout


def test_a_smaller_layout_keeps_the_active_image_and_empties_the_others(
    grid: ViewerGrid, qtbot: QtBot
) -> None:
    grid.set_layout("2x2")
    fill(grid, qtbot, 1, 2, 3, 4)
    grid.set_active(grid.viewports[2])
    grid.set_layout("1x1")
    assert shown(grid) == [3]
    grid.set_layout("2x2")
    assert shown(grid) == [3, None, None, None] or shown(grid)[0] == 3
    assert sum(number is not None for number in shown(grid)) == 1


def test_a_click_takes_the_keys_and_ctrl_tab_goes_round(grid: ViewerGrid, qtbot: QtBot) -> None:
    grid.set_layout("1x2")
    fill(grid, qtbot, 1, 2)
    first, second = grid.viewports
    qtbot.mouseClick(second.canvas, Qt.MouseButton.LeftButton)
    assert grid.active is second
    assert second.property("active")
    assert not first.property("active")
    grid.next_viewport()
    assert grid.active is first


def fills(viewport: Viewport, grid: ViewerGrid) -> bool:
    """Whether it takes all the room but the gaps between what else there would be."""
    grid._places.activate()
    left = grid.size() - viewport.size()
    return max(left.width(), left.height()) <= 3 * grid._places.spacing()


def test_one_viewport_alone_for_a_moment(grid: ViewerGrid, qtbot: QtBot) -> None:
    grid.set_layout("2x2")
    fill(grid, qtbot, 1, 2, 3, 4)
    grid.set_active(grid.viewports[1])
    grid.maximise()
    assert [v.isVisible() for v in grid.viewports] == [False, True, False, False]
    assert fills(grid.viewports[1], grid)
    grid.maximise()
    assert all(v.isVisible() for v in grid.viewports)
    grid.layout().activate()
    assert abs(grid.viewports[0].width() - grid.viewports[1].width()) <= 1
    grid.set_layout("planes")
    for viewport in grid.viewports:
        grid.set_active(viewport)
        grid.maximise()
        assert grid.active is viewport
        assert fills(viewport, grid)
        grid.maximise()
    grid.set_layout("2x2")
    fill(grid, qtbot, 1, 2, 3, 4)
    assert shown(grid) == [1, 2, 3, 4]


def test_linked_zoom_and_pan_show_the_same_part(grid: ViewerGrid, qtbot: QtBot) -> None:
    grid.set_layout("1x2")
    fill(grid, qtbot, 1, 2)
    one, two = (v.canvas for v in grid.viewports)
    one.zoom_by(2.0)
    assert two.state.fitted, "nothing follows before it is linked"
    grid.link_view(True)
    one.zoom_by(1.5)
    one.pan_by(10, 5)
    assert two.zoom / two.state.fit_zoom == pytest.approx(one.zoom / one.state.fit_zoom)
    assert two.state.centre == pytest.approx(one.state.centre)
    two.fit()
    assert one.state.fitted
    grid.link_view(False)
    one.zoom_by(2.0)
    assert two.state.fitted


def test_linked_windows_are_the_same_and_only_for_values_of_one_kind(
    grid: ViewerGrid, qtbot: QtBot
) -> None:
    grid.set_layout("1x2")
    fill(grid, qtbot, 1, 2)
    one, two = (v.canvas for v in grid.viewports)
    grid.link_window(True)
    one.set_window(Window(100, 50))
    assert two.window == Window(100, 50)
    assert one.zoom == pytest.approx(one.state.fit_zoom)


def test_linked_scrolling_steps_as_many_frames(grid: ViewerGrid, qtbot: QtBot) -> None:
    grid.set_layout("1x2")
    fill(grid, qtbot, 1, 2)
    one, two = (v.canvas for v in grid.viewports)
    two.set_frame(1)
    qtbot.waitUntil(lambda: two.frame == 1)
    grid.link_scroll(True)
    one.set_frame(1)
    qtbot.waitUntil(lambda: one.frame == 1)
    qtbot.waitUntil(lambda: two.frame == 2)


def test_another_image_in_a_viewport_is_no_movement(grid: ViewerGrid, qtbot: QtBot) -> None:
    grid.set_layout("1x2")
    fill(grid, qtbot, 1, 2)
    one, two = grid.viewports
    grid.link_view(True)
    grid.link_window(True)
    two.canvas.set_window(Window(900, 10))
    one.open(Content(5))
    qtbot.waitUntil(lambda: one.canvas.has_frame and one.review.shown is not None)
    assert two.canvas.window == Window(900, 10)


def test_a_tile_dropped_on_a_viewport_says_what_it_was(grid: ViewerGrid, qtbot: QtBot) -> None:
    grid.set_layout("1x2")
    target = grid.viewports[1]
    data = QMimeData()
    data.setData(TILE_MIME, b'{"series": 4, "image": 9}')
    none, left = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
    dropped = QDropEvent(QPointF(5, 5), Qt.DropAction.CopyAction, data, left, none)
    with qtbot.waitSignal(target.tileDropped) as told:
        target.dropEvent(dropped)
    assert told.args == [9]
    assert grid.active is target
    qtbot.waitUntil(target.canvas.hasFocus)  # arrow and frame keys go there too


def test_a_look_that_is_handed_over_is_taken_up_with_the_first_frame(
    grid: ViewerGrid, qtbot: QtBot
) -> None:
    fill(grid, qtbot, 1)
    canvas = grid.active.canvas
    canvas.set_window(Window(77, 7))
    canvas.zoom_by(3.0)
    look = canvas.state
    grid.active.open(Content(2), look)
    qtbot.waitUntil(lambda: canvas.has_frame and shown(grid) == [2])
    assert canvas.window == Window(77, 7)
    assert canvas.zoom == pytest.approx(look.zoom)


def test_the_frame_on_the_screen_goes_along_with_the_keys(grid: ViewerGrid, qtbot: QtBot) -> None:
    grid.set_layout("1x2")
    fill(grid, qtbot, 1, 2)
    first, second = grid.viewports
    qtbot.waitUntil(lambda: edge_on_screen(first) != edge_on_screen(second))
    framed, plain = edge_on_screen(first), edge_on_screen(second)
    grid.set_active(second)
    qtbot.waitUntil(lambda: (edge_on_screen(first), edge_on_screen(second)) == (plain, framed))


def edge_on_screen(viewport: Viewport) -> QColor:
    """What is painted where a viewport's frame is: the window's own pixels, nothing drawn anew."""
    window = viewport.window()
    picture = window.screen().grabWindow(window.winId()).toImage()
    ratio = picture.devicePixelRatio()
    at = viewport.mapTo(window, QPoint(0, viewport.height() // 2))
    return picture.pixelColor(round(at.x() * ratio), round(at.y() * ratio))
