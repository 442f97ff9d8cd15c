"""Zoom, pan and fit as geometry."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.ui.viewer.view_state import MAX_ZOOM, ViewState

sizes = st.integers(1, 5000)
viewports = st.integers(1, 3000)
shares = st.floats(0.0, 1.0)


@st.composite
def states(draw: st.DrawFn) -> ViewState:
    state = ViewState(
        columns=draw(sizes),
        rows=draw(sizes),
        pixel_aspect=draw(st.floats(0.25, 4.0)),
        width=draw(viewports),
        height=draw(viewports),
    ).fit()
    for _ in range(draw(st.integers(0, 3))):
        at = (draw(shares) * state.width, draw(shares) * state.height)
        state = state.zoom_at(at, draw(st.floats(0.1, 20.0)))
        state = state.pan(draw(st.floats(-2000, 2000)), draw(st.floats(-2000, 2000)))
    return state


@given(states(), shares, shares)
def test_image_to_viewport_and_back(state: ViewState, x: float, y: float) -> None:
    point = (x * state.columns, y * state.rows)
    back = state.to_image(state.to_viewport(point))
    assert back == pytest.approx(point, abs=1e-6 * max(state.columns, state.rows))


@given(states(), shares, shares, st.floats(0.05, 20.0))
def test_zoom_keeps_the_point_under_the_cursor(
    state: ViewState, x: float, y: float, factor: float
) -> None:
    point = (x * state.columns, y * state.rows)
    cursor = state.to_viewport(point)
    zoomed = state.zoom_at(cursor, factor)
    tolerance = 1e-6 * (1 + max(abs(cursor[0]), abs(cursor[1]), state.width, state.height))
    assert zoomed.to_viewport(point) == pytest.approx(cursor, abs=tolerance)


@given(states(), st.floats(0.0, 1e6))
def test_zoom_stays_between_its_ends(state: ViewState, factor: float) -> None:
    zoom = state.zoom_at((0.0, 0.0), max(factor, 1e-6)).zoom
    assert state.min_zoom <= zoom <= MAX_ZOOM


@given(states())
def test_fit_shows_everything_and_touches_the_viewport(state: ViewState) -> None:
    fitted = state.fit()
    left, top = fitted.to_viewport((0.0, 0.0))
    right, bottom = fitted.to_viewport((float(state.columns), float(state.rows)))
    assert left >= -1e-6
    assert top >= -1e-6
    assert right <= state.width + 1e-6
    assert bottom <= state.height + 1e-6
    filled = max((right - left) / state.width, (bottom - top) / state.height)
    assert filled == pytest.approx(1.0) or fitted.zoom == MAX_ZOOM


@given(states(), st.floats(-1e7, 1e7), st.floats(-1e7, 1e7))
def test_panning_never_loses_the_image(state: ViewState, dx: float, dy: float) -> None:
    panned = state.pan(dx, dy)
    left, top = panned.to_viewport((0.0, 0.0))
    right, bottom = panned.to_viewport((float(state.columns), float(state.rows)))
    across = min(right, state.width) - max(left, 0.0)
    down = min(bottom, state.height) - max(top, 0.0)
    sx, sy = state.scale
    assert across >= min(48.0, state.columns * sx, state.width) - 1e-3
    assert down >= min(48.0, state.rows * sy, state.height) - 1e-3


@given(states(), viewports, viewports)
def test_fitted_stays_fitted_in_another_viewport(state: ViewState, width: int, height: int) -> None:
    assert state.fit().resized(width, height).zoom == pytest.approx(
        min(
            width / state.columns,
            height / (state.rows * state.pixel_aspect),
            MAX_ZOOM,
        )
    )


@given(states())
def test_visible_rect_lies_in_the_viewport_and_is_never_empty(state: ViewState) -> None:
    x0, y0, x1, y1 = state.visible_rect()
    assert 0 <= x0 < x1 <= state.width
    assert 0 <= y0 < y1 <= state.height


def test_one_to_one_is_one_device_pixel_a_column() -> None:
    state = ViewState(3000, 2000, 1.0, 800, 600).fit().one_to_one()
    a, b = state.to_viewport((100.0, 100.0)), state.to_viewport((101.0, 101.0))
    assert (b[0] - a[0], b[1] - a[1]) == pytest.approx((1.0, 1.0))
    assert not state.fitted


def test_rows_taller_than_columns_are_drawn_taller() -> None:
    state = ViewState(100, 100, 2.0, 400, 400).fit()
    assert state.visible_rect() == (100, 0, 300, 400)


def test_panning_moves_with_the_hand() -> None:
    state = ViewState(1000, 1000, 1.0, 500, 500).fit().zoom_at((250, 250), 4.0)
    before = state.to_viewport((500.0, 500.0))
    after = state.pan(30.0, -12.0).to_viewport((500.0, 500.0))
    assert (after[0] - before[0], after[1] - before[1]) == pytest.approx((30.0, -12.0))


def test_a_viewport_of_nothing_counts_as_one_pixel() -> None:
    state = ViewState(10, 10).resized(0, 0)
    assert math.isfinite(state.zoom)
    assert state.visible_rect() == (0, 0, 1, 1)
