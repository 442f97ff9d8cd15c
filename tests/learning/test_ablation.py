"""What a step is worth: figures, differences, resuming, and what cannot be compared."""

from __future__ import annotations

import json

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from typer.testing import CliRunner

from stentviewer.cli import app
from stentviewer.core.errors import Cancelled, UserError
from stentviewer.inference.steps import Steps
from stentviewer.learning import ablation as module
from stentviewer.learning.ablation import Ablation
from stentviewer.learning.ablation_steps import Variant, steps_of, usual_variants, variants_of
from stentviewer.learning.events import RunContext
from stentviewer.learning.features import Pooled
from stentviewer.learning.paired import paired
from stentviewer.learning.selection import Item, write_selection
from tests.learning.images import write_png
from tests.learning.small_model import small_model

STEPS = ("polarity=bone dark",)


@pytest.fixture(scope="module")
def bundle(tmp_path_factory):
    return small_model(tmp_path_factory.mktemp("model") / "small", side=64)


@pytest.fixture
def not_aimed(monkeypatch):
    """The last convolution stays as it is: a fold is one small fit."""
    monkeypatch.setattr(Pooled, "strengths", property(lambda _: (0.0,)))


@pytest.fixture(scope="module")
def items(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pictures")
    return [
        Item(write_png(folder / f"{i:02d}.png", i), ("EGIS", "Epic")[i % 2], f"patient-{i // 2}")
        for i in range(12)
    ]


def test_the_paired_bootstrap_finds_an_effect_and_no_effect():
    rng = np.random.default_rng(2)
    truth = rng.integers(0, 3, 300)
    patients = [str(i // 2) for i in range(300)]
    wrong = (truth + 1) % 3
    first = np.where(rng.random(300) < 0.6, truth, wrong)
    better = np.where(rng.random(300) < 0.9, truth, wrong)
    found = paired(truth, first, better, patients, 3)
    assert found.accuracy.value == pytest.approx((better == truth).mean() - (first == truth).mean())
    assert 0.15 < found.accuracy.low < found.accuracy.value < found.accuracy.high < 0.45
    assert found.f1.low > 0.15
    same = paired(truth, first, first, patients, 3)
    assert (same.accuracy.value, same.accuracy.low, same.accuracy.high, same.changed) == (
        0,
        0,
        0,
        0,
    )


def test_the_paired_interval_is_as_wide_as_the_closed_form():
    rng = np.random.default_rng(3)
    n = 400
    truth = np.zeros(n, np.int64)
    truth[::2] = 1
    first, second = (np.where(rng.random(n) < p, truth, 1 - truth) for p in (0.8, 0.82))
    found = paired(truth, first, second, [str(i) for i in range(n)], 2).accuracy
    gain = (second == truth).astype(float) - (first == truth)
    half = 1.96 * gain.std() / np.sqrt(n)
    assert found.high - found.low == pytest.approx(2 * half, rel=0.12)


@settings(max_examples=25, deadline=None)
@given(st.data(), st.integers(1, 20))
def test_an_interval_turns_round_with_its_sides(data, n):
    answers = st.lists(st.integers(0, 2), min_size=n, max_size=n)
    truth, first, second = (np.array(data.draw(answers), np.int64) for _ in range(3))
    patients = [str(i % 4) for i in range(n)]
    one = paired(truth, first, second, patients, 3)
    other = paired(truth, second, first, patients, 3)
    assert one.accuracy.value == pytest.approx(-other.accuracy.value)
    assert one.changed == other.changed
    if one.accuracy.low is not None:
        assert one.accuracy.low == pytest.approx(-other.accuracy.high, abs=1e-9)
    else:
        assert len(set(patients)) == 1


@pytest.mark.parametrize(
    "text", ["median=4", "median", "foo=3", "median=3 + median=5", "gaussian=nan", "low=99.9", "",
             "polarity=inverted", "range=0 to 255", "mean=1,2", "median=3 +"],
)  # fmt: skip
def test_what_is_no_step_is_said_with_the_fields_there_are(text):
    with pytest.raises(UserError, match="clahe_clip"):
        steps_of(text)


def test_steps_are_read_as_they_are_written():
    for text in ("equalise=clahe + clahe_clip=3", "gaussian=1.5 + gaussian_kernel=5",
                 "range=-1 to 1", "polarity=bone dark", "bits=8", "mean=0.1,0.2,0.3"):  # fmt: skip
        assert str(steps_of(text)) == text
    assert [one.learned for one in variants_of(["polarity=bone dark", "median=3"])] == [
        True, True, False,
    ]  # fmt: skip
    assert len(set(usual_variants())) == len(usual_variants())


def test_learned_and_read_variants_beside_the_models_own(bundle, items, tmp_path, not_aimed):
    made = Ablation(bundle, items, tmp_path, RunContext(), folds=2)
    found = list(made.outcomes(variants_of(STEPS)))
    assert [one.variant.name for one in found] == ["", *STEPS, "polarity=bone dark"]
    assert [one.variant.learned for one in found] == [True, True, False]
    assert found[0].change is None
    for one in found:
        assert (one.images, one.patients) == (12, 6)
        assert one.accuracy.low <= one.accuracy.value <= one.accuracy.high
        if one.change is not None:
            gain = one.accuracy.value - found[0].accuracy.value
            assert one.change.accuracy.value == pytest.approx(gain)
            assert str(one.verdict)
    left = [path.name for path in (tmp_path / "ablations").glob("*/*") if path.is_dir()]
    assert left == ["own"]  # what a variant needed is gone

    def must_not(*_, **__):
        raise AssertionError("measured again")

    before = module.Ablation._answered
    module.Ablation._answered = must_not
    try:
        again = Ablation(bundle, items, tmp_path, RunContext(), folds=2)
        assert list(again.outcomes(variants_of(STEPS))) == found
    finally:
        module.Ablation._answered = before


def test_a_comparison_that_was_stopped_keeps_what_was_done(bundle, items, tmp_path):
    class Stop:
        left = 1_000_000

        def check(self):
            self.left -= 1
            if self.left < 0:
                raise Cancelled

    stop = Stop()
    made = Ablation(bundle, items, tmp_path, RunContext(control=stop), read_only=True)
    outcomes = made.outcomes([Variant(steps_of("median=3")), Variant(steps_of("bits=8"))])
    first = [next(outcomes), next(outcomes)]
    stop.left = 4
    with pytest.raises(Cancelled):
        next(outcomes)
    again = Ablation(bundle, items, tmp_path, RunContext(), read_only=True)
    rest = list(again.outcomes([Variant(steps_of("median=3")), Variant(steps_of("bits=8"))]))
    assert rest[:2] == first
    assert len(rest) == 3


def test_reading_only_learns_nothing_and_leaves_test_images_alone(bundle, items, tmp_path):
    held = [Item(i.path, i.label, i.patient, role="test") for i in items[:4]] + items[4:]
    made = Ablation(bundle, held, tmp_path, RunContext(), read_only=True)
    found = list(made.outcomes([Variant(Steps(equalise="clahe")), Variant(Steps(median=0))]))
    assert made.held_back == 4
    assert len(made.items) == 8
    assert made.folds == 0
    assert [one.images for one in found] == [8, 8]  # median 0 is the model's own
    assert not found[1].variant.learned


def test_what_cannot_be_compared_is_said(bundle, items, tmp_path):
    alone = [item for item in items if item.label == "EGIS"]
    with pytest.raises(UserError, match="two classes or more"):
        Ablation(bundle, alone, tmp_path, RunContext())
    strange = [Item(item.path, "Nobody", item.patient) for item in items[:2]]
    with pytest.raises(UserError, match="of a class that"):
        Ablation(bundle, strange, tmp_path, RunContext(), read_only=True)
    with pytest.raises(UserError, match="no image"):
        Ablation(bundle, [], tmp_path, RunContext())


def test_the_command_prints_a_table_or_lines(bundle, items, tmp_path):
    table = tmp_path / "images.csv"
    write_selection(table, items)
    words = ["ablate", str(table), "--model", str(bundle.folder), "--read-only"]
    shown = CliRunner().invoke(app, [*words, "--steps", "median=3", "--steps", "bits=8"])
    assert shown.exit_code == 0, shown.output
    assert "the model's own" in shown.stdout
    assert "2 variants were compared" in shown.stdout
    lines = CliRunner().invoke(app, [*words, "--steps", "median=3", "--json"])
    rows = [json.loads(line) for line in lines.stdout.splitlines()]
    assert [row["variant"] for row in rows] == ["", "median=3"]
    assert rows[1]["preprocessing"]["median"] == 3
    assert rows[1]["accuracy_change"]["low"] <= rows[1]["accuracy_change"]["high"]
    assert "patient-" not in lines.stdout
    assert isinstance(CliRunner().invoke(app, [*words, "--steps", "foo=1"]).exception, UserError)
