"""The models on this machine: which one reads, where each comes from, who decided what; roll back.

Another model is put in force at the end of learning it, or by the command line.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import (
    QAbstractItemView,
    QDialog,
    QDialogButtonBox,
    QFormLayout,
    QHeaderView,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableWidget,
    QTableWidgetItem,
    QTreeWidget,
    QTreeWidgetItem,
    QVBoxLayout,
    QWidget,
)

from stentviewer.core.errors import StentviewerError
from stentviewer.core.settings import LONGEST_NAME
from stentviewer.ui import theme
from stentviewer.ui.desk import Desk
from stentviewer.ui.i18n import say
from stentviewer.ui.plain import as_it_stands
from stentviewer.ui.wizard.asking import ask

if TYPE_CHECKING:
    from stentviewer.app.promoting import Promoted, Standing
    from stentviewer.core.types import ModelRef, Problem
    from stentviewer.inference.champion import Entry
    from stentviewer.learning.registry import Descendant

_LONGEST_WHY = 1000
_LINE = Qt.ItemDataRole.UserRole  # a Descendant


@dataclass(frozen=True, slots=True)
class _Known:
    standing: Standing
    line: tuple[Descendant, ...]
    problems: tuple[Problem, ...]


class ModelsDialog(QDialog):
    """A tree of models, a table of decisions, and the way back to the model before."""

    def __init__(self, desk: Desk, *, two_names: bool, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setWindowTitle(self.tr("Models on this machine"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(820, 600)
        self._desk, self._two_names = desk, two_names
        self._known: _Known | None = None
        self._is_busy = True
        self._is_closed = False
        self._note = ""  # what the last decision left to say
        self.finished.connect(self._leave)
        self.verdict = self._text("title")
        self.trouble = self._text("research")
        self.models = QTreeWidget(self)
        self.models.setHeaderLabels([self.tr("Model"), self.tr("State"), self.tr("Makers")])
        self.models.setRootIsDecorated(True)
        self.models.setAccessibleName(self.tr("Models"))
        names = [self.tr("When"), self.tr("Decision"), self.tr("Model"), self.tr("By")]
        names.append(self.tr("Why"))
        self.decisions = QTableWidget(0, len(names), self)
        self.decisions.setHorizontalHeaderLabels(names)
        self.decisions.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.decisions.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.decisions.setShowGrid(False)
        self.decisions.verticalHeader().hide()
        self.decisions.setAccessibleName(self.tr("Decisions"))
        self.why = QLineEdit(self)
        self.why.setMaxLength(_LONGEST_WHY)
        self.why.setPlaceholderText(self.tr("Kept with the decision. Name no patient."))
        self.second = QLineEdit(self)
        self.second.setMaxLength(LONGEST_NAME)
        self.back = QPushButton(self)
        self.back.clicked.connect(self._roll_back)
        self.remove = QPushButton(self.tr("Remove the model…"), self)
        self.remove.setToolTip(
            self.tr("For a model that was learned here and reads no more. Its readings stay.")
        )
        self.remove.clicked.connect(self._ask_remove)
        self.models.currentItemChanged.connect(self._update)
        for field in (self.why, self.second):
            field.textChanged.connect(self._update)
        self._lay_out()
        self._ask()

    def _text(self, name: str) -> QLabel:
        label = QLabel(self)
        label.setObjectName(name)
        label.setTextFormat(Qt.TextFormat.PlainText)
        label.setWordWrap(True)
        label.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        return label

    def _lay_out(self) -> None:
        self.form = QFormLayout()
        self.form.addRow(self.tr("Why go back?"), self.why)
        self.form.addRow(self.tr("Who agrees?"), self.second)
        self.form.setRowVisible(self.second, self._two_names)
        self.form.addRow("", self.back)
        research = self._text("research")
        research.setText(self.tr("For research use, not for primary diagnosis"))
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.reject)
        close.addButton(self.remove, QDialogButtonBox.ButtonRole.ActionRole)
        for button in (self.back, self.remove, close.button(QDialogButtonBox.StandardButton.Close)):
            button.setAutoDefault(False)  # Enter in a field neither changes what reads nor closes
        column = QVBoxLayout(self)
        column.setContentsMargins(16, 16, 16, 16)
        column.setSpacing(theme.GRID)
        column.addWidget(self.verdict)
        column.addWidget(self.trouble)
        column.addWidget(self.models, 3)
        column.addWidget(self.decisions, 2)
        column.addLayout(self.form)
        column.addWidget(research)
        column.addWidget(close)
        self._update()

    # what is known

    def _ask(self) -> None:
        catalog = self._desk.session.catalog

        def work(_: object) -> _Known:
            from stentviewer.app import promoting

            return _Known(promoting.standing(catalog), *promoting.line_of_descent(catalog))

        title = self.tr("Models")
        self._desk.bridge.run(work, self._take, self._stop, key="models", title=title)

    def _take(self, known: _Known) -> None:
        self._known, self._is_busy = known, False
        model = known.standing.model
        reads = self.tr("{model} reads here.").format(model=model.short) if model else ""
        self.verdict.setText(reads or self.tr("No model reads here."))
        problems = (problem.message for problem in known.problems)
        said = [self._note, known.standing.problem, *problems]
        self._show_trouble("\n".join(dict.fromkeys(say(one) for one in said if one)))
        self._show_models(known.line)
        self._show_decisions(known.standing.history)
        self._update()

    def _show_models(self, line: tuple[Descendant, ...]) -> None:
        self.models.clear()
        above: list[QTreeWidgetItem] = []
        for one in line:
            del above[one.depth :]
            state = self.tr("in use") if one.is_in_force else ""
            if one.bundle is None:
                state = self.tr("not installed here")
            labels = ", ".join(one.bundle.labels) if one.bundle else ""
            item = QTreeWidgetItem([one.model.short, state, labels])
            item.setData(0, _LINE, one)
            item.setToolTip(0, f"SHA-256 {one.model.sha256}")
            if one.bundle is not None:
                item.setToolTip(2, as_it_stands(one.bundle.manifest.data_source))
            if one.is_in_force:
                font = item.font(0)
                font.setBold(True)
                item.setFont(0, font)
            (above[-1].addChild if above else self.models.addTopLevelItem)(item)
            above.append(item)
        self.models.expandAll()
        for place in (0, 1):
            self.models.resizeColumnToContents(place)

    def _show_decisions(self, history: tuple[Entry, ...]) -> None:
        self.decisions.setRowCount(len(history))
        for row, entry in enumerate(history):
            what = self.tr("promoted") if entry.action == "promote" else self.tr("rolled back to")
            model = entry.model.short if entry.model else self.tr("the program's own")
            people = ", ".join(filter(None, (entry.by, entry.second)))
            texts = (f"{entry.at.astimezone():%Y-%m-%d %H:%M}", what, model, people, say(entry.why))
            for place, text in enumerate(texts):
                item = QTableWidgetItem(text)
                item.setToolTip(as_it_stands(text))
                self.decisions.setItem(row, place, item)
        self.decisions.resizeColumnsToContents()
        header = self.decisions.horizontalHeader()
        header.setDefaultAlignment(Qt.AlignmentFlag.AlignLeft)
        header.setSectionResizeMode(4, QHeaderView.ResizeMode.Stretch)
        self.decisions.setVisible(bool(history))

    def _show_trouble(self, text: str) -> None:
        self.trouble.setText(text)
        self.trouble.setVisible(bool(text))

    # the way back

    def _update(self) -> None:
        target = self._known.standing.back_to if self._known else None
        for row in (self.why, self.back):
            self.form.setRowVisible(row, target is not None)
        self.form.setRowVisible(self.second, target is not None and self._two_names)
        if target is not None:
            self.back.setText(self.tr("Roll back to {model}").format(model=target.short))
        agreed = bool(self.second.text().strip()) or not self._two_names
        self.back.setEnabled(agreed and not self._is_busy)
        self.remove.setEnabled(self._removable() is not None and not self._is_busy)

    def _roll_back(self) -> None:
        session, two_names = self._desk.session, self._two_names
        why, second = self.why.text().strip(), self.second.text() if two_names else ""
        self._is_busy = True
        self._update()

        def work(_: object) -> Promoted:
            from stentviewer.app import promoting

            reason = why or promoting.NO_REASON  # going back is never held up
            decided = promoting.decision(session.reader, reason, second, two_names=two_names)
            return promoting.rollback(session.catalog, decided, session.library)

        self._desk.change_model(work, self._take_rolled_back, self._stop)

    def _take_rolled_back(self, promoted: Promoted) -> None:
        if not self._is_closed:
            self.why.clear()
            self.second.clear()
            self._note = promoted.trouble
            self._ask()

    # taking a model away

    def _removable(self) -> ModelRef | None:
        """The chosen model, where it was learned here and does not read."""
        item = self.models.currentItem()
        one = item.data(0, _LINE) if item is not None else None
        if one is None or one.bundle is None or one.is_in_force:
            return None
        home = self._desk.session.catalog.home
        return one.model if one.bundle.folder.parent == home else None

    def _ask_remove(self) -> None:
        model = self._removable()
        if model is None:
            return
        ask(
            self,
            self.tr("Remove the model {model}?").format(model=model.short),
            self.tr(
                "Its readings stay, with its name and hash, but it can never read or explain "
                "again. This cannot be taken back."
            ),
            self.tr("Remove the model"),
            lambda: self._remove(model),
        )

    def _remove(self, model: ModelRef) -> None:
        session = self._desk.session
        self._is_busy = True
        self._update()

        def work(_: object) -> str:
            from stentviewer.app import promoting

            return promoting.remove_model(session.catalog, model, session.library)

        def done(trouble: str) -> None:
            self._desk.ask_model()
            if not self._is_closed:
                self._note = trouble
                self._ask()

        title = self.tr("Removing the model")
        self._desk.bridge.run(work, done, self._stop, key="remove model", title=title, ordered=True)

    def _stop(self, error: BaseException) -> bool:
        """What went wrong is said here, where the person looks."""
        if self._is_closed:
            return False
        self._is_busy = False
        self._update()
        if isinstance(error, StentviewerError):
            self._show_trouble(say(str(error)))
        return isinstance(error, StentviewerError)

    def _leave(self) -> None:
        """Nothing is shown here any more; a rollback that was begun is brought to its end."""
        self._is_closed = True
        self._desk.bridge.drop("models")
