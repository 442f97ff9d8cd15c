"""The upper abdomen that a stent is seen against: how much it absorbs at each pixel."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.body import Body, draw_body
from stentviewer.simulate.bones import ribs, spine
from stentviewer.simulate.bowel import coated, gas
from stentviewer.simulate.ducts import biliary
from stentviewer.simulate.materials import attenuation_per_mm
from stentviewer.simulate.sheet import Sheet, ellipse, smooth_curve, texture

__all__ = ["Body", "background", "draw_body"]

Array = NDArray[np.float64]
Map = NDArray[np.float32]


def background(rng: np.random.Generator, body: Body, sheet: Sheet, energy_kev: float) -> Map:
    """Beer-Lambert's exponent of tissue, bone, gas and contrast, (rows, columns) of the sheet."""
    soft = attenuation_per_mm("soft tissue", energy_kev)
    bone = attenuation_per_mm("bone", energy_kev) - soft
    iodine = attenuation_per_mm("iodine", energy_kev)
    tissue = _soft_tissue(rng, body, sheet)
    tissue -= gas(rng, sheet)
    tissue += _folds(rng, sheet)
    bones = spine(rng, body, sheet) + ribs(rng, body, sheet)
    bones *= np.float32(body.bone_density * bone)
    contrast = biliary(rng, body, sheet)
    if rng.random() < 0.22:
        contrast += coated(rng, sheet)
    exponent = np.float32(soft) * np.maximum(tissue, 3.0) + bones
    exponent += np.float32(iodine * 1e-3) * contrast
    lumpy = 10 ** rng.uniform(-1.85, -1.1)
    exponent += np.float32(lumpy) * texture(rng, sheet, 40, 0.8, rng.uniform(0.6, 0.95))
    return np.asarray(exponent, np.float32)


def _soft_tissue(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """Thickness in mm: an oval body, lungs above the diaphragm, organs, fat and muscle."""
    import cv2

    x, y = sheet.grid()
    beside = np.abs((x - body.spine_x * 0.6) / body.half_width)
    across = np.sqrt(np.clip(1 - beside**body.roundness, 0, None))
    thickness = body.thickness * across * (1 - body.taper * y)
    uneven = 10 ** rng.uniform(-3.0, -1.5)
    thickness = thickness * (1 + np.float32(uneven) * texture(rng, sheet, 120, 20, 0.6))
    thickness = thickness * (1 - _lungs(rng, body, sheet))
    px = sheet.px_per_mm
    for _ in range(int(rng.integers(3, 9))):
        at = (rng.uniform(-130, 130), rng.uniform(-130, 130))
        half = (rng.uniform(20, 90), rng.uniform(20, 90))
        outline = ellipse(at, half, rng.uniform(0, 3.1), 9) + rng.normal(0, 7, (9, 2))
        closed = smooth_curve(np.concatenate([outline, outline[:2]]))
        edge = 10 ** rng.uniform(-0.5, 0.9) * px
        soft_edge = cv2.GaussianBlur(sheet.filled([closed]), (0, 0), edge)
        thickness = thickness + np.float32(rng.normal(0, 3.0)) * soft_edge
    for side in (-1, 1):  # psoas and paraspinal muscle
        near, far = rng.uniform(10, 22), rng.uniform(30, 60)
        muscle = np.array([[near, -70.0], [near + 8, -70], [far + 20, 200], [near, 200]])
        muscle = muscle * (side, 1) + (body.spine_x, rng.uniform(-40, 60))
        soft_edge = cv2.GaussianBlur(sheet.filled([muscle]), (0, 0), rng.uniform(0.5, 3) * px)
        thickness = thickness + np.float32(rng.uniform(0, 9)) * soft_edge
    return np.asarray(thickness, np.float32)


def _lungs(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """The share of the body's thickness that is air: domes, recesses behind them, vessels."""
    import cv2

    x, y = sheet.grid()
    air = np.zeros(sheet.shape, np.float32)
    _, wide = sheet.half_size_mm
    for side in (-1, 1):
        middle = body.spine_x + side * rng.uniform(55, 85)
        reach = rng.uniform(65, 125)
        fall = rng.uniform(30, 60) * np.clip(((x - middle) / reach) ** 2, 0, 3.5)
        dome = body.diaphragm_y + rng.uniform(-15, 22) + fall
        heart = 12 + (38 if side == 1 else 6) * np.exp(-(((y - dome) / 70) ** 2))
        beside = np.clip((side * (x - body.spine_x) - heart) / rng.uniform(2, 22), 0, 1)
        front = np.clip((dome - y) / rng.uniform(0.5, 3.0), 0, 1)
        recess = dome + rng.uniform(15, 70) - 0.15 * fall
        behind = np.clip((recess - y) / rng.uniform(10, 40), 0, 1)
        share = rng.uniform(0.05, 0.3)
        air = np.maximum(air, beside * np.maximum((1 - share) * front, share * behind))
    if not air.any():
        return air
    shapes = []
    for _ in range(int(rng.integers(20, 60))):
        at = np.array([rng.uniform(-wide, wide), body.diaphragm_y + rng.uniform(-120, 60)])
        heading = np.arctan2(at[1] - body.diaphragm_y + 60, at[0] - body.spine_x)
        corners = [at]
        for _ in range(3):
            heading += rng.normal(0, 0.5)
            step = rng.uniform(5, 18)
            corners.append(corners[-1] + step * np.array([np.cos(heading), np.sin(heading)]))
        shapes.append(smooth_curve(np.array(corners), 24))
    vessels = np.zeros(sheet.shape, np.float32)
    third = len(shapes) // 3
    for k, width in enumerate((0.6, 1.2, 2.0)):
        vessels += width * sheet.lines(shapes[k * third : (k + 1) * third], width)
    vessels = cv2.GaussianBlur(vessels, (0, 0), 0.5 * sheet.px_per_mm)
    mottle = 1 + 0.07 * texture(rng, sheet, 20, 1.5, 0.8)
    return np.asarray(body.lung_air * air * (mottle - 0.06 * vessels), np.float32)


def _folds(rng: np.random.Generator, sheet: Sheet) -> Map:
    """Thickness in mm of skin folds, an arm, clothes and covers, mostly along the sides."""
    import cv2

    total = np.zeros(sheet.shape, np.float32)
    high, wide = sheet.half_size_mm
    px = sheet.px_per_mm
    for _ in range(int(rng.integers(0, 7)) if rng.random() < 0.6 else 0):
        side = rng.choice((-1, 1))
        x = side * wide * rng.uniform(0.55, 1.05)
        y = np.linspace(-1.2 * high, 1.2 * high, 5)
        bend = np.cumsum(rng.normal(0, 7, 5))
        course = smooth_curve(np.stack([x + bend, y], axis=1), 80)
        if rng.random() < 0.5:
            total += rng.uniform(1, 6) * sheet.lines([course], rng.uniform(0.6, 4))
        else:  # everything beyond a line: an arm, a breast, a pannus
            corner = np.array([[side * 2 * wide, 1.2 * high], [side * 2 * wide, -1.2 * high]])
            beyond = sheet.filled([np.concatenate([course, corner])])
            blur = rng.uniform(0.3, 3) * px
            total += rng.uniform(3, 30) * cv2.GaussianBlur(beyond, (0, 0), blur)
    if rng.random() < 0.3:  # a crease across
        x = np.linspace(-1.2 * wide, 1.2 * wide, 5)
        y = rng.uniform(-high, high) + np.cumsum(rng.normal(0, 12, 5))
        course = smooth_curve(np.stack([x, y], axis=1), 80)
        total += rng.uniform(0.5, 4) * sheet.lines([course], rng.uniform(0.6, 3))
    return np.asarray(cv2.GaussianBlur(total, (0, 0), 0.35 * px), np.float32)
