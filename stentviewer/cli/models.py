"""`stentviewer models`: the models on this machine."""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stentviewer.cli.console import EXIT_SOME_FAILED, AsJson, put
from stentviewer.core.errors import UserError
from stentviewer.core.types import Problem

if TYPE_CHECKING:
    from stentviewer.inference.bundle import Bundle
    from stentviewer.inference.catalog import Catalog

models_app = typer.Typer(help="The models on this machine.")


def installed() -> Catalog:
    from stentviewer.core.paths import data_dir, models_dir
    from stentviewer.inference.catalog import Catalog

    return Catalog([models_dir(), data_dir() / "models"])


def chosen(catalog: Catalog, model: str | None) -> Bundle:
    from stentviewer.tasks.stent_maker import TASK

    return catalog.get(model) if model else catalog.default(TASK)


@models_app.command("list")
def models_list(as_json: AsJson = False) -> None:
    """The models on this machine, damaged ones named."""
    problems = 0
    for found in installed().bundles():
        if isinstance(found, Problem):
            problems += 1
            row: dict[str, Any] = {"folder": str(found.path), "error": found.message}
            text = f"{found.path.name}\tcannot be used: {found.message}"
        else:
            manifest = found.manifest
            labels = [label.name for label in manifest.labels]
            row = {
                "id": manifest.id,
                "name": manifest.name,
                "version": manifest.version,
                "task": manifest.task,
                "labels": labels,
                "sha256": found.sha256,
                "data_source": manifest.data_source,
                "folder": str(found.folder),
                "error": None,
            }
            text = (
                f"{manifest.id}\t{manifest.version}\t{manifest.task}\t{found.sha256[:8]}\t"
                f"{', '.join(labels)}\t{manifest.data_source}"
            )
        put(json.dumps(row, ensure_ascii=False) if as_json else text)
    if problems:
        raise typer.Exit(EXIT_SOME_FAILED)


@models_app.command("verify")
def models_verify(
    ids: Annotated[list[str] | None, typer.Argument(help="Ids; all models without any.")] = None,
    as_json: AsJson = False,
) -> None:
    """Compare every file of every model with its recorded SHA-256."""
    bad, seen = 0, set()
    for found in installed().bundles():
        name = found.path.name if isinstance(found, Problem) else found.manifest.id
        if ids and name not in ids:
            continue
        seen.add(name)
        error = found.message if isinstance(found, Problem) else None
        bad += error is not None
        row = {"id": name, "ok": error is None, "error": error}
        if as_json:
            put(json.dumps(row, ensure_ascii=False))
        else:
            put(f"{name}\t{'in order' if error is None else error}")
    missing = set(ids or ()) - seen
    if missing:
        raise UserError(f"No model called {', '.join(sorted(missing))} here; see models list.")
    if bad:
        raise typer.Exit(EXIT_SOME_FAILED)
