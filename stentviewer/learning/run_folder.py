"""A run on disk: everything about it stands in one folder, and it can go on from there."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, ValidationError

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.files import not_written
from stentviewer.core.sentences import sentence
from stentviewer.learning.recipe import Recipe, read_recipe, write_recipe
from stentviewer.learning.selection import Item, read_selection, write_selection

Status = Literal["ready", "running", "stopped", "failed", "done"]


class RunState(BaseModel):
    """How far a run is; `reason` is why it failed; `bundle` the folder name of what it made."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    status: Status = "ready"
    created: datetime
    seconds: float = 0.0  # of work, over all its parts
    reason: str = ""
    bundle: str = ""


@dataclass(frozen=True, slots=True)
class RunFolder:
    """Paths of a run and what is written there."""

    path: Path

    @classmethod
    def create(cls, path: Path, recipe: Recipe, items: list[Item]) -> RunFolder:
        """A new run. Raises UserError where the folder is in use, KnownError on a full disk."""
        if (path / "run.json").exists():
            raise UserError(
                sentence("There is a run in {folder} already. Choose another.", folder=str(path))
            )
        try:
            path.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise not_written(path, error) from error
        made = cls(path)
        write_selection(path / "selection.csv", items)
        write_recipe(
            path / "recipe.toml", recipe.model_copy(update={"selection": Path("selection.csv")})
        )
        made.set_state(RunState(created=datetime.now(UTC)))
        return made

    @property
    def name(self) -> str:
        return self.path.name

    def recipe(self) -> Recipe:
        return read_recipe(self.path / "recipe.toml")

    def items(self) -> list[Item]:
        return read_selection(self.path / "selection.csv")

    def state(self) -> RunState:
        """Raises UserError where there is no run, KnownError where its state is damaged."""
        try:
            return RunState.model_validate_json((self.path / "run.json").read_bytes())
        except OSError as error:
            raise UserError(
                sentence("There is no run in {folder}.", folder=str(self.path))
            ) from error
        except ValidationError as error:
            raise KnownError(
                sentence("The run in {folder} is damaged: run.json.", folder=str(self.path))
            ) from error

    def set_state(self, state: RunState) -> None:
        partial = self.path / "run.partial"
        try:
            partial.write_text(json.dumps(state.model_dump(mode="json")), encoding="utf-8")
            partial.replace(self.path / "run.json")
        except OSError as error:
            raise not_written(self.path, error) from error

    def fold(self, number: int) -> Path:
        """The folder of a fold's model, 1 and on; 0 is the final model."""
        folder = self.path / "folds" / (str(number) if number else "final")
        folder.mkdir(parents=True, exist_ok=True)
        return folder

    @property
    def events(self) -> Path:
        """Every event as a JSON line, over all parts of the run."""
        return self.path / "events.jsonl"

    @property
    def out_of_fold(self) -> Path:
        """Predictions on the training images, each by the fold that had not seen its patient."""
        return self.path / "out-of-fold.npz"

    def answers(self, role: str, who: str = "challenger") -> Path:
        """Predictions on the "test" or "external" images by the "challenger" or the "champion"."""
        return self.path / f"{role}-{who}.npz"

    @property
    def bundle(self) -> Path:
        """The model that the run made."""
        return self.path / "bundle"

    @property
    def result(self) -> Path:
        return self.path / "result.json"

    @property
    def gallery(self) -> Path:
        """Pictures of answers, with heat (learning.gallery)."""
        return self.path / "gallery"

    @property
    def report(self) -> Path:
        """The report without its ending: .html and .pdf."""
        return self.path / "report"


def runs(parent: Path) -> list[RunFolder]:
    """The runs in a folder, newest first."""
    found = [RunFolder(path.parent) for path in parent.glob("*/run.json")]
    return sorted(found, key=lambda run: run.path.stat().st_mtime, reverse=True)
