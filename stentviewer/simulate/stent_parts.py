"""What stents are made of: wires and markers laid on a tube, to scale in mm."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.materials import Material
from stentviewer.simulate.tube import Tube

Array = NDArray[np.float64]

STEP_MM: Final = 0.1


@dataclass(frozen=True, eq=False)
class Strand:
    """A piece of one material along a curve.

    points (n, 3) in mm; area_mm2 is its cross-section, so its volume is area times length.
    """

    points: Array
    area_mm2: float
    material: Material


@dataclass(frozen=True, eq=False)
class Specks:
    """Small bodies of one material: points (n, 3) in mm, volume_mm3 (n,)."""

    points: Array
    volume_mm3: Array
    material: Material


@dataclass(frozen=True, eq=False)
class StentModel:
    """One stent: its maker, the tube it lies on, and what it is made of."""

    maker: str
    tube: Tube
    strands: tuple[Strand, ...]
    specks: tuple[Specks, ...]


def wire_area(diameter_mm: float) -> float:
    """Cross-section of a round wire in mm2."""
    return float(np.pi * diameter_mm**2 / 4.0)


def on_tube(tube: Tube, corners: Array, scale: float = 1.0) -> Array:
    """Points (n, 3) about 0.1 mm apart along straight lines between (s, theta) corners (m, 2)."""
    radius = float(np.mean(tube.radius_mm))
    metric = np.diff(corners, axis=0) * np.array([1.0, radius])
    cumulative = np.concatenate([[0.0], np.cumsum(np.hypot(metric[:, 0], metric[:, 1]))])
    count = max(int(np.ceil(cumulative[-1] / STEP_MM)) + 1, 2)
    where = np.linspace(0.0, cumulative[-1], count)
    s = np.interp(where, cumulative, corners[:, 0])
    theta = np.interp(where, cumulative, corners[:, 1])
    return tube.surface(np.clip(s, 0.0, tube.length_mm), theta, scale)


def around(rng: np.random.Generator, count: int, jitter: float = 0.15) -> Array:
    """Angles (count,) spread around the tube from a random start."""
    turn = rng.uniform(0, 2 * np.pi)
    return turn + 2 * np.pi * np.arange(count) / count + rng.normal(0, jitter, count)
