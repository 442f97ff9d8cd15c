"""One stent as the model reads it: maker, probability, what is not excluded, the other makers."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QPixmap,
)
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from stentviewer.core.types import Finding
from stentviewer.core.wording import (
    is_strange,
    not_excluded,
    show_distance,
    show_probability,
)
from stentviewer.ui import icons, theme

_BADGE, _SIGN = 20, 16  # logical pixels
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


class NumberBadge(QWidget):
    """A stent's number in a circle, as it stands on the picture; filled while it is chosen."""

    def __init__(self, number: int, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._number = number
        self.is_chosen = False
        side = max(_BADGE, self.fontMetrics().height() + 4)
        self.setFixedSize(side, side)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            accent = QColor(theme.ACCENT)
            painter.setPen(QPen(accent, 1.5))
            painter.setBrush(accent if self.is_chosen else Qt.BrushStyle.NoBrush)
            area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            painter.drawEllipse(area)
            painter.setPen(QColor(theme.ON_ACCENT if self.is_chosen else theme.TEXT))
            painter.drawText(area, Qt.AlignmentFlag.AlignCenter, str(self._number))


class CheckBadge(QWidget):
    """What a check of the heat says, with a sign that is told by its shape."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._sign = QLabel(self)
        self._words = _label("", "")
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(theme.GRID)
        row.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(self._words, 1)
        self.hide()

    def show_check(self, kind: str, text: str) -> None:
        """`kind` is "good", "warning" or "plain"; an empty text hides it."""
        name, colour = {
            "good": ("check-circle", theme.GOOD),
            "warning": ("warning", theme.WARNING),
        }.get(kind, ("info", theme.QUIET))
        self._sign.setPixmap(icons.icon(name, colour).pixmap(_SIGN, _SIGN) if text else QPixmap())
        self._words.setText(text)
        self.setVisible(bool(text))


class FindingCard(QFrame):
    """Says no more than the model did: a set where the model has a set, "unknown" as an answer.

    `coverage` is how often the set holds the true maker, None where the model does not promise
    that. With several stents a click or Enter chooses one. Others add what they know of the stent:
    `set_check` and `below`.
    """

    chosen = Signal(int)  # its number

    def __init__(
        self,
        number: int,
        finding: Finding,
        parent: QWidget | None = None,
        *,
        coverage: float | None = None,
        several: bool = False,
    ) -> None:
        super().__init__(parent)
        self.setObjectName("card")
        self.number, self._finding, self._several = number, finding, several
        self.setProperty("several", several)
        self.setAccessibleName(self.tr("Stent {n}").format(n=number))
        if several:
            self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        column = QVBoxLayout(self)
        column.setContentsMargins(12, 12, 12, 12)
        column.setSpacing(6)
        self.badge = NumberBadge(number, self)
        self.lead = _label("", "quiet")
        if finding.presence < 1:
            self.lead.setToolTip(self.tr("Presence: the model's probability of a stent here"))
        top = QHBoxLayout()
        top.setSpacing(theme.GRID)
        top.addWidget(self.badge, 0, Qt.AlignmentFlag.AlignTop)
        top.addWidget(self.lead, 1)
        column.addLayout(top)
        column.addLayout(self._headline(finding))
        if finding.unknown:
            column.addWidget(_label(self._unknown(finding), ""))
        else:
            column.addWidget(ProbabilityBar(finding.probability, theme.ACCENT, self))
            if not_excluded(finding):
                column.addWidget(_label(self._not_excluded(finding, coverage), ""))
        self.check = CheckBadge(self)
        column.addWidget(self.check)
        if not is_strange(finding):  # of a strange one the probabilities say nothing
            column.addLayout(self._scores(finding))
        self.below = QVBoxLayout()  # for what others add: look-alikes, the design's page
        column.addLayout(self.below)
        self.set_chosen(False)

    def set_check(self, kind: str, text: str) -> None:
        """What a check of the stent's heat says: "good", "warning" or "plain"; empty for none."""
        self.check.show_check(kind, text)

    def set_chosen(self, is_chosen: bool) -> None:
        """Mark it as the one that is looked at alone."""
        self.badge.is_chosen = is_chosen
        self.badge.update()
        self.lead.setText(self._lead(is_chosen))
        if self._several:
            self.setProperty("chosen", is_chosen)
            self.style().unpolish(self)
            self.style().polish(self)

    def mousePressEvent(self, event: QMouseEvent) -> None:
        if self._several and event.button() == Qt.MouseButton.LeftButton:
            self.chosen.emit(self.number)
        else:
            super().mousePressEvent(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        keys = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space)
        if self._several and Qt.Key(event.key()) in keys:
            self.chosen.emit(self.number)
        else:
            super().keyPressEvent(event)

    def _lead(self, is_chosen: bool) -> str:
        finding = self._finding
        parts = [self.tr("Stent {n}").format(n=self.number)]
        if is_chosen:
            parts.append(self.tr("shown alone"))
        if finding.presence < 1:
            presence = self.tr("presence {p}")
            parts.append(presence.format(p=show_probability(finding.presence)))
        if not finding.unknown:
            parts.append(self.tr("the model reads it as"))
        return "  ·  ".join(parts)

    def _not_excluded(self, finding: Finding, coverage: float | None) -> str:
        makers = ", ".join(not_excluded(finding))
        if coverage is None:
            return self.tr("Not excluded: {makers}").format(makers=makers)
        text = self.tr("Not excluded: {makers} ({n} % of such sets hold the true maker)")
        return text.format(makers=makers, n=f"{coverage * 100:.0f}")

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
        if is_strange(finding) and finding.distance is not None:
            text = self.tr(
                "A design that this model does not know. Nearest is {maker}, but this stent lies "
                "{n} times as far from it as one of a known design may."
            )
            return text.format(maker=finding.maker, n=show_distance(finding.distance))
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
