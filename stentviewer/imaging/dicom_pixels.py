"""Stored values out of a DICOM file, frame by frame, with checks before anything is allocated."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.imaging.codestream import frame_size
from stentviewer.imaging.dicom_file import BIG_ENDIAN, BoundedReader, DicomFile
from stentviewer.imaging.dicom_header import header_of, number, text
from stentviewer.imaging.image import StoredArray
from stentviewer.imaging.memory import check_fits
from stentviewer.imaging.quiet import quiet

_JPEG_FAMILY = "1.2.840.10008.1.2.4."
_LEFT_TO_SIMPLEITK = frozenset(f"{_JPEG_FAMILY}{n}" for n in (51, 52, 53, 54, 55, 56))
_COLOUR_MODELS = frozenset(
    (
        *("MONOCHROME1", "MONOCHROME2", "PALETTE COLOR", "RGB", "YBR_FULL", "YBR_FULL_422"),
        *("YBR_PARTIAL_420", "YBR_PARTIAL_422", "YBR_ICT", "YBR_RCT"),
    )
)
_JPEG_LS = frozenset(f"{_JPEG_FAMILY}{n}" for n in (80, 81))
_END = b"\xff\xd9"  # end of image; CharLS runs on for many seconds where none stops it
_ITEM_BYTES = 8  # of an item's tag and length: no frame of an encapsulated file takes less


@dataclass(frozen=True, slots=True)
class PixelLayout:
    """How the pixels of a file lie, as declared."""

    rows: int
    columns: int
    frames: int
    samples: int
    photometric: str
    planar: int
    allocated: int
    stored: int
    signed: bool

    @property
    def frame_bits(self) -> int:
        """Bits of one uncompressed frame (PS3.3 C.7.6.3.1.2 for the halved colour of 422)."""
        bits = self.rows * self.columns * self.samples * self.allocated
        return bits * 2 // 3 if self.photometric == "YBR_FULL_422" else bits


def layout_of(file: DicomFile) -> PixelLayout:
    """The declared layout, checked against memory, the decoders and the pixels' bytes.

    Raises KnownError with a sentence where the pixels cannot be decoded or are not all there.
    """
    header = header_of(file)
    assert file.pixels is not None
    is_float = file.pixels.keyword != "PixelData"
    double = file.pixels.keyword == "DoubleFloatPixelData"
    allocated = number(file.dataset, "BitsAllocated") or (64 if double else 32 if is_float else 0)
    layout = PixelLayout(
        rows=header.rows,
        columns=header.columns,
        frames=header.frames,
        samples=number(file.dataset, "SamplesPerPixel") or 1,
        photometric=text(file.dataset, "PhotometricInterpretation").upper() or "MONOCHROME2",
        planar=number(file.dataset, "PlanarConfiguration") or 0,
        allocated=allocated,
        stored=number(file.dataset, "BitsStored") or allocated,
        signed=number(file.dataset, "PixelRepresentation") == 1,
    )
    name = file.path.name
    check_fits(
        name, layout.rows, layout.columns, layout.frames, max(1, layout.samples * allocated // 8)
    )
    if allocated not in ((32, 64) if is_float else (1, 8, 16, 32)) or layout.samples not in (1, 3):
        raise KnownError(
            sentence(
                "“{name}” stores {samples} value(s) of {allocated} bits a pixel, which no "
                "X-ray does and this program does not show.",
                name=name,
                samples=layout.samples,
                allocated=allocated,
            )
        )
    if layout.photometric not in _COLOUR_MODELS:
        raise KnownError(
            sentence(
                "“{name}” is in the colour model “{colours}”, which this program does not know."
                " Export it in grey.",
                name=name,
                colours=layout.photometric[:32],
            )
        )
    if not 1 <= layout.stored <= allocated:
        raise KnownError(
            sentence(
                "“{name}” says that {stored} of {allocated} bits of a pixel count, which "
                "cannot be. Export it again.",
                name=name,
                stored=layout.stored,
                allocated=allocated,
            )
        )
    _check_bytes(file, layout)
    return layout


def _check_bytes(file: DicomFile, layout: PixelLayout) -> None:
    assert file.pixels is not None
    name = file.path.name
    there = max(0, file.size - file.pixels.offset)
    if file.pixels.length is None:
        _check_syntax(file)
        if layout.frames * _ITEM_BYTES > there:
            raise KnownError(
                sentence(
                    "“{name}” is incomplete: it promises {n} frames and has {size:,} bytes. Copy "
                    "or export it again.",
                    name=name,
                    n=layout.frames,
                    size=there,
                )
            )
        return
    there = min(there, file.pixels.length)
    needed = math.ceil(layout.frame_bits * layout.frames / 8)
    if is_compressed(file.syntax):
        raise KnownError(
            sentence(
                "“{name}” says that its pixels are compressed, but they are not stored that "
                "way. Export it again.",
                name=name,
            )
        )
    if there < needed:
        raise KnownError(
            sentence(
                "“{name}” is incomplete: it promises {needed:,} bytes of pixels and has {size:,}. "
                "Copy or export it again.",
                name=name,
                needed=needed,
                size=there,
            )
        )


def is_compressed(syntax: str) -> bool:
    """Whether a transfer syntax keeps pixels encapsulated."""
    from pydicom.uid import UID

    with quiet():
        uid = UID(syntax)
    return bool(uid.is_transfer_syntax and uid.is_encapsulated)


def _check_syntax(file: DicomFile) -> None:
    from pydicom.pixels import get_decoder
    from pydicom.uid import UID

    with quiet():
        try:
            if get_decoder(UID(file.syntax)).is_available:
                return
        except NotImplementedError:
            pass
        if file.syntax in _LEFT_TO_SIMPLEITK:
            return
        name = UID(file.syntax).name
    raise KnownError(
        sentence(
            "“{name}” stores its pixels as {syntax}, which this program cannot decode. "
            "Export it uncompressed or as lossless JPEG 2000.",
            name=file.path.name,
            syntax=name,
        )
    )


def decode_frame(file: DicomFile, layout: PixelLayout, index: int) -> npt.NDArray[Any]:
    """One frame: integers or floats (rows, columns), or (rows, columns, 3) RGB of 8 or 16 bits.

    Unused high bits (overlays of old) are cleared. Raises KnownError where it cannot be decoded.
    """
    name = file.path.name
    try:
        with quiet(), file.open_source() as source:
            frame = _decode(file, layout, index, source)
    except (KnownError, OSError):
        raise
    except MemoryError:
        raise KnownError(
            sentence("“{name}” needs more memory than this machine has free.", name=name)
        ) from None
    except Exception as error:  # decoders raise nearly anything on damaged pixels
        raise KnownError(
            sentence(
                "“{name}”: frame {n} is damaged or incomplete and cannot be decoded. Copy or "
                "export it again.",
                name=name,
                n=index + 1,
            )
        ) from error
    if frame.shape[:2] != (layout.rows, layout.columns):
        raise KnownError(
            sentence(
                "“{name}”: frame {n} is not of the size that the file declares.",
                name=name,
                n=index + 1,
            )
        )
    return frame


def _decode(
    file: DicomFile, layout: PixelLayout, index: int, source: BoundedReader
) -> npt.NDArray[Any]:
    assert file.pixels is not None
    source.seek(file.pixels.offset)
    if file.pixels.length is None:
        return _decode_encapsulated(file, layout, index, source)
    start, stop = (layout.frame_bits * (index + more) for more in (0, 1))
    # frames of single bits may start within a byte, and 8-bit words of big-endian files are swapped
    first, last = start // 16 * 2, -(-stop // 16) * 2
    source.seek(file.pixels.offset + first)
    data = source.read(last - first)
    if layout.allocated == 1:
        bits = np.unpackbits(np.frombuffer(data, np.uint8), bitorder="little")
        bits = bits[start - 8 * first : stop - 8 * first]
        return _from_flat(bits, layout)
    if file.syntax == BIG_ENDIAN and layout.allocated == 8 and file.pixels.vr == "OW":
        data = np.frombuffer(data, "u2").byteswap().tobytes()
    data = data[start // 8 - first : stop // 8 - first]
    return _pydicom_frame(file, layout, data, stored_as=layout.planar)


def _from_flat(values: npt.NDArray[Any], layout: PixelLayout) -> npt.NDArray[Any]:
    if layout.samples == 1:
        return values.reshape(layout.rows, layout.columns)
    return values.reshape(layout.rows, layout.columns, layout.samples)


def _decode_encapsulated(
    file: DicomFile, layout: PixelLayout, index: int, source: BoundedReader
) -> npt.NDArray[Any]:
    from pydicom.encaps import encapsulate, get_frame

    offsets = None
    if file.value("ExtendedOffsetTable") and file.value("ExtendedOffsetTableLengths"):
        offsets = (file.dataset.ExtendedOffsetTable, file.dataset.ExtendedOffsetTableLengths)
    data = get_frame(
        source,
        index,
        extended_offsets=offsets,
        number_of_frames=layout.frames,
    )
    _check_codestream(file, layout, data)
    if file.syntax in _JPEG_LS and _END not in data[-4:]:
        data += _END
    try:
        return _pydicom_frame(file, layout, encapsulate([data], has_bot=False), stored_as=0)
    except RuntimeError:
        if file.syntax not in _LEFT_TO_SIMPLEITK:
            raise
        return _simpleitk_frame(file, layout, data)


def _check_codestream(file: DicomFile, layout: PixelLayout, data: bytes) -> None:
    if not file.syntax.startswith(_JPEG_FAMILY):
        return
    size = frame_size(data)
    declared = (layout.rows, layout.columns, layout.samples)
    if size is None or (size.rows, size.columns, size.components) != declared:
        found = (
            sentence("no size")
            if size is None
            else f"{size.rows} × {size.columns} × {size.components}"
        )
        raise KnownError(
            sentence(
                "“{name}” declares {rows} × {columns} × {samples} values a frame, but its "
                "compressed image states {found}. Export it again.",
                name=file.path.name,
                rows=layout.rows,
                columns=layout.columns,
                samples=layout.samples,
                found=found,
            )
        )


def _pydicom_frame(
    file: DicomFile, layout: PixelLayout, data: bytes, stored_as: int
) -> npt.NDArray[Any]:
    from pydicom.pixels import get_decoder
    from pydicom.uid import UID

    assert file.pixels is not None
    frame, _ = get_decoder(UID(file.syntax)).as_array(
        data,
        index=0,
        rows=layout.rows,
        columns=layout.columns,
        number_of_frames=1,
        samples_per_pixel=layout.samples,
        photometric_interpretation=layout.photometric,
        planar_configuration=stored_as,
        bits_allocated=layout.allocated,
        bits_stored=layout.stored,
        pixel_representation=int(layout.signed),
        pixel_keyword=file.pixels.keyword,
    )
    return _palette_to_rgb(file, frame) if layout.photometric == "PALETTE COLOR" else frame


def _palette_to_rgb(file: DicomFile, frame: npt.NDArray[Any]) -> npt.NDArray[Any]:
    from pydicom.pixels import apply_color_lut

    coloured: npt.NDArray[Any] = apply_color_lut(frame, file.dataset)[..., :3]
    return coloured


def _simpleitk_frame(file: DicomFile, layout: PixelLayout, data: bytes) -> npt.NDArray[Any]:
    """What pydicom's decoders do not read, 12-bit JPEG above all, through SimpleITK's own GDCM.

    It only reads files, and takes gigabytes where their lengths are wrong; it is given a sound one
    that holds this frame and nothing else.
    """
    import tempfile
    from pathlib import Path

    import SimpleITK

    SimpleITK.ProcessObject.SetGlobalWarningDisplay(False)
    with tempfile.TemporaryDirectory(prefix="stentviewer-") as folder:
        path = Path(folder) / "frame.dcm"
        _single_frame(file, layout, data).save_as(path, enforce_file_format=True)
        reader = SimpleITK.ImageFileReader()
        reader.SetImageIO("GDCMImageIO")
        reader.SetFileName(str(path))
        values = np.asarray(SimpleITK.GetArrayFromImage(reader.Execute()))
    return values.reshape((layout.rows, layout.columns) + (3,) * (layout.samples == 3))


def _single_frame(file: DicomFile, layout: PixelLayout, data: bytes) -> Any:
    """A data set of this one compressed frame, without patient, rescale or anything else."""
    from pydicom.dataset import Dataset, FileMetaDataset
    from pydicom.encaps import encapsulate
    from pydicom.uid import UID, SecondaryCaptureImageStorage, generate_uid

    single = Dataset()
    single.file_meta = FileMetaDataset()
    single.file_meta.TransferSyntaxUID = UID(file.syntax)
    single.SOPClassUID, single.SOPInstanceUID = SecondaryCaptureImageStorage, generate_uid()
    single.Rows, single.Columns, single.SamplesPerPixel = (
        layout.rows,
        layout.columns,
        layout.samples,
    )
    single.PhotometricInterpretation = layout.photometric
    if layout.samples == 3:
        single.PlanarConfiguration = 0
    single.BitsAllocated, single.BitsStored = layout.allocated, layout.stored
    single.HighBit = layout.stored - 1
    single.PixelRepresentation = int(layout.signed)
    single.add_new(0x7FE00010, "OB", encapsulate([data]))
    single["PixelData"].is_undefined_length = True
    return single


def to_stored(frame: npt.NDArray[Any], dtype: np.dtype[Any]) -> StoredArray:
    """A decoded frame in the type that a Radiograph keeps; colour becomes 8 bits a channel."""
    if frame.ndim == 3:
        if frame.dtype.itemsize == 1:
            return frame.astype(np.uint8, copy=False)
        return (frame >> (8 * (frame.dtype.itemsize - 1))).astype(np.uint8)
    return frame.astype(dtype, copy=False)
