"""How the two networks of the demo model learn from a pool of simulated images.

The finder learns from parts of fields, the namer from stents cut out upright. Both go on from
where an interrupted run of the same recipe stopped.
"""

from __future__ import annotations

import hashlib
import json
import logging
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import cv2
import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from stentviewer.learning.demo_pool import CUT, CUT_MARGIN, UNKNOWN, Pool
from stentviewer.learning.finder_network import FinderNetwork, as_sizes, finder_loss
from stentviewer.learning.transfer import body_features, freeze, packaged_network
from stentviewer.simulate import STENT_MAKERS
from stentviewer.tasks.stent_finder import STRIDE

ARCHITECTURE: Final = "tf_efficientnet_lite0@16"
MEAN = STD = 0.5
_CELL: Final = 16  # pixels of a cell of the namer's last map
_LOG = logging.getLogger(__name__)

Floats = NDArray[np.float32]


@dataclass(frozen=True)
class DemoRecipe:
    """Everything that decides the demo model's weights."""

    seed: int = 11
    images: int = 2000
    check_images: int = 400
    part: int = 448  # side of the part of a field that the finder learns from at once
    finder_batch: int = 8
    finder_steps: int = 1200
    side: int = 352  # the namer's square
    margin: float = 1.2  # its side over the stent's length
    namer_batch: int = 16
    namer_steps: int = 700
    frozen_stages: int = 2
    rate: float = 1.2e-3
    head_rate: float = 3e-3
    weight_decay: float = 0.02
    smoothing: float = 0.05
    without: str = ""  # a maker left out: the start of a study that adds it as a new design

    @property
    def check_seed(self) -> int:
        """The seed of the images that choose temperature, thresholds and sets."""
        return self.seed + 1000

    @property
    def name(self) -> str:
        """A folder name that changes with every part of the recipe."""
        said = json.dumps(asdict(self), sort_keys=True).encode()
        return hashlib.sha256(said).hexdigest()[:8]


def train_finder(recipe: DemoRecipe, pool: Pool, checkpoint: Path) -> FinderNetwork:
    """The finder, its weights averaged over the last steps."""
    torch.manual_seed(recipe.seed)
    network = FinderNetwork()
    network.to(memory_format=torch.channels_last)
    body = list(network.blocks.parameters())
    inside = {id(p) for p in (*body, *network.conv_stem.parameters(), *network.bn1.parameters())}
    rest = [p for p in network.parameters() if id(p) not in inside]

    def loss(step: int) -> torch.Tensor:
        rng = np.random.default_rng([recipe.seed, 1, step])
        images, targets = finder_batch(rng, pool, recipe.finder_batch, recipe.part)
        out, _ = network(_channels_last(images))
        return finder_loss(out, torch.from_numpy(targets))

    network.train()
    network.freeze(recipe.frozen_stages)
    body = [p for p in body if p.requires_grad]
    _train(network, [body, rest], loss, recipe.finder_steps, recipe, checkpoint, "finder")
    network.eval()
    return network


def train_namer(recipe: DemoRecipe, pool: Pool, makers: list[int], checkpoint: Path) -> Any:
    """The namer of these makers (numbers of STENT_MAKERS), averaged over the last steps."""
    torch.manual_seed(recipe.seed)
    network = packaged_network(ARCHITECTURE, len(makers))
    torch.nn.init.zeros_(network.classifier.bias)
    network.classifier.bias.requires_grad = False  # the scores are the mean of the map, times gain
    gain = torch.nn.Parameter(torch.tensor(6.0))
    network.register_parameter("gain", gain)
    rows = np.nonzero(np.isin(pool.makers, makers))[0]

    def loss(step: int) -> torch.Tensor:
        rng = np.random.default_rng([recipe.seed, 2, step])
        drawn = rng.choice(rows, recipe.namer_batch)
        images, on = namer_batch(rng, pool, drawn, recipe.side, recipe.margin)
        labels = torch.tensor([makers.index(int(pool.makers[row])) for row in drawn])
        return namer_loss(network, _channels_last(images), labels, torch.from_numpy(on), recipe)

    network.train()
    freeze(network, recipe.frozen_stages)
    body = [p for p in network.blocks.parameters() if p.requires_grad]
    head = [*network.conv_head.parameters(), *network.bn2.parameters()]
    head += [network.classifier.weight, gain]
    _train(network, [body, head], loss, recipe.namer_steps, recipe, checkpoint, "namer")
    with torch.no_grad():
        network.classifier.weight *= network.gain
    del network.gain
    return network.eval()


def namer_loss(
    network: Any, images: torch.Tensor, labels: torch.Tensor, on: torch.Tensor, recipe: DemoRecipe
) -> torch.Tensor:
    """The whole crop has to be named, and by cells on the stent (on, (n, h, w) 0…1) alone.

    Beside the stent a cell must speak for no maker: that is what keeps the heat on the device.
    """
    activation = network.bn2(network.conv_head(body_features(network, images)))
    cells = functional.conv2d(activation, network.classifier.weight[:, :, None, None])
    whole = functional.cross_entropy(
        network.gain * cells.mean((2, 3)), labels, label_smoothing=recipe.smoothing
    )
    each = functional.cross_entropy(
        cells, labels[:, None, None].expand(-1, *cells.shape[2:]), reduction="none"
    )
    here = (each * on).sum() / on.sum().clamp(min=1.0)
    off = (on < 0.02).float()
    away = (cells.square().mean(1) * off).sum() / off.sum().clamp(min=1.0)
    return whole + 0.3 * here + 0.2 * away


def finder_batch(
    rng: np.random.Generator, pool: Pool, size: int, side: int
) -> tuple[Floats, Floats]:
    """Parts of fields (n, side, side) 0…1 less the mean, and what their cells should say."""
    images = np.empty((size, side, side), np.float32)
    cells = side // STRIDE
    targets = np.empty((size, 8, cells, cells), np.float32)
    for k in range(size):
        images[k], boxes = _part(rng, pool, int(rng.integers(len(pool.fields))), side)
        targets[k] = cell_targets(boxes, cells)
    return images, targets


def _part(
    rng: np.random.Generator, pool: Pool, number: int, side: int
) -> tuple[Floats, NDArray[np.float64]]:
    """A part of a field, turned, scaled and regreyed, with the boxes of its stents in it."""
    field, inside = pool.fields[number], pool.inside[number]
    boxes = pool.boxes[pool.stents_of(number)].astype(np.float64)
    centre = rng.uniform(inside[:2] + 0.1, inside[2:])
    if len(boxes) and rng.random() < 0.75:
        one = boxes[int(rng.integers(len(boxes)))]
        centre = one[:4].reshape(2, 2).mean(0) + rng.uniform(-0.35, 0.35, 2) * side
    scale = float(np.exp(rng.uniform(-0.35, 0.35)))
    turn = rng.uniform(-0.35, 0.35)
    mirror = -1.0 if rng.random() < 0.5 else 1.0
    upset = -1.0 if rng.random() < 0.25 else 1.0
    cos, sin = scale * np.cos(turn), scale * np.sin(turn)
    matrix = np.array([[mirror * cos, -sin * mirror, 0.0], [upset * sin, upset * cos, 0.0]])
    matrix[:, 2] = side / 2 - matrix[:, :2] @ centre
    known = np.zeros(field.shape, np.uint8)
    known[inside[1] : inside[3], inside[0] : inside[2]] = 1
    how = cv2.INTER_AREA if scale < 0.8 else cv2.INTER_LINEAR
    unit = cv2.warpAffine(field, matrix, (side, side), flags=how).astype(np.float32) / 255
    seen = cv2.warpAffine(known, matrix, (side, side), flags=cv2.INTER_NEAREST)
    unit = (regreyed(rng, unit) - MEAN) / STD * seen
    ends = boxes[:, :4].reshape(-1, 2) @ matrix[:, :2].T + matrix[:, 2]
    return unit, np.concatenate([ends.reshape(-1, 4), boxes[:, 4:] * scale], axis=1)


def cell_targets(boxes: NDArray[np.float64], cells: int) -> Floats:
    """What a map of cells × cells should say of boxes (s, 5) in pixels; see `finder_loss`."""
    out = np.zeros((8, cells, cells), np.float32)
    y, x = np.mgrid[0:cells, 0:cells]
    for x0, y0, x1, y1, width in boxes:
        middle = np.array([x0 + x1, y0 + y1]) / 2
        half = np.array([x1 - x0, y1 - y0]) / 2
        column, row = np.floor(middle / STRIDE).astype(int)
        along = half / max(float(np.hypot(*half)), 1e-6)
        across = np.array([-along[1], along[0]]) * width / 2
        corners = np.array([middle - half - across, middle - half + across,
                            middle + half + across, middle + half - across])  # fmt: skip
        on = np.zeros((cells, cells), np.uint8)
        cv2.fillConvexPoly(on, np.round(corners / STRIDE * 16 - 8).astype(np.int32), (1,), shift=4)
        out[6] = np.maximum(out[6], on)
        if not (0 <= row < cells and 0 <= column < cells):
            continue
        spread = float(np.clip(0.35 * width / STRIDE, 0.7, 2.0))
        close = np.exp(-((x - column) ** 2 + (y - row) ** 2) / (2 * spread**2)).astype(np.float32)
        near = (close > 0.55) & (close >= out[0])
        offset = middle - (np.stack([x[near], y[near]], axis=1) + 0.5) * STRIDE
        for number, (r, c) in enumerate(zip(y[near], x[near], strict=True)):
            out[1:6, r, c] = as_sizes(half, width, offset[number])
        out[7][near] = close[near]
        out[0] = np.maximum(out[0], close)
    return out


def namer_batch(
    rng: np.random.Generator, pool: Pool, rows: NDArray[np.int64], side: int, margin: float
) -> tuple[Floats, Floats]:
    """Crops (n, side, side) as the namer takes them, and the share of each cell on the stent."""
    cells = side // _CELL
    images = np.empty((len(rows), side, side), np.float32)
    on = np.empty((len(rows), cells, cells), np.float32)
    for k, row in enumerate(rows):
        zoom = CUT_MARGIN / (margin * float(np.exp(rng.normal(0, 0.09)))) * side / CUT
        turn = rng.normal(0, 0.12) + (np.pi if rng.random() < 0.5 else 0.0)
        shift = rng.normal(0, 0.035, 2) * side
        cos, sin = zoom * np.cos(turn), zoom * np.sin(turn)
        mirror = -1.0 if rng.random() < 0.5 else 1.0
        matrix = np.array([[mirror * cos, -mirror * sin, 0.0], [sin, cos, 0.0]])
        matrix[:, 2] = side / 2 + shift - matrix[:, :2] @ (CUT / 2, CUT / 2)
        cut = pool.cuts[row]
        if zoom < 0.7:
            cut = cv2.GaussianBlur(cut, (0, 0), 0.35 / zoom)
        unit = cv2.warpAffine(
            cut, matrix, (side, side), flags=cv2.INTER_LINEAR, borderMode=cv2.BORDER_REFLECT
        )
        images[k] = (regreyed(rng, _windowed(unit)) - MEAN) / STD
        line = pool.lines[row] @ matrix[:, :2].T + matrix[:, 2]
        on[k] = _cells_on(line, float(pool.half_widths[row]) * zoom, side)
    return images, on


def plain_crop(pool: Pool, row: int, side: int, margin: float) -> Floats:
    """A kept stent as a reading would cut it out, (side, side) 0…1, nothing else changed."""
    wide = CUT * margin / CUT_MARGIN
    first = round((CUT - wide) / 2)
    cut = pool.cuts[row, first : CUT - first, first : CUT - first]
    return _windowed(cv2.resize(cut, (side, side), interpolation=cv2.INTER_AREA))


def _windowed(cut: NDArray[np.uint8]) -> Floats:
    """0…1 between the percentiles of `Preprocessing`, as the reading's `fit` does it."""
    low, high = np.percentile(cut[::2, ::2], (0.5, 99.5)).astype(np.float32)
    unit: Floats = np.clip((cut - low) / max(high - low, np.float32(1)), 0, 1)
    return unit


def _cells_on(line: Floats, half_width: float, side: int) -> Floats:
    """The share of each cell (side / 16 a side) that a band along the line covers."""
    fine = np.zeros((side // 4, side // 4), np.uint8)
    points = np.round(line / 4 * 16).astype(np.int32).reshape(-1, 1, 2)
    thick = max(1, round(2 * half_width / 4))
    cv2.polylines(fine, [points], False, (255,), thick, cv2.LINE_8, 4)
    size = (side // _CELL, side // _CELL)
    share: Floats = cv2.resize(fine, size, interpolation=cv2.INTER_AREA).astype(np.float32) / 255
    return share


def regreyed(rng: np.random.Generator, unit: Floats) -> Floats:
    """Another grey scale, polarity, sharpness, resolution or noise: all have to be borne."""
    if rng.random() < 0.4:
        unit = 1 - unit
    if rng.random() < 0.75:
        unit = np.clip(unit, 0, 1) ** np.float32(np.exp(rng.uniform(-0.5, 0.5)))
        gain, shift = np.exp(rng.uniform(-0.5, 0.4)), rng.uniform(-0.15, 0.15)
        unit = np.clip((unit - 0.5) * gain + 0.5 + shift, 0, 1)
    chance = rng.random()
    if chance < 0.25:
        unit = cv2.GaussianBlur(unit, (0, 0), rng.uniform(0.4, 1.1))
    elif chance < 0.4:
        narrow = cv2.GaussianBlur(unit, (0, 0), rng.uniform(0.8, 2.0))
        unit = np.clip(unit + np.float32(rng.uniform(0.2, 1.2)) * (unit - narrow), 0, 1)
    elif chance < 0.55:
        side, coarse = unit.shape[0], rng.uniform(0.5, 0.9)
        small = cv2.resize(unit, None, fx=coarse, fy=coarse, interpolation=cv2.INTER_AREA)
        unit = cv2.resize(small, (side, side), interpolation=cv2.INTER_LINEAR)
    if rng.random() < 0.35:
        noise = rng.standard_normal(unit.shape, dtype=np.float32)
        unit = unit + np.float32(rng.uniform(0, 0.04)) * noise
    return np.asarray(unit, np.float32)


def _channels_last(images: Floats) -> torch.Tensor:
    """Grey images (n, side, side) as three equal planes."""
    planes = torch.from_numpy(images)[:, None].expand(-1, 3, -1, -1)
    return planes.contiguous(memory_format=torch.channels_last)


def _train(
    network: Any,
    groups: list[list[Any]],
    loss_of: Callable[[int], torch.Tensor],
    steps: int,
    recipe: DemoRecipe,
    checkpoint: Path,
    name: str,
) -> None:
    """One cycle of AdamW over steps; leaves the running average of the weights in the network."""
    rates = [recipe.rate, recipe.head_rate]
    optimiser = torch.optim.AdamW(
        [{"params": part, "lr": rate} for part, rate in zip(groups, rates, strict=True)],
        weight_decay=recipe.weight_decay,
    )
    schedule = torch.optim.lr_scheduler.OneCycleLR(
        optimiser, rates, total_steps=steps, pct_start=0.15
    )
    average = {key: value.clone() for key, value in network.state_dict().items()}
    first, losses = 0, []
    if checkpoint.exists():
        kept = torch.load(checkpoint, weights_only=True)
        network.load_state_dict(kept["network"])
        optimiser.load_state_dict(kept["optimiser"])
        schedule.load_state_dict(kept["schedule"])
        average, first = kept["average"], int(kept["step"])
    for step in range(first, steps):
        loss = loss_of(step)
        optimiser.zero_grad(set_to_none=True)
        loss.backward()
        torch.nn.utils.clip_grad_norm_([p for part in groups for p in part], 5.0)
        optimiser.step()
        schedule.step()
        keep = min(0.995, (step + 1) / (step + 20))
        for key, value in network.state_dict().items():
            if value.dtype.is_floating_point:
                average[key].lerp_(value, 1 - keep)
            else:
                average[key].copy_(value)
        losses.append(loss.item())
        if (step + 1) % 50 == 0:
            _LOG.info("%s %d/%d loss %.3f", name, step + 1, steps, float(np.mean(losses[-50:])))
        if (step + 1) % 100 == 0 or step + 1 == steps:
            state = {
                "network": network.state_dict(),
                "optimiser": optimiser.state_dict(),
                "schedule": schedule.state_dict(),
                "average": average,
                "step": step + 1,
            }
            partial = checkpoint.with_suffix(".partial")
            torch.save(state, partial)
            partial.replace(checkpoint)
    network.load_state_dict(average)


def known_makers(recipe: DemoRecipe) -> list[int]:
    """The numbers, in STENT_MAKERS, of the makers that the namer learns."""
    return [k for k, name in enumerate(STENT_MAKERS) if name != recipe.without and k != UNKNOWN]
