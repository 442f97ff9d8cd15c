"""How far a run is, put together from what it has said: for a window that shows it, and tests.

It takes events one by one, those of earlier parts of the run first; it asks for nothing and never
looks at the disk.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, Literal

from stentviewer.learning.events import (
    Done,
    Epoch,
    Event,
    Failed,
    FoldDone,
    Paused,
    Resumed,
    Stage,
    Step,
    Stopped,
    Told,
)

RunStateName = Literal["ready", "running", "paused", "stopped", "failed", "done"]
FINAL: Final = 0  # the fold that is none: the final model
_MOST_POINTS: Final = 1200  # of a curve; more than a plot has pixels
_TIME_LEFT_AFTER: Final = 5.0  # seconds of a stage before its time left is more than a guess


@dataclass(eq=False)
class Curve:
    """Points in the order of x, at most some 1200 of them: a long curve keeps every second one.

    A run that goes on repeats what a crash had cost; the points are then drawn anew.
    """

    x: list[float] = field(default_factory=list)
    y: list[float] = field(default_factory=list)
    _gap: float = 0.0  # between two points that are kept

    def add(self, x: float, y: float | None) -> None:
        """Add a point; None, or no number, is none."""
        if y is None or y != y:
            return
        while self.x and self.x[-1] >= x:
            del self.x[-1], self.y[-1]
        if self.x and x - self.x[-1] < self._gap:
            return
        self.x.append(x)
        self.y.append(y)
        if len(self.x) > _MOST_POINTS:
            self.x, self.y = self.x[::2], self.y[::2]
            self._gap = (self.x[-1] - self.x[0]) / len(self.x) * 0.99


@dataclass(eq=False)
class FoldProgress:
    """A fold as far as it is known: curves over epochs, and how its finished model answers.

    fold 0 is the final model. x of the curves counts epochs, 1.5 in the middle of the second.
    """

    fold: int
    epoch: int = 0
    epochs: int = 0
    loss: Curve = field(default_factory=Curve)
    check_loss: Curve = field(default_factory=Curve)
    accuracy: Curve = field(default_factory=Curve)
    f1: Curve = field(default_factory=Curve)
    done: FoldDone | None = None

    @property
    def has_curves(self) -> bool:
        """Whether it learns in epochs: Quick does not."""
        return bool(self.loss.x or self.check_loss.x or self.accuracy.x)


class RunProgress:
    """The state of a run. `now` of `take` is any clock in seconds, None for what is long past."""

    def __init__(self, state: RunStateName = "ready") -> None:
        self.state: RunStateName = state
        self.stage: Stage | None = None
        self.step: Step | None = None  # the latest; None between two folds that have none
        self.fold: int | None = None  # that is worked on
        self.folds: dict[int, FoldProgress] = {}
        self.told: list[str] = []
        self.reason = ""  # why it failed
        self._began: tuple[float, int] | None = None  # when, and how much was done then
        self._stage_left: float | None = None

    def take(self, event: Event, now: float | None = None) -> None:
        """Note what the run said."""
        if isinstance(event, Stage):
            self._take_stage(event, now)
        elif isinstance(event, Step):
            self.step, self.fold, self.state = event, event.fold, "running"
            fold = self._fold(event.fold)
            fold.epoch, fold.epochs = event.epoch, event.epochs
            fold.loss.add(event.epoch - 1 + event.step / max(event.steps, 1), event.loss)
        elif isinstance(event, Epoch):
            fold, x = self._fold(event.fold), float(event.epoch)
            fold.check_loss.add(x, event.check_loss)
            fold.accuracy.add(x, event.accuracy)
            fold.f1.add(x, event.f1)
        elif isinstance(event, FoldDone):
            self._fold(event.fold).done = event
            self.step = None
        elif isinstance(event, Told):
            if event.text not in self.told:  # a run that goes on says it again
                self.told.append(event.text)
        else:
            self._take_end(event)

    def begin(self) -> None:
        """It goes on from here: what was said when it ended before is past."""
        self.state, self.reason, self.step, self.stage = "running", "", None, None
        self._began = self._stage_left = None

    @property
    def is_over(self) -> bool:
        """Whether no process works on it."""
        return self.state not in {"running", "paused"}

    @property
    def seconds_left(self) -> float | None:
        """Of the whole run, where the run says it."""
        if self.is_over:
            return None
        if self.step is not None:
            return self.step.seconds_left
        return self.stage.seconds_left if self.stage is not None else None

    @property
    def stage_seconds_left(self) -> float | None:
        """Of the present stage, from how fast it went so far; None while that is a guess."""
        return None if self.is_over else self._stage_left

    @property
    def shown_fold(self) -> FoldProgress | None:
        """The fold whose curves are shown: the present one, else the latest that has some."""
        if self.fold is not None and self.folds[self.fold].has_curves:
            return self.folds[self.fold]
        with_curves = [one for one in self.folds.values() if one.has_curves]
        return with_curves[-1] if with_curves else None

    def _fold(self, number: int) -> FoldProgress:
        return self.folds.setdefault(number, FoldProgress(number))

    def _take_stage(self, event: Stage, now: float | None) -> None:
        self.state = "running"
        is_another = self.stage is None or str(self.stage.what) != str(event.what)
        self.stage = event
        if is_another:
            self._began = self._stage_left = None
        if now is None or not 0 < event.done < event.total:
            return
        if self._began is None:
            self._began = (now, event.done)
            return
        since, done = self._began
        if now - since >= _TIME_LEFT_AFTER and event.done > done:
            self._stage_left = (now - since) * (event.total - event.done) / (event.done - done)

    def _take_end(self, event: Event) -> None:
        if isinstance(event, Paused):
            self.state = "paused"
        elif isinstance(event, Resumed):
            self.state, self._began = "running", None
        elif isinstance(event, Done):
            self.state, self.reason = "done", ""
        elif isinstance(event, Stopped):
            self.state, self.reason = "stopped", ""
        elif isinstance(event, Failed):
            self.state, self.reason = "failed", event.text
