"""From the files of a series to one stack of slices, in the order in which they lie.

Order is by position along the normal, never by number or name. What does not belong to the largest
consistent stack is left out, and a sentence says so; nothing is ever put in its place.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from stentviewer.core.errors import KnownError, StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence, template
from stentviewer.imaging.geometry import PlaneGeometry, dot
from stentviewer.imaging.quiet import quiet
from stentviewer.imaging.slice_file import NoSliceError, SliceFile, read_slice
from stentviewer.imaging.volume import Volume

FEWEST_SLICES = 3
_WORKERS = 4  # a server's disk answers several questions at once
_SAME_PLACE_MM = 0.01
_SAME_ANGLE = 1e-3  # difference of a cosine
_SAME_SPACING = 1e-3  # of the spacing


class NoStackError(KnownError):
    """The images are sound, but no three of them lie behind one another."""


@dataclass(frozen=True, slots=True)
class Stack:
    """Slices in the order in which they are scrolled, and what was left out or is odd."""

    slices: tuple[SliceFile, ...]
    notes: tuple[str, ...]


def read_series(paths: Sequence[Path], context: JobContext | None = None) -> Volume:
    """The largest consistent stack among these files, all of its pixels read.

    Files that cannot be used become sentences in `Volume.notes`. Raises NoStackError where fewer
    than three slices are left, KnownError where no file can be read or memory does not suffice,
    and Cancelled.
    """
    volume = open_series(paths, context)
    volume.fill(context)
    return volume


def open_series(
    paths: Sequence[Path],
    context: JobContext | None = None,
    sha256: Mapping[Path, str] | None = None,
) -> Volume:
    """As `read_series`, but no pixels are read yet: slices come when they are asked for.

    `sha256` is what files must have when their pixels are read.
    """
    job = context or JobContext()
    expected = sha256 or {}
    found: list[SliceFile] = []
    notes: list[str] = []
    silent = 0
    with quiet():
        for done, one in enumerate(_read_all(paths, expected, job)):
            job.step(done, len(paths))
            if isinstance(one, NoSliceError):
                silent += 1
            elif isinstance(one, StentviewerError):
                notes.append(str(one))
            else:
                found.append(one)
    if not found and notes and not silent:
        raise KnownError(notes[0])
    notes += _say_left_out(
        silent,
        template("1 image cannot be a slice of a stack and was left out."),
        template("{n} images cannot be slices of a stack and were left out."),
    )
    stack = arrange(found)
    return Volume(stack.slices, (*notes, *stack.notes))


def _read_all(
    paths: Sequence[Path], sha256: Mapping[Path, str], job: JobContext
) -> Iterator[SliceFile | StentviewerError]:
    def read(path: Path) -> SliceFile | StentviewerError:
        job.step(0, 0)
        try:
            return read_slice(path, sha256.get(path, ""))
        except StentviewerError as error:
            return error

    with ThreadPoolExecutor(_WORKERS, "slice-headers") as pool:
        yield from pool.map(read, paths)


def arrange(slices: Iterable[SliceFile]) -> Stack:
    """The largest consistent stack, from the head down, from front to back or right to left.

    Raises NoStackError where no three slices lie behind one another.
    """
    groups = _alike(slices)
    main = max(groups, key=len, default=[])
    notes: list[str] = []
    for group in groups:
        if group is not main:
            notes += _say_apart(main[0], group)
    kept, more = _one_a_place(main)
    notes += more
    if len(kept) < FEWEST_SLICES:
        raise NoStackError(
            sentence(
                "These images are no stack of slices: fewer than {n} of them lie behind one "
                "another. Open them one by one.",
                n=FEWEST_SLICES,
            )
        )
    return Stack(tuple(kept), tuple(notes))


def along(plane: PlaneGeometry) -> tuple[float, float, float]:
    """The normal of slices, pointing the way they are scrolled: to the feet, back or left."""
    x, y, z = plane.normal
    axis = max(range(3), key=lambda i: abs((x, y, z)[i]))
    forward = (x, y, z)[axis] > 0
    if forward == (axis != 2):  # LPS: left and back are positive, the feet are negative
        return x, y, z
    return -x, -y, -z


def _alike(slices: Iterable[SliceFile]) -> list[list[SliceFile]]:
    groups: list[list[SliceFile]] = []
    for one in slices:
        home = next((group for group in groups if _difference(group[0], one) is None), None)
        if home is None:
            groups.append([one])
        else:
            home.append(one)
    return groups


_APART = {
    "series": (
        template("1 image is of another series and was left out."),
        template("{n} images are of another series and were left out."),
    ),
    "frame": (
        template("1 image is in another frame of reference and was left out."),
        template("{n} images are in another frame of reference and were left out."),
    ),
    "angle": (
        template("1 image lies at another angle, as a localizer does, and was left out."),
        template("{n} images lie at another angle, as localizers do, and were left out."),
    ),
    "size": (
        template("1 image is of another size and was left out."),
        template("{n} images are of another size and were left out."),
    ),
    "spacing": (
        template("1 image has another pixel spacing and was left out."),
        template("{n} images have another pixel spacing and were left out."),
    ),
    "kind": (
        template("1 image keeps its pixels in another way and was left out."),
        template("{n} images keep their pixels in another way and were left out."),
    ),
}


def _difference(one: SliceFile, other: SliceFile) -> str | None:
    """Why two slices cannot be of one stack, None where they can."""
    a, b = one.plane, other.plane
    if one.series_uid != other.series_uid:
        return "series"
    if a.frame_of_reference != b.frame_of_reference:
        return "frame"
    directions = zip(
        (*a.row_direction, *a.column_direction),
        (*b.row_direction, *b.column_direction),
        strict=True,
    )
    if any(abs(x - y) > _SAME_ANGLE for x, y in directions):
        return "angle"
    if one.shape != other.shape:
        return "size"
    spacings = zip(a.spacing_mm, b.spacing_mm, strict=True)
    if any(abs(x - y) > _SAME_SPACING * x for x, y in spacings):
        return "spacing"
    return "kind" if one.photometric != other.photometric else None


def _say_apart(main: SliceFile, group: Sequence[SliceFile]) -> list[str]:
    reason = _difference(main, group[0])
    assert reason is not None
    return _say_left_out(len(group), *_APART[reason])


def _say_left_out(count: int, one: str, many: str) -> list[str]:
    if count == 0:
        return []
    return [sentence(one) if count == 1 else sentence(many, n=count)]


def _one_a_place(slices: Sequence[SliceFile]) -> tuple[list[SliceFile], list[str]]:
    """In order, one slice at each position; of several phases, the one with the most slices."""
    ordered = _in_order(slices)
    places = _places(ordered)
    if len(places) == len(ordered):
        return ordered, []
    for part in range(len(ordered[0].phase) if ordered else 0):
        phases = _by(ordered, lambda one, at=part: one.phase[at])  # type: ignore[misc]
        if len(phases) > 1 and all(len(_places(each)) == len(each) for each in phases):
            most = max(phases, key=len)  # the first of equals
            text = template(
                "The series holds {n} runs over the same places; the one of {m} slices is shown."
            )
            if all(len(each) == len(most) for each in phases):
                text = template(
                    "The series holds {n} runs over the same places; the first is shown."
                )
            return most, [sentence(text, n=len(phases), m=len(most))]
    kept = [min(place, key=lambda one: (one.instance, one.path.name)) for place in places]
    return kept, _say_left_out(
        len(ordered) - len(kept),
        template(
            "1 image lies where another one does and was left out; the lower number is shown."
        ),
        template("{n} images lie where others do and were left out; the lower numbers are shown."),
    )


def _in_order(slices: Sequence[SliceFile]) -> list[SliceFile]:
    if not slices:
        return []
    way = along(slices[0].plane)
    return sorted(slices, key=lambda one: (dot(one.plane.origin, way), one.instance, one.path.name))


def _by(slices: Iterable[SliceFile], key: Callable[[SliceFile], str]) -> list[list[SliceFile]]:
    """Groups of one key each, in the keys' order, numbers as numbers."""
    groups: defaultdict[str, list[SliceFile]] = defaultdict(list)
    for one in slices:
        groups[key(one)].append(one)
    return [groups[name] for name in sorted(groups, key=lambda text: (len(text), text))]


def _places(ordered: Sequence[SliceFile]) -> list[list[SliceFile]]:
    """Slices that lie in one and the same plane, together."""
    places: list[list[SliceFile]] = []
    last = -math.inf
    for one in ordered:
        position = dot(one.plane.origin, along(ordered[0].plane))
        if position - last > _SAME_PLACE_MM:
            places.append([])
            last = position
        places[-1].append(one)
    return places
