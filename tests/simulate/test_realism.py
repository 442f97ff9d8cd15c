"""The figures that simulated frames are compared by, on pictures of known answer and real ones."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stentviewer.core.types import Box
from stentviewer.imaging.collimator import uncollimated_area
from stentviewer.simulate import simulate_stent_image
from stentviewer.simulate.realism import band_pass, figures_of, radial_spectrum, to_width

WHOLE = Box(0.0, 0.0, 1.0, 1.0)
# File, stent's area as its README states it, and what the frame measures.
REAL = (
    ("BonaPC_radiograph.png", Box(0.29, 0.62, 0.40, 0.82), 2.07, 2.1, 331),
    ("EGIS_radiograph.png", Box(0.38, 0.46, 0.56, 0.66), 2.21, 1.9, 48),
    ("Epic_radiograph.png", Box(0.40, 0.31, 0.62, 0.62), 2.24, 2.0, 64),
)


@pytest.mark.parametrize(("file", "stent", "contrast", "clutter", "laplacian"), REAL)
def test_the_real_frames_measure_what_is_stated(
    data_dir, file, stent, contrast, clutter, laplacian
) -> None:
    frame = np.asarray(cv2.imread(str(data_dir / "stents" / file), cv2.IMREAD_GRAYSCALE), np.uint8)
    found = figures_of(frame, uncollimated_area(frame.astype(np.float32)), stent)
    assert found.contrast == pytest.approx(contrast, abs=0.03)
    assert found.clutter == pytest.approx(clutter, abs=0.05)
    assert found.laplacian == pytest.approx(laplacian, rel=0.02)


def test_a_grating_passes_the_band_as_its_closed_form_says() -> None:
    x = np.arange(400, dtype=np.float32)
    frequency = 0.1
    grating = np.tile(100 + 10 * np.sin(2 * np.pi * frequency * x), (400, 1)).astype(np.float32)
    fine, coarse = (np.exp(-2 * (np.pi * s * frequency) ** 2) for s in (0.8, 3.0))
    expected = 10 * (fine - coarse) / np.sqrt(2)
    assert float(band_pass(grating)[200, 200]) == pytest.approx(expected, rel=0.03)


def test_white_noise_has_a_flat_spectrum_of_its_variance() -> None:
    noise = 3 * np.random.default_rng(2).standard_normal((512, 400)).astype(np.float32)
    at, power = radial_spectrum(noise)
    assert power[(at > 0.05) & (at < 0.45)].mean() == pytest.approx(9, rel=0.05)
    assert abs(np.polyfit(np.log10(at[20:180]), np.log10(power[20:180]), 1)[0]) < 0.05


def test_what_stands_out_has_contrast_and_the_same_elsewhere_has_not() -> None:
    rng = np.random.default_rng(3)
    frame = 120 + 2 * rng.standard_normal((940, 940))
    frame[300:500:6, 300:500] -= 25
    shown = np.clip(frame, 0, 255).astype(np.uint8)
    on, off = Box(0.32, 0.32, 0.53, 0.53), Box(0.65, 0.65, 0.85, 0.85)
    assert figures_of(shown, WHOLE, on).contrast > 3
    assert figures_of(shown, WHOLE, off).contrast == pytest.approx(1, abs=0.15)
    assert np.isnan(figures_of(shown, WHOLE).contrast)


def test_frames_are_measured_at_one_width() -> None:
    assert to_width(np.zeros((1536, 1536), np.uint8)).shape == (940, 940)
    assert to_width(np.zeros((941, 1004), np.uint8)).shape == (941, 1004)


def test_simulated_frames_are_no_easier_than_the_real_ones() -> None:
    """A coarse check on a few frames; the benchmark has the figures."""
    contrasts = []
    for index in range(12):
        image = simulate_stent_image(808, index)
        box = Box(*image.stents[0].box)
        contrasts.append(figures_of(image.as_8_bit(), Box(*image.open_box), box).contrast)
    assert 1.3 < float(np.median(contrasts)) < 4.0
    assert min(contrasts) < 2.0
