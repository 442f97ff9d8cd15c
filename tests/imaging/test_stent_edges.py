"""Proposed diameters, against tubes of known width and against simulated stents."""

from __future__ import annotations

import numpy as np
import pytest

from stentviewer.core.types import Spacing, SpacingKind
from stentviewer.imaging.stent_edges import propose_widths
from stentviewer.simulate import simulate_stent_image

SPACING = Spacing(SpacingKind.DETECTOR, (0.3, 0.3))
CLICKS = [(300 + 150 * np.cos(t), 300 + 150 * np.sin(t)) for t in np.radians([20, 40, 60, 80])]


def bent_tube(width: float, depth: float, aspect: float = 1.0) -> np.ndarray:
    """A tube of the beam's path length through a thin wall, bent round (300, 300) at 150."""
    rng = np.random.default_rng(5)
    y, x = np.mgrid[0 : round(600 / aspect), 0:600] + 0.5
    off = np.abs(np.hypot(x - 300, y * aspect - 300) - 150)
    outer, inner = (np.sqrt(np.maximum(r**2 - off**2, 0)) for r in (width / 2, width / 2 - 2))
    path = np.minimum((outer - inner) / 4, 1.5)
    picture = 2000 + depth * path + rng.normal(0, 20, off.shape) + 0.3 * x
    return np.clip(picture, 0, 65535).astype(np.uint16)


@pytest.mark.parametrize("depth", [-400.0, 400.0], ids=["dark", "bright"])
@pytest.mark.parametrize("width", [22.0, 33.0])
def test_a_tube_of_known_width(width: float, depth: float) -> None:
    found = propose_widths(CLICKS, bent_tube(width, depth), SPACING, 1.0)
    assert found == pytest.approx([width] * len(CLICKS), abs=2.0)


def test_a_line_clicked_beside_the_middle_changes_little() -> None:
    beside = [(x + 2, y + 2) for x, y in CLICKS]
    found = propose_widths(beside, bent_tube(30.0, -400.0), SPACING, 1.0)
    assert found == pytest.approx([30.0] * len(CLICKS), abs=2.0)


def test_pixels_that_are_not_square() -> None:
    clicks = [(x, y / 2) for x, y in CLICKS]
    spacing = Spacing(SpacingKind.DETECTOR, (0.6, 0.3))
    found = propose_widths(clicks, bent_tube(30.0, -400.0, 2.0), spacing, 2.0)
    assert found == pytest.approx([30.0] * len(CLICKS), abs=2.5)


def test_where_nothing_stands_out_nothing_is_proposed() -> None:
    noise = np.random.default_rng(1).integers(900, 1100, (600, 600)).astype(np.uint16)
    assert propose_widths(CLICKS, noise, SPACING, 1.0) == ()
    assert propose_widths(CLICKS, np.full((600, 600), 7, np.uint8), Spacing(), 1.0) == ()
    assert propose_widths(CLICKS[:1], noise, SPACING, 1.0) == ()


def test_clicks_at_the_image_edge_and_colour_are_no_trouble() -> None:
    edge = [(0.0, 0.0), (300.0, 0.0), (600.0, 5.0)]
    colour = np.repeat(bent_tube(30.0, -400.0)[..., None] // 257, 3, axis=2).astype(np.uint8)
    propose_widths(edge, colour, Spacing(), 1.0)
    found = propose_widths(CLICKS, bent_tube(30.0, -400.0), Spacing(), 1.0)
    assert found == pytest.approx([30.0] * len(CLICKS), abs=2.0)


def test_a_simulated_stent() -> None:
    image = simulate_stent_image(7, 10, "Epic")
    (stent,) = image.stents
    rows, columns = image.pixels.shape
    line = stent.centre_line * (columns, rows)
    clicks = [(x, y) for x, y in line[np.linspace(1, len(line) - 2, 7).round().astype(int)]]
    spacing = Spacing(SpacingKind.DETECTOR, (image.spacing_mm, image.spacing_mm))
    found = np.array(propose_widths(clicks, image.pixels, spacing, 1.0)) * image.spacing_mm
    # the narrowest place is a stricture's; elsewhere it has its own diameter, magnified
    assert np.median(found) == pytest.approx(stent.diameter_mm * image.magnification, rel=0.1)
