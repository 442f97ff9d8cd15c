"""Heat over the image: its place in every orientation, its threshold, its key."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from PySide6.QtGui import QImage

from stentviewer.core.types import Box, HeatMap
from stentviewer.imaging.overlay import colour_table
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.heat_layer import HeatLayer, premultiplied_table
from stentviewer.ui.viewer.view_state import ViewState


def heat_map(values: np.ndarray, extent: Box | None = None) -> HeatMap:
    return HeatMap(values.astype(np.float32), extent or Box(0, 0, 1, 1), "Grad-CAM")


def alpha(layer: HeatLayer, state: ViewState, draft: bool = False) -> np.ndarray:
    """Of the whole viewport, 0…255."""
    shown = np.zeros((state.height, state.width), np.uint8)
    laid = layer.picture(state, state.visible_rect(), draft)
    if laid is not None:
        x0, y0, x1, y1 = laid.part
        left, top = x0 - laid.origin[0], y0 - laid.origin[1]
        part = laid.memory[top : top + y1 - y0, left : left + x1 - x0, 3]
        shown[y0 : y0 + part.shape[0], x0 : x0 + part.shape[1]] = part
    return shown


def peak(shown: np.ndarray) -> tuple[float, float]:
    """Centre of mass, (x, y) device pixels."""
    rows, columns = np.mgrid[0 : shown.shape[0], 0 : shown.shape[1]] + 0.5
    weight = shown.sum()
    return float((columns * shown).sum() / weight), float((rows * shown).sum() / weight)


@pytest.fixture
def spot() -> HeatMap:
    """Warm about a quarter from the left and five eighths from the top of its extent."""
    rows, columns = (np.mgrid[0:64, 0:64] + 0.5) / 64
    values = np.exp(-((columns - 0.25) ** 2 + (rows - 0.625) ** 2) / 0.0005)
    return heat_map(np.where(values > 0.01, values, 0), Box(-0.1, 0.0, 1.0, 1.2))


@pytest.mark.parametrize("draft", [False, True])
@pytest.mark.parametrize("turns", range(4))
@pytest.mark.parametrize("mirrored", [False, True])
@pytest.mark.parametrize("zoom", [0.6, 1.0, 2.7])
def test_heat_follows_the_image(
    spot: HeatMap, turns: int, mirrored: bool, zoom: float, draft: bool
) -> None:
    layer = HeatLayer()
    layer.set_heat(spot)
    layer.set_strength(1.0)
    state = ViewState(600, 400, 1.5, 300, 280, quarter_turns=turns, mirrored=mirrored).fit()
    x, y = (-0.1 + 1.1 * 0.25) * 600, (1.2 * 0.625) * 400
    state = state.zoom_at(state.to_viewport((x, y)), zoom)
    expected = state.to_viewport((x, y))
    assert peak(alpha(layer, state, draft)) == pytest.approx(expected, abs=1.5)


def test_nothing_is_drawn_where_nothing_is_warm(spot: HeatMap) -> None:
    layer = HeatLayer()
    layer.set_heat(spot)
    state = ViewState(600, 400, 1.0, 300, 200).fit()
    laid = layer.picture(state, state.visible_rect())
    assert laid is not None
    x0, y0, x1, y1 = laid.part
    assert (x1 - x0) * (y1 - y0) < 300 * 200 / 8
    assert layer.picture(state, (200, 0, 300, 100)) is None
    layer.set_heat(heat_map(np.zeros((8, 8))))
    assert layer.picture(state, state.visible_rect()) is None


def test_the_threshold_hides_what_is_below() -> None:
    layer = HeatLayer()
    layer.set_heat(heat_map(np.tile(np.linspace(0, 1, 32), (32, 1))))
    layer.set_strength(1.0)
    state = ViewState(320, 320, 1.0, 320, 320).fit()
    before = alpha(layer, state)[160]
    layer.set_threshold(0.5)
    after = alpha(layer, state)[160]
    half = int(np.argmax(after > 0))
    assert before[half] / 255 == pytest.approx(0.5, abs=0.03)
    assert (after[:half] == 0).all()
    assert (np.abs(after[half + 2 :].astype(int) - before[half + 2 :]) <= 1).all()
    table = premultiplied_table(colour_table("inferno"), 0.5, 0.5)
    assert not table[:127].any()
    assert table[128] >> 24 == 64


@pytest.fixture
def canvas(qtbot: Any, canvas: ImageCanvas, still: Any) -> ImageCanvas:
    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_radiograph(still)
    canvas.set_heat(heat_map(np.ones((8, 8))))
    canvas.set_heat_strength(1.0)
    return canvas


def is_hot(canvas: ImageCanvas) -> bool:
    image = canvas.grab().toImage().convertToFormat(QImage.Format.Format_RGB32)
    colour = image.pixelColor(150, 100)
    hottest = colour_table("inferno")[255]
    return (colour.red(), colour.green(), colour.blue()) == tuple(hottest)


def test_the_heat_is_hidden_and_shown_again(canvas: ImageCanvas) -> None:
    assert is_hot(canvas)
    canvas.set_heat_visible(False)
    assert not is_hot(canvas)
    canvas.set_heat_visible(True)
    assert is_hot(canvas)


def test_threshold_and_orientation_reach_the_screen(canvas: ImageCanvas) -> None:
    rows, _ = np.mgrid[0:8, 0:8]
    canvas.set_heat(heat_map(np.where(rows < 4, 1.0, 0.3)))
    canvas.set_heat_threshold(0.6)
    middle = canvas.to_widget((30.0, 10.0)).toPoint()
    opposite = canvas.to_widget((30.0, 30.0)).toPoint()

    def heat_at(point: Any) -> bool:
        colour = canvas.grab().toImage().pixelColor(point)
        return colour.red() != colour.green()

    assert heat_at(middle)
    assert not heat_at(opposite)
    canvas.rotate(2)
    assert not heat_at(middle)
    assert heat_at(opposite)
