"""Where the slices of a stack lie against each other: the even grid that reformats are cut from.

A stack as it should be is its own grid. Where slices are missing, unevenly spaced or shifted (a
tilted gantry), the grid's lines take what lies at their true place, and nothing where nothing was
taken.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from stentviewer.core.sentences import sentence, template
from stentviewer.imaging.geometry import PlaneGeometry, Vector, dot, length, subtract

Indices = npt.NDArray[np.intp]
Numbers = npt.NDArray[np.float64]

_EVEN = 0.05  # of the spacing: how far a slice may lie from its place on an even grid
_ON_GRID = 0.1  # the same where slices are missing
_GAP = 1.5  # of the usual spacing
_SHIFT_PIXELS = 0.1  # smaller shifts of slices against each other are rounding
_FINEST = 0.25  # of the usual spacing: lines lie no closer
_MOST_LINES = 4096


@dataclass(frozen=True, slots=True, eq=False)
class Lattice:
    """Line j of the grid lies j * `step_mm` behind the first slice.

    It is slice `lower[j]`, blended with slice `upper[j]` by `blend[j]`; -1 where nothing was taken.
    `across` and `down` are how many pixels (0 or more) each slice is shifted along rows and
    columns on the grid. `notes` are sentences on the stack, `fidelity` words on its reformats.
    """

    step_mm: float
    lower: Indices
    upper: Indices
    blend: Numbers
    across: Numbers
    down: Numbers
    notes: tuple[str, ...] = ()
    fidelity: tuple[str, ...] = ()

    @property
    def is_plain(self) -> bool:
        """Whether the lines are the slices themselves, one by one, as they are stored."""
        return not (self.is_shifted or self.is_filled)

    @property
    def is_shifted(self) -> bool:
        return bool(self.across.any() or self.down.any())

    @property
    def is_filled(self) -> bool:
        """Whether lines are other than the slices in their order."""
        count = len(self.across)
        return len(self.lower) != count or bool((self.lower != np.arange(count)).any())


def lattice_of(planes: Sequence[PlaneGeometry], way: Vector, thickness_mm: float) -> Lattice:
    """The grid of parallel planes (two or more, of one size), sorted along the unit vector `way`.

    `thickness_mm` is a slice's own, 0 where unknown: what thick slices cover is no gap.
    """
    first = planes[0]
    places = np.array([dot(subtract(one.origin, first.origin), way) for one in planes])
    step, lines, notes, fidelity = _lines(places, thickness_mm)
    shifts = [
        _shift(first, planes, along, spacing)
        for along, spacing in (
            (first.row_direction, first.spacing_mm[1]),
            (first.column_direction, first.spacing_mm[0]),
        )
    ]
    if any(shift.any() for shift in shifts):
        notes.append(_say_shift(planes, way, shifts))
        fidelity.append(sentence("shifted into place"))
    if lines[2].any() or any((shift % 1).any() for shift in shifts):
        fidelity.append(sentence("interpolated between slices"))
    return Lattice(step, *lines, shifts[0], shifts[1], tuple(notes), tuple(fidelity))


_Lines = tuple[Indices, Indices, Numbers]


def _lines(places: Numbers, thickness_mm: float) -> tuple[float, _Lines, list[str], list[str]]:
    count = len(places)
    mean = float(places[-1]) / (count - 1)
    if np.abs(places - mean * np.arange(count)).max() <= _EVEN * mean:
        each = np.arange(count)
        return mean, (each, each, np.zeros(count)), [], []
    apart = np.diff(places)
    usual = float(np.median(apart))
    gaps = apart > max(_GAP * usual, 1.1 * thickness_mm)
    notes = _say_gaps(places, gaps)
    fidelity: list[str] = [sentence("gaps left black")] if gaps.any() else []
    step = float(np.mean(apart[~gaps])) if (~gaps).any() else usual
    nearest = np.rint(places / step)
    if np.abs(places - nearest * step).max() <= _ON_GRID * step and nearest[-1] < _MOST_LINES:
        lower = np.full(int(nearest[-1]) + 1, -1)
        lower[nearest.astype(np.intp)] = np.arange(count)
        return step, (lower, lower, np.zeros(len(lower))), notes, fidelity
    between = apart[~gaps] if (~gaps).any() else apart
    least, most = float(between.min()), float(between.max())
    if f"{least:.2f}" != f"{most:.2f}":  # else only the gaps are uneven, and they have been told of
        notes.append(
            sentence(
                "The slices are unevenly spaced, {least:.2f} to {most:.2f} mm apart; reformats "
                "are interpolated between them.",
                least=least,
                most=most,
            )
        )
    step = max(float(between.min()), _FINEST * usual, float(places[-1]) / (_MOST_LINES - 1))
    return step, _blended(places, gaps, step), notes, fidelity


def _blended(places: Numbers, gaps: npt.NDArray[np.bool_], step: float) -> _Lines:
    """Each line between the slices about it; beside a gap the nearer one, half a step far."""
    lines = step * np.arange(math.floor(places[-1] / step + 1e-6) + 1)
    lower = np.clip(np.searchsorted(places, lines + 1e-6 * step, "right") - 1, 0, len(places) - 2)
    before, after = lines - places[lower], places[lower + 1] - lines
    blend = np.clip(before / (before + after), 0.0, 1.0)
    upper = lower + 1
    in_gap = gaps[lower]
    near_lower, near_upper = before <= step / 2, after <= step / 2
    chosen = np.where(near_lower & (before <= after), lower, np.where(near_upper, upper, -1))
    lower, upper = np.where(in_gap, chosen, lower), np.where(in_gap, chosen, upper)
    blend = np.where(in_gap, 0.0, blend)
    upper = np.where(blend == 0.0, lower, upper)  # what has no share must not darken the other
    lower = np.where(blend == 1.0, upper, lower)
    return lower, upper, np.where(lower == upper, 0.0, blend)


def _say_gaps(places: Numbers, gaps: npt.NDArray[np.bool_]) -> list[str]:
    if not gaps.any():
        return []
    widest = float(np.diff(places)[gaps].max())
    after = int(np.argmax(gaps)) + 1
    if gaps.sum() == 1:
        text = template(
            "Slices are missing: {mm:.1f} mm after slice {after}. Reformats are black there."
        )
    else:
        text = template(
            "Slices are missing at {n} places, up to {mm:.1f} mm, the first after slice {after}. "
            "Reformats are black there."
        )
    return [sentence(text, n=int(gaps.sum()), mm=widest, after=after)]


def _shift(
    first: PlaneGeometry, planes: Sequence[PlaneGeometry], along: Vector, spacing: float
) -> Numbers:
    """How far each slice begins along a direction, in pixels, the least of them 0."""
    shift = np.array([dot(subtract(one.origin, first.origin), along) for one in planes]) / spacing
    shift -= shift.min()
    return shift if shift.max() > _SHIFT_PIXELS else np.zeros(len(planes))


def _say_shift(planes: Sequence[PlaneGeometry], way: Vector, shifts: Sequence[Numbers]) -> str:
    whole = subtract(planes[-1].origin, planes[0].origin)
    tilt = math.degrees(math.acos(min(1.0, abs(dot(whole, way)) / length(whole))))
    place = np.array([dot(subtract(one.origin, planes[0].origin), way) for one in planes])
    even = all(
        np.abs(np.interp(place, place[[0, -1]], shift[[0, -1]]) - shift).max() <= 0.5
        for shift in shifts
    )
    if even:
        return sentence(
            "The slices are tilted by {angle:.1f}° against the way the table moved; reformats are "
            "straightened.",
            angle=tilt,
        )
    return sentence(
        "The slices are shifted against each other by up to {pixels:.1f} pixels; reformats put "
        "them into place.",
        pixels=float(max(shift.max() for shift in shifts)),
    )
