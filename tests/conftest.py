"""What every test shares: a home of its own, and the real images where they are."""

from __future__ import annotations

import os
from pathlib import Path

import pytest
from hypothesis import settings

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
settings.register_profile("stentviewer", deadline=None)  # a time is a benchmark's, not a test's
settings.load_profile("stentviewer")


@pytest.fixture(autouse=True)
def home(tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty STENTVIEWER_HOME: no test sees or changes the person's own library."""
    folder = tmp_path_factory.mktemp("home")
    monkeypatch.setenv("STENTVIEWER_HOME", str(folder))
    return folder


@pytest.fixture(scope="session")
def data_dir() -> Path:
    """The folder of real images: STENTVIEWER_DATA, else ../shared/data beside the project."""
    beside = Path(__file__).resolve().parents[2] / "shared" / "data"
    folder = Path(os.environ.get("STENTVIEWER_DATA", beside))
    if not folder.is_dir():
        pytest.skip(f"the real test images are not at {folder}; set STENTVIEWER_DATA to have them")
    return folder
