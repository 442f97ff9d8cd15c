"""What the designs are made of: markers by number, wires by length, matter by absorption."""

from __future__ import annotations

import numpy as np
import pytest

from stentviewer.simulate import FURTHER_DESIGNS, STENT_MAKERS
from stentviewer.simulate.materials import attenuation_per_mm
from stentviewer.simulate.projection import Beam, Detector, expose, thickness_map
from stentviewer.simulate.stents import Strand, build_stent, wire_area
from stentviewer.simulate.tube import tube_from_curve

PARALLEL = Beam((420, 300), 0.25, float("inf"), 60.0)
CURVE = np.stack([np.zeros(141), np.linspace(-35, 35, 141), np.zeros(141)], axis=1)
# Markers a stent may have: Bona UC 3 or 4 at each end; PC besides 2 to 4 where the cover ends;
# EGIS 2 or 4 at three places; NITI-S 3 to 5 at the ends and 2 to 4 in the middle.
MARKERS = {
    "Bona UC": {6, 8},
    "Bona PC": set(range(10, 17, 2)),
    "EGIS": {6, 12},
    "Epic": set(range(8, 13)),
    "NITI-S": set(range(8, 15)),
}


def model_of(maker, seed):
    tube = tube_from_curve(CURVE, np.full(141, 4.5))
    return build_stent(maker, tube, np.random.default_rng(seed))


@pytest.mark.parametrize("maker", STENT_MAKERS)
def test_markers_are_as_many_as_the_design_has(maker) -> None:
    seen = set()
    for seed in range(12):
        model = model_of(maker, seed)
        ticks = [s for s in model.strands if s.material in ("platinum", "gold")]
        dots = [s for s in model.specks if s.material == "gold"]
        assert len(ticks) % 5 == 0  # five lines side by side draw one tick
        seen.add(len(ticks) // 5 + len(dots))
        assert bool(dots) == (maker == "Epic")
    assert seen <= MARKERS[maker]
    assert len(seen) > 1


@pytest.mark.parametrize("maker", [*STENT_MAKERS, *FURTHER_DESIGNS])
def test_the_length_of_wire_comes_back_from_the_picture(maker) -> None:
    model = model_of(maker, 4)
    wires = [s for s in model.strands if s.material in ("nitinol", "steel")]
    area = wires[0].area_mm2
    alike = [s for s in wires if s.area_mm2 == area]
    length = sum(float(np.linalg.norm(np.diff(s.points, axis=0), axis=1).sum()) for s in alike)
    shown = float(thickness_map(alike, PARALLEL).sum(dtype=np.float64)) * 0.25**2 / area
    assert shown == pytest.approx(length, rel=1e-4)
    assert length > 5 * model.tube.length_mm


def test_a_known_thickness_lets_through_what_beer_and_lambert_say() -> None:
    rods = [
        Strand(np.array([[x, -30.0, 0.0], [x, 30.0, 0.0]]), 0.25 * 0.1, "nitinol")
        for x in np.arange(-5, 5, 0.25) + 0.125
    ]
    long = [
        Strand(np.linspace(s.points[0], s.points[1], 3000), s.area_mm2, s.material) for s in rods
    ]
    exponent = thickness_map(long, PARALLEL, weigh=True)
    expected = 0.1 * attenuation_per_mm("nitinol", 60.0)  # a sheet 0.1 mm thick
    assert float(exponent[200:220, 145:155].mean()) == pytest.approx(expected, rel=1e-3)
    detector = Detector(0.0, 0.01, 1e12, 0.0, 0.0, 100.0)
    measured = expose(exponent, detector, 0.25, np.random.default_rng(0))
    through = float(measured[200:220, 145:155].mean() / measured[200:220, :80].mean())
    assert through == pytest.approx(np.exp(-expected), rel=1e-3)


def test_scatter_lowers_the_contrast_by_its_share() -> None:
    exponent = np.zeros((256, 256), np.float32)
    exponent[:, 126:130] = 0.1
    plain, veiled = (
        expose(exponent, Detector(s, 0.01, 1e12, 0, 0, 100), 0.3, np.random.default_rng(0))
        for s in (0.0, 1.0)
    )

    def depth(measured) -> float:
        return 1 - float(measured[128, 128] / measured[128, 20])

    assert depth(veiled) == pytest.approx(depth(plain) / 2, rel=0.05)


@pytest.mark.parametrize("design", FURTHER_DESIGNS)
def test_a_further_design_is_none_of_the_makers(design) -> None:
    model = model_of(design, 2)
    assert model.maker == design
    assert not any(s.material == "gold" for s in (*model.strands, *model.specks))


def test_the_coronary_stent_is_short_and_narrow() -> None:
    for seed in range(5):
        model = model_of("Coronary", seed)
        assert 14 < model.tube.length_mm < 31
        assert 2.4 < 2 * float(np.median(model.tube.radius_mm)) < 4.1


def test_wires_are_as_thin_as_wires_are() -> None:
    areas = [
        s.area_mm2 for m in STENT_MAKERS for s in model_of(m, 1).strands if s.material == "nitinol"
    ]
    assert wire_area(0.09) < min(areas)
    assert max(areas) < wire_area(0.25)
