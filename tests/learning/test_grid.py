"""Grids of runs: which they are, that each is run once, and the table of what they found."""

from __future__ import annotations

import csv
import io
import json
import os
import shutil
import socket
import subprocess
import sys
from collections.abc import Iterator
from datetime import UTC, datetime
from importlib.util import find_spec
from pathlib import Path

import pytest

from stentviewer.app import cluster, grid_runs
from stentviewer.app.grid_runs import GridRuns, Pending, open_grid
from stentviewer.core.errors import Cancelled, KnownError, UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.paths import data_dir
from stentviewer.inference.catalog import Catalog
from stentviewer.learning import worker
from stentviewer.learning.events import RunContext
from stentviewer.learning.grid import MOST_RUNS, is_grid, read_grid, run_folder
from stentviewer.learning.grid_table import as_csv, as_markdown, as_record, row_of
from stentviewer.learning.recipe import preset
from stentviewer.learning.result import Data, evaluate, read_result, write_result
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.run_lock import RunLock
from tests.learning.answers import drawn
from tests.learning.images import png_items
from tests.learning.small_model import MODEL, small_model

PAPERS = """
name = "Resolution and epochs"
[base]
method = "full"
classes = [{name = "EGIS"}, {name = "Epic"}]
[[over]]
start.network = ["efficientnet_b0", "resnet50d", "deit_base_patch16_224"]
side = [224, 512, 1024, 1536]
epochs = [200, 300, 400, 500]
"""
SIDES = """
name = "Sides"
[base]
folds = 2
classes = [{name = "EGIS"}, {name = "Epic"}]
start.model = "m"
[[over]]
side = [64, 96, 128]
"""


def write(folder: Path, text: str) -> Path:
    path = folder / "grid.toml"
    path.write_text(text, encoding="utf-8")
    return path


def table_of_images(folder: Path, count: int = 8) -> None:
    rows = [(item.path.name, item.label, item.patient) for item in png_items(folder, count)]
    with (folder / "selection.csv").open("w", newline="", encoding="utf-8") as file:
        csv.writer(file).writerows([("file", "label", "patient"), *rows])


def a_grid(folder: Path, text: str = SIDES) -> GridRuns:
    if not (folder / "selection.csv").exists():
        table_of_images(folder)
    return open_grid(
        write(folder, text), Catalog([data_dir() / "models"]), lambda _: None, JobContext()
    )


def learned(folder: RunFolder, simulated: int = 0) -> None:
    """What a run leaves behind, from answers that were drawn."""
    recipe = folder.recipe()
    found = drawn(recipe.names, 60, recipe.side, folds=recipe.folds)
    data = Data(images=60, patients=20, simulated=simulated)
    write_result(evaluate(recipe, found, data=data), folder.result)


def carry(one: Pending) -> None:
    """The real keeping of a run's state, without the process and without learning."""

    def runner(folder: RunFolder, _: Catalog, __: RunContext) -> None:
        if folder.recipe().side == 96:
            raise KnownError("No memory for | 96 px.")
        learned(folder)

    worker.work(one.folder, lambda _: None, lambda _: None, runner)


def test_the_papers_tables_are_one_file(tmp_path: Path) -> None:
    grid = read_grid(write(tmp_path, PAPERS))
    assert grid.axes == ("start", "side", "epochs")
    assert len(grid.cells) == 3 * 4 * 4
    assert len({cell.recipe for cell in grid.cells}) == 48
    first, last = grid.cells[0], grid.cells[-1]
    assert first.settings == ("efficientnet_b0", "224", "200")
    assert last.title == "Resolution and epochs: deit_base_patch16_224, 1536 px, 500 epochs"
    assert (last.recipe.start.network, last.recipe.side) == ("deit_base_patch16_224", 1536)
    assert last.recipe.epochs == 500
    assert not last.recipe.final, "a grid compares: no final model unless it is asked for"
    assert last.recipe.selection == tmp_path / "selection.csv"


def test_what_is_not_said_is_the_methods_own(tmp_path: Path) -> None:
    text = """
    name = "Ways"
    [base]
    final = true
    classes = [{name = "a"}, {name = "b"}]
    optimise.rate = 0.002
    [[over]]
    method = ["quick", "tuned", "full"]
    start = [{model = "m"}, {network = "resnet50d", random = true}]
    epochs = [3, 4]
    [[over]]
    method = "full"
    start.model = ["m"]
    epochs = 4
    optimise.rate = [0.002, 0.01]
    """
    grid = read_grid(write(tmp_path, text))
    assert grid.axes == ("start", "epochs", "method", "optimise.rate")
    by = {cell.settings: cell.recipe for cell in grid.cells}
    assert len(by) == len(grid.cells) == 2 * (1 + 2 + 2) + 1, "Quick has no epochs; no run twice"
    assert all(recipe.final for recipe in by.values())
    tuned = by["m", "3", "tuned", "0.002"]
    usual = preset("tuned")["optimise"]
    assert (tuned.optimise.frozen, tuned.epochs) == (usual.frozen, 3)
    assert tuned.optimise.rate == 0.002, "the base goes before the method's own"
    assert by["m", "4", "full", "0.01"].augment.mixup == 0.8
    assert by["resnet50d random", "–", "quick", "–"].start.random
    assert by["m", "–", "quick", "–"].epochs == 1


@pytest.mark.parametrize(
    ("text", "says"),
    [
        ("name = 1", "name, base, over"),
        ("[base]\n[over]\nside = [64]", "name"),
        (SIDES + "sides = [3]", "sides"),
        (SIDES.replace("[64, 96, 128]", "[]"), "over.side"),
        (SIDES.replace("[64, 96, 128]", '["big"]'), "side"),
        (SIDES + 'classes = [["a", "b"]]', "over.classes"),
        (SIDES + "folds.many = [2]", "folds.many"),
        (SIDES + 'method = ["guess"]', "method"),
        (SIDES + 'start.network = ["resnet50d"]', r"incomplete in: start\."),
        ('"more" = 1' + SIDES, "more"),
        ("[base", "no TOML file"),
        (SIDES + f"seed = {list(range(MOST_RUNS))}", "more than 1000 runs"),
    ],
)
def test_a_wrong_file_is_a_sentence(tmp_path: Path, text: str, says: str) -> None:
    with pytest.raises(UserError, match=says):
        read_grid(write(tmp_path, text))


def test_a_recipe_is_no_grid(tmp_path: Path) -> None:
    assert is_grid(write(tmp_path, SIDES))
    assert not is_grid(write(tmp_path, 'name = "one run"\nside = 64'))
    assert not is_grid(write(tmp_path, "[base"))
    assert not is_grid(tmp_path / "none.toml")


def test_a_grid_finds_its_runs_again(tmp_path: Path) -> None:
    runs = a_grid(tmp_path)
    assert [f.recipe().side for f in runs.folders] == [64, 96, 128]
    assert runs.place == data_dir() / "training" / "grids" / "sides"
    assert a_grid(tmp_path).folders == runs.folders
    longer = a_grid(tmp_path, SIDES.replace("128]", "128, 160]"))
    assert longer.folders[:3] == runs.folders, "a longer list keeps what was run"
    other = a_grid(tmp_path, SIDES.replace("folds = 2", "folds = 3"))
    assert not set(other.folders) & set(runs.folders), "another setting is another run"
    items = runs.folders[0].items()
    cell = runs.grid.cells[0]
    assert run_folder(cell, items, runs.place) == runs.folders[0]
    assert run_folder(cell, items[1:], runs.place) != runs.folders[0], "as are other images"


def test_one_that_fails_stops_no_other_and_what_is_done_is_not_done_again(tmp_path: Path) -> None:
    runs, begun = a_grid(tmp_path), []

    def noted(one: Pending) -> None:
        begun.append(one.number)
        carry(one)

    grid_runs.carry_on(runs, noted, lambda _: None)
    assert begun == [1, 2, 3]
    assert [row.status for row in runs.rows()] == ["done", "failed", "done"]
    grid_runs.carry_on(a_grid(tmp_path), noted, lambda _: None)
    assert begun == [1, 2, 3, 2], "only what has no result is tried again"
    text = (runs.place / "results.csv").read_text(encoding="utf-8-sig")
    done, failed, _ = list(csv.DictReader(io.StringIO(text)))
    assert (failed["side"], failed["status"], failed["f1"]) == ("96", "failed", "")
    assert failed["why"] == "No memory for | 96 px."
    result = read_result(runs.folders[0].result)
    assert float(done["accuracy"]) == pytest.approx(result.mean.accuracy, abs=1e-4)
    assert result.deviation is not None
    assert float(done["f1_sd"]) == pytest.approx(result.deviation.f1, abs=1e-4)


def test_what_cannot_begin_is_kept_as_its_reason(tmp_path: Path) -> None:
    runs, said = a_grid(tmp_path), []

    def refuses(one: Pending) -> None:
        if one.number == 1:
            raise UserError("No process can be started.")
        carry(one)

    grid_runs.carry_on(runs, refuses, said.append)
    first, *_, last = runs.rows()
    assert said == ["No process can be started."]
    assert (first.status, first.why) == ("failed", said[0])
    assert last.status == "done"


def test_stopping_keeps_what_was_done(tmp_path: Path) -> None:
    runs = a_grid(tmp_path)

    def until_the_second(one: Pending) -> None:
        if one.number == 2:
            raise Cancelled
        carry(one)

    with pytest.raises(Cancelled):
        grid_runs.carry_on(runs, until_the_second, lambda _: None)
    assert [row.status for row in runs.rows()] == ["done", "ready", "ready"]
    page = (runs.place / "results.html").read_text()
    assert "2 of 3 runs have no result." in page
    assert "It has not begun." in page


def test_a_run_that_goes_on_elsewhere_is_left_alone(tmp_path: Path) -> None:
    runs = a_grid(tmp_path)
    with RunLock(runs.folders[0]):
        assert row_of(runs.grid.cells[0], runs.folders[0]).status == "running"
        grid_runs.keep_reason(runs.folders[0], "Busy.", lambda _: None)
    assert runs.folders[0].state().status == "ready"


def test_the_table_is_as_in_the_papers(tmp_path: Path) -> None:
    runs = a_grid(tmp_path)
    learned(runs.folders[0], simulated=60)
    for folder, status in zip(runs.folders, ("done", "failed", "done"), strict=True):
        reason = "=1+1 | <b>`x`" if status == "failed" else ""
        update = {"status": status, "reason": reason, "created": datetime.now(UTC)}
        folder.set_state(folder.state().model_copy(update=update))
    rows = runs.rows()
    assert [row.status for row in rows] == ["done", "failed", "failed"], "done without a result"
    assert "has no result yet" in rows[2].why
    result = rows[0].result
    assert result is not None
    assert result.deviation is not None
    mean = f"{100 * result.mean.accuracy:.2f} ± {100 * result.deviation.accuracy:.2f}"
    text = as_markdown(runs.grid, rows)
    assert f"| 64 | {mean} |" in text
    assert r"=1+1 \| \<b>\`x\`" in text
    assert "These figures rest on simulated images." in text
    assert "60 images of 20 patients." in text
    page = runs.write_tables()["html"].read_text()
    assert mean in page
    assert "&lt;b&gt;" in page
    assert page.count("For research use, not for primary diagnosis") >= 1
    assert "<img" not in page, "one run is no comparison"
    learned(runs.folders[2])
    assert runs.write_tables()["html"].read_text().count("<img") == 1
    assert "'=1+1" in as_csv(runs.grid, rows), "no formula for a spreadsheet"
    assert as_record(runs.grid, rows[0])["simulated"] == 60
    patients = {item.patient for item in runs.folders[0].items()}
    assert not any(one in text + page for one in patients)


def command(folder: Path, *words: str, **environment: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "stentviewer.cli", "train", str(folder / "grid.toml"), *words],
        capture_output=True,
        text=True,
        check=False,
        env={**os.environ, **environment},
    )


REAL = """
name = "Folds"
[base]
classes = [{name = "EGIS", before = ["EGIS"]}, {name = "Epic", before = ["Epic"]}]
start.model = "stent-small"
[[over]]
side = [64]
folds = [2]
seed = [7, 8]
[[over]]
side = [96]
folds = [2]
"""


@pytest.fixture
def real(tmp_path: Path) -> Path:
    """Two runs that can be learned and one that cannot: Quick reads at its model's own size."""
    small_model(data_dir() / "models" / MODEL)
    table_of_images(tmp_path)
    write(tmp_path, REAL)
    return tmp_path


def put(text: str) -> tuple[list[dict[str, object]], dict[str, object]]:
    rows = [json.loads(line) for line in text.splitlines()]
    return [row for row in rows if "grid" in row], rows[-1]


def test_a_grid_by_command_line(real: Path) -> None:
    ended = command(real, "--json")
    assert ended.returncode == 3, ended.stderr
    rows, last = put(ended.stdout)
    assert [row["status"] for row in rows] == ["done", "done", "failed"]
    assert 0 <= float(rows[0]["accuracy"]) <= 1
    assert (rows[0]["side"], rows[0]["seed"], rows[0]["folds"]) == (64, 7, 2)
    assert "Quick keeps the network as it is" in str(rows[2]["why"])
    assert last["notice"] == "For research use, not for primary diagnosis"
    assert all(Path(path).is_file() for path in last["tables"].values())
    write(real, REAL[: REAL.rindex("[[over]]")])
    again = command(real)
    assert again.returncode == 0, again.stderr
    assert "2 runs, 2 of them done." in again.stderr
    assert "Run 1" not in again.stderr
    seed, accuracy, *_ = again.stdout.splitlines()[1].split("\t")
    assert seed == "7"
    assert accuracy.startswith(f"{100 * float(rows[0]['accuracy']):.2f} ± ")


@pytest.mark.parametrize(
    "address",
    ["", "local", "anyscale://x", "http://10.0.0.1:8265", "10.0.0.1", "h:0", "h:70000", "h:1/x"],
)
def test_only_addresses_of_clusters_are_taken(address: str) -> None:
    with pytest.raises(UserError, match="is no address of a Ray cluster"):
        cluster.check_address(address)


def test_no_cluster_but_the_one_that_was_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("RAY_ADDRESS", raising=False)
    for address in ("auto", "10.0.0.1:6379", "ray://node-1.hospital.local:10001", "[::1]:6379"):
        assert cluster.check_address(address) == address
    monkeypatch.setenv("RAY_ADDRESS", "elsewhere.example:6379")
    with pytest.raises(UserError, match=r"names the cluster elsewhere\.example:6379"):
        cluster.check_address("auto")


def test_without_ray_it_says_how_to_have_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: None)
    with pytest.raises(UserError, match=r"pip install 'stentviewer\[cluster\]'"):
        cluster.carry_on_cluster(a_grid(tmp_path), "h:1", print, lambda *_: None)


def test_a_cluster_that_does_not_answer_is_a_sentence(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(cluster, "find_spec", lambda _: "there")
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    with pytest.raises(KnownError, match=f"No Ray cluster can be used at 127.0.0.1:{port}"):
        cluster.carry_on_cluster(a_grid(tmp_path), f"127.0.0.1:{port}", print, lambda *_: None)


def test_what_a_run_asks_of_a_cluster(tmp_path: Path) -> None:
    full = read_grid(write(tmp_path, PAPERS)).cells[0].recipe
    with_gpus = {"Alive": True, "Resources": {"CPU": 32.0, "GPU": 4.0}}
    plain = {"Alive": True, "Resources": {"CPU": 8.0}}
    gone = {"Alive": False, "Resources": {"CPU": 2.0, "GPU": 8.0}}
    ask = cluster.resources
    assert ask(full, [with_gpus, plain, gone]) == {"num_gpus": 1.0, "num_cpus": 8.0}
    assert ask(full, [plain, gone]) == {"num_cpus": 8.0}, "a machine each"
    quick = full.model_copy(update={"method": "quick"})
    assert ask(quick, [with_gpus, plain]) == {"num_cpus": 8.0}
    two = full.model_copy(
        update={"compute": full.compute.model_copy(update={"device": "cuda", "devices": 2})}
    )
    assert ask(two, [with_gpus]) == {"num_gpus": 2.0, "num_cpus": 16.0}
    with pytest.raises(KnownError, match="has 2 GPUs"):
        ask(two, [plain])


def test_a_machine_that_does_not_see_the_runs_says_so(tmp_path: Path) -> None:
    status, why, machine = cluster.carry_on_here(str(tmp_path / "none"), str(data_dir()))
    assert (status, machine) == ("failed", socket.gethostname())
    assert "does not see" in why
    runs = a_grid(tmp_path)
    for item in runs.folders[0].items():
        item.path.unlink()
    status, why, _ = cluster.carry_on_here(str(runs.folders[0].path), str(data_dir()))
    assert status == "failed"
    assert f"does not see {tmp_path}" in why


@pytest.fixture
def head(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A cluster of this machine alone, with two processors; its address."""
    if find_spec("ray") is None:
        pytest.skip("Ray is not installed; it comes with the extra “cluster”")
    program = Path(sys.executable).with_name("ray")
    place = Path("/tmp/sv-ray")  # Ray's sockets need a short path
    shutil.rmtree(place, ignore_errors=True)
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    words = ["start", "--head", f"--port={port}", "--num-cpus=2", "--disable-usage-stats",
             "--include-dashboard=false", "--node-ip-address=127.0.0.1", f"--temp-dir={place}",
             "--object-store-memory=100000000", "--block"]  # fmt: skip
    with subprocess.Popen(
        [program, *words], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
    ) as started:
        try:
            assert started.stdout is not None
            for line in started.stdout:
                if "Ray runtime started" in line:
                    break
            yield f"127.0.0.1:{port}"
        finally:
            started.terminate()
            started.communicate()
            shutil.rmtree(place, ignore_errors=True)


@pytest.mark.long
def test_a_grid_on_a_cluster(real: Path, head: str) -> None:
    text = REAL.replace("[base]", "[base]\ncompute.threads = 1")
    write(real, text)
    ended = command(real, "--json", "--ray", head, RAY_ADDRESS="elsewhere.example:6379")
    assert ended.returncode == 3, ended.stderr
    rows, _ = put(ended.stdout)
    assert [row["status"] for row in rows] == ["done", "done", "failed"]
    assert "Quick keeps the network as it is" in str(rows[2]["why"])
    assert f"done on {socket.gethostname()}" in ended.stderr
    assert "on a folder that all of them have" in ended.stderr
    write(real, text[: text.rindex("[[over]]")])
    here = command(real, "--json")
    assert here.returncode == 0, here.stderr
    again = put(here.stdout)[0]
    for name in ("run", "accuracy", "seconds"):
        assert [row[name] for row in again] == [row[name] for row in rows[:2]], "not run again"
