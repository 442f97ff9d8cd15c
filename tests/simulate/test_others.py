"""Pictures that are no such radiograph, and real ones in place of the simulated anatomy."""

from __future__ import annotations

import csv

import cv2
import numpy as np
import pytest
from typer.testing import CliRunner

from stentviewer.cli import app
from stentviewer.core.errors import UserError
from stentviewer.imaging.polarity import Polarity
from stentviewer.simulate import (
    OTHER_KINDS,
    find_backgrounds,
    simulate_other,
    simulate_reading_image,
    write_dicom,
)
from stentviewer.simulate.backgrounds import read_background


@pytest.mark.parametrize("kind", OTHER_KINDS)
def test_other_pictures_are_seeded_and_of_their_kind(kind) -> None:
    first, again, other = (simulate_other(seed, 2, kind, side=96) for seed in (1, 1, 2))
    assert first.pixels.shape == (96, 96)
    assert first.pixels.dtype == np.uint8
    assert first.kind == kind
    assert np.array_equal(first.pixels, again.pixels)
    assert not np.array_equal(first.pixels, other.pixels)
    spread = float(first.pixels.std())
    assert spread < 60 if kind == "uniform" else spread > 12


def test_kinds_take_turns_and_nonsense_is_refused() -> None:
    assert [simulate_other(1, i, side=64).kind for i in range(5)] == list(OTHER_KINDS)
    with pytest.raises(ValueError, match="under 64"):
        simulate_other(1, 1, side=32)


def test_a_real_radiograph_stands_in_for_the_anatomy(tmp_path) -> None:
    write_dicom(simulate_reading_image(1, 1, arrangement="none", side=128), tmp_path / "a.dcm")
    (tmp_path / "notes.txt").write_text("no radiograph")
    files = find_backgrounds(tmp_path)
    assert [path.name for path in files] == ["a.dcm"]
    exponent = read_background(files[0])
    assert float(np.percentile(exponent, 95)) > float(np.percentile(exponent, 5)) + 0.5
    plain, over = (
        [simulate_reading_image(9, i, side=96, backgrounds=given).pixels for i in range(6)]
        for given in ((), files)
    )
    changed = [not np.array_equal(a, b) for a, b in zip(plain, over, strict=True)]
    assert 1 <= sum(changed) <= 6
    again = simulate_reading_image(9, changed.index(True), side=96, backgrounds=files)
    assert np.array_equal(again.pixels, over[changed.index(True)])


@pytest.mark.parametrize("bright", [False, True])
def test_bone_is_dense_whichever_way_a_radiograph_is_shown(tmp_path, bright, monkeypatch) -> None:
    monkeypatch.setattr(
        "stentviewer.imaging.polarity.polarity_of",
        lambda *_: Polarity("bone bright" if bright else "bone dark"),
    )
    rng = np.random.default_rng(1)
    shown = rng.integers(90, 110, (200, 200)).astype(np.uint8)
    shown[:, 80:120] = 200 if bright else 20  # a spine
    cv2.imwrite(str(tmp_path / "a.png"), shown)
    exponent = read_background(tmp_path / "a.png")
    rows, cols = exponent.shape
    assert float(exponent[rows // 2, cols // 2]) > 1.4
    assert float(exponent[rows // 2, cols // 8]) < 0.6


def test_a_ct_series_is_seen_from_the_front(data_dir) -> None:
    exponent = read_background(data_dir / "ct-abdomen")
    rows, cols = exponent.shape
    assert rows > 300
    spine = float(exponent[rows // 3 : rows // 2, cols // 2 - 20 : cols // 2 + 20].mean())
    flank = float(exponent[rows // 3 : rows // 2, cols // 5 : cols // 5 + 40].mean())
    assert spine > flank > 0


def test_a_folder_without_any_is_said(tmp_path) -> None:
    with pytest.raises(UserError, match="holds no radiograph"):
        find_backgrounds(tmp_path)


def test_the_command_writes_none_and_several(tmp_path) -> None:
    words = ["simulate", "stents", "--count", "4", "--none", "0.5", "--several", "0.5"]
    done = CliRunner().invoke(app, [*words, "--out", str(tmp_path)])
    assert done.exit_code == 0, done.output
    with (tmp_path / "truth.csv").open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    of_file: dict[str, list[str]] = {}
    for row in rows:
        of_file.setdefault(row["file"], []).append(row["maker"])
    assert len(of_file) == 4
    assert all(own == [""] or len(own) > 1 for own in of_file.values())
    assert all(bool(row["x0"]) == bool(row["maker"]) for row in rows)


@pytest.mark.parametrize(
    "words", [["--none", "0.8", "--several", "0.5"], ["--patients", "--none", "1"]]
)
def test_the_command_refuses_what_does_not_go_together(tmp_path, words) -> None:
    done = CliRunner().invoke(app, ["simulate", "stents", *words, "--out", str(tmp_path)])
    assert done.exit_code == 2
    assert not list(tmp_path.iterdir())
