"""Quality figures against values that can be worked out on paper."""

from __future__ import annotations

import numpy as np
import pytest

from stentviewer.imaging.quality import laplacian_variance, quality


def test_laplacian_variance_of_a_plane_is_zero_inside() -> None:
    yy, xx = np.mgrid[:64, :64].astype(np.float32)
    plane = 2 * yy + 3 * xx
    bowl = 0.5 * yy * yy
    import cv2

    assert np.abs(cv2.Laplacian(plane, cv2.CV_32F)[1:-1, 1:-1]).max() == 0
    assert np.all(cv2.Laplacian(bowl, cv2.CV_32F)[1:-1, 1:-1] == 1.0)


def test_laplacian_variance_of_a_checkerboard() -> None:
    """Every pixel of ±a answers ∓8a (border mirrored about the pixel), so the variance is 64a²."""
    a = 10.0
    board = a * (1 - 2 * (np.indices((32, 32)).sum(0) % 2))
    assert laplacian_variance(board.astype(np.float32)) == pytest.approx(64 * a * a)


def test_laplacian_variance_of_a_wave() -> None:
    """cos(kx) answers (2 cos k − 2) cos(kx), so its variance is half the square."""
    k = 2 * np.pi / 16
    wave = 50 * np.cos(k * np.arange(1025))[None].repeat(8, 0).astype(np.float32)
    expected = (50 * (2 * np.cos(k) - 2)) ** 2 / 2
    assert laplacian_variance(wave) == pytest.approx(expected, rel=2e-3)


def test_white_noise_is_measured_whatever_the_scale() -> None:
    rng = np.random.default_rng(5)
    yy = np.linspace(0, 1000, 512)[:, None]
    clean = np.repeat(yy, 512, 1)
    noisy = (clean + rng.normal(0, 12, clean.shape)).astype(np.float32)
    first = quality(noisy)
    span = 1000 * 0.99
    assert first.noise == pytest.approx(12 * 255 / span, rel=0.05)
    scaled = quality(noisy * 37 + 5000)
    assert scaled.noise == pytest.approx(first.noise, rel=1e-3)
    assert scaled.laplacian_variance == pytest.approx(first.laplacian_variance, rel=1e-2)


def test_blur_lowers_the_variance() -> None:
    import cv2

    rng = np.random.default_rng(6)
    sharp = rng.normal(100, 20, (256, 256)).astype(np.float32)
    blurred = cv2.GaussianBlur(sharp, (0, 0), 1.5)
    assert quality(blurred).laplacian_variance < 0.2 * quality(sharp).laplacian_variance


def test_saturation_and_contrast() -> None:
    values = np.full((100, 100), 50, np.float32)
    values[:10] = 100
    values[10:20] = 0
    figures = quality(values)
    assert figures.saturated == pytest.approx(0.2)
    assert figures.contrast == pytest.approx(1.0)


def test_one_value_and_too_few_pixels() -> None:
    flat = quality(np.full((9, 9), 3, np.float32))
    assert (flat.laplacian_variance, flat.contrast, flat.noise) == (0, 0, 0)
    with pytest.raises(ValueError, match="3 × 3"):
        quality(np.zeros((2, 9), np.float32))
