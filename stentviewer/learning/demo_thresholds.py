"""The demo model's thresholds, chosen on held-out simulated images, and its figures on others."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.inference.bundle import Thresholds
from stentviewer.inference.known import Known
from stentviewer.learning.calibration import calibration_error, fit_temperature, reliability
from stentviewer.learning.demo_answers import Answer, Told
from stentviewer.learning.intervals import wilson
from stentviewer.learning.known_designs import conformal_score, unknown_distance
from stentviewer.tasks.stent_maker import softmax

COVERAGE: Final = 0.9
FIELD_MARGIN: Final = 1.5  # real images differ more from simulated ones than those among them

Floats = NDArray[np.float64]


@dataclass(frozen=True)
class Chosen:
    """Thresholds, temperature, the least presence and how far an image may be from the others."""

    thresholds: Thresholds
    temperature: float
    presence: float
    field_distance: float


def choose(check: Sequence[Answer], makers: Sequence[str], known: Known) -> Chosen:
    """From answers on images that nothing was learned from."""
    presence = _best_presence(check)
    told = [
        (one, answer.truth[at][0])
        for answer in check
        for one, at in answer.matched(presence)
        if at is not None and answer.truth[at][0] in makers
    ]
    scores = np.stack([one.scores for one, _ in told])
    labels = np.array([makers.index(maker) for _, maker in told])
    temperature = fit_temperature(scores, labels)
    of_truth = np.array(
        [softmax(row, temperature)[label] for row, label in zip(scores, labels, strict=True)]
    )
    distances = [float(known.distances(one.feature).min()) for one, _ in told]
    fields = [known.field_distance(answer.field) for answer in check]
    return Chosen(
        Thresholds(
            set_coverage=COVERAGE,
            set_score=round(conformal_score(of_truth, COVERAGE), 6),
            unknown_distance=unknown_distance(np.array(distances)),
        ),
        temperature,
        presence,
        round(FIELD_MARGIN * float(np.quantile(fields, 0.99)), 4),
    )


def _best_presence(check: Sequence[Answer]) -> float:
    """The least presence with which none, one and several are told apart best."""
    grid = np.round(np.arange(0.2, 0.71, 0.05), 2)
    right = [
        np.mean([_many(len(a.matched(least))) == _many(len(a.truth)) for a in check])
        for least in grid
    ]
    best = np.nonzero(np.array(right) >= max(right) - 1e-9)[0]
    return float(grid[best[len(best) // 2]])


def _many(count: int) -> int:
    return min(count, 2)


def figures(
    answers: Sequence[Answer], makers: Sequence[str], known: Known, chosen: Chosen
) -> dict[str, Any]:
    """How the model does on images of known makers: counts, shares and their intervals."""
    least = chosen.presence
    pairs = [(answer, answer.matched(least)) for answer in answers]
    counts = [_many(len(found)) == _many(len(answer.truth)) for answer, found in pairs]
    several = [pair for pair in pairs if len({maker for maker, _ in pair[0].truth}) > 1]
    exact = [
        sorted(makers[_name(one)] for one, _ in found) == sorted(m for m, _ in answer.truth)
        for answer, found in several
    ]
    truths = sum(len(answer.truth) for answer in answers)
    found = sum(at is not None for _, told in pairs for _, at in told)
    empty = [told for answer, told in pairs if not answer.truth]
    single = [
        bool(told) and makers[_name(told[0][0])] == answer.truth[0][0]
        for answer, told in pairs
        if len(answer.truth) == 1
    ]
    sure = [
        (one, makers.index(answer.truth[at][0]))
        for answer, told in pairs
        for one, at in told
        if at is not None and answer.truth[at][0] in makers
    ]
    chances = np.stack([softmax(one.scores, chosen.temperature) for one, _ in sure])
    labels = np.array([label for _, label in sure])
    of_truth = chances[np.arange(len(labels)), labels]
    covered = (of_truth >= (chosen.thresholds.set_score or 0)) | (chances.argmax(1) == labels)
    return {
        "images": len(answers),
        "maker of single stents": _share(single),
        "none, one or several": _share(counts),
        "makers where two differ, exactly": _share(exact),
        "stents found": _share([True] * found + [False] * (truths - found)),
        "false stents per image without one": round(
            float(np.mean([len(told) for told in empty])) if empty else 0.0, 4
        ),
        "named right of those found": _share((chances.argmax(1) == labels).tolist()),
        "calibration error (ECE)": round(
            calibration_error(reliability(chances.astype(np.float64), labels)), 4
        ),
        "coverage of the sets": _share(covered.tolist()),
        "known stents told as unknown": _share(
            [
                float(known.distances(one.feature).min())
                > (chosen.thresholds.unknown_distance or np.inf)
                for one, _ in sure
            ]
        ),
    }


def _name(told: Told) -> int:
    return int(told.scores.argmax())


def _share(right: Sequence[bool]) -> dict[str, Any]:
    """How many of how many, with the 95 % Wilson interval."""
    n, k = len(right), int(sum(right))
    low, high = wilson(k, n) if n else (0.0, 1.0)
    return {"n": n, "right": k, "share": round(k / n, 4) if n else None,
            "interval": [round(low, 4), round(high, 4)]}  # fmt: skip
