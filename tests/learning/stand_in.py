"""A run's process that does something else than learning: what, is the run's name.

`python -m tests.learning.stand_in RUN_FOLDER`; the process is the real one, `kfold.run` is not.
"""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from datetime import UTC, datetime
from pathlib import Path

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.sentences import sentence
from stentviewer.learning import worker
from stentviewer.learning.events import Done, Epoch, RunContext, Step
from stentviewer.learning.recipe import ClassSpec, Recipe, Start, write_recipe
from stentviewer.learning.run_folder import RunFolder, RunState
from stentviewer.learning.selection import Item, write_selection

CHILD = "child.pid"


def a_run(parent: Path, name: str) -> RunFolder:
    """A run without images, whose name says what the stand-in does."""
    recipe = Recipe(
        name=name,
        start=Start(model="stent-demo"),
        classes=(ClassSpec(name="A", before=("EGIS",)), ClassSpec(name="B")),
    )
    folder = RunFolder(parent / name)
    folder.path.mkdir(parents=True)
    write_selection(folder.path / "selection.csv", [Item(Path("a.png"), "A", "1")])
    write_recipe(folder.path / "recipe.toml", recipe)
    folder.set_state(RunState(created=datetime.now(UTC)))
    return folder


def step(number: int, steps: int = 10) -> Step:
    return Step(1, number // steps, 100, number % steps, steps, 0.5, 1e-3, 10.0, 10**9, 60.0)


def run(folder: RunFolder, _: object, context: RunContext) -> None:
    getattr(sys.modules[__name__], folder.recipe().name)(folder, context)


def short(folder: RunFolder, context: RunContext) -> None:
    print("a library says something")
    os.write(1, b'{"event": "Done"}\n')  # and another what looks like an event
    context.stage(sentence("Reading images"))
    for number in range(3):
        context.control.check()
        context.emit(step(number))
        context.emit(Epoch(1, number, float("nan")))
    context.tell(sentence("{name} cannot be read.", name="홍길동"))
    context.emit(Done())  # as a runner may: the process says it once, when the state says so too


def endless(folder: RunFolder, context: RunContext) -> None:
    number = 0
    while True:
        context.control.check()
        context.emit(step(number))
        number += 1


def stubborn(folder: RunFolder, context: RunContext) -> None:
    context.emit(step(0))
    threading.Event().wait()


def wrong(folder: RunFolder, context: RunContext) -> None:
    raise UserError(sentence("There is one image of “{name}”. Add more.", name="A"))


def at_fault(folder: RunFolder, context: RunContext) -> None:
    raise KnownError(sentence("{name} cannot be read.", name="a.png"))


def out_of_memory(folder: RunFolder, context: RunContext) -> None:
    raise MemoryError


def a_bug(folder: RunFolder, context: RunContext) -> None:
    raise ZeroDivisionError("secret")


def killed(folder: RunFolder, context: RunContext) -> None:
    context.emit(step(0))
    os.kill(os.getpid(), signal.SIGKILL)


def crashed(folder: RunFolder, context: RunContext) -> None:
    context.emit(step(0))
    os.abort()


def with_a_child(folder: RunFolder, context: RunContext) -> None:
    """Leaves a process behind that holds its pipes, as a pool's workers do after a crash."""
    child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"])
    (folder.path / CHILD).write_text(str(child.pid))
    killed(folder, context)


if __name__ == "__main__":
    sys.exit(worker.main(runner=run))
