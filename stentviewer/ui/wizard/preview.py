"""Images of a finding, and what a mask would leave of them, before anything is masked."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QRectF, Qt, Signal
from PySide6.QtGui import QColor, QImage, QPainter, QPen, QPixmap
from PySide6.QtWidgets import (
    QDialog,
    QGridLayout,
    QLabel,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from stentviewer.core.types import Box
from stentviewer.ui import theme
from stentviewer.ui.wizard.page import row, words
from stentviewer.ui.wizard.work import Preview

SIDE = 240  # pixels of a preview
MOST = 12  # images shown


class PreviewDialog(QDialog):
    """Pairs of before and after where there are masks; single images where there are none."""

    maskWanted = Signal()

    def __init__(
        self, previews: Sequence[Preview], total: int, masks: int, parent: QWidget | None = None
    ) -> None:
        """total: images that it is about; masks: how many of all images would be masked."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("What would be masked") if masks else self.tr("Images"))
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setSpacing(theme.GRID)
        self.pictures: list[QLabel] = []
        per_row = 1 if masks else 2
        for number, one in enumerate(previews):
            self._add(grid, number // per_row, (number % per_row) * 2, one, both=bool(masks))
        grid.setRowStretch(len(previews) + 1, 1)
        area = QScrollArea(self)
        area.setWidgetResizable(True)
        area.setWidget(inside)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(theme.GRID)
        self.text = words(self._say(len(previews), total, masks), self)
        outer.addWidget(self.text)
        outer.addWidget(area, 1)
        self.paint_over = QPushButton(self.tr("Mask images: {n}").format(n=masks), self)
        self.paint_over.setProperty("accent", True)
        self.paint_over.setVisible(bool(masks))
        self.paint_over.clicked.connect(self.maskWanted)
        self.paint_over.clicked.connect(self.accept)
        close = QPushButton(self.tr("Close"), self)
        close.clicked.connect(self.reject)
        buttons = row(stretch=True)
        for button in (close, self.paint_over):
            button.setAutoDefault(False)
            buttons.addWidget(button)
        outer.addLayout(buttons)
        self.resize(2 * SIDE + 96, 640)

    def _say(self, shown: int, total: int, masks: int) -> str:
        if not masks:
            return self.tr("{shown} of {total} images.").format(shown=shown, total=total)
        return self.tr(
            "Left as it is, right as it would be learned from. {shown} of {total} images are "
            "shown. The files themselves are not changed."
        ).format(shown=shown, total=total)

    def _add(self, grid: QGridLayout, line: int, place: int, one: Preview, *, both: bool) -> None:
        if one.trouble:
            grid.addWidget(words(one.trouble, self, "research"), line, place, 1, 2)
            return
        shown = [_picture(one.before, one.boxes if both else ())]
        if both:
            shown.append(_picture(one.after, one.boxes))
        for number, pixmap in enumerate(shown):
            label = QLabel(self)
            label.setPixmap(pixmap)
            label.setToolTip(one.name)
            label.setAccessibleName(one.name)
            grid.addWidget(label, line, place + number)
            self.pictures.append(label)


def _picture(pixels: object, boxes: Sequence[Box]) -> QPixmap:
    import numpy as np

    grey = np.ascontiguousarray(pixels, np.uint8)
    height, width = grey.shape
    image = QImage(grey.data, width, height, width, QImage.Format.Format_Grayscale8)
    pixmap = QPixmap.fromImage(image.copy())
    painter = QPainter(pixmap)
    painter.setPen(QPen(QColor(theme.WARNING), 2))
    for box in boxes:
        painter.drawRect(
            QRectF(
                box.x0 * width, box.y0 * height, (box.x1 - box.x0) * width,
                (box.y1 - box.y0) * height,
            )
        )  # fmt: skip
    painter.end()
    return pixmap
