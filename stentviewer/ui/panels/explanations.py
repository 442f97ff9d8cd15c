"""Why the model says so, twice: the reading's own map, and one made by covering places."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPolygonF,
)
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from stentviewer.app.explaining import CloseUp
from stentviewer.core.types import Box, HeatMap
from stentviewer.explain.agreement import HOTTEST
from stentviewer.ui import theme
from stentviewer.ui.frame_state import FrameState
from stentviewer.ui.i18n import say
from stentviewer.ui.panels.choice import ChoiceButton


class MapPicture(QWidget):
    """One map over a close-up of the stent; a click lays it over the image."""

    chosen = Signal()

    def __init__(self, parent: QWidget | None = None, *, is_button: bool = True) -> None:
        super().__init__(parent)
        self._is_button = is_button
        if is_button:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self._pixels: npt.NDArray[np.uint8] | None = None
        self._is_shown = False
        self._name = ""
        self._outline: list[tuple[float, float]] = []

    def show_outline(self, close_up: CloseUp, outline: Sequence[tuple[float, float]]) -> None:
        """Draw a line around the stent; its corners are in fractions of the whole image."""
        box = close_up.box
        wide, tall = box.x1 - box.x0, box.y1 - box.y0
        self._outline = [((x - box.x0) / wide, (y - box.y0) / tall) for x, y in outline]
        self.update()

    def show_map(self, name: str, pixels: npt.NDArray[np.uint8], is_shown: bool) -> None:
        """Show this picture, RGB; `is_shown` where its map lies over the image."""
        self._name, self._pixels, self._is_shown = name, np.ascontiguousarray(pixels), is_shown
        self.setAccessibleName(name)
        self.update()

    def sizeHint(self) -> QSize:
        return QSize(120, self.heightForWidth(120))

    def hasHeightForWidth(self) -> bool:
        return True

    def heightForWidth(self, width: int) -> int:
        if self._pixels is None:
            return width
        rows, columns = self._pixels.shape[:2]
        return min(width * int(rows) // int(columns), width * 3 // 2)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.fillRect(self.rect(), Qt.GlobalColor.black)
            if self._pixels is not None:
                rows, columns = self._pixels.shape[:2]
                form = QImage.Format.Format_RGB888
                image = QImage(self._pixels.data, columns, rows, columns * 3, form)
                scale = min(self.width() / columns, self.height() / rows)
                area = QRectF(0, 0, columns * scale, rows * scale)
                area.moveCenter(QRectF(self.rect()).center())
                painter.drawImage(area, image)
                self._draw_outline(painter, area)
            wide = 3 if self._is_shown else 1
            colour = theme.ACCENT if self._is_shown or self.hasFocus() else theme.LINE
            painter.setPen(QPen(QColor(colour), wide))
            inset = wide / 2
            painter.drawRect(QRectF(self.rect()).adjusted(inset, inset, -inset, -inset))

    def _draw_outline(self, painter: QPainter, area: QRectF) -> None:
        if not self._outline:
            return
        corners = [
            QPointF(area.x() + x * area.width(), area.y() + y * area.height())
            for x, y in self._outline
        ]
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setClipRect(area)
        painter.setPen(QPen(QColor(theme.ACCENT), 1.5))
        painter.drawPolygon(QPolygonF(corners))
        painter.restore()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self._is_button and self.rect().contains(event.position().toPoint()):
            self.chosen.emit()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if self._is_button and event.key() in (
            Qt.Key.Key_Space,
            Qt.Key.Key_Return,
            Qt.Key.Key_Enter,
        ):
            self.chosen.emit()
        else:
            super().keyPressEvent(event)


class ExplanationsView(QWidget):
    """Asks for the second map, shows both side by side, and says how far they agree."""

    explainRequested = Signal()
    stopRequested = Signal()
    compareRequested = Signal()
    mapChosen = Signal(str)  # a map's method

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._look = (0.5, 0.0, "inferno")
        self._state = FrameState()
        self.ask = QPushButton(self.tr("Explain in a second way"), self)
        self.ask.setToolTip(
            self.tr("The model is asked some fifty times more, with one place after the other "
                    "covered. This takes some seconds.")
        )  # fmt: skip
        self.ask.clicked.connect(self.explainRequested)
        self.compare = QPushButton(self.tr("Compare all explanations…"), self)
        self.compare.setToolTip(
            self.tr("Grad-CAM, Grad-CAM++, occlusion and, where the model has it, attention, each "
                    "checked; and what the other models here look at.")
        )  # fmt: skip
        self.compare.clicked.connect(self.compareRequested)
        self.stop = QPushButton(self.tr("Stop"), self)
        self.stop.clicked.connect(self.stopRequested)
        self.working = _label(self.tr("Covering one place after the other…"))
        self.failure = _label("")
        self.pictures: dict[str, MapPicture] = {}
        self.names: dict[str, ChoiceButton] = {}
        self._side_by_side = QWidget(self)
        self._pair = QHBoxLayout(self._side_by_side)
        self._pair.setContentsMargins(0, 0, 0, 0)
        self._pair.setSpacing(theme.GRID)
        self.agreement = _label("")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        busy = QHBoxLayout()
        busy.addWidget(self.working, 1)
        busy.addWidget(self.stop)
        column.addWidget(self.ask)
        column.addLayout(busy)
        column.addWidget(self.failure)
        column.addWidget(self._side_by_side)
        column.addWidget(self.agreement)
        column.addWidget(self.compare)

    def set_look(self, strength: float, threshold: float, table: str) -> None:
        """Draw the small pictures as the large one is."""
        if (strength, threshold, table) != self._look:
            self._look = (strength, threshold, table)
            self._show_pictures()

    def show_state(self, state: FrameState) -> None:
        """Show what there is of the frame's explanations."""
        self._state = state
        reading = state.reading if not state.is_reading else None
        self.setVisible(reading is not None and bool(reading.reading.findings))
        self.ask.setVisible(state.can_explain)
        self.working.setVisible(state.is_explaining)
        self.stop.setVisible(state.is_explaining)
        _say(self.failure, say(state.explain_failure))
        _say(self.agreement, self._agreement(state))
        self.agreement.setToolTip(self._ranks(state))
        self._show_pictures()

    def _show_pictures(self) -> None:
        state = self._state
        both = len(state.heats) > 1
        self._side_by_side.setVisible(both)
        if not both:
            return
        if list(self.pictures) != list(state.heats):
            self._make_pictures(state.heats)
        for method, picture in self.pictures.items():
            is_shown = method == state.map_shown
            self.names[method].setChecked(is_shown)
            picture.setVisible(state.facts.close_up is not None)
            if state.facts.close_up is not None:
                pixels = over_close_up(state.facts.close_up, state.heats[method], *self._look)
                picture.show_map(method, pixels, is_shown)

    def _make_pictures(self, heats: Mapping[str, HeatMap]) -> None:
        while (item := self._pair.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.hide()
                widget.deleteLater()
        self.pictures.clear()
        self.names.clear()
        for method in heats:
            one = QWidget(self._side_by_side)
            column = QVBoxLayout(one)
            column.setContentsMargins(0, 0, 0, 0)
            column.setSpacing(4)
            picture, name = MapPicture(one), ChoiceButton(method, one)
            name.setToolTip(self.tr("Lay this map over the image"))
            name.setMinimumWidth(0)
            picture.setToolTip(self._meaning(method))
            for signal in (picture.chosen, name.clicked):
                signal.connect(lambda *_, method=method: self._choose(method))
            self.pictures[method], self.names[method] = picture, name
            column.addWidget(picture)
            column.addWidget(name)
            self._pair.addWidget(one, 1)
            one.show()

    def _choose(self, method: str) -> None:
        self.names[method].setChecked(True)  # pressing the chosen one again leaves it chosen
        self.mapChosen.emit(method)

    def _meaning(self, method: str) -> str:
        if method == "Occlusion":
            return self.tr(
                "Hot where blurring the place lowered the model's probability for this maker."
            )
        return self.tr("Hot where the network's last layer speaks for this maker.")

    def _ranks(self, state: FrameState) -> str:
        found = state.facts.agreement
        if found is None:
            return ""
        text = self.tr("Rank correlation over all that both maps cover: {r}")
        return text.format(r=f"{found.ranks:.2f}")

    def _agreement(self, state: FrameState) -> str:
        if len(state.heats) < 2:
            return ""
        second = list(state.heats.values())[1]
        if not second.values.any():
            return self.tr(
                "Covering any one place did not lower the model's probability noticeably, so the "
                "second map is empty. The first map stands alone."
            )
        found = state.facts.agreement
        if found is None:
            return self.tr("The two maps cannot be compared: one of them shows no heat.")
        text = self.tr(
            "The hottest tenths of both maps have {p} % in common; by chance it would be {c} %. "
            "Maps that agree can be wrong together: both ask the same model."
        )
        lines = [text.format(p=round(found.overlap * 100), c=round(HOTTEST * 100))]
        if state.facts.inside is not None:
            inside = self.tr("{p} % of the second map's heat lies in the stent's box.")
            lines.append(inside.format(p=round(state.facts.inside * 100)))
        return "\n".join(lines)


def over_close_up(
    close_up: CloseUp, heat: HeatMap, strength: float, threshold: float, table: str
) -> npt.NDArray[np.uint8]:
    """The close-up with the map's part over it, RGB (rows, columns, 3)."""
    from stentviewer.imaging.overlay import render_overlay

    box, extent = close_up.box, heat.extent
    wide, tall = box.x1 - box.x0, box.y1 - box.y0
    part = Box(
        (extent.x0 - box.x0) / wide,
        (extent.y0 - box.y0) / tall,
        (extent.x1 - box.x0) / wide,
        (extent.y1 - box.y0) / tall,
    )
    values = np.where(heat.values >= threshold, heat.values, 0).astype(np.float32)
    return render_overlay(close_up.grey, HeatMap(values, part, heat.method), strength, table)


def _label(text: str) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _say(label: QLabel, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))
