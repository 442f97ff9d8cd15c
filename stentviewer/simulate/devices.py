"""What else lies in or over the patient: catheters, guidewires, an endoscope, cables, droplets."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.implants import implants
from stentviewer.simulate.materials import attenuation_per_mm
from stentviewer.simulate.sheet import Sheet, ellipse, smooth_curve

Array = NDArray[np.float64]
Map = NDArray[np.float32]


def devices(rng: np.random.Generator, sheet: Sheet, energy_kev: float, target: Array) -> Map:
    """Beer-Lambert's exponent of all devices, (rows, columns) of the sheet.

    target (2,) mm is a place that catheters tend to run to (the duct); it must not depend on
    which stent lies there.
    """
    total = np.zeros(sheet.shape, np.float32)
    if rng.random() < 0.5:
        for _ in range(int(rng.integers(1, 4))):
            total += _catheter(rng, sheet, energy_kev, target)
    if rng.random() < 0.4:
        for _ in range(int(rng.integers(1, 3))):
            total += _guidewire(rng, sheet, energy_kev, target)
    if rng.random() < 0.15:
        total += _endoscope(rng, sheet, energy_kev)
    if rng.random() < 0.12:
        total += _plastic_stent(rng, sheet, energy_kev, target)
    if rng.random() < 0.2:
        total += _cables(rng, sheet, energy_kev)
    if rng.random() < 0.25:
        total += _droplets(rng, sheet, energy_kev, target)
    total += implants(rng, sheet, energy_kev, target)
    return total


def _course(rng: np.random.Generator, sheet: Sheet, target: Array) -> Array:
    """A wandering curve from an edge of the picture, through or past target, and on."""
    high, wide = sheet.half_size_mm
    angle = rng.uniform(0, 2 * np.pi)
    start = np.array([1.3 * wide * np.cos(angle), 1.3 * high * np.sin(angle)])
    near = target + rng.normal(0, 22 if rng.random() < 0.2 else 80, 2)
    middle = 0.5 * (start + near) + rng.normal(0, 25, 2)
    corners = [start, middle, near]
    heading = np.arctan2(*(near - middle)[::-1])
    swing = rng.uniform(0.3, 1.1)
    for _ in range(int(rng.integers(1, 7))):
        heading += rng.normal(0, swing)
        corners.append(
            corners[-1] + rng.uniform(14, 40) * np.array([np.cos(heading), np.sin(heading)])
        )
    return smooth_curve(np.array(corners), 240)


def _pigtail(rng: np.random.Generator, course: Array, size: float) -> Array:
    turn = np.linspace(0, rng.uniform(1.2, 2.3) * np.pi, 50)
    ahead = course[-1] - course[-2]
    hand = rng.choice((-1, 1))
    first = float(np.arctan2(ahead[1], ahead[0])) - hand * np.pi / 2
    angle = first + hand * turn
    loop = np.stack([np.cos(angle), np.sin(angle)], axis=1) * size
    squeeze = np.array([1.0, rng.uniform(0.5, 1.0)])
    return np.concatenate([course, course[-1] + (loop - loop[0]) * squeeze])


def _catheter(rng: np.random.Generator, sheet: Sheet, kev: float, target: Array) -> Map:
    """A drainage tube or nasal tube of 5 to 16 French: radiopaque wall, pigtail, holes, bands."""
    course = _course(rng, sheet, target)
    outer = rng.uniform(5, 16) / 6.0
    if rng.random() < 0.5:
        course = _pigtail(rng, course, rng.uniform(3.5, 10) + outer)
    wall = sheet.rods([course], outer) - sheet.rods([course], outer * rng.uniform(0.4, 0.75))
    wall = np.clip(wall, 0, None)
    if rng.random() < 0.3:  # filled with contrast
        wall += 0.1 * sheet.rods([course], outer * 0.5)
    if rng.random() < 0.4:  # side holes near the tip
        holes = course[-90::9]
        wall *= 1 - rng.uniform(0.3, 0.9) * sheet.filled(
            [ellipse((float(p[0]), float(p[1])), (0.4 * outer, 0.4 * outer), 0, 10) for p in holes]
        )
    strength = attenuation_per_mm("barium plastic", kev) * 10 ** rng.uniform(-1.1, -0.1)
    out = strength * wall
    if rng.random() < 0.35:  # metal bands, sometimes a row of them
        step = int(rng.integers(6, 30))
        first = len(course) - 1 - step * int(rng.integers(1, 5))
        bands = [course[max(k, 0) : max(k, 0) + 2] for k in range(first, len(course) - 2, step)]
        density = attenuation_per_mm("gold", kev) * rng.uniform(0.01, 0.1)
        out += density * sheet.rods(bands, 0.9 * outer)
    return np.asarray(out, np.float32)


def _guidewire(rng: np.random.Generator, sheet: Sheet, kev: float, target: Array) -> Map:
    """A 0.018 to 0.038 inch guidewire; only part of it is as dense as steel."""
    course = _course(rng, sheet, target)
    radius = 0.5 * 25.4 * rng.uniform(0.018, 0.038)
    strength = attenuation_per_mm("steel", kev) * 10 ** rng.uniform(-1.3, -0.2)
    out = strength * sheet.rods([course], radius)
    if rng.random() < 0.5:  # a denser tip
        tip = attenuation_per_mm("platinum", kev) * rng.uniform(0.1, 0.4)
        out += tip * sheet.rods([course[-int(rng.integers(8, 50)) :]], 0.8 * radius)
    return np.asarray(out, np.float32)


def _endoscope(rng: np.random.Generator, sheet: Sheet, kev: float) -> Map:
    """A duodenoscope: a shaft 10 to 13 mm thick with metal rings, a dense tip."""
    high, wide = sheet.half_size_mm
    corners = np.array(
        [
            [rng.uniform(-0.1, 0.5) * wide, -1.2 * high],
            [rng.uniform(0.1, 0.7) * wide, -0.4 * high],
            [rng.uniform(-0.3, 0.5) * wide, 0.4 * high],
            [rng.uniform(-0.6, 0.1) * wide, rng.uniform(0.1, 0.7) * high],
        ]
    )
    course = smooth_curve(corners, 240)
    radius = rng.uniform(5, 6.5)
    shaft = sheet.rods([course], radius) - 0.6 * sheet.rods([course], 0.75 * radius)
    steel = attenuation_per_mm("steel", kev)
    out = steel * rng.uniform(0.04, 0.15) * np.clip(shaft, 0, None)
    rings = []
    for k in range(90, 238, int(rng.integers(3, 8))):
        ahead = course[k + 1] - course[k - 1]
        across = radius * np.array([-ahead[1], ahead[0]]) / np.linalg.norm(ahead)
        rings.append(np.array([course[k] - across, course[k] + across]))
    out += steel * rng.uniform(0.1, 0.6) * sheet.lines(rings, rng.uniform(0.5, 1.5))
    out += steel * rng.uniform(0.1, 0.4) * sheet.rods([course[-26:]], 0.9 * radius)
    return np.asarray(out, np.float32)


def _plastic_stent(rng: np.random.Generator, sheet: Sheet, kev: float, target: Array) -> Map:
    """A plain plastic biliary stent: a short tube of 7 to 11.5 French with two flaps."""
    heading = rng.uniform(-0.8, 0.8)
    along = np.array([np.sin(heading), np.cos(heading)])
    across = np.array([along[1], -along[0]])
    at = target + rng.normal(0, 18, 2)
    length = rng.uniform(40, 110)
    bow = rng.normal(0, 10)
    t = np.linspace(-0.5, 0.5, 7)[:, None]
    course = smooth_curve(at + t * length * along + bow * (0.25 - t * t) * 4 * across, 120)
    outer = rng.uniform(7, 11.5) / 6
    tube = sheet.rods([course], outer) - sheet.rods([course], 0.7 * outer)
    flaps = [
        np.array([course[k], course[k] + sign * 5 * along + 4 * across])
        for k, sign in ((14, 1), (105, -1))
    ]
    tube = np.clip(tube, 0, None) + sheet.rods(flaps, 0.4)
    strength = attenuation_per_mm("barium plastic", kev) * 10 ** rng.uniform(-0.9, 0.0)
    return np.asarray(strength * tube, np.float32)


def _cables(rng: np.random.Generator, sheet: Sheet, kev: float) -> Map:
    """Monitoring leads: thin wires over the skin, each to a round electrode with a snap."""
    total = np.zeros(sheet.shape, np.float32)
    high, wide = sheet.half_size_mm
    for _ in range(int(rng.integers(1, 4))):
        end = np.array([rng.uniform(-wide, wide), rng.uniform(-high, high)])
        course = _course(rng, sheet, end)
        steel = attenuation_per_mm("steel", kev)
        total += steel * rng.uniform(0.1, 0.6) * sheet.rods([course], rng.uniform(0.15, 0.6))
        at = (float(course[-1][0]), float(course[-1][1]))
        if rng.random() < 0.6:
            size = rng.uniform(3, 7)
            total += 0.25 * rng.random() * sheet.filled([ellipse(at, (size, size))])
            total += 0.8 * rng.random() * sheet.filled([ellipse(at, (0.4 * size, 0.4 * size))])
    return total


def _droplets(rng: np.random.Generator, sheet: Sheet, kev: float, target: Array) -> Map:
    """Round or oval dense spots: contrast drops, pills, calcified nodes, phleboliths."""
    shapes = []
    for _ in range(int(rng.integers(1, 9))):
        at = target + rng.normal(0, 60, 2)
        size = rng.uniform(0.4, 1.6) if rng.random() < 0.8 else rng.uniform(2, 6)
        half = (size, size * rng.uniform(0.5, 1))
        shapes.append(ellipse((float(at[0]), float(at[1])), half, rng.uniform(0, 3), 20))
    strength = attenuation_per_mm("iodine", kev) * 10 ** rng.uniform(-1.7, -0.3)
    return np.asarray(strength * sheet.filled(shapes), np.float32)
