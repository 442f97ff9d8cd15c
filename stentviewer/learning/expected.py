"""What a run is expected to take, as it travels from the process that measured it."""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field


@dataclass(frozen=True, slots=True)
class Estimate:
    """Of a whole run: seconds, the most memory at once and what it leaves on the disk (bytes).

    parts are the seconds by stage. steps were measured; device_memory is an accelerator's.
    """

    seconds: float
    memory: int
    disk: int
    steps: int
    device_memory: int = 0
    parts: dict[str, float] = field(default_factory=dict)

    def as_line(self) -> str:
        """One line of JSON."""
        return json.dumps({"estimate": asdict(self)})


def parse_estimate(lines: Sequence[str]) -> Estimate | None:
    """The estimate among a process's lines; None where there is none."""
    for line in reversed(lines):
        try:
            return Estimate(**json.loads(line)["estimate"])
        except (ValueError, KeyError, TypeError):
            continue
    return None
