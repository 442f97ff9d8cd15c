"""A reading by a model with a finder: none, one, several, unknown, refused."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from safetensors.numpy import load_file, save_file

from stentviewer.app.analyse import read_stents
from stentviewer.core.errors import Cancelled, KnownError
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.core.types import Box, Identity
from stentviewer.core.wording import say_reading
from stentviewer.explain.checks import share_inside
from stentviewer.inference.bundle import FINDER, KNOWN, ONNX, Thresholds, write_bundle
from stentviewer.inference.runtimes.base import Output
from stentviewer.inference.runtimes.finder import OnnxFinder
from stentviewer.inference.runtimes.onnx_runtime import OnnxRuntime
from stentviewer.tasks import stent_field
from stentviewer.tasks.stent_crop import stent_feature
from stentviewer.tasks.stent_field import field_of, found_of
from stentviewer.tasks.stent_finder import Found
from stentviewer.tasks.stent_maker import named
from tests.inference.finders import FRAME, LONG, WIDE, finder_bundle, frame
from tests.inference.networks import MAKERS, manifest
from tests.tasks.test_stent_maker import radiograph


@pytest.fixture(scope="module")
def model(tmp_path_factory):
    return finder_bundle(tmp_path_factory.mktemp("finder") / "model")


@pytest.fixture(scope="module")
def runtime(model):
    return OnnxRuntime(model)


def read(model, runtime, *stents):
    return read_stents(radiograph(frame(*stents)), 0, model, runtime)


def around(x: int, y: int) -> Box:
    half_x, half_y = WIDE / 2 / FRAME, LONG / 2 / FRAME
    return Box(x / FRAME - half_x, y / FRAME - half_y, x / FRAME + half_x, y / FRAME + half_y)


def test_none_is_an_answer(model, runtime):
    reading = read(model, runtime)
    assert (reading.findings, reading.heat, reading.refusal, reading.notes) == ((), None, "", ())
    assert say_reading(reading) == "no stent found"
    assert set(reading.seconds) == {"prepare", "find", "name", "explain", "total"}


def test_one_stent_is_found_named_and_shown(model, runtime):
    reading = read(model, runtime, ("EGIS", 120, 150))
    (found,) = reading.findings
    assert (found.maker, found.unknown, found.prediction_set) == ("EGIS", False, ("EGIS",))
    assert found.presence > 0.9
    assert 0 < found.distance < 1
    assert found.feature is not None
    assert found.feature.shape == (2,)
    expected = around(120, 150)
    for name in ("x0", "y0", "x1", "y1"):
        assert getattr(found.box, name) == pytest.approx(getattr(expected, name), abs=0.04)
    assert len(found.outline) == 4
    assert found.heat is not None
    assert share_inside(found.heat, expected) > 0.6
    assert reading.heat is not None
    assert share_inside(reading.heat, expected) > 0.6
    assert reading.device == "onnxruntime · CPU"
    assert reading.seconds["total"] >= max(v for k, v in reading.seconds.items() if k != "total")


def test_two_of_different_makers_each_with_its_own_heat(model, runtime):
    reading = read(model, runtime, ("NITI-S", 300, 100), ("EGIS", 100, 250))
    assert [one.maker for one in reading.findings] == ["NITI-S", "EGIS"], "from above"
    for one, at in zip(reading.findings, (around(300, 100), around(100, 250)), strict=True):
        assert share_inside(one.heat, at) > 0.6
    both = [share_inside(reading.heat, at) for at in (around(300, 100), around(100, 250))]
    assert min(both) > 0.2
    assert sum(both) > 0.6
    assert say_reading(reading).startswith("2 stents: NITI-S ")


def test_a_design_that_no_class_is_near_is_unknown(model, runtime):
    reading = read(model, runtime, ("smooth", 200, 200), ("EGIS", 80, 300))
    strange, known = reading.findings
    assert (strange.unknown, known.unknown) == (True, False)
    assert strange.distance > 1
    assert say_reading(reading).startswith("2 stents: unknown design, nearest EGIS; EGIS ")


def test_eight_are_read_and_no_more(model, runtime):
    places = [(x, y) for y in (70, 200, 330) for x in (50, 150, 250, 350)]
    reading = read(model, runtime, *(("EGIS", x, y) for x, y in places))
    assert len(reading.findings) == 8


def test_a_picture_unlike_all_that_was_learned_from_is_refused_not_free_of_stents(model, runtime):
    values = np.full((FRAME, FRAME), 3000, np.uint16)
    values[:8] = 0
    reading = read_stents(radiograph(values), 0, model, runtime)
    assert "does not look like the radiographs" in reading.refusal
    assert (reading.findings, reading.heat) == ((), None)
    assert say_reading(reading).startswith("not read: This does not look like")
    assert set(reading.seconds) == {"prepare", "find", "total"}


class Forbidden:
    device = "onnxruntime · CPU"

    def run(self, tensor: np.ndarray) -> Output:
        raise AssertionError("nothing is to be named here")


def of(modality: str, **more: object):
    made = radiograph(frame(("EGIS", 200, 200)))
    identity = replace(made.header.identity, modality=modality)
    return replace(made, header=replace(made.header, identity=identity), **more)


def test_what_the_file_says_is_no_radiograph_is_refused_by_that(model):
    said = read_stents(of("CT"), 0, model, Forbidden()).refusal
    assert said.startswith("This is an image of modality CT, not a radiograph.")
    assert read_stents(of("", positions_mm=(1.0,)), 0, model, Forbidden()).refusal


def test_a_thumbnail_is_refused(model):
    small = radiograph(frame(("EGIS", 200, 200))[130:270, 130:330])
    said = read_stents(small, 0, model, Forbidden()).refusal
    assert said.startswith("This image has 200 × 140 pixels, too few")


def test_a_photograph_is_refused_and_a_coloured_mark_is_not_one(model, runtime):
    grey = np.repeat((frame(("EGIS", 200, 200)) // 12).astype(np.uint8)[..., None], 3, axis=2)
    marked = grey.copy()
    marked[390:398, 300:390] = (255, 200, 0)
    (found,) = read_stents(radiograph(marked), 0, model, runtime).findings
    assert found.maker == "EGIS"
    photograph = grey.copy()
    photograph[:, :200, 0] = 250
    assert "in colour" in read_stents(radiograph(photograph), 0, model, Forbidden()).refusal


def test_it_is_cancelled_between_the_passes_and_says_how_far_it_is(model, runtime):
    steps: list[Progress] = []
    image = radiograph(frame(("EGIS", 100, 100), ("NITI-S", 300, 100)))
    read_stents(image, 0, model, runtime, JobContext(steps.append))
    assert steps[0].done == 0
    shares = [step.done / step.total for step in steps]
    assert shares == sorted(shares)
    assert shares[-1] == 1
    context = JobContext()

    def stop(step: Progress) -> None:
        if step.what == "Reading":
            context.cancelled.set()

    context = JobContext(stop)
    with pytest.raises(Cancelled):
        read_stents(image, 0, model, runtime, context)


@pytest.mark.parametrize("kept", ["last layer", "distances"])
def test_what_does_not_fit_the_network_is_a_sentence(model, runtime, tmp_path, kept):
    files = {name: model.path(name) for name in model.manifest.files}
    tensors = load_file(files[KNOWN])
    wide = {"means": np.zeros((5, 3), np.float32), "whitening": np.eye(3, dtype=np.float32)}
    field = {"field_mean": np.zeros(4, np.float32), "field_whitening": np.eye(4, dtype=np.float32)}
    save_file({**tensors, **(wide if kept == "distances" else field)}, tmp_path / "known")
    other = write_bundle(
        tmp_path / "m",
        model.manifest.model_copy(update={"files": {}}),
        files | {KNOWN: tmp_path / "known"},
    )
    with pytest.raises(KnownError, match=r"known\.safetensors does not fit its network"):
        read(other, runtime, ("EGIS", 200, 200))


def test_a_finder_with_other_outputs_is_refused(model, tmp_path):
    files = {name: model.path(name) for name in model.manifest.files}
    other = write_bundle(
        tmp_path / "m",
        model.manifest.model_copy(update={"files": {}}),
        files | {FINDER: model.path(ONNX)},
    )
    with pytest.raises(KnownError, match=r"finder\.onnx has no field, map"):
        OnnxFinder(other)


def test_the_sessions_are_kept(model):
    assert OnnxFinder(model)._session is OnnxFinder(model)._session
    assert OnnxFinder(model)._session is not OnnxRuntime(model)._session


def test_a_model_without_a_finder_reads_as_before(tmp_path):
    (tmp_path / "w").write_bytes(b"w")
    plain = write_bundle(tmp_path / "m", manifest(), {ONNX: tmp_path / "w"})

    class One:
        device = "paper"

        def run(self, tensor: np.ndarray) -> Output:
            return Output(np.float32([0, 0, 4, 0, 0]), np.ones((2, 4, 4), np.float32))

    reading = read_stents(of("CT"), 0, plain, One())
    assert reading.findings[0].maker == "EGIS"
    assert (reading.findings[0].outline, reading.findings[0].presence) == ((), 1.0)
    assert reading.findings[0].distance is None
    assert set(reading.seconds) == {"prepare", "network", "explain", "total"}


def test_a_kept_finding_leads_back_to_its_crop(model, runtime):
    image = replace(radiograph(frame(("EGIS", 120, 150))), pixel_aspect=1.25)
    (found,) = read_stents(image, 0, model, runtime).findings
    field = field_of(image, 0)
    again = found_of(found, field)
    assert again is not None
    made = stent_field.crop_of(again, field, model.manifest.finder)
    tensor = stent_field.prepare_stent(field, made, model.manifest.preprocessing).tensor
    feature = stent_feature(runtime.run(tensor).activation, made, again)
    np.testing.assert_allclose(feature, found.feature, rtol=1e-3)


coordinate = st.floats(20, 380)


@given(coordinate, coordinate, coordinate, coordinate, st.floats(2, 60), st.floats(0.5, 2))
def test_outline_and_back(x0, y0, x1, y1, width, aspect):
    if np.hypot(x1 - x0, y1 - y0) < 1:
        return
    image = replace(radiograph(np.zeros((400, 300), np.uint16)), pixel_aspect=aspect)
    field = field_of(image, 0)
    stent = Found(0.9, ((x0, y0), (x1, y1)), width)
    outline = stent_field.outline_of(stent, field)
    found = replace(
        named(Output(np.zeros(5, np.float32), np.zeros((2, 2, 2), np.float32)), Model()),
        outline=outline,
        presence=0.9,
    )
    back = found_of(found, field)
    assert back is not None
    np.testing.assert_allclose(back.ends, stent.ends, atol=1e-6)
    assert back.width == pytest.approx(width)


class Model:
    """As much of a bundle as naming needs."""

    labels = MAKERS
    manifest = manifest()


@given(st.lists(st.floats(-5, 5), min_size=5, max_size=5), st.floats(0, 1))
def test_a_conformal_set_holds_what_reaches_its_score_and_always_the_first(scores, least):
    class Conformal(Model):
        manifest = manifest(thresholds=Thresholds(set_score=least))

    output = Output(np.float32(scores), np.zeros((2, 2, 2), np.float32))
    found = named(output, Conformal())
    reached = [one.label for one in found.scores if one.probability >= least]
    assert list(found.prediction_set) == (reached or [found.scores[0].label])


def test_what_lies_outside_the_image_has_no_box():
    assert stent_field.box_around([(1.1, 0.2), (1.2, 0.2), (1.2, 0.4), (1.1, 0.4)]) is None
    inside = stent_field.box_around([(-0.1, 0.2), (0.1, 0.1), (0.2, 0.4), (0.0, 0.5)])
    assert inside == Box(0.0, 0.1, 0.2, 0.5)


def test_the_identity_of_a_picture_is_no_reason_to_refuse_it(model, runtime):
    image = radiograph(frame(("EGIS", 200, 200)))
    plain = replace(image, header=replace(image.header, identity=Identity()))
    assert not read_stents(plain, 0, model, runtime).refusal
