"""How many more images would help: said where it can be told, and else that it cannot."""

from __future__ import annotations

import numpy as np
import pytest

from stentviewer.core.errors import UserError
from stentviewer.learning.fitness_curve import _told, learning_curve

CLASSES = ("A", "B", "C")


def features(counts, gap, seed, dimension=60, wrong=0.0):
    """Clouds of points around a middle for each class, two images a patient."""
    rng = np.random.default_rng(seed)
    middles = np.random.default_rng(99).normal(size=(len(counts), dimension)) * gap
    rows, labels, patients = [], [], []
    for label, count in enumerate(counts):
        for who in range(count // 2):
            own = rng.normal(size=dimension) * 0.5
            for _ in range(2):
                rows.append(middles[label] + own + rng.normal(size=dimension))
                said = int(rng.integers(len(counts))) if rng.random() < wrong else label
                labels.append(said)
                patients.append(f"{label}-{who}")
    return np.array(rows, np.float32), np.array(labels), patients


def test_a_falling_curve_says_how_many_more() -> None:
    curves = learning_curve(*features((80, 80, 80), 0.3, 1), CLASSES)
    for curve in curves:
        assert np.all(np.diff(curve.images) > 0)
        assert curve.missed[-1] < 0.75 * curve.missed[0]
    told = [curve for curve in curves if curve.more is not None and curve.range is not None]
    assert told
    for curve in told:
        low, high = curve.range
        assert 1 <= low <= curve.more <= high
        assert f"About {curve.more} more images ({low} to {high})" in curve.text


def test_a_power_law_is_continued_as_it_is() -> None:
    at = np.array([10.0, 14.0, 20.0, 28.0, 40.0])
    share = 0.4 * (at / 10) ** -0.5  # a third fewer missed at 1.5^2 times the images
    count = 400
    wrong = np.repeat(share[:, None], count, axis=1)
    more, spread, text = _told("A", at, wrong, np.arange(count), 1)
    assert more == pytest.approx(1.25 * count, rel=0.03)
    assert spread == (more, more)
    assert text.startswith("A: 20% of 400 images are missed. About 500 more")


def test_what_cannot_be_learned_is_not_promised() -> None:
    for curve in learning_curve(*features((60, 60, 60), 0.0, 1), CLASSES):
        assert curve.more is None
        assert "could leave up to a third fewer" not in curve.text


def test_wrong_labels_are_not_mended_by_more_of_them() -> None:
    x, labels, patients = features((80, 80, 80), 2.0, 3, dimension=20, wrong=0.3)
    for curve in learning_curve(x, labels, patients, CLASSES):
        assert curve.more is None
        assert "Look at the images that are missed" in curve.text or "slowly" in curve.text


def test_too_few_mistakes_tell_nothing() -> None:
    for curve in learning_curve(*features((40, 40, 40), 2.0, 1), CLASSES):
        assert curve.more is None
        assert "Too few to see" in curve.text


def test_few_patients_still_give_a_curve() -> None:
    curves = learning_curve(*features((10, 10, 10), 0.3, 1), CLASSES)
    assert [curve.name for curve in curves] == list(CLASSES)
    assert all(np.isfinite(curve.missed).all() for curve in curves)


def test_the_same_images_give_the_same_curve() -> None:
    given = features((30, 30, 30), 0.3, 1)
    assert learning_curve(*given, CLASSES) == learning_curve(*given, CLASSES)


def test_fewer_patients_than_folds_is_said() -> None:
    with pytest.raises(UserError, match="too few for 5 folds"):
        learning_curve(*features((6, 30, 30), 0.3, 1), CLASSES)
