"""What a source of images gives, and what a name has to be to go on from there."""

from __future__ import annotations

import re
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from stentviewer.core.sentences import sentence
from stentviewer.core.types import Problem
from stentviewer.learning.selection import Item, pseudonym

LONGEST_NAME: Final = 64  # characters of a class's name
_PSEUDONYM = re.compile(r"[0-9a-f]{16}")


@dataclass(frozen=True, slots=True)
class Gathered:
    """Images with their labels, and a sentence for everything that was left out."""

    items: tuple[Item, ...]
    problems: tuple[Problem, ...] = ()


def is_plain(text: str, longest: int = 4096) -> bool:
    """Whether a text comes through a CSV table unharmed and can be shown in one line."""
    return 0 < len(text) <= longest and text.isprintable() and text == text.strip()


def as_pseudonym(patient: str) -> str:
    return patient if _PSEUDONYM.fullmatch(patient) else pseudonym(patient)


def not_a_name(label: str) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in label[:LONGEST_NAME])
    return sentence(
        "“{label}” cannot be the name of a class: it needs 1 to {n} characters in one line.",
        label=shown,
        n=LONGEST_NAME,
    )


def unwritable(path: Path) -> str:
    shown = "".join(c if c.isprintable() else "?" for c in path.name)
    return sentence(
        "“{name}” cannot be used with the characters in its name or folder. Rename it.", name=shown
    )


def alone(count: int) -> str:
    return sentence(
        "{n} image(s) do not say whose they are; each counts as a patient of its own. Where some "
        "are of one patient, the result would look better than it is.",
        n=count,
    )
