"""From a file to a Radiograph, whatever it is called: DICOM, PNG, JPEG, TIFF.

What a file is, its first bytes say. Every failure is a sentence with the file's name in it.
"""

from __future__ import annotations

import stat
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import ImageHeader
from stentviewer.imaging.image import Radiograph
from stentviewer.imaging.pictures import picture_format, picture_header, read_picture

if TYPE_CHECKING:
    from stentviewer.imaging.presentation_header import PresentationHeader

_SNIFFED = 160
_CMS = b"\x2a\x86\x48\x86\xf7\x0d\x01\x07\x03"  # enveloped data (PS3.15 B.2, RFC 5652)
_T = TypeVar("_T")


class NotAnImageError(UserError):
    """The file is of no format that holds a radiograph."""


def read_header(path: Path) -> ImageHeader:
    """Identity and size, without decoding pixels.

    Raises UserError for a file that is no image or is not there, KnownError for a damaged one.
    """
    from stentviewer.imaging.dicom_file import IDENTITY_TAGS, open_dicom

    def of_dicom(dicom: Path) -> ImageHeader:
        from stentviewer.imaging.dicom_header import header_of

        return header_of(open_dicom(dicom, IDENTITY_TAGS))

    return _by_format(Path(path), of_dicom, picture_header)


def read_indexed(path: Path) -> ImageHeader | PresentationHeader:
    """As `read_header`, and the header of a presentation state, which is no image itself."""
    from stentviewer.imaging.dicom_file import IDENTITY_TAGS, open_dicom

    def of_dicom(dicom: Path) -> ImageHeader | PresentationHeader:
        from stentviewer.imaging.dicom_header import header_of, text
        from stentviewer.imaging.presentation_header import (
            GSPS,
            PRESENTATION_TAGS,
            presentation_header_of,
        )

        file = open_dicom(dicom, IDENTITY_TAGS)
        if file.pixels is None and text(file.dataset, "SOPClassUID") == GSPS:
            return presentation_header_of(open_dicom(dicom, PRESENTATION_TAGS))
        return header_of(file)

    def of_picture(picture: Path) -> ImageHeader | PresentationHeader:
        return picture_header(picture)

    return _by_format(Path(path), of_dicom, of_picture)


def read_radiograph(path: Path) -> Radiograph:
    """The radiograph, its first frame decoded, the others when they are asked for.

    Raises UserError for a file that is no image or is not there, KnownError for one that is
    damaged, encrypted, without pixels, too large, or encoded in a way that nothing here decodes.
    """

    def of_dicom(dicom: Path) -> Radiograph:
        from stentviewer.imaging.dicom_radiograph import read_dicom

        return read_dicom(dicom)

    return _by_format(Path(path), of_dicom, read_picture)


def _by_format(path: Path, of_dicom: Callable[[Path], _T], of_picture: Callable[[Path], _T]) -> _T:
    try:
        if not stat.S_ISREG(path.stat().st_mode) and not path.is_dir():
            raise NotAnImageError(
                sentence("“{name}” is not a file that holds anything.", name=path.name)
            )
        with path.open("rb") as file:
            start = file.read(_SNIFFED)
        if _is_dicom(start):  # first: a DICOM file may carry a TIFF in its preamble
            return of_dicom(path)
        if picture_format(start):
            return of_picture(path)
    except OSError as error:
        raise unreadable(path, error) from error
    except MemoryError:
        raise KnownError(
            sentence("“{name}” needs more memory than this machine has free.", name=path.name)
        ) from None
    raise _no_image(path.name, start)


def _is_dicom(start: bytes) -> bool:
    from stentviewer.imaging.dicom_file import looks_like_dicom

    return looks_like_dicom(start)


def unreadable(path: Path, error: OSError) -> UserError:
    """What the file system complains of, as a sentence."""
    if isinstance(error, FileNotFoundError):
        return UserError(
            sentence("There is no file “{name}”. Check its name and folder.", name=path.name)
        )
    if isinstance(error, IsADirectoryError):
        return UserError(sentence("“{name}” is a folder. Choose a file in it.", name=path.name))
    if isinstance(error, PermissionError):
        return UserError(
            sentence("“{name}” may not be read. Ask for the right to read it.", name=path.name)
        )
    return UserError(
        sentence(
            "“{name}” cannot be read ({reason}). Check that its disk is in order.",
            name=path.name,
            reason=error.strerror,
        )
    )


def _no_image(name: str, start: bytes) -> UserError:
    if not start:
        return NotAnImageError(sentence("“{name}” is empty.", name=name))
    if start[0] == 0x30 and _CMS in start:
        return UserError(
            sentence("“{name}” is encrypted. Ask for an export that is not.", name=name)
        )
    if start[:4] == b"PK\x03\x04":
        return NotAnImageError(
            sentence("“{name}” is a ZIP: open it as such, not as an image.", name=name)
        )
    return NotAnImageError(
        sentence(
            "“{name}” is not an image that this program reads. It reads DICOM, PNG, JPEG "
            "and TIFF, and ZIPs of them.",
            name=name,
        )
    )
