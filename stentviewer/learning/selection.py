"""The images of a run: which file and frame, whose, of which class, and for what."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Final, Literal

from stentviewer.core.errors import UserError
from stentviewer.core.files import not_written
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box

Role = Literal["train", "test", "external"]
COLUMNS: Final = ("file", "frame", "label", "patient", "role", "masks")
_ROLES: Final = ("train", "test", "external")


@dataclass(frozen=True, slots=True)
class Item:
    """One image of a selection.

    frame counts from 0 (in an HDF5 file: the row of its images). patient is what groups images,
    and never a name or an ID (`pseudonym`). role: "train" stands in the folds, "test" is held
    back for good, "external" comes from elsewhere and is read at the end only. masks are painted
    over before training, as fractions of width and height.
    """

    path: Path
    label: str
    patient: str
    frame: int = 0
    role: Role = "train"
    masks: tuple[Box, ...] = ()


def pseudonym(patient_id: str) -> str:
    """What stands for a patient in a run's files: 16 hexadecimal digits of the ID's SHA-256."""
    return hashlib.sha256(f"stentviewer patient {patient_id}".encode()).hexdigest()[:16]


def write_selection(path: Path, items: Iterable[Item]) -> None:
    """Write a selection as CSV; raises KnownError where the folder cannot be written."""
    partial = path.with_suffix(".partial")
    try:
        with partial.open("w", newline="", encoding="utf-8") as file:
            table = csv.writer(file)
            table.writerow(COLUMNS)
            for item in items:
                masks = ";".join(" ".join(f"{v:.5f}" for v in box.as_list()) for box in item.masks)
                table.writerow(
                    [
                        str(item.path.absolute()),
                        item.frame,
                        item.label,
                        item.patient,
                        item.role,
                        masks,
                    ]
                )
        partial.replace(path)
    except OSError as error:
        raise not_written(path.parent, error) from error


def read_selection(path: Path) -> list[Item]:
    """Read what `write_selection` wrote; a relative file counts from the CSV's folder.

    Raises UserError naming the line that is wrong, or that there is no such file.
    """
    try:
        with path.open(newline="", encoding="utf-8-sig") as file:
            rows = list(csv.DictReader(file))
    except OSError as error:
        raise UserError(
            sentence(
                "{name} cannot be read: {reason}.",
                name=path.name,
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error
    except (UnicodeDecodeError, csv.Error) as error:
        raise UserError(
            sentence("{name} is no CSV table in UTF-8. Save it as one.", name=path.name)
        ) from error
    return [_item(path, number, row) for number, row in enumerate(rows, start=2)]


def _item(table: Path, line: int, row: dict[str, str | None]) -> Item:
    text = {key: (value or "").strip() for key, value in row.items() if isinstance(key, str)}
    try:
        role = text.get("role") or "train"
        if role not in _ROLES or not text["file"] or not text["label"]:
            raise ValueError
        masks = tuple(
            Box(*(float(v) for v in part.split()))
            for part in text.get("masks", "").split(";")
            if part
        )
        return Item(
            path=table.parent / text["file"],
            label=text["label"],
            patient=text.get("patient") or pseudonym(text["file"]),
            frame=int(text.get("frame") or 0),
            role=role,  # type: ignore[arg-type]
            masks=masks,
        )
    except (KeyError, ValueError, TypeError) as error:
        raise UserError(
            sentence(
                "Line {line} of {name} is not understood. Each line needs the columns {columns}; "
                "file and label are never empty.",
                line=line,
                name=table.name,
                columns=COLUMNS,
            )
        ) from error


def classes_of(items: Sequence[Item]) -> tuple[str, ...]:
    """The labels that occur, in alphabetical order."""
    return tuple(sorted({item.label for item in items}))
