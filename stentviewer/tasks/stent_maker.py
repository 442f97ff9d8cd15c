"""Who made the metal stent on a radiograph."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np

from stentviewer.core.types import Box, ClassScore, Finding, FloatArray, HeatMap
from stentviewer.imaging.collimator import uncollimated_area
from stentviewer.imaging.image import Radiograph
from stentviewer.imaging.polarity import known_polarity
from stentviewer.inference import preprocess
from stentviewer.inference.bundle import Bundle, Thresholds
from stentviewer.inference.known import Known
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
        limits=limits_of(radiograph, frame, spec),
        polarity=known_polarity(radiograph),
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
        painted_over(values, masks, area) if masks else values,
        spec,
        area,
        pixel_aspect=radiograph.pixel_aspect,
        limits=limits_of(radiograph, frame, spec),
        polarity=known_polarity(radiograph),
    )


def limits_of(
    radiograph: Radiograph, frame: int, spec: Preprocessing
) -> tuple[float, float] | None:
    """The lowest and highest value of the file's window; None where `spec` does not ask for it."""
    if spec.window != "dicom":
        return None
    window = radiograph.default_window(frame)
    return window.centre - window.width / 2, window.centre + window.width / 2


def painted_over(values: FloatArray, masks: Sequence[Box], area: Box) -> FloatArray:
    """Values with what lies under the masks, in image fractions, at the median of the area."""
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
    return (named(output, bundle, box=hot_box(heat) if heat is not None else None),)


def named(
    output: Output,
    bundle: Bundle,
    known: Known | None = None,
    box: Box | None = None,
    feature: FloatArray | None = None,
) -> Finding:
    """What the network's output says of one stent. Where it stands is the caller's to add.

    feature (C,) is the stent's, the mean of the whole last activation where it is not given.

    The prediction set holds every maker from `set_score` on where the manifest has one, else the
    smallest that sums to its coverage; the most probable one always. Unknown: even the first stays
    below the manifest's threshold, or, with `known`, the stent lies farther than the manifest's
    distance from every known design. Of such a one the probabilities say nothing, so the maker
    that is told is the design it lies nearest to.
    """
    thresholds = bundle.manifest.thresholds
    probabilities = softmax(output.scores, bundle.manifest.temperature)
    order = np.argsort(-probabilities, kind="stable")
    scores = tuple(ClassScore(bundle.labels[i], float(probabilities[i])) for i in order)
    if feature is None:
        feature = output.activation.mean(axis=(1, 2), dtype=np.float32)
    nearest, distance = _nearest(feature, known, thresholds.unknown_distance)
    strange = distance is not None and distance > 1
    told = nearest if strange else int(order[0])
    return Finding(
        maker=bundle.labels[told],
        probability=float(probabilities[told]),
        scores=scores,
        prediction_set=_not_excluded(scores, thresholds),
        unknown=strange or scores[0].probability < thresholds.unknown_below,
        box=box,
        distance=distance,
        feature=feature,
    )


def _nearest(
    feature: FloatArray, known: Known | None, limit: float | None
) -> tuple[int, float | None]:
    """The nearest known design and how far it is, 1 at the limit; None where that is not known."""
    if known is None or limit is None:
        return 0, None
    distances = known.distances(feature) / limit
    nearest = int(distances.argmin())
    return nearest, float(distances[nearest])


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


def _not_excluded(scores: tuple[ClassScore, ...], thresholds: Thresholds) -> tuple[str, ...]:
    least, coverage = thresholds.set_score, thresholds.set_coverage
    if least is not None:
        kept = tuple(score.label for score in scores if score.probability >= least)
        return kept or (scores[0].label,)
    total, names = 0.0, []
    for score in scores:
        names.append(score.label)
        total += score.probability
        if total >= coverage - 1e-9:
            break
    return tuple(names)
