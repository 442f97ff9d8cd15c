"""What a run will take: parts of a small real fit, counted up."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from stentviewer.app import training
from stentviewer.core.errors import Cancelled, UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.paths import data_dir
from stentviewer.learning import estimate as module
from stentviewer.learning import trial as trials
from stentviewer.learning.events import Epoch, RunContext, Stage, Step
from stentviewer.learning.expected import Estimate, parse_estimate
from stentviewer.learning.recipe import ClassSpec, Compute, Recipe, Start
from stentviewer.learning.trial import PeakMemory, Trial, carry_out
from tests.learning.images import png_items
from tests.learning.small_model import MODEL, small_model


def a_recipe(**changes: object) -> Recipe:
    fields: dict[str, object] = {
        "name": "measured",
        "start": Start(model=MODEL),
        "classes": tuple(ClassSpec(name=name, before=(name,)) for name in ("EGIS", "Epic")),
        "side": 64,
        "folds": 2,
    }
    return Recipe(**{**fields, **changes})


def test_a_quick_run_is_measured_in_a_process_of_its_own(tmp_path: Path) -> None:
    small_model(data_dir() / "models" / MODEL)
    items = png_items(tmp_path, 8)
    found = training.measure(a_recipe(), items)
    assert 0 < found.seconds < 600
    assert found.seconds == pytest.approx(sum(found.parts.values()))
    assert set(found.parts) == {"start", "images", "features", "folds", "final", "answers"}
    assert found.parts["images"] > 0
    assert found.parts["features"] > 0
    assert found.parts["folds"] == pytest.approx(2 * found.parts["final"])
    assert 50e6 < found.memory < 4e9
    assert found.disk > 8 * 64**2
    assert list((data_dir() / "training" / "estimates").iterdir()) == [], "nothing is left behind"


def test_what_a_run_would_stumble_over_is_said(tmp_path: Path) -> None:
    items = png_items(tmp_path, 4)
    with pytest.raises(UserError, match="No model called none"):
        training.measure(a_recipe(start=Start(model="none")), items)
    small_model(data_dir() / "models" / MODEL)
    for item in items:
        item.path.write_bytes(b"no image")
    with pytest.raises(UserError, match="Too few of the images"):
        training.measure(a_recipe(), items)


def test_measuring_can_be_cancelled(tmp_path: Path) -> None:
    context = JobContext()
    context.cancelled.set()
    with pytest.raises(Cancelled):
        training.measure(a_recipe(), png_items(tmp_path, 4), context)
    assert list((data_dir() / "training" / "estimates").iterdir()) == []


class Fitted:
    def logits(self, rows: np.ndarray) -> np.ndarray:
        return np.zeros((len(rows), 2))


class StepByStep:
    """A learner whose steps take a time that is known, on a clock of its own."""

    def __init__(self, clock: list[float]) -> None:
        self.clock = clock

    def fit(self, train, check, fold, folder: Path, context: RunContext) -> Fitted:
        self.clock[0] += 5  # builds the network
        for done in range(11):
            context.emit(Stage("Passing", done, 10))
            self.clock[0] += 2
        for step in range(3):
            self.clock[0] += 4
            context.emit(Step(fold, 0, 1, step, 3, 0.5, 1e-3, 1.0, 0, 0.0))
        self.clock[0] += 6
        context.emit(Epoch(fold, 0, 0.5))
        (folder / "weights").write_bytes(bytes(1000))
        return Fitted()


def test_the_parts_of_a_fit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(trials.time, "monotonic", lambda: clock[0])
    rows = np.arange(3)
    found = carry_out(StepByStep(clock), 2, rows, rows, tmp_path / "fold", RunContext())
    assert found.pass_seconds == 2
    assert found.image_seconds == 2, "four seconds a step, two images in it"
    assert found.check_seconds == 2, "six seconds for three check images"
    assert found.rest_seconds == 5 + 2, "what was neither a pass nor a step nor an epoch's end"
    assert found.answer_seconds == 0
    assert found.total_seconds == 5 + 22 + 12 + 6
    assert found.disk == 1000
    assert found.memory > 1e6


def test_the_parts_are_counted_up() -> None:
    trial = Trial(2, 3, 0.5, 2.0, 1.0, 7.0, 0.25, 40.0, 10**9, 0, 1000)
    counts = module._Counts(images=120, train=100, aside=20, fits=3)
    found = module._scaled(a_recipe(epochs=10), trial, counts)
    assert found["features"] == 120 * 0.5
    assert found["folds"] == 2 * (7 + 10 * (50 * 2.0 + 50 * 1.0) + 50 * 0.25)
    assert found["final"] == 7 + 10 * 100 * 2.0
    assert found["answers"] == 20 * 0.5
    assert module._scaled(a_recipe(epochs=10, final=False), trial, counts)["final"] == 0


def test_memory_grows_with_the_batch_and_ends_with_the_machine() -> None:
    def at(batch: int, memory: int) -> Trial:
        return Trial(batch, 3, 0, 1, 1, 1, 1, 1, memory, 0, 0)

    recipe = a_recipe(compute=Compute(batch=32))
    two, sixteen = at(2, 10**8), at(16, 2 * 10**8)
    grown = 2 * 10**8 + 16 * 10**8 // 14
    assert module._memory(recipe, [two, sixteen]) == pytest.approx(grown, abs=16)
    assert module._memory(recipe, [two]) == 10**8
    assert module._memory(recipe, [at(2, 10**12), at(16, 10**15)]) < 10**14


def test_the_sample_has_every_class_and_many_patients(tmp_path: Path) -> None:
    items = png_items(tmp_path, 40)
    found = module._sample(items, ("EGIS", "Epic"))
    assert len(found) == 12
    for label in ("EGIS", "Epic"):
        of_class = [item for item in found if item.label == label]
        assert len(of_class) == len({item.patient for item in of_class}) == 6
    assert {item.label for item in module._sample(items, ("EGIS",))} == {"EGIS"}
    few = [replace(item, patient="one") for item in items[:6]]
    assert len(module._sample(few, ("EGIS", "Epic"))) == 6, "also where there is one patient"
    assert module._sample([replace(item, role="test") for item in items], ("EGIS",)) == []


def test_an_estimate_travels_as_a_line() -> None:
    found = Estimate(12.5, 10**9, 10**6, 3, parts={"folds": 12.5})
    assert parse_estimate(["chatter", found.as_line(), ""]) == found
    assert parse_estimate(["chatter", '{"estimate": {"hours": 1}}', "[]"]) is None


def test_peak_memory_sees_what_is_gone_again() -> None:
    with PeakMemory() as memory:
        before = memory.peak
        held = np.ones(25_000_000)  # 200 MB
        memory._look()
        del held
    assert memory.peak - before > 150e6
