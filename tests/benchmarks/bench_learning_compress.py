"""The demo model in 8-bit numbers: its size, its speed on the CPU, and what it loses.

On 200 simulated images of a seed that nothing else has seen, calibrated on others of another seed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from stentviewer.app.training import training_dir
from stentviewer.core.paths import models_dir
from stentviewer.inference.bundle import load_bundle
from stentviewer.learning.cache import open_cache
from stentviewer.learning.compress import Compressed, in_two_parts
from stentviewer.learning.compress_int8 import CALIBRATION, to_int8
from stentviewer.learning.decoding import NoStent
from stentviewer.learning.events import RunContext
from stentviewer.learning.selection import Item
from stentviewer.learning.sources import from_csv
from stentviewer.simulate.study_set import share_out, simulate_study_set
from tests.benchmarks.figure import Figure

TEST_SEED, CALIBRATION_SEED = 515_151, 616_161
COUNT = 200


def figures() -> Iterator[Figure]:
    """Size, speed and accuracy of int8 beside the model that ships."""
    with tempfile.TemporaryDirectory() as folder:
        yield from _said(compressed(Path(folder)))


def compressed(folder: Path) -> Compressed:
    """The demo model in 8 bits, in `folder`/int8; pictures that are in `folder` are kept."""
    start = load_bundle(models_dir() / "stent-demo")
    items: list[Item] = []
    for name, seed, count in (
        ("calibration", CALIBRATION_SEED, CALIBRATION + 8),
        ("test", TEST_SEED, COUNT),
    ):
        table = simulate_study_set(folder / name, seed, share_out(count), frames_per_patient=1)
        role = "test" if name == "test" else "train"
        items += [
            replace(item, role=role, patient=f"{name} {item.patient}")
            for item in from_csv(table).items
        ]
    place = training_dir() / "cache"
    spec = start.manifest.preprocessing
    cache, problems = open_cache(items, spec, place, RunContext(), finder=start)
    unread = [problem for problem in problems if not isinstance(problem, NoStent)]
    assert not unread, unread
    images = in_two_parts(cache, start, [False] * len(cache))
    return to_int8(start, images, folder / "int8", RunContext())


def _said(found: Compressed) -> Iterator[Figure]:
    before, after = found.before, found.after
    yield Figure(
        "int8 demo model: MB of weights.onnx (peer: the same network in single precision)",
        after.bytes / 1e6,
        before.single_bytes / 1e6,
        found.smaller,
        "≤ 0.3 ×",
        found.smaller <= 0.3,
    )
    yield Figure(
        "int8 demo model: MB of weights.onnx (peer: as it ships, large weights as halves)",
        after.bytes / 1e6,
        before.bytes / 1e6,
        after.bytes / before.bytes,
        "reported",
        True,
    )
    yield Figure(
        "int8 demo model: ms a pass at 1024², onnxruntime on the CPU, medians in turn",
        after.milliseconds,
        before.milliseconds,
        found.faster,
        "≥ 1.5 × as fast, or the reason why this CPU cannot",
        found.faster >= 1.5 or any("processor" in note for note in found.notes),
    )
    assert after.accuracy.value is not None
    assert before.accuracy.value is not None
    yield Figure(
        f"int8 demo model: accuracy on {found.images} simulated images of a new seed; the same "
        f"answer on {found.same:.1%}, hottest tenth of the heat map in common {found.heat:.0%}",
        after.accuracy.value,
        before.accuracy.value,
        after.accuracy.value / before.accuracy.value,
        "≤ 1 point lost",
        found.lost <= 1,
    )
