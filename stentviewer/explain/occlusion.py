"""Occlusion sensitivity: what the model says where a place of the image cannot be seen.

Zeiler & Fergus, "Visualizing and Understanding Convolutional Networks", 2014, section 4.2. A patch
slides over the network's input; where covering a place lowers the maker's probability, that place
spoke for it. A covered place shows a blur as wide as half the patch.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stentviewer.core.jobs import JobContext
from stentviewer.core.types import Box, FloatArray, HeatMap
from stentviewer.explain.agreement import between
from stentviewer.explain.hiding import Block, blurred, filled, log_odds, probability

if TYPE_CHECKING:
    from stentviewer.inference.preprocess import Prepared
    from stentviewer.inference.runtimes.base import Runtime

METHOD = "Occlusion"
PLACES = 48  # passes of the network, a few more or less by the image's shape
SQUARE = Box(0, 0, 1, 1)  # a network's input, in fractions of its side
_FINE = 64  # cells a side of a map over the square
_NOTHING = 0.1  # log odds: from 0.50 to 0.475 and less is no change

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
    block = filled(tensor)
    rows, columns = _grid(block.height, block.width)
    passes = rows * columns + 1
    job.step(0, passes)
    whole = log_odds(runtime.run(tensor).scores, wanted, temperature)
    smooth = blurred(tensor, block, block.height / rows, block.width / columns)
    falls = np.zeros((rows, columns))
    for place in range(rows * columns):
        job.step(place + 1, passes)
        row, column = divmod(place, columns)
        top, bottom = _patch(row, rows, block.top, block.bottom)
        left, right = _patch(column, columns, block.left, block.right)
        area = (slice(None), slice(None), slice(top, bottom), slice(left, right))
        kept = tensor[area].copy()
        tensor[area] = smooth[area]
        falls[row, column] = whole - log_odds(runtime.run(tensor).scores, wanted, temperature)
        tensor[area] = kept
    job.step(passes, passes)
    extent = _extent(prepared.extent, block, tensor.shape[2], tensor.shape[3])
    return Occlusion(
        HeatMap(_shares(falls), extent, METHOD),
        probability(whole),
        probability(whole - max(float(falls.max()), 0.0)),
        passes,
    )


def over_the_square(heat: HeatMap) -> FloatArray:
    """A map that covers a part of the network's square as one over all of it, no heat elsewhere.

    The greatest value stays what it was.
    """
    if heat.extent == SQUARE:
        return heat.values
    middles = (np.arange(_FINE) + 0.5) / _FINE
    extent, (rows, columns) = heat.extent, heat.values.shape
    down = between(rows, extent.y0, extent.y1, middles)
    down *= ((middles >= extent.y0) & (middles <= extent.y1))[:, None]
    across = between(columns, extent.x0, extent.x1, middles)
    across *= ((middles >= extent.x0) & (middles <= extent.x1))[:, None]
    whole: FloatArray = (down @ heat.values.astype(np.float64) @ across.T).astype(np.float32)
    hottest = whole.max()
    return whole * (heat.values.max() / hottest) if hottest > 0 else whole


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


def _shares(falls: Floats) -> FloatArray:
    greatest = float(falls.max())
    if greatest < _NOTHING:
        return np.zeros(falls.shape, np.float32)
    shares: FloatArray = (np.maximum(falls, 0) / greatest).astype(np.float32)
    return shares


def _extent(square: Box, block: Block, rows: int, columns: int) -> Box:
    """What the image's part of the square covers, in image fractions."""
    down, across = (square.y1 - square.y0) / rows, (square.x1 - square.x0) / columns
    return Box(
        square.x0 + block.left * across,
        square.y0 + block.top * down,
        square.x0 + block.right * across,
        square.y0 + block.bottom * down,
    )
