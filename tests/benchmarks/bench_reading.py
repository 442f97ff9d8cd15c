"""One reading against its peers: onnxruntime's forward alone, torch with grad-cam, and its map.

A reading here is the runtime's pass, the class map and the interpretation; preparing the image is
on neither side. EfficientNet-B0 and ResNet-50d are timm's, not trained (no weights of theirs come
with a package), with batch statistics taken from textures and a last layer as wide as a trained
one's, so that scores and maps are not tiny. Neither speed nor agreement depends on more.
"""

from __future__ import annotations

import os
import statistics
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from stentviewer.app.analyse import explain
from stentviewer.core.paths import models_dir
from stentviewer.core.types import Box
from stentviewer.explain.cam import class_map, stretched
from stentviewer.inference.bundle import ONNX, Bundle, load_bundle
from stentviewer.inference.preprocess import Prepared, Preprocessing
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
from stentviewer.inference.runtimes.torch_runtime import build_network
from stentviewer.tasks.stent_maker import interpret
from tests.benchmarks.figure import Figure
from tests.inference.networks import network, network_bundle, texture

SIDE = 1024
THREADS = 2
ROUNDS = int(os.environ.get("STENTVIEWER_BENCH_ROUNDS", "9"))
NAMES = {"efficientnet_b0": "EfficientNet-B0", "resnet50d": "ResNet-50d"}


def figures() -> Iterator[Figure]:
    """Speed against both peers, then the largest difference of the heat maps."""
    with tempfile.TemporaryDirectory() as folder:
        bundle = _bundle(Path(folder), "efficientnet_b0", SIDE)
        yield from _speed(bundle, Path(folder))
        for architecture, name in NAMES.items():
            is_made = architecture == bundle.manifest.architecture
            yield _agreement(name, bundle if is_made else _bundle(Path(folder), architecture, SIDE))
    if (models_dir() / "stent-demo").is_dir():
        yield _agreement("the demo network", load_bundle(models_dir() / "stent-demo"))


def _bundle(folder: Path, architecture: str, side: int) -> Bundle:
    changes = {"architecture": architecture, "preprocessing": Preprocessing(side=side)}
    return network_bundle(folder / f"{architecture}-{side}", network(architecture), **changes)


def _speed(bundle: Bundle, folder: Path) -> Iterator[Figure]:
    import torch

    torch.set_num_threads(THREADS)
    runtime, alone = OnnxRuntime(bundle), _forward_alone(bundle, folder)
    network_ = build_network(bundle)
    image = texture(SIDE, 0)

    def ours() -> None:
        output = runtime.run(image)
        prepared = Prepared(image, Box(0, 0, 1, 1))
        interpret(output, prepared, bundle, explain(output, prepared, bundle))

    def eager() -> None:
        with torch.inference_mode():
            wanted = int(network_(torch.from_numpy(image)).argmax())
        _grad_cam(network_, image, wanted)

    mine, theirs = _alternating((ours, lambda: alone.run(None, {"image": image})), ROUNDS)
    name = f"reading, EfficientNet-B0 {SIDE}², {THREADS} threads, image prepared"
    ratio = mine / theirs
    yield Figure(
        f"{name}: scores and heat (ms; beside onnxruntime's forward alone)",
        mine,
        theirs,
        ratio,
        "≤ 1.10 times",
        ratio <= 1.10,
    )
    mine, theirs = _alternating((ours, eager), max(3, ROUNDS // 3))
    ratio = theirs / mine
    yield Figure(
        f"{name}: the same (ms; beside torch eager forward plus grad-cam)",
        mine,
        theirs,
        ratio,
        "≥ 8 times",
        ratio >= 8,
    )


def _forward_alone(bundle: Bundle, folder: Path) -> Any:
    """onnxruntime's session of the same network with no output but its scores."""
    import onnx
    import onnxruntime

    model = onnx.load(bundle.path(ONNX))
    scores = [output for output in model.graph.output if output.name == "scores"]
    del model.graph.output[:]
    model.graph.output.extend(scores)
    onnx.save(model, folder / "alone.onnx")
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_ENABLE_ALL
    options.intra_op_num_threads = THREADS
    path = str(folder / "alone.onnx")
    return onnxruntime.InferenceSession(path, options, providers=["CPUExecutionProvider"])


def _alternating(contestants: Sequence[Callable[[], object]], rounds: int) -> list[float]:
    """Medians in ms, the contestants in turns, the first round not counted."""
    taken: list[list[float]] = [[] for _ in contestants]
    for _ in range(rounds + 1):
        for run, times in zip(contestants, taken, strict=True):
            start = time.perf_counter()
            run()
            times.append((time.perf_counter() - start) * 1e3)
    return [statistics.median(times[1:]) for times in taken]


def _grad_cam(made: Any, image: np.ndarray, wanted: int) -> np.ndarray:
    from stentviewer.explain.gradcam_torch import grad_cam
    from tests.explain.peers import last_activation

    return grad_cam(made, last_activation(made), image, wanted)


def _agreement(name: str, bundle: Bundle) -> Figure:
    """The largest difference over every class of one image, both maps scaled to 0…1."""
    import cv2

    side = bundle.manifest.preprocessing.side
    image = texture(side, 1)
    output = OnnxRuntime(bundle).run(image)
    weight, _ = bundle.head()
    made = build_network(bundle)
    largest = 0.0
    for wanted, row in enumerate(weight):
        ours = cv2.resize(class_map(output.activation, row), (side, side))
        theirs = _grad_cam(made, image, wanted)
        largest = max(largest, float(np.abs(stretched(ours) - stretched(theirs)).max()))
    return Figure(
        f"heat map, {name} {side}², onnxruntime: largest difference to grad-cam, maps in 0…1",
        largest,
        None,
        None,
        "≤ 1e-3",
        largest <= 1e-3,
    )


if __name__ == "__main__":
    for figure in figures():
        print(figure.line(), flush=True)
