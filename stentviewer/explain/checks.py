"""Whether an explanation holds: does the heat lie on the stent, and does the word hang on it?

Four questions of one stent's heat map, and the thresholds (`ON_STENT`, `STABLE`) that turn the
badge amber. They are this program's own, set on simulated images; a map that passes can be wrong
all the same.

- How much of the heat lies on the stent? Costs nothing, asked at every reading.
- Deletion: does the probability fall sooner when the hottest places are hidden than when random
  places are? Insertion: does it rise sooner? (Petsiuk et al., 2018; `explain.deletion`)
- Does the map stay where it was when the image is mirrored or shifted? (`explain.stability`)

The last three take `PASSES` passes of the network, one at a time: its input is one image.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

import numpy as np
import numpy.typing as npt

from stentviewer.core.sentences import Sentence, sentence, together
from stentviewer.core.types import Box, Finding, FloatArray, HeatMap
from stentviewer.explain.deletion import PASSES_A_MAP, PASSES_A_PICTURE, Curves, Hidden
from stentviewer.explain.stability import PASSES as PASSES_OF_VARIANTS
from stentviewer.explain.stability import overlap

ON_STENT: Final = 0.5  # share of the heat: below, most of it lies elsewhere
STABLE: Final = 0.4  # overlap of the hottest tenths: four times chance
WIDER: Final = 0.05  # of the stent's length, on each side: half a cell of the heat map
PASSES: Final = 1 + PASSES_A_PICTURE + PASSES_A_MAP + PASSES_OF_VARIANTS
_POINTS: Final = 2**18  # at which it is asked whether they lie inside an outline

Outline = tuple[tuple[float, float], ...]
Points = npt.NDArray[np.float64]


class Verdict(StrEnum):
    """What the checks that were made say together."""

    OK = "ok"
    AMBER = "amber"
    UNKNOWN = "unknown"  # nothing was measured that could tell


@dataclass(frozen=True, slots=True)
class Check:
    """What was measured of one stent's heat map; None where it was not, or cannot be, measured.

    `share` of the heat lies on the stent; `is_own_place` is False where the model has no place
    for the stent but the heat's own, which then says nothing about the heat. `deletion`,
    `insertion` and `random_deletion` are areas under the curves, 0…1. `stable` is the least
    overlap of the hottest tenths. `reasons` are whole sentences, the gravest first.
    """

    share: float | None
    is_own_place: bool = True
    deletion: float | None = None
    insertion: float | None = None
    random_deletion: float | None = None
    stable: float | None = None
    verdict: Verdict = Verdict.UNKNOWN
    reasons: tuple[str, ...] = ()
    curves: Curves | None = None

    @property
    def is_full(self) -> bool:
        """Whether more than the share was measured."""
        return self.curves is not None

    @property
    def beats_random(self) -> bool | None:
        """Whether hiding the hottest places tells clearly more than hiding random ones."""
        return None if self.curves is None else self.curves.beats_random


@dataclass(frozen=True, slots=True, eq=False)
class Seen:
    """One stent as a network sees it: its input (1, 3, side, side), and where in it the stent is.

    `outline` has corners (x, y) as fractions of the square's side, in order; empty where the
    model has no place for the stent but the heat's own.
    """

    tensor: FloatArray
    outline: Outline = ()


def check_finding(finding: Finding, aspect: float) -> Check:
    """What costs nothing: how much of a finding's heat lies on it. `aspect` is the image's width
    over its height."""
    heat, box = finding.heat, finding.box
    if heat is None:
        return judged(None, is_own_place=bool(finding.outline), has_map=False)
    if not finding.outline:
        share = None if box is None else share_inside(heat, box)
        return judged(share, is_own_place=False, has_heat=_is_hot(heat))
    outline = widened(finding.outline, aspect)
    return judged(share_in_outline(heat, outline), has_heat=_is_hot(heat))


def check_map(
    seen: Seen,
    map_of: Callable[[FloatArray], FloatArray],
    hidden: Hidden,
    share: float | None = None,
    *,
    is_stable_asked: bool = True,
) -> tuple[FloatArray, Check]:
    """The map (h, w) that `map_of` makes of a stent's tensor, and all four questions of it.

    `hidden` is the same picture with parts hidden; `share` is the one already measured, or None
    to measure it in the square. Raises what these raise: Cancelled, KnownError.
    """
    values = map_of(seen.tensor)
    curves = hidden.curves(values)
    stable = overlap(seen.tensor, values, map_of) if is_stable_asked else None
    if share is None:
        share = share_on(values, seen.outline)
    place, hot = bool(seen.outline), bool(values.any())
    return values, judged(share, curves, stable, is_own_place=place, has_heat=hot)


def judged(
    share: float | None,
    curves: Curves | None = None,
    stable: float | None = None,
    *,
    is_own_place: bool = True,
    has_map: bool = True,
    has_heat: bool = True,
) -> Check:
    """The verdict on what was measured: amber for one bad answer, ok for one good and no bad.

    Of a map without heat there is nothing to measure.
    """
    if not has_heat:
        curves = stable = None
    amber: list[str] = []
    good = False
    if share is not None and is_own_place and has_heat:
        good = share >= ON_STENT
        if not good:
            amber.append(
                sentence(
                    "Only {p:.0f} % of the heat lies on the stent: something else in the image may "
                    "have decided.",
                    p=100 * share,
                )
            )
    if curves is not None and has_heat:
        good = good or curves.beats_random
        if not curves.beats_random:
            amber.append(
                sentence(
                    "Hiding the hottest places lowers the probability no sooner than hiding random "
                    "ones: the heat does not show what decided."
                )
            )
    if stable is not None and stable < STABLE:
        amber.append(
            sentence(
                "The heat moves when the image is mirrored or shifted: only {p:.0f} % of the "
                "hottest places stay.",
                p=100 * stable,
            )
        )
    verdict = Verdict.AMBER if amber else Verdict.OK if good else Verdict.UNKNOWN
    reasons = amber or [_calm(curves, is_own_place, has_map, has_heat)]
    return Check(
        share if has_heat else None,
        is_own_place,
        curves.deletion_area if curves else None,
        curves.insertion_area if curves else None,
        curves.random_area if curves else None,
        stable,
        verdict,
        tuple(reasons),
        curves,
    )


def _calm(curves: Curves | None, is_own_place: bool, has_map: bool, has_heat: bool) -> str:
    """What can be said where nothing speaks against the map."""
    if not has_map:
        return sentence("This model gives no heat map for this stent, so there is none to check.")
    if not has_heat:
        return sentence("The heat map is empty: no place speaks for this maker.")
    if curves is not None and is_own_place:
        return sentence(
            "The heat lies on the stent, and hiding the hottest places lowers the probability "
            "sooner than hiding random ones."
        )
    if curves is not None:
        return sentence(
            "Hiding the hottest places lowers the probability sooner than hiding random ones. "
            "Where the stent lies, this model does not say."
        )
    if is_own_place:
        return sentence("Most of the heat lies on the stent.")
    return sentence(
        "This model draws the stent's box around the heat itself, so the box cannot tell whether "
        "the heat is right."
    )


def words(check: Check) -> Sentence | str:
    """The badge in one line for a report: “heat on the stent 82 %”, and why where it is amber."""
    if check.share is None:
        return together(check.reasons)
    share = sentence("Heat on the stent {p:.0f} %.", p=100 * check.share)
    if not check.is_own_place:
        share = sentence("Heat in the box drawn around it {p:.0f} %.", p=100 * check.share)
    if check.verdict is Verdict.AMBER:
        is_said = check.is_own_place and check.share < ON_STENT  # by the first reason
        why = check.reasons if is_said else (share, *check.reasons)
        return sentence("Check the heat map: {why}", why=together(why))
    return together([share, *check.reasons]) if check.is_full else share


# shares of heat


def share_inside(heat: HeatMap, box: Box) -> float:
    """The share, 0…1, of all heat that lies inside a box (image fractions).

    A cell of the map counts by the part of its area that the box covers; heat over padding counts
    as outside. A map without heat has no share inside: 0.
    """
    total = float(heat.values.sum(dtype=np.float64))
    if total <= 0:
        return 0.0
    rows, columns = heat.values.shape
    down = _covered(rows, heat.extent.y0, heat.extent.y1, max(box.y0, 0), min(box.y1, 1))
    across = _covered(columns, heat.extent.x0, heat.extent.x1, max(box.x0, 0), min(box.x1, 1))
    return float(down @ heat.values.astype(np.float64) @ across) / total


def share_in_outline(heat: HeatMap, outline: Outline) -> float:
    """The share, 0…1, of all heat that lies inside an outline, any simple polygon of (x, y).

    The outline is in the fractions that the map's extent is in. A cell counts by the part of its
    area inside, to about a hundredth. A map without heat has no share inside: 0.
    """
    values = heat.values.astype(np.float64)
    total = float(values.sum())
    if total <= 0:
        return 0.0
    rows, columns = values.shape
    fine = max(1, min(16, int(np.sqrt(_POINTS / values.size))))
    y = _points(rows * fine, heat.extent.y0, heat.extent.y1)
    x = _points(columns * fine, heat.extent.x0, heat.extent.x1)
    inside = _inside(x, y, outline).reshape(rows, fine, columns, fine).mean(axis=(1, 3))
    return float((values * inside).sum() / total)


def share_on(values: FloatArray, outline: Outline) -> float | None:
    """The share of a map's heat (h, w) on the stent in a network's square; None without a place."""
    if not outline:
        return None
    heat = HeatMap(values, Box(0, 0, 1, 1), "")
    return share_in_outline(heat, widened(outline, 1.0))


def widened(outline: Outline, aspect: float) -> Outline:
    """An outline pushed outwards on all sides by `WIDER` of its longer dimension.

    A cell of a heat map is about a tenth of a stent's length wide and cannot say where in it the
    heat is; half of that much beside the wire is still on the stent. `aspect` is the picture's
    width over its height. The outline is that of a box along an axis: its corners in order.
    """
    corners = np.array(outline, np.float64) * (aspect, 1.0)
    middle = corners.mean(axis=0)
    first, second = corners[1] - corners[0], corners[2] - corners[1]
    lengths = float(np.hypot(*first)), float(np.hypot(*second))
    by = WIDER * max(lengths)
    pushed = corners.copy()
    for side, length in zip((first, second), lengths, strict=True):
        if length > 0:
            unit = side / length
            pushed += by * np.sign((corners - middle) @ unit)[:, None] * unit
    return tuple((float(x / aspect), float(y)) for x, y in pushed)


def _is_hot(heat: HeatMap) -> bool:
    return bool(heat.values.any())


def _covered(cells: int, start: float, stop: float, first: float, last: float) -> FloatArray:
    """How much of each cell along one axis lies between first and last, 0…1 each."""
    edges = np.linspace(start, stop, cells + 1)
    overlap = np.minimum(edges[1:], last) - np.maximum(edges[:-1], first)
    share: FloatArray = np.clip(overlap / np.diff(edges), 0, 1)
    return share


def _points(count: int, first: float, last: float) -> Points:
    points: Points = first + (np.arange(count) + 0.5) * (last - first) / count
    return points


def _inside(x: Points, y: Points, outline: Outline) -> npt.NDArray[np.bool_]:
    """Which points of a grid lie inside a polygon, (len(y), len(x)): the even-odd rule."""
    inside = np.zeros((y.size, x.size), bool)
    for (x0, y0), (x1, y1) in zip(outline, (*outline[1:], outline[0]), strict=True):
        crosses = (y0 > y) != (y1 > y)
        if crosses.any():
            at = x0 + (y[crosses] - y0) * (x1 - x0) / (y1 - y0)
            inside[crosses] ^= x[None, :] < at[:, None]
    return inside
