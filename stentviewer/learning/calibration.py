"""Whether a probability means what it says: reliability, calibration error, temperature."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

BINS = 15  # as Guo et al. (ICML 2017)
_COLDEST, _HOTTEST = 0.02, 50.0

Numbers = NDArray[np.int64]
Reals = NDArray[np.float64]


def probabilities(logits: NDArray[np.floating], temperature: float | Reals = 1.0) -> Reals:
    """Softmax (n, classes) of scores over a temperature, one for all or one an image (n,)."""
    from scipy.special import softmax

    scores = np.asarray(logits, np.float64) / np.asarray(temperature, np.float64).reshape(-1, 1)
    found: Reals = softmax(scores, axis=1)
    return found


def fit_temperature(logits: NDArray[np.floating], truth: Numbers) -> float:
    """The temperature whose probabilities fit the truth best (Guo et al., ICML 2017).

    logits (n, classes), truth (n,) class numbers. The likelihood is that of targets that are
    never quite sure, as Platt's (1999): (n + 1) / (n + classes) for the true class. So a few
    images without an error do not make a model infinitely sure. 1 where there is nothing to fit.
    """
    from scipy.optimize import minimize_scalar
    from scipy.special import log_softmax

    scores = np.asarray(logits, np.float64)
    n, classes = scores.shape
    if n == 0 or classes < 2:
        return 1.0
    targets = np.full((n, classes), 1 / (n + classes))
    targets[np.arange(n), truth] = (n + 1) / (n + classes)

    def loss(log_temperature: float) -> float:
        return -float((targets * log_softmax(scores / np.exp(log_temperature), axis=1)).sum() / n)

    found = minimize_scalar(
        loss, bounds=(np.log(_COLDEST), np.log(_HOTTEST)), method="bounded", options={"xatol": 1e-6}
    )
    return float(np.exp(found.x))


def crossed_temperatures(logits: NDArray[np.floating], truth: Numbers, fold: Numbers) -> Reals:
    """For each image (n,) the temperature that all folds but its own fit; 1 for a single fold."""
    found = np.ones(len(truth))
    for number in np.unique(fold):
        others = fold != number
        if others.any():
            found[~others] = fit_temperature(logits[others], truth[others])
    return found


@dataclass(frozen=True, slots=True)
class Counted:
    """Images with a first probability in (low, high]; their count, mean and hits."""

    low: float
    high: float
    images: int
    confidence: float
    right: int


def reliability(found: Reals, truth: Numbers, bins: int = BINS) -> list[Counted]:
    """The first class's probability beside how often it is right, in bins of equal width.

    found (n, classes) are probabilities; bins without images are left out.
    """
    confidence, right = found.max(1), found.argmax(1) == truth
    of = np.clip(np.ceil(confidence * bins).astype(np.int64) - 1, 0, bins - 1)
    return [
        Counted(
            low=float(k / bins),
            high=float((k + 1) / bins),
            images=int((of == k).sum()),
            confidence=float(confidence[of == k].mean()),
            right=int(right[of == k].sum()),
        )
        for k in np.unique(of)
    ]


def calibration_error(counted: list[Counted]) -> float:
    """ECE: the mean distance of confidence and accuracy, each bin weighed by its images."""
    total = sum(part.images for part in counted)
    gaps = (abs(part.confidence * part.images - part.right) for part in counted)
    return float(sum(gaps) / max(total, 1))
