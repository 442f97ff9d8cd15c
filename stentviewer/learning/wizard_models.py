"""The models that one can start from."""

from __future__ import annotations

from stentviewer.core.errors import StentviewerError
from stentviewer.core.types import Problem
from stentviewer.inference.bundle import Bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.learning.wizard_draft import ModelChoice


def model_choices(catalog: Catalog, task: str) -> tuple[tuple[ModelChoice, ...], tuple[str, ...]]:
    """Every model for a task that is in order, and what is wrong with those that are not.

    Takes as long as it takes to check the files of all of them.
    """
    try:
        in_force = catalog.default(task).sha256
    except StentviewerError:
        in_force = ""
    made, wrong = [], []
    for found in catalog.bundles():
        if isinstance(found, Problem):
            wrong.append(found.message)
        elif found.manifest.task == task:
            made.append(_choice(found, in_force))
    return tuple(made), tuple(wrong)


def _choice(bundle: Bundle, in_force: str) -> ModelChoice:
    manifest = bundle.manifest
    return ModelChoice(
        id=manifest.id,
        sha256=bundle.sha256,
        name=manifest.name,
        version=manifest.version,
        architecture=manifest.architecture,
        side=manifest.preprocessing.side,
        classes=bundle.labels,
        manufacturers=tuple(label.manufacturer for label in manifest.labels),
        data_source=manifest.data_source,
        in_force=bundle.sha256 == in_force,
        finds=manifest.finder is not None,
    )
