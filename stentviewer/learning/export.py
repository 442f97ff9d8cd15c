"""From a trained network to the files of a bundle: ONNX, safetensors and the last layer.

Any network is exported with two outputs, its scores and its last map. Only where the scores are
one linear layer on the map's mean is that layer written as a file of its own: with it the map is
Grad-CAM's. Others (MobileNetV3 with its layers after pooling, transformers, AlexNet) have none.
"""

from __future__ import annotations

import copy
import tempfile
import warnings
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

import numpy as np
import torch
from torch import nn

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence
from stentviewer.inference.bundle import (
    HEAD,
    ONNX,
    SAFETENSORS,
    Bundle,
    LabelSpec,
    Manifest,
    write_bundle,
)
from stentviewer.inference.runtimes.architectures import feature_map
from stentviewer.learning import lora
from stentviewer.learning.network_parts import ends_in_pool_and_linear

if TYPE_CHECKING:
    from stentviewer.learning.networks import StartModel
    from stentviewer.learning.recipe import Recipe

_OPSET: Final = 17
# Smaller tensors (biases, the last layer) stay single precision: they cost nothing.
_HALVED_FROM: Final = 8192
_AGREE: Final = 2e-3  # of the largest score: onnxruntime and torch add up in another order


class _Reading(nn.Module):  # type: ignore[misc]
    """Scores and last activation in one pass."""

    def __init__(self, network: Any) -> None:
        super().__init__()
        self.network = network

    def forward(self, image: torch.Tensor) -> tuple[torch.Tensor, torch.Tensor]:
        features = self.network.forward_features(image)
        return self.network.forward_head(features), feature_map(self.network, features)


def export_network(network: Any, side: int, folder: Path) -> dict[str, Path]:
    """Write a network's ONNX, SAFETENSORS and, where it has one to itself, HEAD; names the files.

    The network stays as it is; low-rank updates are merged into plain weights. What was written
    is run once beside the network. Raises KnownError where the disk refuses or the file answers
    otherwise.
    """
    made = copy.deepcopy(network).cpu().float().eval()
    lora.merge(made)
    _round(made)
    files = {name: folder / name for name in (ONNX, SAFETENSORS)}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        _export_reading(made, side, files[ONNX])
        _save_weights(made, files[SAFETENSORS])
        if ends_in_pool_and_linear(made):
            files[HEAD] = folder / HEAD
            _save_head(made, files[HEAD])
    except OSError as error:
        raise KnownError(
            sentence(
                "The model could not be written to {folder}: {reason}.",
                folder=str(folder),
                reason=error.strerror or sentence("the disk refused"),
            )
        ) from error
    _compare(made, side, files[ONNX])
    return files


def start_bundle(start: StartModel, recipe: Recipe, folder: Path) -> Bundle:
    """A model of a network that has learned no classes yet, so that it can be read with.

    Its last layer knows the recipe's classes and holds no opinion: the mean of its rows is zero.
    """
    from stentviewer.learning.networks import build

    plain = recipe.model_copy(
        update={"optimise": recipe.optimise.model_copy(update={"lora": 0, "frozen": 0.0})}
    )
    network = build(start, plain)
    last = network.get_classifier()
    with torch.no_grad():
        last.weight -= last.weight.mean(0)
        if last.bias is not None:
            last.bias.zero_()
    files = export_network(network, recipe.side, folder / "files")
    labels = tuple(
        LabelSpec(
            name=spec.name,
            manufacturer=spec.manufacturer or spec.name,
            code_value=f"CLASS-{number}",
            code_meaning=f"Class {number}",
        )
        for number, spec in enumerate(recipe.classes, start=1)
    )
    said = "The start of a run; it has learned no class yet."
    manifest = Manifest(
        id="start",
        name=start.architecture,
        version="1.0.0",
        task=recipe.task,
        description=said,
        authors=start.id or start.architecture,
        copyright=start.id or start.architecture,
        network_data_format={},
        intended_use=said,
        data_source=start.id or said,
        eval_metrics={},
        changelog={"1.0.0": said},
        architecture=start.architecture,
        labels=labels,
        preprocessing=start.preprocessing,
        training={"start": start.ref},
    )
    return write_bundle(folder / "bundle", manifest, files)


def export_finder(network: nn.Module, side: int, path: Path) -> None:
    """ONNX of a finder: "image" to "map" and "field", large weights in a byte each."""
    import onnx

    _export(network, side, path, ["map", "field"])
    model = onnx.load(str(path))
    _in_bytes(model)
    onnx.save(model, str(path))


def export_stages(stages: nn.Module, side: int, path: Path) -> None:
    """ONNX of a network's first stages: "image" to "features"."""
    _export(stages, side, path, ["features"])


def _export_reading(network: Any, side: int, path: Path) -> None:
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


def _in_bytes(model: Any) -> None:
    """Store large weights as a byte each and a factor a filter: off by 1/254 of its largest.

    What is computed stays single precision; a runtime folds the two steps when it loads the file.
    """
    from onnx import TensorProto, helper, numpy_helper

    steps, kept = [], []
    for tensor in model.graph.initializer:
        values = numpy_helper.to_array(tensor)
        if tensor.data_type != TensorProto.FLOAT or values.size < _HALVED_FROM or values.ndim < 2:
            kept.append(tensor)
            continue
        largest = np.abs(values).max(axis=tuple(range(1, values.ndim)), keepdims=True)
        factor = np.maximum(largest / 127, 1e-12).astype(np.float32)
        name = tensor.name
        kept.append(
            numpy_helper.from_array(np.rint(values / factor).astype(np.int8), f"{name}_byte")
        )
        kept.append(numpy_helper.from_array(factor, f"{name}_factor"))
        steps.append(
            helper.make_node("Cast", [f"{name}_byte"], [f"{name}_whole"], to=TensorProto.FLOAT)
        )
        steps.append(helper.make_node("Mul", [f"{name}_whole", f"{name}_factor"], [name]))
    del model.graph.initializer[:]
    model.graph.initializer.extend(kept)
    nodes = list(model.graph.node)
    del model.graph.node[:]
    model.graph.node.extend(steps + nodes)


def run_onnx(path: Path, images: Any, threads: int) -> Any:
    """Yield the outputs of an ONNX file for each image (1, 3, side, side) in turn."""
    import onnxruntime

    options = onnxruntime.SessionOptions()
    options.intra_op_num_threads = threads
    options.log_severity_level = 3
    session = onnxruntime.InferenceSession(str(path), options, providers=["CPUExecutionProvider"])
    for image in images:
        yield session.run(None, {"image": image})


def _save_weights(network: Any, path: Path) -> None:
    from safetensors.torch import save_file

    state = {}
    for key, value in network.state_dict().items():
        stored = value.half() if _is_large(value) else value
        state[key] = stored.contiguous().clone()
    save_file(state, str(path), metadata={"format": "pt"})


def _save_head(network: Any, path: Path) -> None:
    from safetensors.torch import save_file

    last = network.get_classifier()
    bias = torch.zeros(last.out_features) if last.bias is None else last.bias
    save_file(
        {
            "weight": last.weight.detach().float().contiguous().clone(),
            "bias": bias.detach().float().contiguous().clone(),
        },
        str(path),
    )


def _is_large(value: torch.Tensor) -> bool:
    return bool(value.dtype == torch.float32 and value.numel() >= _HALVED_FROM)


def _round(network: Any) -> None:
    """Round what is stored in half precision, so that the network is the one in the files."""
    with torch.no_grad():
        for value in network.state_dict().values():
            if _is_large(value):
                value.copy_(value.half().float())


def _compare(network: Any, side: int, path: Path) -> None:
    """Raises KnownError where the file does not answer as the network does."""
    rng = np.random.default_rng(side)
    coarse = rng.normal(size=(1, 3, 8, 8)).astype(np.float32)
    image = torch.nn.functional.interpolate(torch.from_numpy(coarse), (side, side), mode="bilinear")
    with torch.inference_mode():
        features = network.forward_features(image)
        wanted = (network.forward_head(features).numpy(), feature_map(network, features).numpy())
    (found,) = run_onnx(path, [image.numpy()], torch.get_num_threads())
    for ours, theirs in zip(found, wanted, strict=True):
        same = ours.shape == theirs.shape and np.isfinite(ours).all()
        if not same or np.abs(ours - theirs).max() > _AGREE * max(1.0, np.abs(theirs).max()):
            raise KnownError(
                sentence(
                    "The model in {file} does not answer as the network that was learned. It is "
                    "not used; report this with the network's name.",
                    file=path.name,
                )
            )
