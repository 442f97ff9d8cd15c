"""A stent of a kept reading as a model sees it: the model's input again, and the way back."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import Box, Finding, FloatArray, HeatMap
from stentviewer.explain.checks import Seen
from stentviewer.tasks import stent_field, stent_maker
from stentviewer.tasks.stent_crop import Crop, upon_image
from stentviewer.tasks.stent_field import Field
from stentviewer.tasks.stent_finder import Found

if TYPE_CHECKING:
    from stentviewer.imaging.image import Radiograph
    from stentviewer.inference.bundle import Bundle, FinderSpec

_LEAST_OVERLAP = 0.1  # of two boxes, for another model's stent to be the same one


@dataclass(frozen=True, slots=True, eq=False)
class Sight:
    """What a network is shown of one stent, and `onto`: a map (h, w) over that, and its method's
    name, as a heat map over the image."""

    seen: Seen
    onto: Callable[[FloatArray, str], HeatMap]


def sight(radiograph: Radiograph, frame: int, bundle: Bundle, finding: Finding) -> Sight:
    """A finding as this model sees it, whichever model it was found by.

    A model with a finder is shown what is cut out around the stent; where the finding has no axis,
    its own finder says where that is. Any other is shown the whole field. Raises KnownError where
    the model finds no stent at this place.
    """
    spec = bundle.manifest.finder
    if spec is None:
        return _whole(radiograph, frame, bundle, finding)
    field = stent_field.field_of(radiograph, frame)
    found = stent_field.found_of(finding, field) or _looked_for(field, bundle, spec, finding)
    crop = stent_field.crop_of(found, field, spec)
    tensor = stent_field.prepare_stent(field, crop, bundle.manifest.preprocessing).tensor
    outline = _in_crop(stent_field.outline_of(found, field), crop)
    return Sight(Seen(tensor, outline), lambda values, name: upon_image(values, crop, name))


def _whole(radiograph: Radiograph, frame: int, bundle: Bundle, finding: Finding) -> Sight:
    prepared = stent_maker.prepare(radiograph, frame, bundle)
    extent = prepared.extent
    wide, tall = extent.x1 - extent.x0, extent.y1 - extent.y0
    outline = tuple(((x - extent.x0) / wide, (y - extent.y0) / tall) for x, y in finding.outline)
    return Sight(Seen(prepared.tensor, outline), lambda values, name: HeatMap(values, extent, name))


def _looked_for(field: Field, bundle: Bundle, spec: FinderSpec, finding: Finding) -> Found:
    """The stent that the model's own finder sees where the finding's box is."""
    from stentviewer.inference.runtimes.finder import open_finder

    prepared = stent_field.prepare_field(field, spec)
    stents = stent_field.find(open_finder(bundle).run(prepared.tensor).map, prepared, field, spec)
    best, most = None, _LEAST_OVERLAP
    for stent in stents:
        box = stent_field.box_around(stent_field.outline_of(stent, field))
        overlap = _overlap(box, finding.box)
        if overlap > most:
            best, most = stent, overlap
    if best is None:
        raise KnownError(
            sentence("{model} finds no stent at this place.", model=bundle.manifest.name)
        )
    return best


def _overlap(one: Box | None, two: Box | None) -> float:
    """Area of both over area of either (intersection over union)."""
    if one is None or two is None:
        return 0.0
    wide = min(one.x1, two.x1) - max(one.x0, two.x0)
    tall = min(one.y1, two.y1) - max(one.y0, two.y0)
    if wide <= 0 or tall <= 0:
        return 0.0
    areas = sum((box.x1 - box.x0) * (box.y1 - box.y0) for box in (one, two))
    return wide * tall / (areas - wide * tall)


def _in_crop(
    outline: tuple[tuple[float, float], ...], crop: Crop
) -> tuple[tuple[float, float], ...]:
    """Corners in image fractions as fractions of the crop's square."""
    rows, columns = crop.shape[0] / crop.aspect, crop.shape[1]
    to_image = np.vstack([crop.to_image(1), [0, 0, 1]])
    stored = np.array(outline) * (columns, rows)
    back = np.linalg.inv(to_image) @ np.vstack([stored.T, np.ones(len(outline))])
    return tuple((float(x), float(y)) for x, y in back[:2].T)
