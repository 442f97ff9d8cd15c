"""A run that is learned in seconds: a few pictures of two kinds, at 64 px, in a small network."""

from __future__ import annotations

import hashlib
import sys
from pathlib import Path
from typing import Any

import numpy as np

from stentviewer.inference.catalog import Catalog
from stentviewer.learning.cache import ImageCache
from stentviewer.learning.recipe import Augment, ClassSpec, Compute, Optimise, Recipe, Start
from stentviewer.learning.selection import Item

SIDE = 64
CLASSES = ("plain", "crossed")


def small_recipe(network: str = "test_efficientnet", **changes: Any) -> Recipe:
    """Three epochs of two batches."""
    fields: dict[str, Any] = {
        "name": "small",
        "method": "full",
        "start": Start(network=network, random=True),
        "classes": tuple(ClassSpec(name=name) for name in CLASSES),
        "side": SIDE,
        "epochs": 3,
        "folds": 2,
        "augment": Augment(),
        "optimise": Optimise(warmup_epochs=1),
        "compute": Compute(device="cpu", batch=8, threads=1),
    }
    return Recipe(**{**fields, **changes})


def small_cache(folder: Path, recipe: Recipe, count: int = 20) -> tuple[ImageCache, np.ndarray]:
    """Noise, in every second picture with a bright bar; the last rows are padding."""
    from stentviewer.learning.networks import open_start

    rng = np.random.default_rng(5)
    labels = np.arange(count) % 2
    pixels = rng.integers(0, 160, (count, SIDE, SIDE)).astype(np.uint8)
    for row in np.flatnonzero(labels):
        middle = int(rng.integers(16, 48))
        pixels[row, middle - 4 : middle + 4] = 250
    pixels[:, 60:] = 0
    file = folder / "pixels.bin"
    file.write_bytes(pixels.tobytes())
    cache = ImageCache(
        items=tuple(Item(Path(f"{i}.png"), CLASSES[labels[i]], f"p{i}") for i in range(count)),
        pixels=np.memmap(file, np.uint8, "r", shape=pixels.shape),
        inside=np.array([[0, 0, SIDE, 60]] * count),
        extent=np.array([[0.0, 0.0, 1.0, 1.0]] * count),
        sha256=tuple(f"{i:064x}:0" for i in range(count)),
        digest="d",
        spec=open_start(recipe, Catalog([])).preprocessing,
    )
    return cache, labels


def weights_hash(file: Path) -> str:
    """Over every tensor's name and bytes; the file's own header has no fixed order."""
    from safetensors.numpy import load_file

    whole = hashlib.sha256()
    for name, value in sorted(load_file(file).items()):
        whole.update(name.encode())
        whole.update(value.tobytes())
    return whole.hexdigest()


def main(folder: Path, epochs: int) -> None:
    """Learn a fold in `folder`, or go on with it; a line for each step, last the model's hash."""
    from stentviewer.learning.events import Event, RunContext, Step
    from stentviewer.learning.networks import open_start
    from stentviewer.learning.trainer import MODEL, FullLearner

    def say(event: Event) -> None:
        if isinstance(event, Step):
            print("step", event.epoch, event.step, flush=True)

    recipe = small_recipe(epochs=epochs)
    cache, labels = small_cache(folder, recipe)
    learner = FullLearner(recipe, cache, labels, open_start(recipe, Catalog([])))
    fold = folder / "fold"
    fold.mkdir(exist_ok=True)
    learner.fit(np.arange(15), np.arange(15, 20), 1, fold, RunContext(say))
    print("done", weights_hash(fold / MODEL), flush=True)


if __name__ == "__main__":
    main(Path(sys.argv[1]), int(sys.argv[2]))
