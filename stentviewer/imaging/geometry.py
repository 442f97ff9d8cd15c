"""Where an image lies in the patient: planes in mm, the lines in which they meet, edge letters.

Positions and directions are DICOM's patient coordinates (PS3.3 C.7.6.2.1.1): LPS, mm, x to the
patient's left, y to the back, z to the head. Image points are continuous (column x, row y), a pixel
covering a unit square, so that the middle of the first pixel is (0.5, 0.5).
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

Vector = tuple[float, float, float]
ImagePoint = tuple[float, float]
EdgeLetters = tuple[str, str, str, str]  # left, right, top, bottom

_TOLERANCE = 1e-6  # of a unit vector's length and of a right angle's cosine
_PARALLEL = 1e-4  # sine of the smallest angle at which planes are said to meet
_NAMED = 0.2  # an axis that a direction follows less than this (cosine) gets no letter
_AXES = (("L", "R"), ("P", "A"), ("H", "F"))  # towards + and − of x, y, z
_OPPOSITE = str.maketrans("LRAPHF", "RLPAFH")


@dataclass(frozen=True, slots=True)
class Segment:
    """A straight line between two image points."""

    start: ImagePoint
    end: ImagePoint


@dataclass(frozen=True, slots=True)
class PlaneGeometry:
    """The plane of one image in the patient.

    `origin` is the middle of the first pixel (Image Position), `row_direction` where a row runs
    to, `column_direction` where a column does: unit vectors at right angles. `spacing_mm` is the
    distance from row to row and from column to column. Only planes of one `frame_of_reference`
    (its UID, empty where unknown) can be compared. Raises ValueError for anything else.
    """

    origin: Vector
    row_direction: Vector
    column_direction: Vector
    spacing_mm: tuple[float, float]
    rows: int
    columns: int
    frame_of_reference: str = ""

    def __post_init__(self) -> None:
        vectors = (self.origin, self.row_direction, self.column_direction)
        if any(len(v) != 3 or not all(map(math.isfinite, v)) for v in vectors):
            raise ValueError("positions and directions are three finite numbers")
        for direction in vectors[1:]:
            if abs(length(direction) - 1.0) > _TOLERANCE:
                raise ValueError(f"{direction} is not of length 1")
        if abs(dot(self.row_direction, self.column_direction)) > _TOLERANCE:
            raise ValueError("rows and columns are not at right angles")
        if not all(0 < mm < math.inf for mm in self.spacing_mm) or len(self.spacing_mm) != 2:
            raise ValueError(f"{self.spacing_mm} is not a spacing of rows and columns")
        if self.rows < 1 or self.columns < 1:
            raise ValueError(f"an image of {self.rows} rows and {self.columns} columns is none")

    @property
    def normal(self) -> Vector:
        """Unit vector at right angles to the plane: row direction × column direction."""
        return cross(self.row_direction, self.column_direction)

    def to_patient(self, point: ImagePoint) -> Vector:
        """The patient position of an image point, mm."""
        across = (point[0] - 0.5) * self.spacing_mm[1]
        down = (point[1] - 0.5) * self.spacing_mm[0]
        x, y, z = (
            o + across * r + down * c
            for o, r, c in zip(self.origin, self.row_direction, self.column_direction, strict=True)
        )
        return x, y, z

    def to_image(self, position: Vector) -> ImagePoint:
        """The image point nearest to a patient position: its foot on the plane."""
        offset = subtract(position, self.origin)
        return (
            dot(offset, self.row_direction) / self.spacing_mm[1] + 0.5,
            dot(offset, self.column_direction) / self.spacing_mm[0] + 0.5,
        )

    def distance_mm(self, position: Vector) -> float:
        """How far a patient position lies from the plane, positive along the normal."""
        return dot(subtract(position, self.origin), self.normal)

    def is_comparable(self, other: PlaneGeometry) -> bool:
        """Whether both are known to be in one frame of reference."""
        return self.frame_of_reference != "" and self.frame_of_reference == other.frame_of_reference

    def cut_by(self, other: PlaneGeometry) -> Segment | None:
        """Where the other image cuts this one, in this image's points.

        As long as both images reach: a slice is not drawn where it was not taken. None where they
        are parallel, do not meet, or are not known to be in one frame of reference.
        """
        if not self.is_comparable(other):
            return None
        normal = other.normal
        # on this image the distance to the other plane is a linear function of the point
        slope = (
            dot(self.row_direction, normal) * self.spacing_mm[1],
            dot(self.column_direction, normal) * self.spacing_mm[0],
        )
        if max(abs(part) for part in slope) < _PARALLEL * min(self.spacing_mm):
            return None
        at_origin = other.distance_mm(self.to_patient((0.0, 0.0)))
        squared = slope[0] ** 2 + slope[1] ** 2
        foot = (-at_origin * slope[0] / squared, -at_origin * slope[1] / squared)
        along = (-slope[1], slope[0])
        there = other.to_image(self.to_patient(foot))
        ahead = other.to_image(self.to_patient((foot[0] + along[0], foot[1] + along[1])))
        bounds = (
            (foot[0], along[0], self.columns),
            (foot[1], along[1], self.rows),
            (there[0], ahead[0] - there[0], other.columns),
            (there[1], ahead[1] - there[1], other.rows),
        )
        span = _clip(bounds)
        if span is None:
            return None
        start, end = ((foot[0] + t * along[0], foot[1] + t * along[1]) for t in span)
        return Segment(start, end)


def _clip(bounds: Sequence[tuple[float, float, int]]) -> tuple[float, float] | None:
    """The t for which every start + t * step lies in 0…limit, None where there are none."""
    first, last = -math.inf, math.inf
    for start, step, limit in bounds:
        if abs(step) < 1e-12:
            if not 0 <= start <= limit:
                return None
            continue
        ends = sorted((-start / step, (limit - start) / step))
        first, last = max(first, ends[0]), min(last, ends[1])
    return (first, last) if first < last else None


def letters_of(direction: Sequence[float]) -> str:
    """The letters of a direction in LPS, the axis that it follows most first: "L", "AL" …"""
    order = sorted(range(3), key=lambda axis: -abs(direction[axis]))
    named = [axis for axis in order if abs(direction[axis]) >= _NAMED]
    return "".join(_AXES[axis][int(direction[axis] < 0)] for axis in named)


def edge_letters(
    row_direction: Sequence[float] | str, column_direction: Sequence[float] | str
) -> EdgeLetters:
    """What stands at an image's left, right, upper and lower edge.

    Directions are vectors, or letters as Patient Orientation has them (C.7.6.1.1.1): where rows and
    columns run to. Empty letters stay empty.
    """
    right, bottom = (
        way if isinstance(way, str) else letters_of(way)
        for way in (row_direction, column_direction)
    )
    return right.translate(_OPPOSITE), right, bottom.translate(_OPPOSITE), bottom


def turned(letters: EdgeLetters, quarter_turns: int, mirrored: bool = False) -> EdgeLetters:
    """The letters after mirroring left and right, and then turning clockwise."""
    left, right, top, bottom = letters
    if mirrored:
        left, right = right, left
    for _ in range(quarter_turns % 4):
        left, right, top, bottom = bottom, top, left, right
    return left, right, top, bottom


def dot(a: Vector, b: Vector) -> float:
    """The scalar product."""
    return a[0] * b[0] + a[1] * b[1] + a[2] * b[2]


def cross(a: Vector, b: Vector) -> Vector:
    """The vector product."""
    return (
        a[1] * b[2] - a[2] * b[1],
        a[2] * b[0] - a[0] * b[2],
        a[0] * b[1] - a[1] * b[0],
    )


def subtract(a: Vector, b: Vector) -> Vector:
    """a − b."""
    return a[0] - b[0], a[1] - b[1], a[2] - b[2]


def length(a: Vector) -> float:
    """The length of a vector."""
    return math.sqrt(dot(a, a))


def square_axes(cosines: Sequence[float]) -> tuple[Vector, Vector] | None:
    """Row and column direction of an Image Orientation, made exactly square.

    Files round their cosines; None where they are off by more than rounding explains.
    """
    if len(cosines) != 6 or not all(map(math.isfinite, cosines)):
        return None
    row = _vector(cosines[:3])
    column = _vector(cosines[3:])
    lengths = length(row), length(column)
    if any(abs(size - 1.0) > 1e-2 for size in lengths):
        return None
    row = _scaled(row, 1 / lengths[0])
    lean = dot(row, column)
    if abs(lean) > 1e-2:
        return None
    column = subtract(column, _scaled(row, lean))
    return row, _scaled(column, 1 / length(column))


def _vector(parts: Sequence[float]) -> Vector:
    x, y, z = parts
    return x, y, z


def _scaled(a: Vector, factor: float) -> Vector:
    return a[0] * factor, a[1] * factor, a[2] * factor
