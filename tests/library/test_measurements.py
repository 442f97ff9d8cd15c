"""Measurements are events that are only added to; the newest of each is in force."""

from __future__ import annotations

import math
import shutil
import tempfile
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stentviewer.core.types import Measurement, MeasurementKind, Plane, Target
from stentviewer.library.repository import Library
from tests.library.make import KIM, digest, header, measurement

numbers = st.floats(-1e6, 1e6, allow_nan=False)
points = st.lists(st.tuples(numbers, numbers), min_size=1, max_size=5).map(tuple)
drawn = st.builds(
    Measurement,
    id=st.sampled_from("abc"),
    target=st.builds(Target, st.sampled_from([1, 2]), st.integers(0, 500), st.sampled_from(Plane)),
    kind=st.sampled_from(MeasurementKind),
    points=points,
    by=st.sampled_from(["kim", "이영희"]),
    at=st.datetimes().map(lambda at: at.replace(tzinfo=UTC)),
    widths=st.lists(numbers, max_size=3).map(tuple),
    mm=st.none() | st.floats(0.1, 1e4),
    note=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
steps = st.lists(drawn | st.sampled_from("abc"), max_size=8)  # a letter: remove that one


@pytest.fixture(scope="module")
def two_images(empty_library: Path) -> Iterator[Path]:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "library"
        shutil.copytree(empty_library, folder)
        with Library.open(folder, "kim") as library:
            for name in "ab":
                made = header(folder / name, replace(KIM, sop_uid=name))
                made.path.touch()
                library.add(made, digest(name))
        yield folder


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(steps=steps)
def test_what_was_last_done_to_each_is_in_force(two_images: Path, steps: list[object]) -> None:
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "library"
        shutil.copytree(two_images, folder)
        with Library.open(folder, "kim") as library:
            expected: dict[str, Measurement] = {}
            events: dict[str, list[tuple[Measurement, bool]]] = {}
            for step in steps:
                if isinstance(step, Measurement):
                    assert library.set_measurement(step) == step
                    expected[step.id] = step
                    events.setdefault(step.id, []).insert(0, (step, False))
                elif step in expected:
                    gone = library.remove_measurement(str(step))
                    assert gone == expected.pop(str(step))
                else:
                    with pytest.raises(LookupError):
                        library.remove_measurement(str(step))
            assert {m.id: m for m in library.measurements([1, 2])} == expected
            for image_id in (1, 2):
                of_image = {m.id for m in library.measurements([image_id])}
                assert of_image == {
                    m.id for m in expected.values() if m.target.image_id == image_id
                }
            for key, former in events.items():
                states = library.measurement_history(key)
                assert [state for state in states if not state[1]] == former
        faults = [f for f in _checked(folder) if "no longer where it was" not in f]
        assert faults == []


def _checked(folder: Path) -> list[str]:
    with Library.open(folder, "check", read_only=True) as library:
        return library.check()


def test_undo_and_redo_leave_their_words_and_no_gaps(library: Library) -> None:
    library.add(header(library.folder / "a"), digest("a"))
    first = measurement("a")
    longer = replace(first, points=((10.0, 20.5), (90.0, 40.0)))
    library.set_measurement(first)
    library.set_measurement(longer)
    library.set_measurement(first, "undo")
    library.set_measurement(longer, "redo")
    library.remove_measurement("a")
    library.set_measurement(longer, "undo")
    library.remove_measurement("a", "redo")
    library.set_measurement(longer)
    assert [event.action for event in library.audit(8)] == [
        "measurement drawn",
        "redo",
        "undo",
        "measurement removed",
        "redo",
        "undo",
        "measurement changed",
        "measurement drawn",
    ]
    assert library.audit(1)[0].target == "image 1, frame 1"
    assert library.audit(1)[0].detail == "length"
    assert library.measurements([1]) == [longer]


def test_they_come_in_the_order_they_were_first_drawn(library: Library) -> None:
    library.add(header(library.folder / "a"), digest("a"))
    for key in "cab":
        library.set_measurement(measurement(key))
    library.set_measurement(replace(measurement("c"), note="changed"))
    assert [m.id for m in library.measurements([1])] == ["c", "a", "b"]
    assert library.measurements([]) == []


def test_who_removed_it_and_when_is_kept(library: Library) -> None:
    library.add(header(library.folder / "a"), digest("a"))
    library.set_measurement(measurement("a"))
    library.reader = "lee"
    before = datetime.now(UTC)
    library.remove_measurement("a")
    (gone, was_removed), (drawn_, _) = library.measurement_history("a")
    assert was_removed
    assert (gone.by, drawn_.by) == ("lee", "kim")
    assert before <= gone.at <= datetime.now(UTC)


@pytest.mark.parametrize("number", [math.nan, math.inf])
def test_a_number_that_is_none_is_not_kept(library: Library, number: float) -> None:
    library.add(header(library.folder / "a"), digest("a"))
    for wrong in (
        {"points": ((number, 0.0), (1.0, 1.0))},
        {"widths": (number,)},
        {"mm": number},
    ):
        with pytest.raises(ValueError, match="finite"):
            library.set_measurement(measurement("a", **wrong))
    assert library.measurements([1]) == []


def test_the_trail_does_not_repeat_a_note(library: Library) -> None:
    library.add(header(library.folder / "a"), digest("a"))
    library.set_measurement(measurement("a", note="KIM^MINSU's stent"))
    assert "MINSU" not in repr(library.audit())
