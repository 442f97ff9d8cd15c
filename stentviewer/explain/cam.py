"""Grad-CAM without a gradient, for networks that end in average pooling and one linear layer.

There the gradient of a class's score with respect to the last activation is that class's weight
row, the same at every place, up to the constant 1 / (h·w). Grad-CAM (Selvaraju et al., 2017,
equations 1 and 2) is then CAM (Zhou et al., 2016): the weight row times the activation.
"""

from __future__ import annotations

from typing import Final

import numpy as np

from stentviewer.core.types import FloatArray

GRAD_CAM: Final = "Grad-CAM"
GRAD_CAM_PP: Final = "Grad-CAM++"
_EPS: Final = 1e-6  # what the package grad-cam adds to the denominator of equation 19


def class_map(activation: FloatArray, weight_row: FloatArray) -> FloatArray:
    """Where the activation (C, h, w) speaks for the class of a weight row (C,): (h, w) in 0…1.

    What speaks against the class is cut off (ReLU), then the range is stretched to 0…1. A map
    that is the same everywhere points nowhere and becomes zero. Raises ValueError where the row
    does not fit the activation.
    """
    if activation.ndim != 3 or weight_row.shape != activation.shape[:1]:
        raise ValueError(f"{weight_row.shape} does not weigh an activation {activation.shape}")
    channels, rows, columns = activation.shape
    values = weight_row.astype(np.float32) @ activation.reshape(channels, rows * columns)
    return stretched(np.maximum(values, 0).reshape(rows, columns))


def class_map_plus_plus(activation: FloatArray, weight_row: FloatArray) -> FloatArray:
    """Grad-CAM++ (Chattopadhay et al., 2018, equations 7 and 19) of such a network: (h, w) in 0…1.

    The gradient of the class's score is g = weight / (h·w) at every place of a channel, so alpha
    is g² / (2 g² + S g³ + 1e-6), S the channel's sum, and the channel weighs h·w · alpha · relu(g).
    The 1e-6 is the package grad-cam's; for the small gradients of a pooled layer it outweighs the
    rest, and without it the map would be another than the one everybody knows by this name. Raises
    ValueError where the row does not fit the activation.
    """
    if activation.ndim != 3 or weight_row.shape != activation.shape[:1]:
        raise ValueError(f"{weight_row.shape} does not weigh an activation {activation.shape}")
    channels, rows, columns = activation.shape
    flat = activation.reshape(channels, rows * columns)
    gradient = weight_row.astype(np.float64) / (rows * columns)
    sums = flat.sum(axis=1, dtype=np.float64)
    alpha = gradient**2 / (2 * gradient**2 + sums * gradient**3 + _EPS)
    weights = np.maximum(gradient, 0) * alpha
    largest = weights.max()
    if largest > 0:  # float32 has no room for the cubes of small gradients
        weights = weights / largest
    values = weights.astype(np.float32) @ flat
    return stretched(np.maximum(values, 0).reshape(rows, columns))


def stretched(values: FloatArray) -> FloatArray:
    """The range of the values stretched to 0…1, as grad-cam does; all equal becomes zero."""
    low, high = values.min(), values.max()
    if not high > low:
        return np.zeros(values.shape, np.float32)
    scaled: FloatArray = ((values - low) / (high - low)).astype(np.float32)
    return scaled
