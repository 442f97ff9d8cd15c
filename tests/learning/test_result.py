"""A run's result: made from answers, kept as JSON, read again."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from sklearn.metrics import f1_score

from stentviewer.core.errors import KnownError, UserError
from stentviewer.learning.evaluation import evaluation
from stentviewer.learning.recipe import ClassSpec, Recipe, Start
from stentviewer.learning.result import data_of, evaluate, read_result, write_result
from stentviewer.learning.result_parts import Cost, Model
from stentviewer.learning.selection import Item
from stentviewer.simulate import simulate_stent_image
from stentviewer.simulate.dicom import write_dicom
from tests.learning.answers import answers, drawn

OLD = ("EGIS", "NITI-S")
NEW = ("Coil", "EGIS", "NITI-S")


def recipe(**changes) -> Recipe:
    classes = (
        ClassSpec(name="Coil"),
        ClassSpec(name="EGIS", before=("EGIS",)),
        ClassSpec(name="NITI-S", before=("NITI-S",)),
    )
    return Recipe(name="add coil", start=Start(model="stent-demo"), classes=classes, **changes)


def without_coil(n: int, seed: int, signal: float):
    """A champion that never heard of Coil, on the images of `drawn(NEW, n)`."""
    given = drawn(NEW, n, seed, signal, folds=0)
    return type(given)(
        OLD,
        given.logits[:, 1:],
        given.truth - 1,
        given.fold,
        given.sha256,
        given.patient,
    )


def whole():
    return evaluate(
        recipe(),
        drawn(NEW, 270, 1),
        drawn(NEW, 90, 2, 3.0, folds=0),
        without_coil(90, 3, 2.0),
        drawn(NEW, 60, 4, folds=0),
        cost=Cost(seconds={"cache": 10.5, "fold 1": 2}, images=270, device="CPU", threads=2),
        notes=["Two images were left out."],
        challenger=Model(id="coil", sha256="ab" * 32),
        champion=Model(id="stent-demo", sha256="cd" * 32),
    )


def test_folds_are_each_judged_on_what_they_had_not_seen():
    given = drawn(NEW, 270, 1)
    found = evaluate(recipe(), given)
    assert [fold.fold for fold in found.folds] == [1, 2, 3, 4, 5]
    named = given.logits.argmax(1)
    by_hand = [
        f1_score(given.truth[given.fold == k], named[given.fold == k], average="macro")
        for k in range(1, 6)
    ]
    assert [fold.f1 for fold in found.folds] == pytest.approx(by_hand)
    assert found.mean.f1 == pytest.approx(np.mean(by_hand))
    assert found.deviation is not None
    assert found.deviation.f1 == pytest.approx(np.std(by_hand, ddof=1))
    assert sum(fold.images for fold in found.folds) == 270
    assert sum(fold.patients for fold in found.folds) == 90


def test_the_parts_of_an_evaluation_fit_each_other():
    part = whole().out_of_fold
    counts = np.array(part.confusion)
    assert counts.sum() == part.images == 270
    assert part.accuracy.value == pytest.approx(np.trace(counts) / 270)
    for k, one in enumerate(part.classes):
        assert one.images == counts[k].sum()
        assert one.recall.value == pytest.approx(counts[k, k] / counts[k].sum())
        for figure in (one.precision, one.recall, one.f1, one.auc):
            assert figure.low < figure.value < figure.high
    assert [one.is_new for one in part.classes] == [True, False, False]


def test_the_final_model_is_tempered_as_it_will_be():
    found = whole()
    assert found.test is not None
    assert found.test.calibration.temperature == found.out_of_fold.calibration.temperature


def test_the_comparison_counts_the_new_class_apart():
    found = whole().against_test
    assert found is not None
    assert (found.images, found.unknown_before) == (60, 30)
    assert {one.name for one in found.forgetting} == set(OLD)
    assert found.champion == Model(id="stent-demo", sha256="cd" * 32)
    assert whole().against_external is None


def test_what_starts_from_a_bare_network_has_no_new_classes():
    bare = Recipe(
        name="first",
        start=Start(network="efficientnet_b0"),
        classes=tuple(ClassSpec(name=name) for name in NEW),
    )
    found = evaluate(bare, drawn(NEW, 90))
    assert not any(one.is_new for one in found.out_of_fold.classes)
    assert found.made.network == "efficientnet_b0"


def test_images_of_no_class_are_left_out_and_counted():
    given = answers(NEW, ["Coil", "EGIS", "other"], ["Coil", "EGIS", "Coil"])
    found = evaluation(given, set())
    assert (found.images, found.left_out, found.accuracy.value) == (2, 1, 1)


def test_a_class_in_one_set_only_has_no_area_and_no_made_up_figures():
    given = answers(NEW, ["EGIS"] * 4, ["EGIS", "EGIS", "NITI-S", "EGIS"])
    coil, egis, niti = evaluation(given, set()).classes
    assert egis.recall.value == 0.75
    assert (egis.auc.value, egis.roc) == (None, None)
    assert (coil.recall.value, coil.precision.value, coil.f1.value) == (None, None, None)
    assert (niti.precision.value, niti.recall.value) == (0, None)


def test_a_test_set_with_no_known_class_is_no_evaluation():
    found = evaluate(recipe(), drawn(NEW, 45), answers(NEW, ["x", "y"], ["EGIS", "EGIS"]))
    assert found.test is None


def test_one_image_of_a_class_does_not_stop_it():
    truth = ["Coil"] + ["EGIS"] * 5 + ["NITI-S"] * 5
    given = answers(NEW, truth, truth, fold=[1, 1, 2, 1, 2, 1, 2, 1, 2, 1, 2])
    found = evaluate(recipe(), given)
    assert found.out_of_fold.f1.value == 1
    assert found.out_of_fold.classes[0].recall.low == pytest.approx(0.2065, abs=1e-4)


def test_scores_that_are_no_numbers_are_said_and_not_counted():
    given = drawn(NEW, 45)
    given.logits[7] = np.inf
    with pytest.raises(KnownError, match=r"no numbers for 1 of 45 images.*lower learning rate"):
        evaluate(recipe(), given)


def test_no_answer_at_all_is_said():
    with pytest.raises(KnownError, match="no image with a known class"):
        evaluate(recipe(), answers(NEW, ["x"], ["EGIS"]))


def test_what_is_written_is_read(tmp_path: Path):
    found = whole()
    write_result(found, tmp_path / "result.json")
    assert read_result(tmp_path / "result.json") == found
    assert [path.name for path in tmp_path.iterdir()] == ["result.json"]


def test_the_file_names_no_patient(tmp_path: Path):
    write_result(whole(), tmp_path / "result.json")
    assert '"p1"' not in (tmp_path / "result.json").read_text()


@pytest.mark.parametrize("damage", [b"", b"{", b"[]", b"\xff\xfe", b'{"format_version": 1}'])
def test_a_damaged_file_is_said(tmp_path: Path, damage: bytes):
    (tmp_path / "result.json").write_bytes(damage)
    with pytest.raises(KnownError, match="is damaged"):
        read_result(tmp_path / "result.json")


def test_a_newer_file_is_left_to_its_program(tmp_path: Path):
    raw = json.loads(whole().model_dump_json()) | {"format_version": 2, "surprise": 1}
    (tmp_path / "result.json").write_text(json.dumps(raw))
    with pytest.raises(UserError, match="newer stentviewer"):
        read_result(tmp_path / "result.json")


def test_no_result_yet_is_said(tmp_path: Path):
    with pytest.raises(UserError, match="no result yet"):
        read_result(tmp_path / "result.json")


def test_a_folder_that_cannot_be_written_is_said(tmp_path: Path):
    with pytest.raises(KnownError, match="cannot be written"):
        write_result(whole(), tmp_path / "nowhere" / "result.json")


def test_simulated_images_are_known_by_their_own_word(tmp_path: Path):
    made = write_dicom(simulate_stent_image(3, 0, "EGIS"), tmp_path / "a.dcm")
    (tmp_path / "b.png").write_bytes(b"no picture")
    items = [
        Item(made, "EGIS", "p1"),
        Item(tmp_path / "b.png", "EGIS", "p2"),
        Item(tmp_path / "gone.dcm", "Coil", "p2", role="test"),
    ]
    found = data_of(items, ["One image cannot be read."])
    assert (found.images, found.patients, found.simulated) == (3, 2, 1)
    assert found.by_role == {"train": {"EGIS": 2}, "test": {"Coil": 1}}
    assert evaluate(recipe(), drawn(NEW, 45), data=found).is_simulated
