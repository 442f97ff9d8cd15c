"""The models of this machine: those that come with the program and those learned here."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from stentviewer.core.errors import KnownError, StentviewerError, UserError
from stentviewer.core.sentences import Sentence, sentence, together
from stentviewer.core.types import ModelRef, Problem
from stentviewer.inference.bundle import MANIFEST, Bundle, claims, load_bundle
from stentviewer.inference.champion import CHAMPIONS, read_champions


class Catalog:
    """The bundles in some folders, in the order of the folders and then by name.

    The last folder is the one that models learned here are kept in, and with them the list of
    which model is in force (`inference.champion`).
    """

    def __init__(self, folders: Sequence[Path]) -> None:
        self._folders = tuple(folders)

    @property
    def home(self) -> Path:
        """The folder of the models learned here."""
        return self._folders[-1]

    def bundles(self) -> list[Bundle | Problem]:
        """Every model, its files verified; a Problem in the place of one that cannot be used."""
        found: list[Bundle | Problem] = []
        for folder in self._places():
            try:
                found.append(load_bundle(folder))
            except StentviewerError as error:
                found.append(Problem(folder, str(error)))
        return found

    def in_force(self, task: str) -> ModelRef | None:
        """The model that was promoted for this task; None where the program's own reads.

        Raises KnownError where the list of promotions is damaged.
        """
        return read_champions(self.home).in_force(task) if self._folders else None

    def stamp(self) -> tuple[int, int, int]:
        """Changes whenever another model may be in force; cheap enough to ask before a reading."""
        try:
            kept = (self.home / CHAMPIONS).stat()
        except (OSError, IndexError):
            return 0, 0, 0
        return kept.st_ino, kept.st_mtime_ns, kept.st_size

    def default(self, task: str) -> Bundle:
        """The model in force for this task, else the first one for it; its files verified.

        One that is damaged or missing is reported, not passed over: another model must not answer
        in its name. Raises KnownError for such a one, UserError where no model is for this task.
        """
        champion = self.in_force(task)
        return self.own(task) if champion is None else self._promoted(champion)

    def own(self, task: str) -> Bundle:
        """The first model for this task, whatever was promoted; raises like `default`."""
        return self._first(
            lambda bundle: bundle.manifest.task == task,
            lambda said, _: said.get("task", task) == task,
            sentence("for {task}", task=task),
        )

    def get(self, model_id: str) -> Bundle:
        """The model with this id, or with this id and first digits of its hash (`ModelRef.short`).

        Its files are verified. Raises like `default`, and UserError where several models have the
        id: none of them answers for another.
        """
        same: dict[str, Bundle] = {}
        for folder in self._places():
            try:
                bundle = load_bundle(folder, verify=False)
            except StentviewerError:
                continue
            if bundle.manifest.id == model_id:
                same.setdefault(bundle.sha256, bundle)
        if len(same) > 1:
            raise UserError(
                sentence(
                    "Several models are called {id}: {names}. Say which one is meant.",
                    id=model_id,
                    names=tuple(bundle.ref.short for bundle in same.values()),
                )
            )
        return self._first(
            lambda bundle: model_id in (bundle.manifest.id, bundle.ref.short),
            lambda said, name: said.get("id", name) == model_id,
            sentence("called {id}", id=model_id),
        )

    def exactly(self, model: ModelRef) -> Bundle:
        """The very model of this id and hash, its files verified.

        Raises KnownError where it is damaged, another one is in its place, or it is gone.
        """
        other, damaged = "", None
        for folder in self._places():
            try:
                bundle = load_bundle(folder, verify=False)
            except StentviewerError as error:
                if claims(folder).get("id", folder.name) == model.id:
                    damaged = error
                continue
            if bundle.sha256 == model.sha256:
                return load_bundle(folder)
            if bundle.manifest.id == model.id:
                other = bundle.ref.short
        if damaged is not None:
            raise KnownError(str(damaged)) from damaged
        reason = sentence("it is no longer installed")
        if other:
            reason = sentence("another one, {other}, is in its place", other=other)
        raise KnownError(
            sentence("The model {model} is not used: {reason}.", model=model.short, reason=reason)
        )

    def _promoted(self, champion: ModelRef) -> Bundle:
        try:
            return self.exactly(champion)
        except KnownError as error:
            why = sentence(
                "It is the model in force, so no other answers in its place. Put its folder back, "
                "or roll back to the model before it."
            )
            raise KnownError(together([str(error), why])) from error

    def _first(
        self,
        wanted: Callable[[Bundle], bool],
        might_be: Callable[[dict[str, object], str], bool],
        which: Sentence,
    ) -> Bundle:
        """`might_be` judges a damaged one by what its manifest claims and its folder's name."""
        problems: list[StentviewerError] = []
        for folder in self._places():
            try:
                bundle = load_bundle(folder, verify=False)
            except StentviewerError as error:
                if might_be(claims(folder), folder.name):
                    raise
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
