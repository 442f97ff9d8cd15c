"""No model learns from the frozen set or its patients; what a model learned from never joins it."""

from __future__ import annotations

import errno
import os
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from stentviewer.core.errors import KnownError, UserError
from stentviewer.learning import frozen
from stentviewer.learning.frozen import FrozenImage, FrozenSet, Learned, content_keys
from stentviewer.learning.selection import Item

TASK = "stent-maker"
WHO = {"by": "Dr Kim", "why": "Two of each maker from this year."}


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"


def image(folder: Path, name: str, label: str = "Bona", patient: str = "") -> Item:
    path = folder / name
    path.write_bytes(f"pixels of {name}".encode())
    return Item(path, label, patient or f"patient of {name}")


def grow(home: Path, items: list[Item], **more: object) -> FrozenSet:
    return frozen.grow(home, TASK, items, content_keys(items), **{**WHO, **more})


def test_a_set_grows_and_is_read_back(home, tmp_path):
    assert frozen.read_frozen(home, TASK).images == ()
    grow(home, [image(tmp_path, "a"), image(tmp_path, "b", "EGIS")])
    made = grow(home, [image(tmp_path, "c", "EGIS")], by="Dr Lee", why="One more.")
    assert made == frozen.read_frozen(home, TASK)
    assert made.counts() == {"Bona": (1, 1), "EGIS": (2, 2)}
    assert [(one.by, one.why) for one in made.images][::2] == [
        ("Dr Kim", WHO["why"]),
        ("Dr Lee", "One more."),
    ]
    item = made.images[0].item
    assert (item.path, item.role, item.frame) == (tmp_path / "a", "test", 0)
    assert frozen.read_frozen(home, "vertebra-level").images == ()


def test_the_same_images_again_change_nothing_and_a_copy_counts_once(home, tmp_path):
    item = image(tmp_path, "a")
    copy = Item(tmp_path / "copy", "Bona", item.patient)
    copy.path.write_bytes(item.path.read_bytes())
    made = grow(home, [item, copy])
    before = (home / "frozen" / "stent-maker.jsonl").read_bytes()
    assert len(made.images) == 1
    assert grow(home, [copy]) == made
    assert (home / "frozen" / "stent-maker.jsonl").read_bytes() == before


def test_a_class_can_be_corrected_but_an_image_has_one(home, tmp_path):
    item = image(tmp_path, "a")
    grow(home, [item])
    made = grow(home, [replace(item, label="EGIS")], why="Seen again by two readers.")
    assert [(one.label, one.why) for one in made.images] == [("EGIS", "Seen again by two readers.")]
    other = image(tmp_path, "b")
    with pytest.raises(UserError, match="b stands under two classes, Bona and Epic"):
        grow(home, [other, replace(other, label="Epic")])


def test_it_takes_a_person_and_a_reason(home, tmp_path):
    for field in ("by", "why"):
        with pytest.raises(UserError, match="Say who freezes"):
            grow(home, [image(tmp_path, "a")], **{field: " "})
    assert not home.exists()


def test_a_patient_does_not_stand_on_both_sides(home, tmp_path):
    first, second = image(tmp_path, "a", patient="p"), image(tmp_path, "b", patient="p")
    with pytest.raises(UserError, match="Images of 1 of these patients"):
        grow(home, [first], others=[second])
    assert len(grow(home, [first, second], others=[image(tmp_path, "c")]).images) == 2
    assert (
        len(
            grow(
                home,
                [image(tmp_path, "d", patient="q")],
                others=[replace(image(tmp_path, "e", patient="q"), role="external")],
            ).images
        )
        == 3
    )


def test_what_a_model_learned_from_never_joins(home, tmp_path):
    item, fresh = image(tmp_path, "a", patient="p"), image(tmp_path, "b", patient="q")
    by_image = Learned(model="m-1", images=frozenset(content_keys([item])), patients=frozenset())
    by_patient = Learned(model="m-2", images=frozenset(), patients=frozenset({"p"}))
    for learned in (by_image, by_patient):
        with pytest.raises(UserError, match=f"{learned.model} learned from 1 of these"):
            grow(home, [item, fresh], learned=[learned])
    grow(home, [item])
    made = grow(home, [replace(item, label="EGIS")], learned=[by_image])  # a correction, not new
    assert made.images[0].label == "EGIS"


def test_what_was_learned_from_is_kept_without_a_name(home):
    learned = Learned(model="m-1", images=frozenset({"a" * 64 + ":0"}), patients=frozenset({"9f"}))
    frozen.note_learned(home, "f" * 64, learned)
    assert frozen.learned_of(home, "f" * 64) == learned
    assert frozen.learned_of(home, "0" * 64) is None
    (home / "learned" / f"{'f' * 64}.json").write_text("{")
    with pytest.raises(KnownError, match="learned from is damaged"):
        frozen.learned_of(home, "f" * 64)


# apart from what is learned from


def test_a_run_takes_the_set_as_held_back_and_nothing_else_of_its_patients(home, tmp_path):
    held, sibling = image(tmp_path, "a", patient="p"), image(tmp_path, "b", "EGIS", "p")
    train, elsewhere = image(tmp_path, "c"), image(tmp_path, "d", patient="p")
    made = grow(home, [held])
    items = [held, sibling, train, replace(elsewhere, role="external")]
    apart = frozen.keep_apart(items, content_keys(items), made)
    assert [(item.path.name, item.role) for item in apart.items] == [("c", "train"), ("a", "test")]
    assert [item.path.name for item in apart.left_out] == ["b", "d"]
    frozen.must_not_leak(apart.items, content_keys(apart.items), made)


def test_an_image_is_known_again_under_another_name_and_with_its_own_class(home, tmp_path):
    held = image(tmp_path, "a")
    made = grow(home, [held])
    moved = replace(held, path=tmp_path / "moved", label="Epic", patient="somebody")
    held.path.rename(moved.path)
    apart = frozen.keep_apart([moved], content_keys([moved]), made)
    assert apart.items == (replace(held, path=moved.path, role="test"),)


def test_a_leak_is_refused(home, tmp_path):
    held = image(tmp_path, "a", patient="p")
    made = grow(home, [held])
    sibling, other = image(tmp_path, "b", patient="p"), image(tmp_path, "c")
    for leaking in (held, sibling, replace(held, patient="somebody")):
        items = [other, leaking]
        with pytest.raises(UserError, match="learn from, 1 belong to the frozen") as error:
            frozen.must_not_leak(items, content_keys(items), made)
        assert leaking.path.name not in str(error.value).split()
    items = [other, replace(held, role="test")]
    frozen.must_not_leak(items, content_keys(items), made)


patients = st.sampled_from("pqrstu")
pictures = st.lists(st.tuples(st.integers(0, 9), patients), max_size=12)


@settings(max_examples=60, deadline=None)
@given(pictures, pictures)
def test_after_keeping_apart_nothing_ever_leaks(held, all_of_them):
    def key(number: int) -> str:
        return f"{number:064x}:0"

    made = FrozenSet(
        tuple(
            {
                n: FrozenImage(sha256=key(n), label="Bona", patient=p, path=f"/{n}")
                for n, p in held
            }.values()
        )
    )
    items = [Item(Path(f"/{n}"), "Bona", p) for n, p in all_of_them]
    keys = [key(n) for n, _ in all_of_them]
    apart = frozen.keep_apart(items, keys, made)
    again = [key(int(item.path.name)) for item in apart.items]
    assert made.leaks(apart.items, again) == []
    assert sum(item.role == "test" for item in apart.items) == len(made.images)
    kept = [item for item in items if item.patient not in made.patients]
    assert [item for item in kept if key(int(item.path.name)) not in made.keys] == [
        item for item in apart.items if item.role == "train"
    ]


# bad input


def test_a_changed_list_is_noticed(home, tmp_path):
    grow(home, [image(tmp_path, "a")])
    path = home / "frozen" / "stent-maker.jsonl"
    path.write_text(path.read_text().replace('"Bona"', '"Epic"'))
    with pytest.raises(KnownError, match="frozen test set is damaged or was changed"):
        frozen.read_frozen(home, TASK)
    with pytest.raises(KnownError, match="frozen test set is damaged or was changed"):
        grow(home, [image(tmp_path, "b")])


def test_a_file_that_is_gone_is_named(home, tmp_path):
    with pytest.raises(UserError, match="no file “gone”"):
        grow(home, [Item(tmp_path / "gone", "Bona", "p")])


@pytest.mark.parametrize("task", ["../stent-maker", "", "a/b", "Stent", "x" * 80])
def test_a_task_that_leaves_the_folder_is_refused(home, task):
    with pytest.raises(UserError, match="cannot be the name of a task"):
        frozen.read_frozen(home, task)


def test_a_full_disk_leaves_the_set_as_it_was(home, tmp_path, monkeypatch):
    made = grow(home, [image(tmp_path, "a")])

    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(KnownError, match=r"No space left on device. It is as it was"):
        grow(home, [image(tmp_path, "b")])
    assert frozen.read_frozen(home, TASK) == made
