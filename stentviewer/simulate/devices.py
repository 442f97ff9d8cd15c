"""What else lies in or over the patient: catheters, guidewires, clips, coils, an endoscope."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

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
    if rng.random() < 0.55:
        for _ in range(int(rng.integers(1, 3))):
            total += _catheter(rng, sheet, energy_kev, target)
    if rng.random() < 0.35:
        total += _guidewire(rng, sheet, energy_kev, target)
    if rng.random() < 0.4:
        total += _clips(rng, sheet, energy_kev, target)
    if rng.random() < 0.15:
        total += _coil(rng, sheet, energy_kev)
    if rng.random() < 0.12:
        total += _endoscope(rng, sheet, energy_kev)
    if rng.random() < 0.3:
        total += _droplets(rng, sheet, energy_kev, target)
    return total


def _course(rng: np.random.Generator, sheet: Sheet, target: Array) -> Array:
    """A wandering curve from an edge of the picture, through near target, and on."""
    high, wide = sheet.half_size_mm
    angle = rng.uniform(0, 2 * np.pi)
    start = np.array([1.3 * wide * np.cos(angle), 1.3 * high * np.sin(angle)])
    near = target + rng.normal(0, 22, 2)
    middle = 0.5 * (start + near) + rng.normal(0, 22, 2)
    corners = [start, middle, near]
    heading = np.arctan2(*(near - middle)[::-1])
    for _ in range(int(rng.integers(1, 4))):
        heading += rng.normal(0, 0.6)
        corners.append(
            corners[-1] + rng.uniform(18, 35) * np.array([np.cos(heading), np.sin(heading)])
        )
    return smooth_curve(np.array(corners), 160)


def _catheter(rng: np.random.Generator, sheet: Sheet, kev: float, target: Array) -> Map:
    """A drainage tube of 5 to 12 French: a radiopaque wall, sometimes a pigtail."""
    course = _course(rng, sheet, target)
    if rng.random() < 0.4:
        turn = np.linspace(0, 1.7 * np.pi, 50)
        size = rng.uniform(5, 9)
        ahead = course[-1] - course[-2]
        first = float(np.arctan2(ahead[1], ahead[0]) - np.pi / 2)
        loop = np.stack([np.cos(first + turn), np.sin(first + turn)], axis=1) * size
        course = np.concatenate([course, course[-1] - loop[0] + loop])
    outer = rng.uniform(5, 12) / 6.0
    wall = sheet.rods([course], outer) - sheet.rods([course], outer * rng.uniform(0.45, 0.7))
    strength = attenuation_per_mm("barium plastic", kev) * rng.uniform(0.3, 1.2)
    return np.asarray(strength * np.clip(wall, 0, None), np.float32)


def _guidewire(rng: np.random.Generator, sheet: Sheet, kev: float, target: Array) -> Map:
    """A 0.018 to 0.035 inch guidewire; only part of it is as dense as steel."""
    course = _course(rng, sheet, target)
    radius = 0.5 * 25.4 * rng.uniform(0.018, 0.035)
    strength = attenuation_per_mm("steel", kev) * rng.uniform(0.35, 0.9)
    return np.asarray(strength * sheet.rods([course], radius), np.float32)


def _clips(rng: np.random.Generator, sheet: Sheet, kev: float, target: Array) -> Map:
    """Surgical clips and staples: short bars and narrow V shapes of titanium."""
    shapes = []
    spread = rng.uniform(20, 60)
    for _ in range(int(rng.integers(1, 7))):
        at = target + rng.normal(0, spread, 2)
        turn = rng.uniform(0, np.pi)
        length = rng.uniform(2.5, 8.0)
        along = 0.5 * length * np.array([np.cos(turn), np.sin(turn)])
        gap = rng.uniform(0.3, 1.2) * np.array([-np.sin(turn), np.cos(turn)])
        shapes.append(np.array([at - along - gap, at + along, at - along + gap]))
    rods = sheet.rods(shapes, rng.uniform(0.25, 0.5))
    return np.asarray(attenuation_per_mm("titanium", kev) * rng.uniform(1, 3) * rods, np.float32)


def _coil(rng: np.random.Generator, sheet: Sheet, kev: float) -> Map:
    """An embolisation coil: a dense tangle of platinum."""
    high, wide = sheet.half_size_mm
    at = np.array([rng.uniform(-wide, wide), rng.uniform(-high, high)]) * 0.7
    path = at + np.cumsum(rng.normal(0, 1.6, (60, 2)), axis=0) * 0.6
    rods = sheet.rods([smooth_curve(path, 300)], 0.2)
    return np.asarray(0.5 * attenuation_per_mm("platinum", kev) * rods, np.float32)


def _endoscope(rng: np.random.Generator, sheet: Sheet, kev: float) -> Map:
    """A duodenoscope's shaft: 10 to 12 mm thick with metal inside."""
    high, wide = sheet.half_size_mm
    corners = np.array(
        [
            [rng.uniform(-0.1, 0.5) * wide, -1.2 * high],
            [rng.uniform(0.1, 0.7) * wide, -0.4 * high],
            [rng.uniform(-0.3, 0.5) * wide, 0.4 * high],
            [rng.uniform(-0.6, 0.1) * wide, rng.uniform(0.1, 0.7) * high],
        ]
    )
    course = smooth_curve(corners, 200)
    radius = rng.uniform(5, 6)
    shaft = sheet.rods([course], radius) - 0.6 * sheet.rods([course], 0.75 * radius)
    steel = attenuation_per_mm("steel", kev)
    return np.asarray(steel * rng.uniform(0.05, 0.15) * np.clip(shaft, 0, None), np.float32)


def _droplets(rng: np.random.Generator, sheet: Sheet, kev: float, target: Array) -> Map:
    """Round dense spots (contrast drops, pills, phleboliths) and skin marks."""
    shapes = []
    for _ in range(int(rng.integers(1, 9))):
        at = target + rng.normal(0, 45, 2)
        size = rng.uniform(0.4, 1.4)
        shapes.append(ellipse((float(at[0]), float(at[1])), (size, size), 0.0, 16))
    strength = attenuation_per_mm("iodine", kev) * rng.uniform(0.1, 0.6)
    return np.asarray(strength * sheet.filled(shapes), np.float32)
