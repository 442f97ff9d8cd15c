"""Where labelled images come from: a folder per class, a CSV table, an HDF5 file.

What cannot be used becomes a Problem that says why; the rest goes on. Nothing is decoded here.
"""

from __future__ import annotations

import csv
import math
import os
import unicodedata
from collections import Counter
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

from stentviewer.core.errors import StentviewerError, UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.core.types import ImageHeader, Problem
from stentviewer.imaging.readers import NotAnImageError, read_header, unreadable
from stentviewer.imaging.unzip import is_zip
from stentviewer.learning.gathered import (
    LONGEST_NAME,
    Gathered,
    alone,
    as_pseudonym,
    is_plain,
    not_a_name,
    unwritable,
)
from stentviewer.learning.hdf5_images import is_hdf5, read_image
from stentviewer.learning.selection import Item, pseudonym, read_selection
from stentviewer.learning.sources_hdf5 import from_hdf5

__all__ = ["Gathered", "from_csv", "from_folders", "from_hdf5", "gather"]

_THREADS: Final = 4


@dataclass(frozen=True, slots=True)
class _File:
    """A file in a class's folder; `person` is the folder below the class's, empty for none."""

    path: Path
    label: str
    person: str


def from_folders(folder: Path, context: JobContext | None = None) -> Gathered:
    """A folder per class in `folder`; in it images, or a folder of images per patient.

    Without folders per patient, images group by DICOM's Patient ID; a file that says nothing of
    its patient is taken as one of its own. Of a file of several frames the first is taken. Raises
    UserError where there is no such folder or none in it.
    """
    context = context or JobContext()
    try:
        inside = sorted(entry for entry in folder.absolute().iterdir() if _is_shown(entry))
    except OSError as error:
        raise unreadable(folder, error) from error
    classes = [entry for entry in inside if entry.is_dir()]
    problems = list(_beside(folder, len(inside) - len(classes)))
    files: list[_File] = []
    for entry in classes:
        found, said = _of_class(entry, folder.absolute())
        files += found
        problems += said
    if not classes:
        raise UserError(
            sentence(
                "“{name}” has no folder in it. Put the images of each class into a folder that has "
                "the class's name.",
                name=folder.name,
            )
        )
    headers = _headers([file.path for file in files], context)
    items, said = _items(files, headers)
    counts = Counter(item.label for item in items)
    problems += [
        Problem(entry, _empty(_label(entry)))
        for entry in classes
        if is_plain(_label(entry), LONGEST_NAME) and not counts[_label(entry)]
    ]
    return Gathered(tuple(items), tuple(problems + said))


def _beside(folder: Path, others: int) -> Iterator[Problem]:
    if others:
        yield Problem(
            folder,
            sentence("{n} file(s) beside the folders of the classes were left out.", n=others),
            is_notice=True,
        )


def _of_class(folder: Path, top: Path) -> tuple[list[_File], list[Problem]]:
    label = _label(folder)
    if not is_plain(label, LONGEST_NAME):
        return [], [Problem(folder, not_a_name(label))]
    if folder.is_symlink():
        return [], [Problem(folder, _leads_out(folder))]
    files: list[_File] = []
    problems: list[Problem] = []

    def refused(error: OSError) -> None:
        path = Path(error.filename or folder)
        problems.append(Problem(path, str(unreadable(path, error))))

    real = Path(os.path.realpath(top))
    for where, folders, names in os.walk(folder, onerror=refused):
        here = Path(where)
        shown = [here / name for name in sorted(folders) if _is_shown(here / name)]
        problems += [Problem(p, _leads_out(p)) for p in shown if p.is_symlink()]
        folders[:] = [path.name for path in shown if not path.is_symlink()]
        below = here.relative_to(folder).parts
        for path in (here / name for name in sorted(names) if _is_shown(here / name)):
            if not is_plain(str(path)):
                problems.append(Problem(path, unwritable(path)))
            elif path.is_symlink() and not Path(os.path.realpath(path)).is_relative_to(real):
                problems.append(Problem(path, _leads_out(path)))
            else:
                files.append(_File(path, label, below[0] if below else ""))
    return files, problems


def _is_shown(path: Path) -> bool:
    return not path.name.startswith(".") and path.name.upper() != "DICOMDIR"


def _label(folder: Path) -> str:
    return unicodedata.normalize("NFC", folder.name).strip()


def _headers(paths: Sequence[Path], context: JobContext) -> dict[Path, ImageHeader | str]:
    """What each file says of itself, or a sentence; "" for a file that is no image."""
    unique = list(dict.fromkeys(paths))
    found: dict[Path, ImageHeader | str] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            for path, header in zip(unique, pool.map(_header, unique), strict=True):
                context.step(len(found), len(unique), path.name)
                found[path] = header
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return found


def _header(path: Path) -> ImageHeader | str:
    try:
        return read_header(path)
    except NotAnImageError as error:
        return _other_format(path) if path.is_file() else str(error)
    except StentviewerError as error:
        return str(error)


def _other_format(path: Path) -> str:
    try:
        with path.open("rb") as file:
            packed = is_zip(file.read(4))
        if packed:
            return sentence(
                "“{name}” is a ZIP. Unpack it where it is and choose the folder again.",
                name=path.name,
            )
        if is_hdf5(path):
            return sentence("“{name}” is an HDF5 file. Choose it by itself.", name=path.name)
    except OSError as error:
        return str(unreadable(path, error))
    return ""


def _items(
    files: Sequence[_File], headers: dict[Path, ImageHeader | str]
) -> tuple[list[Item], list[Problem]]:
    items: list[Item] = []
    problems: list[Problem] = []
    no_images: Counter[Path] = Counter()
    for file in files:
        header = headers[file.path]
        if header == "":
            no_images[file.path.parent] += 1
        elif isinstance(header, str):
            problems.append(Problem(file.path, header))
        else:
            known = file.person or header.identity.patient_id.strip() or str(file.path)
            items.append(Item(file.path, file.label, pseudonym(known)))
            if header.frames > 1:
                problems.append(Problem(file.path, _first_of(header), is_notice=True))
    for folder, n in no_images.items():
        said = sentence("{n} file(s) are not images and were left out.", n=n)
        problems.append(Problem(folder, said, is_notice=True))
    return items, [*problems, *_on_patients(files, headers)]


def _on_patients(
    files: Sequence[_File], headers: dict[Path, ImageHeader | str]
) -> Iterator[Problem]:
    """Where the grouping by patient may be wrong."""
    nobodys: Counter[Path] = Counter()
    folders_of: dict[str, dict[str, Path]] = {}
    for file in files:
        header = headers[file.path]
        if isinstance(header, str):
            continue
        known = header.identity.patient_id.strip()
        if file.person and known:
            folders_of.setdefault(known, {})[file.person] = file.path.parent
        elif not known and not file.person:
            nobodys[file.path.parent] += 1
    for folder, n in nobodys.items():
        yield Problem(folder, alone(n), is_notice=True)
    for folders in folders_of.values():
        if len(folders) > 1:
            yield Problem(next(iter(folders.values())), _one_in_many(len(folders)), is_notice=True)


def from_csv(path: Path, context: JobContext | None = None) -> Gathered:
    """A table with the columns file and label, and frame, patient, role, masks where wanted.

    Files count from the table's folder. Patients are replaced by pseudonyms; where the table names
    none, DICOM's Patient ID stands. Raises UserError naming the line that is not understood.
    """
    context = context or JobContext()
    rows = [replace(item, path=item.path.absolute()) for item in read_selection(path)]
    named = _patients_named(path)
    usable: list[tuple[Item, str]] = []
    problems: list[Problem] = []
    for item, patient in zip(rows, named, strict=True):
        said = _row_problem(item)
        if said:
            problems.append(Problem(item.path, said))
        else:
            usable.append((item, patient))
    headers = _headers([item.path for item, _ in usable], context)
    items: list[Item] = []
    nobodys = 0
    for item, patient in usable:
        header, said = _frame_of(item, headers[item.path])
        if header is None:
            problems.append(Problem(item.path, said))
            continue
        known = patient or header.identity.patient_id.strip()
        nobodys += not known
        items.append(replace(item, patient=as_pseudonym(known or str(item.path))))
    if nobodys:
        problems.append(Problem(path, alone(nobodys), is_notice=True))
    if not rows:
        raise UserError(
            sentence(
                "“{name}” names no images. Each line needs a file and a label.", name=path.name
            )
        )
    return Gathered(tuple(items), tuple(problems))


def _patients_named(path: Path) -> list[str]:
    with path.open(newline="", encoding="utf-8-sig") as file:
        return [(row.get("patient") or "").strip() for row in csv.DictReader(file)]


def _row_problem(item: Item) -> str:
    if not is_plain(item.label, LONGEST_NAME):
        return not_a_name(item.label)
    if not is_plain(str(item.path)):
        return unwritable(item.path)
    if not all(math.isfinite(v) for box in item.masks for v in box.as_list()):
        return sentence("A mask on “{name}” is no rectangle.", name=item.path.name)
    return ""


def _frame_of(item: Item, header: ImageHeader | str) -> tuple[ImageHeader | None, str]:
    """The header where the item's frame is there, else a sentence."""
    if isinstance(header, str):
        try:
            header = read_image(item.path).header  # an HDF5 file, or the sentence why not
        except StentviewerError as error:
            return None, str(error)
    if 0 <= item.frame < header.frames:
        return header, ""
    return None, sentence(
        "{name} has {frames}; there is no frame {n}. Ask for an earlier one.",
        name=item.path.name,
        frames=sentence("one frame")
        if header.frames == 1
        else sentence("{n} frames", n=header.frames),
        n=item.frame + 1,
    )


def _leads_out(path: Path) -> str:
    return sentence(
        "“{name}” is a link that leads out of its folder. Put the images themselves there.",
        name=path.name,
    )


def _empty(label: str) -> str:
    return sentence("The folder of {label} holds no image that can be used.", label=label)


def _first_of(header: ImageHeader) -> str:
    return sentence(
        "“{name}” has {n} frames; the first is taken. Name others in a CSV table.",
        name=header.path.name,
        n=header.frames,
    )


def _one_in_many(count: int) -> str:
    return sentence(
        "One Patient ID is in {n} folders that stand for patients. If it is one patient, put the "
        "images into one folder.",
        n=count,
    )


def gather(path: Path, context: JobContext | None = None) -> Gathered:
    """Whatever the path is: a folder per class, an HDF5 file, else a CSV table."""
    if path.is_dir():
        return from_folders(path, context)
    try:
        of_rows = path.is_file() and is_hdf5(path)
    except OSError as error:
        raise unreadable(path, error) from error
    return from_hdf5(path) if of_rows else from_csv(path, context)
