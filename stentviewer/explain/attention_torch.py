"""Attention maps of timm's ViT and DeiT, from one forward pass.

The blocks use fused attention, which never shows its matrix; so only each block's input is kept
(tokens × width), and its queries and keys are made again, one layer at a time, when asked for.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.explain.attention import Layer, class_token_attention, rollout, token_map


@dataclass(frozen=True, slots=True)
class AttentionMaps:
    """Scores (classes,), and both maps over the grid of patches (h, w) in 0…1, maximum 1."""

    scores: FloatArray
    class_token: FloatArray
    rollout: FloatArray


def attention_maps(network: Any, tensor: FloatArray) -> AttentionMaps:
    """Run a timm ViT or DeiT on a tensor (1, 3, side, side) and say where it looked.

    Raises KnownError where the network has no class token or no plain attention blocks.
    """
    import torch

    must_have_class_token(network)
    inputs: list[Any] = []
    hooks = [
        _attention_of(block).register_forward_pre_hook(lambda _, args: inputs.append(args[0]))
        for block in network.blocks
    ]
    place = next(network.parameters()).device
    try:
        with torch.inference_mode():
            image = torch.from_numpy(np.ascontiguousarray(tensor, np.float32)).to(place)
            scores = network(image)[0].float().cpu().numpy()
    finally:
        for hook in hooks:
            hook.remove()
    patch = network.patch_embed.patch_size
    grid = (tensor.shape[2] // patch[0], tensor.shape[3] // patch[1])
    last = next(_layers_from_last(network, inputs))
    return AttentionMaps(
        scores,
        token_map(class_token_attention(last), grid),
        token_map(rollout(_layers_from_last(network, inputs)), grid),
    )


def must_have_class_token(network: Any) -> None:
    """Raises KnownError where the network has no class token or no plain attention blocks."""
    blocks = getattr(network, "blocks", None)
    plain = blocks is not None and all(hasattr(_attention_of(block), "qkv") for block in blocks)
    if not plain or getattr(network, "cls_token", None) is None:
        raise KnownError(
            sentence("This network has no class token whose attention could be shown.")
        )


def _attention_of(block: Any) -> Any:
    return getattr(block, "attn", None)


def _layers_from_last(network: Any, inputs: list[Any]) -> Iterator[Layer]:
    import torch

    for block, value in zip(reversed(network.blocks), reversed(inputs), strict=True):
        attention = block.attn
        with torch.inference_mode():
            count, tokens = value.shape[:2]
            parts = attention.qkv(value).reshape(count, tokens, 3, attention.num_heads, -1)
            queries, keys, _ = parts[0].permute(1, 2, 0, 3)
            queries, keys = attention.q_norm(queries), attention.k_norm(keys)
        yield Layer(queries.float().cpu().numpy(), keys.float().cpu().numpy())
