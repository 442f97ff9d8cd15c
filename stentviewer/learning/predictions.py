"""What models answered on images whose class is known."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.types import FloatArray


@dataclass(frozen=True, eq=False)
class Predictions:
    """logits (n, classes) before any temperature; truth (n,) counts among the classes, -1 where
    the image's class is none of them; fold (n,) is the fold whose model answered, 0 the final one.

    sha256 (n,) are the images' content hashes with the frame ("…:0"), patient (n,) pseudonyms.
    """

    classes: tuple[str, ...]
    logits: FloatArray
    truth: NDArray[np.int64]
    fold: NDArray[np.int64]
    sha256: tuple[str, ...]
    patient: tuple[str, ...]

    def __post_init__(self) -> None:
        n = len(self.truth)
        if self.logits.shape != (n, len(self.classes)) or self.fold.shape != (n,):
            raise ValueError(f"{self.logits.shape} scores do not fit {n} images")
        if len(self.sha256) != n or len(self.patient) != n:
            raise ValueError("each image needs its hash and its patient")

    def __len__(self) -> int:
        return len(self.truth)

    def save(self, path: Path) -> None:
        """Write as an .npz without pickled parts, whole or not at all."""
        partial = path.with_name(f"{path.stem}.partial.npz")
        np.savez(
            partial,
            classes=np.array(self.classes, np.str_),
            logits=np.asarray(self.logits, np.float32),
            truth=self.truth,
            fold=self.fold,
            sha256=np.array(self.sha256, np.str_),
            patient=np.array(self.patient, np.str_),
        )
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Predictions:
        """Read what `save` wrote."""
        with np.load(path, allow_pickle=False) as data:
            return cls(
                tuple(data["classes"].tolist()),
                data["logits"],
                data["truth"],
                data["fold"],
                tuple(data["sha256"].tolist()),
                tuple(data["patient"].tolist()),
            )
