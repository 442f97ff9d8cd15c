"""Whole runs on small simulated pictures: from files to a model that reads, and on from a stop."""

from __future__ import annotations

import json
from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from stentviewer.core.errors import Cancelled, KnownError, UserError
from stentviewer.inference.bundle import load_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
from stentviewer.learning import kfold
from stentviewer.learning.events import Done, FoldDone, RunContext, Stage, Told
from stentviewer.learning.gallery import read_gallery
from stentviewer.learning.predictions import Predictions
from stentviewer.learning.recipe import Augment, Compute, Optimise, Start
from stentviewer.learning.result import read_result
from stentviewer.learning.run_folder import RunFolder
from tests.learning.small_study import NEW, OLD, adding, start_model, study


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    return start_model(tmp_path_factory.mktemp("start"))


@pytest.fixture(scope="module")
def items(tmp_path_factory):
    return study(tmp_path_factory.mktemp("study"), test_share=0.25)


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("STENTVIEWER_HOME", str(tmp_path / "home"))
    return tmp_path


def _run(home, recipe, items, name="run", context=None):
    folder = RunFolder(home / name)
    if not (folder.path / "run.json").exists():
        folder = RunFolder.create(home / name, recipe, items)
    said = []
    kfold.run(folder, Catalog([home / "models"]), context or RunContext(said.append))
    return folder, said


def test_a_run_ends_in_a_model_that_reads_and_a_result_that_says_what_it_rests_on(
    home, start, items
) -> None:
    folder, said = _run(home, adding(start), items)
    bundle = load_bundle(folder.bundle)
    assert bundle.labels == (*OLD, NEW)
    assert bundle.manifest.training["start"] == {"id": "small", "sha256": start.sha256}
    assert bundle.manifest.id.startswith("with-coil-")
    assert "simulated" in bundle.manifest.data_source
    result = read_result(folder.result)
    train = [item for item in items if item.role == "train"]
    assert result.out_of_fold.images == len(train)
    assert result.test is not None
    assert result.test.images == len(items) - len(train)
    assert result.against_start is not None
    assert result.against_start.unknown_before == sum(item.label == NEW for item in train)
    assert len(result.folds) == 2
    assert result.is_simulated
    assert result.cost.seconds["folds"] > 0
    assert result.challenger is not None
    assert result.challenger.sha256 == bundle.sha256
    assert folder.report.with_suffix(".html").stat().st_size > 10_000
    assert folder.report.with_suffix(".pdf").stat().st_size > 10_000
    assert read_gallery(folder.gallery)
    assert isinstance(said[-1], Done)
    assert [event.fold for event in said if isinstance(event, FoldDone)] == [1, 2]


def test_no_patient_is_on_both_sides_and_no_held_back_image_is_learned_from(
    home, start, items
) -> None:
    folder, _ = _run(home, adding(start), items)
    out = Predictions.load(folder.out_of_fold)
    test = Predictions.load(folder.answers("test"))
    assert not set(out.patient) & set(test.patient)
    assert not set(out.sha256) & set(test.sha256)
    for patient in set(out.patient):
        folds = {f for f, p in zip(out.fold, out.patient, strict=True) if p == patient}
        assert len(folds) == 1


def test_the_final_model_answers_the_test_images_as_its_bundle_does(home, start, items) -> None:
    folder, _ = _run(home, adding(start), items)
    test, bundle = Predictions.load(folder.answers("test")), load_bundle(folder.bundle)
    study = kfold.open_study(
        folder,
        folder.recipe(),
        kfold.open_run_start(folder.recipe(), Catalog([home]), home),
        RunContext(),
    )
    runtime = OnnxRuntime(bundle)
    for row, sha in enumerate(study.cache.sha256):
        if sha in test.sha256:
            output = runtime.run(study.cache.tensor([row], study.cache.spec))
            expected = test.logits[test.sha256.index(sha)]
            assert output.scores == pytest.approx(
                expected, abs=5e-3 * float(np.abs(expected).max())
            )


class _StopAt:
    def __init__(self, fold: str) -> None:
        self.fold, self.is_over = fold, False

    def check(self) -> None:
        if self.is_over:
            raise Cancelled

    def __call__(self, event) -> None:
        self.is_over |= isinstance(event, Stage) and self.fold in event.what


def test_a_run_that_was_stopped_goes_on_and_ends_with_the_same_model(home, start, items) -> None:
    whole, _ = _run(home, adding(start), items, "whole")
    stop = _StopAt("Fold 2")
    with pytest.raises(Cancelled):
        _run(home, adding(start), items, "part", RunContext(stop, stop))
    assert not (home / "part" / "result.json").exists()
    part, said = _run(home, adding(start), items, "part")
    first, second = load_bundle(whole.bundle), load_bundle(part.bundle)
    assert first.manifest.files == second.manifest.files
    assert np.array_equal(
        Predictions.load(whole.out_of_fold).logits, Predictions.load(part.out_of_fold).logits
    )
    assert not any(
        "start model" in event.what for event in said if isinstance(event, Stage) if event.done
    )


def test_other_images_than_it_began_with_are_refused(home, start, items) -> None:
    folder, _ = _run(home, adding(start), items)
    kept = json.loads((folder.path / "folds.json").read_text(encoding="utf-8"))
    (folder.path / "folds.json").write_text(
        json.dumps({**kept, "sha256": "0" * 64}), encoding="utf-8"
    )
    with pytest.raises(KnownError, match="not those that this run began with"):
        _run(home, adding(start), items)


def test_an_image_that_cannot_be_read_is_told_and_the_rest_goes_on(home, start, items) -> None:
    broken = home / "broken.dcm"
    broken.write_bytes(b"no picture")
    more = [*items, replace(items[0], path=broken), replace(items[1], path=home / "gone.dcm")]
    folder, said = _run(home, adding(start), more)
    told = [event.text for event in said if isinstance(event, Told)]
    assert any("broken.dcm" in text for text in told)
    assert any("gone.dcm" in text for text in told)
    assert len(read_result(folder.result).data.problems) == 2


def test_a_class_of_one_patient_is_refused_before_anything_is_learned(home, start, items) -> None:
    one = next(item for item in items if item.label == NEW)
    few = [item for item in items if item.label != NEW] + [one]
    with pytest.raises(UserError, match="only one image of Coil"):
        _run(home, adding(start), few)


def test_classes_without_a_place_in_the_new_model_are_left_out(home, start, items) -> None:
    recipe = adding(start, classes=adding(start).classes[1:])
    folder, said = _run(home, recipe, items)
    assert any("EGIS" in event.text for event in said if isinstance(event, Told))
    assert load_bundle(folder.bundle).labels == (OLD[1], NEW)


@pytest.mark.parametrize("method", ["tuned", "full"])
def test_the_other_ways_of_learning_end_in_a_model_that_reads_too(
    home, start, items, method
) -> None:
    recipe = adding(
        start,
        method=method,
        epochs=1,
        start=Start(network="test_efficientnet", random=True),
        classes=tuple(spec.model_copy(update={"before": ()}) for spec in adding(start).classes),
        side=64,
        optimise=Optimise(warmup_epochs=0, frozen=0.5 if method == "tuned" else 0),
        augment=Augment(),
        compute=Compute(device="cpu", batch=4, threads=1),
    )
    folder, _ = _run(home, recipe, items)
    bundle = load_bundle(folder.bundle)
    assert OnnxRuntime(bundle).run(np.zeros((1, 3, 64, 64), np.float32)).scores.shape == (3,)
    assert read_result(folder.result).made.method == method
