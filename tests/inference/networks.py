"""Small networks made on the spot, and bundles of them: what the tests run on."""

from __future__ import annotations

import warnings
from pathlib import Path
from typing import Any

import numpy as np

from stentviewer.inference.bundle import (
    HEAD,
    ONNX,
    SAFETENSORS,
    Bundle,
    LabelSpec,
    Manifest,
    Thresholds,
    write_bundle,
)
from stentviewer.inference.preprocess import Preprocessing

MAKERS = ("Bona", "Bona PC", "EGIS", "Epic", "NITI-S")


def manifest(**changes: Any) -> Manifest:
    """A manifest that is in order, with some fields changed."""
    fields: dict[str, Any] = {
        "id": "stent-test",
        "name": "Test",
        "version": "1.0.0",
        "task": "stent-maker",
        "description": "A network for the tests.",
        "authors": "The tests",
        "copyright": "None",
        "network_data_format": {},
        "intended_use": "Tests only.",
        "data_source": "None",
        "eval_metrics": {},
        "changelog": {"1.0.0": "Made."},
        "architecture": "tf_efficientnet_lite0",
        "labels": tuple(
            LabelSpec(name=m, manufacturer=m, code_value=m.upper(), code_meaning=m) for m in MAKERS
        ),
        "preprocessing": Preprocessing(side=64),
        "thresholds": Thresholds(set_coverage=0.9, unknown_below=0.5),
        "training": {"seed": 0},
    }
    return Manifest(**{**fields, **changes})


def plain_bundle(folder: Path, **changes: Any) -> Bundle:
    """A bundle whose one file is no network: enough for all that does not run it."""
    folder.parent.mkdir(parents=True, exist_ok=True)
    source = folder.parent / f"{folder.name}.source"
    source.write_bytes(b"weights of " + folder.name.encode())
    return write_bundle(folder, manifest(**changes), {ONNX: source})


def texture(side: int, seed: int) -> np.ndarray:
    """Noise of all sizes, as in pictures: (1, 3, side, side) float32, mean 0 and deviation 1."""
    import cv2

    rng = np.random.default_rng(seed)
    image = np.zeros((side, side, 3), np.float32)
    for octave in range(6):
        cells = max(2, side >> octave)
        noise = rng.normal(size=(cells, cells, 3)).astype(np.float32)
        image += cv2.resize(noise, (side, side), interpolation=cv2.INTER_CUBIC)
    image = (image - image.mean()) / image.std()
    return np.ascontiguousarray(image.transpose(2, 0, 1)[None])


def network(architecture: str, classes: int = len(MAKERS), seed: int = 0) -> Any:
    """timm's network, not trained, but with scores and maps that are not tiny.

    An untrained network's activations are tiny or huge, so its statistics are taken from textures
    and its last layer is widened until the scores differ by several units.
    """
    import torch

    from stentviewer.inference.runtimes.torch_mend import mend_torchvision

    mend_torchvision()
    import timm

    torch.manual_seed(seed)
    made = timm.create_model(architecture, pretrained=False, num_classes=classes)
    norms = [m for m in made.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    for norm in norms:
        norm.momentum = None  # plain average over the passes below
    made.train()
    with torch.no_grad():
        for start in (1000, 1004, 1008):
            images = np.concatenate([texture(192, start + i) for i in range(4)])
            made(torch.from_numpy(images))
        made.eval()
        made.get_classifier().weight.normal_(0, 0.5)
    return made


def export(made: Any, path: Path, side: int) -> None:
    """Write a network to ONNX: "image" in, "scores" and "activation" out."""
    import torch

    class Both(torch.nn.Module):
        def __init__(self) -> None:
            super().__init__()
            self.inner = made

        def forward(self, image: Any) -> tuple[Any, Any]:
            features = self.inner.forward_features(image)
            return self.inner.forward_head(features), features

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # torch's own, about its newer exporter
        torch.onnx.export(
            Both().eval(),
            (torch.zeros(1, 3, side, side),),
            str(path),
            input_names=["image"],
            output_names=["scores", "activation"],
            dynamo=False,
        )


def network_bundle(folder: Path, made: Any, **changes: Any) -> Bundle:
    """A bundle of a network with all three of its files."""
    from safetensors.torch import save_file

    fields = manifest(**changes)
    folder.mkdir(parents=True)
    export(made, folder / ONNX, fields.preprocessing.side)
    save_file({k: v.contiguous() for k, v in made.state_dict().items()}, folder / SAFETENSORS)
    last = made.get_classifier()
    save_file({"weight": last.weight.detach(), "bias": last.bias.detach()}, folder / HEAD)
    return write_bundle(folder, fields, {n: folder / n for n in (ONNX, SAFETENSORS, HEAD)})
