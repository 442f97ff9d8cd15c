"""What stands at the canvas's lower edge: the scale bar and the word about the model's word."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QRectF
from PySide6.QtGui import QPainter

from stentviewer.core.types import SpacingKind
from stentviewer.ui.viewer import marks
from stentviewer.ui.viewer.scale_bar import scale_bar

if TYPE_CHECKING:
    from stentviewer.ui.viewer.canvas import ImageCanvas

_LOWEST = 120  # logical pixels of a canvas with a scale bar


def paint_lower_edge(
    painter: QPainter, canvas: ImageCanvas, shows_model: bool
) -> tuple[QRectF, ...]:
    """The scale bar, and where a model's word is on the screen that it is for research.

    The answer is the places that they take.
    """
    area = QRectF(canvas.rect())
    lift = painter.fontMetrics().height() + 6.0 if shows_model else 0.0
    places = _paint_scale_bar(painter, canvas, area, lift)
    if shows_model:
        text = QCoreApplication.translate(
            "ImageCanvas", "For research use, not for primary diagnosis"
        )
        shorter = QCoreApplication.translate("ImageCanvas", "Research use only")
        places = (*places, marks.draw_lower_right(painter, area, text, shorter))
    return places


def _paint_scale_bar(
    painter: QPainter, canvas: ImageCanvas, area: QRectF, lift: float
) -> tuple[QRectF, ...]:
    spacing = canvas.spacing
    if canvas.state.quarter_turns % 2 and spacing.mm is not None:  # rows lie across the screen
        spacing = replace(spacing, mm=(spacing.mm[1], spacing.mm[0]))
    bar = scale_bar(spacing, canvas.state.upright().zoom, canvas.state.width)
    if bar is None or area.height() < _LOWEST:
        return ()
    number = f"{bar.length:g}"
    text = {
        SpacingKind.PATIENT: QCoreApplication.translate("ImageCanvas", "{n} mm"),
        SpacingKind.DETECTOR: QCoreApplication.translate("ImageCanvas", "{n} mm, detector plane"),
        SpacingKind.CALIBRATED: QCoreApplication.translate("ImageCanvas", "{n} mm, calibrated"),
        SpacingKind.NONE: QCoreApplication.translate("ImageCanvas", "{n} px"),
    }[bar.kind].format(n=number)
    length = bar.pixels / canvas.devicePixelRatioF()
    return (marks.draw_scale_bar(painter, area, length, text, lift),)
