"""Low-rank updates of a transformer's attention (LoRA; Hu et al., 2022)."""

from __future__ import annotations

from typing import Any, Final

import torch
from torch import nn

_WHERE: Final = ("qkv", "proj")


class LowRank(nn.Linear):  # type: ignore[misc]
    """A linear layer W that is held, with an update B·A that is learned.

    A (rank, in) begins random and B (out, rank) zero, so that the network begins as it was. The
    update counts once (alpha = rank).
    """

    def __init__(self, layer: nn.Linear, rank: int) -> None:
        super().__init__(
            layer.in_features, layer.out_features, layer.bias is not None, device="meta"
        )
        self.weight, self.bias = layer.weight, layer.bias
        self.lora_down = nn.Parameter(torch.empty(rank, layer.in_features))
        self.lora_up = nn.Parameter(torch.zeros(layer.out_features, rank))
        nn.init.kaiming_uniform_(self.lora_down, a=5**0.5)

    def forward(self, values: torch.Tensor) -> torch.Tensor:
        update = (values @ self.lora_down.T) @ self.lora_up.T
        out: torch.Tensor = super().forward(values) + update
        return out

    def merged(self) -> nn.Linear:
        """A plain layer with the update in its weights."""
        plain = nn.Linear(self.in_features, self.out_features, self.bias is not None, device="meta")
        weight = self.weight.detach() + self.lora_up.detach() @ self.lora_down.detach()
        plain.weight = nn.Parameter(weight)
        plain.bias = self.bias
        return plain


def can_take(network: Any) -> bool:
    """Whether the network has attention whose layers can be updated."""
    return bool(_places(network))


def add(network: Any, rank: int) -> None:
    """Give every attention's qkv and proj a low-rank update; only they and the last layer learn."""
    for parameter in network.parameters():
        parameter.requires_grad = False
    for parent, name in _places(network):
        setattr(parent, name, LowRank(getattr(parent, name), rank))
    for parameter in network.get_classifier().parameters():
        parameter.requires_grad = True


def merge(network: Any) -> None:
    """Make every updated layer a plain one again, in place; other networks stay as they are."""
    for parent in list(network.modules()):
        for name, child in list(parent.named_children()):
            if isinstance(child, LowRank):
                setattr(parent, name, child.merged())


def _places(network: Any) -> list[tuple[Any, str]]:
    return [
        (parent, name)
        for parent in network.modules()
        for name in _WHERE
        if isinstance(getattr(parent, "qkv", None), nn.Linear)
        and isinstance(getattr(parent, name, None), nn.Linear)
    ]
