"""What a run costs: time by stage over all its parts, and counters that start anew."""

from __future__ import annotations

from pathlib import Path

import pytest

from stentviewer.learning import cost
from stentviewer.learning.cost import Counter, Meter, package_counters
from stentviewer.learning.events import RunContext, Stage, Step


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch):
    class Clock:
        now = 100.0

    monkeypatch.setattr(cost.time, "monotonic", lambda: Clock.now)
    return Clock


def zone(powercap: Path, name: str, label: str, joules: float, wraps: float) -> Path:
    folder = powercap / name
    folder.mkdir(parents=True)
    (folder / "name").write_text(f"{label}\n")
    (folder / "energy_uj").write_text(f"{round(joules * 1e6)}\n")
    (folder / "max_energy_range_uj").write_text(f"{round(wraps * 1e6)}\n")
    return folder / "energy_uj"


def test_seconds_are_counted_by_stage(clock):
    meter = Meter(devices=[])
    with meter.stage("cache"):
        clock.now += 5
    clock.now += 100  # waiting costs nothing
    with meter.stage("folds"):
        clock.now += 2
        with meter.stage("heat maps"):
            clock.now += 3
        clock.now += 4
    with meter.stage("cache"):
        clock.now += 1
    found = meter.cost(images=12, device="CPU", threads=2)
    assert found.seconds == {"cache": 6, "heat maps": 3, "folds": 6}
    assert found.total == 15
    assert (found.images, found.device, found.threads) == (12, "CPU", 2)


def test_without_a_device_that_says_it_energy_is_not_known(clock):
    assert Meter(devices=[]).cost().energy is None


def test_what_was_used_before_the_run_is_not_the_runs(clock):
    level = 5000.0
    meter = Meter(devices=[Counter("GPU", lambda: level)])
    level = 5250.0
    assert meter.cost().energy == 250
    assert meter.cost().energy_of == ("GPU",)


def test_a_counter_that_starts_anew_is_followed(tmp_path, clock):
    file = zone(tmp_path, "intel-rapl:0", "package-0", 260.0, 262.0)
    meter = Meter(devices=package_counters(tmp_path))
    file.write_text("3000000\n")  # 2 J to the end of its range, and 3 J
    assert meter.cost().energy == pytest.approx(5)
    assert meter.cost().energy_of == ("CPU package-0",)


def test_parts_of_a_package_do_not_count_twice(tmp_path):
    zone(tmp_path, "intel-rapl:0", "package-0", 1, 262)
    zone(tmp_path, "intel-rapl:0:0", "core", 1, 262)
    zone(tmp_path, "intel-rapl:1", "package-1", 1, 262)
    assert [counter.device for counter in package_counters(tmp_path)] == [
        "CPU package-0",
        "CPU package-1",
    ]


def test_a_counter_that_stops_answering_is_left_out(tmp_path, clock):
    file = zone(tmp_path, "intel-rapl:0", "package-0", 10, 262)
    meter = Meter(devices=package_counters(tmp_path))
    file.write_text("12000000\n")
    assert meter.cost().energy == pytest.approx(2)
    file.unlink()
    assert meter.cost().energy == pytest.approx(2)


def test_a_machine_that_says_nothing_has_no_counters(tmp_path):
    (tmp_path / "intel-rapl:0").mkdir()
    assert package_counters(tmp_path) == []
    assert package_counters(tmp_path / "nowhere") == []


def test_the_parts_of_an_interrupted_run_add_up(tmp_path, clock):
    level = 0.0
    path = tmp_path / "cost.json"
    device = Counter("GPU", lambda: level)
    first = Meter(path, [device])
    with first.stage("fold 1"):
        clock.now, level = clock.now + 60, 100.0
    level = 900.0  # used by others while the run was not there
    second = Meter(path, [device])
    with second.stage("fold 1"):
        clock.now, level = clock.now + 30, 950.0
    found = second.cost()
    assert found.seconds == {"fold 1": 90}
    assert found.energy == 150
    assert found.memory is not None
    assert found.memory > 10**7
    assert [file.name for file in tmp_path.iterdir()] == ["cost.json"]


def test_a_run_that_is_killed_loses_ten_seconds_at_most(tmp_path, clock):
    seen = []
    meter = Meter(tmp_path / "cost.json", [])
    context = meter.watching(RunContext(emit=seen.append))
    step = Step(1, 1, 9, 1, 9, 0.5, 1e-3, 20.0, 0, 9.0)
    with meter.stage("fold 1"):
        for _ in range(7):
            clock.now += 4
            context.emit(step)
        kept = Meter(tmp_path / "cost.json", []).cost().seconds["fold 1"]
    assert 28 - 10 <= kept <= 28
    assert seen == [step] * 7


def test_orders_still_reach_a_watched_run():
    class Refuses:
        def check(self) -> None:
            raise InterruptedError

    context = Meter(devices=[]).watching(RunContext(control=Refuses()))
    with pytest.raises(InterruptedError):
        context.stage("x")
    seen: list[object] = []
    Meter(devices=[]).watching(RunContext(emit=seen.append)).stage("x", 1, 2)
    assert seen == [Stage("x", 1, 2)]


def test_a_damaged_account_begins_anew(tmp_path, clock):
    (tmp_path / "cost.json").write_text("{")
    assert Meter(tmp_path / "cost.json", []).cost().seconds == {}


def test_this_machine_is_asked_without_harm():
    for counter in cost.counters():
        assert counter.read() >= 0
