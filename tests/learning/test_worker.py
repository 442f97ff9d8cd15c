"""The process of a run: what leaves it, what it obeys, what it keeps."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from stentviewer.core.errors import Cancelled
from stentviewer.core.sentences import Sentence
from stentviewer.learning import run_log, worker
from stentviewer.learning.events import (
    Done,
    Epoch,
    Event,
    Failed,
    Paused,
    Resumed,
    Stage,
    Step,
    Stopped,
    Told,
    from_line,
)
from stentviewer.learning.orders import PAUSE, RESUME, STOP, Orders
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.run_lock import RunLock, is_busy
from stentviewer.learning.run_log import EventLog, past_events
from tests.learning import stand_in

ROOT = Path(__file__).parents[2]


@contextmanager
def process(folder: RunFolder) -> Iterator[subprocess.Popen[bytes]]:
    command = [sys.executable, "-m", "tests.learning.stand_in", str(folder.path)]
    with subprocess.Popen(command, stdin=-1, stdout=-1, stderr=-1, cwd=ROOT) as started:
        try:
            yield started
        finally:
            started.kill()


def ended(folder: RunFolder) -> tuple[list[Event | None], int, str]:
    """Every line of a run that nobody orders about, the status, and what it muttered."""
    with process(folder) as started:
        lines, muttered = iter(started.stdout), []
        drain = threading.Thread(target=lambda: muttered.append(started.stderr.read()))
        drain.start()
        events = [from_line(line.decode()) for line in lines]
        status = started.wait()
        drain.join()
    return events, status, muttered[0].decode()


def test_events_leave_as_lines_and_nothing_else_does(tmp_path: Path) -> None:
    folder = stand_in.a_run(tmp_path, "short")
    events, status, muttered = ended(folder)
    assert status == 0
    assert None not in events, "what libraries print does not come between"
    assert events[0] == Stage("Reading images")
    assert [e.epoch for e in events if isinstance(e, Epoch)] == [0, 1, 2]
    assert events[-2:] == [Told("홍길동 cannot be read."), Done()]
    assert isinstance(events[-2].text, Sentence), "it can be said in another language"
    assert "a library says something" in muttered
    assert '{"event": "Done"}' in muttered
    assert past_events(folder.events) == events
    state = folder.state()
    assert state.status == "done"
    assert 0 < state.seconds < 60


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [
        ("wrong", 2, "There is one image of “A”. Add more."),
        ("at_fault", 3, "a.png cannot be read."),
        ("out_of_memory", 3, "memory of this machine ran out"),
        ("a_bug", 1, "error in the program (ZeroDivisionError)"),
    ],
)
def test_what_goes_wrong_is_a_sentence(
    tmp_path: Path, name: str, status: int, says: str, capfd: pytest.CaptureFixture[str]
) -> None:
    folder = stand_in.a_run(tmp_path, name)
    events: list[Event] = []
    assert worker.work(folder, events.append, lambda _: None, stand_in.run) == status
    last = events[-1]
    assert isinstance(last, Failed)
    assert says in last.text
    assert last.is_bug == (status == 1)
    assert folder.state().status == "failed"
    assert folder.state().reason == last.text
    assert ("ZeroDivisionError: secret" in capfd.readouterr().err) == last.is_bug
    assert "secret" not in folder.events.read_text(), "a bug's own words may name someone"


def test_a_full_disk_is_a_sentence(tmp_path: Path) -> None:
    def runner(*_: object) -> None:
        raise OSError(28, "No space left on device")

    events: list[Event] = []
    folder = stand_in.a_run(tmp_path, "short")
    assert worker.work(folder, events.append, lambda _: None, runner) == 3
    assert "disk is full" in events[-1].text


@pytest.mark.parametrize("how", ["order", "end of orders", "SIGTERM"])
def test_it_stops_after_a_step_and_can_go_on(tmp_path: Path, how: str) -> None:
    folder = stand_in.a_run(tmp_path, "endless")
    with process(folder) as started:
        assert isinstance(from_line(started.stdout.readline().decode()), Step)
        assert is_busy(folder)
        if how == "order":
            started.stdin.write(b"stop\n")
            started.stdin.flush()
        elif how == "SIGTERM":
            started.send_signal(signal.SIGTERM)
        else:
            started.stdin.close()
        *_, last = [from_line(line.decode()) for line in started.stdout]
        assert last == Stopped()
        assert started.wait() == 0
    state = folder.state()
    assert (state.status, state.reason) == ("stopped", "")
    assert not is_busy(folder)
    seconds = state.seconds
    with process(folder) as started:
        started.stdin.close()
        started.stdout.read()
        started.wait()
    assert folder.state().seconds > seconds, "the parts of a run add up"


def test_it_waits_while_paused(tmp_path: Path) -> None:
    folder = stand_in.a_run(tmp_path, "endless")
    with process(folder) as started:
        started.stdin.write(b"pause\n")
        started.stdin.flush()
        events = (from_line(line.decode()) for line in started.stdout)
        assert next(e for e in events if not isinstance(e, Step)) == Paused()
        started.stdin.write(b"resume\n")
        started.stdin.flush()
        assert next(events) == Resumed()
        assert isinstance(next(events), Step)
        started.stdin.write(b"pause\nnonsense\nstop\n")
        started.stdin.flush()
        *_, last = list(events)
        assert last == Stopped()


def test_the_time_of_a_pause_is_no_work() -> None:
    said: list[Event] = []
    orders = Orders(said.append)
    orders.order(PAUSE)
    waiting = threading.Thread(target=orders.check)
    waiting.start()
    waiting.join(0.05)
    assert waiting.is_alive()
    orders.order(RESUME)
    waiting.join()
    assert said == [Paused(), Resumed()]
    assert orders.waited >= 0.05
    orders.order(PAUSE)
    orders.order(STOP)
    with pytest.raises(Cancelled):
        orders.check()
    assert said == [Paused(), Resumed()], "a run that stops does not wait first"


def test_a_run_has_one_process(tmp_path: Path) -> None:
    folder = stand_in.a_run(tmp_path, "short")
    events: list[Event] = []
    with RunLock(folder):
        assert worker.work(folder, events.append, lambda _: None, stand_in.run) == 2
    assert "goes on in another window" in events[-1].text
    assert folder.state().status == "ready", "who has no lock changes nothing"
    assert worker.work(folder, events.append, lambda _: None, stand_in.run) == 0


def test_a_folder_without_a_run_is_a_sentence(tmp_path: Path) -> None:
    events: list[Event] = []
    assert worker.work(RunFolder(tmp_path), events.append, lambda _: None, stand_in.run) == 2
    assert "There is no run in" in events[-1].text
    (tmp_path / "run.json").write_text("{")
    assert worker.work(RunFolder(tmp_path), events.append, lambda _: None, stand_in.run) == 3
    assert "damaged" in events[-1].text


def test_a_state_that_cannot_be_kept_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stand_in.a_run(tmp_path, "short")
    (folder.path / "run.partial").mkdir()  # what a new state is written to first
    events: list[Event] = []
    assert worker.work(folder, events.append, lambda _: None, stand_in.run) == 3
    assert isinstance(events[-1], Failed)
    assert "cannot be written" in events[-1].text


def test_the_run_gives_way_to_other_programs(tmp_path: Path) -> None:
    code = (
        "import os, psutil; from stentviewer.learning.worker import step_back; step_back();"
        "print(psutil.Process().nice(), open('/proc/self/oom_score_adj').read())"
    )
    if sys.platform != "linux":
        pytest.skip("the figures are Linux's")
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    nice, oom = map(int, out.stdout.split())
    assert nice == max(10, os.nice(0))
    assert oom == 500


def test_no_torch_in_the_process_before_it_is_needed() -> None:
    code = (
        "import sys, stentviewer.learning.worker, stentviewer.app.training;"
        "print(sorted({m.split('.')[0] for m in sys.modules} & "
        "{'torch', 'timm', 'lightning_fabric', 'PySide6', 'sklearn', 'onnxruntime'}))"
    )
    out = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    assert out.stdout.strip() == "[]"


# the log


def test_progress_is_thinned_and_never_out_of_order(tmp_path: Path) -> None:
    said: list[Event] = []
    with EventLog(tmp_path / "events.jsonl", said.append) as log:
        for number in range(1000):
            log(stand_in.step(number, 1000))
        log(Epoch(1, 0, 0.5))
        for number in range(1000):
            log(Stage("Reading", number, 999))
    steps = [e for e in said if isinstance(e, Step)]
    assert steps[0].step == 0
    assert 2 <= len(steps) < 500
    assert said[len(steps)] == Epoch(1, 0, 0.5)
    assert said[len(steps) - 1] == stand_in.step(999, 1000), "the newest is said before the rest"
    assert said[-1] == Stage("Reading", 999, 999)
    kept = past_events(tmp_path / "events.jsonl")
    assert [e for e in kept if not isinstance(e, Step | Stage)] == [Epoch(1, 0, 0.5)]
    assert len(kept) <= len(said)


def test_a_line_that_a_power_cut_left_costs_only_itself(tmp_path: Path) -> None:
    path = tmp_path / "events.jsonl"
    path.write_bytes(b'{"event": "Done"}\n{"event": "To')
    with EventLog(path, lambda _: None) as log:
        log(Told("홍"))
    assert past_events(path) == [Done(), Told("홍")]
    assert past_events(tmp_path / "none") == []


def test_a_log_that_cannot_be_written_does_not_end_the_run(tmp_path: Path) -> None:
    said: list[Event] = []
    with EventLog(tmp_path, said.append) as log:
        log(Done())
    assert "not kept" in said[0].text
    assert said[1] == Done()

    class Full:
        def write(self, _: bytes) -> int:
            raise OSError(28, "No space left on device")

        def close(self) -> None: ...

    said.clear()
    with EventLog(tmp_path / "events.jsonl", said.append) as log:
        log._file.close()
        log._file = Full()
        log(Epoch(1, 0, 0.5))
        log(Done())
    assert "No space left on device" in said[0].text
    assert said[1:] == [Epoch(1, 0, 0.5), Done()]


def test_a_path_that_is_no_text_survives_the_line() -> None:
    name = os.fsdecode(b"a\xff.png")
    line = run_log.encoded(json.dumps({"event": "Told", "text": name}, ensure_ascii=False))
    assert from_line(line.decode("utf-8")) == Told(name)
