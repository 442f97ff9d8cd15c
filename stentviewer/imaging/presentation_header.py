"""Which images a presentation state is of, from its elements alone.

Grayscale Softcopy Presentation State, PS3.3 A.33.1; the images are named by the Presentation State
Relationship module, C.11.11.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from stentviewer.imaging.dicom_header import text

if TYPE_CHECKING:
    from stentviewer.imaging.dicom_file import DicomFile

GSPS = "1.2.840.10008.5.1.4.1.1.11.1"
PRESENTATION_TAGS = ["SOPInstanceUID", "ContentLabel", "ReferencedSeriesSequence"]
_MOST_IMAGES = 10_000


@dataclass(frozen=True, slots=True)
class PresentationHeader:
    """What the library keeps of a presentation state; `images` are SOP Instance UIDs."""

    path: Path
    sop_uid: str
    label: str
    images: tuple[str, ...]


def presentation_header_of(file: DicomFile) -> PresentationHeader:
    """The header of a presentation state that was opened with `PRESENTATION_TAGS`."""
    images: dict[str, None] = {}
    for series in _items(file.dataset, "ReferencedSeriesSequence"):
        for image in _items(series, "ReferencedImageSequence"):
            uid = text(image, "ReferencedSOPInstanceUID")
            if uid and len(images) < _MOST_IMAGES:
                images[uid] = None
    return PresentationHeader(
        file.path,
        text(file.dataset, "SOPInstanceUID"),
        text(file.dataset, "ContentLabel"),
        tuple(images),
    )


def _items(dataset: Any, keyword: str) -> Iterator[Any]:
    from pydicom.sequence import Sequence

    from stentviewer.imaging.dicom_file import element_value

    value = element_value(dataset, keyword)
    if isinstance(value, Sequence):
        yield from value
