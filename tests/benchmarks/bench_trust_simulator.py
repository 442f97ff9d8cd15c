"""Are simulated frames as hard to read as real ones? Figures of both, beside each other.

The real frames are three; a figure is met where all three lie within the central nine tenths of
the simulated frames' values. Nothing of a real frame goes into the simulator.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np

from stentviewer.core.types import Box
from stentviewer.simulate import simulate_stent_image
from stentviewer.simulate.realism import FrameFigures, figures_of
from tests.benchmarks.figure import Figure

FRESH_SEED = 515_151
COUNT = 200  # of which a share of a tenth is known to about 0.02
STENTS = {  # the real frames' stent areas seen by eye, as their README states them
    "BonaPC_radiograph.png": Box(0.29, 0.62, 0.40, 0.82),
    "EGIS_radiograph.png": Box(0.38, 0.46, 0.56, 0.66),
    "Epic_radiograph.png": Box(0.40, 0.31, 0.62, 0.62),
}
HARD = 1.4  # contrast at which a stent hardly stands out
_TOLD = (  # name and unit; the attribute of FrameFigures
    ("contrast of the stent over the frame", "contrast"),
    ("clutter of the frame", "clutter"),
    ("fine texture, grey levels", "texture"),
    ("variance of the Laplacian, frame without its bars", "laplacian"),
    ("variance of the Laplacian, inner part", "inner_laplacian"),
    ("slope of the power spectrum", "slope"),
)
_BANDS = ("0.01 to 0.03", "0.03 to 0.08", "0.08 to 0.16", "0.16 to 0.32")


def figures() -> Iterator[Figure]:
    """Each figure of the simulated frames with the real ones' as its peer."""
    simulated, seconds = _simulated()
    real = _real()
    hard = float(np.mean([one.contrast <= HARD for one in simulated]))
    yield Figure(
        f"share of {COUNT} simulated frames with a contrast of {HARD} or less",
        hard,
        None,
        None,
        "≥ 0.10",
        hard >= 0.10,
    )
    for name, attribute in _TOLD:
        yield _beside(
            name,
            [getattr(one, attribute) for one in simulated],
            [getattr(one, attribute) for one in real],
        )
    for k, band in enumerate(_BANDS):
        yield _beside(
            f"log10 of the power at {band} cycles per pixel",
            [one.bands[k] for one in simulated],
            [one.bands[k] for one in real],
        )
    yield Figure(
        "seconds of processor time to simulate a frame (900 to 1536 px a side)",
        seconds,
        1.0,
        seconds,
        "≤ 1",
        seconds <= 1.0,
    )


def _simulated() -> tuple[list[FrameFigures], float]:
    found = []
    seconds = 0.0
    for index in range(COUNT):
        start = time.process_time()
        image = simulate_stent_image(FRESH_SEED, index)
        seconds += time.process_time() - start
        stent = Box(*image.stents[0].box)
        found.append(figures_of(image.as_8_bit(), Box(*image.open_box), stent))
    return found, seconds / COUNT


def _real() -> list[FrameFigures]:
    """The real frames' figures; none where the frames are not at hand."""
    import cv2

    from stentviewer.imaging.collimator import uncollimated_area

    folder = Path(os.environ.get("STENTVIEWER_DATA", "../shared/data")) / "stents"
    found = []
    for file, stent in STENTS.items():
        frame = cv2.imread(str(folder / file), cv2.IMREAD_GRAYSCALE)
        if frame is not None:
            grey = np.asarray(frame, np.uint8)
            found.append(figures_of(grey, uncollimated_area(grey.astype(np.float32)), stent))
    return found


def _beside(name: str, simulated: list[float], real: list[float]) -> Figure:
    low, middle, high = np.percentile(simulated, (5, 50, 95))
    told = f"simulated, median: {name} (5 to 95 %: {low:.2f} to {high:.2f})"
    if not real:
        return Figure(f"{told}; no real frames at hand", float(middle), None, None, "–", True)
    values = ", ".join(f"{value:.2f}" for value in real)
    return Figure(
        f"{told}; real: {values}",
        float(middle),
        float(np.median(real)),
        float(middle / np.median(real)),
        "real ones within 5 to 95 %",
        bool(low <= min(real) and max(real) <= high),
    )
