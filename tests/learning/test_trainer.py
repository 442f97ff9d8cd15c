"""Full fine-tuning: it goes on as if it had never stopped, and falls back before it fails."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

torch = pytest.importorskip("torch")

from stentviewer.core.errors import Cancelled, KnownError, UserError  # noqa: E402
from stentviewer.inference.catalog import Catalog  # noqa: E402
from stentviewer.learning import checkpoint, memory, training_loop  # noqa: E402
from stentviewer.learning.batch_parts import (  # noqa: E402
    Standing,
    share_norms,
    steady_drop_path,
)
from stentviewer.learning.events import Epoch, Event, RunContext, Step, Told  # noqa: E402
from stentviewer.learning.loader import Ahead, Course, places  # noqa: E402
from stentviewer.learning.networks import build, open_start  # noqa: E402
from stentviewer.learning.recipe import Augment, Compute, Optimise  # noqa: E402
from stentviewer.learning.trainer import MODEL, FullFitted, FullLearner  # noqa: E402
from tests.learning.small_run import small_cache, small_recipe  # noqa: E402

TRAIN, CHECK = np.arange(15), np.arange(15, 20)
STEPS = 6
VIT = "test_vit"  # normalises no batch, so that parts of one are the whole


class Orders:
    """Ends a run at the n-th time that it asks."""

    def __init__(self, after: int) -> None:
        self.left = after

    def check(self) -> None:
        self.left -= 1
        if self.left < 0:
            raise Cancelled


class Power(BaseException):
    """Nothing that runs may notice it."""


def learner(folder: Path, **changes: object) -> FullLearner:
    folder.mkdir(exist_ok=True)
    recipe = small_recipe(**changes)
    cache, labels = small_cache(folder, recipe)
    return FullLearner(recipe, cache, labels, open_start(recipe, Catalog([])))


def fit(
    made: FullLearner,
    folder: Path,
    emit: Callable[[Event], None] = lambda _: None,
    stop: int = 10**6,
) -> FullFitted:
    folder.mkdir(exist_ok=True)
    return made.fit(TRAIN, CHECK, 1, folder, RunContext(emit, Orders(stop)))


def same(a: FullFitted, b: FullFitted) -> bool:
    return set(a.tensors) == set(b.tensors) and all(
        torch.equal(value, b.tensors[key]) for key, value in a.tensors.items()
    )


def test_a_fit_says_how_it_goes_and_is_not_made_twice(tmp_path) -> None:
    made, events = learner(tmp_path, optimise=Optimise(warmup_epochs=1, rate=3e-3)), []
    fitted = fit(made, tmp_path / "fold", events.append)
    steps = [e for e in events if isinstance(e, Step)]
    epochs = [e for e in events if isinstance(e, Epoch)]
    assert [(s.epoch, s.step) for s in steps] == [(e, s) for e in (1, 2, 3) for s in (1, 2)]
    assert all(s.memory > 0 and s.images_per_second > 0 and s.seconds_left >= 0 for s in steps)
    assert steps[0].rate == pytest.approx(1.5e-3)
    assert steps[1].rate == pytest.approx(3e-3)
    assert steps[-1].rate < 1e-3
    assert [e.epoch for e in epochs] == [1, 2, 3]
    assert epochs[0].loss == pytest.approx((steps[0].loss + steps[1].loss) / 2)
    assert all(0 <= e.accuracy <= 1 and 0 <= e.f1 <= 1 and e.check_loss > 0 for e in epochs)
    assert [p.name for p in (tmp_path / "fold").iterdir()] == [MODEL]
    again = []
    assert same(fit(made, tmp_path / "fold", again.append), fitted)
    assert again == []


def test_the_model_answers_as_the_network_does_on_what_reading_would_feed_it(tmp_path) -> None:
    made = learner(tmp_path, epochs=1)
    fitted = fit(made, tmp_path / "fold")
    images = torch.from_numpy(made.cache.tensor(CHECK, made.cache.spec))
    with torch.inference_mode():
        wanted = fitted.network()(images).numpy()
    assert fitted.logits(CHECK) == pytest.approx(wanted, abs=1e-4)
    assert fitted.logits(CHECK[::-1]) == pytest.approx(wanted[::-1], abs=1e-4)
    assert fitted.logits(np.zeros(0, np.int64)).shape == (0, 2)


def test_it_learns_what_can_be_seen(tmp_path) -> None:
    """Bars are told from noise, on pictures that were not learned from."""
    made = learner(
        tmp_path,
        epochs=12,
        augment=Augment(operations=0, mixup=0, cutmix=0, erasing=0),
        optimise=Optimise(warmup_epochs=1, rate=1e-2, smoothing=0),
    )
    losses: list[float] = []
    fitted = fit(made, tmp_path / "f", lambda e: isinstance(e, Epoch) and losses.append(e.loss))
    assert losses[-1] < 0.5 * losses[0]
    assert (fitted.logits(CHECK).argmax(1) == made.labels[CHECK]).all()


def test_stopped_at_any_order_it_ends_with_the_same_weights(tmp_path) -> None:
    """Orders are obeyed before each step and while check images are read."""
    made = learner(tmp_path)
    whole = fit(made, tmp_path / "whole")
    stopped_after = set()
    for stop in range(STEPS + 2):
        folder, seen = tmp_path / f"stop{stop}", []
        with pytest.raises(Cancelled):
            fit(made, folder, seen.append, stop)
        done = sum(isinstance(e, Step) for e in seen)
        stopped_after.add(done)
        rest = []
        assert same(fit(made, folder, rest.append), whole)
        assert sum(isinstance(e, Step) for e in rest) == STEPS - done
    assert stopped_after >= {0, 1, 2, 3, 4}


def test_power_lost_costs_an_epoch_at_most_and_no_bit(tmp_path) -> None:
    made = learner(tmp_path)
    whole = fit(made, tmp_path / "whole")
    for ends in (2, 3, 5):
        folder, left = tmp_path / f"lost{ends}", [ends]

        def emit(event: Event, left=left) -> None:
            if isinstance(event, Step):
                left[0] -= 1
                if left[0] < 0:
                    raise Power

        with pytest.raises(Power):
            fit(made, folder, emit)
        rest = []
        assert same(fit(made, folder, rest.append), whole)
        steps = [e for e in rest if isinstance(e, Step)]
        assert len(steps) == STEPS - ends // 2 * 2


def test_a_checkpoint_of_another_run_is_not_gone_on_with(tmp_path) -> None:
    made = learner(tmp_path)
    with pytest.raises(Cancelled):
        fit(made, tmp_path / "fold", stop=3)
    other = replace(made, recipe=made.recipe.model_copy(update={"seed": 8}))
    seen = []
    fitted = fit(other, tmp_path / "fold", seen.append)
    assert sum(isinstance(e, Step) for e in seen) == STEPS
    assert same(fitted, fit(other, tmp_path / "new"))
    assert not same(fitted, fit(made, tmp_path / "first"))


def test_a_loss_that_is_no_number_ends_it_with_a_sentence(tmp_path, monkeypatch) -> None:
    made, real, calls = learner(tmp_path), training_loop.augment.mixed, []

    def broken(*args):
        calls.append(1)
        plates, targets = real(*args)
        return plates, targets * (float("nan") if len(calls) == 4 else 1)

    monkeypatch.setattr(training_loop.augment, "mixed", broken)
    with pytest.raises(KnownError, match=r"no number in epoch 2.*0\.001"):
        fit(made, tmp_path / "fold")
    kept = checkpoint.load(tmp_path / "fold")
    assert kept.facts["done"] == 2  # the last whole epoch
    assert all(v.isfinite().all() for v in kept.tensors.values())


def test_weights_that_are_no_numbers_are_not_kept(tmp_path, monkeypatch) -> None:
    """The loss of a step is finite though its gradient is not: seen before anything is written."""
    made, real = learner(tmp_path), torch.optim.AdamW.step
    calls = []

    def step(self, *args, **kwargs):
        calls.append(1)
        if len(calls) == 4:
            self.param_groups[0]["params"][0].grad.fill_(float("inf"))
        return real(self, *args, **kwargs)

    monkeypatch.setattr(torch.optim.AdamW, "step", step)
    with pytest.raises(KnownError, match="no number"):
        fit(made, tmp_path / "fold")
    assert checkpoint.load(tmp_path / "fold").facts["done"] == 2


def test_memory_that_runs_out_makes_the_parts_smaller_and_a_resumed_run_keeps_to_it(
    tmp_path, monkeypatch
) -> None:
    made, sizes = learner(tmp_path, start=small_recipe(VIT).start), []
    whole = fit(made, tmp_path / "whole")
    real = training_loop.augment.normalised

    def short(plates, *args):
        if torch.is_grad_enabled():
            if len(plates.values) > 4:
                raise torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB.")
            sizes.append(len(plates.values))
        return real(plates, *args)

    monkeypatch.setattr(training_loop.augment, "normalised", short)
    told = []
    with pytest.raises(Cancelled):
        fit(made, tmp_path / "fold", told.append, stop=4)
    assert sum(isinstance(e, Told) and "Memory is short: 4" in e.text for e in told) == 1
    assert checkpoint.load(tmp_path / "fold").facts["plan"] == {"parts": 2, "checkpointing": False}
    monkeypatch.setattr(training_loop.augment, "normalised", real)
    fitted = fit(made, tmp_path / "fold")
    assert max(sizes) == 4
    for key, value in whole.tensors.items():  # no batch norm: parts add up to the whole
        assert torch.allclose(value, fitted.tensors[key], atol=2e-3)


def test_memory_that_is_never_enough_ends_it_with_a_sentence(tmp_path, monkeypatch) -> None:
    made, told = learner(tmp_path), []

    def never(*_):
        raise RuntimeError("[enforce fail] DefaultCPUAllocator: can't allocate memory")

    monkeypatch.setattr(training_loop.augment, "augmented", never)
    with pytest.raises(KnownError, match="64 px, even with two images"):
        fit(made, tmp_path / "fold", told.append)
    texts = [e.text for e in told if isinstance(e, Told)]
    assert [t for t in texts if "2 images go through" in t]
    assert [t for t in texts if "computed twice" in t]


def test_a_device_that_goes_away_is_a_sentence_and_the_run_can_go_on(tmp_path, monkeypatch) -> None:
    made = learner(tmp_path)
    whole = fit(made, tmp_path / "whole")
    real, calls = training_loop.augment.augmented, []

    def lost(*args):
        calls.append(1)
        if len(calls) == 4:
            raise RuntimeError("CUDA error: unspecified launch failure")
        return real(*args)

    monkeypatch.setattr(training_loop.augment, "augmented", lost)
    with pytest.raises(KnownError, match="stopped answering"):
        fit(made, tmp_path / "fold")
    assert same(fit(made, tmp_path / "fold"), whole)


def test_a_bug_stays_a_bug(tmp_path, monkeypatch) -> None:
    def wrong(*_):
        raise RuntimeError("mat1 and mat2 shapes cannot be multiplied")

    monkeypatch.setattr(training_loop.augment, "augmented", wrong)
    with pytest.raises(RuntimeError, match="mat1"):
        fit(learner(tmp_path), tmp_path / "fold")


def test_the_plan_fits_the_memory_that_is_free(monkeypatch) -> None:
    recipe = small_recipe()
    network, cpu = build(open_start(recipe, Catalog([])), recipe), torch.device("cpu")
    before = {k: v.clone() for k, v in network.state_dict().items()}
    each = memory.bytes_a_picture(network, 64, cpu, False)
    less = memory.bytes_a_picture(network, 64, cpu, True)
    assert all(torch.equal(v, before[k]) for k, v in network.state_dict().items())
    assert each > 3 * 64 * 64 * 4
    assert less < each
    states = 4 * sum(p.nbytes for p in network.parameters())

    def plan(pictures: float) -> memory.Plan:
        free = (states + 1.3 * each * pictures) / 0.5 + 1
        monkeypatch.setattr(memory, "free_bytes", lambda _: free)
        return memory.fitting(network, memory.Plan(), 16, 64, cpu)

    assert plan(16) == memory.Plan(1)
    assert plan(9) == memory.Plan(2)
    assert plan(2) == memory.Plan(8)
    assert plan(1.9) == memory.Plan(8, True)
    monkeypatch.setattr(memory, "free_bytes", lambda _: 2 * (states + 1.3 * each * 16) / 0.5 + 2)
    assert memory.fitting(network, memory.Plan(), 16, 64, cpu, 2) == memory.Plan(1)
    assert memory.fitting(network, memory.Plan(), 16, 64, cpu, 3).parts > 1
    monkeypatch.setattr(memory, "free_bytes", lambda _: states)
    with pytest.raises(UserError, match="64 px needs"):
        memory.fitting(network, memory.Plan(), 16, 64, cpu)


def test_checkpointing_ends_with_the_same_weights_and_statistics(tmp_path) -> None:
    plain = fit(learner(tmp_path, epochs=1), tmp_path / "plain")
    compute = Compute(device="cpu", batch=8, threads=1, checkpointing=True)
    twice = fit(learner(tmp_path, epochs=1, compute=compute), tmp_path / "twice")
    assert int(plain.tensors["bn1.num_batches_tracked"]) == 2
    for key, value in plain.tensors.items():
        assert torch.allclose(value.float(), twice.tensors[key].float(), atol=1e-5), key


def test_a_batch_in_parts_learns_as_the_whole_with_drop_path_too(tmp_path) -> None:
    losses = []
    for parts in (1, 3):
        made = learner(
            tmp_path,
            start=small_recipe(VIT).start,
            epochs=2,
            optimise=Optimise(warmup_epochs=1, drop_path=0.3),
            compute=Compute(device="cpu", batch=8, threads=1, accumulate=parts),
        )
        own: list[float] = []
        fit(made, tmp_path / f"{parts}", lambda e, o=own: isinstance(e, Step) and o.append(e.loss))
        losses.append(own)
    assert losses[0] == pytest.approx(losses[1], abs=1e-4)
    assert len(set(losses[0])) == 4


@pytest.mark.parametrize(
    "network", ["test_efficientnet", pytest.param(VIT, marks=pytest.mark.long)]
)
def test_two_processes_learn_as_one(network, tmp_path) -> None:
    losses = []
    for devices in (1, 2):
        made = learner(
            tmp_path,
            start=small_recipe(network).start,
            epochs=2,
            optimise=Optimise(warmup_epochs=1, drop_path=0.2),
            compute=Compute(device="cpu", batch=8, threads=1, devices=devices),
        )
        seen: list[Event] = []
        fit(made, tmp_path / f"{devices}", seen.append)
        losses.append([e.loss for e in seen if isinstance(e, Step)])
        losses.append([e.check_loss for e in seen if isinstance(e, Epoch)])
    assert losses[2] == pytest.approx(losses[0], abs=1e-4)
    assert losses[3] == pytest.approx(losses[1], abs=1e-3)
    assert len(losses[0]) == 4


@pytest.mark.long
def test_two_processes_stop_together_and_one_goes_on_from_there(tmp_path) -> None:
    compute = Compute(device="cpu", batch=8, threads=1, devices=2)
    made, seen = learner(tmp_path, epochs=1, compute=compute), []
    with pytest.raises(Cancelled):
        fit(made, tmp_path / "fold", seen.append, stop=0)
    assert sum(isinstance(e, Step) for e in seen) == 1  # they agree at the step's end
    alone = learner(tmp_path, epochs=1)
    fit(alone, tmp_path / "fold", seen.append)
    assert sum(isinstance(e, Step) for e in seen) == 2


def test_what_this_machine_has_not_got_is_said(tmp_path) -> None:
    made = learner(tmp_path, compute=Compute(device="cuda", devices=64))
    with pytest.raises(UserError, match="64 devices of the kind cuda"):
        fit(made, tmp_path / "fold")
    made = learner(tmp_path, compute=Compute(device="cpu", batch=3, devices=4))
    with pytest.raises(UserError, match="cannot be shared by 4"):
        fit(made, tmp_path / "fold")
    with pytest.raises(UserError, match="no images"):
        made.fit(np.zeros(0, np.int64), CHECK, 1, tmp_path / "fold", RunContext())


@pytest.mark.parametrize("frozen", [0.0, 0.5, 1.0])
def test_only_what_is_to_learn_changes(frozen, tmp_path) -> None:
    optimise = Optimise(warmup_epochs=1, frozen=frozen, norm="frozen")
    made = learner(tmp_path, epochs=1, optimise=optimise)
    fitted = fit(made, tmp_path / "fold")
    began = build(made.start, made.recipe)
    changed = {
        name for name, p in began.named_parameters() if not torch.equal(p, fitted.tensors[name])
    }
    learns = {name for name, p in began.named_parameters() if p.requires_grad}
    assert changed == learns
    assert ("conv_stem.weight" in changed) == (frozen == 0)
    for name, value in began.named_buffers():
        assert torch.equal(value, fitted.tensors[name])  # statistics are held


def test_the_rate_warms_up_along_a_line_and_falls_along_a_cosine() -> None:
    factors = [training_loop.rate_factor(step, 4, 12) for step in range(12)]
    assert factors[:5] == pytest.approx([0.25, 0.5, 0.75, 1, 1])
    assert factors[8] == pytest.approx(0.5)
    assert all(a > b for a, b in pairwise(factors[4:]))
    assert 0 < factors[-1] < 0.05
    assert training_loop.rate_factor(0, 0, 1) == 1


@given(st.integers(1, 70), st.integers(1, 40), st.integers(0, 5))
@settings(deadline=None)
def test_an_epoch_learns_every_row_once(count, batch, epoch) -> None:
    rows = np.arange(100, 100 + count)
    course = Course(rows, batch, 9, 3, 1)
    batches = [course.of(epoch, step) for step in range(course.steps)]
    assert sorted(np.concatenate(batches)) == rows.tolist()
    sizes = {len(b) for b in batches}
    assert max(sizes) <= batch
    assert max(sizes) - min(sizes) <= 1
    if count > 8:
        assert not np.array_equal(np.concatenate(batches), rows)


@given(st.integers(1, 40), st.integers(1, 8))
@settings(deadline=None)
def test_pairs_stay_in_one_part(count, parts) -> None:
    found = [places(count, part, parts) for part in range(parts)]
    assert sorted(np.concatenate(found)) == list(range(count))
    for mine in found:
        assert np.array_equal(count - 1 - mine[::-1], mine)  # flipped, each meets its pair
    halves = [(len(mine) + 1) // 2 for mine in found]
    assert max(halves) - min(halves) <= 1


@pytest.fixture
def alone(tmp_path):
    """A process group of one."""
    store = torch.distributed.FileStore(str(tmp_path / "store"), 1)
    torch.distributed.init_process_group("gloo", store=store, rank=0, world_size=1)
    yield
    torch.distributed.destroy_process_group()


def test_shared_normalisation_is_normalisation(alone) -> None:
    """Against torch's own: what comes out, its gradients, its statistics, its activation."""
    from timm.layers import BatchNormAct2d

    for kind in (torch.nn.BatchNorm2d, BatchNormAct2d):
        torch.manual_seed(0)
        own = kind(5).train()
        torch.nn.init.uniform_(own.weight)
        torch.nn.init.uniform_(own.bias)
        shared = kind(5).train()
        shared.load_state_dict(own.state_dict())
        share_norms(torch.nn.Sequential(shared), torch.device("cpu"))
        x = (3 + 2 * torch.randn(6, 5, 7, 7)).requires_grad_()
        y = x.detach().clone().requires_grad_()
        weights = torch.randn(6, 5, 7, 7)
        for module, values in ((own, x), (shared, y)):
            (module(values) * weights).sum().backward()
        assert torch.allclose(own(x), shared(y), atol=1e-5)
        assert torch.allclose(x.grad, y.grad, atol=1e-4)
        for a, b in zip(own.parameters(), shared.parameters(), strict=True):
            assert torch.allclose(a.grad, b.grad, rtol=1e-4, atol=1e-4)
        for name, value in own.state_dict().items():
            assert torch.allclose(value, shared.state_dict()[name], atol=1e-5), name
        assert torch.allclose(own.eval()(x), shared.eval()(x), atol=1e-6)


def test_drop_path_drops_whole_branches_as_often_as_it_should() -> None:
    from timm.layers import DropPath

    module = torch.nn.Sequential(DropPath(0.25), DropPath(0.25)).train()
    standing = Standing()
    steady_drop_path(module, standing)
    kept = []
    for step in range(40):
        standing.key, standing.of, standing.places = (1, step), 16, np.arange(16)
        out = module[0](torch.ones(16, 3))
        assert ((out == 0) | (out == 1 / 0.75)).all()
        assert torch.equal(out[:, 0], out[:, 2])
        kept.append((out[:, 0] > 0).float().mean())
        standing.places = np.array([3, 12])
        assert torch.equal(module[0](torch.ones(2, 3)), out[[3, 12]])
    assert 0.68 < np.mean(kept) < 0.82
    standing.places = np.arange(16)
    assert not torch.equal(module[0](torch.ones(16, 1)), module[1](torch.ones(16, 1)))
    assert torch.equal(module.eval()(torch.ones(16, 1)), torch.ones(16, 1))


def test_batches_are_made_ahead_and_the_thread_ends_with_the_reader() -> None:
    before = threading.active_count()

    def endless():
        number = 0
        while True:
            yield number
            number += 1

    with Ahead(endless()) as ahead:
        assert [next(ahead) for _ in range(5)] == [0, 1, 2, 3, 4]
    assert threading.active_count() == before
    with Ahead(iter(range(3))) as ahead:
        assert list(ahead) == [0, 1, 2]

    def failing():
        yield 1
        raise ValueError("the disk is gone")

    with Ahead(failing()) as ahead:
        assert next(ahead) == 1
        with pytest.raises(ValueError, match="the disk is gone"):
            next(ahead)
    assert threading.active_count() == before
