"""What a run says while it goes on, and how it is told to wait or to stop.

A run goes on in a process of its own: events leave it as JSON lines, orders come in the same way.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from typing import Any, Protocol

from stentviewer.core.errors import Cancelled
from stentviewer.core.sentences import Sentence


@dataclass(frozen=True, slots=True)
class Stage:
    """What is being done: "Reading images", "Fold 2 of 5"; done of total, 0 while not known."""

    what: str
    done: int = 0
    total: int = 0
    seconds_left: float | None = None  # of the whole run


@dataclass(frozen=True, slots=True)
class Step:
    """One optimiser step. fold counts from 1, 0 is the final model; memory in bytes."""

    fold: int
    epoch: int
    epochs: int
    step: int
    steps: int
    loss: float
    rate: float
    images_per_second: float
    memory: int
    seconds_left: float


@dataclass(frozen=True, slots=True)
class Epoch:
    """The end of an epoch: loss on training images, and on the fold's check images the rest."""

    fold: int
    epoch: int
    loss: float
    check_loss: float | None = None
    accuracy: float | None = None
    f1: float | None = None


@dataclass(frozen=True, slots=True)
class FoldDone:
    """A fold's model is kept."""

    fold: int
    accuracy: float
    f1: float


@dataclass(frozen=True, slots=True)
class Told:
    """A sentence for the person: something was left out, fell back, went another way."""

    text: str


@dataclass(frozen=True, slots=True)
class Paused:
    """The run waits."""


@dataclass(frozen=True, slots=True)
class Resumed:
    """The run goes on."""


@dataclass(frozen=True, slots=True)
class Done:
    """The run has ended and its result is kept."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The run was cancelled; what was done is kept and it can go on."""


@dataclass(frozen=True, slots=True)
class Failed:
    """The run could not go on; what was done is kept. is_bug: the program's own fault."""

    text: str
    is_bug: bool = False


Event = Stage | Step | Epoch | FoldDone | Told | Paused | Resumed | Done | Stopped | Failed
_KINDS: dict[str, type[Any]] = {
    kind.__name__: kind
    for kind in (Stage, Step, Epoch, FoldDone, Told, Paused, Resumed, Done, Stopped, Failed)
}


def to_line(event: Event) -> str:
    """One line of JSON. A sentence travels with its template, so that it can be translated."""
    fields = {key: _packed(value) for key, value in asdict(event).items()}
    return json.dumps({"event": type(event).__name__, **fields}, ensure_ascii=False)


def from_line(line: str) -> Event | None:
    """The event of a line; None for a line that is none (a library's own chatter)."""
    try:
        raw = json.loads(line)
        kind = _KINDS[raw.pop("event")]
        made: Event = kind(**{key: _unpacked(value) for key, value in raw.items()})
    except (ValueError, KeyError, TypeError, AttributeError):
        return None
    return made


def _packed(value: object) -> object:
    if isinstance(value, Sentence):
        return {
            "template": value.template,
            "values": {k: _packed(v) for k, v in value.values.items()},
        }
    if isinstance(value, tuple | list):
        return [_packed(one) for one in value]
    if isinstance(value, float) and value != value:  # JSON has no such number
        return None
    return value


def _unpacked(value: object) -> object:
    if isinstance(value, dict) and set(value) == {"template", "values"}:
        values = {key: _unpacked(one) for key, one in value["values"].items()}
        return Sentence(str(value["template"]), values)
    if isinstance(value, list):
        return tuple(_unpacked(one) for one in value)
    return value


class Control(Protocol):
    """Orders to a run."""

    def check(self) -> None:
        """Called at least at every step: waits while paused, raises Cancelled when cancelled."""
        ...


class Free:
    """No orders: the run goes on."""

    def check(self) -> None:
        return None


def _ignore(_: Event) -> None:
    return None


@dataclass(frozen=True, slots=True)
class RunContext:
    """Handed to everything that takes long: where its events go, and its orders."""

    emit: Callable[[Event], None] = _ignore
    control: Control = field(default_factory=Free)

    def tell(self, text: str) -> None:
        """Say a sentence to the person."""
        self.emit(Told(text))

    def stage(self, what: str, done: int = 0, total: int = 0) -> None:
        """Say what is being done, after obeying what was ordered; raises Cancelled."""
        self.control.check()
        self.emit(Stage(what, done, total))


__all__ = [
    "Cancelled", "Control", "Done", "Epoch", "Event", "Failed", "FoldDone", "Free", "Paused",
    "Resumed", "RunContext", "Stage", "Step", "Stopped", "Told", "from_line", "to_line",
]  # fmt: skip
