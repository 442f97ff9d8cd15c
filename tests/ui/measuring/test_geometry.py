"""What dragging does to a measurement, and how image points come to lie on the screen."""

from __future__ import annotations

import math
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from stentviewer.core.types import Measurement, MeasurementKind, Target
from stentviewer.imaging.region import polygon_area
from stentviewer.ui.viewer.tools import geometry
from stentviewer.ui.viewer.tools.screen import Screen
from tests.ui.measuring.hands import Bench

Kind = MeasurementKind
Point = tuple[float, float]
number = st.floats(-500, 500)
point = st.tuples(number, number)
aspect = st.sampled_from([0.5, 1.0, 2.0])


def drawn(kind: Kind, points: list[Point], widths: tuple[float, ...] = ()) -> Measurement:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    return Measurement("a", Target(1), kind, tuple(points), "", now, widths)


@given(point, point, aspect)
def test_45_degrees_is_so_on_the_screen(anchor: Point, to: Point, aspect: float) -> None:
    x, y = geometry.at_45_degrees(anchor, to, aspect)
    dx, dy = x - anchor[0], (y - anchor[1]) * aspect
    assume(math.hypot(dx, dy) > 1e-3)
    eighths = math.atan2(dy, dx) / (math.pi / 4)
    assert eighths == pytest.approx(round(eighths), abs=1e-4)
    assert math.hypot(dx, dy) <= math.hypot(to[0] - anchor[0], (to[1] - anchor[1]) * aspect) + 1e-6


@given(point, point, aspect)
def test_a_square_is_so_on_the_screen(anchor: Point, to: Point, aspect: float) -> None:
    x, y = geometry.squared(anchor, to, aspect)
    assert abs(x - anchor[0]) == pytest.approx(abs(y - anchor[1]) * aspect, abs=1e-6)


@given(st.lists(st.tuples(st.floats(0, 100), st.floats(0, 80)), min_size=2, max_size=6), point)
def test_moving_the_whole_changes_no_shape_and_stays_inside(points: Any, way: Point) -> None:
    before = drawn(Kind.POLYGON, points)
    after = geometry.shifted(before, *way, 100, 80)
    moved = np.asarray(after.points)
    assert np.allclose(np.diff(moved, axis=0), np.diff(points, axis=0))
    assert (moved >= -1e-9).all()
    assert (moved <= np.array([100, 80]) + 1e-9).all()


@pytest.mark.parametrize("kind", [Kind.LENGTH, Kind.ANGLE, Kind.POLYGON, Kind.STENT])
@given(points=st.lists(point, min_size=3, max_size=3), to=point, at=st.integers(0, 2))
def test_a_handle_moves_its_own_point_alone(kind: Kind, points: Any, to: Point, at: int) -> None:
    after = geometry.moved(drawn(kind, points), at, to, 1.0)
    expected = [*points[:at], to, *points[at + 1 :]]
    assert list(after.points) == expected


@given(point, point, point, st.integers(0, 3))
def test_a_frames_opposite_corner_stays(a: Point, b: Point, to: Point, corner: int) -> None:
    before = drawn(Kind.ELLIPSE, [a, b])
    fixed = geometry.handles(before, 1.0)[(corner + 2) % 4]
    after = geometry.handles(geometry.moved(before, corner, to, 1.0), 1.0)
    assert fixed in after
    assert to in after


@pytest.mark.parametrize("aspect", [0.5, 1.0, 2.0])
def test_a_stents_walls_are_its_diameter_apart_on_the_screen(aspect: float) -> None:
    points = [(0.0, 0.0), (50.0, 10.0), (90.0, 40.0)]
    stent = drawn(Kind.STENT, points, (20.0, 16.0, 24.0))
    left, right = geometry.walls(stent, aspect)
    apart = np.hypot(*((left - right) * (1.0, aspect)).T)
    assert apart == pytest.approx([20.0, 16.0, 24.0])
    places = geometry.handles(stent, aspect)
    assert len(places) == 9
    assert np.allclose(places[5:7], [left[1], right[1]])
    wider = geometry.moved(stent, 5, tuple(2 * left[1] - points[1]), aspect)
    assert wider.widths == pytest.approx((20.0, 32.0, 24.0))


@given(st.lists(st.tuples(st.floats(0.1, 1), st.floats(1, 50)), min_size=3, max_size=12))
def test_a_polygons_area_is_the_sum_of_its_triangles(star: list[tuple[float, float]]) -> None:
    """A star round the origin: the triangles from there to its edges do not overlap."""
    steps, radii = np.array(star).T
    turns = np.cumsum(steps) / steps.sum() * 2 * np.pi
    assume(np.max(steps / steps.sum()) < 0.45)  # the origin is inside
    points = [
        (float(r * np.cos(t)), float(r * np.sin(t))) for r, t in zip(radii, turns, strict=True)
    ]
    gaps = np.diff(np.append(turns, turns[0] + 2 * np.pi))
    triangles = 0.5 * radii * np.roll(radii, -1) * np.sin(gaps)
    assert polygon_area(points) == pytest.approx(triangles.sum(), rel=1e-9)


@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
def test_many_points_lie_where_the_canvas_puts_each(
    bench: Bench, dicom: Callable[..., Any], turns: int, mirrored: bool
) -> None:
    bench.show(dicom(np.zeros((40, 60)) + 1, PixelAspectRatio=[3, 2]))
    bench.canvas.rotate(turns)
    if mirrored:
        bench.canvas.mirror()
    points = np.array([(0.0, 0.0), (60.0, 40.0), (12.5, 33.1)])
    (lines,) = Screen.of(bench.canvas).lines((points,))
    for (x, y), expected in zip(lines, points, strict=True):
        at = bench.canvas.to_widget((float(expected[0]), float(expected[1])))
        assert (x, y) == pytest.approx((at.x(), at.y()), abs=1e-6)


def test_the_distance_to_lines() -> None:
    square = (np.array([(0.0, 0.0), (10.0, 0.0), (10.0, 10.0)]), np.array([(30.0, 30.0)]))
    assert geometry.distance(square, (5.0, 3.0)) == pytest.approx(3.0)
    assert geometry.distance(square, (30.0, 34.0)) == pytest.approx(4.0)
    assert geometry.distance(square, (-3.0, -4.0)) == pytest.approx(5.0)
