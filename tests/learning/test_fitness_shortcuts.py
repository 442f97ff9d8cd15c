"""What gives a class away is found, and chance is not taken for it."""

from __future__ import annotations

import cv2
import numpy as np
import pytest

from stentviewer.core.types import Box
from stentviewer.learning.events import RunContext
from stentviewer.learning.fitness_looks import Facts, Looks, look
from stentviewer.learning.fitness_shortcuts import (
    borders,
    fixed_marks,
    small_pictures,
    telling_facts,
    trial,
)
from stentviewer.learning.selection import Item
from tests.learning.fitness_pictures import cloudy, saved, study

CLASSES = ("A", "B", "C")


def facts(**changed) -> Facts:
    whole = Box(0.0, 0.0, 1.0, 1.0)
    plain = {"pixels": "", "rows": 9, "columns": 9, "bits": 8, "format": "PNG", "modality": ""}
    return Facts(**{**plain, "laplacian": 1.0, "writing": (), "open_box": whole, **changed})


def random_looks(seed: int, patients: int, frames: int, own: float = 0.3):
    """Patients of each class in turn; pictures of one patient are alike, of one class not."""
    rng = np.random.default_rng(seed)
    thumbs, labels, names = [], [], []
    for who in range(patients):
        base = rng.normal(size=(32, 32))
        for _ in range(frames):
            thumbs.append(base + own * rng.normal(size=(32, 32)))
            labels.append(who % len(CLASSES))
            names.append(str(who))
    pictures = np.clip(128 + 30 * np.array(thumbs), 0, 255).astype(np.uint8)
    n = len(labels)
    plates = np.zeros((n, 96, 96), np.float32)
    return Looks(np.arange(n), (facts(),) * n, pictures, plates), np.array(labels), names


@pytest.mark.parametrize("seed", range(4))
def test_pictures_that_only_tell_the_patient_give_no_class_away(seed) -> None:
    looks, labels, patients = random_looks(seed, 36, 3)
    for features in (small_pictures(looks), borders(looks)):
        tried = trial(features, labels, patients, CLASSES)
        assert tried is not None
        assert not tried.gives_away
        assert abs(tried.chance - 1 / 3) < 0.08


def test_a_class_from_another_machine_is_given_away() -> None:
    looks, labels, patients = random_looks(1, 36, 3)
    looks.thumbs[labels == 2] //= 2
    looks.thumbs[labels == 2] += np.linspace(0, 90, 32).astype(np.uint8)  # brighter to the right
    tried = trial(small_pictures(looks), labels, patients, CLASSES)
    assert tried is not None
    assert tried.gives_away
    assert tried.p <= 0.01
    assert tried.by_class[2] > 0.9
    assert tried.by_class[2] > max(tried.by_class[:2])


def test_a_border_gives_away_what_the_rest_of_the_picture_does_not() -> None:
    looks, labels, patients = random_looks(2, 36, 2)
    for k, label in enumerate(labels):
        looks.thumbs[k, :3, :10] = 60 + 60 * label
    by_border = trial(borders(looks), labels, patients, CLASSES)
    assert by_border is not None
    assert by_border.gives_away
    inner = looks.thumbs.copy()
    inner[:, :3] = 128
    rest = Looks(looks.at, looks.facts, inner, looks.plates)
    tried = trial(small_pictures(rest), labels, patients, CLASSES)
    assert tried is not None
    assert not tried.gives_away


def test_too_few_patients_tell_nothing() -> None:
    looks, labels, patients = random_looks(1, 9, 5)
    assert trial(small_pictures(looks), labels, patients, CLASSES) is None
    assert trial(small_pictures(looks), np.zeros_like(labels), patients, CLASSES) is None


def test_a_class_without_images_is_left_out_of_the_trial() -> None:
    looks, labels, patients = random_looks(1, 24, 2)
    tried = trial(small_pictures(looks), labels, patients, (*CLASSES, "D"))
    assert tried is not None
    assert tried.by_class[3] == 0
    assert abs(tried.chance - 1 / 3) < 0.1


def marked(tmp_path, labels_with_mark, patients=6):
    """A small cross at the upper left of every image of some classes, ever so slightly moved."""
    items = []
    for label in CLASSES:
        for who in range(patients):
            picture = cloudy(len(items), 192)
            if label in labels_with_mark:
                x, y = 30 + who % 2, 40
                cv2.line(picture, (x - 9, y), (x + 9, y), (255,), 3)
                cv2.line(picture, (x, y - 9), (x, y + 9), (255,), 3)
            path = saved(tmp_path, f"{len(items)}.png", picture)
            items.append(Item(path, label, f"{label}{who}"))
    looks, _ = look(items, RunContext())
    labels = np.array([CLASSES.index(item.label) for item in items])
    return fixed_marks(looks, labels, [item.patient for item in items])


def test_a_mark_in_one_class_is_found_where_it_stands(tmp_path) -> None:
    marks = marked(tmp_path, {"B"})
    assert {mark.label for mark in marks} == {1}
    assert any(m.box.x0 <= 30 / 192 <= m.box.x1 and m.box.y0 <= 40 / 192 <= m.box.y1 for m in marks)
    assert sum((m.box.x1 - m.box.x0) * (m.box.y1 - m.box.y0) for m in marks) < 0.06


def test_a_mark_that_all_classes_have_gives_nothing_away(tmp_path) -> None:
    assert marked(tmp_path, set(CLASSES)) == ()


def test_no_mark_is_seen_where_there_is_none(tmp_path) -> None:
    assert marked(tmp_path, set()) == ()


def test_facts_of_files_that_tell_a_class(tmp_path) -> None:
    items = study(tmp_path, {"A": 5, "B": 5}, frames=1)
    for k, item in enumerate(items):
        if item.label == "B":
            side = 140 + 4 * k
            picture = cloudy(k, side)
            items[k] = Item(saved(tmp_path, f"{k}.jpg", picture), "B", item.patient)
    looks, _ = look(items, RunContext())
    labels = np.array([item.label == "B" for item in items]).astype(np.int64)
    told = telling_facts(looks, labels, [item.patient for item in items])
    assert {(t.label, t.kind, t.value) for t in told} == {
        (0, "format", "PNG"),
        (1, "format", "JPEG"),
        (0, "size", "128 × 128"),
    }
    few = np.array([0, 1, 5, 6])
    small = Looks(
        looks.at[few], tuple(looks.facts[k] for k in few), looks.thumbs[few], looks.plates[few]
    )
    assert telling_facts(small, labels[few], [items[k].patient for k in few]) == ()
