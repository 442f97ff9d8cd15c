"""A map that follows the image is stable; one that follows the frame is not."""

from __future__ import annotations

import numpy as np
import pytest

from stentviewer.explain.stability import PASSES, overlap

SIDE = 96


def blob(x: int, y: int) -> np.ndarray:
    down, across = np.mgrid[0:SIDE, 0:SIDE]
    values = np.exp(-((down - y) ** 2 + (across - x) ** 2) / 200)
    return np.tile(values.astype(np.float32), (1, 3, 1, 1))


def brightness(tensor: np.ndarray) -> np.ndarray:
    return tensor[0, 0].reshape(24, 4, 24, 4).mean(axis=(1, 3))


def test_a_map_of_the_image_stays_with_it():
    tensor = blob(30, 60)
    assert overlap(tensor, brightness(tensor), brightness) > 0.9


def test_a_map_that_does_not_care_for_the_image_moves():
    fixed = np.zeros((24, 24), np.float32)
    fixed[2:6, 2:6] = 1

    def stuck(_: np.ndarray) -> np.ndarray:
        return fixed

    assert overlap(blob(30, 60), fixed, stuck) == pytest.approx(0)


def test_a_map_drawn_by_lot_agrees_by_chance():
    rng = np.random.default_rng(0)

    def lot(_: np.ndarray) -> np.ndarray:
        return rng.random((24, 24), np.float32)

    assert overlap(blob(30, 60), lot(blob(30, 60)), lot) < 0.25


def test_three_maps_are_made_and_without_heat_there_is_no_answer():
    seen = []

    def none(tensor: np.ndarray) -> np.ndarray:
        seen.append(tensor)
        return np.zeros((24, 24), np.float32)

    assert overlap(blob(30, 60), brightness(blob(30, 60)), none) is None
    assert len(seen) == PASSES
    assert np.array_equal(seen[0], blob(30, 60)[..., ::-1])
    assert all(one.shape == (1, 3, SIDE, SIDE) for one in seen)
