"""How good a picture is to read: blur, contrast, saturation, noise.

The papers judge blur by the variance of the Laplacian (Pech-Pacheco et al., ICPR 2000). It grows
with the square of the grey scale, so it is measured on grey 0…255 between the image's own 0.5th
and 99.5th percentiles: what the eye is shown, whatever the detector's scale.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from stentviewer.core.types import FloatArray

_LIMITS = (0.5, 99.5)
_SAMPLES = 2**18
_NOISE_SCALE = float(np.sqrt(np.pi / 2) / 6)  # Immerkær's: mean of |N| and the mask's gain


@dataclass(frozen=True, slots=True)
class Quality:
    """Figures of one frame, on grey 0…255.

    `contrast` is the span of the middle 99 % of values over their sum (Michelson), 0…1.
    `saturated` is the share of pixels at the lowest or highest value of all. `noise` is a standard
    deviation in grey levels.
    """

    laplacian_variance: float
    contrast: float
    saturated: float
    noise: float


def quality(values: FloatArray) -> Quality:
    """The figures of modality values (rows, columns); best given without collimator bars.

    An image of one value has neither contrast nor noise nor edges. Raises ValueError where there
    are fewer than 3 by 3 pixels.
    """
    if values.ndim != 2 or min(values.shape) < 3:
        raise ValueError(f"at least 3 × 3 pixels are needed, not {values.shape}")
    step = max(1, int(np.sqrt(values.size / _SAMPLES)))
    low, high = (float(v) for v in np.percentile(values[::step, ::step], _LIMITS))
    if high <= low:
        low, high = float(values.min()), float(values.max())
    if high <= low:
        return Quality(0.0, 0.0, 1.0, 0.0)
    grey = np.clip((values - low) * np.float32(255 / (high - low)), 0, 255).astype(np.float32)
    ends = (values == values.min()) | (values == values.max())
    total = abs(high) + abs(low)
    return Quality(
        laplacian_variance=laplacian_variance(grey),
        contrast=min(1.0, (high - low) / total) if total else 0.0,
        saturated=float(ends.mean()),
        noise=_noise(grey),
    )


def laplacian_variance(grey: FloatArray) -> float:
    """Variance of the Laplacian with the kernel (0 1 0, 1 −4 1, 0 1 0), border mirrored."""
    import cv2

    return float(cv2.Laplacian(grey, cv2.CV_32F).var(dtype=np.float64))


def _noise(grey: FloatArray) -> float:
    """Standard deviation of the noise (Immerkær, CVIU 64, 1996): edges and slopes cancel out."""
    import cv2

    mask = np.array([[1, -2, 1], [-2, 4, -2], [1, -2, 1]], np.float32)
    answer = cv2.filter2D(grey, cv2.CV_32F, mask)[1:-1, 1:-1]
    return float(np.abs(answer).mean() * _NOISE_SCALE)
