"""Temperature, reliability and calibration error against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import logit

from stentviewer.learning import calibration
from stentviewer.learning.calibration import Counted


def drawn(n: int, temperature: float, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """Scores that tell the truth at this temperature."""
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, 3, (n, 4))
    chances = calibration.probabilities(logits, temperature)
    truth = np.array([rng.choice(4, p=row) for row in chances])
    return logits, truth


def test_probabilities_are_a_softmax_over_the_temperature():
    found = calibration.probabilities(np.array([[1.0, 3.0]]), 2.0)
    assert found[0, 1] == pytest.approx(1 / (1 + np.exp(-1)))
    assert found.sum() == pytest.approx(1)


def test_each_image_may_have_its_own_temperature():
    found = calibration.probabilities(np.array([[0.0, 2.0], [0.0, 2.0]]), np.array([1.0, 4.0]))
    assert found[:, 1] == pytest.approx([1 / (1 + np.exp(-2)), 1 / (1 + np.exp(-0.5))])


@pytest.mark.parametrize("wanted", [0.5, 1.0, 2.5])
def test_the_temperature_that_made_the_labels_is_found(wanted):
    assert calibration.fit_temperature(*drawn(20_000, wanted)) == pytest.approx(wanted, rel=0.03)


def test_the_temperature_has_its_closed_form():
    """Two classes, one score: p has to be the share that is right, with Platt's targets."""
    n, right = 40, 31
    logits = np.tile([2.0, 0.0], (n, 1))
    truth = np.array([0] * right + [1] * (n - right))
    share = (right * (n + 1) + (n - right)) / (n * (n + 2))
    assert calibration.fit_temperature(logits, truth) == pytest.approx(2 / logit(share), rel=1e-4)


def test_the_scale_of_the_scores_does_not_matter():
    logits, truth = drawn(500, 1.0)
    once, more = (calibration.fit_temperature(logits * k, truth) for k in (1, 7))
    assert more == pytest.approx(7 * once, rel=1e-4)


def test_few_images_without_an_error_make_no_model_infinitely_sure():
    logits = 5.0 * np.eye(4)[np.arange(12) % 4]
    temperature = calibration.fit_temperature(logits, np.arange(12) % 4)
    first = calibration.probabilities(logits, temperature).max()
    assert first == pytest.approx(13 / 16, abs=1e-4)


def test_nothing_to_fit_leaves_the_scores_as_they_are():
    assert calibration.fit_temperature(np.empty((0, 3)), np.empty(0, np.int64)) == 1


def test_a_fold_is_tempered_by_the_others_alone():
    logits, truth = drawn(300, 1.0)
    fold = np.arange(300) % 3
    found = calibration.crossed_temperatures(logits, truth, fold)
    changed = np.where(fold == 1, (truth + 1) % 4, truth)  # fold 1 turns out all wrong
    after = calibration.crossed_temperatures(logits, changed, fold)
    assert (found[fold == 1] == after[fold == 1]).all()
    assert (found[fold == 0] < after[fold == 0]).all()


def test_the_first_bin_is_open_below_and_closed_above():
    found = np.array([[0.5, 0.5], [0.6, 0.4], [0.61, 0.39], [1.0, 0.0]])
    counted = calibration.reliability(found, np.array([0, 0, 1, 0]), bins=10)
    assert [(part.images, part.right) for part in counted] == [(1, 1), (1, 1), (1, 0), (1, 1)]
    assert [round(part.high, 1) for part in counted] == [0.5, 0.6, 0.7, 1.0]


def test_the_calibration_error_of_an_example_worked_by_hand():
    counted = [Counted(0.5, 0.6, 10, 0.55, 8), Counted(0.9, 1.0, 30, 0.95, 27)]
    assert calibration.calibration_error(counted) == pytest.approx(
        (10 * abs(0.8 - 0.55) + 30 * abs(0.9 - 0.95)) / 40
    )


def test_tempering_mends_what_is_too_sure():
    logits, truth = drawn(5000, 1.0)
    sure = 4 * logits
    before = calibration.reliability(calibration.probabilities(sure), truth)
    temperature = calibration.fit_temperature(sure, truth)
    after = calibration.reliability(calibration.probabilities(sure, temperature), truth)
    assert calibration.calibration_error(before) > 0.1
    assert calibration.calibration_error(after) < 0.02
