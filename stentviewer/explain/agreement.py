"""Whether two explanations of one reading point to the same places."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import Box, HeatMap

HOTTEST = 0.1  # of the area: what a reader sees as hot
_SIDE = 64  # points a side at which both maps are looked at

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Agreement:
    """`overlap` is the share, 0…1, that the hottest tenths have in common; chance is 0.1.

    `ranks` is Spearman's rank correlation, -1…1, over the area both maps cover.
    """

    overlap: float
    ranks: float


def agreement(first: HeatMap, second: HeatMap) -> Agreement | None:
    """How far two maps agree; None where one shows no heat or they cover nothing in common.

    A map with heat in less than a tenth of the area is compared by as much as it has.
    """
    area = _common(first.extent, second.extent)
    if area is None:
        return None
    one, two = _sampled(first, area), _sampled(second, area)
    count = min(round(HOTTEST * one.size), int((one > 0).sum()), int((two > 0).sum()))
    if count == 0 or np.ptp(one) == 0 or np.ptp(two) == 0:
        return None
    shared = np.intersect1d(_hottest(one, count), _hottest(two, count)).size
    return Agreement(shared / count, float(np.corrcoef(_ranks(one), _ranks(two))[0, 1]))


def _common(one: Box, two: Box) -> Box | None:
    """The part of the image that both boxes cover."""
    x0, y0 = max(one.x0, two.x0, 0.0), max(one.y0, two.y0, 0.0)
    x1, y1 = min(one.x1, two.x1, 1.0), min(one.y1, two.y1, 1.0)
    return Box(x0, y0, x1, y1) if x0 < x1 and y0 < y1 else None


def _sampled(heat: HeatMap, area: Box) -> Floats:
    """The map's values at points spread evenly over the area, as one row of numbers."""
    rows, columns = heat.values.shape
    down = between(rows, heat.extent.y0, heat.extent.y1, _points(area.y0, area.y1))
    across = between(columns, heat.extent.x0, heat.extent.x1, _points(area.x0, area.x1))
    values: Floats = (down @ heat.values.astype(np.float64) @ across.T).ravel()
    return values


def _points(first: float, last: float) -> Floats:
    points: Floats = first + (np.arange(_SIDE) + 0.5) * (last - first) / _SIDE
    return points


def between(cells: int, start: float, stop: float, points: Floats) -> Floats:
    """Weights (points, cells) that interpolate along one axis between the cells' middles.

    The cells fill start to stop evenly; a point beyond the outermost middle takes its value.
    """
    middles = start + (np.arange(cells) + 0.5) * (stop - start) / cells
    return np.stack([np.interp(points, middles, one) for one in np.eye(cells)], axis=1)


def _hottest(values: Floats, count: int) -> npt.NDArray[np.intp]:
    return np.argsort(-values, kind="stable")[:count]


def _ranks(values: Floats) -> Floats:
    """Ranks from 0; equal values share their middle rank."""
    _, place, counts = np.unique(values, return_inverse=True, return_counts=True)
    last = np.cumsum(counts)
    ranks: Floats = (last - (counts + 1) / 2)[place]
    return ranks
