"""A model with a finder, made by hand: small enough to be followed with a pencil.

Its stents are bright upright bars on a dark field, EGIS with stripes along the axis, NITI-S with
stripes across it. What has neither is a design that it does not know.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper
from safetensors.numpy import save_file

from stentviewer.inference.bundle import (
    FINDER,
    HEAD,
    KNOWN,
    ONNX,
    Bundle,
    FinderSpec,
    Thresholds,
    write_bundle,
)
from stentviewer.inference.preprocess import Preprocessing
from tests.inference.networks import MAKERS, manifest

FIELD_SIDE, CROP_SIDE = 128, 64
LONG, WIDE = 80, 30  # pixels of a stent in a frame
FRAME = 400  # pixels a side
_PLAIN = {"mean": (0.0, 0.0, 0.0), "std": (1.0, 1.0, 1.0)}
_ALONG, _ACROSS = MAKERS.index("EGIS"), MAKERS.index("NITI-S")


def finder_bundle(folder: Path, **changes: Any) -> Bundle:
    """The bundle, sealed. `changes` are of its manifest."""
    parts = folder.parent / f"{folder.name}-parts"
    parts.mkdir(parents=True)
    onnx.save(_finder(), parts / FINDER)
    onnx.save(_namer(), parts / ONNX)
    weight = _head()
    save_file({"weight": weight, "bias": np.zeros(len(MAKERS), np.float32)}, parts / HEAD)
    save_file(_known(), parts / KNOWN)
    fields: dict[str, Any] = {
        "finder": FinderSpec(
            preprocessing=Preprocessing(side=FIELD_SIDE, low=0, high=100, **_PLAIN),
            presence=0.5,
            margin=1.25,
            field_distance=3.0,
        ),
        "preprocessing": Preprocessing(side=CROP_SIDE, low=0, high=100, **_PLAIN),
        "thresholds": Thresholds(set_score=0.1, unknown_below=0.3, unknown_distance=1.0),
    }
    names = (FINDER, ONNX, HEAD, KNOWN)
    return write_bundle(folder, manifest(**{**fields, **changes}), {n: parts / n for n in names})


def frame(*stents: tuple[str, int, int], seed: int = 0) -> np.ndarray:
    """A frame (400, 400) uint16 with stents (kind, column, row of the middle).

    Kinds: "EGIS", "NITI-S", and "smooth", which no design is. A marker in the corner keeps the
    window the same where there is no stent.
    """
    values = np.random.default_rng(seed).integers(0, 120, (FRAME, FRAME)).astype(np.uint16)
    values[4:8, 4:8] = 3000
    rows, columns = np.mgrid[0:LONG, 0:WIDE]
    for kind, x, y in stents:
        bar = {
            "EGIS": (columns // 3) % 2,
            "NITI-S": (rows // 3) % 2,
            "smooth": np.full((LONG, WIDE), 0.6),
        }[kind]
        top, left = y - LONG // 2, x - WIDE // 2
        values[top : top + LONG, left : left + WIDE] = (1000 + 2000 * bar).astype(np.uint16)
    return values


def _head() -> np.ndarray:
    weight = np.zeros((len(MAKERS), 2), np.float32)
    weight[_ALONG, 0] = weight[_ACROSS, 1] = 60.0
    return weight


def _known() -> dict[str, np.ndarray]:
    """Where the features of the two designs lie; the others are nowhere near."""
    means = np.full((len(MAKERS), 2), 5.0, np.float32)
    means[_ALONG], means[_ACROSS] = (0.13, 0.01), (0.02, 0.12)
    return {
        "means": means,
        "whitening": np.eye(2, dtype=np.float32) * 20,
        "field_mean": np.full(3, 0.06, np.float32),
        "field_whitening": np.eye(3, dtype=np.float32) * 20,
    }


def _finder() -> Any:
    """A stent is where it is bright over a quarter of a stent's surroundings."""
    cells = FIELD_SIDE // 8
    scale = FIELD_SIDE / FRAME
    rest = np.zeros((1, 5, cells, cells), np.float32)
    rest[0, 0] = -LONG / 2 * scale  # half an axis at the double angle: upright
    rest[0, 2] = WIDE * scale
    constants = {
        "start": np.array([0], np.int64),
        "stop": np.array([1], np.int64),
        "axis": np.array([1], np.int64),
        "level": np.array(0.12, np.float32),
        "steep": np.array(60.0, np.float32),
        "rest": rest,
    }
    nodes = [
        helper.make_node("Slice", ["image", "start", "stop", "axis"], ["grey"]),
        helper.make_node(
            "AveragePool", ["grey"], ["mean"], kernel_shape=[24, 24], strides=[8, 8],
            pads=[8, 8, 8, 8], count_include_pad=1,
        ),
        helper.make_node("Sub", ["mean", "level"], ["above"]),
        helper.make_node("Mul", ["above", "steep"], ["middle"]),
        helper.make_node("Concat", ["middle", "rest"], ["map"], axis=1),
        helper.make_node("ReduceMean", ["image"], ["field"], axes=[2, 3], keepdims=0),
    ]  # fmt: skip
    return _model(nodes, constants, FIELD_SIDE, {"map": [1, 6, cells, cells], "field": [1, 3]})


def _namer() -> Any:
    """Its feature map is how much the grey changes across and along the axis."""
    kernels = np.zeros((2, 3, 3, 3), np.float32)
    kernels[0, 0, 1] = kernels[1, 0, :, 1] = (-0.5, 0.0, 0.5)
    cells = CROP_SIDE // 8
    constants = {"kernels": kernels, "weight": _head().T.copy()}
    nodes = [
        helper.make_node("Conv", ["image", "kernels"], ["changes"], pads=[1, 1, 1, 1]),
        helper.make_node("Abs", ["changes"], ["amounts"]),
        helper.make_node(
            "AveragePool", ["amounts"], ["activation"], kernel_shape=[8, 8], strides=[8, 8]
        ),
        helper.make_node("ReduceMean", ["activation"], ["pooled"], axes=[2, 3], keepdims=0),
        helper.make_node("MatMul", ["pooled", "weight"], ["scores"]),
    ]
    outputs = {"scores": [1, len(MAKERS)], "activation": [1, 2, cells, cells]}
    return _model(nodes, constants, CROP_SIDE, outputs)


def _model(
    nodes: list[Any], constants: dict[str, np.ndarray], side: int, outputs: dict[str, list[int]]
) -> Any:
    def value(name: str, shape: list[int]) -> Any:
        return helper.make_tensor_value_info(name, TensorProto.FLOAT, shape)

    graph = helper.make_graph(
        nodes,
        "by hand",
        [value("image", [1, 3, side, side])],
        [value(name, shape) for name, shape in outputs.items()],
        [numpy_helper.from_array(array, name) for name, array in constants.items()],
    )
    made = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 13)])
    made.ir_version = 8
    onnx.checker.check_model(made)
    return made
