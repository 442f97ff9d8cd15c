"""The resolution study on simulated images: does what is told apart rise with the image's side?

The published study (its Figure 4) fine-tuned whole networks for 200 epochs at 224, 512, 1024 and
1536 px and found accuracies below 50 %, of 77, 93 and 94 % for EfficientNet-B0. Here a grid runs
Quick on tf_efficientnet_lite0 with ImageNet's weights at the first three sides: the network learns
nothing, only the last layer does, so the absolute figures are lower; what is asked is whether they
rise. Five folds of whole patients, 432 simulated frames with the published counts.

About ten minutes on two idle cores; images, features and finished runs are kept in
build/bench-learning/, so a second call only reads the table.
"""

from __future__ import annotations

import os
import sys
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

from stentviewer.learning.result import Result
from tests.benchmarks import learning_study
from tests.benchmarks.figure import Figure

HOME = learning_study.WORK / "home-resolution"
# Accuracy of EfficientNet-B0 in the published study; at 224 px it says "below 50 %" and no more.
PAPER: dict[int, float | None] = {224: None, 512: 0.7720, 1024: 0.9266}
GRID = """\
name = "Resolution, simulated study"

[base]
method = "quick"
selection = "{selection}"
classes = [{classes}]
start.network = "tf_efficientnet_lite0"
folds = {folds}

[[over]]
side = {sides}
"""


def figures() -> Iterator[Figure]:
    """Accuracy and macro F1 by side, and whether each side is better than the one before."""
    results = measured()
    sides = sorted(results)
    for side in sides:
        mean, spread = results[side].mean, results[side].deviation
        assert spread is not None
        peer = PAPER[side]
        said = "the paper: below 0.5" if peer is None else "beside the paper's"
        yield Figure(
            f"accuracy at {side} px, Quick on ImageNet features, ± {spread.accuracy:.3f} over "
            "five folds, simulated (peer: the paper's EfficientNet-B0, fully fine-tuned, real)",
            mean.accuracy,
            peer,
            mean.accuracy / peer if peer else None,
            said,
            mean.accuracy < 0.5 if peer is None else True,
        )
        yield Figure(
            f"macro F1 at {side} px, Quick on ImageNet features, ± {spread.f1:.3f}, simulated",
            mean.f1,
            None,
            None,
            "beside the others",
            True,
        )
    for before, after in pairwise(sides):
        low, high = results[before].mean.f1, results[after].mean.f1
        yield Figure(
            f"macro F1 at {after} px (peer: at {before} px), simulated",
            high,
            low,
            high / low,
            "> 1 ×, as in the paper",
            high > low,
        )


def measured() -> dict[int, Result]:
    """The result of each side's run; what is not finished is run first, one after another."""
    from stentviewer.app.grid_runs import Pending, carry_on, open_grid
    from stentviewer.app.training import Training
    from stentviewer.core.jobs import JobContext
    from stentviewer.core.paths import models_dir
    from stentviewer.inference.catalog import Catalog

    home = HOME.resolve()
    os.environ["STENTVIEWER_HOME"] = str(home)
    runs = open_grid(_grid_file(), Catalog([models_dir(), home / "models"]), _say, JobContext())

    def carry(one: Pending) -> None:
        _say(one.cell.title)
        training = Training()
        training.start(one.folder)
        training.wait()
        training.close()

    carry_on(runs, carry, _say)
    found = {}
    for row in runs.rows():
        if row.result is None:
            raise RuntimeError(f"{row.cell.title}: {row.why}")
        found[row.cell.recipe.side] = row.result
    _say(str(runs.write_tables()["md"]))
    return found


def _grid_file() -> Path:
    items = learning_study.items()
    names = sorted({item.label for item in items})
    path = HOME / "grid.toml"
    path.parent.mkdir(parents=True, exist_ok=True)
    selection = items[0].path.parent / "selection.csv"
    path.write_text(
        GRID.format(
            selection=selection.resolve().as_posix(),
            classes=", ".join(f'{{name = "{name}"}}' for name in names),
            folds=learning_study.FOLDS,
            sides=sorted(PAPER),
        ),
        encoding="utf-8",
    )
    return path


def _say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)
