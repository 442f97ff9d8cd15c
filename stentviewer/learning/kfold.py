"""A whole run: folds of whole patients, a model a fold, the final model, and what all of it says.

Everything is kept as it comes, in the run's folder: a run that was stopped, or lost power, goes on
where it was, and what had ended is not done again.
"""

from __future__ import annotations

import hashlib
import json
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.paths import data_dir
from stentviewer.core.sentences import sentence, together
from stentviewer.core.types import Problem
from stentviewer.learning import metrics
from stentviewer.learning.cache import ImageCache, open_cache
from stentviewer.learning.cost import Meter
from stentviewer.learning.events import Done, FoldDone, RunContext
from stentviewer.learning.frozen import must_not_leak, read_frozen
from stentviewer.learning.known_designs import held_out_distances
from stentviewer.learning.learner import Fitted, Learner, Rows
from stentviewer.learning.predictions import Predictions
from stentviewer.learning.recipe import Recipe
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.splits import folds
from stentviewer.learning.starting import Start, open_run_start

if TYPE_CHECKING:
    from stentviewer.inference.catalog import Catalog

FINAL: Final = 0  # the fold that is none: all training images
_NAMED: Final = 5  # problems told one by one


@dataclass(frozen=True, eq=False)
class Study:
    """A run's images, ready to be learned from. labels (n,) count among the recipe's classes, -1
    for a class that it does not have."""

    recipe: Recipe
    cache: ImageCache
    labels: Rows
    problems: tuple[Problem, ...] = ()

    def rows(self, role: str) -> Rows:
        """The images of a role whose class the recipe has."""
        roles = np.array([item.role == role for item in self.cache.items], np.bool_)
        return np.flatnonzero(roles & (self.labels >= 0))

    def answers(
        self, rows: Rows, logits: np.ndarray, fold: Rows, classes: Sequence[str]
    ) -> Predictions:
        """What was answered on some rows by the models of `fold` (len(rows),)."""
        names = list(classes)
        labels = [self.cache.items[row].label for row in rows]
        return Predictions(
            classes=tuple(names),
            logits=np.asarray(logits, np.float32).reshape(len(rows), len(names)),
            truth=np.array([names.index(x) if x in names else -1 for x in labels], np.int64),
            fold=np.asarray(fold, np.int64),
            sha256=tuple(self.cache.sha256[row] for row in rows),
            patient=tuple(self.cache.items[row].patient for row in rows),
        )


def run(folder: RunFolder, catalog: Catalog, context: RunContext) -> None:
    """Carry a run on to its end: all folds, the final model as a bundle, the result, the report.

    Raises UserError and KnownError with what is wrong, Cancelled at an order to stop; whatever was
    done until then is kept and not done again.
    """
    from stentviewer.learning.concluding import conclude

    meter = Meter(folder.path / "cost.json")
    context = meter.watching(context)
    recipe = folder.recipe()
    with meter.stage("start"):
        start = open_run_start(recipe, catalog, folder.path / "start")
    for note in start.notes:
        context.tell(note)
    with meter.stage("images"):
        study = open_study(folder, recipe, start, context)
    frozen = read_frozen(catalog.home, recipe.task)
    must_not_leak(study.cache.items, study.cache.sha256, frozen)
    learner = learner_of(study, start, folder)
    train = study.rows("train")
    fold_of = folds_of(study, train)
    with meter.stage("folds"):
        out_of_fold = answers_of_folds(study, learner, train, fold_of, folder, context)
        distances = None
        if study.cache.seen:
            distances = held_out_distances(study, learner, train, fold_of, folder, context)
    final: Fitted | None = None
    if recipe.final:
        with meter.stage("final"):
            context.stage(sentence("The final model, on all training images"))
            none = np.zeros(0, np.int64)
            final = learner.fit(train, none, FINAL, folder.fold(FINAL), context)
    with meter.stage("answers"):
        before = _start_answers(study, learner, start, train, catalog, folder, context)
    conclude(folder, study, start, final, out_of_fold, before, distances, catalog, meter, context)
    shutil.rmtree(folder.path / "activations", ignore_errors=True)  # gigabytes, and done with
    context.emit(Done())


def open_study(folder: RunFolder, recipe: Recipe, start: Start, context: RunContext) -> Study:
    """Decode the run's images, or find them decoded; what cannot be read is told and left out."""
    items = folder.items()
    place = data_dir() / "training" / "cache"
    cache, problems = open_cache(items, start.spec, place, context, finder=start.finder)
    for problem in problems[:_NAMED]:
        context.tell(problem.message)
    if len(problems) > _NAMED:
        context.tell(sentence("{n} more images are left out.", n=len(problems) - _NAMED))
    names = list(recipe.names)
    labels = [names.index(x.label) if x.label in names else -1 for x in cache.items]
    strange = sorted({x.label for x in cache.items if x.label not in names and x.role == "train"})
    if strange:
        context.tell(
            sentence(
                "Images of {names} are left out: the new model has no such class.",
                names=tuple(strange),
            )
        )
    return Study(recipe, cache, np.array(labels, np.int64), problems)


def learner_of(study: Study, start: Start, folder: RunFolder) -> Learner:
    recipe = study.recipe
    if recipe.method == "quick":
        from stentviewer.learning.quick import QuickLearner

        return QuickLearner(recipe, study.cache, study.labels, start.need_bundle(), folder.path)
    if recipe.method == "tuned":
        from stentviewer.learning.tuned import TunedLearner

        return TunedLearner(recipe, study.cache, study.labels, start.need_network(), folder.path)
    from stentviewer.learning.trainer import FullLearner

    return FullLearner(recipe, study.cache, study.labels, start.need_network())


def folds_of(study: Study, train: Rows) -> Rows:
    """The fold of each training image; the same whenever the run goes on with the same images."""
    recipe = study.recipe
    patients = [study.cache.items[row].patient for row in train]
    try:
        return folds(study.labels[train], patients, recipe.folds, recipe.seed, recipe.names)
    except UserError as error:
        unread = {problem.message for problem in study.problems}
        if not unread:
            raise
        said = sentence("{n} images could not be used.", n=len(unread))
        raise UserError(together([str(error), said])) from error


def answers_of_folds(
    study: Study,
    learner: Learner,
    train: Rows,
    fold_of: Rows,
    folder: RunFolder,
    context: RunContext,
) -> Predictions:
    """Each training image's answer by the model of the fold that had not seen its patient."""
    recipe = study.recipe
    _same_images_as_before(study, train, fold_of, folder)
    logits = np.zeros((len(train), len(recipe.names)), np.float32)
    for fold in range(1, recipe.folds + 1):
        what = sentence("Fold {fold} of {folds}", fold=fold, folds=recipe.folds)
        context.stage(what, fold - 1, recipe.folds)
        check = fold_of == fold
        fitted = learner.fit(train[~check], train[check], fold, folder.fold(fold), context)
        logits[check] = fitted.logits(train[check])
        truth = study.labels[train[check]]
        counts = metrics.confusion(truth, logits[check].argmax(1), len(recipe.names))
        f1 = metrics.rates(counts).macro()[2]
        context.emit(FoldDone(fold, metrics.accuracy(counts), f1))
    answers = study.answers(train, logits, fold_of, recipe.names)
    answers.save(folder.out_of_fold)
    return answers


def _start_answers(
    study: Study,
    learner: Learner,
    start: Start,
    train: Rows,
    catalog: Catalog,
    folder: RunFolder,
    context: RunContext,
) -> Predictions | None:
    """What the start model says of the training images that it is not known to have learned from;
    None where it knows no class, or learned from all of them."""
    from stentviewer.learning.concluding import champion_answers
    from stentviewer.learning.frozen import learned_of
    from stentviewer.learning.quick import QuickLearner

    bundle = start.bundle
    if bundle is None or not start.labels:
        return None
    known = learned_of(catalog.home, bundle.sha256)
    seen = known.images if known is not None else frozenset()
    rows = np.array([row for row in train if study.cache.sha256[row] not in seen], np.int64)
    if not len(rows):
        return None
    kept = folder.answers("train", "start")
    if kept.exists():
        found = Predictions.load(kept)
        if found.sha256 == tuple(study.cache.sha256[row] for row in rows):
            return found
    if isinstance(learner, QuickLearner):
        none = np.zeros(len(rows), np.int64)
        answers = study.answers(rows, learner.start_logits(rows, context), none, bundle.labels)
    else:
        answers = champion_answers(study, rows, bundle, context)
    answers.save(kept)
    return answers


def _same_images_as_before(study: Study, train: Rows, fold_of: Rows, folder: RunFolder) -> None:
    """A run goes on with the images that it began with, or not at all: a fold's model that is kept
    must not have seen what it is asked about. Raises KnownError where an image came or went."""
    lines = [f"{study.cache.sha256[row]} {fold}" for row, fold in zip(train, fold_of, strict=True)]
    now = hashlib.sha256("\n".join(sorted(lines)).encode()).hexdigest()
    kept = folder.path / "folds.json"
    if not kept.exists():
        partial = kept.with_suffix(".partial")
        partial.write_text(json.dumps({"images": len(lines), "sha256": now}), encoding="utf-8")
        partial.replace(kept)
    elif json.loads(kept.read_text(encoding="utf-8"))["sha256"] != now:
        raise KnownError(
            sentence(
                "The images are not those that this run began with: some were changed, or can no "
                "longer be read. Put them back, or begin a new run."
            )
        )
