"""The lens shows stored pixels, exactly, whatever way the picture is turned."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QPoint, QPointF
from PySide6.QtGui import QColor, QPainter

from stentviewer.imaging.image import Window
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.magnifier import Magnifier, lens_values, lens_zoom
from stentviewer.ui.viewer.view_state import ViewState


@given(
    st.integers(0, 3),
    st.booleans(),
    st.integers(2, 9),
    st.integers(1, 60),
    st.floats(-2, 32),
    st.floats(-2, 22),
)
def test_each_screen_pixel_has_the_stored_value_under_it(
    turns: int, mirrored: bool, zoom: int, side: int, x: float, y: float
) -> None:
    stored = np.arange(20 * 30, dtype=np.uint16).reshape(20, 30)
    state = ViewState(30, 20, quarter_turns=turns, mirrored=mirrored)
    values, inside = lens_values(stored, state, (x, y), side, zoom)
    assert values.shape == inside.shape == (side, side)
    lens = replace(state, zoom=float(zoom), centre=(x, y), width=side, height=side)
    for row in range(0, side, 7):
        for column in range(0, side, 7):
            px, py = lens.to_image((column + 0.5, row + 0.5))
            near_edge = any(abs(part - round(part)) < 1e-6 for part in (px, py))
            if near_edge:
                continue  # rounding may fall to either side
            on = 0 <= px < 30 and 0 <= py < 20
            assert inside[row, column] == on
            if on:
                assert values[row, column] == stored[int(py), int(px)]


def test_every_stored_pixel_is_a_block_of_whole_screen_pixels() -> None:
    stored = np.arange(400, dtype=np.uint16).reshape(20, 20)
    values, _ = lens_values(stored, ViewState(20, 20), (10.0, 10.0), 40, 4)
    assert np.array_equal(values, np.kron(stored[5:15, 5:15], np.ones((4, 4), np.uint16)))


@pytest.mark.parametrize(
    ("zoom", "factor", "expected"), [(0.3, 2, 2), (1.0, 2, 2), (1.5, 2, 3), (1.3, 4, 6), (8, 3, 24)]
)
def test_the_lens_is_at_least_its_factor_and_a_whole_number(
    zoom: float, factor: int, expected: int
) -> None:
    assert lens_zoom(zoom, factor) == expected


@pytest.fixture
def canvas(qtbot: Any, dicom: Any) -> ImageCanvas:
    pixels = np.zeros((200, 200), np.uint16)
    pixels[::2, ::2] = 1000  # finer than the screen shows at a quarter of its size
    made = ImageCanvas()
    qtbot.addWidget(made)
    made.resize(400, 400)
    with qtbot.waitSignal(made.frameChanged):
        made.set_radiograph(dicom(pixels))
    made.set_window(Window(500, 1000, "LINEAR_EXACT"))
    return made


def grey_at(canvas: ImageCanvas, x: int, y: int) -> int:
    image = canvas.grab().toImage()
    return image.pixelColor(QPoint(x, y)).red()


def test_it_is_painted_only_while_on_and_over_the_image(canvas: ImageCanvas) -> None:
    canvas.zoom_by(0.25)
    lens = Magnifier(canvas)
    before = canvas.grab().toImage()
    canvas.pointerMoved.emit((100.0, 100.0))
    assert canvas.grab().toImage() == before
    lens.set_on(True)
    assert canvas.grab().toImage() != before
    canvas.pointerMoved.emit(None)
    assert canvas.grab().toImage() == before
    canvas.pointerMoved.emit((100.0, 100.0))
    lens.set_factor(4)
    here = canvas.to_widget((100.0, 100.0)) + QPointF(1, 1)
    assert grey_at(canvas, round(here.x()), round(here.y())) == 255  # stored pixel (100, 100)
    assert grey_at(canvas, round(here.x()) + 4, round(here.y())) == 0  # and its neighbour
    canvas.invert()
    assert grey_at(canvas, round(here.x()), round(here.y())) == 0
    lens.set_on(False)
    canvas.invert()
    assert canvas.grab().toImage() == before


class Marks:
    """What somebody drew later, all over the image."""

    def paint(self, painter: QPainter, canvas: ImageCanvas) -> None:
        painter.fillRect(canvas.rect(), QColor("green"))


def test_it_lies_over_what_is_drawn_on_the_image(canvas: ImageCanvas) -> None:
    lens = Magnifier(canvas)
    canvas.add_layer(Marks())
    lens.set_on(True)
    canvas.pointerMoved.emit((100.0, 100.0))
    middle = canvas.to_widget((100.0, 100.0)).toPoint()
    picture = canvas.grab().toImage()
    assert picture.pixelColor(middle) != QColor("green")
    assert picture.pixelColor(2, 2) == QColor("green")


def test_the_factor_stays_between_two_and_four(canvas: ImageCanvas) -> None:
    lens = Magnifier(canvas)
    lens.set_factor(9)
    assert lens.factor == 4
    lens.set_factor(1)
    assert lens.factor == 2
