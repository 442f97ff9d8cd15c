"""The check on each stent's card, and every explanation side by side."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import cv2
import numpy as np
import pytest
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from stentviewer.core.errors import KnownError
from stentviewer.core.types import Box, ClassScore, Finding, HeatMap, Reading
from stentviewer.explain.checks import PASSES, Verdict, judged
from stentviewer.explain.deletion import Curves
from stentviewer.inference.bundle import load_bundle, write_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.runtimes.base import Output
from stentviewer.ui.panels.explanations_check import CheckView, badge, figures
from stentviewer.ui.panels.explanations_dialog import ExplanationsDialog
from tests.ui.conftest import MAKERS, Desk, FakeRuntime

CURVES = Curves((0, 0.1, 0.2), (0.9, 0.2, 0.1), (0.1, 0.7, 0.9), (0.9, 0.9, 0.8), 0.9, 0.1)
FLAT = Curves((0, 0.1, 0.2), (0.9, 0.9, 0.8), (0.1, 0.2, 0.3), (0.9, 0.9, 0.8), 0.9, 0.1)


class Looking(FakeRuntime):
    """As sure of its fifth label as there is pattern in the middle of its input."""

    def run(self, tensor: np.ndarray) -> Output:
        super().run(tensor)
        side = tensor.shape[2]
        pattern = np.abs(np.diff(tensor[0, 0], axis=1, append=0))
        cells = pattern.reshape(8, side // 8, 8, side // 8).mean(axis=(1, 3))
        middle = np.zeros((8, 8), np.float32)
        middle[3:5, 3:5] = 1
        activation = np.zeros((5, 8, 8), np.float32)
        activation[4] = cells * middle
        scores = np.zeros(5, np.float32)
        scores[4] = 12 * float((cells * middle).sum() / 4) - 6
        return Output(scores, activation)


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    from stentviewer.inference.runtimes import choose

    made = Looking()
    monkeypatch.setattr(choose, "open_runtime", lambda *_, **__: made)
    return made


def stent(x: float, hot: float, maker: str = "NITI-S") -> Finding:
    """A stent whose middle is at x of the width, its heat at `hot`."""
    outline = ((x - 0.1, 0.2), (x + 0.1, 0.2), (x + 0.1, 0.8), (x - 0.1, 0.8))
    values = np.zeros((20, 20), np.float32)
    values[5:15, int(20 * hot) - 1 : int(20 * hot) + 1] = 1
    heat = HeatMap(values, Box(0, 0, 1, 1), "Grad-CAM")
    scores = (ClassScore(maker, 0.93), *(ClassScore(m, 0.02) for m in MAKERS if m != maker))
    box = Box(x - 0.1, 0.2, x + 0.1, 0.8)
    return Finding(maker, 0.93, scores, (maker,), False, box, outline, heat=heat)


def kept(desk: Desk, *findings: Finding) -> Desk:
    """A reading of these stents by the model that is here, kept and shown."""
    model = desk.window.desk.model.ref
    assert model is not None
    image = desk.window.review.state.image
    assert image is not None
    made = Reading(
        "stent-maker", model, 0, findings, findings[0].heat, {"total": 0.1}, "CPU",
        datetime.now(UTC),
    )  # fmt: skip
    desk.session.library.save_reading(image.id, made)
    desk.window.review.refresh(image.id, 0)
    desk.settle()
    return desk


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[str], Path]:
    """Write a PNG of noise: a pattern everywhere."""

    def make(name: str) -> Path:
        seed = sum(map(ord, name))
        pixels = np.random.default_rng(seed).integers(0, 255, (96, 128), dtype=np.uint8)
        assert cv2.imwrite(str(tmp_path / name), pixels)
        return tmp_path / name

    return make


@pytest.fixture
def shown(desk: Desk, picture) -> Desk:
    desk.open(picture("a.png"))
    return desk


def views(desk: Desk) -> list[CheckView]:
    return list(desk.window.explaining._views.values())


# the badge


def test_the_badge_is_told_by_form_and_words():
    assert badge(judged(0.82)) == ("good", "heat on the stent 82 %")
    kind, text = badge(judged(0.82, CURVES, 0.8))
    assert (kind, text) == (
        "good",
        "heat on the stent 82 %, the probability hangs on the hottest places",
    )
    kind, text = badge(judged(0.3))
    assert kind == "warning"
    assert text.startswith("Check the heat map. Only 30 % of the heat")
    kind, text = badge(judged(0.82, FLAT, 0.8))
    assert kind == "warning"
    assert "no sooner than hiding random ones" in text
    kind, text = badge(judged(0.6, is_own_place=False))
    assert (kind, text) == ("plain", "heat in the box drawn around it 60 %, not checked")
    assert badge(judged(None, has_map=False))[0] == "plain"
    kind, text = badge(judged(0.6, CURVES, 0.8, is_own_place=False))
    assert (kind, text) == ("good", "the probability hangs on the hottest places")


def test_the_figures_say_which_way_is_good():
    text = figures(judged(0.82, CURVES, 0.78))
    assert text.splitlines() == [
        "82 % of the heat on the stent",
        "deletion 0.35, random order 0.88 (lower is better)",
        "insertion 0.60 (higher is better)",
        "78 % of the hottest places stay if mirrored or shifted",
    ]
    assert figures(judged(None, has_map=False)) == ""


def test_each_card_says_whether_its_heat_is_on_the_stent(shown: Desk):
    kept(shown, stent(0.3, 0.3), stent(0.7, 0.3, "EGIS"))
    assert "heat on the stent 100 %" in shown.panel_text
    assert "Check the heat map. Only 0 % of the heat lies on the stent" in shown.panel_text
    assert len(views(shown)) == 2
    assert not any(view.ask.isVisible() for view in views(shown)), "closed until it is opened"


def test_a_check_is_asked_for_made_and_shown(shown: Desk, qtbot: QtBot, runtime):
    kept(shown, stent(0.5, 0.5))
    (view,) = views(shown)
    view.toggle.click()
    assert view.ask.isVisible()
    assert view.plot is None
    runs = runtime.runs
    view.ask.click()
    assert view.working.isVisible()
    assert view.stop.isVisible()
    shown.settle()
    assert runtime.runs == runs + PASSES
    (view,) = views(shown)
    assert not view.working.isVisible()
    assert not view.ask.isVisible()
    assert view.plot is not None
    assert view.plot.isVisible()
    assert len(view.plot.plot.listDataItems()) == 3
    assert "deletion" in view.figures.text()
    check = shown.window.review.state.facts.checks[0]
    assert check.verdict is Verdict.OK
    assert "the probability hangs on the hottest places" in shown.panel_text


def test_a_check_can_be_stopped(shown: Desk, qtbot: QtBot, runtime):
    kept(shown, stent(0.5, 0.5))
    (view,) = views(shown)
    view.toggle.click()
    runtime.gate.clear()
    view.ask.click()
    view.stop.click()
    runtime.gate.set()
    shown.settle()
    assert view.ask.isVisible()
    assert view.ask.isEnabled()
    assert not shown.window.review.state.facts.checks[0].is_full


def test_going_on_leaves_a_check_behind(shown: Desk, qtbot: QtBot, runtime, picture):
    kept(shown, stent(0.5, 0.5))
    (view,) = views(shown)
    view.toggle.click()
    runtime.gate.clear()
    view.ask.click()
    shown.window.desk.add([picture("b.png")])
    qtbot.waitUntil(lambda: not shown.window.bridge.is_running("check"))
    runtime.gate.set()
    shown.settle()
    assert shown.window.explaining._running is None


def test_why_it_could_not_be_checked_is_said(shown: Desk, qtbot: QtBot, runtime):
    kept(shown, stent(0.5, 0.5))
    (view,) = views(shown)
    view.toggle.click()
    runtime.error = KnownError("onnxruntime could not run the model.")
    view.ask.click()
    shown.settle()
    assert view.failure.isVisible()
    assert view.failure.text() == "onnxruntime could not run the model."
    assert view.ask.isVisible()


# side by side


def opened(desk: Desk, qtbot: QtBot) -> ExplanationsDialog:
    desk.window.reading.explanations.compare.click()
    dialog = desk.window.findChild(ExplanationsDialog)
    assert dialog is not None
    desk.settle()
    return dialog


def texts(dialog: ExplanationsDialog) -> str:
    return "\n".join(label.text() for label in dialog.findChildren(QLabel) if label.isVisible())


def test_every_explanation_of_a_stent_stands_beside_the_others(shown: Desk, qtbot: QtBot):
    kept(shown, stent(0.5, 0.5))
    dialog = opened(shown, qtbot)
    said = texts(dialog)
    for method in ("Grad-CAM", "Grad-CAM++", "Occlusion"):
        assert f"{method}: holds" in said, said
    assert "Attention rollout, Class token attention: " in said
    assert "no attention to show" in said
    assert "about NITI-S" in said
    assert dialog.agreement.rowCount() == dialog.agreement.columnCount() == 3
    assert dialog.agreement.item(0, 0).text() == "·"
    assert dialog.agreement.item(0, 1).text().endswith(" %")
    assert not dialog.others.isVisible()
    assert not dialog.bar.isVisible()
    dialog.close()


def test_of_several_stents_another_can_be_chosen(shown: Desk, qtbot: QtBot):
    kept(shown, stent(0.3, 0.3), stent(0.7, 0.7, "EGIS"))
    shown.window.review.choose_stent(2)
    dialog = opened(shown, qtbot)
    assert dialog.number == 1
    assert dialog.title.text() == "Stent 2: EGIS 0.93"
    assert "about EGIS" in texts(dialog)
    dialog.stents.setCurrentIndex(0)
    shown.settle()
    assert dialog.title.text() == "Stent 1: NITI-S 0.93"
    assert "about EGIS" not in texts(dialog)
    assert len(dialog.views) == 1
    dialog.close()


@pytest.fixture
def two_models(desk: Desk, models: Path, tmp_path: Path) -> Desk:
    """A second model beside the first, with the same network."""
    folder = tmp_path / "models"
    shutil.copytree(models / "stent-test", folder / "stent-test")
    first = load_bundle(folder / "stent-test")
    files = {name: first.folder / name for name in first.manifest.files}
    changed = {"id": "stent-two", "name": "Second", "files": {}}
    write_bundle(folder / "stent-two", first.manifest.model_copy(update=changed), files)
    session = desk.session
    session.catalog = session.models._catalog = Catalog([folder])
    desk.window.desk.attach(session)
    desk.settle()
    return desk


def test_other_models_are_asked_when_they_are_asked_for(two_models: Desk, qtbot: QtBot, picture):
    two_models.open(picture("a.png"))
    kept(two_models, stent(0.5, 0.5))
    dialog = opened(two_models, qtbot)
    assert len(dialog.views) == 1
    assert dialog.others.text() == "Ask the other models here too (1)"
    dialog.others.click()
    two_models.settle()
    assert [view.model.name for view in dialog.views] == ["Test", "Second"]
    assert "Second 1.0.0" in texts(dialog)
    assert "says NITI-S" in texts(dialog)
    assert dialog.agreement.rowCount() == 6
    assert dialog.agreement.horizontalHeaderItem(3).text() == "Second\nGrad-CAM"
    assert dialog.agreement.item(0, 3).text() == "100 %"
    assert not dialog.others.isVisible()
    dialog.close()


def test_comparing_can_be_stopped_and_closed_while_it_asks(shown: Desk, qtbot: QtBot, runtime):
    kept(shown, stent(0.5, 0.5))
    runtime.gate.clear()
    shown.window.reading.explanations.compare.click()
    dialog = shown.window.findChild(ExplanationsDialog)
    assert dialog.bar.isVisible()
    dialog.stop.click()
    assert not dialog.bar.isVisible()
    runtime.gate.set()
    shown.settle()
    assert dialog.views == []
    runtime.gate.clear()
    dialog._begin()
    dialog.close()
    runtime.gate.set()
    shown.settle()


def test_why_nothing_could_be_compared_is_said(shown: Desk, qtbot: QtBot, runtime):
    kept(shown, stent(0.5, 0.5))
    runtime.error = KnownError("onnxruntime could not run the model.")
    dialog = opened(shown, qtbot)
    assert dialog.trouble.isVisible()
    assert dialog.trouble.text() == "onnxruntime could not run the model."
    dialog.close()
