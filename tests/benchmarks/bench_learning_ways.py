"""Quick and Tuned beside Full, on the same folds of the study.

Without a GPU Full takes days at its own size (200 epochs, 1024 px, five folds), so here it runs at
the size that the CPU allows: 384 px, 4 epochs, two of the five folds; the line says so. Tuned runs
at 1024 px on the same folds. Twenty minutes on two idle cores; finished folds are kept in
build/bench-learning/.
"""

from __future__ import annotations

import os
from collections.abc import Iterator

import numpy as np

from stentviewer.learning.recipe import Recipe
from tests.benchmarks import learning_study
from tests.benchmarks.figure import Figure

COMPARED = (1, 2)  # of the five folds
FULL = {"side": 384, "epochs": 4}


def figures() -> Iterator[Figure]:
    """Macro F1 on the images of the compared folds, by each way of learning."""
    import torch

    full = {} if torch.cuda.is_available() else FULL
    scores = {}
    for name, recipe in (
        ("Quick", learning_study.recipe("quick")),
        ("Tuned", learning_study.recipe("tuned")),
        ("Full", learning_study.recipe("full", **full)),
    ):
        scores[name] = macro_f1(recipe)
        size = f"{recipe.side} px, {recipe.epochs} epochs" if name != "Quick" else "1024 px"
        yield Figure(
            f"{name} ({size}): macro F1, folds {COMPARED} of the simulated study",
            scores[name],
            None,
            None,
            "beside the others",
            True,
        )
    for name, points in (("Quick", 3), ("Tuned", 1)):
        behind = 100 * (scores["Full"] - scores[name])
        yield Figure(
            f"{name} behind Full at the size this machine allows, points of macro F1",
            100 * scores[name],
            100 * scores["Full"],
            scores[name] / scores["Full"],
            f"≤ {points} points behind",
            behind <= points,
        )


def macro_f1(recipe: Recipe) -> float:
    """Macro F1 of the compared folds' answers, taken together."""
    from stentviewer.core.paths import models_dir
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning import kfold, metrics
    from stentviewer.learning.events import RunContext
    from stentviewer.learning.run_folder import RunFolder

    home = (learning_study.WORK / "home-ways").resolve()
    os.environ["STENTVIEWER_HOME"] = str(home)
    folder = RunFolder(home / "training" / f"{recipe.method}-{recipe.side}-{recipe.epochs}")
    if not (folder.path / "run.json").exists():
        folder = RunFolder.create(folder.path, recipe, learning_study.items())
    context = RunContext()
    start = kfold.open_run_start(recipe, Catalog([models_dir(), home]), folder.path / "start")
    study = kfold.open_study(folder, recipe, start, context)
    learner = kfold.learner_of(study, start, folder)
    train = study.rows("train")
    fold_of = kfold.folds_of(study, train)
    counts = np.zeros((len(recipe.names), len(recipe.names)), np.int64)
    for fold in COMPARED:
        check = train[fold_of == fold]
        fitted = learner.fit(train[fold_of != fold], check, fold, folder.fold(fold), context)
        named = fitted.logits(check).argmax(1)
        counts += metrics.confusion(study.labels[check], named, len(recipe.names))
    return metrics.rates(counts).macro()[2]
