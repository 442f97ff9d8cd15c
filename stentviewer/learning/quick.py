"""Quick learning: the network stays as it is, its last layer is fitted anew. No torch, no GPU.

Each image passes through the start model once; what is learned is a penalised multinomial
regression on its pooled features, which is the last layer of a network that ends in global average
pooling. The penalty pulls towards the start model's own last layer, so that classes it knows
change no more than the new images ask for.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import HEAD, ONNX, SAFETENSORS
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
from stentviewer.learning.events import RunContext
from stentviewer.learning.features import pooled_features
from stentviewer.learning.learner import Rows
from stentviewer.learning.new_head import Head, bundle_with_head

if TYPE_CHECKING:
    from stentviewer.inference.bundle import Bundle
    from stentviewer.learning.cache import ImageCache
    from stentviewer.learning.recipe import ClassSpec, Recipe

Doubles = NDArray[np.float64]

_INNER: Final = 4  # folds inside the training images, which choose the penalty
_PENALTIES: Final = (1e-4, 1e-3, 1e-2, 1e-1)
_STEPS: Final = 300


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
        self._features: FloatArray | None = None

    def fit(self, train: Rows, check: Rows, fold: int, folder: Path, context: RunContext) -> Fitted:
        """Fit the last layer on the rows of `train`; seconds once the features are there."""
        del check, fold  # the penalty is chosen inside the training images
        features = self._pooled(context)
        kept = folder / "head.npz"
        head = Head.load(kept)
        if head is None:
            context.stage(sentence("Fitting the last layer"))
            patients = np.array([item.patient for item in self._cache.items])
            head = fit_head(
                features[train], self._labels[train], patients[train], self._before(), context
            )
            head.save(kept)
        return Fitted(head, features, self._start)

    def _pooled(self, context: RunContext) -> FloatArray:
        if self._features is None:
            name = f"features-{self._cache.digest[:16]}-{self._start.sha256[:16]}.npy"
            spec = self._start.manifest.preprocessing.model_copy(update={"side": self._recipe.side})
            self._features = pooled_features(
                self._cache, spec, OnnxRuntime(self._start), self._work / name, context
            )
            if not np.isfinite(self._features).all():
                raise KnownError(
                    sentence(
                        "The start model gives no number for some images, so nothing can be "
                        "learned from it. Choose another start model."
                    )
                )
        return self._features

    def _before(self) -> Head:
        return first_head(self._start, self._recipe.classes)


def first_head(start: Bundle, classes: tuple[ClassSpec, ...]) -> Head:
    """The last layer to begin with: known classes as they were, merged ones as their mean, new ones
    as the mean of all. Raises UserError for a class that the start model does not have."""
    weight, bias = start.head()
    rows, offsets = [], []
    for spec in classes:
        unknown = sorted(set(spec.before) - set(start.labels))
        if unknown:
            raise UserError(
                sentence(
                    "The start model {model} has no class {names}.",
                    model=start.manifest.id,
                    names=tuple(unknown),
                )
            )
        pick = [start.labels.index(name) for name in spec.before] or list(range(len(bias)))
        rows.append(weight[pick].mean(0))
        offsets.append(bias[pick].mean())
    return Head(np.stack(rows), np.array(offsets, np.float32))


@dataclass(frozen=True, eq=False)
class Fitted:
    """A last layer, and the network it belongs to. Implements `learner.Fitted`."""

    head: Head
    features: FloatArray
    start: Bundle

    def logits(self, rows: Rows) -> FloatArray:
        """Scores (len(rows), classes)."""
        return self.head.scores(self.features[rows])

    def export(self, folder: Path) -> dict[str, Path]:
        """The start model's files with this last layer in the place of their own."""
        files = {name: folder / name for name in (ONNX, SAFETENSORS, HEAD)}
        bundle_with_head(self.start, self.head, files)
        return files


def fit_head(
    features: FloatArray,
    labels: Rows,
    patients: NDArray[np.str_],
    before: Head,
    context: RunContext | None = None,
) -> Head:
    """The last layer that fits pooled features (n, C) to labels (n,) best.

    Every class weighs the same, however many images it has. The penalty is the one that foretells
    patients left out best, by log loss over folds inside these images. Raises KnownError where the
    images hold fewer than two classes.
    """
    context = context or RunContext()
    if len(np.unique(labels)) < 2:
        raise KnownError(
            sentence("These images are all of one class: there is nothing to tell apart.")
        )
    problem = _Problem.of(features, labels, before)
    inner = _inner_folds(labels, patients)
    losses = np.zeros(len(_PENALTIES))
    for fold in np.unique(inner):
        context.control.check()
        part = problem.only(inner != fold)
        answer = part.first
        for k in reversed(range(len(_PENALTIES))):
            answer = part.solve(_PENALTIES[k], answer)
            losses[k] += problem.only(inner == fold).loss(answer)
    best = _PENALTIES[int(losses.argmin())] if len(np.unique(inner)) > 1 else _PENALTIES[-2]
    return problem.head(problem.solve(best, problem.first))


def _inner_folds(labels: Rows, patients: NDArray[np.str_]) -> Rows:
    """Folds of whole patients, fewer where a class has few; one where a class has one patient."""
    from stentviewer.learning.splits import folds

    _, numbers = np.unique(labels, return_inverse=True)
    names = [str(k) for k in range(int(numbers.max()) + 1)]
    for count in range(_INNER, 1, -1):
        try:
            return folds(numbers, patients.tolist(), count, 0, names)
        except UserError:
            continue
    return np.zeros(len(labels), np.int64)


@dataclass(frozen=True, eq=False)
class _Problem:
    """Standardised features, one-hot labels, weights of images, and where the search begins."""

    x: Doubles  # (n, C)
    y: Doubles  # (n, classes)
    weight: Doubles  # (n,), sum 1
    first: Doubles  # (classes, C + 1), the bias last
    mean: Doubles
    scale: Doubles

    @classmethod
    def of(cls, features: FloatArray, labels: Rows, before: Head) -> _Problem:
        values = features.astype(np.float64)
        mean = values.mean(0)
        scale = np.maximum(values.std(0), 1e-6 * max(float(values.std()), 1e-12))
        y = np.eye(len(before.bias))[labels]
        counts = y.sum(0)
        weight = (1 / counts[labels]) / (counts > 0).sum()
        slope = before.weight.astype(np.float64) * scale
        offset = before.weight.astype(np.float64) @ mean + before.bias
        first = np.concatenate([slope, offset[:, None]], axis=1)
        return cls((values - mean) / scale, y, weight, first, mean, scale)

    def only(self, rows: NDArray[np.bool_]) -> _Problem:
        weight = self.weight[rows]
        return _Problem(
            self.x[rows], self.y[rows], weight / weight.sum(), self.first, self.mean, self.scale
        )

    def loss(self, answer: Doubles) -> float:
        """Weighted log loss."""
        return float(-(self.weight * (self.y * self._log_probabilities(answer)).sum(1)).sum())

    def solve(self, penalty: float, guess: Doubles) -> Doubles:
        """Minimise the log loss and the penalty on the distance from `first`, the bias free."""
        from scipy.optimize import minimize

        shape = self.first.shape

        def value(flat: Doubles) -> tuple[float, Doubles]:
            answer = flat.reshape(shape)
            log_p = self._log_probabilities(answer)
            away = answer - self.first
            away[:, -1] = 0
            wrong = (np.exp(log_p) - self.y) * self.weight[:, None]
            slope = np.concatenate([wrong.T @ self.x, wrong.sum(0)[:, None]], axis=1)
            loss = -(self.weight * (self.y * log_p).sum(1)).sum() + penalty * (away**2).sum()
            return float(loss), (slope + 2 * penalty * away).ravel()

        found = minimize(
            value, guess.ravel(), jac=True, method="L-BFGS-B", options={"maxiter": _STEPS}
        )
        return np.asarray(found.x, np.float64).reshape(shape)

    def head(self, answer: Doubles) -> Head:
        """The last layer for features as they are, not standardised."""
        weight = answer[:, :-1] / self.scale
        bias = answer[:, -1] - weight @ self.mean
        return Head(weight.astype(np.float32), bias.astype(np.float32))

    def _log_probabilities(self, answer: Doubles) -> Doubles:
        scores = self.x @ answer[:, :-1].T + answer[:, -1]
        top = scores.max(1, keepdims=True)
        under: Doubles = np.log(np.exp(scores - top).sum(1, keepdims=True))
        return np.asarray(scores - top - under, np.float64)
