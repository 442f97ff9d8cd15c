"""The declared steps: each against OpenCV or a closed form, all of them against odd images."""

from __future__ import annotations

import json
from itertools import pairwise

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp
from pydantic import ValidationError

from stentviewer.core.types import Box
from stentviewer.imaging.polarity import Polarity
from stentviewer.inference.preprocess import Preprocessing, fit, prepare, windowed

SIDE = 64
WHOLE = {"low": 0.0, "high": 100.0}


def picture(seed=0, rows=SIDE, columns=SIDE):
    """A smooth picture of 12 bits with some noise."""
    rng = np.random.default_rng(seed)
    coarse = rng.uniform(0, 4000, (8, 8)).astype(np.float32)
    smooth = cv2.resize(coarse, (columns, rows), interpolation=cv2.INTER_CUBIC)
    return (smooth + rng.normal(0, 60, (rows, columns))).astype(np.float32)


def unit(values, **steps):
    """What the steps give at the picture's own size, 0…1."""
    return fit(values, Preprocessing(side=SIDE, **{**WHOLE, **steps})).unit


def plain(values):
    low, high = values.min(), values.max()
    return (values - low) / (high - low)


@pytest.mark.parametrize("side", [3, 5])
def test_the_median_is_that_of_its_square(side):
    values = picture()
    reach = side // 2
    around = np.lib.stride_tricks.sliding_window_view(np.pad(values, reach, "edge"), (side, side))
    low, high = values.min(), values.max()  # the window is that of the unfiltered values
    expected = (np.median(around, axis=(2, 3)) - low) / (high - low)
    assert unit(values, median=side) == pytest.approx(expected, abs=1e-6)


@pytest.mark.parametrize(("sigma", "kernel"), [(0.7, 0), (2.0, 0), (1.5, 5)])
def test_the_gaussian_is_the_closed_form(sigma, kernel):
    values = picture()
    reach = (kernel or 2 * round(4 * sigma) + 1) // 2
    at = np.arange(-reach, reach + 1)
    weights = np.exp(-(at**2) / (2 * sigma**2))
    weights /= weights.sum()
    padded = np.pad(values.astype(np.float64), reach, "reflect")
    rows = np.lib.stride_tricks.sliding_window_view(padded, len(at), axis=0) @ weights
    expected = np.lib.stride_tricks.sliding_window_view(rows, len(at), axis=1) @ weights
    low, high = values.min(), values.max()
    found = unit(values, gaussian=sigma, gaussian_kernel=kernel)
    assert found == pytest.approx(np.clip((expected - low) / (high - low), 0, 1), abs=2e-4)


def test_the_median_comes_before_the_gaussian():
    values = picture()
    both = cv2.GaussianBlur(cv2.medianBlur(values, 3), (0, 0), 1.0)
    low, high = values.min(), values.max()
    expected = np.clip((both - low) / (high - low), 0, 1)
    assert unit(values, median=3, gaussian=1.0) == pytest.approx(expected, abs=1e-6)
    other = cv2.medianBlur(cv2.GaussianBlur(values, (0, 0), 1.0), 3)
    assert np.abs(both - other).max() > 1


def test_eight_bits_are_256_levels_and_sixteen_are_the_files_own():
    values = picture()
    eight = unit(values, bits=8)
    assert np.array_equal(np.rint(eight * 255), np.rint(plain(values) * np.float32(255)))
    assert np.abs(eight * 255 - np.rint(eight * 255)).max() < 1e-4
    assert len(np.unique(unit(values, bits=16))) > 3000


def test_eight_bits_of_an_eight_bit_picture_change_nothing():
    values = np.arange(SIDE * SIDE, dtype=np.float32).reshape(SIDE, SIDE) % 256
    assert np.array_equal(unit(values, bits=8), unit(values))


def test_equalisation_is_opencvs_and_makes_a_flat_histogram():
    values = picture() ** 2  # far from even
    grey = np.rint(plain(values) * np.float32(255)).astype(np.uint8)
    found = unit(values, equalise="histogram")
    assert np.array_equal(np.rint(found * 255), cv2.equalizeHist(grey))
    counts = np.cumsum(np.bincount(grey.ravel(), minlength=256))
    first = counts[grey.min()]
    closed = np.rint((counts[grey] - first) / (counts[-1] - first) * 255)
    assert np.abs(found * 255 - closed).max() <= 1
    assert abs(found.mean() - 0.5) < 0.02 < abs(plain(values).mean() - 0.5)


@pytest.mark.parametrize(("clip", "tiles"), [(2.0, 8), (4.0, 4), (40.0, 1)])
def test_clahe_is_opencvs(clip, tiles):
    values = picture()
    grey = np.rint(plain(values) * np.float32(255)).astype(np.uint8)
    expected = cv2.createCLAHE(clip, (tiles, tiles)).apply(grey)
    found = unit(values, equalise="clahe", clahe_clip=clip, clahe_tiles=tiles)
    assert np.array_equal(np.rint(found * 255), expected)


def test_a_range_is_a_mean_and_a_deviation():
    values = picture()
    inside = fit(values, Preprocessing(side=SIDE)).unit
    from_0 = prepare(values, Preprocessing(side=SIDE, range="0 to 1")).tensor
    from_minus_1 = prepare(values, Preprocessing(side=SIDE, range="-1 to 1")).tensor
    for plane in (0, 1, 2):
        assert np.array_equal(from_0[0, plane], inside)
        assert from_minus_1[0, plane] == pytest.approx(2 * inside - 1, abs=1e-6)


def test_padding_is_zero_in_every_range():
    for name in ("0 to 1", "-1 to 1"):
        spec = Preprocessing(side=SIDE, range=name)
        tensor = prepare(picture(rows=32), spec).tensor
        assert not tensor[..., :16, :].any()
        assert not tensor[..., 48:, :].any()


@pytest.mark.parametrize("steps", [{}, {"bits": 8}, {"gaussian": 1.0}, {"median": 3}])
def test_an_image_and_its_negative_become_the_same(steps):
    values = picture()
    spec = Preprocessing(side=SIDE, polarity="bone dark", **steps)
    dark = fit(values, spec, polarity=Polarity("bone dark"))
    bright = fit(-values, spec, polarity=Polarity("bone bright"))
    assert dark.unit == pytest.approx(bright.unit, abs=1.01 / 255 if steps.get("bits") else 1e-5)
    assert np.array_equal(dark.unit, fit(values, Preprocessing(side=SIDE, **steps)).unit)
    other = fit(values, Preprocessing(side=SIDE, polarity="bone bright", **steps),
                polarity=Polarity("bone dark"))  # fmt: skip
    assert other.unit == pytest.approx(1 - dark.unit, abs=1.01 / 255 if steps else 1e-5)


def test_as_is_turns_nothing_whatever_is_known():
    values = picture()
    spec = Preprocessing(side=SIDE)
    said = fit(values, spec, polarity=Polarity("bone bright"))
    assert said.polarity is None
    assert np.array_equal(said.unit, fit(values, spec).unit)


def test_a_polarity_that_is_asked_for_is_estimated_where_none_is_known():
    values = picture()
    found = prepare(values, Preprocessing(side=SIDE, polarity="bone dark")).polarity
    assert found is not None
    assert not found.from_file
    assert 0.5 <= found.sure < 1


@pytest.mark.parametrize("how", [{"equalise": "histogram"}, {"equalise": "clahe"}, {"bits": 8}])
def test_bars_count_in_no_statistic_and_do_not_bleed(how):
    inner = picture(rows=SIDE, columns=SIDE)
    framed = np.full((3 * SIDE, 3 * SIDE), 60_000, np.float32)
    framed[SIDE : 2 * SIDE, SIDE : 2 * SIDE] = inner
    third = Box(1 / 3, 1 / 3, 2 / 3, 2 / 3)
    spec = Preprocessing(side=SIDE, median=3, gaussian=1.0, **how)
    assert np.array_equal(fit(framed, spec, third).unit, fit(inner, spec).unit)


steps = st.fixed_dictionaries(
    {},
    optional={
        "fit": st.sampled_from(["letterbox", "stretch", "crop"]),
        "bits": st.sampled_from([8, 16]),
        "median": st.sampled_from([0, 3, 5]),
        "gaussian": st.floats(0, 20),
        "equalise": st.sampled_from(["none", "histogram", "clahe"]),
        "clahe_clip": st.floats(0.1, 100),
        "clahe_tiles": st.integers(1, 64),
        "polarity": st.sampled_from(["as is", "bone dark", "bone bright"]),
        "window": st.sampled_from(["percentile", "dicom"]),
    },
)
odd = st.sampled_from([0.0, 1.0, -1.0, np.nan, np.inf, -np.inf, 3e38, -3e38, 1e-45, 65535.0])
images = hnp.arrays(
    np.float32,
    hnp.array_shapes(min_dims=2, max_dims=2, min_side=1, max_side=40),
    elements=st.one_of(odd, st.floats(-1e6, 1e6, width=32)),
)


@settings(max_examples=150, deadline=None)
@given(images, steps, st.tuples(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9)))
def test_whatever_the_image_the_range_holds(values, chosen, ends):
    limits = (min(ends), max(ends))
    found = fit(values, Preprocessing(side=32, **chosen), limits=limits)
    assert found.unit.dtype == np.float32
    assert found.unit.shape == (found.box.height, found.box.width)
    assert np.isfinite(found.unit).all()
    assert found.unit.min() >= 0
    assert found.unit.max() <= 1
    tensor = prepare(values, Preprocessing(side=32, range="-1 to 1", **chosen), limits=limits)
    assert tensor.tensor.shape == (1, 3, 32, 32)
    assert np.abs(tensor.tensor).max() <= 1


@settings(max_examples=60, deadline=None)
@given(
    hnp.arrays(np.float32, (12, 12), elements=st.floats(-1e5, 1e5, width=32)),
    st.sampled_from([{}, {"bits": 8}, {"equalise": "histogram"}]),
)
def test_what_is_brighter_stays_brighter(values, chosen):
    spec = Preprocessing(side=32, fit="stretch", **chosen)
    order = np.sort(values.ravel())
    ramp = np.repeat(order[None], 32, 0)[:, :: len(order) // 32][:, :32]
    line = fit(np.ascontiguousarray(ramp), spec).unit[0]
    assert all(second >= first for first, second in pairwise(line))


def test_a_picture_of_one_value_becomes_zero_whatever_the_steps():
    flat = np.full((50, 40), 812, np.float32)
    for chosen in ({}, {"bits": 8}, {"equalise": "clahe"}, {"polarity": "bone bright"}):
        assert not fit(flat, Preprocessing(side=SIDE, **chosen)).unit.any()


def test_a_window_of_no_width_gives_nothing():
    assert not windowed(picture(), 5, 5).any()
    assert not windowed(picture(), 5, 5 + 1e-60, turned=True).any()


@pytest.mark.parametrize(
    "wrong",
    [
        {"median": 4}, {"median": -3}, {"bits": 12}, {"gaussian": -1}, {"gaussian": float("nan")},
        {"gaussian": 1, "gaussian_kernel": 4}, {"gaussian_kernel": 3}, {"equalise": "yes"},
        {"clahe_clip": 0}, {"clahe_tiles": 0}, {"polarity": "inverted"}, {"range": "0 to 255"},
        {"range": "0 to 1", "mean": (0, 0, 0)}, {"range": ["0 to 1"]}, {"sharpen": 1},
    ],
)  # fmt: skip
def test_impossible_steps_are_refused(wrong):
    with pytest.raises(ValidationError):
        Preprocessing(**{"side": 64, **wrong})


def test_a_manifest_of_before_reads_and_writes_as_it_was():
    before = {
        "side": 1024, "fit": "letterbox", "window": "percentile", "low": 0.5, "high": 99.5,
        "mean": [0.485, 0.456, 0.406], "std": [0.229, 0.224, 0.225], "channels": 3,
        "polarity": "as is",
    }  # fmt: skip
    spec = Preprocessing.model_validate_json(json.dumps(before))
    assert spec == Preprocessing(side=1024)
    assert json.loads(spec.model_dump_json()) == before
    assert list(spec.model_dump(mode="json")) == list(before)


def test_what_is_declared_is_written_and_read_again():
    spec = Preprocessing(side=64, median=3, equalise="clahe", clahe_clip=3.0, range="-1 to 1")
    written = spec.model_dump(mode="json")
    assert written["median"] == 3
    assert written["mean"] == [0.5, 0.5, 0.5]
    assert "gaussian" not in written
    assert Preprocessing.model_validate_json(json.dumps(written)) == spec
