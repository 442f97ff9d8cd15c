from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

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
