"""A reading is explained a second time by its own model, once, and the map is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from stentviewer.app.explaining import close_up, explain_again, heats
from stentviewer.app.frame_facts import frame_facts
from stentviewer.app.sealed import Seal
from stentviewer.app.session import Session
from stentviewer.core.errors import Cancelled, KnownError, UserError
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.core.types import Box
from stentviewer.explain.checks import share_inside
from stentviewer.explain.occlusion import METHOD
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.inference.runtimes.base import Output
from stentviewer.library.repository import Library
from tests.library.make import finding, label, reading

SHA = "ab" * 32


class LooksLeft:
    """The more pattern in the left half, the surer of "EGIS", its second label."""

    device = "a formula"

    def __init__(self) -> None:
        self.runs = 0

    def run(self, tensor: np.ndarray) -> Output:
        self.runs += 1
        pattern = float(np.abs(np.diff(tensor[0, 0, :, :32], axis=1)).mean())
        return Output(np.array([0, 20 * pattern], np.float32), np.zeros((1, 1, 1), np.float32))


@pytest.fixture
def network() -> LooksLeft:
    return LooksLeft()


@pytest.fixture
def session(tmp_path: Path, network: LooksLeft, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    manifest = SimpleNamespace(
        id="stent-demo", preprocessing=Preprocessing(side=64), temperature=1.0, data_source=""
    )
    ref = reading(sha=SHA).model
    bundle = SimpleNamespace(sha256=SHA, labels=("Bona", "EGIS"), manifest=manifest, ref=ref)
    catalog: Any = SimpleNamespace(default=lambda _: bundle, stamp=tuple, bundles=lambda: [bundle])
    from stentviewer.inference.runtimes import choose

    monkeypatch.setattr(choose, "open_runtime", lambda _: network)
    with Library.open(tmp_path / "library", "kim") as library:
        yield Session(library, catalog, "kim")


@pytest.fixture
def image_id(session: Session, tmp_path: Path) -> int:
    pixels = np.random.default_rng(5).integers(0, 255, (96, 128), dtype=np.uint8)
    path = tmp_path / "a.png"
    assert cv2.imwrite(str(path), pixels)
    return session.add([path]).images[0].id


def read(session: Session, image_id: int, *findings: Any, sha: str = SHA) -> None:
    session.library.save_reading(image_id, reading(*findings, sha=sha))


def test_the_second_map_is_made_once_and_kept(
    session: Session, image_id: int, network: LooksLeft
) -> None:
    read(session, image_id, finding("EGIS"))
    made = explain_again(session, image_id, 0)
    assert made.method == METHOD
    assert made.values.max() == pytest.approx(1)
    column = np.unravel_index(made.values.argmax(), made.values.shape)[1]
    assert column < made.values.shape[1] / 2, "the heat is where the network looks"
    runs = network.runs
    assert 30 <= runs <= 60
    again = explain_again(session, image_id, 0)
    assert network.runs == runs
    assert np.allclose(again.values, made.values, atol=1e-3)
    record = session.latest_reading(image_id, 0)
    assert record is not None
    assert list(heats(session, record)) == ["Grad-CAM", METHOD]
    assert session.library.check() == []


def test_there_must_be_a_stent_to_explain(session: Session, image_id: int) -> None:
    with pytest.raises(UserError, match="Read it first"):
        explain_again(session, image_id, 0)
    read(session, image_id)
    with pytest.raises(UserError, match="Read it first"):
        explain_again(session, image_id, 0)


def test_another_model_does_not_answer_for_the_one_that_read(
    session: Session, image_id: int, network: LooksLeft
) -> None:
    read(session, image_id, finding("EGIS"), sha="cd" * 32)
    with pytest.raises(KnownError, match="no longer installed"):
        explain_again(session, image_id, 0)
    assert network.runs == 0


def test_cancelled_keeps_nothing(session: Session, image_id: int) -> None:
    read(session, image_id, finding("EGIS"))
    cancelled = threading.Event()

    def report(progress: Progress) -> None:
        if progress.done == 3:
            cancelled.set()

    with pytest.raises(Cancelled):
        explain_again(session, image_id, 0, JobContext(report, cancelled))
    assert session.library.explanations(1) == []


def test_a_sealed_reading_is_not_explained(session: Session, image_id: int) -> None:
    read(session, image_id, finding("EGIS"))
    session.sealing.switch(True)
    with pytest.raises(UserError, match="Read it first"):
        explain_again(session, image_id, 0)


@pytest.mark.parametrize(
    "box", [Box(0.4, 0.4, 0.6, 0.6), Box(0, 0, 0.05, 0.02), Box(0, 0, 1, 1), Box(0.9, 0.95, 1, 1)]
)
def test_the_close_up_holds_the_box_and_is_square(
    session: Session, image_id: int, box: Box
) -> None:
    from dataclasses import replace

    read(session, image_id, replace(finding("EGIS"), box=box))
    record = session.latest_reading(image_id, 0)
    assert record is not None
    found = close_up(session, record)
    assert 0 <= found.box.x0 < found.box.x1 <= 1
    assert 0 <= found.box.y0 < found.box.y1 <= 1
    assert max(found.grey.shape) <= 320
    assert found.grey.shape[0] == pytest.approx(found.grey.shape[1], abs=1)
    if box != Box(0, 0, 1, 1):  # wider than the image is high: its middle is shown
        assert found.box.x0 <= box.x0 + 1e-9
        assert found.box.y1 >= box.y1 - 1e-9


def test_without_a_place_the_whole_image_is_shown(session: Session, image_id: int) -> None:
    read(session, image_id)
    record = session.latest_reading(image_id, 0)
    assert record is not None
    found = close_up(session, record)
    assert found.box == Box(0, 0, 1, 1)
    assert found.grey.shape == (96, 128)


def test_facts_of_a_frame(session: Session, image_id: int) -> None:
    facts = frame_facts(session, image_id, 0)
    assert (facts.seal, facts.was_read, facts.reading, facts.sets) == (Seal.OPEN, False, None, ())
    read(session, image_id, finding("Bona"), sha="cd" * 32)
    read(session, image_id, finding("EGIS"))
    session.library.set_label(label(image_id, "EGIS", frame=1))
    session.correct(image_id, 0, "Bona")
    facts = frame_facts(session, image_id, 0)
    assert facts.reading is not None
    assert facts.reading.reading.findings[0].maker == "EGIS"
    assert [one.answer for one in facts.sets] == ["EGIS", "Bona", "Bona"]
    assert [one.maker for one in facts.history] == ["Bona"]
    assert list(facts.heats) == ["Grad-CAM"]
    assert facts.agreement is None
    assert facts.close_up is None
    explain_again(session, image_id, 0)
    facts = frame_facts(session, image_id, 0)
    assert list(facts.heats) == ["Grad-CAM", METHOD]
    assert facts.agreement is not None
    assert facts.close_up is not None
    box = facts.reading.reading.findings[0].box if facts.reading else None
    assert box is not None
    assert facts.inside == pytest.approx(share_inside(facts.heats[METHOD], box))
    assert 0 < facts.inside < 1


def test_facts_of_a_sealed_frame_are_none(session: Session, image_id: int) -> None:
    session.sealing.switch(True)
    assert frame_facts(session, image_id, 0).was_read is False
    read(session, image_id, finding("EGIS"))
    facts = frame_facts(session, image_id, 0)
    assert (facts.seal, facts.was_read) == (Seal.SEALED, True)
    assert facts.reading is None
    assert facts.label is None
    assert (facts.sets, facts.history, dict(facts.heats)) == ((), (), {})
    session.correct(image_id, 0, "Bona")
    facts = frame_facts(session, image_id, 0)
    assert facts.seal is Seal.REVEALED
    assert facts.reading is not None
    assert len(facts.sets) == 2


def test_a_file_that_is_gone_costs_only_the_close_up(
    session: Session, image_id: int, tmp_path: Path
) -> None:
    read(session, image_id, finding("EGIS"))
    explain_again(session, image_id, 0)
    session._opened.clear()
    (tmp_path / "a.png").unlink()
    facts = frame_facts(session, image_id, 0)
    assert facts.close_up is None
    assert facts.agreement is not None
