"""`stentviewer read` of one file, from a cold process to its JSON, and what it imports."""

from __future__ import annotations

import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from tests.benchmarks.figure import Figure

RUNS = 5


def _timed(
    command: list[str], env: dict[str, str]
) -> tuple[float, subprocess.CompletedProcess[str]]:
    start = time.perf_counter()
    done = subprocess.run(command, env=env, capture_output=True, text=True, check=True)
    return time.perf_counter() - start, done


def figures() -> Iterator[Figure]:
    """Seconds from process start to JSON, beside `import torch` alone in the same run."""
    from stentviewer.simulate import simulate_to_folder

    with tempfile.TemporaryDirectory() as folder:
        for _ in simulate_to_folder("stents", 1, 77, Path(folder)):
            pass
        image = next(Path(folder).rglob("*.dcm"))
        env = {**os.environ, "STENTVIEWER_HOME": f"{folder}/home"}
        ours, peer = [], []
        for _ in range(RUNS):
            seconds, done = _timed(
                [sys.executable, "-m", "stentviewer.cli", "read", str(image), "--json"], env
            )
            result = json.loads(done.stdout)
            if result["error"]:
                raise RuntimeError(result["error"])
            ours.append(seconds)
            peer.append(_timed([sys.executable, "-c", "import torch"], env)[0])
        imported = _imports_torch(image, env)
    mine, other = statistics.median(ours), statistics.median(peer)
    yield Figure(
        name="read one file, cold process to JSON, demo model (s; beside import torch alone)",
        ours=mine,
        peer=other,
        ratio=mine / other,
        bar="≤ 2.5 s",
        ok=mine <= 2.5,
    )
    yield Figure(
        name="torch modules imported by that reading (count)",
        ours=imported,
        peer=None,
        ratio=None,
        bar="0",
        ok=imported == 0,
    )


def _imports_torch(image: Path, env: dict[str, str]) -> int:
    code = (
        "import sys\nfrom stentviewer import cli\n"
        "sys.argv = ['stentviewer', 'read', sys.argv[1], '--json']\n"
        "try:\n    cli.main()\nexcept SystemExit:\n    pass\n"
        "print(sum(m.split('.')[0] in ('torch','timm') for m in sys.modules))"
    )
    _, done = _timed([sys.executable, "-c", code, str(image)], env)
    return int(done.stdout.splitlines()[-1])
