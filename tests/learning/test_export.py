"""What a learned network becomes: files that answer as it does, and a free map that is Grad-CAM."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.numpy import load_file  # noqa: E402

from stentviewer.core.errors import KnownError  # noqa: E402
from stentviewer.explain.cam import class_map, stretched  # noqa: E402
from stentviewer.inference.bundle import HEAD, ONNX, SAFETENSORS, write_bundle  # noqa: E402
from stentviewer.inference.catalog import Catalog  # noqa: E402
from stentviewer.inference.preprocess import Preprocessing  # noqa: E402
from stentviewer.inference.runtimes import architectures  # noqa: E402
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime  # noqa: E402
from stentviewer.inference.runtimes.torch_mend import mend_torchvision  # noqa: E402
from stentviewer.inference.runtimes.torch_runtime import (  # noqa: E402
    TorchRuntime,
    build_network,
)
from stentviewer.learning import export  # noqa: E402
from stentviewer.learning.export import export_network, start_bundle  # noqa: E402
from stentviewer.learning.networks import build, open_start  # noqa: E402
from stentviewer.learning.recipe import ClassSpec, Optimise, Recipe, Start  # noqa: E402
from tests.inference.networks import manifest, network, texture  # noqa: E402

SIDE = 128


def last_map(made):
    """The module whose output `forward_features` returns."""
    if hasattr(made, "layer4"):
        return made.layer4[-1]
    return made.bn2 if hasattr(made, "conv_head") else made.features


def bundle_of(made, folder, architecture, side=SIDE):
    files = export_network(made, side, folder / "files")
    said = manifest(architecture=architecture, preprocessing=Preprocessing(side=side))
    return write_bundle(folder / "bundle", said, files)


@pytest.mark.parametrize("architecture", ["efficientnet_b0", "resnet50d", "densenet201"])
def test_the_free_map_is_grad_cams(architecture, tmp_path):
    mend_torchvision()
    pytest.importorskip("pytorch_grad_cam")
    import cv2

    from stentviewer.explain.gradcam_torch import grad_cam

    made = network(architecture)
    bundle = bundle_of(made, tmp_path, architecture)
    image = texture(SIDE, 1)
    output = OnnxRuntime(bundle).run(image)
    torch_says = TorchRuntime(bundle, "cpu").run(image)
    assert np.ptp(output.scores) > 1
    assert output.scores == pytest.approx(
        torch_says.scores, abs=2e-3 * float(np.ptp(output.scores))
    )
    assert output.activation.shape == torch_says.activation.shape
    weight, _ = bundle.head()
    stored = build_network(bundle)
    for wanted in (0, int(output.scores.argmax())):
        ours = cv2.resize(class_map(output.activation, weight[wanted]), (SIDE, SIDE))
        theirs = grad_cam(stored, last_map(stored), image, wanted)
        assert stretched(ours).std() > 0.05
        assert np.abs(stretched(ours) - stretched(theirs)).max() <= 1e-3


@pytest.mark.parametrize(
    ("architecture", "shape"),
    [
        ("mobilenetv3_large_100", (960, 4, 4)),
        ("deit_tiny_patch16_224", (192, 8, 8)),
        ("alexnet", (256, 3, 3)),
        ("convnext_atto", (320, 4, 4)),
    ],
)
def test_networks_with_more_after_pooling_get_no_head_but_answer_alike(
    architecture, shape, tmp_path
):
    made = architectures.create(architecture, 5, SIDE).eval()
    bundle = bundle_of(made, tmp_path, architecture)
    assert not bundle.has(HEAD)
    image = texture(SIDE, 2)
    ours, theirs = OnnxRuntime(bundle).run(image), TorchRuntime(bundle, "cpu").run(image)
    assert ours.activation.shape == theirs.activation.shape == shape
    assert ours.scores == pytest.approx(theirs.scores, abs=1e-3)
    assert ours.activation == pytest.approx(
        theirs.activation, abs=2e-3 * float(np.abs(theirs.activation).max())
    )


def test_swin_keeps_its_map_in_another_order_and_has_a_head(tmp_path):
    name = "swin_tiny_patch4_window7_224"
    made = architectures.create(name, 5, 64).eval()
    bundle = bundle_of(made, tmp_path, name, 64)
    output = OnnxRuntime(bundle).run(texture(64, 2))
    weight, bias = bundle.head()
    assert weight @ output.activation.mean((1, 2)) + bias == pytest.approx(output.scores, abs=1e-3)


def test_low_rank_updates_leave_as_plain_weights_and_the_network_stays(tmp_path):
    asked = Recipe(
        name="run",
        start=Start(network="deit_tiny_patch16_224", random=True),
        classes=tuple(ClassSpec(name=name) for name in "abcde"),
        side=64,
        optimise=Optimise(lora=2, norm="frozen", frozen=0.3),
    )
    made = build(open_start(asked, Catalog([])), asked).eval()
    with torch.no_grad():
        for name, value in made.named_parameters():
            if "lora_up" in name:
                value.normal_(0, 0.05)
    image = texture(64, 3)
    with torch.inference_mode():
        wanted = made(torch.from_numpy(image)).numpy()[0]
    bundle = bundle_of(made, tmp_path, "deit_tiny_patch16_224", 64)
    assert OnnxRuntime(bundle).run(image).scores == pytest.approx(wanted, abs=1e-2)
    assert not any("lora" in name for name in load_file(bundle.path(SAFETENSORS)))
    assert any("lora" in name for name in made.state_dict())


def test_large_weights_are_halved_in_both_files(tmp_path):
    made = architectures.create("mobilenetv3_small_050", 5, 64)
    files = export_network(made, 64, tmp_path)
    values = made.state_dict().values()
    saved = sum(2 * v.numel() for v in values if v.numel() >= 8192)
    plain = sum(v.numel() * v.element_size() for v in values)
    assert saved > 0.3 * plain
    assert files[SAFETENSORS].stat().st_size < plain - saved + 40_000
    assert files[ONNX].stat().st_size < plain - saved + 120_000


def test_a_file_that_answers_otherwise_is_refused(tmp_path, monkeypatch):
    made = architectures.create("resnet18", 5, 64)
    other = architectures.create("resnet18", 5, 64)
    real = export._export_reading
    monkeypatch.setattr(
        export, "_export_reading", lambda _, side, path: real(other.eval(), side, path)
    )
    with pytest.raises(KnownError, match="does not answer as"):
        export_network(made, 64, tmp_path)


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(KnownError, match="could not be written"):
        export_network(architectures.create("resnet18", 5, 64), 64, tmp_path / "taken")


def test_a_network_becomes_a_model_that_has_no_opinion_yet(tmp_path):
    asked = Recipe(
        name="run",
        start=Start(network="resnet18", random=True),
        classes=tuple(ClassSpec(name=name) for name in "abc"),
        side=64,
    )
    bundle = start_bundle(open_start(asked, Catalog([])), asked, tmp_path)
    weight, bias = bundle.head()
    assert bundle.labels == ("a", "b", "c")
    assert weight.mean(0) == pytest.approx(0, abs=1e-6)
    assert not bias.any()
    output = OnnxRuntime(bundle).run(texture(64, 4))
    assert weight @ output.activation.mean((1, 2)) == pytest.approx(output.scores, abs=1e-3)
