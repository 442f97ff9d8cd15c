"""`stentviewer ablate`: what each step of preprocessing is worth on labelled images."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from stentviewer.cli.console import AsJson, plain_row, progress, put, say
from stentviewer.cli.following import EXIT_STOPPED
from stentviewer.cli.models import installed
from stentviewer.core.wording import RESEARCH_USE

if TYPE_CHECKING:
    from stentviewer.learning.ablation import Ablation, Outcome
    from stentviewer.learning.result_parts import Estimate

_BY_CHANCE = 0.05  # of comparisons without an effect: their intervals are of 95 %


def ablate(
    images: Annotated[
        Path,
        typer.Argument(help="Labelled images: a CSV table, a folder each class, or an HDF5 file."),
    ],
    model: Annotated[
        str, typer.Option(help="Id of the model, or its folder; the one in force without.")
    ] = "",
    steps: Annotated[
        list[str] | None,
        typer.Option(
            help="A variant, such as median=3 or “equalise=clahe + clahe_clip=3”; may be repeated. "
            "Without it, every step that the papers compare."
        ),
    ] = None,
    read_only: Annotated[
        bool, typer.Option("--read-only", help="Learn nothing: the model reads each variant.")
    ] = False,
    folds: Annotated[int, typer.Option(min=0, max=20, help="0 for as many as fit, 5 at most.")] = 0,
    as_json: AsJson = False,
) -> None:
    """What each step of preprocessing is worth on your images, beside the model's own.

    For each variant the last layer is learned anew over folds of whole patients (Quick). What is
    marked “read” was learned on the model's own preprocessing and only reads images of the
    variant. Finished variants are kept: the same command goes on where it was stopped.
    """
    from stentviewer.app.ablating import ablate as compared
    from stentviewer.app.ablating import open_ablation

    rows = []
    try:
        with progress() as context:
            made = open_ablation(
                images, model, installed(), say, context, read_only=read_only, folds=folds
            )
            outcomes = compared(made, steps or [])
            if not as_json:
                _put_head(made)
            for outcome in outcomes:
                rows.append(outcome)
                put(_json_row(outcome, made) if as_json else plain_row(_row(outcome)))
    except KeyboardInterrupt:
        say("Stopped. What was measured is kept; the same command goes on from there.")
        raise typer.Exit(EXIT_STOPPED) from None
    if not as_json:
        _put_foot(rows, made)


def _put_head(made: Ablation) -> None:
    patients = len({item.patient for item in made.items})
    how = f"{made.folds} folds of whole patients" if made.folds else "read by the model as it is"
    put(f"{len(made.items)} images of {patients} patients, {how}; intervals of 95 %")
    put("variant\taccuracy\tmacro F1\tchange of accuracy\tchange of macro F1\t")


def _row(found: Outcome) -> str:
    change = found.change
    return "\t".join(
        (
            _name(found),
            _figure(found.accuracy),
            _figure(found.f1),
            _figure(change.accuracy, "+") if change else "",
            _figure(change.f1, "+") if change else "",
            found.verdict,
        )
    )


def _name(found: Outcome) -> str:
    if found.change is None:
        return "the model's own"
    return found.variant.name + ("" if found.variant.learned else " (read)")


def _figure(one: Estimate, sign: str = "") -> str:
    if one.value is None:
        return "not known"
    text = f"{one.value:{sign}.3f}"
    if one.low is None or one.high is None:
        return text
    return f"{text} ({one.low:{sign}.3f} to {one.high:{sign}.3f})"


def _json_row(found: Outcome, made: Ablation) -> str:
    change = found.change
    row: dict[str, Any] = {
        "variant": found.variant.name,
        "steps": found.variant.steps.declared,
        "learned": found.variant.learned,
        "preprocessing": found.spec.model_dump(mode="json"),
        "images": found.images,
        "patients": found.patients,
        "folds": made.folds,
        "accuracy": found.accuracy.model_dump(),
        "macro_f1": found.f1.model_dump(),
        "accuracy_change": change.accuracy.model_dump() if change else None,
        "macro_f1_change": change.f1.model_dump() if change else None,
        "answers_changed": change.changed if change else None,
        "verdict": str(found.verdict),
        "simulated": made.simulated,
        "seconds": round(found.seconds, 1),
        "model": {"id": made.bundle.manifest.id, "sha256": made.bundle.sha256},
        "notice": RESEARCH_USE,
    }
    return json.dumps(row, ensure_ascii=False)


def _put_foot(rows: list[Outcome], made: Ablation) -> None:
    compared = len(rows) - 1
    if compared >= 2:
        put(
            f"{compared} variants were compared: about {_BY_CHANCE * compared:.1f} of them would "
            "stand out by chance alone."
        )
    if made.simulated:
        put("These figures rest on simulated images.")
    put(f"{RESEARCH_USE}. Model {made.bundle.ref.short}.")
