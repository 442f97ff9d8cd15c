"""Networks started from ImageNet weights that need no download."""

from __future__ import annotations

from typing import Any

import torch

from stentviewer.inference.runtimes.architectures import create, known, timm_name
from stentviewer.learning.start_weights import packaged_state


def packaged_network(architecture: str, classes: int) -> Any:
    """A timm network with ImageNet weights from an installed package and a new last layer.

    Returns the module in channels-last layout. Raises UserError where no installed package holds
    weights for the architecture, ValueError where the tensors do not fit one to one by order.
    """
    network = create(architecture, 1000, 224) if known(architecture) else None
    own = network.state_dict() if network is not None else {}
    state = packaged_state(timm_name(architecture), own)
    assert network is not None  # no package holds weights of what timm does not know
    network.load_state_dict(state)
    network.reset_classifier(classes)
    return network.to(memory_format=torch.channels_last)


def freeze(network: Any, stages: int) -> None:
    """Hold the stem and the first stages as they are, their normalisation statistics too."""
    for part in (network.conv_stem, network.bn1, *network.blocks[:stages]):
        part.eval()
        for parameter in part.parameters():
            parameter.requires_grad = False


def body_features(network: Any, images: torch.Tensor) -> torch.Tensor:
    """Blocks' output (n, c, h, w) of images (n, 3, side, side)."""
    out: torch.Tensor = network.blocks(network.bn1(network.conv_stem(images)))
    return out
