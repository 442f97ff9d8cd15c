"""The bent, narrowed tube that a stent lies on."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Tube:
    """A surface addressed by arc length s (mm) and angle theta (radians).

    centre, across and along_v are (n, 3) in mm: the centre line and two unit vectors of a
    rotation-minimising frame on it. arc_mm and radius_mm are (n,). Axes: x to the right of the
    picture, y down, z towards the X-ray source.
    """

    arc_mm: Array
    centre: Array
    across: Array
    along_v: Array
    radius_mm: Array

    @property
    def length_mm(self) -> float:
        """Length of the centre line."""
        return float(self.arc_mm[-1])

    def surface(self, s_mm: Array, theta: Array, scale: float = 1.0) -> Array:
        """Points (k, 3) in mm on the surface; scale > 1 lies outside of it, 0 on the axis."""

        def at(values: Array) -> Array:
            columns = [np.interp(s_mm, self.arc_mm, values[:, axis]) for axis in range(3)]
            return np.stack(columns, axis=1)

        radius = scale * np.interp(s_mm, self.arc_mm, self.radius_mm)
        ring = np.cos(theta)[:, None] * at(self.across) + np.sin(theta)[:, None] * at(self.along_v)
        points: Array = at(self.centre) + radius[:, None] * ring
        return points

    def moved(self, offset_mm: Array) -> Tube:
        """The same tube, its centre line shifted by offset_mm (3,)."""
        return Tube(self.arc_mm, self.centre + offset_mm, self.across, self.along_v, self.radius_mm)


def rotation_minimising_frame(centre: Array) -> tuple[Array, Array]:
    """Two unit vectors (n, 3) across a curve (n, 3) that do not twist around it.

    Double reflection (Wang, Juttler, Zheng and Liu, ACM Trans. Graph. 27, 2008).
    """
    tangent = np.gradient(centre, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    helper = np.eye(3)[int(np.argmin(np.abs(tangent[0])))]
    first = np.cross(tangent[0], helper)
    first /= np.linalg.norm(first)
    across = np.empty_like(centre)
    across[0] = first
    for i in range(len(centre) - 1):
        step = centre[i + 1] - centre[i]
        scale = 2.0 / float(step @ step)
        reflected = across[i] - scale * float(step @ across[i]) * step
        turned = tangent[i] - scale * float(step @ tangent[i]) * step
        mirror = tangent[i + 1] - turned
        norm = float(mirror @ mirror)
        if norm > 1e-18:
            reflected = reflected - 2.0 / norm * float(mirror @ reflected) * mirror
        across[i + 1] = reflected
    return across, np.cross(tangent, across)


def tube_from_curve(centre: Array, radius_mm: Array) -> Tube:
    """A tube around a curve (n, 3) in mm with radius (n,) in mm."""
    steps = np.linalg.norm(np.diff(centre, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    across, along_v = rotation_minimising_frame(centre)
    return Tube(arc, centre, across, along_v, radius_mm)


def bile_duct_curve(rng: np.random.Generator, length_mm: float) -> Array:
    """A smooth oblique 3D curve (n, 3) of the given length, centred on the origin.

    It runs downwards as the common bile duct does in most draws, and across as a hilar duct
    does in some; it bends in the picture and out of it, and has a kink in a fifth of the draws.
    """
    n = max(round(2.0 * length_mm), 40)
    t = np.linspace(0.0, 1.0, n)
    hilar = rng.random() < 0.2
    heading = np.radians(rng.uniform(-90, 90) if hilar else rng.uniform(-35, 60))
    bend = np.radians(np.clip(rng.normal(0.0, 28.0), -65, 65))
    swing = np.radians(rng.normal(0.0, 8.0)) * np.sin(2 * np.pi * (t + rng.random()))
    azimuth = heading + bend * (t - 0.5) + swing
    if rng.random() < 0.2:  # a kink
        azimuth += np.radians(rng.normal(0, 22)) * np.tanh((t - rng.uniform(0.25, 0.75)) / 0.05)
    elevation = np.radians(np.clip(rng.normal(0, 20), -50, 50) + rng.normal(0, 14) * (t - 0.5))
    tangent = np.stack(
        [
            np.sin(azimuth) * np.cos(elevation),
            np.cos(azimuth) * np.cos(elevation),
            np.sin(elevation),
        ],
        axis=1,
    )
    middle = 0.5 * (tangent[1:] + tangent[:-1])
    middle /= np.linalg.norm(middle, axis=1, keepdims=True)
    steps = np.cumsum(middle, axis=0) * (length_mm / (n - 1))
    centre = np.concatenate([np.zeros((1, 3)), steps])
    return np.asarray(centre - 0.5 * (centre.min(axis=0) + centre.max(axis=0)))


def narrowed_radius(rng: np.random.Generator, arc_mm: Array, diameter_mm: float) -> Array:
    """Radius (n,) in mm: the stent's own, pressed in by one stricture and slightly uneven."""
    length = float(arc_mm[-1])
    depth = rng.uniform(0.0, 0.42)
    where = length * rng.uniform(0.3, 0.7)
    width = rng.uniform(5.0, 12.0)
    stricture = 1.0 - depth * np.exp(-(((arc_mm - where) / width) ** 2))
    wave = 1.0 + 0.02 * np.sin(2 * np.pi * (arc_mm / rng.uniform(20, 45) + rng.random()))
    return np.asarray(0.5 * diameter_mm * stricture * wave)
