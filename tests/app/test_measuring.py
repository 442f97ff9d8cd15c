"""Drawing, changing, removing and taking back, over a real library."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentviewer.app.measuring import Measuring
from stentviewer.core.errors import UserError
from stentviewer.core.types import Measurement, MeasurementKind, Plane, Target
from stentviewer.core.undo import UndoStack
from stentviewer.library.repository import Library
from tests.library.make import digest, header

LONG_AGO = datetime(2001, 1, 1, tzinfo=UTC)


def line(key: str, *, image_id: int = 1, end: float = 9.0) -> Measurement:
    points = ((1.0, 2.0), (3.0, end))
    target = Target(image_id, 1, Plane.AXIAL)
    return Measurement(key, target, MeasurementKind.LENGTH, points, "nobody", LONG_AGO)


def stocked(folder: Path, empty_library: Path) -> Library:
    """A library of two images."""
    shutil.copytree(empty_library, folder)
    library = Library.open(folder, "dr.kim")
    for n in (1, 2):
        file = folder / f"{n}.dcm"
        file.touch()
        library.add(header(file), digest(str(n)))
    return library


@pytest.fixture
def library(tmp_path: Path, empty_library: Path) -> Iterator[Library]:
    with stocked(tmp_path / "library", empty_library) as opened:
        yield opened


@pytest.fixture
def stack() -> UndoStack:
    return UndoStack()


@pytest.fixture
def measuring(library: Library, stack: UndoStack) -> Measuring:
    return Measuring(library, stack)


def test_what_is_drawn_is_kept_under_the_readers_name(
    measuring: Measuring, library: Library, stack: UndoStack
) -> None:
    change = measuring.measure(line("a"))
    (kept,) = measuring.on([1])
    assert change.measurement == kept
    assert (change.target, change.removed_id) == (Target(1, 1), "")
    assert kept.by == "dr.kim"
    assert kept.at > LONG_AGO
    assert kept.points == line("a").points
    assert stack.undo_title == "Draw length"
    newest = library.audit(1)[0]
    assert (newest.by, newest.action, newest.target) == (
        "dr.kim",
        "measurement drawn",
        "image 1, frame 2",
    )
    assert measuring.on([2]) == []


def test_changing_and_taking_it_back_gives_the_former_one_as_it_was(
    measuring: Measuring, library: Library, stack: UndoStack
) -> None:
    measuring.measure(line("a"))
    (before,) = measuring.on([1])
    library.reader = "dr.lee"
    measuring.measure(replace(before, note="stricture", points=((1.0, 2.0), (8.0, 8.0))))
    (after,) = measuring.on([1])
    assert (after.by, after.note) == ("dr.lee", "stricture")
    assert stack.undo_title == "Change length"
    command = stack.undo()
    assert command is not None
    assert measuring.on([1]) == [before]
    assert command.undone().measurement == before
    assert library.audit(1)[0].action == "undo"
    stack.redo()
    assert measuring.on([1]) == [after]
    assert library.audit(1)[0].action == "redo"
    assert library.check() == []


def test_removing_and_taking_that_back(
    measuring: Measuring, library: Library, stack: UndoStack
) -> None:
    drawn = measuring.measure(line("a")).measurement
    assert drawn is not None
    change = measuring.remove(drawn)
    assert (change.measurement, change.removed_id) == (None, "a")
    assert measuring.on([1]) == []
    assert stack.undo_title == "Remove length"
    command = stack.undo()
    assert command is not None
    assert command.undone().measurement == drawn
    assert measuring.on([1]) == [drawn]
    measuring.remove(drawn)
    with pytest.raises(LookupError):
        measuring.remove(drawn)
    stack.undo()
    stack.undo()
    assert measuring.on([1]) == []
    assert command.done().removed_id == "a"


@pytest.mark.parametrize(
    "broken",
    [
        replace(line("a"), points=((1.0, 1.0),)),
        replace(line("a"), kind=MeasurementKind.ANGLE),
        replace(line("a"), kind=MeasurementKind.CALIBRATION),
        replace(line("a"), kind=MeasurementKind.CALIBRATION, mm=0.0),
        replace(line("a"), kind=MeasurementKind.PROBE, points=()),
    ],
)
def test_what_is_not_whole_is_refused_and_leaves_nothing(
    measuring: Measuring, stack: UndoStack, broken: Measurement
) -> None:
    with pytest.raises(UserError, match="not whole"):
        measuring.measure(broken)
    assert measuring.on([1]) == []
    assert stack.undo_title is None


def test_a_number_that_is_none_leaves_nothing_to_take_back(
    measuring: Measuring, stack: UndoStack
) -> None:
    for bad in (
        replace(line("a"), points=((float("nan"), 1.0), (2.0, 2.0))),
        replace(line("a"), kind=MeasurementKind.STENT, widths=(1.0,)),
    ):
        with pytest.raises(ValueError, match=r"finite|each point"):
            measuring.measure(bad)
    assert stack.undo_title is None


STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("measure"), st.sampled_from("abc"), st.integers(0, 99)),
        st.tuples(st.just("remove"), st.sampled_from("abc"), st.just(0)),
        st.just(("undo", "", 0)),
        st.just(("redo", "", 0)),
    ),
    max_size=14,
)


@settings(max_examples=10, deadline=None)
@given(steps=STEPS)
def test_what_is_in_force_is_what_was_last_decided(
    empty_library: Path, steps: list[tuple[str, str, int]]
) -> None:
    with (
        tempfile.TemporaryDirectory() as name,
        stocked(Path(name) / "library", empty_library) as library,
    ):
        stack = UndoStack()
        measuring = Measuring(library, stack)
        states: list[dict[str, Measurement]] = [{}]
        at = 0
        for what, key, end in steps:
            if what == "undo":
                at -= stack.undo() is not None
            elif what == "redo":
                at += stack.redo() is not None
            elif what == "measure":
                new = measuring.measure(line(key, end=end)).measurement
                assert new is not None
                states[at + 1 :] = [states[at] | {key: new}]
                at += 1
            elif key in states[at]:
                measuring.remove(line(key))
                states[at + 1 :] = [{k: v for k, v in states[at].items() if k != key}]
                at += 1
            assert {one.id: one for one in measuring.on([1])} == states[at]
        assert library.check() == []
