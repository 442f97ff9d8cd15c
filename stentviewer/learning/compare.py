"""Champion against challenger on the same images: what flipped, what was forgotten, and chance.

The champion may have other classes. Classes are the same where their names are, or where the
recipe says that one begins as the other; several classes of the champion that were merged count
as one, with their probabilities added.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stentviewer.learning import metrics
from stentviewer.learning.evaluation import answered, proportion
from stentviewer.learning.metrics import Reals
from stentviewer.learning.predictions import Predictions
from stentviewer.learning.result_parts import (
    Comparison,
    DeLong,
    Estimate,
    Flip,
    FlipKind,
    Forgetting,
    McNemar,
    Model,
)

_Z = 1.959964
Words = NDArray[np.str_]


@dataclass(frozen=True, eq=False)
class _Side:
    """One model's answers, in the challenger's words."""

    answers: Predictions
    words: tuple[str, ...]  # of its classes, in their order

    @property
    def named(self) -> Words:
        named: Words = np.asarray(self.words)[self.answers.logits.argmax(1)]
        return named

    @property
    def truth(self) -> Words:
        """The true class in words; empty where the model does not have it."""
        known = self.answers.truth >= 0
        return np.where(known, np.asarray(self.words)[self.answers.truth], "")

    def odds(self, word: str) -> Reals:
        """How much each image speaks for the classes of this name."""
        wanted = [k for k, name in enumerate(self.words) if name == word]
        return metrics.log_odds(self.answers.logits, wanted)


def compare(
    before: Predictions,
    after: Predictions,
    renamed: Mapping[str, str] | None = None,
    champion: Model | None = None,
) -> Comparison:
    """The champion's answers (before) against the challenger's (after), image by image.

    Images are matched by hash; what only one of them answered is left out. renamed maps a class
    of the champion to what it became. Raises KnownError where scores are no numbers.
    """
    old, new = _matched(before, after, renamed or {})
    truth = np.where(new.truth != "", new.truth, old.truth)
    in_old, in_new = np.isin(truth, old.words), np.isin(truth, new.words)
    both, only_new = in_old & in_new, in_new & ~in_old
    was_right, is_right = old.named == truth, new.named == truth
    n = int(both.sum())
    forgetting = _forgetting(truth, both, was_right, is_right)
    return Comparison(
        champion=champion,
        images=n,
        patients=len({new.answers.patient[k] for k in np.flatnonzero(both)}),
        unknown_before=int(only_new.sum()),
        right_of_unknown=int((only_new & is_right).sum()),
        unknown_after=int((in_old & ~in_new).sum()),
        accuracy_before=proportion(int(was_right[both].sum()), n),
        accuracy_after=proportion(int(is_right[both].sum()), n),
        mcnemar=mcnemar(was_right[both], is_right[both]),
        delong=_delong_by_class(old, new, truth, both),
        forgetting=forgetting,
        forgotten=float(np.mean([one.lost for one in forgetting])) if forgetting else None,
        flips=_flips(old, new, truth),
    )


def _matched(
    before: Predictions, after: Predictions, renamed: Mapping[str, str]
) -> tuple[_Side, _Side]:
    """Both models' answers on the images that both answered, in the same order."""
    place = {digest: k for k, digest in enumerate(before.sha256)}
    pairs = [(place[digest], k) for k, digest in enumerate(after.sha256) if digest in place]
    first = _taken(before, [pair[0] for pair in pairs])
    second = _taken(after, [pair[1] for pair in pairs])
    words = tuple(renamed.get(name, name) for name in before.classes)
    return _Side(first, words), _Side(second, after.classes)


def _taken(given: Predictions, rows: Sequence[int]) -> Predictions:
    order = np.asarray(rows, np.int64)
    taken = Predictions(
        given.classes,
        given.logits[order],
        given.truth[order],
        given.fold[order],
        tuple(given.sha256[k] for k in rows),
        tuple(given.patient[k] for k in rows),
    )
    return answered(taken, np.ones(len(rows), bool))


def _forgetting(
    truth: Words,
    both: NDArray[np.bool_],
    was_right: NDArray[np.bool_],
    is_right: NDArray[np.bool_],
) -> tuple[Forgetting, ...]:
    return tuple(
        Forgetting(
            name=str(name),
            images=int(rows.sum()),
            before=float(was_right[rows].mean()),
            after=float(is_right[rows].mean()),
        )
        for name in np.unique(truth[both])
        for rows in [both & (truth == name)]
    )


def _flips(old: _Side, new: _Side, truth: Words) -> tuple[Flip, ...]:
    """What changed its answer, the lost first."""
    order: tuple[FlipKind, ...] = ("lost", "other", "gained")
    found = []
    for k in np.flatnonzero((old.named != new.named) & (truth != "")):
        before, after, true = str(old.named[k]), str(new.named[k]), str(truth[k])
        kind: FlipKind = "lost" if before == true else "gained" if after == true else "other"
        found.append(
            Flip(
                sha256=new.answers.sha256[k],
                truth=true,
                before=before,
                after=after,
                kind=kind,
                is_old=true in old.words,
            )
        )
    return tuple(sorted(found, key=lambda flip: (order.index(flip.kind), flip.truth)))


def mcnemar(was_right: NDArray[np.bool_], is_right: NDArray[np.bool_]) -> McNemar:
    """McNemar's exact test (Psychometrika 12, 1947): binomial over the images that differ.

    p is two-sided, 1 where no image differs.
    """
    from scipy.stats import binomtest

    lost = int((was_right & ~is_right).sum())
    won = int((~was_right & is_right).sum())
    p = float(binomtest(lost, lost + won, 0.5).pvalue) if lost + won else 1.0
    return McNemar(only_before=lost, only_after=won, p=p)


@dataclass(frozen=True, slots=True)
class PairedAuc:
    """Two AUCs on the same images and their difference, second - first."""

    first: float
    second: float
    low: float | None
    high: float | None
    p: float | None


def delong(
    first: Reals, second: Reals, is_it: NDArray[np.bool_], patients: Sequence[str]
) -> PairedAuc:
    """DeLong's paired test (Biometrics 44, 1988) with images of one patient taken together.

    first and second (n,) are two models' scores of the same images. p is two-sided; None where
    the images do not tell: fewer than two patients with or without the class. Where the models
    order all images alike the difference is 0 and p is 1.
    """
    from scipy.stats import norm

    a, b = metrics.placements(first, is_it), metrics.placements(second, is_it)
    variance = metrics.auc_variance(
        b.of_positives - a.of_positives, b.of_negatives - a.of_negatives, is_it, patients
    )
    if variance is None:
        return PairedAuc(a.auc, b.auc, None, None, None)
    difference = b.auc - a.auc
    deviation = float(np.sqrt(variance))
    if deviation < 1e-12:
        p = 1.0 if abs(difference) < 1e-12 else None
        return PairedAuc(a.auc, b.auc, None, None, p)
    low, high = difference - _Z * deviation, difference + _Z * deviation
    p = float(2 * norm.sf(abs(difference) / deviation))
    return PairedAuc(a.auc, b.auc, max(low, -1.0), min(high, 1.0), p)


def _delong_by_class(
    old: _Side, new: _Side, truth: Words, both: NDArray[np.bool_]
) -> tuple[DeLong, ...]:
    rows = np.flatnonzero(both)
    patients = [new.answers.patient[k] for k in rows]
    names, pairs = [], []
    for name in np.unique(truth[rows]):
        is_it = truth[rows] == name
        if is_it.all():
            continue
        word = str(name)
        names.append(word)
        pairs.append(delong(old.odds(word)[rows], new.odds(word)[rows], is_it, patients))
    adjusted = holm([pair.p for pair in pairs])
    return tuple(
        DeLong(
            name=name,
            before=pair.first,
            after=pair.second,
            difference=Estimate(value=pair.second - pair.first, low=pair.low, high=pair.high),
            p=pair.p,
            p_holm=p_holm,
        )
        for name, pair, p_holm in zip(names, pairs, adjusted, strict=True)
    )


def holm(values: Sequence[float | None]) -> list[float | None]:
    """p values that hold together (Holm, Scand. J. Stat. 6, 1979); None stays None."""
    given = sorted((p, k) for k, p in enumerate(values) if p is not None)
    found: list[float | None] = [None] * len(values)
    highest = 0.0
    for rank, (p, k) in enumerate(given):
        highest = max(highest, min(1.0, p * (len(given) - rank)))
        found[k] = highest
    return found
