"""Asks how long a line that was drawn over something really is."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import (
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QDoubleSpinBox,
    QHBoxLayout,
    QLabel,
    QVBoxLayout,
    QWidget,
)

FRENCH_MM = 1 / 3  # one French (Charrière)
_MM, _FR = 0, 1


class CalibrationDialog(QDialog):
    """A length in millimetres or French, from which every length on the image then follows."""

    lengthGiven = Signal(float)  # mm

    def __init__(
        self, columns: float, stated: str, mm: float | None, parent: QWidget | None = None
    ) -> None:
        """`columns` is the length drawn; `stated` what the file's spacing makes of it, or empty."""
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Calibrate by a known length"))
        drawn = self.tr("The line is {n} px long.").format(n=f"{columns:.0f}")
        if stated:
            drawn += " " + self.tr("By the file's spacing that is {n}.").format(n=stated)
        self.drawn = QLabel(drawn, self)
        self.number = QDoubleSpinBox(self)
        self.number.setDecimals(2)
        self.number.setRange(0.01, 10_000.0)
        self.unit = QComboBox(self)
        self.unit.addItems([self.tr("mm"), self.tr("Fr (1 Fr = 1/3 mm)")])
        self.number.setValue(mm if mm is not None else 10.0)
        self.number.setAccessibleName(self.tr("Known length"))
        self.unit.setAccessibleName(self.tr("Unit of the known length"))
        effect = QLabel(
            self.tr(
                "What it is of must lie as far from the detector as what is measured. Lengths on "
                "this image are marked as calibrated from now on."
            ),
            self,
        )
        effect.setWordWrap(True)
        effect.setObjectName("quiet")
        buttons = QDialogButtonBox(
            QDialogButtonBox.StandardButton.Ok | QDialogButtonBox.StandardButton.Cancel, self
        )
        buttons.accepted.connect(self.accept)
        buttons.rejected.connect(self.reject)
        row = QHBoxLayout()
        row.addWidget(QLabel(self.tr("Known length"), self))
        row.addWidget(self.number, 1)
        row.addWidget(self.unit)
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(12)
        column.addWidget(self.drawn)
        column.addLayout(row)
        column.addWidget(effect)
        column.addWidget(buttons)
        self.setMinimumWidth(420)
        self.number.selectAll()
        self.number.setFocus()

    @property
    def mm(self) -> float:
        """The length chosen, in mm."""
        factor = FRENCH_MM if self.unit.currentIndex() == _FR else 1.0
        return self.number.value() * factor

    def accept(self) -> None:
        self.lengthGiven.emit(self.mm)
        super().accept()
