"""What is written of the demo model is what its manifest holds."""

from __future__ import annotations

import re

import numpy as np
import pytest

from stentviewer.core.paths import models_dir
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.inference.bundle import load_bundle


def test_its_manifest_says_what_it_has_learned_and_what_it_is_for() -> None:
    bundle = load_bundle(models_dir() / "stent-demo")
    manifest = bundle.manifest
    assert manifest.data_source.startswith("simulated stents only")
    assert manifest.intended_use.startswith(RESEARCH_USE)
    assert manifest.eval_metrics["kind"].startswith("simulated")
    assert sum(bundle.path(name).stat().st_size for name in manifest.files) < 20e6


@pytest.mark.parametrize(("key", "row"), [("test", "at 1024 px"), ("test at 224", "at 224 px")])
def test_the_card_gives_the_manifests_figures(key: str, row: str) -> None:
    metrics = load_bundle(models_dir() / "stent-demo").manifest.eval_metrics[key]
    right = sum(metrics["confusion"][k][k] for k in range(5))
    low, high = metrics["interval_95"]
    card = (models_dir() / "README.md").read_text(encoding="utf-8")
    line = next(line for line in card.splitlines() if line.startswith("|") and row in line)
    assert f"| {right} | {metrics['accuracy']:g} [{low:.3f}, {high:.3f}] |" in line
    assert right == round(metrics["accuracy"] * metrics["n"])
    assert re.search(rf"seed {metrics['seed']}\b", card)


def test_both_of_its_files_hold_one_network() -> None:
    """Normalisation folded into halved weights once made the ONNX file's heat maps others."""
    pytest.importorskip("torch")
    from stentviewer.explain.cam import class_map
    from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
    from stentviewer.inference.runtimes.torch_runtime import TorchRuntime
    from stentviewer.simulate import simulate_stent_image
    from stentviewer.tasks.stent_maker import preprocess

    bundle = load_bundle(models_dir() / "stent-demo")
    pixels = simulate_stent_image(6, 0, "EGIS").pixels.astype(np.float32)
    tensor = preprocess.prepare(pixels, bundle.manifest.preprocessing).tensor
    one, other = OnnxRuntime(bundle).run(tensor), TorchRuntime(bundle, "cpu").run(tensor)
    weight, _ = bundle.head()
    for row in weight:
        first, second = class_map(one.activation, row), class_map(other.activation, row)
        assert np.abs(first - second).max() < 1e-3
