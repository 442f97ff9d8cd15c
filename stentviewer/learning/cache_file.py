"""The cache on disk: rows of pixels in one file, and a line of JSON for each beside it.

Both only ever grow at the end, so that an interrupted build goes on where it stopped. Every row
carries a checksum: what a failing disk or a lost power supply did to it is found when it is opened.
"""

from __future__ import annotations

import hashlib
import json
import os
import time
import zlib
from contextlib import suppress
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, BinaryIO, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.file_lock import try_lock
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.learning.feed import Seen

_VERSION: Final = 1  # to be raised when preprocessing gives other pixels for the same settings
_STALE_DAYS: Final = 30

Pixels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Row:
    """One image: key is its content's hash, frame and masks; crc is of its pixels.

    inside, extent and seen are `cache.ImageCache`'s.
    """

    key: str
    crc: int
    inside: tuple[int, int, int, int]
    extent: tuple[float, float, float, float]
    seen: Seen | None = None


def fingerprint(spec: Preprocessing, finder: str = "") -> str:
    """What of the preprocessing the pixels depend on; not mean and deviation, applied later.

    finder is `feed.Feed.key`.
    """
    settings = spec.model_dump(mode="json", exclude={"mean", "std", "channels"})
    if finder:
        settings["finder"] = finder
    text = json.dumps({"version": _VERSION, **settings}, sort_keys=True)
    return hashlib.sha256(text.encode()).hexdigest()[:16]


class CacheFile:
    """The rows of one selection. Locked against other processes until it is closed."""

    def __init__(self, folder: Path, name: str, side: int) -> None:
        self.side = side
        self.path = folder / f"{name}.pixels"
        self._lines = folder / f"{name}.rows"
        self._lock = (folder / f"{name}.lock").open("a+b")
        self._pixels: BinaryIO | None = None
        self.rows: list[Row] = []

    def try_lock(self) -> bool:
        """False where another process builds the same cache."""
        return try_lock(self._lock)

    def load(self) -> None:
        """Take the rows that are whole; what comes after the first damaged one is cut off."""
        rows = _read_lines(self._lines)
        with self.path.open("a+b"):
            pass
        size = self.side * self.side
        there = self.path.stat().st_size // size
        whole = 0
        with self.path.open("rb") as file:  # not mapped: that would count as this process's memory
            for row in rows[:there]:
                if zlib.crc32(file.read(size)) != row.crc:
                    break
                whole += 1
        self.cut(whole, rows)

    def cut(self, count: int, rows: list[Row] | None = None) -> None:
        """Keep the first rows alone; who has the former file mapped keeps it whole."""
        self.rows = (self.rows if rows is None else rows)[:count]
        self._close_pixels()
        partial = self._lines.with_suffix(".partial")
        size = count * self.side * self.side
        there = self.path.stat().st_size
        if there - size >= self.side * self.side:
            with self.path.open("rb") as old, partial.open("wb") as new:
                for _ in range(count):
                    new.write(old.read(self.side * self.side))
            partial.replace(self.path)
        elif there > size:
            os.truncate(self.path, size)
        partial.write_text("".join(map(_line, self.rows)), encoding="utf-8")
        partial.replace(self._lines)

    def add(self, row: Row, pixels: Pixels) -> None:
        """Add a row; raises OSError where the disk is full, what was there before is kept."""
        if self._pixels is None:
            self._pixels = self.path.open("r+b")
            self._pixels.seek(len(self.rows) * self.side * self.side)
        self._pixels.write(np.ascontiguousarray(pixels).data)
        self._pixels.flush()
        with self._lines.open("a", encoding="utf-8") as file:
            file.write(_line(row))
        self.rows.append(row)

    def _close_pixels(self) -> None:
        if self._pixels is not None:
            with suppress(OSError):  # the disk is full: said already
                self._pixels.close()
            self._pixels = None

    def close(self) -> None:
        """Let other processes in."""
        self._close_pixels()
        self._lock.close()


def mapped(path: Path, count: int, side: int) -> np.memmap[tuple[int, ...], np.dtype[np.uint8]]:
    """Rows as (count, side, side), mapped to read."""
    if not count:  # nothing can be mapped
        return np.zeros((0, side, side), np.uint8)  # type: ignore[return-value]
    return np.memmap(path, np.uint8, "r", shape=(count, side, side))


class Known:
    """Rows of other selections with the same preprocessing, to be copied instead of decoded."""

    def __init__(self, folder: Path, side: int, but: str) -> None:
        self._side = side
        self._places = {
            row.key: (lines.with_suffix(".pixels"), at, row)
            for lines in sorted(folder.glob("*.rows"))
            if lines.stem != but
            for at, row in enumerate(_read_lines(lines))
        }

    def has(self, key: str) -> bool:
        """Whether a row is listed; it may still turn out to be damaged."""
        return key in self._places

    def find(self, key: str) -> tuple[Row, Pixels] | None:
        """A row and its pixels; None where it is unknown or damaged."""
        path, at, row = self._places.get(key, (None, 0, None))
        if path is None or row is None:
            return None
        size = self._side * self._side
        with suppress(OSError), path.open("rb") as file:
            file.seek(at * size)
            data = file.read(size)
            if len(data) == size and zlib.crc32(data) == row.crc:
                return row, np.frombuffer(data, np.uint8).reshape(self._side, self._side)
        return None


def forget_stale(folder: Path) -> None:
    """Delete what was not opened for 30 days and is in no use: it can be made again."""
    oldest = time.time() - _STALE_DAYS * 86_400
    for lines in folder.glob("*/*.rows"):
        with suppress(OSError):  # in use on Windows, or gone already
            if lines.stat().st_mtime > oldest:
                continue
            with lines.with_suffix(".lock").open("a+b") as lock:
                if try_lock(lock):
                    lines.with_suffix(".pixels").unlink()
                    lines.unlink()


def _line(row: Row) -> str:
    return json.dumps(asdict(row)) + "\n"


def _seen(raw: dict[str, Any]) -> Seen | None:
    found = raw.get("seen")
    if found is None:
        return None
    return Seen(float(found["length"]), float(found["width"]), float(found["field"]))


def _read_lines(path: Path) -> list[Row]:
    """The rows up to the first line that is none."""
    rows: list[Row] = []
    try:
        text = path.read_text(encoding="utf-8", errors="replace")
        for line in text.splitlines():
            raw = json.loads(line)
            x0, y0, x1, y1 = (int(v) for v in raw["inside"])
            e0, e1, e2, e3 = (float(v) for v in raw["extent"])
            inside, extent = (x0, y0, x1, y1), (e0, e1, e2, e3)
            rows.append(Row(str(raw["key"]), int(raw["crc"]), inside, extent, _seen(raw)))
    except (OSError, ValueError, KeyError, TypeError):
        pass
    return rows
