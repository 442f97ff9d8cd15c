"""A start model at 128 px that knows two simulated designs, and a study that adds a third."""

from __future__ import annotations

from pathlib import Path

from stentviewer.inference.bundle import Bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.learning.recipe import ClassSpec, Recipe, Start, preset
from stentviewer.learning.selection import Item, read_selection

SIDE = 128
OLD = ("EGIS", "Epic")
NEW = "Coil"


def start_model(folder: Path, network: str = "tf_efficientnet_lite0") -> Bundle:
    """The network with its ImageNet weights and a last layer of random rows."""
    from stentviewer.inference.bundle import write_bundle
    from stentviewer.learning.export import start_bundle
    from stentviewer.learning.networks import open_start

    recipe = Recipe(
        name="start",
        start=Start(network=network),
        classes=tuple(ClassSpec(name=name) for name in OLD),
        side=SIDE,
    )
    made = start_bundle(open_start(recipe, Catalog([folder])), recipe, folder / "made")
    manifest = made.manifest.model_copy(update={"id": "small", "name": "small"})
    files = {name: made.folder / name for name in made.manifest.files}
    return write_bundle(folder / "small", manifest, files)


def study(folder: Path, each: int = 8, seed: int = 5, test_share: float = 0.0) -> list[Item]:
    """Small pictures of three designs, one or two of a patient."""
    from stentviewer.simulate.study_set import simulate_study_set

    counts = dict.fromkeys((*OLD, NEW), each)
    table = simulate_study_set(
        folder, seed, counts, frames_per_patient=2, side=160, test_share=test_share, workers=1
    )
    return read_selection(table)


def adding(begin: Bundle, **changes: object) -> Recipe:
    """The recipe that adds the new design to the start model by Quick."""
    fields = {
        "name": "With Coil",
        "start": Start(model=str(begin.folder)),
        "classes": (
            *(ClassSpec(name=name, before=(name,)) for name in OLD),
            ClassSpec(name=NEW, manufacturer="Nobody"),
        ),
        "side": SIDE,
        "folds": 2,
        **preset("quick"),
        **changes,
    }
    return Recipe.model_validate(fields)
