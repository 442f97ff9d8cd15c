"""What gives a class away without a look at the stent.

A network takes the easiest way. Where all images of a new design come from one machine, the
machine is easier to see than the design (Geirhos et al., Shortcut learning in deep neural
networks, Nature Machine Intelligence 2, 2020). Three trials: can a picture too small to show a
stent name the class, can the picture's border, and does something stand at the same place in one
class only. All count patients, not images, and are held against chance by permutation.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import UserError
from stentviewer.core.types import Box
from stentviewer.learning.fitness_looks import PLATE, THUMB, Looks
from stentviewer.learning.splits import folds

Labels = NDArray[np.int64]
_PERMUTATIONS: Final = 199
_RIM: Final = 3  # of 32: how much of the picture counts as its border
_PENALTY: Final = 0.3  # of the mean eigenvalue
_FEWEST: Final = 4  # patients of a class: with fewer nothing stands out from chance
_STANDS_OUT: Final = 0.12  # of the grey scale: a fixed mark's mean contrast
_STEADY: Final = 1.5  # its mean over the patients, in standard deviations
_SHARE: Final = 0.9  # of a class's patients, for a fact that gives it away
_REST: Final = 0.1


@dataclass(frozen=True, slots=True)
class Trial:
    """How well something beside the stent names the class.

    recall: mean over the classes of the share that is named rightly, each image by a fit to other
    patients; chance: the same with shuffled labels, mean; p: how often shuffling did as well.
    by_class: recall of each class.
    """

    recall: float
    chance: float
    p: float
    by_class: tuple[float, ...]

    @property
    def gives_away(self) -> bool:
        """Whether it is well above chance, and not by chance."""
        return self.p <= 0.01 and self.recall - self.chance >= 0.2 * (1 - self.chance)


@dataclass(frozen=True, slots=True)
class FixedMark:
    """Something at one place of nearly all images of a class and of no other."""

    label: int
    box: Box


@dataclass(frozen=True, slots=True)
class Telling:
    """A fact of the files that names a class: kind is a field of Facts or "size"."""

    label: int
    kind: str
    value: str


def small_pictures(looks: Looks) -> NDArray[np.float64]:
    """16 × 16 pictures (n, 256), each less its mean and over its deviation."""
    half = THUMB // 2
    small = looks.thumbs.reshape(-1, half, 2, half, 2).mean((2, 4))
    return _even(small.reshape(len(looks), -1))


def borders(looks: Looks) -> NDArray[np.float64]:
    """The outer ring of the open part (n, 348), each less its mean and over its deviation."""
    ring = np.ones((THUMB, THUMB), np.bool_)
    ring[_RIM:-_RIM, _RIM:-_RIM] = False
    return _even(looks.thumbs[:, ring].astype(np.float64))


def _even(rows: NDArray[np.float64]) -> NDArray[np.float64]:
    rows = rows - rows.mean(1, keepdims=True)
    return np.asarray(rows / np.maximum(rows.std(1, keepdims=True), 1e-6), np.float64)


def trial(
    features: NDArray[np.float64],
    labels: Labels,
    patients: Sequence[str],
    classes: Sequence[str],
    seed: int = 7,
) -> Trial | None:
    """Name the class from features (n, d) by ridge regression, checked over patients.

    None where there are too few patients of a class to tell.
    """
    people = _people(labels, patients, len(classes))
    present = people > 0
    if present.sum() < 2 or people[present].min() < _FEWEST:
        return None
    names = [name for name, there in zip(classes, present, strict=True) if there]
    own = (np.cumsum(present) - 1)[labels]
    try:
        fold = folds(own, patients, min(5, int(people[present].min())), seed, names)
    except UserError:
        return None
    rng = np.random.default_rng([seed, 3])
    drawn = [own] + [_shuffled(own, patients, rng) for _ in range(_PERMUTATIONS)]
    recalls = _recalls(features, np.stack(drawn), fold, len(names))
    means = recalls.mean(1)
    by_class = np.zeros(len(classes))
    by_class[present] = recalls[0]
    return Trial(
        recall=float(means[0]),
        chance=float(means[1:].mean()),
        p=float((1 + (means[1:] >= means[0]).sum()) / (1 + _PERMUTATIONS)),
        by_class=tuple(float(v) for v in by_class),
    )


def _people(labels: Labels, patients: Sequence[str], classes: int) -> Labels:
    pairs = {(label, who) for label, who in zip(labels.tolist(), patients, strict=True)}
    return np.bincount([label for label, _ in pairs], minlength=classes).astype(np.int64)


def _shuffled(labels: Labels, patients: Sequence[str], rng: np.random.Generator) -> Labels:
    """Patients swap their labels, so that images of one patient stay together.

    Images count, so swaps are among patients of as many images where there are several.
    """
    names, at = np.unique(np.asarray(patients, np.str_), return_inverse=True)
    first = np.full(len(names), -1)
    first[at[::-1]] = labels[::-1]
    counts = np.bincount(at)
    swapped = first.copy()
    for size in np.unique(counts):
        same = np.flatnonzero(counts == size)
        swapped[same] = first[rng.permutation(same)]
    out: Labels = swapped[at]
    return out


def _recalls(
    features: NDArray[np.float64], drawn: Labels, fold: Labels, classes: int
) -> NDArray[np.float64]:
    """Recall (draws, classes) of ridge regression, all draws of labels (draws, n) at once."""
    n = len(features)
    spread = features.std(0)
    x = (features - features.mean(0)) / np.where(spread > 1e-9, spread, 1.0)
    kernel = x @ x.T
    targets = np.zeros((n, len(drawn), classes))
    np.put_along_axis(targets, drawn.T[:, :, None], 1.0, axis=2)
    scores = np.zeros_like(targets)
    for number in np.unique(fold):
        train, check = fold != number, fold == number
        # Classes weigh alike: each one's targets sum to the same.
        weighed = targets[train] / np.maximum(targets[train].sum(0, keepdims=True), 1)
        weighed -= weighed.mean(0, keepdims=True)
        inner = kernel[np.ix_(train, train)]
        penalty = _PENALTY * np.trace(inner) / train.sum()
        flat = weighed.reshape(int(train.sum()), -1)
        solved = np.linalg.solve(inner + penalty * np.eye(len(inner)), flat)
        scores[check] = (kernel[np.ix_(check, train)] @ solved).reshape(-1, len(drawn), classes)
    right = (scores.argmax(2) == drawn.T)[:, :, None] * targets
    out: NDArray[np.float64] = right.sum(0) / np.maximum(targets.sum(0), 1)
    return out


def fixed_marks(looks: Looks, labels: Labels, patients: Sequence[str]) -> tuple[FixedMark, ...]:
    """Letters, logos and frames that stand at one place in one class and in no other.

    Averaged over a class's patients, bodies and stents fade and what is fixed stays.
    """
    import cv2

    means, steady = _averages(looks, labels, patients)
    found = []
    for label, mean in means.items():
        others = [abs(m) for other, m in means.items() if other != label]
        if not others:
            continue
        alone = np.max(others, axis=0) < 0.5 * np.abs(mean)
        marked = (np.abs(mean) >= _STANDS_OUT) & (steady[label] >= _STEADY) & alone
        grown = cv2.dilate(marked.astype(np.uint8), np.ones((3, 3), np.uint8))
        _, _, stats, _ = cv2.connectedComponentsWithStats(grown, connectivity=8)
        for x, y, w, h, _ in stats[1:].tolist():
            box = Box(x / PLATE, y / PLATE, (x + w) / PLATE, (y + h) / PLATE)
            found.append(FixedMark(label, box))
    return tuple(found)


def _averages(
    looks: Looks, labels: Labels, patients: Sequence[str]
) -> tuple[dict[int, NDArray[np.float32]], dict[int, NDArray[np.float32]]]:
    """By class: the mean plate over its patients, and that mean in standard deviations."""
    names = np.asarray(patients, np.str_)
    means, steady = {}, {}
    for label in np.unique(labels).tolist():
        people = np.unique(names[labels == label])
        if len(people) < _FEWEST:
            continue
        each = np.stack(
            [looks.plates[(labels == label) & (names == one)].mean(0) for one in people]
        )
        means[label] = each.mean(0)
        steady[label] = np.abs(means[label]) / np.maximum(each.std(0), 0.02)
    return means, steady


def telling_facts(looks: Looks, labels: Labels, patients: Sequence[str]) -> tuple[Telling, ...]:
    """Facts of the files that nearly all patients of one class have and nearly none of the rest."""
    found = []
    for kind in ("format", "modality", "bits", "size"):
        values = [_fact(looks, k, kind) for k in range(len(looks))]
        for label in np.unique(labels).tolist():
            for value in sorted(set(values)):
                own, rest = _shares(values, value, labels == label, patients)
                if value and own >= _SHARE and rest <= _REST:
                    found.append(Telling(label, kind, value))
    return tuple(found)


def _fact(looks: Looks, number: int, kind: str) -> str:
    facts = looks.facts[number]
    if kind == "size":
        return f"{facts.columns} × {facts.rows}"
    return str(getattr(facts, kind))


def _shares(
    values: Sequence[str], value: str, own: NDArray[np.bool_], patients: Sequence[str]
) -> tuple[float, float]:
    """Share of patients with the value among a class's and among the others; 0, 1 if too few."""
    has: tuple[dict[str, bool], dict[str, bool]] = ({}, {})
    for there, mine, who in zip(values, own.tolist(), patients, strict=True):
        side = has[0 if mine else 1]
        side[who] = side.get(who, False) or there == value
    if min(len(has[0]), len(has[1])) < _FEWEST:
        return 0.0, 1.0
    return float(np.mean(list(has[0].values()))), float(np.mean(list(has[1].values())))
