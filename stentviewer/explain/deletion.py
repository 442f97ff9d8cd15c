"""Deletion and insertion: does the model's word hang on what its heat map points to?

Petsiuk, Das & Saenko, "RISE: Randomized Input Sampling for Explanation of Black-box Models", 2018,
section 4.2. Deletion hides the hottest places first: the sooner the probability falls, the better
the map. Insertion begins with everything hidden and shows the hottest places first. Here a place
is one of some 256 square cells, hidden as `explain.hiding` says, and the measure is the area under
the curve of the calibrated probability, 0…1.

Two things differ from that paper. Both curves end where a fifth of the image is hidden or shown: a
stent covers less, and an order that has found nothing by then only meets it by luck. And deletion
is held against the mean of a few random orders, which has to be clearly above it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

import numpy as np
import numpy.typing as npt

from stentviewer.core.types import FloatArray
from stentviewer.explain.agreement import between
from stentviewer.explain.hiding import Block, Passes, blurred, filled, log_odds, probability

if TYPE_CHECKING:
    from collections.abc import Iterator

CELLS: Final = 16  # along the square's side
HIDDEN: Final = (0.025, 0.05, 0.1, 0.2)  # shares of the image
ORDERS: Final = 3  # random ones
CLEARLY: Final = 0.05  # of area: three random orders differ by about as much
PASSES_A_PICTURE: Final = 2 + ORDERS * len(HIDDEN)
PASSES_A_MAP: Final = 2 * len(HIDDEN)
_BLUR: Final = 1.5  # cells

Order = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Curves:
    """Probabilities, 0…1, at each share of the image, 0…0.2: hidden, or for `insertion` shown.

    `whole` is the probability with nothing hidden, `blank` with everything.
    """

    shares: tuple[float, ...]
    deletion: tuple[float, ...]
    insertion: tuple[float, ...]
    random: tuple[float, ...]  # hidden in a random order, mean of `ORDERS`
    whole: float
    blank: float

    @property
    def deletion_area(self) -> float:
        return _area(self.shares, self.deletion)

    @property
    def insertion_area(self) -> float:
        return _area(self.shares, self.insertion)

    @property
    def random_area(self) -> float:
        return _area(self.shares, self.random)

    @property
    def beats_random(self) -> bool:
        """Whether hiding the hottest places tells clearly more than hiding random ones."""
        return self.deletion_area < self.random_area - CLEARLY


class Hidden:
    """One picture, as a network's input, and what the network says with parts of it hidden.

    What does not depend on a map (nothing hidden, all hidden, random orders) is asked for once,
    when the picture is made: `PASSES_A_PICTURE` passes. The random orders are always the same.
    """

    def __init__(self, tensor: FloatArray, wanted: int, temperature: float, passes: Passes) -> None:
        """`wanted` is the class whose word is measured. Raises like `Passes.run`."""
        self._wanted, self._temperature, self._passes = wanted, temperature, passes
        self._tensor = np.asarray(tensor, np.float32)
        self._block = filled(self._tensor)
        self._rows, self._columns = _cells(self._block, self._tensor.shape[2])
        step = self._tensor.shape[2] / CELLS
        self._smooth = blurred(self._tensor, self._block, _BLUR * step, _BLUR * step)
        self._place = _cell_of_pixel(self._block, self._rows, self._columns)
        self.whole = self._ask(self._tensor)
        self.blank = self._ask(self._smooth)
        rng = np.random.default_rng(0)
        count = self._rows * self._columns
        orders = [rng.permutation(count) for _ in range(ORDERS)]
        curves = np.array([list(self._hide(order)) for order in orders])
        self._random = (self.whole, *map(float, curves.mean(axis=0)))

    def curves(self, values: FloatArray) -> Curves:
        """What a map (h, w) over the square is worth: `PASSES_A_MAP` passes."""
        order = self._hottest_first(values)
        deletion = (self.whole, *self._hide(order))
        insertion = (self.blank, *self._hide(order, inverse=True))
        shares = (0.0, *HIDDEN)
        return Curves(shares, deletion, insertion, self._random, self.whole, self.blank)

    def _hide(self, order: Order, inverse: bool = False) -> Iterator[float]:
        """What is said with the first cells of an order hidden, or with all but these hidden."""
        for share in HIDDEN:
            hidden = np.full(order.size, inverse)
            hidden[order[: round(share * order.size)]] = not inverse
            yield self._ask(self._with(hidden))

    def _with(self, hidden: npt.NDArray[np.bool_]) -> FloatArray:
        block = self._block
        area = (slice(block.top, block.bottom), slice(block.left, block.right))
        picture = self._tensor.copy()
        np.copyto(picture[0][:, *area], self._smooth[0][:, *area], where=hidden[self._place])
        return picture

    def _ask(self, tensor: FloatArray) -> float:
        scores = self._passes.run(tensor).scores
        return probability(log_odds(scores, self._wanted, self._temperature))

    def _hottest_first(self, values: FloatArray) -> Order:
        """The cells by their heat; equal ones, above all those without any, by lot."""
        side, block = self._tensor.shape[2], self._block
        down = _middles(block.top, block.bottom, self._rows) / side
        across = _middles(block.left, block.right, self._columns) / side
        rows, columns = values.shape
        heat = (
            between(rows, 0, 1, down) @ values.astype(np.float64) @ between(columns, 0, 1, across).T
        ).ravel()
        lot = np.random.default_rng(1).permutation(heat.size)
        return np.lexsort((lot, -heat))


def _cells(block: Block, side: int) -> tuple[int, int]:
    """Rows and columns of about square cells over the part of the square that holds image."""
    return max(round(CELLS * block.height / side), 1), max(round(CELLS * block.width / side), 1)


def _middles(first: int, last: int, cells: int) -> npt.NDArray[np.float64]:
    middles: npt.NDArray[np.float64] = first + (np.arange(cells) + 0.5) * (last - first) / cells
    return middles


def _cell_of_pixel(block: Block, rows: int, columns: int) -> Order:
    """Which cell each pixel of the block belongs to, (height, width)."""
    down = np.arange(block.height) * rows // block.height
    across = np.arange(block.width) * columns // block.width
    place: Order = down[:, None] * columns + across[None, :]
    return place


def _area(shares: tuple[float, ...], values: tuple[float, ...]) -> float:
    return float(np.trapezoid(values, shares)) / shares[-1]
