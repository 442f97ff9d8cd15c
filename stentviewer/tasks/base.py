"""What every reading is: how an image becomes a network's input, and its output findings."""

from __future__ import annotations

from typing import Protocol

from stentviewer.core.types import Finding, HeatMap
from stentviewer.imaging.image import Radiograph
from stentviewer.inference.bundle import Bundle
from stentviewer.inference.preprocess import Prepared
from stentviewer.inference.runtimes.base import Output


class Task(Protocol):
    """A reading of a radiograph; a module of this folder is one."""

    TASK: str  # the manifest's "task"

    @staticmethod
    def prepare(radiograph: Radiograph, frame: int, bundle: Bundle) -> Prepared:
        """The network's input for one frame, counted from 0."""
        ...

    @staticmethod
    def interpret(
        output: Output, prepared: Prepared, bundle: Bundle, heat: HeatMap | None
    ) -> tuple[Finding, ...]:
        """What the network's output says."""
        ...
