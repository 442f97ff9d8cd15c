"""Whether an explanation holds: does the heat lie where the thing is?"""

from __future__ import annotations

import numpy as np

from stentviewer.core.types import Box, FloatArray, HeatMap


def share_inside(heat: HeatMap, box: Box) -> float:
    """The share, 0…1, of all heat that lies inside a box (image fractions).

    A cell of the map counts by the part of its area that the box covers; heat over padding counts
    as outside. A map without heat has no share inside: 0.
    """
    total = float(heat.values.sum(dtype=np.float64))
    if total <= 0:
        return 0.0
    rows, columns = heat.values.shape
    down = _covered(rows, heat.extent.y0, heat.extent.y1, max(box.y0, 0), min(box.y1, 1))
    across = _covered(columns, heat.extent.x0, heat.extent.x1, max(box.x0, 0), min(box.x1, 1))
    return float(down @ heat.values.astype(np.float64) @ across) / total


def _covered(cells: int, start: float, stop: float, first: float, last: float) -> FloatArray:
    """How much of each cell along one axis lies between first and last, 0…1 each."""
    edges = np.linspace(start, stop, cells + 1)
    overlap = np.minimum(edges[1:], last) - np.maximum(edges[:-1], first)
    share: FloatArray = np.clip(overlap / np.diff(edges), 0, 1)
    return share
