"""Which pictures are shown, and that the heat lies where the network looked."""

from __future__ import annotations

from io import BytesIO
from pathlib import Path

import numpy as np
import onnx
import pytest
from onnx import TensorProto, helper, numpy_helper
from PIL import Image
from safetensors.numpy import save_file

from stentviewer.core.errors import Cancelled, KnownError
from stentviewer.inference.bundle import HEAD, ONNX, Bundle, write_bundle
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.learning.cache import ImageCache
from stentviewer.learning.events import RunContext
from stentviewer.learning.gallery import choose, make_gallery, read_gallery, write_gallery
from stentviewer.learning.predictions import Predictions
from stentviewer.learning.selection import Item
from tests.inference.networks import MAKERS, manifest
from tests.learning.answers import answers, drawn

SIDE = 64
WIDE = (0, 16, 64, 48)  # a picture twice as wide as tall, letterboxed
EGIS = MAKERS.index("EGIS")


def bright_bundle(folder: Path, with_head: bool = True) -> Bundle:
    """A network whose last activation is the picture itself; EGIS is where it is bright."""
    folder.mkdir()
    weight = np.full((len(MAKERS), 3), -0.1, np.float32)
    weight[EGIS] = 1
    bias = np.zeros(len(MAKERS), np.float32)
    nodes = [
        helper.make_node(
            "AveragePool", ["image"], ["activation"], kernel_shape=[8, 8], strides=[8, 8]
        ),
        helper.make_node("GlobalAveragePool", ["activation"], ["pooled"]),
        helper.make_node("Flatten", ["pooled"], ["flat"]),
        helper.make_node("Gemm", ["flat", "weight", "bias"], ["scores"], transB=1),
    ]
    shapes = {"image": [1, 3, SIDE, SIDE], "activation": [1, 3, 8, 8], "scores": [1, len(MAKERS)]}
    put = {k: helper.make_tensor_value_info(k, TensorProto.FLOAT, v) for k, v in shapes.items()}
    graph = helper.make_graph(
        nodes,
        "bright",
        [put["image"]],
        [put["scores"], put["activation"]],
        [numpy_helper.from_array(weight, "weight"), numpy_helper.from_array(bias, "bias")],
    )
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, folder / ONNX)
    names = (ONNX, HEAD) if with_head else (ONNX,)
    if with_head:
        save_file({"weight": weight, "bias": bias}, folder / HEAD)
    spec = Preprocessing(side=SIDE)
    return write_bundle(folder, manifest(preprocessing=spec), {n: folder / n for n in names})


def cache_of(n: int, spot: tuple[int, int] = (40, 48)) -> ImageCache:
    """Dark pictures with one bright spot (row, column) of the square."""
    pixels = np.zeros((n, SIDE, SIDE), np.uint8)
    pixels[:, WIDE[1] : WIDE[3]] = 30
    pixels[:, spot[0] : spot[0] + 8, spot[1] : spot[1] + 8] = 255
    return ImageCache(
        items=tuple(Item(Path(f"{k}.dcm"), "EGIS", f"p{k}") for k in range(n)),
        pixels=pixels,  # type: ignore[arg-type]
        inside=np.tile(np.array(WIDE, np.int64), (n, 1)),
        extent=np.tile([0.0, -0.5, 1.0, 1.5], (n, 1)),
        sha256=tuple(f"{k:064x}:0" for k in range(n)),
        digest="d",
        spec=Preprocessing(side=SIDE),
    )


def test_the_surest_errors_come_first_then_the_surest_right_answer():
    named = [0, 1, 0, 0, 1, 1]
    logits = np.zeros((6, 2), np.float32)
    logits[np.arange(6), named] = [1, 3, 5, 2, 1, 4]
    given = answers(("A", "B"), ["A", "A", "A", "B", "B", "B"], ["A"] * 6)
    given = Predictions(given.classes, logits, given.truth, given.fold, given.sha256, given.patient)
    assert [row for row, _ in choose(given, 1.0)] == [1, 2, 3, 5]
    assert [row for row, _ in choose(given, 1.0, right=2, wrong=0)] == [2, 0, 5, 4]
    cooled = dict(choose(given, 0.5))
    assert cooled[1] == pytest.approx(1 / (1 + np.exp(-6)))


def test_images_of_no_class_are_not_shown():
    given = answers(("A", "B"), ["x", "A"], ["A", "A"])
    assert [row for row, _ in choose(given, 1.0)] == [1]


def test_no_more_than_asked_for():
    rows = [row for row, _ in choose(drawn(MAKERS, 300, signal=0.0), 1.0, right=2, wrong=3)]
    assert len(rows) == 5 * (2 + 3)
    assert len(set(rows)) == len(rows)


def test_the_heat_lies_where_the_network_looked(tmp_path):
    bundle = bright_bundle(tmp_path / "b")
    given = answers(MAKERS, ["EGIS"] * 2, ["EGIS", "EGIS"], fold=[0, 0])
    (shown,) = make_gallery(bundle, cache_of(2), given, 1.0)
    assert shown.has_heat
    picture = np.asarray(Image.open(BytesIO(shown.png))).astype(int)
    assert picture.shape == (32, 64, 3)  # the padding is not shown
    colour = np.abs(picture[..., 0] - picture[..., 2])
    hottest = np.unravel_index(colour.argmax(), colour.shape)
    assert 24 <= hottest[0] < 32
    assert 46 <= hottest[1] < 58
    assert colour[hottest] > 60
    assert colour[:8, :16].max() < 8
    assert shown.caption == "EGIS, named rightly, 0.83"


def test_the_heat_is_for_the_class_that_was_named(tmp_path):
    bundle = bright_bundle(tmp_path / "b")
    given = answers(MAKERS, ["EGIS"], ["Epic"], fold=[3])  # by a fold's model
    (shown,) = make_gallery(bundle, cache_of(1), given, 1.0)
    picture = np.asarray(Image.open(BytesIO(shown.png))).astype(int)
    spot = picture[26:30, 50:54]
    assert np.ptp(spot, axis=2).max() < 30  # what speaks for EGIS does not speak for Epic
    assert (shown.truth, shown.named, shown.fold, shown.is_right) == ("EGIS", "Epic", 3, False)


def test_a_network_that_cannot_explain_still_shows_its_pictures(tmp_path):
    bundle = bright_bundle(tmp_path / "b", with_head=False)
    (shown,) = make_gallery(bundle, cache_of(1), answers(MAKERS, ["EGIS"], ["EGIS"]), 1.0)
    assert not shown.has_heat
    picture = np.asarray(Image.open(BytesIO(shown.png)))
    assert (np.ptp(picture.astype(int), axis=2) == 0).all()


def test_an_image_that_is_gone_is_passed_over(tmp_path):
    bundle = bright_bundle(tmp_path / "b")
    given = answers(MAKERS, ["EGIS"] * 3, ["Epic"] * 3)
    assert len(make_gallery(bundle, cache_of(2), given, 1.0)) == 2


def test_an_order_to_stop_is_obeyed(tmp_path):
    class Stop:
        def check(self) -> None:
            raise Cancelled

    given = answers(MAKERS, ["EGIS"], ["EGIS"])
    with pytest.raises(Cancelled):
        make_gallery(
            bright_bundle(tmp_path / "b"), cache_of(1), given, 1.0, RunContext(control=Stop())
        )


def test_what_is_written_is_read(tmp_path):
    bundle = bright_bundle(tmp_path / "b")
    given = answers(MAKERS, ["EGIS"] * 3, ["Epic", "EGIS", "EGIS"])
    shown = make_gallery(bundle, cache_of(3), given, 1.0)
    write_gallery([*shown, *shown], tmp_path / "gallery")
    write_gallery(shown, tmp_path / "gallery")
    assert read_gallery(tmp_path / "gallery") == shown
    assert len(list((tmp_path / "gallery").iterdir())) == len(shown) + 1


def test_a_damaged_gallery_is_none(tmp_path):
    assert read_gallery(tmp_path) == []
    (tmp_path / "gallery.json").write_text('[{"file": "../secret"}]')
    assert read_gallery(tmp_path) == []


def test_a_folder_that_cannot_be_written_is_said(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(KnownError, match="cannot be written"):
        write_gallery([], tmp_path / "file" / "gallery")
