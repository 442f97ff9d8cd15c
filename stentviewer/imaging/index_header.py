"""What the library keeps of a file, from one pass over its bytes: header and SHA-256.

The slices of a series repeat all of the header but UID and number, so the rest is made once. Files
that are not plain take the way of `readers.read_header`, more slowly.
"""

from __future__ import annotations

import hashlib
import io
import re
import stat
import threading
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path

from pydicom.tag import Tag

from stentviewer.core.types import ImageHeader
from stentviewer.imaging.dicom_file import IDENTITY_TAGS, PIXEL_TAGS, DicomFile, PixelElement
from stentviewer.imaging.dicom_header import header_of
from stentviewer.imaging.presentation_header import PresentationHeader
from stentviewer.imaging.quick_elements import HEAD, dataset_of, raw_elements
from stentviewer.imaging.quiet import quiet
from stentviewer.imaging.readers import read_indexed, unreadable

_BLOCK = 2**20
_MOST_HEADERS = 512
_WANTED = frozenset(int(Tag(keyword)) for keyword in IDENTITY_TAGS)
_SOP_UID, _INSTANCE_NUMBER = 0x00080018, 0x00200013
_UID = re.compile(rb"[0-9.]{0,64}\0?")  # as PS3.5 has them; others are converted by pydicom
_NUMBER = re.compile(rb" *[0-9]{1,9} *")


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
            start = _Start(bytes(block[: min(length, HEAD)]), status.st_size)
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
    raw = raw_elements(start, _WANTED, PIXEL_TAGS)
    if raw is None or raw.pixels is None:
        return None
    shared, sop_uid, number = [], "", None
    for tag, vr, _, _, value in raw.found:
        if tag == _SOP_UID and _UID.fullmatch(value):
            sop_uid = value.decode("ascii").rstrip("\0")
        elif tag == _INSTANCE_NUMBER and _NUMBER.fullmatch(value):
            number = int(value)
        elif tag in (_SOP_UID, _INSTANCE_NUMBER):
            return None
        else:
            shared.append((tag, vr, value))
    header = _shared_header(tuple(shared), raw.is_implicit)
    if header is None:
        return None
    identity = replace(header.identity, sop_uid=sop_uid, instance_number=number)
    return replace(header, path=path, identity=identity)


@lru_cache(_MOST_HEADERS)
def _shared_header(
    elements: tuple[tuple[int, bytes | None, bytes], ...], is_implicit: bool
) -> ImageHeader | None:
    """The header of files with these elements, less what each has of its own."""
    raw = [(tag, vr, len(value), 0, value) for tag, vr, value in elements]
    pixels = PixelElement("PixelData", None, 0, None)
    try:
        dataset = dataset_of(raw, is_implicit)
        return header_of(DicomFile(Path(), dataset, "", pixels, 0, (0, 0)))
    except Exception:  # whatever pydicom raises: the slow way says what is wrong, if anything is
        return None
