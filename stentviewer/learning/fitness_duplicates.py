"""Images that are the same picture twice: as they are, brightened, inverted, turned or mirrored.

Copies that stand under two patients come to stand on both sides of a fold, and the result is
better than the model. Perceptual hash: signs of the lowest frequencies (Zauner, Implementation and
Benchmarking of Perceptual Image Hash Functions, 2010), of all eight turns, held against the other
image's; what is near is then compared pixel by pixel at 32 × 32.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.learning.fitness_looks import Looks

_WORD: Final = 64  # bits of a hash
_NEAR: Final = 12  # bits that may differ
_ALIKE: Final = 0.97  # correlation of the small pictures less their blur
_BLOCK: Final = 512


@dataclass(frozen=True, slots=True)
class Twin:
    """Two images, by their place in the selection, that are one picture.

    same: pixel by pixel; else nearly so. turned: only after a turn or a mirroring.
    """

    first: int
    second: int
    same: bool
    turned: bool


def twins(looks: Looks) -> tuple[Twin, ...]:
    """All pairs of one picture among the images, in the selection's order."""
    if len(looks) < 2:
        return ()
    fine = np.stack([_fine(thumb) for thumb in looks.thumbs])
    plain = _hashes(fine)
    found: dict[tuple[int, int], Twin] = {}
    for turn in range(8):
        turned = np.stack([_turned(picture, turn) for picture in fine])
        for a, b in _near(plain, _hashes(turned)):
            if (a, b) in found or not _is_one(fine[a], turned[b]):
                continue
            first, second = looks.facts[a], looks.facts[b]
            found[a, b] = Twin(
                int(looks.at[a]), int(looks.at[b]), first.pixels == second.pixels, turn > 0
            )
    return tuple(found[pair] for pair in sorted(found))


def _fine(thumb: NDArray[np.uint8]) -> NDArray[np.float32]:
    """A thumb less its own blur, mean 0 and length 1; an even one stays 0."""
    import cv2

    grey = thumb.astype(np.float32)
    out = grey - cv2.GaussianBlur(grey, (0, 0), 5.0)
    out -= out.mean()
    length = float(np.linalg.norm(out))
    return np.asarray(out / length if length > 1e-3 else 0 * out, np.float32)


def _turned(picture: NDArray[np.float32], turn: int) -> NDArray[np.float32]:
    """One of the eight turns and mirrorings of a square."""
    out = np.rot90(picture, turn % 4)
    return np.ascontiguousarray(out[:, ::-1] if turn >= 4 else out)


def _hashes(pictures: NDArray[np.float32]) -> NDArray[np.uint64]:
    """64 bits each (n,): signs of the 8 × 8 lowest frequencies of a cosine transform."""
    from scipy.fft import dctn

    low = dctn(pictures, axes=(1, 2), norm="ortho")[:, 1:9, 1:9].reshape(len(pictures), _WORD)
    words = np.packbits(low > 0, axis=1)
    return np.ascontiguousarray(words).view(np.uint64)[:, 0]


def _near(plain: NDArray[np.uint64], turned: NDArray[np.uint64]) -> list[tuple[int, int]]:
    """Pairs a < b whose hashes differ in few bits, or in nearly all: then one is inverted."""
    pairs: list[tuple[int, int]] = []
    for start in range(0, len(plain), _BLOCK):
        rows = plain[start : start + _BLOCK]
        distance = np.bitwise_count(rows[:, None] ^ turned[None])
        near = (distance <= _NEAR) | (distance >= _WORD - _NEAR)
        pairs += [(int(a) + start, int(b)) for a, b in np.argwhere(near) if a + start < b]
    return pairs


def _is_one(first: NDArray[np.float32], second: NDArray[np.float32]) -> bool:
    return bool(abs(float((first * second).sum())) >= _ALIKE)
