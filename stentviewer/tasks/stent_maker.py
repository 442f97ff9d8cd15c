"""Who made the metal stent on a radiograph."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stentviewer.core.types import Box, ClassScore, Finding, FloatArray, HeatMap
from stentviewer.imaging.collimator import uncollimated_area
from stentviewer.imaging.image import Radiograph
from stentviewer.inference import preprocess
from stentviewer.inference.bundle import Bundle
from stentviewer.inference.preprocess import Fitted, Prepared, Preprocessing
from stentviewer.inference.runtimes.base import Output

TASK = "stent-maker"
_HOT = 0.5  # of the hottest cell: the half-maximum contour


def prepare(radiograph: Radiograph, frame: int, bundle: Bundle) -> Prepared:
    """The frame's modality values inside the collimator, as the bundle's manifest asks for."""
    spec = bundle.manifest.preprocessing
    values = radiograph.modality_values(frame)
    return preprocess.prepare(
        values,
        spec,
        uncollimated_area(values),
        pixel_aspect=radiograph.pixel_aspect,
        limits=_limits(radiograph, frame, spec),
    )


def fit(
    radiograph: Radiograph, frame: int, spec: Preprocessing, masks: Sequence[Box] = ()
) -> Fitted:
    """The frame as `prepare` fits it into the square, before it is normalised: for training.

    masks, in image fractions, are painted over with the median of the uncollimated area.
    """
    values = radiograph.modality_values(frame)
    area = uncollimated_area(values)
    return preprocess.fit(
        _painted_over(values, masks, area) if masks else values,
        spec,
        area,
        pixel_aspect=radiograph.pixel_aspect,
        limits=_limits(radiograph, frame, spec),
    )


def _limits(radiograph: Radiograph, frame: int, spec: Preprocessing) -> tuple[float, float] | None:
    if spec.window != "dicom":
        return None
    window = radiograph.default_window(frame)
    return window.centre - window.width / 2, window.centre + window.width / 2


def _painted_over(values: FloatArray, masks: Sequence[Box], area: Box) -> FloatArray:
    painted = values.copy()
    median = np.nanmedian(values[_part(values, area)])
    for mask in masks:
        painted[_part(values, mask)] = median
    return painted


def _part(values: FloatArray, box: Box) -> tuple[slice, slice]:
    """The pixels that a box touches."""
    rows, columns = values.shape
    return (
        slice(max(0, math.floor(box.y0 * rows)), max(0, math.ceil(box.y1 * rows))),
        slice(max(0, math.floor(box.x0 * columns)), max(0, math.ceil(box.x1 * columns))),
    )


def interpret(
    output: Output,
    prepared: Prepared,  # noqa: ARG001 - part of what every task is given
    bundle: Bundle,
    heat: HeatMap | None,
) -> tuple[Finding, ...]:
    """One finding: the most probable maker, those not excluded, and where the heat is.

    Probabilities are the softmax of the scores over the manifest's temperature (Guo et al., 2017).
    The prediction set is the smallest whose probabilities sum to the manifest's coverage; the
    finding is unknown when even the first stays below the manifest's threshold.
    """
    manifest = bundle.manifest
    probabilities = softmax(output.scores, manifest.temperature)
    order = np.argsort(-probabilities, kind="stable")
    scores = tuple(ClassScore(bundle.labels[i], float(probabilities[i])) for i in order)
    top = scores[0]
    return (
        Finding(
            maker=top.label,
            probability=top.probability,
            scores=scores,
            prediction_set=_not_excluded(scores, manifest.thresholds.set_coverage),
            unknown=top.probability < manifest.thresholds.unknown_below,
            box=hot_box(heat) if heat is not None else None,
        ),
    )


def softmax(scores: FloatArray, temperature: float) -> FloatArray:
    """Probabilities (classes,), sum 1, of scores divided by a temperature."""
    scaled = scores.astype(np.float64) / temperature
    powers = np.exp(scaled - scaled.max())
    probabilities: FloatArray = powers / powers.sum()
    return probabilities


def hot_box(heat: HeatMap) -> Box | None:
    """The box, in image fractions inside 0…1, around the hottest place.

    It holds the cells of at least half the hottest cell's heat that hang together with it, over
    edges or corners. None where there is no heat or it lies over padding only.
    """
    import cv2

    if not heat.values.max() > 0:
        return None
    hot = (heat.values >= _HOT * heat.values.max()).astype(np.uint8)
    peak = np.unravel_index(int(heat.values.argmax()), heat.values.shape)
    _, parts = cv2.connectedComponents(hot, connectivity=8)
    rows, columns = np.nonzero(parts == parts[peak])
    across = _edges(columns, heat.values.shape[1], heat.extent.x0, heat.extent.x1)
    down = _edges(rows, heat.values.shape[0], heat.extent.y0, heat.extent.y1)
    if across[0] >= across[1] or down[0] >= down[1]:
        return None
    return Box(across[0], down[0], across[1], down[1])


def _edges(
    places: np.ndarray[tuple[int], np.dtype[np.intp]], cells: int, start: float, stop: float
) -> tuple[float, float]:
    """The outer edges of some cells along one axis of the extent, cut to the image."""
    step = (stop - start) / cells
    first, last = start + int(places.min()) * step, start + (int(places.max()) + 1) * step
    return min(max(first, 0.0), 1.0), min(max(last, 0.0), 1.0)


def _not_excluded(scores: tuple[ClassScore, ...], coverage: float) -> tuple[str, ...]:
    total, names = 0.0, []
    for score in scores:
        names.append(score.label)
        total += score.probability
        if total >= coverage - 1e-9:
            break
    return tuple(names)
