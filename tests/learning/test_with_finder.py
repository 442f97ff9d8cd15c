"""Learning with a model that finds stents first: fed with what reading sees, all along."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

pytest.importorskip("torch")

from stentviewer.app.analyse import read_stents
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.types import Box
from stentviewer.imaging.readers import read_radiograph
from stentviewer.inference.bundle import FINDER, HEAD, ONNX, Bundle, load_bundle, write_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.known import known_of
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.inference.runtimes.finder import open_finder
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
from stentviewer.learning import decoding, kfold
from stentviewer.learning.cache import open_cache
from stentviewer.learning.cache_file import fingerprint
from stentviewer.learning.carried_finder import carry
from stentviewer.learning.concluding import champion_answers
from stentviewer.learning.decoding import NoStent
from stentviewer.learning.events import RunContext
from stentviewer.learning.feed import Seen, key_of
from stentviewer.learning.gallery import read_gallery
from stentviewer.learning.recipe import Augment, ClassSpec, Compute, Optimise, Start
from stentviewer.learning.result import read_result
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.selection import Item
from stentviewer.learning.wizard_draft import Details, Draft, ModelChoice
from stentviewer.learning.wizard_plan import Plan
from stentviewer.learning.wizard_recipe import recipe_of, usual_side
from stentviewer.tasks import stent_field
from stentviewer.tasks.stent_crop import mean_on_stent, stent_feature
from tests.learning.small_finder import (
    NEW,
    OLD,
    SIDE,
    adding,
    other_finder,
    start_with_finder,
    study_of_stents,
    write_frame,
)


@pytest.fixture(scope="module")
def start(tmp_path_factory):
    return start_with_finder(tmp_path_factory.mktemp("start"))


@pytest.fixture(scope="module")
def items(tmp_path_factory):
    return study_of_stents(tmp_path_factory.mktemp("study"), each=6, test=1)


@pytest.fixture(scope="module")
def learned(start, items, tmp_path_factory):
    """A whole Quick run from a model with a finder."""
    home = tmp_path_factory.mktemp("home")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("STENTVIEWER_HOME", str(home))
        folder = RunFolder.create(home / "run", adding(start), items)
        kfold.run(folder, Catalog([home / "models"]), RunContext())
    return folder


def cached(items, bundle, folder, **more):
    spec = bundle.manifest.preprocessing
    return open_cache(items, spec, folder, RunContext(), finder=bundle, **more)


def by_reading(bundle, item, spec=None):
    """The surest stent as a reading cuts it out: tensor, crop and place."""
    field = stent_field.field_of(read_radiograph(item.path), item.frame, item.masks)
    prepared = stent_field.prepare_field(field, bundle.manifest.finder)
    found = open_finder(bundle).run(prepared.tensor)
    stents = stent_field.find(found.map, prepared, field, bundle.manifest.finder)
    stent = max(stents, key=lambda one: one.presence)
    crop = stent_field.crop_of(stent, field, bundle.manifest.finder)
    wanted = spec or bundle.manifest.preprocessing
    return stent_field.prepare_stent(field, crop, wanted).tensor, crop, stent


# what learning is fed


def test_a_tensor_is_the_stent_that_a_reading_would_name(start, items, tmp_path):
    cache, problems = cached(items[::6], start, tmp_path, workers=1)
    assert not problems
    spec = start.manifest.preprocessing
    for row, item in enumerate(cache.items):
        expected, crop, stent = by_reading(start, item)
        made = cache.tensor([row], spec)
        assert np.abs(made - expected).max() <= 0.51 / 255 / min(spec.std)
        seen = cache.seen[row]
        assert seen.length == pytest.approx(stent.length / crop.side)
        assert seen.width == pytest.approx(stent.width / crop.side)
        assert seen.field > 0
        activation = OnnxRuntime(start).run(made).activation
        assert mean_on_stent(activation, seen.length, seen.width) == pytest.approx(
            stent_feature(activation, crop, stent)
        )


def test_of_several_stents_the_surest_is_learned_from_and_masks_hide_one(start, tmp_path):
    path = write_frame(tmp_path / "two.dcm", ("EGIS", 100, 200), ("EGIS", 300, 200))
    item = Item(path, "EGIS", "p")
    cache, _ = cached([item], start, tmp_path / "cache", workers=1)
    expected, _, stent = by_reading(start, item)
    assert np.abs(cache.tensor([0], start.manifest.preprocessing) - expected).max() < 0.02
    x = stent.middle[0] / 400
    hidden = replace(item, masks=(Box(max(0.0, x - 0.2), 0.2, x + 0.2, 0.8),))
    other, _ = cached([hidden], start, tmp_path / "cache", workers=1)
    _, _, rest = by_reading(start, hidden)
    assert abs(rest.middle[0] - stent.middle[0]) > 150
    assert (other.pixels[0] != cache.pixels[0]).any()


def test_an_image_without_a_stent_is_a_problem_that_says_so(start, items, tmp_path):
    empty = Item(write_frame(tmp_path / "empty.dcm"), "EGIS", "p")
    cache, problems = cached([items[0], empty, items[1]], start, tmp_path / "cache", workers=1)
    assert cache.items == (items[0], items[1])
    assert len(cache.seen) == 2
    (problem,) = problems
    assert isinstance(problem, NoStent)
    assert problem.message == (
        "No stent was found in “empty.dcm” by the finder of finds; it is left out."
    )


def test_processes_find_as_this_one_does(start, items, tmp_path, monkeypatch):
    monkeypatch.setattr(decoding, "_FEW", 2)
    few = items[:4]
    together, _ = cached(few, start, tmp_path / "a", workers=2)
    alone, _ = cached(few, start, tmp_path / "b", workers=1)
    assert (together.pixels == alone.pixels).all()
    assert together.seen == alone.seen
    assert together.digest == alone.digest


def test_crops_are_kept_apart_from_whole_fields_and_from_other_finders(start, items, tmp_path):
    few, spec = items[:2], start.manifest.preprocessing
    crops, _ = cached(few, start, tmp_path / "cache", workers=1)
    whole, _ = open_cache(few, spec, tmp_path / "cache", RunContext(), 1)
    assert whole.seen == ()
    assert whole.finder == ""
    assert whole.digest != crops.digest
    assert (whole.pixels != crops.pixels).any()
    none = other_finder(start, tmp_path / "other")
    assert len({key_of(start), key_of(none), key_of(None)}) == 3
    assert crops.is_for(start)
    assert not crops.is_for(none)
    assert not whole.is_for(start)
    assert (tmp_path / "cache" / fingerprint(spec)).is_dir()


def test_a_cache_is_found_again_with_what_was_seen(start, items, tmp_path, monkeypatch):
    first, _ = cached(items[:3], start, tmp_path, workers=1)
    monkeypatch.setattr(decoding, "_fitted", None)
    again, problems = cached(items[:3], start, tmp_path, workers=1)
    assert not problems
    assert again.seen == first.seen
    assert all(isinstance(one, Seen) for one in again.seen)


def test_a_damaged_finder_ends_the_run_instead_of_leaving_every_image_out(start, items, tmp_path):
    for name in start.manifest.files:
        (tmp_path / name).write_bytes(start.read(name))
    (tmp_path / FINDER).write_bytes(b"damaged")
    broken = Bundle(tmp_path, start.manifest, "f" * 64)
    with pytest.raises(KnownError, match=r"finder\.onnx is damaged"):
        cached(items[:2], broken, tmp_path / "cache", workers=1)


# a whole run


def test_quick_ends_in_a_model_that_finds_and_names_the_new_design_beside_an_old_one(
    learned, start, tmp_path
):
    made = load_bundle(learned.bundle)
    assert made.labels == (*OLD, NEW)
    assert made.manifest.architecture == "tf_efficientnet_lite0@16"
    assert made.read(FINDER) == start.read(FINDER)
    path = write_frame(tmp_path / "two.dcm", ("smooth", 100, 120), ("EGIS", 300, 270), seed=77)
    reading = read_stents(read_radiograph(path), 0, made, OnnxRuntime(made))
    assert [one.maker for one in reading.findings] == [NEW, "EGIS"]
    assert not reading.refusal
    assert all(one.heat is not None for one in reading.findings)
    assert all(one.distance is not None for one in reading.findings)


def test_what_the_new_model_knows_is_measured_on_the_run_and_its_fields_are_the_start_s(
    learned, start
):
    made, before = load_bundle(learned.bundle), known_of(start)
    known = known_of(made)
    assert known.means.shape == (3, 1280)
    assert np.array_equal(known.field_mean, before.field_mean)
    assert np.array_equal(known.field_whitening, before.field_whitening)
    thresholds = made.manifest.thresholds
    assert thresholds.unknown_distance > 0
    assert 0 <= thresholds.set_score <= 1
    assert thresholds.set_score != start.manifest.thresholds.set_score
    assert made.manifest.finder.presence == start.manifest.finder.presence
    assert made.manifest.finder.field_distance >= start.manifest.finder.field_distance


def test_what_was_learned_from_is_known_and_what_is_like_nothing_is_not(learned, items):
    made = load_bundle(learned.bundle)
    runtime = OnnxRuntime(made)
    far = []
    for item in items:
        (found,) = read_stents(read_radiograph(item.path), 0, made, runtime).findings
        far.append(found.distance)
    assert np.mean(np.array(far) <= 1) > 0.8
    known = known_of(made)
    strange = known.means.mean(0) + 50 * np.abs(known.means).max()
    assert known.distances(strange).min() > 3 * made.manifest.thresholds.unknown_distance


def test_the_result_and_its_pictures_are_of_what_was_cut_out(learned, items):
    result = read_result(learned.result)
    assert result.test is not None
    assert result.test.images == 3
    assert result.out_of_fold.images == 15
    shown = read_gallery(learned.gallery)
    assert shown
    assert all(one.has_heat for one in shown)


def test_a_model_with_another_finder_is_fed_its_own_and_misses_are_left_out(
    learned, start, tmp_path, monkeypatch
):
    monkeypatch.setenv("STENTVIEWER_HOME", str(tmp_path))
    recipe = learned.recipe()
    opened = kfold.open_run_start(recipe, Catalog([tmp_path]), tmp_path)
    study = kfold.open_study(learned, recipe, opened, RunContext())
    rows = np.arange(3)
    same = champion_answers(study, rows, start, RunContext())
    assert len(same) == 3
    none = champion_answers(study, rows, other_finder(start, tmp_path / "none"), RunContext())
    assert len(none) == 0
    manifest = start.manifest.model_copy(update={"finder": None, "id": "whole"})
    files = {name: start.path(name) for name in (ONNX, HEAD)}
    whole = write_bundle(tmp_path / "whole", manifest, files)
    field = champion_answers(study, rows, whole, RunContext())
    assert len(field) == 3
    assert np.abs(field.logits - same.logits).max() > 1e-3


def test_a_class_in_none_of_whose_images_a_stent_is_found_is_said_before_anything_is_learned(
    start, items, tmp_path, monkeypatch
):
    monkeypatch.setenv("STENTVIEWER_HOME", str(tmp_path))
    blank = [Item(write_frame(tmp_path / f"{k}.dcm", seed=100 + k), NEW, f"b{k}") for k in range(3)]
    chosen = [item for item in items if item.label != NEW and item.role == "train"] + blank
    folder = RunFolder.create(tmp_path / "run", adding(start), chosen)
    with pytest.raises(UserError, match=rf"{NEW}.*3 images could not be used"):
        kfold.run(folder, Catalog([tmp_path / "models"]), RunContext())


def test_a_network_without_a_model_may_learn_with_a_model_s_finder(
    start, items, tmp_path, monkeypatch
):
    monkeypatch.setenv("STENTVIEWER_HOME", str(tmp_path))
    plain = adding(start).classes
    recipe = adding(
        start,
        method="tuned",
        epochs=1,
        start=Start(network="test_efficientnet", random=True, finder=str(start.folder)),
        classes=tuple(spec.model_copy(update={"before": ()}) for spec in plain),
        optimise=Optimise(warmup_epochs=0, frozen=0.5),
        augment=Augment(),
        compute=Compute(device="cpu", batch=4, threads=1),
    )
    folder = RunFolder.create(tmp_path / "run", recipe, items)
    kfold.run(folder, Catalog([tmp_path / "models"]), RunContext())
    made = load_bundle(folder.bundle)
    known = known_of(made)
    assert known.means.shape[0] == 3
    assert made.manifest.thresholds.unknown_distance is not None
    reading = read_stents(read_radiograph(items[0].path), 0, made, OnnxRuntime(made))
    assert len(reading.findings) == 1
    assert reading.findings[0].feature.shape == (known.means.shape[1],)
    assert isinstance(made.manifest.preprocessing, Preprocessing)
    assert made.manifest.preprocessing.side == SIDE


# models made smaller


def test_a_smaller_model_keeps_its_finder_and_knows_its_designs_anew(learned, items, tmp_path):
    made = load_bundle(learned.bundle)
    cache, _ = cached(items, made, tmp_path / "cache", workers=1)
    labels = np.array([made.labels.index(item.label) for item in cache.items])
    rows = np.arange(len(cache))
    files = {name: made.path(name) for name in (ONNX, HEAD)}
    copied = {name: tmp_path / name for name in files}
    for name, source in files.items():
        copied[name].write_bytes(source.read_bytes())
    thresholds = carry(made, cache, rows, labels, copied, RunContext())
    assert thresholds.unknown_distance > 0
    assert thresholds.set_score == made.manifest.thresholds.set_score
    manifest = made.manifest.model_copy(update={"thresholds": thresholds, "id": "smaller"})
    smaller = write_bundle(tmp_path / "smaller", manifest, copied)
    (found,) = read_stents(
        read_radiograph(items[0].path), 0, smaller, OnnxRuntime(smaller)
    ).findings
    assert found.maker == items[0].label
    assert found.distance is not None


def test_with_too_few_images_unknown_designs_are_not_told_by_distance_any_more(
    learned, items, tmp_path
):
    made = load_bundle(learned.bundle)
    cache, _ = cached(items[:2], made, tmp_path / "cache", workers=1)
    copied = {ONNX: tmp_path / ONNX, HEAD: tmp_path / HEAD}
    for name, place in copied.items():
        place.write_bytes(made.read(name))
    thresholds = carry(made, cache, np.arange(2), np.zeros(2, np.int64), copied, RunContext())
    assert thresholds.unknown_distance is None
    manifest = made.manifest.model_copy(update={"thresholds": thresholds, "id": "smaller"})
    smaller = write_bundle(tmp_path / "smaller", manifest, copied)
    (found,) = read_stents(
        read_radiograph(items[0].path), 0, smaller, OnnxRuntime(smaller)
    ).findings
    assert found.distance is None
    assert known_of(smaller).field_mean.shape == (3,)


# what the wizard asks for


@pytest.mark.parametrize(
    ("method", "thorough", "finds", "network", "side"),
    [
        ("quick", False, True, "", 352),
        ("full", False, True, "", 352),
        ("full", False, True, "resnet18", 352),
        ("full", True, True, "", 1536),
        ("full", False, False, "", 1024),
        ("tuned", False, False, "", 352),
    ],
)
def test_what_is_cut_out_is_learned_at_the_model_s_own_side(method, thorough, finds, network, side):
    model = ModelChoice(id="m", sha256="0", side=352, classes=OLD, finds=finds)
    classes = tuple(ClassSpec(name=name, before=(name,)) for name in OLD)
    draft = Draft(
        model=model,
        plan=Plan(known=OLD, classes=classes),
        method=method,
        thorough=thorough,
        details=Details(network=network),
    )
    assert usual_side(draft) == side
    recipe = recipe_of(draft, 5)
    assert recipe.side == side
    assert recipe.start.finder == ("m" if network and finds else "")


def test_a_finder_goes_with_a_network_only_and_has_to_find(start, tmp_path):
    with pytest.raises(ValueError, match="brings its own finder"):
        Start(model="a", finder="b")
    manifest = start.manifest.model_copy(update={"finder": None, "id": "whole"})
    files = {name: start.path(name) for name in (ONNX, HEAD)}
    whole = write_bundle(tmp_path / "whole", manifest, files)
    recipe = adding(
        start,
        method="tuned",
        start=Start(network="test_efficientnet", random=True, finder=str(whole.folder)),
        classes=tuple(ClassSpec(name=name) for name in OLD),
    )
    with pytest.raises(UserError, match="whole has no finder"):
        kfold.open_run_start(recipe, Catalog([tmp_path]), tmp_path)
