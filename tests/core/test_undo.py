"""Undo and redo: against a plain model, and with another thread at the same stack."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.undo import UndoStack


class Put:
    """Sets a value and puts the former one back."""

    def __init__(self, kept: list[int], value: int) -> None:
        self.kept, self.value, self.former = kept, value, kept[0]

    @property
    def title(self) -> str:
        return f"Put {self.value}"

    def do(self) -> None:
        self.kept[0] = self.value

    def undo(self) -> None:
        self.kept[0] = self.former


@given(st.lists(st.one_of(st.integers(1, 9), st.sampled_from(["undo", "redo"]))))
def test_the_value_is_what_a_line_of_history_says(steps: list[int | str]) -> None:
    kept, stack = [0], UndoStack()
    history, at = [0], 0
    for step in steps:
        if step == "undo":
            assert (stack.undo() is None) == (at == 0)
            at = max(at - 1, 0)
        elif step == "redo":
            assert (stack.redo() is None) == (at == len(history) - 1)
            at = min(at + 1, len(history) - 1)
        else:
            stack.do(Put(kept, int(step)))
            del history[at + 1 :]
            history.append(int(step))
            at += 1
        assert kept == [history[at]]
        assert stack.undo_title == (f"Put {history[at]}" if at else None)
        ahead = history[at + 1 : at + 2]
        assert stack.redo_title == (f"Put {ahead[0]}" if ahead else None)


def test_a_command_that_raises_stays_where_it_was() -> None:
    class Broken(Put):
        def undo(self) -> None:
            raise OSError("full")

    kept, stack = [0], UndoStack()
    stack.do(Broken(kept, 1))
    with pytest.raises(OSError, match="full"):
        stack.undo()
    assert stack.undo_title == "Put 1"
    assert stack.redo_title is None


class TakenMeanwhile(list):
    """A list that another thread empties right after it was asked whether it holds anything."""

    def __len__(self) -> int:
        held = super().__len__()
        self.clear()
        return held


def test_a_title_asked_for_while_another_thread_takes_the_command_is_none_or_whole() -> None:
    stack = UndoStack()
    stack._done = TakenMeanwhile([Put([0], 1)])
    assert stack.undo_title in (None, "Put 1")
