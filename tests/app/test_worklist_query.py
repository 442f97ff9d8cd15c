"""What the worklist shows and in which order, against the plainest way to say it."""

from __future__ import annotations

import unicodedata
from dataclasses import replace
from datetime import date, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from stentviewer.app.worklist_query import (
    RECENT,
    Dates,
    Query,
    Sort,
    StudyIndex,
    by_patient,
    is_within,
    parse,
    sort_rows,
    words_of,
)
from stentviewer.library.records import StudyRow

TODAY = date(2026, 11, 20)
PLAIN = StudyRow(
    study_id=1, patient=1, patient_id="P-17", name="Kim^Minjun", name_ideographic="김^민준",
    birth_date="1958-04-12", sex="M", date="2026-11-20", time="14:20:00",
    description="ERCP stent exchange", accession_number="A100", modalities=("XA", "CR"),
    body_parts=("ABDOMEN",), series=1, images=3, unread=1, read=1, waiting=0, answered=1,
    disagree=False, makers=("Bona PC",), files=(), opened="",
)  # fmt: skip
MODALITIES, MAKERS = ("CR", "CT", "XA"), ("Bona", "Bona PC", "EGIS")


def found(typed: str, *rows: StudyRow) -> list[int]:
    index = StudyIndex(rows)
    query = parse(typed, MODALITIES, MAKERS)
    return [row.study_id for row in index.select(query, Sort.NAME, TODAY)]


@pytest.mark.parametrize(
    "typed",
    [
        "kim", "MINJUN", "kim minjun", '"kim minjun"', "김민준", "김 민준", "민준",
        unicodedata.normalize("NFD", "김민준"), "ｋｉｍ", "p-17", "2026", "2026-11", "2026.11.20",
        "2026/11/20", "20261120", "2026.1", "xa", "mod:xa", "mod:X", "bona", "maker:bona",
        'maker:"bona pc"', "abdomen", "exchange 김", "is:unread", "is:un", "date:today",
        "date:7d", "date:2026-11", "date:2026-11-01..2026-11-20", "date:..2026-11", "date:",
        "상태:미판독", "날짜:오늘", "1958-04", "a100",
    ],
)  # fmt: skip
def test_a_study_is_found_by(typed):
    rest = replace(PLAIN, makers=("Bona",)) if typed == "maker:bona" else PLAIN
    assert found(typed, rest) == [1]


@pytest.mark.parametrize(
    "typed",
    [
        "lee", "minjunx", '"minjun kim"', "2026-12", "ct", "mod:ct", "maker:egis", "maker:none",
        "is:disagree", "is:recent", "date:2026-11-01..2026-11-19", "date:2027..", "is:nonsense",
    ],
)  # fmt: skip
def test_a_study_is_not_found_by(typed):
    assert found(typed, PLAIN) == []


def test_pictures_without_a_patient_are_found_by_the_names_of_their_files():
    pictures = replace(
        PLAIN, name="", name_ideographic="", patient_id="", files=("Stent_A.png", "담관 2.PNG")
    )
    assert found("stent_a", pictures, replace(PLAIN, study_id=2)) == [1]
    assert found("2.png", pictures) == [1]
    assert found(unicodedata.normalize("NFD", "담관"), pictures) == [1]
    assert found("stent_b", pictures) == []


def test_a_maker_whose_name_begins_anothers_is_itself():
    assert parse("maker:bona", MODALITIES, MAKERS).makers == {"Bona"}
    assert parse("maker:bon", MODALITIES, MAKERS).makers == {"Bona", "Bona PC"}


def test_tokens_leave_the_words_as_they_were_typed():
    line = 'Kim is:unread "ERCP Stent" mod:XA 김'
    assert words_of(line) == 'Kim "ERCP Stent" 김'
    assert parse(line, MODALITIES, MAKERS).merged(Query()) == parse(
        f"mod:xa is:unread {words_of(line)}", MODALITIES, MAKERS
    )


def test_the_last_days_count_today_and_not_tomorrow():
    days = {n: (TODAY - timedelta(days=n)).isoformat() for n in (-1, 0, 6, 7)}
    shown = {n: is_within(day, *Dates(days=7).bounds(TODAY)) for n, day in days.items()}
    assert shown == {-1: False, 0: True, 6: True, 7: False}
    assert not is_within("", "", "")


def test_recent_are_the_studies_opened_last():
    rows = [
        replace(PLAIN, study_id=n, opened=f"2026-11-20T10:{n // 60:02}:{n % 60:02}")
        for n in range(1, RECENT + 11)
    ]
    never = replace(PLAIN, study_id=999)
    index = StudyIndex([*rows, never])
    shown = index.select(Query(recent=True), Sort.RECENT, TODAY)
    assert [row.study_id for row in shown] == list(range(RECENT + 10, 10, -1))


def test_a_changed_study_is_found_by_what_it_is_now():
    index = StudyIndex([PLAIN, replace(PLAIN, study_id=2, date="2026-11-21")])
    assert index.makers() == ["Bona PC"]
    index.select(Query(), Sort.WORK, TODAY)
    index.put(replace(PLAIN, unread=0, answered=1, makers=("EGIS",)))
    assert [r.study_id for r in index.select(Query(unread=True), Sort.WORK, TODAY)] == [2]
    assert [r.study_id for r in index.select(parse("egis"), Sort.WORK, TODAY)] == [1]
    assert [r.study_id for r in index.select(Query(), Sort.WORK, TODAY)] == [2, 1]
    index.put(replace(PLAIN, study_id=3))
    assert index.get(3) is not None
    assert len(index.select(Query(), Sort.NAME, TODAY)) == 3


def test_names_are_sorted_as_they_are_shown_and_nobody_comes_last():
    rows = [
        replace(PLAIN, study_id=1, patient=1, name="", name_ideographic="", patient_id=""),
        replace(PLAIN, study_id=2, patient=2, name="Lee^A", name_ideographic=""),
        replace(PLAIN, study_id=3, patient=3, name="Ahn^B", name_ideographic="이^을"),
        replace(PLAIN, study_id=4, patient=4, name="", name_ideographic="", patient_id="X9"),
        replace(PLAIN, study_id=5, patient=5, name="kim^C", name_ideographic=""),
        replace(PLAIN, study_id=6, patient=2, name="Lee^A", name_ideographic="", date="2027-01-01"),
    ]
    assert [row.study_id for row in sort_rows(rows, Sort.NAME)] == [5, 6, 2, 3, 4, 1]


def test_work_left_comes_first():
    done, waiting = replace(PLAIN, unread=0), replace(PLAIN, unread=0, waiting=1, study_id=2)
    unread = replace(PLAIN, study_id=3, date="2001-01-01")
    assert [r.study_id for r in sort_rows([done, waiting, unread], Sort.WORK)] == [3, 2, 1]


def test_a_patient_stands_where_the_first_of_their_studies_stands():
    rows = [
        replace(PLAIN, study_id=n, patient=p, date=d)
        for n, p, d in ((1, 1, "2026-01-01"), (2, 2, "2026-02-01"), (3, 1, "2026-03-01"))
    ]
    groups = by_patient(sort_rows(rows, Sort.NEWEST))
    assert [[row.study_id for row in group] for group in groups] == [[3, 1], [2]]
    groups = by_patient(sort_rows(rows, Sort.OLDEST))
    assert [[row.study_id for row in group] for group in groups] == [[1, 3], [2]]


# against the plainest way

DATES = st.sampled_from(["", "2025-12-31", "2026-11-01", "2026-11-14", "2026-11-20", "2026-11-21"])
NAMES = st.sampled_from(["", "Kim^Minjun", "Lee^Ana", "Kim^Ana", "LEE^MIN"])
ROWS = st.lists(
    st.builds(
        replace,
        st.just(PLAIN),
        patient=st.integers(1, 4),
        name=NAMES,
        name_ideographic=st.sampled_from(["", "김^민준", "李^安"]),
        date=DATES,
        description=st.sampled_from(["", "ERCP", "stent kim"]),
        modalities=st.sampled_from([(), ("XA",), ("CT",), ("XA", "CT")]),
        makers=st.sampled_from([(), ("EGIS",), ("Bona", "EGIS")]),
        unread=st.integers(0, 1),
        read=st.integers(0, 2),
        answered=st.integers(0, 2),
        disagree=st.booleans(),
        opened=st.sampled_from(["", "2026-11-19T09", "2026-11-20T09"]),
    ),
    max_size=12,
).map(lambda rows: [replace(row, study_id=n) for n, row in enumerate(rows)])
WORDS = st.sampled_from(["kim", "ana", "min", "민준", "2026-11", "egis", "xa"])
QUERIES = st.builds(
    Query,
    words=st.lists(WORDS, max_size=2).map(tuple),
    unread=st.booleans(),
    disagree=st.booleans(),
    recent=st.booleans(),
    modalities=st.frozensets(st.sampled_from(["XA", "CT"]), max_size=2),
    makers=st.frozensets(st.sampled_from(["Bona", "EGIS"]), max_size=1),
    dates=st.sampled_from(
        [None, Dates(days=1), Dates(days=7), Dates(since="2026-11"), Dates(until="2026-11-14")]
    ),
)


def fits(row: StudyRow, query: Query) -> bool:
    said = [row.name, row.name_ideographic, row.patient_id, row.date, row.description]
    said += [*row.modalities, *row.makers]
    spoken = (
        "|".join(said).casefold().replace("^", " ") + "|".join(said).replace("^", "").casefold()
    )
    first, last = "", "9999"
    if query.dates is not None and query.dates.days:
        first = (TODAY - timedelta(days=query.dates.days - 1)).isoformat()
        last = TODAY.isoformat()
    elif query.dates is not None:
        first, last = query.dates.since, query.dates.until or "9999"
    return (
        all(word in spoken for word in query.words)
        and (row.unread > 0 or not query.unread)
        and (row.disagree or not query.disagree)
        and (row.opened != "" or not query.recent)
        and (not query.modalities or bool(set(row.modalities) & query.modalities))
        and (not query.makers or bool(set(row.makers) & query.makers))
        and (query.dates is None or (row.date != "" and first <= row.date <= last))
    )


@given(rows=ROWS, query=QUERIES, sort=st.sampled_from(Sort))
def test_the_filter_keeps_exactly_what_fits(rows, query, sort):
    shown = StudyIndex(rows).select(query, sort, TODAY)
    assert {row.study_id for row in shown} == {r.study_id for r in rows if fits(r, query)}
    assert len(shown) == len({row.study_id for row in shown})


@given(rows=ROWS, query=QUERIES, sort=st.sampled_from(Sort))
def test_a_filter_takes_away_but_moves_nothing(rows, query, sort):
    index = StudyIndex(rows)
    everything = [row.study_id for row in index.select(Query(), sort, TODAY)]
    shown = [row.study_id for row in index.select(query, sort, TODAY)]
    assert shown == [one for one in everything if one in shown]


@given(rows=ROWS, sort=st.sampled_from(Sort))
def test_the_order_depends_on_nothing_but_the_studies(rows, sort):
    assert sort_rows(rows, sort) == sort_rows(list(reversed(rows)), sort)
    groups = by_patient(sort_rows(rows, sort))
    assert sorted(row.study_id for group in groups for row in group) == list(range(len(rows)))
    assert all(len({row.patient for row in group}) == 1 for group in groups)


@given(text=st.text(alphabet='abis:.d 2026-11"mo가', max_size=24))
def test_nothing_that_can_be_typed_is_an_error(text):
    query = parse(text, MODALITIES, MAKERS)
    StudyIndex([PLAIN]).select(query, Sort.NAME, TODAY)
    assert parse(words_of(text)).words == query.words
