"""Biliary stent designs as wires and markers on a tube, to scale in mm.

The marks are those that tell the makers apart in pictures: mesh, wire, and the shape, number and
place of the markers. Everything else (length, diameter, course, stricture) is drawn the same way
for every maker, so that no design can be told by its size.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from stentviewer.simulate import further
from stentviewer.simulate.materials import Material
from stentviewer.simulate.stent_parts import (
    Array,
    Specks,
    StentModel,
    Strand,
    around,
    on_tube,
    wire_area,
)
from stentviewer.simulate.tube import Tube

__all__ = [
    "FURTHER_DESIGNS",
    "STENT_MAKERS",
    "Specks",
    "StentModel",
    "Strand",
    "build_stent",
    "wire_area",
]

STENT_MAKERS: Final = ("Bona PC", "Bona UC", "EGIS", "Epic", "NITI-S")
# Designs that nobody makes and the demo model does not know: what a new class is tried with.
FURTHER_DESIGNS: Final = tuple(further.DESIGNS)


def _zigzag(s_mm: float, height_mm: float, crowns: int, phase: float, up: bool) -> Array:
    k = np.arange(2 * crowns + 1)
    sign = np.where((k + int(up)) % 2 == 0, 1.0, -1.0)
    return np.stack([s_mm + 0.5 * height_mm * sign, phase + np.pi * k / crowns], axis=1)


def _hooked_mesh(
    tube: Tube,
    start: float,
    end: float,
    crowns: int,
    height: float,
    wire_mm: float,
    phase: float,
    hook_mm: float,
) -> list[Strand]:
    """Rows of zigzags from start to end (mm), each hooked into the next by hook_mm."""
    rows = max(round((end - start) / (height - hook_mm)), 1)
    pitch = (end - start) / rows
    area = wire_area(wire_mm)
    strands = []
    for row in range(rows):
        corners = _zigzag(start + (row + 0.5) * pitch, pitch + hook_mm, crowns, phase, row % 2 == 1)
        strands.append(Strand(on_tube(tube, corners), area, "nitinol"))
    return strands


def _ticks(
    rng: np.random.Generator,
    tube: Tube,
    s_mm: float,
    angles: Array,
    length: float,
    area: float,
    width_mm: float,
    material: Material,
) -> list[Strand]:
    """Line markers centred at s_mm, roughly along the axis; width_mm is drawn by five lines."""
    strands = []
    offsets = np.linspace(-0.5, 0.5, 5) * width_mm
    radius = float(np.interp(s_mm, tube.arc_mm, tube.radius_mm))
    for angle in angles:
        tilt = rng.normal(0.0, 0.22)
        at = s_mm + rng.normal(0.0, 0.35)
        for offset in offsets:
            middle = angle + offset / radius
            half = 0.5 * length * np.array([np.cos(tilt), np.sin(tilt) / radius])
            corners = np.stack([np.array([at, middle]) - half, np.array([at, middle]) + half])
            corners[:, 0] += np.clip(-corners[:, 0].min(), 0, None)
            corners[:, 0] -= np.clip(corners[:, 0].max() - tube.length_mm, 0, None)
            strands.append(Strand(on_tube(tube, corners, 1.03), area / 5, material))
    return strands


def _flared(tube: Tube, rng: np.random.Generator) -> Tube:
    widen = rng.uniform(0.05, 0.32)
    reach = rng.uniform(4.0, 9.0)
    from_end = np.minimum(tube.arc_mm, tube.length_mm - tube.arc_mm)
    radius = tube.radius_mm * (1.0 + widen * np.clip(1.0 - from_end / reach, 0, 1) ** 1.3)
    return Tube(tube.arc_mm, tube.centre, tube.across, tube.along_v, radius)


def _marker_strength(rng: np.random.Generator) -> float:
    """How much of a solid marker's metal there is: sleeves and coils are partly hollow."""
    return float(10 ** rng.uniform(-1.2, -0.5))


def _bona_mesh(
    rng: np.random.Generator,
    tube: Tube,
    start: float,
    end: float,
    stretch: float,
    wire_mm: float,
    crowns: int,
) -> list[Strand]:
    """Two hooked lattices half a cell apart: their corners hook, their sides cross."""
    height = rng.uniform(4.6, 7.4) * stretch
    phase = rng.uniform(0, 2 * np.pi)
    shift = 0.5 * height
    hook = rng.uniform(0.3, 0.8)
    strands = _hooked_mesh(tube, start, end, crowns, height, wire_mm, phase, hook)
    strands += _hooked_mesh(
        tube, start + shift, end - shift, crowns, height, wire_mm, phase + np.pi / crowns, hook
    )
    return strands


def _bona_ends(
    rng: np.random.Generator, tube: Tube, places: list[tuple[float, int]]
) -> list[Strand]:
    """Ticks of one kind: places are (mm along the stent, how many around)."""
    length, width = rng.uniform(2.6, 4.4), rng.uniform(0.25, 0.5)
    area = 0.075 * _marker_strength(rng)
    strands = []
    for s, count in places:
        strands += _ticks(rng, tube, s, around(rng, count), length, area, width, "platinum")
    return strands


def _bona_uc(rng: np.random.Generator, tube: Tube) -> StentModel:
    """Uncovered Bona: dense hook-and-cross mesh, flared ends, four long ticks at each end."""
    tube = _flared(tube, rng)
    end = tube.length_mm
    crowns = int(rng.integers(5, 8))
    strands = _bona_mesh(rng, tube, 0.0, end, 1.0, rng.uniform(0.105, 0.165), crowns)
    inset = rng.uniform(1.6, 3.0)
    count = int(rng.choice([3, 4, 4, 4]))
    strands += _bona_ends(rng, tube, [(inset, count), (end - inset, count)])
    return StentModel("Bona UC", tube, tuple(strands), ())


def _bona_pc(rng: np.random.Generator, tube: Tube) -> StentModel:
    """Partially covered Bona: bare ends, a covered middle with ticks where the cover ends."""
    tube = _flared(tube, rng)
    end = tube.length_mm
    bare = rng.uniform(7.0, 11.0)
    wire = rng.uniform(0.105, 0.165)
    crowns = int(rng.integers(5, 8))
    strands = _bona_mesh(rng, tube, 0.0, bare, 1.0, wire, crowns)
    stretch = rng.uniform(1.0, 1.35)
    strands += _bona_mesh(rng, tube, bare, end - bare, stretch, wire, crowns)
    strands += _bona_mesh(rng, tube, end - bare, end, 1.0, wire, crowns)
    inset = rng.uniform(1.6, 2.8)
    outer, inner = int(rng.choice([3, 4, 4, 4])), int(rng.choice([2, 2, 3, 4]))
    places = [(inset, outer), (bare, inner), (end - bare, inner), (end - inset, outer)]
    strands += _bona_ends(rng, tube, places)
    cover = _membrane(tube, bare, end - bare, rng.uniform(0.05, 0.3))
    return StentModel("Bona PC", tube, tuple(strands), (cover,))


def _membrane(tube: Tube, start: float, end: float, thickness_mm: float) -> Specks:
    step = 0.3
    around = 96
    s, theta = np.meshgrid(
        np.arange(start + step / 2, end, step), np.arange(around) * 2 * np.pi / around
    )
    points = tube.surface(s.ravel(), theta.ravel(), 0.97)
    radius = np.interp(s.ravel(), tube.arc_mm, tube.radius_mm)
    volume = thickness_mm * step * (2 * np.pi * radius / around)
    return Specks(points, volume, "membrane")


def _egis(rng: np.random.Generator, tube: Tube) -> StentModel:
    """EGIS: a mesh so fine that the pairs of line markers at ends and middle stand out.

    A pair is one line on either side of the stent, or two lines close together on each side.
    """
    end = tube.length_mm
    wire = rng.uniform(0.10, 0.12)
    crowns = int(rng.integers(7, 11))
    height = rng.uniform(3.0, 4.6)
    strands = _hooked_mesh(tube, 0.0, end, crowns, height, wire, rng.uniform(0, 6.28), 0.4)
    inset = rng.uniform(3.0, 6.0)
    middle = 0.5 * end + float(np.clip(rng.normal(0, 1.5), -2.5, 2.5))
    length, area = rng.uniform(2.6, 5.0), 0.065 * _marker_strength(rng)
    close = rng.random() < 0.35
    for s in (inset, middle, end - inset):
        turn = rng.uniform(0, 2 * np.pi)
        apart = rng.uniform(0.28, 0.42)
        for side in (turn, turn + np.pi + rng.normal(0, 0.25)):
            pair = np.array([side - apart / 2, side + apart / 2]) if close else np.array([side])
            strands += _ticks(rng, tube, s, pair, length, area, 0.2, "gold")
    return StentModel("EGIS", tube, tuple(strands), ())


def _epic(rng: np.random.Generator, tube: Tube) -> StentModel:
    """Epic: laser-cut rings of straight struts joined by short bridges, round dots at the ends."""
    end = tube.length_mm
    crowns = int(rng.integers(10, 17))
    area = rng.uniform(0.08, 0.16) * rng.uniform(0.12, 0.20)
    rows = max(round(end / rng.uniform(3.0, 5.4)), 4)
    pitch = end / rows
    gap = rng.uniform(0.3, 0.9)
    phase = rng.uniform(0, 2 * np.pi)
    strands: list[Strand] = []
    for row in range(rows):
        ring = _zigzag((row + 0.5) * pitch, pitch - gap, crowns, phase, row % 2 == 1)
        strands.append(Strand(on_tube(tube, ring), area, "nitinol"))
        if row == rows - 1:
            break
        first = int(row % 2 == 1)
        for k in range(first, 2 * crowns, 4):
            theta = phase + np.pi * k / crowns
            bridge = np.array(
                [[(row + 1) * pitch - gap / 2, theta], [(row + 1) * pitch + gap / 2, theta]]
            )
            strands.append(Strand(on_tube(tube, bridge), area, "nitinol"))
    size, strength = rng.uniform(0.5, 0.9), 0.5 * _marker_strength(rng)
    dots = [
        _dot(tube, s, angle, size, strength)
        for s in (0.5, end - 0.5)
        for angle in around(rng, int(rng.integers(4, 7)), 0.15)
    ]
    return StentModel("Epic", tube, tuple(strands), tuple(dots))


def _dot(tube: Tube, s_mm: float, angle: float, across_mm: float, strength: float) -> Specks:
    """A round marker drawn by points that fill it evenly; strength is its solid share.

    Tantalum or gold pressed into an eyelet: most of the ball is hollow.
    """
    radius = 0.5 * across_mm
    grid = np.arange(-3, 4) / 3.5
    ball = np.stack(np.meshgrid(grid, grid, grid), axis=-1).reshape(-1, 3)
    ball = ball[np.sum(ball**2, axis=1) <= 1.0] * radius
    at = tube.surface(np.array([s_mm]), np.array([angle]), 1.03)
    volume = strength * 4.0 / 3.0 * np.pi * radius**3
    return Specks(at + ball, np.full(len(ball), volume / len(ball)), "gold")


def _niti_s(rng: np.random.Generator, tube: Tube) -> StentModel:
    """NITI-S: a braid of thick wire with large diamond cells, thick lines at ends and middle."""
    end = tube.length_mm
    helices = int(rng.integers(4, 7))
    cell = rng.uniform(5.0, 9.0)
    cells = max(round(end / cell), 4)
    area = wire_area(rng.uniform(0.13, 0.21))
    phase = rng.uniform(0, 2 * np.pi)
    turn = np.pi / helices
    k = np.arange(2 * cells + 1)
    strands = []
    for i in range(helices):
        start = phase + 2 * turn * i
        for sign in (1.0, -1.0):
            corners = np.stack([end * k / (2 * cells), start + sign * turn * k], axis=1)
            strands.append(Strand(on_tube(tube, corners, 1.0 + 0.012 * sign), area, "nitinol"))
    length, width = rng.uniform(3.4, 5.6), rng.uniform(0.5, 0.9)
    metal = 0.13 * _marker_strength(rng)
    at_ends, at_middle = int(rng.choice([3, 4, 4, 5])), int(rng.choice([2, 3, 3, 4]))
    inset = rng.uniform(2.2, 3.4)
    middle = 0.5 * end + float(np.clip(rng.normal(0, 1.5), -2.5, 2.5))
    for s, count in ((inset, at_ends), (middle, at_middle), (end - inset, at_ends)):
        strands += _ticks(rng, tube, s, around(rng, count), length, metal, width, "platinum")
    return StentModel("NITI-S", tube, tuple(strands), ())


_DESIGNS: Final[dict[str, Callable[[np.random.Generator, Tube], StentModel]]] = {
    "Bona PC": _bona_pc,
    "Bona UC": _bona_uc,
    "EGIS": _egis,
    "Epic": _epic,
    "NITI-S": _niti_s,
    **further.DESIGNS,
}


def build_stent(maker: str, tube: Tube, rng: np.random.Generator) -> StentModel:
    """The wires and markers of one stent on a tube; raises KeyError for an unknown maker."""
    return _DESIGNS[maker](rng, tube)
