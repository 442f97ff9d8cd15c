"""Every map a model has, each checked; and a sentence for each it does not have."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stentviewer.core.errors import KnownError
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.explain.checks import Seen, Verdict
from stentviewer.explain.hiding import Passes
from stentviewer.explain.methods import (
    CLASS_TOKEN,
    GRAD_CAM,
    GRAD_CAM_PP,
    METHODS,
    OCCLUSION,
    ROLLOUT,
    Explainer,
    cost,
    explain,
)
from stentviewer.inference.bundle import HEAD, ONNX, SAFETENSORS, Bundle, write_bundle
from stentviewer.inference.preprocess import Preprocessing
from tests.explain.formulas import SIDE, LooksAt, chequered
from tests.explain.peers import need_grad_cam
from tests.inference.networks import manifest, texture

ON, ACROSS = slice(24, 72), slice(40, 56)
OUTLINE = ((40 / 96, 24 / 96), (56 / 96, 24 / 96), (56 / 96, 72 / 96), (40 / 96, 72 / 96))
TRANSFORMER = "deit_tiny_patch16_224"


def pooled_bundle(folder: Path) -> Bundle:
    """A bundle of three classes whose network is a formula; its second class is what it sees."""
    from safetensors.numpy import save_file

    folder.mkdir()
    rows = np.array([[0, 0], [1, 0], [0, 1]], np.float32)
    save_file({"weight": rows, "bias": np.zeros(3, np.float32)}, folder / HEAD)
    (folder / ONNX).write_bytes(b"no network")
    fields = manifest(labels=manifest().labels[:3], preprocessing=Preprocessing(side=SIDE))
    return write_bundle(folder, fields, {name: folder / name for name in (HEAD, ONNX)})


def test_the_free_maps_and_occlusion_of_a_pooled_network(tmp_path):
    bundle, network = pooled_bundle(tmp_path / "one"), LooksAt(ON, ACROSS)
    said: list[Progress] = []
    answer = explain(
        Explainer(bundle, network),
        network,
        Seen(chequered(), OUTLINE),
        context=JobContext(said.append),
    )
    assert (answer.label, answer.probability) == (bundle.labels[1], pytest.approx(1, abs=1e-3))
    maps = {one.method: one for one in answer.maps}
    assert list(maps) == list(METHODS)
    for method in (GRAD_CAM, GRAD_CAM_PP, OCCLUSION):
        check = maps[method].check
        assert check is not None
        assert check.verdict is Verdict.OK, (method, check.reasons)
        assert check.beats_random
        assert check.share > 0.5
    assert maps[GRAD_CAM].check.stable > 0.5
    assert maps[OCCLUSION].check.stable is None
    for method in (ROLLOUT, CLASS_TOKEN):
        assert maps[method].values is None
        assert "no class token" in maps[method].why_not
    assert said[0].done == 0
    assert said[-1].done == said[-1].total == cost(METHODS)
    assert [one.done for one in said] == sorted(one.done for one in said)
    assert network.runs <= cost(METHODS)


def test_another_class_of_the_same_network_is_explained_by_its_own_map(tmp_path):
    bundle, network = pooled_bundle(tmp_path / "one"), LooksAt(ON, ACROSS)
    seen = Seen(chequered(), OUTLINE)
    answer = explain(Explainer(bundle, network), network, seen, 2, (GRAD_CAM,))
    assert answer.label == bundle.labels[2]
    check = answer.maps[0].check
    assert check.verdict is Verdict.AMBER
    assert check.share < 0.2


def transformer_bundle(folder: Path, **changes) -> Bundle:
    """A small DeiT, not trained, its queries and keys widened; weights for torch only."""
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    from stentviewer.inference.runtimes.architectures import create

    torch.manual_seed(0)
    made = create(TRANSFORMER, 5, 64)
    with torch.no_grad():
        for block in made.blocks:
            block.attn.qkv.weight.mul_(5)
        made.head.weight.normal_(0, 0.5)
    folder.mkdir()
    state = {name: value.contiguous() for name, value in made.state_dict().items()}
    save_file(state, folder / SAFETENSORS)
    fields = manifest(architecture=TRANSFORMER, preprocessing=Preprocessing(side=64), **changes)
    return write_bundle(folder, fields, {SAFETENSORS: folder / SAFETENSORS})


def test_a_transformer_shows_where_its_tokens_attend(tmp_path):
    need_grad_cam()
    bundle = transformer_bundle(tmp_path / "deit")
    from stentviewer.inference.runtimes.torch_runtime import TorchRuntime

    runtime = TorchRuntime(bundle, "cpu")
    answer = explain(Explainer(bundle, runtime), runtime, Seen(texture(64, 3), OUTLINE))
    maps = {one.method: one for one in answer.maps}
    for method in METHODS:
        assert maps[method].values is not None, maps[method].why_not
        assert maps[method].check is not None
    assert maps[ROLLOUT].values.shape == maps[CLASS_TOKEN].values.shape == (4, 4)
    assert maps[GRAD_CAM].values.std() > 0.01
    assert maps[ROLLOUT].check.stable is not None


def test_a_transformer_without_its_weights_says_so(tmp_path):
    source = tmp_path / "x"
    source.write_bytes(b"no network")
    bundle = write_bundle(tmp_path / "onnx", manifest(architecture=TRANSFORMER), {ONNX: source})
    explainer = Explainer(bundle, LooksAt(ON, ACROSS))
    passes = Passes(LooksAt(ON, ACROSS), JobContext(), 1)
    for method in (GRAD_CAM, ROLLOUT):
        with pytest.raises(KnownError, match=r"weights\.safetensors|install"):
            explainer.map_of(method, 0, passes)


def test_a_network_of_blocks_without_a_token_says_so(tmp_path):
    torch = pytest.importorskip("torch")
    from safetensors.torch import save_file

    from stentviewer.inference.runtimes.architectures import create

    torch.manual_seed(0)
    made = create("resnet18", 5, 64)
    folder = tmp_path / "resnet"
    folder.mkdir()
    save_file({k: v.contiguous() for k, v in made.state_dict().items()}, folder / SAFETENSORS)
    fields = manifest(architecture="resnet18")
    bundle = write_bundle(folder, fields, {SAFETENSORS: folder / SAFETENSORS})
    explainer = Explainer(bundle, LooksAt(ON, ACROSS))
    passes = Passes(LooksAt(ON, ACROSS), JobContext(), 1)
    with pytest.raises(KnownError, match="no class token"):
        explainer.map_of(CLASS_TOKEN, 0, passes)
    need_grad_cam()
    for method in (GRAD_CAM, GRAD_CAM_PP):  # through torch it equals the closed form
        values = explainer.map_of(method, 1, passes)(texture(64, 1))
        assert values.shape == (64, 64)
        closed = _closed(made, method)
        assert np.abs(values - closed).max() <= 1e-3


def _closed(made, method: str) -> np.ndarray:
    from tests.explain.peers import grad_cam_values, scaled

    made.eval()
    return scaled(grad_cam_values(made, texture(64, 1), 1, plus_plus=method == GRAD_CAM_PP)[0])


def test_no_torch_is_loaded_for_a_network_whose_maps_are_free(tmp_path):
    pooled_bundle(tmp_path / "one")
    code = f"""
import sys
from pathlib import Path
from stentviewer.explain.checks import Seen
from stentviewer.explain.methods import Explainer, explain
from stentviewer.inference.bundle import load_bundle
from tests.explain.formulas import LooksAt, chequered
bundle = load_bundle(Path({str(tmp_path / "one")!r}))
network = LooksAt(slice(24, 72), slice(40, 56))
explain(Explainer(bundle, network), network, Seen(chequered()))
assert not {{"torch", "timm", "torchvision"}} & set(sys.modules)
"""
    root = Path(__file__).parents[2]
    subprocess.run([sys.executable, "-c", code], check=True, cwd=root, timeout=120)
