"""Real radiographs or projections of CT series in place of the simulated anatomy, at run time.

None is shipped. What a file shows is taken as it is, stents in it included: give frames without.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.simulate.materials import attenuation_per_mm

if TYPE_CHECKING:
    from stentviewer.simulate.view import View

Array = NDArray[np.float64]
Map = NDArray[np.float32]

_LONGEST: Final = 1024  # px that are kept of a background
_RANGE: Final = 1.8  # exponent between a radiograph's 1st and 99th percentile


def find_backgrounds(folder: Path) -> tuple[Path, ...]:
    """The readable radiographs in a folder and its sub-folders of CT slices, sorted.

    A sub-folder counts as one CT series. Raises UserError where there is neither.
    """
    from stentviewer.imaging.readers import read_header

    found = []
    for path in sorted(folder.iterdir()) if folder.is_dir() else ():
        if path.is_dir():
            if any(path.iterdir()):
                found.append(path)
            continue
        try:
            read_header(path)
        except (UserError, KnownError):
            continue
        found.append(path)
    if not found:
        raise UserError(
            sentence(
                "{folder} holds no radiograph and no folder of CT slices. Choose another folder.",
                folder=str(folder),
            )
        )
    return tuple(found)


@lru_cache(maxsize=32)
def read_background(path: Path) -> Map:
    """Beer-Lambert's exponent (rows, columns) of a radiograph, or of a folder's CT from the front.

    A radiograph's grey is scaled to the range that an abdomen has. Raises UserError or KnownError
    where it cannot be read.
    """
    return _small(_ct(path) if path.is_dir() else _radiograph(path))


def _small(exponent: Map) -> Map:
    import cv2

    shrink = _LONGEST / max(exponent.shape)
    if shrink < 1:
        size = (round(exponent.shape[1] * shrink), round(exponent.shape[0] * shrink))
        exponent = np.asarray(cv2.resize(exponent, size, interpolation=cv2.INTER_AREA))
    return np.asarray(exponent, np.float32)


def _radiograph(path: Path) -> Map:
    from stentviewer.imaging.collimator import uncollimated_area
    from stentviewer.imaging.polarity import polarity_of
    from stentviewer.imaging.readers import read_radiograph

    radiograph = read_radiograph(path)
    values = radiograph.modality_values(0)
    area = uncollimated_area(values)
    tone = polarity_of(radiograph, values, area).tone
    rows, cols = values.shape
    edge = 0.015  # of the open area's border is left out
    open_part = values[
        int((area.y0 + edge) * rows) : max(int((area.y1 - edge) * rows), 1),
        int((area.x0 + edge) * cols) : max(int((area.x1 - edge) * cols), 1),
    ]
    low, high = np.percentile(open_part, (1, 99))
    share = np.clip((open_part - low) / max(float(high - low), 1e-6), -0.1, 1.1)
    return np.asarray(_RANGE * (1 - share if tone == "bone dark" else share), np.float32)


def _ct(folder: Path) -> Map:
    """The sum of attenuation along the patient's depth, head up."""
    import cv2

    from stentviewer.core.jobs import JobContext
    from stentviewer.imaging.image import Lut
    from stentviewer.imaging.series import read_series

    volume = read_series(sorted(p for p in folder.iterdir() if p.is_file()), JobContext())
    if isinstance(volume.rescale, Lut):
        slope, intercept = 1.0, 0.0
    else:
        slope, intercept = volume.rescale
    soft = attenuation_per_mm("soft tissue", 60.0)
    between, deep, _ = volume.spacing_mm
    across = volume.spacing_mm[2]
    lines = []
    for stored in volume.stored:
        hounsfield = np.clip(slope * stored.astype(np.float32) + intercept, -1000, 2000)
        lines.append((soft * deep * (1 + hounsfield / 1000)).sum(axis=0))
    exponent = np.asarray(np.stack(lines), np.float32)
    size = (exponent.shape[1], max(round(exponent.shape[0] * between / across), 2))
    return np.asarray(cv2.resize(exponent, size, interpolation=cv2.INTER_CUBIC), np.float32)


def from_file(rng: np.random.Generator, backgrounds: Sequence[Path], view: View) -> Map:
    """A part of one of the backgrounds at the view's size: cut, turned over, stronger or weaker."""
    import cv2

    whole = read_background(backgrounds[int(rng.integers(len(backgrounds)))])
    rows, cols = view.beam.shape
    fit = min(whole.shape[0] / rows, whole.shape[1] / cols) * rng.uniform(0.6, 1.0)
    high, wide = max(int(rows * fit), 2), max(int(cols * fit), 2)
    y = int(rng.integers(0, whole.shape[0] - high + 1))
    x = int(rng.integers(0, whole.shape[1] - wide + 1))
    part = whole[y : y + high, x : x + wide]
    if rng.random() < 0.5:
        part = part[:, ::-1]
    how = cv2.INTER_AREA if fit > 1 else cv2.INTER_CUBIC
    sized = cv2.resize(np.ascontiguousarray(part), (cols, rows), interpolation=how)
    return np.asarray(rng.uniform(0.7, 1.3) * sized, np.float32)
