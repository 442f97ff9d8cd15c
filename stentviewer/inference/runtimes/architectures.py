"""Networks by name: timm's, and AlexNet, which timm does not have."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import nn

from stentviewer.core.errors import UserError
from stentviewer.core.sentences import sentence
from stentviewer.inference.runtimes.torch_mend import mend_torchvision

ALEXNET: Final = "alexnet"


def known(architecture: str) -> bool:
    """Whether the installed packages can build this network."""
    mend_torchvision()
    import timm

    return architecture == ALEXNET or bool(timm.is_model(timm_name(architecture)))


def timm_name(architecture: str) -> str:
    """timm's name: "tf_efficientnet_lite0@16" is that network with a last map of 16-pixel cells.

    The weights are the same; the last stages are dilated instead of made coarser.
    """
    return architecture.partition("@")[0]


def create(architecture: str, classes: int, side: int, drop_path: float = 0.0) -> Any:
    """The network for images (n, 3, side, side), random weights, on the CPU.

    A network of tokens gets a position embedding for that side. Drop path (stochastic depth) goes
    to the networks that have it. Raises UserError for a name that no package knows, and for a
    side that does not divide into a network's patches.
    """
    mend_torchvision()
    import timm

    if architecture == ALEXNET:
        return AlexNet(classes)
    if not known(architecture):
        raise UserError(
            sentence(
                "No network is called {architecture}. Use one of timm's names, "
                "for example efficientnet_b0.",
                architecture=architecture,
            )
        )
    name, _, stride = architecture.partition("@")
    sized = bool(timm.get_pretrained_cfg_value(name, "fixed_input_size"))
    tries: list[dict[str, Any]] = [{"output_stride": int(stride)}] if stride else [{}]
    if sized:  # such a network either takes any size at run time or has to be told it here
        tries = [{"img_size": side, "dynamic_img_size": True}, {"img_size": side}, {}]
    if drop_path > 0:
        tries = [{**one, "drop_path_rate": drop_path} for one in tries] + tries
    for options in tries:
        try:
            network = timm.create_model(name, pretrained=False, num_classes=classes, **options)
        except TypeError:  # an option that this network does not have
            continue
        break
    patch = getattr(getattr(network, "patch_embed", None), "patch_size", None)
    if patch and side % max(patch):
        raise UserError(
            sentence(
                "{architecture} reads patches of {patch} px, which do not divide {side} px. "
                "Choose a side that is a multiple of {patch}.",
                architecture=architecture,
                patch=max(patch),
                side=side,
            )
        )
    return network


def feature_map(network: Any, features: torch.Tensor) -> torch.Tensor:
    """What `forward_features` gave, as a map (n, C, h, w); prefix tokens are left out.

    Raises ValueError where it is neither a map nor a square of tokens.
    """
    if features.ndim == 4:
        last = getattr(network, "output_fmt", "NCHW") == "NHWC"
        return features.permute(0, 3, 1, 2) if last else features
    if features.ndim != 3:
        raise ValueError(f"features {tuple(features.shape)} are no map")
    tokens = features[:, int(getattr(network, "num_prefix_tokens", 0)) :]
    rows = round(int(tokens.shape[1]) ** 0.5)
    if rows * rows != int(tokens.shape[1]):
        raise ValueError(f"{int(tokens.shape[1])} tokens are no square")
    return tokens.transpose(1, 2).reshape(tokens.shape[0], tokens.shape[2], rows, rows)


class AlexNet(nn.Module):  # type: ignore[misc]
    """AlexNet (Krizhevsky, 2014) with the tensor names of torchvision's and timm's methods.

    Its six by six pooling is written as two products, so that any side can be exported.
    """

    num_features = 256
    head_hidden_size = 4096
    pretrained_cfg: Final = {"mean": (0.485, 0.456, 0.406), "std": (0.229, 0.224, 0.225)}

    def __init__(self, classes: int, dropout: float = 0.5) -> None:
        super().__init__()
        self.features = nn.Sequential(
            nn.Conv2d(3, 64, 11, stride=4, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(64, 192, 5, padding=2),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
            nn.Conv2d(192, 384, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(384, 256, 3, padding=1),
            nn.ReLU(),
            nn.Conv2d(256, 256, 3, padding=1),
            nn.ReLU(),
            nn.MaxPool2d(3, stride=2),
        )
        self.classifier = nn.Sequential(
            nn.Dropout(dropout),
            nn.Linear(256 * 36, 4096),
            nn.ReLU(),
            nn.Dropout(dropout),
            nn.Linear(4096, 4096),
            nn.ReLU(),
            nn.Linear(4096, classes),
        )

    def forward_features(self, images: torch.Tensor) -> torch.Tensor:
        features: torch.Tensor = self.features(images)
        return features

    def forward_head(self, features: torch.Tensor) -> torch.Tensor:
        scores: torch.Tensor = self.classifier(_six_by_six(features).flatten(1))
        return scores

    def forward(self, images: torch.Tensor) -> torch.Tensor:
        return self.forward_head(self.forward_features(images))

    def get_classifier(self) -> nn.Module:
        return self.classifier[-1]

    def reset_classifier(self, classes: int) -> None:
        self.classifier[-1] = nn.Linear(4096, classes)


def _six_by_six(features: torch.Tensor) -> torch.Tensor:
    """Adaptive average pooling to 6 × 6, as torch.nn.AdaptiveAvgPool2d gives it."""
    down, across = (_bins(int(size), features) for size in features.shape[2:])
    return down @ features @ across.T


def _bins(size: int, like: torch.Tensor) -> torch.Tensor:
    rows = torch.zeros(6, size, dtype=like.dtype, device=like.device)
    for place in range(6):
        first, last = place * size // 6, -(-(place + 1) * size // 6)
        rows[place, first:last] = 1 / (last - first)
    return rows
