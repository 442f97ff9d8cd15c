"""A first guess at a stent's diameters: where its wall stands out across the centre line.

A mesh tube takes up most of the beam where it is seen edge on, so that grey values change most at
its two outer edges, in opposite ways. Every station's profile is the mean of neighbours along the
line, which levels out the mesh. The guess is for a person to put right.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import Spacing, SpacingKind
from stentviewer.imaging.centre_line import CentreLine, centre_line

Array = npt.NDArray[np.floating[Any]]

_WIDEST_MM = 16.0  # biliary stents are 6 to 10 mm, magnified up to 1.35 at the detector
_WIDEST_SHARE = 0.05  # of the longer side of an image without a spacing
_STEP = 0.5  # columns between the samples of a profile, more where pixels are very small
_MOST_SAMPLES = 200  # of a profile on either side
_STATIONS = 48  # along the line
_OFF_CENTRE = 0.2  # of the diameter: how far beside the middle the line may have been clicked
_NARROWEST = 0.1  # of the width of a profile
_STIFF = 0.1  # what one sample more or less costs from station to station, in usual strengths
_CLEAR = 3.0  # how much stronger the edges must be than the profiles' usual change


def propose_widths(
    points: Sequence[tuple[float, float]],
    stored: npt.NDArray[Any],
    spacing: Spacing,
    pixel_aspect: float,
) -> tuple[float, ...]:
    """Diameters in columns at each point of a centre line; empty where no edges stand out.

    `stored` (rows, columns) or (rows, columns, 3) are the frame's values.
    """
    values = stored if stored.ndim == 2 else stored[..., 1]
    reach = _reach(values.shape, spacing)
    if len(points) < 2 or reach < 4 or min(values.shape) < 2:
        return ()
    line = centre_line(np.asarray(points, np.float64) * (1.0, pixel_aspect))
    places = np.linspace(0.0, line.length, _STATIONS)
    samples = min(int(reach / _STEP), _MOST_SAMPLES)
    offsets = np.linspace(-reach, reach, 2 * samples + 1)
    change = np.gradient(_profiles(line, places, offsets, values, pixel_aspect), axis=1)
    strength, widths = _strength(change, offsets)
    usual = float(np.median(np.abs(change)))
    if not np.median(strength.max(axis=1)) > _CLEAR * usual:
        return ()
    found = widths[_smoothest(strength)]
    return tuple(float(width) for width in np.interp(line.arc[line.places], places, found))


def _reach(shape: tuple[int, ...], spacing: Spacing) -> float:
    """How far to look from the centre line, in columns."""
    if spacing.mm is None or spacing.kind is SpacingKind.NONE:
        return _WIDEST_SHARE * max(shape) / 2 * 1.3
    return _WIDEST_MM / 2 / spacing.mm[1] * 1.3


def _profiles(
    line: CentreLine, places: Array, offsets: Array, values: npt.NDArray[Any], aspect: float
) -> Array:
    """Mean grey values across the line at each place, (places, offsets), smoothed."""
    arc, normals = line.arc, line.normals_along()
    near = np.arange(-6.0, 7.0)  # columns along the line
    along = np.clip(places[:, None] + near, 0.0, line.length).ravel()
    centre = np.stack([np.interp(along, arc, line.curve[:, axis]) for axis in (0, 1)], axis=1)
    across = np.stack([np.interp(along, arc, normals[:, axis]) for axis in (0, 1)], axis=1)
    where = centre[:, None] + offsets[:, None] * across[:, None]
    found = _sample(values, where[..., 0], where[..., 1] / aspect)
    mean = found.reshape(len(places), len(near), -1).mean(axis=1)
    kernel = np.exp(-0.5 * (np.arange(-4, 5) / 1.6) ** 2)
    padded = np.pad(mean, ((0, 0), (4, 4)), mode="edge")
    windows = np.lib.stride_tricks.sliding_window_view(padded, 9, axis=1)
    smooth: Array = windows @ (kernel / kernel.sum())
    return smooth


def _sample(values: npt.NDArray[Any], x: Array, y: Array) -> Array:
    """Bilinear between pixel centres; beside the image its edge goes on."""
    rows, columns = values.shape
    x, y = np.clip(x - 0.5, 0, columns - 1), np.clip(y - 0.5, 0, rows - 1)
    x0, y0 = np.minimum(x.astype(np.intp), columns - 2), np.minimum(y.astype(np.intp), rows - 2)
    fx, fy = x - x0, y - y0
    upper = values[y0, x0] * (1 - fx) + values[y0, x0 + 1] * fx
    lower = values[y0 + 1, x0] * (1 - fx) + values[y0 + 1, x0 + 1] * fx
    between: Array = upper * (1 - fy) + lower * fy
    return between


def _strength(change: Array, offsets: Array) -> tuple[Array, Array]:
    """How far the best pair of edges so far apart stands out, (places, widths), and the widths.

    A dark stent on bright ground falls on the left and rises on the right, a bright one the other
    way; which of the two it is, the whole stent decides.
    """
    count, apart = len(offsets), offsets[1] - offsets[0]
    steps = np.arange(int(_NARROWEST * count), count)
    found = []
    for sign in (1.0, -1.0):
        of_width = np.zeros((len(change), len(steps)))
        for place, step in enumerate(steps):
            middle = np.abs(offsets[:-step] + offsets[step:]) / 2
            pairs = np.minimum(-sign * change[:, :-step], sign * change[:, step:])
            of_width[:, place] = pairs[:, middle <= _OFF_CENTRE * step * apart].max(axis=1)
        found.append(of_width)
    dark, bright = found
    chosen = dark if dark.max(axis=1).sum() >= bright.max(axis=1).sum() else bright
    return np.maximum(chosen, 0.0), steps * apart


def _smoothest(strength: Array) -> npt.NDArray[np.intp]:
    """The widths' indices along the stent that stand out most and change least (Viterbi)."""
    places, widths = strength.shape
    index = np.arange(widths)
    cost = _STIFF * float(np.median(strength.max(axis=1))) * np.abs(index[:, None] - index)
    best = strength[0]
    came_from = np.zeros((places, widths), np.intp)
    for place in range(1, places):
        ways = best[None, :] - cost
        came_from[place] = ways.argmax(axis=1)
        best = strength[place] + ways.max(axis=1)
    path = np.empty(places, np.intp)
    path[-1] = best.argmax()
    for place in range(places - 1, 0, -1):
        path[place - 1] = came_from[place, path[place]]
    return path
