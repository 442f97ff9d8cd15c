"""Models made smaller: they read like any other, and every figure about them is measured."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import onnx
import pytest

from stentviewer.core.errors import Cancelled, UserError
from stentviewer.inference.bundle import HEAD, ONNX, SAFETENSORS, Bundle, load_bundle
from stentviewer.inference.runtimes.choose import open_runtime
from stentviewer.learning.cache import ImageCache
from stentviewer.learning.compress import Images, in_two_parts
from stentviewer.learning.compress_int8 import to_int8
from stentviewer.learning.events import RunContext, Stage
from stentviewer.learning.selection import Item
from tests.learning.small_model import small_model

SIDE = 64


@pytest.fixture(scope="module")
def start(tmp_path_factory) -> Bundle:
    return small_model(tmp_path_factory.mktemp("model") / "small", SIDE)


@pytest.fixture(scope="module")
def images(start, tmp_path_factory) -> Images:
    return in_two_parts(*cache_of(start, tmp_path_factory.mktemp("cache")))


def cache_of(bundle: Bundle, folder: Path, count: int = 40, **item: str):
    """Smooth fields with noise, two a patient, of the model's classes in turn."""
    import cv2

    rng = np.random.default_rng(3)
    names = bundle.labels
    pixels = np.zeros((count, SIDE, SIDE), np.uint8)
    for one in pixels:
        coarse = cv2.resize(rng.uniform(0, 200, (6, 6)), (SIDE, SIDE - 4))
        one[: SIDE - 4] = np.clip(coarse + rng.normal(0, 15, coarse.shape), 0, 255)
    file = folder / "pixels.bin"
    file.write_bytes(pixels.tobytes())
    cache = ImageCache(
        items=tuple(
            Item(Path(f"{i}.png"), names[i // 2 % len(names)], f"p{i // 2}", **item)
            for i in range(count)
        ),
        pixels=np.memmap(file, np.uint8, "r", shape=pixels.shape),
        inside=np.array([[0, 0, SIDE, SIDE - 4]] * count),
        extent=np.array([[0.0, 0.0, 1.0, 1.0]] * count),
        sha256=tuple(f"{i:064x}:0" for i in range(count)),
        digest="d",
        spec=bundle.manifest.preprocessing,
    )
    return cache, bundle, [False] * count


def test_patients_are_tested_or_learned_from_never_both(start, images) -> None:
    sides = [{images.cache.items[r].patient for r in rows} for rows in (images.learn, images.test)]
    assert not sides[0] & sides[1]
    assert len(images.learn) + len(images.test) == 40
    assert len(images.learn) >= 8
    assert set(images.labels[images.test]) == set(range(5))


def test_images_held_back_or_of_a_test_role_are_the_test(start, tmp_path) -> None:
    cache, bundle, held = cache_of(start, tmp_path)
    items = [
        replace(item, role="test" if i < 10 else "train") for i, item in enumerate(cache.items)
    ]
    held[20] = True
    found = in_two_parts(replace(cache, items=tuple(items)), bundle, held)
    assert set(found.test) == {*range(10), 20}
    assert set(found.learn) == {*range(10, 40)} - {20, 21}  # 21 is of the same patient as 20


def test_images_of_no_class_or_of_too_few_patients_are_refused(start, tmp_path) -> None:
    cache, bundle, held = cache_of(start, tmp_path)
    strange = tuple(replace(item, label="Coil") for item in cache.items)
    with pytest.raises(UserError, match="None of these images is of a class"):
        in_two_parts(replace(cache, items=strange), bundle, held)
    few = tuple(replace(item, patient="p", label="Epic") for item in cache.items)
    with pytest.raises(UserError, match="too few patients to test on"):
        in_two_parts(replace(cache, items=few), bundle, held)


def test_int8_reads_as_before_and_is_smaller(start, images, tmp_path) -> None:
    found = to_int8(start, images, tmp_path / "int8", RunContext())
    made = load_bundle(tmp_path / "int8")
    assert made.sha256 == found.bundle.sha256
    assert sorted(made.manifest.files) == [HEAD, ONNX]
    assert made.manifest.training["start"] == {"id": start.ref.id, "sha256": start.sha256}
    assert made.manifest.id.startswith("stent-small-int8-")
    assert made.manifest.temperature == start.manifest.temperature
    assert found.smaller < 0.3
    assert found.after.bytes == (tmp_path / "int8" / ONNX).stat().st_size
    assert found.before.single_bytes > 1.8 * found.before.bytes  # the model that ships has halves
    assert found.images == len(images.test)
    assert found.before.milliseconds > 0 < found.after.milliseconds
    assert "nothing can be learned from it" in found.notes[0]


def test_int8_keeps_the_way_from_activation_to_scores(start, images, tmp_path) -> None:
    """Heat maps are made of the last layer's file and the activation: they have to agree."""
    made = to_int8(start, images, tmp_path / "int8", RunContext()).bundle
    weight, bias = made.head()
    spec = made.manifest.preprocessing
    old, new = open_runtime(start), open_runtime(made)
    apart, size = 0.0, 0.0
    for row in images.test[:8]:
        feed = images.cache.tensor([row], spec)
        output, before = new.run(feed), old.run(feed)
        assert weight @ output.activation.mean((1, 2)) + bias == pytest.approx(
            output.scores, abs=1e-4
        )
        assert output.activation.shape == before.activation.shape
        apart += float(np.abs(output.activation - before.activation).mean())
        size += float(np.abs(before.activation).mean())
    assert 0 < apart < 0.5 * size
    network = onnx.load(tmp_path / "int8" / ONNX)
    made_by = {name: node for node in network.graph.node for name in node.output}
    assert made_by["scores"].op_type == "Gemm"
    kinds = [node.op_type for node in network.graph.node]
    assert kinds.count("Conv") == 49
    assert kinds.count("QuantizeLinear") >= 49


def test_int8_of_int8_is_refused(start, images, tmp_path) -> None:
    made = to_int8(start, images, tmp_path / "int8", RunContext()).bundle
    with pytest.raises(UserError, match="8-bit numbers already"):
        to_int8(made, images, tmp_path / "again", RunContext())


def test_int8_needs_images_to_calibrate_on(start, images, tmp_path) -> None:
    with pytest.raises(UserError, match="3 are left for that, and 8 are needed"):
        to_int8(start, replace(images, learn=images.learn[:3]), tmp_path / "x", RunContext())


def test_a_cancelled_conversion_leaves_no_model(start, images, tmp_path) -> None:
    def emit(event) -> None:
        if isinstance(event, Stage) and event.done == 4:
            raise Cancelled

    with pytest.raises(Cancelled):
        to_int8(start, images, tmp_path / "int8", RunContext(emit))
    assert not list((tmp_path / "int8").iterdir())


def test_models_without_weights_for_torch_cannot_be_pruned(start, images, tmp_path) -> None:
    from stentviewer.learning.compress_prune import prune

    made = to_int8(start, images, tmp_path / "int8", RunContext()).bundle
    assert not made.has(SAFETENSORS)
    with pytest.raises(UserError, match="can read but not be pruned"):
        prune(made, images, 0.5, tmp_path / "pruned", RunContext())
    with pytest.raises(UserError, match="between 0 and 1"):
        prune(start, images, 1.0, tmp_path / "pruned", RunContext())
