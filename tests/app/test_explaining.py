"""A reading is explained a second time by its own model, once, and the map is kept."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from stentviewer.app.explaining import (
    agreements,
    check_stent,
    close_up,
    explain_again,
    heats,
    view_of_model,
)
from stentviewer.app.frame_facts import frame_facts
from stentviewer.app.sealed import Seal
from stentviewer.app.session import Session
from stentviewer.core.errors import Cancelled, KnownError, UserError
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.core.types import Box, Finding, HeatMap
from stentviewer.explain.checks import PASSES, Verdict, share_inside
from stentviewer.explain.methods import CLASS_TOKEN, GRAD_CAM, GRAD_CAM_PP, METHODS
from stentviewer.explain.occlusion import METHOD
from stentviewer.inference.bundle import HEAD, FinderSpec
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.inference.runtimes.base import Output
from stentviewer.library.repository import Library
from tests.library.make import finding, label, reading

SHA = "ab" * 32


class LooksLeft:
    """The more pattern in the left half, the surer of "EGIS", its second label.

    Its activation is the pattern there, and the pattern of the other half.
    """

    device = "a formula"

    def __init__(self) -> None:
        self.runs = 0
        self.bar = 0.0

    def run(self, tensor: np.ndarray) -> Output:
        self.runs += 1
        pattern = np.abs(np.diff(tensor[0, 0], axis=1, append=0))
        cells = pattern.reshape(16, 4, 16, 4).mean(axis=(1, 3)).astype(np.float32)
        left, right = cells.copy(), cells.copy()
        left[:, 8:], right[:, :8] = 0, 0
        score = 20 * float(pattern[:, :32].mean()) - self.bar
        return Output(np.array([0, score], np.float32), np.stack([left, right]))


def model(ref: Any, finder: Any = None, temperature: float = 1.0) -> Any:
    """A bundle of two labels; what speaks for the second is the activation's first channel."""
    manifest = SimpleNamespace(
        id="stent-demo",
        name="Demo",
        architecture="none",
        task="stent-maker",
        preprocessing=Preprocessing(side=64),
        temperature=temperature,
        data_source="",
        finder=finder,
    )
    head = np.array([[0, 1], [1, 0]], np.float32), np.zeros(2, np.float32)
    return SimpleNamespace(
        sha256=ref.sha256,
        labels=("Bona", "EGIS"),
        manifest=manifest,
        ref=ref,
        has=lambda name: name == HEAD,
        head=lambda: head,
    )


@pytest.fixture
def network() -> LooksLeft:
    return LooksLeft()


@pytest.fixture
def installed() -> list[Any]:
    """The bundles of the catalog."""
    return []


@pytest.fixture
def session(
    tmp_path: Path, network: LooksLeft, installed: list[Any], monkeypatch: pytest.MonkeyPatch
) -> Iterator[Any]:
    ref = reading(sha=SHA).model
    bundle = model(ref)
    installed.append(bundle)
    catalog: Any = SimpleNamespace(default=lambda _: bundle, stamp=tuple, bundles=lambda: installed)
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


# the check, and every map beside the others


def placed(x: float, along: bool = True) -> Finding:
    """A stent as high as half the image (128 by 96 px), its middle at x of the width."""
    half = 0.06
    outline = ((x - half, 0.25), (x + half, 0.25), (x + half, 0.75), (x - half, 0.75))
    values = np.zeros((12, 16), np.float32)
    values[3:9, round(16 * (x - half)) : round(16 * (x + half))] = 1
    heat = HeatMap(values, Box(0, 0, 1, 1), "Grad-CAM")
    box = Box(x - half, 0.25, x + half, 0.75)
    return replace(finding("EGIS"), box=box, outline=outline if along else (), heat=heat)


def test_what_is_free_is_measured_of_every_stent(session: Session, image_id: int) -> None:
    off = replace(placed(0.25), heat=placed(0.75).heat)
    read(session, image_id, placed(0.25), off, placed(0.75, along=False))
    checks = frame_facts(session, image_id, 0).checks
    assert [one.verdict for one in checks] == [Verdict.OK, Verdict.AMBER, Verdict.UNKNOWN]
    assert [one.share for one in checks] == pytest.approx([1, 0, 0.96], abs=0.02)
    assert not any(one.is_full for one in checks)


def test_a_reading_of_one_stent_a_field_has_the_readings_map(
    session: Session, image_id: int
) -> None:
    read(session, image_id, replace(finding("EGIS"), box=Box(0.5, 0, 1, 1)))
    (check,) = frame_facts(session, image_id, 0).checks
    record = session.latest_reading(image_id, 0)
    assert record is not None
    assert check.share == pytest.approx(share_inside(record.reading.heat, Box(0.5, 0, 1, 1)))
    assert (check.is_own_place, check.verdict) == (False, Verdict.UNKNOWN)


def test_a_check_is_made_by_the_model_that_read_and_kept(
    session: Session, image_id: int, network: LooksLeft
) -> None:
    network.bar = 2.0
    read(session, image_id, placed(0.25))
    said: list[Progress] = []
    check = check_stent(session, image_id, 0, 0, JobContext(said.append))
    assert network.runs == PASSES == said[-1].total == said[-1].done
    assert check.share == pytest.approx(1, abs=0.02)
    assert check.is_full
    assert frame_facts(session, image_id, 0).checks == (check,)
    read(session, image_id, placed(0.25))
    assert not frame_facts(session, image_id, 0).checks[0].is_full, "another reading, unchecked"


def test_a_check_of_a_field_without_a_place_rests_on_deletion(
    session: Session, image_id: int, network: LooksLeft
) -> None:
    network.bar = 2.0
    read(session, image_id, placed(0.25, along=False))
    check = check_stent(session, image_id, 0, 0)
    assert check.is_full
    assert not check.is_own_place
    assert check.share == pytest.approx(0.96, abs=0.02)


def test_a_cancelled_check_is_not_kept(session: Session, image_id: int) -> None:
    read(session, image_id, placed(0.25))
    cancelled = threading.Event()
    cancelled.set()
    with pytest.raises(Cancelled):
        check_stent(session, image_id, 0, 0, JobContext(cancelled=cancelled))
    assert not frame_facts(session, image_id, 0).checks[0].is_full


@pytest.mark.parametrize("number", [0, 1])
def test_there_must_be_such_a_stent_to_check(session: Session, image_id: int, number: int) -> None:
    if number:
        read(session, image_id, placed(0.25))
    for ask in (check_stent, view_of_model):
        with pytest.raises(UserError, match="Read it first"):
            ask(session, image_id, 0, number)


def test_every_way_to_explain_is_shown_over_the_image(session: Session, image_id: int) -> None:
    read(session, image_id, placed(0.25))
    view = view_of_model(session, image_id, 0, 0)
    assert (view.label, view.model.sha256) == ("EGIS", SHA)
    assert [one.method for one in view.maps] == list(METHODS)
    maps = {one.method: one for one in view.maps}
    for method in (GRAD_CAM, GRAD_CAM_PP, METHOD):
        heat = maps[method].heat
        assert heat is not None
        assert heat.method == method
        left = share_inside(heat, Box(0, 0, 0.5, 1))
        assert left > 0.7, "the heat is where the network looks"
    assert maps[CLASS_TOKEN].heat is None
    assert "no class token" in maps[CLASS_TOKEN].why_not
    matrix = agreements(view.heats)
    assert len(matrix) == len(view.heats) == 3
    assert matrix[0][0] is None
    both = matrix[0][1]
    assert both is not None
    assert both.overlap > 0.5
    assert matrix[1][0] == both


def test_another_model_answers_for_itself(
    session: Session, image_id: int, installed: list[Any]
) -> None:
    other = model(reading(sha="cd" * 32).model)
    other.labels = ("A", "B")
    installed.append(other)
    read(session, image_id, placed(0.25))
    view = view_of_model(session, image_id, 0, 0, other.ref)
    assert view.label in other.labels
    assert view.maps[0].heat is not None


def test_a_model_with_a_finder_is_shown_what_is_cut_out(
    session: Session, image_id: int, installed: list[Any], network: LooksLeft
) -> None:
    """The stent fills the middle of an upright square; what that shows is laid back over it."""
    spec = FinderSpec(preprocessing=Preprocessing(side=64), margin=1.5)
    other = model(reading(sha="cd" * 32).model, spec)
    installed.append(other)
    read(session, image_id, placed(0.5))
    view = view_of_model(session, image_id, 0, 0, other.ref)
    heat = view.maps[0].heat
    assert heat is not None
    # 48 px long times 1.5 is a square of 72 px about the middle (64, 48)
    assert heat.extent.as_list() == pytest.approx([28 / 128, 12 / 96, 100 / 128, 84 / 96], abs=1e-3)
    left = share_inside(heat, Box(0, 0, 0.5, 1))
    assert left > 0.9 or left < 0.1, "one half of the square, whichever end was called its upper"


def test_a_slanting_stent_is_upright_in_what_the_model_sees() -> None:
    from stentviewer.app.stents_seen import _in_crop
    from stentviewer.tasks.stent_crop import Crop
    from stentviewer.tasks.stent_finder import Found

    found = Found(1.0, ((30.0, 20.0), (70.0, 60.0)), 12.0)
    crop = Crop.around(found, 1.25, 100, 200)
    outline = _in_crop(tuple(tuple(corner / (200, 100)) for corner in found.corners), crop)
    x, y = np.array(outline).T
    assert sorted(y) == pytest.approx([0.1, 0.1, 0.9, 0.9])
    half = 6 / (1.25 * np.hypot(40, 40))
    assert sorted(x) == pytest.approx([0.5 - half, 0.5 - half, 0.5 + half, 0.5 + half])
