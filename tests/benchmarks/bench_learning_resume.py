"""A run killed at random moments, reading, learning or saving, ends with the same weights."""

from __future__ import annotations

import random
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure

KILLS = 20
EPOCHS = 60  # of two steps
ROOT = Path(__file__).parents[2]


def figures() -> Iterator[Figure]:
    """How many of the kills the run survived to the same last bit."""
    chance = random.Random(4)
    with tempfile.TemporaryDirectory() as folder:
        whole, _ = _run(Path(folder, "whole"), None, chance)
        killed, kills = Path(folder, "killed"), 0
        ended = ""
        while not ended:
            ended, was_killed = _run(killed, chance if kills < KILLS else None, chance)
            kills += was_killed
        steps = _steps_said(killed)
    same = ended == whole and kills == KILLS
    yield Figure(
        f"kill -9 at random moments and resume: kills after which the weights are bit for bit "
        f"those of a run that was never stopped ({EPOCHS * 2} steps, {steps} with those repeated)",
        kills if same else 0,
        KILLS,
        1.0 if same else 0.0,
        f"{KILLS} of {KILLS}",
        same,
    )


def _run(folder: Path, kill: random.Random | None, chance: random.Random) -> tuple[str, bool]:
    """One part of the run: the model's hash where it ended, and whether it was killed."""
    folder.mkdir(exist_ok=True)
    words = [sys.executable, "-W", "ignore", "-m", "tests.learning.small_run", str(folder)]
    after = chance.randint(0, 6)
    with (
        (folder / "said").open("a", encoding="utf-8") as said,
        subprocess.Popen([*words, str(EPOCHS)], cwd=ROOT, stdout=subprocess.PIPE, text=True) as run,
    ):
        assert run.stdout is not None
        for number, line in enumerate(run.stdout):
            said.write(line)
            if line.startswith("done"):
                return line.split()[1], False
            if kill is not None and number == after:
                time.sleep(chance.uniform(0, 0.08))  # into a step, a saving or the next epoch
                run.kill()
                run.wait()
                return "", run.returncode < 0
    raise RuntimeError(f"the run ended by itself: {run.returncode}")


def _steps_said(folder: Path) -> int:
    return sum(line.startswith("step") for line in (folder / "said").open(encoding="utf-8"))
