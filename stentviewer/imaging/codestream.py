"""What a compressed frame says of itself in its first bytes, read before a decoder sees it.

A decoder allocates by the codestream, not by the file's header: a frame whose codestream is of
another size than declared is refused before it can take the memory.
"""

from __future__ import annotations

from dataclasses import dataclass

_SOF = frozenset(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC} | {0xF7}  # 0xF7: JPEG-LS
_ALONE = frozenset(range(0xD0, 0xD9)) | {0x01}


@dataclass(frozen=True, slots=True)
class FrameSize:
    """Of one compressed frame: rows, columns, components, bits of a sample."""

    rows: int
    columns: int
    components: int
    bits: int


def frame_size(data: bytes) -> FrameSize | None:
    """The size in a JPEG, JPEG-LS or JPEG 2000 codestream (ITU-T T.81 B.2.2, T.87, T.800 A.5.1).

    None where none can be found.
    """
    if data[:2] == b"\xff\xd8":
        return _jpeg(data)
    start = data.find(b"\xff\x4f\xff\x51", 0, 4096)  # SOC, SIZ; a JP2 box may stand before
    return _jpeg_2000(data[start:]) if start >= 0 else None


def _jpeg(data: bytes) -> FrameSize | None:
    at = 2
    while at + 4 <= len(data):
        if data[at] != 0xFF:
            return None
        marker = data[at + 1]
        if marker == 0xFF:
            at += 1
            continue
        if marker in _ALONE:
            at += 2
            continue
        if marker in _SOF and at + 10 <= len(data):
            rows = int.from_bytes(data[at + 5 : at + 7], "big")
            columns = int.from_bytes(data[at + 7 : at + 9], "big")
            return FrameSize(rows, columns, data[at + 9], data[at + 4])
        at += 2 + max(2, int.from_bytes(data[at + 2 : at + 4], "big"))
    return None


def _jpeg_2000(data: bytes) -> FrameSize | None:
    if len(data) < 43:
        return None
    right, bottom, left, top = (int.from_bytes(data[i : i + 4], "big") for i in (8, 12, 16, 20))
    components = int.from_bytes(data[40:42], "big")
    return FrameSize(bottom - top, right - left, components, (data[42] & 0x7F) + 1)
