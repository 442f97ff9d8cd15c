"""Labelled images in an HDF5 file."""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Final

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Problem
from stentviewer.imaging.readers import unreadable
from stentviewer.learning.gathered import (
    LONGEST_NAME,
    Gathered,
    alone,
    as_pseudonym,
    is_plain,
    not_a_name,
    unwritable,
)
from stentviewer.learning.hdf5_images import dataset, images_in, is_hdf5, open_hdf5
from stentviewer.learning.selection import Item, Role

_MOST_ROWS: Final = 1_000_000
_SPLITS: Final[dict[str, Role]] = {
    **dict.fromkeys(("", "train", "training", "val", "valid", "validation"), "train"),
    "test": "test",
    "external": "external",
}


def from_hdf5(path: Path) -> Gathered:
    """`images` (n, rows, columns) and `labels` (n,); `patients` (n,) and `split` (n,) if there.

    Labels are strings, or numbers with the classes' names in their attribute `classes`. split is
    train (or val), test or external. Raises UserError where the file holds something else,
    KnownError where it is damaged.
    """
    path = path.absolute()
    if not is_plain(str(path)):
        raise UserError(unwritable(path))
    try:
        if not path.is_file() or not is_hdf5(path):
            path.stat()
            raise UserError(sentence("“{name}” is no HDF5 file.", name=path.name))
    except OSError as error:
        raise unreadable(path, error) from error
    with open_hdf5(path) as file:
        count = images_in(file, path).shape[0]
        if count > _MOST_ROWS:
            raise UserError(
                sentence("“{name}” claims {n} images, too many.", name=path.name, n=count)
            )
        labels = _labels(file, path, count)
        people = _texts(file, "patients", path, count)
        splits = _texts(file, "split", path, count) or [""] * count
    return _rows(path, labels, people, splits)


def _rows(
    path: Path, labels: Sequence[str], people: Sequence[str], splits: Sequence[str]
) -> Gathered:
    items: list[Item] = []
    refused: Counter[str] = Counter()
    nobodys = 0
    for row, (label, split) in enumerate(zip(labels, splits, strict=True)):
        role = _SPLITS.get(split.lower())
        if role is None:
            refused[sentence("“{split}” is none of train, test and external.", split=split)] += 1
            continue
        if not is_plain(label, LONGEST_NAME):
            refused[not_a_name(label)] += 1
            continue
        known = people[row] if people else ""
        nobodys += not known
        patient = as_pseudonym(known or f"{path}:{row}")
        items.append(Item(path, label, patient, frame=row, role=role))
    problems = [
        Problem(path, sentence("{n} image(s) were left out: {reason}", n=n, reason=reason))
        for reason, n in refused.items()
    ]
    if nobodys:
        problems.append(Problem(path, alone(nobodys), is_notice=True))
    return Gathered(tuple(items), tuple(problems))


def _labels(file: Any, path: Path, count: int) -> list[str]:
    found = dataset(file, "labels", path)
    if found is not None and found.dtype.kind in "iu":
        values = _values(found, "labels", path, count)
        names = _class_names(found, path)
        return [names[v] if 0 <= v < len(names) else "" for v in values]
    texts = _texts(file, "labels", path, count)
    if texts:
        return texts
    raise UserError(
        sentence("“{name}” has no labels: a dataset “labels” is needed.", name=path.name)
    )


def _class_names(labels: Any, path: Path) -> list[str]:
    names = labels.attrs.get("classes")
    if names is None or isinstance(names, str | bytes) or getattr(names, "ndim", 1) != 1:
        raise UserError(
            sentence(
                "The labels in “{name}” are numbers. Give them an attribute “classes” with the "
                "names of the classes, or write the names themselves.",
                name=path.name,
            )
        )
    return [_text(name) for name in names]


def _texts(file: Any, name: str, path: Path, count: int) -> list[str]:
    """A dataset of texts or whole numbers as texts; empty where there is none."""
    found = dataset(file, name, path)
    return [] if found is None else list(map(_text, _values(found, name, path, count)))


def _values(found: Any, name: str, path: Path, count: int) -> Iterable[Any]:
    if found.shape != (count,) or found.dtype.kind not in "OSiu" or found.dtype.itemsize > 1024:
        raise UserError(
            sentence(
                "“{name}”: “{part}” has to hold a text or whole number for each of the {n} images.",
                name=path.name,
                part=name,
                n=count,
            )
        )
    values: Iterable[Any] = found[:].tolist()
    return values


def _text(value: object) -> str:
    text = value.decode("utf-8", "replace") if isinstance(value, bytes) else str(value)
    return unicodedata.normalize("NFC", text).strip()
