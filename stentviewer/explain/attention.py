"""Where a vision transformer looks: the class token's attention, and attention rollout.

At 1024 pixels and patches of 16 there are 4,097 tokens; one layer's attention matrix is 67 MB and
a head's as much again. Neither map needs them whole: the class token's is one row, and rollout is
a row vector times the layers' matrices, each made in blocks of rows and forgotten.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np

from stentviewer.core.types import FloatArray

BLOCK = 256  # rows of an attention matrix that are held at a time


@dataclass(frozen=True, slots=True)
class Layer:
    """One layer's queries and keys, both (heads, tokens, d) float32; token 0 is the class token."""

    queries: FloatArray
    keys: FloatArray


def class_token_attention(layer: Layer) -> FloatArray:
    """How much the class token attends to every token, mean over the heads: (tokens,), sum 1."""
    row: FloatArray = _attention(layer, slice(0, 1)).mean(axis=0)[0]
    return row


def rollout(layers_from_last: Iterable[Layer], block: int = BLOCK) -> FloatArray:
    """Attention rollout's row of the class token, (tokens,), sum 1 (Abnar & Zuidema, 2020).

    Each layer's matrix is ½ (mean of its heads) + ½ identity, the identity for the residual
    branch; the row of their product is made from the last layer to the first, so that no product
    of matrices is ever formed. The layers may be made one at a time as they are asked for. Raises
    ValueError where there is none.
    """
    row: FloatArray | None = None
    for layer in layers_from_last:
        tokens = layer.queries.shape[1]
        if row is None:
            row = np.zeros(tokens, np.float32)
            row[0] = 1
        row = 0.5 * row + 0.5 * _row_times_attention(row, layer, block)
    if row is None:
        raise ValueError("rollout needs at least one layer")
    return row


def token_map(row: FloatArray, grid: tuple[int, int]) -> FloatArray:
    """The patches' part of a row (tokens,) as a map of the grid (h, w), its maximum 1.

    The tokens before the patches (class, distillation, registers) are left out.
    """
    values = row[row.size - grid[0] * grid[1] :].reshape(grid)
    scaled: FloatArray = (values / max(values.max(), np.finfo(np.float32).tiny)).astype(np.float32)
    return scaled


def _row_times_attention(row: FloatArray, layer: Layer, block: int) -> FloatArray:
    heads = layer.queries.shape[0]
    product: FloatArray = np.zeros(row.shape, np.float32)
    for start in range(0, row.size, block):
        rows = slice(start, start + block)
        if not row[rows].any():  # the last layer: only the class token's row counts
            continue
        for head in range(heads):
            one = Layer(layer.queries[head : head + 1], layer.keys[head : head + 1])
            product += row[rows] @ _attention(one, rows)[0]
    product /= heads
    return product


def _attention(layer: Layer, rows: slice) -> FloatArray:
    """softmax(q kᵀ / √d) of some rows: (heads, rows, tokens)."""
    scale = np.float32(layer.queries.shape[-1] ** -0.5)
    scores: FloatArray = np.matmul(layer.queries[:, rows], layer.keys.transpose(0, 2, 1))
    scores *= scale
    scores -= scores.max(axis=-1, keepdims=True)
    np.exp(scores, out=scores)
    scores /= scores.sum(axis=-1, keepdims=True)
    return scores
