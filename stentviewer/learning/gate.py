"""Aims a network's last convolution at the stent, without training it.

The last 1×1 convolution of a trained network keeps what its own classes needed; what tells a new
design apart is mostly gone after it, and what is left drowns in the mean over the whole image. Each
new channel here is one channel of the convolution's input, plus m times how much a place looks like
those where the start model saw its evidence, less a margin: away from a stent the sum is far below
zero and the activation closes, on the stent it passes. Global average pooling then sees the stent
alone, in a network of the same architecture.

The gate is fitted from the start model's own evidence on training images, or, of stents that a
finder has cut out, from where they lie. It never sees a label.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.types import FloatArray

STRENGTHS: Final = (0.6, 1.0, 2.0)  # m
_MIDDLE: Final = 3.0  # of a channel on the stent: half of ReLU6's range
_ON_STENT: Final = 1 / 85  # share of an image's places with the strongest evidence
_COVERED: Final = 0.5  # of a place, from which on it is one of the stent
_AWAY: Final = 0.2  # share with evidence that are not taken for background
_BACKGROUND: Final = 2  # places of background for one of the stent
_ACTIVATION: Final = "activation"
_OPERATIONS: Final = {"Clip", "Relu", "Sigmoid", "Mul", "HardSwish", "HardSigmoid"}


@dataclass(frozen=True, eq=False)
class LastConvolution:
    """Where a network's last convolution stands in its ONNX graph.

    features is its input's name, (1, K, h, w); weight (C, K, 1, 1); norm holds scale, bias, mean
    and variance (C,) of the normalisation after it, None where there is none.
    """

    model: Any
    convolution: Any
    normalisation: Any
    features: str
    weight: FloatArray
    norm: tuple[FloatArray, FloatArray, FloatArray, FloatArray]

    @property
    def channels(self) -> int:
        return int(self.weight.shape[0])


def last_convolution(network: bytes) -> LastConvolution | None:
    """The 1×1 convolution with normalisation whose activation is pooled; None for other ends."""
    import onnx

    model = onnx.load_from_string(network)
    made_by = {name: node for node in model.graph.node for name in node.output}
    node = made_by.get(_ACTIVATION)
    while node is not None and node.op_type in _OPERATIONS:
        node = made_by.get(node.input[0])
    if node is None or node.op_type != "BatchNormalization":
        return None
    convolution = made_by.get(node.input[0])
    if convolution is None or convolution.op_type != "Conv" or len(convolution.input) != 2:
        return None
    weight = _value(model, made_by, convolution.input[1])
    norm = [_value(model, made_by, name) for name in node.input[1:5]]
    if weight is None or weight.ndim != 4 or weight.shape[2:] != (1, 1):
        return None
    if any(one is None for one in norm):
        return None
    if any(one.name == "group" and one.i != 1 for one in convolution.attribute):
        return None
    scale, bias, mean, variance = norm
    return LastConvolution(
        model, convolution, node, convolution.input[0], weight, (scale, bias, mean, variance)
    )


def _value(model: Any, made_by: dict[str, Any], name: str) -> Any:
    """A constant of the graph, single precision, through a cast from half where there is one."""
    from onnx import numpy_helper

    node = made_by.get(name)
    if node is not None and node.op_type == "Cast":
        name = node.input[0]
    for tensor in model.graph.initializer:
        if tensor.name == name:
            return np.asarray(numpy_helper.to_array(tensor), np.float32)
    return None


@dataclass(frozen=True, eq=False)
class Gate:
    """direction (K,) and offset: how much a place looks like a stent, in deviations of the
    background; margin: what places on stents have of it. mean and deviation (K,) of the features
    on stents."""

    direction: NDArray[np.float64]
    offset: float
    margin: float
    mean: NDArray[np.float64]
    deviation: NDArray[np.float64]

    @property
    def width(self) -> int:
        """Channels that one strength takes: each feature, and the gate itself."""
        return len(self.mean) + 1

    def rows(self, strength: float) -> tuple[FloatArray, FloatArray]:
        """weight (K + 1, K) and bias (K + 1,) of the channels for one strength."""
        count = len(self.mean)
        weight = np.zeros((count + 1, count))
        weight[:count] = np.diag(1 / self.deviation)
        weight += strength * self.direction
        bias = np.full(count + 1, _MIDDLE + strength * (self.offset - self.margin))
        bias[:count] -= self.mean / self.deviation
        return weight.astype(np.float32), bias.astype(np.float32)


def fit_gate(
    features: list[FloatArray], evidence: list[FloatArray], seed: int, *, covered: bool = False
) -> Gate | None:
    """The gate of some images' features (K, h, w) and evidence (h, w).

    Evidence is how far the start model's classes differ in their opinion of a place; with covered
    the share of the place that the stent covers, where a finder has told. None where stents and
    background cannot be told apart by it.
    """
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    rng = np.random.default_rng([seed, 3])
    on, away = [], []
    for map_, strength in zip(features, evidence, strict=True):
        places = map_.reshape(len(map_), -1).T.astype(np.float64)
        here, rest = _told(strength.ravel(), covered)
        count = min(_BACKGROUND * len(here), len(rest))
        on.append(places[here])
        away.append(places[rng.choice(rest, count, replace=False)] if count else places[:0])
    stent, background = np.concatenate(on), np.concatenate(away)
    if not len(stent) or not len(background):
        return None
    truth = np.r_[np.ones(len(stent)), np.zeros(len(background))]
    fitted = LinearDiscriminantAnalysis(solver="lsqr", shrinkage="auto")
    direction = fitted.fit(np.concatenate([stent, background]), truth).coef_[0]
    far = background @ direction
    spread = float(far.std())
    if not np.isfinite(direction).all() or spread < 1e-9:
        return None
    direction, offset = direction / spread, -float(far.mean()) / spread
    margin = float((stent @ direction).mean() + offset)
    deviation = stent.std(0)
    deviation = np.maximum(deviation, 1e-3 * max(float(deviation.max()), 1e-6))
    return Gate(direction, offset, margin, stent.mean(0), deviation) if margin > 2 else None


def _told(strength: FloatArray, covered: bool) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Which places are on the stent, and which are certainly not."""
    if covered:
        return np.flatnonzero(strength >= _COVERED), np.flatnonzero(strength <= 0)
    order = np.argsort(-strength, kind="stable")
    count = max(1, round(_ON_STENT * len(order)))
    return order[:count], order[max(count, round(_AWAY * len(order))) :]


@dataclass(frozen=True, eq=False)
class Aimed:
    """A last convolution in place of another: weight (C, K, 1, 1), bias (C,) of what follows.

    Channels that no gate takes are closed.
    """

    weight: FloatArray
    bias: FloatArray

    @classmethod
    def of(cls, gate: Gate, strengths: tuple[float, ...], channels: int) -> Aimed:
        """The channels of these strengths one after another, in a convolution of C channels."""
        weight = np.zeros((channels, len(gate.mean), 1, 1), np.float32)
        bias = np.zeros(channels, np.float32)
        for k, strength in enumerate(strengths):
            rows = slice(k * gate.width, (k + 1) * gate.width)
            weight[rows, :, 0, 0], bias[rows] = gate.rows(strength)
        return cls(weight, bias)

    def norm(self, epsilon: float) -> tuple[FloatArray, FloatArray, FloatArray, FloatArray]:
        """Scale, bias, mean and variance of a normalisation that only adds the bias."""
        ones, zeros = np.ones_like(self.bias), np.zeros_like(self.bias)
        return ones * np.float32(np.sqrt(1 + epsilon)), self.bias, zeros, ones


def aimed_network(at: LastConvolution, aimed: Aimed) -> bytes:
    """The ONNX network with this last convolution; everything before it stays the same."""
    from onnx import numpy_helper

    model = type(at.model)()
    model.CopyFrom(at.model)
    names = {at.convolution.input[1]: "aimed.weight"}
    parts = ("aimed.scale", "aimed.bias", "aimed.mean", "aimed.variance")
    names |= dict(zip(at.normalisation.input[1:5], parts, strict=True))
    values = dict(zip(parts, aimed.norm(epsilon_of(at)), strict=True))
    values["aimed.weight"] = aimed.weight
    for node in model.graph.node:
        if node.output[0] in (at.convolution.output[0], at.normalisation.output[0]):
            for place, name in enumerate(node.input):
                node.input[place] = names.get(name, name)
    model.graph.initializer.extend(
        numpy_helper.from_array(value, name) for name, value in values.items()
    )
    return bytes(model.SerializeToString())


def epsilon_of(at: LastConvolution) -> float:
    """What the normalisation adds to the variance."""
    found = [one.f for one in at.normalisation.attribute if one.name == "epsilon"]
    return float(found[0]) if found else 1e-5
