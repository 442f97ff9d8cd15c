"""Both runtimes give the same scores and feature map; neither is chosen in vain."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

from stentviewer.core.errors import KnownError, UserError
from stentviewer.inference.bundle import ONNX, SAFETENSORS, Bundle, write_bundle
from stentviewer.inference.runtimes import choose, onnx_runtime
from stentviewer.inference.runtimes.choose import open_runtime
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
from stentviewer.inference.runtimes.torch_runtime import TorchRuntime
from tests.inference.networks import manifest, network, network_bundle, plain_bundle


@pytest.fixture(scope="module")
def bundle(tmp_path_factory) -> Bundle:
    pytest.importorskip("torch")
    made = network("tf_efficientnet_lite0")
    return network_bundle(tmp_path_factory.mktemp("bundles") / "lite0", made)


def image(seed: int = 0, side: int = 64) -> np.ndarray:
    return np.random.default_rng(seed).normal(size=(1, 3, side, side)).astype(np.float32)


def probabilities(scores: np.ndarray) -> np.ndarray:
    powers = np.exp(scores - scores.max())
    return powers / powers.sum()


@pytest.mark.parametrize("seed", range(4))
def test_both_runtimes_agree(bundle, seed):
    ours, theirs = (r.run(image(seed)) for r in (OnnxRuntime(bundle), TorchRuntime(bundle, "cpu")))
    assert ours.scores.shape == (5,)
    assert ours.activation.shape == (1280, 2, 2)
    assert np.ptp(ours.scores) > 1  # scores of a size that could differ
    assert probabilities(ours.scores) == pytest.approx(probabilities(theirs.scores), abs=1e-3)
    assert ours.activation == pytest.approx(theirs.activation, abs=1e-3)


def test_the_scores_follow_from_the_activation(bundle):
    output = OnnxRuntime(bundle).run(image())
    weight, bias = bundle.head()
    pooled = output.activation.mean(axis=(1, 2))
    assert weight @ pooled + bias == pytest.approx(output.scores, abs=1e-3)


def test_weights_in_half_precision_are_widened(bundle, tmp_path):
    from safetensors.numpy import load_file, save_file

    halves = {
        name: value.astype(np.float16) if value.dtype == np.float32 else value
        for name, value in load_file(bundle.path(SAFETENSORS)).items()
    }
    save_file(halves, tmp_path / "half")
    half = write_bundle(tmp_path / "m", manifest(), {SAFETENSORS: tmp_path / "half"})
    output = TorchRuntime(half, "cpu").run(image())
    assert output.scores.dtype == np.float32
    full = TorchRuntime(bundle, "cpu").run(image())
    assert probabilities(output.scores) == pytest.approx(probabilities(full.scores), abs=0.05)


def test_a_session_is_made_once(bundle):
    assert OnnxRuntime(bundle)._session is OnnxRuntime(bundle)._session


def test_only_a_few_sessions_are_kept(bundle, monkeypatch):
    monkeypatch.setattr(onnx_runtime, "_load", lambda bundle, *_: bundle.sha256)
    monkeypatch.setattr(onnx_runtime, "_sessions", type(onnx_runtime._sessions)())
    for sha in "abcdeabcde":
        OnnxRuntime(Bundle(bundle.folder, bundle.manifest, sha))
    assert [sha for sha, _ in onnx_runtime._sessions] == ["b", "c", "d", "e"]


def test_an_image_of_another_size_is_a_sentence(bundle):
    with pytest.raises(KnownError, match="could not run the model stent-test") as caught:
        OnnxRuntime(bundle).run(image(side=96))
    assert "\n" not in str(caught.value)


def test_weights_that_are_no_network_are_a_sentence(tmp_path):
    with pytest.raises(KnownError, match="cannot open the model stent-test"):
        OnnxRuntime(plain_bundle(tmp_path / "m"))
    (tmp_path / "w").write_bytes(b"no tensors")
    wrong = write_bundle(tmp_path / "n", manifest(), {SAFETENSORS: tmp_path / "w"})
    with pytest.raises(KnownError, match="does not fit a tf_efficientnet_lite0"):
        TorchRuntime(wrong, "cpu")


def test_a_network_for_other_labels_is_refused(bundle, tmp_path):
    fewer = manifest(labels=manifest().labels[:3])
    files = {name: bundle.path(name) for name in (ONNX, SAFETENSORS)}
    other = write_bundle(tmp_path / "m", fewer, files)
    with pytest.raises(KnownError, match="do not fit its 3 labels"):
        OnnxRuntime(other).run(image())
    with pytest.raises(KnownError, match="does not fit"):
        TorchRuntime(other, "cpu")


def test_an_architecture_timm_does_not_know_is_a_sentence(bundle, tmp_path):
    files = {SAFETENSORS: bundle.path(SAFETENSORS)}
    strange = write_bundle(tmp_path / "m", manifest(architecture="stentnet"), files)
    with pytest.raises(KnownError, match="stentnet, which the installed timm does not know"):
        TorchRuntime(strange, "cpu")


def test_no_number_is_no_answer(bundle):
    with pytest.raises(KnownError, match="gave no number"):
        OnnxRuntime(bundle).run(np.full((1, 3, 64, 64), np.nan, np.float32))


def test_onnxruntime_that_does_not_load_is_a_sentence(bundle, monkeypatch):
    monkeypatch.setattr(onnx_runtime, "_sessions", type(onnx_runtime._sessions)())
    monkeypatch.setitem(sys.modules, "onnxruntime", None)
    with pytest.raises(KnownError, match="onnxruntime cannot be loaded"):
        OnnxRuntime(bundle)


def test_torch_that_is_not_installed_is_named(bundle, monkeypatch):
    monkeypatch.setattr(choose.torch_runtime, "find_spec", lambda name: None)
    with pytest.raises(KnownError, match="install the packages torch, torchvision, timm"):
        open_runtime(bundle, "torch")
    assert not choose.accelerator_possible()


def test_the_choice_follows_the_machine(bundle, monkeypatch):
    monkeypatch.setattr(choose, "accelerator_possible", lambda: False)
    assert open_runtime(bundle).device == "onnxruntime · CPU"
    monkeypatch.setattr(choose, "accelerator_possible", lambda: True)
    monkeypatch.setattr(choose.torch_runtime, "accelerator", lambda: None)
    assert open_runtime(bundle).device == "onnxruntime · CPU"
    monkeypatch.setattr(choose.torch_runtime, "accelerator", lambda: "cpu")
    assert open_runtime(bundle).device == "torch · CPU"
    assert open_runtime(bundle, "onnxruntime").device == "onnxruntime · CPU"
    with pytest.raises(UserError, match="jax is no runtime"):
        open_runtime(bundle, "jax")


def test_a_reading_without_an_accelerator_imports_no_torch(bundle):
    code = (
        "import sys; from pathlib import Path; import numpy as np\n"
        "from stentviewer.inference.runtimes import choose\n"
        "from stentviewer.inference.bundle import load_bundle\n"
        "choose.Path = lambda *_: Path('/nowhere'); choose.shutil.which = lambda _: None\n"
        "choose.sys = type('S', (), {'platform': 'linux'})\n"
        "runtime = choose.open_runtime(load_bundle(Path(sys.argv[1])))\n"
        "runtime.run(np.zeros((1, 3, 64, 64), np.float32))\n"
        "print(sorted({'torch', 'timm', 'torchvision', 'scipy'} & set(sys.modules)))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(bundle.folder)],
        capture_output=True,
        text=True,
        check=True,
        cwd=Path(__file__).parents[2],
    )
    assert done.stdout.strip() == "[]"
    assert done.stderr == ""


def test_weights_outside_the_hashed_file_are_refused(bundle, tmp_path, monkeypatch):
    onnx = pytest.importorskip("onnx")
    whole = onnx.load(str(bundle.path(ONNX)))
    split = tmp_path / "split.onnx"
    onnx.save(whole, str(split), save_as_external_data=True, location="beside", size_threshold=0)
    other = write_bundle(tmp_path / "m", manifest(), {ONNX: split})
    (other.folder / "beside").write_bytes((tmp_path / "beside").read_bytes())
    monkeypatch.chdir(other.folder)
    with pytest.raises(KnownError, match="takes weights from another file"):
        OnnxRuntime(other)


@pytest.mark.parametrize(
    ("name", "runtime"), [(ONNX, OnnxRuntime), (SAFETENSORS, lambda b: TorchRuntime(b, "cpu"))]
)
def test_a_file_replaced_after_it_was_checked_is_not_executed(bundle, tmp_path, name, runtime):
    checked = write_bundle(tmp_path / "m", manifest(), {name: bundle.path(name)})
    other = network_bundle(tmp_path / "other", network("tf_efficientnet_lite0", seed=9))
    shutil.copyfile(other.path(name), checked.path(name))
    with pytest.raises(KnownError, match=f"{name} is damaged or was changed"):
        runtime(Bundle(checked.folder, checked.manifest, "f" * 64))
