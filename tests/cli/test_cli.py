"""The commands as a person types them: what they print, and with which exit status they end."""

from __future__ import annotations

import json
import shutil
import sys
from pathlib import Path

import pytest

from stentviewer import cli
from stentviewer.core.paths import models_dir
from stentviewer.core.wording import RESEARCH_USE


@pytest.fixture
def run(monkeypatch, capsys, tmp_path):
    """Calls the command in this process; returns (exit status, stdout, stderr)."""
    monkeypatch.setenv("STENTVIEWER_HOME", str(tmp_path / "home"))

    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["stentviewer", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return call


@pytest.fixture(scope="module")
def simulated(tmp_path_factory) -> Path:
    from stentviewer.simulate import simulate_to_folder

    folder = tmp_path_factory.mktemp("simulated")
    for _ in simulate_to_folder("stents", 2, 3, folder):
        pass
    return folder


def test_read_prints_one_object_an_image_and_leaves_the_heat_maps(run, simulated, tmp_path) -> None:
    images = sorted(simulated.rglob("*.dcm"))
    status, out, _ = run("read", *images, "--json", "--out", tmp_path / "heat")
    results = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [Path(r["file"]).name for r in results] == [image.name for image in images]
    for result in results:
        assert result["error"] is None
        assert result["notice"] == RESEARCH_USE
        assert len(result["model"]["sha256"]) == 64
        for finding in result["findings"]:
            assert 0 < finding["probability"] <= 1
            assert finding["unknown"] or finding["set"][0] == finding["maker"]
            assert all(0 <= edge <= 1 for edge in finding["box"] or [])
        assert (result["heatmap"] is None) == (not result["findings"])
        assert result["heatmap"] is None or Path(result["heatmap"]).is_file()
        assert result["seconds"]["find"] > 0
    assert any(result["findings"] for result in results)


def test_read_names_what_failed_and_goes_on(run, simulated, tmp_path) -> None:
    bad = tmp_path / "notes.txt"
    bad.write_text("no image at all")
    gone = tmp_path / "gone.dcm"
    good = min(simulated.rglob("*.dcm"))
    status, out, _ = run("read", bad, gone, good, "--json")
    results = {Path(r["file"]).name: r for r in map(json.loads, out.splitlines())}
    assert status == cli.EXIT_SOME_FAILED
    assert "notes.txt" in results["notes.txt"]["error"]
    assert "gone.dcm" in results["gone.dcm"]["error"]
    assert results[good.name]["error"] is None


def test_what_lies_beside_the_images_of_a_folder_is_no_failure(run, simulated, tmp_path) -> None:
    status, out, err = run("read", simulated, "--json")
    assert status == 0
    assert [json.loads(line)["error"] for line in out.splitlines()] == [None, None]
    assert "1 file is not an image" in err, "truth.csv is named all the same"
    (tmp_path / "texts").mkdir()
    (tmp_path / "texts" / "a.txt").write_text("no image")
    status, out, _ = run("read", tmp_path / "texts", "--json")
    assert status == cli.EXIT_SOME_FAILED, "but a folder without any image is one"
    assert "1 file is not an image" in json.loads(out)["error"]


def test_read_as_text_says_research_use(run, simulated) -> None:
    status, out, _ = run("read", min(simulated.rglob("*.dcm")))
    assert status == 0
    assert RESEARCH_USE in out


def test_read_of_a_frame_past_the_end_is_a_sentence(run, simulated) -> None:
    status, out, _ = run("read", min(simulated.rglob("*.dcm")), "--frame", 9, "--json")
    assert status == cli.EXIT_SOME_FAILED
    assert "frame 9" in json.loads(out)["error"]


def test_read_with_a_model_that_is_not_here(run, simulated) -> None:
    status, _, err = run("read", min(simulated.rglob("*.dcm")), "--model", "no-such-model")
    assert status == cli.EXIT_USER
    assert "no-such-model" in err


def test_simulate_gives_the_same_files_for_the_same_seed(run, tmp_path) -> None:
    folders = [tmp_path / "a", tmp_path / "b"]
    for folder in folders:
        status, out, _ = run("simulate", "stents", "--count", 2, "--seed", 11, "--out", folder)
        assert status == 0
        assert "2 simulated images" in out
    names = [sorted(p.relative_to(f) for p in f.rglob("*") if p.is_file()) for f in folders]
    assert names[0] == names[1]
    assert Path("truth.csv") in names[0]
    for name in names[0]:
        assert (folders[0] / name).read_bytes() == (folders[1] / name).read_bytes()


def test_simulate_into_a_place_that_cannot_be_written(run, tmp_path) -> None:
    (tmp_path / "file").write_text("in the way")
    status, _, err = run("simulate", "stents", "--count", 1, "--out", tmp_path / "file" / "x")
    assert status == cli.EXIT_SOME_FAILED
    assert "cannot be written" in err


def test_models_are_listed_and_verified(run) -> None:
    status, out, _ = run("models", "list", "--json")
    assert status == 0
    demo = next(row for row in map(json.loads, out.splitlines()) if row["id"] == "stent-demo")
    assert demo["labels"] == ["Bona PC", "Bona UC", "EGIS", "Epic", "NITI-S"]
    assert "simulated" in demo["data_source"].lower()
    assert run("models", "verify")[0] == 0
    status, _, err = run("models", "verify", "no-such-model")
    assert status == cli.EXIT_USER
    assert "no-such-model" in err


def test_a_tampered_model_is_named_and_the_others_stay(run, tmp_path) -> None:
    copy = tmp_path / "home" / "models" / "tampered"
    shutil.copytree(models_dir() / "stent-demo", copy)
    weights = copy / "weights.onnx"
    data = bytearray(weights.read_bytes())
    data[len(data) // 2] ^= 1
    weights.write_bytes(data)
    status, out, _ = run("models", "verify")
    assert status == cli.EXIT_SOME_FAILED
    lines = dict(line.split("\t", 1) for line in out.splitlines())
    assert lines["stent-demo"] == "in order"
    assert "weights.onnx" in lines["tampered"]


def test_library_check_of_none_of_a_good_and_of_a_foreign_one(run, tmp_path) -> None:
    status, _, err = run("library", "check")
    assert status in (cli.EXIT_USER, cli.EXIT_SOME_FAILED)
    assert "library" in err
    from stentviewer.library.repository import Library

    Library.open(tmp_path / "home" / "library", "lee").close()
    status, out, _ = run("library", "check", "--json")
    assert status == 0
    assert json.loads(out)["faults"] == []
    (tmp_path / "foreign").mkdir()
    (tmp_path / "foreign" / "library.db").write_text("this is no database")
    status, _, err = run("library", "check", "--folder", tmp_path / "foreign")
    assert status == cli.EXIT_SOME_FAILED
    assert err.strip()


def test_demo_without_a_display_leaves_pictures_and_a_report(run, monkeypatch, tmp_path) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setattr(sys, "platform", "linux")
    status, out, err = run("demo", "--out", tmp_path / "review")
    assert status == 0
    assert "No display" in err
    assert RESEARCH_USE in out
    assert list((tmp_path / "review").glob("*.pdf"))
    assert list((tmp_path / "review").glob("*.png"))


def test_a_word_that_is_no_command_and_no_file_is_the_users_mistake(run) -> None:
    status, _, err = run("raed")
    assert status == cli.EXIT_USER
    assert "raed" in err


@pytest.mark.parametrize(
    "words",
    [("read", ""), ("",), ("open", ""), ("read", "x.dcm", "--out", ""), ("demo", "--out", "")],
)
def test_an_empty_word_is_not_the_current_folder(run, words, tmp_path, monkeypatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(cli, "_window", lambda *_, **__: 0)
    status, out, err = run(*words)
    assert (status, out) == (2, "")
    assert "empty" in err
