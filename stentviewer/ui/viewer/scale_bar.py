"""How long the scale bar is: a round length of at most a quarter of the viewport."""

from __future__ import annotations

from dataclasses import dataclass

from stentviewer.core.types import Spacing, SpacingKind

_SHARE = 0.25
_SHORTEST = 24.0  # device pixels


@dataclass(frozen=True, slots=True)
class ScaleBar:
    """A bar of `pixels` device pixels that stands for `length`, in mm or in stored pixels."""

    length: float
    pixels: float
    kind: SpacingKind


def scale_bar(spacing: Spacing, zoom: float, width: int) -> ScaleBar | None:
    """The bar for a viewport `width` device pixels wide at `zoom` device pixels per column.

    The length is 1, 2 or 5 times a power of ten; without a spacing it counts columns. None where
    the viewport is too small for one.
    """
    mm = spacing.mm[1] if spacing.mm is not None else None
    unit = zoom / mm if mm else zoom  # device pixels per mm or column
    longest = width * _SHARE
    if longest < _SHORTEST:
        return None
    kind = spacing.kind if mm else SpacingKind.NONE
    exponents = range(6, -4, -1) if mm else range(6, -1, -1)
    for exponent in exponents:
        for digit in (5, 2, 1):
            length = digit * 10.0**exponent
            if length * unit <= longest:
                return ScaleBar(length, length * unit, kind)
    return None
