"""One measured figure beside its peer, as `make bench` prints it."""

from __future__ import annotations

from dataclasses import dataclass


def _number(value: float | None) -> str:
    return "–" if value is None else f"{value:.4g}"


@dataclass(frozen=True, slots=True)
class Figure:
    """`ours` and `peer` in the unit the name tells; None where there is no peer."""

    name: str
    ours: float
    peer: float | None
    ratio: float | None
    bar: str
    ok: bool

    def line(self) -> str:
        """name, ours, peer, ratio, bar, ok or short, tab-separated."""
        numbers = (_number(self.ours), _number(self.peer), _number(self.ratio))
        return "\t".join((self.name, *numbers, self.bar, "ok" if self.ok else "short"))
