"""The making of the demo model: truth in the pool, batches, both networks' targets, thresholds."""

from __future__ import annotations

from dataclasses import fields, replace

import numpy as np
import pytest

from stentviewer.inference.known import Known
from stentviewer.learning import demo_model
from stentviewer.learning.demo_answers import Answer, Told, overlap
from stentviewer.learning.demo_pool import CUT, FIELD, Pool, PoolSpec, load_pool, make_pool
from stentviewer.learning.demo_thresholds import choose
from stentviewer.learning.demo_training import (
    DemoRecipe,
    cell_targets,
    finder_batch,
    namer_batch,
    plain_crop,
)
from stentviewer.learning.intervals import by_class, wilson
from stentviewer.learning.known_designs import conformal_score, known_from
from stentviewer.simulate import simulate_reading_image
from stentviewer.tasks.stent_finder import stents_of


@pytest.fixture(scope="module")
def pool(tmp_path_factory) -> Pool:
    folder = make_pool(tmp_path_factory.mktemp("pool"), PoolSpec(3, 3, chunk=2), 1)
    assert [path.name for path in sorted(folder.iterdir())] == ["00000.npz", "00002.npz"]
    first = folder / "00000.npz"
    made = first.stat().st_mtime_ns
    (folder / "00002.npz").unlink()
    make_pool(folder.parent, PoolSpec(3, 3, chunk=2), 1)
    assert first.stat().st_mtime_ns == made  # what is there is kept
    return load_pool(folder)


def test_a_pool_holds_its_images_stents_where_they_are(pool) -> None:
    assert pool.fields.shape == (3, FIELD, FIELD)
    truth = [simulate_reading_image(3, index).stents for index in range(3)]
    assert [len(pool.stents_of(number)) for number in range(3)] == list(map(len, truth))
    assert len(pool.makers) > 0
    for row in range(len(pool.makers)):
        x0, y0, x1, y1, width = pool.boxes[row]
        left, top, right, bottom = pool.inside[pool.of[row]]
        assert left - 8 <= (x0 + x1) / 2 <= right + 8
        assert top - 8 <= (y0 + y1) / 2 <= bottom + 8
        assert 0 < width < np.hypot(x1 - x0, y1 - y0) * 1.5
        line = pool.lines[row]
        assert np.abs(line.mean(axis=0) - CUT / 2).max() < 0.2 * CUT  # in the middle of its cut
        assert np.ptp(line[:, 1]) > 0.45 * CUT  # and upright


def test_what_the_cells_should_say_is_what_is_found() -> None:
    boxes = np.array([[60, 50, 60, 190, 22], [200, 100, 290, 210, 30]], np.float64)
    targets = cell_targets(boxes, 48)
    said = np.zeros((6, 48, 48), np.float32)
    said[0] = 20 * targets[0] - 10
    said[1:4], said[4:6] = 64 * targets[1:4], 8 * targets[4:6]
    from stentviewer.core.types import Box

    found = stents_of(said, Box(0, 0, 1, 1), (384, 384), 0.9)
    assert len(found) == 2
    for one, box in zip(sorted(found, key=lambda f: f.middle[0]), boxes, strict=True):
        ends = sorted(one.ends, key=lambda end: end[1])
        assert np.array(ends) == pytest.approx(box[:4].reshape(2, 2), abs=0.1)
        assert one.width == pytest.approx(box[4], abs=0.1)


def test_the_same_state_draws_the_same_batches(pool) -> None:
    rows = np.arange(len(pool.makers))
    one, two = (np.random.default_rng(4) for _ in range(2))
    first, again = finder_batch(one, pool, 3, 160), finder_batch(two, pool, 3, 160)
    assert all(np.array_equal(a, b) for a, b in zip(first, again, strict=True))
    assert first[1].shape == (3, 8, 20, 20)
    assert np.isfinite(first[0]).all()
    crops, on = namer_batch(one, pool, rows, 96, 1.2)
    assert crops.shape == (len(rows), 96, 96)
    assert on.shape == (len(rows), 6, 6)
    middle = on[:, :, 2:4].mean()
    assert middle > 3 * on[:, :, [0, 5]].mean()  # the stent stands upright in the middle
    unit = plain_crop(pool, 0, 96, 1.2)
    assert unit.shape == (96, 96)
    assert (unit.min(), unit.max()) == (0, 1)


def test_both_networks_learn_a_step_and_go_on(pool, tmp_path) -> None:
    torch = pytest.importorskip("torch")
    from stentviewer.learning.demo_training import known_makers, train_finder, train_namer
    from stentviewer.learning.export import export_finder, run_onnx
    from stentviewer.learning.finder_network import ReadFinder

    recipe = DemoRecipe(part=96, finder_batch=2, finder_steps=2, side=64, namer_batch=2,
                        namer_steps=2)  # fmt: skip
    finder = train_finder(recipe, pool, tmp_path / "finder.pt")
    kept = torch.load(tmp_path / "finder.pt", weights_only=True)
    assert kept["step"] == 2
    again = train_finder(recipe, pool, tmp_path / "finder.pt")  # nothing is left to do
    for name, value in finder.state_dict().items():
        assert torch.equal(value, again.state_dict()[name])
    export_finder(ReadFinder(finder), 96, tmp_path / "finder.onnx")
    image = np.random.default_rng(0).normal(size=(1, 3, 96, 96)).astype(np.float32)
    ((found, field),) = run_onnx(tmp_path / "finder.onnx", [image], 1)
    with torch.inference_mode():
        wanted, feature = ReadFinder(finder)(torch.from_numpy(image))
    assert found.shape == (1, 6, 12, 12)
    for ours, theirs in ((found, wanted.numpy()), (field, feature.numpy())):  # a byte a weight
        assert np.linalg.norm(ours - theirs) < 0.15 * np.linalg.norm(theirs)
    namer = train_namer(recipe, pool, known_makers(recipe), tmp_path / "namer.pt")
    with torch.inference_mode():
        features = namer.forward_features(torch.from_numpy(image))
        scores = namer.forward_head(features)
        bare = torch.einsum("nchw,kc->nk", features, namer.classifier.weight) / 36
    assert features.shape == (1, 1280, 6, 6)  # cells of 16 pixels
    assert scores.numpy() == pytest.approx(bare.numpy(), abs=1e-4)  # its map is all it goes by


def _answer(truth: list[str], told: list[tuple[float, list[float], float]]) -> Answer:
    """An image with stents side by side; told: presence, scores, and the feature's one number."""
    boxes = [np.array([[k, 0], [k + 8, 0], [k + 8, 60], [k, 60]], np.float64)
             for k in range(0, 200, 20)]  # fmt: skip
    return Answer(
        np.zeros(2, np.float32),
        tuple(
            Told(p, boxes[k], np.array(s, np.float32), np.array([f, 0], np.float32))
            for k, (p, s, f) in enumerate(told)
        ),
        tuple((maker, boxes[k]) for k, maker in enumerate(truth)),
    )


def test_thresholds_part_what_held_out_images_part() -> None:
    rng = np.random.default_rng(1)
    known = known_from(
        rng.normal(0, 1, (400, 2)).astype(np.float32),
        np.arange(400) % 2,
        rng.normal(0, 1, (50, 2)).astype(np.float32),
        kept=2,
    )
    check = []
    for k in range(200):
        label = k % 2
        scores = rng.normal(0, 1, 2)
        scores[label] += 2
        check.append(_answer(["a", "b"][label : label + 1], [(0.8, list(scores), 0.1)]))
        check.append(_answer([], [(0.3, [0, 0], 0.0)]))  # what is not there is less sure
    chosen = choose(check, ("a", "b"), known)
    assert 0.3 < chosen.presence < 0.8
    inside = 0
    for one in check:
        for told, at in one.matched(chosen.presence):
            assert at == 0
            p = np.exp(told.scores / chosen.temperature)
            p /= p.sum()
            inside += p["ab".index(one.truth[0][0])] >= (chosen.thresholds.set_score or 0)
    assert 0.88 <= inside / 200 <= 0.93


def test_conformal_sets_cover_what_they_say() -> None:
    rng = np.random.default_rng(2)
    covered = []
    for _ in range(200):
        of_truth = rng.beta(5, 2, 300)
        covered.append((rng.beta(5, 2, 300) >= conformal_score(of_truth, 0.9)).mean())
    assert np.mean(covered) == pytest.approx(0.9, abs=0.01)
    assert conformal_score(np.array([0.5, 0.9]), 0.9) == 0.0  # too few to exclude anything


def test_distance_grows_away_from_every_design() -> None:
    rng = np.random.default_rng(3)
    labels = np.arange(600) % 3
    features = rng.normal(0, 1, (600, 20)).astype(np.float32)
    features[:, 0] += 6 * labels
    known: Known = known_from(features, labels, features, kept=20)
    near = np.array([known.distances(one).min() for one in features])
    strange = features[:100].copy()
    strange[:, 1] += 14
    far = np.array([known.distances(one).min() for one in strange])
    assert far.min() > np.quantile(near, 0.95)
    assert (np.array([known.distances(f).argmin() for f in features]) == labels).mean() > 0.95


def test_boxes_overlap_as_they_lie() -> None:
    box = np.array([[0, 0], [10, 0], [10, 40], [0, 40]], np.float64)
    assert overlap(box, box) == pytest.approx(1)
    assert overlap(box, box + np.array([5, 0])) == pytest.approx(1 / 3)
    assert overlap(box, box + np.array([50, 0])) == 0
    assert overlap(box, box[::-1]) == pytest.approx(1)  # whichever way round


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
    from stentviewer.inference.bundle import ONNX, SAFETENSORS
    from stentviewer.learning.export import export_network, run_onnx
    from stentviewer.learning.transfer import packaged_network

    with pytest.raises(UserError, match="resnet0"):
        packaged_network("resnet0", 5)
    network = packaged_network("tf_efficientnet_lite0", 5).eval()
    files = export_network(network, 96, tmp_path)
    assert files[ONNX].stat().st_size < 8e6
    assert files[SAFETENSORS].stat().st_size < 8e6
    image = np.random.default_rng(0).normal(size=(1, 3, 96, 96)).astype(np.float32)
    ((scores, activation),) = run_onnx(files[ONNX], [image], 1)
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
def test_the_test_images_are_never_trained_on(seed, tmp_path, monkeypatch, capsys) -> None:
    words = ["demo_model", "--out", str(tmp_path / "m"), "--work", str(tmp_path / "w")]
    monkeypatch.setattr("sys.argv", [*words, "--seed", str(seed)])
    monkeypatch.setattr(demo_model, "make", lambda *_: pytest.fail("it began to train"))
    with pytest.raises(SystemExit):
        demo_model.main()
    assert "test's images" in capsys.readouterr().err
