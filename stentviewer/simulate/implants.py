"""What surgeons and radiologists left behind: clips, staples, coils, cement, screws."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.materials import attenuation_per_mm
from stentviewer.simulate.sheet import Sheet, ellipse, smooth_curve, texture

Array = NDArray[np.float64]
Map = NDArray[np.float32]


def implants(rng: np.random.Generator, sheet: Sheet, kev: float, target: Array) -> Map:
    """Beer-Lambert's exponent of what lies in the patient for good, (rows, columns)."""
    total = np.zeros(sheet.shape, np.float32)
    if rng.random() < 0.3:
        total += _clips(rng, sheet, kev, target)
    if rng.random() < 0.15:
        total += _staples(rng, sheet, kev, target)
    if rng.random() < 0.2:
        for _ in range(int(rng.integers(1, 3))):
            total += _coil(rng, sheet, kev)
    if rng.random() < 0.12:
        total += _cement(rng, sheet)
    if rng.random() < 0.03:
        total += _screws(rng, sheet, kev)
    return total


def _somewhere(rng: np.random.Generator, sheet: Sheet, share: float = 0.8) -> Array:
    high, wide = sheet.half_size_mm
    return np.array([rng.uniform(-wide, wide), rng.uniform(-high, high)]) * share


def _clips(rng: np.random.Generator, sheet: Sheet, kev: float, target: Array) -> Map:
    """Surgical clips: short bars and narrow V shapes of titanium."""
    shapes = []
    spread = rng.uniform(20, 80)
    for _ in range(int(rng.integers(1, 8))):
        at = target + rng.normal(0, spread, 2)
        turn = rng.uniform(0, np.pi)
        length = rng.uniform(2.5, 9.0)
        along = 0.5 * length * np.array([np.cos(turn), np.sin(turn)])
        gap = rng.uniform(0.0, 1.2) * np.array([-np.sin(turn), np.cos(turn)])
        shapes.append(np.array([at - along - gap, at + along, at - along + gap]))
    rods = sheet.rods(shapes, rng.uniform(0.2, 0.5))
    return np.asarray(
        attenuation_per_mm("titanium", kev) * rng.uniform(0.4, 2.4) * rods, np.float32
    )


def _staples(rng: np.random.Generator, sheet: Sheet, kev: float, target: Array) -> Map:
    """A row of fine staples, as an anastomosis leaves."""
    corners = target + np.cumsum(rng.normal(0, 12, (4, 2)), axis=0)
    line = smooth_curve(corners, int(rng.integers(12, 50)))
    turns = rng.uniform(0, np.pi, len(line))
    along = 0.5 * rng.uniform(1.0, 2.2) * np.stack([np.cos(turns), np.sin(turns)], axis=1)
    shapes = [np.array([p - a, p + a]) for p, a in zip(line, along, strict=True)]
    strength = attenuation_per_mm("titanium", kev) * rng.uniform(0.8, 2)
    return np.asarray(strength * sheet.rods(shapes, rng.uniform(0.1, 0.2)), np.float32)


def _coil(rng: np.random.Generator, sheet: Sheet, kev: float) -> Map:
    """An embolisation coil: a dense tangle of platinum, round or drawn out."""
    drift = rng.normal(0, 0.4, 2)
    path = np.cumsum(rng.normal(0, 1.6, (60, 2)) + drift, axis=0) * 0.6
    path += _somewhere(rng, sheet) - path.mean(axis=0)
    rods = sheet.rods([smooth_curve(path, 300)], rng.uniform(0.15, 0.35))
    strength = attenuation_per_mm("platinum", kev) * rng.uniform(0.2, 0.6)
    return np.asarray(strength * rods, np.float32)


def _cement(rng: np.random.Generator, sheet: Sheet) -> Map:
    """Bone cement or another dense lump with ragged edges."""
    import cv2

    shapes = []
    at = _somewhere(rng, sheet)
    for _ in range(int(rng.integers(1, 5))):
        half = (rng.uniform(4, 13), rng.uniform(3, 9))
        shapes.append(ellipse((float(at[0]), float(at[1])), half, rng.normal(0, 0.3)))
        at = at + rng.normal(0, 9, 2)
    blob = cv2.GaussianBlur(sheet.filled(shapes), (0, 0), 1.5 * sheet.px_per_mm)
    ragged = blob + 0.22 * texture(rng, sheet, 6, 0.8, 0.8) * (blob > 0.05)
    lump = np.clip((ragged - 0.4) / 0.2, 0, 1)
    lump = cv2.GaussianBlur(lump, (0, 0), 0.3 * sheet.px_per_mm)
    return np.asarray(rng.uniform(0.4, 2.0) * lump, np.float32)


def _screws(rng: np.random.Generator, sheet: Sheet, kev: float) -> Map:
    """Screws and rods of a spinal fusion."""
    at = _somewhere(rng, sheet, 0.5)
    apart, pitch = rng.uniform(12, 18), rng.uniform(30, 36)
    rods, shafts = [], []
    for side in (-1, 1):
        x = at[0] + side * apart
        levels = at[1] + pitch * np.arange(int(rng.integers(2, 4)))
        rods.append(np.array([[x, levels[0] - 6], [x, levels[-1] + 6]]))
        for y in levels:
            inward = rng.uniform(4, 22)
            shafts.append(np.array([[x, y], [x - side * inward, y + rng.normal(0, 3)]]))
    titanium = attenuation_per_mm("titanium", kev) * rng.uniform(0.5, 1)
    return np.asarray(titanium * (sheet.rods(rods, 2.7) + sheet.rods(shafts, 2.6)), np.float32)
