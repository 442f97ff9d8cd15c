"""The smooth line through the points that a reader clicked along a bent stent."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Array = npt.NDArray[np.float64]

_STEPS = 64  # pieces between two points: an arc's length is then right to 1e-5


@dataclass(frozen=True, slots=True, eq=False)
class CentreLine:
    """A curve (n, 2) finely sampled, and where on it the given points lie.

    `places` (k,) are the points' indices in the curve; `normals` (k, 2) are unit vectors across
    the curve there, to the left of the way it goes (x to the right, y down).
    """

    curve: Array
    places: npt.NDArray[np.intp]
    normals: Array

    @property
    def arc(self) -> Array:
        """The way along the curve to each of its samples, (n,)."""
        steps = np.linalg.norm(np.diff(self.curve, axis=0), axis=1)
        return np.concatenate([[0.0], np.cumsum(steps)])

    @property
    def length(self) -> float:
        """In the unit of the points."""
        return float(self.arc[-1])

    def normals_along(self) -> Array:
        """Unit vectors across the curve at every sample, (n, 2)."""
        return _across(np.gradient(self.curve, axis=0))


def centre_line(points: Sequence[tuple[float, float]] | Array) -> CentreLine:
    """The centripetal Catmull-Rom curve through two or more points (k, 2) of square pixels.

    It bends between unevenly placed points without loops or cusps (Yuksel, Schaefer and Keyser,
    Computer-Aided Design 43, 2011). Its ends follow the parabola through the nearest three
    points. Raises ValueError for fewer than two points.
    """
    given = np.asarray(points, np.float64)
    if given.ndim != 2 or len(given) < 2:
        raise ValueError("a centre line needs two points")
    gaps = np.sqrt(np.linalg.norm(np.diff(given, axis=0), axis=1))
    gaps = np.maximum(gaps, 1e-6)  # two clicks on one spot are a point, not a division by zero
    slopes = np.diff(given, axis=0) / gaps[:, None]
    tangents = _tangents(slopes, gaps)
    s = np.linspace(0.0, 1.0, _STEPS, endpoint=False)[None, :, None]
    start, stop, gap = given[:-1, None], given[1:, None], gaps[:, None, None]
    pieces = (
        (2 * s**3 - 3 * s**2 + 1) * start
        + (s**3 - 2 * s**2 + s) * gap * tangents[:-1, None]
        + (3 * s**2 - 2 * s**3) * stop
        + (s**3 - s**2) * gap * tangents[1:, None]
    )
    curve = np.concatenate([pieces.reshape(-1, 2), given[-1:]])
    places = np.arange(len(given), dtype=np.intp) * _STEPS
    return CentreLine(curve, places, _across(np.gradient(curve, axis=0)[places]))


def _tangents(slopes: Array, gaps: Array) -> Array:
    """Derivatives at the points of the parabolas through each three neighbours."""
    if len(slopes) == 1:
        return np.repeat(slopes, 2, axis=0)
    before, after = gaps[:-1, None], gaps[1:, None]
    bend = (slopes[1:] - slopes[:-1]) / (before + after)  # of each parabola
    inner = slopes[:-1] + before * bend
    first = slopes[:1] - gaps[0] * bend[:1]
    last = slopes[-1:] + gaps[-1] * bend[-1:]
    return np.concatenate([first, inner, last])


def _across(ways: Array) -> Array:
    lengths = np.maximum(np.linalg.norm(ways, axis=1, keepdims=True), 1e-12)
    unit = ways / lengths
    return np.stack([unit[:, 1], -unit[:, 0]], axis=1)
