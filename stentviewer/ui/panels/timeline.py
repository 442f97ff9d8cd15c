"""The patient's time line: every examination, and which stents were read or named on it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetrics, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QHBoxLayout, QLabel, QScrollArea, QWidget

from stentviewer.core.answers import parts_of
from stentviewer.ui import theme
from stentviewer.ui.answers import shown_answer
from stentviewer.ui.plain import as_it_stands

if TYPE_CHECKING:
    from stentviewer.library.records import TimelineEntry, TimelineStudy

_WIDTH = 184
_LINES = 3  # of stents; more are counted


class StudyButton(QAbstractButton):
    """One examination. Its lines: when, what, and the stents, those not seen before marked."""

    def __init__(
        self, study: TimelineStudy, when: str, lines: Sequence[str], parent: QWidget
    ) -> None:
        super().__init__(parent)
        self.study = study
        self.when = when
        self.lines = tuple(lines)
        self.is_shown = False
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        text = "\n".join((when, *lines))
        self.setToolTip(as_it_stands(text))
        self.setAccessibleName(text.replace("\n", ", "))

    def sizeHint(self) -> QSize:
        height = QFontMetrics(self.font()).height()
        return QSize(_WIDTH, height * (_LINES + 2) + 2 * theme.GRID)

    def paintEvent(self, event: QPaintEvent) -> None:
        with QPainter(self) as painter:
            painter.setRenderHint(QPainter.RenderHint.Antialiasing)
            area = QRectF(self.rect()).adjusted(1, 1, -1, -1)
            edge = theme.ACCENT if self.is_shown or self.hasFocus() else theme.LINE
            painter.setPen(QPen(QColor(edge), 2.0 if self.is_shown else 1.0))
            painter.setBrush(QColor(theme.RAISED if self.underMouse() else theme.PANEL))
            painter.drawRoundedRect(area, 4, 4)
            inside = self.rect().adjusted(theme.GRID, theme.GRID // 2, -theme.GRID, 0)
            metrics = painter.fontMetrics()
            y = inside.top() + metrics.ascent()
            for number, line in enumerate((self.when, *self.lines)):
                font = QFont(self.font())
                font.setBold(number == 0)
                painter.setFont(font)
                painter.setPen(QColor(theme.QUIET if number == 1 else theme.TEXT))
                shown = painter.fontMetrics().elidedText(
                    line, Qt.TextElideMode.ElideRight, inside.width()
                )
                painter.drawText(inside.left(), y, shown)
                y += metrics.height()


class Timeline(QScrollArea):
    """Oldest on the left. Choosing an examination asks for it to be hung."""

    studyChosen = Signal(int)

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWidgetResizable(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(self.tr("Time line"))
        self._shown: int | None = None
        self.buttons: list[StudyButton] = []
        self.show_studies(())

    def show_studies(self, studies: Sequence[TimelineStudy]) -> None:
        """The patient's examinations, oldest first."""
        self.buttons = []
        strip = QWidget()
        row = QHBoxLayout(strip)
        row.setContentsMargins(theme.GRID, theme.GRID // 2, theme.GRID, theme.GRID // 2)
        row.setSpacing(theme.GRID)
        if not studies:
            empty = QLabel(self.tr("No patient on the screen."), strip)
            empty.setObjectName("quiet")
            row.addWidget(empty)
        seen: set[str] = set()
        before = ""
        for study in studies:
            if before or self.buttons:
                gap = QLabel(self._gap(before, study.date), strip)
                gap.setObjectName("quiet")
                row.addWidget(gap)
            before = study.date
            row.addWidget(self._button(study, seen, strip))
        row.addStretch(1)
        former = self.takeWidget()
        if former is not None:
            former.deleteLater()
        self.setWidget(strip)
        height = QFontMetrics(self.font()).height() * (_LINES + 2) + 4 * theme.GRID
        self.setMinimumHeight(height + self.horizontalScrollBar().sizeHint().height())
        self.mark(self._shown)

    def _button(self, study: TimelineStudy, seen: set[str], strip: QWidget) -> StudyButton:
        when = "  ".join(filter(None, (study.date or self.tr("No date"), study.modality)))
        stents = [line for entry in study.entries for line in self._stents(entry, seen)]
        if len(stents) > _LINES:
            more = self.tr("and {n} more").format(n=len(stents) - _LINES + 1)
            stents = [*stents[: _LINES - 1], more]
        nothing = self.tr("not read") if not study.entries else ""
        lines = [study.description, *(stents or filter(None, [nothing]))]
        button = StudyButton(study, when, lines, strip)
        button.clicked.connect(lambda: self.studyChosen.emit(study.study_id))
        self.buttons.append(button)
        return button

    def _stents(self, entry: TimelineEntry, seen: set[str]) -> list[str]:
        """A line for each stent of a frame: who says so, and whether it was not there before."""
        makers: tuple[str, ...]
        if entry.label:
            makers, who = parts_of(entry.label), self.tr("reader")
        else:
            makers, who = entry.makers, self.tr("model")
        lines = []
        for maker in makers:
            is_new = bool(maker) and maker not in seen
            seen.add(maker)
            name = shown_answer(maker) if maker else self.tr("unknown design")
            form = self.tr("+ {maker} ({who})") if is_new else self.tr("{maker} ({who})")
            lines.append(form.format(maker=name, who=who))
        if not makers and entry.is_refused:
            lines.append(self.tr("not a kind of image it reads ({who})").format(who=who))
        elif not makers:
            lines.append(self.tr("no stent found ({who})").format(who=who))
        return lines

    def _gap(self, before: str, after: str) -> str:
        """How long from one examination to the next: "18 d"; an arrow where a date is unknown."""
        try:
            days = (date.fromisoformat(after) - date.fromisoformat(before)).days
        except ValueError:
            return "→"
        return self.tr("{n} d →").format(n=days) if days else "→"

    def mark(self, study_id: int | None) -> None:
        """This examination is the one on the screen."""
        self._shown = study_id
        for button in self.buttons:
            button.is_shown = button.study.study_id == study_id
            button.update()
            if button.is_shown:
                self.ensureWidgetVisible(button, theme.GRID, 0)
