"""`stentviewer models`: the models on this machine."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stentviewer.cli.console import EXIT_SOME_FAILED, AsJson, plain_row, progress, put, say
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.types import Problem

if TYPE_CHECKING:
    from stentviewer.app.promoting import Promoted
    from stentviewer.inference.bundle import Bundle
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning.registry import Decision, Descendant

models_app = typer.Typer(help="The models on this machine.")

By = Annotated[str, typer.Option(help="Who decides; the account's name without.")]
Second = Annotated[str, typer.Option(help="Who agrees, where the site asks for two names.")]


def installed() -> Catalog:
    from stentviewer.core.paths import data_dir, models_dir
    from stentviewer.inference.catalog import Catalog

    return Catalog([models_dir(), data_dir() / "models"])


def chosen(catalog: Catalog, model: str | None) -> Bundle:
    from stentviewer.tasks.stent_maker import TASK

    return catalog.get(model) if model else catalog.default(TASK)


def decided(by: str, why: str, second: str) -> Decision:
    """Who decides and why; the account's name where none is given.

    Raises UserError for what is missing: the reason, or the second name where the site asks for it.
    """
    from stentviewer.app.promoting import decision
    from stentviewer.core.settings import account_name, load_settings

    settings, trouble = load_settings()
    if trouble:  # whether two names are asked for cannot be known
        raise KnownError(trouble)
    return decision(by or account_name(), why, second, two_names=settings.two_names)


def put_promoted(promoted: Promoted, as_json: bool) -> None:
    """What reads from now on."""
    if promoted.trouble:
        say(promoted.trouble)
    if as_json:
        entry = promoted.entry
        row = {
            "action": entry.action,
            "model": {"id": promoted.reads.id, "sha256": promoted.reads.sha256},
            "by": entry.by,
            "second": entry.second,
            "at": entry.at.isoformat(),
        }
        put(json.dumps(row, ensure_ascii=False))
    else:
        put(promoted.said)


@models_app.command("list")
def models_list(as_json: AsJson = False) -> None:
    """The models on this machine below those they began as, which one reads, damaged ones named."""
    from stentviewer.app.promoting import line_of_descent

    line, problems = line_of_descent(installed())
    for problem in problems:
        row = {"folder": str(problem.path), "error": problem.message}
        text = f"{problem.path.name}\tcannot be used: {problem.message}"
        put(json.dumps(row, ensure_ascii=False) if as_json else plain_row(text))
    for found in line:
        put(json.dumps(_row(found), ensure_ascii=False) if as_json else plain_row(_text(found)))
    if problems:
        raise typer.Exit(EXIT_SOME_FAILED)


def _row(found: Descendant) -> dict[str, Any]:
    parent = found.parent
    line = {
        "parent": {"id": parent.id, "sha256": parent.sha256} if parent else None,
        "depth": found.depth,
        "in_force": found.is_in_force,
    }
    if found.bundle is None:
        known = {"id": found.model.id, "sha256": found.model.sha256, "folder": None}
        return {**known, **line, "error": "not installed here"}
    manifest = found.bundle.manifest
    return {
        "id": manifest.id,
        "name": manifest.name,
        "version": manifest.version,
        "task": manifest.task,
        "labels": list(found.bundle.labels),
        "sha256": found.bundle.sha256,
        "data_source": manifest.data_source,
        "folder": str(found.bundle.folder),
        **line,
        "error": None,
    }


def _text(found: Descendant) -> str:
    indent = "  " * found.depth
    if found.bundle is None:
        return f"{indent}{found.model.id}\t\t\t{found.model.sha256[:8]}\tnot installed here"
    manifest = found.bundle.manifest
    return (
        f"{indent}{manifest.id}\t{manifest.version}\t{manifest.task}\t"
        f"{found.bundle.sha256[:8]}\t{'in force' if found.is_in_force else ''}\t"
        f"{', '.join(found.bundle.labels)}\t{manifest.data_source}"
    )


@models_app.command("promote")
def models_promote(
    model: Annotated[str, typer.Argument(help="Id of an installed model, or the name of a run.")],
    why: Annotated[str, typer.Option(help="Why it is put in force; kept with the decision.")],
    by: By = "",
    second: Second = "",
    as_json: AsJson = False,
) -> None:
    """Put a model in force: it reads from then on, and readings made before keep theirs."""
    from stentviewer.app.promoting import dossier, promote
    from stentviewer.app.training import training_dir
    from stentviewer.learning.run_folder import RunFolder

    catalog, decision = installed(), decided(by, why, second)
    what: RunFolder | str = model
    if Path(model).name == model and (training_dir() / model / "run.json").is_file():
        what = RunFolder(training_dir() / model)
        for concern in dossier(what, catalog).concerns():
            say(concern)
    with progress() as context:
        promoted = promote(catalog, what, decision, context=context)
    put_promoted(promoted, as_json)


@models_app.command("rollback")
def models_rollback(
    why: Annotated[str, typer.Option(help="Why it is taken back; kept with the decision.")],
    by: By = "",
    second: Second = "",
    as_json: AsJson = False,
) -> None:
    """Put the model in force again that was before the last promotion."""
    from stentviewer.app.promoting import rollback

    put_promoted(rollback(installed(), decided(by, why, second)), as_json)


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
