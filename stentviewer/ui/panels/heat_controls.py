"""How the heat map is shown: on or off, how strong, from where on, in which colours."""

from __future__ import annotations

from PySide6.QtCore import QSignalBlocker, QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QImage, QPixmap, QShowEvent
from PySide6.QtWidgets import QComboBox, QGridLayout, QLabel, QSlider, QToolButton, QWidget

from stentviewer.ui import theme

HEAT_TABLES = ("inferno", "viridis", "cividis")
_SWATCH = QSize(40, 12)
_MOST_THRESHOLD = 95  # percent: above, nothing would be left


class HeatControls(QWidget):
    """The heat's switch and look. Setting it from outside announces nothing."""

    strengthChanged = Signal(float)  # 0…1
    thresholdChanged = Signal(float)  # 0…0.95: heat below this is hidden
    tableChanged = Signal(str)

    def __init__(self, toggle: QAction, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        switch = QToolButton(self)
        switch.setDefaultAction(toggle)
        switch.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        self.strength = self._slider(self.tr("Heat map strength"), 100)
        self.threshold = self._slider(
            self.tr("Heat below this share of the hottest place is hidden"), _MOST_THRESHOLD
        )
        self.table = QComboBox(self)
        self.table.setIconSize(_SWATCH)
        self.table.setAccessibleName(self.tr("Heat map colours"))
        self.table.setToolTip(
            self.tr("Heat map colours. All three are even in brightness; cividis looks the same "
                    "to people with colour blindness.")
        )  # fmt: skip
        for name in HEAT_TABLES:
            self.table.addItem(name.capitalize(), name)
        self._shown = [QLabel(self), QLabel(self)]
        self._lay_out(switch)
        self.strength.valueChanged.connect(lambda v: self.strengthChanged.emit(v / 100))
        self.threshold.valueChanged.connect(lambda v: self.thresholdChanged.emit(v / 100))
        self.table.currentIndexChanged.connect(lambda _: self.tableChanged.emit(self.colours))
        self.strength.valueChanged.connect(self._say)
        self.threshold.valueChanged.connect(self._say)
        self._say()

    @property
    def colours(self) -> str:
        """The chosen table's name."""
        return str(self.table.currentData())

    def set_look(self, strength: float, threshold: float, table: str) -> None:
        """Take the kept look without announcing it."""
        with (
            QSignalBlocker(self.strength),
            QSignalBlocker(self.threshold),
            QSignalBlocker(self.table),
        ):
            self.strength.setValue(round(strength * 100))
            self.threshold.setValue(round(threshold * 100))
            self.table.setCurrentIndex(max(self.table.findData(table), 0))
        self._say()

    def showEvent(self, event: QShowEvent) -> None:
        """The swatches are made once there is heat to be seen: their tables take a moment."""
        super().showEvent(event)
        if self.table.itemIcon(0).isNull():
            for place, name in enumerate(HEAT_TABLES):
                self.table.setItemIcon(place, swatch(name, self.devicePixelRatioF()))

    def _slider(self, what: str, most: int) -> QSlider:
        slider = QSlider(Qt.Orientation.Horizontal, self)
        slider.setRange(0, most)
        slider.setPageStep(10)
        slider.setAccessibleName(what)
        slider.setToolTip(what)
        slider.setMinimumWidth(48)
        return slider

    def _lay_out(self, switch: QToolButton) -> None:
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(theme.GRID)
        grid.setVerticalSpacing(4)
        grid.setColumnStretch(1, 1)
        left = Qt.AlignmentFlag.AlignLeft
        grid.addWidget(switch, 0, 0, 1, 1, left)
        grid.addWidget(self.table, 0, 1, 1, 2)
        rows = ((self.tr("Strength"), self.strength), (self.tr("Hidden below"), self.threshold))
        for row, (words, slider) in enumerate(rows, start=1):
            title, shown = QLabel(words, self), self._shown[row - 1]
            for label in (title, shown):
                label.setObjectName("quiet")
            title.setBuddy(slider)
            shown.setAlignment(Qt.AlignmentFlag.AlignRight)
            shown.setMinimumWidth(shown.fontMetrics().horizontalAdvance("100 %"))
            grid.addWidget(title, row, 0)
            grid.addWidget(slider, row, 1)
            grid.addWidget(shown, row, 2)

    def _say(self) -> None:
        for label, slider in zip(self._shown, (self.strength, self.threshold), strict=True):
            label.setText(self.tr("{n} %").format(n=slider.value()))


def swatch(table: str, ratio: float = 1.0) -> QIcon:
    """A strip of a colour table from cold to hot."""
    import numpy as np

    from stentviewer.imaging.overlay import colour_table

    width, height = round(_SWATCH.width() * ratio), round(_SWATCH.height() * ratio)
    row = colour_table(table)[np.linspace(0, 255, width).astype(np.uint8)]
    pixels = np.ascontiguousarray(np.broadcast_to(row, (height, width, 3)))
    image = QImage(pixels.data, width, height, width * 3, QImage.Format.Format_RGB888)
    picture = QPixmap.fromImage(image.copy())
    picture.setDevicePixelRatio(ratio)
    return QIcon(picture)
