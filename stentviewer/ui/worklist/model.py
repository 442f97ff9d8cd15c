"""The library's tree for Qt: patient → study → series → image.

The only series of a study is left out: its images hang under the study.
"""

from __future__ import annotations

import itertools
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from enum import Enum, IntEnum
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QAbstractItemModel, QModelIndex, QObject, QPersistentModelIndex, Qt

from stentviewer.core.types import Label, LabelAction
from stentviewer.core.wording import show_name

if TYPE_CHECKING:
    from stentviewer.library.records import (
        ImageRecord,
        PatientRecord,
        SeriesRecord,
        StudyRecord,
    )

Index = QModelIndex | QPersistentModelIndex


class Kind(Enum):
    """What a row stands for."""

    PATIENT = "patient"
    STUDY = "study"
    SERIES = "series"
    IMAGE = "image"


class Role(IntEnum):
    """What a view may ask beyond Qt's own roles."""

    KIND = Qt.ItemDataRole.UserRole + 1
    DETAIL = Qt.ItemDataRole.UserRole + 2  # second line
    IMAGE = Qt.ItemDataRole.UserRole + 3  # ImageRecord
    BADGE = Qt.ItemDataRole.UserRole + 4  # Badge


class Badge(Enum):
    """What is decided of an image."""

    NONE = "none"
    READ = "read"  # the model has spoken, nobody has answered
    ACCEPTED = "accepted"
    CORRECTED = "corrected"


def badge_of(record: ImageRecord) -> Badge:
    """A label in force counts before a reading."""
    if record.label is not None and record.label.action is not LabelAction.CLEAR:
        accepted = record.label.action is LabelAction.ACCEPT
        return Badge.ACCEPTED if accepted else Badge.CORRECTED
    return Badge.READ if record.reading_count else Badge.NONE


@dataclass(eq=False, slots=True)
class Node:
    """A row. `record` is the patient, study, series or image; `id` is never used twice."""

    id: int
    kind: Kind
    record: Any
    parent: Node | None
    row: int = 0
    children: list[Node] = field(default_factory=list)


class WorklistModel(QAbstractItemModel):
    """Read-only; `set_tree` replaces all of it, `update_image` one row."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._ids = itertools.count(1)
        self._root = Node(0, Kind.PATIENT, None, None)
        self._nodes: dict[int, Node] = {}  # indexes carry an id: a pointer could outlive its row
        self._images: dict[int, Node] = {}

    def set_tree(self, patients: Sequence[PatientRecord]) -> None:
        """Show these patients."""
        self.beginResetModel()
        self._root = Node(0, Kind.PATIENT, None, None)
        self._nodes, self._images = {}, {}
        for patient in patients:
            patient_node = self._add(self._root, Kind.PATIENT, patient)
            for study in patient.studies:
                study_node = self._add(patient_node, Kind.STUDY, study)
                for series in study.series:
                    only = len(study.series) == 1
                    under = study_node if only else self._add(study_node, Kind.SERIES, series)
                    for image in series.images:
                        self._images[image.id] = self._add(under, Kind.IMAGE, image)
        self.endResetModel()

    def _add(self, under: Node, kind: Kind, record: object) -> Node:
        node = Node(next(self._ids), kind, record, under, len(under.children))
        under.children.append(node)
        self._nodes[node.id] = node
        return node

    def update_image(self, record: ImageRecord) -> None:
        """Show this image's new state."""
        node = self._images.get(record.id)
        if node is not None:
            node.record = replace(record)
            index = self.createIndex(node.row, 0, node.id)
            self.dataChanged.emit(index, index)

    def image_ids(self) -> list[int]:
        """Every image, from top to bottom."""
        return [node.record.id for node in _walk(self._root) if node.kind is Kind.IMAGE]

    def index_of(self, image_id: int) -> QModelIndex:
        """Where an image stands; invalid when it is not here."""
        node = self._images.get(image_id)
        return QModelIndex() if node is None else self.createIndex(node.row, 0, node.id)

    # what Qt asks

    def _node(self, index: Index) -> Node:
        return self._nodes[index.internalId()] if index.isValid() else self._root

    def index(self, row: int, column: int, parent: Index = QModelIndex()) -> QModelIndex:  # noqa: B008
        children = self._node(parent).children
        if column != 0 or not 0 <= row < len(children):
            return QModelIndex()
        return self.createIndex(row, 0, children[row].id)

    def parent(self, child: Index) -> QModelIndex:  # type: ignore[override]
        above = self._node(child).parent
        if above is None or above is self._root:
            return QModelIndex()
        return self.createIndex(above.row, 0, above.id)

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return len(self._node(parent).children)

    def columnCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008
        return 1

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if not index.isValid():
            return None
        node = self._node(index)
        if role == Qt.ItemDataRole.DisplayRole:
            return self.title(node)
        if role == Role.DETAIL:
            return self.detail(node)
        if role == Role.KIND:
            return node.kind
        if role == Role.IMAGE:
            return node.record if node.kind is Kind.IMAGE else None
        if role == Role.BADGE:
            return badge_of(node.record) if node.kind is Kind.IMAGE else Badge.NONE
        if role == Qt.ItemDataRole.ToolTipRole:
            return self._tool_tip(node)
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return self._tool_tip(node).replace("\n", ", ")
        return None

    def title(self, node: Node) -> str:
        """The first line."""
        if node.kind is Kind.PATIENT:
            patient: PatientRecord = node.record
            known = show_name(patient.name, patient.name_ideographic) or patient.patient_id
            return known or self.tr("Pictures without a patient")
        if node.kind is Kind.STUDY:
            study: StudyRecord = node.record
            return "  ".join(filter(None, (study.date, study.modality))) or self.tr("No date")
        if node.kind is Kind.SERIES:
            series: SeriesRecord = node.record
            number = "" if series.number is None else str(series.number)
            name = "  ".join(filter(None, (number, series.description or series.modality)))
            return name or self.tr("Series")
        return str(node.record.header.path.name)

    def detail(self, node: Node) -> str:
        """The second line, quieter."""
        if node.kind is Kind.PATIENT:
            patient: PatientRecord = node.record
            return "  ·  ".join(filter(None, (patient.patient_id, patient.sex, patient.birth_date)))
        if node.kind is Kind.STUDY:
            return str(node.record.description)
        if node.kind is Kind.SERIES:
            count = len(node.record.images)
            return self.tr("{n} images").format(n=count) if count > 1 else ""
        header = node.record.header
        frames = self.tr("{n} frames").format(n=header.frames) if header.frames > 1 else ""
        return "  ·  ".join(filter(None, (f"{header.columns} × {header.rows}", frames)))

    def badge_text(self, record: ImageRecord) -> str:
        """What is decided, in words: "EGIS, corrected"."""
        badge, label = badge_of(record), record.label
        if badge is Badge.READ:
            return self.tr("read, no answer yet")
        if badge is Badge.NONE or label is None:
            return ""
        return _labelled(label, self.tr("accepted"), self.tr("corrected"))

    def _tool_tip(self, node: Node) -> str:
        lines = [self.title(node), self.detail(node)]
        if node.kind is Kind.IMAGE:
            lines.append(self.badge_text(node.record))
        return "\n".join(filter(None, lines))


def _labelled(label: Label, accepted: str, corrected: str) -> str:
    return f"{label.maker}, {accepted if label.action is LabelAction.ACCEPT else corrected}"


def _walk(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield child
        yield from _walk(child)
