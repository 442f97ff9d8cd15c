"""What leaves the program as a file, over a real library, image and model."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from io import BytesIO
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image
from pypdf import PdfReader

from stentviewer.app.exporting import (
    _around,
    _image_facts,
    _outlines,
    _pictures,
    export_review,
)
from stentviewer.app.session import Session
from stentviewer.core.errors import KnownError
from stentviewer.core.paths import models_dir
from stentviewer.core.types import Box, HeatMap, Reading
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.imaging.image import Window
from stentviewer.inference.catalog import Catalog
from stentviewer.library.repository import Library
from stentviewer.simulate import write_example_patient


@pytest.fixture(scope="module")
def example(tmp_path_factory: pytest.TempPathFactory) -> list[Path]:
    return write_example_patient(tmp_path_factory.mktemp("example"))


@pytest.fixture
def real(tmp_path: Path, example: list[Path]) -> Iterator[tuple[Session, int]]:
    """A session over a library that holds the example patient's first image."""
    with Library.open(tmp_path / "library", "dr.kim") as library:
        made = Session(library, Catalog([models_dir()]), "dr.kim")
        yield made, made.add(example[:1]).images[0].id


def page(path: Path) -> str:
    return PdfReader(BytesIO(path.read_bytes())).pages[0].extract_text()


def test_a_read_and_corrected_image_leaves_as_report_and_picture(real, tmp_path: Path) -> None:
    session, image = real
    record = session.read(image, 0)
    session.correct(image, 0, "EGIS")
    pdf, png = export_review(session, image, 0, tmp_path / "out", Window(2000, 3000), True, 0.8)
    text = page(pdf)
    for part in (
        "Kim Minjun",
        record.reading.findings[0].maker,
        "EGIS, corrected by dr.kim",
        record.reading.model.sha256,
        "simulated stents only",
        "W 3000 L 2000",
        RESEARCH_USE,
    ):
        assert part in text
    with Image.open(png) as picture:
        pixels = np.asarray(picture.convert("RGB")).astype(int)
    header = session.open_image(image).record.header
    assert pixels.shape[1] == header.columns
    assert pixels.shape[0] > header.rows, "the words stand under the picture, not on it"
    spread = pixels[: header.rows].max(axis=2) - pixels[: header.rows].min(axis=2)
    assert spread.max() > 40, "the heat is in colour"


def test_an_image_nobody_read_leaves_as_a_report_that_says_so(real, tmp_path: Path) -> None:
    session, image = real
    written = export_review(session, image, 0, tmp_path / "out")
    assert [path.suffix for path in written] == [".pdf"]
    assert "Not read by a model" in page(written[0])


def test_file_names_carry_no_name_and_nothing_is_overwritten(real, tmp_path: Path) -> None:
    session, image = real
    first = export_review(session, image, 0, tmp_path / "out")
    before = first[0].read_bytes()
    second = export_review(session, image, 0, tmp_path / "out")
    assert first[0] != second[0]
    assert first[0].read_bytes() == before
    assert "kim" not in first[0].name.lower()


def test_a_folder_that_cannot_be_written_is_named(real, tmp_path: Path) -> None:
    session, image = real
    (tmp_path / "file").write_text("in the way")
    with pytest.raises(KnownError, match="could not be written"):
        export_review(session, image, 0, tmp_path / "file" / "out")


@given(st.tuples(*[st.floats(0, 1)] * 4), st.integers(1, 3000), st.integers(1, 3000))
def test_a_close_up_lies_in_the_image_and_is_never_empty(edges, rows, columns) -> None:
    x0, x1 = sorted(edges[:2])
    y0, y1 = sorted(edges[2:])
    down, across = _around(Box(x0, y0, x1, y1), rows, columns)
    assert 0 <= down.start < down.stop <= rows
    assert 0 <= across.start < across.stop <= columns


def test_the_report_names_the_lookup_table_where_one_shaped_the_picture() -> None:
    """It once gave a window that was not in use."""
    header = SimpleNamespace(columns=4, rows=3, frames=1, has_dicom_truth=True)
    radiograph = SimpleNamespace(voi_lut=object(), default_window=lambda _: Window(10, 20))
    opened: Any = SimpleNamespace(record=SimpleNamespace(header=header), radiograph=radiograph)
    assert _image_facts(opened, 0, None) == ["4 × 3", "the file's VOI LUT"]
    assert _image_facts(opened, 0, Window(5, 6)) == ["4 × 3", "W 6 L 5"]


CORNERS = ((0, 0.2), (0.05, 0.2), (0.05, 0.6), (0, 0.6))


def stents(count: int) -> Reading:
    from tests.library.make import finding, reading

    heat = HeatMap(np.eye(8, dtype=np.float32), Box(0, 0, 1, 1), "Grad-CAM")
    found = [
        replace(
            finding(f"Maker {n}"),
            box=Box(0.1 * n, 0.2, 0.1 * n + 0.05, 0.6),
            outline=tuple((0.1 * n + x, y) for x, y in CORNERS),
            heat=heat,
        )
        for n in range(1, count + 1)
    ]
    return replace(reading(*found), heat=heat)


def test_several_stents_are_numbered_on_the_picture_and_shown_close_up() -> None:
    grey = np.full((400, 500), 90, np.uint8)
    captions = [caption for caption, _ in _pictures(grey, stents(3), 0.5)]
    assert captions == ["Image", "Heat map: Grad-CAM", "Close-up of stent 1", "Close-up of stent 2"]
    assert [number for number, _ in _outlines(stents(3))] == [1, 2, 3]


def test_a_refused_image_leaves_as_a_report_without_a_heat_map(real, tmp_path: Path) -> None:
    from tests.library.make import reading

    session, image = real
    refused = replace(reading(heat=False), refusal="This is a photograph.", notes=())
    session.library.save_reading(image, refused)
    written = export_review(session, image, 0, tmp_path / "out")
    assert [path.suffix for path in written] == [".pdf"]
    text = page(written[0])
    assert "Not read: This is a photograph." in text
    assert "No stent" not in text
