"""Images on the worklist that a model can be taught with: those that carry a person's label."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path
from typing import Final

from stentviewer.app.unchanged import sha256_of
from stentviewer.core.answers import ANSWERS, makers_of, only_maker
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Problem
from stentviewer.learning.gathered import (
    LONGEST_NAME,
    Gathered,
    alone,
    is_plain,
    not_a_name,
    unwritable,
)
from stentviewer.learning.selection import Item, pseudonym
from stentviewer.library.labelled import LabelledFrame
from stentviewer.library.repository import Library

_THREADS: Final = 4


def labels_there(library: Library, sealed_to: str = "") -> dict[str, int]:
    """The labels on the worklist and how many frames carry each, most first; quick.

    Several stents of one maker count as that maker's.
    """
    counts: dict[str, int] = {}
    for frame in library.labelled_frames(sealed_to):
        label = only_maker(frame.label) or frame.label
        counts[label] = counts.get(label, 0) + 1
    return dict(sorted(counts.items(), key=lambda pair: (-pair[1], pair[0])))


def labelled(
    library: Library,
    sealed_to: str = "",
    labels: Collection[str] | None = None,
    context: JobContext | None = None,
) -> Gathered:
    """Every frame with a label in force, patients by pseudonym.

    labels: those that are wanted, "another design" among them if it is; None for every design that
    was named, so neither "no stent", "another design" nor "cannot tell". With sealed_to, a reader's
    name, only frames that this reader has answered. A frame that names several makers is none's:
    it does not say which stent is of which, so it is left out and counted in a notice. An image
    whose file is gone or has changed since it was labelled becomes a Problem: the label belongs to
    the bytes that were seen.
    """
    wanted, several = _wanted(library.labelled_frames(sealed_to), labels)
    found = gathered(wanted, context or JobContext())
    if not several:
        return found
    notice = Problem(several[0].parent, _several(len(several)), is_notice=True)
    return Gathered(found.items, (*found.problems, notice))


def gathered(wanted: Sequence[LabelledFrame], context: JobContext) -> Gathered:
    """These frames, patients by pseudonym; a sentence for each that is left out."""
    said = _of_files(wanted, context)
    items: list[Item] = []
    problems = [Problem(path, problem) for (path, _), problem in said.items() if problem]
    nobodys: list[Path] = []
    for frame in wanted:
        if said[frame.path, frame.sha256]:
            continue
        label = frame.label.strip()
        if not is_plain(label, LONGEST_NAME):
            problems.append(Problem(frame.path, not_a_name(label)))
            continue
        known = frame.patient_id.strip()
        if not known:
            nobodys.append(frame.path)
        items.append(Item(frame.path, label, pseudonym(known or str(frame.path)), frame.frame))
    if nobodys:
        problems.append(Problem(nobodys[0].parent, alone(len(nobodys)), is_notice=True))
    return Gathered(tuple(items), tuple(problems))


def _wanted(
    frames: Sequence[LabelledFrame], labels: Collection[str] | None
) -> tuple[list[LabelledFrame], list[Path]]:
    """The frames with one of the labels, or with any maker; the files that name several makers."""
    wanted, several = [], []
    for frame in frames:
        label = only_maker(frame.label) or frame.label
        if label != only_maker(label) and makers_of(label):
            several.append(frame.path)
        elif label in labels if labels is not None else label not in ANSWERS:
            wanted.append(replace(frame, label=label))
    return wanted, several


def _several(count: int) -> str:
    return sentence(
        "{n} image(s) are labelled with stents of several makers, or of one that could not be "
        "told; they are left out, as they do not say which stent is of which maker.",
        n=count,
    )


def _of_files(
    frames: Collection[LabelledFrame], context: JobContext
) -> dict[tuple[Path, str], str]:
    """What is wrong with each file, empty where nothing is; hashing leaves Python free."""
    files = list(dict.fromkeys((frame.path, frame.sha256) for frame in frames))
    said: dict[tuple[Path, str], str] = {}
    with ThreadPoolExecutor(_THREADS) as pool:
        try:
            for file, problem in zip(files, pool.map(_problem, files), strict=True):
                context.step(len(said), len(files), file[0].name)
                said[file] = problem
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return said


def _problem(file: tuple[Path, str]) -> str:
    path, sha256 = file
    if not is_plain(str(path)):
        return unwritable(path)
    try:
        is_same = path.is_file() and sha256_of(path) == sha256
    except OSError:
        is_same = False
    if is_same:
        return ""
    return sentence(
        "“{name}” is gone or has changed since it was labelled; it is left out.", name=path.name
    )
