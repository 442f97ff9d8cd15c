"""Two processes (gloo) against one: the same seed and global batch give the same loss curve.

The network is normalised by the batch, and pictures are mixed, dropped and changed as in a real
run.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from tests.benchmarks.figure import Figure

BAR = 1e-4
EPOCHS = 5  # of two steps


def figures() -> Iterator[Figure]:
    """The greatest difference between the two curves."""
    for network in ("test_efficientnet", "test_vit"):
        one, two = _curve(network, 1), _curve(network, 2)
        off = float(np.abs(np.array(one) - np.array(two)).max())
        yield Figure(
            f"two processes (gloo) against one, {network}, {len(one)} steps of batch 8, drop path "
            "0.1: greatest difference in loss (peer: the loss it is of)",
            off,
            float(np.mean(one)),
            off / float(np.mean(one)),
            f"≤ {BAR:g}",
            off <= BAR and len(one) == len(two),
        )


def _curve(network: str, devices: int) -> list[float]:
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning.events import RunContext, Step
    from stentviewer.learning.networks import open_start
    from stentviewer.learning.recipe import Compute, Optimise
    from stentviewer.learning.trainer import FullLearner
    from tests.learning.small_run import small_cache, small_recipe

    losses: list[float] = []
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        recipe = small_recipe(
            network,
            epochs=EPOCHS,
            optimise=Optimise(warmup_epochs=2, drop_path=0.1),
            compute=Compute(device="cpu", batch=8, threads=1, devices=devices),
        )
        cache, labels = small_cache(folder, recipe)
        learner = FullLearner(recipe, cache, labels, open_start(recipe, Catalog([])))
        context = RunContext(lambda e: losses.append(e.loss) if isinstance(e, Step) else None)
        learner.fit(np.arange(15), np.arange(15, 20), 1, folder, context)
    return losses
