"""Where a measurement's handles and lines are, and what it becomes when one is dragged.

Everything is in image coordinates (column x, row y). `aspect` is a pixel's height over its width:
what is square, round or at 45° is so on the screen and in the patient, not in rows and columns.
"""

from __future__ import annotations

import math
from dataclasses import replace
from functools import lru_cache
from typing import Any

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import Measurement, MeasurementKind
from stentviewer.imaging.centre_line import CentreLine, centre_line

Point = tuple[float, float]
Array = npt.NDArray[np.floating[Any]]

FRAMED = frozenset({MeasurementKind.ELLIPSE, MeasurementKind.RECTANGLE})
WHOLE = -1  # in place of a handle's index
_CURVE_STEP = 4  # of the centre line's samples, one in four is drawn
_ROUND = 2 * np.pi * np.arange(129) / 128
_OUTLINE = 80  # places along all the lines of one
_NARROWEST = 1.0  # columns


def clamped(point: Point, columns: int, rows: int) -> Point:
    """The nearest point of the image."""
    return min(max(point[0], 0.0), float(columns)), min(max(point[1], 0.0), float(rows))


def at_45_degrees(anchor: Point, to: Point, aspect: float) -> Point:
    """The point at a multiple of 45° from the anchor that is nearest to `to`."""
    dx, dy = to[0] - anchor[0], (to[1] - anchor[1]) * aspect
    turn = round(math.atan2(dy, dx) / (math.pi / 4)) * (math.pi / 4)
    along = dx * math.cos(turn) + dy * math.sin(turn)
    return anchor[0] + along * math.cos(turn), anchor[1] + along * math.sin(turn) / aspect


def squared(anchor: Point, to: Point, aspect: float) -> Point:
    """The opposite corner of the smallest square that reaches as far as `to`."""
    dx, dy = to[0] - anchor[0], (to[1] - anchor[1]) * aspect
    side = max(abs(dx), abs(dy))
    return anchor[0] + math.copysign(side, dx), anchor[1] + math.copysign(side, dy) / aspect


def constrained(kind: MeasurementKind, anchor: Point, to: Point, aspect: float) -> Point:
    """What Shift makes of the way from the point before."""
    return (squared if kind in FRAMED else at_45_degrees)(anchor, to, aspect)


def handles(measurement: Measurement, aspect: float) -> tuple[Point, ...]:
    """The points that can be dragged.

    A frame's four corners, going round; a stent's centre line points and then its walls, left and
    right of each; a freehand line has none.
    """
    points, kind = measurement.points, measurement.kind
    if kind is MeasurementKind.FREEHAND:
        return ()
    if kind in FRAMED and len(points) == 2:
        (x0, y0), (x1, y1) = points
        return points[0], (x1, y0), points[1], (x0, y1)
    if kind is MeasurementKind.STENT and len(points) > 1:
        left, right = walls(measurement, aspect)
        pairs = np.stack([left, right], axis=1).reshape(-1, 2)
        return (*points, *((float(x), float(y)) for x, y in pairs))
    return points


def moved(
    measurement: Measurement, handle: int, to: Point, aspect: float, *, constrain: bool = False
) -> Measurement:
    """The measurement after one of its handles has been dragged.

    Shift: a length's end goes at 45°, a frame becomes square, a stent has one diameter all along.
    """
    points, kind = list(measurement.points), measurement.kind
    if kind in FRAMED:
        anchor = handles(measurement, aspect)[(handle + 2) % 4]
        end = squared(anchor, to, aspect) if constrain else to
        return replace(measurement, points=(anchor, end))
    if kind is MeasurementKind.STENT and handle >= len(points):
        return _widened(measurement, (handle - len(points)) // 2, to, aspect, everywhere=constrain)
    before = _neighbour(kind, handle)
    if constrain and before is not None:
        to = at_45_degrees(points[before], to, aspect)
    points[handle] = to
    return replace(measurement, points=tuple(points))


def _neighbour(kind: MeasurementKind, handle: int) -> int | None:
    """The point from which an end is kept at 45°."""
    if kind in (MeasurementKind.LENGTH, MeasurementKind.CALIBRATION):
        return 1 - handle
    return 1 if kind is MeasurementKind.ANGLE and handle != 1 else None


def _widened(
    stent: Measurement, place: int, to: Point, aspect: float, *, everywhere: bool
) -> Measurement:
    """The first diameter that is dragged is taken for all of them, to begin with."""
    line = _line(stent.points, aspect)
    point = np.asarray(stent.points[place]) * (1.0, aspect)
    off = np.asarray(to) * (1.0, aspect) - point
    width = max(2 * abs(float(off @ line.normals[place])), _NARROWEST)
    if everywhere or not stent.widths:
        return replace(stent, widths=(width,) * len(stent.points))
    widths = list(stent.widths)
    widths[place] = width
    return replace(stent, widths=tuple(widths))


def shifted(measurement: Measurement, dx: float, dy: float, columns: int, rows: int) -> Measurement:
    """The whole moved as far as it stays in the image."""
    points = np.asarray(measurement.points)
    low, high = points.min(axis=0), points.max(axis=0)
    room = np.array([columns, rows], float)
    way = np.clip((dx, dy), np.minimum(-low, 0.0), np.maximum(room - high, 0.0))
    return replace(measurement, points=tuple((float(x), float(y)) for x, y in points + way))


def walls(stent: Measurement, aspect: float) -> tuple[Array, Array]:
    """A stent's left and right wall (n, 2) at its points; a nominal one while it has no widths."""
    line = _line(stent.points, aspect)
    widths = np.asarray(stent.widths or (0.15 * line.length,) * len(stent.points))
    return _beside(line.curve[line.places], line.normals, widths, aspect)


def polylines(measurement: Measurement, aspect: float) -> tuple[Array, ...]:
    """What is drawn and can be taken hold of: lines (n, 2); a closed one ends where it began."""
    return lines_of(measurement.kind, measurement.points, measurement.widths, aspect)


def outline(measurement: Measurement, aspect: float) -> Array:
    """Some places (n, 2) all along the lines, their points among them in their order."""
    return _outline(measurement.kind, measurement.points, measurement.widths, aspect)


@lru_cache(maxsize=512)
def _outline(
    kind: MeasurementKind, points: tuple[Point, ...], widths: tuple[float, ...], aspect: float
) -> Array:
    lines = lines_of(kind, points, widths, aspect)
    step = sum(float(np.hypot(*np.diff(line, axis=0).T).sum()) for line in lines) / _OUTLINE
    return np.concatenate([_dense(line, step) for line in lines])


def _dense(line: Array, step: float) -> Array:
    """The line with a point at least every so often."""
    ways = np.hypot(*np.diff(line, axis=0).T)
    way = np.concatenate([[0.0], np.cumsum(ways)])
    if len(line) < 2 or way[-1] == 0.0:
        return line
    even = np.linspace(0.0, way[-1], int(way[-1] / step) + 2)
    places = np.union1d(even, way) if len(line) <= _OUTLINE else even
    return np.stack([np.interp(places, way, line[:, axis]) for axis in (0, 1)], axis=1)


@lru_cache(maxsize=512)
def lines_of(
    kind: MeasurementKind, points: tuple[Point, ...], widths: tuple[float, ...], aspect: float
) -> tuple[Array, ...]:
    """The same by a measurement's kind, points and widths."""
    corners = np.asarray(points, float).reshape(-1, 2)
    if len(corners) < 2:
        return (corners,)
    if kind in FRAMED:
        (x0, y0), (x1, y1) = points[:2]
        if kind is MeasurementKind.RECTANGLE:
            return (np.array([(x0, y0), (x1, y0), (x1, y1), (x0, y1), (x0, y0)]),)
        middle, half = (corners[0] + corners[1]) / 2, np.abs(corners[1] - corners[0]) / 2
        return (middle + half * np.stack([np.cos(_ROUND), np.sin(_ROUND)], axis=1),)
    if kind in (MeasurementKind.POLYGON, MeasurementKind.FREEHAND):
        return (np.concatenate([corners, corners[:1]]),)
    if kind is MeasurementKind.STENT:
        return _stent_lines(points, widths, aspect)
    return (corners,)


def _stent_lines(
    points: tuple[Point, ...], widths: tuple[float, ...], aspect: float
) -> tuple[Array, ...]:
    """The centre line, the two walls, and the diameter at every point."""
    line = _line(points, aspect)
    chosen = np.unique(np.r_[np.arange(0, len(line.curve), _CURVE_STEP), len(line.curve) - 1])
    centre = line.curve[chosen] / (1.0, aspect)
    if not widths:
        return (centre,)
    arc = line.arc
    along = np.interp(arc[chosen], arc[line.places], widths)
    sides = _beside(line.curve[chosen], line.normals_along()[chosen], along, aspect)
    ends = _beside(line.curve[line.places], line.normals, np.asarray(widths), aspect)
    bars = tuple(np.stack(pair) for pair in zip(*ends, strict=True))
    return (centre, *sides, *bars)


def _beside(centre: Array, normals: Array, widths: Array, aspect: float) -> tuple[Array, Array]:
    off = normals * (widths[:, None] / 2)
    return (centre + off) / (1.0, aspect), (centre - off) / (1.0, aspect)


@lru_cache(maxsize=128)
def _line(points: tuple[Point, ...], aspect: float) -> CentreLine:
    """Of square pixels."""
    return centre_line(np.asarray(points, float) * (1.0, aspect))


def distance(lines: tuple[Array, ...], at: Point) -> float:
    """From a point to the nearest place on the lines, in their unit."""
    best = math.inf
    point = np.asarray(at)
    for line in lines:
        if len(line) == 1:
            best = min(best, float(np.hypot(*(line[0] - point))))
            continue
        start, way = line[:-1], np.diff(line, axis=0)
        square = np.maximum((way**2).sum(axis=1), 1e-12)
        share = np.clip(((point - start) * way).sum(axis=1) / square, 0.0, 1.0)
        off = start + share[:, None] * way - point
        best = min(best, float(np.sqrt((off**2).sum(axis=1).min())))
    return best
