"""Zoom, pan and fit as geometry."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.types import Box
from stentviewer.ui.viewer.view_state import MAX_ZOOM, ViewState, oriented_box

sizes = st.integers(1, 5000)
viewports = st.integers(1, 3000)
shares = st.floats(0.0, 1.0)


@st.composite
def states(draw: st.DrawFn, sizes: st.SearchStrategy[int] = sizes) -> ViewState:
    state = ViewState(
        columns=draw(sizes),
        rows=draw(sizes),
        pixel_aspect=draw(st.floats(0.25, 4.0)),
        width=draw(viewports),
        height=draw(viewports),
        quarter_turns=draw(st.integers(0, 3)),
        mirrored=draw(st.booleans()),
    ).fit()
    for _ in range(draw(st.integers(0, 3))):
        at = (draw(shares) * state.width, draw(shares) * state.height)
        state = state.zoom_at(at, draw(st.floats(0.1, 20.0)))
        state = state.pan(draw(st.floats(-2000, 2000)), draw(st.floats(-2000, 2000)))
    return state


def corners(state: ViewState) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of the image in the viewport."""
    xa, ya = state.to_viewport((0.0, 0.0))
    xb, yb = state.to_viewport((float(state.columns), float(state.rows)))
    return min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb)


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
    left, top, right, bottom = corners(fitted)
    assert left >= -1e-6
    assert top >= -1e-6
    assert right <= state.width + 1e-6
    assert bottom <= state.height + 1e-6
    filled = max((right - left) / state.width, (bottom - top) / state.height)
    assert filled == pytest.approx(1.0) or fitted.zoom == MAX_ZOOM


@given(states(), st.floats(-1e7, 1e7), st.floats(-1e7, 1e7))
def test_panning_never_loses_the_image(state: ViewState, dx: float, dy: float) -> None:
    panned = state.pan(dx, dy)
    left, top, right, bottom = corners(panned)
    across = min(right, state.width) - max(left, 0.0)
    down = min(bottom, state.height) - max(top, 0.0)
    assert across >= min(48.0, right - left, state.width) - 1e-3
    assert down >= min(48.0, bottom - top, state.height) - 1e-3


@given(states(), viewports, viewports)
def test_fitted_stays_fitted_in_another_viewport(state: ViewState, width: int, height: int) -> None:
    across, down = state.columns, state.rows * state.pixel_aspect
    if state.quarter_turns % 2:
        across, down = down, across
    fitting = min(width / across, height / down, MAX_ZOOM)
    assert state.fit().resized(width, height).zoom == pytest.approx(fitting)


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


@given(states(), shares, shares)
def test_viewport_to_image_and_back(state: ViewState, x: float, y: float) -> None:
    point = (x * state.width, y * state.height)
    assert state.to_viewport(state.to_image(point)) == pytest.approx(point, abs=1e-6)


@given(states(st.integers(1, 40)), shares, shares)
def test_upright_is_the_same_view_of_the_oriented_array(
    state: ViewState, x: float, y: float
) -> None:
    """A pixel's centre lies where numpy's own turning puts it, and is drawn in the same place."""
    column, row = int(x * (state.columns - 1)), int(y * (state.rows - 1))
    pixels = np.broadcast_to(np.arange(state.columns), (state.rows, state.columns))
    numbers = pixels + np.arange(state.rows)[:, None] * state.columns
    turned = np.rot90(numbers[:, ::-1] if state.mirrored else numbers, -state.quarter_turns)
    new_row, new_column = np.argwhere(turned == row * state.columns + column)[0]
    upright = state.upright()
    assert (upright.rows, upright.columns) == turned.shape
    expected = state.to_viewport((column + 0.5, row + 0.5))
    tolerance = 1e-6 * (1 + max(map(abs, expected)))
    assert upright.to_viewport((new_column + 0.5, new_row + 0.5)) == pytest.approx(
        expected, abs=tolerance
    )
    assert upright.visible_rect() == state.visible_rect()


@given(states(), st.integers(-5, 5), shares, shares)
def test_turning_goes_clockwise_about_the_middle(
    state: ViewState, turns: int, x: float, y: float
) -> None:
    state = replace(state, fitted=False, centre=(state.columns / 2, state.rows / 2))
    point = (x * state.columns, y * state.rows)
    a, b = state.to_viewport(point)
    dx, dy = a - state.width / 2, b - state.height / 2
    for _ in range(turns % 4):
        dx, dy = -dy, dx
    expected = (dx + state.width / 2, dy + state.height / 2)
    tolerance = 1e-6 * (1 + max(map(abs, expected)))
    assert state.rotated(turns).to_viewport(point) == pytest.approx(expected, abs=tolerance)


@given(states(), shares, shares)
def test_mirroring_is_left_for_right_as_seen_whichever_way_it_lies(
    state: ViewState, x: float, y: float
) -> None:
    point = (x * state.columns, y * state.rows)
    a, b = state.to_viewport(point)
    flipped = state.flipped()
    tolerance = 1e-6 * (1 + abs(a) + abs(b))
    assert flipped.to_viewport(point) == pytest.approx((state.width - a, b), abs=tolerance)
    assert flipped.flipped().quarter_turns == state.quarter_turns
    assert flipped.flipped().mirrored == state.mirrored


@given(shares, shares, shares, shares, st.integers(0, 3), st.booleans())
def test_a_box_is_oriented_as_its_corners_are(
    xa: float, ya: float, xb: float, yb: float, turns: int, mirrored: bool
) -> None:
    box = Box(min(xa, xb), min(ya, yb), max(xa, xb), max(ya, yb))
    state = ViewState(1, 1, 1.0, 100, 100, quarter_turns=turns, mirrored=mirrored).fit()
    oriented = oriented_box(box, turns, mirrored)
    a, b = state.to_viewport((box.x0, box.y0)), state.to_viewport((box.x1, box.y1))
    left, top, right, bottom = corners(state)
    width, height = right - left, bottom - top
    seen = (
        (min(a[0], b[0]) - left) / width,
        (min(a[1], b[1]) - top) / height,
        (max(a[0], b[0]) - left) / width,
        (max(a[1], b[1]) - top) / height,
    )
    assert (oriented.x0, oriented.y0, oriented.x1, oriented.y1) == pytest.approx(seen, abs=1e-9)


def test_a_turned_image_of_tall_pixels_is_wide() -> None:
    state = ViewState(100, 100, 2.0, 400, 400).rotated(1)
    assert state.visible_rect() == (0, 100, 400, 300)
