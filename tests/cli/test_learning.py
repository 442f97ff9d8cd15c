"""The commands of learning, as a person types them."""

from __future__ import annotations

import csv
import json
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from stentviewer import cli
from stentviewer.app import training
from stentviewer.app.training import Training
from stentviewer.cli import following
from stentviewer.core.paths import data_dir
from stentviewer.core.wording import RESEARCH_USE
from stentviewer.learning.recipe import ClassSpec, Recipe, Start, write_recipe
from stentviewer.learning.result import read_result
from tests.app.test_training import command
from tests.learning import stand_in
from tests.learning.finished import finished_run
from tests.learning.images import write_dicom
from tests.learning.small_model import MODEL, small_model

Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Run:
    def call(*words: object) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["stentviewer", *map(str, words)])
        with pytest.raises(SystemExit) as ended:
            cli.main()
        out, err = capsys.readouterr()
        return ended.value.code or 0, out, err

    return call


@pytest.fixture
def stood_in(monkeypatch: pytest.MonkeyPatch) -> Path:
    """Runs carry on as the stand-in does; returns where they are."""
    monkeypatch.setattr(training.process, "worker_command", command)
    monkeypatch.setattr(Training.__init__, "__defaults__", (command, training.GRACE_S))
    return training.training_dir()


def images(
    folder: Path, names: tuple[str, ...] = ("EGIS", "Epic"), patients: int = 3, first: int = 0
) -> Path:
    """DICOM files, each of a patient of its own, and their table."""
    rows = [("file", "label")]
    for k, name in enumerate(names):
        for patient in range(patients):
            number = first + 10 * k + patient
            path = folder / name / f"{number}.dcm"
            path.parent.mkdir(parents=True, exist_ok=True)
            write_dicom(path, f"Kim-{number}", number)
            rows.append((str(path), name))
    with (folder / "images.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows(rows)
    return folder / "images.csv"


def recipe_file(folder: Path, **changes: object) -> Path:
    fields: dict[str, object] = {
        "name": "short",
        "start": Start(model=MODEL),
        "classes": tuple(ClassSpec(name=name, before=(name,)) for name in ("EGIS", "Epic")),
        "side": 64,
        "folds": 2,
        "selection": Path("images.csv"),
    }
    write_recipe(folder / "recipe.toml", Recipe(**{**fields, **changes}))
    return folder / "recipe.toml"


def test_train_shows_a_run_from_its_start_to_its_result(
    run: Run, tmp_path: Path, stood_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    images(tmp_path)
    ended = finished_run(tmp_path / "ended")
    found = read_result(ended.result)
    monkeypatch.setattr("stentviewer.learning.result.read_result", lambda _: found)
    status, out, err = run("train", recipe_file(tmp_path))
    assert status == 0
    assert "macro F1\t" in out
    assert RESEARCH_USE in out
    assert "Final model" not in err
    assert "Fold 1, epoch 2: loss no number" in err
    assert "홍길동 cannot be read." in err
    [folder] = stood_in.glob("*/run.json")
    kept = "".join(p.read_text() for p in folder.parent.glob("*.*") if p.suffix != ".lock")
    assert "Kim-" not in kept, "no patient's ID stands in a run's files"
    status, out, _ = run("train", recipe_file(tmp_path), "--json")
    lines = [json.loads(line) for line in out.splitlines()]
    assert status == 0
    assert [line["event"] for line in lines[:-1]].count("Epoch") == 3
    assert lines[-2]["event"] == "Done"
    assert lines[-1]["notice"] == RESEARCH_USE
    assert 0 <= lines[-1]["macro_f1"]["value"] <= 1
    status, out, _ = run("runs", "list", "--json")
    rows = [json.loads(line) for line in out.splitlines()]
    assert [row["status"] for row in rows] == ["done", "done"]
    assert not rows[0]["can_resume"]
    status, out, _ = run("runs", "remove", *(row["run"] for row in rows))
    assert status == 0
    assert run("runs", "list")[1] == ""


@pytest.mark.parametrize(
    ("name", "status", "says"),
    [
        ("wrong", 2, "There is one image of “A”. Add more."),
        ("at_fault", 3, "a.png cannot be read."),
        ("a_bug", 1, "ZeroDivisionError"),
    ],
)
def test_a_run_that_fails_is_a_sentence_and_a_status(
    run: Run, stood_in: Path, name: str, status: int, says: str
) -> None:
    stand_in.a_run(stood_in, name)
    ended, out, err = run("runs", "resume", name)
    assert ended == status
    assert says in err
    assert ("Traceback" in err) == (status == 1)
    assert out == ""
    status, out, _ = run("runs", "list")
    assert status == 0
    assert f"{name}\t{name}\tquick\tfailed\t" in out


def test_ctrl_c_stops_a_run_that_can_be_resumed(
    run: Run, stood_in: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    folder = stand_in.a_run(stood_in, "endless")
    began = threading.Event()
    shown = following._say_event
    monkeypatch.setattr(following, "_say_event", lambda event: (began.set(), shown(event)))
    wait = Training.wait
    pressed: list[int] = []

    def wait_for_a_key(self: Training, timeout: float | None = None) -> bool:
        if not pressed:
            assert began.wait(60)
            pressed.append(1)
            raise KeyboardInterrupt
        return wait(self, timeout)

    monkeypatch.setattr(Training, "wait", wait_for_a_key)
    status, out, err = run("runs", "resume", "endless")
    assert status == 130
    assert "Stopping after this step" in err
    assert "stentviewer runs resume endless" in err
    assert folder.state().status == "stopped"
    assert out == ""


@pytest.mark.parametrize(
    ("words", "says"),
    [
        (("runs", "resume", "none"), "There is no run “none” here"),
        (("runs", "remove", "../x"), "There is no run “../x” here"),
        (("train", "none.toml"), "none.toml cannot be read"),
        (("evaluate", "none", "."), "No model called none"),
        (("add-class", "Coil", "."), "no worklist with labelled images"),
        (("add-class", "Coil", "none", "--others", "here"), "There is no “none”"),
        (("add-class", "Coil", "empty", "--others", "here"), "no images of Coil in empty"),
        (("add-class", "Coil", "none", "--method", "deep"), "There is no method “deep”"),
        (("add-class", "Coil", ".", "--promote", "--by", "Kim"), "why"),
        (("models", "promote", "stent-demo", "--why", " ", "--by", "Kim"), "why"),
        (("models", "rollback", "--why", "a trial", "--by", "Kim"), "promoted"),
    ],
)
def test_mistakes_are_sentences(
    run: Run, tmp_path: Path, words: tuple[str, ...], says: str, monkeypatch
) -> None:
    monkeypatch.chdir(tmp_path)
    images(tmp_path / "here")
    (tmp_path / "here" / "images.csv").unlink()
    (tmp_path / "empty").mkdir()
    status, out, err = run(*words)
    assert status == cli.EXIT_USER, err
    assert says in err
    assert out == ""


def test_what_a_run_takes_is_measured_and_not_begun(run: Run, tmp_path: Path) -> None:
    small_model(data_dir() / "models" / MODEL)
    images(tmp_path)
    status, out, _ = run("train", recipe_file(tmp_path), "--estimate", "--json")
    assert status == 0
    assert json.loads(out)["estimate"]["seconds"] > 0
    status, out, _ = run("train", recipe_file(tmp_path), "--estimate")
    assert [line.split("\t")[0] for line in out.splitlines()] == [
        "time", "memory", "disk", "measured on",
    ]  # fmt: skip
    assert run("runs", "list")[1] == ""


def test_evaluate_says_what_a_model_is_worth(run: Run, tmp_path: Path) -> None:
    small_model(data_dir() / "models" / MODEL)
    table = images(tmp_path, ("EGIS", "Epic", "Coil"))
    status, out, _ = run("evaluate", MODEL, table, "--json")
    assert status == 0
    row = json.loads(out)
    assert (row["images"], row["patients"], row["left_out"]) == (6, 6, 3)
    assert row["model"]["id"] == MODEL
    assert row["notice"] == RESEARCH_USE
    assert sum(map(sum, row["confusion"])) == 6
    status, out, _ = run("evaluate", data_dir() / "models" / MODEL, table)
    assert status == 0
    assert "EGIS\trecall" in out
    assert RESEARCH_USE in out
    status, _, err = run("evaluate", MODEL, images(tmp_path / "b", ("Coil",)))
    assert status == cli.EXIT_USER
    assert f"of a class that {MODEL} knows" in err


def test_add_class_asks_for_what_is_missing_before_it_learns(run: Run, tmp_path: Path) -> None:
    small_model(data_dir() / "models" / MODEL)
    others = images(tmp_path / "others")
    images(tmp_path / "new", ("Coil",))
    words = ("add-class", "Coil", tmp_path / "new" / "Coil", "--from", MODEL, "--others", others)
    status, _, err = run(*words)
    assert status == cli.EXIT_USER
    assert "No image to learn from: Bona PC, Bona UC, NITI-S" in err
    status, _, err = run(*words, "--retire", "Nobody")
    assert status == cli.EXIT_USER
    assert "has no class “Nobody”" in err
    assert run("runs", "list")[1] == ""


def test_the_models_stand_below_those_they_began_as(run: Run) -> None:
    status, out, _ = run("models", "list", "--json")
    assert status == 0
    [row] = [json.loads(line) for line in out.splitlines()]
    assert (row["id"], row["in_force"], row["depth"], row["parent"]) == (
        "stent-demo",
        True,
        0,
        None,
    )
    small_model(data_dir() / "models" / MODEL)
    status, out, _ = run("models", "promote", MODEL, "--why", "a trial", "--by", "Kim", "--json")
    assert status == 0
    assert json.loads(out)["model"]["id"] == MODEL
    rows = [json.loads(line) for line in run("models", "list", "--json")[1].splitlines()]
    assert {row["id"]: row["in_force"] for row in rows} == {"stent-demo": False, MODEL: True}
    status, out, _ = run("models", "rollback", "--why", "it was one", "--by", "Kim")
    assert status == 0
    assert "stent-demo" in out
    assert "in force" in next(x for x in run("models", "list")[1].splitlines() if "demo" in x)


@pytest.mark.long
def test_a_new_design_is_learned_put_in_force_and_taken_back(run: Run, tmp_path: Path) -> None:
    """Everything real: images looked at, a run in its process, the model that comes of it."""
    small_model(data_dir() / "models" / MODEL)
    others = images(tmp_path / "others", ("EGIS", "Epic"), 6)
    images(tmp_path / "new", ("Coil",), 6, first=50)
    status, out, err = run(
        *("add-class", "Coil", tmp_path / "new" / "Coil", "--from", MODEL, "--others", others),
        *("--retire", "Bona PC", "--retire", "Bona UC", "--retire", "NITI-S", "--folds", 2),
        *("--promote", "--why", "a trial", "--by", "Kim", "--json"),
    )
    assert status == 0, err
    *_, result, promoted = [json.loads(line) for line in out.splitlines()]
    assert set(result["classes"]) == {"EGIS", "Epic", "Coil"}
    assert Path(result["report"]).is_file()
    assert (promoted["action"], promoted["by"]) == ("promote", "Kim")
    image = next((tmp_path / "new").rglob("*.dcm"))
    read = json.loads(run("read", image, "--json")[1])
    assert read["model"] == promoted["model"]
    assert run("models", "rollback", "--why", "it was one", "--by", "Kim")[0] == 0
    assert json.loads(run("read", image, "--json")[1])["model"]["id"] == "stent-demo"


def test_times_as_a_person_says_them() -> None:
    assert [following.duration(s) for s in (None, 3.4, 89, 600, 7260)] == [
        "?", "3 s", "89 s", "10 min", "2 h 01 min",
    ]  # fmt: skip
    assert "epoch 3 of 100" in following.step_line(stand_in.step(30))
