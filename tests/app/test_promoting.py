"""From a finished run to a model in force and back, with everything that is noted on the way."""

from __future__ import annotations

import json
import shutil
import threading
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from stentviewer.app import promoting
from stentviewer.app.models import Models
from stentviewer.app.promoting import PROMOTED, ROLLED_BACK
from stentviewer.core.errors import Cancelled, KnownError, UserError
from stentviewer.core.jobs import JobContext
from stentviewer.core.paths import models_dir
from stentviewer.inference.bundle import ONNX, Bundle, load_bundle, write_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.champion import CHAMPIONS
from stentviewer.inference.runtimes import choose
from stentviewer.learning.frozen import content_keys
from stentviewer.learning.registry import Decision
from stentviewer.learning.run_folder import RunFolder
from stentviewer.learning.selection import Item
from stentviewer.library.repository import Library
from tests.inference.networks import plain_bundle
from tests.learning.finished import NEW, finished_run, key

TASK = "stent-maker"
KIM = Decision("Dr Kim", "A new design is placed here.")


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[Bundle]:
    """The models that had to answer once; these here are no networks."""
    asked: list[Bundle] = []

    def open_runtime(bundle: Bundle) -> Any:
        asked.append(bundle)
        return SimpleNamespace(run=lambda tensor: np.testing.assert_equal(tensor.shape[1], 3))

    monkeypatch.setattr(choose, "open_runtime", open_runtime)
    return asked


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
def run(tmp_path: Path, shipped: Bundle) -> RunFolder:
    return finished_run(tmp_path / "runs" / "mine", shipped)


@pytest.fixture
def library(tmp_path: Path, empty_library: Path) -> Iterator[Library]:
    shutil.copytree(empty_library, tmp_path / "library")
    with Library.open(tmp_path / "library", "dr.kim") as library:
        yield library


def test_a_runs_model_is_put_in_force_and_taken_back(catalog, run, library, shipped, asked):
    models = Models(catalog)
    assert models.bundle().sha256 == shipped.sha256
    promoted = promoting.promote(catalog, run, KIM, library)
    assert promoted.reads.id == "mine"
    assert promoted.trouble == ""
    assert promoted.said == f"{promoted.reads.short} reads from now on."
    assert [one.ref for one in asked] == [promoted.reads]
    assert models.bundle().sha256 == promoted.reads.sha256  # without a new start
    assert NEW in models.bundle().labels
    assert models.installed()[0] == promoted.reads
    assert models.that_read(shipped.ref).sha256 == shipped.sha256
    back = promoting.rollback(catalog, Decision("Dr Lee", "Two were wrong.", "Dr Kim"), library)
    assert back.reads == shipped.ref
    assert models.bundle().sha256 == shipped.sha256
    assert models.that_read(promoted.reads).folder == catalog.home / "mine"
    events = library.audit(actions=(PROMOTED, ROLLED_BACK))
    assert [event.action for event in events] == [ROLLED_BACK, PROMOTED]
    assert events[1].detail == (
        f"{promoted.reads.short} in place of {shipped.ref.short}, by Dr Kim"
    )
    assert events[0].detail == (
        f"the program's own model in place of {promoted.reads.short}, by Dr Lee, Dr Kim"
    )
    assert "wrong" not in events[0].detail  # what a person writes may name anybody
    assert events[0].target == f"decision {back.entry.hash[:16]}"
    assert library.check() == []
    assert promoting.check(catalog, library) == []


def test_what_it_was_compared_with_is_kept_with_the_decision(catalog, run, shipped, asked):
    dossier = promoting.dossier(run, catalog)
    assert dossier.champion.sha256 == shipped.sha256
    assert next((flip.truth, flip.before, flip.after, flip.kind) for flip in dossier.flips) == (
        "Bona",
        "Bona",
        "EGIS",
        "lost",
    )
    assert dossier.concerns() == (
        "There is no frozen test set: the images compared were chosen for this run.",
        "The comparison is on few patients (10, images: 20): small differences cannot be seen.",
        "Images that the model in force names rightly and the new one wrongly: 1.",
        "Bona: 75% of 4 images are named rightly, 100% before.",
    )
    entry = promoting.promote(catalog, run, KIM).entry
    assert promoting.dossier_of_entry(catalog, entry) == dossier


def test_simulated_images_and_missing_comparisons_are_said(catalog, tmp_path):
    run = finished_run(tmp_path / "runs" / "first", None, "first", test_from=None, simulated=24)
    said = promoting.dossier(run, catalog).concerns()
    assert said == (
        "Of the 24 images of the run, 24 are simulated: what it shows does not hold for patients.",
        "There was no model in force to compare with.",
        "The two models were not compared: no images were held back for that.",
    )


def test_an_installed_model_is_promoted_by_its_id(catalog, home, asked):
    other = plain_bundle(home / "other", id="other")
    entry = promoting.promote(catalog, "other", KIM).entry
    assert entry.dossier == ""
    assert promoting.dossier_of_entry(catalog, entry) is None
    assert catalog.default(TASK).sha256 == other.sha256
    with pytest.raises(UserError, match="No model called nobody"):
        promoting.promote(catalog, "nobody", KIM)


def test_a_real_network_answers_is_put_in_force_and_reads(catalog, home, tmp_path):
    demo = load_bundle(models_dir() / "stent-demo")
    changed = demo.manifest.model_copy(update={"id": "demo-two", "temperature": 2.0})
    write_bundle(home / "demo-two", changed, {name: demo.path(name) for name in changed.files})
    models = Models(catalog)
    promoting.promote(catalog, "demo-two", KIM)
    bundle = models.bundle()
    assert bundle.manifest.id == "demo-two"
    side = bundle.manifest.preprocessing.side
    output = models.runtime(bundle).run(np.zeros((1, 3, side, side), np.float32))
    assert output.scores.shape == (len(bundle.labels),)


def test_a_network_that_is_none_is_not_put_in_force(catalog, home, shipped):
    plain_bundle(home / "other", id="other")
    with pytest.raises(KnownError, match="other"):
        promoting.promote(catalog, "other", KIM)
    assert nothing_changed(catalog, shipped)


def test_two_names_where_the_setting_asks():
    with pytest.raises(UserError, match="second name is missing"):
        promoting.decision("Kim", "Better.", two_names=True)
    assert promoting.decision("Kim", "Better.", "Lee", two_names=True).second == "Lee"
    assert promoting.decision("Kim", "Better.", two_names=False).second == ""


# what stops a promotion leaves everything as it was


def nothing_changed(catalog: Catalog, shipped: Bundle) -> bool:
    return (
        catalog.default(TASK).sha256 == shipped.sha256 and not (catalog.home / CHAMPIONS).exists()
    )


def test_a_model_that_cannot_answer_here_is_not_put_in_force(
    catalog, run, library, shipped, monkeypatch
):
    def open_runtime(bundle: Bundle) -> Any:
        raise KnownError("This network does not start.")

    monkeypatch.setattr(choose, "open_runtime", open_runtime)
    with pytest.raises(KnownError, match="does not start"):
        promoting.promote(catalog, run, KIM, library)
    assert nothing_changed(catalog, shipped)
    assert library.audit(actions=(PROMOTED,)) == []


def test_a_cancelled_promotion_changes_nothing(catalog, run, shipped, asked):
    context = JobContext(cancelled=threading.Event())
    cancelling = replace(context, report=lambda p: context.cancelled.set() if p.done == 2 else None)
    with pytest.raises(Cancelled):
        promoting.promote(catalog, run, KIM, context=cancelling)
    assert nothing_changed(catalog, shipped)


def test_a_run_that_is_not_finished_has_nothing_to_promote(catalog, run, shipped, asked):
    run.result.unlink()
    with pytest.raises(UserError, match="no result yet"):
        promoting.promote(catalog, run, KIM)
    assert nothing_changed(catalog, shipped)


def test_a_result_of_another_model_is_refused(catalog, run, shipped, tmp_path, asked):
    other = finished_run(tmp_path / "runs" / "other", shipped, "other")
    shutil.copyfile(other.result, run.result)
    with pytest.raises(UserError, match="not of its model"):
        promoting.promote(catalog, run, KIM)
    assert nothing_changed(catalog, shipped)


def test_a_damaged_model_of_a_run_is_refused(catalog, run, shipped, asked):
    (run.bundle / ONNX).write_bytes(b"damage")
    with pytest.raises(KnownError, match="damaged or was changed"):
        promoting.promote(catalog, run, KIM)
    assert nothing_changed(catalog, shipped)


# the trail


def test_what_could_not_be_noted_is_noted_later_and_once(catalog, run, library, asked):
    first = promoting.promote(catalog, run, KIM)  # as by the command line: the library is in use
    promoting.rollback(catalog, KIM)
    assert library.audit(actions=(PROMOTED, ROLLED_BACK)) == []
    assert promoting.note_missed(catalog, library) == 2
    assert promoting.note_missed(catalog, library) == 0
    events = library.audit(actions=(PROMOTED, ROLLED_BACK))
    assert [event.action for event in events] == [ROLLED_BACK, PROMOTED]
    assert events[1].target == f"decision {first.entry.hash[:16]}"


def test_a_trail_that_cannot_be_written_does_not_undo_what_was_decided(
    catalog, run, library, asked, monkeypatch
):
    def full(*_: object) -> None:
        raise KnownError("The disk is full.")

    monkeypatch.setattr(library, "note", full)
    promoted = promoting.promote(catalog, run, KIM, library)
    assert promoted.trouble == "The disk is full."
    assert catalog.default(TASK).ref == promoted.reads
    monkeypatch.undo()
    assert promoting.note_missed(catalog, library) == 1


def test_the_check_notices_a_list_that_was_cut_off_or_taken_away(catalog, run, library, asked):
    promoting.promote(catalog, run, KIM, library)
    path = catalog.home / CHAMPIONS
    first = path.read_bytes()
    promoting.rollback(catalog, KIM, library)
    path.write_bytes(first)
    said = promoting.check(catalog, library)
    assert len(said) == 1
    assert "replaced or cut off" in said[0]
    path.unlink()
    assert "replaced or cut off" in promoting.check(catalog, library)[0]


def test_the_check_names_damage(catalog, run, library, asked):
    entry = promoting.promote(catalog, run, KIM, library).entry
    (catalog.home / "mine" / ONNX).write_bytes(b"damage")
    (catalog.home / "dossiers" / f"{entry.dossier}.json").write_text("{}")
    said = promoting.check(catalog, library)
    assert ["decision 1" in said[0], "no other answers in its place" in said[1]] == [True, True]
    (catalog.home / CHAMPIONS).write_text("{}\n")
    assert "damaged or was changed" in promoting.check(catalog, library)[0]


def test_the_standing_says_all_of_it(catalog, run, library, shipped, asked):
    assert promoting.standing(catalog) == promoting.Standing(shipped.ref, None, ())
    promoted = promoting.promote(catalog, run, KIM, library)
    standing = promoting.standing(catalog)
    assert (standing.model, standing.back_to) == (promoted.reads, shipped.ref)
    assert standing.history == (promoted.entry,)
    (catalog.home / CHAMPIONS).write_text("{}\n")
    standing = promoting.standing(catalog)
    assert standing.model is None
    assert "no model reads" in standing.problem


def test_the_line_of_descent_says_which_is_in_force(catalog, run, shipped, home, asked):
    def line() -> list[tuple[str, int, bool]]:
        found, _ = promoting.line_of_descent(catalog)
        return [(one.model.id, one.depth, one.is_in_force) for one in found]

    assert line() == [("shipped", 0, True)]
    promoting.promote(catalog, run, KIM)
    assert line() == [("shipped", 0, False), ("mine", 1, True)]
    (home / "mine" / ONNX).write_bytes(b"damage")
    found, problems = promoting.line_of_descent(catalog)
    assert [one.model.id for one in found] == ["shipped"]
    assert [one.path for one in problems] == [home / "mine"]
    (home / CHAMPIONS).write_text("{}\n")
    found, problems = promoting.line_of_descent(catalog)
    assert [(one.model.id, one.is_in_force) for one in found] == [("shipped", False)]
    assert [one.path for one in problems] == [home / "mine", home / CHAMPIONS]


# the frozen test set


def picture(folder: Path, name: str, patient: str) -> Item:
    path = folder / name
    path.write_text(f"pixels of {name}")
    return Item(path, "Bona", patient)


def test_images_that_a_model_here_learned_from_do_not_join_the_frozen_set(
    catalog, run, tmp_path, asked
):
    known = picture(tmp_path, "a", "patient-3")  # a patient of the run
    fresh = picture(tmp_path, "b", "somebody")
    promoting.promote(catalog, run, KIM)
    with pytest.raises(UserError, match=r"mine-.* learned from 1 of these images"):
        promoting.freeze(catalog, [known, fresh], by="Dr Kim", why="For later.")
    made = promoting.freeze(catalog, [fresh], by="Dr Kim", why="For later.")
    assert made.keys == set(content_keys([fresh]))
    assert promoting.frozen_set(catalog) == made
    apart = promoting.keep_apart(catalog, [known, fresh])
    assert [(item.path.name, item.role) for item in apart.items] == [("a", "train"), ("b", "test")]


def test_without_a_frozen_set_no_file_is_read(catalog, tmp_path):
    gone = Item(tmp_path / "gone", "Bona", "p")
    assert promoting.keep_apart(catalog, [gone]).items == (gone,)


def test_the_dossier_says_how_much_of_the_frozen_set_was_compared(catalog, run, monkeypatch):
    from stentviewer.learning import frozen

    there = [Item(Path("/x"), "Bona", f"f-{n}") for n in range(30)]
    keys = [key(1000 + n) for n in range(30)]  # the run compared 24 images from 1000 on
    frozen.grow(catalog.home, TASK, there, keys, by="Kim", why="For later.")
    dossier = promoting.dossier(run, catalog)
    assert (dossier.test.images, dossier.compared, dossier.other) == (30, 24, 0)
    assert dossier.concerns()[0] == (
        "Only 24 of the 30 images of the frozen test set were compared."
    )


def test_a_comparison_on_images_that_were_learned_from_is_said(catalog, shipped, tmp_path, asked):
    promoting.promote(catalog, finished_run(tmp_path / "runs" / "mine", shipped), KIM)
    mine = catalog.default(TASK)
    run = finished_run(tmp_path / "runs" / "next", mine, "next", test_from=20)
    dossier = promoting.dossier(run, catalog)
    assert dossier.learned == 4  # 0 to 23 were learned from, 20 to 43 compared
    assert any("learned from 4 of the images compared" in one for one in dossier.concerns())


def test_nothing_that_is_kept_names_a_file_or_a_patient(catalog, run, tmp_path, asked):
    promoting.promote(catalog, run, KIM)
    texts = [path.read_text() for path in catalog.home.rglob("*.json*")]
    assert len(texts) >= 4
    for text in texts:
        assert "a.dcm" not in text
        assert str(tmp_path) not in text
    learned = next((catalog.home / "learned").iterdir())
    assert set(json.loads(learned.read_text())) == {"model", "images", "patients"}
