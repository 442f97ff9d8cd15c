"""A frame for the two passes of a model with a finder: the whole field, then one stent at a time.

Training cuts out and prepares with the functions that reading uses, as `stent_maker` does for the
whole field.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stentviewer.core.sentences import sentence
from stentviewer.core.types import RADIOGRAPHS, Box, Finding, FloatArray
from stentviewer.imaging.collimator import uncollimated_area
from stentviewer.imaging.polarity import Polarity, estimated_polarity, known_polarity
from stentviewer.inference import preprocess
from stentviewer.inference.preprocess import Fitted, Prepared, Preprocessing
from stentviewer.tasks.stent_crop import Crop, cut_out
from stentviewer.tasks.stent_finder import Found, stents_of
from stentviewer.tasks.stent_maker import limits_of, painted_over

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph
    from stentviewer.inference.bundle import FinderSpec

LEAST_SIDE = 200  # pixels: over a field of 20 cm a mesh's cells fall together below this
_COLOURED = 0.05  # share of pixels; coloured marks on an X-ray are fewer
_COLOUR = 40  # grey levels between the channels of a pixel that is not grey


@dataclass(frozen=True, slots=True, eq=False)
class Field:
    """One frame of a radiograph: modality values (rows, columns) and its uncollimated area."""

    radiograph: Radiograph
    frame: int
    values: FloatArray
    area: Box

    @property
    def shape(self) -> tuple[float, float]:
        """Height and width in square pixels: rows counted times the pixel aspect."""
        rows, columns = self.values.shape
        return rows * self.radiograph.pixel_aspect, float(columns)

    def polarity(self, spec: Preprocessing) -> Polarity | None:
        """Of the whole field, which says more than a part of it; None where it is not asked for."""
        if spec.polarity == "as is":
            return None
        return known_polarity(self.radiograph) or estimated_polarity(self.values, self.area)


def field_of(radiograph: Radiograph, frame: int, masks: Sequence[Box] = ()) -> Field:
    """The frame's field; masks, in image fractions, are painted over with its median: training."""
    values = radiograph.modality_values(frame)
    area = uncollimated_area(values)
    return Field(radiograph, frame, painted_over(values, masks, area) if masks else values, area)


def prepare_field(field: Field, spec: FinderSpec) -> Prepared:
    """The finder's input."""
    wanted = spec.preprocessing
    return preprocess.prepare(
        field.values,
        wanted,
        field.area,
        pixel_aspect=field.radiograph.pixel_aspect,
        limits=limits_of(field.radiograph, field.frame, wanted),
        polarity=field.polarity(wanted),
    )


def find(found: FloatArray, prepared: Prepared, field: Field, spec: FinderSpec) -> list[Found]:
    """The stents in a finder's map (6, h, w), as they are numbered: from above, then the left."""
    stents = stents_of(found, prepared.extent, field.shape, spec.presence)
    return sorted(stents, key=lambda one: (one.middle[1], one.middle[0]))


def crop_of(stent: Found, field: Field, spec: FinderSpec) -> Crop:
    """What is cut out around a stent to name it."""
    rows, columns = field.values.shape
    return Crop.around(stent, spec.margin, rows, columns, field.radiograph.pixel_aspect)


def fit_stent(field: Field, crop: Crop, spec: Preprocessing) -> Fitted:
    """The crop at native resolution in the network's square, before it is normalised."""
    cut = cut_out(field.values, crop, spec.side, field.area)
    limits = limits_of(field.radiograph, field.frame, spec)
    return preprocess.fit(cut, spec, limits=limits, polarity=field.polarity(spec))


def prepare_stent(field: Field, crop: Crop, spec: Preprocessing) -> Prepared:
    """The network's input for one stent. The extent is of the crop, not of the image."""
    cut = cut_out(field.values, crop, spec.side, field.area)
    limits = limits_of(field.radiograph, field.frame, spec)
    return preprocess.prepare(cut, spec, limits=limits, polarity=field.polarity(spec))


def found_of(finding: Finding, field: Field) -> Found | None:
    """Where a kept finding's stent was found, to look at it again; None where it has no axis."""
    if len(finding.outline) != 4:
        return None
    height, width = field.shape
    corners = np.array(finding.outline) * (width, height)
    first, last = corners[:2].mean(axis=0), corners[2:].mean(axis=0)
    across = float(np.hypot(*(corners[1] - corners[0])))
    ends = ((float(first[0]), float(first[1])), (float(last[0]), float(last[1])))
    return Found(finding.presence, ends, across)


def outline_of(stent: Found, field: Field) -> tuple[tuple[float, float], ...]:
    """The corners of the box along the stent's axis, image fractions."""
    height, width = field.shape
    return tuple((float(x / width), float(y / height)) for x, y in stent.corners)


def box_around(outline: Sequence[tuple[float, float]]) -> Box | None:
    """The upright box around an outline, inside the image; None where nothing of it is inside."""
    x, y = (np.clip([corner[axis] for corner in outline], 0, 1) for axis in (0, 1))
    box = Box(float(x.min()), float(y.min()), float(x.max()), float(y.max()))
    return box if box.x0 < box.x1 and box.y0 < box.y1 else None


def no_radiograph(radiograph: Radiograph, frame: int) -> str:
    """Why this can be no radiograph of a stent, a sentence; empty where it may be one.

    Told by the file and the plainest of its pixels, before any network looks at it.
    """
    modality = radiograph.header.identity.modality
    rows, columns = radiograph.header.rows, radiograph.header.columns
    if modality not in RADIOGRAPHS or radiograph.positions_mm:
        return sentence(
            "This is an image of modality {modality}, not a radiograph. The model reads "
            "fluoroscopy and plain radiographs only.",
            modality=modality or "CT",
        )
    if min(rows * radiograph.pixel_aspect, columns) < LEAST_SIDE:
        return sentence(
            "This image has {columns} × {rows} pixels, too few to show a stent's wires. Open the "
            "original instead of a thumbnail or a part of it.",
            columns=columns,
            rows=rows,
        )
    if _is_coloured(radiograph, frame):
        return sentence(
            "This is a picture in colour, such as a photograph, not a radiograph. The model reads "
            "fluoroscopy and plain radiographs only."
        )
    return ""


def _is_coloured(radiograph: Radiograph, frame: int) -> bool:
    stored = radiograph.frames[frame]
    if stored.ndim != 3:
        return False
    step = max(1, min(stored.shape[:2]) // 256)
    part = stored[::step, ::step].astype(np.int16)
    spread = part.max(axis=2) - part.min(axis=2)
    return bool((spread > _COLOUR).mean() > _COLOURED)
