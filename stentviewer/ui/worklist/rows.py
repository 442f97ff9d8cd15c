"""The worklist's lines for Qt: each patient's line, under it a line for each of their studies.

One flat list, because Qt lays twenty thousand lines of a list out in a few milliseconds, but not
those of a tree whose every row it has to ask a Python model for.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import IntEnum
from typing import Any

from PySide6.QtCore import QAbstractListModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from stentviewer.core.wording import show_name
from stentviewer.library.records import StudyRow
from stentviewer.ui.plain import as_it_stands
from stentviewer.ui.worklist.marks import Mark

Index = QModelIndex | QPersistentModelIndex


class Role(IntEnum):
    """What a view may ask beyond Qt's own roles."""

    LINE = Qt.ItemDataRole.UserRole + 1  # PatientLine or StudyRow
    DETAIL = Qt.ItemDataRole.UserRole + 2  # second line
    MARKS = Qt.ItemDataRole.UserRole + 3  # list[(Mark, count)], of a study


@dataclass(eq=False, slots=True)
class PatientLine:
    """The line above those of a patient's studies that the filter leaves; thousands a keystroke."""

    group: list[StudyRow]
    is_folded: bool

    @property
    def of(self) -> StudyRow:
        """Any of the studies: it says whose they are."""
        return self.group[0]

    @property
    def studies(self) -> tuple[int, ...]:
        """From top to bottom."""
        return tuple(row.study_id for row in self.group)


Line = PatientLine | StudyRow


class WorklistModel(QAbstractListModel):
    """Read-only; `set_groups` replaces all of it, `replace` one study's line."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._groups: list[list[StudyRow]] = []
        self._lines: list[Line] = []
        self._places: dict[int, int] | None = None
        self._folded: set[int] = set()
        self._hides_identity = False

    def set_groups(self, groups: Sequence[list[StudyRow]]) -> None:
        """Show these studies, a list a patient."""
        self.beginResetModel()
        self._groups = list(groups)
        self._lay_out()
        self.endResetModel()

    def set_folded(self, patient: int, folded: bool) -> None:
        """Leave a patient's studies out of sight, or show them."""
        if folded == (patient in self._folded):
            return
        self.beginResetModel()
        (self._folded.add if folded else self._folded.discard)(patient)
        self._lay_out()
        self.endResetModel()

    def set_identity_hidden(self, hidden: bool) -> None:
        """Show nobody's name, ID or birth date."""
        self._hides_identity = hidden
        if self._lines:
            self.dataChanged.emit(self.index(0), self.index(len(self._lines) - 1))

    def _lay_out(self) -> None:
        self._places = None
        lines: list[Line] = []
        folded = self._folded
        for group in self._groups:
            is_folded = group[0].patient in folded
            lines.append(PatientLine(group, is_folded))
            if not is_folded:
                lines += group
        self._lines = lines

    def replace(self, row: StudyRow) -> None:
        """A study's new state; its place stays, so that nothing jumps under the reader's hand."""
        for group in self._groups:
            if group[0].patient == row.patient:
                group[:] = [row if one.study_id == row.study_id else one for one in group]
        place = self._place(row.study_id)
        if place is not None:
            self._lines[place] = row
            self.dataChanged.emit(self.index(place), self.index(place))

    def study_ids(self) -> list[int]:
        """Every study that the filter leaves, from top to bottom, folded or not."""
        return [row.study_id for group in self._groups for row in group]

    def line(self, index: Index) -> Line | None:
        """What stands there."""
        return self._lines[index.row()] if index.isValid() else None

    def index_of(self, study_id: int) -> QModelIndex:
        """Where a study stands; its patient's line while it is folded away; else invalid."""
        place = self._place(study_id)
        return QModelIndex() if place is None else self.index(place)

    def index_of_patient(self, patient: int) -> QModelIndex:
        """Where a patient's line stands."""
        for place, line in enumerate(self._lines):
            if isinstance(line, PatientLine) and line.of.patient == patient:
                return self.index(place)
        return QModelIndex()

    def _place(self, study_id: int) -> int | None:
        if self._places is None:
            places: dict[int, int] = {}
            for place, line in enumerate(self._lines):
                if isinstance(line, StudyRow):
                    places[line.study_id] = place
                elif line.is_folded:
                    places.update(dict.fromkeys(line.studies, place))
            self._places = places
        return self._places.get(study_id)

    # what Qt asks

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 0 if parent.isValid() else len(self._lines)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        line = self.line(index)
        if line is None:
            return None
        if role == Role.LINE:
            return line
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(line)
        if role == Role.DETAIL:
            return self.detail(line)
        if role == Role.MARKS:
            return marks_of(line) if isinstance(line, StudyRow) else []
        if role == Qt.ItemDataRole.ToolTipRole:
            return as_it_stands("\n".join(self._words(line)))
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return ", ".join(self._words(line))
        return None

    def title(self, line: Line) -> str:
        """The first line."""
        if isinstance(line, StudyRow):
            when_and_what = (line.date, ", ".join(filter(None, line.modalities)))
            return "  ".join(filter(None, when_and_what)) or self.tr("No date")
        patient = line.of
        if is_nobody(patient):
            return self.tr("Pictures without a patient")
        if self._hides_identity:
            return self.tr("Patient {n}").format(n=patient.patient)
        return show_name(patient.name, patient.name_ideographic) or patient.patient_id

    def detail(self, line: Line) -> str:
        """The second line, quieter."""
        if isinstance(line, StudyRow):
            return "  ·  ".join(filter(None, (line.description, self._count(line))))
        patient = line.of
        known = ("", patient.sex, "") if self._hides_identity else _person(patient)
        parts = [part for part in known if part]
        if line.is_folded or not parts:
            count = len(line.studies)
            one = self.tr("1 study")
            parts.append(one if count == 1 else self.tr("{n} studies").format(n=count))
        return "  ·  ".join(parts)

    def _count(self, row: StudyRow) -> str:
        if row.images == 1:
            return self.tr("1 image")
        return self.tr("{n} images").format(n=row.images)

    def _words(self, line: Line) -> list[str]:
        """All that is known, for the tool tip and for a screen reader."""
        words = [self.title(line), self.detail(line)]
        if isinstance(line, StudyRow):
            words += [
                ", ".join(line.makers),
                *(self.mark_words(mark, count, line) for mark, count in marks_of(line)),
            ]
        return [word for word in words if word]

    def mark_words(self, mark: Mark, count: int, row: StudyRow) -> str:
        """A study's mark in words."""
        if mark is Mark.DISAGREE:
            return self.tr("model and reader disagree")
        words = {
            Mark.UNREAD: (self.tr("not yet read"), self.tr("not yet read: {n} of {of} images")),
            Mark.READ: (
                self.tr("read, no answer yet"),
                self.tr("read, no answer yet: {n} of {of} images"),
            ),
            Mark.ACCEPTED: (self.tr("answered"), self.tr("answered: {n} of {of} images")),
        }
        alone, counted = words[mark]
        return alone if row.images == 1 else counted.format(n=count, of=row.images)


def marks_of(row: StudyRow) -> list[tuple[Mark, int]]:
    """A study's marks with how many images each is for, what is still to do first."""
    counts = [(Mark.UNREAD, row.unread), (Mark.READ, row.waiting), (Mark.ACCEPTED, row.answered)]
    return [(mark, n) for mark, n in [*counts, (Mark.DISAGREE, int(row.disagree))] if n]


def is_nobody(row: StudyRow) -> bool:
    """Whether it says nothing of whose it is, as pictures do."""
    return not (row.name or row.name_ideographic or row.patient_id)


def _person(row: StudyRow) -> Iterable[str]:
    named = bool(show_name(row.name, row.name_ideographic))
    return row.patient_id if named else "", row.sex, row.birth_date
