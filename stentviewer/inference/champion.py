"""Which model is in force here, for each task: read from a list that only grows.

`champions.jsonl` lies beside the models that were learned here. Each promotion and each rollback
is a line of it, with who and why; nothing is ever taken out. A line that was changed is noticed
(core/chain.py), and then no model reads until a person has put it right: an answer must never come
from another model than the one that people decided on.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stentviewer.core.chain import BrokenChainError, read_chain
from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import ModelRef

CHAMPIONS = "champions.jsonl"

Sha256 = Annotated[str, Field(pattern=r"^[0-9a-f]{64}$")]
NoneOrSha256 = Annotated[str, Field(pattern=r"^([0-9a-f]{64})?$")]


class DamagedListError(KnownError):
    """The list is damaged or was changed: a promotion begins a new one beside it."""


class Entry(BaseModel):
    """One decision on which model is in force for a task.

    model: the one in force from then on, None for the one that comes with the program. before: the
    one in force until then, None where there was none in order. by, second, why: who decided, who
    agreed where two names are asked for, and the reason. dossier: SHA-256 of the comparison it was
    based on, empty for none. former: SHA-256 of a damaged list in whose place this one was begun.
    """

    model_config = ConfigDict(frozen=True, extra="ignore")

    n: int
    at: datetime
    task: Annotated[str, Field(min_length=1)]
    action: Literal["promote", "rollback"]
    model: ModelRef | None
    before: ModelRef | None
    by: Annotated[str, Field(min_length=1)]
    second: str = ""
    why: Annotated[str, Field(min_length=1)]
    dossier: NoneOrSha256 = ""
    former: NoneOrSha256 = ""
    hash: Sha256


@dataclass(frozen=True, slots=True)
class Champions:
    """Every decision, oldest first."""

    entries: tuple[Entry, ...] = ()

    def in_force(self, task: str) -> ModelRef | None:
        """The model that was decided on; None for the one that comes with the program."""
        stack = self._stack(task)
        return stack[-1] if stack else None

    def can_roll_back(self, task: str) -> bool:
        """Whether there is a promotion that was not rolled back."""
        return bool(self._stack(task))

    def before(self, task: str) -> ModelRef | None:
        """The model that a rollback would put in force; None for the program's own."""
        stack = self._stack(task)
        return stack[-2] if len(stack) > 1 else None

    def needs(self, task: str, model: ModelRef) -> bool:
        """Whether a model is in force or would be, after one rollback or more."""
        return model in self._stack(task)

    def _stack(self, task: str) -> Sequence[ModelRef]:
        """What was promoted and not rolled back: a rollback takes the last promotion away."""
        stack: list[ModelRef] = []
        for entry in self.entries:
            if entry.task != task:
                continue
            if entry.action == "rollback":
                del stack[-1:]
            elif entry.model is not None:
                stack.append(entry.model)
        return stack


def read_champions(folder: Path) -> Champions:
    """What was decided, from the folder of the models learned here; nothing where no list is.

    Raises KnownError where the list is damaged, was changed, or cannot be read.
    """
    path = folder / CHAMPIONS
    try:
        return Champions(tuple(Entry.model_validate(row) for row in read_chain(path)))
    except BrokenChainError as error:
        raise _damaged(path, error.line) from error
    except ValidationError as error:  # a line that no version of the program wrote
        raise _damaged(path, 0) from error
    except OSError as error:
        raise KnownError(
            sentence(
                "Which model is in force cannot be read from {file} ({reason}), so no model reads. "
                "See that you may read the file.",
                file=str(path),
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error


def _damaged(path: Path, line: int) -> DamagedListError:
    where = sentence("line {n}", n=line) if line else sentence("a line")
    return DamagedListError(
        sentence(
            "The list of the models in force is damaged or was changed ({file}, {line}), so no "
            "model reads. Put the file back from a backup, or promote a model again: the damaged "
            "list is kept beside the new one.",
            file=str(path),
            line=where,
        )
    )
