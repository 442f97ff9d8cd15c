"""Frames of a large radiograph under the hand: ours and pyqtgraph's, in turns of a short drag.

Window/level, zoom and pan on a 3072² 16-bit image in two viewports, without and with a heat map.
The peer is `pyqtgraph.ImageItem` as it comes (`autoDownsample` off, its fastest way) in a view box
that fits it; the steps are its `setLevels`, `scaleBy` and `translateBy`, the same views as ours,
and `repaint()` of its viewport, ours `repaint()` of the canvas. As it comes it draws every zoomed
or moved frame by nearest neighbour, so fine lines flicker and vanish; the lines named "smooth"
compare with the same peer told to interpolate (`SmoothPixmapTransform`), which is still less than
ours, as it never averages.
"""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from tests.benchmarks.figure import Figure

_SIDE, _STEPS, _DRAG = 3072, 80, 10  # steps of a kind; of a turn
_VIEWPORTS = {(1200, 1200): 8.0, (2560, 1440): 16.0}  # bars in ms
_LEAST_RATIO, _MOST_SPREAD, _MOST_WITH_HEAT = 5.0, 2.0, 1.5
_ZOOM, _PAN = 1.03, (21, -13)  # a step; device pixels
_KINDS = ("window/level", "zoom", "pan")

Step = Callable[[int], None]


@dataclass
class _Contestant:
    """A widget and what one step of each kind does to it, painted."""

    widget: Any
    steps: Mapping[str, Step]
    close_in: Callable[[], None]  # zoom in once, before it is panned


def _radiograph_values() -> np.ndarray:
    """A smooth, noisy 16-bit field: every pixel differs from its neighbours."""
    rng = np.random.default_rng(7)
    ramp = np.linspace(0, 40_000, _SIDE)[None, :] + np.linspace(0, 20_000, _SIDE)[:, None]
    return (ramp + rng.integers(0, 4_000, (_SIDE, _SIDE))).astype(np.uint16)


def _heat_values() -> np.ndarray:
    """Two warm places as Grad-CAM's rectified map has them, 32 × 32, nothing elsewhere."""
    rows, columns = np.mgrid[0:32, 0:32]
    large = np.exp(-((columns - 13) ** 2 + (rows - 18) ** 2) / 40)
    small = 0.6 * np.exp(-((columns - 24) ** 2 + (rows - 9) ** 2) / 12)
    values: np.ndarray = np.clip(large + small - 0.05, 0, 1).astype(np.float32)
    return values


def _levels(step: int) -> tuple[float, float]:
    """Low and high end of the window at this step; every step differs from the last."""
    return 5_000.0 + 100.0 * step, 45_000.0 + 150.0 * step


def _way(step: int) -> int:
    """There for half of the steps, then back."""
    return 1 if step < _STEPS // 2 else -1


def _ours(radiograph: Any, size: tuple[int, int], heat: bool) -> _Contestant:
    from PySide6.QtCore import QEventLoop, QPointF

    from stentviewer.core.types import Box, HeatMap
    from stentviewer.imaging.image import Window
    from stentviewer.ui.viewer.canvas import ImageCanvas

    canvas = ImageCanvas()
    canvas.resize(*size)
    canvas.show()
    decoded = QEventLoop()
    canvas.frameChanged.connect(decoded.quit)
    canvas.set_radiograph(radiograph)
    decoded.exec()
    if heat:
        canvas.set_heat(HeatMap(_heat_values(), Box(0, 0, 1, 1), "Grad-CAM"))
    middle = QPointF(size[0] / 2, size[1] / 2)

    def level(number: int) -> None:
        low, high = _levels(number)
        canvas.set_window(Window((low + high) / 2, high - low))
        canvas.repaint()

    def zoom(number: int) -> None:
        canvas.zoom_by(_ZOOM ** _way(number), middle)
        canvas.repaint()

    def pan(number: int) -> None:
        canvas.pan_by(_PAN[0] * _way(number), _PAN[1] * _way(number))
        canvas.repaint()

    steps = dict(zip(_KINDS, (level, zoom, pan), strict=True))
    return _Contestant(canvas, steps, lambda: canvas.zoom_by(2.0, middle))


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


def _peer(values: np.ndarray, size: tuple[int, int], smooth: bool) -> _Contestant:
    import pyqtgraph
    from PySide6.QtGui import QPainter

    pyqtgraph.setConfigOptions(imageAxisOrder="row-major")
    widget = pyqtgraph.GraphicsLayoutWidget()
    widget.resize(*size)
    widget.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform, smooth)
    widget.ci.setContentsMargins(0, 0, 0, 0)
    box = widget.addViewBox(lockAspect=True, invertY=True, enableMenu=False)
    box.setDefaultPadding(0)
    item = pyqtgraph.ImageItem(values, levels=_levels(0))
    box.addItem(item)
    widget.show()

    def level(number: int) -> None:
        item.setLevels(_levels(number))
        widget.viewport().repaint()

    def zoom(number: int) -> None:
        factor = _ZOOM ** -_way(number)
        box.scaleBy((factor, factor))
        widget.viewport().repaint()

    def pan(number: int) -> None:
        per_pixel = box.viewPixelSize()
        box.translateBy(
            x=-_PAN[0] * _way(number) * per_pixel[0], y=-_PAN[1] * _way(number) * per_pixel[1]
        )
        widget.viewport().repaint()

    steps = dict(zip(_KINDS, (level, zoom, pan), strict=True))
    return _Contestant(widget, steps, lambda: box.scaleBy((0.5, 0.5)))


def _milliseconds(step: Step, number: int) -> float:
    start = time.perf_counter()
    step(number)
    return (time.perf_counter() - start) * 1e3


def _measure(app: Any, contestants: list[_Contestant], kind: str) -> list[np.ndarray]:
    """Milliseconds of each contestant's steps; the first drag warms up."""
    if kind == "pan":
        for one in contestants:
            one.close_in()
        _settle(app, contestants)
    times: list[list[float]] = [[] for _ in contestants]
    for begin in range(0, _STEPS, _DRAG):
        for one, taken in zip(contestants, times, strict=True):
            for number in range(begin, begin + _DRAG):
                app.processEvents()
                taken.append(_milliseconds(one.steps[kind], number))
    _settle(app, contestants)
    return [np.array(taken[_DRAG:]) for taken in times]


def _settle(app: Any, contestants: list[_Contestant]) -> None:
    """Until our pictures are exact."""
    canvases = [one.widget for one in contestants if hasattr(one.widget, "settled")]
    while not all(canvas.settled for canvas in canvases):
        app.processEvents()


def _figures_of(kind: str, size: tuple[int, int], times: list[np.ndarray]) -> Iterator[Figure]:
    ours, heated, peer, smooth = (float(np.median(taken)) for taken in times)
    late = float(np.percentile(times[0], 95))
    name = f"{kind}, {_SIDE}² 16-bit in {size[0]} × {size[1]}, one frame (ms"
    bar = _VIEWPORTS[size]
    yield Figure(f"{name})", ours, None, None, f"≤ {bar:g} ms", ours <= bar)
    spread = late / ours
    met = spread <= _MOST_SPREAD
    yield Figure(
        f"{name}; 95th percentile beside median)", late, ours, spread, f"≤ {_MOST_SPREAD:g} ×", met
    )
    least = f"≥ {_LEAST_RATIO:g} times"
    ratio = peer / ours
    yield Figure(f"{name}; beside pyqtgraph)", ours, peer, ratio, least, ratio >= _LEAST_RATIO)
    if kind != "window/level":
        ratio = smooth / ours
        met = ratio >= _LEAST_RATIO
        yield Figure(f"{name}; beside pyqtgraph, smooth)", ours, smooth, ratio, least, met)
    ratio = heated / ours
    most = f"≤ {_MOST_WITH_HEAT:g} ×"
    met = ratio <= _MOST_WITH_HEAT
    yield Figure(f"{name}; with heat beside without)", heated, ours, ratio, most, met)


def figures() -> Iterator[Figure]:
    """Medians of one frame for every kind of step in both viewports."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    from PySide6.QtWidgets import QApplication

    app = QApplication.instance() or QApplication([])
    values = _radiograph_values()
    radiograph = _as_radiograph(values)
    for size in _VIEWPORTS:
        contestants = [
            _ours(radiograph, size, heat=False),
            _ours(radiograph, size, heat=True),
            _peer(values, size, smooth=False),
            _peer(values, size, smooth=True),
        ]
        _settle(app, contestants)
        for kind in _KINDS:
            yield from _figures_of(kind, size, _measure(app, contestants, kind))
        for one in contestants:
            one.widget.close()
            one.widget.deleteLater()
        app.processEvents()


if __name__ == "__main__":
    for figure in figures():
        print(figure.line())
