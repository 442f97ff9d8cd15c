"""`stentviewer read` with a model that finds stents: every kind of answer."""

from __future__ import annotations

import json
from pathlib import Path

import cv2
import numpy as np
import pytest

from tests.cli.test_cli import run as run
from tests.inference.finders import finder_bundle, frame


@pytest.fixture
def files(tmp_path: Path) -> dict[str, Path]:
    """A picture for each kind of answer, and the model that gives it."""
    finder_bundle(tmp_path / "home" / "models" / "by-hand", id="by-hand")
    white = np.full((400, 400), 3000, np.uint16)
    white[:8] = 0
    pictures = {
        "none": frame(),
        "two": frame(("NITI-S", 300, 100), ("EGIS", 100, 250)),
        "unknown": frame(("smooth", 200, 200)),
        "refused": white,
    }
    made = {}
    for name, pixels in pictures.items():
        made[name] = tmp_path / f"{name}.png"
        assert cv2.imwrite(str(made[name]), pixels)
    return made


def test_every_answer_is_told_in_json(run, files, tmp_path) -> None:
    out_dir = tmp_path / "heat"
    words = ("--json", "--model", "by-hand", "--out", out_dir)
    status, out, _ = run("read", *files.values(), *words)
    assert status == 0, "a refused image is an answer"
    told = {Path(one["file"]).stem: one for one in map(json.loads, out.splitlines())}
    assert {name: len(one["findings"]) for name, one in told.items()} == {
        "none": 0,
        "two": 2,
        "unknown": 1,
        "refused": 0,
    }
    assert [name for name, one in told.items() if one["refused"]] == ["refused"]
    assert "does not look like the radiographs" in told["refused"]["refused"]
    assert all(one["error"] is None for one in told.values())
    assert told["refused"]["heatmap"] is None
    assert told["two"]["heatmap"] is not None
    assert Path(told["two"]["heatmap"]).is_file()
    assert [one["maker"] for one in told["two"]["findings"]] == ["NITI-S", "EGIS"]
    for finding in (*told["two"]["findings"], *told["unknown"]["findings"]):
        assert set(finding) == {
            "maker", "probability", "set", "unknown", "box", "outline", "presence", "distance",
        }  # fmt: skip
        assert len(finding["outline"]) == 4
        assert 0.5 <= finding["presence"] <= 1
        assert (finding["distance"] > 1) is finding["unknown"]
    assert set(told["two"]["seconds"]) == {"prepare", "find", "name", "explain", "total"}


def test_every_answer_is_told_in_words(run, files) -> None:
    status, out, _ = run("read", *files.values(), "--model", "by-hand")
    assert status == 0
    lines = dict(line.split("\t") for line in out.splitlines() if "\t" in line)
    assert lines["none.png"] == "no stent found"
    assert lines["two.png"].startswith("2 stents: NITI-S 0.")
    assert lines["unknown.png"] == "unknown design, nearest EGIS"
    assert lines["refused.png"].startswith("not read: This does not look like")


def test_what_cannot_be_opened_still_fails_beside_what_is_refused(run, files, tmp_path) -> None:
    gone = tmp_path / "gone.png"
    status, out, _ = run("read", files["refused"], gone, "--json", "--model", "by-hand")
    assert status == 3
    refused, failed = map(json.loads, out.splitlines())
    assert (refused["error"], bool(refused["refused"])) == (None, True)
    assert (bool(failed["error"]), failed["refused"]) == (True, None)
