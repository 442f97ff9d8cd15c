"""Whether heat maps hold: on simulated single stents of a fresh seed, held against their truth.

Works with a model of either kind: one that finds stents first, or one that reads the whole field.
The stent's true outline is the simulator's, not what the model says of it.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from statistics import median

import numpy as np

from stentviewer.app.analyse import read_stents
from stentviewer.app.stents_seen import sight
from stentviewer.core.jobs import JobContext
from stentviewer.core.paths import models_dir
from stentviewer.core.types import Finding, HeatMap, Reading
from stentviewer.explain.cam import GRAD_CAM
from stentviewer.explain.checks import (
    PASSES,
    STABLE,
    WIDER,
    Check,
    Outline,
    Verdict,
    check_map,
    share_in_outline,
)
from stentviewer.explain.deletion import Hidden
from stentviewer.explain.hiding import Passes
from stentviewer.explain.methods import Explainer
from stentviewer.imaging.image import Radiograph
from stentviewer.imaging.readers import read_radiograph
from stentviewer.inference.bundle import Bundle, load_bundle
from stentviewer.inference.runtimes.base import Runtime
from stentviewer.inference.runtimes.choose import open_runtime
from stentviewer.learning.intervals import wilson
from stentviewer.simulate import PlacedStent, SimulatedStentImage, simulate_stent_image, write_dicom
from tests.benchmarks.figure import Figure

FRESH_SEED = 646_464  # no training and no other benchmark draws from it
COUNT = 60
_ON_STENT, _BETTER = 0.6, 0.95


@dataclass(frozen=True, slots=True)
class _Measured:
    share: float  # of the heat, inside the true outline widened by half a cell
    strict: float  # inside the true outline itself
    area: float  # of the image, that the widened outline covers: an even map's share
    check: Check


def figures() -> Iterator[Figure]:
    """Share of heat on the true stent, deletion against random orders, stability, verdicts."""
    bundle = load_bundle(models_dir() / "stent-demo")
    found, missed = _measure(bundle, open_runtime(bundle))
    n = len(found)
    of = f"(n = {n}, simulated; {missed} of {COUNT} stents not found)"
    share, even = median(one.share for one in found), median(one.area for one in found)
    yield Figure(
        f"share of heat on the stent, median {of} (peer: an even map)",
        share, even, share / even, f"≥ {_ON_STENT}", share >= _ON_STENT,
    )  # fmt: skip
    strict = median(one.strict for one in found)
    name = f"share of heat inside the wire's outline, without half a cell around it, median {of}"
    yield Figure(name, strict, None, None, "reported", True)
    better = [bool(one.check.beats_random) for one in found]
    yield _proportion("deletion clearly better than random orders", better, _BETTER)
    deletion = median(one.check.deletion or 0.0 for one in found)
    random = median(one.check.random_deletion or 0.0 for one in found)
    name = f"area under the deletion curve, median {of} (peer: random orders)"
    yield Figure(name, deletion, random, deletion / random, "below", deletion < random)
    insertion = median(one.check.insertion or 0.0 for one in found)
    name = f"area under the insertion curve, median {of}"
    yield Figure(name, insertion, None, None, "reported", True)
    stable = [one.check.stable or 0.0 for one in found]
    name = f"hottest tenths that stay when mirrored or shifted, median {of} (peer: chance)"
    yield Figure(name, median(stable), 0.1, median(stable) / 0.1, "reported", True)
    steady = [one >= STABLE for one in stable]
    yield _proportion(f"maps that stay (overlap ≥ {STABLE})", steady, None)
    amber = [one.check.verdict is not Verdict.AMBER for one in found]
    yield _proportion("badges that are not amber", amber, None)


def _proportion(name: str, hits: list[bool], bar: float | None) -> Figure:
    low, high = wilson(sum(hits), len(hits))
    share = sum(hits) / len(hits)
    full = f"{name} (95 % CI {low:.3f} to {high:.3f}, n = {len(hits)})"
    wanted = "reported" if bar is None else f"≥ {bar}"
    return Figure(full, share, None, None, wanted, bar is None or share >= bar)


def _measure(bundle: Bundle, runtime: Runtime) -> tuple[list[_Measured], int]:
    found: list[_Measured] = []
    missed = 0
    with tempfile.TemporaryDirectory() as folder:
        for index in range(COUNT):
            image = simulate_stent_image(FRESH_SEED, index)
            radiograph = read_radiograph(write_dicom(image, Path(folder) / f"{index}.dcm"))
            reading = read_stents(radiograph, 0, bundle, runtime, JobContext())
            stent = image.stents[0]
            one = _nearest(reading, stent)
            heat = None if one is None else one.heat or reading.heat
            if one is None or heat is None:
                missed += 1
                continue
            found.append(_one(image, radiograph, one, heat, bundle, runtime))
    return found, missed


def _one(
    image: SimulatedStentImage,
    radiograph: Radiograph,
    finding: Finding,
    heat: HeatMap,
    bundle: Bundle,
    runtime: Runtime,
) -> _Measured:
    outline, strict = true_outline(image, image.stents[0], WIDER), true_outline(
        image, image.stents[0], 0.0
    )  # fmt: skip
    share = share_in_outline(heat, outline)
    even = HeatMap(np.ones((96, 96), np.float32), heat.extent, "")
    passes = Passes(runtime, JobContext(), PASSES)
    seen = sight(radiograph, 0, bundle, finding).seen
    wanted = bundle.labels.index(finding.maker)
    map_of = Explainer(bundle, runtime).map_of(GRAD_CAM, wanted, passes)
    hidden = Hidden(seen.tensor, wanted, bundle.manifest.temperature, passes)
    _, check = check_map(seen, map_of, hidden, share)
    return _Measured(share, share_in_outline(heat, strict), share_in_outline(even, outline), check)


def true_outline(image: SimulatedStentImage, stent: PlacedStent, wider: float) -> Outline:
    """The band that the stent covers, image fractions, widened on all sides by a share of its
    length."""
    rows, columns = image.pixels.shape
    line = stent.centre_line * (columns, rows)
    length = float(np.hypot(*np.diff(line, axis=0).T).sum())
    half = stent.diameter_px / 2 + wider * length
    along = np.gradient(line, axis=0)
    along /= np.hypot(*along.T)[:, None]
    line = np.concatenate(
        [line[:1] - along[:1] * wider * length, line, line[-1:] + along[-1:] * wider * length]
    )
    along = np.concatenate([along[:1], along, along[-1:]])
    across = np.stack([-along[:, 1], along[:, 0]], axis=1) * half
    band = np.concatenate([line + across, (line - across)[::-1]]) / (columns, rows)
    return tuple((float(x), float(y)) for x, y in band)


def _nearest(reading: Reading, stent: PlacedStent) -> Finding | None:
    """The finding whose box overlaps the true one by 0.1 or more of both together, the most.

    A model of the whole field has one finding, whose box is its heat's: that is the one.
    """
    if len(reading.findings) == 1 and not reading.findings[0].outline:
        return reading.findings[0]
    x0, y0, x1, y1 = stent.box
    best, most = None, 0.1
    for finding in reading.findings:
        box = finding.box
        if box is None:
            continue
        both = max(0.0, min(box.x1, x1) - max(box.x0, x0)) * max(
            0.0, min(box.y1, y1) - max(box.y0, y0)
        )
        either = (box.x1 - box.x0) * (box.y1 - box.y0) + (x1 - x0) * (y1 - y0) - both
        if both / either > most:
            best, most = finding, both / either
    return best
