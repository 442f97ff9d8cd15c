"""What an installed model is worth on images whose class is known."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stentviewer.app.training import run_context, training_dir
from stentviewer.core.errors import UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.learning.result_parts import Evaluation, Model

if TYPE_CHECKING:
    from stentviewer.inference.catalog import Catalog


@dataclass(frozen=True, slots=True)
class Evaluated:
    """The model, its figures, and how many of the images say that they are simulated.

    not_found: images in which the model's finder finds no stent; they are in no figure.
    """

    model: Model
    evaluation: Evaluation
    simulated: int
    not_found: int = 0


def evaluate_model(
    model: str, images: Path, catalog: Catalog, say: Callable[[str], None], context: JobContext
) -> Evaluated:
    """Ask a model, by its id or folder, about labelled images; `say` hears what is left out.

    The probabilities are judged with the model's own temperature. Raises UserError where there is
    no such model or no image of its classes, KnownError where its files are damaged, Cancelled.
    """
    import numpy as np

    from stentviewer.inference.runtimes.choose import open_runtime
    from stentviewer.learning.cache import open_cache
    from stentviewer.learning.decoding import NoStent
    from stentviewer.learning.evaluation import evaluation
    from stentviewer.learning.predictions import Predictions
    from stentviewer.learning.result import data_of
    from stentviewer.learning.sources import gather
    from stentviewer.learning.starting import open_bundle

    bundle = open_bundle(model, catalog)
    found = gather(images, context)
    run = run_context(context)
    spec = bundle.manifest.preprocessing
    place = training_dir() / "cache"
    cache, problems = open_cache(found.items, spec, place, run, finder=bundle)
    for problem in (*found.problems, *problems):
        say(f"{problem.path.name}: {problem.message}")
    names = bundle.labels
    truth = [names.index(i.label) if i.label in names else -1 for i in cache.items]
    if max(truth, default=-1) < 0:
        raise UserError(
            sentence(
                "None of these images is of a class that {model} knows: {names}.",
                model=bundle.manifest.id,
                names=names,
            )
        )
    runtime = open_runtime(bundle)
    scores = []
    for row in range(len(cache)):
        run.stage(sentence("Asking the model"), row, len(cache))
        scores.append(runtime.run(cache.tensor([row], spec)).scores)
    answers = Predictions(
        classes=names,
        logits=np.asarray(scores, np.float32).reshape(len(cache), len(names)),
        truth=np.array(truth, np.int64),
        fold=np.zeros(len(cache), np.int64),
        sha256=cache.sha256,
        patient=tuple(item.patient for item in cache.items),
    )
    return Evaluated(
        model=Model(id=bundle.manifest.id, sha256=bundle.sha256, name=bundle.manifest.name),
        evaluation=evaluation(answers, (), bundle.manifest.temperature),
        simulated=data_of(cache.items).simulated,
        not_found=sum(isinstance(problem, NoStent) for problem in problems),
    )
