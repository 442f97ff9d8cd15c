"""What a fitness check says: one finding each, with what can be done about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from stentviewer.learning.fitness_looks import Looks
from stentviewer.learning.selection import Item

Kind = Literal[
    "unreadable",
    "count",
    "imbalance",
    "patients",
    "sharpness",
    "resolution",
    "twins",
    "writing",
    "mark",
    "shortcut",
]
Severity = Literal["stop", "warn", "note"]


@dataclass(frozen=True, slots=True)
class Finding:
    """text says what was found, advice what to do; items are places in the selection.

    stop: a run would fail or its result be worth nothing. warn: the result would be doubtful or
    better than the model. note: worth a look. Of twins and unreadable images, items are those that
    are best left out.
    """

    kind: Kind
    severity: Severity
    text: str
    advice: str
    items: tuple[int, ...] = ()


@dataclass(frozen=True, eq=False)
class Seen:
    """What the checks share: the selection, its classes, and what was looked at.

    labels (n,) counts among the classes for each item. The rest is of those images to learn from
    that could be read: rows among the looks, their labels and patients.
    """

    items: Sequence[Item]
    classes: tuple[str, ...]
    looks: Looks
    labels: NDArray[np.int64]
    rows: NDArray[np.int64]

    @classmethod
    def of(cls, items: Sequence[Item], classes: tuple[str, ...], looks: Looks) -> Seen:
        """Raises ValueError for an item of no class."""
        labels = np.array([classes.index(item.label) for item in items], np.int64)
        rows = [k for k, at in enumerate(looks.at.tolist()) if items[at].role == "train"]
        return cls(items, classes, looks, labels, np.array(rows, np.int64))

    def train(self) -> tuple[Looks, NDArray[np.int64], list[str]]:
        """Looks, labels and patients of the images to learn from."""
        looks, rows = self.looks, self.rows
        at = looks.at[rows]
        own = Looks(at, tuple(looks.facts[k] for k in rows), looks.thumbs[rows], looks.plates[rows])
        return own, self.labels[at], [self.items[k].patient for k in at]
