from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import event

from stentviewer.library.repository import Library


@pytest.fixture(scope="session")
def empty_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a library that holds nothing yet: copied, it saves making one."""
    folder = tmp_path_factory.mktemp("empty") / "library"
    Library.open(folder, "kim").close()
    return folder


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    return tmp_path / "library"


@pytest.fixture
def library(folder: Path, empty_library: Path) -> Iterator[Library]:
    shutil.copytree(empty_library, folder)
    with Library.open(folder, "kim") as opened:
        yield opened


@pytest.fixture
def statements(library: Library) -> list[tuple[str, Any]]:
    """What the library asks of its database from now on: the words, and what is put into them."""
    asked: list[tuple[str, Any]] = []
    event.listen(
        library._engine,
        "before_cursor_execute",
        lambda c, cursor, statement, given, *rest: asked.append((statement, given)),
    )
    return asked
