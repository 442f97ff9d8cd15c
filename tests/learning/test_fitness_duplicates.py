"""Copies are found however they were made; other pictures are not."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stentviewer.learning.events import RunContext
from stentviewer.learning.fitness_duplicates import Twin, twins
from stentviewer.learning.fitness_looks import look
from stentviewer.learning.selection import Item
from tests.learning.fitness_pictures import cloudy, saved


def looks_of(tmp_path, pictures, ending="png"):
    items = [
        Item(saved(tmp_path, f"{k}.{ending}", picture), "A", str(k))
        for k, picture in enumerate(pictures)
    ]
    looks, problems = look(items, RunContext())
    assert problems == ()
    return looks


def brighter(picture):
    return np.clip(0.6 * picture.astype(np.float32) + 60, 0, 255).astype(np.uint8)


COPIES = {
    "inverted": (lambda p: 255 - p, False),
    "brighter": (brighter, False),
    "smaller": (lambda p: cv2.resize(p, (90, 90), interpolation=cv2.INTER_AREA), False),
    "larger": (lambda p: cv2.resize(p, (300, 300), interpolation=cv2.INTER_CUBIC), False),
    "noisy": (lambda p: p + np.random.default_rng(1).integers(0, 5, p.shape, np.uint8), False),
    "mirrored": (lambda p: p[:, ::-1], True),
    "upside down": (lambda p: p[::-1], True),
    "turned": (lambda p: np.rot90(p), True),
    "turned and mirrored": (lambda p: np.rot90(p)[:, ::-1], True),
    "turned the other way": (lambda p: np.rot90(p, 3), True),
}


@pytest.mark.parametrize("name", COPIES)
def test_a_copy_is_found(tmp_path, name) -> None:
    change, turned = COPIES[name]
    pictures = [cloudy(1), cloudy(2), np.ascontiguousarray(change(cloudy(1))), cloudy(3)]
    assert twins(looks_of(tmp_path, pictures)) == (Twin(0, 2, False, turned),)


def test_the_same_pixels_in_another_file_are_said_to_be_the_same(tmp_path) -> None:
    assert twins(looks_of(tmp_path, [cloudy(1), cloudy(2), cloudy(1)])) == (
        Twin(0, 2, True, False),
    )


def test_a_jpeg_is_a_copy_too(tmp_path) -> None:
    items = [
        Item(saved(tmp_path, "a.png", cloudy(1)), "A", "1"),
        Item(saved(tmp_path, "b.jpg", cloudy(1)), "A", "2"),
    ]
    assert twins(look(items, RunContext())[0]) == (Twin(0, 1, False, False),)


def test_different_pictures_are_no_copies(tmp_path) -> None:
    assert twins(looks_of(tmp_path, [cloudy(k) for k in range(40)])) == ()


def test_even_pictures_are_not_compared(tmp_path) -> None:
    looks = looks_of(tmp_path, [np.full((64, 64), v, np.uint8) for v in (10, 200)])
    assert twins(looks) == ()
    assert twins(looks_of(tmp_path / "one", [cloudy(1)])) == ()
