"""Grad-CAM and Grad-CAM++ of any network: the grad-cam package itself, with its backward pass."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray


def grad_cam(
    network: Any,
    layer: Any,
    tensor: FloatArray,
    class_index: int,
    *,
    plus_plus: bool = False,
    as_map: Callable[[Any], Any] | None = None,
) -> FloatArray:
    """The map of one class over the input's square, (side, side) float32 in 0…1.

    `layer` is the module of the network whose output (1, C, h, w) is explained, or what `as_map`
    makes such an output of; the tensor is (1, 3, side, side). `plus_plus` for Grad-CAM++
    (Chattopadhay et al., 2018). Raises KnownError where grad-cam is not installed.
    """
    from stentviewer.inference.runtimes.torch_mend import mend_torchvision

    mend_torchvision()
    import torch

    try:
        from pytorch_grad_cam import GradCAM, GradCAMPlusPlus
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    except ImportError as error:
        raise KnownError(
            sentence("This network can only be explained with the package grad-cam. Install it.")
        ) from error
    place = next(network.parameters()).device
    kind = GradCAMPlusPlus if plus_plus else GradCAM
    with kind(model=network, target_layers=[layer], reshape_transform=as_map) as cam:
        image = torch.from_numpy(np.ascontiguousarray(tensor, np.float32)).to(place)
        values = cam(input_tensor=image, targets=[ClassifierOutputTarget(class_index)])
    return np.asarray(values[0], np.float32)


def last_map(network: Any) -> tuple[Any, Any, Callable[[Any], Any] | None]:
    """What of a timm network is explained: the network, the module, and how its output is a map.

    The map that `forward_features` gives, as the runtimes give it. A class token that alone is
    scored takes nothing from the patches after the last block's attention, so there it is the
    patches before it: what grad-cam's documentation advises for a ViT.
    """
    import torch

    from stentviewer.inference.runtimes.architectures import feature_map

    blocks = getattr(network, "blocks", None)
    if blocks is not None and getattr(network, "global_pool", "") == "token":
        return network, blocks[-1].norm1, lambda tokens: feature_map(network, tokens)

    class Split(torch.nn.Module):  # type: ignore[misc]
        """The same network, with a module where its features pass."""

        def __init__(self) -> None:
            super().__init__()
            self.inner, self.features = network, torch.nn.Identity()

        def forward(self, images: Any) -> Any:
            return self.inner.forward_head(self.features(self.inner.forward_features(images)))

    split = Split().eval()
    return split, split.features, lambda features: feature_map(network, features)
