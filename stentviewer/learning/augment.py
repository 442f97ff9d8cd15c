"""Training pictures changed anew each epoch, as one batch on whatever device it lies.

RandAugment (Cubuk et al., 2020) for grey pictures with timm's ranges, flips, random erasing
(Zhong et al., 2020), mixup (Zhang et al., 2018) and CutMix (Yun et al., 2019). What happens to a
picture depends on the seed, the epoch and its row alone: not on the batch, the number of
processes, or where a run was interrupted. Tone operations are tables made from the picture's
histogram, all moves of a picture are one matrix, so a batch takes one pass of each.

Padding stays padding: a picture travels as `Plates`, its values where it is seen and 0 elsewhere,
beside how much of each pixel is seen; the mean comes off only where something is seen.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, exp, log, radians, sin, sqrt
from typing import Final

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from stentviewer.learning import tones
from stentviewer.learning.recipe import Augment

_MOVES: Final = ("rotate", "shear_x", "shear_y", "translate_x", "translate_y")
_OPERATIONS: Final = (*tones.NAMES, "sharpness", *_MOVES)
_OFTEN: Final = 0.5  # an operation that was drawn happens (timm's default)
_SPREAD: Final = 0.5  # of the strength, timm's mstd0.5
_AREA: Final = (0.02, 1 / 3)  # of the picture that is erased
_ASPECT: Final = (0.3, 1 / 0.3)
_TRIES: Final = 10

_IDENTITY: Final = np.arange(256, dtype=np.uint8)
Matrix = NDArray[np.float64]  # (3, 3), a place in the result to the place it comes from, -1…1


@dataclass(frozen=True, eq=False)
class Draw:
    """What happens to one picture: first tones, then sharpness, flip, move, and erasing."""

    tones: tones.Table
    sharpness: float = 1.0
    flip: bool = False
    move: Matrix | None = None
    erased: tuple[int, int, int, int] | None = None  # y0, y1, x0, x1


@dataclass(frozen=True, slots=True)
class Mix:
    """What happens to a batch: picture i keeps `share` and gets the rest of picture B - 1 - i.

    box (y0, y1, x0, x1) is what CutMix takes over from the other, None for mixup.
    """

    share: float = 1.0
    box: tuple[int, int, int, int] | None = None


@dataclass(frozen=True, eq=False)
class Plates:
    """values and seen (b, 1, side, side) float32, 0 to 1; values are 0 where nothing is seen."""

    values: torch.Tensor
    seen: torch.Tensor


def draw(settings: Augment, key: Sequence[int], side: int, histogram: tones.Histogram) -> Draw:
    """Draw what happens to a picture; the same key (seed, epoch, row, …) draws the same."""
    rng = np.random.default_rng(list(key))
    table, sharpness, move = _IDENTITY, 1.0, None
    for name in rng.choice(_OPERATIONS, settings.operations):
        happens, sign = rng.random() < _OFTEN, 1 if rng.random() < 0.5 else -1
        level = min(max(rng.normal(settings.strength, _SPREAD), 0.0), 10.0) / 10
        if not happens:
            continue
        if name in _MOVES:
            step = _move(name, level * sign)
            move = step if move is None else move @ step
        elif name == "sharpness":
            sharpness = max(0.1, 1 + sign * 0.9 * level)
        else:
            table = tones.table(name, level, sign, tones.through(histogram, table))[table]
    flip = bool(settings.flips and rng.random() < 0.5)
    return Draw(table, sharpness, flip, move, _erased(rng, settings.erasing, side))


def draw_mix(settings: Augment, key: Sequence[int], side: int) -> Mix:
    """Draw how the pictures of a batch are mixed (timm's mode "batch")."""
    rng = np.random.default_rng(list(key))
    cut = rng.random() < 0.5 if settings.mixup and settings.cutmix else bool(settings.cutmix)
    alpha = settings.cutmix if cut else settings.mixup
    if not alpha:
        return Mix()
    share = float(rng.beta(alpha, alpha))
    if not cut:
        return Mix(share)
    long = int(side * sqrt(1 - share))
    spans = []
    for middle in rng.integers(0, side, 2):
        spans += [max(middle - long // 2, 0), min(middle + (long + 1) // 2, side)]
    y0, y1, x0, x1 = (int(v) for v in spans)
    return Mix(1 - (y1 - y0) * (x1 - x0) / side**2, (y0, y1, x0, x1))


def plates(pixels: torch.Tensor, inside: NDArray[np.int64]) -> Plates:
    """Unchanged pictures: pixels (b, side, side) uint8, inside (b, 4) as x0, y0, x1, y1."""
    seen = _seen(inside, pixels.shape[-1], pixels.device)
    return Plates(pixels[:, None].float().div_(255).mul_(seen), seen)


@torch.no_grad()  # type: ignore[untyped-decorator]
def augmented(pixels: torch.Tensor, inside: NDArray[np.int64], draws: Sequence[Draw]) -> Plates:
    """Changed pictures; pixels and inside as in `plates`, one draw for each."""
    device, side = pixels.device, pixels.shape[-1]
    table = torch.from_numpy(np.stack([one.tones for one in draws])).to(device)
    values = torch.stack([_through(row, t) for row, t in zip(pixels, table, strict=True)])
    made = plates(values, inside)
    values, seen = made.values, made.seen
    _sharpen(values, inside, draws)
    which = _index([one.flip for one in draws], device)
    if len(which):
        values[which] = values[which].flip(-1)
        seen[which] = seen[which].flip(-1)
    which = _index([one.move is not None for one in draws], device)
    if len(which):
        moves = np.stack([one.move[:2] for one in draws if one.move is not None])
        matrix = torch.from_numpy(moves).to(device, torch.float32)
        grid = functional.affine_grid(matrix, [len(which), 1, side, side], align_corners=False)
        both = torch.cat([values[which], seen[which]], 1)
        values[which], seen[which] = functional.grid_sample(both, grid, align_corners=False).split(
            1, dim=1
        )
    for number, one in enumerate(draws):
        if one.erased is not None:
            y0, y1, x0, x1 = one.erased
            values[number, :, y0:y1, x0:x1] = 0
            seen[number, :, y0:y1, x0:x1] = 0
    return made


@torch.no_grad()  # type: ignore[untyped-decorator]
def mixed(made: Plates, targets: torch.Tensor, mix: Mix) -> tuple[Plates, torch.Tensor]:
    """Mix each picture with the one at the mirrored place; targets (b, classes) likewise.

    Mixing before the mean comes off and mixing after it are the same: both are linear.
    """
    if mix.share == 1:
        return made, targets
    targets = targets * mix.share + targets.flip(0) * (1 - mix.share)
    if mix.box is None:
        return Plates(_blend(made.values, mix.share), _blend(made.seen, mix.share)), targets
    y0, y1, x0, x1 = mix.box
    for plate in (made.values, made.seen):
        plate[..., y0:y1, x0:x1] = plate[..., y0:y1, x0:x1].flip(0)
    return made, targets


def normalised(
    made: Plates,
    mean: Sequence[float],
    std: Sequence[float],
    layout: torch.memory_format = torch.channels_last,
) -> torch.Tensor:
    """What the network is fed, (b, 3, side, side): 0 where nothing is seen, as reading gives it."""
    b, _, side, _ = made.values.shape
    out = torch.empty((b, len(mean), side, side), device=made.values.device, memory_format=layout)
    for channel, (m, s) in enumerate(zip(mean, std, strict=True)):
        out[:, channel] = torch.sub(made.values, made.seen, alpha=m)[:, 0].div_(s)
    return out


def soft_targets(labels: torch.Tensor, classes: int, smoothing: float) -> torch.Tensor:
    """One-hot targets (b, classes) of labels (b,), smoothed (Szegedy et al., 2016)."""
    hot = functional.one_hot(labels, classes).float()
    return hot * (1 - smoothing) + smoothing / classes


def _move(name: str, level: float) -> Matrix:
    matrix = np.eye(3)
    if name == "rotate":
        angle = radians(30 * level)
        matrix[:2, :2] = [[cos(angle), -sin(angle)], [sin(angle), cos(angle)]]
    elif name.startswith("shear"):
        matrix[(0, 1) if name == "shear_x" else (1, 0)] = 0.3 * level
    else:  # 0.45 of a side, which is two long
        matrix[0 if name == "translate_x" else 1, 2] = 0.9 * level
    return matrix


def _erased(rng: np.random.Generator, often: float, side: int) -> tuple[int, int, int, int] | None:
    if rng.random() >= often:
        return None
    for _ in range(_TRIES):
        area = rng.uniform(*_AREA) * side * side
        aspect = exp(rng.uniform(log(_ASPECT[0]), log(_ASPECT[1])))
        height, width = round(sqrt(area * aspect)), round(sqrt(area / aspect))
        if height < side and width < side:
            top, left = (int(rng.integers(0, side - n + 1)) for n in (height, width))
            return top, top + height, left, left + width
    return None


def _seen(inside: NDArray[np.int64], side: int, device: torch.device) -> torch.Tensor:
    place = torch.arange(side, device=device)
    x0, y0, x1, y1 = torch.from_numpy(np.ascontiguousarray(inside.T)).to(device)[:, :, None]
    across, down = (place >= x0) & (place < x1), (place >= y0) & (place < y1)
    return (down[:, None, :, None] & across[:, None, None, :]).float()


def _through(picture: torch.Tensor, table: torch.Tensor) -> torch.Tensor:
    return table.index_select(0, picture.reshape(-1).int()).view_as(picture)


def _sharpen(values: torch.Tensor, inside: NDArray[np.int64], draws: Sequence[Draw]) -> None:
    """PIL's Sharpness, in place: away from or towards a smoothed picture, edges left alone."""
    for number, one in enumerate(draws):
        x0, y0, x1, y1 = (int(v) for v in inside[number])
        if one.sharpness == 1 or x1 - x0 < 3 or y1 - y0 < 3:
            continue
        picture = values[number : number + 1, :, y0:y1, x0:x1]
        middle = picture[..., 1:-1, 1:-1]
        smooth = functional.avg_pool2d(picture, 3, 1).mul_(9 / 13).add_(middle, alpha=4 / 13)
        middle.copy_(torch.lerp(smooth, middle, one.sharpness).clamp_(0, 1))


def _blend(plate: torch.Tensor, share: float) -> torch.Tensor:
    return torch.lerp(plate.flip(0), plate, share)


def _index(flags: Sequence[bool], device: torch.device) -> torch.Tensor:
    return torch.tensor([i for i, flag in enumerate(flags) if flag], device=device).long()
