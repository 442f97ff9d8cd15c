"""Whatever is labelled, removed, taken back, done again: history only grows, the state is right."""

from __future__ import annotations

import shutil
import tempfile
from pathlib import Path
from types import SimpleNamespace
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as st

from stentviewer.app.commands import Change, RemovalChange
from stentviewer.app.session import Session
from stentviewer.core.types import Label
from stentviewer.library.repository import Library
from tests.app.conftest import MAKERS
from tests.library.make import digest, finding, header, reading

Frame = tuple[int, int]
STEPS = st.lists(
    st.one_of(
        st.tuples(
            st.sampled_from(["correct", "accept"]),
            st.tuples(st.integers(1, 2), st.integers(0, 1)),
            st.sampled_from(MAKERS),
        ),
        st.tuples(st.just("remove"), st.tuples(st.integers(1, 2), st.just(0)), st.just("")),
        st.just(("undo", (1, 0), "")),
        st.just(("redo", (1, 0), "")),
        st.just(("reopen", (1, 0), "")),
    ),
    max_size=15,
)


class Model:
    """What is in force, by the plainest means: a copy of all of it for every step.

    Labels by frame; images that are off the worklist by their id.
    """

    def __init__(self) -> None:
        self.states: list[dict[Frame | int, Any]] = [{}]
        self.at = 0

    @property
    def now(self) -> dict[Frame | int, Any]:
        return self.states[self.at]

    def set(self, place: Frame | int, what: Label | bool | None) -> None:
        self.states = [*self.states[: self.at + 1], self.now | {place: what}]
        self.at += 1


def opened(folder: Path) -> Session:
    bundle = SimpleNamespace(labels=MAKERS)
    catalog: Any = SimpleNamespace(default=lambda task: bundle, stamp=tuple)
    return Session(Library.open(folder, "kim"), catalog, "kim")


def apply(session: Session, model: Model, what: str, frame: Frame, maker: str) -> int:
    """Do one step in both; returns by how many the history has to grow."""
    if what == "undo":
        if model.at == 0:
            assert session.undo() is None
            return 0
        change = session.undo()
        model.at -= 1
        return int(isinstance(change, Change))
    if what == "redo":
        if model.at == len(model.states) - 1:
            assert session.redo() is None
            return 0
        change = session.redo()
        model.at += 1
        return int(isinstance(change, Change))
    if what == "remove":
        change = session.remove([frame[0], 99])
        if model.now.get(frame[0]):
            assert change is None, "it was off the worklist, so there is nothing to take back"
        else:
            assert change == RemovalChange((frame[0],), is_removed=True)
            model.set(frame[0], True)
        return 0
    if what == "accept":
        model.set(frame, session.accept(*frame).label)
    else:
        model.set(frame, session.correct(*frame, maker).label)
    return 1


@settings(max_examples=25, deadline=None)
@given(steps=STEPS)
def test_labels_are_what_was_last_decided(empty_library: Path, steps: list[Any]) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name) / "library"
        shutil.copytree(empty_library, folder)
        session, model, written = opened(folder), Model(), 0
        try:
            for n in (1, 2):
                file = folder / f"{n}.dcm"
                file.touch()
                session.library.add(header(file), digest(str(n)))
                for frame in (0, 1):
                    session.library.save_reading(n, reading(finding(), frame=frame, heat=False))
            for what, frame, maker in steps:
                if what == "reopen":
                    session.library.close()
                    session = opened(folder)
                    model.states, model.at = [model.now], 0
                else:
                    written += apply(session, model, what, frame, maker)
                for place in ((1, 0), (1, 1), (2, 0), (2, 1)):
                    assert session.label(*place) == model.now.get(place)
                gone = {n for n in (1, 2) if session.library.study_of(n) is None}
                assert gone == {n for n in (1, 2) if model.now.get(n)}
                assert len(session.history(1)) + len(session.history(2)) == written
            assert session.library.check() == []
        finally:
            session.library.close()
