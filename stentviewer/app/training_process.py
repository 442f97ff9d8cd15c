"""The process of a run: started apart from this one, and ended with all it started itself."""

from __future__ import annotations

import contextlib
import os
import signal
import subprocess
import sys
import threading
from collections import deque
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import IO, Final

from stentviewer.core.errors import KnownError
from stentviewer.core.sentences import sentence

Command = Callable[[Path], Sequence[str]]

USER_ERROR: Final = 2  # the exit status of learning.worker for what the person can mend
_LAST_LINES = 200
_PATIENCE_S = 2.0  # for a pipe that something left behind still holds
_THREADS: Final = ("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS")
_QUIET: Final = {  # nothing of a run leaves the machine
    "HF_HUB_OFFLINE": "1",
    "HF_HUB_DISABLE_TELEMETRY": "1",
    "DO_NOT_TRACK": "1",
    "NO_ALBUMENTATIONS_UPDATE": "1",
    "RAY_USAGE_STATS_ENABLED": "0",
}

# glibc gives large blocks back at once and clears them anew each time they are asked for, which
# costs a training step on the CPU half its time. A run keeps what it has until it ends.
_KEEP_MEMORY: Final = {
    "MALLOC_MMAP_THRESHOLD_": str(2**32),
    "MALLOC_TRIM_THRESHOLD_": str(2**33),
    "MALLOC_TOP_PAD_": str(2**28),
}


def worker_command(folder: Path) -> list[str]:
    """The process that carries a run on. -P: a file that lies about is never imported."""
    return [sys.executable, "-P", "-m", "stentviewer.learning.worker", str(folder)]


def environment_of(threads: int = 0) -> dict[str, str]:
    """The environment of a run's process; threads: how many it computes with, 0 for all cores."""
    number = dict.fromkeys(_THREADS, str(threads or cores()))
    return {**os.environ, **_QUIET, **_KEEP_MEMORY, **number}


def begin(command: Sequence[str], threads: int = 0) -> subprocess.Popen[bytes]:
    """Start a process with pipes, in a group of its own: Ctrl+C in a terminal is not for it.

    threads: how many its libraries compute with, 0 as many as there are cores. Raises KnownError
    where it cannot be started.
    """
    environment = environment_of(threads)
    try:
        if sys.platform == "win32":
            flags = subprocess.CREATE_NEW_PROCESS_GROUP | subprocess.CREATE_NO_WINDOW
            return subprocess.Popen(
                command, stdin=-1, stdout=-1, stderr=-1, env=environment, creationflags=flags
            )
        return subprocess.Popen(
            command, stdin=-1, stdout=-1, stderr=-1, env=environment, start_new_session=True
        )
    except OSError as error:
        raise KnownError(
            sentence(
                "No process for the run can be started: {reason}. Close other programs and try "
                "again.",
                reason=error.strerror or sentence("the system refused"),
            )
        ) from error


def cores() -> int:
    """Processor cores that this program may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def end(process: subprocess.Popen[bytes]) -> None:
    """End a process and those that it started, at once."""
    if sys.platform == "win32":
        _end_tree(process.pid)
        return
    with contextlib.suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)  # its group has its number


def _end_tree(number: int) -> None:
    import psutil

    with contextlib.suppress(psutil.Error):
        parent = psutil.Process(number)
        for one in [*parent.children(recursive=True), parent]:
            with contextlib.suppress(psutil.Error):
                one.kill()


def await_end(process: subprocess.Popen[bytes], grace: float) -> int:
    """Wait for a process that has said its last line, end what is left of it, return its status.

    A library that cannot let go is ended after the grace; what the process started and left
    behind, at once.
    """
    late = threading.Timer(grace, end, (process,))
    late.start()
    try:
        if hasattr(os, "waitid"):
            os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOWAIT)  # its number is kept
            end(process)
            return process.wait()
        status = process.wait()
        end(process)
        return status
    finally:
        late.cancel()
        late.join()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()


def was_killed(status: int) -> bool:
    """Whether the system ended the process by force, as it does where the memory runs out."""
    return sys.platform != "win32" and status == -signal.SIGKILL


def reason(status: int) -> str:
    """What an exit status says: the signal's name, or its number."""
    if status < 0:
        with contextlib.suppress(ValueError):
            return signal.Signals(-status).name
    return str(status)


class Mutterings:
    """The last lines of a pipe, read on a thread of its own, for the report of a crash."""

    def __init__(self, pipe: IO[bytes] | None) -> None:
        self._pipe = pipe
        self._lines: deque[bytes] = deque(maxlen=_LAST_LINES)
        self._thread = threading.Thread(target=self._read, name="training-stderr", daemon=True)
        self._thread.start()

    def _read(self) -> None:
        if self._pipe is not None:
            with self._pipe:
                for line in iter(lambda: self._pipe.readline(4096), b""):  # type: ignore[union-attr]
                    self._lines.append(line)

    def close(self) -> str:
        """What was said last, once the pipe has ended."""
        self._thread.join(_PATIENCE_S)
        return b"".join(self._lines).decode("utf-8", "replace")
