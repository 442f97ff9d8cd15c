"""Several windows with viewports: which of them the keys and the panels belong to."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from pytestqt.qtbot import QtBot

from stentviewer.app.hanging import Content
from tests.ui.conftest import Desk


def test_an_image_that_arrives_behind_does_not_take_the_keys(
    desk: Desk, picture: Callable[[str], Path], qtbot: QtBot
) -> None:
    desk.open(picture("a.png"))
    window, image_id = desk.window, desk.images()[0]
    other = window.windows.open_another()
    qtbot.waitUntil(other.isActiveWindow)
    assert window.front is other.grid
    window.activateWindow()
    qtbot.waitUntil(window.isActiveWindow)
    window.grid.active.canvas.activated.emit()  # the person goes back to the main window …
    assert window.front is window.grid
    other.grid.active.open(Content(image_id))  # … while the other one still opens its image
    qtbot.waitUntil(lambda: other.grid.active.canvas.has_frame)
    desk.settle()
    assert window.front is window.grid
    other.close()
    assert window.front is window.grid


def test_after_a_start_the_main_window_has_the_keys(
    sit_down: Callable[[], Desk], picture: Callable[[str], Path], qtbot: QtBot
) -> None:
    desk = sit_down()
    desk.open(picture("a.png"))
    other = desk.window.windows.open_another()
    other.grid.active.open(Content(desk.images()[0]))
    qtbot.waitUntil(lambda: other.grid.active.canvas.has_frame)
    desk.window.close()
    back = sit_down().window
    (again,) = back.windows.others
    qtbot.waitUntil(lambda: again.grid.active.canvas.has_frame)
    qtbot.waitUntil(back.isActiveWindow)
    back.grid.active.canvas.activated.emit()
    assert back.front is back.grid
    back.close()
