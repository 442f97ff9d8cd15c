"""How far a stent lies from each design that a model knows, and an image from what it has seen.

Distances are Mahalanobis distances in the space of a network's pooled features, with one
covariance for all designs (Lee et al., A simple unified framework for detecting out-of-distribution
samples, 2018).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import KNOWN, Bundle


@dataclass(frozen=True, slots=True, eq=False)
class Known:
    """means (classes, C) and whitening (C, k) of stents; field_mean (F,) and field_whitening
    (F, k) of whole images, empty where the model has none. whitening.T @ whitening's columns
    scale each direction to a deviation of 1."""

    means: FloatArray
    whitening: FloatArray
    field_mean: FloatArray
    field_whitening: FloatArray

    def distances(self, feature: FloatArray) -> FloatArray:
        """From a stent's feature (C,) to each design, (classes,), in deviations."""
        apart = (np.asarray(feature, np.float32) - self.means) @ self.whitening
        return np.asarray(np.sqrt(np.mean(np.square(apart), axis=1)), np.float32)

    def field_distance(self, field: FloatArray) -> float:
        """From an image's feature (F,) to what the finder has learned from, in deviations."""
        apart = (np.asarray(field, np.float32) - self.field_mean) @ self.field_whitening
        return float(np.sqrt(np.mean(np.square(apart))))


def known_of(bundle: Bundle) -> Known | None:
    """What the bundle knows; None where it carries no `KNOWN`.

    Raises KnownError where the file cannot be read or does not fit the labels.
    """
    from safetensors import SafetensorError
    from safetensors.numpy import load

    if not bundle.has(KNOWN):
        return None
    content = bundle.read(KNOWN)
    try:
        tensors = load(content)
        parts = [
            np.asarray(tensors[name], np.float32)
            for name in ("means", "whitening", "field_mean", "field_whitening")
        ]
    except (SafetensorError, KeyError) as error:
        raise _unfit(bundle) from error
    known = Known(*parts)
    classes, features = len(bundle.labels), known.whitening.shape[0]
    fits = known.means.shape == (classes, features) and known.whitening.ndim == 2
    fits &= known.field_whitening.ndim == 2
    fits &= known.field_mean.shape == (known.field_whitening.shape[0],)
    if not (fits and all(np.isfinite(part).all() for part in parts)):
        raise _unfit(bundle)
    return known


def _unfit(bundle: Bundle) -> KnownError:
    return KnownError(
        sentence(
            "The model {model} is not used: its {file} cannot be read or does not fit its "
            "labels. Install the model again.",
            model=bundle.manifest.id,
            file=KNOWN,
        )
    )
