"""From a model's answers to the parts of a result."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.learning import calibration, metrics
from stentviewer.learning.intervals import wilson
from stentviewer.learning.metrics import Numbers, Reals
from stentviewer.learning.predictions import Predictions
from stentviewer.learning.result_parts import (
    Bin,
    Calibration,
    ClassScores,
    Estimate,
    Evaluation,
    FoldScores,
    Roc,
    Scores,
)


def proportion(right: int, count: int) -> Estimate:
    """A share with Wilson's interval; not known where nothing was counted."""
    if count == 0:
        return Estimate(value=None)
    low, high = wilson(right, count)
    return Estimate(value=right / count, low=low, high=high)


def answered(given: Predictions, rows: NDArray[np.bool_]) -> Predictions:
    """Some rows of predictions. Raises KnownError where a score among them is no number."""
    numbers = np.flatnonzero(rows)
    if not np.isfinite(given.logits[rows]).all():
        wrong = int((~np.isfinite(given.logits[rows]).all(1)).sum())
        raise KnownError(
            sentence(
                "The network gave scores that are no numbers for {n} of {total} images, so it has "
                "learned nothing that can be used. Start again with a lower learning rate.",
                n=wrong,
                total=len(numbers),
            )
        )
    return Predictions(
        given.classes,
        given.logits[rows],
        given.truth[rows],
        given.fold[rows],
        tuple(given.sha256[k] for k in numbers),
        tuple(given.patient[k] for k in numbers),
    )


def known(given: Predictions) -> Predictions:
    """The answers on images whose class the model has. Raises KnownError where there are none."""
    if not (given.truth >= 0).any():
        raise KnownError(
            sentence("There is no image with a known class that the model answered on.")
        )
    return answered(given, given.truth >= 0)


def by_fold(given: Predictions) -> tuple[FoldScores, ...]:
    """Each fold's model on the images it had not seen."""
    answers = known(given)
    named = answers.logits.argmax(1)
    found = []
    for fold in np.unique(answers.fold):
        rows = answers.fold == fold
        counts = metrics.confusion(answers.truth[rows], named[rows], len(answers.classes))
        precision, recall, f1 = metrics.rates(counts).macro()
        found.append(
            FoldScores(
                fold=int(fold),
                images=int(rows.sum()),
                patients=len({answers.patient[k] for k in np.flatnonzero(rows)}),
                accuracy=metrics.accuracy(counts),
                precision=precision,
                recall=recall,
                f1=f1,
            )
        )
    return tuple(found)


def mean_and_deviation(folds: tuple[FoldScores, ...]) -> tuple[Scores, Scores | None]:
    """Mean and sample standard deviation (n - 1) over the folds."""
    names = ("accuracy", "precision", "recall", "f1")
    table = np.array([[getattr(fold, name) for name in names] for fold in folds])
    mean = Scores(**dict(zip(names, table.mean(0).tolist(), strict=True)))
    if len(folds) < 2:
        return mean, None
    return mean, Scores(**dict(zip(names, table.std(0, ddof=1).tolist(), strict=True)))


def evaluation(
    given: Predictions, new: Collection[str], temperature: float | None = None
) -> Evaluation:
    """What a model's answers on images of known class are worth.

    Without a temperature one is fitted to these answers, and their calibration is judged with
    each fold tempered by the others.
    """
    answers = known(given)
    named = answers.logits.argmax(1)
    size = len(answers.classes)
    counts = metrics.confusion(answers.truth, named, size)
    intervals = metrics.f1_intervals(answers.truth, named, answers.patient, size)
    precision, recall, f1 = metrics.rates(counts).macro()
    return Evaluation(
        images=len(answers),
        patients=len(set(answers.patient)),
        left_out=len(given) - len(answers),
        accuracy=proportion(int(np.trace(counts)), len(answers)),
        precision=precision,
        recall=recall,
        f1=Estimate(value=f1, low=intervals.macro[0], high=intervals.macro[1]),
        classes=tuple(
            _class_scores(answers, counts, intervals.each[k], k, new) for k in range(size)
        ),
        confusion=tuple(tuple(int(n) for n in row) for row in counts),
        calibration=_calibration(answers, temperature),
    )


def _class_scores(
    answers: Predictions, counts: Numbers, interval: Reals, k: int, new: Collection[str]
) -> ClassScores:
    right, true, named = int(counts[k, k]), int(counts[k].sum()), int(counts[:, k].sum())
    is_it = answers.truth == k
    f1 = Estimate(value=None)
    if true:
        f1 = Estimate(
            value=2 * right / (true + named), low=float(interval[0]), high=float(interval[1])
        )
    auc, curve = Estimate(value=None), None
    if 0 < true < len(answers):
        scores = metrics.log_odds(answers.logits, [k])
        found = metrics.placements(scores, is_it)
        low, high = metrics.auc_interval(found, is_it, answers.patient) or (None, None)
        auc = Estimate(value=found.auc, low=low, high=high)
        across, up = metrics.roc(scores, is_it)
        curve = Roc(false_positive=_rounded(across), true_positive=_rounded(up))
    return ClassScores(
        name=answers.classes[k],
        images=true,
        patients=len({answers.patient[row] for row in np.flatnonzero(is_it)}),
        is_new=answers.classes[k] in new,
        precision=proportion(right, named),
        recall=proportion(right, true),
        f1=f1,
        auc=auc,
        roc=curve,
    )


def _rounded(values: Reals) -> tuple[float, ...]:
    return tuple(round(float(value), 5) for value in values)


def _calibration(answers: Predictions, temperature: float | None) -> Calibration:
    tempered: float | Reals
    if temperature is None:
        temperature = calibration.fit_temperature(answers.logits, answers.truth)
        tempered = calibration.crossed_temperatures(answers.logits, answers.truth, answers.fold)
    else:
        tempered = temperature
    before = calibration.reliability(calibration.probabilities(answers.logits), answers.truth)
    after = calibration.reliability(
        calibration.probabilities(answers.logits, tempered), answers.truth
    )
    return Calibration(
        temperature=temperature,
        ece_before=calibration.calibration_error(before),
        ece=calibration.calibration_error(after),
        bins_before=tuple(_bin(part) for part in before),
        bins=tuple(_bin(part) for part in after),
    )


def _bin(part: calibration.Counted) -> Bin:
    return Bin(
        low=part.low,
        high=part.high,
        images=part.images,
        confidence=part.confidence,
        accuracy=proportion(part.right, part.images),
    )
