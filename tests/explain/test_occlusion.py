"""Covering what the model looks at lowers its word; covering anything else does not."""

from __future__ import annotations

import math
import threading

import numpy as np
import pytest

from stentviewer.core.errors import Cancelled
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.core.types import Box
from stentviewer.explain.occlusion import METHOD, occlusion
from stentviewer.inference.preprocess import Prepared, Preprocessing, prepare
from stentviewer.inference.runtimes.base import Output

SIDE = 96
WHOLE = Box(0, 0, 1, 1)


class LooksAt:
    """Scores class 1 by how much fine pattern it sees in one part of its input."""

    device = "a formula"

    def __init__(self, rows: slice, columns: slice, weight: float = 8.0) -> None:
        self.part = (0, 0, rows, columns)
        self.weight = weight
        self.seen: list[np.ndarray] = []

    def run(self, tensor: np.ndarray) -> Output:
        self.seen.append(tensor.copy())
        pattern = float(np.abs(np.diff(tensor[self.part], axis=1)).mean())
        scores = np.array([0, self.weight * pattern, 0.5], np.float32)
        return Output(scores, np.zeros((1, 1, 1), np.float32))


def chequered(side: int = SIDE) -> np.ndarray:
    """A wire-like pattern everywhere: only its place can tell."""
    tensor = np.zeros((1, 3, side, side), np.float32)
    tensor[:] = 0.1 + np.indices((side, side)).sum(axis=0) % 2
    return tensor


def test_the_heat_is_where_the_network_looks():
    network = LooksAt(slice(0, 32), slice(64, 96))
    found = occlusion(network, Prepared(chequered(), WHOLE), 1)
    rows, columns = found.heat.values.shape
    assert found.heat.method == METHOD
    assert found.heat.values.max() == pytest.approx(1)
    row, column = np.unravel_index(found.heat.values.argmax(), found.heat.values.shape)
    assert row < rows / 3
    assert column >= 2 * columns / 3
    assert not found.heat.values[rows // 2 + 1 :, : columns // 2].any()
    assert found.lowest < found.probability
    assert not found.is_empty


def test_the_numbers_are_the_calibrated_probability():
    network = LooksAt(slice(0, SIDE), slice(0, SIDE), weight=2.0)
    found = occlusion(network, Prepared(chequered(), WHOLE), 1, temperature=2.0)
    scores = network.run(chequered()).scores / 2.0
    expected = math.exp(scores[1]) / np.exp(scores).sum()
    assert found.probability == pytest.approx(expected, abs=1e-6)


def test_it_costs_thirty_to_sixty_passes_whatever_the_shape():
    for rows, columns in ((96, 96), (96, 48), (24, 96), (96, 20)):
        tensor = np.zeros((1, 3, SIDE, SIDE), np.float32)
        tensor[:, :, :rows, :columns] = chequered()[:, :, :rows, :columns]
        network = LooksAt(slice(0, 8), slice(0, 8))
        found = occlusion(network, Prepared(tensor, WHOLE), 1)
        assert 30 <= found.passes <= 60
        assert len(network.seen) == found.passes


def test_padding_is_never_covered_and_the_extent_is_the_images():
    image = np.random.default_rng(3).random((40, 80)).astype(np.float32)
    prepared = prepare(image, Preprocessing(side=64))
    network = LooksAt(slice(0, 64), slice(0, 64))
    found = occlusion(network, prepared, 1)
    padding = prepared.tensor == 0
    assert all((seen[padding] == 0).all() for seen in network.seen)
    for edge, expected in zip(found.heat.extent.as_list(), (0, 0, 1, 1), strict=True):
        assert edge == pytest.approx(expected, abs=0.02)


def test_what_is_covered_keeps_its_brightness_and_loses_its_pattern():
    network = LooksAt(slice(0, SIDE), slice(0, SIDE))
    occlusion(network, Prepared(chequered(), WHOLE), 1)
    first = network.seen[1][0, 0, :12, :12]
    assert first.mean() == pytest.approx(0.6, abs=0.05)
    assert np.ptp(first) < 0.1


def test_the_tensor_it_was_given_is_left_as_it_was():
    tensor = chequered()
    occlusion(LooksAt(slice(0, 8), slice(0, 8)), Prepared(tensor, WHOLE), 1)
    assert np.array_equal(tensor, chequered())


def test_where_nothing_matters_there_is_no_heat():
    found = occlusion(
        LooksAt(slice(0, 8), slice(0, 8), weight=0.0), Prepared(chequered(), WHOLE), 1
    )
    assert found.is_empty
    assert found.lowest == pytest.approx(found.probability)


def test_what_speaks_against_the_class_is_no_heat():
    """Class 0 gains where class 1's evidence is covered."""
    found = occlusion(LooksAt(slice(0, 96), slice(0, 96)), Prepared(chequered(), WHOLE), 0)
    assert found.is_empty
    assert found.lowest == pytest.approx(found.probability)


def test_a_network_of_one_class_is_explained_by_its_score():
    class One(LooksAt):
        def run(self, tensor: np.ndarray) -> Output:
            output = super().run(tensor)
            return Output(output.scores[1:2], output.activation)

    assert not occlusion(One(slice(0, 32), slice(0, 32)), Prepared(chequered(), WHOLE), 0).is_empty


def test_an_image_of_one_value_and_a_tiny_one_have_a_map():
    flat = Prepared(np.zeros((1, 3, 32, 32), np.float32), WHOLE)
    assert occlusion(LooksAt(slice(0, 8), slice(0, 8)), flat, 1).is_empty
    tiny = np.zeros((1, 3, 32, 32), np.float32)
    tiny[0, :, 5:7, 9:12] = 1.0
    assert occlusion(LooksAt(slice(0, 32), slice(0, 32)), Prepared(tiny, WHOLE), 1).passes <= 60


def test_it_says_how_far_it_is_and_can_be_cancelled():
    said: list[Progress] = []
    cancelled = threading.Event()

    def report(progress: Progress) -> None:
        said.append(progress)
        if progress.done == 5:
            cancelled.set()

    network = LooksAt(slice(0, 8), slice(0, 8))
    with pytest.raises(Cancelled):
        occlusion(network, Prepared(chequered(), WHOLE), 1, context=JobContext(report, cancelled))
    assert [one.done for one in said] == [0, 1, 2, 3, 4, 5]
    assert len(network.seen) < 10
    assert {one.total for one in said} == {50}
