"""`stentviewer models compress` from files to a model that reads."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import pytest
from typer.testing import CliRunner

from stentviewer.cli import app
from stentviewer.core.paths import data_dir, models_dir
from stentviewer.inference.bundle import load_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.learning.frozen import learned_of
from tests.learning.images import write_png
from tests.learning.small_model import MODEL, small_model


@pytest.fixture
def folder(tmp_path, home) -> Path:
    """Twelve patients a class, one of them cut short; the small model is installed."""
    small_model(data_dir() / "models" / MODEL)
    for name in ("EGIS", "Epic"):
        for i in range(12):
            write_png(tmp_path / "images" / name / f"{i}.png", seed=i + 100 * (name == "Epic"))
    (tmp_path / "images" / "Epic" / "broken.png").write_bytes(b"\x89PNG\r\n")
    return tmp_path / "images"


def run(*words: str):
    result = CliRunner().invoke(app, list(words))
    if result.exception is not None and not isinstance(result.exception, SystemExit):
        raise result.exception
    return result


def test_an_8_bit_model_is_made_installed_and_reads(folder, tmp_path) -> None:
    result = run("models", "compress", MODEL, "--int8", "--images", str(folder), "--json")
    row = json.loads(result.stdout)
    assert "Epic: 1 file(s) are not images" in result.stderr
    made = load_bundle(Path(row["folder"]))
    assert made.folder.parent == data_dir() / "models"
    assert row["model"] == {"id": made.ref.id, "sha256": made.sha256}
    assert row["from"]["id"] == MODEL
    assert row["after"]["bytes"] < 0.3 * row["before"]["single_bytes"]
    assert 0 <= row["same_answer"] <= 1
    assert row["images"] == 16
    assert row["before"]["accuracy"]["value"] is not None
    catalog = Catalog([models_dir(), data_dir() / "models"])
    assert catalog.default("stent-maker").ref.id == "stent-demo"
    image = str(folder / "EGIS" / "0.png")
    read = json.loads(run("read", image, "--model", made.ref.id, "--json").stdout)
    assert read["model"]["sha256"] == made.sha256
    assert read["error"] is None
    listed = run("models", "list").stdout
    assert f"  {made.ref.id}\t" in listed  # below the one it was made of
    again = run("models", "compress", MODEL, "--int8", "--images", str(folder), "--json")
    assert json.loads(again.stdout)["model"] == row["model"]
    assert not list((data_dir() / "training" / "compress").iterdir())


def test_a_taught_model_says_what_it_learned_from(folder) -> None:
    pytest.importorskip("torch")
    words = ("--distil", "test_efficientnet", "--random", "--side", "64", "--epochs", "1")
    result = run("models", "compress", MODEL, *words, "--images", str(folder))
    assert "installed and not in force" in result.stdout
    assert "For research use, not for primary diagnosis." in result.stdout
    (made,) = (data_dir() / "models").glob("*test_efficientnet*")
    learned = learned_of(data_dir() / "models", load_bundle(made).sha256)
    assert learned is not None
    assert len(learned.images) == 8


@pytest.mark.parametrize("words", [(), ("--int8", "--prune", "0.5")])
def test_one_way_is_chosen(folder, words) -> None:
    from stentviewer.core.errors import UserError

    with pytest.raises(UserError, match="Choose one of"):
        run("models", "compress", MODEL, *words, "--images", str(folder))


def test_a_copy_of_another_name_is_another_model(folder, tmp_path) -> None:
    """A model may be named by its folder."""
    place = tmp_path / "elsewhere"
    shutil.copytree(data_dir() / "models" / MODEL, place)
    result = run("models", "compress", str(place), "--int8", "--images", str(folder), "--json")
    assert json.loads(result.stdout)["from"]["id"] == MODEL
