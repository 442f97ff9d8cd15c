"""One stent cut out upright, and the way back."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentviewer.core.types import Box
from stentviewer.tasks.stent_crop import Crop, cut_out, over_field, stent_feature, upon_image
from stentviewer.tasks.stent_finder import Found


def lying(turn: float, length: float = 120.0, middle: tuple[float, float] = (200, 150)) -> Found:
    half = length / 2 * np.array([np.cos(turn), np.sin(turn)])
    first, last = np.array(middle) - half, np.array(middle) + half
    return Found(1.0, ((first[0], first[1]), (last[0], last[1])), 20.0)


@given(turn=st.floats(-3.1, 3.1), aspect=st.sampled_from([0.5, 1.0, 1.7]))
@settings(max_examples=40, deadline=None)
def test_the_axis_stands_upright_in_the_middle(turn, aspect) -> None:
    stent = lying(turn)
    crop = Crop.around(stent, 1.5, 300, 400, aspect)
    matrix = np.vstack([crop.to_image(1), [0, 0, 1]])
    ends = np.array(stent.ends) / (1, aspect)  # as stored
    unit = (np.linalg.inv(matrix) @ np.vstack([ends.T, [1, 1]]))[:2].T
    assert unit[:, 0] == pytest.approx([0.5, 0.5], abs=1e-9)
    assert sorted(unit[:, 1]) == pytest.approx([0.5 - 1 / 3, 0.5 + 1 / 3], abs=1e-9)


@pytest.mark.parametrize("side", [48, 96, 400])
def test_what_lies_on_the_axis_is_in_the_middle_column(side) -> None:
    import cv2

    stent = lying(0.6)
    image = np.zeros((300, 400), np.float32)
    ends = np.array(stent.ends)
    shift = 16 * (ends - 0.5)  # OpenCV's pixel centres are whole numbers
    cv2.line(image, *(tuple(map(int, np.round(e))) for e in shift), 1.0, 3, cv2.LINE_AA, 4)
    cut = cut_out(image, Crop.around(stent, 1.5, 300, 400), side)
    assert cut.shape == (side, side)
    column = cut.sum(axis=0)
    assert (column * (np.arange(side) + 0.5)).sum() / column.sum() == pytest.approx(
        side / 2, abs=0.02 * side
    )
    row = cut.sum(axis=1)
    inside = np.nonzero(row > 0.3 * row.max())[0]
    assert np.ptp(inside) / side == pytest.approx(2 / 3, abs=0.04)


def test_fine_wires_fade_but_do_not_alias() -> None:
    """Cutting out at a coarser side keeps the mean: pixels that fall together are averaged."""
    rng = np.random.default_rng(0)
    image = rng.random((900, 900), np.float32)
    crop = Crop.around(lying(0.0, 600, (450, 450)), 1.25, 900, 900)
    coarse = cut_out(image, crop, 96)
    assert coarse.mean() == pytest.approx(image.mean(), abs=0.02)
    assert coarse.std() < 0.1 * np.sqrt(2)


def test_beyond_the_collimator_is_what_lies_inside() -> None:
    image = np.full((200, 200), 7.0, np.float32)
    image[:, :60] = 0.0
    stent = Found(1.0, ((70.0, 60.0), (70.0, 140.0)), 16.0)
    cut = cut_out(image, Crop.around(stent, 1.5, 200, 200), 64, Box(0.3, 0.0, 1.0, 1.0))
    assert cut.min() == 7.0


@given(turn=st.floats(-3.1, 3.1))
@settings(max_examples=30, deadline=None)
def test_heat_comes_back_to_where_it_was(turn) -> None:
    """The hottest cell of a crop, over the image, lies where that cell does."""
    stent = lying(turn)
    crop = Crop.around(stent, 1.5, 300, 400)
    values = np.zeros((22, 22), np.float32)
    values[6, 11] = 1.0
    spot = crop.to_image(22) @ (11.5, 6.5, 1.0)
    for heat in (upon_image(values, crop, "m"), over_field([(values, crop)], "m")):
        rows, columns = heat.values.shape
        row, column = np.unravel_index(int(heat.values.argmax()), heat.values.shape)
        extent = heat.extent
        x = (extent.x0 + (column + 0.5) * (extent.x1 - extent.x0) / columns) * 400
        y = (extent.y0 + (row + 0.5) * (extent.y1 - extent.y0) / rows) * 300
        assert np.hypot(x - spot[0], y - spot[1]) < 0.04 * crop.side


def test_where_maps_overlap_the_hotter_one_shows() -> None:
    crops = [Crop.around(lying(turn), 1.5, 300, 400) for turn in (0.0, 1.2)]
    ones = [np.full((8, 8), value, np.float32) for value in (0.3, 0.9)]
    heat = over_field(zip(ones, crops, strict=True), "m")
    assert heat.values.max() == pytest.approx(0.9)
    assert ((heat.values > 0.29) & (heat.values < 0.31)).any()
    with pytest.raises(ValueError, match="no map"):
        over_field([], "m")


def test_the_feature_is_of_the_stent_alone() -> None:
    stent = lying(0.4)
    crop = Crop.around(stent, 1.5, 300, 400)
    activation = np.zeros((2, 24, 24), np.float32)
    activation[0, 10:14, 11:13] = 5.0
    activation[1, :, :4] = 9.0  # beside the stent
    first, second = stent_feature(activation, crop, stent)
    assert first > 0.5
    assert second == 0
    assert stent_feature(np.ones((3, 24, 24), np.float32), crop, stent) == pytest.approx([1] * 3)
