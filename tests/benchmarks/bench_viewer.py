"""Window/level drag on a large radiograph: ours and pyqtgraph's, in turn, each repainted at once.

The peer is `pyqtgraph.ImageItem` with the 16-bit image in a `GraphicsLayoutWidget` with a view box
that fits it, one `setLevels` a step and `repaint()` of its viewport, as it comes (`autoDownsample`
off), which is also its fastest way: with `autoDownsample`, the second line's peer, every new level
downsamples anew.
"""

from __future__ import annotations

import os
import statistics
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import numpy as np

from tests.benchmarks.figure import Figure

_SIDE, _VIEWPORT, _STEPS = 3072, 1200, 40
_LIMIT_MS, _LIMIT_RATIO = 8.0, 5.0


def _radiograph_values() -> np.ndarray:
    """A smooth, noisy 16-bit field: every pixel differs from its neighbours."""
    rng = np.random.default_rng(7)
    ramp = np.linspace(0, 40_000, _SIDE)[None, :] + np.linspace(0, 20_000, _SIDE)[:, None]
    return (ramp + rng.integers(0, 4_000, (_SIDE, _SIDE))).astype(np.uint16)


def _levels(step: int) -> tuple[float, float]:
    """Low and high end of the window at this step; every step differs from the last."""
    return 5_000.0 + 100.0 * step, 45_000.0 + 150.0 * step


def _ours(values: np.ndarray) -> tuple[object, Callable[[int], None]]:
    from PySide6.QtCore import QEventLoop

    from stentviewer.imaging.image import Window
    from stentviewer.ui.viewer.canvas import ImageCanvas

    canvas = ImageCanvas()
    canvas.resize(_VIEWPORT, _VIEWPORT)
    canvas.show()
    decoded = QEventLoop()
    canvas.frameChanged.connect(decoded.quit)
    canvas.set_radiograph(_as_radiograph(values))
    decoded.exec()

    def step(number: int) -> None:
        low, high = _levels(number)
        canvas.set_window(Window((low + high) / 2, high - low))
        canvas.repaint()

    return canvas, step


def _as_radiograph(values: np.ndarray) -> object:
    """Written as a 16-bit PNG and read by the program's own reader, as in use."""
    import tempfile

    import cv2

    from stentviewer.imaging.readers import read_radiograph

    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "radiograph.png"
        cv2.imwrite(str(path), values, [cv2.IMWRITE_PNG_COMPRESSION, 1])
        radiograph = read_radiograph(path)
        radiograph.frames[0]  # decoded while the file is there
    return radiograph


def _peer(values: np.ndarray, downsample: bool) -> tuple[object, Callable[[int], None]]:
    import pyqtgraph

    pyqtgraph.setConfigOptions(imageAxisOrder="row-major")
    widget = pyqtgraph.GraphicsLayoutWidget()
    widget.resize(_VIEWPORT, _VIEWPORT)
    widget.ci.setContentsMargins(0, 0, 0, 0)
    box = widget.addViewBox(lockAspect=True, invertY=True, enableMenu=False)
    box.setDefaultPadding(0)
    item = pyqtgraph.ImageItem(values, autoDownsample=downsample, levels=_levels(0))
    box.addItem(item)
    widget.show()

    def step(number: int) -> None:
        item.setLevels(_levels(number))
        widget.viewport().repaint()

    return widget, step


def _milliseconds(step: Callable[[int], None], number: int) -> float:
    start = time.perf_counter()
    step(number)
    return (time.perf_counter() - start) * 1e3


def figures() -> Iterator[Figure]:
    """Median of one drag step, ours against the peer, and against the 8 ms of the bar."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    values = _radiograph_values()
    contestants = (_ours(values), _peer(values, False), _peer(values, True))
    times: tuple[list[float], ...] = ([], [], [])
    for number in range(_STEPS):
        for (_, step), taken in zip(contestants, times, strict=True):
            app.processEvents()
            taken.append(_milliseconds(step, number))
    ours, default, best = (statistics.median(taken[5:]) for taken in times)
    for widget, _ in contestants:
        widget.close()
        widget.deleteLater()
    app.processEvents()
    name = f"window/level drag, {_SIDE}² 16-bit in {_VIEWPORT}², one frame (ms; beside pyqtgraph"
    ratio, fastest = default / ours, best / ours
    met = ratio >= _LIMIT_RATIO
    yield Figure(f"{name} setLevels)", ours, default, ratio, f"≥ {_LIMIT_RATIO:g} times", met)
    bar = f"≤ {_LIMIT_MS:g} ms"
    yield Figure(f"{name} with autoDownsample)", ours, best, fastest, bar, ours <= _LIMIT_MS)


if __name__ == "__main__":
    for figure in figures():
        print(figure.line())
