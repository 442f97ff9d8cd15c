"""Metrics against scikit-learn, published examples and the definitions written out."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.special import softmax
from sklearn.metrics import f1_score, precision_recall_fscore_support, roc_auc_score

from stentviewer.learning import metrics
from stentviewer.learning.intervals import wilson

# Hanley & McNeil, Radiology 143, 1982, Table I: ratings 1 to 5 of 109 CT images.
NORMAL = (33, 6, 6, 11, 2)
ABNORMAL = (3, 2, 2, 11, 33)


def hanley() -> tuple[np.ndarray, np.ndarray]:
    ratings = np.repeat(np.tile(np.arange(1.0, 6.0), 2), NORMAL + ABNORMAL)
    return ratings, np.arange(109) >= 58


def guessed(n: int = 300, classes: int = 5, seed: int = 1) -> tuple[np.ndarray, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, classes, n)
    named = np.where(rng.random(n) < 0.6, truth, rng.integers(0, classes, n))
    return truth, named


def test_rates_are_scikit_learns():
    truth, named = guessed()
    counts = metrics.confusion(truth, named, 5)
    found = metrics.rates(counts)
    p, r, f, _ = precision_recall_fscore_support(truth, named)
    assert np.allclose(found.precision, p)
    assert np.allclose(found.recall, r)
    assert np.allclose(found.f1, f)
    assert found.macro()[2] == pytest.approx(f1_score(truth, named, average="macro"))
    assert metrics.accuracy(counts) == pytest.approx((truth == named).mean())


def test_a_class_without_images_does_not_pull_the_mean_down():
    counts = metrics.confusion(np.array([0, 0, 1]), np.array([0, 0, 1]), 3)
    assert metrics.rates(counts).macro() == (1, 1, 1)
    assert np.isnan(metrics.rates(counts).f1[2])


def test_a_class_that_was_never_named_counts_as_zero():
    found = metrics.rates(metrics.confusion(np.array([0, 1]), np.array([0, 0]), 2))
    assert found.precision[1] == found.recall[1] == found.f1[1] == 0


def test_wilson_is_the_published_one():
    """Newcombe, Statistics in Medicine 17, 1998, Table I: 81 of 263 and 0 of 20."""
    assert wilson(81, 263) == pytest.approx((0.2553, 0.3662), abs=5e-5)
    assert wilson(0, 20) == pytest.approx((0, 0.1611), abs=5e-5)


def test_the_bootstrap_resamples_patients_not_images():
    truth, named = guessed(200)
    alone = metrics.f1_intervals(truth, named, [str(k) for k in range(200)], 5)
    # Every image four times over says nothing new: as four images of one patient each.
    four = [np.repeat(values, 4) for values in (truth, named)]
    grouped = metrics.f1_intervals(*four, [str(k // 4) for k in range(800)], 5)
    apart = metrics.f1_intervals(*four, [str(k) for k in range(800)], 5)
    assert grouped.macro == pytest.approx(alone.macro)
    assert np.ptp(apart.macro) < 0.7 * np.ptp(grouped.macro)


def test_the_bootstrap_of_the_mean_is_as_wide_as_it_should_be():
    """Accuracy of two balanced classes is near their macro F1, and its deviation is known."""
    rng = np.random.default_rng(3)
    truth = np.arange(1000) % 2
    named = np.where(rng.random(1000) < 0.8, truth, 1 - truth)
    low, high = metrics.f1_intervals(truth, named, [str(k) for k in range(1000)], 2).macro
    share = (truth == named).mean()
    assert high - low == pytest.approx(2 * 1.96 * np.sqrt(share * (1 - share) / 1000), rel=0.1)


def test_no_error_is_no_proof_of_perfection():
    truth = np.arange(20) % 2
    found = metrics.f1_intervals(truth, truth, [str(k) for k in range(20)], 2)
    low = wilson(10, 10)[0]
    assert found.each[0] == pytest.approx((2 * low / (1 + low), 1))
    assert found.macro == pytest.approx((2 * low / (1 + low), 1))


def test_a_class_without_images_has_no_interval():
    truth = np.array([0, 0, 1, 1])
    found = metrics.f1_intervals(truth, np.array([0, 1, 1, 1]), list("abcd"), 3)
    assert np.isnan(found.each[2]).all()
    assert np.isfinite(found.macro).all()


def test_the_seed_repeats_the_interval():
    truth, named = guessed()
    patients = [str(k // 3) for k in range(300)]
    first, again = (metrics.f1_intervals(truth, named, patients, 5) for _ in range(2))
    assert (first.each == again.each).all()


def test_log_odds_are_those_of_the_softmax():
    logits = np.random.default_rng(0).normal(0, 2, (50, 4))
    p = softmax(logits, axis=1)
    assert np.allclose(metrics.log_odds(logits, [2]), np.log(p[:, 2] / (1 - p[:, 2])))
    both = p[:, 0] + p[:, 3]
    assert np.allclose(metrics.log_odds(logits, [0, 3]), np.log(both / (1 - both)))


def test_log_odds_tell_apart_what_a_saturated_softmax_does_not():
    sure = metrics.log_odds(np.array([[90.0, 0, 0], [95.0, 0, 0]]), [0])
    assert sure[1] > sure[0]


@pytest.mark.parametrize("digits", [8, 0])  # with none, most scores are tied
def test_the_area_is_scikit_learns(digits):
    rng = np.random.default_rng(5)
    is_it = rng.random(200) < 0.3
    scores = np.round(rng.normal(0, 1, 200) + is_it, digits)
    found = metrics.placements(scores, is_it)
    assert found.auc == pytest.approx(roc_auc_score(is_it, scores))
    assert found.of_positives.mean() == pytest.approx(found.of_negatives.mean())


def test_area_and_interval_are_those_published_for_hanley_and_mcneil():
    """Area 0.8932, DeLong's deviation 0.0307, interval 0.83295 to 0.95339 (Stata's roctab)."""
    scores, is_it = hanley()
    found = metrics.placements(scores, is_it)
    patients = [str(k) for k in range(109)]
    variance = metrics.auc_variance(found.of_positives, found.of_negatives, is_it, patients)
    assert found.auc == pytest.approx(0.8932, abs=5e-5)
    assert np.sqrt(variance) == pytest.approx(0.0307, abs=5e-5)
    assert metrics.auc_interval(found, is_it, patients) == pytest.approx(
        (0.83295, 0.95339), abs=5e-6
    )


def test_the_same_image_many_times_over_makes_an_area_no_surer():
    scores, is_it = hanley()
    once = metrics.placements(scores, is_it)
    often = metrics.placements(np.repeat(scores, 5), np.repeat(is_it, 5))
    patients = [str(k) for k in range(109)]
    alone = metrics.auc_interval(once, is_it, patients)
    together = metrics.auc_interval(often, np.repeat(is_it, 5), list(np.repeat(patients, 5)))
    assert often.auc == pytest.approx(once.auc)
    assert together == pytest.approx(alone)


def test_one_patient_gives_an_area_no_interval():
    scores, is_it = np.array([3.0, 2, 1, 0]), np.array([True, False, True, False])
    found = metrics.placements(scores, is_it)
    assert metrics.auc_interval(found, is_it, ["a", "b", "a", "c"]) is None


def test_all_in_order_gives_an_area_no_interval():
    scores, is_it = np.arange(6.0), np.arange(6) > 2
    found = metrics.placements(scores, is_it)
    assert found.auc == 1
    assert metrics.auc_interval(found, is_it, list("abcdef")) is None


def test_the_curve_ends_in_both_corners():
    scores, is_it = hanley()
    across, up = metrics.roc(scores, is_it)
    assert (across[0], up[0], across[-1], up[-1]) == (0, 0, 1, 1)
    assert np.trapezoid(up, across) == pytest.approx(metrics.placements(scores, is_it).auc)
