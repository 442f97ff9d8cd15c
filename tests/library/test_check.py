"""The check finds what was changed behind the program's back, and nothing else."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from stentviewer.core.errors import UserError
from stentviewer.imaging.presentation_header import PresentationHeader
from stentviewer.library.repository import Library
from tests.library.make import digest, finding, header, label, measurement, reading


@pytest.fixture
def kept(folder: Path, empty_library: Path) -> Path:
    """A library with an image whose file is there, a reading and five labels; closed."""
    shutil.copytree(empty_library, folder)
    with Library.open(folder, "kim") as library:
        file = folder / "a.dcm"
        file.write_bytes(b"x")
        image_id = library.add(header(file), digest("x")).record.id
        library.save_reading(image_id, reading(finding()))
        for maker in ("EGIS", "Epic", "Bona", "", "NITI-S"):
            library.set_label(label(image_id, maker))
    return folder


@pytest.fixture
def marked(kept: Path) -> Path:
    """The same with a measurement, a second explanation and a presentation; closed."""
    with Library.open(kept, "kim") as library:
        library.set_measurement(measurement("m"))
        heat = reading(finding()).heat
        assert heat is not None
        library.save_explanation(1, heat)
        file = kept / "marks.dcm"
        file.write_bytes(b"p")
        library.add_presentation(PresentationHeader(file, "1.9", "", ("1.2",)), digest("p"))
    return kept


def faults(folder: Path) -> list[str]:
    with Library.open(folder, "check", read_only=True) as library:
        return library.check()


def tamper(folder: Path, *statements: str) -> None:
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        for statement in statements:
            connection.execute(statement)
        connection.commit()


def test_an_untouched_library_has_no_faults(kept: Path) -> None:
    assert faults(kept) == []


def test_nor_has_one_with_all_that_can_be_kept(marked: Path) -> None:
    assert faults(marked) == []


@pytest.mark.parametrize("table", ["audit", "label", "reading", "measurement", "explanation"])
@pytest.mark.parametrize("change", ["UPDATE {} SET by = 'lee'", "DELETE FROM {}"])
def test_history_cannot_be_rewritten(marked: Path, table: str, change: str) -> None:
    with (
        closing(sqlite3.connect(marked / "library.db")) as connection,
        pytest.raises(sqlite3.IntegrityError, match="never changed"),
    ):
        connection.execute(change.format(table))


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("UPDATE audit SET by = 'lee' WHERE n = 4", "Audit row 4 was changed"),
        ("UPDATE audit SET data = 'no json' WHERE n = 4", "Audit row 4 was changed"),
        (
            "UPDATE audit SET at = '2020-01-01T00:00:00+00:00' WHERE n = 2",
            "Audit row 2 was changed",
        ),
        ("DELETE FROM audit WHERE n = 5", "Audit row 5 is missing"),
        ("DELETE FROM audit WHERE n IN (5, 6)", "Audit rows 5 to 6 are missing"),
        ("DELETE FROM audit WHERE n = 8", "Label 5 is not in the audit trail"),
        (
            "UPDATE label SET maker = 'Epic' WHERE id = 1",
            "Label 1 is not what audit row 4 recorded",
        ),
        ("DELETE FROM label WHERE id = 2", "Label 2 is not what audit row 5 recorded"),
        ("UPDATE reading SET findings = '[]'", "Reading 1 is not what audit row 3 recorded"),
        ("UPDATE reading SET heat = x'00'", "Reading 1 is not what audit row 3 recorded"),
        ("UPDATE image SET series_id = 77", "refers to a row of series"),
        ("UPDATE image SET path = '/gone/a.dcm'", "“a.dcm” is no longer where it was"),
        ("UPDATE image SET sha256 = 'ab'", "Image 1 is not what audit row 2 recorded"),
        ("UPDATE reading SET answer = 'EGIS'", "Reading 1 is not what the worklist shows"),
        (
            "INSERT INTO label SELECT 9, 1, 0, 'Epic', 'corrected', 'lee', at, NULL, '' FROM label "
            "WHERE id = 1",
            "Label 9 is not in the audit trail",
        ),
    ],
)
def test_what_was_tampered_with_is_named(kept: Path, change: str, said: str) -> None:
    tamper(kept, change)
    found = faults(kept)
    assert any(said in sentence for sentence in found), found


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (
            "UPDATE measurement SET points = '[[1.0, 1.0], [2.0, 2.0]]'",
            "Measurement 1 is not what audit row 9 recorded",
        ),
        ("UPDATE measurement SET removed = 1", "Measurement 1 is not what audit row 9 recorded"),
        ("DELETE FROM measurement", "Measurement 1 is not what audit row 9 recorded"),
        ("UPDATE measurement SET points = '[1]'", "Row 1 of table measurement is damaged"),
        (
            "UPDATE explanation SET heat_method = 'Grad-CAM++'",
            "Explanation 1 is not what audit row 10 recorded",
        ),
        ("UPDATE explanation SET heat = x'00'", "Row 1 of table explanation is damaged"),
        ("DELETE FROM audit WHERE n = 10", "Explanation 1 is not in the audit trail"),
        ("UPDATE presentation SET sha256 = 'ab'", "Presentation 1 is not what audit row 11"),
        ("UPDATE presentation SET path = '/gone/m.dcm'", "“m.dcm” is no longer where it was"),
    ],
)
def test_so_is_what_was_drawn_and_explained(marked: Path, change: str, said: str) -> None:
    tamper(marked, change)
    found = faults(marked)
    assert any(said in sentence for sentence in found), found


def test_one_changed_row_is_one_sentence(kept: Path) -> None:
    tamper(kept, "UPDATE audit SET detail = '' WHERE n = 4")
    assert faults(kept) == ["Audit row 4 was changed after it was written."]


def test_a_damaged_file_is_told(kept: Path) -> None:
    file = kept / "library.db"
    with closing(sqlite3.connect(file)) as connection:
        (page,) = connection.execute(
            "SELECT rootpage FROM sqlite_master WHERE name = 'ix_label_image_id_frame'"
        ).fetchone()
    content = bytearray(file.read_bytes())
    content[(page - 1) * 4096 : page * 4096] = bytes(range(256)) * 16
    file.write_bytes(content)
    assert any("damaged" in sentence for sentence in faults(kept))


def test_the_check_runs_beside_a_program_and_sees_what_it_saved(kept: Path) -> None:
    with Library.open(kept, "kim") as running:
        running.set_label(label(1, "Epic"))
        with Library.open(kept, "check", read_only=True) as reading_only:
            assert reading_only.check() == []
            assert reading_only.audit(1)[0].detail.startswith("Epic")


@pytest.mark.parametrize(
    "write",
    [
        lambda x: x.set_label(label(1, "Epic")),
        lambda x: x.save_reading(1, reading()),
        lambda x: x.add(header(Path("b.dcm")), digest("b")),
        lambda x: x.set_measurement(measurement("m")),
        lambda x: x.remove_images([1]),
        lambda x: x.put_back([1]),
        lambda x: x.set_thumbnail(1, b"png"),
        lambda x: x.note("seen", "image 1"),
        lambda x: x.note_opened(1),
    ],
)
def test_reading_only_writes_nothing(kept: Path, write: Callable[[Library], object]) -> None:
    before = (kept / "library.db").read_bytes()
    with (
        Library.open(kept, "check", read_only=True) as library,
        pytest.raises(UserError, match="reading only"),
    ):
        write(library)
    assert (kept / "library.db").read_bytes() == before
