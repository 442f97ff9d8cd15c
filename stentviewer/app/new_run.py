"""Runs made without the wizard's pages: from a recipe's file, or of one new class."""

from __future__ import annotations

import csv
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

from stentviewer.app import promoting
from stentviewer.app.training import run_context, training_dir
from stentviewer.core.errors import UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.learning.gathered import Gathered
from stentviewer.learning.recipe import Method, Recipe, read_recipe
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.selection import Item
from stentviewer.learning.wizard_draft import Details
from stentviewer.learning.wizard_flow import WizardFlow
from stentviewer.learning.wizard_models import model_choices
from stentviewer.learning.wizard_plan import LEFT_OUT
from stentviewer.learning.wizard_runs import free_folder

if TYPE_CHECKING:
    from stentviewer.inference.catalog import Catalog

Say = Callable[[str], None]


def recipe_and_images(
    path: Path, catalog: Catalog, say: Say, context: JobContext
) -> tuple[Recipe, list[Item]]:
    """A recipe's file and the images of its selection; what is left out is said.

    Images of the frozen test set and of its patients are kept apart. Raises UserError where the
    recipe or its selection cannot be used.
    """
    recipe = read_recipe(path)
    return recipe, images_of(recipe, catalog, say, context)


def images_of(recipe: Recipe, catalog: Catalog, say: Say, context: JobContext) -> list[Item]:
    """The images of a recipe's selection without those of the frozen test set and its patients.

    What is left out is said. Raises UserError where the selection cannot be used.
    """
    from stentviewer.learning.sources import from_csv

    found = from_csv(recipe.selection, context)
    _say_problems(found, say)
    if not found.items:
        raise UserError(sentence("No image of {name} can be used.", name=recipe.selection.name))
    return _apart(found.items, catalog, recipe.task, say)


def new_run(recipe: Recipe, items: Sequence[Item]) -> RunFolder:
    """A run's folder among the others; raises KnownError where the disk refuses."""
    place = free_folder(training_dir(), recipe.name, datetime.now().astimezone())
    return RunFolder.create(place, recipe, list(items))


def images_of_class(paths: Sequence[Path], label: str, context: JobContext) -> Gathered:
    """Files, and folders of files, that all show one class.

    Images in a folder inside a folder are one patient's; else DICOM's Patient ID stands, and a
    file that says nothing of its patient is taken as one of its own.
    """
    from stentviewer.learning.sources import from_csv

    for path in paths:
        if not path.exists():
            raise UserError(sentence("There is no “{path}”. Check the path.", path=path))
    files = list(_files(paths))
    if not files:
        raise UserError(
            sentence("There are no images of {name} in {folder}.", name=label, folder=paths[0])
        )
    with tempfile.TemporaryDirectory(prefix="stentviewer-") as place:
        table = Path(place) / "images.csv"
        with table.open("w", newline="", encoding="utf-8", errors="surrogateescape") as file:
            rows = csv.writer(file)
            rows.writerow(("file", "label", "patient"))
            for found, patient in files:
                rows.writerow((str(found.absolute()), label, patient))
        gathered = from_csv(table, context)
    problems = (replace(p, path=paths[0]) if p.path == table else p for p in gathered.problems)
    return Gathered(gathered.items, tuple(problems))


def _files(paths: Sequence[Path]) -> Iterator[tuple[Path, str]]:
    for path in paths:
        if not path.is_dir():
            yield path, ""
            continue
        for found in sorted(path.rglob("*")):
            inside = found.relative_to(path).parts
            if found.is_file() and not any(part.startswith(".") for part in inside):
                yield found, str(path.absolute() / inside[0]) if len(inside) > 1 else ""


def class_run(
    catalog: Catalog,
    name: str,
    images: Gathered,
    others: Gathered,
    *,
    model: str = "",
    method: Method = "quick",
    details: Details | None = None,
    retire: Sequence[str] = (),
    task: str = "stent-maker",
    say: Say,
    context: JobContext,
) -> RunFolder:
    """A run that adds a class to a model, as the wizard makes it: its images are looked at first.

    images are of the new class, others of the model's own; retire names those that the new model
    does without. Raises UserError with what is missing
    or what has to be put right before anything can be learned.
    """
    flow = WizardFlow(training_dir())
    choices, _ = model_choices(catalog, task)
    flow.take_models(choices)
    wanted = catalog.get(model) if model else catalog.default(task)
    flow.choose_model(next(one.id for one in choices if one.sha256 == wanted.sha256))
    for old in retire:
        if old not in flow.plan.known:
            raise UserError(
                sentence(
                    "{model} has no class “{name}”; it has {names}.",
                    model=wanted.manifest.id,
                    name=old,
                    names=flow.plan.known,
                )
            )
        flow.set_plan(flow.plan.retire(old))
    flow.set_plan(flow.plan.add(name))
    _say_problems(images, say)
    _say_problems(others, say)
    new = tuple(replace(item, label=flow.plan.new[-1]) for item in images.items)
    flow.add_source("folders", Path(name), Gathered(new))
    flow.add_source("csv", Path("others"), others)
    for label in flow.plan.undecided(tuple(flow.labels)):
        say(sentence("Images labelled “{label}” are left out: no such class.", label=label))
        flow.set_plan(flow.plan.count(label, LEFT_OUT))
    flow.set_method(method)
    if details is not None:
        flow.set_details(details)
    blocking = _look(flow, say, context)
    flow.take_check(flow.items(), blocking)
    make = flow.making(datetime.now().astimezone(), lambda items: _apart(items, catalog, task, say))
    return make()


def _look(flow: WizardFlow, say: Say, context: JobContext) -> str:
    """Say what the check of the data found; the first finding that forbids to go on, or ""."""
    from stentviewer.learning.fitness import check

    found = check(
        flow.items(),
        run_context(context),
        classes=flow.plan.names,
        side=flow.draft.model.side if flow.draft.model else 1024,
        k=flow.folds,
        keep=training_dir() / "cache" / "looks",
    )
    blocking = ""
    for finding in found.findings:
        if finding.severity == "stop":
            blocking = blocking or f"{finding.text} {finding.advice}"
        elif finding.severity == "warn":
            say(f"{finding.text} {finding.advice}")
    return blocking


def _apart(items: Sequence[Item], catalog: Catalog, task: str, say: Say) -> list[Item]:
    apart = promoting.keep_apart(catalog, items, task)
    if apart.left_out:
        say(
            sentence(
                "{n} images of patients in the frozen test set are not learned from.",
                n=len(apart.left_out),
            )
        )
    return list(apart.items)


def _say_problems(found: Gathered, say: Say) -> None:
    for problem in found.problems:
        say(f"{problem.path.name}: {problem.message}")
