"""Pictures made of a radiograph: polarity, aspect, heat where it belongs, captions."""

from __future__ import annotations

from dataclasses import replace

import cv2
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.errors import UserError
from stentviewer.core.types import Box, HeatMap
from stentviewer.imaging.image import Lut, Window
from stentviewer.imaging.overlay import (
    COLOUR_TABLES,
    TABLES,
    beyond_end,
    colour_table,
    draw_caption,
    draw_outlines,
    heat_rgba,
    render_grey,
    render_overlay,
    thumbnail_png,
)
from stentviewer.imaging.windowing import display_lut
from tests.imaging.test_windowing import radiograph_of

RNG = np.random.default_rng(0)
STORED = RNG.integers(0, 4096, (60, 90)).astype(np.uint16)


def test_grey_is_the_display_table_at_full_size() -> None:
    radiograph = radiograph_of(STORED)
    window = Window(2000, 1500, "SIGMOID")
    for invert in (False, True):
        expected = display_lut(radiograph, window, invert).apply(STORED)
        assert np.array_equal(render_grey(radiograph, 0, window, invert), expected)


def test_grey_is_bounded_and_its_pixels_are_square() -> None:
    radiograph = radiograph_of(STORED)
    assert render_grey(radiograph, 0, max_side=45).shape == (30, 45)
    assert render_grey(radiograph, 0, max_side=500).shape == (60, 90)
    assert render_grey(replace(radiograph, pixel_aspect=2.0), 0).shape == (120, 90)
    assert render_grey(replace(radiograph, pixel_aspect=0.5), 0).shape == (60, 180)


def test_grey_uses_the_files_lut_where_there_is_no_window() -> None:
    lut = Lut(0, np.array([0, 255], np.float32), 8)
    stored = np.array([[0, 1], [1, 0]], np.uint16)
    radiograph = radiograph_of(stored, voi_lut=lut)
    assert render_grey(radiograph, 0).tolist() == [[0, 255], [255, 0]]
    windowed = replace(radiograph, windows=(Window(10, 20),))
    assert render_grey(windowed, 0).tolist() != [[0, 255], [255, 0]]


def test_colour_is_shown_as_grey() -> None:
    colour = np.zeros((4, 4, 3), np.uint8)
    colour[..., 1] = 200
    assert (render_grey(radiograph_of(colour, 8), 0) == round(0.587 * 200)).all()


def test_no_heat_changes_nothing() -> None:
    grey = RNG.integers(0, 256, (20, 30)).astype(np.uint8)
    cold = HeatMap(np.zeros((4, 4), np.float32), Box(0, 0, 1, 1), "Grad-CAM")
    for picture in (render_overlay(grey, None), render_overlay(grey, cold, 1.0)):
        assert picture.shape == (20, 30, 3)
        assert all(np.array_equal(picture[..., i], grey) for i in range(3))


def test_full_heat_at_full_strength_is_the_tables_colour() -> None:
    grey = np.full((10, 10), 80, np.uint8)
    hot = HeatMap(np.ones((2, 2), np.float32), Box(0, 0, 1, 1), "Grad-CAM")
    for table in TABLES:
        assert (render_overlay(grey, hot, 1.0, table) == colour_table(table)[255]).all()
    half = render_overlay(grey, hot, 0.5)
    mean = (colour_table("inferno")[255].astype(float) + 80) / 2
    assert np.abs(half - mean).max() <= 1


def test_heat_lies_where_its_extent_says() -> None:
    values = np.zeros((4, 4), np.float32)
    values[1, 2] = 1
    whole = np.s_[0:100, 0:200]
    rgba = heat_rgba(HeatMap(values, Box(-0.5, 0, 1.5, 1), "x"), 1.0, "viridis", (100, 200), whole)
    row, column = np.unravel_index(np.argmax(rgba[..., 3]), (100, 200))
    assert (row + 0.5) / 100 == pytest.approx(1.5 / 4, abs=0.02)
    assert (column + 0.5) / 200 == pytest.approx(-0.5 + 2 * 2.5 / 4, abs=0.02)
    part = heat_rgba(HeatMap(np.ones((3, 3), np.float32), Box(0.25, 0.5, 0.75, 1), "x"), 1.0,
                     "viridis", (100, 200), whole)  # fmt: skip
    assert part[:, :49, 3].max() == part[:49, :, 3].max() == part[:, 151:, 3].max() == 0
    assert part[51:, 51:149, 3].min() == 255


@pytest.mark.parametrize("name", TABLES)
def test_tables_grow_lighter_evenly(name: str) -> None:
    table = colour_table(name)
    assert table.shape == (256, 3)
    lab = cv2.cvtColor(table[None].astype(np.float32) / 255, cv2.COLOR_RGB2LAB)[0, :, 0]
    assert np.all(np.diff(lab) > -0.5)
    assert lab[-1] - lab[0] > 60


def test_dicoms_palettes_are_those_of_the_standard() -> None:
    step = np.arange(256)
    hot_iron = np.stack([2 * step, 2 * (step - 128), 4 * (step - 191)], axis=1).clip(0, 255)
    assert np.abs(colour_table("hot iron").astype(int) - hot_iron).max() <= 1
    assert len(np.unique(colour_table("PET 20 step"), axis=0)) == 20
    assert (colour_table("hot metal blue")[64] > 0).tolist() == [False, False, True]
    assert (colour_table("grey") == step[:, None]).all()
    assert not set(TABLES) & {"hot iron", "PET", "hot metal blue", "PET 20 step"}
    for name in COLOUR_TABLES:
        table = colour_table(name)
        assert (table.shape, table.dtype) == ((256, 3), np.uint8)
        assert table[255].astype(int).sum() > table[0].astype(int).sum()


def test_an_unknown_table_is_refused() -> None:
    with pytest.raises(UserError, match="inferno, viridis, cividis"):
        colour_table("jet")


def test_thumbnail_is_a_small_png() -> None:
    encoded = thumbnail_png(radiograph_of(STORED), 32)
    decoded = cv2.imdecode(np.frombuffer(encoded, np.uint8), cv2.IMREAD_UNCHANGED)
    assert decoded.shape == (21, 32)


def test_caption_is_added_below_and_wraps() -> None:
    picture = RNG.integers(0, 256, (100, 120, 3)).astype(np.uint8)
    one = draw_caption(picture, "EGIS 홍")
    assert np.array_equal(one[:100], picture)
    assert one.shape[1:] == (120, 3)
    assert one[100:].max() > 150
    long = draw_caption(picture, "NITI-S 0.93, not excluded: EGIS, Epic and others of that kind")
    assert len(long) > len(one)


@given(st.lists(st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)), min_size=4, max_size=4))
def test_an_outline_is_drawn_where_it_is_and_its_number_inside(corners) -> None:
    picture = np.zeros((120, 160, 3), np.uint8)
    drawn = draw_outlines(picture, [(7, corners)])
    assert drawn.shape == picture.shape
    assert not picture.any(), "the picture that was given stays as it was"
    assert drawn.any(), "the number at least is inside"


def test_a_number_stands_beyond_the_stents_first_end() -> None:
    upright = [(10.0, 20.0), (14.0, 20.0), (14.0, 60.0), (10.0, 60.0)]
    assert beyond_end(upright, 8) == (12.0, 12.0)
    assert beyond_end([upright[2], upright[3], upright[0], upright[1]], 8) == (12.0, 68.0)
    plain = draw_outlines(np.zeros((200, 200, 3), np.uint8), [])
    assert not plain.any()
