"""What the model said of each stent is kept whole, and sealed."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from stentviewer.core.types import Box, ClassScore, Finding, HeatMap, Reading
from stentviewer.library.repository import Library
from tests.library.make import digest, finding, header, reading
from tests.library.test_check import faults, tamper
from tests.library.test_migrate import as_left_by

share = st.floats(0, 1)
place = st.floats(-0.5, 1.5)
corner = st.tuples(place, place)
makers = st.sampled_from(["EGIS", "Epic", "나이티-S"])


@st.composite
def heats(draw: Any) -> HeatMap:
    rows, columns = draw(st.integers(1, 6)), draw(st.integers(1, 6))
    cells = draw(st.lists(share, min_size=rows * columns, max_size=rows * columns))
    values = np.array(cells, np.float32).reshape(rows, columns)
    return HeatMap(values, Box(*draw(st.tuples(place, place, place, place))), "Grad-CAM")


features = st.lists(st.floats(-100, 100, width=16), min_size=1, max_size=40).map(
    lambda numbers: np.array(numbers, np.float32)
)
found = st.builds(
    Finding,
    maker=makers,
    probability=share,
    scores=st.lists(st.builds(ClassScore, makers, share), max_size=3).map(tuple),
    prediction_set=st.lists(makers, max_size=3).map(tuple),
    unknown=st.booleans(),
    box=st.none() | st.builds(Box, place, place, place, place),
    outline=st.just(()) | st.tuples(corner, corner, corner, corner),
    presence=share,
    distance=st.none() | st.floats(0, 50),
    heat=st.none() | heats(),
    feature=st.none() | features,
)


@pytest.fixture
def image_id(library: Library) -> int:
    file = library.folder / "a.dcm"
    file.write_bytes(b"x")
    return library.add(header(file), digest("x")).record.id


@given(st.lists(found, max_size=4), st.sampled_from(["", "이 모델이 읽는 영상이 아닙니다."]))
@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
def test_what_was_kept_comes_back(
    library: Library, image_id: int, stents: list[Finding], refusal: str
) -> None:
    made = replace(reading(*stents), refusal=refusal)
    saved = library.save_reading(image_id, made)
    back = library.latest_reading(image_id, 0)
    assert back is not None
    assert library.readings(image_id, 0)[0].id == back.id
    assert back.id == saved.id
    assert replace(back.reading, heat=None) == replace(made, heat=None)
    for one, kept in zip(stents, back.reading.findings, strict=True):
        same_heat(one.heat, kept.heat)
        assert (one.feature is None) == (kept.feature is None)
        if one.feature is not None and kept.feature is not None:
            assert kept.feature.dtype == np.float32
            np.testing.assert_array_equal(kept.feature, one.feature)
    assert library.check() == []


def same_heat(one: HeatMap | None, kept: HeatMap | None) -> None:
    assert (one is None) == (kept is None)
    if one is not None and kept is not None:
        assert (kept.extent, kept.method) == (one.extent, one.method)
        np.testing.assert_allclose(kept.values, one.values, atol=5e-4)


def several() -> Reading:
    values = np.eye(4, dtype=np.float32)
    heat = HeatMap(values, Box(0.1, 0.1, 0.4, 0.4), "Grad-CAM")
    one = replace(finding("EGIS"), heat=heat, feature=np.arange(5, dtype=np.float32))
    return reading(one, replace(finding("Epic"), heat=heat))


def kept(folder: Path, empty_library: Path) -> Path:
    shutil.copytree(empty_library, folder)
    with Library.open(folder, "kim") as library:
        file = folder / "a.dcm"
        file.write_bytes(b"x")
        image_id = library.add(header(file), digest("x")).record.id
        library.save_reading(image_id, several())
    return folder


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE finding SET feature = x'0000' WHERE id = 1", "Finding 1 is not what audit row 3"),
        ("UPDATE finding SET number = 3 WHERE id = 2", "Finding 2 is not what audit row 3"),
        ("UPDATE finding SET heat = x'00' WHERE id = 2", "Row 2 of table finding is damaged"),
        ("DELETE FROM finding WHERE id = 2", "Finding 2 is not what audit row 3"),
        ("UPDATE reading SET refusal = 'No.'", "Reading 1 is not what audit row 3"),
        (
            "INSERT INTO finding SELECT 9, 1, 9, heat, heat_rows, heat_columns, heat_extent, "
            "heat_method, feature FROM finding WHERE id = 1",
            "Finding 9 is not in the audit trail",
        ),
    ],
)
def test_what_was_tampered_with_is_named(
    folder: Path, empty_library: Path, change: str, said: str
) -> None:
    kept(folder, empty_library)
    assert faults(folder) == []
    tamper(folder, change)
    told = faults(folder)
    assert any(said in sentence for sentence in told), told


@pytest.mark.parametrize("change", ["UPDATE finding SET number = 7", "DELETE FROM finding"])
def test_what_was_found_cannot_be_rewritten(folder: Path, empty_library: Path, change: str) -> None:
    file = kept(folder, empty_library) / "library.db"
    with (
        closing(sqlite3.connect(file)) as connection,
        pytest.raises(sqlite3.IntegrityError, match="never changed"),
    ):
        connection.execute(change)


def test_a_reading_of_the_second_version_stays_sealed_as_it_was(folder: Path) -> None:
    as_left_by(2, folder)
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        before = connection.execute("SELECT findings, heat FROM reading").fetchall()
        trail = connection.execute("SELECT hash FROM audit ORDER BY n").fetchall()
    with Library.open(folder, "kim") as library:
        (old,) = library.readings(1)
        (stent,) = old.reading.findings
        assert (stent.outline, stent.presence, stent.distance) == ((), 1.0, None)
        assert (stent.heat, stent.feature, old.reading.refusal) == (None, None, "")
        assert not [said for said in library.check() if "Reading" in said]
        library.save_reading(1, several())
        assert [len(one.reading.findings) for one in library.readings(1)] == [2, 1]
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        after = connection.execute("SELECT findings, heat FROM reading WHERE id = 1").fetchall()
        assert after == before
        grown = connection.execute("SELECT hash FROM audit ORDER BY n").fetchall()
    assert grown[: len(trail)] == trail


def test_an_old_reading_of_several_stents_answers_with_all_of_them(folder: Path) -> None:
    as_left_by(2, folder)
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        (words,) = connection.execute("SELECT findings FROM reading").fetchone()
        connection.execute("DROP TRIGGER reading_no_update")
        more = words[:-1] + "," + words[1:].replace('"NITI-S"', '"Epic"')
        connection.execute("UPDATE reading SET findings = ?", (more,))
        connection.execute(
            "CREATE TRIGGER reading_no_update BEFORE UPDATE ON reading "
            "BEGIN SELECT RAISE(ABORT, 'reading rows are never changed'); END"
        )
        connection.commit()
    with Library.open(folder, "kim") as library:
        (row,) = library.worklist()
        assert not [said for said in library.check() if "what the worklist shows" in said]
        assert set(library.label_history(1)[0].maker.split()) == {"NITI-S"}
        assert row.disagree


def test_a_library_of_the_third_version_opens_with_every_stent(folder: Path) -> None:
    with Library.open(as_left_by(3, folder), "kim") as library:
        refused, record = library.readings(1)
        assert refused.reading.refusal == "This is a photograph."
        one, two = record.reading.findings
        assert (one.maker, two.maker) == ("EGIS", "Epic")
        assert one.feature is not None
        np.testing.assert_array_equal(one.feature, np.arange(5))
        assert (one.heat is not None, two.heat is not None, two.feature) == (True, True, None)
        assert library.label(1, 0).maker == "EGIS + Epic"
        (study,) = library.timeline(1)
        assert [(e.makers, e.is_refused) for e in study.entries] == [
            (("EGIS", "Epic"), False),
            ((), True),
        ]
        assert [said for said in library.check() if "no longer where" not in said] == []
