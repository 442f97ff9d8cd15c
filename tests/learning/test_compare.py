"""Champion against challenger: published examples, the definitions written out, other classes."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.stats import norm

from stentviewer.core.errors import KnownError
from stentviewer.learning import metrics
from stentviewer.learning.compare import compare, delong, holm, mcnemar
from tests.learning.answers import answers, drawn

OLD = ("EGIS", "NITI-S")
NEW = ("Coil", "EGIS", "NITI-S")


def by_definition(first, second, is_it):
    """DeLong, DeLong & Clarke-Pearson, 1988, equations 4 to 8, every pair looked at."""

    def kernel(scores):
        x, y = scores[is_it][:, None], scores[~is_it][None, :]
        return (x > y) + 0.5 * (x == y)

    pairs = [kernel(scores) for scores in (first, second)]
    m, n = pairs[0].shape
    s10 = np.cov([pair.mean(1) for pair in pairs])
    s01 = np.cov([pair.mean(0) for pair in pairs])
    contrast = np.array([-1, 1])
    variance = contrast @ (s10 / m + s01 / n) @ contrast
    difference = pairs[1].mean() - pairs[0].mean()
    return difference, variance, 2 * norm.sf(abs(difference) / np.sqrt(variance))


@pytest.mark.parametrize("digits", [6, 0])  # with none, most scores are tied
def test_delong_is_what_its_paper_defines(digits):
    rng = np.random.default_rng(11)
    is_it = rng.random(150) < 0.4
    common = rng.normal(0, 1, 150) + is_it
    first, second = (np.round(common + rng.normal(0, s, 150), digits) for s in (1.0, 0.4))
    found = delong(first, second, is_it, [str(k) for k in range(150)])
    difference, variance, p = by_definition(first, second, is_it)
    assert found.second - found.first == pytest.approx(difference)
    assert found.p == pytest.approx(p)
    half = 1.959964 * np.sqrt(variance)
    assert (found.low, found.high) == pytest.approx((difference - half, difference + half))


def test_delong_of_repeated_images_is_no_surer():
    rng = np.random.default_rng(2)
    is_it = np.arange(60) % 3 == 0
    first, second = (rng.normal(0, 1, 60) + signal * is_it for signal in (0.5, 1.5))
    once = delong(first, second, is_it, [str(k) for k in range(60)])
    repeated = [np.repeat(values, 4) for values in (first, second, is_it)]
    together = delong(*repeated, [str(k // 4) for k in range(240)])
    apart = delong(*repeated, [str(k) for k in range(240)])
    assert together.p == pytest.approx(once.p)
    assert apart.p < once.p


def test_delong_keeps_its_level():
    """Two models that are alike in truth differ by p < 0.05 in about one of twenty trials."""
    rng = np.random.default_rng(4)
    is_it = np.arange(120) % 2 == 0
    patients = [str(k // 2 * 2 + k % 2) for k in range(120)]
    values = []
    for _ in range(400):
        common = rng.normal(0, 1, 120) + 0.8 * is_it
        first, second = (common + rng.normal(0, 0.7, 120) for _ in range(2))
        values.append(delong(first, second, is_it, patients).p)
    assert 0.025 < np.mean(np.array(values) < 0.05) < 0.08


def test_delong_of_the_same_order_finds_no_difference():
    is_it = np.arange(20) % 2 == 0
    scores = np.random.default_rng(0).normal(0, 1, 20)
    found = delong(scores, scores * 3 + 1, is_it, [str(k) for k in range(20)])
    assert (found.first, found.p, found.low) == (found.second, 1.0, None)


def test_delong_of_one_patient_does_not_say():
    found = delong(np.arange(4.0), np.arange(4.0)[::-1], np.arange(4) > 1, ["a"] * 4)
    assert (found.first, found.second, found.p) == (1, 0, None)


def test_mcnemar_is_the_published_one():
    """Agresti, Categorical Data Analysis, 2002, Table 10.1: 86 against 150 changed their mind."""
    was = np.repeat([True, True, False, False], [794, 150, 86, 570])
    now = np.repeat([True, False, True, False], [794, 150, 86, 570])
    found = mcnemar(was, now)
    assert (found.only_before, found.only_after) == (150, 86)
    assert found.p == pytest.approx(3.7e-5, abs=2e-6)


@pytest.mark.parametrize(
    ("lost", "won", "p"), [(0, 0, 1), (5, 5, 1), (0, 6, 2 / 64), (1, 5, 14 / 64)]
)
def test_mcnemar_by_hand(lost, won, p):
    was = np.array([True] * lost + [False] * won, bool)
    assert mcnemar(was, ~was).p == pytest.approx(p)


def test_holm_by_hand():
    assert holm([0.01, 0.04, None, 0.03]) == [0.03, 0.06, None, 0.06]
    assert holm([0.9, 0.8]) == [1.0, 1.0]
    assert holm([]) == []


def test_a_new_class_is_counted_apart():
    truth = ["EGIS"] * 3 + ["NITI-S"] * 3 + ["Coil"] * 2
    before = answers(OLD, truth, ["EGIS"] * 3 + ["NITI-S"] * 2 + ["EGIS"] + ["NITI-S"] * 2)
    after = answers(NEW, truth, ["EGIS"] * 2 + ["Coil"] + ["NITI-S"] * 3 + ["Coil", "EGIS"])
    found = compare(before, after)
    assert (found.images, found.unknown_before, found.right_of_unknown) == (6, 2, 1)
    assert (found.accuracy_before.value, found.accuracy_after.value) == (5 / 6, 5 / 6)
    assert (found.mcnemar.only_before, found.mcnemar.only_after) == (1, 1)
    assert {one.name: one.lost for one in found.forgetting} == pytest.approx(
        {"EGIS": 1 / 3, "NITI-S": -1 / 3}
    )
    assert found.forgotten == pytest.approx(0)
    flips = {flip.sha256[62:64]: (flip.before, flip.after, flip.kind) for flip in found.flips}
    assert flips == {
        "02": ("EGIS", "Coil", "lost"),
        "05": ("EGIS", "NITI-S", "gained"),
        "06": ("NITI-S", "Coil", "gained"),
        "07": ("NITI-S", "EGIS", "other"),
    }
    assert found.flips[0].kind == "lost"
    assert [flip.is_old for flip in found.flips if flip.truth == "Coil"] == [False, False]


def test_a_class_that_retired_is_counted_apart():
    truth = ["EGIS", "NITI-S", "Old"]
    before = answers((*OLD, "Old"), truth, ["EGIS", "Old", "Old"])
    after = answers(OLD, truth, ["EGIS", "NITI-S", "EGIS"])
    found = compare(before, after)
    assert (found.images, found.unknown_after) == (2, 1)
    assert (found.accuracy_before.value, found.accuracy_after.value) == (0.5, 1)
    assert {one.name for one in found.forgetting} == {"EGIS", "NITI-S"}


def test_a_class_keeps_its_past_under_a_new_name():
    before = answers(("Wall", "EGIS"), ["Wall", "EGIS"], ["Wall", "EGIS"])
    after = answers(("EGIS", "Wallflex"), ["Wallflex", "EGIS"], ["Wallflex", "EGIS"])
    found = compare(before, after, {"Wall": "Wallflex", "EGIS": "EGIS"})
    assert (found.images, found.flips, found.forgotten) == (2, (), 0)


def test_merged_classes_count_as_one_though_the_champion_knows_no_such_class():
    old = ("Bona PC", "Bona UC", "EGIS")
    truth = ["Bona", "Bona", "Bona", "EGIS", "EGIS"]
    before = answers(old, truth, ["Bona PC", "Bona UC", "EGIS", "EGIS", "EGIS"])
    after = answers(("Bona", "EGIS"), truth, ["Bona", "Bona", "Bona", "EGIS", "Bona"])
    renamed = {"Bona PC": "Bona", "Bona UC": "Bona", "EGIS": "EGIS"}
    assert (before.truth == [-1, -1, -1, 2, 2]).all()
    found = compare(before, after, renamed)
    assert (found.images, found.unknown_before) == (5, 0)
    assert {one.name: (one.before, one.after) for one in found.forgetting} == {
        "Bona": pytest.approx((2 / 3, 1)),
        "EGIS": (1, 0.5),
    }
    area = next(one for one in found.delong if one.name == "Bona")
    odds = metrics.log_odds(before.logits, [0, 1])
    is_it = np.array([True, True, True, False, False])
    assert area.before == metrics.placements(odds, is_it).auc


def test_images_are_matched_by_their_hash_in_any_order():
    before, after = drawn(OLD, 60, seed=1, folds=0), drawn(OLD, 60, seed=2, folds=0)
    whole = compare(before, after)
    order = np.random.default_rng(0).permutation(60)[:59]
    mixed = type(after)(
        after.classes,
        after.logits[order],
        after.truth[order],
        after.fold[order],
        tuple(after.sha256[k] for k in order),
        tuple(after.patient[k] for k in order),
    )
    found = compare(before, mixed)
    left_out = before.sha256[next(iter(set(range(60)) - set(order.tolist())))]
    assert found.images == 59
    kept = {flip for flip in whole.flips if flip.sha256 != left_out}
    assert set(found.flips) == kept
    assert kept


def test_the_same_model_changes_nothing():
    given = drawn(NEW, 90, folds=0)
    found = compare(given, given)
    assert (found.flips, found.forgotten, found.mcnemar.p) == ((), 0, 1)
    assert [(one.difference.value, one.p) for one in found.delong] == [(0, 1)] * 3


def test_a_better_challenger_is_told_from_chance():
    before, after = drawn(NEW, 300, 1, 0.6, folds=0), drawn(NEW, 300, 2, 2.5, folds=0)
    found = compare(before, after)
    assert found.mcnemar.p < 1e-6
    assert all(one.p_holm is not None and one.p_holm < 1e-3 for one in found.delong)
    assert all(one.p_holm >= one.p for one in found.delong)
    assert found.forgotten is not None
    assert found.forgotten < -0.2


def test_nothing_in_common_is_said_as_nothing():
    before = answers(OLD, ["EGIS"], ["EGIS"])
    after = answers(("Coil", "Spiral"), ["Coil"], ["Coil"])
    found = compare(before, after)
    assert (found.images, found.unknown_before, found.delong) == (0, 1, ())
    assert found.accuracy_before.value is None
    assert found.forgotten is None


def test_scores_that_are_no_numbers_are_refused():
    good, bad = drawn(OLD, 12, folds=0), drawn(OLD, 12, folds=0)
    bad.logits[3] = np.nan
    with pytest.raises(KnownError, match="no numbers for 1 of 12 images"):
        compare(good, bad)
