"""Lines and words over an image look as they are meant to, and are not painted for nothing."""

from __future__ import annotations

import math
from typing import Any

import numpy as np
import pytest
from PySide6.QtCore import QPointF, QRectF, Qt
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPolygonF

from stentviewer.ui.viewer import written
from stentviewer.ui.viewer.tools import painting
from stentviewer.ui.viewer.tools.labels import Labels
from stentviewer.ui.viewer.tools.strokes import stroke

WHITE, BLACK, GREEN = QColor("white"), QColor("black"), QColor(0, 255, 0)
MIDDLE = QPointF(100.3, 99.8)


def blank(side: int = 200, ratio: float = 1.0) -> QImage:
    image = QImage(int(side * ratio), int(side * ratio), QImage.Format.Format_RGB32)
    image.setDevicePixelRatio(ratio)
    image.fill(WHITE)
    return image


def pixels(image: QImage) -> np.ndarray:
    """(rows, columns, 3), 0…1, red, green, blue."""
    values = np.frombuffer(image.constBits(), np.uint8).reshape(image.height(), image.width(), 4)
    return values[..., 2::-1] / 255.0


def line_at(degrees: float) -> QPolygonF:
    way = QPointF(math.cos(math.radians(degrees)), math.sin(math.radians(degrees))) * 80
    return QPolygonF([MIDDLE - way, MIDDLE + way])


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
@pytest.mark.parametrize("width", [1.0, 1.4, 2.2])
@pytest.mark.parametrize("degrees", [0, 17, 45, 90, 135, 160])
def test_a_line_is_about_as_wide_as_qts_own(qapp, degrees, width, ratio):
    ours, qts = blank(ratio=ratio), blank(ratio=ratio)
    with QPainter(ours) as painter:
        before = painter.transform()
        stroke(painter, [line_at(degrees)], BLACK, width)
        assert painter.transform() == before
    with QPainter(qts) as painter:
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(QPen(BLACK, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.FlatCap))
        painter.drawPolyline(line_at(degrees))
    ink = [float((1 - pixels(one)).sum()) / 3 / 160 / ratio for one in (ours, qts)]  # device pixels
    assert abs(ink[0] - ink[1]) < 0.3 * width * ratio + 0.3


@pytest.mark.parametrize("width", [1.4, 2.2])
@pytest.mark.parametrize("degrees", [0, 17, 45, 90, 135, 160])
def test_no_light_comes_between_a_line_and_its_edge(qapp, degrees, width):
    image = blank()
    with QPainter(image) as painter:
        stroke(painter, [line_at(degrees)], BLACK, width + 2.0, hollow=width)
        stroke(painter, [line_at(degrees)], GREEN, width)
    across = math.radians(degrees + 90)
    at = np.arange(-6.0, 6.01, 0.5)
    xs = np.rint(MIDDLE.x() - 0.5 + at * math.cos(across)).astype(int)
    ys = np.rint(MIDDLE.y() - 0.5 + at * math.sin(across)).astype(int)
    red = pixels(image)[ys, xs, 0]  # neither black nor green has any
    covered = np.flatnonzero(red < 0.2)
    assert red[covered[0] : covered[-1] + 1].max() < 0.35
    assert at[covered[-1]] - at[covered[0]] >= width
    assert red[np.abs(at) > 4].min() > 0.9


def test_a_dashed_line_has_gaps_of_the_same_length_on_any_screen(qapp):
    shares = []
    for ratio in (1.0, 2.0):
        image = blank(ratio=ratio)
        with QPainter(image) as painter:
            stroke(painter, [line_at(0)], BLACK, 1.0, Qt.PenStyle.DashLine)
        row = pixels(image)[:, :, 0].min(axis=0) < 0.7
        shares.append(np.count_nonzero(np.diff(row.astype(int)) == 1))
    assert shares[0] == shares[1] == 16


@pytest.mark.parametrize("ratio", [1.0, 1.5, 2.0])
def test_words_kept_as_a_picture_stand_where_they_were_asked_for(qapp, ratio):
    text, at = "⌀ 28 to 34, mean 31 px", QPointF(12.4, 40.7)
    boxes = []
    for draw in (written.draw_text, written._write):
        image = blank(ratio=ratio)
        with QPainter(image) as painter:
            draw(painter, at, text, GREEN)
            width = written.text_width(painter, text)
        ys, xs = np.nonzero((pixels(image) < 0.5).any(axis=2))
        boxes.append(np.array([xs.min(), ys.min(), xs.max(), ys.max()]) / ratio)
        assert abs((boxes[-1][2] - boxes[-1][0]) - width) < 6
    assert np.abs(boxes[0] - boxes[1]).max() <= 1.5


def test_numbers_keep_out_of_each_others_way_and_in_the_canvas():
    area = QRectF(0, 0, 400, 300)
    labels = Labels(area)
    outline = np.array([(150.0, 100.0), (250.0, 200.0)])
    around = QRectF(150, 100, 100, 100)
    placed = [labels.place(around, (90.0, 40.0), outline) for _ in range(6)]
    for number, one in enumerate(placed):
        assert area.contains(one)
        assert not any(one.intersects(other) for other in placed[:number])


@pytest.fixture
def strokes_seen(monkeypatch) -> list[Any]:
    seen: list[Any] = []

    def note(painter: QPainter, lines: Any, *args: Any, **named: Any) -> None:
        seen.extend(lines)
        stroke(painter, lines, *args, **named)

    monkeypatch.setattr(painting, "stroke", note)
    return seen


def test_what_lies_still_is_painted_once_more_at_most(at_patient, strokes_seen):
    bench = at_patient
    bench.measuring.use_length()
    bench.drag((120, 150), (280, 150))
    assert len(bench.kept) == 1
    bench.measuring.use_pointer()
    canvas = bench.canvas
    direct = _painted(canvas, strokes_seen)
    assert direct[1] > 0, "a new view is painted directly"
    again = _painted(canvas, strokes_seen)
    kept = _painted(canvas, strokes_seen)
    assert kept[1] == 0, "the same view comes from its picture"
    assert np.abs(pixels(direct[0]) - pixels(kept[0])).max() < 0.05
    assert np.abs(pixels(again[0]) - pixels(kept[0])).max() == 0
    canvas.pan_by(5000, 0)
    assert _painted(canvas, strokes_seen)[1] == 0, "what is not on the screen is not painted"


def _painted(canvas: Any, seen: list[Any]) -> tuple[QImage, int]:
    seen.clear()
    image = QImage(canvas.size(), QImage.Format.Format_RGB32)
    image.fill(WHITE)
    with QPainter(image) as painter:
        for layer in canvas._layers:
            layer.paint(painter, canvas)
    return image, len(seen)
