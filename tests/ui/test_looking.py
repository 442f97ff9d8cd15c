"""Presets, filters, colours, lens and presentations through the one controller of a window."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import Qt

from stentviewer.core.settings import Settings
from stentviewer.imaging.image import Window
from stentviewer.imaging.presets import load_presets
from stentviewer.imaging.readers import read_radiograph
from stentviewer.ui.panels import window as window_panel
from stentviewer.ui.panels.window import title_of
from tests.imaging.gsps_files import graphic, item, write_gsps
from tests.ui.conftest import Desk
from tests.ui.viewer.conftest import save_dicom


class Bench:
    """A window's controller with one image in front."""

    def __init__(self, desk: Desk, qtbot: Any, folder: Path) -> None:
        self.desk, self.qtbot, self.folder = desk, qtbot, folder
        window = desk.window
        self.looking = window.looking
        self.said: list[str] = []
        self.looking.said.connect(self.said.append)
        self.noticed: list[str] = []
        self.looking.noticed.connect(self.noticed.append)

    @property
    def canvas(self) -> Any:
        return self.desk.window.canvas

    def open(self, **tags: Any) -> None:
        values = np.tile(np.linspace(0, 1000, 60), (40, 1))
        path = save_dicom(self.folder / "image.dcm", values, **tags)
        self.desk.open(path)
        self.settle()

    def settle(self) -> None:
        self.desk.settle()
        self.qtbot.waitUntil(lambda: not self.desk.window.bridge.jobs)


@pytest.fixture
def bench(desk: Desk, qtbot: Any, tmp_path: Path) -> Bench:
    return Bench(desk, qtbot, tmp_path)


def test_digits_choose_presets(bench: Bench) -> None:
    bench.open(Modality="CT", RescaleSlope=1, RescaleIntercept=-500)
    assert bench.looking.digits == frozenset("123456789")
    bench.looking.use_preset("1")
    assert bench.canvas.window == Window(40, 400, name="Abdomen")
    assert bench.said[-1] == "Window: Abdomen"
    bench.looking.use_preset("9")
    bench.settle()
    assert (bench.canvas.window.centre, bench.canvas.window.width) == (0, 1000)
    bench.looking.use_preset("8")
    bench.qtbot.waitUntil(lambda: bench.canvas.window.name == "automatic")


def test_a_radiograph_offers_its_own_and_says_where_there_is_none(bench: Bench) -> None:
    bench.open(WindowCenter=[500, 90], WindowWidth=[1000, 40])
    bench.looking.use_preset("2")
    assert (bench.canvas.window.centre, bench.canvas.window.width) == (90, 40)
    bench.looking.use_preset("5")
    assert "key 5" in bench.said[-1]
    assert bench.canvas.window.width == 40


def test_presets_of_ones_own_are_taken_up(bench: Bench, home: Path) -> None:
    own = {"modalities": {"XA": [{"title": "Stent", "centre": 700, "width": 90, "key": 3}]}}
    (home / "presets.json").write_text(json.dumps(own))
    bench.looking.use(Settings(reader="dr.kim"))
    bench.open()
    bench.looking.use_preset("3")
    assert bench.canvas.window.centre == 700
    (home / "presets.json").write_text("{")
    bench.looking.use(Settings(reader="dr.kim"))
    assert "not used" in bench.noticed[-1]
    bench.looking.use_preset("8")
    bench.qtbot.waitUntil(lambda: bench.canvas.window.name == "automatic")


def test_a_filter_and_a_table_are_switched_on_and_off(bench: Bench) -> None:
    bench.open()
    assert bench.looking.switches == {"show_drawn", "colours_grey"}
    bench.looking.use_filter("median")
    bench.looking.use_colours("hot iron")
    bench.settle()
    assert bench.looking.switches == {"show_drawn", "colours_hot_iron", "filter_median"}
    bench.looking.use_filter("sharpen")
    assert "filter_sharpen" in bench.looking.switches
    bench.looking.use_filter("sharpen")
    bench.looking.use_colours("hot iron")
    bench.settle()
    assert bench.looking.switches == {"show_drawn", "colours_grey"}


def test_the_lens_is_on_the_canvas_in_front(bench: Bench) -> None:
    bench.open()
    lens = bench.looking._dressings[bench.canvas].magnifier
    bench.looking.magnify(True)
    assert lens.is_on
    assert "magnify" in bench.looking.switches
    factors = []
    for _ in range(3):
        bench.looking.next_factor()
        factors.append(lens.factor)
    assert factors == [3, 4, 2]
    bench.looking.come_forward()
    assert lens.is_on
    bench.looking.magnify(False)
    assert not lens.is_on


def test_a_state_in_the_library_is_found_and_shown(bench: Bench) -> None:
    bench.open()
    assert not bench.looking.has_drawn
    uid = read_radiograph(bench.folder / "image.dcm").header.identity.sop_uid
    marks = item(GraphicLayer="A", GraphicObjectSequence=[graphic("CIRCLE", [30, 20, 35, 20])])
    state = write_gsps(
        bench.folder / "state.dcm", uid, ImageRotation=90, GraphicAnnotationSequence=[marks]
    )
    bench.desk.window.desk.add((state,))
    bench.settle()
    image_id = bench.desk.window.review.content.image_id
    bench.desk.window.opener.open_image(image_id)
    bench.settle()
    bench.qtbot.waitUntil(lambda: bench.looking.has_drawn)
    bench.looking.show_as_presented(True)
    assert bench.canvas.state.quarter_turns == 1
    assert "as_presented" in bench.looking.switches
    bench.looking.show_as_presented(False)
    assert bench.canvas.state.quarter_turns == 0
    assert bench.looking.has_drawn
    bench.looking.next_state()
    assert bench.canvas.state.quarter_turns == 1


def test_the_panel_lists_presets_and_ticks_the_one_in_force(bench: Bench, qtbot: Any) -> None:
    bench.open(
        Modality="CT", RescaleSlope=1, RescaleIntercept=-500, WindowCenter=40, WindowWidth=80
    )
    panel = bench.looking.panel
    bench.desk.window.docks.show("histogram")
    box = panel.presets
    words = [box.itemText(place) for place in range(box.count())]
    assert words[0] == "Window of the file"
    assert "Abdomen  (1)" in words
    assert box.currentIndex() == 0
    bench.looking.use_preset("3")
    assert box.currentText() == "Bone  (3)"
    bench.canvas.set_window(Window(1, 2))
    assert box.currentIndex() == -1
    qtbot.keyClick(box, Qt.Key.Key_Home)
    box.activated.emit(0)
    assert bench.canvas.window.width == 80
    assert panel.histogram.histogram is not None


def test_every_title_of_the_program_is_marked_for_translation() -> None:
    table, _ = load_presets()
    titles = {preset.title for presets in table.values() for preset in presets}
    assert titles == set(window_panel._TITLES)
    assert {title_of(preset) for presets in table.values() for preset in presets} == titles
