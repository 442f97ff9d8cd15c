"""Pictures that are no radiograph of the abdomen, small and seeded: what a reading refuses."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Final, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from stentviewer.simulate.sheet import Sheet, ellipse, smooth_curve, texture

Array = NDArray[np.float64]
Map = NDArray[np.float32]
OtherKind = Literal["CT slice", "photograph", "document", "hand", "uniform"]

OTHER_KINDS: Final[tuple[OtherKind, ...]] = get_args(OtherKind)


@dataclass(frozen=True, eq=False)
class OtherImage:
    """pixels (side, side) as 8-bit grey, and what they show."""

    pixels: NDArray[np.uint8]
    kind: OtherKind


def simulate_other(
    seed: int, index: int, kind: OtherKind | None = None, side: int = 512
) -> OtherImage:
    """Picture number index of a seed; kinds take turns unless one is given.

    Raises KeyError for another kind, ValueError for a side under 64.
    """
    if side < 64:
        raise ValueError(f"a side of {side} pixels is under 64")
    chosen = kind or OTHER_KINDS[index % len(OTHER_KINDS)]
    rng = np.random.Generator(np.random.PCG64(np.random.SeedSequence([seed, index, 23])))
    shown = _KINDS[chosen](rng, side)
    shown = shown + rng.uniform(0, 0.02) * rng.standard_normal((side, side), dtype=np.float32)
    return OtherImage(np.asarray(np.rint(255 * np.clip(shown, 0, 1)), np.uint8), chosen)


def _ct_slice(rng: np.random.Generator, side: int) -> Map:
    """An axial slice of the abdomen in a soft-tissue window."""
    import cv2

    sheet = Sheet((side, side), side / 400)
    half = (rng.uniform(130, 180), rng.uniform(90, 130))
    hu = np.full((side, side), -1000.0, np.float32)

    def paint(shapes: list[Array], value: float) -> None:
        cover = sheet.filled(shapes)
        hu[...] = hu * (1 - cover) + value * cover

    paint([ellipse((0, 0), half)], -100)
    rim = rng.uniform(8, 25)
    paint([ellipse((0, 0), (half[0] - rim, half[1] - rim))], 40)
    paint([ellipse((-0.35 * half[0], -10), (0.42 * half[0], 0.55 * half[1]), 0.2)], 60)
    paint([ellipse((0.5 * half[0], 0), (22, 35), 0.5)], 50)
    for _ in range(int(rng.integers(2, 9))):
        at = (rng.uniform(-0.4, 0.7) * half[0], rng.uniform(-0.6, 0.3) * half[1])
        shape = ellipse(at, (rng.uniform(5, 18), rng.uniform(5, 18)), rng.uniform(0, 3))
        paint([shape], rng.choice([-900, 20, 150]))
    for x in (-0.45, 0.45):
        paint([ellipse((x * half[0], 0.45 * half[1]), (22, 28), x)], 45)
    back = 0.55 * half[1]
    paint([ellipse((0, back), (19, 15))], 220)
    paint([ellipse((0, back + 20), (7, 8))], 30)
    paint([ellipse((0, back + 34), (4, 12))], 400)
    for angle in np.linspace(0, 2 * np.pi, int(rng.integers(8, 16)), endpoint=False):
        at = (0.9 * half[0] * np.cos(angle), 0.88 * half[1] * np.sin(angle))
        paint([ellipse(at, (7, 3), angle + np.pi / 2)], 350)
    table = np.array([[-200.0, half[1] + 12], [0, half[1] + 22], [200, half[1] + 12]])
    hu += 600 * sheet.lines([smooth_curve(table)], 3)
    hu += rng.uniform(5, 30) * rng.standard_normal(hu.shape, dtype=np.float32)
    hu = cv2.GaussianBlur(hu, (0, 0), 0.8)
    width = rng.uniform(300, 500)
    return np.asarray((hu - (40 - width / 2)) / width, np.float32)


def _photograph(rng: np.random.Generator, side: int) -> Map:
    """Dead leaves (discs of all sizes that hide each other) under uneven light."""
    import cv2

    grey = np.full((side, side), rng.uniform(0.2, 0.8), np.float32)
    sizes = 0.35 * side * np.sort(rng.random(320) ** 3)[::-1] + 1.5
    for size in sizes:
        at = rng.uniform(0, side, 2)
        value = float(np.clip(rng.normal(0.5, 0.25), 0, 1))
        middle = (round(float(at[0]) * 16), round(float(at[1]) * 16))
        cv2.circle(grey, middle, round(float(size) * 16), (value,), -1, cv2.LINE_AA, 4)
    grey += 0.06 * texture(rng, Sheet((side, side), 1.0), side / 2, 2, 0.7)
    x = np.linspace(-1, 1, side, dtype=np.float32)
    light = 1 + rng.uniform(-0.4, 0.4) * x[None, :] + rng.uniform(-0.4, 0.4) * x[:, None]
    return np.asarray(cv2.GaussianBlur(grey, (0, 0), 0.7) * light, np.float32)


def _document(rng: np.random.Generator, side: int) -> Map:
    """A scanned page: lines of strokes like words, a ruled table, a shadow, a little turned."""
    import cv2

    page = np.ones((side, side), np.float32)
    line = int(rng.integers(max(side // 50, 4), max(side // 16, 5)))
    margin = side // 12
    for y in range(margin, side - margin, line):
        x = margin
        if rng.random() < 0.12:
            continue
        while x < side - margin:
            word = int(rng.integers(2, 10)) * max(line // 4, 1)
            for at in range(x, min(x + word, side - margin), max(line // 4, 2)):
                top = y + int(rng.integers(0, max(line // 4, 1)))
                foot = y + int(rng.integers(line // 3, max(line // 2, line // 3 + 1) + 1))
                end = at + int(rng.integers(0, max(line // 4, 1) + 1))
                cv2.line(page, (at, top), (end, foot), (0.1,), 1, cv2.LINE_AA)
            x += word + line // 2
            if rng.random() < 0.05:
                break
    if rng.random() < 0.5:
        top = int(rng.integers(margin, side // 2))
        for k in range(5):
            y = top + k * line * 2
            cv2.line(page, (margin, y), (side - margin, y), (0.2,), 1)
    turn = cv2.getRotationMatrix2D((side / 2, side / 2), float(rng.normal(0, 2)), 1.0)
    page = np.asarray(cv2.warpAffine(page, turn, (side, side), borderValue=(0.9,)))
    shade = 1 - rng.uniform(0, 0.3) * np.linspace(0, 1, side, dtype=np.float32)[None, :]
    return np.asarray(page * shade, np.float32)


def _hand(rng: np.random.Generator, side: int) -> Map:
    """A radiograph of a hand: five rays of small bones in a little soft tissue."""
    import cv2

    sheet = Sheet((side, side), side / 220)
    soft, bone = [], []
    wrist = np.array([rng.normal(0, 8), 70.0])
    for k, angle in enumerate(np.radians([-48, -20, -4, 11, 27]) + rng.normal(0, 0.06)):
        at = wrist + 25 * np.array([np.sin(angle), -np.cos(angle)])
        way = np.array([np.sin(angle), -np.cos(angle)])
        lengths = np.array([46, 34, 22, 15]) * (0.75 if k == 0 else 1.0) * rng.uniform(0.9, 1.05)
        soft.append(np.array([at, at + way * lengths.sum() * 1.12]))
        for length in lengths[: 3 if k == 0 else 4]:
            bone.append(np.array([at, at + way * (length - 3)]))
            at = at + way * length
    forearm = [wrist + np.array([[x, 8.0], [1.3 * x, 90.0]]) for x in (-10.0, 11.0)]
    palm = ellipse((float(wrist[0]), 35.0), (38, 45))
    tissue = 12 * cv2.GaussianBlur(sheet.filled([palm]), (0, 0), 3 * sheet.px_per_mm)
    tissue += sheet.rods(soft, 9.0) + sheet.rods(forearm, 20)
    hard = sheet.rods(bone, 4.2) - 0.6 * sheet.rods(bone, 3.0) + sheet.rods(forearm, 6.5)
    carpals = [
        ellipse((float(wrist[0] + x), float(wrist[1] - 4 + y)), (6, 5), rng.uniform(0, 3))
        for x in (-12, 0, 12)
        for y in (-9, 2)
    ]
    hard += 5 * sheet.filled(carpals)
    shown = 1 - np.exp(-0.012 * tissue - 0.09 * hard)
    shown /= max(float(shown.max()), 1e-6)
    shown = cv2.GaussianBlur(np.asarray(shown, np.float32), (0, 0), 0.8)
    return np.asarray(shown if rng.random() < 0.7 else 1 - shown, np.float32)


def _uniform(rng: np.random.Generator, side: int) -> Map:
    """Next to nothing: one grey, a slope, soft clouds."""
    x = np.linspace(-1, 1, side, dtype=np.float32)
    slope = rng.normal(0, 0.1) * x[None, :] + rng.normal(0, 0.1) * x[:, None]
    soft = texture(rng, Sheet((side, side), 1.0), side / 2, side / 8, 0.5)
    return np.asarray(rng.uniform(0.05, 0.95) + slope + rng.uniform(0, 0.05) * soft, np.float32)


_KINDS: Final[dict[OtherKind, Callable[[np.random.Generator, int], Map]]] = {
    "CT slice": _ct_slice,
    "photograph": _photograph,
    "document": _document,
    "hand": _hand,
    "uniform": _uniform,
}
