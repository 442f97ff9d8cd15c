"""What a settings page has to know of a pydantic model's fields: their names, kinds and limits."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args, get_origin

from pydantic import BaseModel, ValidationError

from stentviewer.core.sentences import Sentence, sentence


@dataclass(frozen=True, slots=True)
class Shown:
    """How a field stands on the settings page, in its annotation; one without is not on it."""

    group: Sentence
    title: Sentence
    help: Sentence
    choices: Mapping[str, str] = field(default_factory=dict)  # value → its name
    percent: bool = False  # a fraction of 1, shown as percent
    step: float = 1
    unit: str = ""


@dataclass(frozen=True, slots=True)
class Declared:
    """A field that a person may choose: what it is called and what it may be."""

    name: str
    shown: Shown
    kind: type  # bool, int, float, str, or tuple for any number of the choices
    choices: tuple[str, ...]  # empty where the value is free
    default: object
    low: float = 0
    high: float = 0
    longest: int = 0  # letters; 0 is no limit


def declared(model: type[BaseModel]) -> list[Declared]:
    """The fields with a `Shown`, in their order."""
    found = []
    for name, info in model.model_fields.items():
        shown = next((one for one in info.metadata if isinstance(one, Shown)), None)
        if shown is None:
            continue
        limits = {
            limit: getattr(one, limit)
            for one in info.metadata
            for limit in ("ge", "le", "max_length")
            if hasattr(one, limit)
        }
        kind, choices = _kind(info.annotation)
        default = info.get_default(call_default_factory=True)
        low, high = limits.get("ge", 0), limits.get("le", 0)
        longest = limits.get("max_length", 0)
        found.append(Declared(name, shown, kind, choices, default, low, high, longest))
    return found


def _kind(annotation: Any) -> tuple[type, tuple[str, ...]]:
    origin, arguments = get_origin(annotation), get_args(annotation)
    if origin is Literal:
        return str, arguments
    if origin is tuple:
        return tuple, get_args(arguments[0])
    kind: type = annotation
    return kind, ()


def why_not(model: type[BaseModel], error: ValidationError) -> Sentence:
    """What is possible instead of the first value that is not."""
    first = error.errors()[0]
    name = str(first["loc"][0])
    setting = next((one for one in declared(model) if one.name == name), None)
    if setting is None:
        return sentence("“{title}” cannot be that.", title=name)
    title, shown = setting.shown.title, setting.shown
    if setting.choices:
        words = tuple(shown.choices.get(one, one) for one in setting.choices)
        return sentence("“{title}” can only be of these: {choices}.", title=title, choices=words)
    if setting.kind is bool:
        return sentence("“{title}” can only be on or off.", title=title)
    if setting.kind is str and "too_short" in first["type"]:
        return sentence("“{title}” must not be empty.", title=title)
    if setting.kind is str:
        n = setting.longest
        return sentence("“{title}” has to be a text of at most {n} letters.", title=title, n=n)
    factor, unit = (100, " %") if shown.percent else (1, shown.unit)
    if first["type"] == "multiple_of":
        step = shown.step * factor
        return sentence("“{title}” goes in steps of {n:g}{unit}.", title=title, n=step, unit=unit)
    return sentence(
        "“{title}” can be from {low:g} to {high:g}{unit}.",
        title=title,
        low=setting.low * factor,
        high=setting.high * factor,
        unit=unit,
    )
