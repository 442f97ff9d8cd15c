"""How many more images of a class would help: a learning curve and what it can tell.

A quick classifier learns on more and more of the patients, and is asked about others. Its errors
fall about as a power of the number of images (Cortes et al., NIPS 1993; Figueroa et al., BMC Med
Inform Decis Mak 12:8, 2012). A curve that is too short, too flat or too noisy to be drawn on is
said to be so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.sentences import sentence, together
from stentviewer.core.types import FloatArray
from stentviewer.learning.splits import folds

Labels = NDArray[np.int64]
_SHARES: Final = (0.25, 0.35, 0.5, 0.7, 1.0)  # of the patients to learn from
_REPEATS: Final = 12
_FEWEST: Final = 2  # patients of a class that even the shortest curve point learns from
_PENALTIES: Final = (0.01, 0.03, 0.1, 0.3, 1.0, 3.0)  # of the mean eigenvalue
_LESS: Final = 2 / 3  # what "would help" is: this much of the class's errors left
_FLAT: Final = -0.05  # the slope from which on a curve counts as flat
_WIDEST: Final = 8.0  # the range's upper end over its lower one: more tells nothing
_MANY: Final = 800  # images: from there on repeats are fewer
_FURTHEST: Final = 4.0  # times what is there: a curve is not drawn on further
_WRONG: Final = 3.0  # images: with fewer wrong there is no curve to see
_NEVER: Final = 1e9
_LAST: Final = -3  # points from here on are the curve's end
_SPREAD: Final = (10.0, 90.0)


@dataclass(frozen=True, slots=True)
class ClassCurve:
    """The learning curve of one class.

    images: how many of it were learned from, on average; missed: the share of its images that was
    then named wrongly, by a fit to other patients; deviation: of that share over the repeats.
    more: how many more images would leave a third fewer missed, with the range of 80 % of the
    fits; None where this cannot be told, which `text` then says.
    """

    name: str
    images: tuple[float, ...]
    missed: tuple[float, ...]
    deviation: tuple[float, ...]
    more: int | None
    range: tuple[int, int] | None
    text: str


def learning_curve(
    features: FloatArray,
    labels: Labels,
    patients: Sequence[str],
    classes: Sequence[str],
    k: int = 5,
    seed: int = 7,
) -> tuple[ClassCurve, ...]:
    """The curve of each class from features (n, d) of the frozen network; labels (n,).

    Raises UserError where a class has fewer patients than folds (`splits.folds`).
    """
    fold = folds(labels, patients, k, seed, classes)
    kernel = _kernel(features)
    penalty = _best_penalty(kernel, labels, fold, len(classes))
    repeats = _REPEATS if len(labels) <= _MANY else _REPEATS // 2
    learned = np.zeros((repeats, len(_SHARES), len(classes)))
    wrong = np.zeros((repeats, len(_SHARES), len(labels)), np.bool_)
    groups = np.unique(np.asarray(patients, np.str_), return_inverse=True)[1].astype(np.int64)
    for repeat in range(repeats):
        rank = _ranks(labels, groups, np.random.default_rng([seed, 5, repeat]))
        for column, share in enumerate(_SHARES[:-1]):
            learned[repeat, column], wrong[repeat, column] = _asked(
                kernel, labels, fold, rank <= share, penalty, len(classes)
            )
    everything = np.ones(len(labels), np.bool_)  # the same in every repeat
    learned[:, -1], wrong[:, -1] = _asked(kernel, labels, fold, everything, penalty, len(classes))
    return tuple(
        _curve(name, learned[:, :, c].mean(0), wrong[:, :, labels == c], groups[labels == c], seed)
        for c, name in enumerate(classes)
    )


def _kernel(features: FloatArray) -> NDArray[np.float64]:
    x = features.astype(np.float64)
    x -= x.mean(0)
    x /= np.maximum(x.std(0), 1e-9)
    return np.asarray(x @ x.T / x.shape[1], np.float64)


def _ranks(labels: Labels, groups: Labels, rng: np.random.Generator) -> NDArray[np.float64]:
    """For each image, its patient's place in a random order among its class's, in (0, 1]."""
    rank = np.zeros(len(labels))
    for label in np.unique(labels):
        people = rng.permutation(np.unique(groups[labels == label]))
        first = min(_FEWEST / len(people), _SHARES[0])  # a fold takes one away, one has to stay
        place = {
            int(who): first if n < _FEWEST else (n + 1) / len(people)
            for n, who in enumerate(people)
        }
        mine = labels == label
        rank[mine] = [place[int(who)] for who in groups[mine]]
    return rank


def _asked(
    kernel: NDArray[np.float64],
    labels: Labels,
    fold: Labels,
    kept: NDArray[np.bool_],
    penalty: float,
    classes: int,
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Mean number of images of each class learned from, and which images are missed.

    The folds' check images are always all asked; only what is learned from gets less.
    """
    learned = np.zeros(classes)
    wrong = np.zeros(len(labels), np.bool_)
    numbers = np.unique(fold)
    for number in numbers:
        train, check = (fold != number) & kept, fold == number
        if not train.any():
            train = fold != number
        said = _ridge(kernel, labels, train, check, penalty, classes)
        learned += np.bincount(labels[train], minlength=classes)
        wrong[check] = said != labels[check]
    return learned / len(numbers), wrong


def _ridge(
    kernel: NDArray[np.float64],
    labels: Labels,
    train: NDArray[np.bool_],
    check: NDArray[np.bool_],
    penalty: float,
    classes: int,
) -> Labels:
    """The class named for each check image by ridge regression in which classes weigh alike."""
    own = labels[train]
    counts = np.bincount(own, minlength=classes)
    weight = 1 / np.maximum(counts, 1)[own]
    target = np.eye(classes)[own]
    there = counts > 0
    target -= there / max(int(there.sum()), 1)
    inner = kernel[np.ix_(train, train)]
    # Weighted kernel ridge: (K + penalty diag(1 / weight)) a = target, weights of mean 1.
    scale = penalty * np.trace(inner) / len(own) * (weight.mean() / weight)
    solved = np.linalg.solve(inner + np.diag(scale), target)
    scores = kernel[np.ix_(check, train)] @ solved
    scores[:, ~there] = -np.inf
    return np.asarray(scores.argmax(1), np.int64)


def _best_penalty(kernel: NDArray[np.float64], labels: Labels, fold: Labels, classes: int) -> float:
    everything = np.ones(len(labels), np.bool_)
    weight = 1 / np.bincount(labels, minlength=classes)[labels]
    missed = [
        float((weight * _asked(kernel, labels, fold, everything, penalty, classes)[1]).sum())
        for penalty in _PENALTIES
    ]
    return _PENALTIES[int(np.argmin(missed))]


def _curve(
    name: str, at: NDArray[np.float64], wrong: NDArray[np.bool_], groups: Labels, seed: int
) -> ClassCurve:
    """One class's curve: at (shares,) images learned from, wrong (repeats, shares, images)."""
    missed = wrong.mean(2)
    more, spread, text = _told(name, at, wrong.mean(0), groups, seed)
    return ClassCurve(
        name,
        tuple(float(v) for v in at),
        tuple(float(v) for v in missed.mean(0)),
        tuple(float(v) for v in missed.std(0, ddof=1)),
        more,
        spread,
        text,
    )


def _told(
    name: str, at: NDArray[np.float64], wrong: NDArray[np.float64], groups: Labels, seed: int
) -> tuple[int | None, tuple[int, int] | None, str]:
    """How many more images, their range, and the sentence; no number where none can be told.

    wrong (shares, images): how often each image is missed.
    """
    count, now = len(groups), float(wrong[-1].mean())
    start = sentence(
        "{name}: {missed:.0%} of {n} images are missed.", name=name, missed=now, n=count
    )
    if now * count < _WRONG:
        return None, None, together((start, sentence("Too few to see what more images would do.")))
    needed, slopes = _resampled(at, wrong, groups, seed)
    low, middle, high = (float(v) for v in np.percentile(needed, (_SPREAD[0], 50, _SPREAD[1])))
    if np.median(slopes) >= _FLAT:
        rest = sentence(
            "Learning from more of them hardly changed it: more of the same kind may not help. "
            "Look at the images that are missed."
        )
    elif middle > _FURTHEST * count:
        rest = sentence(
            "More images seem to help, but slowly: a third fewer would be missed only with more "
            "than {n} more.",
            n=_rounded(_FURTHEST * count),
        )
    elif high > 2 * _FURTHEST * count or high > _WIDEST * max(low, 1):
        rest = sentence("More images seem to help, but how many cannot be told from so few.")
    else:
        rest = sentence(
            "About {more} more images ({low} to {high}) of other patients could leave up to a "
            "third fewer missed.",
            more=_rounded(middle),
            low=_rounded(low),
            high=_rounded(high),
        )
        return _rounded(middle), (_rounded(low), _rounded(high)), together((start, rest))
    return None, None, together((start, rest))


def _resampled(
    at: NDArray[np.float64], wrong: NDArray[np.float64], groups: Labels, seed: int
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Images needed and slope of 200 fits, each to other patients drawn from those at hand."""
    rng = np.random.default_rng([seed, 6])
    count = len(groups)
    own = (groups[:, None] == np.unique(groups)[None]).astype(np.float64)
    missed, images = wrong @ own, own.sum(0)  # by patient
    slopes = []
    for _ in range(200):
        pick = rng.integers(len(images), size=len(images))
        share = missed[:, pick].sum(1) / images[pick].sum()
        # Curves flatten towards what no number of images mends: the end counts where it is flatter.
        slopes.append(max(_slope(at, share, count), _slope(at[_LAST:], share[_LAST:], count)))
    found = np.array(slopes)
    steep = np.minimum(found, _FLAT)
    return np.minimum(count * ((1 / _LESS) ** (-1 / steep) - 1), _NEVER), found


def _slope(at: NDArray[np.float64], missed: NDArray[np.float64], count: int) -> float:
    """-b of missed = a · images^-b, fitted to the logarithms, points weighted by their images."""
    floor = 0.5 / count  # no share is known to be smaller
    x, y = np.log(np.maximum(at, 1.0)), np.log(np.maximum(missed, floor))
    weight = at / at.sum()
    dx = x - (weight * x).sum()
    return float((weight * dx * y).sum() / max(float((weight * dx * dx).sum()), 1e-12))


def _rounded(value: float) -> int:
    """Two leading digits at most: no curve tells more."""
    if value < 10:
        return max(round(value), 1)
    step = 10 ** max(int(np.log10(value)) - 1, 0)
    return (
        int(round(value / (5 * step)) * 5 * step)
        if value < 100
        else int(round(value / step) * step)
    )
