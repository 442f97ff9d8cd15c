"""How well answers fit the truth: confusion, precision, recall, F1, ROC, and their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stentviewer.learning.intervals import wilson

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]
BOOTSTRAPS = 2000
_AT_ONCE = 100  # resamples, to bound the memory of a large set
_Z = 1.959964


@dataclass(frozen=True, eq=False)
class Rates:
    """Of each class (classes,): precision, recall, F1; NaN for a class without images.

    A class that was never named has precision 0. `macro` means leave out classes without images.
    """

    precision: Reals
    recall: Reals
    f1: Reals

    def macro(self) -> tuple[float, float, float]:
        """Mean precision, recall and F1 over the classes that have images."""
        return tuple(float(np.nanmean(rate)) for rate in (self.precision, self.recall, self.f1))  # type: ignore[return-value]


def confusion(truth: Numbers, named: Numbers, classes: int) -> Numbers:
    """Counts (classes, classes): row the true class, column the one that was named."""
    counts = np.zeros((classes, classes), np.int64)
    np.add.at(counts, (truth, named), 1)
    return counts


def rates(counts: NDArray[np.integer] | Reals) -> Rates:
    """Rates (…, classes) of confusions (…, classes, classes)."""
    right = np.diagonal(counts, axis1=-2, axis2=-1).astype(np.float64)
    true, named = counts.sum(-1), counts.sum(-2)
    there = true > 0
    precision = right / np.maximum(named, 1)
    recall = right / np.maximum(true, 1)
    f1 = 2 * right / np.maximum(true + named, 1)
    return Rates(*(np.where(there, rate, np.nan) for rate in (precision, recall, f1)))


def accuracy(counts: Numbers) -> float:
    """The share of images that were named rightly."""
    return float(np.trace(counts) / max(int(counts.sum()), 1))


@dataclass(frozen=True, eq=False)
class F1Intervals:
    """95 % intervals of each class's F1 (classes, 2) and of their mean; NaN: not known."""

    each: Reals
    macro: tuple[float, float]


def f1_intervals(
    truth: Numbers, named: Numbers, patients: Sequence[str], classes: int, seed: int = 0
) -> F1Intervals:
    """Percentile bootstrap over patients, whose images are not independent (Efron, 1979).

    Where no resample differs (no error, or one patient) the bootstrap knows nothing; then a
    class's interval is Wilson's of TP / (TP + FP + FN), of which F1 is a monotone function, and
    that of the mean is the mean of theirs.
    """
    groups, of = np.unique(np.asarray(patients), return_inverse=True)
    parts = np.zeros((len(groups), classes * classes))
    np.add.at(parts, (of, truth * classes + named), 1)
    chance = np.full(len(groups), 1 / len(groups))
    rng = np.random.default_rng(seed)
    drawn = (rng.multinomial(len(groups), chance, _AT_ONCE) for _ in range(0, BOOTSTRAPS, _AT_ONCE))
    f1 = np.concatenate([rates((n @ parts).reshape(-1, classes, classes)).f1 for n in drawn])
    mean = np.nansum(f1, 1) / np.maximum((~np.isnan(f1)).sum(1), 1)
    whole = confusion(truth, named, classes)
    each = np.array([_f1_interval(f1[:, k], whole, k) for k in range(classes)])
    low, high = (float(edge) for edge in np.quantile(mean, (0.025, 0.975)))
    if low == high:
        low, high = (float(edge) for edge in np.nanmean(each, 0))
    return F1Intervals(each, (low, high))


def _f1_interval(values: Reals, counts: Numbers, k: int) -> tuple[float, float]:
    if counts[k].sum() == 0:
        return np.nan, np.nan
    low, high = np.nanquantile(values, (0.025, 0.975))
    if low < high:
        return float(low), float(high)
    right = int(counts[k, k])
    union = int(counts[k].sum() + counts[:, k].sum()) - right
    low, high = wilson(right, union)
    return 2 * low / (1 + low), 2 * high / (1 + high)


def log_odds(logits: NDArray[np.floating], wanted: Sequence[int]) -> Reals:
    """How much each image (n,) speaks for a class, or for several taken as one.

    The logarithm of p / (1 - p) of the softmax: the same order as p, without ties where p is 1 to
    the last digit. Infinite where there is no other class.
    """
    from scipy.special import logsumexp

    scores = np.asarray(logits, np.float64)
    of_them = np.zeros(scores.shape[1], bool)
    of_them[list(wanted)] = True
    with np.errstate(invalid="ignore"):
        odds: Reals = logsumexp(scores[:, of_them], axis=1) - logsumexp(scores[:, ~of_them], axis=1)
    return odds


def roc(scores: Reals, is_it: NDArray[np.bool_]) -> tuple[Reals, Reals]:
    """False and true positive rate along the thresholds; needs images of both kinds."""
    from sklearn.metrics import roc_curve

    false_positive, true_positive, _ = roc_curve(is_it, scores)
    return false_positive, true_positive


@dataclass(frozen=True, eq=False)
class Placements:
    """An AUC with what its variance is made of (DeLong, DeLong & Clarke-Pearson, 1988).

    of_positives (m,): the share of negatives each positive image stands above, of_negatives (n,)
    the share of positives that stand above each; ties count half. auc is the mean of either.
    """

    auc: float
    of_positives: Reals
    of_negatives: Reals


def placements(scores: Reals, is_it: NDArray[np.bool_]) -> Placements:
    """By midranks, in O(N log N) (Sun & Xu, IEEE Signal Processing Letters 21, 2014)."""
    from scipy.stats import rankdata

    positive, negative = scores[is_it], scores[~is_it]
    m, n = len(positive), len(negative)
    among_all = rankdata(np.concatenate([positive, negative]))
    of_positives = (among_all[:m] - rankdata(positive)) / n
    of_negatives = 1 - (among_all[m:] - rankdata(negative)) / m
    return Placements(float(of_positives.mean()), of_positives, of_negatives)


def auc_variance(
    positives: Reals, negatives: Reals, is_it: NDArray[np.bool_], patients: Sequence[str]
) -> float | None:
    """The variance of a mean of placements, or of a difference of two such means.

    positives (m,), negatives (n,) are placements; is_it and patients (m + n,) are of the images in
    their own order. Images of one patient are taken together (Obuchowski, Biometrics 53, 1997);
    with one image a patient it is DeLong's. None with fewer than two patients of either kind.
    """
    _, of = np.unique(np.asarray(patients), return_inverse=True)
    groups = int(of.max()) + 1
    theta = float(positives.mean())
    up = np.bincount(of[is_it], positives - theta, groups)
    down = np.bincount(of[~is_it], negatives - theta, groups)
    with_up = len(np.unique(of[is_it]))
    with_down = len(np.unique(of[~is_it]))
    if min(with_up, with_down) < 2:
        return None
    m, n = len(positives), len(negatives)
    variance = (
        with_up / (with_up - 1) * float(up @ up) / m**2
        + with_down / (with_down - 1) * float(down @ down) / n**2
        + 2 * groups / (groups - 1) * float(up @ down) / (m * n)
    )
    return max(variance, 0.0)


def auc_interval(
    found: Placements, is_it: NDArray[np.bool_], patients: Sequence[str]
) -> tuple[float, float] | None:
    """95 % interval of an AUC; None where the images do not tell, as when all are in order."""
    variance = auc_variance(found.of_positives, found.of_negatives, is_it, patients)
    if not variance:
        return None
    half = _Z * float(np.sqrt(variance))
    return max(found.auc - half, 0.0), min(found.auc + half, 1.0)
