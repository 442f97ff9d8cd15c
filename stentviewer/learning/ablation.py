"""What each step of preprocessing is worth on a given set of labelled images.

Each variant differs from the model's own preprocessing in what it declares. Where it is learned,
the last layer is made anew (learning.quick) on images prepared so, over folds of whole patients,
and every image is answered by the fold that had not seen its patient. Where it is only read, the
answers are of a layer that was learned on the model's own preprocessing. Finished variants are
kept, so that what was interrupted goes on where it stopped.
"""

from __future__ import annotations

import hashlib
import json
import shutil
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.files import not_written
from stentviewer.core.sentences import sentence
from stentviewer.inference.bundle import Bundle, LabelSpec, write_bundle
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
from stentviewer.inference.steps import Steps
from stentviewer.learning import metrics
from stentviewer.learning.ablation_steps import Variant
from stentviewer.learning.cache import ImageCache, open_cache
from stentviewer.learning.cache_file import fingerprint
from stentviewer.learning.evaluation import known, proportion
from stentviewer.learning.events import RunContext
from stentviewer.learning.kfold import Study, answers_of_folds, folds_of
from stentviewer.learning.learner import Rows
from stentviewer.learning.paired import Paired, paired
from stentviewer.learning.predictions import Predictions
from stentviewer.learning.quick import Fitted, QuickLearner
from stentviewer.learning.recipe import ClassSpec, Recipe, Start, preset
from stentviewer.learning.result import data_of
from stentviewer.learning.result_parts import Estimate
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.selection import Item, classes_of

if TYPE_CHECKING:
    from stentviewer.core.types import FloatArray, Problem

_VERSION: Final = 1  # to be raised when the same variant gives other answers
_FOLDS: Final = 5  # the papers'
_OWN_PLACE: Final = "own"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One variant's figures, and its difference to the model's own preprocessing (None for that).

    seconds is what it took when it was measured, which may have been in an earlier call.
    """

    variant: Variant
    spec: Preprocessing
    images: int
    patients: int
    accuracy: Estimate
    f1: Estimate
    change: Paired | None
    seconds: float

    @property
    def verdict(self) -> str:
        """A sentence on the difference."""
        change = self.change
        if change is None:
            return sentence("The model's own preprocessing.")
        if change.changed == 0:
            return sentence("No image is answered otherwise.")
        low, high = change.accuracy.low, change.accuracy.high
        if low is None or high is None:
            return sentence("All images are of one patient: chance cannot be told from effect.")
        if low <= 0 <= high:
            return sentence("Within the noise: the interval of the difference includes 0.")
        if low > 0:
            return sentence("Better than the model's own preprocessing on these images.")
        return sentence("Worse than the model's own preprocessing on these images.")


class Ablation:
    """The images, opened once, and a folder that keeps what is finished."""

    def __init__(
        self,
        bundle: Bundle,
        items: Sequence[Item],
        folder: Path,
        context: RunContext,
        *,
        read_only: bool = False,
        folds: int = 0,
        seed: int = 7,
    ) -> None:
        """read_only: nothing is learned, the model itself reads. folds 0 for as many as there are
        patients in the smallest class, five at most. folder may be shared by all ablations.

        Images that are held back for tests are left out. Raises UserError where the images do not
        allow it, KnownError on a full disk, Cancelled.
        """
        self.bundle = bundle
        self.read_only = read_only
        self._items = [item for item in items if item.role != "test"]
        self.held_back = len(items) - len(self._items)
        self._folder = folder
        self._context = context
        self._own, problems = self._cache(bundle.manifest.preprocessing, folder / "cache")
        self.problems: tuple[Problem, ...] = problems
        self.classes = bundle.labels if read_only else classes_of(self._own.items)
        truth = self._labels(self._own)
        self._check(truth)
        self._recipe = None if read_only else self._recipe_of(truth, folds, seed)
        self._work = folder / "ablations" / self._key(folds, seed)
        try:
            self._work.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_written(folder, error) from error

    @property
    def folds(self) -> int:
        """How many folds are learned; 0 where nothing is."""
        return self._recipe.folds if self._recipe is not None else 0

    @property
    def items(self) -> tuple[Item, ...]:
        """The images that count: those of a class that is known."""
        return tuple(item for item in self._own.items if item.label in self.classes)

    @property
    def simulated(self) -> int:
        """How many of them say that they are simulated."""
        return data_of(self.items).simulated

    def outcomes(self, variants: Sequence[Variant]) -> Iterator[Outcome]:
        """The model's own preprocessing first, then each variant as soon as it is measured.

        Variants that the model's own preprocessing already is are left out. Raises KnownError
        where images changed meanwhile or the network fails, Cancelled at an order to stop.
        """
        wanted = [self._as_measured(variant) for variant in variants]
        usual = self.bundle.manifest.preprocessing
        wanted = [one for one in dict.fromkeys(wanted) if self.spec(one) != usual]
        own, seconds = self._answers(self._measured_own)
        yield self._outcome(self._measured_own, own, None, seconds)
        for number, variant in enumerate(wanted, start=1):
            what = sentence("Variant {n} of {all}", n=number, all=len(wanted))
            self._context.stage(what, number - 1, len(wanted))
            answers, seconds = self._answers(variant)
            yield self._outcome(variant, answers, own, seconds)

    def spec(self, variant: Variant) -> Preprocessing:
        """Raises UserError where the steps do not go with the model's own."""
        try:
            return variant.steps.on(self.bundle.manifest.preprocessing)
        except ValueError as error:
            raise UserError(
                sentence(
                    "{steps} does not go with the preprocessing of {model}.",
                    steps=str(variant.steps),
                    model=self.bundle.manifest.id,
                )
            ) from error

    # what stands before the first variant

    @property
    def _measured_own(self) -> Variant:
        return self._as_measured(Variant(Steps()))

    def _as_measured(self, variant: Variant) -> Variant:
        return replace(variant, learned=variant.learned and not self.read_only)

    def _labels(self, cache: ImageCache) -> Rows:
        names = list(self.classes)
        labels = [names.index(i.label) if i.label in names else -1 for i in cache.items]
        return np.array(labels, np.int64)

    def _check(self, truth: Rows) -> None:
        if not len(truth):
            raise UserError(sentence("There is no image that can be used."))
        if not (truth >= 0).any():
            raise UserError(
                sentence(
                    "None of these images is of a class that {model} knows: {names}.",
                    model=self.bundle.manifest.id,
                    names=self.classes,
                )
            )
        if not self.read_only and len(self.classes) < 2:
            raise UserError(
                sentence(
                    "All images are of {name}. Learning needs two classes or more; with "
                    "--read-only the model itself reads them.",
                    name=self.classes[0],
                )
            )

    def _recipe_of(self, truth: Rows, folds: int, seed: int) -> Recipe:
        patients = np.array([item.patient for item in self._own.items])
        fewest = min(len(set(patients[truth == k])) for k in range(len(self.classes)))
        return Recipe(
            name="ablation",
            start=Start(model=self.bundle.manifest.id),
            classes=tuple(ClassSpec(name=name) for name in self.classes),
            side=self.bundle.manifest.preprocessing.side,
            folds=folds or max(2, min(_FOLDS, fewest)),
            seed=seed,
            **preset("quick"),
        )

    def _key(self, folds: int, seed: int) -> str:
        lines = sorted(
            f"{sha256} {item.label} {item.patient} {item.masks}"
            for sha256, item in zip(self._own.sha256, self._own.items, strict=True)
        )
        how = [_VERSION, self.bundle.sha256, self.read_only, folds, seed, lines]
        return hashlib.sha256(json.dumps(how).encode()).hexdigest()[:24]

    # one variant

    def _answers(self, variant: Variant) -> tuple[Predictions, float]:
        """A variant's answers and the seconds they took, kept or measured now."""
        spec = self.spec(variant)
        whole = hashlib.sha256(spec.model_dump_json().encode()).hexdigest()[:16]
        place = self._work / f"{'learned' if variant.learned else 'read'}-{whole}"
        if variant == self._measured_own:
            place = self._work / _OWN_PLACE
        kept, clock = place.with_suffix(".npz"), place.with_suffix(".seconds")
        if kept.exists() and clock.exists():
            return Predictions.load(kept), float(clock.read_text(encoding="utf-8"))
        begun = time.monotonic()
        same = fingerprint(spec) == fingerprint(self._own.spec)
        cache, problems = (self._own, ()) if same else self._cache(spec, place / "cache")
        if cache.sha256 != self._own.sha256:
            told = {problem.message for problem in self.problems}
            news = [problem.message for problem in problems if problem.message not in told]
            changed = sentence("The images were changed while they were read. Start again.")
            raise KnownError(news[0] if news else changed)
        try:
            place.mkdir(parents=True, exist_ok=True)
            answers = self._answered(variant, replace(cache, spec=spec), place)
            seconds = round(time.monotonic() - begun, 3)
            clock.write_text(str(seconds), encoding="utf-8")
            answers.save(kept)
        except OSError as error:
            raise not_written(self._work, error) from error
        if place.name != _OWN_PLACE:  # what is only read goes back to the model's own
            del cache
            shutil.rmtree(place, ignore_errors=True)
        return answers, seconds

    def _answered(self, variant: Variant, cache: ImageCache, place: Path) -> Predictions:
        if self._recipe is None:
            rows = np.arange(len(cache), dtype=np.int64)
            logits = self._read(self.bundle, cache, rows)
            return self._predictions(rows, logits, np.zeros_like(rows))
        study = Study(self._recipe, cache, self._labels(cache))
        rows = np.flatnonzero(study.labels >= 0)
        fold_of = folds_of(study, rows)
        if variant.learned:
            learner = self._learner(cache, place)
            return answers_of_folds(study, learner, rows, fold_of, RunFolder(place), self._context)
        own = self._work / _OWN_PLACE
        learner, folder = self._learner(self._own, own), RunFolder(own)
        logits = np.zeros((len(rows), len(self.classes)), np.float32)
        for fold in range(1, self._recipe.folds + 1):
            check = fold_of == fold
            kept = folder.fold(fold)  # the layer is there: nothing is learned again
            fitted = learner.fit(rows[~check], rows[check], fold, kept, self._context)
            made = self._bundle_of(fitted, place / f"fold-{fold}")
            logits[check] = self._read(made, cache, rows[check])
        return self._predictions(rows, logits, fold_of)

    def _learner(self, cache: ImageCache, place: Path) -> QuickLearner:
        assert self._recipe is not None
        manifest = self.bundle.manifest.model_copy(update={"preprocessing": cache.spec})
        start = replace(self.bundle, manifest=manifest)
        return QuickLearner(self._recipe, cache, self._labels(cache), start, place)

    def _bundle_of(self, fitted: Fitted, place: Path) -> Bundle:
        """The model with a fold's last layer, to be run as any other."""
        place.mkdir(parents=True, exist_ok=True)
        labels = tuple(
            LabelSpec(name=name, manufacturer=name, code_value=f"CLASS-{k}", code_meaning="Class")
            for k, name in enumerate(self.classes, start=1)
        )
        manifest = self.bundle.manifest.model_copy(update={"labels": labels})
        return write_bundle(place / "bundle", manifest, fitted.export(place))

    def _read(self, bundle: Bundle, cache: ImageCache, rows: Rows) -> FloatArray:
        """Scores (len(rows), classes) of the model as it is."""
        runtime = OnnxRuntime(bundle)
        scores = []
        for number, row in enumerate(rows):
            self._context.stage(sentence("Asking the model"), number, len(rows))
            scores.append(runtime.run(cache.tensor([row], cache.spec)).scores)
        return np.asarray(scores, np.float32).reshape(len(rows), len(self.classes))

    def _predictions(self, rows: Rows, logits: FloatArray, fold_of: Rows) -> Predictions:
        return Predictions(
            classes=tuple(self.classes),
            logits=logits,
            truth=self._labels(self._own)[rows],
            fold=fold_of,
            sha256=tuple(self._own.sha256[row] for row in rows),
            patient=tuple(self._own.items[row].patient for row in rows),
        )

    def _cache(self, spec: Preprocessing, place: Path) -> tuple[ImageCache, tuple[Problem, ...]]:
        return open_cache(self._items, spec, place, self._context, finder=self.bundle)

    def _outcome(
        self, variant: Variant, answers: Predictions, own: Predictions | None, seconds: float
    ) -> Outcome:
        found = known(answers)
        named, size = found.logits.argmax(1), len(found.classes)
        counts = metrics.confusion(found.truth, named, size)
        low, high = metrics.f1_intervals(found.truth, named, found.patient, size).macro
        change = None
        if own is not None:
            before = known(own)
            if before.sha256 != found.sha256:
                raise KnownError(sentence("What was kept of this comparison is damaged."))
            first = before.logits.argmax(1)
            change = paired(found.truth, first, named, found.patient, size)
        return Outcome(
            variant=variant,
            spec=self.spec(variant),
            images=len(found),
            patients=len(set(found.patient)),
            accuracy=proportion(int(np.trace(counts)), len(found)),
            f1=Estimate(value=metrics.rates(counts).macro()[2], low=low, high=high),
            change=change,
            seconds=seconds,
        )
