"""Whole simulated pictures: the same seed, truth in the right place, nothing that gives it away."""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stentviewer.simulate import STENT_MAKERS, simulate_stent_image
from stentviewer.simulate.field import (
    CLASS_PROPORTIONS,
    SceneSeeds,
    build_scene,
    draw_maker,
    expose_scene,
    generator,
)
from stentviewer.simulate.view import draw_view


def test_the_same_seed_gives_the_same_pixels_and_another_does_not() -> None:
    first, again = simulate_stent_image(3, 4, "EGIS"), simulate_stent_image(3, 4, "EGIS")
    other = simulate_stent_image(4, 4, "EGIS")
    assert np.array_equal(first.pixels, again.pixels)
    assert first.pixels.shape != other.pixels.shape or not np.array_equal(
        first.pixels, other.pixels
    )


def test_another_process_gives_the_same_pixels() -> None:
    code = (
        "import cv2, hashlib; cv2.setNumThreads(1)\n"
        "from stentviewer.simulate import simulate_stent_image\n"
        "print(hashlib.sha256(simulate_stent_image(3, 4, 'EGIS').pixels.tobytes()).hexdigest())"
    )
    settings = {"PYTHONHASHSEED": "77", "OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", code],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
        env={**os.environ, **settings},
    )
    here = hashlib.sha256(simulate_stent_image(3, 4, "EGIS").pixels.tobytes()).hexdigest()
    assert done.stdout.strip() == here


def test_the_maker_changes_nothing_but_the_stent() -> None:
    seeds = SceneSeeds.of(11, 2)
    scenes = [build_scene(seeds, (maker,)) for maker in ("Epic", "NITI-S")]
    assert scenes[0].view == scenes[1].view
    assert np.array_equal(scenes[0].still, scenes[1].still)
    changed = scenes[0].moving != scenes[1].moving
    rows, cols = changed.shape
    boxes = np.array([scene.stents[0].box for scene in scenes]) * (cols, rows, cols, rows)
    y, x = np.nonzero(changed)
    view = scenes[0].view
    smear = np.abs(view.motion_mm) * view.magnification / view.beam.spacing_mm
    low, high = boxes[:, :2].min(axis=0) - 3 - smear, boxes[:, 2:].max(axis=0) + 3 + smear
    assert changed.any()
    assert (x >= low[0]).all()
    assert (x <= high[0]).all()
    assert (y >= low[1]).all()
    assert (y <= high[1]).all()
    assert scenes[0].stents[0].length_mm == scenes[1].stents[0].length_mm


@pytest.mark.parametrize("index", range(4))
def test_pictures_are_what_they_say(index) -> None:
    image = simulate_stent_image(21, index)
    (stent,) = image.stents
    assert image.pixels.dtype == np.uint16
    assert int(image.pixels.max()) < 1 << image.bits_stored
    assert 250 <= image.spacing_mm * max(image.pixels.shape) <= 431
    assert 40 <= stent.length_mm <= 100
    x0, y0, x1, y1 = stent.box
    assert 0 <= x0 < x1 <= 1
    assert 0 <= y0 < y1 <= 1
    assert (stent.centre_line > -0.01).all()
    assert (stent.centre_line < 1.01).all()
    inside = (stent.centre_line >= (x0, y0)) & (stent.centre_line <= (x1, y1))
    assert inside.mean() > 0.9
    assert image.polarity == ("bone dark" if image.kind == "fluoroscopy" else "bone bright")


@pytest.mark.parametrize("photometric", ["MONOCHROME1", "MONOCHROME2"])
def test_bars_are_black_on_the_screen_in_either_photometric(photometric) -> None:
    def fits(index: int) -> bool:
        view = draw_view(generator(SceneSeeds.of(33, index).view))
        return view.shutter.box[1] > 0.06 and view.photometric == photometric

    index = next(index for index in range(500) if fits(index))
    image = simulate_stent_image(33, index, "Epic")
    assert image.open_box[1] > 0.06
    bar = image.pixels[2:8].astype(float) / ((1 << image.bits_stored) - 1)
    if photometric == "MONOCHROME1":
        bar = 1 - bar
    assert image.as_8_bit()[2:8, 8:-8].max() <= 12  # compression may leave a trace of the edge
    assert bar[:, 8:-8].max() < 0.05


def test_several_stents_each_have_their_truth() -> None:
    image = simulate_stent_image(5, 1, "Epic", more_makers=("NITI-S", "EGIS"))
    assert [stent.maker for stent in image.stents] == ["Epic", "NITI-S", "EGIS"]


def test_an_unknown_maker_is_refused() -> None:
    with pytest.raises(KeyError):
        simulate_stent_image(1, 1, "Acme")


def test_a_shift_moves_the_stent_but_not_the_bones() -> None:
    seeds = SceneSeeds.of(8, 0)
    scene = build_scene(seeds, ("NITI-S",))
    still, tone = expose_scene(scene, seeds.noise)
    moved, _ = expose_scene(scene, seeds.noise, (0.0, 3.0), tone)
    difference = np.abs(still.astype(int) - moved.astype(int))
    rows, cols = still.shape
    x0, y0, x1, y1 = scene.stents[0].box
    box = difference[int(y0 * rows) : int(y1 * rows), int(x0 * cols) : int(x1 * cols)]
    assert box.max() > 20 * max(float(np.median(difference)), 1)


def test_makers_come_in_the_published_proportions() -> None:
    drawn = [draw_maker(1, index) for index in range(4000)]
    shares = np.array([drawn.count(maker) for maker in STENT_MAKERS]) / 4000
    expected = np.array(CLASS_PROPORTIONS) / sum(CLASS_PROPORTIONS)
    assert np.abs(shares - expected).max() < 0.03


def test_a_stent_is_seldom_hidden_and_says_how_far_it_stands_out() -> None:
    stents = [simulate_stent_image(71, index, side=256).stents[0] for index in range(24)]
    seen = np.array([stent.visibility for stent in stents])
    assert np.quantile(seen, 0.25) > 0.6
    assert (seen < 0.5).mean() < 0.1
    assert seen.max() > 1.2 * seen.min()
