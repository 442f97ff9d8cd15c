"""The window over a real library and real files; only the network is a stand-in.

A test fails for a Qt warning, and for a thread, timer or window that it leaves behind.
"""

from __future__ import annotations

import gc
import shutil
import threading
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import safetensors.numpy
import shiboken6
from PySide6.QtCore import QEvent, QMimeData, QPointF, Qt, QTimer, QUrl
from PySide6.QtGui import QDragEnterEvent, QDropEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from stentviewer.app.session import Session
from stentviewer.core.settings import Settings
from stentviewer.inference.bundle import HEAD, ONNX, LabelSpec, Manifest, write_bundle
from stentviewer.inference.catalog import Catalog
from stentviewer.inference.preprocess import Preprocessing
from stentviewer.inference.runtimes.base import Output
from stentviewer.library.repository import Library
from stentviewer.ui import theme
from stentviewer.ui.main_window import MainWindow

MAKERS = ("Bona", "Bona PC", "EGIS", "Epic", "NITI-S")


@pytest.fixture(autouse=True)
def nothing_left(qapp: QApplication, qtlog: Any) -> Iterator[None]:
    threads, windows = set(threading.enumerate()), set(qapp.topLevelWidgets())
    yield
    for thread in threading.enumerate():
        if thread.name == "frame-loader":  # ends by itself once its frame is decoded
            thread.join(5.0)
    qapp.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
    gc.collect()
    left = [thread.name for thread in threading.enumerate() if thread not in threads]
    assert not left, f"threads left behind: {left}"
    shown = [w for w in qapp.topLevelWidgets() if w not in windows and w.isVisible()]
    assert not shown, f"windows left behind: {shown}"
    timers = [one for one in gc.get_objects() if type(one) is QTimer]
    running = [one for one in timers if shiboken6.isValid(one) and one.isActive()]
    assert not running, f"timers left running: {running}"
    said = [
        record.message
        for record in qtlog.records
        if record.type_name != "QtDebugMsg"
        and not record.message.startswith("This plugin does not support")  # offscreen's own
    ]
    assert not said, f"Qt warned: {said}"


@pytest.fixture(scope="session")
def qapp(qapp: QApplication) -> QApplication:
    theme.apply_theme(qapp)
    gc.collect()
    gc.freeze()  # what is here already is no test's leak, and need not be searched after each
    return qapp


class FakeRuntime:
    """Answers with the scores it is told; waits while `gate` is closed."""

    device = "onnxruntime · CPU"

    def __init__(self) -> None:
        self.scores = np.array([0, 0, 1, 0, 4], np.float32)
        self.gate = threading.Event()
        self.gate.set()
        self.error: Exception | None = None
        self.runs = 0

    def run(self, tensor: np.ndarray) -> Output:
        self.runs += 1
        assert self.gate.wait(10.0), "nobody opened the gate"
        if self.error is not None:
            raise self.error
        activation = np.zeros((5, 8, 8), np.float32)
        activation[:, 3:5, 4:6] = 1.0
        return Output(self.scores, activation)


@pytest.fixture(scope="session")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with one sealed bundle of five makers; its network is never run."""
    folder = tmp_path_factory.mktemp("models")
    source = folder / "network"
    source.write_bytes(b"no network")
    head = folder / "head"
    weights = {"weight": np.eye(5, dtype=np.float32), "bias": np.zeros(5, np.float32)}
    safetensors.numpy.save_file(weights, head)
    labels = tuple(
        LabelSpec(name=m, manufacturer=m, code_value=m.upper(), code_meaning=m) for m in MAKERS
    )
    manifest = Manifest(
        id="stent-test",
        name="Test",
        version="1.0.0",
        task="stent-maker",
        description="A network for the tests.",
        authors="The tests",
        copyright="None",
        network_data_format={},
        intended_use="Tests only.",
        data_source="simulated stents",
        eval_metrics={},
        changelog={"1.0.0": "Made."},
        architecture="none",
        labels=labels,
        preprocessing=Preprocessing(side=64),
        training={"seed": 0},
    )
    write_bundle(folder / "stent-test", manifest, {ONNX: source, HEAD: head})
    return folder


@pytest.fixture
def runtime(monkeypatch: pytest.MonkeyPatch) -> FakeRuntime:
    from stentviewer.inference.runtimes import choose

    made = FakeRuntime()
    monkeypatch.setattr(choose, "open_runtime", lambda *_, **__: made)
    return made


@pytest.fixture(scope="session")
def empty_library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A library that holds nothing yet: copied, it saves making one."""
    folder = tmp_path_factory.mktemp("empty") / "library"
    Library.open(folder, "kim").close()
    return folder


class Desk:
    """A window and the person before it."""

    def __init__(self, window: MainWindow, qtbot: QtBot) -> None:
        self.window = window
        self._qtbot = qtbot

    def settle(self) -> None:
        """Wait until nothing is under way and the frame is on the screen."""
        window = self.window

        def quiet() -> bool:
            viewports = [one for one in window.grid.viewports if one.review.state.image is not None]
            return not window.bridge.jobs and all(one.canvas.has_frame for one in viewports)

        self._qtbot.waitUntil(quiet, timeout=60_000)

    def open(self, *paths: Path) -> None:
        self.window.desk.add(paths)
        self.settle()

    def press(self, key: Qt.Key, *modifiers: Qt.KeyboardModifier) -> None:
        """Press a key where the person's hands would send it: to an open menu, else the window."""
        target = QApplication.activePopupWidget()
        if target is None:
            target = self.window
            target.activateWindow()  # offscreen, nothing gives the focus back after a menu
            self._qtbot.waitUntil(target.isActiveWindow, timeout=60_000)
        held = Qt.KeyboardModifier.NoModifier
        for modifier in modifiers:
            held |= modifier
        self._qtbot.keyClick(target, key, held)

    @property
    def session(self) -> Session:
        return self.window.desk.session

    def images(self) -> list[int]:
        """Every image on the worklist, study by study."""
        studies = [self.session.study(row.study_id) for row in self.session.worklist()]
        return [one.id for study in studies for series in study.series for one in series.images]

    @property
    def panel_text(self) -> str:
        """Every word on the reading panel."""
        from PySide6.QtWidgets import QLabel

        labels = self.window.reading.findChildren(QLabel)
        return "\n".join(label.text() for label in labels if label.isVisible())


@pytest.fixture
def sit_down(
    qtbot: QtBot, models: Path, tmp_path: Path, empty_library: Path, runtime: FakeRuntime
) -> Callable[..., Desk]:
    """Start the program on the test's library; call it again after closing to come back.

    What is given are settings.
    """
    folder = tmp_path / "library"
    shutil.copytree(empty_library, folder)

    def start(**settings: object) -> Desk:
        window = MainWindow(Settings.model_validate({"reader": "dr.kim", **settings}), folder)
        qtbot.addWidget(window)
        with qtbot.waitExposed(window):
            window.show()
        window.activateWindow()
        qtbot.waitUntil(window.isActiveWindow, timeout=60_000)
        library = Library.open(folder, "dr.kim")
        window.closed.connect(library.close)
        window.use_session(Session(library, Catalog([models, tmp_path / "learned"]), "dr.kim"))
        desk = Desk(window, qtbot)
        desk.settle()
        return desk

    return start


@pytest.fixture
def desk(sit_down: Callable[[], Desk]) -> Desk:
    return sit_down()


@pytest.fixture
def picture(tmp_path: Path) -> Callable[[str], Path]:
    """Write a PNG of its own content."""

    def make(name: str) -> Path:
        rows, columns = np.mgrid[0:96, 0:128]
        pixels = (rows + columns + len(name) * 7 + sum(map(ord, name)) % 50).astype(np.uint8)
        path = tmp_path / name
        path.parent.mkdir(parents=True, exist_ok=True)
        assert cv2.imwrite(str(path), pixels)
        return path

    return make


__all__ = ["MAKERS", "Desk", "FakeRuntime"]


def drop_on(window: MainWindow, files: Sequence[Path]) -> None:
    """Files dropped on the middle of the window."""
    data = QMimeData()
    data.setUrls([QUrl.fromLocalFile(str(file)) for file in files])
    middle = QPointF(window.width() / 2, window.height() / 2)
    none = Qt.KeyboardModifier.NoModifier
    copy, left = Qt.DropAction.CopyAction, Qt.MouseButton.LeftButton
    entering = QDragEnterEvent(middle.toPoint(), copy, data, left, none)
    entering.ignore()
    window.dragEnterEvent(entering)
    assert entering.isAccepted(), "the window does not take what is dragged over it"
    window.dropEvent(QDropEvent(middle, copy, data, left, none))
