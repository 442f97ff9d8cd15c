"""A finder goes along unchanged where its namer is learned anew: what of the bundle is new then."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stentviewer.inference.bundle import FINDER, KNOWN, ONNX, Bundle, Manifest, Thresholds
from stentviewer.inference.known import Known, known_of
from stentviewer.learning import calibration
from stentviewer.learning.features import stent_features
from stentviewer.learning.known_designs import (
    conformal_score,
    designs_from,
    save_known,
    unknown_distance,
)
from stentviewer.learning.quick import inner_folds

if TYPE_CHECKING:
    from stentviewer.core.types import FloatArray
    from stentviewer.learning.cache import ImageCache
    from stentviewer.learning.events import RunContext
    from stentviewer.learning.kfold import Study
    from stentviewer.learning.known_designs import Floats
    from stentviewer.learning.learner import Fitted, Rows
    from stentviewer.learning.predictions import Predictions

_FIELDS_KEPT: Final = 0.99  # of the images that were learned from, so many must not be refused
_MARGIN: Final = 1.2  # other images of the same site differ a little more


@dataclass(frozen=True, eq=False)
class Trained:
    """The final model of a run, what the folds' models answered on its rows in `train`, and how far
    each stent lay from the designs of its fold's model; None where that was not measured."""

    study: Study
    train: Rows
    final: Fitted
    out_of_fold: Predictions
    distances: Floats | None


def with_finder(
    manifest: Manifest, finder: Bundle, made: Trained, folder: Path, files: dict[str, Path]
) -> Manifest:
    """The manifest of a namer with the finder that it learned with; adds the files FINDER, KNOWN.

    Its sets are conformal and its distance of unknown designs is chosen on the folds' held-out
    images. What the finder knows of fields stays, but reaches as far as the images of the run.
    """
    study, train = made.study, made.train
    labels = study.labels[train]
    features = made.final.features(train)
    whole = len(np.unique(labels)) == len(study.recipe.names)
    known = designs(finder, features, labels if whole else None, len(study.recipe.names))
    limit = None
    if whole and made.distances is not None:
        limit = unknown_distance(made.distances)
    spec = manifest.thresholds
    answers = made.out_of_fold
    rows = answers.truth >= 0
    score = conformal(answers.logits[rows], answers.truth[rows], manifest.temperature, spec)
    thresholds = spec.model_copy(update={"set_score": score, "unknown_distance": limit})
    add_finder(finder, known, folder, files)
    return manifest.model_copy(
        update={"finder": reaching(finder, study.cache, train), "thresholds": thresholds}
    )


def designs(finder: Bundle, features: FloatArray, labels: Rows | None, classes: int) -> Known:
    """What is known: the designs of these features (n, C) and the finder's fields. Without labels,
    where a class has no image, no design is known."""
    before = known_of(finder)
    fields = np.zeros(0, np.float32), np.zeros((0, 0), np.float32)
    if before is not None:
        fields = before.field_mean, before.field_whitening
    if labels is not None:
        return designs_from(features, labels, *fields)
    channels = features.shape[1]
    nothing = np.zeros((classes, channels), np.float32), np.zeros((channels, 1), np.float32)
    return Known(*nothing, *fields)


def carry(
    start: Bundle,
    cache: ImageCache,
    rows: Rows,
    labels: Rows,
    files: dict[str, Path],
    context: RunContext,
) -> Thresholds:
    """The finder's files beside those of a network that was made of a model's or taught by it, and
    its thresholds. labels (len(rows),) of images that are not tested on.

    Where these are too few, unknown designs are not told by their distance any more. Without a
    finder nothing is added.
    """
    spec = start.manifest.thresholds
    if start.manifest.finder is None:
        return spec
    classes = len(start.labels)
    features = stent_features(files[ONNX].read_bytes(), cache, rows, context)
    inner = np.zeros(len(rows), np.int64)
    if len(np.unique(labels)) == classes:
        patients = np.array([cache.items[row].patient for row in rows])
        inner = inner_folds(labels, patients, classes)
    limit = None
    if inner.any():
        far = [
            designs_from(features[inner != fold], labels[inner != fold]).distances(one).min()
            for fold in np.unique(inner)
            for one in features[inner == fold]
        ]
        limit = unknown_distance(np.array(far))
    known = designs(start, features, labels if limit is not None else None, classes)
    add_finder(start, known, files[ONNX].parent, files)
    return spec.model_copy(update={"unknown_distance": limit})


def conformal(logits: FloatArray, truth: Rows, temperature: float, spec: Thresholds) -> float:
    """The least probability of a class in the set, by scores (n, classes) on held-out images."""
    found = calibration.probabilities(logits, temperature)
    of_truth = found[np.arange(len(truth)), truth]
    return round(conformal_score(of_truth, spec.set_coverage), 6)


def reaching(finder: Bundle, cache: ImageCache, rows: Rows) -> Any:
    """The finder's settings; what was learned from here is not refused in reading."""
    spec = finder.manifest.finder
    assert spec is not None
    far = np.array([cache.seen[row].field for row in rows])
    if spec.field_distance is None or not len(far) or far.min() < 0:
        return spec
    own = round(_MARGIN * float(np.quantile(far, _FIELDS_KEPT)), 4)
    return spec.model_copy(update={"field_distance": max(spec.field_distance, own)})


def add_finder(finder: Bundle, known: Known, folder: Path, files: dict[str, Path]) -> None:
    """Write a bundle's FINDER and KNOWN. Raises KnownError where the finder is damaged."""
    files[FINDER], files[KNOWN] = folder / FINDER, folder / KNOWN
    files[FINDER].write_bytes(finder.read(FINDER))
    save_known(known, files[KNOWN])
