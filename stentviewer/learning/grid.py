"""A grid: a recipe of which some settings are lists, so one run for each combination.

One TOML file holds what the published comparisons hold in tables (Tables 5 to 7 and Figure 4 of
the papers):

    name = "Resolution and epochs"

    [base]                                  # a recipe, less what stands below
    method = "full"
    selection = "selection.csv"
    classes = [{name = "EGIS"}, {name = "NITI-S"}]

    [[over]]                                # each with each: 3 x 4 x 4 runs
    start.network = ["efficientnet_b0", "resnet50d", "deit_base_patch16_224"]
    side = [224, 512, 1024, 1536]
    epochs = [200, 300, 400, 500]

Several [[over]] are several such products; a combination that stands in two of them is run once.
What neither says is the method's own (`recipe.preset`), but that no final model is made: a grid
compares. With `final = true` in the base each run makes one.
"""

from __future__ import annotations

import hashlib
import itertools
import json
import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final, get_args

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.learning.recipe import Method, Recipe, Start, as_recipe, preset
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.selection import Item

MOST_RUNS: Final = 1000
NONE: Final = "–"  # a setting that a method does not have
_TABLES: Final = {"name", "base", "over"}
_FIRST: Final = ("start", "side", "epochs", "method", "folds")  # of the axes, as in the papers
_FIXED: Final = {"name", "selection", "classes", "task"}  # the same for all, or nothing to compare


@dataclass(frozen=True, slots=True)
class Cell:
    """One run of a grid; settings are what tells it from the others, as text."""

    settings: tuple[str, ...]
    recipe: Recipe

    @property
    def title(self) -> str:
        return self.recipe.name


@dataclass(frozen=True, slots=True)
class Grid:
    """axes are the settings that differ, "side" or "optimise.rate"; cells in the file's order."""

    name: str
    axes: tuple[str, ...]
    cells: tuple[Cell, ...]


def is_grid(path: Path) -> bool:
    """Whether a TOML file describes a grid rather than one run; what cannot be read does not."""
    try:
        return not {"base", "over"}.isdisjoint(tomllib.loads(path.read_text(encoding="utf-8")))
    except (OSError, ValueError):
        return False


def read_grid(path: Path) -> Grid:
    """Read a grid; paths in it count from its folder. Raises UserError saying what is wrong."""
    raw = _read(path)
    strange = sorted(set(raw) - _TABLES)
    if strange:
        raise _wrong(path, strange)
    name, base, over = (raw.get(key) for key in ("name", "base", "over"))
    over = [over] if isinstance(over, dict) else over
    found = {
        "name": isinstance(name, str) and bool(name.strip()),
        "base": isinstance(base, dict),
        "over": isinstance(over, list) and bool(over) and all(isinstance(x, dict) for x in over),
    }
    if not all(found.values()):
        raise _wrong(path, [key for key, is_right in found.items() if not is_right])
    assert isinstance(name, str)
    assert isinstance(base, dict)
    assert isinstance(over, list)
    given: dict[Recipe, dict[str, Any]] = {}
    for chosen in _combinations(path, over):
        recipe = _recipe(path, name, base, chosen)
        given.setdefault(recipe, chosen)
        if len(given) > MOST_RUNS:
            raise UserError(
                sentence(
                    "{name} asks for more than {n} runs. Shorten its lists.",
                    name=path.name,
                    n=MOST_RUNS,
                )
            )
    return _grid(name, given)


def _read(path: Path) -> dict[str, Any]:
    try:
        return tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UserError(
            sentence(
                "{name} cannot be read: {reason}.",
                name=path.name,
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UserError(
            sentence("{name} is no TOML file: {reason}.", name=path.name, reason=str(error))
        ) from error


def _wrong(path: Path, fields: Sequence[str]) -> UserError:
    return UserError(
        sentence("{name} is wrong or incomplete in: {fields}.", name=path.name, fields=(*fields,))
    )


def _combinations(path: Path, over: Sequence[Mapping[str, Any]]) -> Iterator[dict[str, Any]]:
    """Each with each, the first setting slowest; the keys are dotted names of a recipe's fields."""
    for product in over:
        lists = dict(_flat(product))
        for key, values in lists.items():
            if key.split(".")[0] in _FIXED or not values:
                raise _wrong(path, [f"over.{key}"])
        for chosen in itertools.product(*lists.values()):
            yield dict(zip(lists, chosen, strict=True))


def _flat(table: Mapping[str, Any], before: str = "") -> Iterator[tuple[str, list[Any]]]:
    for key, value in table.items():
        if isinstance(value, dict):
            yield from _flat(value, f"{before}{key}.")
        else:
            yield f"{before}{key}", value if isinstance(value, list) else [value]


def _recipe(path: Path, name: str, base: dict[str, Any], chosen: Mapping[str, Any]) -> Recipe:
    method = chosen.get("method", base.get("method", "quick"))
    if method not in get_args(Method):
        raise _wrong(path, ["method"])
    fields: dict[str, Any] = {"final": False}
    for key, value in preset(method).items():
        fields[key] = value.model_dump() if hasattr(value, "model_dump") else value
    fields = _merged(fields, base)
    for key, value in chosen.items():
        _set(path, fields, key.split("."), value)
    fields["name"] = name
    recipe = as_recipe(fields, path)
    if method == "quick":  # it knows no epochs: a list of them is one run
        recipe = recipe.model_copy(update={"epochs": 1})
    return recipe


def _merged(below: Mapping[str, Any], above: Mapping[str, Any]) -> dict[str, Any]:
    merged = dict(below)
    for key, value in above.items():
        under = merged.get(key)
        both = isinstance(under, dict) and isinstance(value, dict)
        merged[key] = _merged(under, value) if both else value  # type: ignore[arg-type]
    return merged


def _set(path: Path, fields: dict[str, Any], keys: Sequence[str], value: Any) -> None:
    *parents, last = keys
    for key in parents:
        under = fields.get(key, {})
        if not isinstance(under, dict):
            raise _wrong(path, [".".join(keys)])
        fields[key] = fields = dict(under)
    fields[last] = value


def _grid(name: str, given: Mapping[Recipe, Mapping[str, Any]]) -> Grid:
    keys = list(dict.fromkeys(key for chosen in given.values() for key in chosen))
    # start.network beside start.model is one axis: what the run begins as.
    named = list(dict.fromkeys("start" if key.startswith("start.") else key for key in keys))
    named.sort(key=lambda key: _FIRST.index(key) if key in _FIRST else len(_FIRST))
    shown = {recipe: [_shown(recipe, key) for key in named] for recipe in given}
    differ = [k for k in range(len(named)) if len({texts[k] for texts in shown.values()}) > 1]
    differ = differ or list(range(len(named)))[:1]
    cells = []
    for recipe, texts in shown.items():
        settings = tuple(texts[k] for k in differ)
        said = ", ".join(_said(named[k], texts[k]) for k in differ if texts[k] != NONE)
        cells.append(Cell(settings, recipe.model_copy(update={"name": f"{name}: {said}"})))
    return Grid(name, tuple(named[k] for k in differ), tuple(cells))


def _shown(recipe: Recipe, key: str) -> str:
    if recipe.method == "quick" and key.split(".")[0] in {"epochs", "augment", "optimise"}:
        return NONE
    value: Any = recipe
    for part in key.split("."):
        value = getattr(value, part, None)  # preprocessing may be none at all
    if value is None:
        return NONE
    if isinstance(value, Start):
        begun = value.model or value.network
        weights = value.weights.name if value.weights else ""
        return " ".join(filter(None, (begun, weights, "random" if value.random else "")))
    return f"{value:g}" if isinstance(value, float) else str(value)


def _said(key: str, text: str) -> str:
    if key in {"start", "method"}:
        return text
    if key == "side":
        return f"{text} px"
    if key in {"epochs", "folds"}:
        return f"{text} {key}"
    return f"{key} {text}"


def run_folder(cell: Cell, items: Sequence[Item], place: Path) -> RunFolder:
    """The folder of a cell's run, made where it is not there yet.

    Its name holds a hash of the recipe and the images: the same grid finds its runs again, and a
    setting or an image that was changed is a run of its own. Raises KnownError on a full disk.
    """
    parts: list[Any] = [cell.recipe.model_dump(mode="json", exclude={"name", "selection"})]
    parts += [
        [str(x.path), x.frame, x.label, x.patient, x.role, [box.as_list() for box in x.masks]]
        for x in items
    ]
    digest = hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:10]
    # Nothing of the grid itself: with another list beside it, a run is still the same.
    named = (_shown(cell.recipe, "start"), f"{cell.recipe.side}", cell.recipe.method)
    slug = re.sub(r"[^0-9a-z]+", "-", "-".join(named).casefold()).strip("-")[-60:].strip("-")
    folder = RunFolder(place / f"{slug}-{digest}")
    if not (folder.path / "run.json").exists():
        RunFolder.create(folder.path, cell.recipe, list(items))
    return folder
