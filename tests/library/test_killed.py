"""kill -9 in the middle of 100 label writes: every one that was confirmed is there."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from stentviewer.library.repository import Library
from tests.library.make import digest, header

WRITER = """
import sys
from pathlib import Path
from stentviewer.library.repository import Library
from tests.library.make import label

with Library.open(Path(sys.argv[1]), "kim") as library:
    for n in range(100):
        library.set_label(label(1, f"label {n}"))
        print(n, flush=True)
"""


@pytest.mark.parametrize("after", [1, 34, 71])
def test_no_confirmed_label_is_lost(folder: Path, after: int) -> None:
    file = folder / "a.dcm"
    with Library.open(folder, "kim") as library:
        file.write_bytes(b"x")
        library.add(header(file), digest("x"))
    project = Path(__file__).parents[2]
    with subprocess.Popen(
        [sys.executable, "-c", WRITER, str(folder)], stdout=subprocess.PIPE, cwd=project
    ) as writer:
        assert writer.stdout is not None
        confirmed = [int(writer.stdout.readline()) for _ in range(after)]
        writer.kill()
        confirmed += [int(line) for line in writer.stdout.read().splitlines()]
    assert writer.returncode != 0, "the writer finished before it was killed"
    with Library.open(folder, "kim") as library:
        kept = [x.maker for x in reversed(library.label_history(1))]
        assert kept[: len(confirmed)] == [f"label {n}" for n in confirmed]
        assert len(kept) - len(confirmed) in (0, 1)  # one may be saved and not yet confirmed
        assert library.check() == []
