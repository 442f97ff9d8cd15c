"""Verified images that the model in force has not read are read, and no others."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from stentviewer.app.reading_again import read_again
from stentviewer.app.session import Session
from stentviewer.core.answers import NO_STENT
from stentviewer.core.errors import Cancelled, UserError
from stentviewer.core.jobs import JobContext, Progress
from tests.app.conftest import World
from tests.app.rods import stent


@pytest.fixture
def images(session: Session, files: list[Path]) -> list[int]:
    """Six images; the first three are verified, the fourth has no stent."""
    found = [image.id for image in session.add(files).images]
    for image_id in found[:3]:
        session.correct(image_id, 0, "EGIS")
    session.correct(found[3], 0, NO_STENT)
    return found


def test_the_verified_ones_are_read_once(session: Session, images: list[int], world: World) -> None:
    world.findings = (stent("EGIS", [1, 0]),)
    done: list[Progress] = []
    found = read_again(session, context=JobContext(done.append))
    assert (found.read, found.problems) == (3, ())
    assert [len(session.library.readings(one)) for one in images] == [1, 1, 1, 0, 0, 0]
    assert (done[-1].done, done[-1].total) == (3, 3)
    again = read_again(session)
    assert again.read == 0


def test_one_that_cannot_be_opened_does_not_stop_the_others(
    session: Session, images: list[int], world: World, files: list[Path]
) -> None:
    world.findings = (stent("EGIS", [1, 0]),)
    files[1].unlink()
    found = read_again(session)
    assert found.read == 2
    (problem,) = found.problems
    assert problem.path == files[1]
    assert "no longer where it was" in problem.message


def test_a_model_without_features_says_so_at_once(
    session: Session, images: list[int], world: World
) -> None:
    world.findings = (stent("EGIS", None),)
    with pytest.raises(UserError, match="would not help"):
        read_again(session)
    assert sum(len(session.library.readings(one)) for one in images) == 1


def test_it_can_be_cancelled_and_what_was_read_stays(
    session: Session, images: list[int], world: World
) -> None:
    world.findings = (stent("EGIS", [1, 0]),)
    context = JobContext(lambda now: context.cancelled.set() if now.done == 2 else None)
    with pytest.raises(Cancelled):
        read_again(session, context=context)
    assert sum(len(session.library.readings(one)) for one in images) == 2
    assert np.isfinite(session.library.readings(images[0])[0].reading.findings[0].feature).all()


def test_sealed_frames_are_not_read(session: Session, images: list[int], world: World) -> None:
    world.findings = (stent("EGIS", [1, 0]),)
    session.reader = "dr.lee"
    session.sealing.switch(True)
    assert read_again(session).read == 0
