"""What others drew, in its place however the image is zoomed, turned and mirrored."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage

from stentviewer.imaging.graphic_marks import Graphic
from stentviewer.imaging.gsps import Area, Presented, read_gsps
from stentviewer.imaging.image import Window
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.graphic_paths import Places, path_of
from stentviewer.ui.viewer.graphics_layer import _DRAWN, GraphicsLayer, overlay_picture
from stentviewer.ui.viewer.look import Look
from stentviewer.ui.viewer.view_state import ViewState
from tests.imaging.gsps_files import graphic, item, write_gsps

NOTHING = Presented(
    None, None, False, 0, False, None, (), (), (), (), (), ()
)  # fmt: skip


@pytest.fixture
def canvas(qtbot: Any, dicom: Any) -> ImageCanvas:
    made = ImageCanvas()
    qtbot.addWidget(made)
    made.resize(400, 300)
    with qtbot.waitSignal(made.frameChanged):
        made.set_radiograph(dicom(np.zeros((100, 160), np.uint16)))
    made.set_window(Window(500, 1000, "LINEAR_EXACT"))
    return made


@pytest.fixture
def layer(canvas: ImageCanvas) -> GraphicsLayer:
    made = GraphicsLayer(Look())
    canvas.add_layer(made)
    return made


@pytest.fixture
def presented(canvas: ImageCanvas, tmp_path: Path) -> Callable[..., Presented]:
    def make(**elements: Any) -> Presented:
        radiograph = canvas.radiograph
        assert radiograph is not None
        uid = radiograph.header.identity.sop_uid
        shown = read_gsps(write_gsps(tmp_path / "state", uid, **elements)).presented(radiograph, 0)
        assert shown is not None
        return shown

    return make


def look_at(canvas: ImageCanvas) -> QImage:
    canvas.update()
    return canvas.grab().toImage()


def colour_at(canvas: ImageCanvas, point: tuple[float, float]) -> QColor:
    """The colour over an image point."""
    at = canvas.to_widget(point)
    return look_at(canvas).pixelColor(int(at.x()), int(at.y()))


def is_drawn(canvas: ImageCanvas, point: tuple[float, float], colour: QColor = _DRAWN) -> bool:
    """Whether the colour is at an image point or right beside it."""
    at = canvas.to_widget(point)
    image = look_at(canvas)
    return any(
        sum(
            abs(getattr(image.pixelColor(int(at.x()) + dx, int(at.y()) + dy), part)() -
                getattr(colour, part)())
            for part in ("red", "green", "blue")
        ) < 160
        for dx in (-1, 0, 1)
        for dy in (-1, 0, 1)
    )  # fmt: skip


ORIENTATIONS = [(turns, mirror) for turns in range(4) for mirror in (False, True)]


@pytest.mark.parametrize(("turns", "mirror"), ORIENTATIONS)
@pytest.mark.parametrize("zoom", [1.0, 1.5, 0.45])
def test_an_overlay_lies_on_its_pixels(
    canvas: ImageCanvas, layer: GraphicsLayer, turns: int, mirror: bool, zoom: float
) -> None:
    bits = np.zeros((40, 30), bool)
    bits[5:25, 10:20] = True
    made = overlay_picture(bits, (30, 90))
    assert made is not None
    assert made.place == (100, 35, 10, 20)
    layer.set_overlays([made])
    canvas.rotate(turns)
    if mirror:
        canvas.mirror()
    canvas.zoom_by(zoom)
    assert is_drawn(canvas, (105, 45))
    assert colour_at(canvas, (60, 45)) == QColor(0, 0, 0)
    assert colour_at(canvas, (105, 75)) == QColor(0, 0, 0)


def test_a_thin_overlay_is_seen_however_small(canvas: ImageCanvas, layer: GraphicsLayer) -> None:
    bits = np.zeros((3000, 3000), bool)
    bits[:, 1500] = bits[0] = bits[-1] = True
    bits[:, 0] = bits[:, -1] = True
    made = overlay_picture(bits, (0, 0))
    assert made is not None
    layer.set_overlays([replace(made, place=(0, 0, 160, 100))])
    assert colour_at(canvas, (80.0, 50.0)).red() > 100
    assert colour_at(canvas, (70.0, 50.0)) == QColor(0, 0, 0)


def test_an_overlay_without_a_bit_is_none() -> None:
    assert overlay_picture(np.zeros((5, 5), bool), (0, 0)) is None


@pytest.mark.parametrize(("turns", "mirror"), ORIENTATIONS)
def test_figures_stay_on_the_image(
    canvas: ImageCanvas,
    layer: GraphicsLayer,
    presented: Callable[..., Presented],
    turns: int,
    mirror: bool,
) -> None:
    figures = [
        graphic("POLYLINE", [20.0, 20.0, 60.0, 20.0, 60.0, 40.0]),
        graphic("CIRCLE", [110.0, 50.0, 130.0, 50.0]),
        graphic("ELLIPSE", [20.0, 70.0, 60.0, 70.0, 40.0, 60.0, 40.0, 80.0]),
        graphic("POINT", [80.0, 90.0]),
    ]
    shown = presented(
        GraphicAnnotationSequence=[item(GraphicLayer="A", GraphicObjectSequence=figures)]
    )
    layer.set_presented(shown)
    canvas.rotate(turns)
    if mirror:
        canvas.mirror()
    on_them = [(40, 20), (60, 30), (110, 30), (110, 70), (90, 50), (40, 60), (40, 80), (80, 90)]
    assert all(is_drawn(canvas, point) for point in on_them)
    beside = [(40, 30), (110, 50), (40, 70), (20, 40), (140, 90)]
    assert not any(is_drawn(canvas, point) for point in beside)


def test_a_filled_figure_lets_the_image_through(
    canvas: ImageCanvas, layer: GraphicsLayer, presented: Callable[..., Presented]
) -> None:
    square = [20.0, 20.0, 80.0, 20.0, 80.0, 80.0, 20.0, 80.0, 20.0, 20.0]
    marks = item(GraphicLayer="A", GraphicObjectSequence=[graphic("POLYLINE", square, filled="Y")])
    white = item(GraphicLayer="A", GraphicLayerOrder=1)
    white.GraphicLayerRecommendedDisplayGrayscaleValue = 65535
    layer.set_presented(presented(GraphicAnnotationSequence=[marks], GraphicLayerSequence=[white]))
    inside = colour_at(canvas, (50, 50))
    assert 30 < inside.red() < 120
    assert inside.red() == inside.green() == inside.blue()


@given(
    st.integers(0, 3),
    st.booleans(),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_display_coordinates_are_of_the_turned_area(
    turns: int, mirrored: bool, u: float, v: float
) -> None:
    """Fractions of the area as the state shows it, whatever the viewer does afterwards."""
    area = Area(20, 10, 100, 50)
    shown = replace(NOTHING, quarter_turns=turns, mirrored=mirrored, area=area)
    state = ViewState(80, 40, width=1000, height=1000, quarter_turns=turns, mirrored=mirrored)
    state = state.fit()
    corners = [state.to_viewport(corner) for corner in ((0.0, 0.0), (80.0, 40.0))]
    left, right = sorted(corner[0] for corner in corners)
    top, bottom = sorted(corner[1] for corner in corners)
    x, y = state.to_image((left + u * (right - left), top + v * (bottom - top)))
    found = Places(shown, 160, 100).point((u, v), "DISPLAY")
    assert found == pytest.approx((x + 20, y + 10), abs=1e-6)


@given(
    st.lists(st.tuples(st.floats(0, 100), st.floats(0, 100)), min_size=2, max_size=12, unique=True)
)
def test_a_curve_goes_through_every_point(points: list[tuple[float, float]]) -> None:
    path = path_of(Graphic("INTERPOLATED", tuple(points), "PIXEL", False), points)
    ends = [path.elementAt(0)] + [path.elementAt(i) for i in range(3, path.elementCount(), 3)]
    found = [(element.x, element.y) for element in ends]
    assert np.allclose(found, points[: len(found)], atol=1e-6)


def test_the_switch_hides_it_all(canvas: ImageCanvas, presented: Callable[..., Presented]) -> None:
    look = Look()
    layer = GraphicsLayer(look)
    empty = look_at(canvas)
    canvas.add_layer(layer)
    marks = item(
        GraphicLayer="A", GraphicObjectSequence=[graphic("CIRCLE", [80.0, 50.0, 99.0, 50.0])]
    )
    assert layer.is_empty
    layer.set_presented(presented(GraphicAnnotationSequence=[marks]))
    assert not layer.is_empty
    assert look_at(canvas) != empty
    look.set_show_drawn(False)
    assert look_at(canvas) == empty
    look.set_show_drawn(True)
    layer.clear()
    assert look_at(canvas) == empty


def test_shutters_cover_only_where_all_is_shown_as_presented(
    canvas: ImageCanvas, layer: GraphicsLayer, presented: Callable[..., Presented]
) -> None:
    shown = presented(
        ShutterShape=["RECTANGULAR", "CIRCULAR"],
        ShutterLeftVerticalEdge=21,
        ShutterRightVerticalEdge=140,
        ShutterUpperHorizontalEdge=11,
        ShutterLowerHorizontalEdge=90,
        CenterOfCircularShutter=[50, 80],
        RadiusOfCircularShutter=50,
        ShutterPresentationValue=65535,
    )
    layer.set_presented(shown)
    assert colour_at(canvas, (5, 50)) == QColor(0, 0, 0)
    layer.set_presented(shown, as_presented=True)
    white, black = QColor(255, 255, 255), QColor(0, 0, 0)
    assert colour_at(canvas, (5, 50)) == white  # outside both
    assert colour_at(canvas, (24, 15)) == white  # in the rectangle, not in the circle
    assert colour_at(canvas, (80, 5)) == white  # in the circle, not in the rectangle
    assert colour_at(canvas, (80, 50)) == black


def test_thousands_of_figures_are_painted_in_a_moment(
    canvas: ImageCanvas, layer: GraphicsLayer, presented: Callable[..., Presented]
) -> None:
    import time

    many = [graphic("CIRCLE", [n % 160, n % 100, n % 160 + 3, n % 100]) for n in range(2000)]
    wild = np.random.default_rng(0).uniform(0, 100, 8000).tolist()
    marks = item(GraphicLayer="A", GraphicObjectSequence=[*many, graphic("POLYLINE", wild)])
    layer.set_presented(presented(GraphicAnnotationSequence=[marks]))
    look_at(canvas)
    start = time.perf_counter()
    look_at(canvas)
    assert time.perf_counter() - start < 2.0  # a fifth of a second on an idle core


def test_texts_are_beside_their_anchor_or_in_their_box(
    canvas: ImageCanvas, layer: GraphicsLayer, presented: Callable[..., Presented]
) -> None:
    words = item(
        BoundingBoxAnnotationUnits="PIXEL",
        AnchorPointAnnotationUnits="PIXEL",
        UnformattedTextValue="NITI-S\n10 × 80",
        BoundingBoxTopLeftHandCorner=[10, 10],
        BoundingBoxBottomRightHandCorner=[60, 30],
        AnchorPoint=[120, 80],
        AnchorPointVisibility="Y",
    )
    marks = item(GraphicLayer="A", TextObjectSequence=[words])
    empty = look_at(canvas)
    layer.set_presented(presented(GraphicAnnotationSequence=[marks]))
    assert look_at(canvas) != empty
    assert is_drawn(canvas, (120, 80))  # the anchor's cross
    assert is_drawn(canvas, (90, 55))  # the line to it
