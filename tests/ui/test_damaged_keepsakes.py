"""Files that say how the window was left, damaged: it starts all the same."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QSettings

from stentviewer.ui.dialogs import BugDialog
from stentviewer.ui.worklist.panel import Worklist
from tests.ui.conftest import Desk

SitDown = Callable[[], Desk]
LOOK: dict[str, Any] = {
    "zoom": 1.0,
    "centre": [1.0, 1.0],
    "fitted": False,
    "window": [10, 100, "LINEAR"],
    "inverted": False,
    "quarter_turns": 0,
    "mirrored": False,
    "colours": "grey",
}


def kept(look: dict[str, Any] | None = None, **viewport: Any) -> str:
    """A `desk.json` of one viewport."""
    shown = {"image_id": 1, "plane": "", "frame": 0, "view": LOOK | (look or {})} | viewport
    return json.dumps({"grids": [{"layout": "1x1", "viewports": [shown], "active": 0}]})


def left(sit_down: SitDown, picture: Callable[[str], Path], name: str, content: str) -> None:
    """Work with one image, then damage what was kept of that."""
    desk = sit_down()
    desk.open(picture("a.png"))
    folder = desk.window.desk.session.library.folder
    desk.window.close()
    (folder / name).write_text(content)


@pytest.mark.parametrize(
    "content",
    [
        kept(image_id=99999),
        kept(image_id=2**63),
        kept(series_id=99999),
        kept(series_id=2**70),
        "[" * 100_000,
        '{"grids": [{"active": 1e400}]}',
    ],
    ids=["unknown", "no number", "no series", "no series number", "deep", "infinite"],
)
def test_what_is_not_in_the_library_is_not_shown(
    sit_down: SitDown, picture: Callable[[str], Path], content: str
) -> None:
    left(sit_down, picture, "desk.json", content)
    back = sit_down()
    assert not back.window.findChildren(BugDialog)
    assert not back.window.canvas.has_frame
    (row,) = back.session.worklist()
    back.window.opener.hang(row.study_id)
    back.settle()
    assert back.window.canvas.has_frame, "the program goes on"


@pytest.mark.parametrize(
    "content",
    [
        kept(frame=10**30),
        kept({"zoom": 1e-300}),
        kept({"centre": [1e300, -1e300]}),
        kept({"window": [1e308, 1e308, "SIGMOID"]}),
        kept({"colours": "nonsense"}),
    ],
    ids=["frame", "zoom", "centre", "window", "colours"],
)
def test_an_impossible_look_is_no_obstacle(
    sit_down: SitDown, picture: Callable[[str], Path], content: str
) -> None:
    left(sit_down, picture, "desk.json", content)
    back = sit_down()
    assert not back.window.findChildren(BugDialog)
    assert not back.window.grab().isNull()
    back.open(picture("b.png"))
    assert back.window.canvas.has_frame


@pytest.mark.parametrize(
    "content",
    [
        "[main]\ngeometry=hello\ndocks=world\n",
        "[main]\ngeometry=a, b\ndocks=@Rect(1 2 3 4)\n[General]\nworklist=a, b\n",
        "\0\xff[[[",
    ],
)
def test_places_that_are_none_give_the_usual_ones(
    sit_down: SitDown, picture: Callable[[str], Path], content: str
) -> None:
    left(sit_down, picture, "window.ini", content)
    back = sit_down()
    assert back.window.isVisible()
    assert back.window.canvas.has_frame


@pytest.mark.parametrize("arrangement", ["[" * 100_000, '{"sort": "name", "sizes": [1e400]}'])
def test_an_arrangement_of_the_worklist_that_is_none(desk: Desk, arrangement: str) -> None:
    worklist: Worklist = desk.window.worklist
    worklist.restore_arrangement(arrangement)
    assert json.loads(worklist.arrangement())


def test_a_layout_with_fewer_contents_than_places_shows_nothing_else(
    desk: Desk, picture: Callable[[str], Path], home: Path
) -> None:
    """No image of a former patient may stay beside the one that was hung."""
    desk.open(picture("former.png"))
    desk.window.grid.set_layout("2x2")
    for viewport in desk.window.grid.viewports:
        desk.window.opener.open_image(desk.images()[0], viewport)
    desk.settle()
    rule = {"name": "own", "layout": "2x2", "cells": ["current"]}
    (home / "hanging.json").write_text(json.dumps({"rules": [rule]}))
    desk.open(picture("new.png"))
    first, *others = desk.window.grid.viewports
    assert first.review.state.image is not None
    assert first.review.state.image.header.path.name == "new.png"
    assert [one.review.content for one in others] == [None] * 3


def test_hanging_rules_as_deep_as_a_well_are_told_of(
    desk: Desk, picture: Callable[[str], Path], home: Path
) -> None:
    (home / "hanging.json").write_text("[" * 100_000)
    desk.open(picture("a.png"))
    assert desk.window.canvas.has_frame
    assert "hanging.json" in desk.window.messages.text.text()


def test_the_kept_file_of_places_is_the_one_that_is_damaged_here(sit_down: SitDown) -> None:
    """Else the tests above would damage a file that nobody reads."""
    desk = sit_down()
    folder = desk.session.library.folder
    desk.window.close()
    places = QSettings(str(folder / "window.ini"), QSettings.Format.IniFormat)
    assert places.value("main/geometry") is not None
    assert (folder / "window.ini").exists()
