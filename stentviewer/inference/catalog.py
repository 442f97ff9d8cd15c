"""The models of this machine: those that come with the program and those learned here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from stentviewer.core.errors import StentviewerError, UserError
from stentviewer.core.sentences import Sentence, sentence
from stentviewer.core.types import Problem
from stentviewer.inference.bundle import MANIFEST, Bundle, load_bundle


class Catalog:
    """The bundles in some folders, in the order of the folders and then by name."""

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    def bundles(self) -> list[Bundle | Problem]:
        """Every model, its files verified; a Problem in the place of one that cannot be used."""
        found: list[Bundle | Problem] = []
        for folder in self._places():
            try:
                found.append(load_bundle(folder))
            except StentviewerError as error:
                found.append(Problem(folder, str(error)))
        return found

    def default(self, task: str) -> Bundle:
        """The first model for this task, its files verified.

        A damaged one is reported, not passed over: another model must not answer in its name.
        Raises KnownError for such a one, UserError where no model is for this task.
        """
        return self._first(
            lambda bundle: bundle.manifest.task == task, sentence("for {task}", task=task)
        )

    def get(self, model_id: str) -> Bundle:
        """The model with this id, its files verified; raises like `default`."""
        return self._first(
            lambda bundle: bundle.manifest.id == model_id, sentence("called {id}", id=model_id)
        )

    def _first(self, wanted: Callable[[Bundle], bool], which: Sentence) -> Bundle:
        problems: list[StentviewerError] = []
        for folder in self._places():
            try:
                bundle = load_bundle(folder, verify=False)
            except StentviewerError as error:
                problems.append(error)
                continue
            if wanted(bundle):
                return load_bundle(folder)
        if problems:
            raise problems[0]
        raise UserError(
            sentence(
                "No model {which} is installed. Put its folder beside the other models.",
                which=which,
            )
        )

    def _places(self) -> Iterator[Path]:
        for parent in self._folders:
            if parent.is_dir():
                yield from sorted(path.parent for path in parent.glob(f"*/{MANIFEST}"))
