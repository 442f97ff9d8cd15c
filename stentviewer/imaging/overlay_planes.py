"""DICOM overlays: drawings of single bits over an image (PS3.3 C.9.2), up to sixteen in a file.

Old files keep them in bits of the pixels that no value uses; both kinds are read here, each frame
when it is asked for. Overlays that contradict the standard are left out with a sentence.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import Sentence, sentence
from stentviewer.imaging.dicom_file import BIG_ENDIAN, IDENTITY_TAGS, DicomFile, open_dicom
from stentviewer.imaging.dicom_header import number, reals, text
from stentviewer.imaging.memory import MOST_PIXELS
from stentviewer.imaging.quiet import quiet

Bits = npt.NDArray[np.bool_]

_GROUPS = range(0x6000, 0x6020, 2)
_ELEMENTS = {
    "OverlayRows": 0x0010,
    "OverlayColumns": 0x0011,
    "NumberOfFramesInOverlay": 0x0015,
    "OverlayDescription": 0x0022,
    "OverlayType": 0x0040,
    "OverlayOrigin": 0x0050,
    "ImageFrameOrigin": 0x0051,
    "OverlayBitPosition": 0x0102,
    "OverlayActivationLayer": 0x1001,
    "OverlayLabel": 0x1500,
    "OverlayData": 0x3000,
}
OVERLAY_TAGS = [f"{group:04x}{element:04x}" for group in _GROUPS for element in _ELEMENTS.values()]
_FARTHEST = 65535  # pixels from the image's corner


@dataclass(frozen=True, slots=True, eq=False)
class OverlayPlane:
    """One overlay. `number` counts the groups from 0 (6000) to 15 (601E).

    `origin` is where its upper left pixel lies in the image, (row, column) from 0, maybe outside.
    `is_region` marks a region of interest, else it is graphics. `first_frame` is the image's frame,
    from 0, that its first of `frames` belongs to; a plane with `frames` 0 belongs to every frame.
    `layer` is the graphic layer that a presentation state puts it in.
    """

    number: int
    rows: int
    columns: int
    origin: tuple[int, int]
    label: str
    is_region: bool
    first_frame: int
    frames: int
    layer: str
    _bits: Callable[[int], Bits] = field(repr=False)

    def on_frame(self, frame: int) -> Bits | None:
        """The bits (rows, columns) over a frame of the image; None where it has none.

        Raises KnownError where the file has changed or gone.
        """
        if self.frames == 0:
            return self._bits(frame)
        own = frame - self.first_frame
        return self._bits(own) if 0 <= own < self.frames else None


def read_overlays(path: Path) -> tuple[tuple[OverlayPlane, ...], tuple[Sentence, ...]]:
    """The overlays of an image file, and a sentence for each that cannot be shown.

    Raises KnownError where the file cannot be taken apart; a file that is no DICOM has none.
    """
    from stentviewer.imaging.dicom_file import looks_like_dicom

    try:
        with path.open("rb") as file:
            if not looks_like_dicom(file.read(160)):
                return (), ()
    except OSError as error:
        raise KnownError(
            sentence("“{name}” cannot be read ({reason}).", name=path.name, reason=error.strerror)
        ) from error
    return overlays_in(open_dicom(path, IDENTITY_TAGS + OVERLAY_TAGS))


def overlays_in(file: DicomFile) -> tuple[tuple[OverlayPlane, ...], tuple[Sentence, ...]]:
    """The overlays of a file that was opened with IDENTITY_TAGS and OVERLAY_TAGS."""
    planes: list[OverlayPlane] = []
    notes: list[Sentence] = []
    for index, group in enumerate(_GROUPS):
        view = _Group(file.dataset, group)
        if number(view, "OverlayRows") is None and view.get("OverlayData") is None:
            continue
        plane = _plane(file, view, index)
        if isinstance(plane, OverlayPlane):
            planes.append(plane)
        else:
            notes.append(plane)
    return tuple(planes), tuple(notes)


class _Group:
    """The elements of one repeating group by their keywords, as a data set gives its own."""

    def __init__(self, dataset: Any, group: int) -> None:
        self._dataset = dataset
        self._group = group

    def element(self, keyword: str) -> Any:
        try:
            with quiet():
                return self._dataset.get((self._group, _ELEMENTS[keyword]))
        except Exception:  # whatever a broken element makes pydicom raise, it is one value less
            return None

    def get(self, keyword: str) -> Any:
        element = self.element(keyword)
        return None if element is None else element.value


def _plane(file: DicomFile, group: _Group, index: int) -> OverlayPlane | Sentence:
    rows, columns = number(group, "OverlayRows") or 0, number(group, "OverlayColumns") or 0
    origin = reals(group, "OverlayOrigin") or [1.0, 1.0]
    sound = 0 < rows < 65536 and 0 < columns < 65536 and rows * columns <= MOST_PIXELS
    if not sound or len(origin) != 2 or max(map(abs, origin)) > _FARTHEST:
        return _broken(index)
    stated = number(group, "NumberOfFramesInOverlay")
    frames = stated if stated and stated > 1 else 0
    first = number(group, "ImageFrameOrigin")
    if stated == 1 and first is not None and _frames_of(file) > 1:
        frames = 1  # one overlay for one frame of many
    data = group.get("OverlayData")
    bits: Callable[[int], Bits] | Sentence
    if isinstance(data, bytes):
        bits = _packed(file, group, data, rows, columns, max(frames, 1), index)
    else:
        bits = _embedded(file, group, rows, columns, index)
        frames = 0
    if isinstance(bits, Sentence):
        return bits
    return OverlayPlane(
        number=index,
        rows=rows,
        columns=columns,
        origin=(int(origin[0]) - 1, int(origin[1]) - 1),
        label=text(group, "OverlayLabel") or text(group, "OverlayDescription"),
        is_region=text(group, "OverlayType") == "R",
        first_frame=max((first or 1) - 1, 0),
        frames=frames,
        layer=text(group, "OverlayActivationLayer"),
        _bits=bits,
    )


def _frames_of(file: DicomFile) -> int:
    """How many frames the file's image has."""
    return number(file.dataset, "NumberOfFrames") or 1


def _packed(
    file: DicomFile, group: _Group, data: bytes, rows: int, columns: int, frames: int, index: int
) -> Callable[[int], Bits] | Sentence:
    """Bits one after the other, the lowest of a byte first, no gap between rows or frames."""
    if len(data) * 8 < rows * columns * frames:
        return _broken(index)
    if file.syntax == BIG_ENDIAN and group.element("OverlayData").VR == "OW":
        data = np.frombuffer(data[: len(data) // 2 * 2], "u2").byteswap().tobytes()
    size = rows * columns

    def bits(frame: int) -> Bits:
        start = size * (frame if frames > 1 else 0)
        first = start // 8
        part = np.frombuffer(data, np.uint8, -(-(start + size) // 8) - first, first)
        unpacked = np.unpackbits(part, bitorder="little")[start - 8 * first :][:size]
        return unpacked.reshape(rows, columns).astype(np.bool_)

    return bits


def _embedded(
    file: DicomFile, group: _Group, rows: int, columns: int, index: int
) -> Callable[[int], Bits] | Sentence:
    """A bit of each stored pixel, as files of before 2004 keep overlays (PS3.3 2003, C.9.2)."""
    position = number(group, "OverlayBitPosition") or 0
    allocated = number(file.dataset, "BitsAllocated") or 0
    stored = number(file.dataset, "BitsStored") or 0
    high = number(file.dataset, "HighBit")
    highest = stored - 1 if high is None else high
    used = range(highest - stored + 1, highest + 1)
    size = (number(file.dataset, "Rows"), number(file.dataset, "Columns"))
    pixels = file.pixels
    if pixels is None or allocated not in (8, 16) or (rows, columns) != size:
        return _broken(index)
    if pixels.length is None or not 0 <= position < allocated or position in used:
        return sentence(
            "Overlay {n} is said to be in bits of the pixels that hold none; it is not shown.",
            n=index + 1,
        )
    if pixels.length < rows * columns * allocated // 8 * _frames_of(file):
        return _broken(index)
    order = ">" if file.syntax == BIG_ENDIAN else "<"
    dtype = np.dtype(f"{order}u{allocated // 8}")
    offset = pixels.offset

    def bits(frame: int) -> Bits:
        length = rows * columns * dtype.itemsize
        with file.open_source() as source:
            source.seek(offset + length * frame)
            data = source.read(length)
        if len(data) < length:
            raise KnownError(
                sentence("“{name}” is incomplete. Copy or export it again.", name=file.path.name)
            )
        values = np.frombuffer(data, dtype).reshape(rows, columns)
        return ((values >> position) & 1).astype(np.bool_)

    return bits


def _broken(index: int) -> Sentence:
    return sentence("Overlay {n} contradicts itself and is not shown.", n=index + 1)
