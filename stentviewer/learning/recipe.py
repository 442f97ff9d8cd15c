"""A run in full: what it starts from, what it learns, how, and on what. One TOML file.

The same recipe on the same images with the same number of threads gives the same weights.
"""

from __future__ import annotations

import tomllib
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, field_validator, model_validator

from stentviewer.core.answers import AND
from stentviewer.core.errors import UserError
from stentviewer.core.files import not_written
from stentviewer.core.sentences import sentence
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.inference.steps import Steps

Method = Literal["quick", "tuned", "full"]
Text = Annotated[str, Field(min_length=1)]
Share = Annotated[float, Field(ge=0, le=1)]


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class ClassSpec(_Part):
    """One class of the new model.

    before: the start model's classes whose weights it begins with: its own old name, several where
    classes are merged, none for a new design. A class of the start model in no `before` retires.
    """

    name: Text
    manufacturer: str = ""
    before: tuple[Text, ...] = ()

    @field_validator("name")
    @classmethod
    def _one_name(cls, name: str) -> str:
        if AND in name:  # it joins the makers of one image
            raise ValueError(f"a class's name contains {AND!r}")
        return name


class Start(_Part):
    """What the network begins as: an installed model's id (or its folder), or else a network.

    weights is a safetensors file for the network; without it, weights that an installed package
    holds, or with `random` random numbers. Never a pickle. finder: for a network, the installed
    model (or its folder) whose finder finds the stents that it is to name; a model has its own.
    """

    model: str = ""
    network: str = ""  # timm's name
    weights: Path | None = None
    random: bool = False
    finder: str = ""

    @model_validator(mode="after")
    def _one(self) -> Start:
        if bool(self.model) == bool(self.network):
            raise ValueError("either a model or a network")
        if self.model and self.finder:
            raise ValueError("a model brings its own finder")
        return self


class Augment(_Part):
    """What happens to training images, drawn anew each epoch; the defaults are the papers'.

    RandAugment (Cubuk et al., 2020): operations an image and their strength of 10. Mixup (Zhang
    et al., 2018) and CutMix (Yun et al., 2019): the alpha of their Beta distribution, 0 for none;
    where both are on, one of them is drawn for each batch. erasing: how often a random rectangle
    is blanked (Zhong et al., 2020).
    """

    operations: int = Field(default=2, ge=0, le=6)
    strength: float = Field(default=9, ge=0, le=10)
    mixup: float = Field(default=0.8, ge=0, le=10)
    cutmix: float = Field(default=1.0, ge=0, le=10)
    erasing: Share = 0.25
    flips: bool = True


class Optimise(_Part):
    """AdamW with warm-up and a cosine; the defaults are the papers' (their Table 3).

    layer_decay: each stage's rate beside the next one's, 1 for all alike. frozen: the share of
    stages that stay as they are, counted from the input; 1 trains the last layer alone (feature
    extraction). lora: the rank of low-rank updates to a transformer's attention, 0 for none.
    norm: "batch" normalises by the batch, "frozen" keeps the start model's statistics.
    """

    rate: float = Field(default=1e-3, gt=0, le=1)
    weight_decay: float = Field(default=0.05, ge=0, le=1)
    warmup_epochs: float = Field(default=5, ge=0)
    smoothing: Annotated[float, Field(ge=0, lt=1)] = 0.1
    drop_path: Annotated[float, Field(ge=0, lt=1)] = 0.0
    layer_decay: float = Field(default=1.0, gt=0, le=1)
    frozen: Share = 0.0
    lora: int = Field(default=0, ge=0, le=256)
    norm: Literal["batch", "frozen"] = "batch"


class Compute(_Part):
    """How the work is laid on the machine. It changes the speed and the last digits, no more.

    batch is the global batch over all devices and accumulated steps. device "auto" takes the
    accelerator that is there. accumulate: parts a batch is cut into where memory is short.
    """

    device: Literal["auto", "cpu", "cuda", "mps"] = "auto"
    devices: int = Field(default=1, ge=1)
    nodes: int = Field(default=1, ge=1)
    precision: Literal["32-true", "bf16-mixed", "16-mixed"] = "32-true"
    batch: int = Field(default=32, ge=1)
    accumulate: int = Field(default=1, ge=1)
    checkpointing: bool = False
    compile: bool = False
    threads: int = Field(default=0, ge=0)  # 0: as many as there are cores


class Recipe(_Part):
    """A run. `selection` is the CSV of its images (learning.selection), beside the recipe.

    preprocessing: the steps that a network without a model is to see its images through; the rest
    is as its published weights have it. A model keeps its own.
    """

    name: Text
    task: str = "stent-maker"
    method: Method = "quick"
    seed: int = Field(default=7, ge=0)
    start: Start
    classes: Annotated[tuple[ClassSpec, ...], Field(min_length=2)]
    selection: Path = Path("selection.csv")
    side: int = Field(default=1024, ge=32, le=4096)
    epochs: int = Field(default=200, ge=1)
    folds: int = Field(default=5, ge=2, le=20)
    final: bool = True  # after the folds, one model on all training images
    augment: Augment = Augment()
    optimise: Optimise = Optimise()
    compute: Compute = Compute()
    preprocessing: Steps | None = None

    @model_validator(mode="after")
    def _distinct(self) -> Recipe:
        names = [spec.name for spec in self.classes]
        if len(set(names)) < len(names):
            raise ValueError("two classes have the same name")
        before = [name for spec in self.classes for name in spec.before]
        if len(set(before)) < len(before):
            raise ValueError("two classes begin as the same one")
        return self

    @property
    def names(self) -> tuple[str, ...]:
        """The classes' names, in the order of the network's scores."""
        return tuple(spec.name for spec in self.classes)


def not_used(recipe: Recipe, its: Preprocessing, model: str) -> tuple[str, ...]:
    """A sentence where the recipe asks for other preprocessing than its start model's own."""
    asked = recipe.preprocessing
    if asked is None or not asked.declared:
        return ()
    try:
        same = asked.on(its) == its
    except ValueError:
        same = False
    if same:
        return ()
    return (
        sentence(
            "The recipe asks for {steps}, but images are prepared as {model} was taught to see "
            "them.",
            steps=str(asked),
            model=model,
        ),
    )


def preset(method: Method, thorough: bool = False) -> dict[str, Any]:
    """Fields of `Recipe` that belong to a method; "thorough" is the papers' 1536 px, 500 epochs."""
    if method == "quick":
        return {"method": "quick", "epochs": 1}
    if method == "tuned":
        return {
            "method": "tuned",
            "epochs": 12,
            "optimise": Optimise(rate=5e-4, frozen=0.9, warmup_epochs=1, norm="frozen"),
            "augment": Augment(operations=0, mixup=0, cutmix=0, erasing=0),
            "compute": Compute(batch=16),
        }
    if thorough:
        return {"method": "full", "side": 1536, "epochs": 500}
    return {"method": "full", "side": 1024, "epochs": 200}


def read_recipe(path: Path) -> Recipe:
    """Read a recipe; paths in it count from its folder. Raises UserError saying what is wrong."""
    try:
        raw = tomllib.loads(path.read_text(encoding="utf-8"))
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
    return as_recipe(raw, path)


def as_recipe(raw: dict[str, Any], path: Path) -> Recipe:
    """Check what a TOML file holds; paths in it count from the file's folder."""
    try:
        recipe = Recipe.model_validate(raw)
    except ValidationError as error:
        places = (place for item in error.errors() for place in _places(item))
        raise UserError(
            sentence(
                "{name} is wrong or incomplete in: {fields}.",
                name=path.name,
                fields=tuple(dict.fromkeys(places)),
            )
        ) from error
    changes: dict[str, Any] = {"selection": path.parent / recipe.selection}
    if recipe.start.weights is not None:
        weights = path.parent / recipe.start.weights
        changes["start"] = recipe.start.model_copy(update={"weights": weights})
    return recipe.model_copy(update=changes)


def _places(item: Any) -> list[str]:
    """What an error of pydantic's is about: the field; those inside of what is checked as one."""
    within = item.get("ctx", {}).get("error")
    at = ".".join(str(part) for part in item["loc"])
    if isinstance(within, ValidationError):
        return [f"{at}.{place}" for inner in within.errors() for place in _places(inner)]
    return [at or item["msg"]]


def write_recipe(path: Path, recipe: Recipe) -> None:
    """Write a recipe as TOML; raises KnownError where the folder cannot be written."""
    import tomli_w

    text = tomli_w.dumps(recipe.model_dump(mode="json", exclude_none=True))
    partial = path.with_suffix(".partial")
    try:
        partial.write_text(text, encoding="utf-8")
        partial.replace(path)
    except OSError as error:
        raise not_written(path.parent, error) from error
