"""What the scores say: probabilities, who is not excluded, unknown, and where."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.types import Box, HeatMap
from stentviewer.inference.bundle import Bundle, Thresholds
from stentviewer.inference.preprocess import Prepared, Preprocessing
from stentviewer.inference.runtimes.base import Output
from stentviewer.tasks import base, stent_maker
from stentviewer.tasks.stent_maker import hot_box, interpret
from tests.inference.networks import MAKERS, manifest

WHOLE = Box(0, 0, 1, 1)
PREPARED = Prepared(np.zeros((1, 3, 64, 64), np.float32), WHOLE)


def bundle(**changes: object) -> Bundle:
    return Bundle(Path("model"), manifest(**changes), "0" * 64)


def finding(probabilities: list[float], heat: HeatMap | None = None, **changes: object):
    scores = np.log(np.array(probabilities, np.float32))
    output = Output(scores, np.zeros((1, 1, 1), np.float32))
    (only,) = interpret(output, PREPARED, bundle(**changes), heat)
    return only


def test_it_is_a_task():
    task: base.Task = stent_maker
    assert task.TASK == "stent-maker"


def test_the_most_probable_maker_stands_first():
    made = finding([0.1, 0.05, 0.7, 0.05, 0.1])
    assert (made.maker, made.probability) == ("EGIS", pytest.approx(0.7))
    assert [s.label for s in made.scores] == ["EGIS", "Bona", "NITI-S", "Bona PC", "Epic"]
    assert sum(s.probability for s in made.scores) == pytest.approx(1)


@pytest.mark.parametrize(
    ("coverage", "names"),
    [(0.5, 1), (0.6, 1), (0.61, 2), (0.9, 2), (0.91, 3), (1.0, 5)],
)
def test_the_prediction_set_is_the_smallest_that_covers(coverage, names):
    limits = Thresholds(set_coverage=coverage, unknown_below=0.5)
    made = finding([0.6, 0.3, 0.05, 0.03, 0.02], thresholds=limits)
    assert made.prediction_set == MAKERS[:names]


@given(st.lists(st.floats(-60, 60, width=32), min_size=5, max_size=5), st.floats(0.1, 1))
def test_the_set_covers_and_no_smaller_one_does(scores, coverage):
    output = Output(np.array(scores, np.float32), np.zeros((1, 1, 1), np.float32))
    limits = Thresholds(set_coverage=coverage, unknown_below=0.5)
    (made,) = interpret(output, PREPARED, bundle(thresholds=limits), None)
    inside = [s.probability for s in made.scores[: len(made.prediction_set)]]
    assert made.prediction_set == tuple(s.label for s in made.scores)[: len(inside)]
    assert sum(inside) >= coverage - 1e-6
    assert sum(inside[:-1]) < coverage


def test_nobody_who_stands_out_is_unknown():
    limits = Thresholds(set_coverage=0.9, unknown_below=0.5)
    assert finding([0.49, 0.2, 0.2, 0.1, 0.01], thresholds=limits).unknown
    assert not finding([0.51, 0.2, 0.2, 0.08, 0.01], thresholds=limits).unknown


def test_the_temperature_tempers():
    sharp = finding([0.8, 0.05, 0.05, 0.05, 0.05])
    soft = finding([0.8, 0.05, 0.05, 0.05, 0.05], temperature=2.0)
    root = np.sqrt([0.8, 0.05, 0.05, 0.05, 0.05])
    assert soft.probability == pytest.approx(root[0] / root.sum(), abs=1e-6)
    assert soft.probability < sharp.probability


def heat(values: object, extent: Box = WHOLE) -> HeatMap:
    return HeatMap(np.array(values, np.float32), extent, "Grad-CAM")


def test_the_box_holds_what_hangs_together_with_the_peak():
    values = [
        [0.9, 0.0, 0.0, 0.0],
        [0.0, 0.0, 0.5, 0.0],
        [0.0, 0.0, 0.0, 1.0],
        [0.0, 0.0, 0.0, 0.49],
    ]
    assert hot_box(heat(values)) == Box(0.5, 0.25, 1.0, 0.75)
    assert finding([0.2] * 5, heat(values)).box == Box(0.5, 0.25, 1.0, 0.75)


def test_the_box_is_cut_to_the_image():
    extent = Box(-0.5, 0.0, 1.5, 0.5)
    assert hot_box(heat([[1, 1, 0, 0]], extent)) == Box(0.0, 0.0, 0.5, 0.5)
    assert hot_box(heat([[1, 0, 0, 0]], extent)) is None


def test_no_heat_no_box():
    assert hot_box(heat(np.zeros((3, 3)))) is None
    assert finding([0.2] * 5).box is None


@given(st.integers(1, 12), st.integers(1, 12), st.integers(0, 99))
def test_the_box_holds_the_peak(rows, columns, seed):
    values = np.random.default_rng(seed).random((rows, columns))
    box = hot_box(heat(values))
    assert box is not None
    row, column = np.unravel_index(values.argmax(), values.shape)
    assert box.x0 <= (column + 0.5) / columns <= box.x1
    assert box.y0 <= (row + 0.5) / rows <= box.y1


class _Frames:
    def __init__(self, values: np.ndarray) -> None:
        self._values = values

    def __len__(self) -> int:
        return 1

    def __getitem__(self, index: int) -> np.ndarray:
        return self._values


def radiograph(values: np.ndarray, **changes: object):
    from stentviewer.core.types import Identity, ImageHeader
    from stentviewer.imaging.image import Radiograph

    header = ImageHeader(Path("a.dcm"), Identity(), *values.shape[:2], 1, "DICOM", True)
    return Radiograph(header=header, frames=_Frames(values), **changes)


def test_the_collimator_is_left_out_and_the_shape_kept():
    values = np.zeros((300, 500), np.uint16)
    values[50:250, 100:400] = np.random.default_rng(0).integers(500, 1000, (200, 300))
    made = stent_maker.prepare(radiograph(values), 0, bundle())
    assert made.tensor.shape == (1, 3, 64, 64)
    assert made.extent.x0 == pytest.approx(0.2, abs=0.01)
    assert made.extent.x1 == pytest.approx(0.8, abs=0.01)
    assert made.extent.y0 == pytest.approx(0.0, abs=0.02)  # 300 px wide: padded above and below
    assert made.extent.y1 == pytest.approx(1.0, abs=0.02)


def test_the_files_window_is_used_where_the_model_asks_for_it():
    from stentviewer.imaging.image import Window

    values = np.random.default_rng(0).integers(0, 6000, (64, 64)).astype(np.uint16)
    spec = Preprocessing(side=64, window="dicom", mean=(0, 0, 0), std=(1, 1, 1))
    image = radiograph(values, windows=(Window(3000, 2000),))
    tensor = stent_maker.prepare(image, 0, bundle(preprocessing=spec)).tensor[0, 0]
    assert tensor == pytest.approx(np.clip((values - 2000.0) / 2000, 0, 1), abs=1e-6)
