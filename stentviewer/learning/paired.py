"""Two sets of answers on the same images: their difference, and how far it can be trusted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from stentviewer.learning import metrics
from stentviewer.learning.metrics import BOOTSTRAPS, Numbers, Reals
from stentviewer.learning.result_parts import Estimate

_AT_ONCE = 100  # resamples, to bound the memory of a large set


@dataclass(frozen=True, slots=True)
class Paired:
    """second - first with 95 % intervals; changed: images whose answer differs.

    Where there are fewer than two patients the intervals are not known.
    """

    accuracy: Estimate
    f1: Estimate
    changed: int


def paired(
    truth: Numbers,
    first: Numbers,
    second: Numbers,
    patients: Sequence[str],
    classes: int,
    seed: int = 0,
) -> Paired:
    """Paired bootstrap over patients (Efron, 1979): both answers of an image are drawn together.

    truth, first and second (n,) count among the classes. f1 is the mean over the classes.
    """
    groups, of = np.unique(np.asarray(patients), return_inverse=True)
    parts = np.zeros((2, len(groups), classes * classes))
    for side, named in zip(parts, (first, second), strict=True):
        np.add.at(side, (of, truth * classes + named), 1)
    value = _differences(parts.sum(1), classes)
    changed = int((first != second).sum())
    if len(groups) < 2:
        return Paired(Estimate(value=float(value[0])), Estimate(value=float(value[1])), changed)
    rng = np.random.default_rng(seed)
    chance = np.full(len(groups), 1 / len(groups))
    drawn = np.concatenate(
        [
            _differences(rng.multinomial(len(groups), chance, _AT_ONCE) @ parts, classes)
            for _ in range(0, BOOTSTRAPS, _AT_ONCE)
        ]
    )
    low, high = np.quantile(drawn, (0.025, 0.975), axis=0)
    accuracy, f1 = (
        Estimate(value=float(value[k]), low=float(low[k]), high=float(high[k])) for k in (0, 1)
    )
    return Paired(accuracy, f1, changed)


def _differences(sides: Reals, classes: int) -> Reals:
    """Accuracy and macro F1 of the second side less the first's: (2, …, classes²) to (…, 2)."""
    counts = sides.reshape(*sides.shape[:-1], classes, classes)
    right = np.trace(counts, axis1=-2, axis2=-1) / np.maximum(counts.sum((-2, -1)), 1)
    f1 = metrics.rates(counts).f1
    mean = np.nansum(f1, -1) / np.maximum((~np.isnan(f1)).sum(-1), 1)
    found: Reals = np.stack([right[1] - right[0], mean[1] - mean[0]], axis=-1)
    return found
