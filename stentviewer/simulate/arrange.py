"""How several stents lie to each other: in a Y, side by side, one inside the other, end to end."""

from __future__ import annotations

from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.tube import Tube, bile_duct_curve, narrowed_radius, tube_from_curve
from stentviewer.simulate.view import View

Array = NDArray[np.float64]
Arrangement = Literal["none", "one", "Y", "side by side", "inside", "end to end", "apart"]
Number = Literal["none", "one", "several"]

ARRANGEMENTS: Final[tuple[Arrangement, ...]] = get_args(Arrangement)
# How often several stents lie which way; two at the hilum are the commonest.
_SEVERAL: Final[dict[Arrangement, float]] = {
    "Y": 0.34,
    "side by side": 0.16,
    "inside": 0.16,
    "end to end": 0.14,
    "apart": 0.20,
}
_SHORTEST_MM, _LONGEST_MM = 40.0, 100.0


def draw_arrangement(rng: np.random.Generator, mix: tuple[float, float, float]) -> Arrangement:
    """One arrangement; mix are the shares of none, one and several."""
    number = int(rng.choice(3, p=np.array(mix) / sum(mix)))
    if number < 2:
        return "one" if number else "none"
    return list(_SEVERAL)[int(rng.choice(len(_SEVERAL), p=list(_SEVERAL.values())))]


def lay(
    rng: np.random.Generator, arrangement: Arrangement, view: View, target: Array
) -> list[Tube]:
    """The tubes that stents of an arrangement lie on, near target (mm) and in the open picture.

    "none" gives one tube too: the duct that contrast agent and catheters follow without a stent.
    """
    diameter = rng.uniform(8.0, 10.0)
    if arrangement in ("none", "one"):
        tubes = [_duct(rng, diameter)]
    elif arrangement == "apart":
        return _apart(rng, view, target, diameter)
    else:
        tubes = _joined(rng, arrangement, diameter)
    return _settled(rng, tubes, view, target)


def _duct(rng: np.random.Generator, diameter: float) -> Tube:
    """One narrowed tube of a random course around the origin."""
    curve = bile_duct_curve(rng, rng.uniform(_SHORTEST_MM, _LONGEST_MM))
    return _narrowed(rng, curve, diameter)


def _narrowed(rng: np.random.Generator, curve: Array, diameter: float) -> Tube:
    """A tube pressed in by a stricture; one in four has not opened to its diameter yet."""
    tube = tube_from_curve(curve, np.full(len(curve), diameter / 2))
    opened = rng.uniform(0.65, 1.0) if rng.random() < 0.25 else 1.0
    return tube_from_curve(curve, opened * narrowed_radius(rng, tube.arc_mm, diameter))


def _joined(rng: np.random.Generator, arrangement: Arrangement, diameter: float) -> list[Tube]:
    if arrangement == "Y":
        return [_narrowed(rng, curve, diameter) for curve in _branches(rng)]
    if arrangement == "side by side":
        first = bile_duct_curve(rng, rng.uniform(_SHORTEST_MM, 90.0))
        way = first[-1, :2] - first[0, :2]
        across = np.array([way[1], -way[0]]) / max(float(np.hypot(*way)), 1e-6)
        beside = diameter * rng.uniform(0.6, 1.5) * across * rng.choice((-1, 1))
        shift = np.concatenate([beside + rng.uniform(-0.25, 0.25) * way, [rng.normal(0, 5)]])
        splay = rng.normal(0, 0.15)
        turn = np.array(
            [[np.cos(splay), np.sin(splay), 0], [-np.sin(splay), np.cos(splay), 0], [0, 0, 1]]
        )
        return [_narrowed(rng, curve, diameter) for curve in (first, first @ turn + shift)]
    one, two = (float(v) for v in rng.uniform(_SHORTEST_MM, 75.0, 2))
    if arrangement == "end to end":
        start = one + rng.uniform(-6.0, 12.0)
        narrower = 1.0
    else:  # one inside the other, sticking out at one or both ends
        start = rng.uniform(-0.3, 0.75) * one
        narrower = rng.uniform(0.78, 0.96)
    begin, end = min(0.0, start), max(one, start + two)
    whole = bile_duct_curve(rng, end - begin)
    arc = np.linspace(begin, end, len(whole))
    parts = (_part(whole, arc, 0.0, one), _part(whole, arc, start, start + two))
    return [
        _narrowed(rng, part, diameter * size)
        for part, size in zip(parts, (1.0, narrower), strict=True)
    ]


def _part(curve: Array, arc: Array, start: float, end: float) -> Array:
    """The stretch of a curve (n, 3) between two lengths along it."""
    where = np.linspace(start, end, max(round(2.0 * (end - start)), 40))
    return np.stack([np.interp(where, arc, curve[:, axis]) for axis in range(3)], axis=1)


def _branches(rng: np.random.Generator) -> list[Array]:
    """Two courses from the liver's right and left side that share all, some or none of a stem."""
    stem = rng.normal(0.15, 0.3)
    down = rng.uniform(15, 60)
    shared = rng.choice((0.0, 1.0, rng.uniform(0.1, 0.9)), p=(0.2, 0.4, 0.4))
    curves = []
    for side, depth in ((-1, 1.0), (1, shared)):
        up = rng.uniform(22, 50)
        spread = stem + side * rng.uniform(0.35, 1.25)
        out = up * np.array([np.sin(spread), -np.cos(spread)])
        stretch = depth * down
        corners = [out, 0.45 * out + rng.normal(0, 1.5, 2)]
        if stretch > 8:
            foot = np.array([np.sin(stem + rng.normal(0, 0.1)), np.cos(stem)])
            apart = side * rng.uniform(0, 2.5)
            corners += [
                np.array([apart, 2.0]) + 0.35 * stretch * foot,
                np.array([apart, 2.0]) + stretch * foot,
            ]
        else:
            corners += [np.array([side * 2.0, 0.0]), np.array([side * 1.0, 6.0])]
        curves.append(_smooth(np.array(corners), rng.normal(0, 4, len(corners))))
    return curves


def _smooth(corners: Array, depth: Array) -> Array:
    """A smooth space curve (n, 3) about every half millimetre through corners (m, 2)."""
    from stentviewer.simulate.sheet import smooth_curve

    raw = smooth_curve(np.column_stack([corners, depth]), 200)
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(raw, axis=0), axis=1))])
    even = _part(raw, arc, 0.0, float(arc[-1]))
    for _ in range(6):  # a metal tube does not turn a sharp corner
        even[1:-1] = 0.25 * even[:-2] + 0.5 * even[1:-1] + 0.25 * even[2:]
    return even


def _open_mm(view: View) -> tuple[Array, Array]:
    """Low and high corner (2,) of the open picture in mm of the body's plane."""
    rows, cols = view.beam.shape
    x0, y0, x1, y1 = view.shutter.box
    if view.shutter.round:  # the largest rectangle of the picture's shape in the circle
        part = 0.5 * min(rows, cols) / float(np.hypot(rows, cols))
        x0, y0, x1, y1 = 0.5 - part, 0.5 - part, 0.5 + part, 0.5 + part
    scale = view.beam.spacing_mm / view.magnification
    low = scale * (np.array([x0 * cols, y0 * rows]) - (cols / 2, rows / 2))
    high = scale * (np.array([x1 * cols, y1 * rows]) - (cols / 2, rows / 2))
    return low, high


def _settled(rng: np.random.Generator, tubes: list[Tube], view: View, target: Array) -> list[Tube]:
    """The same tubes together near target, shrunk along their course where they would not fit."""
    low, high = _open_mm(view)
    points = np.concatenate([tube.centre for tube in tubes])
    reach = 0.75 * max(2 * float(tube.radius_mm.max()) for tube in tubes)
    first, last = points[:, :2].min(axis=0), points[:, :2].max(axis=0)
    room = np.maximum(high - low - 2 * reach, 1.0)
    shrink = float(min(1.0, (room / np.maximum(last - first, 1e-6)).min()))
    if len(tubes) > 1 and shrink < 1:
        tubes = [tube_from_curve(tube.centre * shrink, tube.radius_mm) for tube in tubes]
        first, last = first * shrink, last * shrink
    near, far = low + reach - first, high - reach - last
    middle = 0.5 * (near + far)
    at = np.clip(target - 0.5 * (first + last), np.minimum(near, middle), np.maximum(far, middle))
    offset = np.array([at[0], at[1], view.body_height_mm + rng.normal(0, 15)])
    return [tube.moved(offset) for tube in tubes]


def _apart(rng: np.random.Generator, view: View, target: Array, diameter: float) -> list[Tube]:
    """Two or three tubes of their own courses, some distance from each other."""
    tubes: list[Tube] = []
    low, high = _open_mm(view)
    for number in range(3 if rng.random() < 0.2 else 2):
        place = target if number == 0 else rng.uniform(low, high)
        for _ in range(8):
            tube = _settled(rng, [_duct(rng, diameter * rng.uniform(0.85, 1.1))], view, place)[0]
            if all(_distance(tube, other) > 1.2 * diameter for other in tubes):
                break
            place = rng.uniform(low, high)
        tubes.append(tube)
    return tubes


def _distance(one: Tube, two: Tube) -> float:
    """Least distance in mm between two centre lines as the picture shows them."""
    gap = one.centre[::6, None, :2] - two.centre[None, ::6, :2]
    return float(np.linalg.norm(gap, axis=2).min())
