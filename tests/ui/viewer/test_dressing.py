"""What lies over an image: read beside the window, shown as presented when asked, and put back."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QImage

from stentviewer.app.opened import Opened
from stentviewer.imaging.gsps import Area
from stentviewer.imaging.image import Window
from stentviewer.imaging.readers import read_radiograph
from stentviewer.ui.bridge import Bridge
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.dressing import Dressing, presented_view
from stentviewer.ui.viewer.look import Look
from stentviewer.ui.viewer.view_state import ViewState
from tests.imaging.gsps_files import graphic, item, write_gsps
from tests.imaging.test_overlay_planes import add_overlay
from tests.ui.viewer.conftest import save_dicom
from tests.ui.viewer.test_graphics_layer import NOTHING

CIRCLE = item(GraphicLayer="A", GraphicObjectSequence=[graphic("CIRCLE", [30.0, 20.0, 40.0, 20.0])])
VOI = [item(WindowCenter=40, WindowWidth=400)]


@pytest.fixture
def bridge(qtbot: Any) -> Iterator[Bridge]:
    made = Bridge()
    yield made
    made.close()


class Scene:
    """One canvas with what lies over it, and a library that knows these states."""

    def __init__(self, qtbot: Any, bridge: Bridge, folder: Path) -> None:
        self.qtbot, self.bridge, self.folder = qtbot, bridge, folder
        self.states: list[Path] = []
        self.look = Look()
        self.canvas = ImageCanvas()
        qtbot.addWidget(self.canvas)
        self.canvas.resize(300, 300)
        self.dressing = Dressing(self.canvas, self.look, bridge, "1")
        self.said: list[str] = []
        self.dressing.said.connect(self.said.append)
        self.noticed: list[str] = []
        self.dressing.noticed.connect(self.noticed.append)

    def presentations(self, uids: list[str]) -> list[Any]:
        return [SimpleNamespace(path=path) for path in self.states]

    def add_state(self, uid: str, label: str, **elements: Any) -> None:
        path = self.folder / f"state-{label}"
        self.states.append(write_gsps(path, uid, ContentLabel=label, **elements))

    def open(self, path: Path, frame: int = 0) -> None:
        radiograph = read_radiograph(path)
        record: Any = SimpleNamespace(id=7, header=radiograph.header)
        self.dressing.show_opened(Opened((record,), radiograph), self)  # type: ignore[arg-type]
        with self.qtbot.waitSignal(self.canvas.frameChanged):
            self.canvas.set_radiograph(radiograph, frame)
        self.settle()

    def settle(self) -> None:
        still = self.dressing._still
        self.qtbot.waitUntil(
            lambda: self.canvas.has_frame and not still.isActive() and not self.bridge.jobs
        )

    def picture(self) -> QImage:
        return self.canvas.grab().toImage()


@pytest.fixture
def scene(qtbot: Any, bridge: Bridge, tmp_path: Path) -> Scene:
    return Scene(qtbot, bridge, tmp_path)


@pytest.fixture
def image(tmp_path: Path) -> Path:
    return save_dicom(tmp_path / "image.dcm", np.full((40, 60), 300), WindowCenter=300)


def uid_of(path: Path) -> str:
    return read_radiograph(path).header.identity.sop_uid


def test_overlays_and_the_newest_marks_are_there_by_themselves(scene: Scene, image: Path) -> None:
    scene.open(image)
    assert not scene.dressing.has_drawn
    plain = scene.picture()
    add_overlay(image, np.ones((10, 10), bool))
    scene.open(image)
    assert scene.dressing.has_drawn
    assert scene.picture() != plain
    uid = uid_of(image)
    scene.add_state(uid, "OLD", GraphicAnnotationSequence=[CIRCLE])
    scene.add_state(uid, "NEW")
    scene.open(image)
    assert [state.label for state in scene.dressing.states] == ["OLD", "NEW"]
    assert scene.dressing.applied is None
    assert scene.canvas.state.fitted
    scene.look.set_show_drawn(False)
    assert scene.picture() == plain


def test_a_state_is_shown_whole_and_the_view_comes_back(scene: Scene, image: Path) -> None:
    uid = uid_of(image)
    scene.add_state(
        uid,
        "TURNED",
        ImageRotation=90,
        SoftcopyVOILUTSequence=VOI,
        PresentationLUTShape="INVERSE",
        MaskSubtractionSequence=[item(MaskOperation="AVG_SUB")],
    )
    scene.add_state(uid, "FLAT", ImageHorizontalFlip="Y")
    scene.open(image)
    scene.canvas.set_window(Window(250, 900))
    before = scene.canvas.state
    scene.dressing.next_state()
    assert scene.canvas.state.mirrored
    assert "FLAT" in scene.said[-1]
    scene.dressing.next_state()
    state = scene.canvas.state
    assert (state.quarter_turns, state.mirrored, state.inverted) == (1, False, True)
    assert state.window == Window(40, 400)
    assert "TURNED" in scene.said[-1]
    assert "mask subtraction" in scene.noticed[-1]
    scene.dressing.next_state()
    assert scene.dressing.applied is None
    assert scene.canvas.state == before


def test_a_voi_lut_of_the_state_shapes_the_picture_and_goes_again(
    scene: Scene, image: Path
) -> None:
    table = item(LUTDescriptor=[1000, 0, 8], LUTData=bytes(range(250)) * 4, LUTExplanation="SOFT")
    table["LUTDescriptor"].VR, table["LUTData"].VR = "US", "OW"
    scene.add_state(uid_of(image), "LUT", SoftcopyVOILUTSequence=[item(VOILUTSequence=[table])])
    scene.open(image)
    before, plain = scene.canvas.state, scene.picture()
    scene.dressing.next_state()
    scene.settle()
    scene.qtbot.waitUntil(lambda: scene.canvas.window is None)
    lut = scene.canvas.radiograph
    assert lut is not None
    assert lut.voi_lut is not None
    assert lut.voi_lut.name == "SOFT"
    assert scene.picture().pixelColor(150, 150).red() == 300 % 250
    scene.dressing.next_state()
    scene.settle()
    assert scene.canvas.radiograph is not lut
    assert scene.canvas.state.window == before.window
    assert scene.picture() == plain


def test_without_a_state_it_is_said(scene: Scene, image: Path) -> None:
    scene.open(image)
    scene.dressing.next_state()
    assert scene.said == ["There is no presentation of this image."]


def test_each_frame_has_its_own_and_nothing_stays_of_another(scene: Scene, tmp_path: Path) -> None:
    path = save_dicom(tmp_path / "cine.dcm", np.zeros((3, 20, 30)), FrameTime=40)
    bits = np.zeros((1, 20, 30), bool)
    bits[0, 5:15, 5:15] = True
    add_overlay(path, bits, x0015=("IS", 1), x0051=("US", 2))
    scene.open(path)
    assert not scene.dressing.has_drawn
    for frame, drawn in ((1, True), (2, False), (1, True)):
        with scene.qtbot.waitSignal(scene.canvas.frameChanged):
            scene.canvas.set_frame(frame)
        assert not scene.dressing.has_drawn
        scene.settle()
        assert scene.dressing.has_drawn == drawn


def test_what_cannot_be_read_is_said_once_and_does_no_harm(scene: Scene, image: Path) -> None:
    scene.states.append(scene.folder / "gone")
    scene.open(image)
    assert len(scene.noticed) == 1
    assert "gone" in scene.noticed[0]
    scene.canvas.set_radiograph(None)
    assert not scene.dressing.has_drawn


@given(
    st.integers(0, 3),
    st.booleans(),
    st.integers(0, 40),
    st.integers(0, 30),
    st.integers(10, 60),
    st.integers(10, 60),
)
def test_the_displayed_area_fills_the_viewport(
    turns: int, mirrored: bool, x: int, y: int, width: int, height: int
) -> None:
    area = Area(x, y, x + width, y + height)
    shown = replace(NOTHING, quarter_turns=turns, mirrored=mirrored, area=area)
    view = presented_view(ViewState(100, 90, width=500, height=400), shown, invert=False)
    corners = [view.to_viewport(point) for point in ((area.x0, area.y0), (area.x1, area.y1))]
    across = abs(corners[0][0] - corners[1][0])
    down = abs(corners[0][1] - corners[1][1])
    assert max(across / 500, down / 400) == pytest.approx(1.0)
    assert sum(c[0] for c in corners) / 2 == pytest.approx(250)
    assert sum(c[1] for c in corners) / 2 == pytest.approx(200)


def test_polarity_is_the_states_and_not_the_images() -> None:
    for white_low in (False, True):
        for invert in (False, True):
            shown = replace(NOTHING, white_low=white_low)
            view = presented_view(ViewState(10, 10), shown, invert)
            assert (view.inverted != invert) == white_low


def test_a_magnified_area_has_its_own_zoom() -> None:
    area = Area(10, 10, 20, 20, "MAGNIFY", 3.0)
    view = presented_view(ViewState(100, 90), replace(NOTHING, area=area), False)
    assert (view.zoom, view.centre, view.fitted) == (3.0, (15, 15), False)
