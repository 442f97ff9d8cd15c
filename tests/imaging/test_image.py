"""Radiograph: automatic windows, luminance, frames that are decoded once and shared."""

from __future__ import annotations

import threading
from dataclasses import replace

import numpy as np
import pytest

from stentviewer.imaging.image import DecodedFrames, Window
from tests.imaging.test_windowing import radiograph_of


def test_frames_are_decoded_once_and_read_only_from_any_thread() -> None:
    decoded: list[int] = []

    def decode(index: int) -> np.ndarray:
        decoded.append(index)
        return np.full((2, 2), index, np.uint8)

    frames = DecodedFrames(3, decode)
    seen: list[int] = []
    threads = [threading.Thread(target=lambda: seen.append(int(frames[1][0, 0]))) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert (decoded, seen) == ([1], [1] * 8)
    assert len(frames) == 3
    assert frames[-1][0, 0] == 2
    with pytest.raises(ValueError, match="read-only"):
        frames[1][0, 0] = 9
    with pytest.raises(IndexError):
        frames[3]


def test_old_frames_are_forgotten(monkeypatch) -> None:
    monkeypatch.setattr("stentviewer.imaging.image._CACHE_BYTES", 250)
    decoded: list[int] = []

    def decode(index: int) -> np.ndarray:
        decoded.append(index)
        return np.zeros((10, 10), np.uint8)

    frames = DecodedFrames(5, decode)
    for index in (0, 1, 0, 2, 0, 1):
        frames[index]
    assert decoded == [0, 1, 2, 1]


def test_auto_window_leaves_out_padding_and_bars() -> None:
    rng = np.random.default_rng(2)
    stored = rng.integers(1000, 2000, (300, 400)).astype(np.uint16)
    stored[:60] = 0  # a collimator bar
    stored[:, :80] = 60000  # padding
    radiograph = radiograph_of(stored, padding=(60000, 60000))
    window = radiograph.auto_window(0)
    low, high = window.centre - window.width / 2, window.centre + window.width / 2
    assert 1000 <= low < 1050
    assert 1950 < high <= 2000


def test_auto_window_of_one_value_and_of_rare_values() -> None:
    flat = radiograph_of(np.full((50, 50), 7, np.uint16))
    assert flat.auto_window(0).width > 0
    rare = np.zeros((100, 100), np.uint16)
    rare[50, 50] = 900
    assert radiograph_of(rare).auto_window(0).width == 900


def test_default_window_prefers_the_frames_own() -> None:
    radiograph = radiograph_of(np.zeros((3, 3), np.uint16))
    radiograph = replace(radiograph, windows=(Window(1, 2),), frame_windows=((Window(3, 4),),))
    assert radiograph.default_window(0) == Window(3, 4)
    assert replace(radiograph, frame_windows=((),)).default_window(0) == Window(1, 2)


def test_colour_becomes_luminance() -> None:
    colour = np.zeros((1, 3, 3), np.uint8)
    colour[0, 0], colour[0, 1], colour[0, 2] = (255, 0, 0), (0, 255, 0), (255, 255, 255)
    values = radiograph_of(colour, 8).modality_values(0)
    assert values[0].tolist() == pytest.approx([76.245, 149.685, 255.0], abs=1e-3)


def test_modality_values_are_rescaled_signed_values() -> None:
    stored = np.array([[-1000, 0, 1000]], np.int16)
    values = radiograph_of(stored, rescale=(0.5, -24.0)).modality_values(0)
    assert values.dtype == np.float32
    assert values.tolist() == [[-524.0, -24.0, 476.0]]
