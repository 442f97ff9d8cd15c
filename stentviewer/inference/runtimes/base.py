"""What every runtime gives: in one pass, the scores and the feature map they come from."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import Bundle


@dataclass(frozen=True, slots=True)
class Output:
    """Of one image: scores (classes,) before softmax, last activation (C, h, w); float32."""

    scores: FloatArray
    activation: FloatArray


class Runtime(Protocol):
    """A network that is loaded and ready. May be called from any thread."""

    @property
    def device(self) -> str:
        """What it runs on, as it stands on the screen: "onnxruntime · CPU"."""
        ...

    def run(self, tensor: FloatArray) -> Output:
        """One pass over a tensor (1, 3, side, side); raises KnownError where the machine fails."""
        ...


def checked(bundle: Bundle, scores: FloatArray, activation: FloatArray) -> Output:
    """The output of a batch of one; raises KnownError where it does not fit the bundle."""
    classes = len(bundle.manifest.labels)
    numbers = all(np.issubdtype(array.dtype, np.number) for array in (scores, activation))
    fits = scores.shape == (1, classes) and activation.ndim == 4 and activation.shape[0] == 1
    if not (numbers and fits and activation.size):
        raise KnownError(
            sentence(
                "The model {model} gives {scores} scores and a feature map {features}, which "
                "do not fit its {classes} labels. Install it again.",
                model=bundle.manifest.id,
                scores=str(scores.shape),
                features=str(activation.shape),
                classes=classes,
            )
        )
    if not (np.isfinite(scores).all() and np.isfinite(activation).all()):
        raise KnownError(
            sentence(
                "The model {model} gave no number for this image; it was not read.",
                model=bundle.manifest.id,
            )
        )
    return Output(scores[0], activation[0])
