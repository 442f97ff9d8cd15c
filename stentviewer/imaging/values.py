"""One scale for the values of a whole stack.

Where all slices share one rescale their stored values are kept as they are. Where each has its own
(PET above all) they are brought to one, in steps as fine as 16 bits allow, and a sentence says so.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from stentviewer.core.sentences import sentence
from stentviewer.imaging.image import Lut, Rescale, StoredArray
from stentviewer.imaging.slice_file import SliceFile

_LEAST, _MOST = -(2**15), 2**15 - 1


@dataclass(frozen=True, slots=True, eq=False)
class ValueScale:
    """How the slices of a stack are kept: their type, rescale and what stands for "no value".

    `pad` fills places without a value; it lies within `padding`, the stored values that mean "no
    pixel", where the files state such. `is_own` where stored values are the files'.
    """

    dtype: np.dtype[Any]
    rescale: Rescale
    padding: tuple[int, int] | None
    pad: int
    is_own: bool
    notes: tuple[str, ...] = ()
    fidelity: tuple[str, ...] = ()

    def read(self, one: SliceFile, out: StoredArray) -> None:
        """One slice's values into `out` (rows, columns) of `dtype`. Raises KnownError."""
        if self.is_own:
            one.read_into(out)
            return
        raw = np.empty(one.shape, np.int16 if _fits_int16(one) else np.uint16)
        one.read_into(raw)
        values = _modality(raw, one.rescale)
        assert not isinstance(self.rescale, Lut)
        slope, intercept = self.rescale
        low, high = (_LEAST + 1, _MOST)  # the least is kept for "no pixel"
        out[:] = np.clip(np.rint((values - intercept) / slope), low, high)
        if one.padding is not None:
            out[(raw >= one.padding[0]) & (raw <= one.padding[1])] = self.pad


def value_scale(slices: Sequence[SliceFile]) -> ValueScale:
    """The scale that fits all slices of a stack."""
    first = slices[0]
    alike = all(
        not isinstance(one.rescale, Lut)
        and one.rescale == first.rescale
        and one.padding == first.padding
        and _fits_int16(one) == _fits_int16(first)
        for one in slices
    )
    return _own_scale(first) if alike else _common_scale(slices)


def _own_scale(first: SliceFile) -> ValueScale:
    dtype = np.dtype(np.int16 if _fits_int16(first) else np.uint16)
    assert not isinstance(first.rescale, Lut)
    limits = np.iinfo(dtype)
    dark_is_low = (first.rescale[0] > 0) != (first.photometric == "MONOCHROME1")
    pad = int(limits.min if dark_is_low else limits.max)
    padding = first.padding
    if padding is not None and limits.min <= padding[0] and padding[1] <= limits.max:
        pad = padding[0] if dark_is_low else padding[1]
    else:
        padding = None
    return ValueScale(dtype, first.rescale, padding, pad, is_own=True)


def _common_scale(slices: Sequence[SliceFile]) -> ValueScale:
    ranges = [_modality_range(one) for one in slices]
    low, high = min(one[0] for one in ranges), max(one[1] for one in ranges)
    steps = high - low
    if slices[0].modality == "CT" and steps < 2**16 - 1:  # whole HU
        fits = low > _LEAST and high <= _MOST
        slope, intercept = 1.0, 0.0 if fits else float(np.floor(low)) - (_LEAST + 1)
        notes = sentence("The slices are scaled differently; their values are rounded to whole HU.")
    else:
        slope = steps / (2**16 - 2) or 1.0
        intercept = low - slope * (_LEAST + 1)
        notes = sentence(
            "The slices are scaled differently; their values are rounded to steps of {step:.4g}.",
            step=slope,
        )
    return ValueScale(
        np.dtype(np.int16),
        (slope, intercept),
        (_LEAST, _LEAST),
        _LEAST,
        is_own=False,
        notes=(notes,),
        fidelity=(sentence("brought to one scale"),),
    )


def _fits_int16(one: SliceFile) -> bool:
    return one.signed or one.bits < 16


def _modality_range(one: SliceFile) -> tuple[float, float]:
    """The modality values that a slice's bits can express."""
    low = -(2 ** (one.bits - 1)) if one.signed else 0
    ends = np.array([low, low + 2**one.bits - 1])
    values = one.rescale.values if isinstance(one.rescale, Lut) else _modality(ends, one.rescale)
    return float(values.min()), float(values.max())


def _modality(stored: StoredArray, rescale: Rescale) -> np.ndarray[Any, np.dtype[Any]]:
    if isinstance(rescale, Lut):
        return rescale(stored)
    return np.asarray(stored * np.float64(rescale[0]) + rescale[1])
