"""What would make a result better than the model: copies, writing, marks and other give-aways."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box
from stentviewer.learning.fitness_duplicates import Twin
from stentviewer.learning.fitness_findings import Finding, Seen
from stentviewer.learning.fitness_shortcuts import (
    FixedMark,
    Telling,
    Trial,
    borders,
    fixed_marks,
    small_pictures,
    telling_facts,
    trial,
)
from stentviewer.learning.splits import folds

Masks = dict[int, tuple[Box, ...]]
_MORE_OFTEN: Final = 0.4  # share of patients: writing in one class against the rest
_P: Final = 0.01
_NAMED: Final = 0.3  # recall above chance: a class that a trial gives away


def check_twins(seen: Seen, pairs: Sequence[Twin], k: int, seed: int) -> list[Finding]:
    """Copies under two labels, on two sides, under two patients, or simply twice."""
    items = seen.items
    clash = [t for t in pairs if items[t.first].label != items[t.second].label]
    rest = [t for t in pairs if t not in clash]
    sides = [t for t in rest if items[t.first].role != items[t.second].role]
    rest = [t for t in rest if t not in sides]
    people = [t for t in rest if items[t.first].patient != items[t.second].patient]
    twice = [t for t in rest if t not in people and t.same]
    found = []
    if clash:
        text = sentence("Pairs of images that are one picture under two labels: {n}.", n=len(clash))
        advice = sentence("Find out which label is right, and leave the other image out.")
        found.append(Finding("twins", "stop", text, advice, _both(clash)))
    if sides:
        text = sentence(
            "Pairs of images that are one picture, once to learn from and once held back for the "
            "test: {n}.",
            n=len(sides),
        )
        advice = sentence("Leave out the copies to learn from: the test would be worth nothing.")
        copies = {t.first if items[t.first].role == "train" else t.second for t in sides}
        found.append(Finding("twins", "stop", text, advice, tuple(sorted(copies))))
    if people:
        found.append(_under_two_patients(seen, people, k, seed))
    if twice:
        text = sentence("Images that are there twice, under the same patient: {n}.", n=len(twice))
        advice = sentence("Leave the copies out: they weigh double.")
        found.append(
            Finding("twins", "note", text, advice, tuple(sorted({t.second for t in twice})))
        )
    return found


def _both(pairs: Sequence[Twin]) -> tuple[int, ...]:
    return tuple(sorted({n for t in pairs for n in (t.first, t.second)}))


def _under_two_patients(seen: Seen, pairs: Sequence[Twin], k: int, seed: int) -> Finding:
    fold = _planned(seen, k, seed)
    across = sum(fold.get(t.first, 0) != fold.get(t.second, 0) for t in pairs if t.first in fold)
    text = sentence(
        "Pairs of images under different patients that are one picture, as it is, inverted, turned "
        "or mirrored: {n}.",
        n=len(pairs),
    )
    if across:
        text = sentence(
            "Pairs of images under different patients that are one picture, as it is, inverted, "
            "turned or mirrored: {n}, of which {across} would stand on both sides of a fold.",
            n=len(pairs),
            across=across,
        )
    advice = sentence(
        "Let them count as one patient, or leave the copies out: else the folds' result is better "
        "than the model."
    )
    copies = tuple(sorted({t.second for t in pairs}))
    return Finding("twins", "warn", text, advice, copies)


def _planned(seen: Seen, k: int, seed: int) -> dict[int, int]:
    """The fold of each image to learn from, by its place; empty where there can be none."""
    looks, labels, patients = seen.train()
    try:
        fold = folds(labels, patients, k, seed, seen.classes)
    except UserError:
        return {}
    return dict(zip(looks.at.tolist(), fold.tolist(), strict=True))


def check_writing(seen: Seen) -> tuple[list[Finding], Masks]:
    """Burned-in writing, and masks over it.

    Where writing tells a class, images without it get the masks of others, so that the masks
    tell nothing.
    """
    masks: Masks = {
        int(at): facts.writing
        for at, facts in zip(seen.looks.at, seen.looks.facts, strict=True)
        if facts.writing
    }
    if not masks:
        return [], {}
    looks, labels, patients = seen.train()
    has = np.array([bool(facts.writing) for facts in looks.facts], np.bool_)
    telling = [
        (name, *shares)
        for k, name in enumerate(seen.classes)
        if (shares := _more_often(has, labels == k, patients)) is not None
    ]
    if not telling:
        text = sentence("Images that seem to have writing burned in: {n}.", n=len(masks))
        advice = sentence("Look at them, and have it masked: it may name a patient or a design.")
        return [Finding("writing", "note", text, advice, tuple(masks))], masks
    found = []
    for name, own, rest in telling:
        text = sentence(
            "Writing is burned into the images of {own:.0%} of the patients with {name} and of "
            "{rest:.0%} of the others: the model could go by it.",
            name=name,
            own=own,
            rest=rest,
        )
        found.append(Finding("writing", "warn", text, _mask_all(), tuple(masks)))
    return found, _lent(masks, len(seen.items))


def _mask_all() -> str:
    return sentence(
        "Have it masked. The same places are then masked in the other classes too, so that the "
        "masks tell nothing."
    )


def _lent(masks: Masks, count: int) -> Masks:
    """Every image masked: those without writing at the places of one that has some, in turn."""
    owners = sorted(masks)
    lent = {}
    for number in range(count):
        lent[number] = masks.get(number) or masks[owners[number % len(owners)]]
    return lent


def _more_often(
    has: NDArray[np.bool_], own: NDArray[np.bool_], patients: Sequence[str]
) -> tuple[float, float] | None:
    """Shares of patients with writing in a class and in the rest, where they differ clearly."""
    from scipy.stats import fisher_exact

    sides: tuple[dict[str, bool], dict[str, bool]] = ({}, {})
    for there, mine, who in zip(has.tolist(), own.tolist(), patients, strict=True):
        side = sides[0 if mine else 1]
        side[who] = side.get(who, False) or there
    if not sides[0] or not sides[1]:
        return None
    table = [[sum(s.values()), len(s) - sum(s.values())] for s in sides]
    shares = [row[0] / sum(row) for row in table]
    if abs(shares[0] - shares[1]) < _MORE_OFTEN or fisher_exact(table).pvalue > _P:
        return None
    return shares[0], shares[1]


def check_shortcuts(seen: Seen, seed: int) -> tuple[list[Finding], Masks, dict[str, Trial]]:
    """What names a class without the stent: small pictures, borders, fixed marks, file facts."""
    looks, labels, patients = seen.train()
    found: list[Finding] = []
    marks = fixed_marks(looks, labels, patients)
    masks: Masks = {}
    if marks:
        found += _marks(seen, marks)
        everywhere = tuple(mark.box for mark in marks)
        masks = dict.fromkeys(range(len(seen.items)), everywhere)
    found += [_telling(seen, fact) for fact in telling_facts(looks, labels, patients)]
    trials = {}
    for name, features in (("small", small_pictures(looks)), ("border", borders(looks))):
        tried = trial(features, labels, patients, seen.classes, seed)
        if tried is None:
            continue
        trials[name] = tried
        if tried.gives_away:
            found.append(_given_away(seen, name, tried))
    if not trials:
        text = sentence(
            "There are too few patients to tell whether something beside the stent gives a class "
            "away."
        )
        advice = sentence("Add images of more patients, and check the heat maps of the result.")
        found.append(Finding("shortcut", "note", text, advice))
    return found, masks, trials


def _marks(seen: Seen, marks: Sequence[FixedMark]) -> list[Finding]:
    found = []
    for label in sorted({mark.label for mark in marks}):
        name = seen.classes[label]
        text = sentence(
            "Something stands at the same place in nearly all images of {name} and in no other "
            "class, as a logo or a letter would: the model could go by it.",
            name=name,
        )
        own = tuple(k for k, item in enumerate(seen.items) if item.label == name)
        found.append(Finding("mark", "warn", text, _mask_all(), own))
    return found


def _telling(seen: Seen, fact: Telling) -> Finding:
    name, value = seen.classes[fact.label], fact.value
    if fact.kind == "format":
        text = sentence(
            "Nearly all images of {name} are {value} files, and hardly any of the others.",
            name=name,
            value=value,
        )
    elif fact.kind == "modality":
        text = sentence(
            "Nearly all images of {name} are of modality {value}, and hardly any of the others.",
            name=name,
            value=value,
        )
    elif fact.kind == "bits":
        text = sentence(
            "Nearly all images of {name} have {value} bits, and hardly any of the others.",
            name=name,
            value=value,
        )
    else:
        text = sentence(
            "Nearly all images of {name} show {value} pixels, and hardly any of the others.",
            name=name,
            value=value,
        )
    advice = sentence(
        "Take images of {name} from the same machines, with the same settings and exported the "
        "same way as the others; else the model may go by that.",
        name=name,
    )
    own = tuple(k for k, item in enumerate(seen.items) if item.label == name)
    return Finding("shortcut", "warn", text, advice, own)


def _given_away(seen: Seen, what: str, tried: Trial) -> Finding:
    names = tuple(
        name
        for name, recall in zip(seen.classes, tried.by_class, strict=True)
        if recall - tried.chance >= _NAMED
    )
    names = names or seen.classes
    values = {"recall": tried.recall, "chance": tried.chance, "names": names}
    if what == "small":
        text = sentence(
            "A picture of 16 × 16 pixels, on which no stent can be seen, is enough to name the "
            "class in {recall:.0%} of the images (by chance: {chance:.0%}). Most of all: {names}.",
            **values,
        )
    else:
        text = sentence(
            "The border of the picture is enough to name the class in {recall:.0%} of the images "
            "(by chance: {chance:.0%}). Most of all: {names}.",
            **values,
        )
    advice = sentence(
        "The classes differ in something else than the stent: machine, zoom or part of the body. "
        "Add images of these classes from where the others come from, and check the heat maps."
    )
    return Finding("shortcut", "warn", text, advice)
