"""Series that make a volume: which they are, and opening them without reading anything twice.

A volume opens in two steps. `open` looks at the files' headers and has the slices come one by one,
so that the first is on the screen at once; `fill` then reads the rest beside the window. Reformats
wait for it.
"""

from __future__ import annotations

import threading
from collections import Counter, OrderedDict
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from stentviewer.app.opened import Opened
from stentviewer.core.errors import KnownError
from stentviewer.core.jobs import JobContext
from stentviewer.core.logs import log
from stentviewer.core.types import Plane

if TYPE_CHECKING:
    from stentviewer.imaging.geometry import PlaneGeometry
    from stentviewer.imaging.volume import Volume
    from stentviewer.library.records import ImageRecord, SeriesRecord
    from stentviewer.library.repository import Library

_FEWEST_SLICES = 3
_KEPT = 2  # volumes: the current and the prior
_NEVER = frozenset(  # projections and pictures; what else is no stack, its headers say
    ["", "CR", "DG", "DX", "ES", "GM", "IO", "MG", "OP", "PX", "RF", "RG", "SM", "US", "XA", "XC"]
)


def is_stack(series: SeriesRecord) -> bool:
    """Whether the series' images may be slices of one volume, as far as the library knows.

    At least three single-frame DICOM images of one size, of a modality that makes slices.
    """
    if series.modality in _NEVER:
        return False
    sizes = Counter(
        (image.header.rows, image.header.columns)
        for image in series.images
        if image.header.format == "DICOM" and image.header.frames == 1
    )
    return max(sizes.values(), default=0) >= _FEWEST_SLICES


def place_of(record: ImageRecord) -> PlaneGeometry | None:
    """Where a single image lies in the patient, None where its file does not say or is gone."""
    from stentviewer.imaging.slice_file import read_plane

    header = record.header
    if header.format != "DICOM" or header.frames != 1 or header.identity.modality in _NEVER:
        return None
    try:
        return read_plane(header.path)
    except KnownError:
        return None  # whoever opens the image itself is told


@dataclass(frozen=True, slots=True, eq=False)
class _Kept:
    """A series as it was opened; `volume` is None where its images are no stack."""

    contents: tuple[tuple[Path, str], ...]
    volume: Volume | None
    records: tuple[ImageRecord, ...] = ()
    reason: KnownError | None = None


class SeriesOpener:
    """Opens series as volumes and keeps the last two. Safe to use from several threads."""

    def __init__(self, library: Library) -> None:
        self._library = library
        self._lock = threading.Lock()
        self._kept: OrderedDict[int, _Kept] = OrderedDict()

    def open(
        self,
        series_id: int,
        plane: Plane = Plane.AXIAL,
        context: JobContext | None = None,
        image_id: int | None = None,
    ) -> Opened | None:
        """A plane of the series' volume; only headers and one slice are read here.

        None where `image_id` is an image that is none of its slices, a localizer or one of a series
        that is no stack: that is to be opened on its own. Raises KnownError where the files are
        gone, where the series is not (or no more) on the worklist, or for a reformat of what is no
        stack.
        """
        kept = self._open(series_id, context)
        alone = image_id is not None and plane is Plane.AXIAL
        if kept.volume is None:
            assert kept.reason is not None
            if alone:
                return None
            raise kept.reason
        if alone and image_id not in {record.id for record in kept.records}:
            return None
        return Opened(kept.records, kept.volume.radiograph(plane), kept.volume, plane)

    def fill(self, series_id: int, context: JobContext | None = None) -> Volume:
        """Read what of the series' volume is not in memory yet, for reformats and scrolling.

        Raises KnownError where the series is no stack, and Cancelled; it goes on where it stopped.
        """
        kept = self._open(series_id, context)
        if kept.volume is None:
            assert kept.reason is not None
            raise kept.reason
        kept.volume.fill(context)
        return kept.volume

    def forget(self) -> None:
        """Keep no volume any more; those on the screen live as long as they are shown."""
        with self._lock:
            self._kept.clear()

    def _open(self, series_id: int, context: JobContext | None) -> _Kept:
        from stentviewer.app.places import no_longer_here

        try:
            series = self._library.series(series_id)
        except LookupError as error:  # taken off the worklist meanwhile
            raise no_longer_here() from error
        contents = tuple((image.header.path, image.sha256) for image in series.images)
        with self._lock:
            kept = self._kept.get(series_id)
            if kept is None or kept.contents != contents:
                kept = self._read(series, contents, context)
                self._kept[series_id] = kept
            self._kept.move_to_end(series_id)
            while len(self._kept) > _KEPT:
                self._kept.popitem(last=False)
            return kept

    def _read(
        self,
        series: SeriesRecord,
        contents: tuple[tuple[Path, str], ...],
        context: JobContext | None,
    ) -> _Kept:
        from stentviewer.imaging.series import NoStackError, open_series

        by_path = {image.header.path: image for image in series.images}
        try:
            volume = open_series(list(by_path), context, dict(contents))
        except NoStackError as error:
            return _Kept(contents, None, reason=error)
        records = tuple(by_path[one.path] for one in volume.slices)
        log(
            "image.opened",
            image=records[0].id,
            images=len(records),
            rows=volume.shape[1],
            columns=volume.shape[2],
        )
        return _Kept(contents, volume, records)
