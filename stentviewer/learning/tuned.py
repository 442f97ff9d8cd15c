"""Tuned: the first stages are held, so images pass through them once; the last ones learn.

Each epoch goes over what the held stages gave (learning.activations), half of it mirrored, and
costs a small part of an epoch of Full. One device, AdamW, warm-up and cosine as in Full.
"""

from __future__ import annotations

import hashlib
import json
import math
import time
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import nn
from torch.nn import functional

from stentviewer.core.errors import Cancelled, KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.runtimes.architectures import feature_map
from stentviewer.learning import checkpoint, memory, metrics, processes
from stentviewer.learning.activations import Activations, open_activations
from stentviewer.learning.checkpoint import Checkpoint
from stentviewer.learning.events import Epoch, RunContext, Step
from stentviewer.learning.feed import Seen, on_stents
from stentviewer.learning.learner import Rows
from stentviewer.learning.loader import Course
from stentviewer.learning.network_parts import Head, parameter_groups, split, stages
from stentviewer.learning.networks import StartModel, build
from stentviewer.learning.recipe import Recipe
from stentviewer.learning.training_loop import MODEL, rate_factor

if TYPE_CHECKING:
    from stentviewer.learning.cache import ImageCache

_VIEWS, _DRAWN = 11, 12  # purposes of a seed, beside the loader's
_RECENT: Final = 20  # steps whose time foretells the rest
_SAVE_SECONDS: Final = 300.0
_READ_AT_ONCE: Final = 8


class TunedLearner:
    """Implements `learner.Learner`. labels (n,) count among the recipe's classes."""

    def __init__(
        self, recipe: Recipe, cache: ImageCache, labels: Rows, start: StartModel, work: Path
    ) -> None:
        """work is a folder of the run for what all folds share: the held stages' output.

        Raises UserError where the recipe holds no stage.
        """
        self._recipe, self._cache, self._labels = recipe, cache, np.asarray(labels, np.int64)
        self._start, self._work = start, work
        self._activations: Activations | None = None
        self._count = round(recipe.optimise.frozen * len(stages(build(start, recipe))))
        if not self._count:
            raise UserError(
                sentence(
                    "Tuned holds the first stages of the network, and this recipe holds none. "
                    "Hold a larger share, or choose Full."
                )
            )

    def fit(
        self, train: Rows, check: Rows, fold: int, folder: Path, context: RunContext
    ) -> TunedFitted:
        """See `learner.Learner.fit`. Where memory is short, a batch goes through in parts."""
        identity = self._identity(train, fold)
        activations = self._ready(context)
        tensors = _ended(folder, identity)
        if tensors is None:
            if not len(train):
                raise UserError(sentence("There are no images to learn from."))
            self._learn(train, check, fold, folder, identity, context)
            tensors = _ended(folder, identity)
        if tensors is None:
            raise KnownError(
                sentence(
                    "{folder} does not keep what is written there. Choose another disk.",
                    folder=str(folder),
                )
            )
        checkpoint.clear(folder)
        seen = self._cache.seen
        return TunedFitted(self._recipe, self._start, self._count, activations, tensors, seen)

    def _learn(
        self,
        train: Rows,
        check: Rows,
        fold: int,
        folder: Path,
        identity: str,
        context: RunContext,
    ) -> None:
        parts = self._recipe.compute.accumulate
        course = Course(
            np.asarray(train, np.int64),
            min(self._recipe.compute.batch, len(train)),
            self._recipe.epochs,
            self._recipe.seed,
            fold,
        )
        while True:
            try:
                _Training(self, course, check, folder, identity, parts, context).run()
                return
            except Exception as error:
                if not memory.is_out_of_memory(error) or parts >= course.batch:
                    raise
            parts *= 2
            context.tell(
                sentence(
                    "Memory is short: a batch goes through the network in {parts} parts.",
                    parts=parts,
                )
            )

    def _ready(self, context: RunContext) -> Activations:
        if self._activations is None:
            compute, augment = self._recipe.compute, self._recipe.augment
            processes.check(compute)
            processes.set_threads(compute)
            if augment.operations or augment.mixup or augment.cutmix or augment.erasing:
                context.tell(
                    sentence(
                        "Tuned learns from what the held stages gave: of the ways to change "
                        "images, only mirroring applies."
                    )
                )
            front, _ = split(build(self._start, self._recipe).eval(), self._count)
            learned = [item.role == "train" for item in self._cache.items]
            mirrored = np.flatnonzero(learned) if augment.flips else np.zeros(0, np.int64)
            device = processes.one(compute).device
            self._activations = open_activations(
                front, self._cache, mirrored, self._work / "activations", device, context
            )
        return self._activations

    def _identity(self, train: Rows, fold: int) -> str:
        """A hash of what decides the weights: a checkpoint of anything else is not gone on with."""
        aside = {"compute", "name", "final", "folds", "selection", "start"}
        said = self._recipe.model_dump(mode="json", exclude=aside)
        images = [(self._cache.sha256[row], int(self._labels[row])) for row in train]
        started = (self._start.architecture, self._start.sha256, self._start.id)
        whole = [said, self._recipe.compute.batch, images, started, fold]
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()


class _Rest(nn.Module):  # type: ignore[misc]
    """The stages that learn, and the head, on what the held stages gave."""

    def __init__(self, network: Any, first: int) -> None:
        super().__init__()
        self.network = network
        parts = (*stages(network)[first:], Head(network))
        object.__setattr__(self, "_parts", parts)  # they share the network's parameters

    def forward(self, maps: torch.Tensor) -> torch.Tensor:
        for part in self._parts:
            maps = part(maps)
        return maps


class _Training:
    def __init__(
        self,
        learner: TunedLearner,
        course: Course,
        check: Rows,
        folder: Path,
        identity: str,
        parts: int,
        context: RunContext,
    ) -> None:
        self.recipe, self.labels = learner._recipe, torch.from_numpy(learner._labels)
        activations = learner._activations
        assert activations is not None
        self.activations, self.course, self.check = activations, course, np.asarray(check, np.int64)
        self.folder, self.identity, self.parts, self.context = folder, identity, parts, context
        self.total = course.steps * course.epochs
        warm = round(self.recipe.optimise.warmup_epochs * course.steps)
        self.warm = min(warm, self.total // 2)
        self.network = build(learner._start, self.recipe)
        groups = parameter_groups(self.network, self.recipe.optimise)
        self.optimiser = torch.optim.AdamW(groups, lr=self.recipe.optimise.rate, fused=True)
        self.rates = [group["lr"] for group in self.optimiser.param_groups]
        self.fabric = processes.one(self.recipe.compute)
        self.names = _learned_names(self.network, learner._count)
        self.done, self.losses = 0, list[float]()
        kept = checkpoint.load(folder)
        found = kept is not None and kept.facts.get("identity") == identity
        if kept is not None and found:
            self.network.load_state_dict(_part(kept.tensors, "network."), strict=False)
        rest = _Rest(self.network, learner._count)
        self.model, self.wrapped = self.fabric.setup(rest, self.optimiser)
        if kept is not None and found:
            self._restore(kept)
        self.times: deque[float] = deque(maxlen=_RECENT)
        self.saved_at = time.monotonic()

    def run(self) -> None:
        while self.done < self.total:
            self._epoch(self.done // self.course.steps)
        kept = Checkpoint(self._state(), {"identity": self.identity})
        checkpoint.write(self.folder / MODEL, kept)

    def _epoch(self, epoch: int) -> None:
        self.model.train()
        self.times.clear()
        self.times.append(time.monotonic())
        while self.done < (epoch + 1) * self.course.steps:
            try:
                self.context.control.check()
            except Cancelled:
                self._save()
                raise
            self._step(epoch)
            if time.monotonic() - self.saved_at > _SAVE_SECONDS:
                self._save()
        loss, self.losses = float(np.mean(self.losses)), []
        self._save()
        self.context.emit(self._checked(epoch, loss))

    def _step(self, epoch: int) -> None:
        recipe, step = self.recipe, self.done % self.course.steps
        factor = rate_factor(self.done, self.warm, self.total)
        for group, rate in zip(self.optimiser.param_groups, self.rates, strict=True):
            group["lr"] = rate * factor
        key = (recipe.seed, self.course.fold)
        torch.manual_seed(int(np.random.default_rng([*key, _DRAWN, self.done]).integers(2**62)))
        rows = self.course.of(epoch, step)
        total = 0.0
        for part in np.array_split(rows, min(self.parts, len(rows))):
            maps = self.activations.take(part, self._views(part, epoch)).to(self.fabric.device)
            truth = self.labels[torch.from_numpy(part)].to(self.fabric.device)
            scores = self.model(maps).float()
            smooth = recipe.optimise.smoothing
            each = functional.cross_entropy(scores, truth, reduction="sum", label_smoothing=smooth)
            loss = each / len(rows)
            self.fabric.backward(loss)
            total += float(loss.detach())
        if not math.isfinite(total):
            raise self._no_number(epoch)
        self.wrapped.step()
        self.optimiser.zero_grad(set_to_none=True)
        self.losses.append(total)
        self.done += 1
        self.times.append(time.monotonic())
        self.context.emit(self._told(epoch, step, total, len(rows), recipe.optimise.rate * factor))

    def _views(self, rows: Rows, epoch: int) -> list[int]:
        """Which images are mirrored: half of them, drawn for each image and epoch."""
        if len(self.activations.maps) < 2:
            return [0] * len(rows)
        key = (self.recipe.seed, self.course.fold, _VIEWS, epoch)
        return [int(np.random.default_rng([*key, int(row)]).integers(2)) for row in rows]

    def _told(self, epoch: int, step: int, loss: float, images: int, rate: float) -> Step:
        took = (self.times[-1] - self.times[0]) / max(1, len(self.times) - 1)
        recipe, fold = self.recipe, self.course.fold
        fits = recipe.folds - fold + recipe.final if fold else 0
        return Step(
            fold=fold,
            epoch=epoch + 1,
            epochs=recipe.epochs,
            step=step + 1,
            steps=self.course.steps,
            loss=loss,
            rate=rate,
            images_per_second=images / took if took else 0.0,
            memory=memory.used_bytes(self.fabric.device),
            seconds_left=took * (self.total - self.done + fits * self.total),
        )

    def _checked(self, epoch: int, loss: float) -> Epoch:
        if not len(self.check):
            return Epoch(self.course.fold, epoch + 1, loss)
        scores = _answers(self.model, self.activations, self.check, self.fabric.device)
        truth = self.labels[torch.from_numpy(self.check)]
        counts = metrics.confusion(truth.numpy(), scores.argmax(1), scores.shape[1])
        missed = functional.cross_entropy(torch.from_numpy(scores), truth)
        accuracy, f1 = metrics.accuracy(counts), metrics.rates(counts).macro()[2]
        return Epoch(self.course.fold, epoch + 1, loss, float(missed), accuracy, f1)

    def _no_number(self, epoch: int) -> KnownError:
        return KnownError(
            sentence(
                "The loss became no number in epoch {epoch}. What was learned up to the last "
                "saving is kept. Begin again with a smaller learning rate (it was {rate:g}), a "
                "longer warm-up, or precision 32-true.",
                epoch=epoch + 1,
                rate=self.recipe.optimise.rate,
            )
        )

    def _state(self) -> dict[str, torch.Tensor]:
        """What learns; the held stages are in the start model."""
        return {k: v for k, v in self.network.state_dict().items() if k in self.names}

    def _save(self) -> None:
        self.saved_at = time.monotonic()
        state = {f"network.{k}": v for k, v in self._state().items()}
        for number, parameter in enumerate(self._parameters()):
            for name, value in self.optimiser.state[parameter].items():
                state[f"optimiser.{number}.{name}"] = torch.as_tensor(value)
        if not all(bool(v.isfinite().all()) for v in state.values() if v.is_floating_point()):
            raise self._no_number((self.done - 1) // self.course.steps)
        facts = {"identity": self.identity, "done": self.done, "losses": self.losses}
        checkpoint.save(self.folder, Checkpoint(state, facts))

    def _restore(self, kept: Checkpoint) -> None:
        self.done, self.losses = int(kept.facts["done"]), list(kept.facts["losses"])
        stored = _part(kept.tensors, "optimiser.")
        for number, parameter in enumerate(self._parameters()):
            for key, value in _part(stored, f"{number}.").items():
                if key != "step":  # laid out in memory as its parameter is
                    value = torch.empty_like(parameter, dtype=value.dtype).copy_(value)
                elif self.fabric.device.type != "cpu":
                    value = value.to(self.fabric.device)
                self.optimiser.state[parameter][key] = value

    def _parameters(self) -> list[torch.Tensor]:
        return [p for group in self.optimiser.param_groups for p in group["params"]]


@dataclass(frozen=True, eq=False)
class TunedFitted:
    """`learner.Fitted`: what a fold learned, and the run's activations."""

    recipe: Recipe
    start: StartModel
    count: int
    activations: Activations
    tensors: dict[str, torch.Tensor]
    seen: tuple[Seen, ...] = ()

    def network(self) -> Any:
        """The network that was learned, in evaluation mode, on the CPU."""
        network = build(self.start, self.recipe)
        network.load_state_dict(self.tensors, strict=False)
        return network.eval()

    def logits(self, rows: Rows) -> FloatArray:
        processes.set_threads(self.recipe.compute)
        compute = self.recipe.compute.model_copy(update={"precision": "32-true"})
        fabric = processes.one(compute)
        model = fabric.setup(_Rest(self.network(), self.count))
        rows = np.asarray(rows, np.int64)
        if not len(rows):
            return np.zeros((0, len(self.recipe.classes)), np.float32)
        return _answers(model, self.activations, rows, fabric.device)

    def features(self, rows: Rows) -> FloatArray:
        processes.set_threads(self.recipe.compute)
        network = self.network()
        parts = stages(network)[self.count :]
        rows = np.asarray(rows, np.int64)
        maps = (self._map(network, parts, int(row)) for row in rows)
        return on_stents(maps, [self.seen[row] for row in rows])

    def _map(self, network: Any, parts: Sequence[nn.Module], row: int) -> FloatArray:
        with torch.inference_mode():
            maps = self.activations.take(np.array([row]))
            for part in parts:
                maps = part(maps)
            found: FloatArray = feature_map(network, maps)[0].numpy()
        return found

    def export(self, folder: Path) -> dict[str, Path]:
        from stentviewer.learning.export import export_network

        return export_network(self.network(), self.recipe.side, folder)


def _answers(model: Any, activations: Activations, rows: Rows, device: torch.device) -> FloatArray:
    model.eval()
    parts = []
    with torch.inference_mode():
        for first in range(0, len(rows), _READ_AT_ONCE):
            maps = activations.take(rows[first : first + _READ_AT_ONCE]).to(device)
            parts.append(model(maps).float().cpu().numpy())
    return np.concatenate(parts)


def _learned_names(network: Any, count: int) -> set[str]:
    """Names of what is not in the held stages: parameters and statistics."""
    held = {
        id(tensor)
        for part in stages(network)[:count]
        for tensor in (*part.parameters(), *part.buffers())
    }
    named = (*network.named_parameters(), *network.named_buffers())
    return {name for name, tensor in named if id(tensor) not in held}


def _ended(folder: Path, identity: str) -> dict[str, torch.Tensor] | None:
    kept = checkpoint.read(folder / MODEL)
    if kept is None or kept.facts.get("identity") != identity:
        return None
    return dict(kept.tensors)


def _part(tensors: Any, prefix: str) -> dict[str, torch.Tensor]:
    return {k.removeprefix(prefix): v for k, v in tensors.items() if k.startswith(prefix)}
