"""Display shutters: what of an image is to be seen, the rest covered (PS3.3 C.7.6.11, C.7.6.15)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

from stentviewer.core.sentences import Sentence, sentence
from stentviewer.imaging.dicom_header import number, reals, text

SHUTTER_TAGS = [
    "ShutterShape",
    "ShutterLeftVerticalEdge",
    "ShutterRightVerticalEdge",
    "ShutterUpperHorizontalEdge",
    "ShutterLowerHorizontalEdge",
    "CenterOfCircularShutter",
    "RadiusOfCircularShutter",
    "VerticesOfThePolygonalShutter",
    "ShutterPresentationValue",
]
_MOST_VERTICES = 10_000
_FARTHEST = 1e6

Point = tuple[float, float]


@dataclass(frozen=True, slots=True)
class Shutter:
    """What is seen lies inside; several shutters leave what is inside all of them.

    Points are (column, row), continuous: a rectangle's two corners, a circle's centre, a polygon's
    corners. `radius` counts columns. `grey` is what covers the rest, 0 black to 1 white.
    """

    shape: Literal["RECTANGULAR", "CIRCULAR", "POLYGONAL"]
    points: tuple[Point, ...]
    radius: float = 0.0
    grey: float = 0.0


def shutters_in(dataset: Any) -> tuple[tuple[Shutter, ...], tuple[Sentence, ...]]:
    """The shutters of a data set, and a sentence for each that cannot be shown."""
    value = number(dataset, "ShutterPresentationValue") or 0
    grey = min(max(value / 65535, 0.0), 1.0)
    found: list[Shutter] = []
    notes: list[Sentence] = []
    for shape in filter(None, text(dataset, "ShutterShape").split("\\")):
        read = _SHAPES.get(shape)
        shutter = read(dataset, grey) if read is not None else None
        if shutter is None or not _is_near(shutter):
            notes.append(sentence("A shutter of the kind “{kind}” is not shown.", kind=shape[:32]))
        else:
            found.append(shutter)
    return tuple(found), tuple(notes)


def _is_near(shutter: Shutter) -> bool:
    reach = (abs(part) for point in shutter.points for part in point)
    return max(reach) <= _FARTHEST and shutter.radius <= _FARTHEST


def _rectangle(dataset: Any, grey: float) -> Shutter | None:
    edges = [
        number(dataset, f"Shutter{edge}Edge")
        for edge in ("LeftVertical", "UpperHorizontal", "RightVertical", "LowerHorizontal")
    ]
    left, upper, right, lower = edges
    if left is None or upper is None or right is None or lower is None:
        return None
    if right < left or lower < upper:
        return None
    return Shutter("RECTANGULAR", ((left - 1, upper - 1), (right, lower)), grey=grey)


def _circle(dataset: Any, grey: float) -> Shutter | None:
    centre = reals(dataset, "CenterOfCircularShutter")
    radius = number(dataset, "RadiusOfCircularShutter")
    if len(centre) != 2 or not radius or radius < 0:
        return None
    return Shutter("CIRCULAR", ((centre[1] - 0.5, centre[0] - 0.5),), float(radius), grey)


def _polygon(dataset: Any, grey: float) -> Shutter | None:
    values = reals(dataset, "VerticesOfThePolygonalShutter")
    points = tuple((x - 0.5, y - 0.5) for y, x in zip(values[::2], values[1::2], strict=False))
    if len(values) % 2 or not 3 <= len(points) <= _MOST_VERTICES:
        return None
    return Shutter("POLYGONAL", points, grey=grey)


_SHAPES = {"RECTANGULAR": _rectangle, "CIRCULAR": _circle, "POLYGONAL": _polygon}
