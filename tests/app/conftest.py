"""A session over text files that stand for images, and a model that says what the test tells it."""

from __future__ import annotations

import hashlib
import shutil
import sys
import threading
from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from types import ModuleType, SimpleNamespace
from typing import Any

import pytest

from stentviewer.app.session import Session
from stentviewer.core.errors import KnownError
from stentviewer.core.jobs import JobContext
from stentviewer.core.types import Finding, Problem, Reading
from stentviewer.imaging.index_header import IndexedFile
from stentviewer.library.repository import Library
from tests.library.make import KIM, finding, header, reading

MAKERS = ("Bona", "EGIS", "Epic", "NITI-S")


class World:
    """What the layers below the session do in its tests, and what was asked of them."""

    def __init__(self) -> None:
        self.findings: tuple[Finding, ...] = (finding(),)
        self.decoded: list[str] = []
        self.runtimes = 0
        self.bundles = 0
        self.reading_now = threading.Semaphore(1)

    def find_files(
        self, paths: Sequence[Path], unpack_dir: Path, context: JobContext
    ) -> Iterator[IndexedFile | Problem]:
        for path in paths:
            if path.suffix == ".txt" or not path.exists():
                yield Problem(path, f"{path.name} is no image.")
            else:
                sha256 = hashlib.sha256(path.read_bytes()).hexdigest()
                yield IndexedFile(header(path, replace(KIM, sop_uid=path.stem)), sha256)

    def read_radiograph(self, path: Path) -> Any:
        if path.read_bytes().startswith(b"broken"):
            raise KnownError(f"{path.name} is truncated.")
        self.decoded.append(path.name)
        return SimpleNamespace(name=path.name)

    def read_stents(
        self, radiograph: Any, frame: int, bundle: Any, runtime: Any, context: JobContext
    ) -> Reading:
        assert self.reading_now.acquire(blocking=False), "two readings at once"
        try:
            return reading(*self.findings, frame=frame, sha=bundle.sha256)
        finally:
            self.reading_now.release()

    def open_runtime(self, bundle: Any) -> Any:
        self.runtimes += 1
        return SimpleNamespace(device="onnxruntime · CPU")

    def default(self, task: str) -> Any:
        assert task == "stent-maker"
        self.bundles += 1
        return self.bundle()

    def bundle(self) -> Any:
        sha = "ab" * 32
        manifest = SimpleNamespace(data_source="simulated stents")
        ref = reading(sha=sha).model
        return SimpleNamespace(sha256=sha, manifest=manifest, labels=MAKERS, ref=ref)


@pytest.fixture
def world(monkeypatch: pytest.MonkeyPatch) -> World:
    made = World()

    def stand_in(name: str, **members: Any) -> None:
        module = ModuleType(f"stentviewer.{name}")
        module.__dict__.update(members)
        monkeypatch.setitem(sys.modules, module.__name__, module)

    stand_in("imaging.scan", find_files=made.find_files)
    stand_in("imaging.readers", read_radiograph=made.read_radiograph)
    stand_in("imaging.overlay", thumbnail_png=lambda radiograph: b"png " + radiograph.name.encode())
    stand_in("app.analyse", read_stents=made.read_stents)
    stand_in("inference.runtimes.choose", open_runtime=made.open_runtime)
    return made


@pytest.fixture(scope="session")
def empty_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a library that holds nothing yet: copied, it saves making one."""
    folder = tmp_path_factory.mktemp("empty") / "library"
    Library.open(folder, "kim").close()
    return folder


@pytest.fixture
def session(tmp_path: Path, empty_library: Path, world: World) -> Iterator[Session]:
    shutil.copytree(empty_library, tmp_path / "library")
    catalog: Any = SimpleNamespace(
        default=world.default,
        stamp=tuple,
        bundles=lambda: [Problem(tmp_path, "damaged"), world.bundle()],
    )
    with Library.open(tmp_path / "library", "somebody") as library:
        yield Session(library, catalog, "kim")


@pytest.fixture
def files(tmp_path: Path) -> list[Path]:
    """Six images that can be opened."""
    made = [tmp_path / f"{n}.dcm" for n in range(6)]
    for path in made:
        path.write_text(f"image {path.name}")
    return made
