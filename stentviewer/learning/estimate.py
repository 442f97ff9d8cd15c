"""Measures what a run will take on this machine, on a few real steps of it.

A small fit is carried out from beginning to end with the run's own network, image size and way of
learning on a few of its images; its parts are timed and counted up to the whole run. The model's
file, the pictures and the report at the end, some seconds, are left out.
"""

from __future__ import annotations

import tempfile
import time
from collections import Counter, defaultdict
from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import chain, zip_longest
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
import psutil

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.learning.cache import ImageCache, open_cache
from stentviewer.learning.decoding import default_workers
from stentviewer.learning.events import RunContext
from stentviewer.learning.expected import Estimate
from stentviewer.learning.recipe import Recipe
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.selection import Item
from stentviewer.learning.trial import PeakMemory, Trial, carry_out, size_of

if TYPE_CHECKING:
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning.starting import Start

_IMAGES: Final = 12  # decoded for the measurement
_CHECKS: Final = 3  # of them, watched and not learned from
_STEPS: Final = 3
_BATCH: Final = 2  # of the first measurement
_LONGEST_S: Final = 20.0  # a larger batch is measured where its steps take no longer than this


def estimate(folder: RunFolder, catalog: Catalog, context: RunContext) -> Estimate:
    """Measure the run in `folder`. Nothing of it is begun and nothing is left behind.

    Raises as the run itself would, and UserError where too few of its images can be read.
    """
    from stentviewer.learning.starting import open_run_start

    recipe, items = folder.recipe(), folder.items()
    context.stage(sentence("Measuring a few steps"))
    with tempfile.TemporaryDirectory(prefix="measuring-", dir=folder.path) as made:
        work = Path(made)
        began = time.monotonic()
        start = open_run_start(recipe, catalog, work / "start")
        opened = time.monotonic() - began
        sample = _sample(items, recipe.names)
        with PeakMemory() as memory:
            began = time.monotonic()
            quiet = RunContext(control=context.control)
            place = work / "cache"
            cache, _ = open_cache(sample, start.spec, place, quiet, 1, start.finder)
            decoding = (time.monotonic() - began) / max(len(sample), 1)
        trials = _trials(recipe, cache, len(items), start, work, context)
        shared = size_of(work) - size_of(work / "cache") - size_of(work / "folds")
    counts = _Counts.of(recipe, items)
    workers = default_workers() if counts.images > _IMAGES else 1
    bundle = size_of(start.bundle.folder) if start.bundle else trials[-1].disk
    disk = counts.images * (cache.side**2 + shared / len(cache))
    disk += trials[-1].disk * counts.fits + bundle
    parts = {
        "start": opened,
        "images": decoding * counts.images / workers,
        **_scaled(recipe, trials[-1], counts),
    }
    return Estimate(
        seconds=sum(parts.values()),
        memory=max(_memory(recipe, trials), workers * memory.peak),
        disk=int(disk),
        steps=sum(trial.steps for trial in trials),
        device_memory=trials[-1].device_memory,
        parts=parts,
    )


@dataclass(frozen=True, slots=True)
class _Counts:
    images: int  # all
    train: int
    aside: int  # test and external
    fits: int  # folds and the final model

    @classmethod
    def of(cls, recipe: Recipe, items: Sequence[Item]) -> _Counts:
        known = set(recipe.names)
        train = sum(item.role == "train" and item.label in known for item in items)
        aside = sum(item.role != "train" for item in items)
        return cls(len(items), train, aside, recipe.folds + recipe.final)


def _sample(items: Sequence[Item], names: Sequence[str]) -> list[Item]:
    """Some training images of every class, from as many patients as there are."""
    of_class: dict[str, list[tuple[int, Item]]] = defaultdict(list)
    seen: Counter[tuple[str, str]] = Counter()
    for item in items:
        if item.role == "train" and item.label in names:
            seen[item.label, item.patient] += 1
            of_class[item.label].append((seen[item.label, item.patient], item))
    for found in of_class.values():
        found.sort(key=lambda pair: pair[0])  # a first image of each patient before a second
    in_turn = chain.from_iterable(zip_longest(*of_class.values()))
    return [pair[1] for pair in in_turn if pair is not None][:_IMAGES]


def _trials(
    recipe: Recipe, cache: ImageCache, images: int, start: Start, work: Path, context: RunContext
) -> list[Trial]:
    """A small fit, and where that takes no longer than it may, others on larger batches."""
    from stentviewer.learning.kfold import Study, learner_of

    labels = np.array([recipe.names.index(item.label) for item in cache.items], np.int64)
    if len(set(labels.tolist())) < 2 or len(cache) <= _CHECKS:
        raise UserError(
            sentence(
                "Too few of the images can be read to measure what the run takes. Look at what "
                "the check of the data says."
            )
        )
    rows = np.arange(len(cache), dtype=np.int64)
    train, check = rows[:-_CHECKS], rows[-_CHECKS:]
    if len(set(labels[train].tolist())) < 2:
        train = rows
    found: list[Trial] = []
    batch = min(_BATCH, recipe.compute.batch)
    while True:
        compute = recipe.compute.model_copy(update={"batch": batch, "accumulate": 1})
        small = recipe.model_copy(update={"epochs": 1, "compute": compute})
        count = images if recipe.method == "quick" else _STEPS * batch
        learner = learner_of(Study(small, cache, labels), start, RunFolder(work))
        place = work / "folds" / str(len(found))
        found.append(carry_out(learner, batch, np.resize(train, count), check, place, context))
        if not found[-1].steps:  # once more, now that the features are there and all is loaded
            place = work / "folds" / "again"
            again = carry_out(learner, batch, np.resize(train, count), check, place, context)
            return [replace(again, pass_seconds=found[0].pass_seconds, memory=found[0].memory)]
        larger = min(8 * batch, recipe.compute.batch)
        if larger == batch or found[-1].image_seconds * larger * _STEPS > _LONGEST_S:
            return found
        batch = larger


def _scaled(recipe: Recipe, trial: Trial, counts: _Counts) -> dict[str, float]:
    """Seconds of the whole run's stages."""
    once = max(trial.pass_seconds, trial.answer_seconds)
    fold = final = trial.rest_seconds
    if trial.steps:
        checked = counts.train / recipe.folds
        learned = counts.train - checked
        fold += recipe.epochs * (learned * trial.image_seconds + checked * trial.check_seconds)
        fold += checked * trial.answer_seconds
        final += recipe.epochs * counts.train * trial.image_seconds
    return {
        "features": counts.images * trial.pass_seconds,
        "folds": recipe.folds * fold,
        "final": final if recipe.final else 0.0,
        "answers": counts.aside * once,
    }


def _memory(recipe: Recipe, trials: Sequence[Trial]) -> int:
    """The most memory with the recipe's own batch; where that is too much, it is cut into parts."""
    last = trials[-1]
    if not last.steps or len(trials) < 2 or last.device_memory:
        return last.memory
    each = max(last.memory - trials[0].memory, 0) / (last.batch - trials[0].batch)
    wanted = last.memory + int(each * (recipe.compute.batch - last.batch))
    free = psutil.virtual_memory().available + psutil.Process().memory_info().rss
    return min(wanted, int(free))
