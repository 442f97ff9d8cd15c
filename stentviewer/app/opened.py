"""What a viewport shows: one image, or a plane of the volume that a series' images make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stentviewer.core.types import Plane, Target

if TYPE_CHECKING:
    from stentviewer.imaging.geometry import PlaneGeometry, Vector
    from stentviewer.imaging.image import Radiograph
    from stentviewer.imaging.volume import Volume
    from stentviewer.library.records import ImageRecord


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """`records` is the image's, or one a slice in the order of the volume's axial frames.

    `place` is where a single image lies in the patient (a localizer), None where it does not say.
    """

    records: tuple[ImageRecord, ...]
    radiograph: Radiograph
    volume: Volume | None = None
    plane: Plane = Plane.AXIAL
    place: PlaneGeometry | None = None

    @property
    def _are_slices(self) -> bool:
        return self.volume is not None and self.plane is Plane.AXIAL

    def record(self, index: int) -> ImageRecord:
        """The image that a frame of the radiograph is of; of a reformat the series' first."""
        return self.records[index if self._are_slices else 0]

    def target(self, index: int) -> Target:
        """What a label or measurement on a frame of the radiograph is kept under."""
        return Target(self.record(index).id, 0 if self._are_slices else index, self.plane)

    def index_of(self, image_id: int, frame: int = 0) -> int:
        """The frame of the radiograph that shows a frame of an image, the last where it has fewer.

        Of a volume the middle where it is none of its images, or where no frame of a reformat is
        named: nobody looks for the outermost cut, which is air.
        """
        last = self.radiograph.header.frames - 1
        if self.volume is None:
            return min(frame, last)
        middle = self.volume.frames(self.plane) // 2
        if self.plane is not Plane.AXIAL:
            return min(frame, last) or middle
        ids = [record.id for record in self.records]
        return ids.index(image_id) if image_id in ids else middle

    def geometry(self, index: int) -> PlaneGeometry | None:
        """Where a frame lies in the patient, None where that is not known."""
        return self.place if self.volume is None else self.volume.geometry(self.plane, index)

    def index_at(self, position: Vector) -> int | None:
        """The frame nearest to a patient position; None where the frames are no volume's."""
        return None if self.volume is None else self.volume.frame_at(self.plane, position)

    @property
    def step_mm(self) -> float:
        """From one frame to the next in the patient; 0 where the frames are no volume's."""
        return 0.0 if self.volume is None else self.volume.step_mm(self.plane)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences on what is odd about the volume; more may come until it is filled."""
        return () if self.volume is None else self.volume.notes
