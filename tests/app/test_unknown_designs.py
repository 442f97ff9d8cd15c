"""Stents read as unknown that look like one design, and the images to learn it from."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest

from stentviewer.app import unknown_designs
from stentviewer.app.session import Session
from stentviewer.app.unknown_designs import FEWEST, images_of, unknown_groups
from stentviewer.core.answers import CANNOT_TELL, NO_STENT, OTHER_DESIGN
from stentviewer.core.jobs import JobContext
from stentviewer.learning.selection import pseudonym
from stentviewer.library.records import ReadingRecord
from stentviewer.library.repository import Library
from tests.app.rods import SHA, Site, rod, stent
from tests.library.make import reading


@pytest.fixture
def site(tmp_path: Path) -> Iterator[Site]:
    catalog: Any = SimpleNamespace(
        stamp=tuple,
        default=lambda task: SimpleNamespace(
            ref=reading(sha=SHA).model, manifest=SimpleNamespace(id="stent-demo")
        ),
    )
    with Library.open(tmp_path / "library", "dr.kim") as library:
        yield Site(Session(library, catalog, "dr.kim"), tmp_path / "images")


def unknown(site: Site, feature: list[float], patient: str = "", **how: Any) -> ReadingRecord:
    image = site.image(rod(0, 80), patient)
    return site.read(image, stent("EGIS", feature, unknown=True), **how)


def coil(site: Site, count: int, first: float = 1.0) -> list[ReadingRecord]:
    """So many unknown stents of one design, of a patient each."""
    return [unknown(site, [first, 0.01 * n, 0, 0]) for n in range(count)]


def frames(*records: ReadingRecord) -> list[tuple[int, int]]:
    return [(record.image_id, 0) for record in records]


def test_alike_ones_are_a_group_and_the_others_are_not(site: Site) -> None:
    alike = coil(site, 6)
    unknown(site, [0, 0, 1, 0])
    second = [unknown(site, [0, 0, 0.05 * n, 1]) for n in range(5)]
    site.read(site.image(rod(0, 80)), stent("EGIS", [1, 0, 0, 0]))
    assert [list(group.frames) for group in unknown_groups(site.session)] == [
        frames(*alike),
        frames(*second),
    ]
    assert [group.patients for group in unknown_groups(site.session)] == [6, 5]


def test_too_few_are_no_group(site: Site) -> None:
    coil(site, FEWEST - 1)
    assert unknown_groups(site.session) == ()
    unknown(site, [1, 0, 0, 0])
    assert len(unknown_groups(site.session)) == 1


def test_a_chain_of_neighbours_is_one_group(site: Site) -> None:
    import math

    steps = [math.radians(20 * n) for n in range(6)]  # each 0.94 to the next, the ends opposite
    made = [unknown(site, [math.cos(a), math.sin(a)]) for a in steps]
    (group,) = unknown_groups(site.session)
    assert list(group.frames) == frames(*made)
    assert math.cos(math.radians(20)) > unknown_designs.ALIKE > math.cos(math.radians(40))


def test_several_images_of_a_patient_count_as_one_patient(site: Site) -> None:
    made = [unknown(site, [1, 0.01 * n], "P-a" if n < 4 else "P-b") for n in range(6)]
    (group,) = unknown_groups(site.session)
    assert (len(group.frames), group.patients) == (len(made), 2)


def test_what_a_person_named_is_left_out_and_another_design_is_not(site: Site) -> None:
    made = coil(site, 9)
    site.label(made[0], "NITI-S")
    site.label(made[1], NO_STENT)
    site.label(made[2], OTHER_DESIGN)
    site.label(made[3], CANNOT_TELL)
    (group,) = unknown_groups(site.session)
    assert list(group.frames) == frames(*made[2:])


def test_a_stent_beside_one_that_was_named_alone_is_left_out(site: Site) -> None:
    coil(site, 5)
    image = site.image(rod(0, 80))
    two = [stent("EGIS", [1, 0, 0, 0], unknown=True), stent("Epic", [0, 0, 0, 1])]
    record = site.read(image, *two)
    (group,) = unknown_groups(site.session)
    assert (image, 0) in group.frames
    for answer in ("NITI-S", NO_STENT):  # of the whole frame: nobody says which stent
        site.label(record, answer, linked=False)
        (group,) = unknown_groups(site.session)
        assert (image, 0) not in group.frames
    site.label(record, f"{OTHER_DESIGN} + Epic")
    (group,) = unknown_groups(site.session)
    assert (image, 0) in group.frames


def test_readings_of_another_model_and_removed_images_are_left_out(site: Site) -> None:
    made = coil(site, 6)
    unknown(site, [1, 0, 0, 0], sha="cd" * 32)
    site.session.remove([made[0].image_id])
    (group,) = unknown_groups(site.session)
    assert list(group.frames) == frames(*made[1:])


def test_sealed_frames_are_in_no_group(site: Site) -> None:
    made = coil(site, 7)
    site.session.sealing.switch(True)
    assert unknown_groups(site.session) == ()
    for record in made[:5]:
        site.label(record, OTHER_DESIGN, by="dr.kim")
    (group,) = unknown_groups(site.session)
    assert list(group.frames) == frames(*made[:5])


def test_the_images_of_a_group_can_be_learned_from(site: Site) -> None:
    made = coil(site, 5)
    (group,) = unknown_groups(site.session)
    gone = site.session.library.image(made[4].image_id).header.path
    gone.unlink()
    found = images_of(site.session, group, "New design", JobContext())
    assert [item.label for item in found.items] == ["New design"] * 4
    assert found.items[0].patient == pseudonym("P1")
    assert [problem.path for problem in found.problems] == [gone]
    assert "P1" not in str(found.items[0].patient)


def test_an_empty_library_has_none(site: Site) -> None:
    assert unknown_groups(site.session) == ()
