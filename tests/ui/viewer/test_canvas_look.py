"""How the canvas shows an image: turned, mirrored, coloured, filtered, boxed; views handed on."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import cv2
import numpy as np
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QColor

from stentviewer.core.errors import UserError
from stentviewer.core.types import Box, ClassScore, Finding
from stentviewer.imaging.filters import apply_filter, span_of
from stentviewer.imaging.image import Window
from stentviewer.imaging.overlay import colour_table
from stentviewer.imaging.windowing import display_lut
from stentviewer.ui.viewer.boxes import BoxSet, NamedBox
from stentviewer.ui.viewer.canvas import ImageCanvas
from stentviewer.ui.viewer.view_state import ViewState
from tests.ui.viewer.screen import Waiting, boxed, grey, middle

FINDING = Finding(
    "EGIS", 0.9, (ClassScore("EGIS", 0.9),), ("EGIS",), False, Box(0.4, 0.4, 0.6, 0.6)
)


def test_turned_and_mirrored_the_screen_shows_it_so(show: Any, dicom: Any) -> None:
    spot = np.full((40, 60), 100, np.uint16)
    spot[5:8, 50:55] = 900  # upper right
    canvas = show(dicom(spot))
    told: list[None] = []
    canvas.viewChanged.connect(lambda: told.append(None))
    where = {
        (0, False): (52.5, 6.5),
        (1, False): (33.5, 52.5),  # clockwise: lower right
        (2, False): (7.5, 33.5),
        (3, False): (6.5, 7.5),
        (0, True): (7.5, 6.5),
        (1, True): (33.5, 7.5),
    }
    for (turns, mirrored), (x, y) in where.items():
        canvas.reset()
        if mirrored:
            canvas.mirror()
        canvas.rotate(turns)
        rect = canvas.image_rect()
        columns, rows = (40, 60) if turns % 2 else (60, 40)
        place = (rect.left() + x / columns * rect.width(), rect.top() + y / rows * rect.height())
        shown = grey(canvas)
        assert shown[int(place[1]), int(place[0])] > 200
        assert (canvas.to_widget((52.5, 6.5)).x(), canvas.to_widget((52.5, 6.5)).y()) == (
            pytest.approx(place)
        )
    assert told


def test_reset_puts_everything_back(qtbot: Any, show: Any, still: Any) -> None:
    canvas = show(still)
    before = canvas.state
    canvas.rotate(1)
    canvas.mirror()
    canvas.invert()
    canvas.set_colours("viridis")
    canvas.set_window(Window(10, 20))
    canvas.set_filter("median")
    canvas.zoom_by(3)
    with qtbot.waitSignal(canvas.windowChanged):
        canvas.reset()
    assert canvas.state == before
    assert canvas.filter_name == ""


def test_box_and_scale_bar_follow_a_quarter_turn_of_tall_pixels(show: Any, dicom: Any) -> None:
    image = dicom(np.full((100, 100), 400, np.uint16), PixelSpacing=[0.5, 0.25])
    canvas = show(image)
    assert image.pixel_aspect == 2.0
    canvas.set_boxes([boxed(FINDING)])
    before = canvas.box_rect(FINDING.box)
    shown = bar_length(canvas)
    mm = canvas.state.scale[0] / 0.25  # device pixels per mm, either way
    assert shown % mm == pytest.approx(0, abs=2) or mm - shown % mm < 2
    canvas.rotate(1)
    after = canvas.box_rect(FINDING.box)
    assert after.width() / after.height() == pytest.approx(before.height() / before.width())
    mm = canvas.state.scale[1] / 0.5
    shown = bar_length(canvas)
    assert shown % mm == pytest.approx(0, abs=2) or mm - shown % mm < 2


def bar_length(canvas: ImageCanvas) -> int:
    """Pixels of the scale bar's line: the longest bright run near the lower edge."""
    canvas.set_boxes_visible(False)
    rows = grey(canvas)[-25:, :120]
    canvas.set_boxes_visible(True)
    best = 0
    for row in rows > 215:
        edges = np.flatnonzero(np.diff(np.concatenate([[0], row.astype(int), [0]])))
        best = max(best, *(edges[1::2] - edges[::2]), 0)
    return best


def test_colours_are_a_table_over_the_grey_and_unknown_ones_are_refused(
    show: Any, still: Any
) -> None:
    canvas = show(still)
    level = middle(canvas)
    canvas.set_colours("hot iron")
    colour = canvas.grab().toImage().pixelColor(150, 100)
    expected = colour_table("hot iron")[level]
    assert (colour.red(), colour.green(), colour.blue()) == tuple(expected)
    with pytest.raises(UserError, match="jet"):
        canvas.set_colours("jet")
    assert canvas.state.colours == "hot iron"


def test_a_filter_is_applied_to_what_is_shown_and_to_nothing_else(
    qtbot: Any, show: Any, dicom: Any
) -> None:
    pixels = np.full((40, 60), 200, np.uint16)
    pixels[20, 30] = 1000
    canvas = show(dicom(pixels))
    canvas.one_to_one()
    place = canvas.to_widget((30.5, 20.5))

    def seen() -> int:
        return int(grey(canvas)[int(place.y()), int(place.x())])

    bright = seen()
    assert bright > 200
    with qtbot.assertNotEmitted(canvas.frameChanged):
        canvas.set_filter("median")
        assert canvas.filter_name == "median"
        qtbot.waitUntil(lambda: seen() < 100)
    assert canvas.stored[20, 30] == 1000  # what is measured is what was stored
    canvas.set_filter("")
    qtbot.waitUntil(lambda: seen() == bright)
    with pytest.raises(UserError, match="magic"):
        canvas.set_filter("magic")


@pytest.mark.parametrize("own", [None, Window(250, 100)])
def test_contrast_is_spread_over_the_window_in_force_when_the_filter_was_chosen(
    qtbot: Any, show: Any, dicom: Any, own: Window | None
) -> None:
    noise = np.random.default_rng(8).integers(0, 1000, (40, 60)).astype(np.uint16)
    canvas = show(dicom(noise, WindowCenter=500, WindowWidth=600))
    canvas.one_to_one()
    corner = canvas.to_widget((0.0, 0.0)).toPoint()
    at = np.s_[corner.y() : corner.y() + 40, corner.x() : corner.x() + 60]
    radiograph = canvas.radiograph

    def fits(window: Window) -> bool:
        spread = apply_filter("equalise", noise, span=span_of(radiograph, 0, window))
        expected = display_lut(radiograph, canvas.window).apply(spread)
        return np.array_equal(grey(canvas)[at][:20], expected[:20])

    if own is not None:
        canvas.set_window(own)
    chosen = canvas.window
    canvas.set_filter("equalise")
    qtbot.waitUntil(lambda: fits(chosen))
    canvas.set_window(Window(700, 200))
    assert fits(chosen), "as the window moves the values stay"
    canvas.set_filter("")
    canvas.set_filter("equalise")
    qtbot.waitUntil(lambda: fits(Window(700, 200)))


def test_another_image_is_not_filtered(qtbot: Any, show: Any, still: Any, cine: Any) -> None:
    canvas = show(still)
    canvas.set_filter("clahe")
    canvas.rotate(1)
    show(cine)
    assert canvas.filter_name == ""
    assert canvas.state.quarter_turns == 0


def test_a_frame_that_comes_late_and_unfiltered_is_never_shown(
    qtbot: Any, canvas: ImageCanvas, dicom: Any
) -> None:
    noise = np.random.default_rng(8).integers(0, 1000, (40, 60)).astype(np.uint16)
    radiograph = dicom(noise)
    frames = Waiting(radiograph.frames)
    canvas.set_radiograph(replace(radiograph, frames=frames))
    canvas.set_filter("median")
    shown: list[int] = []
    canvas.frameChanged.connect(shown.append)
    with qtbot.waitSignal(canvas.frameChanged):
        frames.go.set()
    canvas.one_to_one()
    x0, y0, x1, y1 = canvas.state.visible_rect()
    filtered = display_lut(radiograph, canvas.window).apply(cv2.medianBlur(noise, 3))
    assert np.array_equal(grey(canvas)[y0:y1, x0:x1][:20], filtered[:20])
    assert shown == [0]


def test_a_view_is_taken_over_but_for_image_viewport_and_frame(
    qtbot: Any, show: Any, cine: Any, still: Any
) -> None:
    canvas = show(cine)
    own = canvas.state
    other = ViewState(60, 40, 1.0, 500, 400, window=Window(100, 200), inverted=True, frame=4)
    other = replace(other.fit().zoom_at((100, 100), 3.0), quarter_turns=1, colours="viridis")
    canvas.apply_view(other)
    state = canvas.state
    assert (state.zoom, state.centre, state.quarter_turns) == (other.zoom, other.centre, 1)
    assert (state.window, state.inverted, state.colours) == (Window(100, 200), True, "viridis")
    assert (state.columns, state.rows, state.frame) == (own.columns, own.rows, own.frame)
    assert (state.width, state.height) == (own.width, own.height)
    with qtbot.waitSignal(canvas.frameChanged):
        canvas.set_frame(2)
    assert canvas.window == Window(100, 200)  # chosen, if elsewhere
    canvas.apply_view(other.fit())
    assert canvas.state == canvas.state.fit()


def test_any_change_of_the_view_is_told_once(show: Any, still: Any) -> None:
    canvas = show(still)
    told: list[None] = []
    canvas.viewChanged.connect(lambda: told.append(None))
    steps: tuple[Callable[[], None], ...] = (
        lambda: canvas.zoom_by(2),
        lambda: canvas.pan_by(3, 4),
        canvas.invert,
        lambda: canvas.rotate(1),
        canvas.mirror,
        lambda: canvas.set_window(Window(1, 2)),
        lambda: canvas.set_colours("magma"),
        canvas.fit,
    )
    for number, step in enumerate(steps, start=1):
        step()
        assert len(told) == number
        canvas.apply_view(canvas.state)  # nothing new
        assert len(told) == number


def test_sets_of_boxes_are_told_apart_by_line_and_name(show: Any, still: Any) -> None:
    canvas = show(still)
    plain = canvas.grab().toImage()
    box = NamedBox(Box(0.2, 0.5, 0.8, 0.9), 1, "EGIS")
    green = QColor(0, 255, 0)
    solid = BoxSet("one", (box,), Qt.PenStyle.SolidLine, green)
    dotted = BoxSet("two", (box,), Qt.PenStyle.DotLine, green)

    def edge(one: BoxSet) -> int:
        """Pixels of the set's colour along the box's left edge."""
        canvas.set_boxes([one])
        image = canvas.grab().toImage()
        rect = canvas.box_rect(box.box)
        rows = range(int(rect.top()) + 6, int(rect.bottom()) - 6)
        column = round(rect.left())
        return sum(
            max(
                image.pixelColor(column + d, y).green() - image.pixelColor(column + d, y).red()
                for d in (-1, 0)
            )
            > 90
            for y in rows
        )

    full, dots = edge(solid), edge(dotted)
    assert 0 < dots < 0.8 * full
    canvas.set_boxes([solid])
    alone = canvas.grab().toImage()
    canvas.set_boxes([solid, dotted])
    both = canvas.grab().toImage()
    assert both != alone  # now each label says whose it is
    canvas.set_boxes(())
    assert canvas.grab().toImage() == plain
