"""A grid of viewports over a session that only a test knows."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from pytestqt.qtbot import QtBot

from stentviewer.ui.bridge import Bridge
from stentviewer.ui.desk import Desk
from stentviewer.ui.grid import ViewerGrid


@contextmanager
def grid_over(session: Any, qtbot: QtBot) -> Iterator[ViewerGrid]:
    """900 × 600, on the screen; emptied in the end."""
    bridge = Bridge()
    desk = Desk(bridge)
    desk._session = session
    grid = ViewerGrid(desk)
    qtbot.addWidget(grid)
    grid.resize(900, 600)
    with qtbot.waitExposed(grid):
        grid.show()
    yield grid
    for viewport in grid.viewports:
        viewport.clear()
    bridge.close()
