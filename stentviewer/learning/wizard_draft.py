"""What a person has chosen in the wizard so far, kept on disk until it becomes a run."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Final, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.learning.recipe import Method
from stentviewer.learning.selection import Item, read_selection, write_selection
from stentviewer.learning.wizard_plan import Plan

SourceKind = Literal["worklist", "folders", "csv", "hdf5"]
DRAFT: Final = "draft"  # the folder beside the runs
_FILE: Final = "draft.json"


class _Kept(BaseModel):
    model_config = ConfigDict(frozen=True, extra="ignore", allow_inf_nan=False)


class ModelChoice(_Kept):
    """A model that one can start from, as it was when it was chosen.

    finds: it finds each stent and names it by what is cut out, whose side is `side`.
    """

    id: str
    sha256: str
    name: str = ""
    version: str = ""
    architecture: str = ""
    side: int = 1024
    classes: tuple[str, ...] = ()
    manufacturers: tuple[str, ...] = ()
    data_source: str = ""
    in_force: bool = False
    finds: bool = False


class Source(_Kept):
    """Where images come from. `place` is the folder or file, None for the worklist.

    external: the images are read at the end only, never learned from.
    """

    number: int
    kind: SourceKind
    place: Path | None = None
    external: bool = False


class Details(_Kept):
    """What departs from a method's own way; None leaves it as it is.

    weights is the safetensors file of `network`, an ImageNet start instead of the model's own.
    """

    network: str = ""
    weights: Path | None = None
    folds: Annotated[int, Field(ge=2, le=20)] | None = None
    side: int | None = Field(default=None, ge=32, le=4096)
    epochs: int | None = Field(default=None, ge=1, le=10_000)
    frozen: Annotated[float, Field(ge=0, le=1)] | None = None
    layer_decay: Annotated[float, Field(gt=0, le=1)] | None = None
    lora: Annotated[int, Field(ge=0, le=256)] | None = None
    seed: Annotated[int, Field(ge=0, lt=2**31)] = 7


class Draft(_Kept):
    """The wizard's choices; `run` is the folder name of the run that was made of them.

    left_out and masks name images by `key_of`; held_back are the patients whose images wait for
    the final model, and are frozen for good with the run. joined: patients that count as another
    one, because images of both are copies of each other. frozen: images (by `key_of`) of this
    site's frozen test set and of its patients.
    """

    step: Annotated[int, Field(ge=1, le=6)] = 1
    model: ModelChoice | None = None
    plan: Plan = Plan()
    sources: tuple[Source, ...] = ()
    numbered: Annotated[int, Field(ge=0)] = 0  # sources so far: no number is given twice
    masks: dict[str, tuple[tuple[float, float, float, float], ...]] = {}
    left_out: frozenset[str] = frozenset()
    held_back: frozenset[str] = frozenset()
    joined: dict[str, str] = {}
    frozen: frozenset[str] = frozenset()
    method: Method = "quick"
    thorough: bool = False
    details: Details = Details()
    name: str = ""
    run: str = ""


def key_of(item: Item) -> str:
    """What stands for an image in a draft."""
    return f"{item.path}|{item.frame}"


@dataclass(frozen=True, slots=True)
class Kept:
    """A draft with the images of its sources (by number), as they are found again."""

    draft: Draft
    gathered: Mapping[int, tuple[Item, ...]]

    def save(self, place: Path) -> None:
        """Write it all to `place`; raises KnownError where the folder cannot be written."""
        folder = place / DRAFT
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise _not_kept(folder, error) from error
        for number, items in self.gathered.items():
            file = _selection(folder, number)
            if not file.is_file():  # a source's images never change under its number
                write_selection(file, items)
        partial = folder / "draft.partial"
        try:
            partial.write_text(self.draft.model_dump_json(), encoding="utf-8")
            partial.replace(folder / _FILE)
            for old in folder.glob("source-*.csv"):
                if old not in {_selection(folder, number) for number in self.gathered}:
                    old.unlink(missing_ok=True)
        except OSError as error:
            raise _not_kept(folder, error) from error


def load_draft(place: Path) -> tuple[Kept, str]:
    """The draft kept in `place` and a sentence, empty where nothing is wrong with it.

    A draft that is damaged is an empty one; a source whose list is gone is left out.
    """
    folder = place / DRAFT
    try:
        draft = Draft.model_validate_json((folder / _FILE).read_bytes())
    except FileNotFoundError:
        return Kept(Draft(), {}), ""
    except (OSError, ValidationError):
        return Kept(Draft(), {}), sentence(
            "What was last chosen for learning cannot be read and begins anew. Runs are not "
            "touched by this."
        )
    gathered: dict[int, tuple[Item, ...]] = {}
    for source in draft.sources:
        try:
            gathered[source.number] = tuple(read_selection(_selection(folder, source.number)))
        except (UserError, UnicodeDecodeError):
            continue
    kept = tuple(source for source in draft.sources if source.number in gathered)
    if len(kept) == len(draft.sources):
        return Kept(draft, gathered), ""
    return Kept(draft.model_copy(update={"sources": kept}), gathered), sentence(
        "The list of some images chosen for learning is gone. Choose these images again."
    )


def forget_draft(place: Path) -> None:
    """Begin anew at the next start; a folder that cannot be removed is left."""
    shutil.rmtree(place / DRAFT, ignore_errors=True)


def _selection(folder: Path, number: int) -> Path:
    return folder / f"source-{number}.csv"


def _not_kept(folder: Path, error: OSError) -> KnownError:
    return KnownError(
        sentence(
            "What is chosen cannot be kept in {folder}: {reason}. Free some space.",
            folder=str(folder),
            reason=error.strerror or sentence("the disk refused"),
        )
    )
