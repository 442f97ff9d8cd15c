"""Occlusion sensitivity: what the model says where a place of the image cannot be seen.

Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks", 2014, section 4.2. A patch
slides over the network's input; where covering a place lowers the maker's probability, that place
spoke for it. A covered place shows a blur as wide as half the patch instead of black or grey: the
wire's pattern is gone, the brightness of the surroundings stays, so that the network is not shown
an edge that no X-ray has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stentviewer.core.jobs import JobContext
from stentviewer.core.types import Box, FloatArray, HeatMap

if TYPE_CHECKING:
    from stentviewer.inference.preprocess import Prepared
    from stentviewer.inference.runtimes.base import Runtime

METHOD = "Occlusion"
PLACES = 48  # passes of the network, a few more or less by the image's shape
_NOTHING = 0.1  # log odds: from 0.50 to 0.475 and less is no change
_COARSE = 4  # pixels of blur that are enough once the picture has been made smaller

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Occlusion:
    """How much each place matters to one maker.

    `heat` is the fall of the maker's log odds as shares of the greatest fall, zero where covering
    a place did not lower it, and zero everywhere where no place mattered.
    """

    heat: HeatMap
    probability: float  # nothing covered, 0…1, calibrated
    lowest: float  # with the most telling place covered
    passes: int

    @property
    def is_empty(self) -> bool:
        """Whether no place of this size matters."""
        return not self.heat.values.any()


def occlusion(
    runtime: Runtime,
    prepared: Prepared,
    wanted: int,
    temperature: float = 1.0,
    context: JobContext | None = None,
) -> Occlusion:
    """Cover one place after the other and ask the network again about the class `wanted`.

    Only what the network was shown of the image is covered, not its padding. The patch is twice
    the distance between places, so every pixel is covered about four times. Raises Cancelled, and
    KnownError where the network fails.
    """
    job = context or JobContext()
    tensor = np.array(prepared.tensor, np.float32)
    block = _filled(tensor)
    rows, columns = _grid(block[1] - block[0], block[3] - block[2])
    passes = rows * columns + 1
    job.step(0, passes)
    whole = _log_odds(runtime.run(tensor).scores, wanted, temperature)
    blurred = _blurred(tensor, block, rows, columns)
    falls = np.zeros((rows, columns))
    for place in range(rows * columns):
        job.step(place + 1, passes)
        row, column = divmod(place, columns)
        top, bottom = _patch(row, rows, block[0], block[1])
        left, right = _patch(column, columns, block[2], block[3])
        area = (slice(None), slice(None), slice(top, bottom), slice(left, right))
        kept = tensor[area].copy()
        tensor[area] = blurred[area]
        falls[row, column] = whole - _log_odds(runtime.run(tensor).scores, wanted, temperature)
        tensor[area] = kept
    job.step(passes, passes)
    extent = _extent(prepared.extent, block, tensor.shape[2], tensor.shape[3])
    return Occlusion(
        HeatMap(_shares(falls), extent, METHOD),
        _probability(whole),
        _probability(whole - max(float(falls.max()), 0.0)),
        passes,
    )


def _filled(tensor: FloatArray) -> tuple[int, int, int, int]:
    """Rows top:bottom and columns left:right of the square that hold image: padding is zero."""
    there = tensor[0].any(axis=0)
    down, across = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not down.size:
        return 0, tensor.shape[2], 0, tensor.shape[3]
    return int(down[0]), int(down[-1]) + 1, int(across[0]), int(across[-1]) + 1


def _grid(height: int, width: int) -> tuple[int, int]:
    """Rows and columns of about square cells, together about `PLACES`."""
    rows = min(max(round(math.sqrt(PLACES * height / width)), 1), PLACES, height)
    return rows, min(max(round(PLACES / rows), 1), width)


def _patch(place: int, places: int, start: int, stop: int) -> tuple[int, int]:
    """The pixels first:last of a patch as long as two places, about the middle of one."""
    step = (stop - start) / places
    middle = start + (place + 0.5) * step
    first, last = round(middle - step), round(middle + step)
    return max(first, start), min(max(last, first + 1), stop)


def _blurred(
    tensor: FloatArray, block: tuple[int, int, int, int], rows: int, columns: int
) -> FloatArray:
    """The tensor with its image blurred (Gaussian, sigma one place: half a patch).

    Blurred at a smaller size, where a wide blur costs little.
    """
    import cv2

    top, bottom, left, right = block
    height, width = bottom - top, right - left
    picture = np.ascontiguousarray(tensor[0, :, top:bottom, left:right].transpose(1, 2, 0))
    sigma_y, sigma_x = height / rows, width / columns
    factor = max(1.0, min(sigma_y, sigma_x) / _COARSE)
    size = max(1, round(width / factor)), max(1, round(height / factor))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(
        small,
        (0, 0),
        sigmaX=sigma_x * size[0] / width,
        sigmaY=sigma_y * size[1] / height,
        borderType=cv2.BORDER_REPLICATE,
    )
    smooth = cv2.resize(small, (width, height), interpolation=cv2.INTER_LINEAR)
    whole = np.zeros_like(tensor)
    whole[0, :, top:bottom, left:right] = smooth.transpose(2, 0, 1)
    return whole


def _log_odds(scores: FloatArray, wanted: int, temperature: float) -> float:
    """log(p / (1 − p)) of one class's calibrated probability: does not flatten out near 1."""
    scaled = scores.astype(np.float64) / temperature
    others: Floats = np.delete(scaled, wanted)
    if not others.size:
        return float(scaled[wanted])
    top = others.max()
    return float(scaled[wanted] - top - np.log(np.exp(others - top).sum()))


def _probability(log_odds: float) -> float:
    return 1 / (1 + math.exp(-log_odds)) if log_odds > -700 else 0.0


def _shares(falls: Floats) -> FloatArray:
    greatest = float(falls.max())
    if greatest < _NOTHING:
        return np.zeros(falls.shape, np.float32)
    shares: FloatArray = (np.maximum(falls, 0) / greatest).astype(np.float32)
    return shares


def _extent(square: Box, block: tuple[int, int, int, int], rows: int, columns: int) -> Box:
    """What the image's part of the square covers, in image fractions."""
    top, bottom, left, right = block
    down, across = (square.y1 - square.y0) / rows, (square.x1 - square.x0) / columns
    return Box(
        square.x0 + left * across,
        square.y0 + top * down,
        square.x0 + right * across,
        square.y0 + bottom * down,
    )
