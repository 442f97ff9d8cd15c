"""Attention in blocks equals the whole matrices."""

from __future__ import annotations

import tracemalloc

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.errors import KnownError
from stentviewer.explain.attention import Layer, class_token_attention, rollout, token_map


def layers(count: int, heads: int, tokens: int, depth: int = 8, seed: int = 0) -> list[Layer]:
    rng = np.random.default_rng(seed)
    shape = (heads, tokens, depth)
    return [
        Layer(*(rng.normal(size=shape).astype(np.float32) * 2 for _ in range(2)))
        for _ in range(count)
    ]


def whole(layer: Layer) -> np.ndarray:
    """All heads' attention matrices, straight from the definition, in double precision."""
    queries, keys = layer.queries.astype(float), layer.keys.astype(float)
    powers = np.exp(queries @ keys.transpose(0, 2, 1) / np.sqrt(queries.shape[-1]))
    return powers / powers.sum(axis=-1, keepdims=True)


def whole_rollout(first_to_last: list[np.ndarray]) -> np.ndarray:
    product = np.eye(first_to_last[0].shape[-1])
    for attention in first_to_last:
        product = (0.5 * attention.mean(axis=0) + 0.5 * np.eye(len(product))) @ product
    return product[0]


@given(st.integers(1, 4), st.integers(1, 4), st.integers(1, 40), st.integers(1, 50), st.integers())
def test_rollout_in_blocks_is_the_product_of_the_matrices(count, heads, tokens, block, seed):
    made = layers(count, heads, tokens, seed=seed % 2**32)
    row = rollout(reversed(made), block)
    assert row == pytest.approx(whole_rollout([whole(layer) for layer in made]), abs=1e-5)
    assert row.sum() == pytest.approx(1, abs=1e-4)


def test_class_token_attention_is_the_first_row():
    layer = layers(1, 3, 20)[0]
    row = class_token_attention(layer)
    assert row == pytest.approx(whole(layer).mean(axis=0)[0], abs=1e-6)


def test_rollout_never_holds_a_whole_matrix():
    tokens = 2000
    made = layers(3, 2, tokens)
    tracemalloc.start()
    rollout(reversed(made), 128)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < tokens * tokens * 4 / 2


def test_rollout_of_nothing_is_refused():
    with pytest.raises(ValueError, match="at least one layer"):
        rollout([])


def test_the_map_leaves_out_the_tokens_before_the_patches():
    row = np.array([9, 9, 1, 2, 3, 4, 0, 0], np.float32)
    assert token_map(row, (2, 3)) == pytest.approx(np.array([[0.25, 0.5, 0.75], [1, 0, 0]]))
    assert not token_map(np.array([1, 0, 0], np.float32), (1, 2)).any()


@pytest.mark.parametrize(
    ("architecture", "side"),
    [("deit_tiny_patch16_224", 224), ("deit_tiny_distilled_patch16_224", 64)],
)
def test_a_transformers_maps_equal_those_of_its_whole_matrices(architecture, side):
    pytest.importorskip("torch")
    made = transformer(architecture, side)
    image = np.random.default_rng(0).normal(size=(1, 3, side, side)).astype(np.float32)
    from stentviewer.explain.attention_torch import attention_maps

    maps = attention_maps(made, image)
    matrices, scores = shown_matrices(made, image)
    grid = (side // 16, side // 16)
    patches = grid[0] * grid[1]
    expected = whole_rollout(matrices)[-patches:].reshape(grid)
    assert maps.rollout == pytest.approx(expected / expected.max(), abs=1e-4)
    expected = matrices[-1].mean(axis=0)[0, -patches:].reshape(grid)
    assert maps.class_token == pytest.approx(expected / expected.max(), abs=1e-4)
    assert maps.class_token.std() > 0.01
    assert maps.scores == pytest.approx(scores, abs=1e-4)
    assert not any(block.attn._forward_pre_hooks for block in made.blocks)


def test_a_network_without_a_class_token_is_refused():
    pytest.importorskip("torch")
    from stentviewer.explain.attention_torch import attention_maps
    from tests.inference.networks import network

    with pytest.raises(KnownError, match="no class token"):
        attention_maps(network("resnet18"), np.zeros((1, 3, 64, 64), np.float32))


def transformer(architecture: str, side: int):
    """An untrained one, its queries and keys widened so that attention is not flat."""
    import torch

    from stentviewer.inference.runtimes.torch_mend import mend_torchvision

    mend_torchvision()
    import timm

    torch.manual_seed(0)
    made = timm.create_model(architecture, pretrained=False, img_size=side, num_classes=5).eval()
    with torch.no_grad():
        for block in made.blocks:
            block.attn.qkv.weight.mul_(5)
    return made


def shown_matrices(made, image: np.ndarray) -> tuple[list[np.ndarray], np.ndarray]:
    """timm's own matrices: its unfused attention drops out from them, which a hook sees."""
    import torch

    seen: list[np.ndarray] = []
    for block in made.blocks:
        block.attn.fused_attn = False
    hooks = [
        block.attn.attn_drop.register_forward_hook(
            lambda _, __, matrix: seen.append(matrix[0].double().numpy())
        )
        for block in made.blocks
    ]
    with torch.inference_mode():
        scores = made(torch.from_numpy(image))[0].numpy()
    for hook in hooks:
        hook.remove()
    return seen, scores
