"""`stentviewer library read-again`: verified images are read by the model in force, others not."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stentviewer import cli
from stentviewer.app.session import Session
from stentviewer.library.repository import Library
from tests.app.rods import rod, write_xray
from tests.library.make import label


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    monkeypatch.setenv("STENTVIEWER_HOME", str(tmp_path / "home"))

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["stentviewer", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return call


@pytest.fixture
def library(tmp_path) -> Path:
    """Three images: one verified, one verified and gone, one that nobody has answered."""
    folder = tmp_path / "home" / "library"
    files = [write_xray(tmp_path / f"{n}.dcm", rod(20 * n, 90)) for n in range(3)]
    catalog: Any = SimpleNamespace()
    with Library.open(folder, "dr.kim") as opened:
        images = [one.id for one in Session(opened, catalog, "dr.kim").add(files).images]
        for image_id in images[:2]:
            opened.set_label(label(image_id, "EGIS"))
    files[1].unlink()
    return folder


def test_verified_images_are_read_and_one_that_is_gone_is_named(run, library) -> None:
    status, out, _ = run("library", "read-again", "--by", "dr.lee", "--json")
    assert status == cli.EXIT_SOME_FAILED
    answer = json.loads(out)
    assert answer["read"] == 1
    assert [Path(one["file"]).name for one in answer["problems"]] == ["1.dcm"]
    with Library.open(library, "check", read_only=True) as opened:
        counts = [len(opened.readings(image_id)) for image_id in (1, 2, 3)]
        assert counts == [1, 0, 0]
        assert opened.readings(1)[0].by == "dr.lee"
        (fault,) = opened.check()
        assert "1.dcm" in fault


def test_an_empty_library_has_nothing_to_read(run, tmp_path) -> None:
    status, out, _ = run("library", "read-again")
    assert status == 0
    assert "0 read, 0 could not be read." in out
