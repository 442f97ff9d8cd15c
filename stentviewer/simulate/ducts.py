"""Contrast agent in bile ducts, gallbladder, and around a stent, in mm times mg/ml."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.body import Body
from stentviewer.simulate.sheet import Sheet, smooth_curve, texture

Array = NDArray[np.float64]
Map = NDArray[np.float32]


def biliary(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """A tree of ducts in nearly half of the pictures, a gallbladder in a quarter."""
    total = np.zeros(sheet.shape, np.float32)
    if rng.random() < 0.45:
        total += 10 ** rng.uniform(0.9, 2.1) * _tree(rng, body, sheet)
    if rng.random() < 0.25:
        total += _gallbladder(rng, body, sheet)
    return total


def _gallbladder(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """One or two pear-shaped pools with sharp edges, and a twisted neck."""
    import cv2

    depth = np.zeros(sheet.shape, np.float32)
    at = np.array([body.spine_x - rng.uniform(50, 110), rng.uniform(-40, 60)])
    for _ in range(int(rng.integers(1, 3))):
        turn, half = rng.uniform(-1.6, 1.6), np.array([rng.uniform(9, 22), rng.uniform(20, 45)])
        depth += sheet.ellipsoid(at, (float(half[0]), float(half[1])), 2 * half[0], turn)
        at = at + rng.normal(0, 22, 2)
    neck = at + np.cumsum(rng.normal(0, 6, (7, 2)), axis=0)
    depth += sheet.rods([smooth_curve(neck, 60)], rng.uniform(1, 2.5))
    return np.asarray(
        rng.uniform(5, 40) * cv2.GaussianBlur(depth, (0, 0), 0.8 * sheet.px_per_mm), np.float32
    )


def _tree(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """Thickness in mm of a branching, tapering tree of ducts right of the spine."""
    import cv2

    total = np.zeros(sheet.shape, np.float32)
    root = np.array([body.spine_x - rng.uniform(10, 70), rng.uniform(-60, 30)])
    queue = [(root, rng.uniform(-2.9, -0.4), rng.uniform(1.2, 4.0))]
    if rng.random() < 0.7:
        queue.append((root, rng.uniform(1.0, 2.0), rng.uniform(2.0, 5.5)))
    drawn = 0
    while queue and drawn < 22:
        at, heading, radius = queue.pop(0)
        corners = [at]
        for _ in range(3):
            heading += rng.normal(0, 0.3)
            step = rng.uniform(5, 16)
            corners.append(corners[-1] + step * np.array([np.cos(heading), np.sin(heading)]))
        total = np.maximum(total, sheet.rods([smooth_curve(np.array(corners), 40)], radius))
        drawn += 1
        if radius > 0.45:
            turns = (rng.uniform(0.2, 0.9), -rng.uniform(0.2, 0.9))
            queue += [
                (corners[-1], heading + turn, radius * rng.uniform(0.5, 0.85)) for turn in turns
            ]
    total *= np.clip(1 + rng.uniform(0, 0.4) * texture(rng, sheet, 12, 2, 0.8), 0.2, 2)
    return np.asarray(cv2.GaussianBlur(total, (0, 0), 0.4 * sheet.px_per_mm), np.float32)


def filled_duct(rng: np.random.Generator, sheet: Sheet, course: Array, radius_mm: float) -> Map:
    """Contrast agent in the duct that a stent lies in, along its course (n, 2) mm and beyond.

    Drawn in a third of the calls; empty otherwise.
    """
    import cv2

    total = np.zeros(sheet.shape, np.float32)
    if rng.random() > 0.35:
        return total
    ahead = course[-1] - course[-6]
    behind = course[0] - course[5]
    beyond = [
        course[0] + behind / np.linalg.norm(behind) * rng.uniform(0, 30) + rng.normal(0, 3, 2),
        *course[:: max(len(course) // 8, 1)],
        course[-1] + ahead / np.linalg.norm(ahead) * rng.uniform(0, 30) + rng.normal(0, 3, 2),
    ]
    path = smooth_curve(np.array(beyond), 160)
    first, last = np.sort(rng.integers(0, 160, 2))
    if last - first < 40:
        first, last = 0, 160
    depth = sheet.rods([path[first:last]], radius_mm * rng.uniform(0.5, 1.15))
    depth *= np.clip(1 + rng.uniform(0, 0.6) * texture(rng, sheet, 16, 2, 0.8), 0.05, 2)
    blurred = cv2.GaussianBlur(depth, (0, 0), rng.uniform(0.3, 1.0) * sheet.px_per_mm)
    return np.asarray(rng.uniform(4, 45) * blurred, np.float32)
