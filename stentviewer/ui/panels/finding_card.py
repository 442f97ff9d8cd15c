"""One stent as the model reads it: maker, probability, what is not excluded, the other makers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt
from PySide6.QtGui import QColor, QPainter, QPaintEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from stentviewer.core.types import Finding
from stentviewer.core.wording import not_excluded, show_probability
from stentviewer.ui import theme

_NAME = 16  # characters of a maker beside its bar


class ProbabilityBar(QWidget):
    """A thin bar, 0 to 1."""

    def __init__(self, share: float, colour: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._share = min(max(share, 0.0), 1.0)
        self._colour = QColor(colour)
        self.setAccessibleName(f"{share:.2f}")

    def sizeHint(self) -> QSize:
        return QSize(80, 6)

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.setPen(Qt.PenStyle.NoPen)
        area = QRectF(0, (self.height() - 4) / 2, self.width(), 4)
        painter.setBrush(QColor(theme.BASE))
        painter.drawRoundedRect(area, 2, 2)
        if self._share * area.width() >= 1:
            area.setWidth(self._share * area.width())
            painter.setBrush(self._colour)
            painter.drawRoundedRect(area, 2, 2)


class FindingCard(QFrame):
    """Says no more than the model did: a set where the model has a set, "unknown" as an answer."""

    def __init__(self, number: int, finding: Finding, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(6)
        column.addWidget(_label(self._lead(number, finding), "quiet"))
        column.addLayout(self._headline(finding))
        if finding.unknown:
            column.addWidget(_label(self._unknown(finding), ""))
        else:
            column.addWidget(ProbabilityBar(finding.probability, theme.ACCENT, self))
            others = not_excluded(finding)
            if others:
                text = self.tr("Not excluded: {makers}").format(makers=", ".join(others))
                column.addWidget(_label(text, ""))
        column.addLayout(self._scores(finding))
        self.below = QVBoxLayout()  # for what others add: look-alikes, the design's page
        column.addLayout(self.below)

    def _lead(self, number: int, finding: Finding) -> str:
        text = self.tr("Stent {n}").format(n=number)
        reads = self.tr("the model reads it as")
        return text if finding.unknown else f"{text}  ·  {reads}"

    def _headline(self, finding: Finding) -> QHBoxLayout:
        row = QHBoxLayout()
        name = self.tr("Unknown design") if finding.unknown else finding.maker
        row.addWidget(_label(name, "maker"), 1)
        if not finding.unknown:
            number = _label(show_probability(finding.probability), "maker")
            number.setWordWrap(False)
            number.setToolTip(self.tr("The model's probability, calibrated on its own test images"))
            row.addWidget(number)
        return row

    def _unknown(self, finding: Finding) -> str:
        text = self.tr("No maker stands out. Nearest: {maker}, {p}.")
        return text.format(maker=finding.maker, p=show_probability(finding.probability))

    def _scores(self, finding: Finding) -> QGridLayout:
        """Every other maker, most probable first."""
        grid = QGridLayout()
        grid.setContentsMargins(0, 6, 0, 0)
        grid.setHorizontalSpacing(theme.GRID)
        grid.setVerticalSpacing(2)
        grid.setColumnStretch(1, 1)
        shown = [
            score for score in finding.scores if finding.unknown or score.label != finding.maker
        ]
        for row, score in enumerate(shown):
            grid.addWidget(_short(score.label), row, 0)
            grid.addWidget(ProbabilityBar(score.probability, theme.QUIET, self), row, 1)
            grid.addWidget(_label(show_probability(score.probability), "quiet", wrap=False), row, 2)
        return grid


def _short(name: str) -> QLabel:
    """A name in one line, cut where the bar beside it would have no room."""
    label = _label(name, "quiet", wrap=False)
    room = label.fontMetrics().averageCharWidth() * _NAME
    label.setText(label.fontMetrics().elidedText(name, Qt.TextElideMode.ElideRight, room))
    label.setToolTip(name if label.text() != name else "")
    return label


def _label(text: str, name: str, *, wrap: bool = True) -> QLabel:
    label = QLabel(text)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setObjectName(name)
    label.setWordWrap(wrap)
    return label
