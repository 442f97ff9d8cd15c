"""Drawing shapes given in mm onto a picture's grid, for anatomy and devices."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Array = NDArray[np.float64]
Map = NDArray[np.float32]
_SHIFT = 4  # OpenCV takes corner positions in 1/16 px


@dataclass(frozen=True)
class Sheet:
    """A grid over the plane of the body; points are (n, 2) mm as (x right, y down) from its middle.

    shape is (rows, columns) and px_per_mm the scale of the body's plane on this grid.
    """

    shape: tuple[int, int]
    px_per_mm: float

    @property
    def half_size_mm(self) -> tuple[float, float]:
        """Half height and half width of what the grid covers, in mm."""
        return 0.5 * self.shape[0] / self.px_per_mm, 0.5 * self.shape[1] / self.px_per_mm

    def grid(self) -> tuple[Map, Map]:
        """x (1, columns) and y (rows, 1) in mm of the pixel middles."""
        rows, cols = self.shape
        x = (np.arange(cols, dtype=np.float32) - (cols - 1) / 2) / self.px_per_mm
        y = (np.arange(rows, dtype=np.float32) - (rows - 1) / 2) / self.px_per_mm
        return x[None, :], y[:, None]

    def _corners(self, points: Array) -> NDArray[np.int32]:
        rows, cols = self.shape
        pixels = points * self.px_per_mm + np.array([(cols - 1) / 2, (rows - 1) / 2])
        return np.asarray(np.round(pixels * (1 << _SHIFT)), np.int32)

    def filled(self, shapes: Sequence[Array]) -> Map:
        """Union of polygons as coverage 0 to 1."""
        import cv2

        mask = np.zeros(self.shape, np.uint8)
        for points in shapes:
            cv2.fillPoly(mask, [self._corners(points)], (255,), cv2.LINE_AA, _SHIFT)
        return mask.astype(np.float32) / 255.0

    def lines(self, shapes: Sequence[Array], width_mm: float, closed: bool = False) -> Map:
        """Union of curves of one width as coverage 0 to 1; thinner than a pixel gets fainter."""
        import cv2

        mask = np.zeros(self.shape, np.uint8)
        width = width_mm * self.px_per_mm
        value = (round(255 * min(width, 1.0)),)
        for points in shapes:
            cv2.polylines(
                mask,
                [self._corners(points)],
                closed,
                value,
                max(round(width), 1),
                cv2.LINE_AA,
                _SHIFT,
            )
        return mask.astype(np.float32) / 255.0

    def rods(self, shapes: Sequence[Array], radius_mm: float) -> Map:
        """Thickness in mm of round rods along curves, seen from above."""
        total = np.zeros(self.shape, np.float32)
        levels = max(min(int(radius_mm * self.px_per_mm) + 1, 5), 1)
        height = (np.arange(levels) + 0.5) / levels
        for h in height:
            total += self.lines(shapes, 2 * radius_mm * float(np.sqrt(1 - h * h)))
        return total * np.float32(2 * radius_mm / levels)

    def ellipsoid(
        self, at: Array, half: tuple[float, float], deep: float, turn: float = 0.0
    ) -> Map:
        """Thickness in mm of an ellipsoid, deep in the middle, with half axes half = (x, y)."""
        out = np.zeros(self.shape, np.float32)
        rows, cols = self.shape
        middle = at * self.px_per_mm + ((cols - 1) / 2, (rows - 1) / 2)
        reach = max(half) * self.px_per_mm + 2
        x0, y0 = np.maximum(np.floor(middle - reach), 0).astype(int)
        x1, y1 = np.minimum(np.ceil(middle + reach), (cols, rows)).astype(int)
        if x1 <= x0 or y1 <= y0:
            return out
        x = ((np.arange(x0, x1, dtype=np.float32) - middle[0]) / self.px_per_mm)[None, :]
        y = ((np.arange(y0, y1, dtype=np.float32) - middle[1]) / self.px_per_mm)[:, None]
        along, across = x * np.cos(turn) + y * np.sin(turn), y * np.cos(turn) - x * np.sin(turn)
        rest = 1 - (along / half[0]) ** 2 - (across / half[1]) ** 2
        out[y0:y1, x0:x1] = deep * np.sqrt(np.clip(rest, 0, None))
        return out


def clouds(
    rng: np.random.Generator, shape: tuple[int, int], cells: Sequence[int], falloff: float
) -> Map:
    """Smooth noise of several sizes, mean 0 and standard deviation 1, (rows, columns).

    cells gives how many lumps fit across for each size; each next size is falloff as strong.
    """
    import cv2

    total = np.zeros(shape, np.float32)
    for k, count in enumerate(cells):
        rows = max(count * shape[0] // shape[1], 2)
        coarse = rng.standard_normal((rows, count), dtype=np.float32)
        total += np.float32(falloff**k) * cv2.resize(
            coarse, (shape[1], shape[0]), interpolation=cv2.INTER_CUBIC
        )
    return np.asarray((total - total.mean()) / max(float(total.std()), 1e-6), np.float32)


def texture(
    rng: np.random.Generator, sheet: Sheet, coarsest_mm: float, finest_mm: float, falloff: float
) -> Map:
    """Smooth noise with lumps from coarsest_mm down to finest_mm, mean 0 and deviation 1.

    Each next size, half as large, is falloff as strong; lumps under 1.5 px are left out. Built
    from coarse to fine, so that it costs little more than its finest size.
    """
    import cv2

    count = max(round(float(np.log2(coarsest_mm / finest_mm))), 0) + 1
    total: Map | None = None
    for k in range(count):
        lump = max(finest_mm * 2 ** (count - 1 - k) * sheet.px_per_mm, 1.5)
        rows, cols = (max(int(np.ceil(n / lump)) + 1, 2) for n in sheet.shape)
        noise = rng.standard_normal((rows, cols), dtype=np.float32)
        if total is None:
            total = noise
        else:
            total = cv2.resize(total, (cols, rows), interpolation=cv2.INTER_CUBIC)
            total += np.float32(falloff**k) * noise
        if lump == 1.5:
            break
    assert total is not None
    whole = cv2.resize(total, sheet.shape[::-1], interpolation=cv2.INTER_CUBIC)
    return np.asarray((whole - whole.mean()) / max(float(whole.std()), 1e-6), np.float32)


def smooth_curve(corners: Array, count: int = 120) -> Array:
    """A smooth curve (count, 2) through corners (m, 2), by Catmull-Rom."""
    padded = np.concatenate(
        [2 * corners[:1] - corners[1:2], corners, 2 * corners[-1:] - corners[-2:-1]]
    )
    where = np.linspace(0, len(corners) - 1 - 1e-9, count)
    i = where.astype(np.int64)
    t = (where - i)[:, None]
    a, b, c, d = padded[i], padded[i + 1], padded[i + 2], padded[i + 3]
    return np.asarray(
        0.5
        * (
            2 * b
            + (c - a) * t
            + (2 * a - 5 * b + 4 * c - d) * t**2
            + (3 * b - a - 3 * c + d) * t**3
        )
    )


def ellipse(
    centre: tuple[float, float], half: tuple[float, float], turn: float = 0.0, count: int = 48
) -> Array:
    """An ellipse (count, 2) in mm with half axes half = (x, y), turned by turn radians."""
    angle = np.linspace(0, 2 * np.pi, count, endpoint=False)
    x, y = half[0] * np.cos(angle), half[1] * np.sin(angle)
    return np.stack(
        [
            centre[0] + x * np.cos(turn) - y * np.sin(turn),
            centre[1] + x * np.sin(turn) + y * np.cos(turn),
        ],
        axis=1,
    )
