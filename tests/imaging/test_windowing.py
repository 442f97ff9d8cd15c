"""The display table against the standard's formulas, written down plainly in double precision."""

from __future__ import annotations

import math
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.types import Identity, ImageHeader
from stentviewer.imaging.image import DecodedFrames, Lut, Radiograph, Window
from stentviewer.imaging.windowing import display_lut

DTYPES = {
    (8, False): np.uint8,
    (12, False): np.uint16,
    (16, False): np.uint16,
    (16, True): np.int16,
}


def radiograph_of(stored: np.ndarray, bits: int = 16, **fields: object) -> Radiograph:
    header = ImageHeader(Path("x"), Identity(), *stored.shape[:2], 1, "DICOM", True)
    frames = DecodedFrames(1, lambda _: stored)
    made = Radiograph(header, frames, bits=bits, signed=stored.dtype == np.int16)
    return replace(made, **fields)  # type: ignore[arg-type]


def standard(x: float, window: Window) -> float:
    """PS3.3 C.11.2.1.2.1, C.11.2.1.3.1 and C.11.2.1.3.2 as they are printed, 0…255."""
    c, w = window.centre, window.width
    if window.function == "SIGMOID":
        power = -4 * (x - c) / w
        return 0.0 if power > 700 else 255 / (1 + math.exp(power))
    if window.function == "LINEAR":
        if x <= c - 0.5 - (w - 1) / 2:
            return 0.0
        if x > c - 0.5 + (w - 1) / 2:
            return 255.0
        return ((x - (c - 0.5)) / (w - 1) + 0.5) * 255
    if x <= c - w / 2:
        return 0.0
    if x > c + w / 2:
        return 255.0
    return ((x - c) / w + 0.5) * 255


@given(
    st.sampled_from(sorted(DTYPES, key=str)),
    st.sampled_from(["LINEAR", "LINEAR_EXACT", "SIGMOID"]),
    st.floats(-3e4, 7e4),
    st.floats(1, 1e5),
    st.floats(-4, 4).filter(lambda slope: abs(slope) > 1e-3),
    st.floats(-2000, 2000),
    st.booleans(),
    st.booleans(),
    st.data(),
)
def test_table_is_the_standards_formula(
    kind, function, centre, width, slope, intercept, mono1, invert, data
) -> None:
    dtype = DTYPES[kind]
    info = np.iinfo(dtype)
    picks = data.draw(st.lists(st.integers(info.min, info.max), min_size=1, max_size=20))
    stored = np.array([[*picks, info.min, info.max]], dtype)
    window = Window(centre, width, function)
    radiograph = radiograph_of(stored, kind[0], rescale=(slope, intercept), invert=mono1)
    shown = display_lut(radiograph, window, invert).apply(stored)
    for value, grey in zip(stored.flat, shown.flat, strict=True):
        expected = standard(int(value) * slope + intercept, window)
        if mono1 != invert:
            expected = 255 - expected
        assert abs(int(grey) - expected) <= 0.5 + 1e-6


def test_linear_edges_of_the_standards_example() -> None:
    """PS3.3 C.11.2.1.2.1, note 4: c=2048, w=4096 shows 0…4095 in full; c=0, w=1 is a step."""
    stored = np.array([[0, 1, 2047, 2048, 4095]], np.uint16)
    full = display_lut(radiograph_of(stored), Window(2048, 4096)).apply(stored)
    assert full.tolist() == [[0, 0, 127, 128, 255]]
    step = np.array([[-1, 0, 1]], np.int16)
    assert display_lut(radiograph_of(step), Window(0.5, 1)).apply(step).tolist() == [[0, 0, 255]]


def test_grey_rises_with_the_value_and_never_wraps() -> None:
    stored = np.arange(65536, dtype=np.uint16).view(np.int16).reshape(256, 256)
    table = display_lut(radiograph_of(stored), Window(100.3, 517.9, "SIGMOID"))
    grey = table.apply(np.sort(stored.ravel())[None]).astype(int)
    assert (np.diff(grey) >= 0).all()
    assert (grey.min(), grey.max()) == (0, 255)


def test_mono1_and_the_viewers_inversion_undo_each_other() -> None:
    stored = np.arange(256, dtype=np.uint8)[None]
    plain = radiograph_of(stored, 8)
    window = Window(128, 256)
    once = display_lut(replace(plain, invert=True), window).apply(stored)
    twice = display_lut(replace(plain, invert=True), window, True).apply(stored)
    assert np.array_equal(once, 255 - display_lut(plain, window).apply(stored))
    assert np.array_equal(twice, display_lut(plain, window).apply(stored))


@pytest.mark.parametrize("bits", [8, 12, 16])
def test_voi_lut_is_applied_after_the_rescale(bits: int) -> None:
    entries = np.linspace(0, 2**bits - 1, 5).astype(np.float32)
    lut = Lut(-2, entries, bits)
    stored = np.arange(10, dtype=np.uint16)[None]
    radiograph = radiograph_of(stored, rescale=(1.0, -5.0), voi_lut=lut)
    shown = display_lut(radiograph, None).apply(stored)
    index = np.clip(stored.astype(int) - 5 + 2, 0, 4)
    expected = entries[index].astype(np.float64) / (2**bits - 1) * 255
    assert np.abs(shown - expected).max() <= 0.5


def test_modality_lut_comes_before_the_window() -> None:
    lut = Lut(1, np.array([100, 50, 0], np.float32), 8)
    stored = np.array([[0, 1, 2, 3, 9]], np.uint16)
    radiograph = radiograph_of(stored, rescale=lut)
    assert radiograph.modality_values(0).tolist() == [[100, 100, 50, 0, 0]]
    shown = display_lut(radiograph, Window(50, 100, "LINEAR_EXACT")).apply(stored)
    assert shown.tolist() == [[255, 255, 128, 0, 0]]


def test_out_is_filled_and_a_wrong_type_is_refused() -> None:
    stored = np.arange(12, dtype=np.uint16).reshape(3, 4)
    table = display_lut(radiograph_of(stored), Window(6, 12))
    out = np.empty((3, 4), np.uint8)
    assert np.shares_memory(table.apply(stored, out), out)
    assert np.array_equal(out, table.apply(stored))
    with pytest.raises(TypeError, match="uint16"):
        table.apply(stored.astype(np.int16))


def test_without_16_bit_tables_in_opencv_the_result_is_the_same(monkeypatch) -> None:
    import cv2

    stored = np.array([[-3, 0, 500]], np.int16)
    table = display_lut(radiograph_of(stored), Window(100, 1000))
    expected = table.apply(stored)

    def old(*_: object) -> None:
        raise cv2.error("8-bit only")

    monkeypatch.setattr(cv2, "LUT", old)
    assert np.array_equal(table.apply(stored), expected)


def test_colour_without_a_window_is_shown_as_it_is() -> None:
    colour = np.random.default_rng(1).integers(0, 256, (4, 5, 3), np.uint8)
    radiograph = radiograph_of(colour, 8)
    assert np.array_equal(display_lut(radiograph, None).apply(colour), colour)
    assert np.array_equal(display_lut(radiograph, None, True).apply(colour), 255 - colour)
