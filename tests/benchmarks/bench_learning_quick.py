"""Quick on the study: 432 DICOM files on disk to a validated model of five classes, no GPU.

A process of its own, as the window starts it, with an empty cache; its peak memory is that of the
process and of the two that decode, together. What the old classes lost is read from the result:
each image by the fold that had not seen its patient, beside the start model.
"""

from __future__ import annotations

import os
import resource
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

from stentviewer.learning.result import Result, read_result
from stentviewer.learning.run_folder import RunFolder
from tests.benchmarks import learning_study
from tests.benchmarks.figure import Figure

DECODERS = 2


def figures() -> Iterator[Figure]:
    """Time, memory, macro F1 and what the old classes lost."""
    seconds, peak, result = run()
    n = f"432 frames, 1024 px, {os.cpu_count()} cores, no GPU"
    yield Figure(f"Quick: {n}: seconds", seconds, 180, seconds / 180, "≤ 180 s", seconds <= 180)
    yield Figure(f"Quick: {n}: peak memory, GB", peak, 4, peak / 4, "≤ 4 GB", peak <= 4)
    f1 = result.mean.f1
    spread = result.deviation.f1 if result.deviation else 0.0
    yield Figure(
        f"Quick: macro F1, mean of {len(result.folds)} folds (deviation {spread:.3f}), simulated",
        f1,
        None,
        None,
        "beside Full",
        True,
    )
    lost = result.against_start.forgotten if result.against_start else None
    assert lost is not None
    assert result.against_start is not None
    each = ", ".join(f"{one.name} {100 * one.lost:+.1f}" for one in result.against_start.forgetting)
    yield Figure(
        f"Quick: recall that the old classes lost, mean, points ({each})",
        100 * lost,
        None,
        None,
        "≤ 1 point",
        lost <= 0.01,
    )


def run() -> tuple[float, float, Result]:
    """Seconds, peak memory in GB and the result of one run with nothing kept from before."""
    home = (learning_study.WORK / "home-quick").resolve()
    shutil.rmtree(home, ignore_errors=True)
    folder = RunFolder.create(
        home / "training" / "quick", learning_study.recipe("quick"), learning_study.items()
    )
    began = time.perf_counter()
    subprocess.run(
        [sys.executable, "-m", "tests.benchmarks.bench_learning_quick", str(folder.path)],
        check=True,
        stdout=subprocess.DEVNULL,
        env={**os.environ, "STENTVIEWER_HOME": str(home)},
    )
    seconds = time.perf_counter() - began
    own, children = (
        float(part) for part in (folder.path / "peak.txt").read_text(encoding="ascii").split()
    )
    return seconds, (own + DECODERS * children) / 1e9, read_result(folder.result)


def _work(folder: Path) -> None:
    from stentviewer.core.paths import models_dir
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning import kfold
    from stentviewer.learning.events import RunContext

    kfold.run(RunFolder(folder), Catalog([models_dir(), folder]), RunContext())
    peaks = [
        1024 * resource.getrusage(who).ru_maxrss
        for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)
    ]
    (folder / "peak.txt").write_text(" ".join(map(str, peaks)), encoding="ascii")


if __name__ == "__main__":
    _work(Path(sys.argv[1]))
