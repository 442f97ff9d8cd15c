"""Readings of freshly simulated images by the program itself, several processes side by side."""

from __future__ import annotations

import os
import tempfile
from collections.abc import Mapping, Sequence
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, replace
from multiprocessing import get_context
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from stentviewer.core.types import Finding, Reading

WORKERS = os.cpu_count() or 2


@dataclass(frozen=True, slots=True)
class Read:
    """One simulated image: its true stents (maker, corners in pixels) and what was read."""

    truth: tuple[tuple[str, NDArray[np.float64]], ...]
    shape: tuple[int, int]
    findings: tuple[Finding, ...]
    refusal: str

    @property
    def surest(self) -> Finding | None:
        return max(self.findings, key=lambda one: one.presence, default=None)

    def corners(self, finding: Finding) -> NDArray[np.float64]:
        """A finding's box along its axis, (4, 2) in pixels."""
        rows, columns = self.shape
        return np.array(finding.outline) * (columns, rows)


def read_simulated(bundle: Path, seed: int, count: int, **drawn: Any) -> list[Read]:
    """Images 0…count-1 of a seed; drawn are arguments of `simulate_reading_image`.

    maker, one a number, or makers_in_turn give single stents of these makers instead.
    """
    parts = [list(range(first, count, 2 * WORKERS)) for first in range(2 * WORKERS)]
    parts = [part for part in parts if part]
    with ProcessPoolExecutor(WORKERS, mp_context=get_context("spawn")) as pool:
        n = len(parts)
        done = pool.map(_part, [bundle] * n, [seed] * n, parts, [drawn] * n)
        found = dict(pair for part in done for pair in part)
    return [found[index] for index in range(count)]


def _part(
    bundle: Path, seed: int, indices: Sequence[int], drawn: Mapping[str, Any]
) -> list[tuple[int, Read]]:
    import cv2

    from stentviewer.imaging.readers import read_radiograph
    from stentviewer.learning.demo_pool import placed
    from stentviewer.simulate import simulate_reading_image, simulate_stent_image
    from stentviewer.simulate.dicom import write_dicom

    cv2.setNumThreads(1)
    done = []
    single: Sequence[str] = drawn.get("single", ())
    with tempfile.TemporaryDirectory() as folder:
        for index in indices:
            if single:
                image = simulate_stent_image(seed, index, single[index])
            else:
                image = simulate_reading_image(seed, index, **drawn)
            path = write_dicom(image, Path(folder) / "image.dcm")
            reading = read_path(bundle, path)
            truth = tuple((one.maker, placed(one, image).corners) for one in image.stents)
            findings = tuple(replace(one, heat=None, feature=None) for one in reading.findings)
            radiograph = read_radiograph(path)
            shape = (radiograph.header.rows, radiograph.header.columns)
            done.append((index, Read(truth, shape, findings, reading.refusal)))
    return done


def read_path(bundle: Path, path: Path) -> Reading:
    """The reading of a file's first frame."""
    from stentviewer.app.analyse import read_stents
    from stentviewer.imaging.readers import read_radiograph
    from stentviewer.inference.bundle import load_bundle
    from stentviewer.inference.runtimes.choose import open_runtime

    loaded = load_bundle(bundle, verify=False)
    return read_stents(read_radiograph(path), 0, loaded, open_runtime(loaded))
