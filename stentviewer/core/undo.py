"""Undo and redo for anything that changes what is kept."""

from __future__ import annotations

from typing import Protocol


class Command(Protocol):
    """A change that can be taken back. `title` names it in the menu ("Accept NITI-S")."""

    @property
    def title(self) -> str: ...

    def do(self) -> None: ...

    def undo(self) -> None: ...


class UndoStack:
    """Commands done and undone. A command that raises stays where it was."""

    def __init__(self) -> None:
        self._done: list[Command] = []
        self._undone: list[Command] = []

    def do(self, command: Command) -> None:
        """Do the command and remember it; what was undone before can no longer be redone."""
        command.do()
        self.remember(command)

    def remember(self, command: Command) -> None:
        """Take note of a command that has been done, as `do` does."""
        self._done.append(command)
        self._undone.clear()

    def undo(self) -> Command | None:
        """Take the last command back and return it; None when there is nothing to undo."""
        if not self._done:
            return None
        command = self._done[-1]
        command.undo()
        self._undone.append(self._done.pop())
        return command

    def redo(self) -> Command | None:
        """Do the last undone command again and return it; None when there is nothing to redo."""
        if not self._undone:
            return None
        command = self._undone[-1]
        command.do()
        self._done.append(self._undone.pop())
        return command

    @property
    def next_undone(self) -> Command | None:
        """What `undo` would take back."""
        # One look at the list: another thread may take the command off between two.
        return next(iter(self._done[-1:]), None)

    @property
    def next_redone(self) -> Command | None:
        """What `redo` would do."""
        return next(iter(self._undone[-1:]), None)

    @property
    def undo_title(self) -> str | None:
        command = self.next_undone
        return None if command is None else command.title

    @property
    def redo_title(self) -> str | None:
        command = self.next_redone
        return None if command is None else command.title
