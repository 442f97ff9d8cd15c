"""Whole patients on one side, every class on both."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from stentviewer.core.errors import UserError
from stentviewer.learning.splits import folds, hold_back

NAMES = ("Bona PC", "Bona UC", "EGIS", "Epic", "NITI-S")
PUBLISHED = (62, 51, 75, 109, 135)


def study(seed: int = 0) -> tuple[np.ndarray, list[str]]:
    """The published study's counts, 1 to 4 images a patient, in no order."""
    rng = np.random.default_rng(seed)
    rows = []
    for label, count in enumerate(PUBLISHED):
        while count > 0:
            some = min(count, int(rng.integers(1, 5)))
            rows += [(label, f"patient {len(rows)}")] * some
            count -= some
    rows = [rows[i] for i in rng.permutation(len(rows))]
    return np.array([label for label, _ in rows]), [patient for _, patient in rows]


@st.composite
def images(draw: st.DrawFn) -> tuple[np.ndarray, list[str], int]:
    """Patients of one class each, k or more a class: then every fold can have every class."""
    k = draw(st.integers(2, 4))
    rows: list[tuple[int, str]] = []
    for label in range(draw(st.integers(2, 4))):
        for person in range(draw(st.integers(k, k + 4))):
            rows += [(label, f"{label}/{person}")] * draw(st.integers(1, 6))
    order = draw(st.permutations(rows))
    return np.array([label for label, _ in order]), [patient for _, patient in order], k


@settings(deadline=None, max_examples=15)
@given(images(), st.integers(0, 2**40))
def test_no_patient_on_two_sides_and_each_class_in_each_fold(made, seed):
    labels, patients, k = made
    classes = [str(i) for i in range(labels.max() + 1)]
    found = folds(labels, patients, k, seed, classes)
    assert found.shape == labels.shape
    sides: dict[str, set[int]] = {}
    for patient, fold in zip(patients, found, strict=True):
        sides.setdefault(patient, set()).add(int(fold))
    assert all(len(folds_of) == 1 for folds_of in sides.values())
    for label in range(len(classes)):
        assert set(found[labels == label]) == set(range(1, k + 1))
    assert (folds(labels, patients, k, seed, classes) == found).all()


@settings(deadline=None, max_examples=15)
@given(st.data())
def test_patients_of_several_classes_stay_whole_too(data):
    n = data.draw(st.integers(4, 40))
    labels = np.array(data.draw(st.lists(st.integers(0, 2), min_size=n, max_size=n)))
    patients = data.draw(st.lists(st.sampled_from("abcdefghij"), min_size=n, max_size=n))
    of_class = [{p for p, y in zip(patients, labels, strict=True) if y == c} for c in range(3)]
    assume(all(len(people) >= 2 for people in of_class))
    found = folds(labels, patients, 2, 5, "xyz")
    for patient in set(patients):
        mine = np.array(patients) == patient
        assert len(set(found[mine])) == 1
    assert set(found) == {1, 2}


def test_folds_of_the_published_study_are_as_even_as_its_table_4():
    labels, patients = study()
    found = folds(labels, patients, 5, 7, NAMES)
    for label, count in enumerate(PUBLISHED):
        sizes = np.bincount(found[labels == label], minlength=6)[1:]
        assert sizes.sum() == count
        assert abs(sizes - count / 5).max() <= 2


def test_another_seed_gives_other_folds():
    labels, patients = study()
    assert (folds(labels, patients, 5, 1, NAMES) != folds(labels, patients, 5, 2, NAMES)).any()


@pytest.mark.parametrize(
    ("labels", "patients", "said"),
    [
        ([0, 0, 0, 1], list("abcd"), "only one image of Epic"),
        ([0, 0, 0, 1, 1], list("abcdd"), "All 2 images of Epic are of one patient"),
        ([0, 0, 0], list("abc"), "There is no image of Epic"),
        ([0] * 6 + [1] * 3, list("abcdefghi"), "Epic has images of 3 patients"),
    ],
)
def test_says_which_class_has_too_few(labels, patients, said):
    with pytest.raises(UserError, match=said):
        folds(np.array(labels), patients, 5, 0, ["EGIS", "Epic"])


def test_suggests_the_number_of_folds_that_can_be():
    labels, patients = np.array([0] * 6 + [1] * 3), list("abcdefghi")
    with pytest.raises(UserError, match="Choose 3 folds"):
        folds(labels, patients, 5, 0, ["EGIS", "Epic"])
    assert set(folds(labels, patients, 3, 0, ["EGIS", "Epic"])) == {1, 2, 3}


def test_no_number_of_folds_is_suggested_where_none_would_do():
    with pytest.raises(UserError) as error:
        folds(np.array([0, 0, 1]), list("abc"), 2, 0, ["EGIS", "Epic"])
    assert "Choose" not in str(error.value)


def test_wrong_calls_are_bugs():
    with pytest.raises(ValueError, match="labels"):
        folds(np.array([0, 1]), ["a"], 2, 0, "xy")
    with pytest.raises(ValueError, match="none of the classes"):
        folds(np.array([0, 2]), ["a", "b"], 2, 0, "xy")
    with pytest.raises(ValueError, match="folds"):
        folds(np.array([0, 1]), ["a", "b"], 1, 0, "xy")


def test_holds_back_whole_patients_about_the_share_of_each_class():
    labels, patients = study()
    held = hold_back(labels, patients, 0.2, 3)
    assert not {p for p, h in zip(patients, held, strict=True) if h} & {
        p for p, h in zip(patients, held, strict=True) if not h
    }
    for label, count in enumerate(PUBLISHED):
        assert abs(held[labels == label].sum() / count - 0.2) < 0.05
    assert (hold_back(labels, patients, 0.2, 3) == held).all()
    assert not hold_back(labels, patients, 0.0, 3).any()
    assert hold_back(np.zeros(0, np.int64), [], 0.2, 3).shape == (0,)


@settings(deadline=None, max_examples=15)
@given(images(), st.floats(0.05, 0.9))
def test_two_patients_of_each_class_always_stay(made, share):
    labels, patients, _ = made
    held = hold_back(labels, patients, share, 1)
    for label in set(labels):
        people = {p for p, y in zip(patients, labels, strict=True) if y == label}
        stays = {p for p, y, h in zip(patients, labels, held, strict=True) if y == label and not h}
        assert len(stays) >= 2
        assert len(people) < 3 or len(stays) < len(people)
