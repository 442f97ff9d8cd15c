"""The frozen local test set: images of whole patients that no model here ever learns from.

For each task a list that only grows (core/chain.py), in the folder of the models learned here. An
image stands there as the hash of its content with the frame, so that it is known again under any
name; its file's place is kept beside it to find it. The set grows by a deliberate step, by a named
person who says why. What each promoted model learned from is kept as hashes too, so that such
images cannot slip into the set afterwards and flatter that model.
"""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import cached_property
from pathlib import Path
from typing import Annotated, Final

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from stentviewer.core.chain import BrokenChainError, extend_chain, read_chain, write_whole
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.imaging.readers import unreadable
from stentviewer.learning.selection import Item

_TASK: Final = re.compile(r"[a-z0-9][a-z0-9._-]{0,63}")


class FrozenImage(BaseModel):
    """One image of the set. sha256: its content's hash with the frame, "…:0"; by, at, why: who
    put it there."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    sha256: Annotated[str, Field(pattern=r"^[0-9a-f]{64}:[0-9]+$")]
    label: Annotated[str, Field(min_length=1)]
    patient: Annotated[str, Field(min_length=1)]
    path: str
    by: str = ""
    at: str = ""
    why: str = ""

    @property
    def item(self) -> Item:
        """The image as a run takes it: held back."""
        frame = int(self.sha256.partition(":")[2])
        return Item(Path(self.path), self.label, self.patient, frame, role="test")


@dataclass(frozen=True)
class FrozenSet:
    """The images of a frozen set, in the order in which they were put there."""

    images: tuple[FrozenImage, ...] = ()

    @cached_property
    def keys(self) -> frozenset[str]:
        return frozenset(image.sha256 for image in self.images)

    @cached_property
    def patients(self) -> frozenset[str]:
        return frozenset(image.patient for image in self.images)

    def counts(self) -> dict[str, tuple[int, int]]:
        """Images and patients of each class, in alphabetical order."""
        found: dict[str, list[str]] = {}
        for image in self.images:
            found.setdefault(image.label, []).append(image.patient)
        return {name: (len(found[name]), len(set(found[name]))) for name in sorted(found)}

    def leaks(self, items: Sequence[Item], keys: Sequence[str]) -> list[int]:
        """Which training images are of this set or of a patient of it."""
        return [
            n
            for n, (item, key) in enumerate(zip(items, keys, strict=True))
            if item.role == "train" and (key in self.keys or item.patient in self.patients)
        ]


class Learned(BaseModel):
    """What a model learned from: content hashes with the frame, and patients' pseudonyms."""

    model_config = ConfigDict(frozen=True, extra="ignore")

    model: str  # its id with the first digits of its hash
    images: frozenset[str]
    patients: frozenset[str]


def content_keys(items: Sequence[Item]) -> list[str]:
    """Each image's content hash with its frame, "…:0", as the cache of a run has it.

    Reads every file once. Raises UserError naming one that cannot be read.
    """
    hashes: dict[Path, str] = {}
    for item in items:
        if item.path not in hashes:
            try:
                with item.path.open("rb") as file:
                    hashes[item.path] = hashlib.file_digest(file, "sha256").hexdigest()
            except OSError as error:
                raise unreadable(item.path, error) from error
    return [f"{hashes[item.path]}:{item.frame}" for item in items]


def read_frozen(home: Path, task: str) -> FrozenSet:
    """The frozen set of a task; empty where none was begun.

    Raises KnownError where its list is damaged or was changed.
    """
    path = _path(home, task)
    try:
        rows = read_chain(path)
        images: dict[str, FrozenImage] = {}
        for row in rows:
            who = {name: row[name] for name in ("by", "at", "why")}
            for one in row["images"]:
                image = FrozenImage.model_validate({**one, **who})
                images[image.sha256] = image  # a later line corrects the class
    except (BrokenChainError, ValidationError, KeyError, TypeError) as error:
        raise KnownError(
            sentence(
                "The list of the frozen test set is damaged or was changed: {file}. Put it back "
                "from a backup. No model is learned or compared until then.",
                file=str(path),
            )
        ) from error
    except OSError as error:
        raise unreadable(path, error) from error
    return FrozenSet(tuple(images.values()))


def grow(
    home: Path,
    task: str,
    items: Sequence[Item],
    keys: Sequence[str],
    *,
    by: str,
    why: str,
    others: Sequence[Item] = (),
    learned: Iterable[Learned] = (),
) -> FrozenSet:
    """Put images into the frozen set for good, or correct the class of some that are in it.

    keys: their content hashes (`content_keys`). others: what else there is to learn from; patients
    of the set must not be among it. learned: what models here learned from. Raises UserError
    where a patient would stand on both sides, a model already learned from one, or an image has
    two classes; KnownError where the disk refuses.
    """
    by, why = " ".join(by.split()), " ".join(why.split())
    if not by or not why:
        raise UserError(sentence("Say who freezes these images, and why."))
    known = read_frozen(home, task)
    new = _new_images(items, keys, known)
    if not new:
        return known
    patients = {image.patient for image in new}
    shared = {one.patient for one in others if one.role == "train"} & patients
    if shared:
        raise UserError(
            sentence(
                "Images of {n} of these patients are also among those to learn from. Freeze all "
                "images of a patient, or none.",
                n=len(shared),
            )
        )
    fresh = [image for image in new if image.sha256 not in known.keys]
    for one in learned:
        seen = [
            image for image in fresh if image.sha256 in one.images or image.patient in one.patients
        ]
        if seen:
            raise UserError(
                sentence(
                    "{model} learned from {n} of these images or their patients: they would "
                    "flatter it. Leave those patients out.",
                    model=one.model,
                    n=len(seen),
                )
            )
    kept = ("sha256", "label", "patient", "path")
    row = {
        "at": datetime.now(UTC).isoformat(),
        "by": by,
        "why": why,
        "images": [image.model_dump(include=set(kept)) for image in new],
    }
    try:
        extend_chain(_path(home, task), row)
    except OSError as error:
        raise KnownError(
            sentence(
                "The frozen test set cannot be written to {folder}: {reason}. It is as it was.",
                folder=str(home),
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error
    return read_frozen(home, task)


def _new_images(
    items: Sequence[Item], keys: Sequence[str], known: FrozenSet
) -> tuple[FrozenImage, ...]:
    """What is not in the set as it is; a copy of an image counts once."""
    before = {image.sha256: image for image in known.images}
    found: dict[str, FrozenImage] = {}
    for item, key in zip(items, keys, strict=True):
        image = FrozenImage(
            sha256=key, label=item.label, patient=item.patient, path=str(item.path.absolute())
        )
        if key in found and found[key].label != image.label:
            raise UserError(
                sentence(
                    "{name} stands under two classes, {one} and {other}. Say which it is.",
                    name=item.path.name,
                    one=found[key].label,
                    other=image.label,
                )
            )
        there = before.get(key)
        if there is None or (there.label, there.patient) != (image.label, image.patient):
            found.setdefault(key, image)
    return tuple(found.values())


@dataclass(frozen=True, slots=True)
class Apart:
    """A run's images with the frozen set kept apart: what the run takes, and what it must not."""

    items: tuple[Item, ...]
    left_out: tuple[Item, ...]


def keep_apart(items: Sequence[Item], keys: Sequence[str], test: FrozenSet) -> Apart:
    """Take the frozen images and their patients out of what is learned from, and add the set.

    Images of the set come in as held back ("test"), with the class the set has for them; further
    images of its patients are left out altogether.
    """
    here = dict(zip(keys, items, strict=True))
    frozen = []
    for image in test.images:
        item, found = image.item, here.get(image.sha256)
        if found is not None:  # known again where its file was moved
            item = replace(item, path=found.path, masks=found.masks)
        frozen.append(item)
    rest: list[Item] = []
    left_out: list[Item] = []
    for item, key in zip(items, keys, strict=True):
        if key not in test.keys:
            (left_out if item.patient in test.patients else rest).append(item)
    return Apart((*rest, *frozen), tuple(left_out))


def must_not_leak(items: Sequence[Item], keys: Sequence[str], test: FrozenSet) -> None:
    """Raises UserError where a training image is of the frozen set or of a patient of it."""
    found = test.leaks(items, keys)
    if found:
        raise UserError(
            sentence(
                "Of the images to learn from, {n} belong to the frozen test set or to its "
                "patients. Leave them out of the training, or choose the images anew.",
                n=len(found),
            )
        )


# what models learned from


def note_learned(home: Path, sha256: str, learned: Learned) -> None:
    """Keep what a model, known by its hash, learned from; raises KnownError on a full disk."""
    content = {
        "model": learned.model,
        "images": sorted(learned.images),
        "patients": sorted(learned.patients),
    }
    try:
        write_whole(_learned_path(home, sha256), json.dumps(content).encode())
    except OSError as error:
        raise KnownError(
            sentence(
                "{folder} cannot be written: {reason}. Free some space, then try again.",
                folder=str(home),
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error


def learned_of(home: Path, sha256: str) -> Learned | None:
    """What a model learned from; None where that was not kept here.

    Raises KnownError where what was kept is damaged.
    """
    path = _learned_path(home, sha256)
    try:
        return Learned.model_validate_json(path.read_bytes())
    except FileNotFoundError:
        return None
    except (OSError, ValidationError) as error:
        raise KnownError(
            sentence(
                "What a model learned from is damaged: {file}. Put it back from a backup, or take "
                "it away: then images that the model learned from are no longer noticed.",
                file=str(path),
            )
        ) from error


def _learned_path(home: Path, sha256: str) -> Path:
    return home / "learned" / f"{sha256}.json"


def _path(home: Path, task: str) -> Path:
    if not _TASK.fullmatch(task):
        raise UserError(sentence("“{task}” cannot be the name of a task.", task=task))
    return home / "frozen" / f"{task}.jsonl"
