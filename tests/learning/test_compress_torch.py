"""Pruning and teaching: what torch does to make a model smaller."""

from __future__ import annotations

import zlib
from dataclasses import replace

import numpy as np
import pytest

torch = pytest.importorskip("torch")

from stentviewer.core.errors import UserError  # noqa: E402
from stentviewer.inference.bundle import HEAD, ONNX, SAFETENSORS, Bundle, load_bundle  # noqa: E402
from stentviewer.inference.catalog import Catalog  # noqa: E402
from stentviewer.inference.runtimes.choose import open_runtime  # noqa: E402
from stentviewer.inference.runtimes.torch_runtime import build_network  # noqa: E402
from stentviewer.learning.compress import Images, in_two_parts  # noqa: E402
from stentviewer.learning.compress_distil import (  # noqa: E402
    distil,
    distil_recipe,
    open_student,
    student_spec,
)
from stentviewer.learning.compress_prune import prune, zero_smallest  # noqa: E402
from stentviewer.learning.events import RunContext  # noqa: E402
from stentviewer.learning.lesson import Lesson  # noqa: E402
from stentviewer.learning.recipe import Start  # noqa: E402
from tests.learning.small_model import small_model  # noqa: E402
from tests.learning.test_compress import cache_of  # noqa: E402


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Bundle:
    return small_model(tmp_path_factory.mktemp("model") / "small")


@pytest.fixture(scope="module")
def images(start, tmp_path_factory) -> Images:
    return in_two_parts(*cache_of(start, tmp_path_factory.mktemp("cache")))


def test_the_smallest_weights_of_each_layer_become_zero(start) -> None:
    network, whole = build_network(start), build_network(start)
    zeros = zero_smallest(network, 0.5)
    before = dict(whole.named_parameters())
    pruned = 0
    for name, weight in network.named_parameters():
        old = before[name]
        gone = weight == 0
        stays = "conv_dw" in name or name.startswith(("conv_stem", "classifier")) or old.ndim < 2
        if stays:
            assert torch.equal(weight, old), name
            continue
        pruned += 1
        assert float((weight == 0).float().mean()) == pytest.approx(0.5, abs=0.01), name
        assert old[gone].abs().max() <= old[~gone].abs().min(), name
        assert torch.equal(weight[~gone], old[~gone]), name
    assert pruned > 20
    assert 0.4 < zeros < 0.5


def test_a_pruned_model_reads_by_both_runtimes_and_zips_smaller(start, images, tmp_path) -> None:
    found = prune(start, images, 0.6, tmp_path / "pruned", RunContext())
    made = load_bundle(tmp_path / "pruned")
    assert made.manifest.training["start"] == {"id": start.ref.id, "sha256": start.sha256}
    assert made.manifest.training["share"] == 0.6
    assert sorted(made.manifest.files) == [HEAD, ONNX, SAFETENSORS]
    assert found.after.zipped_bytes < 0.8 * found.before.zipped_bytes
    assert found.after.bytes == pytest.approx(found.before.bytes, rel=0.01)
    assert len(zlib.compress(made.read(ONNX), 9)) == found.after.zipped_bytes
    assert [one.share for one in found.curve] == pytest.approx([0.15, 0.3, 0.45, 0.6])
    assert found.curve[-1].accuracy == found.after.accuracy.value
    assert any("do not make a reading faster" in note for note in found.notes)
    feed = images.cache.tensor([0], made.manifest.preprocessing)
    answers = [open_runtime(made, name).run(feed).scores for name in ("onnxruntime", "torch")]
    assert answers[0] == pytest.approx(answers[1], abs=2e-3 * float(np.abs(answers[0]).max()))
    assert not np.allclose(answers[0], open_runtime(start).run(feed).scores, atol=1e-3)


def test_a_lesson_is_hintons_loss() -> None:
    """Against the Kullback-Leibler divergence, whose gradient is the same."""
    given = np.random.default_rng(0).normal(size=(6, 3)).astype(np.float32) * 4
    lesson = Lesson(given, temperature=3.0, share=0.6)
    hard = torch.nn.functional.one_hot(torch.tensor([0, 2, 1]), 3).float()
    rows = np.array([4, 0, 2])
    scores = torch.randn(3, 3, requires_grad=True)
    lesson.missed(scores, lesson.beside(hard, rows)).sum().backward()
    ours, scores.grad = scores.grad, None
    soft = torch.softmax(torch.from_numpy(given[rows]) / 3, 1)
    apart = torch.nn.functional.kl_div(torch.log_softmax(scores / 3, 1), soft, reduction="sum")
    named = torch.nn.functional.cross_entropy(scores, torch.tensor([0, 2, 1]), reduction="sum")
    (0.4 * named + 0.6 * 9 * apart).backward()
    assert torch.allclose(ours, scores.grad, atol=1e-5)


def student_of(teacher: Bundle, epochs: int):
    start = Start(network="test_efficientnet", random=True)
    recipe = distil_recipe(teacher, start, epochs=epochs, batch=8)
    compute = recipe.compute.model_copy(update={"device": "cpu", "threads": 1})
    optimise = recipe.optimise.model_copy(update={"rate": 5e-3})
    recipe = recipe.model_copy(update={"compute": compute, "optimise": optimise})
    return recipe, open_student(recipe, Catalog([]))


def test_a_small_network_learns_to_answer_as_its_teacher(start, images, tmp_path) -> None:
    """The labels of these pictures mean nothing, so what it knows it has from the teacher."""
    recipe, student = student_of(start, epochs=50)
    cache, fed = images.cache, replace(images.cache, spec=student_spec(start, student))
    assert fed.spec.mean != cache.spec.mean
    seen = Images(fed, images.labels, np.arange(40), images.learn)
    lesson_heard = []

    def emit(event) -> None:
        lesson_heard.append(type(event).__name__)

    found = distil(start, recipe, student, seen, cache, tmp_path, RunContext(emit))
    made = found.bundle
    assert load_bundle(tmp_path / "model").sha256 == made.sha256
    assert made.manifest.architecture == "test_efficientnet"
    assert made.labels == start.labels
    assert made.manifest.training["start"] == {"id": start.ref.id, "sha256": start.sha256}
    assert made.manifest.training["teaching"] == {"temperature": 4.0, "share": 0.7}
    assert found.after.bytes < 0.3 * found.before.bytes
    assert lesson_heard.count("Epoch") == 50
    assert made.manifest.preprocessing == fed.spec
    pairs = [
        [
            open_runtime(one).run(where.tensor([row], where.spec)).scores
            for one, where in ((start, cache), (made, fed))
        ]
        for row in seen.learn
    ]
    ours, theirs = (np.array(side) for side in zip(*pairs, strict=True))
    ours, theirs = ours - ours.mean(1, keepdims=True), theirs - theirs.mean(1, keepdims=True)
    assert np.corrcoef(ours.ravel(), theirs.ravel())[0, 1] > 0.55  # by chance 0 ± 0.1


def test_too_few_images_teach_nothing(start, images, tmp_path) -> None:
    recipe, student = student_of(start, 1)
    few = Images(images.cache, images.labels, images.learn[:4], images.test)
    with pytest.raises(UserError, match="4 are left for that, and 8 are needed"):
        distil(start, recipe, student, few, images.cache, tmp_path, RunContext())


def test_a_lesson_belongs_to_what_a_checkpoint_is_of() -> None:
    scores = np.zeros((2, 2), np.float32)
    assert Lesson(scores).identity == Lesson(scores.copy()).identity
    assert Lesson(scores).identity != Lesson(scores + 1).identity
    assert Lesson(scores).identity != Lesson(scores, temperature=2).identity
