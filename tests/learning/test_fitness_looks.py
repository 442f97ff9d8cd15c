"""Looks: measured once, kept, and what cannot be read said."""

from __future__ import annotations

import os
from dataclasses import replace

import cv2
import numpy as np
import pytest

from stentviewer.core.errors import Cancelled
from stentviewer.core.types import Box
from stentviewer.learning import fitness_looks
from stentviewer.learning.events import RunContext, Stage
from stentviewer.learning.fitness_looks import look, painted
from stentviewer.learning.selection import Item
from tests.learning.fitness_pictures import cloudy, saved, study


def same(first, second) -> bool:
    return (
        first.facts == second.facts
        and np.array_equal(first.at, second.at)
        and np.array_equal(first.thumbs, second.thumbs)
        and np.array_equal(first.plates, second.plates)
    )


def never(_item):
    raise AssertionError("looked at again")


def test_looks_are_kept_and_found_again(tmp_path, monkeypatch) -> None:
    items = study(tmp_path, {"A": 2, "B": 1})
    first, problems = look(items, RunContext(), tmp_path / "keep")
    assert problems == ()
    assert len(first) == 6
    monkeypatch.setattr(fitness_looks, "look_at", never)
    again, _ = look(items[::-1], RunContext(), tmp_path / "keep")
    assert again.facts == first.facts[::-1]
    assert np.array_equal(again.thumbs, first.thumbs[::-1])
    assert np.array_equal(again.plates, first.plates[::-1])


def test_a_changed_file_or_mask_is_looked_at_again(tmp_path) -> None:
    items = study(tmp_path, {"A": 1})
    first, _ = look(items, RunContext(), tmp_path / "keep")
    items[0] = replace(items[0], masks=(Box(0.2, 0.2, 0.6, 0.6),))
    saved(tmp_path, items[1].path.name, cloudy(77))
    os.utime(items[1].path, ns=(1, 1))
    second, _ = look(items, RunContext(), tmp_path / "keep")
    assert not np.array_equal(first.thumbs[0], second.thumbs[0])
    assert first.facts[0].pixels == second.facts[0].pixels  # the file is the same
    assert first.facts[1].pixels != second.facts[1].pixels


def test_damaged_kept_looks_are_passed_over(tmp_path) -> None:
    items = study(tmp_path, {"A": 1})
    first, _ = look(items, RunContext(), tmp_path / "keep")
    kept = tmp_path / "keep" / "looks.npz"
    kept.write_bytes(kept.read_bytes()[:200])
    assert same(look(items, RunContext(), tmp_path / "keep")[0], first)


def test_several_processes_see_the_same(tmp_path) -> None:
    items = study(tmp_path, {"A": 2})
    assert same(look(items, RunContext(), workers=2)[0], look(items, RunContext(), workers=1)[0])


def test_what_cannot_be_read_is_said_and_the_rest_goes_on(tmp_path) -> None:
    items = study(tmp_path, {"A": 2})
    items[0].path.write_bytes(b"no image")
    items[1] = replace(items[1], frame=4)
    items[2] = replace(items[2], path=tmp_path / "gone.png")
    items.append(Item(saved(tmp_path, "dot.png", np.zeros((2, 2), np.uint8)), "A", "dot"))
    looks, problems = look(items, RunContext())
    assert looks.at.tolist() == [3]
    said = " ".join(problem.message for problem in problems)
    assert "is not an image" in said
    assert "has no frame 5: its last is 1" in said
    assert "no file" in said
    assert "too small" in said


def test_none_at_all_gives_empty_looks() -> None:
    looks, problems = look([], RunContext())
    assert (len(looks), looks.thumbs.shape, looks.plates.shape) == (0, (0, 32, 32), (0, 96, 96))
    assert problems == ()


def test_an_order_to_stop_keeps_what_was_seen(tmp_path, monkeypatch) -> None:
    items = study(tmp_path, {"A": 2})

    class Stopping:
        calls = 0

        def check(self) -> None:
            self.calls += 1
            if self.calls == 3:
                raise Cancelled

    told = []
    with pytest.raises(Cancelled):
        look(items, RunContext(told.append, Stopping()), tmp_path / "keep")
    assert told == [Stage("Checking images", 0, 4), Stage("Checking images", 1, 4)]
    real, seen = fitness_looks.look_at, []
    monkeypatch.setattr(fitness_looks, "look_at", lambda item: seen.append(item) or real(item))
    assert len(look(items, RunContext(), tmp_path / "keep")[0]) == 4
    assert seen == items[2:]


def test_masks_are_filled_with_the_median_and_the_original_is_left_alone() -> None:
    values = cloudy(1).astype(np.float32)
    before = values.copy()
    out = painted(values, (Box(0.25, 0.5, 0.75, 1.0),))
    assert np.unique(out[64:, 32:96]).size == 1
    assert np.array_equal(out[:64], before[:64])
    assert np.array_equal(values, before)


def test_bars_are_left_out_of_size_and_pictures(tmp_path) -> None:
    picture = np.zeros((160, 128), np.uint8)
    picture[16:144] = cloudy(5)
    item = Item(saved(tmp_path, "bars.png", picture), "A", "p")
    looks, _ = look([item], RunContext())
    assert looks.facts[0].rows == 128
    assert looks.facts[0].format == "PNG"
    alone = cv2.resize(cloudy(5).astype(np.float32), (32, 32), interpolation=cv2.INTER_AREA)
    assert np.corrcoef(alone.ravel(), looks.thumbs[0].ravel())[0, 1] > 0.999
    assert (looks.plates[0][:10] == 0).all()
    assert looks.plates[0].any()
