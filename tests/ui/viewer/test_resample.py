"""Stored values at the screen's resolution: exact where it can be checked by hand."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentviewer.ui.viewer.resample import oriented, pyramid, resample
from stentviewer.ui.viewer.sampling import Axis, Scratch, scaled
from stentviewer.ui.viewer.view_state import ViewState


def _expected_x(state: ViewState) -> np.ndarray:
    """Image column at the middle of every device pixel shown."""
    x0, _, x1, _ = state.visible_rect()
    return np.array([state.to_image((u + 0.5, 0.0))[0] for u in range(x0, x1)])


@pytest.mark.parametrize("zoom", [0.13, 0.25, 0.37, 0.5, 0.71, 0.999, 1.3, 2.0, 3.7, 7.9])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (13.37, 5.21), (-40.6, 0.9)])
def test_a_ramp_stays_where_it_was(zoom: float, shift: tuple[float, float]) -> None:
    columns = np.arange(1000) * 60.0 + 30.0
    stored = np.tile(columns, (50, 1)).astype(np.uint16)  # value = 60 × image x
    state = replace(ViewState(1000, 50, 1.0, 300, 40).fit(), zoom=zoom).pan(*shift)
    shown = resample(pyramid(stored), state).values
    x = _expected_x(state)
    inner = (x > 2 / zoom + 2) & (x < 998 - 2 / zoom)
    error = shown[:, inner] / 60.0 - x[inner]
    assert np.abs(error).max() < 0.04 / min(zoom, 1.0)  # 1/32 pixel of the level sampled


def test_shrinking_by_whole_numbers_is_the_mean_of_the_block() -> None:
    stored = np.random.default_rng(1).integers(0, 4000, (128, 192)).astype(np.uint16)
    state = ViewState(192, 128, 1.0, 48, 32).fit()
    means = stored.reshape(32, 4, 48, 4).mean(axis=(1, 3))
    assert np.abs(resample(pyramid(stored), state).values - means).max() <= 1.5  # two roundings


def test_fine_lines_fade_but_never_vanish() -> None:
    stored = np.zeros((3000, 3000), np.uint16)
    stored[:, 5::7] = 7000  # mean 1000 of 7,000
    state = ViewState(3000, 3000, 1.0, 1171, 1171).fit()
    shown = resample(pyramid(stored), state).values
    assert shown.mean() == pytest.approx(1000, rel=0.01)
    by_column = shown.mean(axis=0)
    near_a_line = by_column.reshape(-1)[:1170].reshape(-1, 9).max(axis=1)
    assert near_a_line.min() > 1200


def test_one_to_one_shows_the_stored_pixels() -> None:
    stored = np.random.default_rng(2).integers(0, 65535, (90, 70)).astype(np.uint16)
    state = ViewState(70, 90, 1.0, 200, 200).one_to_one().fit().one_to_one()
    assert np.array_equal(resample(pyramid(stored), state).values, stored)


def test_far_in_every_stored_pixel_is_a_block() -> None:
    stored = np.random.default_rng(3).integers(0, 65535, (20, 20)).astype(np.uint16)
    state = ViewState(20, 20, 1.0, 200, 200).fit()
    assert state.zoom == 10.0
    shown = resample(pyramid(stored), state).values
    assert np.array_equal(shown, stored.repeat(10, axis=0).repeat(10, axis=1))


def test_negative_values_survive() -> None:
    stored = np.full((100, 100), -1000, np.int16)
    shown = resample(pyramid(stored), ViewState(100, 100, 1.0, 37, 37).fit()).values
    assert shown.dtype == np.int16
    assert (shown == -1000).all()


def test_colour_keeps_its_channels() -> None:
    stored = np.zeros((100, 80, 3), np.uint8)
    stored[..., 1] = 200
    shown = resample(pyramid(stored), ViewState(80, 100, 1.0, 31, 41).fit()).values
    assert shown.shape[2] == 3
    assert (shown == (0, 200, 0)).all()


@pytest.mark.parametrize("shape", [(10, 40_000), (40_000, 3), (1, 1), (1, 2000)])
def test_odd_shapes_fit(shape: tuple[int, int]) -> None:
    stored = np.full(shape, 7, np.uint16)
    state = ViewState(shape[1], shape[0], 1.0, 300, 200).fit()
    shown = resample(pyramid(stored), state)
    assert (shown.values == 7).all()
    assert shown.values.shape[0] >= 1


@pytest.mark.parametrize("draft", [False, True])
@settings(deadline=None, max_examples=60)
@given(
    st.integers(1, 700),
    st.integers(1, 700),
    st.sampled_from([0.5, 1.0, 1.7]),
    st.integers(1, 400),
    st.integers(1, 400),
    st.floats(0.05, 40.0),
    st.floats(-300, 300),
)
def test_the_result_fills_exactly_the_visible_rect(
    draft: bool,
    columns: int,
    rows: int,
    aspect: float,
    width: int,
    height: int,
    factor: float,
    shift: float,
) -> None:
    stored = np.full((rows, columns), 321, np.uint16)
    state = ViewState(columns, rows, aspect, width, height).fit()
    state = state.zoom_at((width / 3, height / 2), factor).pan(shift, -shift)
    shown = resample(pyramid(stored), state, draft=draft)
    x0, y0, x1, y1 = state.visible_rect()
    assert shown.values.shape == (y1 - y0, x1 - x0)
    assert (shown.x0, shown.y0) == (x0, y0)
    assert (shown.values == 321).all()


def test_a_draft_of_a_very_large_view_lies_in_the_same_place() -> None:
    stored = np.tile(np.arange(4200) * 12, (3000, 1)).astype(np.uint16)
    levels = pyramid(stored)
    state = ViewState(4200, 3000, 1.0, 2940, 2100).fit()
    full, draft = resample(levels, state), resample(levels, state, draft=True)
    assert (full.draft, draft.draft) == (False, True)
    assert draft.values.shape == full.values.shape
    inner = np.s_[10:-10, 10:-10]
    difference = draft.values[inner].astype(int) - full.values[inner]
    assert np.abs(difference).max() <= 2  # of 17 a device pixel


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("dtype", [np.uint8, np.uint16, np.int16])
def test_orientation_is_numpys_and_contiguous(turns: int, mirrored: bool, dtype: type) -> None:
    stored = np.arange(60, dtype=dtype).reshape(5, 12)
    expected = np.rot90(stored[:, ::-1] if mirrored else stored, -turns)
    assert np.array_equal(oriented(stored, turns, mirrored), expected)
    assert oriented(stored, turns, mirrored).flags.c_contiguous
    colour = np.repeat(stored[..., None].astype(np.uint8), 3, axis=2)
    assert np.array_equal(oriented(colour, turns, mirrored)[..., 1], expected.astype(np.uint8))


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_a_turned_view_shows_the_picture_turned(turns: int, mirrored: bool) -> None:
    stored = np.random.default_rng(4).integers(0, 4000, (90, 140)).astype(np.uint16)
    plain = ViewState(140, 90, 1.0, 70, 45).fit()
    size = (45, 70) if turns % 2 else (70, 45)
    turned = ViewState(140, 90, 1.0, *size, quarter_turns=turns, mirrored=mirrored).fit()
    levels = tuple(oriented(level, turns, mirrored) for level in pyramid(stored))
    shown = resample(levels, turned.upright()).values.astype(int)
    expected = resample(pyramid(stored), plain).values
    expected = np.rot90(expected[:, ::-1] if mirrored else expected, -turns)
    assert np.abs(shown - expected).max() <= 2  # roundings


@pytest.mark.parametrize("zoom", [0.13, 0.25, 0.37, 0.5, 0.71, 0.999, 1.3, 2.0, 3.7, 7.9])
@pytest.mark.parametrize("shift", [(0.0, 0.0), (13.37, 5.21), (-40.6, 0.9), (100.5, 0.0)])
def test_a_draft_lies_where_the_exact_picture_lies(zoom: float, shift: tuple[float, float]) -> None:
    stored = np.tile((np.arange(1000) * 60.0 + 30.0), (50, 1)).astype(np.uint16)
    state = replace(ViewState(1000, 50, 1.0, 300, 40).fit(), zoom=zoom).pan(*shift)
    shown = resample(pyramid(stored), state, draft=True)
    assert shown.draft is (zoom < 1.0 and zoom != 0.5)  # else it would save nothing
    x = _expected_x(state)
    inner = (x > 2 / zoom + 2) & (x < 998 - 2 / zoom)
    error = shown.values[:, inner] / 60.0 - x[inner]
    assert np.abs(error).max() < 0.04 / min(zoom, 1.0)


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_a_part_is_what_the_whole_has_there(data: st.DataObject) -> None:
    stored = np.random.default_rng(6).integers(0, 60_000, (211, 307)).astype(np.uint16)
    state = ViewState(307, 211, 1.3, 160, 120).fit()
    factor = data.draw(st.floats(0.3, 9.0))
    state = state.zoom_at((50.0, 70.0), factor).pan(data.draw(st.floats(-90, 90)), 3.0)
    x0, y0, x1, y1 = state.visible_rect()
    left, top = data.draw(st.integers(x0, x1 - 1)), data.draw(st.integers(y0, y1 - 1))
    rect = (left, top, data.draw(st.integers(left + 1, x1)), data.draw(st.integers(top + 1, y1)))
    levels = pyramid(stored)
    part = resample(levels, state, rect=rect).values
    whole = resample(levels, state).values[top - y0 : rect[3] - y0, left - x0 : rect[2] - x0]
    assert np.abs(part.astype(int) - whole).max() <= 60_000 / 32 / 2
    assert np.mean(part != whole) < 0.02 or np.abs(part.astype(int) - whole).mean() < 40


@pytest.mark.parametrize("step", [0.07, 0.3, 0.71, 0.999, 1.28, 2.5])
@pytest.mark.parametrize("start", [3.2, 57.0, 200.47])
@pytest.mark.parametrize("nearest", [False, True])
def test_quick_samples_lie_about_where_they_should(
    step: float, start: float, nearest: bool
) -> None:
    array = np.tile(np.arange(1200, dtype=np.float32), (4, 1))
    centre = start + 150 * step + 0.5  # so that pixel 0 of 300 lies half a step after `start`
    across = Axis.along(1200, 1200, 1 / step, centre, 300, (0, 300))
    down = Axis.along(4, 4, 1.0, 2.0, 4, (0, 4))
    samples, left, top = scaled(array, across, down, Scratch(), nearest)
    shown = samples[top : top + 4, left : left + 300]
    expected = start + step * (np.arange(300) + 0.5)
    inside = expected < 1198
    error = (
        shown[0][inside[: shown.shape[1]]] - expected[: shown.shape[1]][inside[: shown.shape[1]]]
    )
    allowed = 1.3 * step + (0.5 if nearest else 0.0)
    assert np.abs(error).max() < allowed
    assert shown.shape[1] >= 299
    assert np.abs(error).mean() < 0.6 * allowed


def test_scratch_is_used_again_and_grows() -> None:
    scratch = Scratch()
    first = scratch.array((4, 5), np.dtype(np.uint16))
    assert first.shape == (4, 5)
    assert first.dtype == np.uint16
    assert np.shares_memory(scratch.array((3, 3, 4), np.dtype(np.uint8)), first)
    assert scratch.array((100, 100), np.dtype(np.uint8)).flags.c_contiguous
