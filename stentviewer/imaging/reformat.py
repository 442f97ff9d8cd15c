"""Sagittal and coronal pictures cut from a stack of slices, one at a time.

Where the slices are their own grid a cut is a copy of stored values, none of them changed. Where
the lattice says otherwise it is resampled, linearly, and is `pad` where nothing was taken.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import Plane
from stentviewer.imaging.geometry import PlaneGeometry, Vector, dot, subtract
from stentviewer.imaging.image import StoredArray
from stentviewer.imaging.lattice import Lattice

Axes = tuple[int, int, int]  # of the stack: 0 slices, 1 rows, 2 columns

_ORIENTATIONS = ("sagittal", "coronal", "axial")  # cut across x, y, z
_DOWN_AND_ACROSS = ((2, 1), (2, 0), (1, 0))  # patient axes of such a picture, down and to the right
_SENSE = (1.0, 1.0, -1.0)  # left, back and feet are further: so pictures run, and so they are read


@dataclass(frozen=True, slots=True, eq=False)
class Grid:
    """The even, square grid of a stack in the patient.

    `directions` are the unit vectors along slices, columns (from row to row) and rows; `origin` is
    the middle of its first point, `spacing_mm` and `counts` are along the same three.
    """

    origin: Vector
    directions: tuple[Vector, Vector, Vector]
    spacing_mm: tuple[float, float, float]
    counts: tuple[int, int, int]
    frame_of_reference: str


def grid_of(first: PlaneGeometry, way: Vector, lattice: Lattice) -> Grid:
    """The grid whose slices run along `way`, wide enough for every shifted slice."""
    across, down = lattice.across, lattice.down
    rows, columns = first.rows, first.columns
    origin = first.to_patient((0.5 - float(across[0]), 0.5 - float(down[0])))
    return Grid(
        origin,
        (way, first.column_direction, first.row_direction),
        (lattice.step_mm, *first.spacing_mm),
        (len(lattice.lower), rows + math.ceil(down.max()), columns + math.ceil(across.max())),
        first.frame_of_reference,
    )


def patient_axes(grid: Grid) -> Axes:
    """Which of the patient's axes (0 x, 1 y, 2 z) slices, columns and rows follow most."""
    from itertools import permutations

    def fit(order: tuple[int, ...]) -> float:
        return sum(abs(grid.directions[i][axis]) for i, axis in enumerate(order))

    first, second, third = max(permutations(range(3)), key=fit)
    return first, second, third


@dataclass(frozen=True, slots=True, eq=False)
class Cut:
    """How the pictures of one reformat lie on the grid.

    `axes` are the grid's: across which it is cut, which runs down and which to the right in the
    picture; `flipped` says of each whether it runs against the grid. `orientation` is what a
    radiologist calls it.
    """

    grid: Grid
    axes: Axes
    flipped: tuple[bool, bool, bool]
    orientation: str

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns of a picture."""
        return self.grid.counts[self.axes[1]], self.grid.counts[self.axes[2]]

    @property
    def frames(self) -> int:
        return self.grid.counts[self.axes[0]]

    @property
    def spacing_mm(self) -> tuple[float, float]:
        """From row to row, from column to column of a picture."""
        return self.grid.spacing_mm[self.axes[1]], self.grid.spacing_mm[self.axes[2]]

    def index(self, frame: int) -> int:
        """Where on the grid a frame is cut."""
        return self.frames - 1 - frame if self.flipped[0] else frame

    def geometry(self, frame: int) -> PlaneGeometry:
        """Where a picture lies in the patient."""
        grid = self.grid
        at = [0, 0, 0]
        at[self.axes[0]] = self.index(frame)
        for axis, flipped in zip(self.axes[1:], self.flipped[1:], strict=True):
            at[axis] = grid.counts[axis] - 1 if flipped else 0
        origin = list(grid.origin)
        for axis, index in enumerate(at):
            for i in range(3):
                origin[i] += index * grid.spacing_mm[axis] * grid.directions[axis][i]
        return PlaneGeometry(
            (origin[0], origin[1], origin[2]),
            self._direction(2),
            self._direction(1),
            self.spacing_mm,
            *self.shape,
            frame_of_reference=grid.frame_of_reference,
        )

    def _direction(self, which: int) -> Vector:
        x, y, z = self.grid.directions[self.axes[which]]
        return (-x, -y, -z) if self.flipped[which] else (x, y, z)

    def frame_at(self, position: Vector) -> int:
        """The frame nearest to a patient position."""
        axis = self.axes[0]
        offset = dot(subtract(position, self.grid.origin), self.grid.directions[axis])
        index = round(offset / self.grid.spacing_mm[axis])
        return self.index(min(max(index, 0), self.frames - 1))


def cut_of(grid: Grid, plane: Plane) -> Cut:
    """The sagittal or coronal cut; the axial one where the stack itself was acquired that way.

    Read as films are hung: the head or the front up, the front or the patient's right to the left.
    """
    patient = patient_axes(grid)
    wanted = 0 if plane is Plane.SAGITTAL else 1
    if patient[0] == wanted:
        wanted = 2
    down, across = _DOWN_AND_ACROSS[wanted]
    axes = patient.index(wanted), patient.index(down), patient.index(across)
    flips = [grid.directions[axis][patient[axis]] * _SENSE[patient[axis]] < 0 for axis in axes]
    return Cut(grid, axes, (flips[0], flips[1], flips[2]), _ORIENTATIONS[wanted])


def orientation_of(grid: Grid) -> str:
    """What the slices themselves are: axial, coronal or sagittal."""
    return _ORIENTATIONS[patient_axes(grid)[0]]


def picture(
    stored: StoredArray,
    cut: Cut,
    lattice: Lattice,
    frame: int,
    padding: tuple[int, int] | None,
    pad: int,
) -> StoredArray:
    """One picture of stored values, (rows, columns), of the type of `stored`.

    `stored` is (slices, rows, columns). Values within `padding` are no values and blend with none.
    """
    axis, down, across = cut.axes
    index = cut.index(frame)
    if lattice.is_plain:
        lines = np.take(stored, index, axis=axis)  # of the axes left, in the grid's order
    else:
        lines = _resampled(stored, axis, index, cut.grid, lattice, padding, pad)
    if down > across:
        lines = lines.T
    steps = tuple(-1 if flipped else 1 for flipped in cut.flipped[1:])
    return np.ascontiguousarray(lines[:: steps[0], :: steps[1]])


def _resampled(
    stored: StoredArray,
    axis: int,
    index: int,
    grid: Grid,
    lattice: Lattice,
    padding: tuple[int, int] | None,
    pad: int,
) -> StoredArray:
    """(lines of the grid, points along them): across rows (axis 1) or columns (axis 2)."""
    off, along = (lattice.down, lattice.across) if axis == 1 else (lattice.across, lattice.down)
    width = grid.counts[2 if axis == 1 else 1]
    each = np.stack(
        [
            _shifted(_blended_line(one, axis - 1, index - off[k], padding), along[k], width)
            for k, one in enumerate(stored)
        ]
    )
    lower, upper = each[lattice.lower], each[lattice.upper]
    share = lattice.blend[:, None]
    lines = np.where(share > 0, lower + (upper - lower) * share, lower)
    lines[lattice.lower < 0] = np.nan
    whole = np.where(np.isnan(lines), pad, np.rint(lines))
    result: StoredArray = whole.astype(stored.dtype)
    return result


def _blended_line(
    values: StoredArray, axis: int, at: float, padding: tuple[int, int] | None
) -> npt.NDArray[np.float64]:
    """The line at a place between two rows (axis 0) or columns of a slice; NaN off it."""
    count = values.shape[axis]
    first = math.floor(at + 1e-9)
    share = at - first
    if abs(share) < 1e-6:
        return _line(values, axis, first, count, padding)
    one, other = (_line(values, axis, i, count, padding) for i in (first, first + 1))
    return one + (other - one) * share


def _line(
    values: StoredArray, axis: int, index: int, count: int, padding: tuple[int, int] | None
) -> npt.NDArray[np.float64]:
    if not 0 <= index < count:
        return np.full(values.shape[1 - axis], np.nan)
    line: npt.NDArray[Any] = values.take(index, axis=axis).astype(np.float64)
    if padding is not None:
        line[(line >= padding[0]) & (line <= padding[1])] = np.nan
    return line


def _shifted(line: npt.NDArray[np.float64], by: float, width: int) -> npt.NDArray[np.float64]:
    """The line `by` pixels further on in `width` of them; NaN where it does not reach."""
    result = np.full(width, np.nan)
    whole = math.floor(by + 1e-6)
    share = by - whole
    if share < 1e-6:
        result[whole : whole + len(line)] = line
        return result
    # point j lies between line[j - whole - 1] and line[j - whole]
    result[whole + 1 : whole + len(line)] = line[:-1] * share + line[1:] * (1 - share)
    return result
