"""What the library keeps of a file, from one pass over its bytes: header and SHA-256.

A folder of CT slices repeats nearly all of its values from file to file, so each different value
is converted once. Files that are not plain take `readers.read_header`'s way, more slowly.
"""

from __future__ import annotations

import hashlib
import io
import stat
import threading
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, cast

from pydicom.dataelem import RawDataElement, convert_raw_data_element
from pydicom.dataset import Dataset
from pydicom.tag import BaseTag, Tag

from stentviewer.core.types import ImageHeader
from stentviewer.imaging.dicom_file import IDENTITY_TAGS, PIXEL_TAGS, DicomFile, PixelElement
from stentviewer.imaging.dicom_header import header_of
from stentviewer.imaging.presentation_header import PresentationHeader
from stentviewer.imaging.quick_elements import HEAD, quick_elements
from stentviewer.imaging.quiet import quiet
from stentviewer.imaging.readers import read_indexed, unreadable

_BLOCK = 2**20
_MOST_VALUES = 4096
_BY_KEYWORD = {keyword: BaseTag(Tag(keyword)) for keyword in IDENTITY_TAGS}
_WANTED = frozenset(map(int, _BY_KEYWORD.values()))


@dataclass(frozen=True, slots=True)
class IndexedFile:
    """A file that the library can keep."""

    header: ImageHeader | PresentationHeader
    sha256: str  # of its bytes, as hexadecimal digits

    @property
    def path(self) -> Path:
        return self.header.path


class _Buffer(threading.local):
    """Reused by a thread from file to file: fresh memory costs as much as reading into it."""

    def __init__(self) -> None:
        self.block = bytearray(_BLOCK)


_buffer = _Buffer()


def index_file(path: Path) -> IndexedFile:
    """Raises as `readers.read_header` does; presentation states are no error here."""
    try:
        status = path.stat()
        if not stat.S_ISREG(status.st_mode):
            read_indexed(path)  # which says what it is
        with quiet(), path.open("rb", buffering=0) as file:
            block = memoryview(_buffer.block)
            length = _fill(file, block)
            start = _Start(bytes(block[:HEAD]), status.st_size)
            header = _quick_header(path, start) or read_indexed(path)
            digest = hashlib.sha256(block[:length])
            while length == _BLOCK:
                length = _fill(file, block)
                digest.update(block[:length])
    except OSError as error:
        raise unreadable(path, error) from error
    return IndexedFile(header, digest.hexdigest())


def _fill(file: io.FileIO, block: memoryview) -> int:
    """Read until the block is full or the file at its end; a network may send less at a time."""
    length = 0
    while length < len(block) and (more := file.readinto(block[length:])):
        length += more
    return length


@dataclass(slots=True)
class _Start:
    """A file's first bytes, as `quick_elements` reads them."""

    head: bytes
    size: int
    at: int = 0

    def read(self, count: int = -1) -> bytes:
        return self.head[self.at :] if count < 0 else self.head[self.at : self.at + count]

    def seek(self, offset: int, whence: int = 0) -> int:
        if whence:
            raise ValueError("only from the start")
        self.at = offset
        return offset


def _quick_header(path: Path, start: _Start) -> ImageHeader | None:
    """None for what is no plain DICOM image."""
    try:
        quick = quick_elements(start, _WANTED, PIXEL_TAGS)
        if quick is None or quick.pixels is None:
            return None
        pixels = PixelElement(PIXEL_TAGS[quick.pixels[0]], *quick.pixels[1:])
        values = cast(Dataset, _Values(quick.dataset))
        return header_of(DicomFile(path, values, quick.syntax, pixels, start.size, (0, 0)))
    except Exception:  # the slow way says what is wrong with it, if anything is
        return None


class _Values:
    """A data set's values, each different one converted once in the life of the program."""

    def __init__(self, dataset: Dataset) -> None:
        self._dataset = dataset
        sets = dataset.original_character_set
        self._encoding = (sets,) if isinstance(sets, str) else tuple(sets)

    def __len__(self) -> int:
        return len(self._dataset)

    def get(self, keyword: str) -> Any:
        raw = self._dataset.get_item(_BY_KEYWORD[keyword])
        if raw is None:
            return None
        return _converted(raw.tag, raw.VR, raw.value, raw.is_implicit_VR, self._encoding)


@lru_cache(_MOST_VALUES)
def _converted(
    tag: BaseTag, vr: str | None, value: bytes | None, is_implicit: bool, encoding: tuple[str, ...]
) -> Any:
    length = len(value or b"")
    raw = RawDataElement(tag, vr, length, value, 0, is_implicit, True)
    return convert_raw_data_element(raw, encoding=list(encoding)).value
