"""Starts the window: on the screen first, then the library and the model beside it."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Qt
from PySide6.QtWidgets import QApplication

from stentviewer.core.jobs import JobContext
from stentviewer.core.paths import data_dir, models_dir
from stentviewer.core.settings import Settings, load_settings
from stentviewer.ui import i18n, theme
from stentviewer.ui.main_window import MainWindow

if TYPE_CHECKING:
    from stentviewer.app.session import Session

_PROBE = "STENTVIEWER_STARTUP_PROBE"


def run(paths: Sequence[Path], *, library_dir: Path | None = None, example: bool = False) -> int:
    """Show the window until it is closed; returns the process's exit status.

    `paths` are files, folders or ZIPs to open first, or the example patient is. `library_dir` is
    another library than the person's own.
    """
    from stentviewer.core.logs import log, start_log, stop_log

    settings, notice = load_settings()
    app = QApplication.instance()
    if not isinstance(app, QApplication):
        theme.set_scale(settings.scale)
        app = QApplication(sys.argv[:1])
    app.setApplicationName("stentviewer")
    theme.apply_theme(app, settings.theme)
    i18n.install(app, settings.language)
    folder = library_dir or data_dir() / "library"
    window = MainWindow(settings, folder)
    window.open_after_start(paths, example=example)
    windows = [window]  # the last is in use: another language or theme is another window

    def go_on() -> None:
        probe = os.environ.get(_PROBE)
        if probe:
            _write_probe(Path(probe))
            window.close()
            return
        window.load_icons()
        window.comfort.begin((notice, start_log()), welcome=not paths and not example)
        log("program.started", platform=sys.platform)
        open_library(window, folder, settings.reader)

    def rebuild(changed: Settings) -> None:
        theme.apply_theme(app, changed.theme)
        i18n.install(app, changed.language)
        windows.append(rebuilt(windows[-1], changed, folder))
        windows[-1].rebuildWanted.connect(rebuild)

    window.firstPainted.connect(go_on, Qt.ConnectionType.SingleShotConnection)
    window.rebuildWanted.connect(rebuild)
    former_hook = sys.excepthook

    def hook(kind: type[BaseException], error: BaseException, trace: TracebackType | None) -> None:
        former_hook(kind, error, trace)
        if isinstance(error, Exception):
            windows[-1].show_trouble(error)

    sys.excepthook = hook
    window.show()
    try:
        return app.exec()
    finally:
        sys.excepthook = former_hook
        log("program.ended")
        stop_log()


def rebuilt(former: MainWindow, settings: Settings, folder: Path) -> MainWindow:
    """The same window again, in another language or theme: same library, same images, same place.

    `former` is closed once what it has under way is finished; the library stays open.
    """
    page, was_learning = former.comfort.open_page, former.wizard.dialog is not None
    runner = former.wizard.running.give_up()  # a run goes on meanwhile
    former.wizard.close()  # what was chosen in it is kept, and found again
    session = former.hand_over()
    # handing over may have written down what was chosen in the last second
    look = {"language": settings.language, "theme": settings.theme}
    window = MainWindow(former.settings.model_copy(update=look), folder)
    window.wizard.running.take_over(runner)
    window.show()  # before the former is closed: the program ends with its last window
    window.load_icons()
    if session is not None:
        window.closed.connect(session.library.close)
        window.use_session(session)
    window.comfort.open_again(page)
    if was_learning and session is not None:
        window.wizard.open()
    former.closed.disconnect()  # it would close the library
    former.close()
    former.deleteLater()
    return window


def open_library(window: MainWindow, folder: Path, reader: str) -> None:
    """Open the library beside the window, then hand it over; say why where that cannot be."""

    def failed(error: BaseException) -> bool:
        from stentviewer.core.errors import StentviewerError

        if isinstance(error, StentviewerError):
            window.refuse(str(error))
        return isinstance(error, StentviewerError)

    opened: list[Session] = []

    def work(_: JobContext) -> Session:
        opened.append(open_session(folder, reader))
        return opened[0]

    def close() -> None:
        for session in opened:  # also one that the window did not live to see
            session.library.close()

    window.closed.connect(close)
    window.bridge.run(
        work,
        window.use_session,
        failed,
        key="library",
        title=QCoreApplication.translate("MainWindow", "Opening the library"),
    )


def open_session(folder: Path, reader: str) -> Session:
    """The library in `folder` and the models of the program and of the person."""
    from stentviewer.app.session import Session
    from stentviewer.inference.catalog import Catalog
    from stentviewer.library.repository import Library

    library = Library.open(folder, reader)
    return Session(library, Catalog([models_dir(), data_dir() / "models"]), reader)


def _write_probe(file: Path) -> None:
    """Seconds from the process's start to its first paint, and how many modules of torch came."""
    torch = sum(name.split(".")[0] == "torch" for name in sys.modules)
    file.write_text(f"{_seconds_since_start():.3f} {torch}\n", encoding="utf-8")


def _seconds_since_start() -> float:
    """From the kernel's record where there is one (10 ms steps), else processor time."""
    try:
        fields = Path("/proc/self/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
        started = int(fields[19]) / os.sysconf("SC_CLK_TCK")
        return time.clock_gettime(time.CLOCK_BOOTTIME) - started
    except (OSError, AttributeError, IndexError, ValueError):
        return time.process_time()
