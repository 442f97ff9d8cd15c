"""Grad-CAM for any other network: the grad-cam package itself, with its backward pass."""

from __future__ import annotations

from typing import Any

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray


def grad_cam(network: Any, layer: Any, tensor: FloatArray, class_index: int) -> FloatArray:
    """The map of one class over the input's square, (side, side) float32 in 0…1.

    `layer` is the module of the network whose output (1, C, h, w) is explained; the tensor is
    (1, 3, side, side). Raises KnownError where grad-cam is not installed.
    """
    from stentviewer.inference.runtimes.torch_mend import mend_torchvision

    mend_torchvision()
    import torch

    try:
        from pytorch_grad_cam import GradCAM
        from pytorch_grad_cam.utils.model_targets import ClassifierOutputTarget
    except ImportError as error:
        raise KnownError(
            sentence("This network can only be explained with the package grad-cam. Install it.")
        ) from error
    place = next(network.parameters()).device
    with GradCAM(model=network, target_layers=[layer]) as cam:
        image = torch.from_numpy(np.ascontiguousarray(tensor, np.float32)).to(place)
        values = cam(input_tensor=image, targets=[ClassifierOutputTarget(class_index)])
    return np.asarray(values[0], np.float32)
