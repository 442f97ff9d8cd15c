"""The smooth line through clicks, against curves whose length is known."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.imaging.centre_line import centre_line


def arc(radius: float, degrees: float, clicks: int) -> np.ndarray:
    turn = np.radians(np.linspace(0, degrees, clicks))
    return 100 + radius * np.stack([np.cos(turn), np.sin(turn)], axis=1)


@pytest.mark.parametrize(("clicks", "error"), [(4, 1e-2), (5, 3e-3), (7, 1e-3), (12, 1e-4)])
def test_the_length_of_an_arc(clicks: int, error: float) -> None:
    line = centre_line(arc(150.0, 120.0, clicks))
    assert line.length == pytest.approx(150.0 * np.radians(120.0), rel=error)
    chords = np.linalg.norm(np.diff(arc(150.0, 120.0, clicks), axis=0), axis=1).sum()
    true = 150.0 * np.radians(120.0)
    assert abs(line.length - true) < abs(chords - true) / 2  # it bends: better than the chords


def test_it_goes_through_every_point_and_looks_across() -> None:
    clicks = arc(80.0, 90.0, 6)
    line = centre_line(clicks)
    assert np.allclose(line.curve[line.places], clicks)
    radial = (clicks - 100) / 80.0
    cosines = np.abs((line.normals * radial).sum(axis=1))
    assert (cosines > 0.999).all()
    assert np.allclose(line.normals_along()[line.places], line.normals)
    assert line.arc[-1] == line.length


def test_two_points_are_a_straight_line() -> None:
    line = centre_line([(3.0, 4.0), (6.0, 8.0)])
    assert line.length == pytest.approx(5.0)
    assert np.allclose(line.normals, [[0.8, -0.6]] * 2)


def test_one_point_is_no_line() -> None:
    with pytest.raises(ValueError, match="two points"):
        centre_line([(1.0, 1.0)])


points = st.tuples(st.floats(0, 1000), st.floats(0, 1000))


@given(st.lists(points, min_size=2, max_size=7), st.data())
def test_a_second_click_on_a_spot_breaks_nothing(
    clicks: list[tuple[float, float]], data: st.DataObject
) -> None:
    twice = data.draw(st.integers(0, len(clicks) - 1))
    line = centre_line([*clicks[:twice], clicks[twice], *clicks[twice:]])
    assert np.isfinite(line.curve).all()
    assert np.isfinite(line.normals).all()
    chords = np.linalg.norm(np.diff(clicks, axis=0), axis=1).sum()
    assert chords - 1e-6 <= line.length <= 2 * chords + 1


@given(st.lists(points, min_size=2, max_size=7))
def test_the_length_is_the_same_backwards_turned_and_mirrored(
    clicks: list[tuple[float, float]],
) -> None:
    given_ = np.array(clicks)
    length = centre_line(given_).length
    for other in (given_[::-1], given_[:, ::-1], given_ * (-1, 1), given_ + np.array((17, -4))):
        assert centre_line(other).length == pytest.approx(length, rel=1e-6, abs=1e-6)
