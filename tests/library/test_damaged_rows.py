"""A library file that opens but holds what no program wrote: sentences, and nothing is changed."""

from __future__ import annotations

import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from stentviewer.core.errors import KnownError, StentviewerError, UserError
from stentviewer.library.repository import Library
from tests.library.make import digest, finding, header, label, measurement, reading, studies


@pytest.fixture
def kept(folder: Path, empty_library: Path) -> Path:
    """A library with one image, read and labelled; closed."""
    shutil.copytree(empty_library, folder)
    with Library.open(folder, "kim") as library:
        file = folder / "a.dcm"
        file.write_bytes(b"x")
        image_id = library.add(header(file), digest("x")).record.id
        library.save_reading(image_id, reading(finding()))
        library.set_label(label(image_id, "EGIS"))
    return folder


def tamper(folder: Path, statement: str) -> None:
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        names = connection.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        for (name,) in names.fetchall():
            connection.execute(f"DROP TRIGGER {name}")
        connection.execute(statement)
        connection.commit()


def everything(library: Library) -> None:
    studies(library)
    library.timeline(1)
    library.image(1)
    library.readings(1)
    library.latest_reading(1, 0)
    library.label_history(1)
    library.label(1, 0)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE image SET identity = '{'",
        """UPDATE image SET identity = '{"nope": 1}'""",
        "UPDATE image SET identity = 'null'",
        "UPDATE image SET identity = CAST(x'9d9d' AS TEXT)",
        "UPDATE reading SET heat = x'00', heat_rows = 1, heat_columns = 1",
        "UPDATE reading SET findings = '[1]'",
        "UPDATE reading SET created = 'yesterday'",
        "UPDATE label SET \"action\" = 'guessed'",
        "UPDATE label SET at = ''",
        "DROP TABLE reading",
    ],
)
def test_a_damaged_row_is_a_sentence_and_the_check_finds_it(kept: Path, statement: str) -> None:
    tamper(kept, statement)
    before = (kept / "library.db").read_bytes()
    with (
        Library.open(kept, "kim", read_only=True) as library,
        pytest.raises(KnownError, match="is damaged and was not changed"),
    ):
        everything(library)
    with Library.open(kept, "kim", read_only=True) as library:
        assert any("damaged" in fault for fault in library.check())
    assert (kept / "library.db").read_bytes() == before


@pytest.mark.parametrize("points", ["[[NaN, 1]]", "[[Infinity, 1]]", "[[1e300, 1]]", "[[1]]", "{}"])
def test_a_measurement_that_lies_nowhere_is_a_sentence(kept: Path, points: str) -> None:
    with Library.open(kept, "kim") as library:
        library.set_measurement(measurement("a"))
    tamper(kept, f"UPDATE measurement SET points = '{points}'")
    with Library.open(kept, "kim", read_only=True) as library:
        with pytest.raises(KnownError, match="is damaged and was not changed"):
            library.measurements([1])
        assert any("damaged" in fault for fault in library.check())


def _opened(folder: Path) -> Library:
    return Library.open(folder, "kim")


def _looked_at(folder: Path) -> Library:
    return Library.open(folder, "kim", read_only=True)


@pytest.mark.parametrize("how", [_opened, _looked_at])
@pytest.mark.parametrize("version", ["'abc'", "'0000'", "'-1'", "''", "CAST(x'9d9d' AS TEXT)"])
def test_a_version_that_never_was_is_a_sentence(
    kept: Path, version: str, how: Callable[[Path], Library]
) -> None:
    tamper(kept, f"UPDATE alembic_version SET version_num = {version}")
    with pytest.raises(StentviewerError, match="is damaged and was not changed"):
        how(kept)


def test_a_later_version_is_refused_even_if_it_does_not_say_which(kept: Path) -> None:
    tamper(kept, "UPDATE alembic_version SET version_num = '0099'")
    tamper(kept, "DROP TABLE about")
    with pytest.raises(UserError, match="made by a newer stentviewer; this"):
        _opened(kept)
