"""From a trained network to the files of a bundle: ONNX, safetensors and the last layer."""

from __future__ import annotations

import tempfile
import warnings
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch
from torch import nn

from stentviewer.learning.transfer import body_features

_OPSET: Final = 17
# Smaller tensors (biases, the last layer) stay single precision: they cost nothing.
_HALVED_FROM: Final = 8192


class _Reading(nn.Module):  # type: ignore[misc]
    """Scores and last activation in one pass."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        network = self.network
        activation = network.bn2(network.conv_head(body_features(network, image)))
        return network.classifier(activation.mean((2, 3))), activation


class _Body(nn.Module):  # type: ignore[misc]
    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return body_features(self.network, image)


def export_body(network: Any, side: int, path: Path) -> None:
    """ONNX of everything before the last convolution: "image" to "features"."""
    _export(_Body(network), side, path, ["features"])


def export_reading(network: Any, side: int, path: Path) -> None:
    """ONNX of the whole network, "image" to "scores" and "activation", large weights halved.

    Normalisation stays a step of its own: folded into the halved weights, it would make them
    others than the safetensors', and a heat map differ from the network's own by up to 0.007.
    A runtime folds it when it loads the file.
    """
    import onnx

    _export(_Reading(network), side, path, ["scores", "activation"], fold=False)
    model = onnx.load(str(path))
    _halve(model)
    onnx.checker.check_model(model)
    onnx.save(model, str(path))


def _export(
    module: nn.Module, side: int, path: Path, outputs: list[str], *, fold: bool = True
) -> None:
    """Trace, with normalisation folded in or not, and fold what a fixed input makes constant."""
    import onnxruntime

    with tempfile.TemporaryDirectory() as folder, warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the tracer's notes on shapes, which are fixed here
        traced = Path(folder) / "traced.onnx"
        torch.onnx.export(
            module.eval(),
            (torch.zeros(1, 3, side, side),),
            str(traced),
            input_names=["image"],
            output_names=outputs,
            opset_version=_OPSET,
            dynamo=False,
            training=torch.onnx.TrainingMode.EVAL if fold else torch.onnx.TrainingMode.PRESERVE,
        )
        options = onnxruntime.SessionOptions()
        options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_BASIC
        options.optimized_model_filepath = str(path)
        options.log_severity_level = 3
        onnxruntime.InferenceSession(
            str(traced),
            options,
            providers=["CPUExecutionProvider"],
            disabled_optimizers=[] if fold else ["ConvBNFusion"],
        )


def _halve(model: Any) -> None:
    """Store large single-precision weights as half precision, each widened by one Cast.

    A runtime folds the Cast when it loads the file, so nothing is lost in speed.
    """
    from onnx import TensorProto, helper, numpy_helper

    casts, kept = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < _HALVED_FROM:
            kept.append(tensor)
            continue
        stored = numpy_helper.from_array(values.astype(np.float16), tensor.name + "_half")
        kept.append(stored)
        casts.append(helper.make_node("Cast", [stored.name], [tensor.name], to=TensorProto.FLOAT))
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(casts + nodes)


def run_onnx(path: Path, images: Any, threads: int) -> Any:
    """Yield the outputs of an ONNX file for each image (1, 3, side, side) in turn."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    for image in images:
        yield session.run(None, {"image": image})


def save_tensors(network: Any, weights: Path, head: Path) -> None:
    """safetensors of the whole network (large tensors halved) and of the last layer (single)."""
    from safetensors.torch import save_file

    state = {}
    for key, value in network.state_dict().items():
        large = value.dtype == torch.float32 and value.numel() >= _HALVED_FROM
        state[key] = (value.half() if large else value).contiguous().clone()
    save_file(state, str(weights), metadata={"format": "pt"})
    linear = network.classifier
    save_file(
        {
            "weight": linear.weight.detach().float().contiguous().clone(),
            "bias": linear.bias.detach().float().contiguous().clone(),
        },
        str(head),
    )
