"""What the worklist is narrowed by: a line to type in, switches under it, and the order.

What is typed as a token (`mod:XA`) and what is chosen from the menus is the same query. After a
space or Enter a typed token becomes a switch, so that the line keeps only words.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QAction, QActionGroup, QKeyEvent
from PySide6.QtWidgets import (
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QMenu,
    QSizePolicy,
    QToolButton,
    QVBoxLayout,
    QWidget,
)

from stentviewer.app.worklist_query import Dates, Query, Sort, parse, words_of
from stentviewer.ui import theme
from stentviewer.ui.worklist.date_range import DateRangeDialog
from stentviewer.ui.worklist.flow import FlowLayout
from stentviewer.ui.worklist.marks import Mark, mark_icon

_MARK, _PADDING = 11, 6  # logical pixels


class Chip(QToolButton):
    """A small switch, no wider than its words."""

    def sizeHint(self) -> QSize:
        metrics = self.fontMetrics()
        wide = metrics.horizontalAdvance(self.text()) + 2 * _PADDING + 4
        if not self.icon().isNull():
            wide += _MARK + 6
        if self.menu() is not None:
            wide += _MARK
        return QSize(wide, metrics.height() + 8)

    def minimumSizeHint(self) -> QSize:
        return self.sizeHint()


class FilterBar(QWidget):
    """`query` and `sort` are what is chosen; a change is announced at once."""

    queryChanged = Signal()
    sortChanged = Signal()
    entered = Signal()  # Enter in the line
    left = Signal()  # Esc in the line, which has cleared everything
    downPressed = Signal()  # to the list

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._kept = Query()  # switches, without words
        self._is_setting = False
        self._modalities: Sequence[str] = ()
        self._makers: Sequence[str] = ()
        self.sort = Sort.NAME
        self.line = self._make_line()
        self.unread = self._switch(
            self.tr("Not read"), self.tr("Studies with an image that is not yet read"), "unread"
        )
        self.disagree = self._switch(
            self.tr("Disagree"), self.tr("Model and reader disagree"), "disagree"
        )
        self.recent = self._switch(
            self.tr("Recent"), self.tr("The studies that were opened last"), "recent"
        )
        self.more = self._button(self.tr("More"), self.tr("Modality, maker, date"))
        self.more.setObjectName("more")
        self.more.setMenu(QMenu(self.more))
        self.more.menu().aboutToShow.connect(self._fill_more)
        self.count = QLabel(self)
        self.count.setObjectName("quiet")
        self.count.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)
        self.order = self._make_order()
        self._chips: list[Chip] = []
        self._lay_out()
        self._show_query()

    # making

    def _make_line(self) -> QLineEdit:
        line = QLineEdit(self)
        line.setPlaceholderText(self.tr("Filter: name, ID, date, maker"))
        line.setAccessibleName(self.tr("Filter the worklist"))
        line.setToolTip(
            self.tr(
                "Words of a name, ID, date (2026-11), modality, maker or description.\n"
                "Also: is:unread  is:disagree  is:recent  mod:XA  maker:EGIS\n"
                "date:today  date:7d  date:2026-11-01..2026-11-20"
            )
        )
        line.setClearButtonEnabled(True)
        line.textEdited.connect(self._absorb_after_space)
        line.textChanged.connect(self._changed)
        line.returnPressed.connect(self._enter)
        line.installEventFilter(self)
        return line

    def _button(self, text: str, tip: str) -> Chip:
        button = Chip(self)
        button.setText(text)
        button.setToolTip(tip)
        button.setToolButtonStyle(Qt.ToolButtonStyle.ToolButtonTextBesideIcon)
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setIconSize(QSize(_MARK, _MARK))
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        return button

    def _switch(self, text: str, tip: str, field: str) -> Chip:
        button = self._button(text, tip)
        button.setCheckable(True)
        button.clicked.connect(lambda on: self.use(replace(self.switches(), **{field: on})))
        return button

    def _make_order(self) -> QToolButton:
        button = QToolButton(self)
        button.setObjectName("order")
        button.setToolTip(self.tr("The order of the worklist"))
        button.setAccessibleName(button.toolTip())
        button.setPopupMode(QToolButton.ToolButtonPopupMode.InstantPopup)
        button.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        menu = QMenu(button)
        group = QActionGroup(menu)
        names = {
            Sort.NAME: self.tr("By name"),
            Sort.NEWEST: self.tr("Newest first"),
            Sort.OLDEST: self.tr("Oldest first"),
            Sort.WORK: self.tr("Not read first"),
            Sort.RECENT: self.tr("Opened last first"),
        }
        for sort, name in names.items():
            action = menu.addAction(name)
            action.setCheckable(True)
            action.setChecked(sort is self.sort)
            action.setData(sort.value)
            group.addAction(action)
        group.triggered.connect(lambda action: self.set_sort(Sort(action.data())))
        button.setMenu(menu)
        button.setText(names[self.sort])
        return button

    def _lay_out(self) -> None:
        chosen, line, accent = theme.current().chosen, theme.LINE, theme.ACCENT
        self.setStyleSheet(
            f"Chip {{ border: 1px solid {line}; border-radius: 4px; padding: 2px {_PADDING}px; }}"
            f"Chip:checked {{ background: {chosen}; color: {theme.TEXT}; border-color: {accent}; }}"
            f"Chip:focus {{ border-color: {accent}; }}"
            "Chip#more { padding-right: 14px; }"
            "QToolButton#order { padding: 2px 16px 2px 4px; }"
            "QToolButton::menu-indicator { subcontrol-origin: padding;"
            " subcontrol-position: right center; right: 4px; }"
        )
        self._flow = FlowLayout(flow := QWidget(self), theme.GRID // 2)
        for button in (self.unread, self.disagree, self.recent, self.more):
            self._flow.addWidget(button)
        flow.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)
        ratio = self.devicePixelRatioF()
        self.unread.setIcon(mark_icon(Mark.UNREAD, _MARK, ratio))
        self.disagree.setIcon(mark_icon(Mark.DISAGREE, _MARK, ratio))
        last = QHBoxLayout()
        last.setContentsMargins(2, 0, 0, 0)
        last.addWidget(self.count, 1)
        last.addWidget(self.order)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(theme.GRID // 2)
        column.addWidget(self.line)
        column.addWidget(flow)
        column.addLayout(last)

    # what is looked for

    @property
    def query(self) -> Query:
        """What is typed and what is switched on, together."""
        return self._kept.merged(self._typed())

    def switches(self) -> Query:
        """The query without its words."""
        return replace(self.query, words=())

    def use(self, switches: Query) -> None:
        """Switch these on and all others off; the words that are typed stay."""
        self._kept = replace(switches, words=())
        self._keep_words()
        self._changed()

    def clear(self) -> None:
        """Look for nothing any more."""
        self._kept = Query()
        self._set_text("")
        self._changed()

    def set_sort(self, sort: Sort) -> None:
        """Another order."""
        for action in self.order.menu().actions():
            if action.data() == sort.value:
                action.setChecked(True)
                self.order.setText(action.text())
        if sort is not self.sort:
            self.sort = sort
            self.sortChanged.emit()

    def set_choices(self, modalities: Sequence[str], makers: Sequence[str]) -> None:
        """The modalities and makers there are."""
        self._modalities, self._makers = modalities, makers

    def show_count(self, shown: int, all_: int) -> None:
        """How many studies are in sight."""
        if shown == all_:
            text = self.tr("1 study") if all_ == 1 else self.tr("{n} studies")
        else:
            text = self.tr("{shown} of {n} studies")
        self.count.setText(text.format(shown=f"{shown:,}", n=f"{all_:,}"))
        self.count.setToolTip(self.count.text())

    def _typed(self) -> Query:
        return parse(self.line.text(), self._modalities, self._makers)

    def _set_text(self, text: str) -> None:
        """Without announcing a change: whoever sets it does. The clear button has to hear of it."""
        self._is_setting = True
        self.line.setText(text)
        self._is_setting = False

    def _changed(self) -> None:
        if not self._is_setting:
            self._show_query()
            self.queryChanged.emit()

    def _absorb_after_space(self, text: str) -> None:
        if text.endswith(" ") and text.count('"') % 2 == 0:
            self._absorb()

    def _absorb(self) -> None:
        """Make what is typed as a token a switch."""
        self._kept = self.switches()
        self._keep_words()

    def _keep_words(self) -> None:
        """Take the tokens out of the line; what is typed besides stays as it was typed."""
        words = words_of(self.line.text())
        if words.split() != self.line.text().split():
            self._set_text(f"{words} " if words else "")

    # keys

    def _enter(self) -> None:
        self._absorb()
        self._show_query()
        self.entered.emit()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress:
            if event.key() == Qt.Key.Key_Escape:
                self.clear()
                self.left.emit()
                return True
            if event.key() == Qt.Key.Key_Down:
                self.downPressed.emit()
                return True
        return super().eventFilter(watched, event)

    # the switches

    def _show_query(self) -> None:
        now = self.switches()
        self.unread.setChecked(now.unread)
        self.disagree.setChecked(now.disagree)
        self.recent.setChecked(now.recent)
        wanted = self._chips_of(now)
        if [(chip.text(), chip.toolTip()) for chip in self._chips] == [one[:2] for one in wanted]:
            return
        for chip in self._chips:
            self._flow.removeWidget(chip)
            chip.hide()
            chip.deleteLater()
        self._chips = []
        for text, tip, without in wanted:
            chip = self._button(text, tip)
            chip.setCheckable(True)
            chip.setChecked(True)
            chip.clicked.connect(lambda _=False, without=without: self.use(without()))
            self._flow.addWidget(chip)
            chip.show()
            self._chips.append(chip)

    def _chips_of(self, now: Query) -> list[tuple[str, str, Callable[[], Query]]]:
        """Text, tool tip and what is left without it, for what has no switch of its own."""
        tip = self.tr("Take {what} off the filter")
        found: list[tuple[str, Callable[[], Query]]] = [
            (name, partial(self._without, field, name))
            for field in ("modalities", "makers")
            for name in sorted(getattr(now, field))
        ]
        if now.dates is not None:
            found.append((self.say_dates(now.dates), lambda: replace(self.switches(), dates=None)))
        return [(f"{text} ×", tip.format(what=text), without) for text, without in found]

    def _without(self, field: str, name: str) -> Query:
        now = self.switches()
        return replace(now, **{field: getattr(now, field) - {name}})

    def say_dates(self, dates: Dates) -> str:
        """The range in words."""
        if dates.days == 1:
            return self.tr("Today")
        if dates.days:
            return self.tr("Last {n} days").format(n=dates.days)
        if dates.since == dates.until:
            return dates.since
        return f"{dates.since} – {dates.until}".strip()

    def _fill_more(self) -> None:
        menu = self.more.menu()
        menu.clear()
        now = self.switches()
        self._add_names(menu.addMenu(self.tr("Modality")), self._modalities, "modalities", now)
        self._add_names(menu.addMenu(self.tr("Maker")), self._makers, "makers", now)
        menu.addSeparator()
        for dates in (Dates(days=1), Dates(days=7), Dates(days=30)):
            action = menu.addAction(self.say_dates(dates))
            self._make_choice(action, now.dates == dates)
            action.triggered.connect(
                lambda on, dates=dates: self.use(
                    replace(self.switches(), dates=dates if on else None)
                )
            )
        span = menu.addAction(self.tr("From – to…"))
        self._make_choice(span, now.dates is not None and not now.dates.days)
        span.triggered.connect(self._ask_dates)
        menu.addSeparator()
        clear = menu.addAction(self.tr("Clear the filter"))
        clear.setEnabled(bool(self.query))
        clear.triggered.connect(self.clear)

    def _make_choice(self, action: QAction, on: bool) -> None:
        action.setCheckable(True)
        action.setChecked(on)

    def _add_names(self, menu: QMenu, names: Sequence[str], field: str, now: Query) -> None:
        menu.setEnabled(bool(names))
        for name in names:
            action = menu.addAction(name.replace("&", "&&"))
            self._make_choice(action, name in getattr(now, field))
            action.triggered.connect(
                lambda on, name=name: self.use(
                    replace(self.switches(), **{field: getattr(self.switches(), field) | {name}})
                    if on
                    else self._without(field, name)
                )
            )

    def _ask_dates(self) -> None:
        dates = self.switches().dates
        dialog = DateRangeDialog(dates or Dates(), self)
        dialog.chosen.connect(lambda chosen: self.use(replace(self.switches(), dates=chosen)))
        dialog.finished.connect(self._show_query)
        dialog.open()
