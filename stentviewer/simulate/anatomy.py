"""The upper abdomen that a stent is seen against: how much it absorbs at each pixel."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.materials import attenuation_per_mm
from stentviewer.simulate.sheet import Sheet, clouds, ellipse, smooth_curve

Array = NDArray[np.float64]
Map = NDArray[np.float32]


@dataclass(frozen=True)
class Body:
    """One patient's build and where the beam looks, all lengths in mm in the body's plane."""

    thickness: float
    half_width: float
    spine_x: float
    spine_tilt: float
    vertebra_pitch: float
    vertebra_phase: float
    diaphragm_y: float
    bone_density: float


def draw_body(rng: np.random.Generator) -> Body:
    """A random adult; the spine lies right of the picture's middle more often than left."""
    return Body(
        thickness=rng.uniform(170, 260),
        half_width=rng.uniform(150, 205),
        spine_x=rng.uniform(-20, 70),
        spine_tilt=rng.normal(0, 0.05),
        vertebra_pitch=rng.uniform(32, 38),
        vertebra_phase=rng.uniform(0, 38),
        diaphragm_y=rng.uniform(-190, -35),
        bone_density=rng.uniform(0.6, 1.25),
    )


def background(rng: np.random.Generator, body: Body, sheet: Sheet, energy_kev: float) -> Map:
    """Beer-Lambert's exponent of tissue, bone, gas and contrast, (rows, columns) of the sheet."""
    import cv2

    soft = attenuation_per_mm("soft tissue", energy_kev)
    bone = attenuation_per_mm("bone", energy_kev) - soft
    iodine = attenuation_per_mm("iodine", energy_kev)
    tissue = _soft_tissue(rng, body, sheet)
    gas = _gas(rng, sheet)
    bones = body.bone_density * (_spine(rng, body, sheet) + _ribs(rng, body, sheet))
    bones *= 1.0 + 0.14 * clouds(rng, sheet.shape, (60, 120, 220), 0.8)
    exponent = soft * np.maximum(tissue - gas, 5.0) + bone * bones
    exponent += iodine * 1e-3 * _contrast(rng, body, sheet)
    exponent += 0.012 * clouds(rng, sheet.shape, (24, 48, 96, 190), 0.8)
    return np.asarray(cv2.GaussianBlur(exponent.astype(np.float32), (0, 0), 0.6), np.float32)


def _soft_tissue(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """Thickness in mm: an oval body, lungs above the diaphragm, organ edges, psoas."""
    import cv2

    x, y = sheet.grid()
    across = np.clip(1 - ((x - body.spine_x * 0.6) / body.half_width) ** 2, 0, None)
    thickness = body.thickness * np.sqrt(across) * (1 - 0.0004 * y)
    thickness = thickness * (1 + 0.02 * clouds(rng, sheet.shape, (3, 6, 12), 0.6))
    lungs = np.zeros(sheet.shape, np.float32)
    for side in (-1, 1):
        middle = body.spine_x + side * rng.uniform(60, 80)
        reach = rng.uniform(55, 80)
        fall = 45 * np.clip(((x - middle) / reach) ** 2, 0, 2.6)
        dome = body.diaphragm_y + rng.uniform(-12, 18) + fall
        edge = np.clip((dome - y) / rng.uniform(1.0, 4.0), 0, 1)
        # The heart and the great vessels keep the lungs away from the spine, more on the left.
        heart = 14 + (38 if side == 1 else 8) * np.exp(-(((y - dome) / 70) ** 2))
        lungs = np.maximum(lungs, edge * np.clip((side * (x - body.spine_x) - heart) / 4, 0, 1))
    if lungs.any():
        vessels = clouds(rng, sheet.shape, (14, 30, 60, 120), 0.85)
        lungs = cv2.GaussianBlur(lungs, (0, 0), 1.0)
        thickness = thickness * (1 - lungs * (0.5 - 0.035 * vessels))
    organs = []
    for _ in range(int(rng.integers(3, 7))):
        at = (rng.uniform(-110, 110), rng.uniform(-110, 110))
        half = (rng.uniform(25, 70), rng.uniform(25, 80))
        outline = ellipse(at, half, rng.uniform(0, 3.1), 9) + rng.normal(0, 7, (9, 2))
        closed = smooth_curve(np.concatenate([outline, outline[:2]]))
        organs.append((closed, rng.uniform(2, 10)))
    for shape, depth in organs:
        soft_edge = cv2.GaussianBlur(sheet.filled([shape]), (0, 0), rng.uniform(1.5, 10.0))
        thickness = thickness + np.float32(depth) * soft_edge
    return np.asarray(thickness, np.float32)


def _gas(rng: np.random.Generator, sheet: Sheet) -> Map:
    """Depth in mm of bowel gas: chains of bubbles with lumpy, fairly sharp edges."""
    import cv2

    quarter = (sheet.shape[0] // 2, sheet.shape[1] // 2)
    small = Sheet(quarter, sheet.px_per_mm / 2)
    x, y = small.grid()
    field = np.zeros(quarter, np.float32)
    high, wide = small.half_size_mm
    for _ in range(int(rng.integers(1, 6))):
        at = np.array([rng.uniform(-wide, wide), rng.uniform(-0.5 * high, high)])
        for _ in range(int(rng.integers(1, 8))):
            size = rng.uniform(5, 17)
            squeeze = rng.uniform(0.6, 1.5)
            bubble = np.exp(-(((x - at[0]) / size) ** 2 + ((y - at[1]) / (size * squeeze)) ** 2))
            field = np.maximum(field, bubble)
            at = at + rng.normal(0, 16, 2)
    field += 0.10 * clouds(rng, quarter, (14, 28, 56), 0.7)
    depth = rng.uniform(12, 36) * np.sqrt(np.clip((field - 0.45) / 0.5, 0, 1))
    return np.asarray(
        cv2.resize(depth.astype(np.float32), sheet.shape[::-1], interpolation=cv2.INTER_CUBIC),
        np.float32,
    )


def _spine(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """Cortical-bone equivalent in mm of vertebral bodies, plates, pedicles and processes."""
    import cv2

    bodies: list[Array] = []
    plates: list[Array] = []
    rings: list[Array] = []
    spines: list[Array] = []
    wings: list[Array] = []
    bow = rng.normal(0, 1.0e-4)
    width = rng.uniform(19, 24)
    for level in range(-7, 8):
        y = level * body.vertebra_pitch + body.vertebra_phase - 19
        x = body.spine_x + body.spine_tilt * y + bow * y * y
        w = width * (1 + 0.004 * y / 10) * rng.uniform(0.97, 1.03)
        h = 0.5 * body.vertebra_pitch * rng.uniform(0.74, 0.8)
        waist = rng.uniform(0.84, 0.92)
        corners = np.array(
            [
                [-w, -h],
                [0, -h + 1.2],
                [w, -h],
                [waist * w, 0],
                [w, h],
                [0, h - 1.2],
                [-w, h],
                [-waist * w, 0],
                [-w, -h],
            ]
        )
        outline = smooth_curve(corners, 90) + np.array([x, y])
        bodies.append(outline)
        plates += [
            ellipse((x, y + end), (0.97 * w, rng.uniform(0.8, 2.6)), body.spine_tilt)
            for end in (-h, h)
        ]
        for side in (-1, 1):
            rings.append(ellipse((x + side * 0.62 * w, y - 0.2 * h), (4.2, 6.6)))
            wings.append(
                np.array(
                    [
                        [x + side * w, y - 4],
                        [x + side * (w + 17), y - 7],
                        [x + side * (w + 18), y - 2],
                        [x + side * w, y + 4],
                    ]
                )
            )
        drop = rng.uniform(2, 8)
        spines.append(ellipse((x + rng.normal(0, 1.5), y + 8 + drop), (3.2, 9.5)))
    solid = 5.2 * cv2.GaussianBlur(sheet.filled(bodies), (0, 0), 0.9)
    solid += 1.6 * sheet.lines(bodies, 1.3, closed=True)
    solid += 1.9 * sheet.lines(plates, 1.0, closed=True)
    solid += 2.4 * sheet.lines(rings, 1.3, closed=True) + 0.8 * sheet.filled(rings)
    solid += 1.6 * sheet.lines(spines, 1.4, closed=True) + 2.2 * sheet.filled(spines)
    solid += 1.5 * cv2.GaussianBlur(sheet.filled(wings), (0, 0), 1.2)
    return np.asarray(solid, np.float32)


def _ribs(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """Cortical-bone equivalent in mm of the lower ribs, thicker along their edges."""
    total = np.zeros(sheet.shape, np.float32)
    lowest = body.diaphragm_y + rng.uniform(40, 110)
    for side in (-1, 1):
        shapes = []
        for k in range(6):
            y = lowest - 30 * k
            reach = np.array([22.0, 60, 100, 130])
            fall = np.array([0.0, 8, 38, 90]) * rng.uniform(0.8, 1.2)
            corners = np.stack([body.spine_x + side * reach, y + fall - 25], axis=1)
            shapes.append(smooth_curve(corners + rng.normal(0, 2, (4, 2)), 60))
        width = rng.uniform(9, 13)
        outer = sheet.lines(shapes, width)
        inner = sheet.lines(shapes, width - 2.6)
        total += 1.0 * outer + 1.1 * np.clip(outer - inner, 0, 1)
    return total


def _contrast(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """Contrast agent in mm times mg/ml: bile ducts, gallbladder, a coated bowel loop."""
    import cv2

    total = np.zeros(sheet.shape, np.float32)
    if rng.random() < 0.45:
        total += rng.uniform(40, 150) * _ducts(rng, body, sheet)
    if rng.random() < 0.2:
        at = (body.spine_x - rng.uniform(55, 95), rng.uniform(-30, 50))
        depth = np.zeros(sheet.shape, np.float32)
        turn, half = rng.uniform(-1, 1), (rng.uniform(13, 19), rng.uniform(24, 38))
        for h in (0.1, 0.3, 0.5, 0.7, 0.9):
            k = float(np.sqrt(1 - h * h))
            depth += 5 * sheet.filled([ellipse(at, (half[0] * k, half[1] * k), turn)])
        total += rng.uniform(8, 35) * cv2.GaussianBlur(depth, (0, 0), 2.0)
    if rng.random() < 0.2:
        lumps = clouds(rng, sheet.shape, (9, 18, 40, 80, 160), 0.85)
        at = (rng.uniform(-70, 90), rng.uniform(20, 110))
        where = cv2.GaussianBlur(
            sheet.filled([ellipse(at, (35, 25), rng.uniform(0, 3))]), (0, 0), 9.0
        )
        total += 150 * where * np.clip(lumps + 0.2, 0, 2)
    return total


def _ducts(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """Thickness in mm of a branching, tapering tree of ducts right of the spine."""
    total = np.zeros(sheet.shape, np.float32)
    root = np.array([body.spine_x - rng.uniform(20, 60), rng.uniform(-50, 20)])
    queue = [(root, rng.uniform(-2.9, -0.4), rng.uniform(1.6, 3.2))]
    if rng.random() < 0.7:
        queue.append((root, rng.uniform(1.0, 2.0), rng.uniform(2.0, 4.0)))
    drawn = 0
    while queue and drawn < 14:
        at, heading, radius = queue.pop(0)
        corners = [at]
        for _ in range(3):
            heading += rng.normal(0, 0.25)
            step = rng.uniform(8, 16)
            corners.append(corners[-1] + step * np.array([np.cos(heading), np.sin(heading)]))
        total = np.maximum(total, sheet.rods([smooth_curve(np.array(corners), 40)], radius))
        drawn += 1
        if radius > 0.6:
            turns = (rng.uniform(0.2, 0.9), -rng.uniform(0.2, 0.9))
            queue += [
                (corners[-1], heading + turn, radius * rng.uniform(0.55, 0.8)) for turn in turns
            ]
    return total
