"""The parts of the demo model's training: truth in the network's square, crops, start weights."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from stentviewer.core.types import Box
from stentviewer.learning import demo_model
from stentviewer.learning.crops import BACKGROUND, IGNORED, cell_labels, draw_batch
from stentviewer.learning.demo_recipe import DemoRecipe
from stentviewer.learning.intervals import by_class, wilson
from stentviewer.learning.pool import Pool, PoolSpec, field_of, load_pool, make_pool
from stentviewer.simulate import simulate_stent_image


@pytest.fixture(scope="module")
def pool() -> Pool:
    rows = []
    for index in range(3):
        image = simulate_stent_image(1, index, "NITI-S")
        rows.append(field_of(image, 1024, Box(*image.open_box)))
    stacked = {key: np.stack([row[key] for row in rows]) for key in rows[0]}
    return Pool(labels=np.full(3, 4), **stacked)


def test_the_centre_line_stays_on_the_stent_in_the_square(pool) -> None:
    for field, line, half in zip(pool.fields, pool.lines, pool.half_widths, strict=True):
        assert (line > 0).all()
        assert (line < 1024).all()
        assert 8 < half < 40
        x, y = np.round(line[len(line) // 2]).astype(int)
        reach = int(half) + 6
        near = field[y - reach : y + reach, x - reach : x + reach].astype(float)
        # Thick wire and markers make the stent's middle busier than the field as a whole.
        assert near.std() > 2


def test_the_same_state_draws_the_same_batch(pool) -> None:
    first = draw_batch(np.random.default_rng(4), pool, 6, 256)
    again = draw_batch(np.random.default_rng(4), pool, 6, 256)
    assert np.array_equal(first.images, again.images)
    assert np.array_equal(first.cells, again.cells)
    assert first.images.shape == (6, 3, 256, 256)
    assert set(np.unique(first.labels)) <= {4, BACKGROUND, IGNORED}


def test_cells_name_the_stent_along_its_line_and_background_far_from_it() -> None:
    line = np.stack([np.full(24, 112.0), np.linspace(20, 200, 24)], axis=1).astype(np.float32)
    cells = cell_labels(line, 14.0, 2, 256)
    assert (cells[1:6, 3] == 2).all()
    assert (cells[:, 6:] == BACKGROUND).all()
    assert (cells[2:5, 2] == IGNORED).all()


def test_a_pool_is_made_once_and_goes_on_where_it_stopped(tmp_path) -> None:
    spec = PoolSpec(5, 3, (64,), True, chunk=2)
    folder = make_pool(tmp_path, spec, 1)
    chunks = sorted(folder.iterdir())
    assert [path.name for path in chunks] == ["00000.npz", "00002.npz"]
    before = load_pool(folder, 64)
    chunks[1].unlink()
    kept = chunks[0].stat().st_mtime_ns
    make_pool(tmp_path, spec, 1)
    assert chunks[0].stat().st_mtime_ns == kept
    assert np.array_equal(load_pool(folder, 64).fields, before.fields)


def test_wilson_and_the_table_by_class() -> None:
    assert wilson(8, 10) == pytest.approx((0.4902, 0.9433), abs=1e-4)
    assert wilson(0, 0) == (0.0, 1.0)
    table = by_class(np.array([0, 0, 1, 1]), np.array([0, 1, 1, 1]), ("a", "b"))
    assert table["accuracy"] == 0.75
    assert table["classes"]["a"]["n"] == 2
    assert table["confusion"] == [[1, 1], [0, 2]]


def test_start_weights_fit_and_half_precision_is_widened_by_one_cast(tmp_path) -> None:
    torch = pytest.importorskip("torch")
    from stentviewer.core.errors import UserError
    from stentviewer.learning.export import export_reading, run_onnx, save_tensors
    from stentviewer.learning.transfer import packaged_network

    with pytest.raises(UserError, match="resnet0"):
        packaged_network("resnet0", 5)
    network = packaged_network("tf_efficientnet_lite0", 5).eval()
    export_reading(network, 96, tmp_path / "a.onnx")
    save_tensors(network, tmp_path / "a.safetensors", tmp_path / "head.safetensors")
    assert (tmp_path / "a.onnx").stat().st_size < 8e6
    assert (tmp_path / "a.safetensors").stat().st_size < 8e6
    image = np.random.default_rng(0).normal(size=(1, 3, 96, 96)).astype(np.float32)
    ((scores, activation),) = run_onnx(tmp_path / "a.onnx", [image], 1)
    with torch.inference_mode():
        expected = network(torch.from_numpy(image)).numpy()
    assert activation.shape == (1, 1280, 3, 3)
    assert scores == pytest.approx(expected, abs=2e-2)


def test_no_run_goes_on_with_what_another_recipe_left() -> None:
    plain = DemoRecipe()
    one_more = {int: 1, float: 1, str: "EGIS"}
    others = {
        replace(plain, **{f.name: (old := getattr(plain, f.name)) + one_more[type(old)]}).name
        for f in fields(plain)
    }
    assert plain.name == DemoRecipe().name
    assert len(others | {plain.name}) == len(fields(plain)) + 1


@pytest.mark.parametrize("seed", [demo_model.TEST_SEED, demo_model.TEST_SEED - 1000])
def test_the_test_pictures_are_never_trained_on(seed, tmp_path, monkeypatch, capsys) -> None:
    words = ["demo_model", "--out", str(tmp_path / "m"), "--work", str(tmp_path / "w")]
    monkeypatch.setattr("sys.argv", [*words, "--seed", str(seed)])
    monkeypatch.setattr(demo_model, "train", lambda *_: pytest.fail("it began to train"))
    with pytest.raises(SystemExit):
        demo_model.main()
    assert "test's pictures" in capsys.readouterr().err


def test_training_check_and_test_share_no_picture() -> None:
    recipe = DemoRecipe()
    seeds = (recipe.seed, recipe.check_seed, demo_model.TEST_SEED)
    pixels = [simulate_stent_image(seed, 0, "EGIS").pixels for seed in seeds]
    assert len({array.tobytes() for array in pixels}) == 3
