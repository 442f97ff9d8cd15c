"""One slice of a stack: where it lies, as its file says, and its pixels straight from the file.

A slice keeps only plain numbers of its file, so that a thousand of them cost next to nothing.
"""

from __future__ import annotations

import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.imaging.dicom_file import EXPLICIT, IMPLICIT, LAYOUT_TAGS, DicomFile, open_dicom
from stentviewer.imaging.dicom_header import number, real, reals, text
from stentviewer.imaging.dicom_pixels import PixelLayout, decode_frame, layout_of
from stentviewer.imaging.dicom_presentation import padding_of, rescale_of
from stentviewer.imaging.geometry import PlaneGeometry, Vector, square_axes
from stentviewer.imaging.image import Rescale, StoredArray

_LARGEST_MM = 1e6
_LAYOUT_TAGS = [
    *LAYOUT_TAGS,
    "EncryptedAttributesSequence",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
]
_SLICE_TAGS = [
    *_LAYOUT_TAGS,
    "Modality",
    "ImageType",
    "SeriesInstanceUID",
    "SOPInstanceUID",
    "InstanceNumber",
    "AcquisitionNumber",
    "TemporalPositionIdentifier",
    "EchoNumbers",
    "SliceThickness",
    "ImagePositionPatient",
    "ImageOrientationPatient",
    "FrameOfReferenceUID",
    "PixelSpacing",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "ModalityLUTSequence",
    "RescaleSlope",
    "RescaleIntercept",
]


class NoSliceError(KnownError):
    """The image is sound but cannot be one of a stack: it does not say where it lies, say."""


@dataclass(frozen=True, slots=True, eq=False)
class SliceFile:
    """One single-frame image that lies in the patient.

    `offset` is where its 16-bit little-endian values begin, None where they have to be decoded.
    `phase` is what tells several images of one place apart: acquisition, time, echo, kind.
    `sha256`, where given, is what the whole file must have when its pixels are read.
    """

    path: Path
    stamp: tuple[int, int]  # size and time of change when it was looked at
    plane: PlaneGeometry
    series_uid: str
    sop_uid: str
    modality: str
    instance: int
    phase: tuple[str, ...]
    thickness_mm: float
    photometric: str
    bits: int
    allocated: int
    signed: bool
    rescale: Rescale
    padding: tuple[int, int] | None
    offset: int | None
    sha256: str = ""

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.plane.rows, self.plane.columns

    def read_into(self, out: StoredArray) -> None:
        """Write the stored values into `out` (rows, columns), 16-bit integers, contiguous.

        Raises KnownError where the file is gone, has changed, is cut off or damaged.
        """
        self._check_unchanged()
        try:
            if self.offset is None:
                self._decode_into(out)
            else:
                self._copy_into(out, self.offset)
        except OSError as error:
            raise self._gone() from error

    def _copy_into(self, out: StoredArray, offset: int) -> None:
        values = out.reshape(-1).view(np.uint8)
        with self.path.open("rb", buffering=0) as file:
            if self.sha256:
                data = file.read()
                self._check_sha256(data)
                there = np.frombuffer(data, np.uint8)[offset : offset + values.size]
                if there.size == values.size:
                    values[:] = there
                count = there.size
            else:
                file.seek(offset)
                count = _fill(file, values.data)
        if count < values.size:
            raise self._gone()
        _clear_unused_bits(out, self.bits, self.signed)

    def _decode_into(self, out: StoredArray) -> None:
        if self.sha256:
            self._check_sha256(self.path.read_bytes())
        file = open_dicom(self.path, _LAYOUT_TAGS)
        layout = layout_of(file)
        if (layout.rows, layout.columns, layout.frames, layout.samples) != (*out.shape, 1, 1):
            raise self._gone()
        out[:] = decode_frame(file, layout, 0)

    def _check_unchanged(self) -> None:
        try:
            status = self.path.stat()
        except OSError as error:
            raise self._gone() from error
        if (status.st_size, status.st_mtime_ns) != self.stamp:
            raise self._gone()

    def _check_sha256(self, data: bytes) -> None:
        if hashlib.sha256(data).hexdigest() != self.sha256:
            raise KnownError(
                sentence(
                    "The file “{name}” has changed since it was added. Open it again to add it as "
                    "an image of its own.",
                    name=self.path.name,
                )
            )

    def _gone(self) -> KnownError:
        return KnownError(
            sentence(
                "“{name}” has changed or gone since it was opened. Open it again.",
                name=self.path.name,
            )
        )


def read_slice(path: Path, sha256: str = "") -> SliceFile:
    """Where the image of this file lies; its pixels are left where they are.

    Raises NoSliceError where it can be no slice of a stack, KnownError where it is gone or damaged.
    """
    file = _opened(path)
    layout = layout_of(file)
    if layout.frames != 1 or layout.samples != 1 or layout.photometric == "PALETTE COLOR":
        raise NoSliceError(
            sentence("“{name}” holds a run of frames or colour, no slice.", name=path.name)
        )
    if layout.allocated not in (8, 16):
        raise NoSliceError(
            sentence("“{name}” has more than 16 bits a pixel, as no slice has.", name=path.name)
        )
    plane = plane_of(file, layout.rows, layout.columns)
    if plane is None:
        raise NoSliceError(
            sentence("“{name}” does not say where in the patient it lies.", name=path.name)
        )
    return SliceFile(
        path=path,
        stamp=file.stamp,
        plane=plane,
        series_uid=text(file.dataset, "SeriesInstanceUID"),
        sop_uid=text(file.dataset, "SOPInstanceUID"),
        modality=text(file.dataset, "Modality"),
        instance=number(file.dataset, "InstanceNumber") or 0,
        phase=_phase(file),
        thickness_mm=max(0.0, real(file.dataset, "SliceThickness") or 0.0),
        photometric=layout.photometric,
        bits=layout.stored,
        allocated=layout.allocated,
        signed=layout.signed,
        rescale=rescale_of(file, layout),
        padding=padding_of(file, layout),
        offset=_plain_offset(file, layout),
        sha256=sha256,
    )


def _opened(path: Path) -> DicomFile:
    try:
        return open_dicom(path, _SLICE_TAGS)
    except OSError as error:
        raise KnownError(
            sentence(
                "The file “{name}” is no longer where it was; put it back or open it again.",
                name=path.name,
            )
        ) from error


def plane_of(file: DicomFile, rows: int, columns: int) -> PlaneGeometry | None:
    """The plane of a single image (PS3.3 C.7.6.2), None where the file does not state it whole.

    Wants ImagePositionPatient, ImageOrientationPatient, PixelSpacing and FrameOfReferenceUID.
    """
    axes = square_axes(reals(file.dataset, "ImageOrientationPatient"))
    origin = reals(file.dataset, "ImagePositionPatient")
    spacing = reals(file.dataset, "PixelSpacing")
    if axes is None or len(origin) != 3 or len(spacing) != 2:
        return None
    if max(map(abs, origin)) > _LARGEST_MM or not all(1e-6 < mm < 1e3 for mm in spacing):
        return None
    frame = text(file.dataset, "FrameOfReferenceUID")
    return PlaneGeometry(
        _vector(origin), *axes, (spacing[0], spacing[1]), rows, columns, frame_of_reference=frame
    )


def read_plane(path: Path) -> PlaneGeometry | None:
    """The plane of an image on its own, such as a localizer; None where it has none.

    Raises KnownError where the file is gone or damaged.
    """
    try:
        return read_slice(path).plane
    except NoSliceError:
        return None


def _vector(parts: Sequence[float]) -> Vector:
    x, y, z = parts
    return x, y, z


def _phase(file: DicomFile) -> tuple[str, ...]:
    keywords = ("AcquisitionNumber", "TemporalPositionIdentifier", "EchoNumbers", "ImageType")
    return tuple(text(file.dataset, keyword) for keyword in keywords)


def _plain_offset(file: DicomFile, layout: PixelLayout) -> int | None:
    plain = file.syntax in (IMPLICIT, EXPLICIT) and file.inflated is None
    if not plain or layout.allocated != 16 or sys.byteorder != "little" or file.pixels is None:
        return None
    return file.pixels.offset


def _fill(file: object, buffer: memoryview) -> int:
    """Read until the buffer is full or the file ends; how many bytes there were."""
    done = 0
    while done < len(buffer):
        count = file.readinto(buffer[done:])  # type: ignore[attr-defined]
        if not count:
            break
        done += count
    return done


def _clear_unused_bits(values: StoredArray, bits: int, signed: bool) -> None:
    """Bits above those that count held overlays of old; the sign is carried through them."""
    unused = 16 - bits
    if unused:
        view = values.view(np.int16 if signed else np.uint16)
        view <<= unused
        view >>= unused
