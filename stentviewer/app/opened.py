"""What a viewport shows: one image, or a plane of the volume that a series' images make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from stentviewer.core.types import Plane, Target

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph
    from stentviewer.imaging.volume import Volume
    from stentviewer.library.records import ImageRecord


@dataclass(frozen=True, slots=True, eq=False)
class Opened:
    """`records` is the image's, or one a slice in the order of the volume's axial frames."""

    records: tuple[ImageRecord, ...]
    radiograph: Radiograph
    volume: Volume | None = None
    plane: Plane = Plane.AXIAL

    def record(self, index: int) -> ImageRecord:
        """The image that a frame of the radiograph is of; of a reformat the series' first."""
        is_slice = self.volume is not None and self.plane is Plane.AXIAL
        return self.records[index if is_slice else 0]

    def target(self, index: int) -> Target:
        """What a label or measurement on a frame of the radiograph is kept under."""
        is_slice = self.volume is not None and self.plane is Plane.AXIAL
        return Target(self.record(index).id, 0 if is_slice else index, self.plane)

    def index_of(self, image_id: int, frame: int = 0) -> int:
        """The frame of the radiograph that shows a frame of an image."""
        if self.volume is None or self.plane is not Plane.AXIAL:
            return frame
        ids = [record.id for record in self.records]
        return ids.index(image_id) if image_id in ids else 0
