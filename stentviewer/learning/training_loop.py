"""Learning in full: one plain loop, which Fabric lays on whatever devices there are."""

from __future__ import annotations

import math
import time
from collections import deque
from collections.abc import Callable, Iterator, Mapping
from contextlib import nullcontext
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import distributed
from torch.nn import functional

from stentviewer.core.errors import Cancelled, KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.learning import augment, checkpoint, metrics
from stentviewer.learning.batch_parts import (
    Standing,
    share_norms,
    statistics_kept,
    steady_drop_path,
)
from stentviewer.learning.events import Epoch, RunContext, Step
from stentviewer.learning.learner import Rows
from stentviewer.learning.loader import Ahead, Batch, Course, Loader, Pictures
from stentviewer.learning.memory import Plan, used_bytes
from stentviewer.learning.network_parts import parameter_groups
from stentviewer.learning.networks import build
from stentviewer.learning.recipe import Recipe

if TYPE_CHECKING:
    from stentviewer.learning.lesson import Lesson
    from stentviewer.learning.networks import StartModel

MODEL: Final = "model.safetensors"  # what a fold's training ends in
_DRAWN: Final = 4  # purpose of a seed, beside the loader's
_RECENT: Final = 20  # steps whose time foretells the rest
_SAVE_SECONDS: Final = 300.0
_READ_AT_ONCE: Final = 8


@dataclass(frozen=True, eq=False)
class Job:
    """A fold's training, as it travels to the processes that work on it. labels (n,) belong to
    the rows of the pictures; identity stands for everything that decides the weights."""

    recipe: Recipe
    start: StartModel
    pictures: Pictures
    labels: Rows
    train: Rows
    check: Rows
    fold: int
    folder: Path
    identity: str
    plan: Plan
    lesson: Lesson | None = None  # what a teacher says of the pictures

    @property
    def course(self) -> Course:
        recipe = self.recipe
        batch = min(recipe.compute.batch, len(self.train))
        return Course(self.train, batch, recipe.epochs, recipe.seed, self.fold)


def rate_factor(step: int, warm: int, total: int) -> float:
    """The share of the full rate at a step: up a line over `warm` steps, then down a cosine.

    Goyal et al., 2017; Loshchilov and Hutter, 2017. Steps count from 0.
    """
    if step < warm:
        return (step + 1) / warm
    return 0.5 * (1 + math.cos(math.pi * (step - warm) / max(1, total - warm)))


def learn(fabric: Any, job: Job, context: RunContext) -> None:
    """Learn from the last checkpoint on to the end, and leave the network's tensors in `MODEL`.

    Raises Cancelled at an order to stop and KnownError where it cannot go on, with a checkpoint
    kept; what memory or a device refuses comes as torch raises it.
    """
    _Training(fabric, job, context).run()


class _Training:
    def __init__(self, fabric: Any, job: Job, context: RunContext) -> None:
        self.fabric, self.job, self.context = fabric, job, context
        optimise, compute = job.recipe.optimise, job.recipe.compute
        self.course = job.course
        self.total = self.course.steps * job.recipe.epochs
        warm = round(optimise.warmup_epochs * self.course.steps)
        self.warm = min(warm, self.total // 2)
        self.device = fabric.device
        self.standing = Standing()
        network = build(job.start, job.recipe)
        if fabric.world_size > 1:
            network = share_norms(network, self.device)
        if not compute.compile:
            steady_drop_path(network, self.standing)
        self.checkpointing = job.plan.checkpointing
        if self.checkpointing:
            network.set_grad_checkpointing(True)
        self.network = network
        self.groups = parameter_groups(network, optimise)
        fused = self.device.type in ("cpu", "cuda", "mps")
        self.optimiser = torch.optim.AdamW(self.groups, lr=optimise.rate, fused=fused)
        self.rates = [group["lr"] for group in self.optimiser.param_groups]
        self.scaler = getattr(fabric._precision, "scaler", None)
        self.done = 0  # steps
        self.losses: list[float] = []  # of this epoch's steps
        kept = checkpoint.load(job.folder)
        if kept is not None and kept.facts.get("identity") == job.identity:
            network.load_state_dict(_part(kept.tensors, "network."))
        else:
            kept = None
        ready = torch.compile(network) if compute.compile else network
        self.model, self.wrapped = fabric.setup(ready, self.optimiser)
        if kept is not None:
            self._restore(kept)
        self.loader = Loader(
            job.pictures, job.labels, self.course, job.recipe.augment, self.device.type == "cuda"
        )
        self.pending: deque[tuple[int, torch.Tensor]] = deque()
        self.late = 0 if self.device.type == "cpu" else 1
        self.times: deque[float] = deque(maxlen=_RECENT)
        self.saved_at = time.monotonic()
        self.stop = False

    # the course of it

    def run(self) -> None:
        while self.done < self.total:
            self._epoch(self.done // self.course.steps)
        if self.fabric.global_rank == 0:
            kept = checkpoint.Checkpoint(self.network.state_dict(), {"identity": self.job.identity})
            checkpoint.write(self.job.folder / MODEL, kept)
        self.fabric.barrier()

    def _epoch(self, epoch: int) -> None:
        self.model.train()
        with Ahead(self._batches(epoch)) as batches:
            self.times.append(time.monotonic())
            while self.done < (epoch + 1) * self.course.steps:
                self._obey()
                self._step(batches)
                self._settle(self.late)
                if time.monotonic() - self.saved_at > _SAVE_SECONDS:
                    self._settle(0)
                    self._save()
            self._settle(0)
        loss = float(np.mean(self.losses))
        self.losses = []
        self._save()
        self.context.emit(self._checked(epoch, loss))
        self.times.clear()

    def _batches(self, epoch: int) -> Iterator[Batch]:
        """This process's parts of the epoch's batches, from the step that is next."""
        world, rank = self.fabric.world_size, self.fabric.global_rank
        first = self.done % self.course.steps
        for step in range(first, self.course.steps):
            parts = self._parts(epoch, step)
            for part in range(parts):
                yield self.loader.part(epoch, step, rank * parts + part, world * parts)

    def _parts(self, epoch: int, step: int) -> int:
        """In how many parts this process goes through its share: each holds a pair at least."""
        pairs = (len(self.course.of(epoch, step)) + 1) // 2
        return max(1, min(self.job.plan.parts, pairs // int(self.fabric.world_size)))

    def _step(self, batches: Iterator[Batch]) -> None:
        job, fabric = self.job, self.fabric
        epoch, step = divmod(self.done, self.course.steps)
        factor = rate_factor(self.done, self.warm, self.total)
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor
        key = (job.recipe.seed, job.fold, _DRAWN, self.done)
        torch.manual_seed(int(np.random.default_rng([*key, fabric.global_rank]).integers(2**62)))
        parts = self._parts(epoch, step)
        said = torch.zeros(2, device=self.device)  # the loss, and whether to stop
        said[1] = float(self.stop)
        for part in range(parts):
            batch = next(batches)
            self.standing.key, self.standing.of = key, batch.of
            self.standing.places = batch.places
            images, targets = self._input(batch)
            waits = parts > 1 and fabric.world_size > 1 and part < parts - 1
            with fabric.no_backward_sync(self.model) if waits else nullcontext():
                scores = self.model(images)
                each = self._missed(scores.float(), targets)
                loss = each.sum() / batch.of
                with statistics_kept(self.network, self.checkpointing):
                    fabric.backward(loss * fabric.world_size)
            said[0] += loss.detach()
        self.wrapped.step()
        self.optimiser.zero_grad(set_to_none=True)
        if fabric.world_size > 1:
            distributed.all_reduce(said)
        self.pending.append((self.done, said))
        self.done += 1

    def _input(self, batch: Batch) -> tuple[torch.Tensor, torch.Tensor]:
        recipe, pictures = self.job.recipe, self.job.pictures
        pixels = batch.pixels.to(self.device, non_blocking=True)
        made = augment.augmented(pixels, batch.inside, batch.draws)
        labels = batch.labels.to(self.device, non_blocking=True)
        targets = augment.soft_targets(labels, len(recipe.classes), recipe.optimise.smoothing)
        if self.job.lesson is not None:
            targets = self.job.lesson.beside(targets, batch.rows)
        made, targets = augment.mixed(made, targets, batch.mix)
        return augment.normalised(made, pictures.mean, pictures.std), targets

    def _missed(self, scores: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
        if self.job.lesson is not None:
            return self.job.lesson.missed(scores, targets)
        return -(targets * functional.log_softmax(scores, 1)).sum(1)

    # what is said and obeyed

    def _obey(self) -> None:
        """Take an order to stop; with several processes all stop after the same step."""
        try:
            self.context.control.check()
        except Cancelled:
            if self.fabric.world_size == 1:
                self._settle(0)
                self._save()
                raise
            self.stop = True

    def _obey_between(self) -> None:
        """As `_obey`, where nothing has to be kept any more."""
        try:
            self.context.control.check()
        except Cancelled:
            if self.fabric.world_size == 1:
                raise
            self.stop = True

    def _settle(self, left: int) -> None:
        """Read what steps said, but for the last `left`: a GPU is not waited for at each step."""
        while len(self.pending) > left:
            step, said = self.pending.popleft()
            loss, stop = said.tolist()
            if not math.isfinite(loss):
                raise self._no_number(step)
            self.losses.append(loss)
            self.times.append(time.monotonic())
            self.context.emit(self._told(step, loss))
            if stop:
                self._settle(0)
                self._save()
                raise Cancelled

    def _told(self, done: int, loss: float) -> Step:
        epoch, step = divmod(done, self.course.steps)
        recipe = self.job.recipe
        took = (self.times[-1] - self.times[0]) / max(1, len(self.times) - 1)
        fits = recipe.folds - self.job.fold + recipe.final if self.job.fold else 0
        left = took * (self.total - done - 1 + fits * self.total)
        return Step(
            fold=self.job.fold,
            epoch=epoch + 1,
            epochs=recipe.epochs,
            step=step + 1,
            steps=self.course.steps,
            loss=loss,
            rate=recipe.optimise.rate * rate_factor(done, self.warm, self.total),
            images_per_second=len(self.course.of(epoch, step)) / took if took else 0.0,
            memory=used_bytes(self.device),
            seconds_left=left,
        )

    def _no_number(self, step: int) -> KnownError:
        return KnownError(
            sentence(
                "The loss became no number in epoch {epoch}. What was learned up to the last "
                "saving is kept. Begin again with a smaller learning rate (it was {rate:g}), a "
                "longer warm-up, or precision 32-true.",
                epoch=step // self.course.steps + 1,
                rate=self.job.recipe.optimise.rate,
            )
        )

    def _checked(self, epoch: int, loss: float) -> Epoch:
        """How the network does on the check images, which it never learns from."""
        job = self.job
        if not len(job.check):
            return Epoch(job.fold, epoch + 1, loss)
        classes = len(job.recipe.classes)
        scores = answers(
            self.fabric, self.network, job.pictures, job.check, classes, self._obey_between
        )
        truth = job.labels[job.check]
        counts = metrics.confusion(truth, scores.argmax(1), len(job.recipe.classes))
        missed = functional.cross_entropy(torch.from_numpy(scores), torch.from_numpy(truth))
        return Epoch(
            job.fold,
            epoch + 1,
            loss,
            float(missed),
            metrics.accuracy(counts),
            metrics.rates(counts).macro()[2],
        )

    # what is kept

    def _save(self) -> None:
        """Keep where it stands; a state that is no longer numbers is never kept."""
        self.saved_at = time.monotonic()
        state = {f"network.{k}": v for k, v in self.network.state_dict().items()}
        for number, parameter in enumerate(self._parameters()):
            for name, value in self.optimiser.state[parameter].items():
                state[f"optimiser.{number}.{name}"] = torch.as_tensor(value)
        if not all(bool(v.isfinite().all()) for v in state.values() if v.is_floating_point()):
            raise self._no_number(self.done - 1)
        facts = {
            "identity": self.job.identity,
            "done": self.done,
            "losses": self.losses,
            "plan": asdict(self.job.plan),
            "scaler": self.scaler.state_dict() if self.scaler is not None else None,
        }
        if self.fabric.global_rank == 0:
            checkpoint.save(self.job.folder, checkpoint.Checkpoint(state, facts))

    def _restore(self, kept: checkpoint.Checkpoint) -> None:
        self.done, self.losses = int(kept.facts["done"]), list(kept.facts["losses"])
        stored = _part(kept.tensors, "optimiser.")
        for number, parameter in enumerate(self._parameters()):
            for key, value in _part(stored, f"{number}.").items():
                if key != "step":  # laid out in memory as its parameter is
                    value = torch.empty_like(parameter, dtype=value.dtype).copy_(value)
                elif self.device.type != "cpu":
                    value = value.to(self.device)
                self.optimiser.state[parameter][key] = value
        if self.scaler is not None and kept.facts["scaler"] is not None:
            self.scaler.load_state_dict(kept.facts["scaler"])

    def _parameters(self) -> list[torch.Tensor]:
        return [p for group in self.optimiser.param_groups for p in group["params"]]


def answers(
    fabric: Any,
    network: Any,
    pictures: Pictures,
    rows: Rows,
    classes: int,
    between: Callable[[], None] = lambda: None,
) -> FloatArray:
    """Scores (len(rows), classes) of unchanged pictures; processes share the work.

    between is called before every few pictures, and may raise. The network is on fabric's device
    but not wrapped by it: its processes may take as many passes as they need.
    """
    network.eval()
    device = fabric.device
    scores = torch.zeros(len(rows), classes, device=device)
    mine = np.arange(len(rows))[fabric.global_rank :: fabric.world_size]
    with torch.inference_mode(), fabric.autocast():
        for first in range(0, len(mine), _READ_AT_ONCE):
            between()
            part = mine[first : first + _READ_AT_ONCE]
            pixels = torch.from_numpy(np.ascontiguousarray(pictures.pixels[rows[part]])).to(device)
            made = augment.plates(pixels, pictures.inside[rows[part]])
            images = augment.normalised(made, pictures.mean, pictures.std)
            scores[torch.from_numpy(part).to(device)] = network(images).float()
    if fabric.world_size > 1:
        distributed.all_reduce(scores)
    result: FloatArray = scores.cpu().numpy()
    return result


def _part(tensors: Mapping[str, torch.Tensor], prefix: str) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
