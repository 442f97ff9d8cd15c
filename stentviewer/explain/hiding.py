"""Places of a network's input that are hidden from it, and what it says then.

A hidden place shows a blur as wide as a stent instead of black or grey: the wire's pattern is gone,
the brightness of the surroundings stays, so that the network is not shown an edge that no X-ray
has.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from stentviewer.core.jobs import JobContext
from stentviewer.core.types import FloatArray

if TYPE_CHECKING:
    from stentviewer.inference.runtimes.base import Output, Runtime

_COARSE = 4  # pixels of blur that are enough once the picture has been made smaller

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Block:
    """Rows top:bottom and columns left:right of a square that hold image, not padding."""

    top: int
    bottom: int
    left: int
    right: int

    @property
    def height(self) -> int:
        return self.bottom - self.top

    @property
    def width(self) -> int:
        return self.right - self.left


def filled(tensor: FloatArray) -> Block:
    """Where a tensor (1, 3, side, side) holds image: padding is zero. All of it if all is zero."""
    there = tensor[0].any(axis=0)
    down, across = np.flatnonzero(there.any(axis=1)), np.flatnonzero(there.any(axis=0))
    if not down.size:
        return Block(0, tensor.shape[2], 0, tensor.shape[3])
    return Block(int(down[0]), int(down[-1]) + 1, int(across[0]), int(across[-1]) + 1)


def blurred(tensor: FloatArray, block: Block, sigma_y: float, sigma_x: float) -> FloatArray:
    """The tensor with its image blurred (Gaussian, sigmas in pixels), its padding left as it was.

    Blurred at a smaller size, where a wide blur costs little.
    """
    import cv2

    inside = tensor[0, :, block.top : block.bottom, block.left : block.right]
    picture = np.ascontiguousarray(inside.transpose(1, 2, 0))
    factor = max(1.0, min(sigma_y, sigma_x) / _COARSE)
    size = max(1, round(block.width / factor)), max(1, round(block.height / factor))
    small = cv2.resize(picture, size, interpolation=cv2.INTER_AREA)
    small = cv2.GaussianBlur(
        small,
        (0, 0),
        sigmaX=sigma_x * size[0] / block.width,
        sigmaY=sigma_y * size[1] / block.height,
        borderType=cv2.BORDER_REPLICATE,
    )
    smooth = cv2.resize(small, (block.width, block.height), interpolation=cv2.INTER_LINEAR)
    whole = np.zeros_like(tensor)
    whole[0, :, block.top : block.bottom, block.left : block.right] = smooth.transpose(2, 0, 1)
    return whole


def log_odds(scores: FloatArray, wanted: int, temperature: float) -> float:
    """log(p / (1 − p)) of one class's calibrated probability: does not flatten out near 1."""
    scaled = scores.astype(np.float64) / temperature
    others: Floats = np.delete(scaled, wanted)
    if not others.size:
        return float(scaled[wanted])
    top = others.max()
    return float(scaled[wanted] - top - np.log(np.exp(others - top).sum()))


def probability(odds: float) -> float:
    """The probability, 0…1, of log odds."""
    return 1 / (1 + math.exp(-odds)) if odds > -700 else 0.0


@dataclass(slots=True)
class Passes:
    """A network's passes, counted: each is a step of the job, after which it may be cancelled."""

    runtime: Runtime
    context: JobContext
    total: int
    done: int = 0

    def run(self, tensor: FloatArray) -> Output:
        """One pass. Raises Cancelled, and KnownError where the network fails."""
        self.count()
        return self.runtime.run(tensor)

    def count(self) -> None:
        """A pass that is made elsewhere is about to begin. Raises Cancelled."""
        self.tell()
        self.done += 1

    def tell(self) -> None:
        """Say how far it is. Raises Cancelled."""
        self.context.step(min(self.done, self.total), self.total)

    def end(self) -> None:
        """Say that the work is done."""
        self.context.step(self.total, self.total)
