"""A sixth simulated design from pictures in a folder to a model that reads, and back again.

Everything is real: the wizard's pages, the run's process, the networks, the list of models in
force. Only the measuring on the third page is left out, which is tested beside it.
"""

from __future__ import annotations

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from stentviewer.app.session import Session
from stentviewer.app.training_process import worker_command
from stentviewer.core.paths import models_dir
from stentviewer.core.settings import Settings
from stentviewer.inference.catalog import Catalog
from stentviewer.learning import registry
from stentviewer.learning.selection import read_selection
from stentviewer.learning.wizard_flow import Step
from stentviewer.library.repository import Library
from stentviewer.simulate.stents import FURTHER_DESIGNS, STENT_MAKERS
from stentviewer.simulate.study_set import simulate_study_set
from stentviewer.ui.main_window import MainWindow
from stentviewer.ui.wizard import how
from stentviewer.ui.wizard.measuring import Measured
from tests.learning.small_model import MODEL, small_model
from tests.ui.conftest import Desk
from tests.ui.runs import RunDesk

COIL = FURTHER_DESIGNS[0]
DEMO = "stent-demo"


@pytest.fixture(scope="module")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder for each of six simulated designs, two patients each at least."""
    made = tmp_path_factory.mktemp("study")
    counts = dict.fromkeys((*STENT_MAKERS, COIL), 5)
    table = simulate_study_set(made / "all", 11, counts, side=160, frames_per_patient=2)
    for item in read_selection(table):
        place = made / "classes" / item.label / item.path.name
        place.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(item.path, place)
    return made / "classes"


@pytest.fixture
def sit_at(qtbot: QtBot, home: Path, empty_library: Path, tmp_path: Path) -> Callable[[str], Desk]:
    """The program with a start model in force, "stent-small" or the one that ships."""

    def start(model: str) -> Desk:
        catalog = Catalog([models_dir(), home / "models"])
        if model == MODEL:
            bundle = small_model(home / "models" / MODEL, side=128)
            registry.promote(catalog, bundle, registry.Decision("Dr Lee", "To begin with."))
        folder = tmp_path / "library"
        shutil.copytree(empty_library, folder)
        window = MainWindow(Settings(reader="dr.kim"), folder)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow)
        library = Library.open(folder, "dr.kim")
        window.closed.connect(library.close)
        window.use_session(Session(library, catalog, "dr.kim"))
        desk = Desk(window, qtbot)
        settle(desk, qtbot)
        return desk

    return start


def settle(desk: Desk, qtbot: QtBot) -> None:
    """Like `Desk.settle`, with time for a real network at full size."""
    qtbot.waitUntil(lambda: not desk.window.bridge.jobs, timeout=120_000)


def read(desk: Desk, qtbot: QtBot) -> tuple[str, object]:
    """The model's word on the image in front: which model, and what it answers."""
    desk.press(Qt.Key.Key_R)
    settle(desk, qtbot)
    reading = desk.window.review.state.reading.reading
    return reading.model.short, reading.findings


@pytest.mark.parametrize("model", [MODEL, pytest.param(DEMO, marks=pytest.mark.long)])
def test_a_sixth_design_is_learned_promoted_read_with_and_taken_back(
    model: str,
    sit_at: Callable[[str], Desk],
    study: Path,
    qtbot: QtBot,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nothing = Measured(1.0, 10**9, 10**6, 8 * 10**9)
    monkeypatch.setattr(how, "measure", lambda *_: nothing)
    desk = sit_at(model)
    image = sorted((study / COIL).iterdir())[0]
    desk.window.desk.add([image])
    settle(desk, qtbot)
    before = read(desk, qtbot)
    assert before[0].startswith(model)
    assert COIL not in {finding.maker for finding in before[1]}

    wizard = RunDesk(desk, qtbot, worker_command)
    assert wizard.change.models.currentData() == model
    wizard.change.gather("folders", study)
    wizard.settle()
    wizard.change.labels.newWanted.emit(COIL)
    assert wizard.flow.plan.new == (COIL,)
    wizard.go_on()
    assert wizard.flow.step == Step.DATA
    wizard.settle(120_000)
    wizard.data.hold.click()
    wizard.settle()
    wizard.go_on()
    wizard.how.details.folds.setValue(2)
    wizard.go_on()
    wizard.settle(60_000)
    assert wizard.flow.step == Step.RUN
    wizard.until("done", 1_800_000)

    page = wizard.run
    assert all(page.folds.item(line, 1).text() == "done" for line in range(3))
    assert 0 <= float(page.folds.item(0, 2).text()) <= 1
    wizard.go_on()
    wizard.settle(120_000)
    assert wizard.flow.step == Step.RESULT
    sections = wizard.result.view.sections
    assert "Against the model in force, on local test images" in sections
    assert "Where the model looked" in sections
    wizard.go_on()
    wizard.settle(60_000)

    page = wizard.promote
    assert "simulated" in page.concerns.text()
    assert "There is no frozen test set" not in page.concerns.text(), "it was held back"
    qtbot.keyClicks(page.why, "A design that is placed here.")
    qtbot.mouseClick(page.promote, Qt.MouseButton.LeftButton)
    settle(desk, qtbot)
    wizard.settle()
    with_it = read(desk, qtbot)
    new = desk.window.desk.model
    assert new.ref is not None
    assert with_it[0] == new.ref.short != before[0]
    assert new.makers == (*STENT_MAKERS, COIL)

    qtbot.mouseClick(page.back, Qt.MouseButton.LeftButton)
    settle(desk, qtbot)
    wizard.settle()
    assert read(desk, qtbot) == before, "the old answer is back, to the last digit"
    past = desk.session.library.readings(desk.images()[0])
    assert [one.reading.model.short for one in past] == [before[0], with_it[0], before[0]]
    wizard.dialog.close()
