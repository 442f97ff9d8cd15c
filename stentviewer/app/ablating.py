"""What each step of preprocessing is worth on labelled images, for a model of this machine."""

from __future__ import annotations

import shutil
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Final

from stentviewer.app.training import run_context, training_dir
from stentviewer.core.errors import UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence

if TYPE_CHECKING:
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning.ablation import Ablation, Outcome

_STALE_DAYS: Final = 30


def open_ablation(
    images: Path,
    model: str,
    catalog: Catalog,
    say: Callable[[str], None],
    context: JobContext,
    *,
    read_only: bool = False,
    folds: int = 0,
) -> Ablation:
    """Labelled images and a model, by its id or folder; the one in force without one.

    `say` hears what is left out. Raises UserError where there is no such model or the images do not
    allow it, KnownError where files are damaged, Cancelled.
    """
    from stentviewer.learning.ablation import Ablation
    from stentviewer.learning.sources import gather
    from stentviewer.learning.starting import open_bundle
    from stentviewer.tasks.stent_maker import TASK

    bundle = open_bundle(model, catalog) if model else catalog.default(TASK)
    found = gather(images, context)
    for problem in found.problems:
        say(f"{problem.path.name}: {problem.message}")
    _forget_stale(training_dir() / "ablations")
    made = Ablation(
        bundle, found.items, training_dir(), run_context(context), read_only=read_only, folds=folds
    )
    for problem in made.problems:
        say(f"{problem.path.name}: {problem.message}")
    if made.held_back:
        say(
            sentence(
                "{n} images that are held back for tests are left out: what is chosen by them "
                "could not be tested on them.",
                n=made.held_back,
            )
        )
    return made


def ablate(made: Ablation, steps: Sequence[str]) -> Iterator[Outcome]:
    """The model's own preprocessing, then each variant in turn; see `learning.ablation_steps`."""
    from stentviewer.learning.ablation_steps import variants_of

    variants = variants_of(steps)
    for variant in variants:  # said before an hour of learning, not after it
        made.spec(variant)
    if steps and all(made.spec(one) == made.bundle.manifest.preprocessing for one in variants):
        raise UserError(
            sentence(
                "{model} prepares its images so already; there is nothing to compare.",
                model=made.bundle.manifest.id,
            )
        )
    return made.outcomes(variants)


def _forget_stale(folder: Path) -> None:
    """Delete what nobody asked for again for 30 days: it can be measured again."""
    oldest = time.time() - _STALE_DAYS * 86_400
    for kept in folder.glob("*"):
        with suppress(OSError):
            if kept.stat().st_mtime < oldest:
                shutil.rmtree(kept, ignore_errors=True)
