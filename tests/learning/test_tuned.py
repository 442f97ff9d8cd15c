"""Tuned: held stages pass once, the rest learns, stops and goes on as if it had never stopped."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from stentviewer.core.errors import Cancelled, KnownError, UserError  # noqa: E402
from stentviewer.inference.bundle import HEAD, write_bundle  # noqa: E402
from stentviewer.inference.catalog import Catalog  # noqa: E402
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime  # noqa: E402
from stentviewer.learning import activations, tuned  # noqa: E402
from stentviewer.learning.events import Epoch, RunContext, Step, Told  # noqa: E402
from stentviewer.learning.networks import build, open_start  # noqa: E402
from stentviewer.learning.recipe import Augment, Optimise  # noqa: E402
from stentviewer.learning.tuned import TunedLearner  # noqa: E402
from tests.inference.networks import manifest  # noqa: E402
from tests.learning.small_run import small_cache, small_recipe  # noqa: E402

TRAIN, CHECK = np.arange(14), np.arange(14, 20)
FLIPS = Augment(operations=0, mixup=0, cutmix=0, erasing=0)


def recipe(**changes):
    fields = {
        "method": "tuned",
        "augment": FLIPS,
        "optimise": Optimise(rate=5e-3, frozen=0.5, warmup_epochs=1, norm="frozen"),
        **changes,
    }
    return small_recipe(**fields)


def learner(folder, asked):
    cache, labels = small_cache(folder, asked)
    return TunedLearner(asked, cache, labels, open_start(asked, Catalog([])), folder)


class Stop:
    """Orders to stop at the n-th look."""

    def __init__(self, after: int) -> None:
        self.left = after

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


def fold(path, name="1"):
    made = path / name
    made.mkdir(exist_ok=True)
    return made


def test_it_learns_what_is_to_be_learned_and_says_how_it_goes(tmp_path):
    asked = recipe(epochs=12)
    said = []
    fitted = learner(tmp_path, asked).fit(
        TRAIN, CHECK, 1, fold(tmp_path), RunContext(emit=said.append)
    )
    epochs = [event for event in said if isinstance(event, Epoch)]
    steps = [event for event in said if isinstance(event, Step)]
    assert [event.epoch for event in epochs] == list(range(1, 13))
    assert len(steps) == 24
    assert epochs[-1].loss < 0.8 * epochs[0].loss
    assert epochs[-1].accuracy is not None
    assert all(step.images_per_second > 0 and step.memory > 0 for step in steps)
    right = fitted.logits(TRAIN).argmax(1) == TRAIN % 2
    assert right.mean() >= 0.85


def test_the_held_stages_stay_and_scores_are_the_whole_networks(tmp_path):
    asked = recipe()
    made = learner(tmp_path, asked)
    fitted = made.fit(TRAIN, CHECK, 1, fold(tmp_path), RunContext())
    before = build(made._start, asked).state_dict()
    network = fitted.network()
    after = network.state_dict()
    moved = {key for key in after if not torch.equal(after[key], before[key])}
    assert moved
    assert moved <= set(fitted.tensors)
    assert len(moved) < 0.9 * len(after)
    images = torch.from_numpy(made._cache.tensor(CHECK, made._cache.spec))
    with torch.inference_mode():
        whole = network(images).numpy()
    assert fitted.logits(CHECK) == pytest.approx(whole, abs=2e-2)
    assert fitted.logits(CHECK[:0]).shape == (0, 2)


@pytest.mark.parametrize("norm", ["batch", "frozen"])
@pytest.mark.parametrize("after", [4, 5, 13])
def test_a_run_that_was_stopped_ends_with_the_same_weights(norm, after, tmp_path):
    asked = recipe(optimise=Optimise(rate=5e-3, frozen=0.5, warmup_epochs=1, norm=norm))
    whole = learner(tmp_path, asked).fit(TRAIN, CHECK, 1, fold(tmp_path, "a"), RunContext())
    other = tmp_path / "other"
    other.mkdir()
    steps, stops, parts = [], 0, None
    while parts is None:  # stopped while images pass, then while it learns
        assert stops < 40
        context = RunContext(
            control=Stop(after), emit=lambda e: steps.append(e) if isinstance(e, Step) else None
        )
        try:
            parts = learner(other, asked).fit(TRAIN, CHECK, 1, fold(tmp_path, "b"), context)
        except Cancelled:
            stops += 1
    assert stops >= 40 // (after + 1)
    assert [(e.epoch, e.step) for e in steps] == [(e, s) for e in (1, 2, 3) for s in (1, 2)]
    assert set(whole.tensors) == set(parts.tensors)
    assert all(torch.equal(whole.tensors[key], parts.tensors[key]) for key in whole.tensors)


def test_folds_share_the_activations_and_an_ended_fold_is_not_learned_again(tmp_path, monkeypatch):
    asked = recipe()
    made = learner(tmp_path, asked)
    made.fit(TRAIN, CHECK, 1, fold(tmp_path, "1"), RunContext())
    monkeypatch.setattr(activations, "_fill", lambda *_: pytest.fail("computed again"))
    learner(tmp_path, asked).fit(CHECK, TRAIN, 2, fold(tmp_path, "2"), RunContext())
    monkeypatch.setattr(tuned, "_Training", lambda *_: pytest.fail("learned again"))
    learner(tmp_path, asked).fit(TRAIN, CHECK, 1, fold(tmp_path, "1"), RunContext())
    with pytest.raises(pytest.fail.Exception, match="learned again"):
        learner(tmp_path, asked).fit(TRAIN[:9], CHECK, 1, fold(tmp_path, "1"), RunContext())


def test_mirrored_maps_are_those_of_the_mirror_image(tmp_path):
    asked = recipe()
    made = learner(tmp_path, asked)
    both = made._ready(RunContext())
    image = torch.from_numpy(made._cache.tensor([3], made._cache.spec))
    from stentviewer.learning.network_parts import split

    front, _ = split(build(made._start, asked).eval(), made._count)
    with torch.inference_mode():
        plain, mirrored = front(image), front(image.flip(3))
    assert torch.allclose(both.take(np.array([3])), plain, atol=5e-3)
    assert torch.allclose(both.take(np.array([3]), [1]), mirrored, atol=5e-3)
    assert not torch.allclose(plain, mirrored, atol=5e-2)


def test_without_flips_there_is_no_mirror_image_and_other_changes_are_said_to_be_left_out(tmp_path):
    said = []
    asked = recipe(augment=Augment(flips=False))
    ready = learner(tmp_path, asked)._ready(RunContext(emit=said.append))
    assert len(ready.maps) == 1
    assert any(isinstance(event, Told) and "mirroring" in event.text for event in said)


def test_a_file_of_maps_that_is_damaged_is_made_again(tmp_path):
    asked = recipe()
    first = np.array(learner(tmp_path, asked)._ready(RunContext()).maps[0])
    for path in (tmp_path / "activations").glob("*plain.npy"):
        path.write_bytes(path.read_bytes()[:400])
    again = learner(tmp_path, asked)._ready(RunContext()).maps[0]
    assert np.array_equal(first, again)


def test_no_room_is_said_before_anything_is_written(tmp_path, monkeypatch):
    from collections import namedtuple

    usage = namedtuple("usage", "total used free")(1, 1, 2**20)
    monkeypatch.setattr(activations.shutil, "disk_usage", lambda _: usage)
    with pytest.raises(KnownError, match=r"needs 0\.3 GB .* 0\.0 GB are free"):
        learner(tmp_path, recipe())._ready(RunContext())


def test_a_recipe_that_holds_nothing_is_refused(tmp_path):
    with pytest.raises(UserError, match="holds none"):
        learner(tmp_path, recipe(optimise=Optimise(frozen=0)))


def test_feature_extraction_and_a_transformer_work_too(tmp_path):
    for number, changes in enumerate(
        (
            {"optimise": Optimise(frozen=1, rate=1e-2)},
            {"network": "test_vit", "optimise": Optimise(frozen=0.5, lora=2)},
        )
    ):
        asked = recipe(epochs=1, **changes)
        own = tmp_path / str(number)
        own.mkdir()
        fitted = learner(own, asked).fit(TRAIN, CHECK, 1, fold(own), RunContext())
        assert np.isfinite(fitted.logits(CHECK)).all()


def test_a_loss_that_is_no_number_stops_with_a_sentence(tmp_path):
    asked = recipe(optimise=Optimise(rate=1, frozen=0.5, warmup_epochs=0))
    made = learner(tmp_path, asked)
    ready = made._ready(RunContext())
    poisoned = np.full_like(ready.maps[0], np.nan)
    made._activations = activations.Activations((poisoned,))
    with pytest.raises(KnownError, match="no number in epoch 1"):
        made.fit(TRAIN, CHECK, 1, fold(tmp_path), RunContext())


def test_where_memory_is_short_a_batch_goes_in_parts_with_the_same_result(tmp_path, monkeypatch):
    asked = recipe(epochs=1)
    whole = learner(tmp_path, asked).fit(TRAIN, CHECK, 1, fold(tmp_path, "a"), RunContext())
    real = tuned._Training._step

    def short(self, epoch):
        if self.parts < 4:
            raise torch.OutOfMemoryError("out of memory")
        real(self, epoch)

    monkeypatch.setattr(tuned._Training, "_step", short)
    said = []
    parts = learner(tmp_path, asked).fit(
        TRAIN, CHECK, 1, fold(tmp_path, "b"), RunContext(emit=said.append)
    )
    assert any(isinstance(event, Told) and "4 parts" in event.text for event in said)
    assert parts.logits(CHECK) == pytest.approx(whole.logits(CHECK), abs=2e-2)


def test_what_was_learned_leaves_as_a_model_that_reads(tmp_path):
    asked = recipe(epochs=1)
    made = learner(tmp_path, asked)
    fitted = made.fit(TRAIN, CHECK, 1, fold(tmp_path), RunContext())
    files = fitted.export(tmp_path / "files")
    assert HEAD in files
    said = manifest(
        architecture=made._start.architecture,
        preprocessing=made._cache.spec,
        labels=manifest().labels[:2],
    )
    bundle = write_bundle(tmp_path / "bundle", said, files)
    output = OnnxRuntime(bundle).run(made._cache.tensor([15], made._cache.spec))
    assert output.scores == pytest.approx(fitted.logits(np.array([15]))[0], abs=2e-2)
