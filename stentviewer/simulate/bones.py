"""Spine and ribs as an upper abdomen shows them, in mm of cortical bone."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.body import Body
from stentviewer.simulate.sheet import Sheet, ellipse, smooth_curve, texture

Array = NDArray[np.float64]
Map = NDArray[np.float32]


@dataclass
class _Outlines:
    """Curves of one spine by what they bound."""

    bodies: list[Array] = field(default_factory=list)
    plates: list[Array] = field(default_factory=list)
    pedicles: list[Array] = field(default_factory=list)
    processes: list[Array] = field(default_factory=list)
    wings: list[Array] = field(default_factory=list)
    facets: list[Array] = field(default_factory=list)


def spine_at(body: Body, y: float) -> float:
    """x in mm of the spine's middle at height y."""
    return body.spine_x + body.spine_tilt * y + body.spine_bow * y * y


def spine(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """Vertebral bodies with end plates, pedicles, spinous and transverse processes."""
    import cv2

    drawn = _Outlines()
    width = rng.uniform(17, 24)
    worn = rng.uniform(0, 1) ** 2
    for level in range(-8, 9):
        y = level * body.vertebra_pitch + body.vertebra_phase - 19
        _vertebra(rng, body, drawn, y, width * (1 + 0.004 * y / 10), worn)
    px = sheet.px_per_mm
    strength = rng.uniform(0.6, 1.25, 8)
    solid = 4.0 * strength[0] * cv2.GaussianBlur(sheet.filled(drawn.bodies), (0, 0), 0.35 * px)
    heights = np.linspace(-400, 400, 81)
    middle = np.array([spine_at(body, float(at)) for at in heights])
    column = np.concatenate(
        [
            np.stack([middle - width, heights], axis=1),
            np.stack([middle + width, heights], axis=1)[::-1],
        ]
    )
    solid += 2.4 * strength[1] * cv2.GaussianBlur(sheet.filled([column]), (0, 0), 1.6 * px)
    solid *= 1 + np.float32(rng.uniform(0.05, 0.22)) * texture(rng, sheet, 14, 0.9, 0.85)
    line = rng.uniform(0.6, 1.3)
    solid += 1.0 * strength[2] * sheet.lines(drawn.bodies, line, closed=True)
    solid += 2.1 * strength[3] * sheet.lines(drawn.plates, line, closed=True)
    solid += 0.7 * strength[3] * sheet.filled(drawn.plates)
    solid += 1.5 * strength[4] * sheet.lines(drawn.pedicles, line, closed=True)
    solid += 0.5 * strength[4] * sheet.filled(drawn.pedicles)
    solid += 1.6 * strength[5] * sheet.lines(drawn.processes, line, closed=True)
    solid += 1.0 * strength[5] * sheet.filled(drawn.processes)
    solid += 1.1 * strength[6] * cv2.GaussianBlur(sheet.filled(drawn.wings), (0, 0), 0.5 * px)
    solid += 0.6 * strength[6] * sheet.lines(drawn.wings, line, closed=True)
    solid += 1.2 * strength[7] * sheet.lines(drawn.facets, rng.uniform(0.6, 1.6))
    return np.asarray(cv2.GaussianBlur(solid, (0, 0), max(0.25 * px, 0.4)), np.float32)


def _vertebra(
    rng: np.random.Generator, body: Body, drawn: _Outlines, y: float, w: float, worn: float
) -> None:
    """Add one vertebra whose middle lies at height y and whose half width is w."""
    x = spine_at(body, y)
    w = w * rng.uniform(0.96, 1.04)
    h = 0.5 * body.vertebra_pitch * rng.uniform(0.76, 0.86)
    waist = rng.uniform(0.82, 0.93)
    lip = 1 + 0.09 * worn * rng.uniform(0, 1, 4)
    corners = np.array(
        [
            [-w * lip[0], -h],
            [0, -h + 1.0],
            [w * lip[1], -h],
            [waist * w, 0],
            [w * lip[2], h],
            [0, h - 1.0],
            [-w * lip[3], h],
            [-waist * w, 0],
            [-w * lip[0], -h],
        ]
    )
    tilt = np.arctan(body.spine_tilt + 2 * body.spine_bow * y) + rng.normal(0, 0.02)
    turn = np.array([[np.cos(tilt), -np.sin(tilt)], [np.sin(tilt), np.cos(tilt)]])

    def place(points: Array) -> Array:
        return np.asarray(points @ turn + (x, y))

    drawn.bodies.append(place(smooth_curve(corners, 72)))
    for end in (-h, h):
        high = rng.uniform(0.3, 1.2) + 0.012 * abs(y + end - body.beam_y)
        drawn.plates.append(
            place(ellipse((0.0, float(end)), (0.98 * w, high), rng.normal(0, 0.02)))
        )
    shift = body.spine_twist * w
    for side in (-1, 1):
        at = (side * 0.62 * w + shift, -0.25 * h)
        drawn.pedicles.append(place(ellipse(at, (rng.uniform(3, 4.4), rng.uniform(4.8, 7.2)))))
        reach = rng.uniform(10, 20)
        root = side * 0.85 * w + shift
        drawn.wings.append(
            place(
                smooth_curve(
                    np.array(
                        [
                            [root, -0.35 * h],
                            [root + side * 0.6 * reach, -0.5 * h],
                            [root + side * reach, -0.45 * h],
                            [root + side * reach, -0.2 * h],
                            [root + side * 0.4 * reach, 0.05 * h],
                            [root, 0.25 * h],
                        ]
                    ),
                    30,
                )
            )
        )
        joint = np.array([[0.42 * w, 0.55 * h], [0.5 * w, 0.85 * h], [0.46 * w, 1.3 * h]])
        drawn.facets.append(place(smooth_curve(joint * (side, 1) + (shift, 0), 20)))
    drop, long = rng.uniform(0.2, 0.7) * h, rng.uniform(0.5, 0.75) * h
    blade = ellipse((0.0, 0.0), (rng.uniform(1.8, 3.4), long), rng.normal(0, 0.05))
    blade[:, 0] *= 1 + 0.5 * blade[:, 1] / long
    drawn.processes.append(
        place(blade + np.array([1.6 * shift + rng.normal(0, 1.0), drop + 0.3 * h]))
    )


def ribs(rng: np.random.Generator, body: Body, sheet: Sheet) -> Map:
    """The lower ribs: broad faint bands, thicker along their edges."""
    import cv2

    total = np.zeros(sheet.shape, np.float32)
    lowest = body.diaphragm_y + rng.uniform(40, 130)
    fill, edge = rng.uniform(0.5, 2.2), rng.uniform(0.3, 1.8)
    for side in (-1, 1):
        shapes = []
        steep = rng.uniform(0.7, 1.3)
        for k in range(8):
            y = lowest - 28 * k
            reach = np.array([8.0, 60, 100, 135, 160, 172])
            fall = np.array([0.0, 6, 30, 72, 125, 190]) * steep * rng.uniform(0.9, 1.1)
            corners = np.stack([body.spine_x + side * reach, y + fall - 25], axis=1)
            corners += rng.normal(0, 2, (6, 2))
            last = 3 if k == 0 else 4 if k == 1 else 6  # the floating ribs are short
            shapes.append(smooth_curve(corners[:last], 60))
        width = rng.uniform(8, 14)
        outer = sheet.lines(shapes, width)
        inner = sheet.lines(shapes, width - rng.uniform(1.6, 3.0))
        total += fill * outer + edge * np.clip(outer - inner, 0, 1)
    return np.asarray(cv2.GaussianBlur(total, (0, 0), 0.4 * sheet.px_per_mm), np.float32)
