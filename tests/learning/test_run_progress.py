"""How far a run is, from what it says."""

from __future__ import annotations

from stentviewer.learning.events import (
    Done,
    Epoch,
    Failed,
    FoldDone,
    Paused,
    Resumed,
    Stage,
    Step,
    Stopped,
    Told,
)
from stentviewer.learning.run_progress import Curve, RunProgress


def step(epoch: int, number: int, loss: float = 0.5, fold: int = 1, left: float = 60.0) -> Step:
    return Step(fold, epoch, 4, number, 10, loss, 1e-3, 12.0, 10**9, left)


def test_a_fold_from_its_first_step_to_its_end() -> None:
    one = RunProgress()
    assert one.is_over
    one.take(Stage("Reading images", 3, 10))
    assert (one.state, one.stage, one.seconds_left) == (
        "running",
        Stage("Reading images", 3, 10),
        None,
    )
    for number in range(1, 11):
        one.take(step(1, number, 1.0 - number / 20))
    one.take(Epoch(1, 1, 0.6, 0.7, 0.8, 0.75))
    shown = one.shown_fold
    assert shown is not None
    assert shown.loss.x[0] == 0.1
    assert shown.loss.x[-1] == 1.0
    assert shown.loss.y[-1] == 0.5
    assert (shown.check_loss.x, shown.check_loss.y) == ([1.0], [0.7])
    assert (shown.accuracy.y, shown.f1.y) == ([0.8], [0.75])
    assert one.seconds_left == 60.0
    one.take(FoldDone(1, 0.9, 0.85))
    assert one.folds[1].done == FoldDone(1, 0.9, 0.85)
    assert one.step is None
    one.take(Done())
    assert (one.state, one.seconds_left) == ("done", None)


def test_a_run_that_goes_on_draws_what_was_lost_anew() -> None:
    one = RunProgress()
    for number in range(1, 8):
        one.take(step(1, number, 9.0))
    one.take(Failed("The disk is full."))
    assert (one.state, one.reason) == ("failed", "The disk is full.")
    one.begin()
    assert (one.state, one.reason) == ("running", "")
    one.take(step(1, 3, 1.0))
    curve = one.folds[1].loss
    assert curve.x == [0.1, 0.2, 0.3]
    assert curve.y == [9.0, 9.0, 1.0]


def test_what_is_no_number_is_not_drawn() -> None:
    one = RunProgress()
    one.take(Epoch(1, 1, 0.5, None, float("nan"), None))
    assert one.folds[1].accuracy.x == []
    assert one.shown_fold is None


def test_waiting_and_stopping() -> None:
    one = RunProgress()
    one.take(step(1, 1))
    one.take(Paused())
    assert one.state == "paused"
    assert not one.is_over
    one.take(Resumed())
    assert one.state == "running"
    one.take(Stopped())
    assert one.is_over


def test_a_sentence_is_kept_once() -> None:
    one = RunProgress()
    for _ in range(2):
        one.take(Told("An image is left out."))
    one.take(Told("Another."))
    assert one.told == ["An image is left out.", "Another."]


def test_time_left_of_a_stage_once_it_is_more_than_a_guess() -> None:
    one = RunProgress()
    one.take(Stage("Reading images", 1, 100), 0.0)
    one.take(Stage("Reading images", 5, 100), 2.0)
    assert one.stage_seconds_left is None
    one.take(Stage("Reading images", 21, 100), 10.0)
    assert one.stage_seconds_left == 79 / 2
    one.take(Stage("Heat maps", 1, 100), 11.0)
    assert one.stage_seconds_left is None


def test_a_curve_of_days_stays_small_and_true() -> None:
    curve = Curve()
    for number in range(100_000):
        curve.add(number / 100, number)
    assert 300 < len(curve.x) <= 1200
    assert curve.x[0] == 0
    assert all(y == round(x * 100) for x, y in zip(curve.x, curve.y, strict=True))
    assert curve.x[-1] > 990


def test_quick_has_no_curves() -> None:
    one = RunProgress()
    one.take(FoldDone(1, 0.9, 0.8))
    assert one.shown_fold is None
    assert one.folds[1].done is not None
