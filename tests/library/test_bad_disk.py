"""A full disk, a folder without rights, a second program: a sentence, and nothing saved is lost."""

from __future__ import annotations

import contextlib
import errno
import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from sqlalchemy import event

from stentviewer.core.errors import KnownError, UserError
from stentviewer.library import migrate
from stentviewer.library.repository import Library
from tests.library.make import digest, header, label, reading


def labelled(library: Library) -> int:
    image_id = library.add(header(library.folder / "a.dcm"), digest("x")).record.id
    library.set_label(label(image_id, "EGIS"))
    return image_id


def before_every_change(library: Library, pragma: str) -> None:
    event.listen(library._engine, "begin", lambda c: c.exec_driver_sql(pragma))


def test_a_full_disk_loses_nothing_and_says_what_to_do(library: Library) -> None:
    image_id = labelled(library)
    rows = len(library.audit())
    before_every_change(library, "PRAGMA max_page_count = 1")  # the smallest: what is used now
    with pytest.raises(KnownError, match="disk is full") as raised:
        library.save_reading(image_id, reading(sha="cd" * 20_000))
    assert "nothing already saved is lost" in str(raised.value)
    for _ in range(100):  # small ones fit into what is left of the last pages, then no more
        with contextlib.suppress(KnownError):
            library.set_label(label(image_id, "Epic" * 20))
    with pytest.raises(KnownError, match="disk is full"):
        library.set_label(label(image_id, "Epic" * 20))
    assert library.readings(image_id) == []
    labels = library.label_history(image_id)
    assert labels[-1].maker == "EGIS"
    assert len(library.audit()) == rows + len(labels) - 1
    before_every_change(library, "PRAGMA max_page_count = 100000")
    library.set_label(label(image_id, "Bona"))
    assert [s for s in library.check() if "a.dcm" not in s] == []


def test_a_library_that_turns_read_only_says_so(library: Library) -> None:
    image_id = labelled(library)
    before_every_change(library, "PRAGMA query_only = ON")
    with pytest.raises(UserError, match="cannot be written to"):
        library.set_label(label(image_id, "Epic"))
    in_force = library.label(image_id, 0)
    assert in_force is not None
    assert in_force.maker == "EGIS"


@pytest.fixture
def nobody() -> Iterator[None]:
    """The rights of an ordinary account, which root has to put on to be refused anything."""
    if os.name != "posix":
        pytest.skip("needs POSIX rights")
    if os.geteuid() != 0:
        yield
        return
    os.seteuid(65534)
    try:
        yield
    finally:
        os.seteuid(0)


@pytest.fixture
def refused_folder() -> Iterator[Path]:
    """A folder that everyone may look into and nobody may write to."""
    with tempfile.TemporaryDirectory() as name:
        Path(name).chmod(0o555)
        yield Path(name)
        Path(name).chmod(0o755)


def test_a_folder_without_rights_is_named(refused_folder: Path, nobody: None) -> None:
    for folder in (refused_folder, refused_folder / "new"):
        with pytest.raises(UserError, match="cannot be written to") as raised:
            Library.open(folder, "kim")
        assert str(folder) in str(raised.value)


@pytest.mark.skipif(os.name != "posix", reason="needs POSIX rights")
def test_a_library_in_a_folder_without_rights_can_be_checked(tmp_path: Path) -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        with Library.open(folder, "kim") as library:
            labelled(library)
        folder.chmod(0o555)
        root = os.geteuid() == 0
        if root:
            os.seteuid(65534)
        try:
            with Library.open(folder, "check", read_only=True) as library:
                found = library.check()
        finally:
            if root:
                os.seteuid(0)
            folder.chmod(0o755)
    assert found == [
        "Image 1: the file “a.dcm” is no longer where it was; put it back or open it again."
    ]


def test_a_file_where_the_folder_should_be_is_told(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    for folder in (tmp_path / "file", tmp_path / "file" / "library"):
        with pytest.raises(UserError, match="cannot be made"):
            Library.open(folder, "kim")


def test_a_disk_too_full_for_a_new_library_is_told(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(migrate, "_flush", full)
    with pytest.raises(KnownError, match="disk is full"):
        Library.open(folder, "kim")
    monkeypatch.undo()
    Library.open(folder, "kim").close()  # nothing in the way: no lock held, no half file


def test_a_second_program_is_told_who_has_it_open(folder: Path, library: Library) -> None:
    with pytest.raises(UserError, match="already open in another copy") as raised:
        Library.open(folder, "lee")
    assert f"process {os.getpid()}" in str(raised.value)
    labelled(library)  # the first one goes on undisturbed


def test_the_lock_goes_with_the_program_however_it_ends(folder: Path) -> None:
    program = (
        "import sys; from pathlib import Path\n"
        "from stentviewer.library.repository import Library\n"
        "kept = Library.open(Path(sys.argv[1]), 'kim')\n"
        "print('open', flush=True); sys.stdin.read()\n"
    )
    with subprocess.Popen(
        [sys.executable, "-c", program, str(folder)], stdin=subprocess.PIPE, stdout=subprocess.PIPE
    ) as running:
        assert running.stdout is not None
        assert running.stdout.readline().strip() == b"open"
        with pytest.raises(UserError, match=f"process {running.pid}"):
            Library.open(folder, "lee")
        running.kill()
    Library.open(folder, "lee").close()


@pytest.mark.parametrize(
    "content", [b"not a database at all" * 100, b"SQLite format 3\0" + b"x" * 999]
)
def test_a_file_that_is_no_database_is_left_alone(folder: Path, content: bytes) -> None:
    folder.mkdir()
    (folder / "library.db").write_bytes(content)
    with pytest.raises(KnownError, match="damaged"):
        Library.open(folder, "kim")
    assert (folder / "library.db").read_bytes() == content


def test_an_empty_file_left_by_a_crash_is_no_obstacle(folder: Path) -> None:
    folder.mkdir()
    (folder / "library.db").touch()
    with Library.open(folder, "kim") as library:
        labelled(library)


def test_there_must_be_a_library_to_check(folder: Path) -> None:
    with pytest.raises(UserError, match="no library"):
        Library.open(folder, "check", read_only=True)
    assert not folder.exists()
