"""A stack of slices as one block of values, filled slice by slice, and the pictures cut from it.

Slices come into the block when they are asked for or when `fill` reads them all; every picture
looks into that one block, so that nothing is held twice.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.jobs import JobContext
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Plane, Spacing, SpacingKind
from stentviewer.imaging import reformat
from stentviewer.imaging.geometry import PlaneGeometry, Vector, dot, letters_of
from stentviewer.imaging.image import Frames, Radiograph, Rescale, StoredArray
from stentviewer.imaging.lattice import Lattice, lattice_of
from stentviewer.imaging.memory import check_room
from stentviewer.imaging.quiet import quiet
from stentviewer.imaging.slice_file import SliceFile
from stentviewer.imaging.values import ValueScale, value_scale

_TRIES = 5  # slices that may fail before the stack counts as gone
_WORKERS = 4  # reading and decoding let go of the interpreter
_LARGEST_ASPECT = 1e3


class Volume:
    """A stack: `stored` is (slices, rows, columns), int16, or uint16 where 16 bits are unsigned.

    Slices lie one behind the other from the head down, from front to back, or from the patient's
    right to the left. Stored values become modality values (HU for CT) by `rescale`. What was not
    read yet is not there: ask `slice` for one, or `fill` for all. Safe to use from several threads.
    """

    def __init__(self, slices: Sequence[SliceFile], notes: Sequence[str] = ()) -> None:
        """`slices` are of one stack, in order. Raises KnownError where memory does not suffice."""
        self.slices = tuple(slices)
        first = self.slices[0]
        self.shape = (len(self.slices), *first.shape)
        self._scale: ValueScale = value_scale(self.slices)
        self.rescale: Rescale = self._scale.rescale
        self.padding = self._scale.padding
        self._way = _way(self.slices)
        self._places = np.array([dot(one.plane.origin, self._way) for one in self.slices])
        self.lattice: Lattice = lattice_of(
            [one.plane for one in self.slices],
            self._way,
            max(one.thickness_mm for one in self.slices),
        )
        self._grid = reformat.grid_of(first.plane, self._way, self.lattice)
        self._notes = (*notes, *self._scale.notes, *self.lattice.notes)
        check_room(2 * int(np.prod(self.shape)))
        self.stored: StoredArray = np.empty(self.shape, self._scale.dtype)
        self._ready = bytearray(len(self.slices))
        self._reading = [threading.Lock() for _ in self.slices]
        self._filling = threading.Lock()
        self._missing: dict[int, KnownError] = {}
        self._cutting = threading.Lock()
        self._radiographs: dict[Plane, Radiograph] = {}

    # what it is

    @property
    def notes(self) -> tuple[str, ...]:
        """What is odd about the stack, a sentence each; slices that could not be read last."""
        return (*self._notes, *(str(error) for _, error in sorted(self._missing.items())))

    @property
    def nbytes(self) -> int:
        """Bytes of memory once it is filled."""
        return int(self.stored.nbytes)

    @property
    def spacing_mm(self) -> tuple[float, float, float]:
        """From slice to slice, row to row, column to column; the first on average."""
        last = len(self.slices) - 1
        return abs(float(self._places[-1] - self._places[0])) / last, *self._grid.spacing_mm[1:]

    def step_mm(self, plane: Plane) -> float:
        """From one picture of a plane to the next, on average."""
        if plane is Plane.AXIAL:
            return self.spacing_mm[0]
        return self._grid.spacing_mm[reformat.cut_of(self._grid, plane).axes[0]]

    @property
    def positions_mm(self) -> tuple[float, ...]:
        """Where each slice lies along the image normal: z, in mm, for axial slices (LPS)."""
        return tuple(dot(one.plane.origin, one.plane.normal) for one in self.slices)

    def orientation(self, plane: Plane) -> str:
        """What a radiologist calls the pictures of a plane: axial, sagittal or coronal."""
        if plane is Plane.AXIAL:
            return reformat.orientation_of(self._grid)
        return reformat.cut_of(self._grid, plane).orientation

    # its values

    def is_ready(self, index: int) -> bool:
        """Whether a slice is in memory."""
        return bool(self._ready[index])

    @property
    def is_filled(self) -> bool:
        """Whether every slice that can be read is in memory."""
        return self._ready.count(1) + len(self._missing) >= len(self.slices)

    def slice(self, index: int) -> StoredArray:
        """The stored values of one slice, read-only; read from its file where they are not here.

        Raises KnownError with the file's name where it is gone, changed or damaged.
        """
        self._load(index)
        values: StoredArray = self.stored[index]
        values.flags.writeable = False
        return values

    def fill(self, context: JobContext | None = None) -> None:
        """Read what is not here yet. A slice that cannot be read stays empty, and `notes` say so.

        Raises Cancelled; a later call goes on where this one stopped.
        """
        job = context or JobContext()
        with self._filling, quiet():
            todo = [i for i in range(len(self.slices)) if not self._ready[i]]
            pool = ThreadPoolExecutor(_WORKERS, "slice-pixels")
            try:
                for done, _ in enumerate(pool.map(self._try, todo), start=1):
                    job.step(done, len(todo))
            finally:
                pool.shutdown(cancel_futures=True)

    def _try(self, index: int) -> None:
        try:
            self._load(index)
        except KnownError as error:
            self.stored[index] = self._scale.pad
            self._missing[index] = error

    def _load(self, index: int) -> None:
        with self._reading[index]:
            if self._ready[index]:
                return
            self._scale.read(self.slices[index], self.stored[index])
            self._missing.pop(index, None)
            self._ready[index] = 1

    # its pictures

    def frames(self, plane: Plane) -> int:
        """How many pictures a plane has."""
        if plane is Plane.AXIAL:
            return len(self.slices)
        return reformat.cut_of(self._grid, plane).frames

    def geometry(self, plane: Plane, frame: int) -> PlaneGeometry:
        """Where a picture lies in the patient."""
        if plane is Plane.AXIAL:
            return self.slices[frame].plane
        return reformat.cut_of(self._grid, plane).geometry(frame)

    def frame_at(self, plane: Plane, position: Vector) -> int:
        """The picture of a plane that lies nearest to a patient position (LPS, mm)."""
        if plane is Plane.AXIAL:
            return int(np.abs(self._places - dot(position, self._way)).argmin())
        return reformat.cut_of(self._grid, plane).frame_at(position)

    def radiograph(self, plane: Plane) -> Radiograph:
        """The pictures of a plane as frames; always the same object for the same plane.

        Those of the slices come one by one, as they are asked for; a reformat's first frame waits
        for the whole volume. Raises KnownError where the middle slice cannot be read.
        """
        with self._cutting:
            made = self._radiographs.get(plane)
            if made is None:
                base = self._base()
                made = base if plane is Plane.AXIAL else self._reformatted(base, plane)
                self._radiographs[plane] = made
            return made

    def _base(self) -> Radiograph:
        """The slices themselves, shown as the middle one's file wants it."""
        from stentviewer.imaging.dicom_radiograph import read_dicom

        kept = self._radiographs.get(Plane.AXIAL)
        if kept is not None:
            return kept
        own = read_dicom(self.slices[self._readable()].path)
        self._radiographs[Plane.AXIAL] = replace(
            own,
            header=replace(own.header, frames=len(self.slices)),
            frames=_Slices(self),
            rescale=self.rescale,
            frame_rescale=(),
            frame_windows=(),
            bits=16,
            signed=self.stored.dtype == np.int16,
            padding=self.padding,
            fidelity=(*own.fidelity, *self._scale.fidelity),
            positions_mm=self.positions_mm,
            frame_time_ms=None,
            spacing=Spacing(SpacingKind.PATIENT, self.slices[0].plane.spacing_mm),
        )
        return self._radiographs[Plane.AXIAL]

    def _readable(self) -> int:
        """The slice nearest to the middle that can be read, and is the file that was added."""
        middle = len(self.slices) // 2
        failed: KnownError | None = None
        for index in sorted(range(len(self.slices)), key=lambda i: abs(i - middle))[:_TRIES]:
            try:
                self._load(index)
            except KnownError as error:
                failed = failed or error
            else:
                return index
        assert failed is not None
        raise failed

    def _reformatted(self, base: Radiograph, plane: Plane) -> Radiograph:
        cut = reformat.cut_of(self._grid, plane)
        rows, columns = cut.shape
        here = cut.geometry(0)
        spacing = cut.spacing_mm
        pads = self.stored.dtype == np.int16 or not self.lattice.is_plain
        nothing = (self._scale.pad, self._scale.pad) if pads else None
        normal = _positive(here.normal)
        start = dot(here.origin, normal)
        step = dot(cut.geometry(1).origin, normal) - start
        return replace(
            base,
            header=replace(base.header, rows=rows, columns=columns, frames=cut.frames),
            frames=_Pictures(self, cut),
            spacing=Spacing(SpacingKind.PATIENT, spacing),
            pixel_aspect=spacing[0] / spacing[1],
            padding=self.padding or nothing,
            fidelity=(*base.fidelity, sentence("reformatted"), *self.lattice.fidelity),
            orientation=(letters_of(here.row_direction), letters_of(here.column_direction)),
            positions_mm=tuple(start + step * i for i in range(cut.frames)),
            exposure=(None, None),
        )

    def picture(self, plane: Plane, frame: int) -> StoredArray:
        """The stored values of one picture, read-only; a reformat fills the volume first."""
        if plane is Plane.AXIAL:
            return self.slice(frame)
        return self._cut(reformat.cut_of(self._grid, plane), frame)

    def _cut(self, cut: reformat.Cut, frame: int) -> StoredArray:
        if not self.is_filled:
            self.fill()
        made = reformat.picture(
            self.stored, cut, self.lattice, frame, self.padding, self._scale.pad
        )
        made.flags.writeable = False
        return made


def _way(slices: Sequence[SliceFile]) -> Vector:
    """The normal, pointing from the first slice to the last."""
    x, y, z = slices[0].plane.normal
    back = slices[0].plane.distance_mm(slices[-1].plane.origin) < 0
    return (-x, -y, -z) if back else (x, y, z)


def _positive(direction: Vector) -> Vector:
    """The direction or its opposite: to the left, the back or the head."""
    x, y, z = direction
    return direction if max(direction, key=abs) > 0 else (-x, -y, -z)


class _Slices(Frames):
    """The slices of a volume as the frames of a radiograph."""

    def __init__(self, volume: Volume) -> None:
        self._volume = volume

    def __len__(self) -> int:
        return len(self._volume.slices)

    def __getitem__(self, index: int) -> StoredArray:
        return self._volume.slice(range(len(self))[index])

    def is_ready(self, index: int) -> bool:
        """Whether this frame comes without reading a file."""
        return self._volume.is_ready(index)


class _Pictures(Frames):
    """The pictures of one reformat as the frames of a radiograph."""

    def __init__(self, volume: Volume, cut: reformat.Cut) -> None:
        self._volume = volume
        self._cut = cut

    def __len__(self) -> int:
        return self._cut.frames

    def __getitem__(self, index: int) -> StoredArray:
        return self._volume._cut(self._cut, range(len(self))[index])

    def is_ready(self, _: int) -> bool:
        """Whether this frame comes without reading files or resampling."""
        return self._volume.is_filled and self._volume.lattice.is_plain
