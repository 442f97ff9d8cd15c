"""Is the data fit to learn from? Every check of a selection in one call, before a run is made.

A finding says what is wrong and what to do. What can be put right here, is: `with_masks` paints
over what gives a class away, `joined` lets copies count as one patient, `without` leaves images
out.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box, Problem
from stentviewer.learning.events import RunContext
from stentviewer.learning.fitness_data import (
    ClassCount,
    Histogram,
    Reference,
    check_counts,
    check_imbalance,
    check_patients,
    check_resolution,
    check_sharpness,
    counts_of,
    histogram,
    sharpness_of,
)
from stentviewer.learning.fitness_duplicates import Twin, twins
from stentviewer.learning.fitness_findings import Finding, Kind, Seen, Severity
from stentviewer.learning.fitness_leaks import check_shortcuts, check_twins, check_writing
from stentviewer.learning.fitness_looks import look
from stentviewer.learning.fitness_shortcuts import Trial
from stentviewer.learning.selection import Item, classes_of

_ORDER: dict[str, int] = {"stop": 0, "warn": 1, "note": 2}


@dataclass(frozen=True, slots=True)
class Fitness:
    """What the checks found, the gravest first, and the figures behind it.

    masks: for places in the selection, what would be painted over (`with_masks`). trials: how well
    "small" pictures and the "border" name the class; missing where there are too few patients.
    sharpness: Laplacian variance of the images to learn from, by class.
    """

    images: int
    findings: tuple[Finding, ...]
    counts: tuple[ClassCount, ...]
    sharpness: Mapping[str, tuple[float, ...]]
    histogram: Histogram
    twins: tuple[Twin, ...]
    masks: Mapping[int, tuple[Box, ...]]
    trials: Mapping[str, Trial]
    problems: tuple[Problem, ...]

    @property
    def can_go_on(self) -> bool:
        """Whether nothing has to be put right before a run."""
        return all(finding.severity != "stop" for finding in self.findings)


def check(
    items: Sequence[Item],
    context: RunContext,
    *,
    classes: tuple[str, ...] = (),
    start: Reference | None = None,
    side: int = 1024,
    k: int = 5,
    seed: int = 7,
    keep: Path | None = None,
    workers: int | None = None,
) -> Fitness:
    """Look at every image of a selection and say what is unfit.

    classes: those of the recipe, else the labels that occur. start: sharpness of the start model's
    images. side: what the network is fed. k, seed: the planned folds. keep: a folder where looks
    are kept, which makes a second call quick. Raises ValueError for an item of none of the classes,
    Cancelled at an order to stop.
    """
    looks, problems = look(items, context, keep, workers)
    context.stage(sentence("Comparing images"))
    seen = Seen.of(items, classes or classes_of(items), looks)
    pairs = twins(looks)
    counts = counts_of(seen)
    writing, masks = check_writing(seen)
    shortcuts, everywhere, trials = check_shortcuts(seen, seed)
    findings = [
        *_unreadable(items, problems, looks.at.tolist()),
        *check_counts(counts, k),
        *check_twins(seen, pairs, k, seed),
        *shortcuts,
        *writing,
        *check_patients(seen),
        *check_imbalance(counts),
        *check_sharpness(seen, start),
        *check_resolution(seen, side),
    ]
    sharpness = sharpness_of(seen)
    shown = {**sharpness, **({start.name: start.laplacian} if start else {})}
    return Fitness(
        images=len(items),
        findings=tuple(sorted(findings, key=lambda finding: _ORDER[finding.severity])),
        counts=counts,
        sharpness=sharpness,
        histogram=histogram(shown),
        twins=pairs,
        masks={
            number: (*masks.get(number, ()), *everywhere.get(number, ()))
            for number in sorted({*masks, *everywhere})
        },
        trials=trials,
        problems=problems,
    )


def _unreadable(
    items: Sequence[Item], problems: Sequence[Problem], read: Sequence[int]
) -> list[Finding]:
    if not problems:
        return []
    there = set(read)
    # A file's name may be a patient's: it stands in problems, not here.
    text = sentence("Images that cannot be read: {n}.", n=len(problems))
    advice = sentence("They are left out. Export them again if they matter.")
    lost = tuple(k for k in range(len(items)) if k not in there)
    return [Finding("unreadable", "warn", text, advice, lost)]


def with_masks(items: Sequence[Item], fitness: Fitness) -> list[Item]:
    """The selection with everything masked that would give a class away, and all other writing.

    The same selection that was checked has to be given.
    """
    return [
        replace(item, masks=(*item.masks, *fitness.masks.get(number, ())))
        for number, item in enumerate(items)
    ]


def joined(items: Sequence[Item], fitness: Fitness) -> list[Item]:
    """The selection with patients made one whose images are copies of each other.

    They then stay on one side of every fold. The same selection that was checked has to be given.
    """
    home = {item.patient: item.patient for item in items}

    def root(patient: str) -> str:
        while home[patient] != patient:
            patient = home[patient]
        return patient

    for twin in fitness.twins:
        one, other = items[twin.first], items[twin.second]
        if one.role == other.role:
            first, second = root(one.patient), root(other.patient)
            home[max(first, second)] = min(first, second)
    return [replace(item, patient=root(item.patient)) for item in items]


def without(items: Sequence[Item], numbers: Collection[int]) -> list[Item]:
    """The selection without some of its places, such as a finding's."""
    left_out = set(numbers)
    return [item for number, item in enumerate(items) if number not in left_out]


def as_json(fitness: Fitness) -> dict[str, Any]:
    """Everything as JSON takes it, and no patient or file name: problems are counted only."""
    raw = asdict(fitness)
    raw["problems"] = len(fitness.problems)
    raw["masks"] = {
        str(number): [box.as_list() for box in boxes] for number, boxes in fitness.masks.items()
    }
    return raw


__all__ = [
    "ClassCount", "Finding", "Fitness", "Histogram", "Kind", "Reference", "Severity", "Trial",
    "Twin", "as_json", "check", "joined", "with_masks", "without",
]  # fmt: skip
