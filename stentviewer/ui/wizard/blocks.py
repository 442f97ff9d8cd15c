"""A report on a page of the window: the same blocks that its HTML and PDF are made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QPoint, QSize, Qt
from PySide6.QtGui import QImage, QPixmap, QResizeEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from stentviewer.learning.report_blocks import FINE, Block, Heading, Paragraph, Pictures, Table
from stentviewer.ui import theme
from stentviewer.ui.wizard.classes import WholeTable
from stentviewer.ui.wizard.page import column, heading, words

_FIGURE = 360  # logical pixels: narrower than that its letters are too small to read
_THUMBNAIL = 150  # of a gallery
_MANY = 3  # pictures beside each other are a gallery


@dataclass(frozen=True, eq=False)
class Drawn:
    """A block, and its pictures where it has some. May be made on any thread."""

    block: Block
    images: tuple[QImage, ...] = ()


def drawn(blocks: Sequence[Block]) -> list[Drawn]:
    """Decode the pictures of a report."""
    made = []
    for block in blocks:
        pngs = [png for png, _ in block.items] if isinstance(block, Pictures) else []
        made.append(Drawn(block, tuple(QImage.fromData(png) for png in pngs)))
    return made


class ReportView(QWidget):
    """Headings, paragraphs, tables and pictures below each other."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._inside = column(self)
        self._shown: list[QWidget] = []
        self.sections: dict[str, QWidget] = {}  # title → its heading

    def show_blocks(self, made: Sequence[Drawn]) -> None:
        """In place of what was shown. The report's own title is left to the page."""
        for old in self._shown:
            old.setParent(None)
            old.deleteLater()
        self._shown, self.sections = [], {}
        for one in made:
            widget = self._widget(one)
            if widget is not None:
                self._inside.addWidget(widget)
                self._shown.append(widget)

    def _widget(self, one: Drawn) -> QWidget | None:
        block = one.block
        if isinstance(block, Heading):
            if block.level == 1:
                return None
            if block.level == 3:
                return words(block.text, self)
            label = heading(block.text, self)
            label.setContentsMargins(0, theme.GRID * 2, 0, 0)
            self.sections[block.text] = label
            return label
        if isinstance(block, Paragraph):
            looks = {"plain": "", "quiet": "quiet", "notice": "research"}
            return words(block.text, self, looks[block.kind])
        if isinstance(block, Table):
            return ReportTable(block, self)
        return PictureGrid(block, one.images, self)

    def go_to(self, title: str) -> None:
        """Scroll so that a section stands at the top."""
        label, above = self.sections.get(title), self.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if label is None or above is None:
            return
        inside = above.widget()
        if inside is not None:
            above.verticalScrollBar().setValue(label.mapTo(inside, QPoint(0, 0)).y())


class ReportTable(WholeTable):
    """All rows are shown; an interval stands below its figure."""

    def __init__(self, table: Table, parent: QWidget | None = None) -> None:
        width = len(table.header) or max((len(row) for row in table.rows), default=1)
        titles = list(table.header) or [""] * width
        super().__init__(titles, range(table.words, width), parent)
        self.setHorizontalScrollMode(WholeTable.ScrollMode.ScrollPerPixel)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.horizontalHeader().setVisible(bool(table.header))
        self.setRowCount(len(table.rows))
        rows = [[_folded(t) for t in row[table.words :]] for row in table.rows]
        if any("\n" in text for row in rows for text in row):
            self.verticalHeader().setDefaultSectionSize(theme.GRID * 6)
        for line, (row, numbers) in enumerate(zip(table.rows, rows, strict=True)):
            self.put(line, [*row[: table.words], *numbers])
        if not table.header and width > 1:  # names on the left, what they are beside them
            header = self.horizontalHeader()
            header.setSectionResizeMode(0, header.ResizeMode.ResizeToContents)
            header.setSectionResizeMode(1, header.ResizeMode.Stretch)

    def sizeHint(self) -> QSize:
        header = self.horizontalHeader()
        height = self.verticalHeader().defaultSectionSize() * max(self.rowCount(), 1) + 4
        if not header.isHidden():
            height += header.sizeHint().height()
        if header.length() > self.viewport().width() > 0:
            height += self.horizontalScrollBar().sizeHint().height()
        return QSize(super().sizeHint().width(), height)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.updateGeometry()


def _folded(text: str) -> str:
    """ "0.931 (0.902-0.954)" in two lines."""
    figure, bracket, rest = text.partition(" (")
    return f"{figure}\n({rest}" if bracket and rest.endswith(")") else text


class PictureGrid(QWidget):
    """Pictures with captions, as many beside each other as can be read."""

    def __init__(
        self, block: Pictures, images: Sequence[QImage], parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._across = block.across
        self._is_gallery = block.across >= _MANY
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(theme.GRID * 2)
        self._columns = 0
        self.pictures = [
            Picture(image, caption, 1.0 if self._is_gallery else FINE, self)
            for image, (_, caption) in zip(images, block.items, strict=True)
        ]
        self._arrange(_FIGURE)

    def _arrange(self, width: int) -> None:
        least = _THUMBNAIL if self._is_gallery else _FIGURE
        gap = self._grid.horizontalSpacing()
        columns = max(1, min(self._across, (width + gap) // (least + gap)))
        if columns != self._columns:
            self._columns = columns
            for number, picture in enumerate(self.pictures):
                self._grid.addWidget(
                    picture, number // columns, number % columns, Qt.AlignmentFlag.AlignTop
                )
            for place in range(self._across):
                self._grid.setColumnStretch(place, 1 if place < columns else 0)
        for picture in self.pictures:
            picture.fit((width - gap * (columns - 1)) // columns)

    def minimumSizeHint(self) -> QSize:
        """As narrow as it has to be: the pictures follow."""
        return QSize(1, super().minimumSizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._arrange(event.size().width())


class Picture(QWidget):
    """One picture, no larger than it was drawn, and what it shows."""

    def __init__(self, image: QImage, caption: str, fine: float, parent: QWidget) -> None:
        super().__init__(parent)
        self._image, self._fine, self._width = image, fine, 0
        self.label = QLabel(self)
        self.label.setAccessibleName(caption)
        self.caption = words(caption, self, "quiet")
        inside = QVBoxLayout(self)
        inside.setContentsMargins(0, 0, 0, 0)
        inside.setSpacing(4)
        inside.addWidget(self.label)
        inside.addWidget(self.caption)

    def fit(self, width: int) -> None:
        """Show it as wide as that, at the screen's own pixels."""
        width = max(1, min(width, round(self._image.width() / self._fine)))
        if width == self._width or self._image.isNull():
            return
        self._width = width
        ratio = self.devicePixelRatioF()
        shown = self._image.scaledToWidth(
            max(1, round(width * ratio)), Qt.TransformationMode.SmoothTransformation
        )
        shown.setDevicePixelRatio(ratio)
        self.label.setPixmap(QPixmap.fromImage(shown))
        self.label.setFixedSize(shown.deviceIndependentSize().toSize())
