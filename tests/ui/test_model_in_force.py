"""A promotion takes effect in the open window, and so does a rollback; past readings stay."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
import safetensors.numpy
from PySide6.QtCore import Qt

from stentviewer.app import promoting
from stentviewer.core.errors import UserError
from stentviewer.inference.bundle import HEAD, ONNX, LabelSpec, load_bundle, write_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.champion import CHAMPIONS
from stentviewer.learning.registry import Decision
from tests.ui.conftest import MAKERS, Desk, FakeRuntime

KIM = Decision("Dr Kim", "A new design is placed here.")


@pytest.fixture
def learned(desk: Desk, models: Path, tmp_path: Path) -> Desk:
    """A second model, learned here, that knows a sixth design; not in force."""
    program, home = tmp_path / "program", tmp_path / "home"
    shutil.copytree(models / "stent-test", program / "stent-test")
    first = load_bundle(program / "stent-test")
    weights = {"weight": np.eye(6, 5, dtype=np.float32), "bias": np.zeros(6, np.float32)}
    safetensors.numpy.save_file(weights, tmp_path / "head")
    files = {ONNX: first.folder / ONNX, HEAD: tmp_path / "head"}
    coil = LabelSpec(name="Coil", manufacturer="Coil", code_value="COIL", code_meaning="Coil")
    changed = {
        "id": "with-coil",
        "name": "With Coil",
        "labels": (*first.manifest.labels, coil),
        "training": {"start": {"id": first.ref.id, "sha256": first.sha256}},
        "files": {},
    }
    write_bundle(home / "with-coil", first.manifest.model_copy(update=changed), files)
    session = desk.session
    session.catalog = session.models._catalog = Catalog([program, home])
    desk.window.desk.attach(session)
    desk.settle()
    return desk


def promote(desk: Desk) -> list[str]:
    said: list[str] = []
    session = desk.session
    desk.window.desk.change_model(
        lambda context: promoting.promote(
            session.catalog, "with-coil", KIM, session.library, context
        ),
        lambda promoted: said.append(promoted.said),
    )
    desk.settle()
    return said


def test_a_promoted_model_reads_without_a_new_start_and_a_rollback_brings_the_old_answer_back(
    learned: Desk, runtime: FakeRuntime, picture: Callable[[str], Path]
):
    desk, window = learned, learned.window
    desk.open(picture("a.png"))
    desk.press(Qt.Key.Key_R)
    desk.settle()
    old = window.review.state.reading
    assert old.reading.model.id == "stent-test"
    runtime.scores = np.array([0, 0, 0, 0, 1, 6], np.float32)
    said = promote(desk)
    assert said == [f"{window.desk.model.ref.short} reads from now on."]
    assert window.desk.model.ref.id == "with-coil"
    assert window.desk.model.makers == (*MAKERS, "Coil")
    assert window.desk.model.ref.short in window.device.text()
    first, *others = [entry.text() for entry in window.reading.others.menu().actions()]
    assert first.startswith("With Coil")
    assert first.endswith("(in use)")
    assert not any("(in use)" in other for other in others)
    assert "By another model than the one in use now" in desk.panel_text
    assert window.review.state.reading.reading.model == old.reading.model
    desk.press(Qt.Key.Key_R)
    desk.settle()
    assert window.review.state.reading.reading.findings[0].maker == "Coil"
    session = desk.session
    runtime.scores = np.array([0, 0, 1, 0, 4], np.float32)
    window.desk.change_model(
        lambda _: promoting.rollback(session.catalog, KIM, session.library), lambda _: None
    )
    desk.settle()
    desk.press(Qt.Key.Key_R)
    desk.settle()
    back = window.review.state.reading.reading
    assert back.model == old.reading.model
    assert back.findings == old.reading.findings
    models = [one.reading.model.id for one in session.library.readings(old.image_id)]
    assert models == ["stent-test", "with-coil", "stent-test"]


def test_what_another_program_promoted_reads_from_the_next_reading_on(
    learned: Desk, runtime: FakeRuntime, picture: Callable[[str], Path]
):
    desk, session = learned, learned.session
    desk.open(picture("a.png"))
    runtime.scores = np.array([0, 0, 0, 0, 1, 6], np.float32)
    promoting.promote(session.catalog, "with-coil", KIM)
    assert desk.window.desk.model.ref.id == "stent-test"
    desk.press(Qt.Key.Key_R)
    desk.settle()
    assert desk.window.review.state.reading.reading.model.id == "with-coil"
    assert desk.window.desk.model.ref.id == "with-coil"
    assert "By another model" not in desk.panel_text
    assert [event.by for event in session.library.audit(actions=(promoting.PROMOTED,))] == [
        "dr.kim"
    ]


def test_a_promotion_that_fails_says_why_and_the_old_model_reads_on(learned: Desk):
    said: list[BaseException] = []

    def failed(error: BaseException) -> bool:
        said.append(error)
        return True

    session = learned.session
    learned.window.desk.change_model(
        lambda _: promoting.promote(session.catalog, "stent-test", KIM), lambda _: None, failed
    )
    learned.settle()
    assert isinstance(said[0], UserError)
    assert "in force already" in str(said[0])
    assert learned.window.desk.model.ref.id == "stent-test"


def test_a_damaged_list_of_models_in_force_is_said_in_the_window(learned: Desk):
    promote(learned)
    (learned.session.catalog.home / CHAMPIONS).write_text("{}\n")
    learned.window.desk.ask_model()
    learned.settle()
    assert learned.window.desk.model.ref is None
    assert "so no model reads" in learned.window.desk.model.problem
    answers: list[tuple[list[object], list[str]]] = []
    learned.window.desk.ask_audit(answers.append)
    learned.settle()
    assert any("damaged or was changed" in fault for fault in answers[0][1])
