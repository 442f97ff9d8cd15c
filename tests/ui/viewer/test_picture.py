"""What is done again and what is kept: however one got there, the picture is the same."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PySide6.QtGui import QColor, QImage, QPainter

from stentviewer.core.types import Box, HeatMap
from stentviewer.imaging.image import Window
from stentviewer.imaging.overlay import colour_table
from stentviewer.imaging.windowing import display_lut
from stentviewer.ui.viewer import picture as picture_module
from stentviewer.ui.viewer.heat_layer import HeatLayer
from stentviewer.ui.viewer.picture import FramePicture, resample_exactly
from stentviewer.ui.viewer.resample import pyramid
from stentviewer.ui.viewer.view_state import ViewState

VIEW = ViewState(300, 200, 1.0, 160, 120, window=Window(500, 1000)).fit()


@pytest.fixture
def noise() -> np.ndarray:
    rows, columns = np.mgrid[0:200, 0:300]
    soft = rows * 2 + columns
    return (soft + np.random.default_rng(1).integers(0, 300, (200, 300))).astype(np.uint16)


@pytest.fixture
def radiograph(dicom: Any, noise: np.ndarray) -> Any:
    return dicom(noise)


def made(radiograph: Any) -> FramePicture:
    picture = FramePicture()
    picture.set_levels(pyramid(radiograph.frames[0]))
    return picture


def drawn(picture: FramePicture, state: ViewState) -> np.ndarray:
    """(rows, columns, 3) RGB as it is painted."""
    image = QImage(state.width, state.height, QImage.Format.Format_RGB32)
    image.fill(QColor("magenta"))
    with QPainter(image) as painter:
        picture.paint(painter, QColor(8, 10, 12))
    bits = np.frombuffer(image.constBits(), np.uint8).reshape(state.height, state.width, 4)
    return bits[..., 2::-1].astype(int)


def afresh(radiograph: Any, state: ViewState, heat: HeatLayer | None = None) -> np.ndarray:
    picture = made(radiograph)
    picture.show(radiograph, state, heat)
    return drawn(picture, state)


def warm() -> HeatLayer:
    heat = HeatLayer()
    rows, columns = np.mgrid[0:16, 0:16]
    values = np.exp(-((columns - 5) ** 2 + (rows - 9) ** 2) / 9).astype(np.float32)
    heat.set_heat(HeatMap(values, Box(0, 0, 1, 1), "Grad-CAM"))
    return heat


steps = st.lists(
    st.one_of(
        st.tuples(st.just("pan"), st.integers(-70, 70), st.integers(-70, 70)),
        st.tuples(st.just("window"), st.integers(300, 700), st.integers(400, 1500)),
        st.tuples(st.just("zoom"), st.sampled_from([0.5, 0.8, 1.3, 2.0]), st.just(0)),
        st.tuples(st.just("turn"), st.integers(1, 3), st.just(0)),
    ),
    max_size=8,
)


@settings(
    deadline=None, max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps, st.booleans())
def test_the_way_leaves_no_trace(radiograph: Any, way: list[Any], with_heat: bool) -> None:
    """Panned, windowed, zoomed and turned in steps, it is the picture made at once."""
    heat = warm() if with_heat else None
    picture, state = made(radiograph), VIEW
    for kind, a, b in way:
        if kind == "pan":
            state = state.pan(a, b)
        elif kind == "window":
            state = replace(state, window=Window(a, b))
        elif kind == "zoom":
            state = state.zoom_at((40.0, 30.0), a)
        else:
            state = state.rotated(a)
        picture.show(radiograph, state, heat)
    picture.show(radiograph, state, heat)
    difference = np.abs(drawn(picture, state) - afresh(radiograph, state, heat))
    assert difference.max() <= 8  # 1/32 of a pixel of this noise; of heat half a device pixel
    assert difference.mean() < 0.2


def test_a_pan_resamples_only_what_comes_into_view(
    radiograph: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    picture, state = made(radiograph), VIEW.zoom_at((80, 60), 1.5)
    picture.show(radiograph, state)
    asked: list[Any] = []
    resample = picture_module.resample

    def counted(*args: Any, **kwargs: Any) -> Any:
        asked.append(kwargs.get("rect"))
        return resample(*args, **kwargs)

    monkeypatch.setattr(picture_module, "resample", counted)
    state = state.pan(7, -4)
    picture.show(radiograph, state, moving=True)
    assert not picture.is_draft  # still exact
    assert sorted(asked) == [(0, 0, 7, 116), (0, 116, 160, 120)]
    picture.show(radiograph, state.pan(0.5, 0), moving=True)
    assert picture.is_draft  # not by whole pixels


def test_another_window_resamples_nothing(radiograph: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    picture = made(radiograph)
    picture.show(radiograph, VIEW)
    monkeypatch.setattr(picture_module, "resample", None)
    other = replace(VIEW, window=Window(300, 100), inverted=True)
    picture.show(radiograph, other)
    monkeypatch.undo()
    assert np.array_equal(drawn(picture, VIEW), afresh(radiograph, other))


def test_grey_goes_through_the_colour_table(radiograph: Any) -> None:
    grey = afresh(radiograph, VIEW)
    for name in ("inferno", "hot iron"):
        coloured = afresh(radiograph, replace(VIEW, colours=name))
        x0, y0, x1, y1 = VIEW.visible_rect()
        inside = np.s_[y0:y1, x0:x1]
        assert np.array_equal(coloured[inside], colour_table(name)[grey[inside][..., 0]])
    assert tuple(grey[0, 0]) == (8, 10, 12)  # beside the image


def test_a_long_picture_is_made_beside_and_taken_only_while_it_is_wanted(
    radiograph: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stentviewer.ui.viewer.resample._FELT_SAMPLES", 0)
    picture = made(radiograph)
    picture.show(radiograph, VIEW)
    assert picture.is_draft
    request = picture.exact_request()
    assert request is not None
    assert picture.exact_request() is None  # asked for once
    exact = resample_exactly(request)
    zoomed = VIEW.zoom_at((80, 60), 1.1)
    picture.show(radiograph, zoomed)
    assert not picture.take(exact)  # stale
    second = picture.exact_request()
    assert second is not None
    other = replace(zoomed, window=Window(200, 300))
    picture.show(radiograph, other)
    assert picture.take(resample_exactly(second))  # a window is no other geometry
    picture.show(radiograph, other)
    assert not picture.is_draft
    monkeypatch.undo()
    assert np.array_equal(drawn(picture, other), afresh(radiograph, other))


def test_colour_is_shown_in_its_colours_and_negative(still: Any) -> None:
    red = np.zeros((40, 60, 3), np.uint8)
    red[..., 0] = 180
    radiograph = replace(still, frames=[red], bits=8, voi_lut=None)
    state = ViewState(60, 40, 1.0, 30, 20).fit()
    assert tuple(afresh(radiograph, state)[10, 10]) == (180, 0, 0)
    assert tuple(afresh(radiograph, replace(state, inverted=True))[10, 10]) == (75, 255, 255)


def test_the_grey_is_the_standards(radiograph: Any, noise: np.ndarray) -> None:
    state = ViewState(300, 200, 1.0, 300, 200, window=Window(500, 1000)).fit()
    expected = display_lut(radiograph, Window(500, 1000)).apply(noise)
    assert np.array_equal(afresh(radiograph, state)[..., 1], expected)
