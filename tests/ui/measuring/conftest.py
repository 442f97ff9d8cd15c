"""A canvas to measure on, over a library of two images."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pytestqt.qtbot import QtBot

from stentviewer.library.repository import Library
from tests.library.make import digest, header
from tests.ui.measuring.hands import Bench
from tests.ui.viewer.conftest import dicom, no_thread_left


@pytest.fixture
def library(tmp_path: Path, empty_library: Path) -> Iterator[Library]:
    shutil.copytree(empty_library, tmp_path / "library")
    with Library.open(tmp_path / "library", "dr.kim") as library:
        for n in (1, 2):
            (tmp_path / f"{n}.dcm").touch()
            library.add(header(tmp_path / f"{n}.dcm"), digest(str(n)))
        yield library


@pytest.fixture
def bench(qtbot: QtBot, library: Library) -> Iterator[Bench]:
    made = Bench(qtbot, library)
    yield made
    made.window.close()
    made.bridge.close()
    assert not made.trouble


@pytest.fixture
def disc() -> np.ndarray:
    """300 × 400: 1000 in a disc of radius 60 round (200, 150), 200 elsewhere."""
    y, x = np.mgrid[0:300, 0:400] + 0.5
    return np.where((x - 200) ** 2 + (y - 150) ** 2 <= 3600, 1000, 200).astype(np.uint16)


@pytest.fixture
def at_patient(bench: Bench, dicom: Callable[..., Any], disc: np.ndarray) -> Bench:
    """The disc at 0.2 mm in the patient."""
    bench.show(dicom(disc, PixelSpacing=[0.2, 0.2], PixelSpacingCalibrationType="GEOMETRY"))
    return bench


__all__ = ["dicom", "no_thread_left"]
