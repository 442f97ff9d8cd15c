"""The window on the screen, from process start, beside importing torch alone."""

from __future__ import annotations

import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure

RUNS = 7


def figures() -> Iterator[Figure]:
    """Seconds until the window's first paint (its own clock, from process start), warm disk."""
    with tempfile.TemporaryDirectory() as folder:
        probe = Path(folder) / "probe"
        env = {
            **os.environ,
            "STENTVIEWER_HOME": f"{folder}/home",
            "STENTVIEWER_STARTUP_PROBE": str(probe),
        }
        window = [sys.executable, "-m", "stentviewer"]
        subprocess.run(window, env=env, check=True)  # warms the disk and makes the library
        ours, peer = [], []
        for _ in range(RUNS):
            subprocess.run(window, env=env, check=True)
            seconds, torch_modules = probe.read_text().split()
            if int(torch_modules):
                raise RuntimeError("torch was imported before the window was visible")
            ours.append(float(seconds))
            start = time.perf_counter()
            subprocess.run([sys.executable, "-c", "import torch"], env=env, check=True)
            peer.append(time.perf_counter() - start)
    mine, other = statistics.median(ours), statistics.median(peer)
    yield Figure(
        name="window visible from process start, torch not imported (s; peer: import torch alone)",
        ours=mine,
        peer=other,
        ratio=mine / other,
        bar="< 1 ×",
        ok=mine < other,
    )
