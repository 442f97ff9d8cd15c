"""PNG, JPEG and TIFF pictures of radiographs: shown as they are, with what they cannot know said.

A picture says nothing of a patient. Its study is its folder, so that what lies together stays
together.
"""

from __future__ import annotations

import hashlib
import struct
import uuid
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Identity, ImageHeader
from stentviewer.imaging.codestream import frame_size
from stentviewer.imaging.image import DecodedFrames, Radiograph, StoredArray, Window
from stentviewer.imaging.memory import check_fits

_MOST_PAGES = 10_000
_MOST_TAGS = 4096
_TIFF_KINDS = {1: 1, 3: 2, 4: 4}  # field type → bytes: BYTE, SHORT, LONG


@dataclass(frozen=True, slots=True)
class PictureSize:
    """Read from a picture's first bytes, nothing decoded."""

    format: str
    rows: int
    columns: int
    pages: int
    bits: int


def picture_format(start: bytes) -> str | None:
    """ "PNG", "JPEG" or "TIFF" by a file's first bytes, None for anything else."""
    if start.startswith(b"\x89PNG\r\n\x1a\n"):
        return "PNG"
    if start.startswith(b"\xff\xd8\xff"):
        return "JPEG"
    return "TIFF" if start[:4] in (b"II*\0", b"MM\0*") else None


def picture_header(path: Path) -> ImageHeader:
    """Raises KnownError where the picture is damaged or too large; decodes nothing."""
    return _header(path, path.read_bytes())


def read_picture(path: Path) -> Radiograph:
    """A picture as a radiograph without DICOM's truth; colour becomes grey.

    Raises KnownError where it cannot be decoded.
    """
    data = path.read_bytes()
    header = _header(path, data)
    size = _size(path.name, data)
    first, was_colour = _decode(path.name, data, 0)
    bits = 8 * first.dtype.itemsize

    def frame(index: int) -> StoredArray:
        page = first if index == 0 else _decode(path.name, path.read_bytes(), index)[0]
        if page.shape != (size.rows, size.columns) or page.dtype != first.dtype:
            raise KnownError(
                sentence(
                    "“{name}”: page {n} is of another size or depth than the first. Save its "
                    "pages as single files.",
                    name=path.name,
                    n=index + 1,
                )
            )
        return page

    frames = DecodedFrames(header.frames, frame, frame(0))
    reasons = [sentence("{bits}-bit picture, no DICOM values", bits=bits)]
    if was_colour:
        reasons.append(sentence("colour shown as grey"))
    if size.format == "JPEG":
        reasons.append(sentence("lossy JPEG"))
    as_saved = (Window(127.5, 255.0, "LINEAR_EXACT", sentence("as saved")),) if bits == 8 else ()
    return Radiograph(header, frames, windows=as_saved, bits=bits, fidelity=tuple(reasons))


def _header(path: Path, data: bytes) -> ImageHeader:
    size = _size(path.name, data)
    check_fits(path.name, size.rows, size.columns, size.pages, max(1, size.bits // 8))
    folder = path.resolve().parent
    study = hashlib.sha256(str(folder).encode("utf-8", "surrogateescape")).digest()
    identity = Identity(
        study_uid=_uid(study),
        study_description=folder.name,
        series_uid=_uid(hashlib.sha256(study + b"series").digest()),
        sop_uid=_uid(hashlib.sha256(data).digest()),
    )
    return ImageHeader(path, identity, size.rows, size.columns, size.pages, size.format, False)


def _uid(digest: bytes) -> str:
    """A UID of the UUID form (PS3.5 B.2)."""
    return f"2.25.{uuid.UUID(bytes=digest[:16], version=4).int}"


def _size(name: str, data: bytes) -> PictureSize:
    sizes = {"PNG": _png_size, "JPEG": _jpeg_size, "TIFF": _tiff_size}
    try:
        size = sizes[picture_format(data) or ""](data)
    except (struct.error, IndexError, KeyError, ValueError):
        size = None
    if size is None or not (size.rows and size.columns):
        raise damaged(name)
    return size


def damaged(name: str) -> KnownError:
    """The sentence for a picture that cannot be decoded."""
    return KnownError(
        sentence("“{name}” is damaged or incomplete. Copy or save it again.", name=name)
    )


def _png_size(data: bytes) -> PictureSize | None:
    columns, rows, depth = struct.unpack(">IIB", data[16:25])
    return PictureSize("PNG", rows, columns, 1, depth)


def _jpeg_size(data: bytes) -> PictureSize | None:
    size = frame_size(data)
    return PictureSize("JPEG", size.rows, size.columns, 1, size.bits) if size else None


def _tiff_size(data: bytes) -> PictureSize | None:
    """The largest page's size and the number of pages (TIFF 6.0, section 2)."""
    order = "<" if data[:2] == b"II" else ">"
    (at,) = struct.unpack(order + "I", data[4:8])
    pages: list[dict[int, int]] = []
    seen: set[int] = set()
    while at and at not in seen and len(pages) < _MOST_PAGES:
        seen.add(at)
        (count,) = struct.unpack(order + "H", data[at : at + 2])
        if count > _MOST_TAGS:
            return None
        pages.append(_tiff_fields(data, at + 2, count, order))
        (at,) = struct.unpack(order + "I", data[at + 2 + 12 * count : at + 6 + 12 * count])
    if not pages:
        return None
    rows, columns = (max(page[tag] for page in pages) for tag in (257, 256))
    return PictureSize("TIFF", rows, columns, len(pages), pages[0].get(258, 1))


def _tiff_fields(data: bytes, at: int, count: int, order: str) -> dict[int, int]:
    """The fields of a page with a single whole number, by tag."""
    fields = {}
    for start in range(at, at + 12 * count, 12):
        tag, kind, values = struct.unpack(order + "HHI", data[start : start + 8])
        width = _TIFF_KINDS.get(kind)
        if width is None:
            continue
        place = start + 8
        if width * values > 4:
            (place,) = struct.unpack(order + "I", data[start + 8 : start + 12])
        number = data[place : place + width]
        fields[tag] = int.from_bytes(number, "little" if order == "<" else "big")
    return fields


def _decode(name: str, data: bytes, page: int) -> tuple[StoredArray, bool]:
    """One page as grey uint8 or uint16 (rows, columns), and whether it was in colour."""
    import cv2

    try:
        raw = np.frombuffer(data, np.uint8)
        flags = cv2.IMREAD_ANYDEPTH | cv2.IMREAD_ANYCOLOR
        if picture_format(data) == "TIFF":
            ok, found = cv2.imdecodemulti(raw, flags, range=(page, page + 1))
            picture: Any = found[0] if ok and found else None
        else:
            picture = cv2.imdecode(raw, flags)
    except (cv2.error, MemoryError, ValueError):
        picture = None
    if picture is None:
        raise damaged(name)
    if picture.dtype not in (np.uint8, np.uint16):
        picture = _to_16_bits(picture)
    if picture.ndim == 2:
        return picture, False
    channels = picture[..., :3]
    if (channels[..., 0] == channels[..., 1]).all() and (
        channels[..., 1] == channels[..., 2]
    ).all():
        return np.ascontiguousarray(channels[..., 0]), False
    return cv2.cvtColor(np.ascontiguousarray(channels), cv2.COLOR_BGR2GRAY), True


def _to_16_bits(picture: Any) -> Any:
    values = np.nan_to_num(picture.astype(np.float64))
    low, high = float(values.min()), float(values.max())
    scale = 65535 / (high - low) if high > low else 0.0
    return np.rint((values - low) * scale).astype(np.uint16)
