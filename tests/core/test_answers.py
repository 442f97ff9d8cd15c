"""Answers of one or several stents: taken apart, put together, compared."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.core.answers import (
    ANSWERS,
    CANNOT_TELL,
    NO_STENT,
    OTHER_DESIGN,
    agree,
    joined,
    makers_of,
    only_maker,
    parts_of,
)
from stentviewer.core.sentences import Sentence
from stentviewer.core.types import Finding
from stentviewer.core.wording import say_findings

MAKERS = ("Bona", "Bona PC", "EGIS", "Epic", "NITI-S")
stents = st.lists(st.sampled_from((*MAKERS, *ANSWERS)), min_size=1, max_size=8)


@given(stents)
def test_what_was_joined_comes_apart_again(parts: list[str]) -> None:
    expected = [NO_STENT] if set(parts) == {NO_STENT} else parts
    assert list(parts_of(joined(parts))) == expected


@given(stents, st.randoms())
def test_order_and_number_make_no_disagreement(parts: list[str], random: object) -> None:
    other = [*parts, parts[0]]
    random.shuffle(other)  # type: ignore[attr-defined]
    assert agree(joined(parts), joined(other)) is (None if CANNOT_TELL in parts else True)


@given(stents, stents)
def test_agreement_goes_both_ways(one: list[str], other: list[str]) -> None:
    assert agree(joined(one), joined(other)) is agree(joined(other), joined(one))


@pytest.mark.parametrize(
    ("answer", "makers", "only"),
    [
        ("", (), ""),
        (NO_STENT, (), ""),
        (CANNOT_TELL, (), ""),
        ("EGIS", ("EGIS",), "EGIS"),
        (OTHER_DESIGN, (OTHER_DESIGN,), OTHER_DESIGN),
        ("EGIS + EGIS", ("EGIS",), "EGIS"),
        ("EGIS + Epic", ("EGIS", "Epic"), ""),
        ("EGIS + no stent", ("EGIS",), "EGIS"),
        ("EGIS + cannot tell", ("EGIS",), ""),
        ("EGIS + another design", ("EGIS", OTHER_DESIGN), ""),
    ],
)
def test_designs_of_an_answer(answer: str, makers: tuple[str, ...], only: str) -> None:
    assert makers_of(answer) == makers
    assert only_maker(answer) == only


def found(maker: str, probability: float, *others: str, **more: object) -> Finding:
    fields = {"scores": (), "unknown": False, "box": None} | more
    return Finding(maker, probability, prediction_set=(maker, *others), **fields)


def test_every_answer_is_said_in_one_line() -> None:
    said = say_findings(
        [
            found("NITI-S", 0.93),
            found("Epic", 0.6, "EGIS", "Bona"),
            found("EGIS", 0.99, unknown=True, distance=2.5),
            found("Bona", 0.3, unknown=True, distance=0.4),
        ]
    )
    assert said == (
        "4 stents: NITI-S 0.93; Epic 0.60, not excluded: EGIS, Bona; unknown design, nearest EGIS; "
        "no maker stands out, nearest Bona 0.30"
    )
    assert isinstance(said, Sentence), "each part is known in other languages too"
    assert say_findings([]) == "no stent found"
