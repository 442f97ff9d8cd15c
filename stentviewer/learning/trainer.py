"""Full: the whole network learns, by the papers' recipe or any other."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import torch

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.runtimes.architectures import feature_map
from stentviewer.learning import checkpoint, memory, processes
from stentviewer.learning.events import RunContext
from stentviewer.learning.feed import Seen, on_stents
from stentviewer.learning.learner import Rows
from stentviewer.learning.loader import Pictures
from stentviewer.learning.memory import Plan
from stentviewer.learning.networks import StartModel, build
from stentviewer.learning.recipe import Recipe
from stentviewer.learning.training_loop import MODEL, Job, answers

if TYPE_CHECKING:
    from stentviewer.learning.cache import ImageCache
    from stentviewer.learning.lesson import Lesson


@dataclass(frozen=True, eq=False)
class FullLearner:
    """`learner.Learner`: fine-tunes the network from its start. labels (n,) count among the
    recipe's classes, for every row of the cache; lesson is a teacher's answers to them."""

    recipe: Recipe
    cache: ImageCache
    labels: Rows
    start: StartModel
    lesson: Lesson | None = None

    def fit(
        self, train: Rows, check: Rows, fold: int, folder: Path, context: RunContext
    ) -> FullFitted:
        """See `learner.Learner.fit`. Falls back to parts of a batch, then to checkpointing, where
        memory is short, and tells so; a run that goes on keeps to what it fell back to."""
        job = self._job(train, check, fold, folder)
        tensors = self._ended(job)
        if tensors is None:
            self._learn(job, context)
            tensors = self._ended(job)
        if tensors is None:
            raise KnownError(
                sentence(
                    "{folder} does not keep what is written there. If several machines learn, let "
                    "all of them see one folder; else choose another disk.",
                    folder=str(folder),
                )
            )
        checkpoint.clear(folder)
        return FullFitted(self.recipe, job.pictures, self.start, tensors, self.cache.seen)

    def _job(self, train: Rows, check: Rows, fold: int, folder: Path) -> Job:
        spec = self.cache.spec
        return Job(
            recipe=self.recipe,
            start=replace(self.start, bundle=None),
            pictures=Pictures(self.cache.pixels, self.cache.inside, spec.mean, spec.std),
            labels=self.labels,
            train=train,
            check=check,
            fold=fold,
            folder=folder,
            identity=self._identity(train, fold),
            plan=Plan(self.recipe.compute.accumulate, self.recipe.compute.checkpointing),
            lesson=self.lesson,
        )

    def _identity(self, train: Rows, fold: int) -> str:
        """A hash of what decides the weights: a checkpoint of anything else is not gone on with.

        How the work is laid out may change in between, but for the size of a batch.
        """
        aside = {"compute", "name", "final", "folds", "selection", "start"}
        said = self.recipe.model_dump(mode="json", exclude=aside)
        images = [(self.cache.sha256[row], int(self.labels[row])) for row in train]
        started = (self.start.architecture, self.start.sha256, self.start.id)
        whole = [said, self.recipe.compute.batch, images, started, fold]
        if self.lesson is not None:
            whole.append(self.lesson.identity)
        return hashlib.sha256(json.dumps(whole, sort_keys=True).encode()).hexdigest()

    def _ended(self, job: Job) -> dict[str, torch.Tensor] | None:
        kept = checkpoint.read(job.folder / MODEL)
        if kept is None or kept.facts.get("identity") != job.identity:
            return None
        return dict(kept.tensors)

    def _learn(self, job: Job, context: RunContext) -> None:
        if not len(job.train):
            raise UserError(sentence("There are no images to learn from."))
        compute = self.recipe.compute
        processes.check(compute)
        if compute.precision == "16-mixed" and processes.on_cpu(compute):
            context.tell(sentence("Without a graphics card, bf16-mixed takes 16-mixed's place."))
        if compute.compile and not _can_compile():
            context.tell(
                sentence("No compiler was found on this machine; the network runs as it is.")
            )
            compute = compute.model_copy(update={"compile": False})
            job = replace(job, recipe=self.recipe.model_copy(update={"compute": compute}))
        job = self._planned(job, context)
        while True:
            try:
                processes.run(job, context)
                return
            except Exception as error:
                job = self._after(error, job, context)
            _let_go()

    def _planned(self, job: Job, context: RunContext) -> Job:
        """The plan that the run has kept to so far, else the one that fits the memory."""
        kept = checkpoint.load(job.folder)
        if kept is not None and kept.facts.get("identity") == job.identity:
            return replace(job, plan=Plan(**kept.facts["plan"]))
        compute = job.recipe.compute
        device = processes.one(compute).device
        network = build(job.start, job.recipe).to(device)
        share = -(-job.course.batch // (compute.devices * compute.nodes))
        sharers = compute.devices if device.type == "cpu" else 1
        plan = memory.fitting(network, job.plan, share, self.recipe.side, device, sharers)
        if plan.parts > job.plan.parts or plan.checkpointing > job.plan.checkpointing:
            _tell(context, plan, share)
        return replace(job, plan=plan)

    def _after(self, error: Exception, job: Job, context: RunContext) -> Job:
        """What to do after an error: less at once where memory ran out, else a sentence."""
        if memory.is_out_of_memory(error):
            share = -(-job.course.batch // (job.recipe.compute.devices * job.recipe.compute.nodes))
            able = memory.can_checkpoint(build(job.start, job.recipe))
            plan = job.plan.smaller((share + 1) // 2, able)
            if plan is None:
                raise KnownError(
                    sentence(
                        "The memory ran out at {side} px, even with two images at once. Choose a "
                        "smaller image size or network, or close other programs; what was learned "
                        "so far is kept.",
                        side=self.recipe.side,
                    )
                ) from error
            _tell(context, plan, share)
            return replace(job, plan=plan)
        if memory.is_device_lost(error):
            raise KnownError(
                sentence(
                    "The graphics card stopped answering. What was learned up to the last saving "
                    "is kept; start the run again to go on."
                )
            ) from error
        raise error


@dataclass(frozen=True, eq=False)
class FullFitted:
    """`learner.Fitted`: a network and the run's pictures."""

    recipe: Recipe
    pictures: Pictures
    start: StartModel
    tensors: dict[str, torch.Tensor]
    seen: tuple[Seen, ...] = ()

    def network(self) -> Any:
        """The network that was learned, in evaluation mode, on the CPU."""
        network = build(self.start, self.recipe)
        network.load_state_dict(self.tensors)
        return network.eval()

    def logits(self, rows: Rows) -> FloatArray:
        compute = self.recipe.compute.model_copy(update={"precision": "32-true"})
        processes.set_threads(compute)
        fabric = processes.one(compute)
        network = self.network().to(fabric.device)
        rows = np.asarray(rows, np.int64)
        return answers(fabric, network, self.pictures, rows, len(self.recipe.classes))

    def features(self, rows: Rows) -> FloatArray:
        compute = self.recipe.compute.model_copy(update={"precision": "32-true"})
        processes.set_threads(compute)
        fabric = processes.one(compute)
        network = self.network().to(fabric.device)
        rows = np.asarray(rows, np.int64)
        maps = (self._map(network, int(row), fabric.device) for row in rows)
        return on_stents(maps, [self.seen[row] for row in rows])

    def _map(self, network: Any, row: int, device: Any) -> FloatArray:
        with torch.inference_mode():
            features = network.forward_features(self.pictures.tensor(row).to(device))
            found: FloatArray = feature_map(network, features)[0].float().cpu().numpy()
        return found

    def export(self, folder: Path) -> dict[str, Path]:
        from stentviewer.learning.export import export_network

        return export_network(self.network(), self.recipe.side, folder)


def _can_compile() -> bool:
    """Whether torch.compile has what it needs: a C++ compiler, or Triton for a GPU."""
    from importlib.util import find_spec
    from shutil import which

    if torch.cuda.is_available():
        return find_spec("triton") is not None
    return any(which(name) for name in ("g++", "clang++", "cl"))


def _tell(context: RunContext, plan: Plan, share: int) -> None:
    at_once = 2 * -(-((share + 1) // 2) // plan.parts)
    context.tell(
        sentence(
            "Memory is short: {images} images go through the network at once, and normalisation "
            "sees no more than those. The size of a batch stays.",
            images=at_once,
        )
    )
    if plan.checkpointing:
        context.tell(
            sentence("Memory is short: parts are computed twice instead of kept. It takes longer.")
        )


def _let_go() -> None:
    """Give back what the last try held."""
    import gc

    gc.collect()
    if torch.cuda.is_available():
        torch.cuda.empty_cache()
