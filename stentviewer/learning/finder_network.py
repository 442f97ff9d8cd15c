"""The network that finds stents: a small backbone, its finer and coarser maps brought together.

A feature pyramid (Lin et al., 2017) on EfficientNet-Lite0, with a head as CenterNet's (Zhou et
al., 2019): see `tasks.stent_finder` for what its map says.
"""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import nn
from torch.nn import functional

from stentviewer.learning.transfer import packaged_network
from stentviewer.tasks.stent_finder import CHANNELS, STRIDE

ARCHITECTURE: Final = "tf_efficientnet_lite0"
_TAPS: Final = (2, 4, 6)  # blocks after which a map is taken: a cell of 8, 16 and 32 pixels
_WIDTH: Final = 64
_LENGTHS: Final = 64.0  # pixels that one unit of the head's lengths stands for


class FinderNetwork(nn.Module):  # type: ignore[misc]
    """Images (n, 3, side, side) to a map (n, 6, side / 8, side / 8) and a feature (n, C).

    While it learns, a seventh channel says which cells lie on a stent: it makes the shape of a
    stent count, and is not exported.
    """

    def __init__(self, backbone: Any | None = None) -> None:
        super().__init__()
        body = backbone if backbone is not None else packaged_network(ARCHITECTURE, 1)
        self.conv_stem, self.bn1, self.blocks = body.conv_stem, body.bn1, body.blocks
        channels = [_channels(self.blocks[number]) for number in _TAPS]
        self.lateral = nn.ModuleList(_joined(count, _WIDTH, 1) for count in channels)
        self.smooth = nn.ModuleList(_separable(_WIDTH) for _ in _TAPS)
        self.head = nn.Sequential(_separable(_WIDTH), _separable(_WIDTH))
        self.last = nn.Conv2d(_WIDTH, CHANNELS + 1, 1)
        nn.init.normal_(self.last.weight, std=0.01)
        nn.init.zeros_(self.last.bias)
        with torch.no_grad():
            self.last.bias[0] = -4.0  # almost no cell is a stent's middle
            self.last.bias[CHANNELS] = -2.0

    def freeze(self, stages: int) -> None:
        """Hold the stem and the first stages as they are, their normalisation statistics too."""
        for part in (self.conv_stem, self.bn1, *self.blocks[:stages]):
            part.eval()
            for parameter in part.parameters():
                parameter.requires_grad = False

    def forward(self, images: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        x = self.bn1(self.conv_stem(images))
        taken = []
        for number, block in enumerate(self.blocks):
            x = block(x)
            if number in _TAPS:
                taken.append(x)
        field = taken[-1].mean((2, 3))
        merged = self.smooth[-1](self.lateral[-1](taken[-1]))
        for place in range(len(taken) - 2, -1, -1):
            finer = self.lateral[place](taken[place])
            merged = self.smooth[place](
                finer + functional.interpolate(merged, scale_factor=2.0, mode="nearest")
            )
        return self.last(self.head(merged)), field


class ReadFinder(nn.Module):  # type: ignore[misc]
    """The finder as a bundle carries it: "map" in pixels of the square, and "field"."""

    def __init__(self, network: FinderNetwork) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        out, field = self.network(image)
        return torch.cat([out[:, :1], _LENGTHS * out[:, 1:4], STRIDE * out[:, 4:6]], 1), field


def finder_loss(out: torch.Tensor, targets: torch.Tensor) -> torch.Tensor:
    """How far the network's map (n, 7, h, w) is from the targets (n, 8, h, w).

    Targets: closeness to a middle (1 at it), half axis as a double angle (2), width, offset (2),
    on a stent, and the weight of the sizes. The first is CenterNet's focal loss.
    """
    close, sizes, on, weight = targets[:, 0], targets[:, 1:6], targets[:, 6], targets[:, 7]
    logit = out[:, 0].float()
    chance = torch.sigmoid(logit).clamp(1e-4, 1 - 1e-4)
    middle = (close > 0.999).float()
    focal = -middle * (1 - chance) ** 2 * torch.log(chance)
    focal = focal - (1 - middle) * (1 - close) ** 4 * chance**2 * torch.log(1 - chance)
    count = middle.sum().clamp(min=1.0)
    far = functional.smooth_l1_loss(out[:, 1:6].float(), sizes, reduction="none", beta=0.1).sum(1)
    shape = functional.binary_cross_entropy_with_logits(out[:, 6].float(), on)
    return focal.sum() / count + (far * weight).sum() / weight.sum().clamp(min=1.0) + shape


def as_sizes(half: Any, width: float, offset: Any) -> list[float]:
    """A stent's half axis (x, y), width and offset in pixels, as the head gives them."""
    import numpy as np

    length, turn = float(np.hypot(*half)), 2 * float(np.arctan2(half[1], half[0]))
    return [
        length * float(np.cos(turn)) / _LENGTHS,
        length * float(np.sin(turn)) / _LENGTHS,
        width / _LENGTHS,
        float(offset[0]) / STRIDE,
        float(offset[1]) / STRIDE,
    ]


def _channels(block: Any) -> int:
    """How many channels a stage of blocks gives."""
    last = [part for part in block.modules() if isinstance(part, nn.Conv2d)][-1]
    return int(last.out_channels)


def _joined(count: int, width: int, kernel: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(count, width, kernel, padding=kernel // 2, bias=False), nn.BatchNorm2d(width)
    )


def _separable(width: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(width, width, 5, padding=2, groups=width, bias=False),
        nn.Conv2d(width, width, 1, bias=False),
        nn.BatchNorm2d(width),
        nn.ReLU(),
    )
