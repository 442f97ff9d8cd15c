"""The variants of an ablation: which steps of preprocessing, and whether they are learned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from pydantic import ValidationError

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.inference.steps import Steps

_TONES: Final = ("bone dark", "bone bright")
# What the review of Kim and Kim (J Korean Soc Radiol 2020) names: bit conversion by a window,
# median and Gaussian filter, equalisation, CLAHE, ranges, ways to resize. It states no sizes.
_COMPARED: Final = (
    "window=percentile", "window=dicom", "low=0 + high=100", "low=2 + high=98",
    "bits=8", "bits=16", "median=0", "median=3", "median=5",
    "gaussian=0", "gaussian=1", "gaussian=2",
    "equalise=none", "equalise=histogram", "equalise=clahe",
    "range=0 to 1", "range=-1 to 1", "fit=letterbox", "fit=stretch", "fit=crop",
    "polarity=as is", "polarity=bone dark", "polarity=bone bright",
)  # fmt: skip
_MOST: Final = 64


@dataclass(frozen=True, slots=True)
class Variant:
    """learned: the last layer is learned on images prepared so; else they are only read so."""

    steps: Steps
    learned: bool = True

    @property
    def name(self) -> str:
        """ "median=3"; empty for the model's own preprocessing."""
        return str(self.steps)


def usual_variants() -> tuple[Variant, ...]:
    """Every step that the papers compare, and both polarities for what had learned without."""
    learned = tuple(Variant(steps_of(text)) for text in _COMPARED)
    return learned + tuple(Variant(Steps(polarity=tone), learned=False) for tone in _TONES)


def variants_of(texts: Sequence[str]) -> tuple[Variant, ...]:
    """One variant a text; the usual ones without any. Raises UserError naming what is wrong.

    A polarity alone is also read without having been learned.
    """
    if not texts:
        return usual_variants()
    if len(texts) > _MOST:
        raise UserError(sentence("At most {n} variants can be compared at once.", n=_MOST))
    asked = [Variant(steps_of(text)) for text in texts]
    of_polarity = [
        Variant(one.steps, learned=False)
        for one in asked
        if set(one.steps.declared) == {"polarity"}
    ]
    return tuple(dict.fromkeys([*asked, *of_polarity]))


def steps_of(text: str) -> Steps:
    """Steps as they are typed, "equalise=clahe + clahe_clip=3". Raises UserError."""
    found: dict[str, object] = {}
    for part in text.split("+"):
        key, equals, value = (piece.strip() for piece in part.partition("="))
        if not equals or key not in Steps.model_fields or key in found:
            raise _wrong(text, part.strip())
        found[key] = _typed(key, value)
    try:
        return Steps.model_validate(found)
    except ValidationError as error:
        places = [str(one["loc"][0]) for one in error.errors() if one["loc"]]
        raise _wrong(text, ", ".join(dict.fromkeys(places)) or text) from error


def _typed(key: str, value: str) -> object:
    if key in {"mean", "std"}:
        return tuple(value.split(","))
    return int(value) if value.isascii() and value.isdigit() else value


def _wrong(text: str, part: str) -> UserError:
    return UserError(
        sentence(
            "“{text}” cannot be compared: “{part}” is not understood. Write a field, = and its "
            "value, several of them with + between; the fields are {fields}.",
            text=text,
            part=part,
            fields=tuple(Steps.model_fields),
        )
    )
