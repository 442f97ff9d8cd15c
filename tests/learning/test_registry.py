"""Models are kept whole, put in force by people with names, and taken back; a crash harms none."""

from __future__ import annotations

import errno
import os
import shutil
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from stentviewer.core.errors import KnownError, UserError
from stentviewer.core.types import ModelRef, Problem
from stentviewer.inference.bundle import MANIFEST, ONNX, Bundle, load_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.champion import CHAMPIONS, DamagedListError
from stentviewer.learning import registry
from stentviewer.learning.dossier import dossier_of
from stentviewer.learning.frozen import FrozenSet
from stentviewer.learning.registry import Decision
from stentviewer.learning.result import read_result
from tests.inference.networks import plain_bundle
from tests.learning.finished import finished_run

TASK = "stent-maker"
KIM = Decision("Dr Kim", "A new design is placed here.")


@pytest.fixture
def shipped(tmp_path: Path) -> Bundle:
    return plain_bundle(tmp_path / "program" / "shipped", id="shipped")


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


@pytest.fixture
def catalog(shipped: Bundle, home: Path) -> Catalog:
    return Catalog([shipped.folder.parent, home])


@pytest.fixture
def source(tmp_path: Path) -> Bundle:
    return plain_bundle(tmp_path / "run" / "bundle", id="mine")


def files(folder: Path) -> list[str]:
    return sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*"))


# a decision needs people


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        (("", "because"), "your name is missing"),
        (("  ", "because"), "your name is missing"),
        (("Kim", " \n "), "Say why"),
        (("Kim", "because", "kim "), "another person's than Kim"),
        (("Kim", "because", "", True), "second name is missing"),
        (("K" * 65, "because"), "at most 64"),
        (("Kim", "w" * 1001), "at most"),
    ],
)
def test_a_decision_without_names_or_a_reason_is_none(fields, said):
    with pytest.raises(UserError, match=said):
        Decision(*fields)


def test_names_stand_in_one_line():
    made = Decision(" Dr\nKim ", "so  it\tis", "Dr Lee", two_names=True)
    assert (made.by, made.why, made.second) == ("Dr Kim", "so it is", "Dr Lee")


# keeping


def test_a_model_is_copied_whole_and_is_not_in_force(catalog, home, source, shipped):
    (source.folder / "notes.txt").write_text("of a patient")
    made = registry.install(source.folder, catalog)
    assert made.folder == home / "mine"
    assert made.sha256 == source.sha256
    assert files(home / "mine") == [MANIFEST, ONNX]
    assert files(home) == ["champions.lock", "mine", f"mine/{MANIFEST}", f"mine/{ONNX}"]
    assert catalog.default(TASK).sha256 == shipped.sha256
    assert registry.install(source.folder, catalog).folder == home / "mine"


def test_models_of_one_name_stand_side_by_side(catalog, home, source, shipped, tmp_path):
    first = registry.install(source.folder, catalog)
    second = registry.install(
        plain_bundle(tmp_path / "again", id="mine", temperature=2.0).folder, catalog
    )
    assert (first.folder.name, second.folder.name) == ("mine", second.ref.short)
    registry.promote(catalog, second, KIM)
    assert catalog.default(TASK).sha256 == second.sha256
    assert catalog.get(first.ref.short).sha256 == first.sha256
    with pytest.raises(UserError, match=f"called mine: {first.ref.short}, {second.ref.short}"):
        catalog.get("mine")
    own = registry.install(
        plain_bundle(tmp_path / "own", id="shipped", temperature=2.0).folder, catalog
    )
    assert catalog.get(own.ref.short).folder == home / "shipped"
    assert catalog.own(TASK).sha256 == shipped.sha256


def test_another_models_damage_is_left_for_its_own_repair(catalog, home, source, tmp_path):
    registry.install(source.folder, catalog)
    (home / "mine" / ONNX).write_bytes(b"damage")
    other = registry.install(
        plain_bundle(tmp_path / "again", id="mine", temperature=2.0).folder, catalog
    )
    assert other.folder == home / other.ref.short
    assert (home / "mine" / ONNX).read_bytes() == b"damage"
    assert registry.install(source.folder, catalog).folder == home / "mine"


def test_a_damaged_copy_is_put_aside_and_made_anew(catalog, home, source):
    registry.install(source.folder, catalog)
    (home / "mine" / ONNX).write_bytes(b"damage")
    assert registry.install(source.folder, catalog).sha256 == source.sha256
    assert (home / "damaged" / "mine-1" / ONNX).read_bytes() == b"damage"
    assert [type(one) for one in catalog.bundles()] == [Bundle, Bundle]
    (home / "mine" / MANIFEST).unlink()  # no model at all any more
    assert registry.install(source.folder, catalog).sha256 == source.sha256
    assert (home / "damaged" / "mine-2" / ONNX).is_file()


def test_a_damaged_source_is_not_installed(catalog, home, source):
    (source.folder / ONNX).write_bytes(b"damage")
    with pytest.raises(KnownError, match="damaged"):
        registry.install(source.folder, catalog)
    assert not home.exists()


def test_a_full_disk_leaves_nothing_behind(catalog, home, source, monkeypatch):
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(shutil, "copyfileobj", full)
    with pytest.raises(KnownError, match=r"No space left.*in force is the same"):
        registry.install(source.folder, catalog)
    assert files(home) == ["champions.lock"]


# in force


def test_promote_and_roll_back(catalog, shipped, source):
    mine = registry.install(source.folder, catalog)
    entry = registry.promote(catalog, mine, Decision("Dr Kim", "Better.", "Dr Lee"))
    assert catalog.default(TASK).sha256 == mine.sha256
    assert (entry.model.sha256, entry.before.sha256) == (mine.sha256, shipped.sha256)
    assert (entry.by, entry.second, entry.why) == ("Dr Kim", "Dr Lee", "Better.")
    back = registry.rollback(catalog, TASK, Decision("Dr Lee", "Two cases were wrong."))
    assert back.model is None
    assert back.before.sha256 == mine.sha256
    assert catalog.default(TASK).sha256 == shipped.sha256
    assert [one.action for one in registry.history(catalog, TASK)] == ["rollback", "promote"]
    assert load_bundle(mine.folder).sha256 == mine.sha256  # past readings still find it
    with pytest.raises(UserError, match="nothing to roll back"):
        registry.rollback(catalog, TASK, KIM)


def test_what_is_in_force_is_not_promoted_again(catalog, shipped, source):
    with pytest.raises(UserError, match="in force already"):
        registry.promote(catalog, shipped, KIM)
    mine = registry.install(source.folder, catalog)
    registry.promote(catalog, mine, KIM)
    with pytest.raises(UserError, match="in force already"):
        registry.promote(catalog, mine, KIM)
    assert len(registry.history(catalog, TASK)) == 1


def test_a_model_that_is_not_installed_or_not_meant_for_it_is_refused(catalog, home, source):
    with pytest.raises(KnownError, match="no longer installed"):
        registry.promote(catalog, source, KIM)
    looks = plain_bundle(home / "looks", id="looks", training={"promotable": False})
    with pytest.raises(UserError, match="cannot be put in force"):
        registry.promote(catalog, looks, KIM)
    assert not (home / CHAMPIONS).exists()


def test_a_rollback_to_a_model_that_is_gone_is_refused(catalog, home, source, tmp_path):
    first = registry.install(source.folder, catalog)
    second = registry.install(plain_bundle(tmp_path / "s" / "b", id="second").folder, catalog)
    registry.promote(catalog, first, KIM)
    registry.promote(catalog, second, KIM)
    shutil.rmtree(first.folder)
    with pytest.raises(KnownError, match=r"mine-.*no longer installed"):
        registry.rollback(catalog, TASK, KIM)
    assert catalog.default(TASK).sha256 == second.sha256
    registry.promote(catalog, catalog.own(TASK), KIM)
    assert catalog.default(TASK).manifest.id == "shipped"


def test_a_damaged_champion_can_be_rolled_back(catalog, shipped, source):
    mine = registry.install(source.folder, catalog)
    registry.promote(catalog, mine, KIM)
    (mine.folder / ONNX).write_bytes(b"damage")
    with pytest.raises(KnownError):
        catalog.default(TASK)
    assert registry.rollback(catalog, TASK, KIM).before.sha256 == mine.sha256
    assert catalog.default(TASK).sha256 == shipped.sha256


def test_a_damaged_list_is_kept_and_a_promotion_begins_a_new_one(catalog, home, source):
    mine = registry.install(source.folder, catalog)
    registry.promote(catalog, mine, KIM)
    (home / CHAMPIONS).write_bytes(damaged := b"no list\n")
    with pytest.raises(DamagedListError):
        registry.rollback(catalog, TASK, KIM)
    entry = registry.promote(catalog, mine, Decision("Dr Kim", "The list was damaged."))
    assert (home / f"{CHAMPIONS}.damaged-1").read_bytes() == damaged
    assert entry.n == 1
    assert len(entry.former) == 64
    assert entry.before is None
    assert catalog.default(TASK).sha256 == mine.sha256


def test_a_full_disk_changes_nothing(catalog, home, shipped, source, monkeypatch):
    mine = registry.install(source.folder, catalog)

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KnownError, match=r"No space left.*in force is the same"):
        registry.promote(catalog, mine, KIM)
    assert catalog.default(TASK).sha256 == shipped.sha256


def test_a_model_that_reads_no_more_can_be_removed(catalog, home, source, shipped):
    mine = registry.install(source.folder, catalog)
    registry.remove(catalog, mine.ref)
    assert files(home) == ["champions.lock"]
    assert [one.ref for one in catalog.bundles()] == [shipped.ref]


def test_a_model_that_reads_or_may_read_again_stays(catalog, home, source, shipped, tmp_path):
    mine = registry.install(source.folder, catalog)
    other = registry.install(
        plain_bundle(tmp_path / "other" / "bundle", id="other").folder, catalog
    )
    registry.promote(catalog, mine, KIM)
    with pytest.raises(UserError, match="reads here"):
        registry.remove(catalog, mine.ref)
    registry.promote(catalog, other, KIM)
    with pytest.raises(UserError, match="a rollback would bring back"):
        registry.remove(catalog, mine.ref)
    with pytest.raises(UserError, match="came with the program"):
        registry.remove(catalog, shipped.ref)
    with pytest.raises(KnownError):
        registry.remove(catalog, ModelRef("mine", "0" * 64))
    assert len(catalog.bundles()) == 3
    registry.rollback(catalog, TASK, KIM)
    registry.remove(catalog, other.ref)
    assert catalog.default(TASK).ref == mine.ref


def test_removing_is_all_or_nothing(catalog, home, source, monkeypatch):
    mine = registry.install(source.folder, catalog)

    def refuse(self, target):
        raise OSError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(KnownError, match="Permission denied"):
        registry.remove(catalog, mine.ref)
    monkeypatch.undo()
    assert load_bundle(mine.folder).sha256 == mine.sha256


def test_two_programs_do_not_decide_at_once(catalog, source):
    mine = registry.install(source.folder, catalog)
    with registry._changing(catalog.home):
        with pytest.raises(UserError, match="Another stentviewer is changing"):
            registry.promote(catalog, mine, KIM)
        with pytest.raises(UserError, match="Another stentviewer is changing"):
            registry.install(source.folder, catalog)
    registry.promote(catalog, mine, KIM)


KILLED = textwrap.dedent(
    """
    import os, sys
    from pathlib import Path
    from stentviewer.inference.catalog import Catalog
    from stentviewer.learning import registry

    program, home, source, function, nth = sys.argv[1:]
    left = [int(nth)]

    def count(frame, event, argument):
        if event == "c_call" and argument.__name__ in CHANGING:
            left[0] -= frame.f_code.co_name == function
            if left[0] == 0:
                os.kill(os.getpid(), 9)

    CHANGING = {"rename", "replace", "write", "fsync", "open", "rmdir"}
    catalog = Catalog([Path(program), Path(home)])
    sys.setprofile(count)
    bundle = registry.install(Path(source), catalog)
    registry.promote(catalog, bundle, registry.Decision("Dr Kim", "Better."))
    """
)


@pytest.mark.skipif(sys.platform == "win32", reason="there is no kill -9")
@pytest.mark.parametrize(
    ("function", "nth", "reads"),
    [
        ("copyfileobj", 2, "shipped"),  # half copied
        ("rename", 1, "shipped"),  # copied, not in its place
        ("rmtree", 1, "shipped"),  # in its place
        ("write_whole", 1, "shipped"),  # the decision half written
        ("replace", 1, "shipped"),  # written, not in its place
        ("sync_folder", 5, "mine"),  # in its place
    ],
)
def test_killed_anywhere_one_whole_model_is_in_force(
    catalog, home, shipped, source, function, nth, reads
):
    command = [sys.executable, "-c", KILLED, shipped.folder.parent, home, source.folder]
    ended = subprocess.run(
        [*map(str, command), function, str(nth)], capture_output=True, text=True, check=False
    )
    assert ended.returncode == -9, ended.stderr
    assert catalog.default(TASK).manifest.id == reads
    assert not any(isinstance(one, Problem) for one in catalog.bundles())
    bundle = registry.install(source.folder, catalog)  # and it can be done again
    if reads == "shipped":
        registry.promote(catalog, bundle, KIM)
    assert catalog.default(TASK).sha256 == source.sha256
    assert not (home / ".unfinished").exists()


# what a decision is based on


def test_the_dossier_is_kept_under_its_hash_and_its_change_is_noticed(
    catalog, home, shipped, tmp_path
):
    run = finished_run(tmp_path / "runs" / "mine", shipped)
    dossier = dossier_of(read_result(run.result), FrozenSet())
    mine = registry.install(run.bundle, catalog)
    entry = registry.promote(catalog, mine, KIM, dossier)
    assert registry.dossier_of_entry(home, entry) == dossier
    path = home / "dossiers" / f"{entry.dossier}.json"
    path.write_text(path.read_text().replace('"lost"', '"gained"'))
    with pytest.raises(KnownError, match="gone or was changed"):
        registry.dossier_of_entry(home, entry)
    path.unlink()
    with pytest.raises(KnownError, match="gone or was changed"):
        registry.dossier_of_entry(home, entry)


def test_a_dossier_of_other_models_is_refused(catalog, home, shipped, source, tmp_path):
    run = finished_run(tmp_path / "runs" / "new", shipped, "new")
    dossier = dossier_of(read_result(run.result), FrozenSet())
    mine = registry.install(source.folder, catalog)
    with pytest.raises(UserError, match="The comparison is of new, not of mine"):
        registry.promote(catalog, mine, KIM, dossier)
    registry.promote(catalog, mine, KIM)  # now another one is in force than was compared with
    new = registry.install(run.bundle, catalog)
    with pytest.raises(UserError, match="another model was put in force: mine"):
        registry.promote(catalog, new, KIM, dossier)
    assert not (home / "dossiers").exists()


# descent


def test_the_line_of_descent(home, shipped, tmp_path):
    def child(name: str, start: Bundle | None) -> Bundle:
        first = {"id": start.ref.id, "sha256": start.sha256} if start else None
        return plain_bundle(home / name, id=name, training={"start": first})

    first = child("first", shipped)
    second = child("second", first)
    other = child("other", shipped)
    gone = plain_bundle(tmp_path / "gone", id="gone")
    orphan = child("orphan", gone)
    odd = plain_bundle(home / "odd", id="odd", training={"start": {"id": 3}})
    found = Catalog([shipped.folder.parent, home]).bundles()
    tree = registry.descent([*found, Problem(home, "damaged")], [second.ref])
    assert [(one.model.id, one.depth, one.is_in_force) for one in tree] == [
        ("shipped", 0, False),
        ("first", 1, False),
        ("second", 2, True),
        ("other", 1, False),
        ("odd", 0, False),
        ("gone", 0, False),
        ("orphan", 1, False),
    ]
    assert next(one for one in tree if one.model.id == "gone").bundle is None
    assert registry.start_of(orphan) == ModelRef("gone", gone.sha256)
    assert registry.start_of(odd) is None
    assert other in [one.bundle for one in tree]
