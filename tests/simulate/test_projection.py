"""Wires and matter projected onto a detector, against closed forms."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentviewer.simulate.materials import attenuation_per_mm
from stentviewer.simulate.projection import Beam, Detector, expose, splat, thickness_map
from stentviewer.simulate.stents import STENT_MAKERS, Strand, build_stent, wire_area
from stentviewer.simulate.tube import (
    bile_duct_curve,
    narrowed_radius,
    rotation_minimising_frame,
    tube_from_curve,
)

PARALLEL = Beam((300, 260), 0.3, float("inf"), 50.0)


@settings(deadline=None)
@given(
    start=st.tuples(*[st.floats(-25, 25)] * 3),
    end=st.tuples(*[st.floats(-25, 25)] * 3),
    diameter=st.floats(0.1, 0.25),
)
def test_a_wire_keeps_its_volume_when_projected(start, end, diameter) -> None:
    points = np.linspace(start, end, 200)
    strand = Strand(points, wire_area(diameter), "nitinol")
    length = float(np.linalg.norm(np.subtract(end, start)))
    volume = float(thickness_map([strand], PARALLEL).sum(dtype=np.float64)) * 0.3**2
    assert volume == pytest.approx(wire_area(diameter) * length, rel=1e-4, abs=1e-9)


def test_a_cone_beam_spreads_a_wire_over_the_square_of_the_magnification() -> None:
    height = 200.0
    points = np.linspace((-10, 5, height), (12, -3, height), 400)
    strand = Strand(points, wire_area(0.2), "nitinol")
    beam = Beam((400, 400), 0.3, 1000.0, 50.0)
    magnification = 1000.0 / (1000.0 - height)
    volume = float(thickness_map([strand], beam).sum(dtype=np.float64)) * 0.3**2
    length = float(np.linalg.norm(points[-1] - points[0]))
    assert volume == pytest.approx(wire_area(0.2) * length * magnification**2, rel=1e-4)


def test_a_wire_lies_where_its_projection_says() -> None:
    beam = Beam((101, 101), 0.5, 1000.0, 50.0)
    pixels, scale = beam.to_pixels(np.array([[8.0, -4.0, 200.0]]))
    assert scale[0] == pytest.approx(1.25)
    assert pixels[0] == pytest.approx([50 + 8 * 1.25 / 0.5, 50 - 4 * 1.25 / 0.5])


def test_splat_drops_what_is_outside_and_keeps_the_rest() -> None:
    pixels = np.array([[1.25, 2.5], [-3.0, 1.0], [500.0, 1.0]])
    out = splat(pixels, np.array([2.0, 1.0, 1.0]), (5, 6))
    assert out.sum() == pytest.approx(2.0)
    assert out[2, 1] == pytest.approx(2 * 0.75 * 0.5)
    assert out[3, 2] == pytest.approx(2 * 0.25 * 0.5)


def test_exposure_obeys_beer_and_lambert_without_scatter_blur_and_noise() -> None:
    exponent = np.full((256, 256), 2.0, np.float32)
    exponent[100:140, 100:140] = 2.5
    detector = Detector(0.0, 0.01, 1e12, 0.0, 0.0, 100.0)
    measured = expose(exponent, detector, 0.3, np.random.default_rng(0))
    assert measured[120, 120] / measured[20, 20] == pytest.approx(np.exp(-0.5), rel=1e-3)


def test_quantum_noise_is_that_of_the_photons() -> None:
    detector = Detector(0.0, 0.01, 4000.0, 0.0, 0.0, 100.0)
    measured = expose(np.zeros((256, 256), np.float32), detector, 0.3, np.random.default_rng(1))
    assert measured.std() == pytest.approx(1 / np.sqrt(4000), rel=0.03)


def test_attenuation_falls_with_energy_and_matches_the_table() -> None:
    assert attenuation_per_mm("gold", 50.0) == pytest.approx(19.3 * 7.256 / 10)
    assert attenuation_per_mm("nitinol", 45.0) > attenuation_per_mm("nitinol", 55.0)
    with pytest.raises(ValueError, match="outside"):
        attenuation_per_mm("bone", 90.0)


@settings(deadline=None)
@given(seed=st.integers(0, 2**32), length=st.floats(40, 100), diameter=st.floats(8, 10))
def test_a_duct_has_its_length_and_an_orthonormal_frame(seed, length, diameter) -> None:
    rng = np.random.default_rng(seed)
    curve = bile_duct_curve(rng, length)
    tube = tube_from_curve(curve, np.full(len(curve), diameter / 2))
    assert tube.length_mm == pytest.approx(length, rel=1e-6)
    radius = narrowed_radius(rng, tube.arc_mm, diameter)
    assert 0.5 < radius.min() / (diameter / 2) <= radius.max() / (diameter / 2) < 1.03
    across, other = rotation_minimising_frame(curve)
    assert np.abs(np.linalg.norm(across, axis=1) - 1).max() < 1e-6
    assert np.abs((across * other).sum(axis=1)).max() < 1e-6
    s = np.linspace(0, tube.length_mm, 50)
    points = tube.surface(s, np.linspace(0, 9, 50))
    centre = np.stack([np.interp(s, tube.arc_mm, tube.centre[:, k]) for k in range(3)], axis=1)
    gap = np.linalg.norm(points - centre, axis=1)
    assert gap == pytest.approx(np.full(50, diameter / 2), rel=0.02)


@pytest.mark.parametrize("maker", STENT_MAKERS)
def test_every_design_stays_on_its_tube_and_has_wire_to_scale(maker) -> None:
    rng = np.random.default_rng(5)
    curve = np.stack([np.zeros(141), np.linspace(0, 70, 141), np.zeros(141)], axis=1)
    model = build_stent(maker, tube_from_curve(curve, np.full(141, 4.5)), rng)
    points = np.concatenate([strand.points for strand in model.strands])
    from_axis = np.hypot(points[:, 0], points[:, 2])
    assert points[:, 1].min() > -0.01
    assert points[:, 1].max() < 70.01
    assert from_axis.min() > 4.0
    assert from_axis.max() < 4.5 * 1.4
    wires = {strand.area_mm2 for strand in model.strands if strand.material == "nitinol"}
    assert all(wire_area(0.1) <= area <= wire_area(0.251) for area in wires)


def _marker_rings(maker: str) -> list[float]:
    """Middles in mm of the rings that the markers of a straight 80 mm stent form."""
    rng = np.random.default_rng(3)
    curve = np.stack([np.zeros(161), np.linspace(0, 80, 161), np.zeros(161)], axis=1)
    model = build_stent(maker, tube_from_curve(curve, np.full(161, 4.5)), rng)
    bodies = [s for s in (*model.strands, *model.specks) if s.material in ("platinum", "gold")]
    places = np.sort([body.points[:, 1].mean() for body in bodies])
    rings = np.split(places, np.flatnonzero(np.diff(places) > 4) + 1)
    return [float(ring.mean()) for ring in rings]


def test_markers_lie_where_the_designs_have_them() -> None:
    assert _marker_rings("Bona UC") == pytest.approx([2.2, 77.8], abs=1)
    assert _marker_rings("Bona PC") == pytest.approx([2.2, 9.5, 70.5, 77.8], abs=2)
    assert _marker_rings("EGIS") == pytest.approx([4, 40, 76], abs=3)
    assert _marker_rings("Epic") == pytest.approx([0.5, 79.5], abs=0.5)
    assert _marker_rings("NITI-S") == pytest.approx([2.8, 40, 77.2], abs=3)
