"""The third step of the wizard: ways, what each takes here, details, and a run that is made."""

from __future__ import annotations

import sys
import threading
import time
from pathlib import Path

import pytest

from stentviewer.core.errors import Cancelled, KnownError
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.learning import wizard_recipe
from stentviewer.learning.recipe import ClassSpec, Recipe, Start, preset
from stentviewer.learning.selection import Item
from stentviewer.learning.sources import from_folders
from stentviewer.learning.wizard_flow import Step
from stentviewer.ui.wizard import how, pages, ways
from stentviewer.ui.wizard.measuring import Measured, measure
from tests.learning.test_gallery import bright_bundle
from tests.ui.wizards import WizardDesk, write_images

RECIPE = Recipe(
    name="a", start=Start(model="m"), classes=(ClassSpec(name="A"), ClassSpec(name="B"))
)
ITEMS = [Item(Path("/a.png"), "A", "p"), Item(Path("/b.png"), "B", "q")]


class Meter:
    """Stands in for the process that measures: tells what it was asked, and fails on demand."""

    def __init__(self) -> None:
        self.asked: list[Recipe] = []
        self.trouble = ""

    def __call__(self, recipe, items, place, context) -> Measured:
        self.asked.append(recipe)
        if self.trouble and recipe.method == "tuned":
            raise KnownError(self.trouble)
        seconds = {"quick": 170.0, "tuned": 4000.0, "full": 2.5 * 24 * 3600}[recipe.method]
        return Measured(seconds, int(2.44e9), int(1e9), int(8e9))


@pytest.fixture(autouse=True)
def first_steps(monkeypatch) -> None:
    """A run that is made here is not begun: that is the fourth step's."""
    monkeypatch.setattr(pages, "PAGES", pages.PAGES[:3])


@pytest.fixture
def meter(monkeypatch) -> Meter:
    made = Meter()
    monkeypatch.setattr(how, "measure", made)
    return made


@pytest.fixture
def wizard(desk, qtbot, tmp_path, meter) -> WizardDesk:
    """At the third step."""
    made = WizardDesk(desk, qtbot)
    made.with_coil(tmp_path / "images", patients=4, views=1)
    made.go_on()
    made.go_on()
    return made


def costs(wizard: WizardDesk) -> list[str]:
    return [block.cost.text() for block in wizard.how.ways.blocks.values()]


def test_quick_is_chosen_and_each_way_is_measured(wizard, meter) -> None:
    page = wizard.how
    chosen = [way.title for way, block in page.ways.blocks.items() if block.button.isChecked()]
    assert chosen == ["Quick"]
    assert [one.method for one in meter.asked] == ["quick", "tuned", "full", "full"]
    assert meter.asked[3].side == 1536
    quick, tuned, full, _ = costs(wizard)
    assert quick == "Here about 3 min, up to 2.4 GB of memory. Measured by a few steps."
    assert "about 67 min" in tuned
    assert "about 2 days" in full
    assert page.measure_all.isEnabled()
    page.measure_all.click()
    wizard.settle()
    assert len(meter.asked) == 4, "what was measured is not measured again"


def test_other_choices_were_not_measured(wizard, meter) -> None:
    page = wizard.how
    page.details.folds.setValue(2)
    assert costs(wizard) == ["Not measured with these choices."] * 4
    page.measure_all.click()
    wizard.settle()
    assert meter.asked[-1].folds == 2
    assert "about 3 min" in costs(wizard)[0]


def test_why_a_way_cannot_be_measured_stands_there(wizard, meter) -> None:
    meter.trouble = "The memory of this machine ran out."
    wizard.how.details.folds.setValue(3)
    wizard.how.measure_all.click()
    wizard.settle()
    quick, tuned, full, _ = costs(wizard)
    assert tuned == "The memory of this machine ran out."
    assert "about" in quick
    assert "about" in full


def test_without_the_packages_quick_is_left(wizard, monkeypatch) -> None:
    monkeypatch.setattr(wizard_recipe, "find_spec", lambda name: None)
    wizard.how.enter(wizard.flow)
    quick, *others = wizard.how.ways.blocks.values()
    assert quick.button.isEnabled()
    assert quick.trouble.isHidden()
    for block in others:
        assert not block.button.isEnabled()
        assert "torch, timm, lightning-fabric" in block.trouble.text()
        assert 'pip install "stentviewer[learn]"' in block.trouble.text()
    assert wizard.dialog.next.isEnabled()


def test_details_stay_out_of_the_way_and_fit_the_method(wizard) -> None:
    page = wizard.how
    details = page.details
    assert details.panel.isHidden()
    details.switch.click()
    assert not details.panel.isHidden()
    assert details.epochs.isHidden(), "Quick has none"
    assert details.folds.text() == "usual: 4", "the smallest class has four patients"
    page.ways.blocks[ways.WAYS[1]].button.click()
    assert not details.epochs.isHidden()
    usual = preset("tuned")["optimise"].frozen
    assert details.frozen.text() == f"usual: {usual * 100:.0f} %"
    assert details.lora.isHidden(), "no transformer"
    details.frozen.setValue(85)
    details.decay.setValue(0.75)
    details.epochs.setValue(4)
    recipe = wizard.flow.recipe()
    assert recipe.method == "tuned"
    assert (recipe.optimise.frozen, recipe.optimise.layer_decay) == (0.85, 0.75)
    assert recipe.epochs == 4
    details.frozen.setValue(-5)
    assert wizard.flow.recipe().optimise.frozen == usual, "as usual again"


def test_another_network_by_name(wizard) -> None:
    details = wizard.how.details
    wizard.how.ways.blocks[ways.WAYS[2]].button.click()
    assert details.weights.isHidden()
    details.network.setCurrentIndex(details.network.findData("deit_base_patch16_224"))
    details.network.activated.emit(details.network.currentIndex())
    assert not details.weights.isHidden()
    assert not details.lora.isHidden()
    details.lora.setValue(8)
    recipe = wizard.flow.recipe()
    assert (recipe.start.network, recipe.optimise.lora) == ("deit_base_patch16_224", 8)
    details.network.setEditText("convnext_tiny")
    details.network.lineEdit().editingFinished.emit()
    assert wizard.flow.recipe().start.network == "convnext_tiny"
    assert wizard.flow.recipe().optimise.lora == 0
    details.network.setCurrentIndex(0)
    details.network.activated.emit(0)
    assert wizard.flow.recipe().start.model == "stent-test"


def test_too_many_folds_are_said(wizard) -> None:
    wizard.how.details.folds.setValue(9)
    assert not wizard.dialog.next.isEnabled()
    assert "9 folds need 9 patients" in wizard.dialog.why.text()


def test_the_run_is_made_with_all_that_was_chosen(wizard, qtbot) -> None:
    details = wizard.how.details
    qtbot.keyClicks(details.name, "First try")
    assert wizard.dialog.next.text() == "Start learning"
    wizard.go_on()
    run = wizard.flow.run
    assert run is not None
    assert run.recipe().name == "First try"
    assert run.path.name.endswith("first-try")
    assert len(run.items()) == 24
    assert wizard.flow.step == Step.RUN
    wizard.dialog.go_to(Step.HOW)
    assert wizard.dialog.next.text() == "Continue"
    assert not any(b.button.isEnabled() for b in wizard.how.ways.blocks.values())
    assert not details.panel.isEnabled()


@pytest.mark.parametrize(
    ("seconds", "said"),
    [(0.2, "about 1 s"), (89, "about 89 s"), (91, "about 2 min"), (3600, "about 60 min"),
     (7200, "about 2 h"), (100_000, "about 28 h"), (200_000, "about 2 days")],
)  # fmt: skip
def test_times_are_said_no_finer_than_known(qapp, seconds, said) -> None:
    assert ways.duration(seconds) == said


# the process that measures


def command(code: str):
    return lambda folder: [sys.executable, "-c", code]


def test_a_process_measures_and_nothing_is_left(tmp_path) -> None:
    code = """
import json, sys
from pathlib import Path
assert sys.argv[-1] == "--estimate"
print("chatter of a library")
print(json.dumps({"event": "Stage", "what": "Measuring", "done": 1, "total": 3}), flush=True)
print(json.dumps({"estimate": {"seconds": 12.5, "memory": 3000, "disk": 50}}), flush=True)
"""
    seen: list[Progress] = []
    found = measure(RECIPE, ITEMS, tmp_path, JobContext(seen.append), command(code))
    assert (found.seconds, found.memory, found.disk) == (12.5, 3000, 50)
    assert found.total_memory > 0
    assert seen == [Progress(1, 3, "Measuring")]
    assert list(tmp_path.iterdir()) == []


def two_classes(model: str, side: int) -> Recipe:
    classes = (ClassSpec(name="EGIS", before=("EGIS",)), ClassSpec(name="Coil"))
    return Recipe(name="a", start=Start(model=model), classes=classes, side=side, folds=2)


@pytest.mark.long
def test_the_real_process_measures_a_few_steps(tmp_path) -> None:
    found = from_folders(write_images(tmp_path / "images", "EGIS", "Coil", patients=4))
    place = tmp_path / "training"
    measured = measure(two_classes("stent-demo", 1024), found.items, place, JobContext())
    assert 0 < measured.seconds < 600
    assert 10e6 < measured.memory <= measured.total_memory
    assert list(place.iterdir()) == []


def test_the_real_process_says_why_a_run_cannot_be(home, tmp_path) -> None:
    (home / "models").mkdir()
    bright_bundle(home / "models" / "stent-test")
    found = from_folders(write_images(tmp_path / "images", "EGIS", "Coil", patients=4))
    place = tmp_path / "training"
    with pytest.raises(KnownError, match="one plain layer"):
        measure(two_classes("stent-test", 64), found.items, place, JobContext())
    assert list(place.iterdir()) == []


def test_what_stands_against_the_run_is_said(tmp_path) -> None:
    code = 'print(\'{"event": "Failed", "text": "No disk.", "is_bug": false}\', flush=True)'
    with pytest.raises(KnownError, match="No disk"):
        measure(RECIPE, ITEMS, tmp_path, JobContext(), command(code))
    assert list(tmp_path.iterdir()) == []


def test_a_process_that_dies_is_no_measurement(tmp_path) -> None:
    with pytest.raises(RuntimeError, match="out of luck"):
        measure(RECIPE, ITEMS, tmp_path, JobContext(), command("raise ValueError('out of luck')"))


def test_measuring_ends_soon_after_it_was_cancelled(tmp_path) -> None:
    """Also a process that obeys nothing."""
    code = "print('x', flush=True)\nwhile True:\n    import time; time.sleep(60)"
    context = JobContext()
    timer = threading.Timer(0.2, context.cancelled.set)
    timer.start()
    began = time.monotonic()
    with pytest.raises(Cancelled):
        measure(RECIPE, ITEMS, tmp_path, context, command(code))
    timer.join()
    assert time.monotonic() - began < 30, "it would have slept for ever"
    assert list(tmp_path.iterdir()) == []
