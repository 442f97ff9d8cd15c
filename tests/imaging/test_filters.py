"""The display filters against closed forms and OpenCV's own."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as arrays

from stentviewer.core.errors import UserError
from stentviewer.imaging.filters import (
    CLIP_LIMIT,
    FILTERS,
    SHARPEN_AMOUNT,
    TILES,
    apply_filter,
    span_of,
)
from stentviewer.imaging.image import Lut, Radiograph, Window

TYPES = (np.uint8, np.uint16, np.int16)
frames = st.sampled_from(TYPES).flatmap(
    lambda kind: arrays.arrays(kind, arrays.array_shapes(min_dims=2, max_dims=2, max_side=12))
)


@settings(deadline=None)
@given(frames, st.sampled_from(sorted(FILTERS)))
def test_type_and_shape_stay_and_the_frame_is_not_touched(stored: Any, name: str) -> None:
    before = stored.copy()
    stored.flags.writeable = False
    filtered = apply_filter(name, stored)
    assert (filtered.dtype, filtered.shape) == (stored.dtype, stored.shape)
    assert np.array_equal(stored, before)
    assert not np.shares_memory(filtered, stored)


@settings(deadline=None)
@given(st.sampled_from(TYPES), st.integers(0, 255), st.sampled_from(sorted(FILTERS)))
def test_what_is_even_stays_even(kind: Any, value: int, name: str) -> None:
    stored = np.full((20, 30), value, kind)
    assert np.array_equal(apply_filter(name, stored), stored)


@pytest.mark.parametrize("kind", [np.uint16, np.int16])
def test_the_median_takes_out_a_lone_pixel_and_keeps_an_edge(kind: Any) -> None:
    stored = np.zeros((16, 16), kind)
    stored[:, 8:] = 3000
    edge = stored.copy()
    stored[4, 4] = 30000
    assert np.array_equal(apply_filter("median", stored), edge)


def test_signed_values_are_filtered_as_unsigned_ones_moved_up() -> None:
    signed = np.random.default_rng(1).integers(-1000, 2000, (64, 64)).astype(np.int16)
    moved = (signed.astype(np.int32) + 32768).astype(np.uint16)
    for name in FILTERS:
        there = apply_filter(name, moved).astype(np.int32) - 32768
        assert np.abs(apply_filter(name, signed) - there).max() <= 1, name


def test_gaussian_spreads_a_pixel_as_the_formula_says() -> None:
    stored = np.zeros((21, 21), np.uint16)
    stored[10, 10] = 60000
    blurred = apply_filter("gaussian", stored).astype(float) / 60000
    x = np.arange(-3, 4)
    line = np.exp(-(x**2) / 2) / np.exp(-(x**2) / 2).sum()
    assert np.allclose(blurred[7:14, 7:14], np.outer(line, line), atol=2e-3)


def test_sharpening_adds_what_smoothing_takes_away() -> None:
    rows = np.full((40, 40), 1000, np.uint16)
    rows[:, 20:] = 2000
    soft = cv2.GaussianBlur(rows.astype(np.float64), (0, 0), 2.0, borderType=cv2.BORDER_REPLICATE)
    expected = rows + SHARPEN_AMOUNT * (rows - soft)
    sharp = apply_filter("sharpen", rows)
    assert np.abs(sharp - expected).max() <= 1.5
    assert sharp.max() > 2000 > 1000 > sharp.min()


def test_sharpening_stops_at_the_ends_of_the_type() -> None:
    stored = np.zeros((20, 20), np.int16)
    stored[:, 10:] = 32767
    stored[:, :10] = -32768
    sharp = apply_filter("sharpen", stored)
    assert (sharp.min(), sharp.max()) == (-32768, 32767)


def test_equalisation_is_opencvs_where_all_256_levels_are_there() -> None:
    picture = np.random.default_rng(2).gamma(2.0, 20.0, (200, 200)).clip(0, 255).astype(np.uint8)
    picture[0, :2] = 0, 255
    ours = apply_filter("equalise", picture, span=(0, 255)).astype(int)
    assert np.abs(ours - cv2.equalizeHist(picture)).max() <= 1


@settings(deadline=None)
@given(st.integers(0, 2**32 - 1))
def test_equalised_values_are_spread_evenly_and_keep_their_order(seed: int) -> None:
    values = np.random.default_rng(seed).normal(500, 40, (64, 64)).round().astype(np.int16)
    low, high = int(values.min()), int(values.max())
    spread = apply_filter("equalise", values, span=(low, high))
    assert (spread.min(), spread.max()) == (low, high)
    order = np.argsort(values, axis=None)
    assert (np.diff(spread.ravel()[order].astype(int)) >= 0).all()
    share = (spread <= (low + high) / 2).mean()
    assert 0.42 < share < 0.58


@pytest.mark.parametrize("name", ["clahe", "equalise"])
def test_values_outside_the_span_and_padding_stay(name: str) -> None:
    stored = np.random.default_rng(3).integers(-200, 300, (64, 64)).astype(np.int16)
    stored[:10] = -2000
    result = apply_filter(name, stored, span=(-100, 200), padding=(-2000, -2000))
    outside = (stored < -100) | (stored > 200)
    assert np.array_equal(result[outside], stored[outside])
    assert result[~outside].min() >= -100
    assert result[~outside].max() <= 200
    assert not np.array_equal(result[~outside], stored[~outside])


def test_padding_does_not_count_in_the_histogram() -> None:
    inside = np.random.default_rng(4).normal(1000, 50, (32, 64)).round().astype(np.int16)
    padded = np.vstack([inside, np.full((32, 64), -2000, np.int16)])
    alone = apply_filter("equalise", inside, span=(800, 1200))
    beside = apply_filter("equalise", padded, span=(800, 1200), padding=(-2000, -2000))
    assert np.array_equal(beside[:32], alone)


def test_clahe_lifts_faint_contrast_but_no_more_than_its_limit() -> None:
    rng = np.random.default_rng(5)
    stored = rng.integers(0, 4096, (256, 256)).astype(np.uint16)
    stored[64:192, 64:192] = rng.normal(2000, 20, (128, 128)).round()
    stored[96:160, 96:160] += 30  # hardly to be seen
    lifted = apply_filter("clahe", stored, span=(0, 4095)).astype(float)
    before = stored[100:150, 100:150].mean() - stored[70:90, 100:150].mean()
    after = lifted[100:150, 100:150].mean() - lifted[70:90, 100:150].mean()
    assert after > 1.2 * before
    assert after < 4 * CLIP_LIMIT * before


def test_clahe_of_eight_bits_is_opencvs() -> None:
    picture = np.random.default_rng(6).normal(120, 30, (256, 256)).clip(0, 255).astype(np.uint8)
    ours = apply_filter("clahe", picture, span=(0, 255)).astype(int)
    theirs = cv2.createCLAHE(CLIP_LIMIT, (TILES, TILES)).apply(picture)
    assert np.abs(ours - theirs).mean() < 2.0


def test_contrast_of_colour_leaves_the_hue() -> None:
    grey = np.tile(np.arange(64, 128, dtype=np.uint8), (64, 1))
    red = np.dstack([grey * 2, grey // 2, grey // 2])
    for name in ("clahe", "equalise"):
        result = apply_filter(name, red)
        assert result.shape == red.shape
        assert (result[..., 0] > result[..., 1]).all()
        assert np.abs(result[..., 1].astype(int) - result[..., 2]).max() <= 3


def test_no_filter_is_the_frame_itself_and_an_unknown_one_is_said() -> None:
    stored = np.zeros((4, 4), np.uint16)
    assert apply_filter("", stored) is stored
    with pytest.raises(UserError, match="median"):
        apply_filter("blur", stored)
    empty = np.zeros((0, 5), np.uint16)
    assert apply_filter("clahe", empty).shape == (0, 5)


def test_the_span_of_a_window_is_in_stored_values() -> None:
    header: Any = SimpleNamespace()
    ct = Radiograph(header, [], rescale=(1.0, -1024.0), signed=False, bits=16)  # type: ignore[arg-type]
    assert span_of(ct, 0, Window(40, 400)) == (864, 1264)
    falling = Radiograph(header, [], rescale=(-2.0, 0.0), signed=True)  # type: ignore[arg-type]
    assert span_of(falling, 0, Window(0, 400)) == (-100, 100)
    assert span_of(ct, 0, None) is None
    assert span_of(ct, 0, Window(-9000, 10)) is None
    table = Lut(0, np.arange(256, dtype=np.float32), 8)
    by_table = Radiograph(header, [], rescale=table)  # type: ignore[arg-type]
    assert span_of(by_table, 0, Window(40, 400)) is None
