"""Designs that no maker makes and no model is trained on: what a new class is tried with.

Each differs from the five makers' in what tells designs apart: its cells, its markers, or both.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from stentviewer.simulate.stent_parts import (
    StentModel,
    Strand,
    around,
    on_tube,
    wire_area,
)
from stentviewer.simulate.tube import Tube, tube_from_curve


def coil(rng: np.random.Generator, tube: Tube) -> StentModel:
    """Coil: one thick wire wound evenly from end to end on two straight spines, a hoop at each end.

    No maker's design: bands across the stent where the others have cells.
    """
    end = tube.length_mm
    turns = max(round(end / rng.uniform(2.4, 3.2)), 8)
    wire = wire_area(rng.uniform(0.26, 0.30))
    phase = rng.uniform(0, 2 * np.pi)
    k = np.arange(24 * turns + 1) / 24
    winding = np.stack([end * k / turns, phase + 2 * np.pi * k], axis=1)
    strands = [Strand(on_tube(tube, winding), wire, "nitinol")]
    for angle in around(rng, 2, 0.1):
        spine = np.array([[0.0, angle], [end, angle]])
        strands.append(Strand(on_tube(tube, spine, 0.97), wire_area(0.18), "nitinol"))
    ring = phase + np.linspace(0, 2 * np.pi, 49)
    for s in (1.0, end - 1.0):
        hoop = np.stack([np.full(49, s), ring], axis=1)
        strands.append(Strand(on_tube(tube, hoop, 1.03), wire_area(0.30), "platinum"))
    return StentModel("Coil", tube, tuple(strands), ())


def _hoop(tube: Tube, s_mm: float, wire_mm: float, scale: float = 1.03) -> Strand:
    """A platinum ring around the tube."""
    angle = np.linspace(0, 2 * np.pi, 49)
    corners = np.stack([np.full(49, s_mm), angle], axis=1)
    return Strand(on_tube(tube, corners, scale), wire_area(wire_mm), "platinum")


def ladder(rng: np.random.Generator, tube: Tube) -> StentModel:
    """Ladder: straight struts along the stent, joined by rings in their turn shifted; bars across.

    Rectangles where the makers have diamonds; a marker bar across each end on either side.
    """
    end = tube.length_mm
    struts = int(rng.integers(6, 10))
    area = wire_area(rng.uniform(0.14, 0.2))
    phase = rng.uniform(0, 2 * np.pi)
    angles = phase + 2 * np.pi * np.arange(struts) / struts
    strands = [
        Strand(on_tube(tube, np.array([[0.0, a], [end, a]])), area, "nitinol") for a in angles
    ]
    rows = max(round(end / rng.uniform(4.0, 7.0)), 4)
    for row in range(rows + 1):
        for k in range(row % 2, struts, 2):
            across = np.array(
                [[end * row / rows, angles[k]], [end * row / rows, angles[k] + 2 * np.pi / struts]]
            )
            strands.append(Strand(on_tube(tube, across), area, "nitinol"))
    half = rng.uniform(0.5, 0.9)
    for s in (1.0, end - 1.0):
        for angle in around(rng, 2, 0.1):
            bar = np.array([[s, angle - half], [s, angle + half]])
            strands.append(Strand(on_tube(tube, bar, 1.03), 0.12, "platinum"))
    return StentModel("Ladder", tube, tuple(strands), ())


def weave(rng: np.random.Generator, tube: Tube) -> StentModel:
    """Weave: a dense braid of many cored wires, darker as a whole; no marker at all."""
    end = tube.length_mm
    helices = int(rng.integers(14, 20))
    turns = end / rng.uniform(16.0, 24.0)
    wire = wire_area(rng.uniform(0.10, 0.13))
    phase = rng.uniform(0, 2 * np.pi)
    count = max(round(12 * turns), 8)
    k = np.arange(count + 1) / count
    strands = []
    for i in range(helices):
        for sign in (1.0, -1.0):
            start = phase + 2 * np.pi * i / helices
            corners = np.stack([end * k, start + sign * 2 * np.pi * turns * k], axis=1)
            points = on_tube(tube, corners, 1.0 + 0.01 * sign)
            strands.append(Strand(points, wire, "nitinol"))
            strands.append(Strand(points, 0.06 * wire, "platinum"))
    return StentModel("Weave", tube, tuple(strands), ())


def honeycomb(rng: np.random.Generator, tube: Tube) -> StentModel:
    """Honeycomb: large six-sided cells, a hoop at each third, no marker at the ends."""
    end = tube.length_mm
    cells = int(rng.integers(4, 7))
    rows = max(round(end / rng.uniform(5.5, 8.0)), 4)
    pitch = end / rows
    area = wire_area(rng.uniform(0.16, 0.22))
    phase = rng.uniform(0, 2 * np.pi)
    strands = []
    for row in range(rows):
        shift = phase + (row % 2) * np.pi / cells
        low = row * pitch
        for k in range(cells):
            angle = shift + 2 * np.pi * k / cells
            fork = low + 0.5 * pitch
            strands.append(
                Strand(on_tube(tube, np.array([[low, angle], [fork, angle]])), area, "nitinol")
            )
            for side in (-1, 1):
                leg = np.array([[fork, angle], [low + pitch, angle + side * np.pi / cells]])
                strands.append(Strand(on_tube(tube, leg), area, "nitinol"))
    wire = rng.uniform(0.2, 0.3)
    strands += [_hoop(tube, share * end, wire, 1.03) for share in (1 / 3, 2 / 3)]
    return StentModel("Honeycomb", tube, tuple(strands), ())


def coronary(rng: np.random.Generator, tube: Tube) -> StentModel:
    """Coronary-like: a short, narrow, fine laser-cut stent with one dot at each end.

    It lies on the first 15 to 30 mm of the duct at 2.5 to 4 mm diameter.
    """
    length = min(rng.uniform(15.0, 30.0), 0.9 * tube.length_mm)
    stretch = tube.arc_mm <= length
    centre = tube.centre[stretch]
    narrow = tube_from_curve(centre, np.full(len(centre), 0.5 * rng.uniform(2.5, 4.0)))
    end = narrow.length_mm
    rows = max(round(end / rng.uniform(1.2, 1.8)), 6)
    pitch = end / rows
    crowns = int(rng.integers(5, 8))
    area = rng.uniform(0.08, 0.1) ** 2
    phase = rng.uniform(0, 2 * np.pi)
    strands = []
    for row in range(rows):
        k = np.arange(2 * crowns + 1)
        sign = np.where((k + row) % 2 == 0, 0.42, -0.42)
        corners = np.stack([(row + 0.5 + sign) * pitch, phase + np.pi * k / crowns], axis=1)
        strands.append(Strand(on_tube(narrow, corners), area, "steel"))
    for s in (0.3, end - 0.3):
        angle = rng.uniform(0, 2 * np.pi)
        dot = np.array([[s - 0.25, angle], [s + 0.25, angle]])
        strands.append(Strand(on_tube(narrow, dot, 1.03), 0.12, "platinum"))
    return StentModel("Coronary", narrow, tuple(strands), ())


DESIGNS: Final = {
    "Coil": coil,
    "Ladder": ladder,
    "Weave": weave,
    "Honeycomb": honeycomb,
    "Coronary": coronary,
}
