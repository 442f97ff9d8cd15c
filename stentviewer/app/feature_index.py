"""The features of one model's findings, kept in memory between questions about look-alikes."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import numpy as np

from stentviewer.core.types import FloatArray
from stentviewer.library import features
from stentviewer.library.features import Indexed

if TYPE_CHECKING:
    from stentviewer.library.repository import Library


class FeatureIndex:
    """Asked again only where something was read, labelled or removed since. Thread-safe."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._model = ""
        self._key: tuple[object, ...] = ()
        self._rows: list[Indexed] = []
        self._kept: dict[int, FloatArray] = {}  # by the finding's row
        self._all: FloatArray = np.zeros((0, 0), np.float32)

    def of(self, model_sha256: str, sealed_to: str = "") -> tuple[list[Indexed], FloatArray]:
        """What is known of each finding, and its feature as a unit vector (findings, C).

        With `sealed_to`, a reader's name, only those on frames that this reader has answered.
        """
        with self._lock:
            key = model_sha256, sealed_to, self._library.ask(features.stamp)
            if key != self._key:
                self._read(model_sha256, sealed_to)
                self._key = key
            return self._rows, self._all

    def _read(self, model_sha256: str, sealed_to: str) -> None:
        """A feature that is here already is not read again: it never changes."""
        if model_sha256 != self._model:
            self._model, self._kept = model_sha256, {}
        rows = self._library.ask(lambda now: features.indexed(now, model_sha256, sealed_to))
        new = [row.id for row in rows if row.id not in self._kept]
        read = self._library.ask(lambda now: features.features(now, new))
        self._kept.update({key: unit(feature) for key, feature in read.items()})
        wide = max((len(self._kept[row.id]) for row in rows), default=0)
        self._rows = [row for row in rows if len(self._kept[row.id]) == wide]  # others are damaged
        found = [self._kept[row.id] for row in self._rows]
        self._all = np.stack(found) if found else np.zeros((0, wide), np.float32)


def unit(feature: FloatArray) -> FloatArray:
    """A feature (C,) of length 1; one of zeros stays as it is and is like nothing."""
    length = float(np.linalg.norm(feature))
    made: FloatArray = np.asarray(feature / length if length > 0 else feature, np.float32)
    return made
