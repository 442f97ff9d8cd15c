"""What the fitness checks look at of each image: measured once, at low resolution, and kept.

Everything is measured on what a network is fed: modality values inside the collimator, with the
selection's masks painted over.
"""

from __future__ import annotations

import hashlib
import json
import os
import zlib
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor, as_completed
from contextlib import suppress
from dataclasses import asdict, dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any, Final
from zipfile import BadZipFile

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box, FloatArray, Problem
from stentviewer.learning.events import RunContext
from stentviewer.learning.selection import Item

THUMB: Final = 32
PLATE: Final = 96
_VERSION: Final = 1  # to be raised when a look measures something else
_PER_PROCESS: Final = 24  # fewer images than this are not worth starting a process for
_PLATE_RANGE: Final = 250.0  # steps of a plate's int8 per unit of grey
_DAMAGED: Final = (OSError, ValueError, KeyError, TypeError, EOFError, BadZipFile, zlib.error)
_SMALLEST: Final = 8  # pixels a side: less is no image


@dataclass(frozen=True, slots=True)
class Facts:
    """Figures of one image.

    pixels: a hash of the stored frame; rows, columns: of the part inside the collimator; writing:
    places of burned-in text in fractions of the whole image; open_box: what the collimator leaves.
    """

    pixels: str
    rows: int
    columns: int
    bits: int
    format: str
    modality: str
    laplacian: float
    writing: tuple[Box, ...]
    open_box: Box


@dataclass(frozen=True, eq=False)
class Looks:
    """Facts and small pictures of the images that could be read; at (n,) is each one's item.

    thumbs (n, 32, 32) uint8: the open part, 0…255 between its 0.5th and 99.5th percentile. plates
    (n, 96, 96) float32: the whole image less its own blur, grey 0…1, 0 outside the open part.
    """

    at: NDArray[np.int64]
    facts: tuple[Facts, ...]
    thumbs: NDArray[np.uint8]
    plates: NDArray[np.float32]

    def __len__(self) -> int:
        return len(self.facts)


@dataclass(frozen=True, slots=True)
class _Look:
    facts: Facts
    thumb: NDArray[np.uint8]
    plate: NDArray[np.int8]


def look(
    items: Sequence[Item],
    context: RunContext,
    keep: Path | None = None,
    workers: int | None = None,
) -> tuple[Looks, tuple[Problem, ...]]:
    """Look at every image, in several processes where there are many.

    keep is a folder where looks are kept and found again while files stay as they are. What cannot
    be read becomes a problem. Raises Cancelled at an order to stop; what was seen is kept.
    """
    kept = _Kept(keep)
    found: dict[int, _Look] = {}
    missing: list[int] = []
    for number, item in enumerate(items):
        known = kept.find(item)
        if known is None:
            missing.append(number)
        else:
            found[number] = known
    problems: list[Problem] = []
    try:
        for number, seen in _seen([(n, items[n]) for n in missing], context, workers):
            if isinstance(seen, Problem):
                problems.append(seen)
            else:
                found[number] = seen
                kept.add(items[number], seen)
    finally:
        kept.save()
    order = sorted(found)
    thumbs = np.array([found[n].thumb for n in order], np.uint8).reshape(-1, THUMB, THUMB)
    plates = np.array([found[n].plate for n in order], np.float32).reshape(-1, PLATE, PLATE)
    made = Looks(
        np.array(order, np.int64),
        tuple(found[n].facts for n in order),
        thumbs,
        plates / np.float32(_PLATE_RANGE),
    )
    return made, tuple(problems)


def _seen(
    numbered: list[tuple[int, Item]], context: RunContext, workers: int | None
) -> Iterator[tuple[int, _Look | Problem]]:
    what = sentence("Checking images")
    total = len(numbered)
    wanted = workers or min(os.cpu_count() or 1, total // _PER_PROCESS)
    if wanted < 2:
        for done, (number, item) in enumerate(numbered):
            context.stage(what, done, total)
            yield number, look_at(item)
        return
    pool = ProcessPoolExecutor(wanted, get_context("spawn"), initializer=_one_thread)
    try:
        orders = {pool.submit(look_at, item): number for number, item in numbered}
        for done, order in enumerate(as_completed(orders)):
            context.stage(what, done, total)
            yield orders[order], order.result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def _one_thread() -> None:
    import cv2

    cv2.setNumThreads(1)


def look_at(item: Item) -> _Look | Problem:
    """One image; a problem where it cannot be read."""
    from stentviewer.learning.hdf5_images import read_image

    try:
        radiograph = read_image(item.path)
        if not 0 <= item.frame < len(radiograph.frames):
            raise UserError(
                sentence(
                    "“{name}” has no frame {frame}: its last is {n}.",
                    name=item.path.name,
                    n=len(radiograph.frames),
                    frame=item.frame + 1,
                )
            )
        values = radiograph.modality_values(item.frame)
        stored = radiograph.frames[item.frame]
        if min(values.shape) < _SMALLEST:
            raise UserError(
                sentence("“{name}” is too small to show anything.", name=item.path.name)
            )
    except (UserError, KnownError) as error:
        return Problem(item.path, str(error))
    digest = hashlib.blake2b(np.ascontiguousarray(stored).tobytes(), digest_size=12).hexdigest()
    header = radiograph.header
    return _measured(
        np.nan_to_num(values, nan=0.0, posinf=0.0, neginf=0.0),
        item.masks,
        pixels=digest,
        bits=radiograph.bits,
        format=header.format,
        modality=header.identity.modality,
    )


def _measured(values: FloatArray, masks: Sequence[Box], **known: Any) -> _Look:
    from stentviewer.imaging.collimator import uncollimated_area
    from stentviewer.imaging.quality import quality
    from stentviewer.learning.fitness_writing import find_writing

    values = painted(values, masks)
    area = uncollimated_area(values)
    y0, y1 = _span(values.shape[0], area.y0, area.y1)
    x0, x1 = _span(values.shape[1], area.x0, area.x1)
    part = values[y0:y1, x0:x1]
    facts = Facts(
        rows=part.shape[0],
        columns=part.shape[1],
        laplacian=round(quality(part).laplacian_variance, 3),
        writing=find_writing(values, area),
        open_box=area,
        **known,
    )
    unit = _unit(part)
    return _Look(facts, _thumb(unit), _plate(unit, values.shape, (y0, y1, x0, x1)))


def painted(values: FloatArray, masks: Sequence[Box]) -> FloatArray:
    """A copy with the masks filled with the image's median; the same array without masks."""
    if not masks:
        return values
    values = values.copy()
    median = np.float32(np.median(values[::4, ::4]))
    for mask in masks:
        y0, y1 = _span(values.shape[0], mask.y0, mask.y1)
        x0, x1 = _span(values.shape[1], mask.x0, mask.x1)
        values[y0:y1, x0:x1] = median
    return values


def _span(length: int, start: float, stop: float) -> tuple[int, int]:
    first = min(max(round(start * length), 0), length - 1)
    return first, min(max(round(stop * length), first + 1), length)


def _unit(part: FloatArray) -> FloatArray:
    step = max(1, int(np.sqrt(part.size / 2**18)))
    low, high = np.percentile(part[::step, ::step], (0.5, 99.5))
    if high <= low:
        return np.zeros_like(part, np.float32)
    return np.asarray(np.clip((part - low) / (high - low), 0, 1), np.float32)


def _thumb(unit: FloatArray) -> NDArray[np.uint8]:
    import cv2

    small = cv2.resize(unit, (THUMB, THUMB), interpolation=cv2.INTER_AREA)
    return np.asarray(np.rint(255 * small), np.uint8)


def _plate(
    unit: FloatArray, shape: tuple[int, ...], place: tuple[int, int, int, int]
) -> NDArray[np.int8]:
    """The whole image at 96 × 96 less its own blur; edges of the collimator are left out."""
    import cv2

    y0, y1, x0, x1 = place
    rows, columns = shape[0], shape[1]
    whole = np.full((rows, columns), 0.5, np.float32)
    whole[y0:y1, x0:x1] = unit
    small = cv2.resize(whole, (PLATE, PLATE), interpolation=cv2.INTER_AREA)
    fine = small - cv2.GaussianBlur(small, (0, 0), 2.0)
    inside = np.zeros((PLATE, PLATE), np.float32)
    margin = 2
    top, left = -(-y0 * PLATE // rows), -(-x0 * PLATE // columns)
    bottom, right = y1 * PLATE // rows, x1 * PLATE // columns
    top, left = top + margin * (y0 > 0), left + margin * (x0 > 0)
    bottom, right = bottom - margin * (y1 < rows), right - margin * (x1 < columns)
    inside[top : max(bottom, top), left : max(right, left)] = 1
    return np.asarray(np.clip(np.rint(_PLATE_RANGE * fine * inside), -127, 127), np.int8)


class _Kept:
    """Looks on disk: one .npz, written anew as a whole. A damaged one is passed over."""

    def __init__(self, folder: Path | None) -> None:
        self._path = folder / "looks.npz" if folder else None
        self._looks: dict[str, _Look] = {}
        self._grown = False
        if self._path is None or not self._path.exists():
            return
        with (
            suppress(*_DAMAGED),
            self._path.open("rb") as file,
            np.load(file, allow_pickle=False) as data,
        ):
            facts = json.loads(str(data["facts"]))
            rows = zip(facts.items(), data["thumbs"], data["plates"], strict=True)
            self._looks = {
                key: _Look(_facts(raw), thumb, plate) for (key, raw), thumb, plate in rows
            }

    @staticmethod
    def _key(item: Item) -> str:
        """Changes with the file, the frame and the masks; empty where the file is gone."""
        try:
            stat = item.path.stat()
        except OSError:
            return ""
        masks = [box.as_list() for box in item.masks]
        said = [_VERSION, str(item.path.absolute()), stat.st_size, stat.st_mtime_ns]
        return hashlib.sha256(json.dumps([*said, item.frame, masks]).encode()).hexdigest()[:24]

    def find(self, item: Item) -> _Look | None:
        return self._looks.get(self._key(item)) if self._looks else None

    def add(self, item: Item, seen: _Look) -> None:
        key = self._key(item)
        if key and self._path is not None:
            self._looks[key] = seen
            self._grown = True

    def save(self) -> None:
        """Looks are a convenience: a disk that will not take them stops nothing."""
        if self._path is None or not self._grown:
            return
        partial = self._path.with_name("looks.partial.npz")
        looks = list(self._looks.values())
        with suppress(OSError):
            self._path.parent.mkdir(parents=True, exist_ok=True)
            np.savez_compressed(
                partial,
                facts=json.dumps({k: asdict(v.facts) for k, v in self._looks.items()}),
                thumbs=np.stack([one.thumb for one in looks]),
                plates=np.stack([one.plate for one in looks]),
            )
            partial.replace(self._path)


def _facts(raw: dict[str, Any]) -> Facts:
    writing = tuple(Box(**box) for box in raw.pop("writing"))
    return Facts(**{**raw, "writing": writing, "open_box": Box(**raw["open_box"])})
