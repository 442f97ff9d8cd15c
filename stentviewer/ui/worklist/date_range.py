"""From which day to which: both may be left open."""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QDate, Qt, Signal
from PySide6.QtWidgets import (
    QCheckBox,
    QDateEdit,
    QDialog,
    QDialogButtonBox,
    QGridLayout,
    QWidget,
)

from stentviewer.app.worklist_query import Dates


class DateRangeDialog(QDialog):
    """Announces the range that was chosen; None for no limit at all."""

    chosen = Signal(object)  # Dates | None

    def __init__(self, dates: Dates, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(self.tr("Study date"))
        since, until = dates.bounds(date.today())  # noqa: DTZ011  (the reader's own day)
        grid = QGridLayout(self)
        grid.setContentsMargins(16, 16, 16, 16)
        grid.setSpacing(12)
        self.since_on, self.since = self._make_end(grid, 0, self.tr("From"), since, last=False)
        self.until_on, self.until = self._make_end(grid, 1, self.tr("To"), until, last=True)
        button = QDialogButtonBox.StandardButton
        buttons = QDialogButtonBox(button.Ok | button.Cancel, self)
        buttons.accepted.connect(self._choose)
        buttons.rejected.connect(self.reject)
        grid.addWidget(buttons, 2, 0, 1, 2)

    def _make_end(
        self, grid: QGridLayout, row: int, title: str, when: str, *, last: bool
    ) -> tuple[QCheckBox, QDateEdit]:
        on = QCheckBox(title, self)
        edit = QDateEdit(_whole_date(when, last=last), self)
        edit.setDisplayFormat("yyyy-MM-dd")
        edit.setCalendarPopup(True)
        edit.setAccessibleName(title)
        on.setChecked(bool(when) or not row)
        edit.setEnabled(on.isChecked())
        on.toggled.connect(edit.setEnabled)
        grid.addWidget(on, row, 0)
        grid.addWidget(edit, row, 1)
        return on, edit

    def _choose(self) -> None:
        ends = [
            edit.date().toString(Qt.DateFormat.ISODate) if on.isChecked() else ""
            for on, edit in ((self.since_on, self.since), (self.until_on, self.until))
        ]
        if all(ends):
            ends.sort()  # given the wrong way round
        dates = Dates(since=ends[0], until=ends[1])
        self.chosen.emit(dates if any(ends) else None)
        self.accept()


def _whole_date(when: str, *, last: bool) -> QDate:
    """A day for a date that may be partial; today for none."""
    if not when:
        return QDate.currentDate()
    parts = [int(part) for part in when.split("-")]
    year, month = parts[0], parts[1] if len(parts) > 1 else (12 if last else 1)
    day = QDate(year, month, parts[2] if len(parts) > 2 else 1)
    if not day.isValid():
        return QDate.currentDate()
    return QDate(year, month, day.daysInMonth()) if last and len(parts) < 3 else day
