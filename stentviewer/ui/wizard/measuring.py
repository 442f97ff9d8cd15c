"""What a run would take here, measured by a few real steps in a process of its own."""

from __future__ import annotations

import json
import shutil
import tempfile
import threading
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from subprocess import Popen
from typing import Any

from stentviewer.app import training_process
from stentviewer.core.errors import Cancelled, KnownError
from stentviewer.core.jobs import JobContext, Progress
from stentviewer.learning.events import Event, Failed, Stage, Stopped, from_line
from stentviewer.learning.recipe import Recipe
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.selection import Item

_LISTENS = 0.1  # seconds between looks whether it is cancelled
_GRACE = 1.0  # seconds to obey, then the process is ended: it keeps nothing


@dataclass(frozen=True, slots=True)
class Measured:
    """seconds of the whole run; memory and disk in bytes; total_memory is what this machine has."""

    seconds: float
    memory: int
    disk: int
    total_memory: int


def measure(
    recipe: Recipe,
    items: Sequence[Item],
    place: Path,
    context: JobContext,
    command: training_process.Command = training_process.worker_command,
) -> Measured:
    """Measure a run without making it; what it needs meanwhile is removed again.

    Raises Cancelled within about a second of the order, UserError and KnownError with what stands
    against the run, RuntimeError for a process that ended without a word.
    """
    import psutil

    place.mkdir(parents=True, exist_ok=True)
    scratch = Path(tempfile.mkdtemp(prefix="measure-", dir=place))
    try:
        folder = RunFolder.create(scratch / "run", recipe, list(items))
        found = _ask(folder, context, command)
    finally:
        shutil.rmtree(scratch, ignore_errors=True)
    return Measured(
        float(found["seconds"]),
        int(found["memory"]),
        int(found["disk"]),
        psutil.virtual_memory().total,
    )


def _ask(
    folder: RunFolder, context: JobContext, command: training_process.Command
) -> dict[str, Any]:
    process = training_process.begin([*command(folder.path), "--estimate"])
    mutterings = training_process.Mutterings(process.stderr)
    ended = threading.Event()
    watcher = threading.Thread(
        target=_obey, args=(process, context.cancelled, ended), name="measuring"
    )
    watcher.start()
    found: dict[str, Any] | None = None
    last: Event | None = None
    try:
        assert process.stdout is not None
        for line in process.stdout:
            text = line.decode("utf-8", "replace")
            event = from_line(text)
            if isinstance(event, Stage):
                context.report(Progress(event.done, event.total, event.what))
            elif isinstance(event, Failed | Stopped):
                last = event
            elif event is None:
                found = _estimate(text) or found
    finally:
        ended.set()
        watcher.join()
        training_process.await_end(process, _GRACE)
        said = mutterings.close()
    if context.cancelled.is_set() or isinstance(last, Stopped):
        raise Cancelled
    if isinstance(last, Failed) and not last.is_bug:
        raise KnownError(last.text)
    if found is None:
        raise RuntimeError(f"nothing was measured: {said}")
    return found


def _obey(process: Popen[bytes], cancelled: threading.Event, ended: threading.Event) -> None:
    while not ended.wait(_LISTENS):
        if cancelled.is_set():
            if process.stdin is not None:
                process.stdin.close()  # the end of its orders is an order to stop
            if not ended.wait(_GRACE):
                training_process.end(process)
            return


def _estimate(line: str) -> dict[str, Any] | None:
    try:
        raw = json.loads(line)
    except ValueError:
        return None
    found = raw.get("estimate") if isinstance(raw, dict) else None
    return found if isinstance(found, dict) else None
