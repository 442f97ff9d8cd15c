"""What a reading can be trusted with: none, one, several, unknown, on images of fresh seeds.

Simulated images through the whole program: written as DICOM, read as any file. A stent of a known
design that is told as unknown counts as not named. Real frames are reported as they come out.
"""

from __future__ import annotations

import os
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np

from stentviewer.core.paths import models_dir
from stentviewer.core.types import Box
from stentviewer.explain.checks import share_inside
from stentviewer.inference.bundle import load_bundle
from stentviewer.learning.calibration import calibration_error, reliability
from stentviewer.learning.demo_answers import OVERLAP, overlap
from stentviewer.learning.intervals import wilson
from stentviewer.simulate import STENT_MAKERS
from stentviewer.simulate.stents import FURTHER_DESIGNS
from stentviewer.simulate.study_set import STUDY_COUNTS
from tests.benchmarks.figure import Figure
from tests.benchmarks.trust_set import Read, read_path, read_simulated

SINGLE_SEED, MIXED_SEED, UNKNOWN_SEED = 424_242, 525_252, 626_262
MIXED, UNKNOWN = 300, 120
SCALE = float(os.environ.get("STENTVIEWER_BENCH_SCALE", "1"))  # of the sets' sizes, to try it
REAL = {  # maker and stent area seen by eye, as the images' README states them
    "BonaPC_radiograph.png": ("Bona PC", (Box(0.29, 0.62, 0.40, 0.82),)),
    "EGIS_radiograph.png": ("EGIS", (Box(0.38, 0.46, 0.56, 0.66),)),
    "Epic_radiograph.png": ("Epic", (Box(0.40, 0.31, 0.62, 0.62), Box(0.48, 0.30, 0.58, 0.38))),
}


def figures() -> Iterator[Figure]:
    """Simulated single stents, mixed images, unknown designs, then real images."""
    bundle = models_dir() / "stent-demo"
    makers = [name for name, n in STUDY_COUNTS.items() for _ in range(max(1, round(n * SCALE)))]
    single = read_simulated(bundle, SINGLE_SEED, len(makers), single=makers)
    yield from _named(single)
    mixed = read_simulated(bundle, MIXED_SEED, round(MIXED * SCALE))
    yield from _counted(mixed)
    yield from _sure(bundle, [*single, *mixed])
    designs = [FURTHER_DESIGNS[k % len(FURTHER_DESIGNS)] for k in range(round(UNKNOWN * SCALE))]
    strange = read_simulated(bundle, UNKNOWN_SEED, len(designs), single=designs)
    yield from _unknown(bundle, single, strange)
    yield from _real(bundle)


def _named(single: Sequence[Read]) -> Iterator[Figure]:
    truth = [STENT_MAKERS.index(read.truth[0][0]) for read in single]
    said = [_said(read) for read in single]
    counts = np.zeros((len(STENT_MAKERS), len(STENT_MAKERS) + 1), int)
    for wanted, got in zip(truth, said, strict=True):
        counts[wanted, got] += 1
    right = int(np.trace(counts[:, :-1]))
    yield _share(
        f"{len(single)} single stents, papers' proportions: accuracy", right, len(single), 0.95
    )
    f1 = [
        2 * counts[k, k] / max(1, counts[k].sum() + counts[:, k].sum())
        for k in range(len(STENT_MAKERS))
    ]
    yield _least(f"{len(single)} single stents: macro F1", float(np.mean(f1)), 0.94)
    for k, maker in enumerate(STENT_MAKERS):
        n = int(counts[k].sum())
        yield _share(f"recall of {maker}", int(counts[k, k]), n, None)
    unknown = sum(bool(read.surest and read.surest.unknown) for read in single)
    missed = sum(read.surest is None for read in single)
    yield _share(
        "single stents told as unknown (in the accuracy as wrong)", unknown, len(single), None
    )
    yield _share("single stents not found (in the accuracy as wrong)", missed, len(single), None)


def _said(read: Read) -> int:
    """The maker's number that the surest finding names; one past the last for none."""
    one = read.surest
    known = one is not None and not one.unknown
    return STENT_MAKERS.index(one.maker) if known and one else len(STENT_MAKERS)


def _counted(mixed: Sequence[Read]) -> Iterator[Figure]:
    same = sum(min(len(read.findings), 2) == min(len(read.truth), 2) for read in mixed)
    yield _share(f"none, one or several on {len(mixed)} images (peer on real ones: 0.60)", same,
                 len(mixed), 0.95, 0.60)  # fmt: skip
    two = [read for read in mixed if len({maker for maker, _ in read.truth}) > 1]
    exact = sum(
        sorted(one.maker for one in read.findings) == sorted(maker for maker, _ in read.truth)
        for read in two
    )
    yield _share("makers of an image where they differ: exact match", exact, len(two), 0.85)
    found = sum(_found(read) for read in mixed)
    yield _share(
        f"stents found (overlap ≥ {OVERLAP})", found, sum(len(read.truth) for read in mixed), 0.95
    )
    empty = [read for read in mixed if not read.truth]
    false = sum(len(read.findings) for read in empty) / max(1, len(empty))
    yield Figure(
        f"false stents per image without one ({len(empty)} images)", false, None, None, "≤ 0.05",
        false <= 0.05,
    )  # fmt: skip
    refused = sum(bool(read.refusal) for read in mixed)
    yield _share("simulated radiographs refused as none", refused, len(mixed), None)


def _found(read: Read) -> int:
    """How many of an image's true stents were found, each by a finding of its own."""
    free = list(read.findings)
    found = 0
    for _, corners in read.truth:
        best = max(free, key=lambda one: overlap(read.corners(one), corners), default=None)
        if best is not None and overlap(read.corners(best), corners) >= OVERLAP:
            free.remove(best)
            found += 1
    return found


def _sure(bundle: Path, reads: Sequence[Read]) -> Iterator[Figure]:
    """Calibration and coverage over the stents that were found and are of known makers."""
    labels = load_bundle(bundle).labels
    chances, truth, inside = [], [], []
    for read in reads:
        for one in read.findings:
            at = max(read.truth, key=lambda true: overlap(read.corners(one), true[1]), default=None)
            if at is None or overlap(read.corners(one), at[1]) < OVERLAP or at[0] not in labels:
                continue
            by_name = {score.label: score.probability for score in one.scores}
            chances.append([by_name[name] for name in labels])
            truth.append(labels.index(at[0]))
            inside.append(at[0] in one.prediction_set)
    error = calibration_error(reliability(np.array(chances), np.array(truth)))
    yield Figure(
        f"calibration over {len(truth)} found stents: ECE", error, None, None, "≤ 0.03",
        error <= 0.03,
    )  # fmt: skip
    share = float(np.mean(inside))
    low, high = wilson(sum(inside), len(inside))
    yield Figure(
        f"coverage of the sets, 90 % stated (95 % CI {low:.3f} to {high:.3f}, n = {len(inside)})",
        share, None, None, "0.88 to 0.92", 0.88 <= share <= 0.92,
    )  # fmt: skip


def _unknown(bundle: Path, known: Sequence[Read], strange: Sequence[Read]) -> Iterator[Figure]:
    """How well distance tells unknown from known; a stent that was not found is at distance 0."""
    from sklearn.metrics import roc_auc_score

    near = [_distance(read) for read in known]
    far = [_distance(read) for read in strange]
    auc = float(roc_auc_score([0] * len(near) + [1] * len(far), near + far))
    names = ", ".join(FURTHER_DESIGNS)
    yield _least(
        f"unknown designs ({names}; {len(far)}) against known ({len(near)}): AUROC", auc, 0.95
    )
    told = sum(bool(read.surest and read.surest.unknown) for read in strange)
    yield _share("unknown designs told as unknown", told, len(strange), None)
    folder = _real_folder() / "coronary-stents" / "images"
    files = sorted(folder.glob("*.*")) if folder.is_dir() else []
    if files:
        real = [_farthest(read_path(bundle, path).findings) for path in files]
        auc = float(roc_auc_score([0] * len(near) + [1] * len(real), near + real))
        apart = ", ".join(f"{value:.2f}" for value in real)
        yield _least(
            f"{len(real)} real coronary stents against known: AUROC (distances {apart})", auc, 0.95
        )


def _distance(read: Read) -> float:
    one = read.surest
    return 0.0 if one is None or one.distance is None else one.distance


def _farthest(findings: Sequence[object]) -> float:
    distances = [getattr(one, "distance", None) or 0.0 for one in findings]
    return max(distances, default=0.0)


def _real(bundle: Path) -> Iterator[Figure]:
    folder = _real_folder() / "stents"
    right = 0
    there = [name for name in REAL if (folder / name).is_file()]
    for name in there:
        maker, areas = REAL[name]
        reading = read_path(bundle, folder / name)
        said = "; ".join(
            f"{'unknown, nearest ' if one.unknown else ''}{one.maker} {one.probability:.2f}"
            for one in reading.findings
        )
        heats = [one.heat for one in reading.findings if one.heat is not None]
        share = (
            float(np.mean([sum(share_inside(heat, area) for area in areas) for heat in heats]))
            if heats
            else 0.0
        )
        size = sum((area.x1 - area.x0) * (area.y1 - area.y0) for area in areas)
        named = {one.maker for one in reading.findings if not one.unknown} == {maker}
        ok = named and share >= 0.5
        right += ok
        yield Figure(
            f"real frame, truth {maker}: {said or reading.refusal or 'no stent'}; share of "
            "heat inside the stent's area (peer: the area's share of the frame)",
            share, size, share / size, "maker right, heat inside", ok,
        )  # fmt: skip
    if there:
        yield Figure(
            "real frames: maker right and heat inside",
            right,
            len(there),
            right / len(there),
            "3 of 3",
            right == len(there),
        )


def _real_folder() -> Path:
    return Path(os.environ.get("STENTVIEWER_DATA", "../shared/data"))


def _share(
    name: str, right: int, of: int, least: float | None, peer: float | None = None
) -> Figure:
    low, high = wilson(right, of)
    share = right / max(1, of)
    bar = "reported" if least is None else f"≥ {least}"
    return Figure(
        f"{name} (95 % CI {low:.3f} to {high:.3f}, n = {of})", share, peer,
        share / peer if peer else None, bar, least is None or share >= least,
    )  # fmt: skip


def _least(name: str, value: float, least: float) -> Figure:
    return Figure(name, value, None, None, f"≥ {least}", value >= least)
