"""What readers draw, kept at once and taken back like any other change.

Nothing is ever removed from the library: each change adds an event that puts the measurement in
force or takes it out, and the audit trail says who did it.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Measurement, MeasurementKind, Target
from stentviewer.core.undo import UndoStack

if TYPE_CHECKING:
    from stentviewer.library.repository import Library

_POINTS = {  # how many a whole one has at least
    MeasurementKind.PROBE: 1,
    MeasurementKind.ANGLE: 3,
    MeasurementKind.POLYGON: 3,
    MeasurementKind.FREEHAND: 3,
}


@dataclass(frozen=True, slots=True)
class MeasurementChange:
    """What a change left behind: the measurement now in force, or the id of the one removed."""

    target: Target
    measurement: Measurement | None
    removed_id: str  # empty where none was
    what: str
    kind: MeasurementKind


class SetMeasurement:
    """Draw a measurement, or change it; `former` is what it was."""

    def __init__(self, library: Library, new: Measurement, former: Measurement | None) -> None:
        self._library = library
        self._new = new
        self._former = former
        self._was_done = False

    @property
    def title(self) -> str:
        return f"{'Draw' if self._former is None else 'Change'} {self._new.kind.value}"

    def do(self) -> None:
        self._library.set_measurement(self._new, "redo" if self._was_done else "")
        self._was_done = True

    def undo(self) -> None:
        if self._former is None:
            self._library.remove_measurement(self._new.id, "undo")
        else:
            self._library.set_measurement(self._former, "undo")

    def done(self, prefix: str = "") -> MeasurementChange:
        """What is in force after `do`."""
        what = "drawn" if self._former is None else "changed"
        return _in_force(self._new, f"{prefix}{self._new.kind.value} {what}")

    def undone(self) -> MeasurementChange:
        """What is in force after `undo`."""
        what = f"Undone: {self._new.kind.value}"
        return _gone(self._new, what) if self._former is None else _in_force(self._former, what)


class RemoveMeasurement:
    """Take a measurement out of force."""

    def __init__(self, library: Library, measurement: Measurement) -> None:
        self._library = library
        self._measurement = measurement
        self._was_done = False

    @property
    def title(self) -> str:
        return f"Remove {self._measurement.kind.value}"

    def do(self) -> None:
        self._library.remove_measurement(self._measurement.id, "redo" if self._was_done else "")
        self._was_done = True

    def undo(self) -> None:
        self._library.set_measurement(self._measurement, "undo")

    def done(self, prefix: str = "") -> MeasurementChange:
        """What is in force after `do`."""
        return _gone(self._measurement, f"{prefix}{self._measurement.kind.value} removed")

    def undone(self) -> MeasurementChange:
        """What is in force after `undo`."""
        return _in_force(self._measurement, f"Undone: {self._measurement.kind.value} removed")


def _in_force(measurement: Measurement, what: str) -> MeasurementChange:
    return MeasurementChange(measurement.target, measurement, "", what, measurement.kind)


def _gone(measurement: Measurement, what: str) -> MeasurementChange:
    return MeasurementChange(measurement.target, None, measurement.id, what, measurement.kind)


class Measuring:
    """The measurements of one session. Every method may be called from any thread.

    `changing` is the lock that holds whoever works on the undo stack; it must be re-entrant where
    its holder calls in here.
    """

    def __init__(
        self,
        library: Library,
        undo: UndoStack,
        changing: AbstractContextManager[object] | None = None,
    ) -> None:
        self._library = library
        self._undo = undo
        self._changing = changing or threading.RLock()

    def on(self, image_ids: Sequence[int]) -> list[Measurement]:
        """Those in force on these images, in the order they were first drawn."""
        return self._library.measurements(image_ids)

    def measure(self, drawn: Measurement) -> MeasurementChange:
        """Keep a measurement, in place of what its id stood for, as drawn by this reader now.

        Raises UserError where it is not whole: too few points, a calibration without a length.
        """
        _must_be_whole(drawn)
        with self._changing:
            new = replace(drawn, by=self._library.reader, at=datetime.now(UTC))
            command = SetMeasurement(self._library, new, self._former(drawn))
            self._undo.do(command)
        return command.done()

    def remove(self, measurement: Measurement) -> MeasurementChange:
        """Take it away, as it is in force now. Raises LookupError where it is not."""
        with self._changing:
            former = self._former(measurement)
            if former is None:
                raise LookupError(f"no measurement {measurement.id}")
            command = RemoveMeasurement(self._library, former)
            self._undo.do(command)
        return command.done()

    def _former(self, measurement: Measurement) -> Measurement | None:
        in_force = self._library.measurements([measurement.target.image_id])
        return next((one for one in in_force if one.id == measurement.id), None)


def _must_be_whole(drawn: Measurement) -> None:
    known = drawn.kind is not MeasurementKind.CALIBRATION or (drawn.mm is not None and drawn.mm > 0)
    if len(drawn.points) < _POINTS.get(drawn.kind, 2) or not known:
        raise UserError(
            sentence("This measurement is not whole, so it cannot be kept. Draw it again.")
        )
    if drawn.widths and len(drawn.widths) != len(drawn.points):
        raise ValueError("a stent has one diameter at each point")
