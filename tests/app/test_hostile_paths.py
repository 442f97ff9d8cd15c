"""Names and places of files that nobody would choose."""

from __future__ import annotations

import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import cv2
import numpy as np
import pytest

from stentviewer.app.exporting import free_name, write_overlay
from stentviewer.app.read_files import read_files
from stentviewer.app.session import Session
from stentviewer.core.errors import KnownError
from stentviewer.core.types import ModelRef, Reading
from stentviewer.imaging.readers import read_radiograph
from stentviewer.library.repository import Library


@pytest.fixture
def session(tmp_path: Path) -> Iterator[Session]:
    catalog: Any = SimpleNamespace()
    with Library.open(tmp_path / "library", "kim") as library:
        yield Session(library, catalog, "kim")


def png(path: Path, value: int = 7) -> Path:
    assert cv2.imwrite(str(path), np.full((8, 8), value, np.uint8))
    return path


@pytest.mark.skipif(sys.platform != "linux", reason="only there may a name be any bytes")
def test_a_name_that_is_no_text_is_a_sentence_and_the_rest_goes_on(
    session: Session, tmp_path: Path
) -> None:
    images = tmp_path / "images"
    images.mkdir()
    content = png(images / "good.png").read_bytes()
    odd = Path(os.fsdecode(os.fsencode(images) + b"/\xff\xfe.png"))
    odd.write_bytes(content + b" ")  # of another SHA-256
    below = Path(os.fsdecode(os.fsencode(images) + b"/d\xff"))
    below.mkdir()
    png(images / "x.png", 9).rename(below / "x.png")
    result = session.add([images])
    assert [image.header.path.name for image in result.images] == ["good.png"]
    assert len(result.problems) == 2
    for problem in result.problems:
        problem.message.encode()  # can be shown
        assert "Rename it" in problem.message


def test_a_relative_path_is_kept_whole(
    session: Session, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    png(tmp_path / "a.png")
    monkeypatch.chdir(tmp_path)
    image = session.add([Path("a.png")]).images[0]
    monkeypatch.chdir("/")
    assert image.header.path == tmp_path / "a.png"
    assert session.open_image(image.id).radiograph.header.rows == 8


def test_a_picture_never_takes_the_place_of_another(tmp_path: Path) -> None:
    radiograph = read_radiograph(png(tmp_path / "a.png"))
    reading = Reading(
        "stent-maker", ModelRef("m", "ab" * 32), 0, (), None, {}, "test", datetime.now(UTC)
    )
    taken = tmp_path / "heat.png"  # by another program, after the name was found free
    taken.write_text("another's")
    written = write_overlay(radiograph, reading, taken)
    assert taken.read_text() == "another's"
    assert written.name == "heat_2.png"
    assert written.read_bytes().startswith(b"\x89PNG")


@pytest.mark.parametrize("stem", ["x" * 255, "가" * 85, "a\nb\x1b[31m"])
def test_any_name_makes_a_name_that_a_disk_takes(tmp_path: Path, stem: str) -> None:
    made = free_name(tmp_path, stem)
    assert made.isprintable()
    (tmp_path / f"{made}.png").touch()
    again = free_name(tmp_path, stem)
    assert again != made
    (tmp_path / f"{again}.png").touch()


def test_no_place_for_temporary_files_is_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(**_: Any) -> Any:
        raise FileNotFoundError(2, "No usable temporary directory found")

    monkeypatch.setattr(tempfile, "TemporaryDirectory", refuse)
    nothing: Any = None
    with pytest.raises(KnownError, match="TMPDIR"):
        next(read_files([], 0, nothing, nothing))
