"""A CT opened and scrolled: the 99 slices of `ct-abdomen`, and memory with 500 simulated ones.

The peer of opening is `SimpleITK.ImageSeriesReader` on the sorted names that its
`GetGDCMSeriesFileNames` gave before: finding and sorting them is left out of its time. Ours takes
the files unsorted, so that sorting is in its time, and so is the SHA-256 of every file, by which
the library knows that these are the bytes that were added. Files are in the system's cache.
"""

from __future__ import annotations

import hashlib
import os
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from tests.benchmarks.figure import Figure

if TYPE_CHECKING:
    from stentviewer.app.open_series import SeriesOpener
    from stentviewer.imaging.image import Radiograph
    from stentviewer.ui.viewer.canvas import ImageCanvas

_VIEWPORT, _ROUNDS = 1200, 7
_SLICES_A_SECOND, _FIRST_S, _WHOLE = 60.0, 0.3, 1.0
_MANY, _SIDE, _ROOM_MB = 500, 512, 300.0


def figures() -> Iterator[Figure]:
    """Scrolling, the first slice, the whole volume beside SimpleITK, and memory."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    beside = Path(__file__).resolve().parents[2].parent / "shared" / "data"
    folder = Path(os.environ.get("STENTVIEWER_DATA", beside)) / "ct-abdomen"
    if folder.is_dir():
        with _indexed(folder) as (opener, series_id):
            yield _scrolling(opener, series_id)
            yield from _opening(opener, series_id, folder)
    app.processEvents()
    yield _memory()


@contextmanager
def _indexed(folder: Path) -> Iterator[tuple[SeriesOpener, int]]:
    """A library that knows the folder's files, and their series."""
    from stentviewer.app.open_series import SeriesOpener
    from stentviewer.imaging.readers import read_header
    from stentviewer.library.repository import Library

    with tempfile.TemporaryDirectory() as home:
        library = Library.open(Path(home), "bench")
        paths = sorted(folder.glob("*.dcm"))
        files = [(read_header(p), hashlib.sha256(p.read_bytes()).hexdigest()) for p in paths]
        added = library.add_many(files)
        study = library.study_of(added[0].record.id)
        assert study is not None
        yield SeriesOpener(library), library.study(study).series[0].id
        library.close()


def _canvas(side: int) -> ImageCanvas:
    from stentviewer.ui.viewer.canvas import ImageCanvas

    canvas = ImageCanvas()
    canvas.resize(side, side)
    canvas.show()
    return canvas


def _show(canvas: ImageCanvas, radiograph: Radiograph, frame: int) -> None:
    """Until the frame is on the screen."""
    from PySide6.QtCore import QEventLoop

    loop = QEventLoop()
    canvas.frameChanged.connect(loop.quit)
    canvas.set_radiograph(radiograph, frame)
    loop.exec()
    canvas.repaint()


def _close(canvas: ImageCanvas) -> None:
    from PySide6.QtWidgets import QApplication

    canvas.close()
    canvas.deleteLater()
    QApplication.processEvents()


def _scrolling(opener: SeriesOpener, series_id: int) -> Figure:
    """The second and third pass, each slice drawn before the next is asked for."""
    opened = opener.open(series_id)
    assert opened is not None
    opener.fill(series_id)
    canvas, count = _canvas(_VIEWPORT), len(opened.records)
    _show(canvas, opened.radiograph, 0)
    seconds = []
    for _ in range(3):
        start = time.perf_counter()
        for frame in range(count):
            canvas.set_frame(frame)
            canvas.repaint()
            assert canvas.frame == frame, "a slice in memory was not drawn at once"
        seconds.append(time.perf_counter() - start)
    _close(canvas)
    rate = count / statistics.median(seconds[1:])
    name = f"scroll through {count} slices in {_VIEWPORT}², each drawn (slices a second)"
    met = rate >= _SLICES_A_SECOND
    return Figure(name, rate, None, None, f"≥ {_SLICES_A_SECOND:g} a second", met)


def _opening(opener: SeriesOpener, series_id: int, folder: Path) -> Iterator[Figure]:
    import SimpleITK

    names = SimpleITK.ImageSeriesReader.GetGDCMSeriesFileNames(str(folder))
    canvas = _canvas(_VIEWPORT)
    first, whole, peer = [], [], []
    for _ in range(_ROUNDS):
        opener.forget()
        start = time.perf_counter()
        opened = opener.open(series_id)
        assert opened is not None
        _show(canvas, opened.radiograph, len(opened.records) // 2)
        first.append(time.perf_counter() - start)
        canvas.set_radiograph(None)
        opener.forget()
        del opened
        start = time.perf_counter()
        opener.fill(series_id)
        whole.append(time.perf_counter() - start)
        start = time.perf_counter()
        reader = SimpleITK.ImageSeriesReader()
        reader.SetFileNames(names)
        reader.Execute()
        peer.append(time.perf_counter() - start)
    _close(canvas)
    shown, ours, theirs = (statistics.median(times[1:]) for times in (first, whole, peer))
    name = f"open {len(names)} slices"
    met = shown <= _FIRST_S
    yield Figure(f"{name}, first drawn (s)", shown, None, None, f"≤ {_FIRST_S:g} s", met)
    yield Figure(
        f"{name}, whole volume (s; beside SimpleITK ImageSeriesReader, its sorting left out)",
        ours,
        theirs,
        ours / theirs,
        f"≤ {_WHOLE:g} times",
        ours <= _WHOLE * theirs,
    )


def _memory() -> Figure:
    """The most that a fresh process held with axial, sagittal and coronal pictures shown."""
    with tempfile.TemporaryDirectory() as folder:
        _simulate(Path(folder))
        told = subprocess.run(
            [sys.executable, "-m", __spec__.name if __spec__ else __name__, folder],
            capture_output=True,
            text=True,
            check=True,
        )
    held = float(told.stdout)
    raw = _MANY * _SIDE * _SIDE * 2 / 2**20
    bar = 2 * raw + _ROOM_MB
    name = f"memory at the most with {_MANY} slices of {_SIDE}² open, three planes shown (MB)"
    return Figure(name, held, None, held / raw, f"≤ {bar:.0f} MB", held <= bar)


def _simulate(folder: Path) -> None:
    from tests.imaging.stacks import straight, write_stack

    rng = np.random.default_rng(5)
    noise = rng.integers(-1000, 1000, (_SIDE, _SIDE)).astype(np.int16)
    slices = straight(_MANY, step=1.0, shape=(_SIDE, _SIDE), spacing=(0.8, 0.8))
    for number, one in enumerate(slices):
        (path,) = write_stack(folder, [one], [f"{number:04d}.dcm"])
        data = path.read_bytes()
        path.write_bytes(data[: -noise.nbytes] + np.roll(noise, number, 1).tobytes())


def _hold(folder: Path) -> None:
    """In the fresh process: open, show, scroll, and print the most that was resident, in MB."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    from stentviewer.core.types import Plane
    from stentviewer.imaging.series import open_series

    app = QApplication([])
    volume = open_series(sorted(folder.glob("*.dcm")))
    assert volume.shape == (_MANY, _SIDE, _SIDE)
    canvases = [_canvas(600) for _ in Plane]
    for canvas, plane in zip(canvases, Plane, strict=True):
        _show(canvas, volume.radiograph(plane), volume.frames(plane) // 2)
    assert volume.is_filled
    for frame in range(0, _MANY, 7):
        for canvas in canvases:
            canvas.set_frame(frame)
            canvas.repaint()
    app.processEvents()
    lines = Path("/proc/self/status").read_text(encoding="ascii").splitlines()
    (peak,) = (line for line in lines if line.startswith("VmHWM:"))
    print(int(peak.split()[1]) / 1024)
    for canvas in canvases:
        _close(canvas)


if __name__ == "__main__":
    if len(sys.argv) > 1:
        _hold(Path(sys.argv[1]))
    else:
        for figure in figures():
            print(figure.line())
