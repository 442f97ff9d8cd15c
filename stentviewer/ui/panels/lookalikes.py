"""Look-alikes under a stent's card: verified stents of each candidate maker, to compare by eye."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise

import numpy as np
from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QImage, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import (
    QAbstractButton,
    QGridLayout,
    QHBoxLayout,
    QLabel,
    QPushButton,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from stentviewer.app.comparison import Comparison, Crop, Kin, LookAlike, Scale
from stentviewer.core.types import LabelAction, SpacingKind
from stentviewer.ui import theme
from stentviewer.ui.answers import shown_answer
from stentviewer.ui.i18n import say

_TILE = QSize(72, 144)
_LONGEST_NAME = 120  # pixels: the card is narrow, and names can be long
_IN_A_ROW = 3  # as many as the narrowest panel has room for


class CropPicture(QAbstractButton):
    """One stent, upright. A click or Enter opens its image where it is a look-alike."""

    def __init__(self, crop: Crop | None, name: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._crop = None if crop is None else np.ascontiguousarray(crop)
        self.setAccessibleName(name)
        self.setFixedSize(_TILE)

    def make_a_button(self) -> None:
        """It leads somewhere: reachable by Tab, and it looks so."""
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def sizeHint(self) -> QSize:
        return _TILE

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            if self._crop is not None:
                rows, columns = self._crop.shape
                form = QImage.Format.Format_Grayscale8
                painter.drawImage(
                    QRectF(self.rect()), QImage(self._crop.data, columns, rows, columns, form)
                )
            wide = 2 if self.hasFocus() else 1
            painter.setPen(QPen(QColor(theme.ACCENT if self.hasFocus() else theme.LINE), wide))
            painter.drawRect(QRectF(self.rect()).adjusted(0.5, 0.5, -0.5, -0.5))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.click()
        else:
            super().keyPressEvent(event)


class Strip(QWidget):
    """One maker's look-alikes, or that there are none."""

    imageChosen = Signal(int, int)  # image id, frame

    def __init__(
        self, maker: str, found: Sequence[LookAlike], waiting: int, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        column = _column(self, 4)
        heading = _label(shown_answer(maker), "heading")
        column.addWidget(heading)
        self.tiles: list[CropPicture] = []
        if found:
            column.addLayout(self._grid(maker, found))
        else:
            column.addWidget(
                _label(self.tr("No verified stent of this maker in this library yet."))
            )
        if waiting:
            text = self.tr("Verified, but not read by this model yet: {n}.").format(n=waiting)
            column.addWidget(_label(text, "quiet"))

    def _grid(self, maker: str, found: Sequence[LookAlike]) -> QGridLayout:
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(4)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(_IN_A_ROW, 1)
        for place, one in enumerate(found):
            row, across = place // _IN_A_ROW * 2, place % _IN_A_ROW
            about = self._about(one)
            picture = self._picture(one, f"{shown_answer(maker)}. {about}")
            words = _label("\n".join(self._short(one)), "quiet")
            words.setWordWrap(False)
            for widget in (picture, words):
                widget.setToolTip(about)
            grid.addWidget(picture, row, across)
            grid.addWidget(words, row + 1, across, Qt.AlignmentFlag.AlignTop)
        return grid

    def _picture(self, one: LookAlike, name: str) -> CropPicture:
        picture = CropPicture(one.crop, name, self)
        if not one.problem:
            picture.make_a_button()
            picture.clicked.connect(lambda: self.imageChosen.emit(one.image_id, one.frame))
        self.tiles.append(picture)
        return picture

    def _short(self, one: LookAlike) -> list[str]:
        lines = [f"{one.similarity:.2f}"]
        if one.kin is Kin.SAME:
            lines.append(self.tr("same patient"))
        if one.problem:
            lines.append(self.tr("not shown"))
        elif one.scale is Scale.LENGTH:
            lines.append(self.tr("not to scale"))
        elif one.scale is Scale.MIXED:
            lines.append(self.tr("other plane"))
        return lines

    def _about(self, one: LookAlike) -> str:
        kin = {
            Kin.OTHER: self.tr("Another patient."),
            Kin.SAME: self.tr("The same patient: it may be the very same stent."),
            Kin.NOT_KNOWN: self.tr("It is not known whose stents these are."),
        }[one.kin]
        verified = {
            LabelAction.ACCEPT: self.tr("Accepted by {by}, {day}."),
            LabelAction.COMMIT: self.tr("Answered by {by} before the model, {day}."),
        }.get(one.action, self.tr("Chosen by {by}, {day}."))
        scale = {
            Scale.MM: self.tr("At the same scale in mm."),
            Scale.MIXED: self.tr(
                "At one scale in mm, but one is measured at the detector and the other in the "
                "patient: what is measured at the detector looks larger."
            ),
            Scale.LENGTH: self.tr(
                "One of the two images has no pixel spacing: both stents are drawn equally long."
            ),
        }[one.scale]
        lines = [
            self.tr("Similarity {n}, as this model sees it.").format(n=f"{one.similarity:.2f}"),
            verified.format(by=one.by, day=f"{one.at.astimezone():%Y-%m-%d}"),
            kin,
        ]
        if one.date:
            lines.append(self.tr("Image of {date}.").format(date=one.date))
        if one.problem:
            lines.append(say(one.problem))
        else:
            lines.append(scale)
            if not one.is_turned:
                lines.append(self.tr("Not turned: no axis is known of it."))
        return "\n".join(lines)


class LookAlikesView(QWidget):
    """Closed until asked for; what it shows is asked for when it is opened first."""

    wanted = Signal()
    imageChosen = Signal(int, int)  # image id, frame
    readAgainWanted = Signal()
    learnWanted = Signal(object)  # UnknownGroup
    designWanted = Signal()

    def __init__(self, maker: str = "", parent: QWidget | None = None) -> None:
        """`maker` is whose page can be opened from here; empty for none."""
        super().__init__(parent)
        self.strips: dict[str, Strip] = {}
        self.toggle = QToolButton(self)
        self.toggle.setCheckable(True)
        self.toggle.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.toggle.setArrowType(Qt.ArrowType.RightArrow)
        self.toggle.setText(self.tr("Look-alikes"))
        self.toggle.setToolTip(
            self.tr("The nearest verified stents of each maker that is not excluded")
        )
        self.toggle.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.toggle.toggled.connect(self._open)
        self.design = QToolButton(self)
        shown = self.fontMetrics().elidedText(maker, Qt.TextElideMode.ElideMiddle, _LONGEST_NAME)
        self.design.setText(self.tr("About {maker}…").format(maker=shown.replace("&", "&&")))
        self.design.setToolTip(self.tr("What is known of this design, with its sources"))
        self.design.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.design.clicked.connect(self.designWanted)
        self.design.setVisible(bool(maker))
        self.offer = _label("")
        self.learn = QPushButton(self.tr("Learn this design…"), self)
        self._group: object = None
        self.learn.clicked.connect(lambda: self.learnWanted.emit(self._group))
        self.status = _label("")
        self.again = QPushButton(self.tr("Read them with this model"), self)
        self.again.clicked.connect(self.readAgainWanted)
        self.scale = _label("", "quiet")
        self.body = QWidget(self)
        self._inside = _column(self.body, theme.GRID)
        column = _column(self, theme.GRID)
        for button in (self.toggle, self.design):
            column.addWidget(button, 0, Qt.AlignmentFlag.AlignLeft)
        for widget in (self.offer, self.learn, self.status, self.body):
            column.addWidget(widget)
        column.addWidget(self.again)
        column.addWidget(self.scale)
        for widget in (self.offer, self.learn, self.status, self.body, self.again, self.scale):
            widget.hide()
        self._is_filled = False

    def _open(self, on: bool) -> None:
        self.toggle.setArrowType(Qt.ArrowType.DownArrow if on else Qt.ArrowType.RightArrow)
        if on and not self._is_filled:
            self._say(self.tr("Looking for look-alikes…"))
            self.wanted.emit()
        self._show_parts()

    def _show_parts(self) -> None:
        is_open = self.toggle.isChecked()
        self.status.setVisible(is_open and bool(self.status.text()))
        self.body.setVisible(is_open and bool(self.strips))
        self.scale.setVisible(is_open and bool(self.scale.text()))
        self.again.setVisible(is_open and bool(self.again.property("offered")))

    def _say(self, text: str) -> None:
        self.status.setText(text)
        self._show_parts()

    def show_failure(self, text: str) -> None:
        """Why nothing can be shown; opening it again asks again."""
        self._is_filled = False
        self._say(say(text))

    def show_offer(self, group: object, images: int, patients: int) -> None:
        """This stent and others that were read as unknown look like one design."""
        self._group = group
        text = self.tr(
            "Images whose stents were read as unknown and look like one design: {images}, of "
            "{patients} patients. This is one of them."
        )
        self.offer.setText(text.format(images=images, patients=patients))
        for widget in (self.offer, self.learn):
            widget.show()

    def show_comparison(self, found: Comparison) -> None:
        """Each maker's strip, and the stent in question at the head of them."""
        self._is_filled = True
        while (item := self._inside.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.strips = {}
        if found.crop is not None:
            self._inside.addWidget(self._own(found))
        for maker, some in found.makers.items():
            strip = Strip(maker, some, found.waiting.get(maker, 0), self.body)
            strip.imageChosen.connect(self.imageChosen)
            self.strips[maker] = strip
            self._inside.addWidget(strip)
        self._set_tab_order()
        self.again.setProperty("offered", any(found.waiting.values()))
        self.scale.setText(self._note(found))
        self._say(say(found.note))

    def _set_tab_order(self) -> None:
        """Along what is on the screen: the pictures come after what was there before them."""
        tiles = [tile for strip in self.strips.values() for tile in strip.tiles]
        for before, after in pairwise((self.toggle, *tiles, self.again)):
            QWidget.setTabOrder(before, after)

    def _own(self, found: Comparison) -> QWidget:
        box = QWidget(self.body)
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        name = self.tr("Stent {n} of this image").format(n=found.number)
        row.addWidget(CropPicture(found.crop, name, box))
        plane = {
            SpacingKind.PATIENT: self.tr("Its pixel spacing is the patient's."),
            SpacingKind.CALIBRATED: self.tr("Its pixel spacing was calibrated by a reader."),
            SpacingKind.DETECTOR: self.tr("Its pixel spacing is the detector's."),
            SpacingKind.NONE: self.tr("This image has no pixel spacing."),
        }[found.spacing]
        lines = [name, plane]
        if not found.is_turned:
            lines.append(self.tr("Not turned: no axis is known of it."))
        row.addWidget(_label("\n".join(lines), "quiet"), 1)
        return box

    def _note(self, found: Comparison) -> str:
        every = [one for some in found.makers.values() for one in some]
        if not every:
            return ""
        return self.tr(
            "Similarity is what this model finds alike, 1 at most; it is no probability. Judge by "
            "eye."
        )


def _column(parent: QWidget, spacing: int) -> QVBoxLayout:
    column = QVBoxLayout(parent)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(spacing)
    return column


def _label(text: str, name: str = "") -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
