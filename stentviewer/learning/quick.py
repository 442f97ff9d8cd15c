"""Quick learning: the network stays as it is, its last layer is made anew. No torch, no GPU.

Each image passes through the start model once. What is learned is a linear discriminant with
shrinkage (Ledoit and Wolf, 2004) on the pooled features, which is the last layer of a network that
ends in global average pooling. Where the network allows it the last convolution is aimed at the
stent first (learning.gate); how strongly, or not at all, is chosen inside the training images.
"""

from __future__ import annotations

import warnings
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import HEAD, ONNX, SAFETENSORS
from stentviewer.learning import metrics
from stentviewer.learning.events import RunContext
from stentviewer.learning.features import Pooled, pooled_features
from stentviewer.learning.learner import Rows
from stentviewer.learning.new_head import Head, bundle_with_head
from stentviewer.learning.splits import folds

if TYPE_CHECKING:
    from stentviewer.inference.bundle import Bundle
    from stentviewer.learning.cache import ImageCache
    from stentviewer.learning.recipe import Recipe

_INNER: Final = 4  # folds inside the training images, which choose how to aim


class QuickLearner:
    """Implements `learner.Learner`. labels (n,) count among the recipe's classes."""

    def __init__(
        self, recipe: Recipe, cache: ImageCache, labels: Rows, start: Bundle, work: Path
    ) -> None:
        """work is a folder of the run for the features, which all folds share.

        Raises KnownError where the start model's last layer cannot be replaced.
        """
        if not all(start.has(name) for name in (ONNX, SAFETENSORS, HEAD)):
            raise KnownError(
                sentence(
                    "Quick needs a start model that ends in one plain layer, and {model} does not. "
                    "Choose Tuned or Full, or another start model.",
                    model=start.manifest.id,
                )
            )
        self._recipe = recipe
        self._cache = cache
        self._labels = labels
        self._start = start
        self._work = work
        self._pooled: Pooled | None = None

    def fit(self, train: Rows, check: Rows, fold: int, folder: Path, context: RunContext) -> Fitted:
        """Fit the last layer on the rows of `train`; a second or two once the features are there.

        Nothing is chosen by `check`.
        """
        del check, fold
        pooled = self._features(context)
        kept = folder / "head.npz"
        head = Head.load(kept)
        if head is None:
            context.stage(sentence("Fitting the last layer"))
            patients = np.array([self._cache.items[row].patient for row in train])
            classes = len(self._recipe.names)
            head = fit_head(pooled, train, self._labels[train], patients, classes, context)
            head.save(kept)
        return Fitted(head, pooled, self._start)

    def start_logits(self, rows: Rows, context: RunContext) -> FloatArray:
        """What the start model says of images, at no cost: (len(rows), its classes)."""
        weight, bias = self._start.head()
        return Head(weight, bias).scores(self._features(context).plain[rows])

    def _features(self, context: RunContext) -> Pooled:
        if self._pooled is None:
            roles = np.array([item.role == "train" for item in self._cache.items])
            rows = np.flatnonzero(roles & (self._labels >= 0))
            self._pooled = pooled_features(
                self._cache,
                rows,
                self._start,
                self._work,
                self._recipe.seed,
                context,
                aim=bool(self._recipe.start.model),
            )
        return self._pooled


@dataclass(frozen=True, eq=False)
class Fitted:
    """A last layer, and the network it belongs to. Implements `learner.Fitted`."""

    head: Head
    pooled: Pooled
    start: Bundle

    def logits(self, rows: Rows) -> FloatArray:
        """Scores (len(rows), classes)."""
        return self.head.scores(self.pooled.of(self.head.strength)[rows])

    def features(self, rows: Rows) -> FloatArray:
        """See `learner.Fitted`."""
        assert self.pooled.on_stent is not None
        found = self.pooled.on_stent.of(self.head.strength)[rows]
        closed = self.pooled.plain.shape[1] - found.shape[1]  # channels that no gate takes
        return np.pad(found, ((0, 0), (0, closed)))

    def export(self, folder: Path) -> dict[str, Path]:
        """The start model's files with this last layer in the place of their own."""
        files = {name: folder / name for name in (ONNX, SAFETENSORS, HEAD)}
        bundle_with_head(self.start, self.head, self.pooled.gate, files)
        return files


def fit_head(
    pooled: Pooled,
    rows: Rows,
    labels: Rows,
    patients: NDArray[np.str_],
    classes: int,
    context: RunContext | None = None,
) -> Head:
    """The last layer for some rows of the features, labels (len(rows),) among the classes.

    Of the ways to aim, the one whose answers on patients left out have the best macro F1, over
    folds inside these rows. Raises KnownError where a class has no image among them.
    """
    context = context or RunContext()
    if len(np.unique(labels)) < classes or len(labels) <= classes:
        raise KnownError(
            sentence(
                "A fold has no image of some class to learn from. Choose fewer folds, or add "
                "images of more patients."
            )
        )
    strengths = pooled.strengths
    inner = inner_folds(labels, patients, classes)
    if len(strengths) > 1 and inner.any():
        right = []
        for strength in strengths:
            context.control.check()
            right.append(_foretold(pooled.of(strength)[rows], labels, inner, classes))
        chosen = strengths[int(np.argmax(right))]
    else:
        chosen = strengths[-1]
    weight, bias = _discriminant(pooled.of(chosen)[rows], labels, classes)
    return Head(weight, bias, chosen)


def _foretold(features: FloatArray, labels: Rows, inner: Rows, classes: int) -> float:
    named = np.zeros_like(labels)
    for fold in np.unique(inner):
        weight, bias = _discriminant(features[inner != fold], labels[inner != fold], classes)
        named[inner == fold] = (features[inner == fold] @ weight.T + bias).argmax(1)
    return metrics.rates(metrics.confusion(labels, named, classes)).macro()[2]


def _discriminant(
    features: FloatArray, labels: Rows, classes: int
) -> tuple[FloatArray, FloatArray]:
    """weight (classes, C) and bias (classes,) of the scores, centred over the classes.

    Every class counts the same beforehand, however many images it has.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    values = features.astype(np.float64)
    mean, scale = values.mean(0), values.std(0)
    live = scale > 1e-6 * max(float(scale.max()), 1e-12)  # a channel that is closed says nothing
    scale = np.where(live, scale, 1.0)
    even = np.full(classes, 1 / classes)
    fitted = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto", priors=even)
    with warnings.catch_warnings():
        warnings.filterwarnings("ignore", "Only one sample", UserWarning)  # it adds no spread
        fitted.fit(((values - mean) / scale)[:, live], labels)
    coefficients, offset = fitted.coef_, fitted.intercept_
    if classes == 2:  # scikit-learn gives the difference of the two
        coefficients, offset = (
            np.stack([-coefficients[0], coefficients[0]]) / 2,
            (np.array([-offset[0], offset[0]]) / 2),
        )
    weight = np.zeros((classes, len(mean)))
    weight[:, live] = (coefficients - coefficients.mean(0)) / scale[live]
    bias = offset - offset.mean() - weight @ mean
    return weight.astype(np.float32), bias.astype(np.float32)


def inner_folds(labels: Rows, patients: NDArray[np.str_], classes: int) -> Rows:
    """Folds of whole patients with every class on both sides, fewer where a class has few
    patients; zeros where a class has one patient only, or where too few images would be left."""
    names = [str(k) for k in range(classes)]
    for count in range(_INNER, 1, -1):
        try:
            found = folds(labels, patients.tolist(), count, 0, names)
        except UserError:
            continue
        if all(np.count_nonzero(found != fold) > classes for fold in np.unique(found)):
            return found
    return np.zeros(len(labels), np.int64)
