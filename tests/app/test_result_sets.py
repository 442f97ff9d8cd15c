"""Sets of one frame: who said what, and where two of them differ."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.app.result_sets import Source, compare, overlap, result_sets
from stentviewer.core.answers import CANNOT_TELL, NO_STENT, OTHER_DESIGN
from stentviewer.core.types import Box, Finding, Label, LabelAction
from stentviewer.library.records import ReadingRecord
from tests.library.make import finding, reading

NOW = datetime(2026, 11, 21, tzinfo=UTC)
LEFT, RIGHT = Box(0.1, 0.1, 0.3, 0.5), Box(0.6, 0.1, 0.9, 0.5)


def at(box: Box | None, maker: str = "NITI-S", p: float = 0.9, unknown: bool = False) -> Finding:
    return replace(finding(maker, p, unknown), box=box)


def record(number: int, *findings: Finding, sha: str = "ab" * 32) -> ReadingRecord:
    return ReadingRecord(number, 1, reading(*findings, sha=sha), "kim")


def said(maker: str, by: str = "kim", action: LabelAction = LabelAction.CORRECT) -> Label:
    return Label(1, 0, maker, action, by, NOW, None, "")


def pair_of(a: tuple[Finding, ...], b: tuple[Finding, ...]):
    one, two = result_sets([record(1, *a), record(2, *b, sha="cd" * 32)], [])
    return compare(one, two)


def test_each_model_has_its_newest_reading_and_each_reader_their_last_answer():
    readings = [
        record(3, at(LEFT, "EGIS")),
        record(2, at(LEFT, "Epic"), sha="cd" * 32),
        record(1, at(LEFT, "Bona")),
    ]
    history = [said("EGIS"), said("NITI-S", "lee"), said("Epic", "lee"), said("Bona")]
    found = result_sets(readings, history)
    assert [one.source for one in found] == [Source.MODEL] * 2 + [Source.READER] * 2
    assert [one.answer for one in found] == ["EGIS", "Epic", "EGIS", "NITI-S"]
    assert [one.name for one in found[2:]] == ["kim", "lee"]
    assert found[0].short == f"stent-demo-{'ab' * 4}"
    assert len({one.id for one in found}) == 4


def test_an_answer_that_was_taken_back_is_no_set():
    history = [said("", action=LabelAction.CLEAR), said("EGIS")]
    assert result_sets([], history) == ()


def test_nothing_found_and_no_stent_are_sets_without_stents():
    model, reader = result_sets([record(1)], [said(NO_STENT)])
    assert model.stents == reader.stents == ()
    assert model.answer == reader.answer == NO_STENT
    assert compare(model, reader).agree is True
    assert compare(model, reader).pairs == ()


def test_who_cannot_tell_neither_agrees_nor_differs():
    model, reader = result_sets([record(1, at(LEFT))], [said(CANNOT_TELL)])
    assert reader.answer == CANNOT_TELL
    assert compare(model, reader).agree is None


def test_an_unknown_design_is_another_design():
    model, reader = result_sets([record(1, at(LEFT, unknown=True))], [said(OTHER_DESIGN)])
    assert model.stents[0].maker == OTHER_DESIGN
    assert compare(model, reader).agree is True


def test_a_reader_is_held_against_all_makers_of_the_frame():
    both = record(1, at(LEFT, "EGIS", 0.6), at(RIGHT, "NITI-S", 0.9))
    model, reader = result_sets([both], [said("NITI-S")])
    found = compare(model, reader)
    assert found.agree is False
    assert [(p.first.maker, p.second and p.second.maker) for p in found.pairs] == [
        ("EGIS", None),
        ("NITI-S", "NITI-S"),
    ]
    model, reader = result_sets([both], [said("NITI-S + EGIS")])
    found = compare(model, reader)
    assert found.agree is True
    assert [(p.first.maker, p.second.maker) for p in found.pairs] == [
        ("EGIS", "EGIS"),
        ("NITI-S", "NITI-S"),
    ]
    model, reader = result_sets([both], [said("NITI-S + cannot tell")])
    assert compare(model, reader).agree is None


def test_a_refused_image_is_compared_with_nobody():
    refused = record(1)
    refused = replace(refused, reading=replace(refused.reading, refusal="It is a photograph."))
    model, reader = result_sets([refused], [said(NO_STENT)])
    assert model.answer == CANNOT_TELL
    assert compare(model, reader).agree is None


def test_the_same_place_is_the_same_stent():
    found = pair_of((at(LEFT, "EGIS"), at(RIGHT)), (at(RIGHT), at(LEFT, "Epic")))
    assert found.agree is False
    assert [(p.first.number, p.second.number, p.same_maker) for p in found.pairs] == [
        (1, 2, False),
        (2, 1, True),
    ]
    assert [p.overlap for p in found.pairs] == [1, 1]


def test_two_places_are_two_stents():
    found = pair_of((at(LEFT),), (at(RIGHT),))
    assert found.agree is False
    assert [(p.first is None, p.second is None) for p in found.pairs] == [
        (False, True),
        (True, False),
    ]
    assert [p.overlap for p in found.pairs] == [None, None]


def test_without_a_box_the_maker_decides_and_then_the_order():
    found = pair_of((at(None, "EGIS"), at(None, "Epic")), (at(LEFT, "Epic"), at(RIGHT, "Bona")))
    assert [(p.first.maker, p.second.maker) for p in found.pairs] == [
        ("EGIS", "Bona"),
        ("Epic", "Epic"),
    ]


@pytest.mark.parametrize(
    ("one", "two", "share"),
    [
        (LEFT, LEFT, 1),
        (LEFT, RIGHT, 0),
        (Box(0, 0, 1, 1), Box(0.5, 0, 1.5, 1), 1 / 3),
        (Box(0, 0, 1, 1), Box(0.25, 0.25, 0.75, 0.75), 0.25),
        (Box(0, 0, 0, 0), Box(0, 0, 0, 0), 0),
    ],
)
def test_intersection_over_union(one: Box, two: Box, share: float):
    assert overlap(one, two) == pytest.approx(share)
    assert overlap(two, one) == pytest.approx(share)


boxes = st.builds(lambda x, y, w, h: Box(x, y, x + w, y + h), *[st.floats(0, 1) for _ in range(4)])
stents = st.lists(st.builds(at, st.one_of(st.none(), boxes), st.sampled_from("AB")), max_size=4)


@given(stents, stents)
def test_every_stent_is_in_exactly_one_pair(a, b):
    found = pair_of(tuple(a), tuple(b))
    assert [p.first.number for p in found.pairs if p.first] == list(range(1, len(a) + 1))
    assert sorted(p.second.number for p in found.pairs if p.second) == list(range(1, len(b) + 1))
    assert found.agree == all(pair.same_maker for pair in found.pairs)
