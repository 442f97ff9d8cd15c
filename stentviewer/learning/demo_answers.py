"""What the two networks of a model say of simulated images, through the functions of a reading.

Kept raw, before any threshold: thresholds are chosen from it, and figures computed.
"""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Final

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.types import FloatArray
from stentviewer.imaging.readers import read_radiograph
from stentviewer.inference.bundle import load_bundle
from stentviewer.inference.runtimes.choose import open_runtime
from stentviewer.inference.runtimes.finder import open_finder
from stentviewer.learning.demo_pool import placed
from stentviewer.simulate import simulate_reading_image
from stentviewer.simulate.dicom import write_dicom
from stentviewer.tasks import stent_field
from stentviewer.tasks.stent_crop import stent_feature

OVERLAP: Final = 0.3  # of two boxes along the axis, from which on a stent counts as found

Corners = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class Told:
    """One stent as the networks tell it: where (corners (4, 2), pixels) and which (scores)."""

    presence: float
    corners: Corners
    scores: FloatArray
    feature: FloatArray


@dataclass(frozen=True, slots=True, eq=False)
class Answer:
    """Of one image: the finder's feature of it, what was told, and the truth (maker, corners)."""

    field: FloatArray
    told: tuple[Told, ...]
    truth: tuple[tuple[str, Corners], ...]

    def matched(self, least: float) -> list[tuple[Told, int | None]]:
        """The told stents of at least this presence, each with the number of its true one.

        Surest first; a true stent is matched once; None for one that is not there.
        """
        free = set(range(len(self.truth)))
        pairs: list[tuple[Told, int | None]] = []
        for one in sorted(self.told, key=lambda told: -told.presence):
            if one.presence < least:
                break
            best = max(free, key=lambda k: overlap(one.corners, self.truth[k][1]), default=None)
            if best is not None and overlap(one.corners, self.truth[best][1]) < OVERLAP:
                best = None
            free.discard(-1 if best is None else best)
            pairs.append((one, best))
        return pairs


def overlap(one: Corners, other: Corners) -> float:
    """Intersection over union of two convex boxes (4, 2)."""
    import cv2

    shared, _ = cv2.intersectConvexConvex(one.astype(np.float32), other.astype(np.float32))
    areas = [float(cv2.contourArea(box.astype(np.float32))) for box in (one, other)]
    union = sum(areas) - float(shared)
    return float(shared) / union if union > 0 else 0.0


def answers(
    bundle: Path, seed: int, indices: Sequence[int], least: float = 0.1, workers: int = 2
) -> list[Answer]:
    """What the model in a folder says of images of a seed, in order; from this presence on."""
    parts = [list(indices[first :: 4 * workers]) for first in range(4 * workers)]
    parts = [part for part in parts if part]
    with ProcessPoolExecutor(workers, mp_context=get_context("spawn")) as pool:
        n = len(parts)
        done = pool.map(_answers, [bundle] * n, [seed] * n, parts, [least] * n)
        found = dict(pair for part in done for pair in part)
    return [found[index] for index in indices]


def _answers(
    folder: Path, seed: int, indices: Iterable[int], least: float
) -> list[tuple[int, Answer]]:
    import cv2

    cv2.setNumThreads(1)
    bundle = load_bundle(folder, verify=False)
    finder, namer = open_finder(bundle), open_runtime(bundle)
    spec = bundle.manifest.finder
    assert spec is not None
    spec = spec.model_copy(update={"presence": least})
    done = []
    with tempfile.TemporaryDirectory() as scratch:
        for index in indices:
            image = simulate_reading_image(seed, index)
            path = write_dicom(image, Path(scratch) / "image.dcm")
            field = stent_field.field_of(read_radiograph(path), 0)
            prepared = stent_field.prepare_field(field, spec)
            found = finder.run(prepared.tensor)
            told = []
            for stent in stent_field.find(found.map, prepared, field, spec):
                crop = stent_field.crop_of(stent, field, spec)
                tensor = stent_field.prepare_stent(field, crop, bundle.manifest.preprocessing)
                output = namer.run(tensor.tensor)
                feature = stent_feature(output.activation, crop, stent)
                told.append(Told(stent.presence, stent.corners, output.scores, feature))
            truth = tuple((stent.maker, placed(stent, image).corners) for stent in image.stents)
            done.append((index, Answer(found.field, tuple(told), truth)))
    return done
