"""The one door: answers in order, stale ones dropped, nothing left running."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from pytestqt.qtbot import QtBot

from stentviewer.core.errors import Cancelled, KnownError
from stentviewer.core.jobs import JobContext
from stentviewer.ui.activity import Activity
from stentviewer.ui.bridge import Bridge


class Clock:
    def __init__(self) -> None:
        self.now = 100.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def bridge(qapp, clock: Clock) -> Iterator[Bridge]:
    made = Bridge(clock=clock)
    yield made
    made.close()


def idle(qtbot: QtBot, bridge: Bridge) -> None:
    qtbot.waitUntil(lambda: not bridge.jobs)


def test_the_answer_comes_back_on_the_windows_thread(bridge, qtbot):
    threads = []

    def work(_: JobContext) -> str:
        threads.append(threading.current_thread())
        return "answer"

    def done(answer: str) -> None:
        threads.append(threading.current_thread())
        assert answer == "answer"

    bridge.run(work, done, key="k", title="t")
    assert len(bridge.jobs) == 1, "run never waits"
    idle(qtbot, bridge)
    assert threads[0] is not threading.main_thread()
    assert threads[1] is threading.main_thread()


def test_a_newer_request_makes_the_older_answer_stale(bridge, qtbot):
    gate, answers, failures = threading.Event(), [], []

    def slow(_: JobContext) -> str:
        gate.wait(10)
        return "old"

    bridge.run(slow, answers.append, failures.append, key="image", title="t")
    bridge.run(lambda _: "new", answers.append, failures.append, key="image", title="t")
    idle(qtbot, bridge)
    gate.set()
    bridge.run(lambda _: "other", answers.append, key="other", title="t")
    idle(qtbot, bridge)
    assert answers == ["new", "other"]
    assert failures == [], "nobody asks any more, so nobody is told"


def test_changes_are_done_in_their_order_and_none_is_dropped(bridge, qtbot):
    order, answers = [], []
    for n in range(20):

        def work(_: JobContext, n: int = n) -> int:
            order.append(n)
            return n

        bridge.run(work, answers.append, key="change", title="t", ordered=True)
    idle(qtbot, bridge)
    assert order == answers == list(range(20))


def test_an_error_is_announced_once_and_its_asker_told(bridge, qtbot):
    told, announced = [], []
    bridge.trouble.connect(announced.append)

    def work(_: JobContext) -> None:
        raise KnownError("the disk is full")

    bridge.run(work, pytest.fail, lambda error: told.append(str(error)), key="k", title="t")
    bridge.run(work, pytest.fail, lambda _: True, key="told already", title="t")
    idle(qtbot, bridge)
    assert told == ["the disk is full"]
    assert [str(error) for error in announced] == ["the disk is full"]


def test_cancelled_work_stops_and_is_no_trouble(bridge, qtbot):
    started, told = threading.Event(), []
    bridge.trouble.connect(pytest.fail)

    def work(context: JobContext) -> None:
        started.set()
        context.cancelled.wait(10)
        context.step(1, 2)

    bridge.run(work, pytest.fail, told.append, key="k", title="t").cancel()
    idle(qtbot, bridge)
    assert isinstance(told[0], Cancelled)


def test_closing_finishes_changes_cancels_the_rest_and_leaves_no_thread(bridge):
    before = threading.active_count()
    kept, started = [], threading.Event()

    def endless(context: JobContext) -> None:
        started.set()
        while True:
            context.cancelled.wait(10)
            context.step(0, 0)

    bridge.run(endless, pytest.fail, key="reading", title="t")
    assert started.wait(10)
    for n in range(5):
        bridge.run(lambda _, n=n: kept.append(n), pytest.fail, key="c", title="t", ordered=True)
    bridge.close()
    assert kept == [0, 1, 2, 3, 4]
    assert threading.active_count() <= before
    bridge.run(lambda _: kept.append(99), pytest.fail, key="late", title="t")
    assert 99 not in kept


def test_progress_is_shown_after_a_while_then_a_way_out_then_the_time_left(bridge, clock, qtbot):
    gate = threading.Event()
    activity = Activity(bridge)
    qtbot.addWidget(activity)
    activity.show()

    def work(context: JobContext) -> None:
        context.step(3, 12)
        gate.wait(10)

    job = bridge.run(work, lambda _: None, key="k", title="Opening files")
    qtbot.waitUntil(lambda: job.progress.total == 12)
    seen = []
    for passed in (0.2, 0.4, 2.1, 12.0):
        clock.now = 100.0 + passed
        activity.refresh()
        seen.append((activity.text.isVisible(), activity.cancel.isVisible(), activity.text.text()))
    assert [one[:2] for one in seen] == [
        (False, False),
        (True, False),
        (True, True),
        (True, True),
    ]
    assert seen[2][2] == "Opening files…"
    assert seen[3][2] == "Opening files  ·  about 36 s left"
    activity.cancel.click()
    assert job.context.cancelled.is_set()
    gate.set()
    idle(qtbot, bridge)
    assert not activity.text.isVisible()
