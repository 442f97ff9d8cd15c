"""The arithmetic of the heat map's colours and of the scale bar."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.types import Box, HeatMap, Spacing, SpacingKind
from stentviewer.ui.viewer.heat_layer import HeatLayer, premultiplied_table, smooth_levels
from stentviewer.ui.viewer.scale_bar import scale_bar
from stentviewer.ui.viewer.view_state import ViewState


def test_no_heat_is_fully_transparent_and_alpha_is_strength_times_heat() -> None:
    colours = np.full((256, 3), 255, np.uint8)
    table = premultiplied_table(colours, 0.5)
    assert table[0] == 0
    alpha = table >> 24
    assert np.abs(alpha - np.arange(256) * 0.5).max() <= 0.5
    for shift in (0, 8, 16):
        assert (((table >> shift) & 255) <= alpha).all()  # premultiplied


def test_enlarging_keeps_the_peak_in_its_place() -> None:
    values = np.zeros((32, 32), np.float32)
    values[20, 5] = 1.0
    large = smooth_levels(values)
    assert large.shape == (512, 512)
    row, column = np.unravel_index(large.argmax(), large.shape)
    assert abs(row - 20.5 * 16) <= 8
    assert abs(column - 5.5 * 16) <= 8


def test_the_picture_follows_the_strength() -> None:
    layer = HeatLayer()
    state = ViewState(100, 80, 1.0, 50, 40).fit()

    def alpha() -> int:
        laid = layer.picture(state, state.visible_rect())
        assert laid is not None
        assert laid.part == (0, 0, 50, 40)
        return laid.image.pixelColor(9, 9).alpha()

    assert layer.picture(state, state.visible_rect()) is None
    layer.set_heat(HeatMap(np.ones((4, 4), np.float32), Box(0, 0, 1, 1), "Grad-CAM"))
    layer.set_strength(1.0)
    assert alpha() == 255
    layer.set_strength(0.25)
    assert alpha() == 64
    layer.set_strength(7.0)
    assert layer.strength == 1.0


@given(st.floats(0.01, 5.0), st.floats(0.01, 64.0), st.integers(1, 5000), st.booleans())
def test_the_bar_is_round_and_as_long_as_it_says(
    mm: float, zoom: float, width: int, known: bool
) -> None:
    spacing = Spacing(SpacingKind.DETECTOR, (mm, mm)) if known else Spacing()
    bar = scale_bar(spacing, zoom, width)
    if bar is None:
        return
    assert bar.pixels <= width * 0.25
    per_unit = zoom / mm if known else zoom
    assert bar.pixels == pytest.approx(bar.length * per_unit)
    assert f"{bar.length:e}"[0] in "125"
    assert bar.kind is (SpacingKind.DETECTOR if known else SpacingKind.NONE)


def test_without_a_spacing_the_bar_counts_whole_pixels() -> None:
    bar = scale_bar(Spacing(), 1.0, 1000)
    assert bar is not None
    assert (bar.length, bar.kind) == (200.0, SpacingKind.NONE)


def test_across_uses_the_column_spacing() -> None:
    bar = scale_bar(Spacing(SpacingKind.PATIENT, (9.0, 0.5)), 1.0, 400)
    assert bar is not None
    assert (bar.length, bar.pixels) == (50.0, 100.0)


def test_a_viewport_too_small_for_a_bar_has_none() -> None:
    assert scale_bar(Spacing(), 1.0, 50) is None
