"""Make an installed model smaller or faster, measure what that costs, and keep what was made."""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from stentviewer.app.training import run_context, training_dir
from stentviewer.core.errors import UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence

if TYPE_CHECKING:
    from stentviewer.inference.bundle import Bundle
    from stentviewer.inference.catalog import Catalog
    from stentviewer.inference.preprocess import Preprocessing
    from stentviewer.learning.cache import ImageCache
    from stentviewer.learning.compress import Compressed, Images
    from stentviewer.learning.events import RunContext
    from stentviewer.learning.gathered import Gathered

Say = Callable[[str], None]


@dataclass(frozen=True, slots=True)
class Wanted:
    """One of the three: int8, a share of weights to set to zero, or a network to be taught.

    weights is a safetensors file the taught network begins with, random that it begins with random
    numbers; without either, weights that an installed package holds. side 0 is the model's own,
    epochs 0 the method's.
    """

    int8: bool = False
    prune: float | None = None
    distil: str = ""
    weights: Path | None = None
    random: bool = False
    side: int = 0
    epochs: int = 0

    def __post_init__(self) -> None:
        if self.int8 + (self.prune is not None) + bool(self.distil) != 1:
            raise UserError(
                sentence("Choose one of: 8-bit numbers, pruning, teaching a small network.")
            )


@dataclass(frozen=True, slots=True)
class Kept:
    """What was made and measured, and how many of its images say that they are simulated."""

    found: Compressed
    start: Bundle
    bundle: Bundle
    simulated: int


def compress(
    model: str, wanted: Wanted, images: Path, catalog: Catalog, say: Say, context: JobContext
) -> Kept:
    """Compress a model, by its id or folder, and install what was made; in force it is not.

    Images of the frozen test set and of its patients are only tested on. `say` hears what is left
    out. An interrupted teaching goes on where it was. Raises UserError, KnownError, Cancelled.
    """
    from stentviewer.learning.registry import install
    from stentviewer.learning.result import data_of
    from stentviewer.learning.sources import gather
    from stentviewer.learning.starting import open_bundle

    start = open_bundle(model, catalog)
    gathered = gather(images, context)
    for problem in gathered.problems:
        say(f"{problem.path.name}: {problem.message}")
    run = run_context(context)
    work = training_dir() / "compress" / _key(start, wanted)
    if wanted.distil:
        found, parts = _taught(start, wanted, gathered, catalog, work, say, run)
    else:
        parts = _parts(start, start.manifest.preprocessing, gathered, catalog, say, run)
        found = _converted(start, wanted, parts, work, run)
    bundle = install(found.bundle.folder, catalog)
    if wanted.distil:
        _note_learned(catalog, bundle, parts)
    shutil.rmtree(work, ignore_errors=True)
    tested = [parts.cache.items[row] for row in parts.test]
    return Kept(replace(found, bundle=bundle), start, bundle, data_of(tested).simulated)


def _key(start: Bundle, wanted: Wanted) -> str:
    said = f"{start.sha256} {wanted}"
    return f"{start.manifest.id[:40]}-{hashlib.sha256(said.encode()).hexdigest()[:12]}"


def _converted(
    start: Bundle, wanted: Wanted, parts: Images, work: Path, run: RunContext
) -> Compressed:
    if wanted.int8:
        from stentviewer.learning.compress_int8 import to_int8

        return to_int8(start, parts, work / "model", run)
    from stentviewer.learning.compress_prune import prune

    assert wanted.prune is not None
    return prune(start, parts, wanted.prune, work / "model", run)


def _taught(
    start: Bundle,
    wanted: Wanted,
    gathered: Gathered,
    catalog: Catalog,
    work: Path,
    say: Say,
    run: RunContext,
) -> tuple[Compressed, Images]:
    from stentviewer.inference.runtimes.torch_runtime import missing
    from stentviewer.learning.recipe import Start

    if missing():
        raise UserError(sentence("torch cannot be used: install {lacking}.", lacking=missing()))
    from stentviewer.learning.compress_distil import (
        EPOCHS,
        distil,
        distil_recipe,
        open_student,
        student_spec,
    )

    begins = Start(network=wanted.distil, weights=wanted.weights, random=wanted.random)
    recipe = distil_recipe(start, begins, side=wanted.side, epochs=wanted.epochs or EPOCHS)
    student = open_student(recipe, catalog)
    parts = _parts(start, student_spec(start, student), gathered, catalog, say, run)
    seen = _cache(start, start.manifest.preprocessing, gathered, lambda _: None, run)
    return distil(start, recipe, student, parts, seen, work, run), parts


def _cache(
    start: Bundle, spec: Preprocessing, gathered: Gathered, say: Say, run: RunContext
) -> ImageCache:
    """The images as spec has them, of stents that the model's finder finds where it has one."""
    from stentviewer.learning.cache import open_cache

    place = training_dir() / "cache"
    cache, problems = open_cache(gathered.items, spec, place, run, finder=start)
    for problem in problems:
        say(f"{problem.path.name}: {problem.message}")
    return cache


def _parts(
    start: Bundle,
    spec: Preprocessing,
    gathered: Gathered,
    catalog: Catalog,
    say: Say,
    run: RunContext,
) -> Images:
    from stentviewer.learning.compress import in_two_parts
    from stentviewer.learning.frozen import read_frozen

    cache = _cache(start, spec, gathered, say, run)
    frozen = read_frozen(catalog.home, start.manifest.task)
    leaks = set(frozen.leaks(cache.items, cache.sha256))
    return in_two_parts(cache, start, [row in leaks for row in range(len(cache))])


def _note_learned(catalog: Catalog, bundle: Bundle, parts: Images) -> None:
    """What a taught model learned from must not be in a test that it is promoted by."""
    from stentviewer.learning.frozen import Learned, note_learned

    learned = Learned(
        model=bundle.ref.short,
        images=frozenset(parts.cache.sha256[row] for row in parts.learn),
        patients=frozenset(parts.cache.items[row].patient for row in parts.learn),
    )
    note_learned(catalog.home, bundle.sha256, learned)
