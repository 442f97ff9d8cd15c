"""Every explanation of one stent side by side: each way to ask, each model that is here.

As the study the project grows from shows three networks' maps of the same image; here each map
says how it fared, and the table how far every two agree.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import (
    QAbstractItemView,
    QComboBox,
    QDialog,
    QDialogButtonBox,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QProgressBar,
    QPushButton,
    QScrollArea,
    QTableWidget,
    QTableWidgetItem,
    QVBoxLayout,
    QWidget,
)

from stentviewer.app.explaining import CloseUp, ModelsView, Shown
from stentviewer.core.errors import StentviewerError
from stentviewer.core.jobs import JobContext
from stentviewer.core.types import Finding, ModelRef
from stentviewer.core.wording import show_probability
from stentviewer.explain.agreement import HOTTEST, Agreement
from stentviewer.explain.checks import Verdict
from stentviewer.ui import icons, theme
from stentviewer.ui.i18n import say
from stentviewer.ui.panels.explanations import MapPicture, over_close_up
from stentviewer.ui.panels.explanations_check import figures

if TYPE_CHECKING:
    from stentviewer.library.records import ReadingRecord
    from stentviewer.ui.bridge import Job
    from stentviewer.ui.desk import Desk

_PICTURE = 190  # logical pixels, the width of one map and of what is said of it
_SIGN = 16
_REFRESH_MS = 200
_KEY = "explanations"


@dataclass(frozen=True, slots=True)
class Compared:
    """One model's view, the stent close up, and how far all maps so far agree."""

    view: ModelsView
    close_up: CloseUp
    agreements: Sequence[Sequence[Agreement | None]]


class ExplanationsDialog(QDialog):
    """Asks the model that read as soon as it is open; the others where they are asked for."""

    finishedOne = Signal()  # a model's view has come, or the reason why none can

    def __init__(
        self,
        desk: Desk,
        record: ReadingRecord,
        number: int,
        look: tuple[float, float, str],
        parent: QWidget | None = None,
    ) -> None:
        """`number` of the stent from 0; `look` is the heat's strength, threshold and table."""
        super().__init__(parent)
        self.setWindowTitle(self.tr("Explanations side by side"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(900, 720)
        self._desk, self._record, self._look = desk, record, look
        self.views: list[ModelsView] = []
        self._waiting: list[ModelRef] = []
        self._job: Job | None = None
        self.finished.connect(lambda _: self._drop())
        self.stents = QComboBox(self)
        self.stents.setAccessibleName(self.tr("Stent"))
        for place, finding in enumerate(record.reading.findings, start=1):
            self.stents.addItem(self._stent(place, finding))
        self.stents.setCurrentIndex(number)
        self.stents.setVisible(len(record.reading.findings) > 1)
        self.stents.currentIndexChanged.connect(lambda _: self._begin())
        self.title = _label("", "title")
        self.trouble = _label("", "research")
        self._rows = QVBoxLayout()
        self._rows.setSpacing(16)
        self.agreement = QTableWidget(0, 0, self)
        self.agreement.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.agreement.setSelectionMode(QAbstractItemView.SelectionMode.NoSelection)
        self.agreement.setAccessibleName(self.tr("How far every two maps agree"))
        self.heading = _label(
            self.tr(
                "How far every two maps agree: what their hottest tenths have in common, {c} % by "
                "chance. Maps of one model can agree and be wrong together."
            ).format(c=round(HOTTEST * 100)),
            "quiet",
        )
        self.working = QLabel(self)
        self.bar = QProgressBar(self)
        self.bar.setTextVisible(False)
        self.stop = QPushButton(self.tr("Stop"), self)
        self.stop.clicked.connect(self._stop)
        self.others = QPushButton(self)
        self.others.clicked.connect(self._ask_others)
        self._timer = QTimer(self)
        self._timer.setInterval(_REFRESH_MS)
        self._timer.timeout.connect(self._show_progress)
        self._lay_out()
        self._begin()

    def _lay_out(self) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 8, 0)
        column.setSpacing(16)
        column.addLayout(self._rows)
        column.addWidget(self.heading)
        column.addWidget(self.agreement)
        column.addStretch(1)
        scroll = QScrollArea(self)
        scroll.setWidgetResizable(True)
        scroll.setWidget(inside)
        inside.setAutoFillBackground(False)
        scroll.viewport().setAutoFillBackground(False)
        research = _label(self.tr("For research use, not for primary diagnosis"), "research")
        close = QDialogButtonBox(QDialogButtonBox.StandardButton.Close, self)
        close.rejected.connect(self.reject)
        close.addButton(self.others, QDialogButtonBox.ButtonRole.ActionRole)
        top = QHBoxLayout()
        top.addWidget(self.title, 1)
        top.addWidget(self.stents)
        busy = QHBoxLayout()
        busy.setSpacing(theme.GRID)
        busy.addWidget(self.working)
        busy.addWidget(self.bar, 1)
        busy.addWidget(self.stop)
        outer = QVBoxLayout(self)
        outer.setContentsMargins(16, 16, 16, 16)
        outer.setSpacing(theme.GRID)
        outer.addLayout(top)
        outer.addWidget(self.trouble)
        outer.addWidget(scroll, 1)
        outer.addLayout(busy)
        outer.addWidget(research)
        outer.addWidget(close)

    # asking

    @property
    def number(self) -> int:
        """Which stent, from 0."""
        return self.stents.currentIndex()

    def _begin(self) -> None:
        """Ask the model that read about the stent, and forget what was shown of another."""
        self._drop()
        self.views = []
        _clear(self._rows)
        self._show_agreement(())
        self.trouble.hide()
        finding = self._record.reading.findings[self.number]
        self.title.setText(self._stent(self.number + 1, finding))
        own = self._record.reading.model
        self._others = [one for one in self._desk.model.installed if one.sha256 != own.sha256]
        self._waiting = [own]
        self._ask_next()

    def _ask_others(self) -> None:
        seen = {view.model.sha256 for view in self.views}
        self._waiting = [one for one in self._others if one.sha256 not in seen]
        self._ask_next()

    def _ask_next(self) -> None:
        self._job = None
        if not self._waiting:
            self._show_state()
            return
        model, session = self._waiting[0], self._desk.session
        record, number, before = self._record, self.number, tuple(self.views)

        def work(context: JobContext) -> Compared:
            from stentviewer.app import explaining

            view = explaining.view_of_model(
                session, record.image_id, record.reading.frame, number, model, context
            )
            heats = [heat for one in (*before, view) for heat in one.heats]
            picture = explaining.close_up(session, record, number)
            return Compared(view, picture, explaining.agreements(heats))

        title = self.tr("Explaining")
        self._job = self._desk.bridge.run(work, self._take, self._fail, key=_KEY, title=title)
        self._show_state()

    def _take(self, found: Compared) -> None:
        self.views.append(found.view)
        row = self._row(found)
        self._rows.addWidget(row)
        row.show()  # now, not when the event loop comes to it
        self._show_agreement(found.agreements)
        self._waiting = self._waiting[1:]
        self._ask_next()
        self.finishedOne.emit()

    def _fail(self, error: BaseException) -> bool:
        is_told = isinstance(error, StentviewerError)
        if is_told:
            self.trouble.setText(say(str(error)))
            self.trouble.show()
        self._waiting, self._job = [], None
        self._show_state()
        self.finishedOne.emit()
        return is_told

    def _stop(self) -> None:
        self._drop()
        self._show_state()

    def _drop(self) -> None:
        self._timer.stop()
        if self._job is not None:
            self._desk.bridge.drop(_KEY)
        self._waiting, self._job = [], None

    def _show_state(self) -> None:
        is_busy = self._job is not None
        for part in (self.working, self.bar, self.stop):
            part.setVisible(is_busy)
        if is_busy:
            self.bar.setRange(0, 0)
            text = self.tr("{model}: making and checking each map…")
            self.working.setText(text.format(model=self._waiting[0].short))
            self._timer.start()
        else:
            self._timer.stop()
        left = len(self._others) - sum(view.model in self._others for view in self.views)
        self.others.setText(self.tr("Ask the other models here too ({n})").format(n=left))
        self.others.setVisible(left > 0)
        self.others.setEnabled(not is_busy)

    def _show_progress(self) -> None:
        if self._job is not None:
            progress = self._job.progress
            self.bar.setRange(0, progress.total)
            self.bar.setValue(progress.done)

    # showing

    def _stent(self, place: int, finding: Finding) -> str:
        text = self.tr("Stent {n}: {maker} {p}")
        p = show_probability(finding.probability)
        if finding.unknown:
            text = self.tr("Stent {n}: unknown, nearest {maker}")
        return text.format(n=place, maker=finding.maker, p=p)

    def _row(self, found: Compared) -> QWidget:
        """A model's maps beside each other, and below them why it has no others."""
        view = found.view
        row = QWidget()
        column = QVBoxLayout(row)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID)
        column.addWidget(_label(self._heading(view), "heading"))
        maps = QHBoxLayout()
        maps.setSpacing(16)
        for one in view.maps:
            if one.heat is not None:
                maps.addWidget(self._map(one, found.close_up), 0, Qt.AlignmentFlag.AlignTop)
        maps.addStretch(1)
        column.addLayout(maps)
        lacking: dict[str, list[str]] = {}
        for one in view.maps:
            if one.heat is None:
                lacking.setdefault(say(one.why_not), []).append(one.method)
        for why, methods in lacking.items():
            column.addWidget(_label(f"{', '.join(methods)}: {why}", "quiet"))
        if view.why_not:
            column.addWidget(_label(say(view.why_not), "quiet"))
        return row

    def _heading(self, view: ModelsView) -> str:
        model = view.model
        name = " ".join(filter(None, (model.name or model.id, model.version)))
        if view.why_not:
            return f"{name}  ·  {model.sha256[:8]}"
        said = self.tr("about {maker}, {p}")
        if model.sha256 != self._record.reading.model.sha256:
            said = self.tr("says {maker}, {p}")
        said = said.format(maker=view.label, p=show_probability(view.probability))
        return f"{name}  ·  {model.sha256[:8]}  ·  {said}"

    def _map(self, one: Shown, close_up: CloseUp) -> QWidget:
        cell = QWidget()
        cell.setFixedWidth(_PICTURE)
        column = QVBoxLayout(cell)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(4)
        picture = MapPicture(cell, is_button=False)
        assert one.heat is not None
        outline = self._record.reading.findings[self.number].outline
        picture.show_map(one.method, over_close_up(close_up, one.heat, *self._look), False)
        picture.show_outline(close_up, outline)
        column.addWidget(picture)
        column.addWidget(self._verdict(one))
        if one.check is not None:
            column.addWidget(_label(figures(one.check), "quiet"))
        return cell

    def _verdict(self, one: Shown) -> QWidget:
        """The method, and a sign that is told by its form where the check was bad or good."""
        box = QWidget()
        row = QHBoxLayout(box)
        row.setContentsMargins(0, 0, 0, 0)
        verdict = one.check.verdict if one.check else Verdict.UNKNOWN
        name, colour, word = {
            Verdict.OK: ("check-circle", theme.GOOD, self.tr("holds")),
            Verdict.AMBER: ("warning", theme.WARNING, self.tr("doubtful")),
        }.get(verdict, ("info", theme.QUIET, self.tr("cannot be told")))
        sign = QLabel()
        sign.setPixmap(icons.icon(name, colour).pixmap(_SIGN, _SIGN))
        text = _label(f"{one.method}: {word}")
        row.addWidget(sign, 0, Qt.AlignmentFlag.AlignTop)
        row.addWidget(text, 1)
        if one.check is not None:
            box.setToolTip("\n".join(map(say, one.check.reasons)))
        return box

    def _show_agreement(self, found: Sequence[Sequence[Agreement | None]]) -> None:
        names = [name for number in range(len(self.views)) for name in self._names(number)]
        table = self.agreement
        table.clear()
        table.setRowCount(len(found))
        table.setColumnCount(len(found))
        table.setHorizontalHeaderLabels(names)
        table.setVerticalHeaderLabels(names)
        for row, line in enumerate(found):
            for place, one in enumerate(line):
                item = QTableWidgetItem(self._agreed(one, row == place))
                item.setTextAlignment(Qt.AlignmentFlag.AlignCenter)
                if one is not None:
                    text = self.tr("Rank correlation over all that both maps cover: {r}")
                    item.setToolTip(text.format(r=f"{one.ranks:.2f}"))
                table.setItem(row, place, item)
        table.horizontalHeader().setSectionResizeMode(QHeaderView.ResizeMode.ResizeToContents)
        table.resizeRowsToContents()
        is_there = len(found) > 1
        for part in (self.heading, table):
            part.setVisible(is_there)
        if is_there:
            rows = sum(table.rowHeight(row) for row in range(len(found)))
            across = sum(table.columnWidth(place) for place in range(len(found)))
            names_wide = table.verticalHeader().sizeHint().width()
            table.setMaximumWidth(across + names_wide + 2)
            bar = table.horizontalScrollBar().sizeHint().height()
            table.setFixedHeight(rows + table.horizontalHeader().sizeHint().height() + bar + 4)

    def _agreed(self, one: Agreement | None, is_same: bool) -> str:
        if is_same:
            return "·"
        return "–" if one is None else f"{one.overlap * 100:.0f} %"

    def _names(self, number: int) -> list[str]:
        """Of a view's maps; with the model's name where there are several."""
        view = self.views[number]
        maps = [one.method for one in view.maps if one.heat is not None]
        if len(self.views) < 2:
            return maps
        return [f"{view.model.name or view.model.id}\n{method}" for method in maps]


def _clear(layout: QVBoxLayout) -> None:
    while (item := layout.takeAt(0)) is not None:
        if (widget := item.widget()) is not None:
            widget.hide()
            widget.deleteLater()


def _label(text: str, name: str = "") -> QLabel:
    label = QLabel(text)
    label.setObjectName(name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label
