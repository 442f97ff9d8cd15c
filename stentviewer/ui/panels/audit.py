"""The audit trail: who did what and when, and whether the chain of seals is whole."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QHeaderView,
    QLabel,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from stentviewer.ui import theme
from stentviewer.ui.i18n import say, say_kept
from stentviewer.ui.plain import as_it_stands

if TYPE_CHECKING:
    from stentviewer.library.records import AuditEvent

_SHOWN = 2000  # rows; the whole trail is on the command line


class AuditDialog(QDialog):
    """A table, newest first, with the result of the library's own check above it."""

    def __init__(
        self,
        events: Sequence[AuditEvent],
        problems: Sequence[str],
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Audit trail"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(920, 560)
        self.verdict = QLabel(self._verdict(len(events), problems), self)
        self.verdict.setTextFormat(Qt.TextFormat.PlainText)
        self.verdict.setWordWrap(True)
        self.verdict.setObjectName("research" if problems else "quiet")
        self.table = self._make_table(events[:_SHOWN])
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(theme.GRID)
        column.addWidget(self.verdict)
        column.addWidget(self.table, 1)

    def _verdict(self, count: int, problems: Sequence[str]) -> str:
        if problems:
            found = self.tr("The check of the library found:")
            return "\n".join([found, *map(say, problems)])
        text = self.tr("Events: {n}. The chain is intact; the library is in order.").format(n=count)
        if count > _SHOWN:
            newest = self.tr("The newest {n} are shown.").format(n=_SHOWN)
            return f"{text} {newest}"
        return text

    def _make_table(self, events: Sequence[AuditEvent]) -> QTableWidget:
        names = [self.tr("When"), self.tr("Who"), self.tr("What"), self.tr("Where")]
        names += [self.tr("Detail"), self.tr("Seal")]
        table = QTableWidget(len(events), len(names), self)
        table.setHorizontalHeaderLabels(names)
        table.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        table.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        table.setShowGrid(False)
        table.verticalHeader().hide()
        for row, event in enumerate(events):
            when = f"{event.at.astimezone():%Y-%m-%d %H:%M:%S}"
            words = (say_kept(word) for word in (event.action, event.target, event.detail))
            texts = (when, event.by, *words, event.hash[:12])
            for place, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(event.hash if place == len(texts) - 1 else as_it_stands(text))
                table.setItem(row, place, item)
        table.resizeColumnsToContents()
        header = table.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        return table
