"""The model that ships, made to read small pictures: real weights, seconds instead of minutes."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import onnx

from stentviewer.core.paths import models_dir
from stentviewer.inference.bundle import (
    HEAD,
    ONNX,
    SAFETENSORS,
    Bundle,
    Thresholds,
    load_bundle,
    write_bundle,
)

MODEL = "stent-small"


def small_model(folder: Path, side: int = 64) -> Bundle:
    """Write its namer into `folder`, which then reads the whole field.

    Its answers mean nothing at this size.
    """
    demo = load_bundle(models_dir() / "stent-demo")
    network = onnx.load_from_string(demo.read(ONNX))
    for value in (*network.graph.input, *network.graph.output):
        for length in value.type.tensor_type.shape.dim[2:]:
            length.dim_value = side if value in list(network.graph.input) else -(-side // 16)
    del network.graph.value_info[:]
    folder.mkdir(parents=True)
    onnx.save(network, os.fspath(folder / ONNX))
    for name in (SAFETENSORS, HEAD):
        shutil.copyfile(demo.path(name), folder / name)
    changes = {
        "id": MODEL,
        "finder": None,
        "thresholds": Thresholds(),
        "preprocessing": demo.manifest.preprocessing.model_copy(update={"side": side}),
    }
    files = {name: folder / name for name in (ONNX, SAFETENSORS, HEAD)}
    return write_bundle(folder, demo.manifest.model_copy(update=changes), files)
