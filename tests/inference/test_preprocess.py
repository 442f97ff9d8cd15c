"""The network's square and what it covers."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from stentviewer.core.types import Box
from stentviewer.inference.preprocess import Letterbox, Preprocessing, prepare

sizes = st.integers(1, 3000)
PLAIN = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}


@given(sizes, sizes, st.sampled_from(["letterbox", "stretch", "crop"]), st.floats(0.5, 2))
def test_letterbox_stays_inside_image_and_square(rows, columns, fit, aspect):
    box = Letterbox.fitted((rows, columns), 256, fit, None, aspect)
    assert 0 <= box.row0 < box.row1 <= rows
    assert 0 <= box.col0 < box.col1 <= columns
    assert box.top >= 0
    assert box.top + box.height <= 256
    assert box.left >= 0
    assert box.left + box.width <= 256
    if fit != "letterbox":
        assert (box.height, box.width) == (256, 256)
    else:
        assert max(box.height, box.width) == 256


@given(
    st.integers(50, 2000),
    st.integers(50, 2000),
    st.tuples(st.floats(-0.2, 1.2), st.floats(-0.2, 1.2)),
    st.sampled_from(["letterbox", "stretch", "crop"]),
)
def test_extent_maps_the_block_onto_its_place_in_the_square(rows, columns, span, fit):
    area = Box(min(span), 0.1, max(span), 0.9)
    box = Letterbox.fitted((rows, columns), 320, fit, area)
    extent = box.extent((rows, columns))
    across, down = extent.x1 - extent.x0, extent.y1 - extent.y0
    assert (extent.x0 + across * box.left / 320) * columns == pytest.approx(box.col0, abs=1e-6)
    right = extent.x0 + across * (box.left + box.width) / 320
    assert right * columns == pytest.approx(box.col1, abs=1e-6)
    bottom = extent.y0 + down * (box.top + box.height) / 320
    assert bottom * rows == pytest.approx(box.row1, abs=1e-6)


def test_a_bright_spot_lands_where_the_extent_says():
    values = np.zeros((400, 900), np.float32)
    values[300:304, 700:704] = 1000
    spec = Preprocessing(side=224, window="dicom", **PLAIN)
    prepared = prepare(values, spec, limits=(0, 1000))
    row, column = np.unravel_index(prepared.tensor[0, 0].argmax(), (224, 224))
    extent = prepared.extent
    x = extent.x0 + (column + 0.5) / 224 * (extent.x1 - extent.x0)
    y = extent.y0 + (row + 0.5) / 224 * (extent.y1 - extent.y0)
    assert x == pytest.approx(702 / 900, abs=3 / 900)
    assert y == pytest.approx(302 / 400, abs=3 / 400)
    assert extent.y0 < 0
    assert extent.y1 > 1
    assert extent.x0 == pytest.approx(0)
    assert extent.x1 == pytest.approx(1)


def test_padding_is_the_mean_and_the_values_are_normalised():
    values = np.tile(np.linspace(-500, 1500, 200, dtype=np.float32), (100, 1))
    spec = Preprocessing(side=200, low=0, high=100)
    tensor = prepare(values, spec).tensor
    assert tensor.shape == (1, 3, 200, 200)
    assert tensor.dtype == np.float32
    assert not tensor[0, :, :50].any()
    assert not tensor[0, :, 150:].any()
    for plane, mean, std in zip(tensor[0], spec.mean, spec.std, strict=True):
        assert plane.min() == pytest.approx(-mean / std, abs=1e-5)
        assert plane.max() == pytest.approx((1 - mean) / std, abs=1e-5)


def test_percentiles_are_of_the_area_alone():
    values = np.full((300, 300), 5000, np.float32)
    values[100:200, 100:200] = np.linspace(0, 10, 10_000, dtype=np.float32).reshape(100, 100)
    third = Box(1 / 3, 1 / 3, 2 / 3, 2 / 3)
    tensor = prepare(values, Preprocessing(side=100, **PLAIN), third).tensor
    assert tensor.min() == 0
    assert tensor.max() == 1
    assert tensor.mean() == pytest.approx(0.5, abs=0.01)


def test_pixels_that_are_not_square_keep_the_patients_shape():
    box = Letterbox.fitted((100, 200), 224, pixel_aspect=2.0)
    assert (box.height, box.width) == (224, 224)


def test_an_image_of_one_value_and_one_with_holes_give_numbers():
    flat = prepare(np.full((64, 64), 7, np.float32), Preprocessing(side=32, **PLAIN)).tensor
    assert not flat.any()
    holed = np.ones((64, 64), np.float32)
    holed[:8] = np.nan
    holed[8:16] = 3
    assert np.isfinite(prepare(holed, Preprocessing(side=32)).tensor).all()


def test_shrinking_averages():
    stripes = np.tile(np.array([0, 1], np.float32), (512, 256))
    spec = Preprocessing(side=128, window="dicom", **PLAIN)
    assert prepare(stripes, spec, limits=(0, 1)).tensor == pytest.approx(0.5)


@pytest.mark.parametrize("values", [np.zeros((0, 4), np.float32), np.zeros((2, 2, 3), np.float32)])
def test_what_is_no_image_is_refused(values):
    with pytest.raises(ValueError, match="shape"):
        prepare(values, Preprocessing(side=32))


def test_the_files_window_has_to_be_given():
    with pytest.raises(ValueError, match="limits"):
        prepare(np.zeros((4, 4), np.float32), Preprocessing(side=32, window="dicom"))


@pytest.mark.parametrize(
    "wrong",
    [{"side": 0}, {"low": 60, "high": 40}, {"std": (0, 1, 1)}, {"mean": (float("nan"), 0, 0)}],
)
def test_impossible_preprocessing_is_refused(wrong):
    with pytest.raises(ValidationError):
        Preprocessing(**{"side": 64, **wrong})
