"""What is drawn over an image of the library."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stentviewer.app.presenting import drawn_over
from stentviewer.imaging.readers import read_radiograph
from tests.imaging.conftest import write_dicom as write_dicom  # the fixture
from tests.imaging.gsps_files import graphic, item, write_gsps
from tests.imaging.test_overlay_planes import add_overlay


class Shelf:
    """A library that knows these presentations and nothing else."""

    def __init__(self, *paths: Path) -> None:
        self.paths = paths
        self.asked: list[str] = []

    def presentations(self, sop_uids: list[str]) -> list[Any]:
        self.asked += sop_uids
        return [SimpleNamespace(path=path) for path in self.paths]


@pytest.fixture
def record(write_dicom: Any) -> Any:
    path = add_overlay(write_dicom(), np.eye(3, 4, dtype=bool))
    return SimpleNamespace(header=read_radiograph(path).header)


def test_states_and_overlays_come_together(tmp_path: Path, record: Any) -> None:
    annotation = item(GraphicLayer="A", GraphicObjectSequence=[graphic("POINT", [1, 1])])
    path = write_gsps(tmp_path / "state", "1.2.3.4", GraphicAnnotationSequence=[annotation])
    shelf: Any = Shelf(path)
    drawn = drawn_over(shelf, record)
    assert shelf.asked == ["1.2.3.4"]
    assert [state.label for state in drawn.states] == ["MARKS"]
    assert [plane.number for plane in drawn.overlays] == [0]
    assert drawn.notes == ()


def test_files_that_are_gone_are_said_and_the_rest_is_shown(tmp_path: Path, record: Any) -> None:
    good = write_gsps(tmp_path / "state", "1.2.3.4")
    shelf: Any = Shelf(tmp_path / "gone", good)
    drawn = drawn_over(shelf, record)
    assert len(drawn.states) == 1
    assert "gone" in drawn.notes[0]
    record.header.path.unlink()
    drawn = drawn_over(shelf, record)
    assert drawn.overlays == ()
    assert len(drawn.notes) == 2
