"""Sealed reading: the reader answers first, then the model's answer is shown.

While a frame is sealed the session gives out nothing that a model, or another reader, said of it.
Whether it is revealed is not kept apart but follows from the label history, which only grows: an
answer of this reader opens the frame to them for good, so taking the answer back hides nothing
again. What a reader changes after the reveal is written to the audit trail as a switch.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from enum import StrEnum
from typing import TYPE_CHECKING

from stentviewer.core.answers import agree, answer_of
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Label, LabelAction, MeasurementKind

if TYPE_CHECKING:
    from stentviewer.library.records import AuditEvent, ImageRecord, StudyRecord, TimelineStudy
    from stentviewer.library.repository import Library

CONFIDENCES = (1, 2, 3, 4, 5)  # 1 a guess, 5 certain
COMMITTED = "answer committed"
SWITCHED_ON, SWITCHED_OFF = "sealed reading on", "sealed reading off"

Note = tuple[str, str]  # an audit event's action and detail

_TEXT = r'"(?:[^"\\]|\\.)*"'  # as JSON writes it
_SWITCH = re.compile(rf"from ({_TEXT}) to ({_TEXT}), ([0-9.]+) s after the reveal")
_COMMIT = re.compile(rf"{_TEXT}, confidence ([1-5])")
_FRAME = re.compile(r"image \d+, frame \d+")
_SEALED = sentence("sealed")  # in place of a detail, or of an action that tells as much
_DRAWN = {one.value for one in MeasurementKind}  # the details of what is drawn tell nothing
_ANSWERS = {f"label {one.value}" for one in LabelAction if one is not LabelAction.CLEAR}


class Seal(StrEnum):
    """What may be seen of one frame."""

    OPEN = "open"  # sealed reading is off
    SEALED = "sealed"  # the reader has not answered yet
    REVEALED = "revealed"  # the reader has answered


class Direction(StrEnum):
    """Where an answer went after the reveal, as the audit trail words it."""

    TOWARDS = "switched towards the model"
    AWAY = "switched away from the model"
    ASIDE = "switched to a third answer"


@dataclass(frozen=True, slots=True)
class Switch:
    """One change of an answer after the reveal. An empty answer is one that was taken back."""

    by: str
    at: datetime  # UTC
    target: str  # "image 12, frame 1"
    before: str
    after: str
    direction: Direction
    seconds: float  # after the reveal


@dataclass(frozen=True, slots=True)
class SealedSummary:
    """What sealed reading has shown so far: answers given first, and what became of them."""

    commits: int
    confidences: dict[int, int]  # 1…5 → answers; those without a confidence are in none
    switches: tuple[Switch, ...]  # oldest first

    def count(self, direction: Direction) -> int:
        """The switches that went this way."""
        return sum(switch.direction is direction for switch in self.switches)


class Sealing:
    """Which frames are sealed to the reader at the desk. May be called from any thread."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self.is_on = False

    def switch(self, on: bool) -> None:
        """Turn sealed reading on or off; the audit trail says so, since off shows everything.

        Where the trail cannot be written this raises, and it is on either way.
        """
        if on != self.is_on:
            self.is_on = True
            self._library.note(SWITCHED_ON if on else SWITCHED_OFF, "sealed reading", "")
            self.is_on = on

    def seal(self, image_id: int, frame: int) -> Seal:
        """What the reader at the desk may see of this frame."""
        if not self.is_on:
            return Seal.OPEN
        own = self._answers(image_id, frame)
        return Seal.REVEALED if own else Seal.SEALED

    def hides(self, image_id: int, frame: int) -> bool:
        """Whether nothing of this frame's readings and labels may be shown."""
        return self.seal(image_id, frame) is Seal.SEALED

    def _answers(self, image_id: int, frame: int) -> list[Label]:
        """Every answer this reader ever gave on the frame, newest first."""
        return [
            label
            for label in self._library.label_history(image_id)
            if label.frame == frame
            and label.by == self._library.reader
            and label.action is not LabelAction.CLEAR
        ]

    def notes(self, before: Label | None, after: Label | None) -> list[Note]:
        """What the trail has to say of a label that is about to change: a switch, or nothing.

        A switch is a change of an answer that was committed, after a model's answer was there to
        be seen. Towards and away are told by the newest reading.
        """
        either = after or before
        if either is None:
            return []
        commits = [
            label
            for label in self._answers(either.image_id, either.frame)
            if label.action is LabelAction.COMMIT
        ]
        readings = self._library.readings(either.image_id, either.frame)
        said = (_maker(before), _maker(after))
        if not commits or not readings or said[0] == said[1]:
            return []
        revealed = max(
            min(label.at for label in commits), min(one.reading.created for one in readings)
        )
        seconds = max((datetime.now(UTC) - revealed).total_seconds(), 0.0)
        direction = direction_of(*said, answer_of(readings[0].reading))
        return [(direction.value, _switched(*said, seconds))]

    @property
    def sealed_to(self) -> str:
        """The reader to whom frames are sealed, empty where sealed reading is off."""
        return self._library.reader if self.is_on else ""

    def veil_study(self, study: StudyRecord) -> StudyRecord:
        """The study without what is said of sealed frames.

        An image of several frames counts as read once one of them has been answered.
        """
        if not self.is_on:
            return study
        answered = self._library.answered(self._library.reader)
        images = {image_id for image_id, _ in answered}

        def veiled(image: ImageRecord) -> ImageRecord:
            label = image.label
            is_open = label is not None and (label.image_id, label.frame) in answered
            count = image.reading_count if image.id in images else 0
            return replace(image, label=label if is_open else None, reading_count=count)

        return replace(
            study,
            series=tuple(
                replace(one, images=tuple(map(veiled, one.images))) for one in study.series
            ),
        )

    def veil_timeline(self, studies: Sequence[TimelineStudy]) -> tuple[TimelineStudy, ...]:
        """The time line without the entries of sealed frames."""
        if not self.is_on:
            return tuple(studies)
        answered = self._library.answered(self._library.reader)
        return tuple(
            replace(
                study,
                entries=tuple(
                    one for one in study.entries if (one.image_id, one.frame) in answered
                ),
            )
            for study in studies
        )

    def veil(self, events: Sequence[AuditEvent]) -> list[AuditEvent]:
        """The trail with the details taken out that would break a seal; `events` is all of it."""
        if not self.is_on:
            return list(events)
        reader = self._library.reader
        open_to = {one.target for one in events if one.by == reader and one.action in _ANSWERS}
        return [
            event
            if event.target in open_to or not _tells(event, reader)
            else replace(event, action=_veiled(event.action), detail=_SEALED)
            for event in events
        ]


def committed(maker: str, confidence: int | None) -> Note:
    """The trail's words for an answer that was given while the model's was sealed."""
    words = json.dumps(maker, ensure_ascii=False)
    return COMMITTED, words if confidence is None else f"{words}, confidence {confidence}"


def direction_of(before: str, after: str, model: str) -> Direction:
    """Where an answer went, seen from the model's."""
    if after == model or agree(after, model):
        return Direction.TOWARDS
    return Direction.AWAY if before == model or agree(before, model) else Direction.ASIDE


def summary(events: Iterable[AuditEvent]) -> SealedSummary:
    """What the audit trail tells of sealed reading, of all readers or of those given."""
    commits, confidences, switches = 0, dict.fromkeys(CONFIDENCES, 0), []
    for event in events:
        if event.action == COMMITTED:
            commits += 1
            if found := _COMMIT.fullmatch(event.detail):
                confidences[int(found[1])] += 1
        elif event.action in set(Direction) and (found := _SWITCH.fullmatch(event.detail)):
            before, after = json.loads(found[1]), json.loads(found[2])
            way, seconds = Direction(event.action), float(found[3])
            switches.append(Switch(event.by, event.at, event.target, before, after, way, seconds))
    return SealedSummary(commits, confidences, tuple(sorted(switches, key=lambda one: one.at)))


def _maker(label: Label | None) -> str:
    return "" if label is None else label.maker


def _switched(before: str, after: str, seconds: float) -> str:
    one, two = (json.dumps(answer, ensure_ascii=False) for answer in (before, after))
    return f"from {one} to {two}, {seconds:.1f} s after the reveal"


def _tells(event: AuditEvent, reader: str) -> bool:
    """Whether an event may say what a model or another reader answered.

    Also one of this reader's own: to take another's label back, or to put it in force again.
    """
    if _FRAME.match(event.target) is None or event.detail in _DRAWN:
        return False
    return event.by != reader or event.action.startswith(("reading", "explan", "undo", "redo"))


def _veiled(action: str) -> str:
    """Whether another reader accepted, corrected or switched says what the model answered."""
    return action if action.startswith(("reading", "explan")) else _SEALED
