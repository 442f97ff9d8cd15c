"""Quick: features once, the last convolution aimed, the last layer made anew; files that agree."""

from __future__ import annotations

import numpy as np
import onnx
import pytest

pytest.importorskip("torch")

from stentviewer.core.errors import Cancelled, KnownError, UserError
from stentviewer.core.paths import data_dir
from stentviewer.explain.cam import class_map
from stentviewer.inference.bundle import ONNX, SAFETENSORS, write_bundle
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
from stentviewer.inference.runtimes.torch_runtime import TorchRuntime
from stentviewer.learning import gate
from stentviewer.learning.cache import open_cache
from stentviewer.learning.events import RunContext
from stentviewer.learning.features import Pooled
from stentviewer.learning.quick import QuickLearner, fit_head, inner_folds
from tests.learning.small_study import adding, start_model, study


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    return start_model(tmp_path_factory.mktemp("start"))


@pytest.fixture(scope="module")
def items(tmp_path_factory):
    return study(tmp_path_factory.mktemp("study"))


@pytest.fixture
def quick(start, items, tmp_path, monkeypatch):
    monkeypatch.setenv("STENTVIEWER_HOME", str(tmp_path / "home"))
    recipe = adding(start)
    spec = start.manifest.preprocessing
    cache, _ = open_cache(items, spec, data_dir() / "cache", RunContext(), workers=1)
    labels = np.array([recipe.names.index(item.label) for item in cache.items])
    return QuickLearner(recipe, cache, labels, start, tmp_path / "run"), cache, labels, recipe


def _folder(tmp_path, name):
    folder = tmp_path / name
    folder.mkdir()
    return folder


@pytest.mark.parametrize("strength", [0.0, 1.0])
def test_the_files_answer_as_the_fold_did_in_both_runtimes(
    quick, start, tmp_path, monkeypatch, strength
) -> None:
    learner, cache, labels, recipe = quick
    only = (strength,) if strength else (0.0,)
    monkeypatch.setattr(Pooled, "strengths", property(lambda _: only))
    rows = np.arange(len(labels))
    fitted = learner.fit(rows, rows[:0], 1, _folder(tmp_path, "fold"), RunContext())
    assert fitted.head.strength == strength
    files = fitted.export(_folder(tmp_path, "out"))
    made = start.manifest.model_copy(
        update={
            "labels": tuple(
                start.manifest.labels[0].model_copy(update={"name": name, "code_value": str(k)})
                for k, name in enumerate(recipe.names)
            )
        }
    )
    bundle = write_bundle(tmp_path / "bundle", made, files)
    onnx.checker.check_model(onnx.load(str(files[ONNX])))
    weight, bias = bundle.head()
    for row in (0, 5, 11):
        tensor = cache.tensor([row], made.preprocessing)
        by_onnx, by_torch = OnnxRuntime(bundle).run(tensor), TorchRuntime(bundle, "cpu").run(tensor)
        expected = fitted.logits(np.array([row]))[0]
        size = float(np.abs(expected).max())
        assert by_onnx.scores == pytest.approx(expected, abs=2e-3 * size)
        assert by_torch.scores == pytest.approx(expected, abs=2e-2 * size)
        pooled = by_onnx.activation.mean((1, 2))
        assert weight @ pooled + bias == pytest.approx(by_onnx.scores, abs=2e-3 * size)
        assert class_map(by_onnx.activation, weight[0]).shape == by_onnx.activation.shape[1:]


def test_a_fold_that_ended_is_not_fitted_again(quick, tmp_path) -> None:
    learner, _, labels, _ = quick
    rows, folder = np.arange(len(labels)), _folder(tmp_path, "fold")
    first = learner.fit(rows, rows[:0], 1, folder, RunContext())
    stamp = (folder / "head.npz").stat().st_mtime_ns
    again = learner.fit(rows, rows[:0], 1, folder, RunContext())
    assert (folder / "head.npz").stat().st_mtime_ns == stamp
    assert np.array_equal(first.logits(rows), again.logits(rows))


def test_features_go_on_where_they_stopped_with_the_same_answer(quick, start, tmp_path) -> None:
    learner, cache, labels, recipe = quick
    rows = np.arange(len(labels))
    whole = learner.fit(rows, rows[:0], 1, _folder(tmp_path, "a"), RunContext())

    class Stop:
        asked = 0

        def check(self) -> None:
            self.asked += 1
            if self.asked > len(rows) + 10:  # the gate looks at each first
                raise Cancelled

    work = tmp_path / "again"
    second = QuickLearner(recipe, cache, labels, start, work)
    with pytest.raises(Cancelled):
        second.fit(rows, rows[:0], 1, _folder(tmp_path, "b"), RunContext(control=Stop()))
    kept = np.load(next(work.glob("features-*.npy")))
    assert 0 < np.isnan(kept[:, 0]).sum() < len(rows)
    asked = []
    third = QuickLearner(recipe, cache, labels, start, work)
    done = third.fit(rows, rows[:0], 1, tmp_path / "b", RunContext(asked.append))
    assert np.allclose(done.logits(rows), whole.logits(rows), atol=1e-4)
    read = [event.done for event in asked if "start model" in event.what and event.done]
    assert len(read) == np.isnan(kept[:, 0]).sum()


def test_a_cut_off_table_of_features_is_made_again(quick, start, tmp_path) -> None:
    learner, cache, labels, recipe = quick
    rows = np.arange(len(labels))
    whole = learner.fit(rows, rows[:0], 1, _folder(tmp_path, "a"), RunContext())
    table = next((tmp_path / "run").glob("features-*.npy"))
    table.write_bytes(table.read_bytes()[:-100])
    again = QuickLearner(recipe, cache, labels, start, tmp_path / "run")
    done = again.fit(rows, rows[:0], 1, _folder(tmp_path, "b"), RunContext())
    assert np.array_equal(done.logits(rows), whole.logits(rows))


def test_a_start_model_without_its_last_layer_is_refused_with_what_to_do(quick, start) -> None:
    _, cache, labels, recipe = quick
    files = {name: start.folder / name for name in (ONNX, SAFETENSORS)}
    bare = write_bundle(start.folder.parent / "bare", start.manifest, files)
    with pytest.raises(KnownError, match="Choose Tuned or Full"):
        QuickLearner(recipe, cache, labels, bare, start.folder)


def test_known_answers_of_the_start_model_cost_nothing(quick, start) -> None:
    learner, cache, _, _ = quick
    rows = np.array([1, 4])
    said = learner.start_logits(rows, RunContext())
    for row, scores in zip(rows, said, strict=True):
        tensor = cache.tensor([row], start.manifest.preprocessing)
        assert OnnxRuntime(start).run(tensor).scores == pytest.approx(scores, abs=1e-3)


# the discriminant and the choice, on numbers whose truth is known


def _blobs(seed, apart):
    rng = np.random.default_rng(seed)
    labels = np.repeat(np.arange(3), 20)
    centres = np.eye(3, 6) * apart
    return (centres[labels] + rng.normal(size=(60, 6))).astype(np.float32), labels


def test_classes_that_lie_apart_are_told_apart_and_scores_are_centred() -> None:
    features, labels = _blobs(1, 8)
    patients = np.array([f"p{k}" for k in range(60)])
    head = fit_head(Pooled(features), np.arange(60), labels, patients, 3)
    scores = head.scores(features)
    assert (scores.argmax(1) == labels).all()
    assert scores.mean(1) == pytest.approx(np.zeros(60), abs=1e-3)


def test_two_classes_have_two_rows() -> None:
    features, labels = _blobs(2, 8)
    two = labels < 2
    patients = np.array([f"p{k}" for k in range(60)])[two]
    head = fit_head(Pooled(features), np.flatnonzero(two), labels[two], patients, 2)
    assert head.weight.shape == (2, 6)
    assert (head.scores(features[two]).argmax(1) == labels[two]).all()


def test_a_closed_channel_says_nothing() -> None:
    features, labels = _blobs(3, 8)
    features = np.concatenate([features, np.zeros((60, 4), np.float32)], axis=1)
    patients = np.array([f"p{k}" for k in range(60)])
    head = fit_head(Pooled(features), np.arange(60), labels, patients, 3)
    assert not head.weight[:, 6:].any()


def test_the_way_to_aim_that_tells_most_is_chosen_inside_the_training_images() -> None:
    good, labels = _blobs(4, 6)
    bad = np.random.default_rng(5).normal(size=good.shape).astype(np.float32)
    fitted = gate.Gate(np.ones(5), 0.0, 3.0, np.zeros(5), np.ones(5))
    aimed = np.concatenate([bad, good, bad], axis=1)
    pooled = Pooled(bad, aimed, fitted)
    patients = np.array([f"p{k}" for k in range(60)])
    head = fit_head(pooled, np.arange(60), labels, patients, 3)
    assert head.strength == gate.STRENGTHS[1]


def test_a_fold_without_a_class_says_so() -> None:
    features, labels = _blobs(6, 4)
    rows = np.flatnonzero(labels < 2)
    with pytest.raises(KnownError, match="Choose fewer folds"):
        fit_head(Pooled(features), rows, labels[rows], np.array(["p"] * len(rows)), 3)


def test_inner_folds_keep_patients_whole_and_do_without_where_there_are_too_few() -> None:
    labels = np.repeat([0, 1], 12)
    patients = np.array([f"p{k // 2}" for k in range(24)])
    inner = inner_folds(labels, patients, 2)
    assert all(len(set(inner[patients == one])) == 1 for one in patients)
    assert set(inner) == {1, 2, 3, 4}
    assert not inner_folds(labels, np.repeat(["a", "b"], 12), 2).any()


# the gate


def _places(rng, stent):
    """A map (4, 8, 8) whose third channel is high where the stent is, in one corner."""
    features = rng.normal(size=(4, 8, 8))
    evidence = np.abs(rng.normal(size=(8, 8))) * 0.1
    features[2, :2, :2] += 12
    features[0, :2, :2] += stent
    evidence[:2, :2] += 5
    return features.astype(np.float32), evidence.astype(np.float32)


def test_the_gate_closes_away_from_the_stent_and_passes_what_lies_on_it() -> None:
    rng = np.random.default_rng(8)
    maps = [_places(rng, k % 2) for k in range(30)]
    found = gate.fit_gate([m for m, _ in maps], [e for _, e in maps], 1)
    assert found is not None
    weight, bias = found.rows(1.0)
    values, _ = _places(rng, 1)
    open_ = np.clip(np.tensordot(weight, values, 1) + bias[:, None, None], 0, 6)
    assert open_.shape == (5, 8, 8)
    assert open_[:, :2, :2].mean() > 10 * open_[:, 4:, 4:].mean()


def test_without_evidence_there_is_no_gate() -> None:
    rng = np.random.default_rng(9)
    maps = [rng.normal(size=(4, 8, 8)).astype(np.float32) for _ in range(30)]
    evidence = [np.abs(rng.normal(size=(8, 8))).astype(np.float32) for _ in range(30)]
    assert gate.fit_gate(maps, evidence, 1) is None


def test_other_ends_than_a_plain_convolution_are_not_aimed(start) -> None:
    assert gate.last_convolution(start.read(ONNX)) is not None
    graph = onnx.load_from_string(start.read(ONNX))
    for node in graph.graph.node:
        if "activation" in node.output:
            node.op_type = "Softplus"
            del node.attribute[:], node.input[1:]
    assert gate.last_convolution(graph.SerializeToString()) is None


def test_an_aimed_network_is_the_same_before_its_last_convolution(start) -> None:
    at = gate.last_convolution(start.read(ONNX))
    count = at.weight.shape[1]
    found = gate.Gate(np.ones(count), 0.0, 3.0, np.zeros(count), np.ones(count))
    aimed = onnx.load_from_string(gate.aimed_network(at, gate.Aimed.of(found, (1.0,), at.channels)))
    before = {one.name: one.SerializeToString() for one in at.model.graph.initializer}
    after = {one.name: one.SerializeToString() for one in aimed.graph.initializer}
    assert {name: after[name] for name in before} == before
    assert set(after) - set(before) == {
        f"aimed.{part}" for part in ("weight", "scale", "bias", "mean", "variance")
    }


def test_quick_keeps_to_the_side_of_its_start(start, tmp_path) -> None:
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning.starting import open_run_start

    with pytest.raises(UserError, match="128 px"):
        open_run_start(adding(start, side=256), Catalog([tmp_path]), tmp_path)
    assert open_run_start(adding(start), Catalog([tmp_path]), tmp_path).bundle is not None
