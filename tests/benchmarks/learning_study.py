"""The study of the learning benchmarks: 432 simulated frames, and a model without the new design.

Both are made once into build/bench-learning/ (the model in about 25 minutes on two idle cores) and
found again there. Bona PC, 62 frames, is the new design: the start model has never seen one.
"""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from stentviewer.inference.bundle import load_bundle
from stentviewer.learning.recipe import ClassSpec, Recipe, Start, preset
from stentviewer.learning.selection import Item, read_selection

WORK = Path("build/bench-learning")
SEED = 5150
NEW = "Bona PC"
OLD = ("Bona UC", "EGIS", "Epic", "NITI-S")
FOLDS = 5


def items() -> list[Item]:
    """The frames with the published counts, several of a patient."""
    from stentviewer.simulate.study_set import simulate_study_set

    return read_selection(simulate_study_set(WORK / f"study-{SEED}", SEED))


def start_model() -> Path:
    """The folder of the model that knows the four old designs (learning.demo_model)."""
    folder = WORK / "start"
    if not (folder / "manifest.json").exists():
        print("Making the start model without Bona PC: about 25 minutes.", file=sys.stderr)
        words = ["--out", str(folder), "--without", NEW, "--work", str(WORK / "demo")]
        subprocess.run(
            [sys.executable, "-m", "stentviewer.learning.demo_model", *words], check=True
        )
    return folder


def recipe(method: str, **changes: object) -> Recipe:
    """The recipe that adds Bona PC to the start model by a way of learning, at its side."""
    fields: dict[str, object] = {
        **preset(method),  # type: ignore[arg-type]
        "name": f"Bona PC, {method}",
        "start": Start(model=str(start_model().resolve())),
        "classes": (
            ClassSpec(name=NEW, manufacturer="Standard Sci Tech"),
            *(ClassSpec(name=name, before=(name,)) for name in OLD),
        ),
        "side": load_bundle(start_model(), verify=False).manifest.preprocessing.side,
        "folds": FOLDS,
    }
    return Recipe.model_validate({**fields, **changes})
