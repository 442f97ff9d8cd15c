"""A network's last layer on its own: kept, applied, and put into a model in place of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import HEAD, ONNX, SAFETENSORS
from stentviewer.learning.gate import (
    Aimed,
    Gate,
    LastConvolution,
    aimed_network,
    epsilon_of,
    last_convolution,
)

if TYPE_CHECKING:
    from stentviewer.inference.bundle import Bundle

_INPUT, _SCORES, _ACTIVATION = "image", "scores", "activation"
_OPSET_OF_AXES: Final = 18  # from here on ReduceMean takes its axes as an input


@dataclass(frozen=True, eq=False)
class Head:
    """weight (classes, C) and bias (classes,), float32: scores of pooled features (n, C).

    strength: how strongly the convolution before it is aimed (learning.gate), 0 for not at all.
    """

    weight: FloatArray
    bias: FloatArray
    strength: float = 0.0

    def scores(self, features: FloatArray) -> FloatArray:
        """(n, classes), before softmax."""
        return np.asarray(features @ self.weight.T + self.bias, np.float32)

    def save(self, path: Path) -> None:
        partial = path.with_name(f"{path.stem}.partial.npz")
        np.savez(partial, weight=self.weight, bias=self.bias, strength=self.strength)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Head | None:
        """What `save` wrote; None where there is none or it was cut off."""
        try:
            with np.load(path, allow_pickle=False) as data:
                return cls(data["weight"], data["bias"], float(data["strength"]))
        except (OSError, ValueError, KeyError, EOFError):
            return None


def bundle_with_head(
    bundle: Bundle, head: Head, gate: Gate | None, files: Mapping[str, Path]
) -> None:
    """Write a model's ONNX, safetensors and last layer with `head` in the place of its own.

    files names where (keys ONNX, SAFETENSORS, HEAD). Where the head asks for it, the last
    convolution is aimed by `gate`; all before it stays the same, to the last bit. Raises
    KnownError where the model's last layers cannot be told in its safetensors.
    """
    from safetensors.numpy import load, save_file

    network = bundle.read(ONNX)
    tensors = load(bundle.read(SAFETENSORS))
    weight, bias = np.ascontiguousarray(head.weight), np.ascontiguousarray(head.bias)
    old_weight, old_bias = bundle.head()
    places = [_name_of(tensors, value, bundle) for value in (old_weight, old_bias)]
    if head.strength:
        at = last_convolution(network)
        assert at is not None
        assert gate is not None
        aimed = Aimed.of(gate, (head.strength,), at.channels)
        network = aimed_network(at, aimed)
        for name, value in _convolution(tensors, at, aimed, bundle).items():
            tensors[name] = value
        wide = np.zeros((len(bias), at.channels), np.float32)
        wide[:, : weight.shape[1]] = weight
        weight = wide
    tensors[places[0]], tensors[places[1]] = weight, bias
    save_file({"weight": weight, "bias": bias}, str(files[HEAD]))
    save_file(tensors, str(files[SAFETENSORS]), metadata={"format": "pt"})
    files[ONNX].write_bytes(onnx_with_head(network, Head(weight, bias)))


def _convolution(
    tensors: Mapping[str, Any], at: LastConvolution, aimed: Aimed, bundle: Bundle
) -> dict[str, Any]:
    """The aimed convolution and its normalisation by the names they have among the tensors."""
    old = (at.weight, *at.norm)
    new = (aimed.weight, *aimed.norm(epsilon_of(at)))
    found: dict[str, Any] = {}
    for before, after in zip(old, new, strict=True):
        rest = {name: value for name, value in tensors.items() if name not in found}
        found[_name_of(rest, before, bundle)] = after
    return found


def _name_of(tensors: Mapping[str, Any], value: FloatArray, bundle: Bundle) -> str:
    """The tensor that is the last layer's: the last of its shape with its values."""
    for name in reversed(list(tensors)):
        stored = tensors[name]
        if stored.shape == value.shape and np.allclose(stored, value, rtol=2e-3, atol=1e-4):
            return name
    raise KnownError(
        sentence(
            "The last layers of {model} are not found in its {file}, so they cannot be made anew. "
            "Choose Tuned or Full, or another start model.",
            model=bundle.manifest.id,
            file=SAFETENSORS,
        )
    )


def onnx_with_head(network: bytes, head: Head) -> bytes:
    """An ONNX network with outputs "scores" and "activation" and another last layer.

    What made the old scores out of the activation goes; its mean over the image and `head` come.
    """
    import onnx
    from onnx import TensorProto, helper, numpy_helper

    model = onnx.load_from_string(network)
    graph = model.graph
    for name in (_SCORES, _ACTIVATION):
        if name not in {output.name for output in graph.output}:
            raise KnownError(
                sentence("The start model's network has no output “{name}”.", name=name)
            )
    nodes = _needed(graph.node, {_ACTIVATION})
    pool, axes = mean_over_image(model, _ACTIVATION, "head.pooled")
    nodes.append(pool)
    layer = ["head.pooled", "head.weight", "head.bias"]
    nodes.append(helper.make_node("Gemm", layer, [_SCORES], transB=1))
    read = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in read]
    kept.append(numpy_helper.from_array(head.weight.astype(np.float32), "head.weight"))
    kept.append(numpy_helper.from_array(head.bias.astype(np.float32), "head.bias"))
    if axes is not None:
        kept.append(numpy_helper.from_array(axes[1], axes[0]))
    activation = next(output for output in graph.output if output.name == _ACTIVATION)
    scores = helper.make_tensor_value_info(_SCORES, TensorProto.FLOAT, [1, len(head.bias)])
    made = helper.make_graph(nodes, graph.name, list(graph.input), [scores, activation], kept)
    del model.graph.node[:], model.graph.initializer[:], model.graph.output[:]
    model.graph.CopyFrom(made)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def mean_over_image(
    model: Any, of: str, named: str
) -> tuple[Any, tuple[str, NDArray[np.int64]] | None]:
    """A node that takes a map's mean over rows and columns, and the constant that it needs."""
    from onnx import helper

    opset = next(one.version for one in model.opset_import if one.domain in ("", "ai.onnx"))
    if opset < _OPSET_OF_AXES:
        return helper.make_node("ReduceMean", [of], [named], keepdims=0, axes=[2, 3]), None
    axes = (f"{named}.axes", np.array([2, 3], np.int64))
    return helper.make_node("ReduceMean", [of, axes[0]], [named], keepdims=0), axes


def _needed(nodes: Any, wanted: set[str]) -> list[Any]:
    """The nodes that something wanted is made of, in their order."""
    kept = []
    for node in reversed(list(nodes)):
        if wanted & set(node.output):
            kept.append(node)
            wanted |= set(node.input)
    return kept[::-1]
