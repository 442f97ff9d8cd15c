"""What a model knows of its designs, learned from images: where they lie, and what is far from all.

The sets that it gives are split-conformal, and the distance from which on a stent is of none of its
designs is chosen on images that were held out; both on what the folds' models answered.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.known import Known

if TYPE_CHECKING:
    from stentviewer.learning.events import RunContext
    from stentviewer.learning.kfold import Study
    from stentviewer.learning.learner import Learner, Rows
    from stentviewer.learning.run_folder import RunFolder

KNOWN_KEPT: Final = 0.975  # of the stents of known designs, so many stay known
KEPT_DIRECTIONS: Final = 64
_LEAST: Final = 1e-4

Floats = NDArray[np.float64]


def conformal_score(of_truth: Floats, coverage: float) -> float:
    """The probability from which on a class is in the set, so that the true one is in coverage.

    of_truth (n,) are the probabilities of the true classes on held-out examples (split conformal
    prediction with the least ambiguous sets: Sadinle, Lei and Wasserman, 2019).
    """
    rank = int(np.floor((1 - coverage) * (len(of_truth) + 1)))
    return float(np.sort(of_truth)[max(rank - 1, 0)]) if rank > 0 else 0.0


def unknown_distance(held_out: Floats) -> float:
    """The distance that all but a few stents of known designs, held out, stay below."""
    return max(round(float(np.quantile(held_out, KNOWN_KEPT)), 4), _LEAST)


def known_from(
    features: FloatArray,
    labels: NDArray[np.int64],
    fields: FloatArray,
    kept: int = KEPT_DIRECTIONS,
) -> Known:
    """Designs and images as the networks see them: means, and directions scaled to deviation 1.

    features (n, C) with labels (n,), fields (m, F). The kept directions are those in which the
    stents of one design differ most among each other, and the designs from one another.
    """
    mean = fields.mean(0)
    whitening = whitening_of(fields - mean, fields - mean, kept)
    return designs_from(features, labels, mean.astype(np.float32), whitening, kept)


def designs_from(
    features: FloatArray,
    labels: NDArray[np.int64],
    field_mean: FloatArray | None = None,
    field_whitening: FloatArray | None = None,
    kept: int = KEPT_DIRECTIONS,
) -> Known:
    """`known_from` with what is known of fields already; without it, nothing is."""
    classes = int(labels.max()) + 1
    means = np.stack([features[labels == k].mean(0) for k in range(classes)])
    return Known(
        means.astype(np.float32),
        whitening_of(features - means[labels], features - features.mean(0), kept),
        np.zeros(0, np.float32) if field_mean is None else field_mean,
        np.zeros((0, 0), np.float32) if field_whitening is None else field_whitening,
    )


def whitening_of(within: FloatArray, spread: FloatArray, kept: int = KEPT_DIRECTIONS) -> FloatArray:
    """Directions (C, k) of the largest spread, each over the deviation within a design there."""
    _, _, axes = np.linalg.svd(spread.astype(np.float64), full_matrices=False)
    chosen = axes[:kept].T
    inside = within.astype(np.float64) @ chosen
    covariance = inside.T @ inside / len(inside)
    covariance += max(0.05 * np.trace(covariance) / len(covariance), 1e-12) * np.eye(
        len(covariance)
    )
    values, vectors = np.linalg.eigh(covariance)
    return np.asarray(chosen @ vectors / np.sqrt(values), np.float32)


def held_out_distances(
    study: Study,
    learner: Learner,
    train: Rows,
    fold_of: Rows,
    folder: RunFolder,
    context: RunContext,
) -> Floats:
    """How far each training image's stent (n,) lies from the nearest design, by the model of the
    fold that had not seen its patient. The folds have to be learned already."""
    found = np.zeros(len(train))
    labels = study.labels[train]
    folds = study.recipe.folds
    for fold in range(1, folds + 1):
        context.stage(sentence("Distances between designs"), fold - 1, folds)
        check = fold_of == fold
        fitted = learner.fit(train[~check], train[check], fold, folder.fold(fold), context)
        present = np.unique(labels[~check])
        known = designs_from(
            fitted.features(train[~check]), np.searchsorted(present, labels[~check])
        )
        held_out = fitted.features(train[check])
        found[check] = [float(known.distances(one).min()) for one in held_out]
    return found


def save_known(known: Known, path: Path) -> None:
    """Write a bundle's `KNOWN`."""
    from safetensors.numpy import save_file

    parts = ("means", "whitening", "field_mean", "field_whitening")
    save_file({name: np.ascontiguousarray(getattr(known, name)) for name in parts}, str(path))
