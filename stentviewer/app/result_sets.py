"""What was said of one frame, as sets: one of each model, one of each reader.

Sets can be shown together and held against each other (after OHIF's result sets).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from stentviewer.core.answers import (
    CANNOT_TELL,
    NO_STENT,
    agree,
    answer_to,
    joined,
    parts_of,
)
from stentviewer.core.types import Box, Label, LabelAction
from stentviewer.library.records import ReadingRecord

_SAME_PLACE = 0.1  # intersection over union: heat boxes are coarse


class Source(StrEnum):
    """Who said it."""

    MODEL = "model"
    READER = "reader"


@dataclass(frozen=True, slots=True)
class Stent:
    """One stent as a set has it. `maker` may be `OTHER_DESIGN`; a reader's has no box."""

    number: int  # from 1, as on its card
    maker: str
    probability: float | None
    box: Box | None
    outline: tuple[tuple[float, float], ...] = ()  # along its axis, as `core.types.Finding` has it


@dataclass(frozen=True, slots=True)
class ResultSet:
    """One source's last word on the frame. Without stents it says "none", or that it can't tell."""

    id: str
    source: Source
    name: str  # the model's name and version, or the reader's name
    at: datetime  # UTC
    stents: tuple[Stent, ...]
    cannot_tell: bool = False
    short: str = ""  # a model's id and the first of its hash

    @property
    def answer(self) -> str:
        """The set as one answer (`core.answers`): a maker, several, or what stands for none."""
        if self.cannot_tell:
            return CANNOT_TELL
        return joined(stent.maker for stent in self.stents)


@dataclass(frozen=True, slots=True)
class Pair:
    """One stent in two sets; None where a set has none there."""

    first: Stent | None
    second: Stent | None

    @property
    def same_maker(self) -> bool:
        return (
            self.first is not None
            and self.second is not None
            and self.first.maker == self.second.maker
        )

    @property
    def overlap(self) -> float | None:
        """Intersection over union of the boxes, None where one has none."""
        if self.first is None or self.second is None:
            return None
        if self.first.box is None or self.second.box is None:
            return None
        return overlap(self.first.box, self.second.box)


@dataclass(frozen=True, slots=True)
class Comparison:
    """Two sets held against each other. `agree` is None where one cannot tell."""

    pairs: tuple[Pair, ...]
    agree: bool | None


def result_sets(
    readings: Sequence[ReadingRecord], history: Sequence[Label]
) -> tuple[ResultSet, ...]:
    """The newest reading of each model, then the last answer of each reader; newest first.

    `readings` and `history` are of one frame, newest first. A model is its id and its hash:
    another version is another model.
    """
    models: dict[str, ResultSet] = {}
    for record in readings:
        made = _of_reading(record)
        models.setdefault(made.id, made)
    readers: dict[str, ResultSet | None] = {}
    for label in history:
        if label.by not in readers:
            taken_back = label.action is LabelAction.CLEAR
            readers[label.by] = None if taken_back else _of_label(label)
    return (*models.values(), *(one for one in readers.values() if one is not None))


def compare(first: ResultSet, second: ResultSet) -> Comparison:
    """Which stents of two sets are the same, and whether the sets agree.

    Stents are paired by the boxes that overlap most; those without a box by their maker, then by
    their order. Two models agree where they do on every stent. A reader answers for the frame:
    which makers are on it, as the worklist compares them.
    """
    pairs = _pairs(first.stents, second.stents)
    if first.cannot_tell or second.cannot_tell:
        return Comparison(pairs, None)
    if Source.READER in (first.source, second.source):
        return Comparison(pairs, agree(first.answer, second.answer))
    return Comparison(pairs, all(pair.same_maker for pair in pairs))


def overlap(one: Box, two: Box) -> float:
    """Intersection over union, 0…1."""
    width = min(one.x1, two.x1) - max(one.x0, two.x0)
    height = min(one.y1, two.y1) - max(one.y0, two.y0)
    shared = max(width, 0.0) * max(height, 0.0)
    union = _area(one) + _area(two) - shared
    return shared / union if union > 0 else 0.0


def _area(box: Box) -> float:
    return (box.x1 - box.x0) * (box.y1 - box.y0)


def _of_reading(record: ReadingRecord) -> ResultSet:
    reading = record.reading
    model = reading.model
    name = " ".join(filter(None, (model.name or model.id, model.version)))
    stents = tuple(
        Stent(number, answer_to(one), one.probability, one.box, one.outline)
        for number, one in enumerate(reading.findings, start=1)
    )
    key = f"model {model.id} {model.sha256}"
    return ResultSet(
        key,
        Source.MODEL,
        name,
        reading.created,
        stents,
        cannot_tell=bool(reading.refusal),
        short=model.short,
    )


def _of_label(label: Label) -> ResultSet:
    said = [
        Stent(number, part, None, None)
        for number, part in enumerate(parts_of(label.maker), start=1)
        if part not in (NO_STENT, CANNOT_TELL)
    ]
    return ResultSet(
        f"reader {label.by}",
        Source.READER,
        label.by,
        label.at,
        tuple(said),
        cannot_tell=CANNOT_TELL in parts_of(label.maker),
    )


def _pairs(first: Sequence[Stent], second: Sequence[Stent]) -> tuple[Pair, ...]:
    """In the order of the first set; what only the second has comes last."""
    matched = _matched(first, second)
    pairs = [Pair(one, matched.get(one.number)) for one in first]
    taken = {two.number for two in matched.values()}
    return (*pairs, *(Pair(None, two) for two in second if two.number not in taken))


def _matched(first: Sequence[Stent], second: Sequence[Stent]) -> dict[int, Stent]:
    """The first set's stents by number, and the second's that is the same one."""
    choices = sorted(
        (
            (_likeness(one, two), one.number, two.number, two)
            for one in first
            for two in second
            if _likeness(one, two) > 0
        ),
        key=lambda choice: (-choice[0], choice[1], choice[2]),
    )
    found: dict[int, Stent] = {}
    taken: set[int] = set()
    for _, number, other, two in choices:
        if number not in found and other not in taken:
            found[number] = two
            taken.add(other)
    return found


def _likeness(one: Stent, two: Stent) -> float:
    """How likely two stents are the same one; 0 where they are not."""
    if one.box is None or two.box is None:
        return 2.0 if one.maker == two.maker else 1.0
    shared = overlap(one.box, two.box)
    return shared if shared >= _SAME_PLACE else 0.0
