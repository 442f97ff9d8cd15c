"""Proportions with the interval they are known to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray


def wilson(right: int, count: int, z: float = 1.959964) -> tuple[float, float]:
    """Wilson's score interval of right out of count (J. Am. Stat. Assoc. 22, 1927), 95 %.

    (0, 1) where nothing was counted.
    """
    if count == 0:
        return 0.0, 1.0
    share = right / count
    centre = share + z * z / (2 * count)
    half = z * float(np.sqrt(share * (1 - share) / count + z * z / (4 * count * count)))
    scale = 1 + z * z / count
    return max((centre - half) / scale, 0.0), min((centre + half) / scale, 1.0)


def by_class(
    truth: NDArray[np.int64], named: NDArray[np.int64], classes: Sequence[str]
) -> dict[str, Any]:
    """Accuracy in all and by class, each with n and a 95 % Wilson interval, and the confusion.

    truth and named (n,) are class numbers; confusion[i][j] counts class i named j.
    """

    def figure(right: int, count: int) -> dict[str, Any]:
        low, high = wilson(right, count)
        return {
            "accuracy": round(right / max(count, 1), 4),
            "n": count,
            "interval_95": [round(low, 4), round(high, 4)],
        }

    confusion = np.zeros((len(classes), len(classes)), np.int64)
    np.add.at(confusion, (truth, named), 1)
    return {
        **figure(int(np.trace(confusion)), len(truth)),
        "classes": {
            name: figure(int(confusion[k, k]), int(confusion[k].sum()))
            for k, name in enumerate(classes)
        },
        "confusion": confusion.tolist(),
    }
