"""A library of any released version opens; one of a later program is left as it is."""

from __future__ import annotations

import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

import pytest
import sqlalchemy as sa

from stentviewer.core.errors import KnownError, UserError
from stentviewer.library import migrate
from stentviewer.library.repository import Library
from stentviewer.library.schema import VERSION, metadata
from tests.library.make import KIM, digest, header, label

STEP = """
import sqlalchemy as sa
from alembic import op
revision, down_revision, branch_labels, depends_on = "{later}", "{newest}", None, None
def upgrade():
    op.add_column("image", sa.Column("rating", sa.Integer))
    {more}
"""


GONE = "the file “{}” is no longer where it was; put it back or open it again."


def as_left_by(version: int, folder: Path) -> Path:
    """The library as a released schema left it."""
    folder.mkdir()
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.executescript((Path(__file__).parent / f"schema_v{version}.sql").read_text())
        connection.execute("PRAGMA journal_mode = WAL")
    return folder


@pytest.fixture
def first_version(folder: Path) -> Path:
    return as_left_by(1, folder)


def steps(folder: Path, more: str = "pass") -> Path:
    """The program's own steps and one more, as a later version would bring."""
    shutil.copytree(migrate.SCRIPTS, folder)
    step = STEP.replace("{more}", more)
    step = step.replace("{later}", f"{VERSION + 1:04d}").replace("{newest}", f"{VERSION:04d}")
    (folder / "versions" / f"v{VERSION + 1:04d}_later.py").write_text(step)
    return folder


def columns(file: Path) -> list[str]:
    with closing(sqlite3.connect(file)) as connection:
        return [row[1] for row in connection.execute("PRAGMA table_info(image)")]


def test_the_first_released_version_opens(first_version: Path) -> None:
    with Library.open(first_version, "kim") as library:
        history = library.label_history(1)
        assert [x.maker for x in history] == ["NITI-S", "EGIS"]
        assert library.readings(1)[0].reading.findings[0].maker == "NITI-S"
        assert library.check() == ["Image 1: " + GONE.format("a.dcm")]


def test_the_first_version_brings_what_the_worklist_needs(first_version: Path) -> None:
    with closing(sqlite3.connect(first_version / "library.db")) as connection:
        (picture,) = connection.execute("SELECT thumbnail FROM image").fetchone()
    with Library.open(first_version, "kim") as library:
        (row,) = library.worklist()
        assert (row.patient_id, row.name, row.images) == ("00123", "KIM^MINSU", 1)
        assert (row.modalities, row.body_parts) == (("XA",), ("ABDOMEN",))
        assert (row.unread, row.read, row.answered, row.disagree) == (0, 1, 1, False)
        assert (row.makers, row.opened) == (("NITI-S",), "")
        assert library.thumbnail(1) == picture
        (study,) = library.timeline(row.patient)
        assert study.entries[0].makers == ("NITI-S",)
        assert [event.action for event in library.audit(1)] == ["library upgraded"]
        library.set_label(label(1, "EGIS"))
        assert library.worklist()[0].disagree
    with closing(sqlite3.connect(first_version / "library.db")) as connection:
        for table in ("reading", "label", "audit", "measurement", "explanation"):
            for verb in ("update", "delete"):
                query = "SELECT count(*) FROM sqlite_master WHERE type = 'trigger' AND name = ?"
                found = connection.execute(query, (f"{table}_no_{verb}",)).fetchone()
                assert found == (1,), (table, verb)


def test_a_damaged_row_does_not_keep_a_library_from_being_upgraded(first_version: Path) -> None:
    with closing(sqlite3.connect(first_version / "library.db")) as connection:
        connection.execute("DROP TRIGGER reading_no_update")
        connection.execute("UPDATE reading SET findings = '[1]'")
        connection.execute("UPDATE image SET identity = '{'")
        connection.execute(
            "CREATE TRIGGER reading_no_update BEFORE UPDATE ON reading "
            "BEGIN SELECT RAISE(ABORT, 'reading rows are never changed'); END"
        )
        connection.commit()
    with Library.open(first_version, "kim") as library:
        assert [x.maker for x in library.label_history(1)] == ["NITI-S", "EGIS"]
        assert any("is damaged" in fault for fault in library.check())


def test_the_second_version_opens_with_everything(folder: Path) -> None:
    with Library.open(as_left_by(2, folder), "kim") as library:
        assert library.check() == [
            "Image 1: " + GONE.format("a.dcm"),
            "Presentation 1: " + GONE.format("pr.dcm"),
        ]
        (row,) = library.worklist()
        assert (row.images, row.read, row.makers) == (1, 1, ("NITI-S",))
        assert row.opened
        (kept,) = library.measurements([1, 2])
        assert kept.points == ((1.0, 2.0), (30.5, 40.25))
        assert [gone for _, gone in library.measurement_history("cd" * 16)] == [True, False]
        (heat,) = library.explanations(1)
        assert heat.method == "Occlusion"
        (marks,) = library.presentations(["1.2.3.4.5"])
        assert (marks.label, marks.path.name) == ("MARKS", "pr.dcm")
        assert library.thumbnail(1) == b"png"
        again = library.add(header(Path("/images/b.dcm"), KIM), digest("b"))
        assert (again.record.id, again.is_new) == (2, True)


def test_the_steps_make_what_the_code_expects(folder: Path) -> None:
    from alembic.autogenerate import compare_metadata
    from alembic.migration import MigrationContext

    Library.open(folder, "kim").close()
    engine = sa.create_engine(f"sqlite:///{folder / 'library.db'}")
    with engine.connect() as connection:
        context = MigrationContext.configure(connection, opts={"compare_type": True})
        assert compare_metadata(context, metadata) == []
        assert context.get_current_revision() == f"{VERSION:04d}"
    engine.dispose()


def test_there_is_a_step_to_every_version_and_no_further() -> None:
    numbers = sorted(p.name[1:5] for p in (migrate.SCRIPTS / "versions").glob("v*.py"))
    assert numbers == [f"{n:04d}" for n in range(1, VERSION + 1)]


def test_an_older_library_is_upgraded_and_kept_beside(first_version: Path, tmp_path: Path) -> None:
    found = migrate.bring_up_to_date(
        first_version, steps(tmp_path / "steps % 1"), newest=VERSION + 1
    )
    assert found == 1
    assert migrate.version_of(first_version / "library.db") == VERSION + 1
    assert migrate.version_of(first_version / "library.v1.bak") == 1
    assert "rating" in columns(first_version / "library.db")
    assert "rating" not in columns(first_version / "library.v1.bak")
    names = {p.name for p in first_version.iterdir()}
    assert names == {"library.db", "library.v1.bak"}
    (first_version / "library.v1.bak").replace(first_version / "library.db")
    with Library.open(first_version, "kim") as library:
        assert len(library.label_history(1)) == 2


def test_what_a_killed_program_left_in_the_log_is_upgraded_too(
    first_version: Path, tmp_path: Path
) -> None:
    file = first_version / "library.db"
    crashed = tmp_path / "crashed"
    crashed.mkdir()
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE patient SET name = 'LEE'")
        connection.commit()
        for name in ("library.db", "library.db-wal"):  # as the disk is when it dies here
            shutil.copy(first_version / name, crashed / name)
    migrate.bring_up_to_date(crashed, steps(tmp_path / "steps"), newest=VERSION + 1)
    with closing(sqlite3.connect(crashed / "library.db")) as connection:
        assert connection.execute("SELECT name FROM patient").fetchall() == [("LEE",)]


@pytest.mark.parametrize(
    ("more", "error"),
    [
        ("raise RuntimeError('a bug in the step')", RuntimeError),
        ("op.execute('DROP TRIGGER label_no_delete'); op.execute('DELETE FROM label')", KnownError),
        ("op.execute('DROP TRIGGER audit_no_update'); "
         "op.execute(\"UPDATE audit SET by = 'x'\")", KnownError),
    ],
)  # fmt: skip
def test_an_upgrade_that_goes_wrong_changes_nothing(
    first_version: Path, tmp_path: Path, more: str, error: type[Exception]
) -> None:
    with pytest.raises(error):
        migrate.bring_up_to_date(first_version, steps(tmp_path / "steps", more), newest=VERSION + 1)
    left = {p.name for p in first_version.iterdir()}
    assert left <= {"library.db", "library.db-wal", "library.db-shm"}
    with Library.open(first_version, "kim") as library:
        assert len(library.label_history(1)) == 2


def test_a_disk_too_full_to_upgrade_changes_nothing(
    first_version: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(migrate, "_keep_old", full)
    with pytest.raises(OSError, match="No space"):
        migrate.bring_up_to_date(first_version, steps(tmp_path / "steps"), newest=VERSION + 1)
    assert migrate.version_of(first_version / "library.db") == 1


@pytest.mark.parametrize("read_only", [False, True])
def test_a_later_programs_library_is_refused_and_left_alone(
    first_version: Path, read_only: bool
) -> None:
    file = first_version / "library.db"
    with closing(sqlite3.connect(file)) as connection:
        connection.execute("UPDATE alembic_version SET version_num = '0009'")
        connection.execute("UPDATE about SET value = '3.1.0' WHERE key = 'program'")
        connection.commit()
    before = file.read_bytes()
    with pytest.raises(UserError, match=r"made by stentviewer 3\.1\.0") as raised:
        Library.open(first_version, "kim", read_only=read_only)
    assert "Install stentviewer 3.1.0 or later" in str(raised.value)
    assert file.read_bytes() == before


def test_another_programs_database_is_refused(folder: Path) -> None:
    folder.mkdir()
    with closing(sqlite3.connect(folder / "library.db")) as connection:
        connection.execute("CREATE TABLE recipes (cake TEXT)")
    with pytest.raises(UserError, match="not a stentviewer library"):
        Library.open(folder, "kim")


def test_an_older_library_is_not_upgraded_by_looking(
    first_version: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("stentviewer.library.store.VERSION", VERSION + 1)
    with pytest.raises(UserError, match="earlier version"):
        Library.open(first_version, "check", read_only=True)


def test_a_normal_start_does_not_import_alembic(first_version: Path) -> None:
    import subprocess
    import sys

    Library.open(first_version, "kim").close()  # which upgrades it
    program = (
        "import sys; from pathlib import Path\n"
        "from stentviewer.library.repository import Library\n"
        "Library.open(Path(sys.argv[1]), 'kim').close()\n"
        "sys.exit('alembic' in sys.modules or 'sqlalchemy.orm' in sys.modules)\n"
    )
    subprocess.run([sys.executable, "-c", program, str(first_version)], check=True)
