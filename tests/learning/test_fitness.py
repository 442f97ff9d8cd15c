"""All checks of a selection in one call: each finding, what to do, and what mends it."""

from __future__ import annotations

import json
from dataclasses import replace

import cv2
import numpy as np
import pytest

from stentviewer.core.sentences import Sentence
from stentviewer.learning.events import RunContext
from stentviewer.learning.fitness import (
    Reference,
    as_json,
    check,
    joined,
    with_masks,
    without,
)
from stentviewer.learning.fitness_data import histogram
from stentviewer.learning.selection import read_selection
from stentviewer.simulate import simulate_study_set
from tests.learning.fitness_pictures import SIDE, saved, study, written


@pytest.fixture
def fit(tmp_path):
    """A selection that nothing is wrong with: two classes, six patients of two images each."""
    return study(tmp_path / "images", {"Coil": 6, "Epic": 6})


def checked(items, **options):
    return check(items, RunContext(), **{"side": SIDE, "workers": 1, **options})


def said(fitness, kind):
    return [f for f in fitness.findings if f.kind == kind]


def test_a_fit_selection_has_few_images_and_nothing_else(fit) -> None:
    fitness = checked(fit)
    assert [(f.kind, f.severity) for f in fitness.findings] == [("count", "warn")] * 2
    assert "± 23 points" in fitness.findings[0].text
    assert fitness.can_go_on
    assert [(c.name, c.images, c.patients) for c in fitness.counts] == [
        ("Coil", 12, 6),
        ("Epic", 12, 6),
    ]
    assert set(fitness.trials) == {"small", "border"}
    assert not fitness.twins
    assert not fitness.masks
    assert all(isinstance(f.text, Sentence) and isinstance(f.advice, Sentence)
               for f in fitness.findings)  # fmt: skip


def test_a_simulated_study_is_fit(tmp_path) -> None:
    table = simulate_study_set(
        tmp_path, 8, {"Coil": 24, "Epic": 24, "EGIS": 24}, side=96, workers=1
    )
    fitness = checked(read_selection(table), side=96)
    assert fitness.can_go_on
    assert not [f for f in fitness.findings if f.severity == "warn"]


@pytest.mark.parametrize(
    ("patients", "frames", "text", "severity"),
    [
        ({"Coil": 1}, 1, "only one image of Coil", "stop"),
        ({"Coil": 1}, 3, "All 3 images of Coil are of one patient", "stop"),
        ({"Coil": 3}, 2, "Coil has images of 3 patients, too few for 5 folds", "stop"),
        ({"Coil": 0}, 2, "no image of Coil", "stop"),
    ],
)
def test_too_little_of_a_class_stops(tmp_path, patients, frames, text, severity) -> None:
    items = study(tmp_path, {**patients, "Epic": 6}, frames)
    fitness = checked(items, classes=("Coil", "Epic"))
    (finding,) = [f for f in said(fitness, "count") if text in f.text]
    assert finding.severity == severity
    assert not fitness.can_go_on
    assert fitness.findings[0].severity == "stop"


def test_fewer_folds_let_few_patients_go_on(tmp_path) -> None:
    items = study(tmp_path, {"Coil": 3, "Epic": 6})
    assert not checked(items).can_go_on
    assert checked(items, k=3).can_go_on


def test_one_class_alone_stops(tmp_path) -> None:
    fitness = checked(study(tmp_path, {"Epic": 6}))
    assert "one class only" in fitness.findings[0].text
    assert not fitness.can_go_on


def test_imbalance_is_said(tmp_path) -> None:
    fitness = checked(study(tmp_path, {"Coil": 5, "Epic": 26}, 1))
    (finding,) = said(fitness, "imbalance")
    assert finding.text == "There are 5 times as many images of Epic as of Coil."


def test_copies_under_two_labels_stop_until_one_is_left_out(fit, tmp_path) -> None:
    fit.append(replace(fit[0], label="Epic", patient="Epic 0"))
    fitness = checked(fit)
    (finding,) = said(fitness, "twins")
    assert (finding.severity, finding.items) == ("stop", (0, 24))
    assert not fitness.can_go_on
    assert checked(without(fit, finding.items)).can_go_on


def test_copies_on_both_sides_of_the_test_stop(fit, tmp_path) -> None:
    copy = saved(tmp_path, "copy.png", 255 - cv2.imread(str(fit[3].path), cv2.IMREAD_GRAYSCALE))
    fit.append(replace(fit[3], path=copy, patient="new", role="test"))
    fitness = checked(fit)
    (finding,) = said(fitness, "twins")
    assert (finding.severity, finding.items) == ("stop", (3,))
    assert checked(without(fit, finding.items)).can_go_on


def test_copies_under_two_patients_become_one_patient(fit, tmp_path) -> None:
    mirrored = cv2.imread(str(fit[1].path), cv2.IMREAD_GRAYSCALE)[:, ::-1]
    fit[5] = replace(fit[5], path=saved(tmp_path, "mirrored.png", mirrored), patient="other")
    fitness = checked(fit)
    (finding,) = said(fitness, "twins")
    assert (finding.severity, finding.items) == ("warn", (5,))
    together = joined(fit, fitness)
    assert together[5].patient == together[1].patient == together[0].patient == "Coil 0"
    assert len({item.patient for item in together}) == len({item.patient for item in fit}) - 1
    assert not said(checked(together), "twins")


def test_an_image_that_is_there_twice_is_noted(fit) -> None:
    fit.append(fit[0])
    (finding,) = said(checked(fit), "twins")
    assert (finding.severity, finding.items) == ("note", (24,))


def test_patients_with_two_designs_and_on_both_sides(fit) -> None:
    fit[0] = replace(fit[0], patient="Epic 1")
    fit[4] = replace(fit[4], role="test")
    stop, warn = said(checked(fit), "patients")
    assert (stop.severity, stop.items) == ("stop", (5,))
    assert warn.severity == "warn"
    assert set(warn.items) == {0, 14, 15}


def test_writing_in_one_class_is_masked_in_all(fit, tmp_path) -> None:
    for k in range(12):
        picture = written(
            cv2.imread(str(fit[k].path), cv2.IMREAD_GRAYSCALE), "WARD 3", (4 + 2 * k, 30), 0.7
        )
        fit[k] = replace(fit[k], path=saved(tmp_path, f"w{k}.png", picture))
    fitness = checked(fit)
    (finding,) = [f for f in said(fitness, "writing") if "with Coil" in f.text]
    assert finding.severity == "warn"
    assert "100% of the patients with Coil and of 0% of the others" in finding.text
    masked = with_masks(fit, fitness)
    assert all(item.masks for item in masked)
    after = checked(masked)
    assert not said(after, "writing")
    assert not said(after, "mark")
    assert not said(after, "shortcut")


def test_writing_here_and_there_is_noted_and_masked_where_it_is(fit, tmp_path) -> None:
    picture = written(cv2.imread(str(fit[2].path), cv2.IMREAD_GRAYSCALE), "WARD 3", (20, 30), 0.7)
    fit[2] = replace(fit[2], path=saved(tmp_path, "w.png", picture))
    fitness = checked(fit)
    (finding,) = said(fitness, "writing")
    assert (finding.severity, finding.items) == ("note", (2,))
    assert [k for k, item in enumerate(with_masks(fit, fitness)) if item.masks] == [2]


def test_a_logo_in_one_class_is_masked_in_all(fit, tmp_path) -> None:
    for k in range(12, 24):
        picture = cv2.imread(str(fit[k].path), cv2.IMREAD_GRAYSCALE)
        cv2.circle(picture, (100, 100), 7, (255,), 2)
        fit[k] = replace(fit[k], path=saved(tmp_path, f"m{k}.png", picture))
    fitness = checked(fit)
    (finding,) = said(fitness, "mark")
    assert "Epic" in finding.text
    masked = with_masks(fit, fitness)
    assert len({item.masks for item in masked}) == 1
    assert not said(checked(masked), "mark")


def test_a_class_from_another_machine_is_said_to_be_given_away(fit, tmp_path) -> None:
    shade = np.linspace(-60, 60, SIDE)[None, :]
    for k in range(12):
        picture = cv2.imread(str(fit[k].path), cv2.IMREAD_GRAYSCALE) + shade
        fit[k] = replace(fit[k], path=saved(tmp_path, f"s{k}.png", np.clip(picture, 40, 200)))
    texts = [f.text for f in said(checked(fit), "shortcut")]
    assert any(t.startswith("A picture of 16 × 16 pixels") for t in texts)


def test_one_class_of_another_file_type_is_said(fit, tmp_path) -> None:
    for k in range(12):
        picture = cv2.imread(str(fit[k].path), cv2.IMREAD_GRAYSCALE)
        fit[k] = replace(fit[k], path=saved(tmp_path, f"{k}.tif", picture))
    texts = [f.text for f in said(checked(fit), "shortcut")]
    assert "Nearly all images of Coil are TIFF files, and hardly any of the others." in texts


def test_a_blurred_class_and_a_single_blurred_image_are_said(tmp_path) -> None:
    items = study(tmp_path, {"Coil": 9, "Epic": 9}, 1)
    for k in range(9):
        blurred = cv2.GaussianBlur(
            cv2.imread(str(items[k].path), cv2.IMREAD_GRAYSCALE), (0, 0), 0.7
        )
        items[k] = replace(items[k], path=saved(tmp_path, f"b{k}.png", blurred))
    findings = said(checked(items), "sharpness")
    assert any("tells Coil from the others" in f.text for f in findings)
    sharp = study(tmp_path / "sharp", {"Coil": 9, "Epic": 9}, 1)
    alone = cv2.GaussianBlur(cv2.imread(str(sharp[4].path), cv2.IMREAD_GRAYSCALE), (0, 0), 4)
    sharp[4] = replace(sharp[4], path=saved(tmp_path, "alone.png", alone))
    (finding,) = said(checked(sharp), "sharpness")
    assert (finding.severity, finding.items) == ("note", (4,))


def test_sharpness_is_held_against_the_start_models_images(fit) -> None:
    usual = checked(fit)
    values = [v for own in usual.sharpness.values() for v in own]
    same = checked(fit, start=Reference("demo", tuple(values)))
    assert not said(same, "sharpness")
    assert "demo" in same.histogram.groups
    other = checked(fit, start=Reference("demo", tuple(v / 5 for v in values)))
    (finding,) = said(other, "sharpness")
    assert "demo" in finding.text


def test_images_smaller_than_what_is_learned_at_are_said(fit) -> None:
    (finding,) = said(checked(fit, side=1024), "resolution")
    assert finding.severity == "warn"
    assert "24 of 24 images have fewer than 1024 pixels" in finding.text
    assert not said(checked(fit, side=SIDE), "resolution")


def test_unreadable_images_are_named_and_left_out_of_the_counts(fit) -> None:
    fit[0].path.write_bytes(b"")
    fitness = checked(fit)
    (finding,) = said(fitness, "unreadable")
    assert finding.items == (0,)
    assert len(fitness.problems) == 1
    assert fitness.counts[0].images == 11


def test_what_is_kept_as_json_names_no_patient_and_no_file(fit) -> None:
    fit.append(replace(fit[0], patient="KIM^MINJUN"))
    fit[7].path.write_bytes(b"")
    text = json.dumps(as_json(checked(fit)))
    assert "KIM" not in text
    assert ".png" not in text
    raw = json.loads(text)
    assert {f["kind"] for f in raw["findings"]} == {"count", "twins", "unreadable"}
    assert len(raw["histogram"]["groups"]["Coil"]) == 100


def test_an_item_of_no_class_is_a_mistake_of_the_caller(fit) -> None:
    with pytest.raises(ValueError, match="tuple"):
        checked(fit, classes=("Coil", "EGIS"))


def test_histograms_are_shares_smoothed_as_published() -> None:
    made = histogram({"A": [10.0] * 4, "B": [10.0, 90.0], "none": []})
    assert sum(made.groups["A"]) == pytest.approx(1)
    assert sum(made.groups["B"]) == pytest.approx(1)
    assert sum(made.groups["none"]) == 0
    first = made.groups["A"]
    peak = int(np.argmax(first))
    assert peak * made.width <= 10.0 < (peak + 1) * made.width
    gauss = np.exp(-0.5 * (np.arange(-3, 4) / 2.0) ** 2)
    got = np.array(first[peak - 3 : peak + 4])
    assert got / got[3] == pytest.approx(gauss, rel=1e-6)
