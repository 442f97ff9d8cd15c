"""Starting: the window first, torch never, and a sentence where the library cannot be opened."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from PySide6.QtWidgets import QMessageBox

from stentviewer.core.settings import Settings
from stentviewer.library.repository import Library
from stentviewer.ui import app as starting
from stentviewer.ui.dialogs import bug_details
from stentviewer.ui.main_window import MainWindow
from tests.ui.conftest import drop_on


def test_the_window_is_painted_before_anything_heavy_is_imported(tmp_path: Path):
    probe = tmp_path / "probe"
    heavy = [
        "torch",
        "sqlalchemy",
        "cv2",
        "pydicom",
        "onnxruntime",
        "SimpleITK",
        "scipy",
        "reportlab",
        "qtawesome",
    ]
    program = (
        "import sys, pathlib; from stentviewer.ui.app import run; status = run([]);"
        f"loaded = [name for name in {heavy} if name in sys.modules];"
        "print('loaded:', *loaded); sys.exit(status)"
    )
    env = {**os.environ, "STENTVIEWER_STARTUP_PROBE": str(probe)}
    done = subprocess.run(
        [sys.executable, "-c", program], env=env, capture_output=True, text=True, check=True
    )
    assert done.stdout.strip() == "loaded:"
    seconds, torch_modules = probe.read_text().split()
    assert float(seconds) > 0
    assert torch_modules == "0"


@pytest.fixture
def window(qtbot, tmp_path) -> MainWindow:
    made = MainWindow(Settings(reader="dr.kim"), tmp_path / "library")
    qtbot.addWidget(made)
    made.show()
    return made


def test_the_library_is_opened_beside_the_window(window, qtbot, tmp_path, models):
    starting.open_library(window, tmp_path / "library", "dr.kim")
    assert not window.desk.has_session, "the window does not wait for it"
    qtbot.waitUntil(lambda: window.desk.has_session and not window.bridge.jobs)
    assert window.desk.session.reader == "dr.kim"
    assert window.worklist.is_empty
    assert window.actions_by_id["open_files"].isEnabled()


def test_a_second_program_on_the_same_library_is_refused_with_a_sentence(window, qtbot, tmp_path):
    with Library.open(tmp_path / "library", "somebody"):
        starting.open_library(window, tmp_path / "library", "dr.kim")
        qtbot.waitUntil(window.messages.isVisible)
    assert not window.desk.has_session
    assert window.messages.text.text()
    assert not window.actions_by_id["open_files"].isEnabled()
    assert window.findChild(QMessageBox) is None, "calmly, without a dialog"


@pytest.mark.parametrize("is_open", [False, True])
def test_closing_while_the_library_opens_leaves_it_free(window, tmp_path, is_open):
    starting.open_library(window, tmp_path / "library", "dr.kim")
    if is_open:  # but the window has not heard of it yet
        window.bridge._pool.shutdown(wait=True)
    window.close()
    Library.open(tmp_path / "library", "somebody").close()


def test_what_was_asked_for_on_the_command_line_is_opened(window, qtbot, tmp_path, picture):
    window.open_after_start([picture("a.png")])
    starting.open_library(window, tmp_path / "library", "dr.kim")
    qtbot.waitUntil(lambda: window.viewer.canvas.has_frame, timeout=10_000)
    qtbot.waitUntil(lambda: not window.bridge.jobs)
    assert window.review.state.image.header.path.name == "a.png"


def test_what_is_dropped_while_the_library_opens_is_not_forgotten(window, qtbot, tmp_path, picture):
    drop_on(window, [picture("early.png")])
    starting.open_library(window, tmp_path / "library", "dr.kim")
    qtbot.waitUntil(lambda: window.viewer.canvas.has_frame, timeout=10_000)
    qtbot.waitUntil(lambda: not window.bridge.jobs)
    assert window.review.state.image.header.path.name == "early.png"


def test_the_details_of_a_bug_tell_where_but_not_whose(tmp_path):
    try:
        try:
            raise KeyError("Kim^Cheolsu")
        except KeyError as error:
            raise ValueError(str(tmp_path)) from error
    except ValueError as error:
        details = bug_details(error)
    assert "ValueError" in details
    assert "KeyError" in details
    assert "test_app.py" in details
    assert "Kim" not in details
    assert str(tmp_path) not in details
