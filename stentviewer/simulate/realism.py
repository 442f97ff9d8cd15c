"""Figures that tell whether a simulated frame is as hard to read as a real one.

All are measured on 8-bit grey at about 940 px across, the size of the real frames at hand, so
that they compare like with like.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.types import Box

Map = NDArray[np.float32]

WIDTH: Final = 940  # px, to which a frame is scaled
_WINDOW: Final = 25  # px, of the local root mean square
_FINE, _COARSE = 0.8, 3.0  # px, the two Gaussians: wires and edges pass, organs and noise do not
_BANDS: Final = (0.01, 0.03, 0.08, 0.16, 0.32)  # cycles per pixel


@dataclass(frozen=True, slots=True)
class FrameFigures:
    """What one frame measures.

    contrast: band-pass root mean square on the stent, its 90th percentile over the frame's
    median (nan without a stent); clutter: the frame's own 90th percentile over that median;
    texture: the median itself in grey levels; laplacian: variance of the Laplacian over the open
    rows, edges of the frame included; inner_laplacian: the same well inside the open area;
    slope: exponent of the radial power spectrum between 0.01 and 0.16 cycles per pixel;
    bands: log10 of the mean power between 0.01, 0.03, 0.08, 0.16 and 0.32 cycles per pixel.
    """

    contrast: float
    clutter: float
    texture: float
    laplacian: float
    inner_laplacian: float
    slope: float
    bands: tuple[float, ...]


def to_width(frame: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """An 8-bit frame (rows, columns) scaled to WIDTH unless it is within a tenth of it."""
    import cv2

    if abs(frame.shape[1] - WIDTH) <= 0.1 * WIDTH:
        return frame
    shrink = WIDTH / frame.shape[1]
    how = cv2.INTER_AREA if shrink < 1 else cv2.INTER_CUBIC
    size = (WIDTH, round(frame.shape[0] * shrink))
    return np.asarray(cv2.resize(frame, size, interpolation=how), np.uint8)


def band_pass(frame: Map) -> Map:
    """Local root mean square (rows, columns) of what lies between the two Gaussians."""
    import cv2

    fine = cv2.GaussianBlur(frame, (0, 0), _FINE) - cv2.GaussianBlur(frame, (0, 0), _COARSE)
    power = cv2.blur(fine * fine, (_WINDOW, _WINDOW))
    return np.asarray(np.sqrt(np.maximum(power, 0)), np.float32)


def _cut(values: Map, box: Box) -> Map:
    rows, cols = values.shape
    return values[int(box.y0 * rows) : int(box.y1 * rows), int(box.x0 * cols) : int(box.x1 * cols)]


def _inset(area: Box, share: float) -> Box:
    """area less a share of its width and height on every side."""
    wide, high = share * (area.x1 - area.x0), share * (area.y1 - area.y0)
    return Box(area.x0 + wide, area.y0 + high, area.x1 - wide, area.y1 - high)


def radial_spectrum(frame: Map) -> tuple[Map, Map]:
    """Frequencies (n,) in cycles per pixel up to 0.5 and the mean power (n,) of each ring."""
    rows, cols = frame.shape
    window = np.outer(np.hanning(rows), np.hanning(cols)).astype(np.float32)
    power = np.abs(np.fft.rfft2((frame - frame.mean()) * window)) ** 2 / float((window**2).sum())
    radius = np.hypot(np.fft.fftfreq(rows)[:, None], np.fft.rfftfreq(cols)[None, :])
    ring = np.minimum((radius * 400).astype(np.int64), 200)
    count = np.maximum(np.bincount(ring.ravel(), minlength=201), 1)
    mean = np.bincount(ring.ravel(), power.ravel(), minlength=201) / count
    where = (np.arange(201) + 0.5) / 400
    return where[:200].astype(np.float32), mean[:200].astype(np.float32)


def figures_of(frame: NDArray[np.uint8], area: Box, stent: Box | None = None) -> FrameFigures:
    """Measure a frame (rows, columns) as a screen shows it.

    area is what the collimator's bars leave free and stent the stent's place, both as fractions
    of the frame. A tenth of the area on every side is left out of all but `laplacian`.
    """
    import cv2

    grey = to_width(frame).astype(np.float32)
    inner = _inset(area, 0.1)
    local = band_pass(grey)
    within = _cut(local, inner)
    median = max(float(np.median(within)), 1e-3)
    contrast = float("nan")
    if stent is not None:
        contrast = float(np.percentile(_cut(local, stent), 90)) / median
    open_rows = _cut(grey, Box(0.0, area.y0 + 0.02, 1.0, area.y1 - 0.02))
    at, power = radial_spectrum(_cut(grey, inner))
    fitted = (at >= _BANDS[0]) & (at < _BANDS[3])
    slope = np.polyfit(np.log10(at[fitted]), np.log10(power[fitted] + 1e-9), 1)[0]
    bands = tuple(
        float(np.log10(power[(at >= low) & (at < high)].mean() + 1e-9))
        for low, high in pairwise(_BANDS)
    )
    return FrameFigures(
        contrast=contrast,
        clutter=float(np.percentile(within, 90)) / median,
        texture=median,
        laplacian=float(cv2.Laplacian(open_rows, cv2.CV_32F).var()),
        inner_laplacian=float(cv2.Laplacian(_cut(grey, inner), cv2.CV_32F).var()),
        slope=float(slope),
        bands=bands,
    )
