"""Runs as the wizard finds them on the disk, and the choices that a run was made of."""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from stentviewer.core.errors import StentviewerError
from stentviewer.learning.recipe import Recipe
from stentviewer.learning.run_folder import RunFolder, runs
from stentviewer.learning.wizard_draft import Details, Draft, Kept, ModelChoice, Source
from stentviewer.learning.wizard_plan import Plan

_THOROUGH_SIDE = 1536
_UNFINISHED = {"ready", "running", "stopped", "failed"}


def status_of(run: RunFolder) -> str:
    """How far a run is; empty where there is none or its state is damaged."""
    try:
        return run.state().status
    except StentviewerError:
        return ""


def unfinished(place: Path) -> list[RunFolder]:
    """Runs that have not ended, newest first."""
    return [run for run in runs(place) if status_of(run) in _UNFINISHED]


def free_folder(place: Path, name: str, now: datetime) -> Path:
    """A folder for a run that is not there yet: "2026-11-21-1840-coil-quick"."""
    slug = re.sub(r"[^0-9a-z]+", "-", name.casefold()).strip("-")[:40].strip("-") or "run"
    stem = f"{now:%Y-%m-%d-%H%M}-{slug}"
    number, folder = 2, place / stem
    while folder.exists():
        folder, number = place / f"{stem}-{number}", number + 1
    return folder


def draft_of(run: RunFolder, models: Sequence[ModelChoice]) -> Kept:
    """The choices that a run was made of, to be looked at and made again.

    Raises UserError or KnownError where its recipe or its list of images cannot be read.
    """
    recipe = run.recipe()
    items = tuple(run.items())
    model = _model(recipe, models)
    draft = Draft(
        model=model,
        plan=Plan(known=model.classes, classes=recipe.classes),
        sources=(Source(number=1, kind="csv", place=run.path / "selection.csv"),),
        numbered=1,
        held_back=frozenset(item.patient for item in items if item.role == "test"),
        method=recipe.method,
        thorough=recipe.method == "full" and recipe.side >= _THOROUGH_SIDE,
        details=_details(recipe),
        name=recipe.name,
        run=run.name,
    )
    return Kept(draft, {1: items})


def _model(recipe: Recipe, models: Sequence[ModelChoice]) -> ModelChoice:
    """The model that it started from, or whose finder it had; known from the recipe alone where it
    is no longer here."""
    wanted = recipe.start.model or recipe.start.finder
    for model in models:
        if model.id == wanted:
            return model
    known = tuple(name for spec in recipe.classes for name in spec.before)
    return ModelChoice(
        id=wanted,
        sha256="",
        name=wanted,
        classes=known,
        side=recipe.side,
        finds=bool(recipe.start.finder),
    )


def _details(recipe: Recipe) -> Details:
    optimise, quick = recipe.optimise, recipe.method == "quick"
    return Details(
        network=recipe.start.network,
        weights=recipe.start.weights,
        folds=recipe.folds,
        side=recipe.side,
        epochs=None if quick else recipe.epochs,
        frozen=None if quick else optimise.frozen,
        layer_decay=None if quick else optimise.layer_decay,
        lora=optimise.lora or None,
        seed=recipe.seed,
    )
