"""Hiding what decides lowers the probability; hiding anything else does not."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from stentviewer.core.errors import Cancelled
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.explain.deletion import PASSES_A_MAP, PASSES_A_PICTURE, Hidden
from stentviewer.explain.hiding import Passes
from tests.explain.formulas import SIDE, LooksAt, chequered

TOP_RIGHT = slice(0, 24), slice(72, 96)


def heat_at(rows: slice, columns: slice) -> np.ndarray:
    values = np.zeros((12, 12), np.float32)
    values[rows.start // 8 : rows.stop // 8, columns.start // 8 : columns.stop // 8] = 1
    return values


def hidden(network: LooksAt, tensor: np.ndarray | None = None, context=None) -> Hidden:
    job = context or JobContext()
    passes = Passes(network, job, PASSES_A_PICTURE + PASSES_A_MAP)
    return Hidden(chequered() if tensor is None else tensor, 1, 1.0, passes)


def test_a_map_of_what_decides_beats_random_both_ways():
    network = LooksAt(*TOP_RIGHT)
    curves = hidden(network).curves(heat_at(*TOP_RIGHT))
    assert curves.deletion_area < 0.5 < curves.random_area
    assert curves.beats_random
    assert curves.insertion_area > 0.5
    assert curves.deletion[0] == curves.random[0] == curves.whole > 0.99
    assert curves.insertion[0] == curves.blank < 0.1
    assert curves.deletion[-1] < 0.1 < 0.9 < curves.insertion[-1]


def test_a_map_of_another_place_is_no_better_than_random():
    curves = hidden(LooksAt(*TOP_RIGHT)).curves(heat_at(slice(72, 96), slice(0, 24)))
    assert not curves.beats_random
    assert curves.insertion_area < 0.1


@pytest.mark.parametrize("seed", range(8))
def test_a_map_drawn_by_lot_is_no_better_than_random(seed):
    values = np.random.default_rng(seed).random((12, 12), np.float32)
    assert not hidden(LooksAt(slice(24, 72), slice(36, 60))).curves(values).beats_random


def test_it_takes_the_passes_it_says():
    network = LooksAt(*TOP_RIGHT)
    picture = hidden(network)
    assert network.runs == PASSES_A_PICTURE
    picture.curves(heat_at(*TOP_RIGHT))
    assert network.runs == PASSES_A_PICTURE + PASSES_A_MAP


def test_the_same_picture_gives_the_same_curves():
    one, two = (hidden(LooksAt(*TOP_RIGHT)).curves(heat_at(*TOP_RIGHT)) for _ in range(2))
    assert one == two


def test_the_probability_is_the_calibrated_one():
    passes = Passes(LooksAt(*TOP_RIGHT), JobContext(), 0)
    assert Hidden(chequered(), 1, 100.0, passes).whole == pytest.approx(1 / 3, abs=0.1)


def test_padding_is_neither_hidden_nor_counted():
    tensor = chequered()
    tensor[:, :, :, :48] = 0
    seen: list[np.ndarray] = []

    class Keeps(LooksAt):
        def run(self, tensor):
            seen.append(tensor.copy())
            return super().run(tensor)

    hidden(Keeps(*TOP_RIGHT), tensor).curves(heat_at(*TOP_RIGHT))
    assert all(not one[..., :48].any() for one in seen)
    half = [np.ptp(one[0, 0, :, 49:], axis=None) for one in seen]
    assert max(half) > 0.9
    shares = sorted({round(float((one != tensor)[0, 0, :, 48:].mean()), 2) for one in seen})
    assert shares[0] == 0
    assert shares[-1] > 0.95  # all of the image, and only it


def test_what_is_hidden_keeps_its_brightness():
    picture = hidden(LooksAt(*TOP_RIGHT))
    smooth = picture._smooth[0, 0]
    assert smooth.mean() == pytest.approx(chequered()[0, 0].mean(), abs=0.01)
    assert np.ptp(smooth) < 0.1


def test_it_can_be_cancelled_between_passes():
    stop = threading.Event()
    network = LooksAt(*TOP_RIGHT)
    seen: list[Progress] = []

    def report(progress: Progress) -> None:
        seen.append(progress)
        if progress.done == 4:
            stop.set()

    with pytest.raises(Cancelled):
        hidden(network, context=JobContext(report, stop))
    assert network.runs == 5
    assert [one.done for one in seen] == [0, 1, 2, 3, 4]
    assert {one.total for one in seen} == {PASSES_A_PICTURE + PASSES_A_MAP}


def test_a_tiny_picture_and_one_of_one_value_have_curves():
    flat = np.zeros((1, 3, SIDE, SIDE), np.float32)
    curves = hidden(LooksAt(*TOP_RIGHT), flat).curves(heat_at(*TOP_RIGHT))
    assert len(set(curves.deletion)) == 1
    tiny = flat.copy()
    tiny[..., 4:6, 80:83] = 1
    assert len(hidden(LooksAt(*TOP_RIGHT), tiny).curves(heat_at(*TOP_RIGHT)).deletion) == 5
