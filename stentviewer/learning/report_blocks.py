"""What a report is made of, whatever it is printed as."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal

from stentviewer.core.sentences import sentence

Say = Callable[[str], str]
MOST: Final = 40  # rows of a list; the rest is counted
FINE: Final = 2.0  # pixels of a figure for one of the page


@dataclass(frozen=True, slots=True)
class Heading:
    text: str
    level: Literal[1, 2, 3] = 2


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A notice stands out, a quiet one explains."""

    text: str
    kind: Literal["plain", "quiet", "notice"] = "plain"


@dataclass(frozen=True, slots=True)
class Table:
    """header and rows of equal length; the first columns, `words`, are text, the rest numbers."""

    header: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    words: int = 1


@dataclass(frozen=True, slots=True)
class Pictures:
    """PNGs with captions, `across` of them beside each other."""

    items: tuple[tuple[bytes, str], ...]
    across: int = 2


Block = Heading | Paragraph | Table | Pictures


def more(count: int, say: Say) -> Paragraph:
    """What is left of a list that was cut at `MOST`."""
    return Paragraph(say(sentence("And {n} more.", n=count)), "quiet")
