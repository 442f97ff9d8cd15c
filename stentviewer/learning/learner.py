"""What the three ways of learning have in common: fit a fold, answer, export."""

from __future__ import annotations

from pathlib import Path
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.types import FloatArray
from stentviewer.learning.events import RunContext

Rows = NDArray[np.int64]


class Fitted(Protocol):
    """A model that was learned and is kept in its fold's folder."""

    def logits(self, rows: Rows) -> FloatArray:
        """Scores (len(rows), classes) of images of the run's cache, unaugmented."""
        ...

    def features(self, rows: Rows) -> FloatArray:
        """Means (len(rows), C) of the last map over the cells that the stent covers, of images
        that are cut out stents (`cache.ImageCache.seen`)."""
        ...

    def export(self, folder: Path) -> dict[str, Path]:
        """Write a bundle's files, ONNX, SAFETENSORS and (where it has one) HEAD, and name them."""
        ...


class Learner(Protocol):
    """A way of learning on a run's images. Made once a run: what all folds share is kept in it."""

    def fit(self, train: Rows, check: Rows, fold: int, folder: Path, context: RunContext) -> Fitted:
        """Learn on some rows of the cache; check rows are watched, never learned from.

        Goes on where an interrupted call with the same folder stopped, and returns at once where
        it had ended. Raises Cancelled at an order to stop, KnownError where it cannot go on.
        """
        ...
