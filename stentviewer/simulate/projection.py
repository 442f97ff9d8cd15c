"""From bodies in space to a detector's picture: cone beam, Beer-Lambert, scatter, blur, noise."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.materials import attenuation_per_mm
from stentviewer.simulate.stents import Specks, Strand

Array = NDArray[np.float64]
Map = NDArray[np.float32]


@dataclass(frozen=True)
class Beam:
    """A point source over a flat detector whose centre is the origin, z towards the source.

    spacing_mm is the pixel pitch on the detector; source_mm the distance from source to
    detector, or infinity for parallel rays.
    """

    shape: tuple[int, int]
    spacing_mm: float
    source_mm: float
    energy_kev: float

    def magnification(self, z_mm: Array) -> Array:
        """How much larger than itself a body at height z_mm appears on the detector."""
        if np.isinf(self.source_mm):
            return np.ones_like(z_mm)
        return np.asarray(self.source_mm / (self.source_mm - z_mm))

    def to_pixels(self, points: Array) -> tuple[Array, Array]:
        """Pixel positions (n, 2) as (column, row) of points (n, 3) in mm, and magnification."""
        scale = self.magnification(points[:, 2])
        rows, cols = self.shape
        middle = np.array([(cols - 1) / 2.0, (rows - 1) / 2.0])
        return points[:, :2] * scale[:, None] / self.spacing_mm + middle, scale


def splat(pixels: Array, mass: Array, shape: tuple[int, int]) -> Map:
    """Share each mass (n,) among the four pixels around (column, row) positions (n, 2).

    Keeps the sum; what falls outside the picture is dropped.
    """
    out = np.zeros(shape, np.float32)
    low = np.floor(pixels).astype(np.int64)
    part = pixels - low
    inside = (low[:, 0] >= 0) & (low[:, 1] >= 0)
    inside &= (low[:, 0] < shape[1] - 1) & (low[:, 1] < shape[0] - 1)
    if not inside.any():
        return out
    low, part, mass = low[inside], part[inside], mass[inside]
    x0, y0 = low.min(axis=0)
    x1, y1 = low.max(axis=0) + 2
    width = int(x1 - x0)
    index = (low[:, 1] - y0) * width + (low[:, 0] - x0)
    fx, fy = part[:, 0], part[:, 1]
    where = np.concatenate([index, index + 1, index + width, index + width + 1])
    weight = np.concatenate([(1 - fx) * (1 - fy), fx * (1 - fy), (1 - fx) * fy, fx * fy]) * np.tile(
        mass, 4
    )
    box = np.bincount(where, weight, minlength=int(y1 - y0) * width)
    out[y0:y1, x0:x1] = box.reshape(-1, width)
    return out


def volumes(strand: Strand) -> tuple[Array, Array]:
    """Middles (n-1, 3) of a strand's pieces and their volumes (n-1,) in mm3."""
    pieces = np.linalg.norm(np.diff(strand.points, axis=0), axis=1)
    return 0.5 * (strand.points[1:] + strand.points[:-1]), pieces * strand.area_mm2


def thickness_map(bodies: Iterable[Strand | Specks], beam: Beam, weigh: bool = False) -> Map:
    """Mean thickness of matter above each pixel, (rows, columns) in mm.

    With weigh, each body counts with its attenuation coefficient, which gives the exponent of
    Beer-Lambert (dimensionless). For parallel rays sum(map) * spacing**2 is the volume in mm3;
    a cone beam spreads it over magnification**2 times the area.
    """
    points, mass = [], []
    for body in bodies:
        at, volume = volumes(body) if isinstance(body, Strand) else (body.points, body.volume_mm3)
        factor = attenuation_per_mm(body.material, beam.energy_kev) if weigh else 1.0
        points.append(at)
        mass.append(volume * factor)
    if not points:
        return np.zeros(beam.shape, np.float32)
    pixels, scale = beam.to_pixels(np.concatenate(points))
    return splat(pixels, np.concatenate(mass) * scale**2 / beam.spacing_mm**2, beam.shape)


@dataclass(frozen=True)
class Detector:
    """How the intensity behind the patient becomes a measured one.

    scatter_ratio: scattered over primary photons; blur_px: focal spot and screen together, as
    the sigma of a Gaussian; photons: per pixel at the middle's median, which exposure control
    holds; grain_px: correlation of the noise; floor: electronic noise in photons; full: where the
    detector saturates, as a multiple of that median.
    """

    scatter_ratio: float
    blur_px: float
    photons: float
    grain_px: float
    floor: float
    full: float


def expose(exponent: Map, detector: Detector, spacing_mm: float, rng: np.random.Generator) -> Map:
    """Measured intensity, (rows, columns), 1 at the median of the middle.

    Beer-Lambert I = I0 exp(-sum of mu t), plus scatter that varies slowly, blurred, with quantum
    noise of the photons that arrived.
    """
    import cv2

    rows, cols = exponent.shape
    primary = np.exp(-exponent)
    small = cv2.resize(primary, (cols // 16, rows // 16), interpolation=cv2.INTER_AREA)
    sigma = max(45.0 / (16.0 * spacing_mm), 1.0)
    scatter = cv2.GaussianBlur(small, (0, 0), sigma, borderType=cv2.BORDER_REPLICATE)
    scatter = cv2.resize(scatter, (cols, rows), interpolation=cv2.INTER_LINEAR)
    primary = cv2.GaussianBlur(primary, (0, 0), detector.blur_px)
    total = primary + detector.scatter_ratio * scatter
    middle = total[rows // 4 : 3 * rows // 4 : 8, cols // 4 : 3 * cols // 4 : 8]
    total = np.minimum(total / float(np.median(middle)), np.float32(detector.full))
    noise = rng.standard_normal((rows, cols), dtype=np.float32)
    if detector.grain_px > 0:
        noise = cv2.GaussianBlur(noise, (0, 0), detector.grain_px)
        noise /= float(noise.std())
    spread = np.sqrt(np.maximum(total, 0) * detector.photons + detector.floor**2)
    measured = total + noise * (spread / detector.photons)
    return np.asarray(np.maximum(measured, 0.5 / detector.photons), np.float32)
