"""None, one and several stents: the truth lies in the picture, and nothing else gives it away."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest

from stentviewer.simulate import ARRANGEMENTS, STENT_MAKERS, simulate_reading_image
from stentviewer.simulate.arrange import draw_arrangement, lay
from stentviewer.simulate.field import SceneSeeds, build_scene, generator
from stentviewer.simulate.projection import thickness_map
from stentviewer.simulate.stents import build_stent
from stentviewer.simulate.view import at_side, draw_view

SEVERAL = ARRANGEMENTS[2:]


def tubes_of(arrangement, seed):
    rng = np.random.default_rng(seed)
    view = draw_view(rng)
    return lay(rng, arrangement, view, np.zeros(2)), view


def gap(one, two) -> float:
    """Least distance in mm between two centre lines in the picture's plane."""
    return float(np.linalg.norm(one.centre[:, None, :2] - two.centre[None, :, :2], axis=2).min())


@pytest.mark.parametrize("arrangement", ARRANGEMENTS)
@pytest.mark.parametrize("side", [96, 160])
def test_truths_lie_in_the_picture(arrangement, side) -> None:
    for index in range(3):
        image = simulate_reading_image(12, index, arrangement=arrangement, side=side)
        again = simulate_reading_image(12, index, arrangement=arrangement, side=side)
        assert np.array_equal(image.pixels, again.pixels)
        assert image.arrangement == arrangement
        expected = {"none": "none", "one": "one"}.get(arrangement, "several")
        assert image.number == expected
        for stent in image.stents:
            x0, y0, x1, y1 = stent.box
            assert 0 <= x0 < x1 <= 1
            assert 0 <= y0 < y1 <= 1
            assert stent.maker in STENT_MAKERS
            middle = stent.centre_line[len(stent.centre_line) // 2]
            assert (middle > (x0, y0)).all()
            assert (middle < (x1, y1)).all()
            assert 0.9 * stent.diameter_mm < stent.diameter_px * image.spacing_mm
            assert stent.diameter_px * image.spacing_mm < 1.6 * stent.diameter_mm


@pytest.mark.parametrize("seed", range(6))
def test_boxes_hold_their_wires(seed) -> None:
    seeds = SceneSeeds.of(31, seed)
    view = at_side(draw_view(generator(seeds.view)), 256)
    scene = build_scene(seeds, ("Epic", "EGIS"), view=view, arrangement="Y")
    empty = build_scene(seeds, (), view=view, arrangement="Y")
    assert np.array_equal(scene.still, empty.still)
    rows, cols = np.nonzero(np.abs(scene.moving - empty.moving) > 1e-6)
    assert len(rows) > 20
    height, width = view.beam.shape
    blur = 5  # px: breathing smears what moves
    inside = np.zeros(len(rows), bool)
    for stent in scene.stents:
        x0, y0, x1, y1 = np.array(stent.box) * (width, height, width, height)
        inside |= (
            (cols >= x0 - blur) & (cols <= x1 + blur) & (rows >= y0 - blur) & (rows <= y1 + blur)
        )
    assert inside.all()


def test_a_picture_without_a_stent_is_that_with_one_less_the_stent() -> None:
    seeds = SceneSeeds.of(17, 3)
    view = at_side(draw_view(generator(seeds.view)), 256)
    none = build_scene(seeds, ("NITI-S",), view=view, arrangement="none")
    one = build_scene(seeds, ("NITI-S",), view=view, arrangement="one")
    assert none.stents == ()
    assert np.array_equal(none.still, one.still)
    changed = np.abs(none.moving - one.moving) > 1e-6
    x0, y0, x1, y1 = np.array(one.stents[0].box) * (view.beam.shape[::-1] * 2)
    rows, cols = np.nonzero(changed)
    assert changed.any()
    assert (cols >= x0 - 5).all()
    assert (cols <= x1 + 5).all()
    assert (rows >= y0 - 5).all()
    assert (rows <= y1 + 5).all()


def test_arrangements_are_what_they_are_called() -> None:
    for seed in range(8):
        for name in ("Y", "side by side", "inside"):
            tubes, _ = tubes_of(name, seed)
            assert len(tubes) == 2
            assert gap(*tubes) < 16
        (first, second), _ = tubes_of("end to end", seed)
        assert gap(first, second) < 13
        shared = np.linalg.norm(first.centre[:, None, :] - second.centre[None, :, :], axis=2).min(
            axis=1
        )
        assert (shared < 1.0).mean() < 0.35
        (outer, inner), _ = tubes_of("inside", seed)
        near = np.linalg.norm(outer.centre[:, None, :] - inner.centre[None, :, :], axis=2).min(
            axis=1
        )
        assert (near < 1.0).mean() > 0.1
        assert np.median(inner.radius_mm) < np.median(outer.radius_mm) * 1.4
    apart = [gap(*tubes_of("apart", seed)[0][:2]) for seed in range(8)]
    assert float(np.median(apart)) > 12


def test_numbers_come_in_the_shares_asked_for() -> None:
    rng = np.random.default_rng(4)
    drawn = Counter(draw_arrangement(rng, (0.2, 0.5, 0.3)) for _ in range(3000))
    assert drawn["none"] / 3000 == pytest.approx(0.2, abs=0.03)
    assert drawn["one"] / 3000 == pytest.approx(0.5, abs=0.03)
    assert all(drawn[name] > 60 for name in SEVERAL)
    assert draw_arrangement(rng, (0, 0, 1)) in SEVERAL


def test_several_are_of_one_maker_or_of_different_ones() -> None:
    makers = [
        {stent.maker for stent in simulate_reading_image(5, i, arrangement="Y", side=64).stents}
        for i in range(24)
    ]
    assert {len(own) for own in makers} == {1, 2}


@pytest.mark.parametrize("maker", STENT_MAKERS)
def test_wires_of_any_arrangement_keep_their_volume(maker) -> None:
    tubes, view = tubes_of("inside", 3)
    model = build_stent(maker, tubes[1], np.random.default_rng(1))
    total = float(thickness_map(model.strands, view.beam).sum(dtype=np.float64))
    pieces = sum(
        float(np.linalg.norm(np.diff(s.points, axis=0), axis=1).sum()) * s.area_mm2
        for s in model.strands
    )
    scale = view.magnification**2
    volume = total * view.beam.spacing_mm**2 / scale
    assert volume == pytest.approx(pieces, rel=0.12)  # the stent is not all in one plane
