"""Which pixels lie in what a reader drew, against the rule written out pixel by pixel."""

from __future__ import annotations

import math
import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.imaging import region

COLUMNS, ROWS = 40, 30
inside = st.tuples(st.floats(-5, COLUMNS + 5), st.floats(-5, ROWS + 5))


def whole(part: region.Region) -> np.ndarray:
    """The region's pixels on the whole image."""
    image = np.zeros((ROWS, COLUMNS), bool)
    image[part.box] = part.mask
    return image


def by_hand(points: list[tuple[float, float]]) -> np.ndarray:
    """Even-odd, one pixel centre at a time."""
    image = np.zeros((ROWS, COLUMNS), bool)
    for row in range(ROWS):
        for column in range(COLUMNS):
            x, y, odd = column + 0.5, row + 0.5, False
            for (x0, y0), (x1, y1) in zip(points, points[1:] + points[:1], strict=True):
                if (y0 <= y) != (y1 <= y):
                    odd ^= x >= x0 + (y - y0) * (x1 - x0) / (y1 - y0)
            image[row, column] = odd
    return image


@given(st.lists(inside, min_size=3, max_size=8))
def test_a_polygon_holds_the_pixels_whose_centres_it_encloses(
    points: list[tuple[float, float]],
) -> None:
    assert np.array_equal(whole(region.polygon(points, COLUMNS, ROWS)), by_hand(points))


@given(inside, inside)
def test_a_rectangle_holds_the_same_pixels_as_its_polygon(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    corners = [a, (b[0], a[1]), b, (a[0], b[1])]
    drawn = whole(region.rectangle(a, b, COLUMNS, ROWS))
    assert np.array_equal(drawn, whole(region.polygon(corners, COLUMNS, ROWS)))


@given(inside, inside)
def test_an_ellipse_holds_the_pixels_whose_centres_it_encloses(
    a: tuple[float, float], b: tuple[float, float]
) -> None:
    drawn = whole(region.ellipse(a, b, COLUMNS, ROWS))
    assert np.array_equal(drawn, whole(region.ellipse(b, a, COLUMNS, ROWS)))
    across, down = abs(b[0] - a[0]) / 2, abs(b[1] - a[1]) / 2
    if min(across, down) < 1e-6:
        assert not drawn.any()
        return
    y, x = np.mgrid[0:ROWS, 0:COLUMNS] + 0.5
    off = ((x - (a[0] + b[0]) / 2) / across) ** 2 + ((y - (a[1] + b[1]) / 2) / down) ** 2
    sure = np.abs(off - 1) > 1e-9  # on the very edge, the last digit decides
    assert np.array_equal(drawn[sure], (off <= 1)[sure])


def test_what_lies_on_a_shared_edge_belongs_to_one_of_two_neighbours() -> None:
    left = whole(region.rectangle((2.5, 3.5), (10.5, 20.5), COLUMNS, ROWS))
    right = whole(region.rectangle((10.5, 3.5), (17.5, 20.5), COLUMNS, ROWS))
    both = whole(region.rectangle((2.5, 3.5), (17.5, 20.5), COLUMNS, ROWS))
    assert not (left & right).any()
    assert np.array_equal(left | right, both)
    assert both.sum() == 15 * 17


@given(st.integers(3, 12), st.floats(1, 400), inside)
def test_the_area_of_a_regular_polygon_is_its_formula(
    corners: int, radius: float, middle: tuple[float, float]
) -> None:
    turns = 2 * np.pi * np.arange(corners) / corners
    points = [(middle[0] + radius * np.cos(t), middle[1] + radius * np.sin(t)) for t in turns]
    expected = corners / 2 * radius**2 * math.sin(2 * math.pi / corners)
    assert region.polygon_area(points) == pytest.approx(expected, rel=1e-9)
    assert region.polygon_area(points[::-1]) == pytest.approx(expected, rel=1e-9)


def test_the_loops_of_an_eight_are_added_not_taken_off_each_other() -> None:
    bow = [(0.0, 0.0), (10.0, 10.0), (10.0, 0.0), (0.0, 10.0)]
    assert region.polygon_area(bow) == pytest.approx(50.0, rel=1e-3)
    assert whole(region.polygon(bow, COLUMNS, ROWS)).sum() == pytest.approx(50, abs=6)


def test_a_scribble_all_over_a_large_image_is_measured_in_a_moment() -> None:
    """Neither memory nor time for every crossing: the window measures while it is drawn."""
    rng = np.random.default_rng(5)
    points = [(float(x), float(y)) for x, y in rng.uniform(0, 3000, (4000, 2))]
    inside = region.polygon(points, 3000, 3000).mask.sum()
    tracemalloc.start()
    try:
        area = region.polygon_area(points)
        assert tracemalloc.get_traced_memory()[1] < 100e6
    finally:
        tracemalloc.stop()
    assert area == pytest.approx(float(inside), rel=1e-2)


def test_a_region_beside_the_image_is_empty() -> None:
    for part in (
        region.rectangle((50, 5), (60, 9), COLUMNS, ROWS),
        region.ellipse((-20, -20), (-5, -5), COLUMNS, ROWS),
        region.polygon([(5, 40), (9, 40), (9, 50)], COLUMNS, ROWS),
    ):
        assert not whole(part).any()
