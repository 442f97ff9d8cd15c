"""A network's last layer on its own: kept, applied, and put into a model in place of another."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.core.types import FloatArray
from stentviewer.inference.bundle import HEAD, ONNX, SAFETENSORS

if TYPE_CHECKING:
    from stentviewer.inference.bundle import Bundle

_INPUT, _SCORES, _ACTIVATION = "image", "scores", "activation"
_OPSET_OF_AXES: Final = 18  # from here on ReduceMean takes its axes as an input


@dataclass(frozen=True, eq=False)
class Head:
    """weight (classes, C) and bias (classes,), float32: scores of pooled features (n, C)."""

    weight: FloatArray
    bias: FloatArray

    def scores(self, features: FloatArray) -> FloatArray:
        """(n, classes), before softmax."""
        return np.asarray(features @ self.weight.T + self.bias, np.float32)

    def save(self, path: Path) -> None:
        partial = path.with_name(f"{path.stem}.partial.npz")
        np.savez(partial, weight=self.weight, bias=self.bias)
        partial.replace(path)

    @classmethod
    def load(cls, path: Path) -> Head | None:
        """What `save` wrote; None where there is none or it was cut off."""
        try:
            with np.load(path, allow_pickle=False) as data:
                return cls(data["weight"], data["bias"])
        except (OSError, ValueError, KeyError, EOFError):
            return None


def bundle_with_head(bundle: Bundle, head: Head, files: Mapping[str, Path]) -> None:
    """Write a model's ONNX, safetensors and last layer with `head` in the place of its own.

    files names where (keys ONNX, SAFETENSORS, HEAD). Everything before the last layer stays the
    same, to the last bit. Raises KnownError where the model's last layer cannot be told.
    """
    from safetensors.numpy import load, save_file

    weight, bias = np.ascontiguousarray(head.weight), np.ascontiguousarray(head.bias)
    save_file({"weight": weight, "bias": bias}, str(files[HEAD]))
    tensors = load(bundle.read(SAFETENSORS))
    old_weight, old_bias = bundle.head()
    tensors[_name_of(tensors, old_weight, bundle)] = weight
    tensors[_name_of(tensors, old_bias, bundle)] = bias
    save_file(tensors, str(files[SAFETENSORS]), metadata={"format": "pt"})
    files[ONNX].write_bytes(onnx_with_head(bundle.read(ONNX), head))


def _name_of(tensors: Mapping[str, Any], value: FloatArray, bundle: Bundle) -> str:
    """The tensor that is the last layer's: the last of its shape with its values."""
    for name in reversed(list(tensors)):
        stored = tensors[name]
        if stored.shape == value.shape and np.allclose(stored, value, rtol=2e-3, atol=1e-4):
            return name
    raise KnownError(
        sentence(
            "The last layer of {model} is not found in its {file}, so it cannot be learned anew. "
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
    opset = next(one.version for one in model.opset_import if one.domain in ("", "ai.onnx"))
    mean = {"keepdims": 0} if opset >= _OPSET_OF_AXES else {"keepdims": 0, "axes": [2, 3]}
    axes = ["head.axes"] if opset >= _OPSET_OF_AXES else []
    nodes.append(helper.make_node("ReduceMean", [_ACTIVATION, *axes], ["head.pooled"], **mean))
    layer = ["head.pooled", "head.weight", "head.bias"]
    nodes.append(helper.make_node("Gemm", layer, [_SCORES], transB=1))
    read = {name for node in nodes for name in node.input}
    kept = [tensor for tensor in graph.initializer if tensor.name in read]
    kept.append(numpy_helper.from_array(head.weight.astype(np.float32), "head.weight"))
    kept.append(numpy_helper.from_array(head.bias.astype(np.float32), "head.bias"))
    if axes:
        kept.append(numpy_helper.from_array(np.array([2, 3], np.int64), axes[0]))
    activation = next(output for output in graph.output if output.name == _ACTIVATION)
    scores = helper.make_tensor_value_info(_SCORES, TensorProto.FLOAT, [1, len(head.bias)])
    made = helper.make_graph(nodes, graph.name, list(graph.input), [scores, activation], kept)
    del model.graph.node[:], model.graph.initializer[:], model.graph.output[:]
    model.graph.CopyFrom(made)
    onnx.checker.check_model(model)
    return bytes(model.SerializeToString())


def _needed(nodes: Any, wanted: set[str]) -> list[Any]:
    """The nodes that something wanted is made of, in their order."""
    kept = []
    for node in reversed(list(nodes)):
        if wanted & set(node.output):
            kept.append(node)
            wanted |= set(node.input)
    return kept[::-1]
