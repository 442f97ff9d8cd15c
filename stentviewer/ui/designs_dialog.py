"""What is known of each stent design, with its sources; facts of this site are written here."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSignalBlocker, Qt
from PySide6.QtWidgets import (
    QDialog,
    QHBoxLayout,
    QListWidget,
    QPushButton,
    QScrollArea,
    QVBoxLayout,
    QWidget,
)

from stentviewer.app.designs import CHANGED, RESTORED, Design, Designs, FactKind
from stentviewer.core.errors import StentviewerError
from stentviewer.ui import theme
from stentviewer.ui.design_facts import FactRow, text_label
from stentviewer.ui.i18n import say
from stentviewer.ui.wizard.asking import ask

if TYPE_CHECKING:
    from stentviewer.core.jobs import JobContext
    from stentviewer.ui.desk import Desk

_KEY = "designs"


class DesignsDialog(QDialog):
    """The designs on the left, the page of one on the right. A fact is changed in its place."""

    def __init__(self, desk: Desk, name: str = "", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Stent designs"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(860, 640)
        self._desk = desk
        self._wanted = name
        self._designs = Designs(())
        self._is_closed = False
        self.finished.connect(self._leave)
        self.names = QListWidget(self)
        self.names.setAccessibleName(self.tr("Designs"))
        self.names.setFixedWidth(176)
        self.names.currentTextChanged.connect(self._choose)
        self.title = text_label("", "title")
        self.trouble = text_label("", "research")
        self.trouble.hide()
        self.rows: dict[FactKind, FactRow] = {}
        self.area = QScrollArea(self)
        self.area.setWidgetResizable(True)
        self.area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._lay_out()
        self._ask()

    def _lay_out(self) -> None:
        caution = self.tr(
            "A page is about a design, not about this patient's stent: what the model or a reader "
            "calls it may be wrong. Before an intervention or an MR examination, the papers of the "
            "device itself decide. For research use, not for primary diagnosis."
        )
        close = QPushButton(self.tr("Close"), self)
        close.setAutoDefault(False)
        close.clicked.connect(self.reject)
        right = QVBoxLayout()
        right.setSpacing(theme.GRID)
        right.addWidget(self.title)
        right.addWidget(self.trouble)
        right.addWidget(self.area, 1)
        right.addWidget(text_label(caution, "research"))
        last = QHBoxLayout()
        last.addStretch(1)
        last.addWidget(close)
        right.addLayout(last)
        outer = QHBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(16)
        outer.addWidget(self.names)
        outer.addLayout(right, 1)

    # what is known

    def _ask(self, change: Callable[[], object] | None = None, key: str = _KEY) -> None:
        """Read the pages, after a change where there is one."""
        session, labels = self._desk.session, self._desk.model.makers

        def work(_: JobContext) -> Designs:
            from stentviewer.app import designs
            from stentviewer.core.types import Problem

            if change is not None:
                change()
            known = set(labels)
            for bundle in session.catalog.bundles():
                if not isinstance(bundle, Problem):
                    known.update(bundle.labels)
            return designs.load(known)

        title = self.tr("Stent designs")
        ordered = change is not None
        self._desk.bridge.run(work, self._take, self._fail, key=key, title=title, ordered=ordered)

    def _take(self, found: Designs) -> None:
        if self._is_closed:
            return
        self._designs = found
        self._say("\n".join(say(problem.message) for problem in found.problems))
        names = [page.name for page in found.pages]
        current = self._wanted or (self.names.currentItem().text() if self.names.count() else "")
        self._wanted = ""
        if current and current not in names:
            names.append(current)
        with QSignalBlocker(self.names):
            self.names.clear()
            self.names.addItems(names)
            self.names.setCurrentRow(names.index(current) if current else 0)
        self.names.setEnabled(True)
        self._show(found.page(self.names.currentItem().text()))

    def _fail(self, error: BaseException) -> bool:
        if isinstance(error, StentviewerError) and not self._is_closed:
            self._say(say(str(error)))
            for row in self.rows.values():
                row.setEnabled(True)
            return True
        return False

    def _say(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    def _choose(self, name: str) -> None:
        if name:
            self._show(self._designs.page(name))

    def _show(self, design: Design) -> None:
        self.title.setText(design.name)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, theme.GRID, 0)
        column.setSpacing(theme.GRID)
        self.rows = {}
        titles = self._titles()
        for kind in FactKind:
            row = FactRow(titles[kind], design, kind, inside)
            row.edited.connect(partial(self._save, design.name, kind))
            row.restored.connect(partial(self._restore, design.name, kind))
            row.editingChanged.connect(self._editing)
            self.rows[kind] = row
            column.addWidget(row)
        column.addStretch(1)
        self.area.setWidget(inside)

    def _titles(self) -> dict[FactKind, str]:
        return {
            FactKind.MANUFACTURER: self.tr("Manufacturer"),
            FactKind.MATERIAL: self.tr("Material"),
            FactKind.MESH: self.tr("Mesh"),
            FactKind.WIRE: self.tr("Wire"),
            FactKind.COVER: self.tr("Cover"),
            FactKind.MARKERS: self.tr("Markers"),
            FactKind.LENGTHS: self.tr("Lengths"),
            FactKind.DIAMETERS: self.tr("Diameters"),
            FactKind.THROUGH_MESH: self.tr("Reintervention: through the mesh?"),
            FactKind.REMOVABLE: self.tr("Reintervention: can it be removed?"),
            FactKind.MR: self.tr("MR conditions"),
        }

    # changing

    @property
    def is_editing(self) -> bool:
        """Whether something is being written that is not kept yet."""
        return any(row.is_changed for row in self.rows.values())

    def _editing(self) -> None:
        """Another design waits meanwhile; what is written is brought into sight whole."""
        open_rows = [row for row in self.rows.values() if row.editor.isVisibleTo(row)]
        self.names.setEnabled(not open_rows)
        inside = self.area.widget()
        if open_rows and inside is not None and (layout := inside.layout()) is not None:
            layout.activate()
            inside.adjustSize()
            self.area.ensureWidgetVisible(open_rows[-1])

    def _save(self, name: str, kind: FactKind, text: str, source: str, address: str) -> None:
        library, reader = self._desk.session.library, self._desk.session.reader

        def change() -> None:
            from stentviewer.app.designs import set_fact

            set_fact(name, kind, text, source, address, reader)
            library.note(CHANGED, name, kind.value)

        self._ask(change, f"{_KEY} change")

    def _restore(self, name: str, kind: FactKind) -> None:
        library = self._desk.session.library

        def change() -> None:
            from stentviewer.app.designs import restore

            restore(name, kind)
            library.note(RESTORED, name, kind.value)

        self._ask(change, f"{_KEY} change")

    # leaving

    def reject(self) -> None:
        """Escape and both ways to close: what is half written is asked about first."""
        if not self.is_editing:
            super().reject()
            return
        text = self.tr("A fact is half written.")
        more = self.tr("It is not kept yet.")
        ask(self, text, more, self.tr("Do without it"), self._discard)

    def _discard(self) -> None:
        for row in self.rows.values():
            row.close_editor()
        self.reject()

    def _leave(self) -> None:
        self._is_closed = True
        self._desk.bridge.drop(_KEY)
