"""A start model with a finder, a run's images for it, and a recipe that adds a design: seconds."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np

from stentviewer.inference.bundle import FINDER, KNOWN, Bundle, FinderSpec, write_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.learning.recipe import ClassSpec, Recipe, Start, preset
from stentviewer.learning.selection import Item, pseudonym
from tests.inference.finders import FIELD_SIDE, finder_bundle, frame

SIDE = 64
OLD = ("EGIS", "NITI-S")
NEW = "Smooth"  # "smooth" of tests.inference.finders: what neither of the others is
NETWORK = "tf_efficientnet_lite0@16"


def start_with_finder(folder: Path, **changes: Any) -> Bundle:
    """ImageNet's network for crops of 64 px with the finder made by hand; it names two designs."""
    from stentviewer.learning.export import start_bundle
    from stentviewer.learning.known_designs import designs_from, save_known
    from stentviewer.learning.networks import open_start

    recipe = Recipe(
        name="start",
        start=Start(network=NETWORK),
        classes=tuple(ClassSpec(name=name) for name in OLD),
        side=SIDE,
    )
    namer = start_bundle(open_start(recipe, Catalog([folder])), recipe, folder / "namer")
    by_hand = finder_bundle(folder / "by-hand")
    files = {name: namer.folder / name for name in namer.manifest.files}
    files[FINDER] = by_hand.path(FINDER)
    rng = np.random.default_rng(3)
    known = designs_from(
        rng.normal(size=(6, 1280)).astype(np.float32),
        np.arange(6) % 2,
        np.full(3, 0.06, np.float32),
        np.eye(3, dtype=np.float32) * 20,
    )
    files[KNOWN] = folder / "known"
    save_known(known, files[KNOWN])
    fields = {
        "id": "finds",
        "name": "finds",
        "finder": by_hand.manifest.finder,
        **changes,
    }
    return write_bundle(folder / "finds", namer.manifest.model_copy(update=fields), files)


def other_finder(finder: Bundle, folder: Path) -> Bundle:
    """The same model, but its finder asks for more than any stent gives."""
    spec = FinderSpec(
        preprocessing=Preprocessing(
            side=FIELD_SIDE, low=0, high=100, mean=(0, 0, 0), std=(1, 1, 1)
        ),
        presence=0.999999999,
    )
    files = {name: finder.path(name) for name in finder.manifest.files}
    changed = finder.manifest.model_copy(update={"finder": spec, "id": "finds-none"})
    return write_bundle(folder, changed, files)


def write_frame(path: Path, *stents: tuple[str, int, int], seed: int = 0) -> Path:
    """A frame of `finders.frame` as DICOM."""
    from tests.learning.images import write_dicom

    return write_dicom(path, "p", pixels=frame(*stents, seed=seed))


def study_of_stents(folder: Path, each: int = 6, test: int = 0) -> list[Item]:
    """One stent a frame, each of a patient of its own, somewhere; the last `test` held back."""
    rng = np.random.default_rng(9)
    made = []
    for label in (*OLD, NEW):
        for number in range(each):
            x, y = (int(v) for v in rng.integers(70, 330, 2))
            kind = "smooth" if label == NEW else label
            name = f"{label}-{number}"
            path = write_frame(folder / f"{name}.dcm", (kind, x, y), seed=len(made))
            role = "test" if number >= each - test else "train"
            made.append(Item(path, label, pseudonym(name), role=role))
    return made


def adding(begin: Bundle, **changes: object) -> Recipe:
    """Adds the new design by Quick."""
    fields = {
        "name": "With Smooth",
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
