"""Made-up answers of made-up models, for the tests of what is computed from them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from stentviewer.learning.predictions import Predictions


def answers(
    classes: Sequence[str],
    truth: Sequence[str],
    named: Sequence[str],
    patients: Sequence[str] | None = None,
    fold: Sequence[int] | None = None,
    sure: float = 3.0,
) -> Predictions:
    """Images of some true class ("" is none of the model's) that were named so."""
    logits = np.zeros((len(truth), len(classes)), np.float32)
    logits[np.arange(len(truth)), [classes.index(name) for name in named]] = sure
    return Predictions(
        tuple(classes),
        logits,
        np.array([classes.index(name) if name in classes else -1 for name in truth], np.int64),
        np.array(fold if fold is not None else [0] * len(truth), np.int64),
        tuple(f"{k:064x}:0" for k in range(len(truth))),
        tuple(patients if patients is not None else [f"p{k}" for k in range(len(truth))]),
    )


def drawn(
    classes: Sequence[str],
    n: int,
    seed: int = 0,
    signal: float = 2.0,
    noise: float = 1.0,
    a_patient: int = 3,
    folds: int = 5,
) -> Predictions:
    """n images, `a_patient` of each patient and class, with scores of a middling model."""
    truth = np.arange(n) // a_patient % len(classes)
    rng = np.random.default_rng(seed)
    logits = rng.normal(0, noise, (n, len(classes)))
    logits[np.arange(n), truth] += signal
    patient = np.arange(n) // a_patient
    return Predictions(
        tuple(classes),
        logits.astype(np.float32),
        truth.astype(np.int64),
        (patient // len(classes) % folds + 1).astype(np.int64) if folds else np.zeros(n, np.int64),
        tuple(f"{k:064x}:0" for k in range(n)),
        tuple(f"p{k}" for k in patient),
    )
