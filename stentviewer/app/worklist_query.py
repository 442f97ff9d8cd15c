"""Which studies the worklist shows, and in which order: typed in one line or chosen from menus.

What is compared is made ready once for a study, so that ten thousand of them can be asked at every
keystroke. Nothing here knows of widgets.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import TYPE_CHECKING

from stentviewer.core.wording import show_name

if TYPE_CHECKING:
    from stentviewer.library.records import StudyRow

RECENT = 50  # how many of the studies opened last count as recent
_TOKEN = re.compile(
    r'(?P<key>[^\s:"]+):(?:"(?P<quoted>[^"]*)"?|(?P<plain>[^\s"]*))|"[^"]*"?|[^\s"]+'
)
_DATE = r"\d{4}(?:[-./]\d{1,2}(?:[-./]\d{1,2})?)?"
_RANGE = re.compile(rf"(?P<since>{_DATE})?(?P<dots>\.\.)?(?P<until>{_DATE})?$")
_DAYS = re.compile(r"(\d{1,4})[d일]$")
_KEYS = {
    **dict.fromkeys(("is", "상태"), "is"),
    **dict.fromkeys(("mod", "modality", "장비"), "mod"),
    **dict.fromkeys(("maker", "제조사"), "maker"),
    **dict.fromkeys(("date", "날짜"), "date"),
}
_SWITCHES = {
    **dict.fromkeys(("unread", "미판독"), "unread"),
    **dict.fromkeys(("disagree", "불일치"), "disagree"),
    **dict.fromkeys(("recent", "최근"), "recent"),
}


class Sort(StrEnum):
    """What comes first. A patient stands where the first of their studies stands."""

    NAME = "name"  # each patient's newest study first
    NEWEST = "newest"
    OLDEST = "oldest"
    WORK = "work"  # not yet read, then waiting for an answer, then the rest; newest first
    RECENT = "recent"  # opened last


@dataclass(frozen=True, slots=True)
class Dates:
    """Study dates: the last `days`, today included, or from–to, both included.

    `since` and `until` are ISO dates that may be partial (2026, 2026-11), empty where open.
    """

    days: int = 0
    since: str = ""
    until: str = ""

    def bounds(self, today: date) -> tuple[str, str]:
        """First and last date, empty where open."""
        if not self.days:
            return self.since, self.until
        return (today - timedelta(days=self.days - 1)).isoformat(), today.isoformat()


@dataclass(frozen=True, slots=True)
class Query:
    """What is looked for: every word, every switch, one of the modalities, one of the makers."""

    words: tuple[str, ...] = ()
    unread: bool = False  # has an image that no model has read
    disagree: bool = False  # model and reader say different things of an image
    recent: bool = False
    modalities: frozenset[str] = frozenset()
    makers: frozenset[str] = frozenset()
    dates: Dates | None = None

    def __bool__(self) -> bool:
        return self != Query()

    def merged(self, other: Query) -> Query:
        """Both: what `other` says of the dates counts before what this one says."""
        return Query(
            self.words + other.words,
            self.unread or other.unread,
            self.disagree or other.disagree,
            self.recent or other.recent,
            self.modalities | other.modalities,
            self.makers | other.makers,
            other.dates or self.dates,
        )


def fold(text: str) -> str:
    """For comparing: one form for composed and decomposed Hangul, full width, case and carets."""
    folded = unicodedata.normalize("NFKC", text).casefold()
    return " ".join(folded.replace("^", " ").replace("=", " ").split())


def parse(text: str, modalities: Iterable[str] = (), makers: Iterable[str] = ()) -> Query:
    """A typed line: free words, "words together", and is:unread, is:disagree, is:recent, mod:XA,
    maker:"Bona PC", date:today, date:7d, date:2026-11, date:2026-11-01..2026-11-20.

    A modality or maker is the one of the given names that it is, else those it begins. What is
    still being typed after `is:` and `date:` hides nothing.
    """
    query = Query()
    for raw, token in _parts(text, modalities, makers):
        if token is not None:
            query = query.merged(token)
        elif word := fold(raw.replace('"', " ")):
            query = query.merged(Query(words=(_iso(word, may_grow=True),)))
    return query


def words_of(text: str) -> str:
    """A typed line without its tokens: the words as they were typed."""
    return " ".join(raw for raw, token in _parts(text, (), ()) if token is None)


def _parts(
    text: str, modalities: Iterable[str], makers: Iterable[str]
) -> Iterator[tuple[str, Query | None]]:
    """Each part of the line with what it says as a token; None for a free word."""
    for found in _TOKEN.finditer(text):
        value = fold(found["quoted"] if found["quoted"] is not None else found["plain"] or "")
        key = _KEYS.get((found["key"] or "").casefold())
        yield found[0], _token(key, value, modalities, makers) if key else None


def _token(key: str, value: str, modalities: Iterable[str], makers: Iterable[str]) -> Query | None:
    """What `key:value` says; None where it says nothing, so that it is looked for as it stands."""
    if key == "mod":
        return Query(modalities=_named(value, modalities))
    if key == "maker":
        return Query(makers=_named(value, makers))
    if key == "date":
        return Query(dates=_dates(value))
    if value in _SWITCHES:
        switch = _SWITCHES[value]
        return Query(
            unread=switch == "unread", disagree=switch == "disagree", recent=switch == "recent"
        )
    return Query() if any(name.startswith(value) for name in _SWITCHES) else None


def _named(value: str, names: Iterable[str]) -> frozenset[str]:
    folded = {name: fold(name) for name in names}
    exact = frozenset(name for name, plain in folded.items() if plain == value)
    begun = frozenset(name for name, plain in folded.items() if plain.startswith(value))
    if not value:
        return frozenset()
    return exact or begun or frozenset({value})


def _dates(value: str) -> Dates | None:
    if value in {"today", "오늘"}:
        return Dates(days=1)
    days = _DAYS.match(value)
    if days:
        return Dates(days=int(days[1])) if int(days[1]) else None
    found = _RANGE.match(value)
    if found is None or not (found["since"] or found["until"]):
        return None
    since, until = _iso(found["since"] or ""), _iso(found["until"] or "")
    return Dates(since=since, until=until if found["dots"] else since)


def _iso(word: str, *, may_grow: bool = False) -> str:
    """2026.11.3 and 2026/11/3 as ISO writes them; any other word as it is.

    A word that may still grow keeps a last digit that another one can follow (2026.1, 2026.11.2).
    """
    if not re.fullmatch(_DATE, word):
        return word
    year, *rest = re.split(r"[-./]", word)
    padded = [part.zfill(2) for part in rest]
    if may_grow and rest and rest[-1] in ("0123" if len(rest) > 1 else "01"):
        padded[-1] = rest[-1]
    return "-".join([year, *padded])


class StudyIndex:
    """The studies of the library with their words, ready to be asked."""

    def __init__(self, rows: Iterable[StudyRow] = ()) -> None:
        self.rows: list[StudyRow] = list(rows)
        self._place = {row.study_id: place for place, row in enumerate(self.rows)}
        self._texts = [text_of(row) for row in self.rows]
        self._orders: dict[Sort, list[int]] = {}
        self._recent: set[int] | None = None

    def get(self, study_id: int) -> StudyRow | None:
        """One study's row."""
        place = self._place.get(study_id)
        return None if place is None else self.rows[place]

    def put(self, row: StudyRow) -> None:
        """A study's new row, or a new study's."""
        place = self._place.get(row.study_id)
        self._orders.clear()
        self._recent = None
        if place is None:
            self._place[row.study_id] = len(self.rows)
            self.rows.append(row)
            self._texts.append(text_of(row))
        else:
            self.rows[place] = row
            self._texts[place] = text_of(row)

    def modalities(self) -> list[str]:
        """Every modality there is."""
        return sorted({one for row in self.rows for one in row.modalities if one})

    def makers(self) -> list[str]:
        """Every maker that a study names."""
        return sorted({one for row in self.rows for one in row.makers if one}, key=str.casefold)

    def select(self, query: Query, sort: Sort, today: date) -> list[StudyRow]:
        """The studies that fit, in order; those of one patient may stand apart."""
        order = self._order(sort)
        rows, texts = self.rows, self._texts
        for word in map(fold, query.words):
            order = [place for place in order if word in texts[place]]
        kept = [rows[place] for place in order]
        if query.unread:
            kept = [row for row in kept if row.unread]
        if query.disagree:
            kept = [row for row in kept if row.disagree]
        if query.recent:
            recent = self._recently_opened()
            kept = [row for row in kept if row.study_id in recent]
        if query.modalities:
            kept = [row for row in kept if not query.modalities.isdisjoint(row.modalities)]
        if query.makers:
            kept = [row for row in kept if not query.makers.isdisjoint(row.makers)]
        if query.dates is not None:
            since, until = query.dates.bounds(today)
            kept = [row for row in kept if is_within(row.date, since, until)]
        return kept

    def _order(self, sort: Sort) -> list[int]:
        if sort not in self._orders:
            self._orders[sort] = [self._place[row.study_id] for row in sort_rows(self.rows, sort)]
        return self._orders[sort]

    def _recently_opened(self) -> set[int]:
        if self._recent is None:
            opened = sort_rows((row for row in self.rows if row.opened), Sort.RECENT)
            self._recent = {row.study_id for row in opened[:RECENT]}
        return self._recent


def text_of(row: StudyRow) -> str:
    """All that a free word may be found in, a line for each; names also without their spaces."""
    lines = [
        row.name,
        row.name_ideographic,
        row.patient_id,
        row.birth_date,
        row.date,
        row.date.replace("-", ""),
        row.description,
        row.accession_number,
        " ".join(row.modalities),
        " ".join(row.body_parts),
        *row.makers,
        *row.files,
    ]
    folded = [fold(line) for line in lines]
    closed_up = [line.replace(" ", "") for line in folded[:2] if " " in line]
    return "\n".join(line for line in (*folded, *closed_up) if line)


def is_within(when: str, since: str, until: str) -> bool:
    """Whether an ISO date lies within; a study without a date lies nowhere."""
    return bool(when) and when >= since and (not until or when[: len(until)] <= until)


def sort_rows(rows: Iterable[StudyRow], sort: Sort) -> list[StudyRow]:
    """Sorted; equals are newest first."""
    newest = sorted(rows, key=lambda row: (row.date, row.time, row.study_id), reverse=True)
    if sort is Sort.NAME:
        return sorted(newest, key=_name_key)
    if sort is Sort.OLDEST:
        return sorted(newest, key=lambda row: (not row.date, row.date, row.time, row.study_id))
    if sort is Sort.WORK:
        return sorted(newest, key=work_left)
    if sort is Sort.RECENT:
        return sorted(newest, key=lambda row: row.opened or "", reverse=True)
    return newest


def work_left(row: StudyRow) -> int:
    """0: something is not read yet; 1: a reading waits for an answer; 2: nothing is left to do."""
    if row.unread:
        return 0
    return 1 if row.waiting else 2


def _name_key(row: StudyRow) -> tuple[bool, str, str, int]:
    """By the name as it is shown; nameless patients after them by ID; pictures of nobody last."""
    name = fold(show_name(row.name, row.name_ideographic))
    return not name, name or row.patient_id or "\U0010ffff", row.patient_id, row.patient


def by_patient(rows: Sequence[StudyRow]) -> list[list[StudyRow]]:
    """A list a patient, in the order of their first study; their studies keep their order."""
    groups: dict[int, list[StudyRow]] = {}
    for row in rows:
        groups.setdefault(row.patient, []).append(row)
    return list(groups.values())
