"""Runs beside the program: events, orders, processes that break, and what is found again."""

from __future__ import annotations

import os
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import psutil
import pytest

from stentviewer.app import training
from stentviewer.app.training import Training, remove_run, run_summaries
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.types import Problem
from stentviewer.learning.events import (
    Done,
    Epoch,
    Event,
    Failed,
    Paused,
    Resumed,
    Step,
    Stopped,
)
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.run_lock import RunLock
from tests.learning import stand_in

ROOT = Path(__file__).parents[2]


def command(folder: Path) -> list[str]:
    code = (
        f"import sys; sys.path.insert(0, {str(ROOT)!r}); from tests.learning import stand_in;"
        "from stentviewer.learning import worker;"
        "sys.exit(worker.main(sys.argv[1:], stand_in.run))"
    )
    return [sys.executable, "-c", code, str(folder)]


class Heard:
    """Collects events and lets a test wait for one."""

    def __init__(self) -> None:
        self.events: list[Event] = []
        self._changed = threading.Condition()

    def __call__(self, _: RunFolder, event: Event) -> None:
        with self._changed:
            self.events.append(event)
            self._changed.notify_all()

    def wait_for(self, kind: type[Event], after: int = 0) -> Event:
        def found() -> Event | None:
            return next((e for e in self.events[after:] if isinstance(e, kind)), None)

        with self._changed:
            assert self._changed.wait_for(found, 60), f"no {kind.__name__} in {self.events[-5:]}"
            return found()


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def runner(heard: Heard) -> Iterator[Callable[..., Training]]:
    """Makes a Training that is listened to and closed."""
    made: list[Training] = []

    def make(grace: float = 30.0) -> Training:
        made.append(Training(command, grace))
        made[-1].listen(heard)
        return made[-1]

    before = set(threading.enumerate())
    yield make
    for one in made:
        one.close()
        assert one.running is None
    assert set(threading.enumerate()) <= before
    assert psutil.Process().children(recursive=True) == []


def test_a_run_from_its_start_to_its_end(tmp_path: Path, runner, heard: Heard) -> None:
    one = runner()
    folder = stand_in.a_run(tmp_path, "short")
    one.start(folder)
    heard.wait_for(Done)
    assert one.running is None, "the next can start when the end is said"
    assert heard.events[-1] == Done()
    assert [e.epoch for e in heard.events if isinstance(e, Epoch)] == [0, 1, 2]
    assert [e for e in heard.events if isinstance(e, Done)] == [Done()]
    assert one.wait()
    assert one.exit_status == 0
    assert training.past_events(folder.events)[-1] == Done()
    one.start(stand_in.a_run(tmp_path / "more", "short"))
    assert one.wait(60)


def test_one_run_at_a_time(tmp_path: Path, runner, heard: Heard) -> None:
    one, folder = runner(), stand_in.a_run(tmp_path, "endless")
    one.start(folder)
    heard.wait_for(Step)
    assert one.running == folder
    with pytest.raises(UserError, match="“endless” goes on"):
        one.start(stand_in.a_run(tmp_path, "short"))
    with pytest.raises(UserError, match="in another window or command"):
        runner().start(folder)
    with pytest.raises(UserError, match="in another window or command"):
        remove_run(folder)
    [short, busy] = sorted(run_summaries(tmp_path), key=lambda run: run.is_busy)
    assert (busy.state.status, busy.is_unfinished) == ("running", False)
    assert (short.state.status, short.is_unfinished) == ("ready", True)


def test_pause_resume_stop(tmp_path: Path, runner, heard: Heard) -> None:
    one = runner()
    one.pause()  # nothing goes on: no order, no error
    one.stop()
    folder = stand_in.a_run(tmp_path, "endless")
    one.start(folder)
    one.pause()
    heard.wait_for(Paused)
    assert one.is_paused
    one.resume()
    heard.wait_for(Resumed)
    assert not one.is_paused
    heard.wait_for(Step, after=heard.events.index(Resumed()))
    one.stop()
    assert one.is_stopping or one.running is None
    one.stop()
    assert one.wait(60)
    assert heard.events[-1] == Stopped()
    assert one.exit_status == 0
    assert folder.state().status == "stopped"
    [summary] = run_summaries(tmp_path)
    assert summary.is_unfinished


def test_a_run_that_does_not_obey_is_ended(tmp_path: Path, runner, heard: Heard) -> None:
    one, folder = runner(grace=0.1), stand_in.a_run(tmp_path, "stubborn")
    one.start(folder)
    heard.wait_for(Step)
    one.stop()
    assert one.wait(60)
    assert heard.events[-1] == Stopped(), "it was asked to: nothing failed"
    assert folder.state().status == "stopped"


def test_kill_ends_at_once(tmp_path: Path, runner, heard: Heard) -> None:
    one = runner()
    one.start(stand_in.a_run(tmp_path, "stubborn"))
    heard.wait_for(Step)
    one.kill()
    assert one.wait(60)
    assert heard.events[-1] == Stopped()


@pytest.mark.parametrize(
    ("name", "says", "is_bug", "status"),
    [
        ("killed", "most often because the memory ran out", False, 3),
        ("crashed", "ended unexpectedly (SIGABRT)", True, 1),
        ("wrong", "Add more.", False, 2),
        ("at_fault", "a.png cannot be read.", False, 3),
        ("a_bug", "ZeroDivisionError", True, 1),
    ],
)
@pytest.mark.skipif(sys.platform == "win32", reason="signals as Unix has them")
def test_how_it_broke_is_said(
    tmp_path: Path, runner, heard: Heard, name: str, says: str, is_bug: bool, status: int
) -> None:
    one, folder = runner(), stand_in.a_run(tmp_path, name)
    one.start(folder)
    assert one.wait(60)
    last = heard.events[-1]
    assert isinstance(last, Failed)
    assert says in last.text
    assert last.is_bug == is_bug
    assert one.exit_status == status
    assert folder.state().status == "failed"
    assert folder.state().reason == last.text
    if name == "a_bug":
        assert "ZeroDivisionError: secret" in one.muttered
    if name == "crashed":
        assert "Fatal Python error: Aborted" in one.muttered


@pytest.mark.skipif(sys.platform == "win32", reason="process groups as Unix has them")
def test_what_a_crash_leaves_behind_is_ended(tmp_path: Path, runner, heard: Heard) -> None:
    one, folder = runner(), stand_in.a_run(tmp_path, "with_a_child")
    one.start(folder)
    assert one.wait(60)
    number = int((folder.path / stand_in.CHILD).read_text())
    assert not psutil.pid_exists(number) or psutil.Process(number).status() == "zombie"


def test_a_process_that_cannot_start_or_says_nothing(tmp_path: Path, heard: Heard) -> None:
    folder = stand_in.a_run(tmp_path, "short")
    with pytest.raises(KnownError, match="No process for the run can be started"):
        Training(lambda _: [str(tmp_path / "none")]).start(folder)
    one = Training(lambda _: [sys.executable, "-c", "import sys; sys.exit('no such module')"])
    one.listen(heard)
    one.start(folder)
    assert one.wait(60)
    assert isinstance(heard.events[-1], Failed)
    assert heard.events[-1].is_bug
    assert "no such module" in one.muttered
    one.close()


def test_a_closed_program_starts_no_run(tmp_path: Path, runner, heard: Heard) -> None:
    one, folder = runner(), stand_in.a_run(tmp_path, "endless")
    one.start(folder)
    heard.wait_for(Step)
    one.close()
    assert heard.events[-1] == Stopped()
    with pytest.raises(UserError, match="is closing"):
        one.start(folder)


def test_a_listener_may_leave_and_may_break(tmp_path: Path, runner, heard: Heard) -> None:
    one, other = runner(), Heard()
    leave = one.listen(other)

    def broken(*_: object) -> None:
        raise ZeroDivisionError

    one.listen(broken)
    leave()
    one.start(stand_in.a_run(tmp_path, "short"))
    assert one.wait(60)
    assert other.events == []
    assert heard.events[-1] == Done()


def test_the_real_process_is_started_apart_from_the_folder_it_lies_in(
    tmp_path: Path, heard: Heard, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A hostile stentviewer.py beside the person is not imported; no run, no torch: a sentence."""
    (tmp_path / "stentviewer.py").write_text("raise SystemExit('hostile')")
    monkeypatch.chdir(tmp_path)
    folder = stand_in.a_run(tmp_path, "short")
    (folder.path / "recipe.toml").write_text("name = 1")
    with pytest.raises(UserError, match=r"recipe\.toml"):
        Training().start(folder)
    one = Training(lambda path: training.process.worker_command(path / "gone"))
    one.listen(heard)
    folder = stand_in.a_run(tmp_path / "b", "short")
    one.start(folder)
    assert one.wait(60)
    assert "There is no run in" in heard.events[-1].text
    assert one.exit_status == 2
    one.close()


def test_the_process_computes_with_the_threads_of_the_recipe() -> None:
    code = "import os; print(os.environ['OMP_NUM_THREADS'], os.environ['HF_HUB_OFFLINE'])"
    for threads, expected in ((3, 3), (0, training.process.cores())):
        started = training.process.begin([sys.executable, "-c", code], threads)
        out, _ = started.communicate()
        assert out.split() == [str(expected).encode(), b"1"]


# runs on the disk


def test_runs_are_found_again(tmp_path: Path) -> None:
    assert run_summaries() == []
    folder = stand_in.a_run(tmp_path, "short")
    state = folder.state()
    folder.set_state(state.model_copy(update={"status": "running"}))
    damaged = stand_in.a_run(tmp_path, "endless")
    (damaged.path / "run.json").write_text("{")
    os.utime(damaged.path, (1, 1))
    [run, problem] = run_summaries(tmp_path)
    assert run.state.status == "stopped", "its process went away with the machine"
    assert run.is_unfinished
    assert run.recipe.name == "short"
    assert isinstance(problem, Problem)
    assert "is damaged" in problem.message


def test_a_run_is_removed_with_all_it_made(tmp_path: Path) -> None:
    folder, kept = stand_in.a_run(tmp_path, "short"), stand_in.a_run(tmp_path, "endless")
    with RunLock(folder), pytest.raises(UserError, match="in another window"):
        remove_run(folder)
    remove_run(folder)
    assert not folder.path.exists()
    with pytest.raises(UserError, match="There is no run"):
        remove_run(folder)
    with pytest.raises(UserError, match="There is no run"):
        remove_run(RunFolder(tmp_path))
    (tmp_path / "link").symlink_to(kept.path, target_is_directory=True)
    with pytest.raises(UserError, match="There is no run"):
        remove_run(RunFolder(tmp_path / "link"))
    assert kept.state().status == "ready"
