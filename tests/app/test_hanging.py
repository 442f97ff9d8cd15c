"""What hangs where, over a real library of headers."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from stentviewer.app.hanging import Content, Rule, find_prior, hang_study, load_rules
from stentviewer.app.places import place_of
from stentviewer.core.errors import KnownError
from stentviewer.core.types import Plane
from stentviewer.library.repository import Library
from tests.library.make import KIM, digest, header


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    with Library.open(tmp_path / "library", "kim") as made:
        yield made


def add(
    library: Library,
    name: str,
    date: str,
    modality: str = "XA",
    part: str = "ABDOMEN",
    patient: str = "00123",
    number: int = 1,
) -> int:
    """One image in the study of this date; returns its id."""
    identity = replace(
        KIM,
        patient_id=patient,
        study_uid=f"1.2.{date}.{modality}",
        study_date=date,
        series_uid=f"1.2.{date}.{modality}.1",
        sop_uid=name,
        modality=modality,
        body_part=part,
        instance_number=number,
    )
    return library.add(header(Path(f"/x/{name}"), identity), digest(name)).record.id


def hang(library: Library, image_id: int) -> tuple[str, list[int | None]]:
    study = library.study_of(image_id)
    assert study is not None
    hanging = hang_study(library, study, load_rules(Path("/nowhere"))[0])
    return hanging.layout, [None if c is None else c.image_id for c in hanging.cells]


def test_a_first_study_hangs_alone_and_a_later_one_beside_its_prior(library: Library) -> None:
    old = add(library, "old", "2026-01-05")
    assert hang(library, old) == ("1x1", [old])
    new = add(library, "new", "2026-02-05")
    assert hang(library, new) == ("1x2", [old, new])
    assert hang(library, old) == ("1x1", [old]), "a later study is no prior"


def test_the_newest_study_of_the_same_kind_is_the_prior(library: Library) -> None:
    add(library, "oldest", "2026-01-01")
    near = add(library, "near", "2026-02-01", "DX")
    add(library, "ct", "2026-02-20", "CT")
    add(library, "skull", "2026-02-25", part="SKULL")
    add(library, "other", "2026-02-26", patient="777")
    add(library, "undated", "", part="ABDOMEN")
    new = add(library, "new", "2026-03-01")
    assert hang(library, new) == ("1x2", [near, new])


def test_a_body_part_that_is_not_stated_fits_any(library: Library) -> None:
    old = add(library, "old", "2026-01-05", part="")
    new = add(library, "new", "2026-02-05")
    assert hang(library, new) == ("1x2", [old, new])


def test_eight_views_of_the_head_hang_in_two_rows(library: Library) -> None:
    views = [add(library, f"v{n}", "2026-03-01", part="HEAD", number=n) for n in range(1, 9)]
    assert hang(library, views[0]) == ("2x4", views)


def test_an_image_that_was_asked_for_is_the_current_one(library: Library) -> None:
    old = add(library, "old", "2026-01-05")
    add(library, "one", "2026-02-05", number=1)
    two = add(library, "two", "2026-02-05", number=2)
    study = library.study_of(two)
    assert study is not None
    hanging = hang_study(library, study, load_rules(Path("/nowhere"))[0], two)
    assert hanging.cells == (Content(old), Content(two))


def test_rules_of_ones_own_come_first(library: Library, tmp_path: Path) -> None:
    file = tmp_path / "hanging.json"
    file.write_text(
        json.dumps({"rules": [{"name": "mine", "layout": "2x2", "cells": ["current", "prior"]}]})
    )
    rules, trouble = load_rules(file)
    image = add(library, "one", "2026-01-05")
    study = library.study_of(image)
    assert study is not None
    hanging = hang_study(library, study, rules)
    assert (trouble, hanging.rule, hanging.layout) == ("", "mine", "2x2")
    assert hanging.cells == (Content(image), None)


@pytest.mark.parametrize(
    "text",
    ["", "[]", '{"rules": [{"name": "x", "layout": "9x9", "cells": []}]}', "\x00", '{"rules": 3}'],
)
def test_rules_that_make_no_sense_are_told_of_and_passed_over(tmp_path: Path, text: str) -> None:
    file = tmp_path / "hanging.json"
    file.write_text(text)
    rules, trouble = load_rules(file)
    assert "hanging.json" in trouble
    assert "not used" in trouble
    assert rules == load_rules(Path("/nowhere"))[0]


def test_the_programs_own_rules_fit_everything() -> None:
    rules, trouble = load_rules(Path("/nowhere"))
    assert not trouble
    last = rules[-1]
    assert last == Rule(name=last.name, layout="1x1", cells=("current",))
    assert Plane("sagittal") is Plane.SAGITTAL  # what cells name


def test_a_study_without_images_is_told_of(library: Library) -> None:
    image = add(library, "one", "2026-01-05")
    study = library.study_of(image)
    assert study is not None
    library.remove_images([image])
    with pytest.raises(KnownError, match="no image left"):
        hang_study(library, study, load_rules(Path("/nowhere"))[0])


def test_a_place_names_the_studies_around_it(library: Library) -> None:
    a = add(library, "a", "2026-01-05")
    b = add(library, "b", "2026-02-05")
    c = add(library, "c", "2026-03-05")
    place = place_of(library, b)
    assert place is not None
    assert (place.previous_study, place.next_study) == (library.study_of(a), library.study_of(c))
    assert place.prior == Content(a)
    row = library.study_row(place.study_id)
    assert row is not None
    prior = find_prior(library, row)
    assert prior is not None
    assert prior.id == library.study_of(a)


def test_an_image_taken_off_the_worklist_has_no_place(library: Library) -> None:
    image = add(library, "a", "2026-01-05")
    library.remove_images([image])
    assert place_of(library, image) is None
