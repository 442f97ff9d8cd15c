"""What is written of the demo model is what its manifest holds."""

from __future__ import annotations

import numpy as np
import pytest

from stentviewer.core.paths import models_dir
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.inference.bundle import load_bundle
from stentviewer.inference.known import known_of

DEMO = models_dir() / "stent-demo"


def test_its_manifest_says_what_it_has_learned_and_what_it_is_for() -> None:
    bundle = load_bundle(DEMO)
    manifest = bundle.manifest
    assert manifest.data_source.startswith("simulated stents only")
    assert manifest.intended_use.startswith(RESEARCH_USE)
    assert manifest.eval_metrics["kind"].startswith("simulated")
    assert sum(bundle.path(name).stat().st_size for name in manifest.files) < 20e6


def test_it_can_say_none_several_and_unknown() -> None:
    bundle = load_bundle(DEMO)
    assert bundle.manifest.finder is not None
    assert bundle.manifest.thresholds.set_score is not None
    assert bundle.manifest.thresholds.unknown_distance is not None
    known = known_of(bundle)
    assert known is not None
    assert known.means.shape[0] == len(bundle.labels)


def test_the_card_gives_the_manifests_figures() -> None:
    metrics = load_bundle(DEMO).manifest.eval_metrics
    card = (DEMO / "README.md").read_text(encoding="utf-8")
    rows = [line for line in card.splitlines() if line.startswith("|")]
    shares = {name: value for name, value in metrics.items() if isinstance(value, dict)}
    assert len(shares) >= 6
    for name, value in shares.items():
        low, high = value["interval"]
        row = f"| {name} | {value['right']} of {value['n']} | "
        row += f"{value['share']:.3f} [{low:.3f}, {high:.3f}] |"
        assert row in rows
    assert f"seed {metrics['seed']}" in card


def test_both_of_its_files_hold_one_network() -> None:
    """Normalisation folded into halved weights once made the ONNX file's heat maps others."""
    pytest.importorskip("torch")
    from stentviewer.explain.cam import class_map
    from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
    from stentviewer.inference.runtimes.torch_runtime import TorchRuntime
    from stentviewer.simulate import simulate_stent_image
    from stentviewer.tasks.stent_maker import preprocess

    bundle = load_bundle(DEMO)
    pixels = simulate_stent_image(6, 0, "EGIS").pixels.astype(np.float32)
    tensor = preprocess.prepare(pixels, bundle.manifest.preprocessing).tensor
    one, other = OnnxRuntime(bundle).run(tensor), TorchRuntime(bundle, "cpu").run(tensor)
    weight, _ = bundle.head()
    for row in weight:
        first, second = class_map(one.activation, row), class_map(other.activation, row)
        assert np.abs(first - second).max() < 1e-3
