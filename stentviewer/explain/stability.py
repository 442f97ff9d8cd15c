"""Whether a heat map stays where it was when the picture is mirrored or shifted a little.

An explanation that changes where the image does not is an explanation of nothing (Kindermans et
al., "The (Un)reliability of Saliency Methods", 2017). Three variants: mirrored left to right, and
shifted by about half a cell of the last feature map, down to the right and up to the left.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Final

import numpy as np

from stentviewer.core.types import Box, FloatArray, HeatMap
from stentviewer.explain.agreement import agreement

PASSES: Final = 3
_SHIFT: Final = 1 / 24  # of the side: 16 px at 384
_SQUARE: Final = Box(0, 0, 1, 1)


def overlap(
    tensor: FloatArray, values: FloatArray, map_of: Callable[[FloatArray], FloatArray]
) -> float | None:
    """The least share, 0…1, that the hottest tenths of a map and of a variant's have in common.

    `values` (h, w) is what `map_of` made of the tensor (1, 3, side, side); the variants' maps are
    mapped back before they are compared. Chance is 0.1. `PASSES` calls of `map_of`; None where a
    map shows no heat. Raises what `map_of` raises.
    """
    step = max(1, round(tensor.shape[2] * _SHIFT))
    mirrored = map_of(np.ascontiguousarray(tensor[..., ::-1]))
    back = [HeatMap(mirrored[:, ::-1], _SQUARE, "")]
    for pixels in (step, -step):
        off = -pixels / tensor.shape[2]
        extent = Box(off, off, 1 + off, 1 + off)
        back.append(HeatMap(map_of(_moved(tensor, pixels)), extent, ""))
    found = [agreement(HeatMap(values, _SQUARE, ""), one) for one in back]
    if any(one is None for one in found):
        return None
    return min(one.overlap for one in found if one is not None)


def _moved(tensor: FloatArray, pixels: int) -> FloatArray:
    """The picture moved down and to the right, or the other way; its edge is drawn out."""
    by = abs(pixels)
    wide = np.pad(tensor, ((0, 0), (0, 0), (by, by), (by, by)), mode="edge")
    side, first = tensor.shape[2], by - pixels
    return np.ascontiguousarray(wide[..., first : first + side, first : first + side])
