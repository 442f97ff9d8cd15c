"""Small pictures for the fitness checks: cloudy ones, no two alike, as PNG."""

from __future__ import annotations

from pathlib import Path

import cv2
import numpy as np

from stentviewer.learning.selection import Item
from stentviewer.simulate.sheet import clouds

SIDE = 128


def cloudy(seed: int, side: int = SIDE) -> np.ndarray:
    """A grey picture (side, side) uint8 between 40 and 200: nothing at the scale's ends."""
    rng = np.random.default_rng(seed)
    field = clouds(rng, (side, side), (3, 6, 12, 24), 0.8) + 0.05 * rng.standard_normal(
        (side, side)
    )
    return np.clip(120 + 25 * field, 40, 200).astype(np.uint8)


def saved(folder: Path, name: str, picture: np.ndarray) -> Path:
    folder.mkdir(parents=True, exist_ok=True)
    path = folder / name
    assert cv2.imwrite(str(path), picture)
    return path


def written(picture: np.ndarray, text: str, at: tuple[int, int], scale: float = 0.5) -> np.ndarray:
    """The picture with white letters burned in; at is their lower left corner (x, y)."""
    out = picture.copy()
    cv2.putText(out, text, at, cv2.FONT_HERSHEY_SIMPLEX, scale, (255,), 1, cv2.LINE_AA)
    return out


def study(folder: Path, patients: dict[str, int], frames: int = 2) -> list[Item]:
    """Cloudy pictures of some patients a class: nothing in them tells the class."""
    items = []
    for label, count in patients.items():
        for who in range(count):
            for _ in range(frames):
                number = len(items)
                path = saved(folder, f"{number:04d}.png", cloudy(1000 + number))
                items.append(Item(path, label, f"{label} {who}"))
    return items
