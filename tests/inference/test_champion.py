"""The model in force is the one that people decided on, and no other answers in its place."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from stentviewer.core.chain import extend_chain
from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.types import ModelRef
from stentviewer.inference.bundle import MANIFEST, ONNX, Bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.champion import CHAMPIONS, DamagedListError, read_champions
from tests.inference.networks import plain_bundle

TASK = "stent-maker"


@pytest.fixture
def shipped(tmp_path: Path) -> Bundle:
    return plain_bundle(tmp_path / "program" / "a", id="shipped")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def catalog(shipped: Bundle, home: Path) -> Catalog:
    return Catalog([shipped.folder.parent, home])


def learned(home: Path, name: str) -> Bundle:
    return plain_bundle(home / name, id=name)


def decide(home: Path, bundle: Bundle | None, task: str = TASK, **more: Any) -> None:
    ref = None if bundle is None else {"id": bundle.ref.id, "sha256": bundle.sha256}
    row = {
        "at": "2026-11-20T08:00:00+00:00",
        "task": task,
        "action": "promote" if bundle else "rollback",
        "model": ref,
        "before": None,
        "by": "Kim",
        "why": "A new design.",
    }
    extend_chain(home / CHAMPIONS, {**row, **more})


def test_without_a_decision_the_programs_own_model_reads(catalog, shipped, home):
    learned(home, "mine")
    assert catalog.default(TASK).sha256 == shipped.sha256
    assert catalog.in_force(TASK) is None
    assert not read_champions(home).can_roll_back(TASK)


def test_the_promoted_model_reads_for_its_task_alone(catalog, shipped, home):
    mine, other = learned(home, "mine"), learned(home, "other")
    decide(home, mine)
    decide(home, other, task="vertebra-level")
    assert catalog.default(TASK).sha256 == mine.sha256
    assert catalog.in_force(TASK) == ModelRef("mine", mine.sha256)
    assert catalog.own(TASK).sha256 == shipped.sha256


def test_rollbacks_take_the_promotions_off_one_by_one(catalog, shipped, home):
    first, second = learned(home, "first"), learned(home, "second")
    reads = []
    for step in (first, second, None, None):
        decide(home, step)
        reads.append(catalog.default(TASK).manifest.id)
    assert reads == ["first", "second", "first", "shipped"]
    decide(home, second)
    champions = read_champions(home)
    assert champions.in_force(TASK).id == "second"
    assert champions.before(TASK) is None
    assert champions.can_roll_back(TASK)


def test_a_model_in_force_that_is_gone_is_reported_and_none_reads(catalog, home):
    mine = learned(home, "mine")
    decide(home, mine)
    (mine.folder / MANIFEST).unlink()
    with pytest.raises(KnownError, match=r"mine-.* no longer installed.*roll back"):
        catalog.default(TASK)


@pytest.mark.parametrize("file", [ONNX, MANIFEST])
def test_a_model_in_force_that_is_damaged_is_reported_and_none_reads(catalog, home, file):
    mine = learned(home, "mine")
    decide(home, mine)
    (mine.folder / file).write_bytes(b"damage")
    with pytest.raises(KnownError, match=r"mine is not used: .*no other answers in its place"):
        catalog.default(TASK)


def test_another_model_of_the_same_name_does_not_answer_for_it(catalog, home, tmp_path):
    mine = learned(home, "mine")
    decide(home, mine)
    other = plain_bundle(tmp_path / "elsewhere" / "mine", id="mine", temperature=2.0)
    for file in (ONNX, MANIFEST):
        (mine.folder / file).write_bytes((other.folder / file).read_bytes())
    with pytest.raises(KnownError, match=f"another one, {other.ref.short}, is in its place"):
        catalog.default(TASK)


def test_the_very_model_is_found_under_any_folders_name(catalog, home):
    mine = learned(home, "mine")
    decide(home, mine)
    mine.folder.rename(home / "renamed")
    assert catalog.default(TASK).folder == home / "renamed"


def test_a_changed_decision_is_noticed_and_none_reads(catalog, home):
    mine, other = learned(home, "mine"), learned(home, "other")
    decide(home, mine)
    path = home / CHAMPIONS
    path.write_text(path.read_text().replace(mine.sha256, other.sha256).replace("mine", "other"))
    with pytest.raises(DamagedListError, match="line 1"):
        catalog.default(TASK)


@pytest.mark.parametrize(
    "more", [{"by": ""}, {"why": ""}, {"action": "delete"}, {"model": {"id": 3}}, {"at": "today"}]
)
def test_a_decision_that_the_program_never_wrote_is_damage(catalog, home, more):
    decide(home, learned(home, "mine"), **more)
    with pytest.raises(DamagedListError, match="a line"):
        catalog.default(TASK)


def test_a_list_that_cannot_be_read_is_reported(catalog, home):
    (home / CHAMPIONS).mkdir(parents=True)
    with pytest.raises(KnownError, match="no model reads"):
        catalog.default(TASK)


def test_a_field_of_a_later_program_does_no_harm(catalog, home):
    mine = learned(home, "mine")
    decide(home, mine, mood="good")
    assert catalog.default(TASK).sha256 == mine.sha256


def test_the_stamp_changes_with_each_decision_and_with_nothing_else(catalog, home):
    stamps = [catalog.stamp()]
    mine = learned(home, "mine")
    assert catalog.stamp() == stamps[0]
    for step in (mine, None, mine):
        decide(home, step)
        stamps.append(catalog.stamp())
    assert catalog.stamp() == stamps[-1]
    assert len(set(stamps)) == 4


# a damaged manifest does not hide whose damage it is


def test_no_later_model_answers_in_a_damaged_ones_name(home, tmp_path):
    first = plain_bundle(tmp_path / "program" / "x", id="same")
    plain_bundle(home / "same", id="same", temperature=2.0)
    catalog = Catalog([tmp_path / "program", home])
    raw = json.loads((first.folder / MANIFEST).read_text())
    (first.folder / MANIFEST).write_text(json.dumps({**raw, "temperature": 3.0}))
    with pytest.raises(KnownError, match="changed after the model was made"):
        catalog.get("same")
    with pytest.raises(KnownError, match="changed after the model was made"):
        catalog.default(TASK)


def test_a_manifest_that_cannot_be_read_goes_by_its_folders_name(home, tmp_path):
    plain_bundle(tmp_path / "program" / "same", id="same")
    plain_bundle(home / "other", id="same")
    plain_bundle(home / "third", id="third")
    (tmp_path / "program" / "same" / MANIFEST).write_text("{")
    catalog = Catalog([tmp_path / "program", home])
    with pytest.raises(KnownError, match="not readable"):
        catalog.get("same")
    with pytest.raises(KnownError, match="not readable"):  # it may have been the usual one
        catalog.default(TASK)
    assert catalog.get("third").manifest.id == "third"


def test_damage_to_a_model_of_another_task_stops_no_reading(home, tmp_path):
    bad = plain_bundle(tmp_path / "program" / "a", id="a", task="vertebra-level")
    plain_bundle(tmp_path / "program" / "b", id="b")
    raw = json.loads((bad.folder / MANIFEST).read_text())
    (bad.folder / MANIFEST).write_text(json.dumps({**raw, "temperature": 3.0}))
    assert Catalog([tmp_path / "program", home]).default(TASK).manifest.id == "b"
    with pytest.raises(UserError, match="No model called c "):
        Catalog([tmp_path / "program" / "none", home]).get("c")
