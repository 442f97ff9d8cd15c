"""A small network that learns from a large one's answers (Hinton et al., 2015)."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.inference.bundle import ONNX, Bundle, Thresholds
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
from stentviewer.learning import calibration
from stentviewer.learning.cache import ImageCache
from stentviewer.learning.carried_finder import carry, conformal
from stentviewer.learning.compress import Compressed, Images, fresh, made_bundle, marked, measured
from stentviewer.learning.events import RunContext
from stentviewer.learning.recipe import Augment, ClassSpec, Compute, Optimise, Recipe, Start
from stentviewer.learning.splits import hold_back

if TYPE_CHECKING:
    from stentviewer.core.types import FloatArray
    from stentviewer.learning.networks import StartModel

EPOCHS: Final = 40
_CHECK_SHARE: Final = 0.15  # of the images to learn from, for the probabilities
_FEWEST: Final = 8


def distil_recipe(
    teacher: Bundle,
    start: Start,
    *,
    side: int = 0,
    epochs: int = EPOCHS,
    batch: int = 16,
    seed: int = 7,
) -> Recipe:
    """How a small network learns from a teacher: the whole network, pictures changed mildly, since
    the teacher's answers are to pictures as they are. side 0 is the teacher's."""
    manifest = teacher.manifest
    return Recipe(
        name=f"{start.network or start.model} taught by {manifest.id}"[:120],
        task=manifest.task,
        method="full",
        seed=seed,
        start=start,
        classes=tuple(
            ClassSpec(name=label.name, manufacturer=label.manufacturer) for label in manifest.labels
        ),
        side=side or manifest.preprocessing.side,
        epochs=epochs,
        augment=Augment(operations=0, mixup=0.2, cutmix=0, erasing=0),
        optimise=Optimise(warmup_epochs=min(3, epochs / 10), smoothing=0),
        compute=Compute(batch=batch),
    )


def distil(
    teacher: Bundle,
    recipe: Recipe,
    student: StartModel,
    images: Images,
    teacher_cache: ImageCache,
    folder: Path,
    context: RunContext,
    temperature: float = 4.0,
) -> Compressed:
    """A model in `folder` of the recipe's network, taught by a larger one.

    images are prepared as the student is fed them (`student_spec`), teacher_cache holds the same
    ones as the teacher is. What was learned stands in `folder`/fit, and a call that was
    interrupted goes on there. Raises UserError where there is too little to learn from,
    KnownError, Cancelled.
    """
    from stentviewer.learning.lesson import Lesson
    from stentviewer.learning.trainer import FullLearner

    known = set(teacher_cache.sha256)
    learn = np.array([r for r in images.learn if images.cache.sha256[r] in known], np.int64)
    images = replace(images, learn=learn)
    if len(images.learn) < _FEWEST:
        raise UserError(
            sentence(
                "A small network learns from images that are not tested on: {n} are left for "
                "that, and {needed} are needed. Add images.",
                n=len(images.learn),
                needed=_FEWEST,
            )
        )
    folder.mkdir(parents=True, exist_ok=True)
    patients = [images.cache.items[row].patient for row in images.learn]
    check = hold_back(images.labels[images.learn], patients, _CHECK_SHARE, recipe.seed)
    lesson = Lesson(_answers(teacher, teacher_cache, images, context), temperature)
    learner = FullLearner(recipe, images.cache, images.labels, student, lesson)
    work = folder / "fit"
    work.mkdir(exist_ok=True)
    context.stage(sentence("Teaching {network}", network=student.architecture))
    rows, aside = images.learn[~check], images.learn[check]
    fitted = learner.fit(rows, aside, 0, work, context)
    files = fitted.export(fresh(folder / "model"))
    fit = 1.0
    if len(aside):
        fit = calibration.fit_temperature(fitted.logits(aside), images.labels[aside])
    labels = images.labels[images.learn]
    thresholds = carry(teacher, images.cache, images.learn, labels, files, context)
    if teacher.manifest.finder is not None:
        score = conformal(fitted.logits(aside), images.labels[aside], fit, thresholds)
        thresholds = thresholds.model_copy(update={"set_score": score})
    made = _bundle(
        teacher,
        recipe,
        student,
        images.cache.spec,
        files,
        (fit, thresholds),
        (len(rows), len(aside)),
        lesson,
    )
    found = measured("distil", teacher, made, images, teacher_cache, context)
    return found.with_notes(student.notes)


def _answers(teacher: Bundle, cache: ImageCache, images: Images, context: RunContext) -> FloatArray:
    """The teacher's scores (n, classes) of the images to learn from, by row of the student's
    cache; zero in the rows that are not learned from."""
    place = {sha: row for row, sha in enumerate(cache.sha256)}
    runtime, spec = OnnxRuntime(teacher), teacher.manifest.preprocessing
    scores = np.zeros((len(images.cache), len(teacher.labels)), np.float32)
    for done, row in enumerate(images.learn):
        context.stage(sentence("Asking the teacher"), done, len(images.learn))
        at = place[images.cache.sha256[row]]
        scores[row] = runtime.run(cache.tensor([at], spec)).scores
    return scores


def _bundle(
    teacher: Bundle,
    recipe: Recipe,
    student: StartModel,
    spec: Preprocessing,
    files: dict[str, Path],
    chosen: tuple[float, Thresholds],
    counts: tuple[int, int],
    lesson: Any,
) -> Bundle:
    manifest = teacher.manifest
    said = f"{student.architecture}, taught by {manifest.id}"
    changes = {
        "id": marked(student.architecture, teacher, files[ONNX]),
        "name": f"{manifest.name}, {student.architecture}"[:120],
        "version": "1.0.0",
        "description": f"{manifest.description} Taught by that model: {said}.",
        "changelog": {"1.0.0": said},
        "architecture": student.architecture,
        "preprocessing": spec,
        "network_data_format": _data_format(manifest.network_data_format, recipe.side),
        "temperature": chosen[0],
        "thresholds": chosen[1],
        "eval_metrics": {"of its teacher": manifest.eval_metrics},
    }
    training = {
        "method": "distil",
        "recipe": recipe.model_dump(mode="json", exclude={"selection"}),
        "network": student.ref,
        "teaching": {"temperature": lesson.temperature, "share": lesson.share},
        "counts": {"learned from": counts[0], "for the probabilities": counts[1]},
    }
    return made_bundle(teacher, changes, training, files)


def _data_format(old: dict[str, Any], side: int) -> dict[str, Any]:
    image = {**old.get("inputs", {}).get("image", {}), "shape": [1, 3, side, side]}
    scores = old.get("outputs", {}).get("scores", {})
    return {
        "inputs": {"image": image},
        "outputs": {"scores": scores, "activation": {"type": "feature map", "dtype": "float32"}},
    }


def student_spec(teacher: Bundle, student: StartModel) -> Preprocessing:
    """How images are prepared for the student: as for the teacher, but for the size and the mean
    and deviation of its own start."""
    own = student.preprocessing
    changes = {"side": own.side, "mean": own.mean, "std": own.std}
    return teacher.manifest.preprocessing.model_copy(update=changes)


def open_student(recipe: Recipe, catalog: Catalog) -> StartModel:
    """The small network; raises as `networks.open_start` does."""
    from stentviewer.learning.networks import open_start

    return open_start(recipe, catalog)
