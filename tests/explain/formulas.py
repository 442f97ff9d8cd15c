"""Networks whose answer is a formula: what they look at is known."""

from __future__ import annotations

import numpy as np

from stentviewer.inference.runtimes.base import Output

SIDE = 96
CELL = 8  # pixels of a cell of the activation


class LooksAt:
    """Class 1's evidence is the fine pattern in one part of the input, and nothing else.

    The activation's first channel is the pattern of every cell inside that part, its second the
    pattern of every cell outside it; so weights (1, 0) point to what decides and (0, 1) beside it.
    """

    device = "a formula"

    def __init__(self, rows: slice, columns: slice, weight: float = 24.0, side: int = SIDE) -> None:
        self.rows, self.columns, self.weight, self.side = rows, columns, weight, side
        self.runs = 0

    def run(self, tensor: np.ndarray) -> Output:
        self.runs += 1
        pattern = np.zeros((self.side, self.side), np.float32)
        pattern[:, 1:] = np.abs(np.diff(tensor[0, 0], axis=1))
        inside = np.zeros_like(pattern)
        inside[self.rows, self.columns] = 1
        evidence = float(pattern[self.rows, self.columns].mean())
        scores = np.array([0, self.weight * (evidence - 0.25), -2], np.float32)
        return Output(scores, np.stack([_cells(pattern * inside), _cells(pattern * (1 - inside))]))


def _cells(values: np.ndarray) -> np.ndarray:
    count = values.shape[0] // CELL
    return values.reshape(count, CELL, count, CELL).mean(axis=(1, 3)).astype(np.float32)


def chequered(side: int = SIDE) -> np.ndarray:
    """A wire-like pattern everywhere: only its place can tell. (1, 3, side, side)."""
    tensor = np.zeros((1, 3, side, side), np.float32)
    tensor[:] = 0.1 + np.indices((side, side)).sum(axis=0) % 2
    return tensor


def corners(x0: float, y0: float, x1: float, y1: float) -> tuple[tuple[float, float], ...]:
    """An upright box's corners, the first two at its upper end."""
    return ((x0, y0), (x1, y0), (x1, y1), (x0, y1))
