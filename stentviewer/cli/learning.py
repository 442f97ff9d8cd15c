"""`stentviewer train`, `add-class`, `evaluate` and `runs`: learning without the window."""

from __future__ import annotations

import json
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Final

import typer

from stentviewer.cli.console import EXIT_SOME_FAILED, AsJson, plain_row, progress, put, say
from stentviewer.cli.following import duration, follow
from stentviewer.cli.grid import train_grid
from stentviewer.cli.models import By, Second, decided, installed, put_promoted
from stentviewer.core.errors import UserError
from stentviewer.core.types import Problem
from stentviewer.core.wording import RESEARCH_USE

if TYPE_CHECKING:
    from stentviewer.core.jobs import JobContext
    from stentviewer.learning.gathered import Gathered
    from stentviewer.learning.recipe import Method
    from stentviewer.learning.result_parts import Evaluation
    from stentviewer.learning.run_folder import RunFolder

METHODS: Final[dict[str, Method]] = {"quick": "quick", "tuned": "tuned", "full": "full"}

runs_app = typer.Typer(help="Runs of learning: those that ended, and those that can go on.")


def train(
    recipe: Annotated[
        Path, typer.Argument(help="A TOML file that describes a run, or a grid of runs.")
    ],
    as_json: AsJson = False,
    estimate: Annotated[
        bool, typer.Option("--estimate", help="Only measure what the run would take here.")
    ] = False,
    ray: Annotated[
        str,
        typer.Option(
            help="Carry a grid's runs on with a Ray cluster: auto for the one on this machine, "
            "host:port, or ray://host:port. Its machines read the images themselves, from a "
            "folder that all of them have under the same path."
        ),
    ] = "",
) -> None:
    """Learn as a recipe says: folds of whole patients, a final model, a result and a report.

    A grid (a file with [base] and [[over]]) is a run for each combination of its lists, those that
    have ended left out, and a table of their results.
    """
    from stentviewer.app.new_run import new_run, recipe_and_images
    from stentviewer.app.training import measure
    from stentviewer.learning.grid import is_grid

    if is_grid(recipe):
        if estimate:
            raise UserError("A grid has many runs. Measure one of them: make it a recipe.")
        train_grid(recipe, ray, as_json)
        return
    if ray:
        raise UserError("--ray is for a grid of runs; this file describes one run.")
    with progress() as context:
        made, items = recipe_and_images(recipe, installed(), say, context)
        if estimate:
            found = measure(made, items, context)
    if not estimate:
        follow(new_run(made, items), as_json)
        return
    if as_json:
        put(found.as_line())
        return
    put(f"time\t{duration(found.seconds)}")
    put(f"memory\t{found.memory / 1e9:.1f} GB")
    put(f"disk\t{found.disk / 1e9:.2f} GB")
    put(f"measured on\t{found.steps or 'no'} steps; the report at the end is left out")


def add_class(
    name: Annotated[str, typer.Argument(help="The new design.")],
    images: Annotated[
        list[Path], typer.Argument(help="Its images: files or folders, a folder each patient.")
    ],
    model: Annotated[
        str, typer.Option("--from", help="Id of the model to start from; the one in force without.")
    ] = "",
    method: Annotated[str, typer.Option(help="quick, tuned or full.")] = "quick",
    others: Annotated[
        str,
        typer.Option(
            help="Images of the model's own classes: a CSV table, an HDF5 file, a folder each "
            "class, or worklist for what was labelled there."
        ),
    ] = "worklist",
    retire: Annotated[
        list[str] | None, typer.Option(help="A class of the model to do without; may be repeated.")
    ] = None,
    folds: Annotated[int, typer.Option(min=0, help="0 for as many as the images allow.")] = 0,
    epochs: Annotated[int, typer.Option(min=0, help="0 for the method's own.")] = 0,
    promote: Annotated[bool, typer.Option("--promote", help="Put it in force at the end.")] = False,
    why: Annotated[str, typer.Option(help="With --promote: why it is put in force.")] = "",
    by: By = "",
    second: Second = "",
    as_json: AsJson = False,
) -> None:
    """Add a design to a model: its images are looked at, learned, validated and reported on."""
    from stentviewer.app.new_run import class_run, images_of_class
    from stentviewer.learning.wizard_draft import Details

    if method not in METHODS:
        raise UserError(f"There is no method “{method}”. Choose quick, tuned or full.")
    if promote:  # said before an hour of learning, not after it
        decided(by, why, second)
    catalog = installed()
    details = Details(folds=folds or None, epochs=epochs or None)
    with progress() as context:
        known = _others(others, context)
        run = class_run(
            catalog,
            name,
            images_of_class(images, name, context),
            known,
            model=model,
            method=METHODS[method],
            details=details,
            retire=retire or (),
            say=say,
            context=context,
        )
    follow(run, as_json)
    if promote:
        _promote(run, by, why, second, as_json)


def _promote(run: RunFolder, by: str, why: str, second: str, as_json: bool) -> None:
    from stentviewer.app.promoting import dossier, promote

    catalog = installed()
    for concern in dossier(run, catalog).concerns():
        say(concern)
    with progress() as context:
        promoted = promote(catalog, run, decided(by, why, second), context=context)
    put_promoted(promoted, as_json)


def _others(where: str, context: JobContext) -> Gathered:
    from stentviewer.learning.sources import gather

    if where != "worklist":
        return gather(Path(where), context)
    from stentviewer.app.training_data import labelled
    from stentviewer.core.paths import data_dir
    from stentviewer.library.repository import Library

    place = data_dir() / "library"
    if not place.is_dir():
        raise UserError(
            "There is no worklist with labelled images here. Name images of the model's own "
            "classes with --others."
        )
    with Library.open(place, reader="train", read_only=True) as library:
        return labelled(library, context=context)


def evaluate(
    model: Annotated[str, typer.Argument(help="Id of the model, or its folder.")],
    images: Annotated[
        Path, typer.Argument(help="A CSV table, a folder each class, or an HDF5 file.")
    ],
    as_json: AsJson = False,
) -> None:
    """What a model is worth on images whose class is known: accuracy, F1, each class, calibration.

    They should not be images that it learned from.
    """
    from stentviewer.app.evaluating import evaluate_model

    with progress() as context:
        found = evaluate_model(model, images, installed(), say, context)
    if as_json:
        row = {"model": found.model.model_dump(), **found.evaluation.model_dump()}
        row |= {"not_found": found.not_found, "simulated": found.simulated, "notice": RESEARCH_USE}
        put(json.dumps(row, ensure_ascii=False))
        return
    _put_evaluation(found.evaluation)
    if found.not_found:
        put(f"no stent found\t{found.not_found}, in none of these figures")
    if found.simulated:
        put("These figures rest on simulated images.")
    put(f"{RESEARCH_USE}. Model {found.model.id} {found.model.sha256[:8]}.")


def _put_evaluation(found: Evaluation) -> None:
    put(f"images\t{found.images} of {found.patients} patients")
    if found.left_out:
        put(f"left out\t{found.left_out} of classes that the model does not have")
    accuracy, f1 = found.accuracy, found.f1
    put(f"accuracy\t{accuracy.value:.3f} ({accuracy.low:.3f} to {accuracy.high:.3f})")
    put(f"macro F1\t{f1.value:.3f} ({f1.low:.3f} to {f1.high:.3f})")
    put(f"calibration error\t{found.calibration.ece:.3f}")
    for one, named in zip(found.classes, found.confusion, strict=True):
        recall = one.recall
        said = "no images"
        if recall.value is not None:
            said = f"recall {recall.value:.3f} ({recall.low:.3f} to {recall.high:.3f})"
        put(f"{one.name}\t{said}\tnamed {' '.join(map(str, named))}")


@runs_app.command("list")
def runs_list(as_json: AsJson = False) -> None:
    """The runs, newest first, and how far each is."""
    from stentviewer.app.training import run_summaries

    problems = 0
    for found in run_summaries():
        if isinstance(found, Problem):
            problems += 1
            row: dict[str, Any] = {"run": found.path.name, "error": found.message}
            text = f"{found.path.name}\t{found.message}"
        else:
            state, name = found.state, found.recipe.name
            row = {
                "run": found.folder.name,
                "name": name,
                "method": found.recipe.method,
                "status": state.status,
                "created": state.created.isoformat(),
                "seconds": state.seconds,
                "reason": state.reason,
                "can_resume": found.is_unfinished,
                "error": None,
            }
            text = (
                f"{found.folder.name}\t{name}\t{found.recipe.method}\t{state.status}\t"
                f"{duration(state.seconds)}\t{state.reason}"
            )
        put(json.dumps(row, ensure_ascii=False) if as_json else plain_row(text))
    if problems:
        raise typer.Exit(EXIT_SOME_FAILED)


@runs_app.command("resume")
def runs_resume(
    name: Annotated[str, typer.Argument(help="The run's name; see runs list.")],
    as_json: AsJson = False,
) -> None:
    """Go on with a run where it stopped."""
    follow(_run(name), as_json)


@runs_app.command("remove")
def runs_remove(
    names: Annotated[list[str], typer.Argument(help="Names; see runs list.")],
) -> None:
    """Delete runs with all they made; models that were promoted from them stay."""
    from stentviewer.app.training import remove_run

    for folder in [_run(name) for name in names]:
        remove_run(folder)
        put(f"{folder.name}\tremoved")


def _run(name: str) -> RunFolder:
    from stentviewer.app.training import training_dir
    from stentviewer.learning.run_folder import RunFolder

    folder = RunFolder(training_dir() / name)
    if Path(name).name != name or not (folder.path / "run.json").is_file():
        raise UserError(f"There is no run “{name}” here; see runs list.")
    return folder
