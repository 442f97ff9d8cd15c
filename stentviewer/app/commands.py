"""Changes to labels, and to what is on the worklist, that can be taken back.

Nothing is ever lost: an image taken off the worklist is put on it again, and taking a label back
adds another event that puts the former one in force, as it was (who said it, when). The audit trail
says who took it back.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from stentviewer.core.types import Label, LabelAction

if TYPE_CHECKING:
    from stentviewer.app.sealed import Note
    from stentviewer.library.repository import Library


@dataclass(frozen=True, slots=True)
class Change:
    """What a change left behind: the frame, the label now in force there, and a word for it."""

    image_id: int
    frame: int
    label: Label | None
    what: str


@dataclass(frozen=True, slots=True)
class RemovalChange:
    """Images that have been taken off the worklist, or put on it again."""

    ids: tuple[int, ...]
    is_removed: bool


class RemoveImages:
    """Take images off the worklist; their files, readings and labels stay."""

    def __init__(self, library: Library, ids: Sequence[int]) -> None:
        self._library = library
        self._ids = tuple(ids)

    @property
    def title(self) -> str:
        return "Remove image" if len(self._ids) == 1 else f"Remove {len(self._ids)} images"

    def do(self) -> None:
        """Only those that are on the worklist count from now on."""
        self._ids = self._library.remove_images(self._ids)

    def undo(self) -> None:
        self._library.put_back(self._ids)

    def done(self, _prefix: str = "") -> RemovalChange:
        """What is off the worklist after `do`."""
        return RemovalChange(self._ids, is_removed=True)

    def undone(self) -> RemovalChange:
        """What is on the worklist after `undo`."""
        return RemovalChange(self._ids, is_removed=False)


class SetLabel:
    """Put a label in force on its frame. `former` is the one it replaces.

    `notes` says what the audit trail has to tell of a change besides (sealed reading), `note` what
    it has to tell of this one when it is first done.
    """

    def __init__(
        self,
        library: Library,
        label: Label,
        former: Label | None,
        notes: Callable[[Label | None, Label | None], list[Note]] = lambda *_: [],
        note: Note | None = None,
    ) -> None:
        self._library = library
        self._label = label
        self._former = former
        self._notes = notes
        self._first_note = note
        self._was_done = False

    @property
    def title(self) -> str:
        verb = "Accept" if self._label.action is LabelAction.ACCEPT else "Choose"
        return f"{verb} {self._label.maker}"

    @property
    def label(self) -> Label:
        return self._label

    def do(self) -> None:
        notes = self._notes(self._former, self._label)
        if self._first_note is not None and not self._was_done:
            notes.append(self._first_note)
        self._library.set_label(self._label, "redo" if self._was_done else "", notes)
        self._was_done = True

    def undo(self) -> None:
        notes = self._notes(self._label, self._former)
        self._library.set_label(self._former or self._cleared(), "undo", notes)

    def done(self, prefix: str = "") -> Change:
        """What the frame is after `do`."""
        label = self._label
        return Change(
            label.image_id, label.frame, label, f"{prefix}{label.maker} {label.action.value}"
        )

    def undone(self) -> Change:
        """What the frame is after `undo`."""
        done = self.done("Undone: ")
        return replace(done, label=self._former)

    def _cleared(self) -> Label:
        return replace(
            self._label,
            maker="",
            action=LabelAction.CLEAR,
            by=self._library.reader,
            at=datetime.now(UTC),
        )
