"""The images of a draft: which class each belongs to, how many there are, what clashes."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Protocol

from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box, Problem
from stentviewer.learning.selection import Item, Role
from stentviewer.learning.wizard_draft import Draft, Source, key_of


class Gathered(Protocol):
    """What a source of images answered."""

    @property
    def items(self) -> tuple[Item, ...]: ...

    @property
    def problems(self) -> tuple[Problem, ...]: ...


@dataclass(frozen=True, slots=True)
class ClassCount:
    """A class's images to learn from and their patients; images held back, and from elsewhere."""

    name: str
    images: int
    patients: int
    test: int
    external: int


def items_of(draft: Draft, gathered: Mapping[int, Sequence[Item]]) -> tuple[Item, ...]:
    """The images of the run with their classes and roles, each once a class."""
    seen: set[tuple[str, str]] = set()
    made = []
    for source in draft.sources:
        for item in gathered.get(source.number, ()):
            label, key = draft.plan.class_of(item.label), key_of(item)
            if not label or key in draft.left_out or (key, label) in seen:
                continue
            seen.add((key, label))
            made.append(_finished(draft, source, item, label))
    return tuple(made)


def _finished(draft: Draft, source: Source, item: Item, label: str) -> Item:
    masks = item.masks + tuple(Box(*box) for box in draft.masks.get(key_of(item), ()))
    role: Role = "external" if source.external else item.role
    patient = draft.joined.get(item.patient, item.patient)
    if role == "train" and (patient in draft.held_back or key_of(item) in draft.frozen):
        role = "test"
    unique = tuple(dict.fromkeys(masks))
    return replace(item, label=label, patient=patient, masks=unique, role=role)


def counts_of(names: Sequence[str], items: Sequence[Item]) -> tuple[ClassCount, ...]:
    """Images and patients of each class, in the order of the names."""
    made = []
    for name in names:
        own = [item for item in items if item.label == name]
        roles = Counter(item.role for item in own)
        patients = len({item.patient for item in own if item.role == "train"})
        made.append(ClassCount(name, roles["train"], patients, roles["test"], roles["external"]))
    return tuple(made)


def clashes_of(items: Sequence[Item]) -> tuple[tuple[Item, Item], ...]:
    """Images that stand under two classes."""
    first: dict[str, Item] = {}
    found = []
    for item in items:
        other = first.setdefault(key_of(item), item)
        if other.label != item.label:
            found.append((other, item))
    return tuple(found)


def same_images(items: Sequence[Item], others: Sequence[Item]) -> bool:
    """Whether these are the same images of the same classes and patients; roles may differ."""
    return [_bare(item) for item in items] == [_bare(item) for item in others]


def _bare(item: Item) -> Item:
    return replace(item, role="external" if item.role == "external" else "train")


def why_no_images(counts: Sequence[ClassCount], items: Sequence[Item]) -> str:
    """What keeps these images from being learned from; empty where nothing does."""
    clashes = clashes_of(items)
    if clashes:
        one, other = clashes[0]
        if len(clashes) == 1:
            return sentence(
                "{file} stands under two classes, {one} and {other}. Take it out of one of them.",
                file=one.path.name,
                one=one.label,
                other=other.label,
            )
        return sentence(
            "{n} images stand under two classes, {file} under {one} and {other}. Take them out of "
            "one of them.",
            n=len(clashes),
            file=one.path.name,
            one=one.label,
            other=other.label,
        )
    without = tuple(count.name for count in counts if not count.images)
    if without:
        return sentence(
            "No image to learn from: {classes}. Add images of each class, or retire it: a class "
            "without images can be neither kept nor checked.",
            classes=without,
        )
    return ""


def why_no_patients(counts: Sequence[ClassCount]) -> str:
    """What no number of folds can mend; empty where there is enough for two."""
    few = tuple(count.name for count in counts if count.patients < 2)
    if not few:
        return ""
    return sentence(
        "Of one patient only: {classes}. A class needs images of two patients or more, so that "
        "what is learned from one can be checked on the other.",
        classes=few,
    )


def why_empty(place: Path | None, problems: Sequence[Problem]) -> str:
    """Why a source gave no image, and what to do."""
    if problems:
        return problems[0].message
    if place is None:
        return sentence(
            "No frame on the worklist has a label yet. Accept or correct some readings first, or "
            "choose images from a folder."
        )
    return sentence(
        "There are no images in {name}. Choose a folder with a folder of images for each class.",
        name=place.name or str(place),
    )
