"""A DICOM file taken apart without decoding: its elements, and where its pixels lie.

Written for files that lie: no length in the file makes this read more than the file holds, and
sequences nested too deep, bombs in the deflated encoding and elements cut short become sentences.
"""

from __future__ import annotations

import io
import threading
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, BinaryIO

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.imaging.quick_elements import quick_elements
from stentviewer.imaging.quiet import quiet

if TYPE_CHECKING:
    from pydicom.dataset import Dataset

_importing = threading.Lock()
_CHARACTER_SET = 0x00080005
_UNDEFINED = 0xFFFFFFFF
_LARGEST_INFLATED = 2**28
PIXEL_TAGS = {
    0x7FE00008: "FloatPixelData",
    0x7FE00009: "DoubleFloatPixelData",
    0x7FE00010: "PixelData",
}
IMPLICIT, EXPLICIT = "1.2.840.10008.1.2", "1.2.840.10008.1.2.1"
DEFLATED, BIG_ENDIAN = "1.2.840.10008.1.2.1.99", "1.2.840.10008.1.2.2"

LAYOUT_TAGS = [
    "Rows",
    "Columns",
    "NumberOfFrames",
    "SamplesPerPixel",
    "PhotometricInterpretation",
    "PlanarConfiguration",
    "BitsAllocated",
    "BitsStored",
    "PixelRepresentation",
]
IDENTITY_TAGS = [
    "SpecificCharacterSet",
    "PatientID",
    "PatientName",
    "PatientBirthDate",
    "PatientSex",
    "StudyInstanceUID",
    "StudyDate",
    "StudyTime",
    "StudyDescription",
    "AccessionNumber",
    "SeriesInstanceUID",
    "SeriesNumber",
    "SeriesDescription",
    "Modality",
    "BodyPartExamined",
    "SOPInstanceUID",
    "SOPClassUID",
    "InstanceNumber",
    "SeriesDate",
    "AcquisitionDate",
    "ContentDate",
    "EncryptedAttributesSequence",
    *LAYOUT_TAGS,
    "HighBit",
]
PRESENTATION_TAGS = [
    "WindowCenter",
    "WindowWidth",
    "WindowCenterWidthExplanation",
    "VOILUTFunction",
    "VOILUTSequence",
    "ModalityLUTSequence",
    "RescaleSlope",
    "RescaleIntercept",
    "RescaleType",
    "PixelIntensityRelationshipSign",
    "ImageType",
    "PixelPaddingValue",
    "PixelPaddingRangeLimit",
    "PixelSpacing",
    "PixelSpacingCalibrationType",
    "ImagerPixelSpacing",
    "NominalScannedPixelSpacing",
    "PixelAspectRatio",
    "FrameTime",
    "FrameTimeVector",
    "CineRate",
    "RecommendedDisplayFrameRate",
    "PatientOrientation",
    "ImageOrientationPatient",
    "ImagePositionPatient",
    "KVP",
    "Exposure",
    "ExposureInuAs",
    "XRayTubeCurrent",
    "ExposureTime",
    "LossyImageCompression",
    "LossyImageCompressionRatio",
    "SharedFunctionalGroupsSequence",
    "PerFrameFunctionalGroupsSequence",
    "ExtendedOffsetTable",
    "ExtendedOffsetTableLengths",
    "RedPaletteColorLookupTableDescriptor",
    "GreenPaletteColorLookupTableDescriptor",
    "BluePaletteColorLookupTableDescriptor",
    "RedPaletteColorLookupTableData",
    "GreenPaletteColorLookupTableData",
    "BluePaletteColorLookupTableData",
    "SegmentedRedPaletteColorLookupTableData",
    "SegmentedGreenPaletteColorLookupTableData",
    "SegmentedBluePaletteColorLookupTableData",
]


class BoundedReader:
    """A binary file whose read never asks for more than is left, whatever a length field says."""

    def __init__(self, file: BinaryIO, size: int) -> None:
        self._file = file
        self.size = size

    def read(self, count: int = -1) -> bytes:
        left = max(0, self.size - self._file.tell())
        return self._file.read(left if count < 0 else min(count, left))

    def seek(self, offset: int, whence: int = 0) -> int:
        return self._file.seek(offset, whence)

    def tell(self) -> int:
        return self._file.tell()


@dataclass(frozen=True, slots=True)
class PixelElement:
    """Where the pixels are: `length` bytes from `offset` on, None for encapsulated ones."""

    keyword: str
    vr: str | None
    offset: int
    length: int | None


@dataclass(frozen=True, slots=True, eq=False)
class DicomFile:
    """The elements asked for, the transfer syntax, and where the pixels lie (None: nowhere).

    `size` is how many bytes the pixels' source has; `inflated` holds them where the file was
    deflated, else they are in the file itself.
    """

    path: Path
    dataset: Dataset
    syntax: str
    pixels: PixelElement | None
    size: int
    stamp: tuple[int, int]
    inflated: bytes | None = None

    @contextmanager
    def open_source(self) -> Iterator[BoundedReader]:
        """The bytes that the pixels' offset counts in. Raises KnownError if the file is gone."""
        if self.inflated is not None:
            yield BoundedReader(io.BytesIO(self.inflated), self.size)
            return
        if _stamp(self.path) != self.stamp:
            raise KnownError(
                sentence(
                    "“{name}” has changed or gone since it was opened. Open it again.",
                    name=self.path.name,
                )
            )
        with self.path.open("rb") as file:
            yield BoundedReader(file, self.size)

    def value(self, keyword: str) -> Any:
        """An element's value, None where it is absent, empty or cannot be made sense of."""
        return element_value(self.dataset, keyword)


def element_value(dataset: Dataset, keyword: str) -> Any:
    """A data set's value, None where it is absent, empty or cannot be made sense of."""
    try:
        with quiet():
            value = dataset.get(keyword)
    except Exception:  # whatever a broken element makes pydicom raise, it is one value less
        return None
    return None if value is None or (hasattr(value, "__len__") and len(value) == 0) else value


def looks_like_dicom(start: bytes) -> bool:
    """Whether a file that starts with these bytes (132 or more, if it has them) is DICOM.

    Files without the 128-byte preamble are known by their first element, of group 2 or 8.
    """
    if start[128:132] == b"DICM":
        return True
    if len(start) < 8 or start[:2] not in (b"\x02\x00", b"\x08\x00"):
        return False
    explicit = start[4:6] in (b"UL", b"UI", b"CS", b"OB", b"DA", b"TM", b"SH", b"LO")
    return start[2:4] < b"\x20\x01" and (explicit or start[6:8] == b"\x00\x00")


def open_dicom(path: Path, keywords: list[str]) -> DicomFile:
    """Read the elements of these keywords and find the pixels; nothing is decoded.

    Raises KnownError where the file cannot be taken apart.
    """
    with _importing:  # two threads that import parts of it at once get halves of them
        from pydicom.tag import Tag

    tags = [Tag(keyword) for keyword in keywords]
    stamp = _stamp(path)
    try:
        with quiet(), path.open("rb") as file:
            return _open(path, BoundedReader(file, stamp[0]), tags, stamp)
    except (KnownError, UserError, OSError):
        raise
    except RecursionError:
        raise KnownError(
            sentence(
                "“{name}” nests its sequences deeper than any real file does and was not opened.",
                name=path.name,
            )
        ) from None
    except MemoryError:
        raise KnownError(
            sentence("“{name}” needs more memory than this machine has free.", name=path.name)
        ) from None
    except Exception as error:  # pydicom raises nearly anything on a damaged file
        raise KnownError(
            sentence(
                "“{name}” is damaged: its DICOM elements cannot be read. Export it again.",
                name=path.name,
            )
        ) from error


def _open(path: Path, file: BoundedReader, tags: list[Any], stamp: tuple[int, int]) -> DicomFile:
    from pydicom.filereader import _read_file_meta_info, read_dataset, read_partial, read_preamble

    quick = quick_elements(file, [*tags, _CHARACTER_SET], PIXEL_TAGS)
    if quick is not None:
        pixels = quick.pixels and PixelElement(PIXEL_TAGS[quick.pixels[0]], *quick.pixels[1:])
        return DicomFile(path, quick.dataset, quick.syntax, pixels, stamp[0], stamp)
    file.seek(0)
    read_preamble(file, force=True)
    meta = _read_file_meta_info(file)
    named = element_value(meta, "TransferSyntaxUID")
    source: Any = file
    inflated = None
    found: list[PixelElement] = []

    def stop(tag: Any, vr: str | None, length: int) -> bool:
        keyword = PIXEL_TAGS.get(int(tag))
        if keyword is not None:
            encapsulated = length == _UNDEFINED
            found.append(PixelElement(keyword, vr, source.tell(), None if encapsulated else length))
        return keyword is not None

    if named == DEFLATED:
        inflated = _inflate(path.name, file.read())
        source = io.BytesIO(inflated)
        dataset = read_dataset(source, False, True, stop_when=stop, specific_tags=tags)
        syntax = EXPLICIT
    else:
        file.seek(0)
        dataset = read_partial(file, stop_when=stop, force=True, specific_tags=tags)
        implicit, little = dataset.original_encoding
        guessed = IMPLICIT if implicit else EXPLICIT if little else BIG_ENDIAN
        syntax = str(named or guessed).strip("\0 ")
    size = stamp[0] if inflated is None else len(inflated)
    return DicomFile(path, dataset, syntax, found[0] if found else None, size, stamp, inflated)


def _inflate(name: str, deflated: bytes) -> bytes:
    inflater = zlib.decompressobj(-zlib.MAX_WBITS)
    inflated = inflater.decompress(deflated, _LARGEST_INFLATED)
    if inflater.unconsumed_tail:
        raise KnownError(
            sentence(
                "“{name}” unpacks to more than {size} MB and was not opened. Export it "
                "without deflating.",
                name=name,
                size=_LARGEST_INFLATED // 2**20,
            )
        )
    return inflated


def _stamp(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except FileNotFoundError:
        return (0, 0)
    return status.st_size, status.st_mtime_ns
